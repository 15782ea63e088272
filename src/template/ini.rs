//! Maps as ini files: a section for each map, a `key=value` line for each scalar.
//!
//! There is no standard. The three readers considered are Python's `configparser`, that of `my.cnf` and that of
//! `grafana.ini`; they disagree on quotes, backslashes, comments behind a value and `%`. Without `reader` a text
//! passes only if all three read back what was meant; anything else is an error, never a file that says something
//! else. With `reader="python"` a `%` is doubled, because `ConfigParser` interpolates; `reader="python-raw"` is for
//! `RawConfigParser` and keeps it.

use std::collections::BTreeMap;

use minijinja::value::Kwargs;
use minijinja::{Error, Value};

use crate::diag::Diagnostic;
use crate::yaml::{Kind, Map, Node};

use super::encode::node;
use super::engine::invalid;
use super::error::carry;

#[derive(Clone, Copy, PartialEq)]
enum Reader {
    Any,
    Python,
    PythonRaw,
}

/// What is wrong and what to do about it.
type Trouble = (&'static str, &'static str);

/// The filter.
pub(super) fn toini(value: &Value, kwargs: &Kwargs, limit: usize) -> Result<String, Error> {
    let reader: Option<&str> = kwargs.get("reader")?;
    kwargs.assert_all_used()?;
    let reader = match reader {
        None => Reader::Any,
        Some("python") => Reader::Python,
        Some("python-raw") => Reader::PythonRaw,
        Some(_) => {
            return Err(invalid("the `reader` of `toini` is \"python\" or \"python-raw\""));
        }
    };
    let node = node(value, limit)?;
    let Kind::Map(sections) = &node.kind else {
        return Err(invalid("`toini` wants a mapping of sections"));
    };
    let mut out = String::new();
    unique(sections, "")?;
    for section in &sections.entries {
        let name = &section.key.text;
        if let Some(trouble) = section_trouble(name) {
            return Err(refused(name, trouble));
        }
        let keys = match &section.value.kind {
            Kind::Null => continue,
            Kind::Map(keys) => keys,
            _ => {
                return Err(refused(
                    name,
                    (
                        "is no section",
                        "every key belongs to a section: write `section: {key: value}`; Grafana's keys above all \
                         sections belong to `DEFAULT`",
                    ),
                ));
            }
        };
        out.push_str(if out.is_empty() { "[" } else { "\n[" });
        out.push_str(name);
        out.push_str("]\n");
        unique(keys, name)?;
        for entry in &keys.entries {
            let path = format!("{name}.{}", entry.key.text);
            if let Some(trouble) = key_trouble(&entry.key.text, reader) {
                return Err(refused(&path, trouble));
            }
            let Some(text) = text(&entry.value, &path)? else { continue };
            if let Some(trouble) = value_trouble(&text, reader) {
                return Err(refused(&path, trouble));
            }
            out.push_str(&entry.key.text);
            out.push('=');
            out.push_str(&if reader == Reader::Python { text.replace('%', "%%") } else { text });
            out.push('\n');
        }
    }
    Ok(out)
}

/// The text of a scalar as it is written in a file of settings; `None` for none, which leaves its key out.
pub(super) fn text(value: &Node, path: &str) -> Result<Option<String>, Error> {
    Ok(Some(match &value.kind {
        Kind::Null => return Ok(None),
        Kind::Bool(value) => if *value { "true" } else { "false" }.to_owned(),
        Kind::Number(number) => number.to_string(),
        Kind::String(text) => text.text.to_string(),
        Kind::List(_) => {
            return Err(refused(
                path,
                ("is a list", "make one text of it, such as `| join(\",\")` or `| tojson`"),
            ));
        }
        Kind::Map(_) => {
            return Err(refused(
                path,
                ("is a mapping", "there is no deeper nesting; write the keys out"),
            ));
        }
    }))
}

