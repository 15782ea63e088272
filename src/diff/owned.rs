//! Who set which field of a live object.
//!
//! The server writes down in `metadata.managedFields` which fields somebody set: `f:` before the name of a field, `k:`
//! before the keys of a list item. What it filled in itself belongs to nobody. `kubectl get` leaves this out unless it
//! is told `--show-managed-fields`.

use crate::yaml::{Kind, Node};

/// What each of several owners has of a part of an object.
pub(super) struct Owned<'a>(Vec<&'a Node>);

impl<'a> Owned<'a> {
    /// What is written down about an object; `None` if nothing is.
    pub(super) fn of(object: &'a Node) -> Option<Self> {
        let managers = object.get("metadata")?.get("managedFields")?.as_list()?;
        Self::known(managers.iter().filter_map(|manager| manager.get("fieldsV1")).collect())
    }

    /// Whether somebody owns this field or a part of it.
    pub(super) fn has(&self, field: &str) -> bool {
        let name = format!("f:{field}");
        self.0.iter().any(|tree| tree.get(&name).is_some())
    }

    /// Who owns what below this field; `None` if nothing is known about its parts.
    pub(super) fn field(&self, field: &str) -> Option<Self> {
        let name = format!("f:{field}");
        Self::known(self.0.iter().filter_map(|tree| tree.get(&name)).collect())
    }

    /// Who owns what below this list item.
    pub(super) fn item(&self, item: &Node) -> Option<Self> {
        let entries = self.0.iter().filter_map(|tree| tree.as_map()).flat_map(|map| &map.entries);
        let own = entries.filter(|entry| {
            let keys = entry.key.text.strip_prefix("k:");
            keys.and_then(|keys| serde_json::from_str(keys).ok())
                .is_some_and(|keys: serde_json::Value| names(&keys, item))
        });
        Self::known(own.map(|entry| &entry.value).collect())
    }

    /// An owner without parts owns the whole.
    fn known(trees: Vec<&'a Node>) -> Option<Self> {
        let has_parts = |tree: &&Node| tree.as_map().is_some_and(|map| !map.entries.is_empty());
        (!trees.is_empty() && trees.iter().all(has_parts)).then_some(Self(trees))
    }
}

/// Whether these keys are those of the item.
fn names(keys: &serde_json::Value, item: &Node) -> bool {
    let same = |key: &str, value: &serde_json::Value| match item.get(key).map(|node| &node.kind) {
        Some(Kind::String(text)) => value.as_str() == Some(&text.text),
        Some(Kind::Number(number)) => {
            value.as_number().map(ToString::to_string) == Some(number.to_string())
        }
        Some(Kind::Bool(flag)) => value.as_bool() == Some(*flag),
        _ => false,
    };
    keys.as_object().is_some_and(|keys| keys.iter().all(|(key, value)| same(key, value)))
}
