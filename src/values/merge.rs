//! Layers over layers.
//!
//! What holds, for layers `a`, `b`, `c` over the same schema (and is tested as such):
//! - an empty layer changes neither a value nor an origin;
//! - merging `a` twice in a row gives the same values as once, unless `a` appends or prepends;
//! - `a`, then what `b` and `c` come to on their own, equals the three in order, for layers without `null` and tags;
//! - the last layer that gives a scalar is its origin, and all before it are recorded, in order.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diag::{Diagnostic, Diagnostics, nearest};
use crate::ordered::Ordered;
use crate::schema::{ChartSchema, Place, Places, Types};
use crate::span::Span;
use crate::yaml::{Entry, Kind, Node};

use super::check::check_defaults;
use super::complete::{complete, mark_secrets};
use super::defaults::{defaults, nested_defaults};
use super::hint::shape_hint;
use super::layer::{Loaded, LoadedLayer};
use super::reference;
use super::secret::{Secrets, known, mask};
use super::tree::{LayerKind, Origin, Step, Tree, TreeKind, path_text};

const TAGS: [&str; 5] = ["!unset", "!replace", "!append", "!prepend", "!ref"];

/// Merged values that nobody has checked yet.
#[derive(Clone, Debug)]
pub(crate) struct Values {
    pub(crate) tree: Tree,
    /// Where a layer took a value away, for what is missing then.
    pub(crate) unset: BTreeMap<Vec<Step>, Span>,
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
pub(crate) fn merge(
    schema: &ChartSchema,
    layers: &[LoadedLayer],
    secrets: Secrets,
) -> Result<Values, Diagnostics> {
    let places = Places::new(schema);
    let root = Spot::Root(places.clone());
    let mut merger = Merger {
        places: places.clone(),
        layer: LayerKind::SchemaDefault,
        found: Diagnostics::new(),
        path: Vec::new(),
        unset: BTreeMap::new(),
    };
    let mut tree = defaults(&places);
    check_defaults(schema, &tree, &mut merger.found);
    for layer in layers {
        merger.layer = layer.kind;
        match &layer.content {
            Loaded::Document(node) => {
                if let Kind::Map(map) = &node.kind {
                    let before = std::mem::replace(&mut tree, Tree::empty_map());
                    let mut entries = into_map(before);
                    merger.entries(&mut entries, &map.entries, &root);
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
            map.get_or_insert_with(&key.as_str().into(), Tree::empty_map);
        }
    }
    complete(&mut tree, &root);
    let mut found = merger.found;
    if !found.has_errors() {
        reference::resolve(&mut tree, schema, secrets, &mut found);
        if schema.mentions("writeOnly") {
            mark_secrets(&mut tree, &root);
        }
    }
    mask(&mut found, &known(&tree));
    found.into_result(Values { tree, unset: merger.unset })
}

/// A place in the tree; the root has no schema of its own.
pub(super) enum Spot<'a> {
    Root(Places<'a>),
    At(Place<'a>),
}

impl<'a> Spot<'a> {
    pub(super) fn child(&self, key: &str) -> Place<'a> {
        let place = match self {
            Self::Root(places) => places.top_level(key),
            Self::At(place) => place.property(key),
        };
        place.unwrap_or_else(|| self.places().nothing())
    }

    fn places(&self) -> &Places<'a> {
        match self {
            Self::Root(places) => places,
            Self::At(place) => place.places(),
        }
    }
}

pub(super) struct Merger<'a> {
    pub(super) places: Places<'a>,
    pub(super) layer: LayerKind,
    pub(super) found: Diagnostics,
    pub(super) path: Vec<Step>,
    pub(super) unset: BTreeMap<Vec<Step>, Span>,
}

fn into_map(tree: Tree) -> Ordered<Tree> {
    match tree.kind {
        TreeKind::Map(map) => map,
        _ => Ordered::new(),
    }
}

pub(super) fn into_list(tree: Tree) -> Vec<Tree> {
    match tree.kind {
        TreeKind::List(items) => items,
        _ => Vec::new(),
    }
}

/// A component's key with nothing below it is a leftover far more often than meant, and would take every default of
/// the component away.
fn nothing_below(key: &str, node: &Node, place: &Place<'_>) -> Diagnostic {
    let span = &node.span;
    // `broker:` and `replicas: 3` right below it, at the same depth.
    let next = span.source().and_then(|source| {
        let line =
            source.text()[span.range().end..].lines().skip(1).find(|line| !line.is_empty())?;
        let (next, _) = line.split_once(':')?;
        place.keys().find(|known| *known == next)
    });
    if let Some(next) = next {
        return Diagnostic::error("values.empty-block", format!("`{key}` has nothing below it"))
            .at(span, "nothing")
            .hint(format!(
                "indent what belongs to it: `{next}` on the next line is a key of `{key}`"
            ));
    }
    Diagnostic::error(
        "values.empty-block",
        format!("`{key}` has nothing below it; null would take all values of the component away"),
    )
    .at(span, "null")
    .hint(format!("remove the key, or write `{key}: {{}}`; `{key}: !unset` takes all values away"))
}

/// The history of what is about to be overridden.
pub(super) fn history(base: Option<&Tree>) -> Vec<Origin> {
    let Some(base) = base else { return Vec::new() };
    let mut history = base.overridden.clone();
    if base.origin.span.is_known() {
        history.push(base.origin.clone());
    }
    history
}

impl<'a> Merger<'a> {
    pub(super) fn origin(&self, span: &Span) -> Origin {
        Origin { span: span.clone(), layer: self.layer }
    }

