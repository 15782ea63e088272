//! Filters that write or read another notation.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use minijinja::value::{Kwargs, ValueKind};
use minijinja::{Error, Value};
use sha2::{Digest, Sha256};

use crate::span::SourceText;
use crate::yaml::{self, Kind, Node, Number, Parse, Reading};

use super::convert::{node_from_value, value_from_node};
use super::engine::invalid;
use super::error::carry;

pub(super) fn b64encode(text: &str) -> String {
    STANDARD.encode(text)
}

pub(super) fn b64decode(text: &str) -> Result<String, Error> {
    let bytes = STANDARD
        .decode(text.trim())
        .map_err(|error| invalid(format!("this is not base64: {error}")))?;
    String::from_utf8(bytes)
        .map_err(|_| invalid("the decoded bytes are not UTF-8 text; leave them encoded"))
}

/// The digest in lowercase hexadecimal digits.
pub(super) fn sha256(text: &str) -> String {
    use std::fmt::Write as _;
    Sha256::digest(text.as_bytes()).iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// The data of a value.
pub(super) fn node(value: &Value, limit: usize) -> Result<Node, Error> {
    if value.is_undefined() {
        return Err(super::filters::undefined(value));
    }
    node_from_value(value, limit).map_err(carry)
}

/// Canonical block YAML without the final line break.
pub(super) fn toyaml(value: &Value, limit: usize) -> Result<String, Error> {
    let mut out = String::new();
    yaml::write(&node(value, limit)?, &mut out);
    if out.ends_with('\n') {
        out.pop();
    }
    Ok(out)
}

/// JSON on one line; `indent=true` spreads it out. Keys keep their order, integers all digits.
pub(super) fn tojson(
    value: &Value,
    indent: Option<Value>,
    kwargs: &Kwargs,
    limit: usize,
) -> Result<String, Error> {
    let named: Option<Value> = kwargs.get("indent")?;
    kwargs.assert_all_used()?;
    let spread = indent.or(named).is_some_and(|indent| indent.is_true());
    let node = node(value, limit)?;
    let mut out = String::new();
    if spread {
        yaml::write_json(&node, &mut out);
    } else {
        compact(&node, &mut out)?;
    }
    Ok(out)
}

fn compact(node: &Node, out: &mut String) -> Result<(), Error> {
    match &node.kind {
        Kind::Null => out.push_str("null"),
        Kind::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Kind::Number(Number::Float(value)) if !value.is_finite() => {
            return Err(invalid("JSON has no infinity and no NaN"));
        }
        Kind::Number(number) => out.push_str(&number.to_string()),
        Kind::String(text) => quote(&text.text, out),
        Kind::List(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index > 0 { "," } else { "" });
                compact(item, out)?;
            }
            out.push(']');
        }
        Kind::Map(map) => {
            out.push('{');
            for (index, entry) in map.entries.iter().enumerate() {
                out.push_str(if index > 0 { "," } else { "" });
                quote(&entry.key.text, out);
                out.push(':');
                compact(&entry.value, out)?;
            }
            out.push('}');
        }
    }
    Ok(())
}

fn quote(text: &str, out: &mut String) {
    // A string always serializes.
    out.push_str(&serde_json::to_string(text).unwrap_or_default());
}

/// The one document of a YAML text, read as YAML 1.2: `yes` stays a string.
pub(super) fn fromyaml(text: &str) -> Result<Value, Error> {
    let parse = Parse {
        reading: Reading::Core,
        limits: yaml::Limits::default(),
        tags: false,
        merge_keys: true,
        duplicate_keys: true,
    };
    let node = parse.document(&SourceText::new("fromyaml", text)).map_err(|found| {
        let first = found.iter().next().map(ToString::to_string).unwrap_or_default();
        invalid(format!("this is not YAML: {first}"))
    })?;
    Ok(value_from_node(&node))
}

/// A name that Kubernetes takes for a label of the domain name system: lowercase letters, digits and `-`, at
/// most 63. A name that has to be cut ends in a digest, so that different names stay different.
pub(super) fn dns_label(text: &str) -> String {
    const LONGEST: usize = 63;
    let mut label = String::new();
    for character in text.to_lowercase().chars() {
        let valid = character.is_ascii_lowercase() || character.is_ascii_digit();
        if valid || !label.ends_with('-') {
            label.push(if valid { character } else { '-' });
        }
    }
    let label = label.trim_matches('-');
    if label.is_empty() {
        return format!("x-{}", &sha256(text)[..8]);
    }
    if label.len() <= LONGEST {
        return label.to_owned();
    }
    let kept = label[..LONGEST - 9].trim_end_matches('-');
    format!("{kept}-{}", &sha256(text)[..8])
}

/// Whether a version satisfies a requirement such as `>=3.3, <5`. A leading `v` and missing parts are forgiven,
/// and what follows `-` or `+` is left aside: image tags put build numbers there, not pre-releases.
pub(super) fn semver(version: &str, wanted: &str) -> Result<bool, Error> {
    let core = version.trim().trim_start_matches('v');
    let core = core.split(['-', '+']).next().unwrap_or_default();
    let mut parts = core.split('.').map(str::parse::<u64>);
    let mut next = || match parts.next() {
        None => Ok(0),
        Some(part) => part.map_err(|_| invalid(format!("`{version}` is no version"))),
    };
    let version = semver::Version::new(next()?, next()?, next()?);
    let wanted = wanted.trim();
    let wanted = semver::VersionReq::parse(wanted)
        .map_err(|error| invalid(format!("`{wanted}` is no version requirement: {error}")))?;
    Ok(wanted.matches(&version))
}

/// Whether a value is a scalar that has a notation of its own.
pub(super) fn is_container(value: &Value) -> bool {
    matches!(value.kind(), ValueKind::Map | ValueKind::Seq | ValueKind::Iterable)
}
