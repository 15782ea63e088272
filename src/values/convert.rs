//! Trees as JSON for the validator, as values for templates and as YAML nodes for output.

use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::Value as Json;

use crate::schema::{Instance, Place, Shown, number_to_json};
use crate::span::Span;
use crate::template::{
    Declared, closed_value_from_entries, value_from_entries, value_from_items, value_from_node,
};
use crate::yaml::{Entry, Kind, Map, Node, Style, Text};

use super::tree::{Tree, TreeKind};

impl Instance for Tree {
    fn show(&self) -> Shown<'_, Self> {
        match &self.kind {
            TreeKind::Null => Shown::Null,
            TreeKind::Bool(value) => Shown::Bool(*value),
            TreeKind::Number(number) => Shown::Number(number),
            TreeKind::String(text) => Shown::String(&text.text),
            TreeKind::List(items) => Shown::List(items),
            TreeKind::Map(map) => Shown::Map(map),
        }
    }
}

pub(crate) fn to_json(tree: &Tree) -> Json {
    match &tree.kind {
        TreeKind::Null => Json::Null,
        TreeKind::Bool(value) => Json::Bool(*value),
        TreeKind::Number(number) => number_to_json(number),
        TreeKind::String(text) => Json::String(text.text.to_string()),
        TreeKind::List(items) => Json::Array(items.iter().map(to_json).collect()),
        TreeKind::Map(map) => {
            Json::Object(map.iter().map(|(key, inner)| (key.to_string(), to_json(inner))).collect())
        }
    }
}

/// For templates; no digit of an integer is lost.
pub(crate) fn to_value(tree: &Tree) -> minijinja::Value {
    value_from_node(&to_node(tree))
}

/// For templates, knowing what the schema declares; `name` is what they call it.
pub(crate) fn to_declared_value(tree: &Tree, place: &Place<'_>, name: &str) -> minijinja::Value {
    declared_value(tree, place, &mut name.to_owned())
}

fn declared_value(tree: &Tree, place: &Place<'_>, name: &mut String) -> minijinja::Value {
    let length = name.len();
    match &tree.kind {
        TreeKind::List(items) => {
            let item = |(index, item): (usize, &Tree)| {
                if is_scalar(item) {
                    return to_value(item);
                }
                let _ = write!(name, "[{index}]");
                let value = declared_value(item, &place.item(index), name);
                name.truncate(length);
                value
            };
            value_from_items(items.iter().enumerate().map(item).collect())
        }
        TreeKind::Map(map) => {
            let declared = place.closed_keys();
            let declared = declared.map(|keys| Declared { name: name.clone(), keys, advice: None });
            let entries = map.iter().map(|(key, inner)| {
                let below = if is_scalar(inner) { None } else { place.property(key) };
                let value = match below {
                    Some(place) => {
                        let _ = write!(name, ".{key}");
                        let value = declared_value(inner, &place, name);
                        name.truncate(length);
                        value
                    }
                    None => to_value(inner),
                };
                (Arc::clone(key), value)
            });
            match declared {
                Some(declared) => closed_value_from_entries(entries, declared),
                None => value_from_entries(entries),
            }
        }
        _ => to_value(tree),
    }
}

fn is_scalar(tree: &Tree) -> bool {
    !matches!(tree.kind, TreeKind::Map(_) | TreeKind::List(_))
}

/// What templates may ask a mapping of values for.
pub(crate) fn declared(name: &str, keys: &[&str]) -> Declared {
    let keys = keys.iter().map(|key| Arc::from(*key)).collect();
    Declared { name: name.to_owned(), keys, advice: None }
}

/// For output; every node keeps the span of what set it.
pub(crate) fn to_node(tree: &Tree) -> Node {
    let kind = match &tree.kind {
        TreeKind::Null => Kind::Null,
        TreeKind::Bool(value) => Kind::Bool(*value),
        TreeKind::Number(number) => Kind::Number(number.clone()),
        TreeKind::String(text) => Kind::String(text.clone()),
        TreeKind::List(items) => Kind::List(items.iter().map(to_node).collect()),
        TreeKind::Map(map) => Kind::Map(Map {
            entries: map
                .iter()
                .map(|(key, inner)| Entry {
                    key: Text { text: Arc::clone(key), style: Style::Computed },
                    key_span: inner.key_span.clone(),
                    value: to_node(inner),
                })
                .collect(),
        }),
    };
    Node::new(kind, span(tree))
}

fn span(tree: &Tree) -> Span {
    tree.origin.span.clone()
}