    /// What `node` over `base` comes to; `None` when nothing is left.
    pub(super) fn value(
        &mut self,
        base: Option<Tree>,
        node: &Node,
        place: &Place<'a>,
    ) -> Option<Tree> {
        let merged = self.untagged_or_tagged(base, node, place);
        if merged.is_none() {
            let span = node.tag.as_ref().map_or(&node.span, |tag| &tag.span);
            self.unset.insert(self.path.clone(), span.clone());
        }
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
                let mut tree = self.fresh(node, place, false);
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
            if let [Step::Key(key)] = &self.path[..]
                && self.places.schema().owner(key).is_some()
            {
                self.found.push(nothing_below(key, node, place));
                return base;
            }
            return None;
        }
        let Some(base) = base else { return Some(self.fresh(node, place, true)) };
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
            let mut tree = self.fresh(node, place, true);
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
                    let mut tree = self.fresh(node, place, true);
                    tree.overridden = history(Some(&base));
                    return Some(tree);
                }
                self.clash(&base, node, place);
                None
            }
            _ => {
                let mut tree = self.fresh(node, place, true);
                tree.overridden = history(Some(&base));
                Some(tree)
            }
        }
    }

    pub(super) fn clash(&mut self, base: &Tree, node: &Node, place: &Place<'_>) {
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
        diagnostic = if types == Types::ANY {
            diagnostic.hint("write `!replace` before the value if that is meant")
        } else {
            diagnostic.hint(format!("the schema wants {}", types.describe()))
        };
        if !place.is_secret() {
            let is_flag = self.layer == LayerKind::Flag;
            diagnostic = diagnostic.hint_opt(shape_hint(node.as_str(), is_flag, place));
        }
        if base.secret || place.is_secret() {
            diagnostic.labels_mut().iter_mut().for_each(|label| label.masked = true);
        }
        self.found.push(diagnostic);
    }

    /// A value with nothing below it. `complete`: the schema's defaults for the keys of a new map come with it.
    fn fresh(&mut self, node: &Node, place: &Place<'a>, complete: bool) -> Tree {
        let kind = match &node.kind {
            Kind::Null => TreeKind::Null,
            Kind::Bool(value) => TreeKind::Bool(*value),
            Kind::Number(number) => TreeKind::Number(number.clone()),
            Kind::String(text) => TreeKind::String(text.clone()),
            Kind::List(items) => return self.list(None, items, node, place, None),
            Kind::Map(map) => {
                let mut entries =
                    if complete { into_map(nested_defaults(place)) } else { Ordered::new() };
                self.entries(&mut entries, &map.entries, &Spot::At(place.clone()));
                TreeKind::Map(entries)
            }
        };
        Tree::new(kind, self.origin(&node.span))
    }

    pub(super) fn entries(&mut self, map: &mut Ordered<Tree>, entries: &[Entry], spot: &Spot<'a>) {
        for entry in entries {
            let key = &entry.key.text;
            let place = spot.child(key);
            self.path.push(Step::Key(Arc::clone(key)));
            let base = map.get_mut(key).map(|base| std::mem::replace(base, Tree::empty_map()));
            match self.value(base, &entry.value, &place) {
                Some(mut tree) => {
                    tree.key_span = entry.key_span.clone();
                    match map.get_mut(key) {
                        Some(known) => *known = tree,
                        None => _ = map.insert(Arc::clone(key), tree),
                    }
                }
                None => {
                    map.remove(key);
                }
            }
            self.path.pop();
        }
    }
}
