//! Secrets in a comparison: whether they differ may be known, what they are may not be shown.
//!
//! What plimsoll renders for a comparison holds placeholders; what comes from elsewhere may hold the real thing.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::span::Span;
use crate::yaml::{Kind, Map, Node};

pub(super) use crate::values::HIDDEN;

/// How plimsoll's own placeholders begin.
pub(super) const PLACEHOLDER: &str = "<secret:";

/// A Secret from elsewhere without its values; anything else as it is.
pub(super) fn masked(node: &Node) -> Node {
    let mut copy = node.clone();
    if is_secret(node) {
        for field in ["data", "stringData"] {
            let Some(map) = copy.as_map_mut().and_then(|map| map.get_mut(field)) else { continue };
            for entry in map.as_map_mut().into_iter().flat_map(|map| &mut map.entries) {
                if !is_placeholder(&entry.value) {
                    entry.value = Node::string(HIDDEN);
                }
            }
        }
    }
    copy
}

/// Two Secrets with their values made comparable and unreadable: equal ones stay equal, a placeholder equals any
/// value, others become marks that say only that they differ.
pub(super) fn seal(old: &mut Cow<'_, Node>, new: &mut Cow<'_, Node>) {
    if !is_secret(old) || !is_secret(new) {
        return;
    }
    let (old, new) = (old.to_mut(), new.to_mut());
    to_data(old);
    to_data(new);
    let (Some(old), Some(new)) = (data(old), data(new)) else { return };
    for entry in &mut old.entries {
        match new.get_mut(&entry.key.text) {
            Some(other) if is_placeholder(other) || entry.value.as_str() == other.as_str() => {
                other.kind = Node::string(HIDDEN).kind;
                entry.value = Node::string(HIDDEN);
            }
            Some(other) if is_placeholder(&entry.value) => {
                other.kind = Node::string(HIDDEN).kind;
                entry.value = Node::string(HIDDEN);
            }
            Some(other) => {
                *other = Node::string("(another secret)");
                entry.value = Node::string(HIDDEN);
            }
            None => entry.value = Node::string(HIDDEN),
        }
    }
    for entry in &mut new.entries {
        if old.get(&entry.key.text).is_none() {
            entry.value = Node::string(HIDDEN);
        }
    }
}

fn is_secret(node: &Node) -> bool {
    node.get("apiVersion").and_then(Node::as_str) == Some("v1")
        && node.get("kind").and_then(Node::as_str) == Some("Secret")
}

/// `stringData` is how people write what the server stores as `data`.
fn to_data(node: &mut Node) {
    let Some(map) = node.as_map_mut() else { return };
    let Some(at) = map.entries.iter().position(|entry| &*entry.key.text == "stringData") else {
        return;
    };
    let plain = map.entries.remove(at).value;
    if map.get("data").is_none() {
        map.push("data", Node::new(Kind::Map(Map::default()), Span::default()));
    }
    let Some(data) = map.get_mut("data").and_then(Node::as_map_mut) else { return };
    for entry in plain.as_map().into_iter().flat_map(|map| &map.entries) {
        let text = STANDARD.encode(entry.value.as_str().unwrap_or_default());
        data.entries.retain(|other| other.key.text != entry.key.text);
        data.push(entry.key.text.clone(), Node::string(text));
    }
}

fn data(node: &mut Node) -> Option<&mut Map> {
    node.as_map_mut()?.get_mut("data")?.as_map_mut()
}

pub(super) fn is_placeholder(node: &Node) -> bool {
    let Some(text) = node.as_str() else { return false };
    text.contains(PLACEHOLDER)
        || STANDARD
            .decode(text.trim())
            .is_ok_and(|bytes| String::from_utf8_lossy(&bytes).contains(PLACEHOLDER))
}

/// What stands in a text where another has placeholders for secrets; `None` if the rest of them differs.
pub(super) fn read_out<'a>(text: &'a str, with_placeholders: &str) -> Option<Vec<&'a str>> {
    let mut pieces = with_placeholders.split(PLACEHOLDER);
    let mut rest = pieces.next().and_then(|first| text.strip_prefix(first))?;
    let mut secrets = Vec::new();
    let mut pieces = pieces.peekable();
    while let Some(piece) = pieces.next() {
        let after = piece.split_once('>').map_or("", |(_, after)| after);
        if pieces.peek().is_none() {
            secrets.push(rest.strip_suffix(after)?);
            return Some(secrets);
        }
        let at = rest.find(after)?;
        secrets.push(&rest[..at]);
        rest = &rest[at + after.len()..];
    }
    rest.is_empty().then_some(secrets)
}
