//! What tags mean: standard ones (`!!str`) say how a value is read, local ones (`!append`) are for the caller.

use std::borrow::Cow;
use std::sync::Arc;

use crate::diag::Diagnostic;
use crate::span::{SourceText, Span};

use super::findings::Findings;
use super::scalar::{Resolved, resolve};
use super::{Number, Reading, Tag};

/// A tag as the reader understands it.
pub(crate) enum Meaning {
    None,
    Local(Arc<Tag>),
    Standard(&'static str, Span),
}

impl Meaning {
    /// What a tag means; `local` tells whether local ones are welcome.
    pub(crate) fn of(
        tag: Option<Cow<'_, granit_parser::Tag>>,
        span: &granit_parser::Span,
        source: &SourceText,
        local: bool,
        found: &mut Findings,
    ) -> Self {
        let Some(tag) = tag else { return Self::None };
        let range = span.tag_span().and_then(|span| span.byte_range()).unwrap_or_default();
        let span = source.span(range);
        let name = format!("{}{}", tag.handle(), tag.suffix());
        if name == "!" {
            return Self::Standard("str", span);
        }
        if let Some(suffix) = tag.core_suffix()
            && let Some(known) = ["str", "int", "float", "bool", "null", "map", "seq"]
                .into_iter()
                .find(|known| *known == suffix)
        {
            return Self::Standard(known, span);
        }
        if name.starts_with('!') && local {
            return Self::Local(Arc::new(Tag { name, span }));
        }
        let (shown, hint) = if name.starts_with('!') {
            (name, "tags have no meaning here; quote the value if the `!` belongs to it")
        } else if name == "tag:yaml.org,2002:binary" {
            ("!!binary".to_owned(), "write the base64 text as a string")
        } else {
            (span.text().to_owned(), "write the value without it")
        };
        found.report(unknown_tag(&shown, &span, hint));
        Self::None
    }

    /// The local tag of a collection; a standard one must be the `fitting` one.
    pub(crate) fn of_collection(self, fitting: &str, found: &mut Findings) -> Option<Arc<Tag>> {
        match self {
            Self::Local(tag) => Some(tag),
            Self::Standard(name, place) if name != fitting && place.text() != "!" => {
                let what = if fitting == "map" { "a mapping" } else { "a list" };
                found.report(
                    Diagnostic::error("yaml.tag", format!("`!!{name}` stands before {what}"))
                        .at(&place, ""),
                );
                None
            }
            _ => None,
        }
    }
}

/// Applies `!!int` and its like to a scalar.
pub(crate) fn force(
    name: &str,
    text: &str,
    resolved: Resolved,
    place: &Span,
    reading: Reading,
    found: &mut Findings,
) -> Resolved {
    let read = match resolved {
        Resolved::String => resolve(text, reading),
        other => other,
    };
    match (name, read) {
        ("str", _) => return Resolved::String,
        ("null", Resolved::Null) => return Resolved::Null,
        ("bool", Resolved::Bool(value)) => return Resolved::Bool(value),
        ("int", Resolved::Number(number @ (Number::Int(_) | Number::Big(_))))
        | ("float", Resolved::Number(number @ Number::Float(_))) => {
            return Resolved::Number(number);
        }
        ("float", Resolved::Number(number)) => {
            let value = number.to_string().parse().unwrap_or(f64::INFINITY);
            return Resolved::Number(Number::Float(value));
        }
        _ => {}
    }
    let wanted = match name {
        "int" => "an integer",
        "float" => "a number",
        "bool" => "a boolean",
        "null" => "null",
        "map" => "a mapping",
        _ => "a list",
    };
    found.report(
        Diagnostic::error("yaml.tag", format!("what follows `!!{name}` is not {wanted}"))
            .at(place, ""),
    );
    Resolved::Null
}

pub(crate) fn unknown_tag(name: &str, span: &Span, hint: &str) -> Diagnostic {
    Diagnostic::error("yaml.unknown-tag", format!("the tag `{name}` is not allowed here"))
        .at(span, "")
        .hint(hint)
}
