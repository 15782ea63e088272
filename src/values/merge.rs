//! Layers over layers.
//!
//! What holds, for layers `a`, `b`, `c` over the same schema (and is tested as such):
//! - an empty layer changes neither a value nor an origin;
//! - merging `a` twice in a row gives the same values as once, unless `a` appends or prepends;
//! - `a + b` merged over `c` by hand equals the three in order, for layers without `null` and tags;
//! - the last layer that gives a scalar is its origin, and all before it are recorded, in order.

use std::sync::Arc;

use indexmap::IndexMap;

use crate::diag::{Diagnostic, Diagnostics, nearest};
use crate::schema::{ChartSchema, ListType, Place, Types};
use crate::span::Span;
use crate::yaml::{Entry, Kind, Node, Style, Text};

use super::check::check_defaults;
use super::defaults::{choose, defaults, nested_defaults};
use super::layer::{Loaded, LoadedLayer};
use super::secret::{mask, secret_spans};
use super::set::{Assignment, Given, typed};
use super::tree::{LayerKind, Origin, Step, Tree, TreeKind, path_text};
use super::{reference, to_json};

const TAGS: [&str; 5] = ["!unset", "!replace", "!append", "!prepend", "!ref"];

/// Merged values that nobody has checked yet.
#[derive(Clone, Debug)]
pub(crate) struct Values {
    pub(crate) tree: Tree,
}

impl Values {
    pub(crate) fn tree(&self) -> &Tree {
        &self.tree
    }

    /// For the chart's `enabled` expressions, which are asked before the check.
    pub(crate) fn to_value(&self) -> minijinja::Value {
        super::to_value(&self.tree)
    }
}

/// Puts layers over the schema's defaults, the last one on top.
pub(crate) fn merge(schema: &ChartSchema, layers: &[LoadedLayer]) -> Result<Values, Diagnostics> {
    let mut merger = Merger {
        schema,
        layer: LayerKind::SchemaDefault,
        found: Diagnostics::new(),
        path: Vec::new(),
    };
    let mut tree = defaults(schema);
    check_defaults(schema, &tree, &mut merger.found);
    for layer in layers {
        merger.layer = layer.kind;
        match &layer.content {
            Loaded::Document(node) => {
                if let Kind::Map(map) = &node.kind {
                    let before = std::mem::replace(&mut tree, Tree::empty_map());
                    let mut entries = into_map(before);
                    merger.entries(&mut entries, &map.entries, &Spot::Root(schema));
                    tree.kind = TreeKind::Map(entries);
                }
            }
            Loaded::Assignments(assignments) => {
                for assignment in assignments {
                    merger.assign(&mut tree, assignment);
                }
            }
        }
    }
    for (_, part) in schema.components() {
        if let (Some(key), Some(map)) = (&part.key, tree.as_map_mut()) {
            map.entry(key.as_str().into()).or_insert_with(Tree::empty_map);
        }
    }
    complete(&mut tree, &Spot::Root(schema), 0);
    let mut found = merger.found;
    if !found.has_errors() {
        reference::resolve(&mut tree, &mut found);
        mark_secrets(&mut tree, &Spot::Root(schema));
    }
    mask(&mut found, &secret_spans(&tree));
    found.into_result(Values { tree })
}

