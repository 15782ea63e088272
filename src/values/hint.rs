//! What to write instead of a value of the wrong type.

use crate::schema::{Place, Types};
use crate::yaml::{Number, Style, Text};

use super::ambiguous::readings;
use super::to_json;
use super::tree::{LayerKind, Tree, TreeKind};

/// More keys than this are not listed.
const MOST_KEYS: usize = 12;

/// What to do about a value that is none of `wanted`. Nothing of a secret is repeated.
pub(super) fn type_hint(tree: &Tree, wanted: Types, place: &Place<'_>) -> Option<String> {
    if tree.secret {
        return None;
    }
    let is_flag = tree.origin.layer == LayerKind::Flag;
    match &tree.kind {
        TreeKind::String(text) => string_hint(text, wanted, is_flag)
            .or_else(|| shape_hint(Some(&text.text), is_flag, place)),
        TreeKind::Bool(_) | TreeKind::Number(_) if wanted.has(Types::STRING) => {
            Some(format!("write it in quotes: `\"{}\"`", as_written(tree)))
        }
        TreeKind::Number(Number::Float(value)) if !value.is_finite() => {
            Some("JSON, and so Kubernetes, knows finite numbers only".to_owned())
        }
        TreeKind::Number(Number::Float(_)) if wanted.has(Types::INTEGER) => {
            Some("write a whole number".to_owned())
        }
        TreeKind::Bool(_) | TreeKind::Number(_) => {
            shape_hint(Some(&to_json(tree).to_string()), is_flag, place)
        }
        _ => shape_hint(None, is_flag, place),
    }
}

/// What to write where the schema wants a mapping or a list; `text` is a scalar that stands there.
pub(super) fn shape_hint(text: Option<&str>, is_flag: bool, place: &Place<'_>) -> Option<String> {
    let types = place.types();
    if types == Types::ANY {
        return None;
    }
    if types.has(Types::MAP) {
        // `replicas:2` is one text.
        if let Some((key, value)) = text.and_then(|text| text.split_once(':'))
            && place.keys().any(|known| known == key)
        {
            return Some(format!("put a blank behind the colon: `{key}: {value}`"));
        }
        let keys: Vec<String> = place.keys().map(|key| format!("`{key}`")).collect();
        return (1..=MOST_KEYS).contains(&keys.len()).then(|| match &keys[..] {
            [key] => format!("its only key is {key}"),
            keys => format!("its keys are {}", keys.join(", ")),
        });
    }
    let text = text.filter(|text| !text.contains('\n'))?;
    types.has(Types::LIST).then(|| {
        if is_flag {
            format!("write a list: `{{{text}}}`")
        } else {
            format!("write a list: `[{text}]`")
        }
    })
}

/// What to do about a string where a boolean or a number is wanted.
fn string_hint(text: &Text, wanted: Types, is_flag: bool) -> Option<String> {
    let value = &*text.text;
    if value.is_empty() && is_flag {
        return Some("write a value behind the `=`; `null` takes what is set away".to_owned());
    }
    if let Some(reading) = readings(value)
        && ((reading.is_boolean && wanted.has(Types::BOOLEAN))
            || (!reading.is_boolean && wanted.has(Types::INTEGER)))
    {
        return Some(reading.hint);
    }
    let lower = value.to_ascii_lowercase();
    let boolean = wanted.has(Types::BOOLEAN) && matches!(lower.as_str(), "true" | "false");
    let integer = wanted.has(Types::INTEGER) && value.parse::<i128>().is_ok();
    let number = wanted.has(Types::NUMBER) && value.parse::<f64>().is_ok_and(f64::is_finite);
    if text.style != Style::Plain && (boolean || integer || number) {
        return Some(if is_flag {
            "use `--set`, which takes the type from the schema".to_owned()
        } else {
            format!("remove the quotes: `{lower}`")
        });
    }
    if boolean {
        return Some(format!("write `{lower}`"));
    }
    if wanted.has(Types::BOOLEAN) && !wanted.has(Types::STRING) {
        return Some("write `true` or `false`".to_owned());
    }
    wanted.has(Types::INTEGER).then(|| match value.parse::<f64>() {
        Ok(value) if value.fract() == 0.0 && value.abs() < 1e15 => format!("write `{value}`"),
        _ if wanted.has(Types::NUMBER) => "write a number".to_owned(),
        _ => "write a whole number".to_owned(),
    })
}

/// The author's own spelling: `1.10` must not lose its zero.
fn as_written(tree: &Tree) -> String {
    match tree.origin.span.text() {
        // A part of a larger text, such as of `--set-json a={…}`, has no place of its own.
        text if text.is_empty() || text.starts_with(['{', '[']) => to_json(tree).to_string(),
        text => text.to_owned(),
    }
}
