//! Maps as Java properties: one `key=value` line for each entry.
//!
//! The text is plain ASCII: other characters are `\uXXXX`, which every reader of properties understands whatever
//! encoding it assumes. In values only what `Properties.load` would otherwise lose is escaped, not every `:` and `=`
//! as `Properties.store` does, so that start scripts which pick a line out of such a file see the same text.

use std::fmt::Write as _;

use minijinja::{Error, Value};

use crate::yaml::Kind;

use super::encode::node;
use super::engine::invalid;
use super::ini::{refused, text};

/// The filter.
pub(super) fn toproperties(value: &Value, limit: usize) -> Result<String, Error> {
    let node = node(value, limit)?;
    let Kind::Map(map) = &node.kind else {
        return Err(invalid("`toproperties` wants a mapping"));
    };
    let mut out = String::new();
    for entry in &map.entries {
        let key = &entry.key.text;
        if key.is_empty() {
            return Err(refused(key, ("is an empty key", "give every property a name")));
        }
        if let Some(text) = text(&entry.value, key)? {
            escape(key, true, &mut out);
            out.push('=');
            escape(&text, false, &mut out);
            out.push('\n');
        }
    }
    Ok(out)
}

fn escape(text: &str, key: bool, out: &mut String) {
    for (index, character) in text.chars().enumerate() {
        match character {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{c}' => out.push_str("\\f"),
            // A reader skips blanks before a value and ends a key at the first of these.
            ' ' if key || index == 0 => out.push_str("\\ "),
            '=' | ':' | '#' | '!' if key => {
                out.push('\\');
                out.push(character);
            }
            ' '..='~' => out.push(character),
            _ => {
                let mut units = [0; 2];
                for unit in character.encode_utf16(&mut units) {
                    let _ = write!(out, "\\u{unit:04X}");
                }
            }
        }
    }
}
