//! Mappings of the context whose keys are known beforehand.
//!
//! A key that may be absent is undefined, and a template may ask for it. A key that no schema declares can never be
//! there: asking for it is a slip, and must not count as false in an `{% if %}`. `m.key` raises a finding then;
//! `"key" in m` and `m["key"]` stay questions, for macros that serve several components.

use std::sync::Arc;

use minijinja::Value;

use crate::diag::{Diagnostic, nearest};

use super::error::carry;

/// The keys that a mapping may have.
#[derive(Clone, Debug)]
pub(crate) struct Declared {
    /// What templates call the mapping: `values.image`.
    pub(crate) name: String,
    pub(crate) keys: Arc<[Arc<str>]>,
    /// What to do when none of the keys is near; without it, to look into the schema.
    pub(crate) advice: Option<String>,
}

impl Declared {
    /// What a template gets for a key that is not there: nothing, or an error that minijinja raises on the spot.
    pub(super) fn missing(&self, key: &str) -> Option<Value> {
        if self.keys.iter().any(|known| &**known == key) {
            return None;
        }
        let name = &self.name;
        let finding =
            Diagnostic::error("template.unknown-key", format!("`{name}` has no key `{key}`"));
        let finding = match nearest(key, self.keys.iter().map(|key| &**key)) {
            Some(near) => finding.hint(format!("did you mean `{name}.{near}`?")),
            None => finding.hint(self.advice.clone().unwrap_or_else(|| {
                let known = Self::list(self.keys.iter().map(|key| &**key));
                format!("{known}; declare it in the schema if it is meant")
            })),
        };
        Some(Value::from(carry(finding)))
    }

    /// `known here are …`, for advice.
    pub(crate) fn list<'a>(keys: impl IntoIterator<Item = &'a str>) -> String {
        let all: Vec<String> = keys.into_iter().map(|key| format!("`{key}`")).collect();
        match all.len() {
            0 => "nothing is known here".to_owned(),
            1..=12 => format!("known here are {}", all.join(", ")),
            more => format!("{more} other keys are known here"),
        }
    }
}
