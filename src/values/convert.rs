//! Trees as JSON for the validator, as values for templates and as YAML nodes for output.

use std::sync::Arc;

use serde_json::Value as Json;

use crate::schema::number_to_json;
use crate::span::Span;
use crate::template::value_from_node;
use crate::yaml::{Entry, Kind, Map, Node, Style, Text};

use super::tree::{Tree, TreeKind};

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
