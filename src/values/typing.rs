//! What a text of the command line stands for.

use crate::schema::Types;
use crate::yaml::{Kind, Number, Style, Text};

/// The value that a text stands for where these types are allowed. Without a schema it is what Helm makes of it.
pub(crate) fn typed(text: &str, types: Types) -> Kind {
    let as_string = || Kind::String(Text { text: text.into(), style: Style::Plain });
    let helm = helm_type(text);
    let fits = match &helm {
        Kind::Null => true,
        Kind::Bool(_) => types.has(Types::BOOLEAN),
        Kind::Number(_) => types.has(Types::INTEGER),
        _ => types == Types::ANY || types.has(Types::STRING),
    };
    if fits {
        return helm;
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let decimal = !digits.is_empty()
        && (digits == "0" || !digits.starts_with('0') || digits.starts_with("0."))
        && digits.starts_with(|letter: char| letter.is_ascii_digit());
    if decimal
        && types.has(Types::INTEGER)
        && let Ok(value) = text.parse::<i128>()
    {
        return Kind::Number(Number::Int(value));
    }
    if decimal && types.has(Types::INTEGER) && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Kind::Number(Number::Big(text.trim_start_matches('+').into()));
    }
    if decimal
        && types.has(Types::NUMBER)
        && let Ok(value) = text.parse::<f64>()
        && value.is_finite()
    {
        return Kind::Number(Number::Float(value));
    }
    as_string()
}

/// Helm's own typing: booleans and null in any case, integers without a leading zero, everything else text.
pub(crate) fn helm_type(text: &str) -> Kind {
    if text.eq_ignore_ascii_case("true") {
        return Kind::Bool(true);
    }
    if text.eq_ignore_ascii_case("false") {
        return Kind::Bool(false);
    }
    if text.eq_ignore_ascii_case("null") {
        return Kind::Null;
    }
    if (text == "0" || !text.starts_with('0'))
        && let Ok(value) = text.parse::<i64>()
    {
        return Kind::Number(Number::Int(value.into()));
    }
    Kind::String(Text { text: text.into(), style: Style::Plain })
}
