//! The lowest layer: what the schemas say when nobody says anything.

use std::sync::Arc;

use crate::ordered::Ordered;
use crate::schema::{Place, Places};
use crate::yaml::{Kind, Node};

use super::tree::{LayerKind, Origin, Tree, TreeKind};

/// Defaults that one place may bring; more are hostile, and the rest is left out.
const MOST_DEFAULTS: usize = 10_000;

/// Every default of a chart: the chart-wide ones beside one block per component.
///
/// A block is there even when it is empty, so that templates can always read it.
pub(super) fn defaults(places: &Places<'_>) -> Tree {
    let schema = places.schema();
    let block = |place: &Place<'_>| {
        let tree = Filling::new().default_at(place);
        tree.filter(|tree| tree.as_map().is_some()).unwrap_or_else(Tree::empty_map)
    };
    let mut root = block(&places.of(schema.chart_wide()));
    for (_, part) in schema.components() {
        if let (Some(key), Some(map)) = (&part.key, root.as_map_mut()) {
            map.insert(key.as_str().into(), block(&places.of(part)));
        }
    }
    root
}

/// What a new map at a place holds before anyone says more: the defaults of its properties.
pub(super) fn nested_defaults(place: &Place<'_>) -> Tree {
    let mut tree = Tree::empty_map();
    Filling::new().fill(&mut tree, place);
    tree
}

/// Adds the defaults of the one branch of a `oneOf` that the map has chosen by a constant, such as `kind: s3`. That
/// is known only when all layers are merged.
pub(super) fn choose(tree: &mut Tree, place: &Place<'_>) {
    Filling::new().choose(tree, place);
}

/// A walk down the schemas.
struct Filling {
    /// The schemas on the way down: one that contains itself has no defaults there.
    above: Vec<*const Node>,
    left: usize,
}

impl Filling {
    fn new() -> Self {
        Self { above: Vec::new(), left: MOST_DEFAULTS }
    }

    /// The default at a place: its own, completed by those of its properties; `None` if there is nothing to say.
    fn default_at(&mut self, place: &Place<'_>) -> Option<Tree> {
        self.left = self.left.checked_sub(1)?;
        let own = place.default();
        let mut tree = own.map_or_else(Tree::empty_map, from_schema);
        self.complete(&mut tree, place);
        if own.is_none() && tree.as_map().is_none_or(Ordered::is_empty) {
            return None;
        }
        if place.is_secret() {
            tree.mark_secret();
        }
        Some(tree)
    }

    /// Adds the defaults of absent properties to a map, and to the maps in a list.
    fn complete(&mut self, tree: &mut Tree, place: &Place<'_>) {
        match &mut tree.kind {
            TreeKind::Map(_) => self.fill(tree, place),
            TreeKind::List(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    self.complete(item, &place.item(index));
                }
            }
            _ => {}
        }
    }

    /// Adds the defaults of absent properties to a map.
    fn fill(&mut self, tree: &mut Tree, place: &Place<'_>) {
        if place.objects().any(|node| self.above.contains(&node)) {
            return;
        }
        let known = self.above.len();
        self.above.extend(place.objects());
        for (key, given) in tree.as_map_mut().into_iter().flat_map(Ordered::iter_mut) {
            if let Some(inner) = place.property(key) {
                self.complete(given, &inner);
            }
        }
        for key in place.certain_keys() {
            let Some(inner) = place.property(key) else { continue };
            let absent = tree.as_map().is_some_and(|map| !map.contains_key(key));
            if absent && let (Some(value), Some(map)) = (self.default_at(&inner), tree.as_map_mut())
            {
                map.insert(key.into(), value);
            }
        }
        self.above.truncate(known);
    }

    fn choose(&mut self, tree: &mut Tree, place: &Place<'_>) {
        for branches in place.choices() {
            let mut chosen = branches.iter().filter(|branch| is_chosen(tree, branch));
            if let (Some(branch), None) = (chosen.next(), chosen.next()) {
                self.fill(tree, branch);
                self.choose(tree, branch);
            }
        }
    }
}

/// Whether a branch fixes at least one key, and the map has every value that it fixes.
fn is_chosen(tree: &Tree, branch: &Place<'_>) -> bool {
    let mut fixed = false;
    for key in branch.certain_keys() {
        let Some(constant) = branch.property(key).and_then(|inner| inner.keyword("const")) else {
            continue;
        };
        let given = tree.as_map().and_then(|map| map.get(key));
        if given.map(super::to_json) != Some(crate::schema::to_json(constant)) {
            return false;
        }
        fixed = true;
    }
    fixed
}

/// What the schema's author wrote, as a value.
pub(super) fn from_schema(node: &Node) -> Tree {
    let kind = match &node.kind {
        Kind::Null => TreeKind::Null,
        Kind::Bool(value) => TreeKind::Bool(*value),
        Kind::Number(number) => TreeKind::Number(number.clone()),
        Kind::String(text) => TreeKind::String(text.clone()),
        Kind::List(items) => TreeKind::List(items.iter().map(from_schema).collect()),
        Kind::Map(map) => TreeKind::Map(
            map.entries
                .iter()
                .map(|entry| {
                    let mut value = from_schema(&entry.value);
                    value.key_span = entry.key_span.clone();
                    (Arc::clone(&entry.key.text), value)
                })
                .collect(),
        ),
    };
    Tree::new(kind, Origin { span: node.span.clone(), layer: LayerKind::SchemaDefault })
}