/// A place in the tree; the root has no schema of its own.
enum Spot<'a> {
    Root(&'a ChartSchema),
    At(Place<'a>),
}

impl<'a> Spot<'a> {
    fn child(&self, schema: &'a ChartSchema, key: &str) -> Place<'a> {
        let place = match self {
            Self::Root(schema) => schema.top_level(key),
            Self::At(place) => place.property(key),
        };
        place.unwrap_or_else(|| Place::nothing(schema))
    }
}

struct Merger<'a> {
    schema: &'a ChartSchema,
    layer: LayerKind,
    found: Diagnostics,
    path: Vec<Step>,
}

fn into_map(tree: Tree) -> IndexMap<Arc<str>, Tree> {
    match tree.kind {
        TreeKind::Map(map) => map,
        _ => IndexMap::new(),
    }
}

fn into_list(tree: Tree) -> Vec<Tree> {
    match tree.kind {
        TreeKind::List(items) => items,
        _ => Vec::new(),
    }
}

/// The history of what is about to be overridden.
fn history(base: Option<&Tree>) -> Vec<Origin> {
    let Some(base) = base else { return Vec::new() };
    let mut history = base.overridden.clone();
    if base.origin.span.is_known() {
        history.push(base.origin.clone());
    }
    history
}

impl<'a> Merger<'a> {
    fn origin(&self, span: &Span) -> Origin {
        Origin { span: span.clone(), layer: self.layer }
    }

    /// What `node` over `base` comes to; `None` when nothing is left.
    fn value(&mut self, base: Option<Tree>, node: &Node, place: &Place<'a>) -> Option<Tree> {
        let merged = self.untagged_or_tagged(base, node, place);
        merged.map(|mut tree| {
            if place.is_secret() {
                tree.mark_secret();
            }
            tree
        })
    }

    fn untagged_or_tagged(
        &mut self,
        base: Option<Tree>,
        node: &Node,
        place: &Place<'a>,
    ) -> Option<Tree> {
        let Some(tag) = &node.tag else { return self.plain(base, node, place) };
        let wrong = |message: String| {
            Diagnostic::error("values.misplaced-tag", message).at(&tag.span, "here")
        };
        match tag.name.as_str() {
            "!unset" => {
                let nothing = matches!(node.kind, Kind::Null) || node.as_str() == Some("");
                if !nothing {
                    self.found.push(
                        wrong("`!unset` takes no value".to_owned()).hint("write `key: !unset`"),
                    );
                }
                None
            }
            "!replace" => {
                let mut tree = self.fresh(node, place, false)?;
                tree.overridden = history(base.as_ref());
                Some(tree)
            }
            "!append" | "!prepend" => {
                let Kind::List(items) = &node.kind else {
                    self.found.push(wrong(format!(
                        "`{}` takes a list, this is {}",
                        tag.name,
                        node.describe()
                    )));
                    return base;
                };
                if let Some(base) = &base
                    && base.as_list().is_none()
                    && base.kind != TreeKind::Null
                {
                    self.clash(base, node, place);
                    return None;
                }
                Some(self.list(base, items, node, place, Some(tag.name == "!append")))
            }
            "!ref" => {
                let Some(target) = node.as_str().filter(|text| !text.is_empty()) else {
                    self.found.push(
                        wrong("`!ref` takes the path of another value".to_owned())
                            .hint("write `key: !ref path.to.value`"),
                    );
                    return base;
                };
                let mut tree = Tree::new(TreeKind::Null, self.origin(&node.span));
                tree.reference = Some(target.into());
                tree.overridden = history(base.as_ref());
                Some(tree)
            }
            other => {
                self.found.push(
                    Diagnostic::error("values.unknown-tag", format!("unknown tag `{other}`"))
                        .at(&tag.span, "not a tag of layers")
                        .hint(match nearest(other, TAGS) {
                            Some(near) => format!("did you mean `{near}`?"),
                            None => format!(
                                "known are {}",
                                TAGS.map(|tag| format!("`{tag}`")).join(", ")
                            ),
                        }),
                );
                base
            }
        }
    }

    fn plain(&mut self, base: Option<Tree>, node: &Node, place: &Place<'a>) -> Option<Tree> {
        if matches!(node.kind, Kind::Null) && !place.allows_null() {
            return None;
        }
        let Some(base) = base else { return self.fresh(node, place, true) };
        if base.reference.is_some() && matches!(node.kind, Kind::Map(_)) {
            self.found.push(
                Diagnostic::error(
                    "values.type-clash",
                    format!(
                        "`{}` is a `!ref` in a lower layer, so nothing can be merged into it",
                        path_text(&self.path)
                    ),
                )
                .at(&node.span, "a mapping here")
                .at(&base.origin.span, "`!ref` here")
                .hint("write `!replace` before the mapping to put it in place of the reference"),
            );
            return None;
        }
        if base.reference.is_some()
            || matches!(base.kind, TreeKind::Null)
            || matches!(node.kind, Kind::Null)
        {
            let mut tree = self.fresh(node, place, true)?;
            tree.overridden = history(Some(&base));
            return Some(tree);
        }
        match (&base.kind, &node.kind) {
            (TreeKind::Map(_), Kind::Map(map)) => {
                let mut tree = Tree::new(TreeKind::Null, self.origin(&node.span));
                tree.overridden = history(Some(&base));
                let mut entries = into_map(base);
                self.entries(&mut entries, &map.entries, &Spot::At(place.clone()));
                tree.kind = TreeKind::Map(entries);
                Some(tree)
            }
            (TreeKind::List(_), Kind::List(items)) => {
                Some(self.list(Some(base), items, node, place, None))
            }
            (TreeKind::Map(_) | TreeKind::List(_), _) | (_, Kind::Map(_) | Kind::List(_)) => {
                let class = |node: &Node| match node.kind {
                    Kind::Map(_) => Types::MAP,
                    Kind::List(_) => Types::LIST,
                    _ => Types::SCALAR,
                };
                let base_class = match base.kind {
                    TreeKind::Map(_) => Types::MAP,
                    TreeKind::List(_) => Types::LIST,
                    _ => Types::SCALAR,
                };
                let types = place.types();
                if types != Types::ANY && types.has_some(class(node)) && types.has_some(base_class)
                {
                    let mut tree = self.fresh(node, place, true)?;
                    tree.overridden = history(Some(&base));
                    return Some(tree);
                }
                self.clash(&base, node, place);
                None
            }
            _ => {
                let mut tree = self.fresh(node, place, true)?;
                tree.overridden = history(Some(&base));
                Some(tree)
            }
        }
    }

    fn clash(&mut self, base: &Tree, node: &Node, place: &Place<'_>) {
        let path = path_text(&self.path);
        let mut diagnostic = Diagnostic::error(
            "values.type-clash",
            format!(
                "`{path}` is {} here, but {} in a lower layer",
                node.describe(),
                base.describe()
            ),
        )
        .at(&node.span, node.describe())
        .at(&base.origin.span, format!("{} ({})", base.describe(), base.origin.layer.describe()));
        let types = place.types();
        if types != Types::ANY {
            diagnostic = diagnostic.hint(format!("the schema wants {}", types.describe()));
        } else {
            diagnostic = diagnostic.hint("write `!replace` before the value if that is meant");
        }
        if base.secret || place.is_secret() {
            diagnostic.labels_mut().iter_mut().for_each(|label| label.masked = true);
        }
        self.found.push(diagnostic);
    }

    /// A value with nothing below it. `complete`: the schema's defaults for the keys of a new map come with it.
    fn fresh(&mut self, node: &Node, place: &Place<'a>, complete: bool) -> Option<Tree> {
        let kind = match &node.kind {
            Kind::Null => TreeKind::Null,
            Kind::Bool(value) => TreeKind::Bool(*value),
            Kind::Number(number) => TreeKind::Number(number.clone()),
            Kind::String(text) => TreeKind::String(text.clone()),
            Kind::List(items) => return Some(self.list(None, items, node, place, None)),
            Kind::Map(map) => {
                let mut entries =
                    if complete { into_map(nested_defaults(place)) } else { IndexMap::new() };
                self.entries(&mut entries, &map.entries, &Spot::At(place.clone()));
                TreeKind::Map(entries)
            }
        };
        Some(Tree::new(kind, self.origin(&node.span)))
    }

    fn entries(&mut self, map: &mut IndexMap<Arc<str>, Tree>, entries: &[Entry], spot: &Spot<'a>) {
        for entry in entries {
            let key = &entry.key.text;
            let place = spot.child(self.schema, key);
            self.path.push(Step::Key(Arc::clone(key)));
            let base = map.get_mut(key).map(|base| std::mem::replace(base, Tree::empty_map()));
            match self.value(base, &entry.value, &place) {
                Some(mut tree) => {
                    tree.key_span = entry.key_span.clone();
                    map.insert(Arc::clone(key), tree);
                }
                None => {
                    map.shift_remove(key);
                }
            }
            self.path.pop();
        }
    }

    /// A list over a list. `tagged`: `Some(true)` appends, `Some(false)` prepends.
    fn list(
        &mut self,
        base: Option<Tree>,
        items: &[Node],
        node: &Node,
        place: &Place<'a>,
        tagged: Option<bool>,
    ) -> Tree {
        let mut tree = Tree::new(TreeKind::Null, self.origin(&node.span));
        tree.overridden = history(base.as_ref());
        let below = base.map(into_list).unwrap_or_default();
        let list = match (place.list_type(), tagged) {
            (ListType::Map(keys), _) => {
                self.keyed(below, items, place, &keys, tagged == Some(false))
            }
            (ListType::Set, _) => self.set(below, items, place, tagged == Some(false)),
            (ListType::Atomic, None) => self.items(items, place, 0),
            (ListType::Atomic, Some(append)) => {
                let new = self.items(items, place, below.len());
                if append { [below, new].concat() } else { [new, below].concat() }
            }
        };
        tree.kind = TreeKind::List(list);
        tree
    }

    fn items(&mut self, items: &[Node], place: &Place<'a>, first: usize) -> Vec<Tree> {
        let mut list = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            self.path.push(Step::Index(first + index));
            list.push(self.item(None, item, &place.item(first + index)));
            self.path.pop();
        }
        list
    }

    /// An item is always there: null is a value in a list.
    fn item(&mut self, base: Option<Tree>, item: &Node, place: &Place<'a>) -> Tree {
        let null = Tree::new(TreeKind::Null, self.origin(&item.span));
        if matches!(item.kind, Kind::Null) && item.tag.is_none() {
            return null;
        }
        self.value(base, item, place).unwrap_or(null)
    }

    fn set(
        &mut self,
        mut list: Vec<Tree>,
        items: &[Node],
        place: &Place<'a>,
        first: bool,
    ) -> Vec<Tree> {
        let mut new = Vec::new();
        for (index, item) in items.iter().enumerate() {
            if item.tag.as_ref().is_some_and(|tag| tag.name == "!unset") {
                let gone = crate::schema::to_json(item);
                list.retain(|known| to_json(known) != gone);
                continue;
            }
            self.path.push(Step::Index(index));
            let tree = self.item(None, item, &place.item(index));
            self.path.pop();
            if !list.contains(&tree) && !new.contains(&tree) {
                new.push(tree);
            }
        }
        if first { [new, list].concat() } else { [list, new].concat() }
    }

    fn keyed(
        &mut self,
        mut list: Vec<Tree>,
        items: &[Node],
        place: &Place<'a>,
        keys: &[Arc<str>],
        first: bool,
    ) -> Vec<Tree> {
        let mut new = Vec::new();
        let mut seen: Vec<(Vec<serde_json::Value>, Span)> = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let item_place = place.item(index);
            let Some(map) = item.as_map() else {
                self.path.push(Step::Index(index));
                new.push(self.item(None, item, &item_place));
                self.path.pop();
                continue;
            };
            let default = |key: &str| {
                item_place
                    .property(key)
                    .and_then(|place| place.default())
                    .map_or(serde_json::Value::Null, crate::schema::to_json)
            };
            let identity: Vec<serde_json::Value> = keys
                .iter()
                .map(|key| map.get(key).map_or_else(|| default(key), crate::schema::to_json))
                .collect();
            if let Some((_, span)) = seen.iter().find(|(other, _)| *other == identity) {
                self.found.push(
                    Diagnostic::error(
                        "values.duplicate-item",
                        format!(
                            "two items of `{}` have the same `{}`",
                            path_text(&self.path),
                            keys.join("`, `")
                        ),
                    )
                    .at(&item.span, "again here")
                    .at(span, "first here"),
                );
                continue;
            }
            seen.push((identity.clone(), item.span.clone()));
            let known = list.iter().position(|tree| {
                keys.iter().zip(&identity).all(|(key, value)| {
                    let given = tree.as_map().and_then(|map| map.get(key));
                    given.map_or_else(|| default(key), to_json) == *value
                })
            });
            if item.tag.as_ref().is_some_and(|tag| tag.name == "!unset") {
                if let Some(at) = known {
                    list.remove(at);
                }
                continue;
            }
            self.path.push(Step::Index(known.unwrap_or(list.len() + new.len())));
            if let Some(at) = known {
                let base = std::mem::replace(&mut list[at], Tree::empty_map());
                list[at] = self.item(Some(base), item, &item_place);
            } else {
                new.push(self.item(None, item, &item_place));
            }
            self.path.pop();
        }
        if first { [new, list].concat() } else { [list, new].concat() }
    }

    /// One `path=value` of a flag.
    fn assign(&mut self, tree: &mut Tree, assignment: &Assignment) {
        self.path.clear();
        let mut spot = Spot::Root(self.schema);
        let Some((last, steps)) = assignment.path.split_last() else { return };
        let mut at = tree;
        let unset =
            matches!(&assignment.given, Given::Text(text) if text.eq_ignore_ascii_case("null"));
        for step in steps {
            let place = self.place_of(&spot, step);
            let Some(next) = self.descend(at, step, &spot, &place, assignment, unset) else {
                return;
            };
            at = next;
            spot = Spot::At(place);
        }
        let place = self.place_of(&spot, last);
        let node = given_node(assignment, &place);
        // The last step goes through the same rules as a file: it is a map with one entry.
        match last {
            Step::Key(key) => {
                if !self.becomes(
                    at,
                    &Kind::Map(crate::yaml::Map::default()),
                    &spot,
                    assignment,
                    unset,
                ) {
                    return;
                }
                let Some(map) = at.as_map_mut() else { return };
                let entry = Entry {
                    key: Text { text: Arc::clone(key), style: Style::Computed },
                    key_span: assignment.path_span.clone(),
                    value: node,
                };
                self.entries(map, &[entry], &spot);
            }
            Step::Index(index) => {
                if !self.becomes(at, &Kind::List(Vec::new()), &spot, assignment, unset) {
                    return;
                }
                let TreeKind::List(items) = &mut at.kind else { return };
                self.path.push(Step::Index(*index));
                if *index < items.len() {
                    let base = std::mem::replace(&mut items[*index], Tree::empty_map());
                    match self.value(Some(base), &node, &place) {
                        Some(tree) => items[*index] = tree,
                        None => {
                            items.remove(*index);
                        }
                    }
                } else if *index == items.len() {
                    if let Some(tree) = self.value(None, &node, &place) {
                        items.push(tree);
                    }
                } else {
                    let length = items.len();
                    self.past_the_end(length, assignment);
                }
            }
        }
    }

    fn place_of(&self, spot: &Spot<'a>, step: &Step) -> Place<'a> {
        match (spot, step) {
            (spot, Step::Key(key)) => spot.child(self.schema, key),
            (Spot::At(place), Step::Index(index)) => place.item(*index),
            (Spot::Root(schema), Step::Index(_)) => Place::nothing(schema),
        }
    }

    fn past_the_end(&mut self, length: usize, assignment: &Assignment) {
        let path = path_text(&self.path);
        self.found.push(
            Diagnostic::error(
                "values.set-index",
                format!("`{path}` leaves a gap: the list has {length} items"),
            )
            .at(&assignment.path_span, "past the end")
            .hint(format!("the next index is {length}")),
        );
    }

    /// Goes one step down, making what is missing. Nothing is made on the way to taking something away.
    fn descend<'t>(
        &mut self,
        at: &'t mut Tree,
        step: &Step,
        spot: &Spot<'a>,
        place: &Place<'a>,
        assignment: &Assignment,
        unset: bool,
    ) -> Option<&'t mut Tree> {
        let wanted = match step {
            Step::Key(_) => Kind::Map(crate::yaml::Map::default()),
            Step::Index(_) => Kind::List(Vec::new()),
        };
        if !self.becomes(at, &wanted, spot, assignment, unset) {
            return None;
        }
        self.path.push(step.clone());
        let origin = self.origin(&assignment.value_span);
        let new = || {
            let mut tree = nested_defaults(place);
            tree.origin = origin.clone();
            tree.key_span = assignment.path_span.clone();
            // Its kind is settled by the next step.
            if tree.as_map().is_some_and(IndexMap::is_empty) {
                tree.kind = TreeKind::Null;
            }
            tree
        };
        match (step, &mut at.kind) {
            (Step::Key(key), TreeKind::Map(map)) => {
                if unset && !map.contains_key(key) {
                    return None;
                }
                Some(map.entry(Arc::clone(key)).or_insert_with(new))
            }
            (Step::Index(index), TreeKind::List(items)) => {
                let length = items.len();
                if *index == length && !unset {
                    items.push(new());
                }
                if *index >= items.len() {
                    self.past_the_end(length, assignment);
                }
                items.get_mut(*index)
            }
            _ => None,
        }
    }

    /// Whether a value is, or now is, a map or a list as the path wants it.
    fn becomes(
        &mut self,
        at: &mut Tree,
        wanted: &Kind,
        spot: &Spot<'a>,
        assignment: &Assignment,
        unset: bool,
    ) -> bool {
        let fits = matches!(
            (&at.kind, wanted),
            (TreeKind::Map(_), Kind::Map(_)) | (TreeKind::List(_), Kind::List(_))
        );
        if fits && at.reference.is_none() {
            return true;
        }
        if matches!(at.kind, TreeKind::Null) && at.reference.is_none() {
            if unset {
                return false;
            }
            let history =
                history(Some(at)).into_iter().filter(|origin| origin.span != assignment.value_span);
            at.overridden = history.collect();
            at.origin = self.origin(&assignment.value_span);
            at.kind = match wanted {
                Kind::List(_) => TreeKind::List(Vec::new()),
                _ => match spot {
                    Spot::At(place) => nested_defaults(place).kind,
                    Spot::Root(_) => TreeKind::Map(IndexMap::new()),
                },
            };
            return true;
        }
        let node = Node::new(wanted.clone(), assignment.path_span.clone());
        let place = match spot {
            Spot::At(place) => place.clone(),
            Spot::Root(schema) => Place::nothing(schema),
        };
        self.clash(at, &node, &place);
        false
    }
}