/// The error for a part that cannot be written. It names the key and never the value, which may be a secret.
pub(super) fn refused(path: &str, (what, hint): Trouble) -> Error {
    carry(
        Diagnostic::error("template.notation", format!("`{}` {what}", path.escape_debug()))
            .hint(hint),
    )
}

/// Python's reader takes keys that differ in case for the same.
fn unique(map: &Map, section: &str) -> Result<(), Error> {
    let mut seen = BTreeMap::new();
    for entry in &map.entries {
        // The names of sections keep their case.
        let folded = if section.is_empty() {
            entry.key.text.to_string()
        } else {
            entry.key.text.to_lowercase()
        };
        if let Some(other) = seen.insert(folded, &entry.key.text) {
            let path = format!("{section}.{}", entry.key.text);
            return Err(carry(
                Diagnostic::error(
                    "template.notation",
                    format!(
                        "`{}` and `{}` differ only in case",
                        path.escape_debug(),
                        other.escape_debug()
                    ),
                )
                .hint("ini readers take them for the same key; keep one"),
            ));
        }
    }
    Ok(())
}

fn section_trouble(name: &str) -> Option<Trouble> {
    if name.is_empty() || name.trim() != name {
        return Some(("is no name of a section", "it is empty, or readers would strip its blanks"));
    }
    let illegal =
        name.contains(|c: char| is_break(c) || matches!(c, '[' | ']' | '#' | ';' | '"' | '\\'));
    illegal.then_some((
        "is no name of a section",
        "it may not hold brackets, quotes, backslashes, `#`, `;` or control characters",
    ))
}

fn key_trouble(key: &str, reader: Reader) -> Option<Trouble> {
    if key.is_empty() || key.trim() != key {
        return Some((
            "is no key of an ini file",
            "it is empty, or readers would strip its blanks",
        ));
    }
    if key.contains(|c: char| is_break(c) || matches!(c, '=' | ':')) {
        return Some((
            "is no key of an ini file",
            "`=` and `:` end a key, and control characters a line",
        ));
    }
    if key.starts_with(['#', ';', '[']) {
        return Some((
            "is no key of an ini file",
            "its line would be read as a comment or a section",
        ));
    }
    let common = |c: char| !c.is_whitespace() && !matches!(c, '#' | ';' | '"' | '\'' | '`' | '\\');
    let plain = key.chars().all(common) && !key.starts_with(['!', '%']) && key != "-";
    (reader == Reader::Any && !plain).then_some((
        "is no key that all ini readers read alike",
        "use letters, digits, `_`, `-` and `.`, or name the reader: `toini(reader=\"python\")`",
    ))
}

fn value_trouble(value: &str, reader: Reader) -> Option<Trouble> {
    if value.trim() != value {
        return Some((
            "begins or ends with a blank, which ini readers strip",
            "remove it where the value is set",
        ));
    }
    if value.contains(is_break) {
        return Some((
            "holds a line break or another control character, for which ini files have no notation",
            "put it on one line",
        ));
    }
    if reader != Reader::Any {
        return None;
    }
    if value.contains(['#', ';']) {
        return Some((
            "holds `#` or `;`, behind which some ini readers see a comment",
            "only Python's reader keeps it: say `toini(reader=\"python\")` if the file is for that one",
        ));
    }
    if value.starts_with(['"', '\'', '`']) || value.ends_with(['"', '\'', '`']) {
        return Some((
            "begins or ends with a quote, which some ini readers strip and some keep",
            "write it without quotes, or name the reader: `toini(reader=\"python\")` keeps them",
        ));
    }
    if value.contains('\\') {
        return Some((
            "holds a backslash, which some ini readers take for an escape",
            "only Python's reader keeps it: say `toini(reader=\"python\")` if the file is for that one",
        ));
    }
    value.contains('%').then_some((
        "holds `%`, with which some ini readers interpolate",
        "name the reader: `toini(reader=\"python\")` doubles it, `toini(reader=\"python-raw\")` keeps it",
    ))
}

/// What some reader takes for the end of a line, and what no reader can show.
fn is_break(c: char) -> bool {
    c != '\t' && c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}')
}
