//! The lowest layer: what the schemas say when nobody says anything.

use std::sync::Arc;

use indexmap::IndexMap;

use crate::schema::{ChartSchema, Place};
use crate::yaml::{Kind, Node};

use super::tree::{LayerKind, Origin, Tree, TreeKind};

/// Objects that nest deeper than this have no defaults; a schema may contain itself.
const DEEPEST: usize = 24;

/// Every default of a chart: the chart-wide ones beside one block per component.
///
/// A block is there even when it is empty, so that templates can always read it.
pub(crate) fn defaults(schema: &ChartSchema) -> Tree {
    let mut root = default_at(&schema.chart_wide_place(), 0)
        .filter(|tree| tree.as_map().is_some())
        .unwrap_or_else(Tree::empty_map);
    for (_, part) in schema.components() {
        let Some(key) = &part.key else { continue };
        let block = default_at(&schema.place_of(part), 0)
            .filter(|tree| tree.as_map().is_some())
            .unwrap_or_else(Tree::empty_map);
        if let Some(map) = root.as_map_mut() {
            map.insert(key.as_str().into(), block);
        }
    }
    root
}

/// The default at a place: its own, completed by those of its properties; `None` if there is nothing to say.
pub(super) fn default_at(place: &Place<'_>, depth: usize) -> Option<Tree> {
    let own = place.default();
    let mut tree = match own {
        Some(node) => from_schema(node),
        None => Tree::empty_map(),
    };
    if tree.as_map().is_some() && depth < DEEPEST {
        fill(&mut tree, place, depth);
    }
    if own.is_none() && tree.as_map().is_none_or(IndexMap::is_empty) {
        return None;
    }
    if place.is_secret() {
        tree.mark_secret();
    }
    Some(tree)
}

/// What a new map at a place holds before anyone says more: the defaults of its properties.
pub(super) fn nested_defaults(place: &Place<'_>) -> Tree {
    let mut tree = Tree::empty_map();
    fill(&mut tree, place, 0);
    tree
}

/// Adds the defaults of absent properties to a map.
fn fill(tree: &mut Tree, place: &Place<'_>, depth: usize) {
    for key in place.certain_keys() {
        let Some(inner) = place.property(key) else { continue };
        match tree.as_map_mut().and_then(|map| map.get_mut(key)) {
            Some(given) if given.as_map().is_some() && depth < DEEPEST => {
                fill(given, &inner, depth + 1)
            }
            Some(_) => {}
            None => {
                if let (Some(value), Some(map)) = (default_at(&inner, depth + 1), tree.as_map_mut())
                {
                    map.insert(key.into(), value);
                }
            }
        }
    }
    choose(tree, place, depth);
}

/// Adds the defaults of the one branch of a `oneOf` that the map has chosen by a constant, such as `kind: s3`.
pub(super) fn choose(tree: &mut Tree, place: &Place<'_>, depth: usize) {
    if depth > DEEPEST {
        return;
    }
    for branches in place.choices() {
        let mut chosen = branches.iter().filter(|branch| is_chosen(tree, branch));
        if let (Some(branch), None) = (chosen.next(), chosen.next()) {
            fill(tree, branch, depth + 1);
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
fn from_schema(node: &Node) -> Tree {
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