fn given_node(assignment: &Assignment, place: &Place<'_>) -> Node {
    let span = &assignment.value_span;
    match &assignment.given {
        Given::Text(text) => Node::new(typed(text, place.types()), span.clone()),
        Given::List(items) => {
            let item = |(index, text): (usize, &String)| {
                Node::new(typed(text, place.item(index).types()), span.clone())
            };
            Node::new(Kind::List(items.iter().enumerate().map(item).collect()), span.clone())
        }
        Given::Exact(text) => Node::new(
            Kind::String(Text { text: Arc::clone(text), style: Style::Quoted }),
            span.clone(),
        ),
        Given::Json(node) => Node { span: span.clone(), ..node.clone() },
    }
}

/// Adds the defaults that depend on what was chosen (`kind: s3`), now that it is known.
fn complete(tree: &mut Tree, spot: &Spot<'_>, depth: usize) {
    let schema = match spot {
        Spot::Root(schema) => *schema,
        Spot::At(place) => {
            if tree.as_map().is_some() {
                choose(tree, place, depth);
            }
            place.schema()
        }
    };
    match &mut tree.kind {
        TreeKind::Map(map) => {
            for (key, inner) in map {
                if inner.as_map().is_some() || inner.as_list().is_some() {
                    complete(inner, &Spot::At(spot.child(schema, key)), depth + 1);
                }
            }
        }
        TreeKind::List(items) => {
            if let Spot::At(place) = spot {
                for (index, inner) in items.iter_mut().enumerate() {
                    complete(inner, &Spot::At(place.item(index)), depth + 1);
                }
            }
        }
        _ => {}
    }
}

/// Marks what is secret by its place, copies made by `!ref` included.
fn mark_secrets(tree: &mut Tree, spot: &Spot<'_>) {
    let schema = match spot {
        Spot::Root(schema) => *schema,
        Spot::At(place) => {
            if place.is_secret() {
                tree.mark_secret();
                return;
            }
            place.schema()
        }
    };
    match &mut tree.kind {
        TreeKind::Map(map) => {
            for (key, inner) in map {
                mark_secrets(inner, &Spot::At(spot.child(schema, key)));
            }
        }
        TreeKind::List(items) => {
            if let Spot::At(place) = spot {
                for (index, inner) in items.iter_mut().enumerate() {
                    mark_secrets(inner, &Spot::At(place.item(index)));
                }
            }
        }
        _ => {}
    }
}
