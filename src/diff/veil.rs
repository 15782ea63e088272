//! What a stream from elsewhere gives away about secrets, so that it is shown nowhere.
//!
//! A stream that was rendered with the real secrets holds them where a rendering for comparison holds placeholders,
//! and in its Secrets. What is learned there is hidden wherever else the stream repeats it.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::values::Veil;
use crate::yaml::{Kind, Node};

use super::change::{ObjectDiff, Part};
use super::secret::is_placeholder;
use super::side::Manifest;

/// Learns from what comparing found and from the Secrets of a side from elsewhere.
pub(super) fn learn(mut found: BTreeSet<String>, sides: [&Manifest; 2]) -> Veil {
    for side in sides.into_iter().filter(|side| side.foreign) {
        for object in &side.objects {
            if object.id.group.is_empty() && object.id.kind == "Secret" {
                values(&object.node, &mut found);
            }
        }
    }
    Veil::new(found)
}

/// Hides what is known to be secret on the sides that come from elsewhere.
pub(super) fn draw(veil: &Veil, object: &mut ObjectDiff, old: bool, new: bool) {
    if veil.is_empty() {
        return;
    }
    let mask = |foreign: bool, node: &mut Option<Node>| {
        node.iter_mut().filter(|_| foreign).for_each(|node| hide(veil, node));
    };
    mask(old, &mut object.old);
    mask(new, &mut object.new);
    for change in &mut object.fields {
        mask(old, &mut change.old);
        mask(new, &mut change.new);
        for part in &mut change.path.0 {
            if let Part::Item(keys) = part {
                for (_, value) in keys {
                    if let Some(hidden) = veil.hide(value) {
                        *value = hidden;
                    }
                }
            }
        }
    }
}

fn hide(veil: &Veil, node: &mut Node) {
    let hidden = match &mut node.kind {
        Kind::String(text) => veil.hide(&text.text),
        Kind::Number(number) => veil.hide(&number.to_string()),
        Kind::List(items) => {
            for item in items {
                hide(veil, item);
            }
            None
        }
        Kind::Map(map) => {
            for entry in &mut map.entries {
                hide(veil, &mut entry.value);
            }
            None
        }
        Kind::Null | Kind::Bool(_) => None,
    };
    if let Some(hidden) = hidden {
        *node = Node::string(hidden);
    }
}

/// The values of a Secret, as written and decoded.
fn values(secret: &Node, found: &mut BTreeSet<String>) {
    for (field, encoded) in [("data", true), ("stringData", false)] {
        let map = secret.get(field).and_then(Node::as_map);
        for entry in map.into_iter().flat_map(|map| &map.entries) {
            let Some(text) = entry.value.as_str() else { continue };
            if is_placeholder(&entry.value) {
                continue;
            }
            found.insert(text.to_owned());
            let decoded = STANDARD.decode(text.trim()).ok().filter(|_| encoded);
            found.extend(decoded.and_then(|bytes| String::from_utf8(bytes).ok()));
        }
    }
}
