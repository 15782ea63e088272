//! What minijinja reports, in our words and at the author's place.

use std::error::Error as _;
use std::fmt;

use minijinja::{Error, ErrorKind, Value};

use crate::diag::{Diagnostic, Diagnostics, nearest};
use crate::span::Span;

/// Findings of ours on their way through minijinja.
#[derive(Debug)]
struct Carried(Diagnostics);

impl fmt::Display for Carried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.iter().next() {
            Some(first) => f.write_str(first.message()),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Carried {}

/// Sends a finding through minijinja.
pub(super) fn carry(diagnostic: Diagnostic) -> Error {
    let mut all = Diagnostics::new();
    all.push(diagnostic);
    carry_all(all)
}

/// Sends findings through minijinja.
pub(super) fn carry_all(found: Diagnostics) -> Error {
    let carried = Carried(found);
    Error::new(ErrorKind::InvalidOperation, carried.to_string()).with_source(carried)
}

/// The author's place of a minijinja error, from the template's name and a range or a line of the rewritten text.
pub(super) trait Locate {
    fn locate(&self, error: &Error) -> Span;
}

impl<F: Fn(&Error) -> Span> Locate for F {
    fn locate(&self, error: &Error) -> Span {
        self(error)
    }
}

/// Findings for an error. `context` is what the template saw at top level, for "did you mean".
pub(super) fn findings(error: &Error, locate: &dyn Locate, context: &Value) -> Diagnostics {
    // The innermost error knows what is wrong and where; those around it are includes.
    let mut chain = vec![error];
    let mut source = error.source();
    let mut carried = None;
    while let Some(inner) = source {
        if let Some(inner) = inner.downcast_ref::<Error>() {
            chain.push(inner);
        }
        if let Some(found) = inner.downcast_ref::<Carried>() {
            carried = Some(&found.0);
        }
        source = inner.source();
    }
    let places: Vec<Span> =
        chain.iter().rev().map(|error| locate.locate(error)).filter(Span::is_known).collect();
    let innermost = chain.last().copied().unwrap_or(error);
    let found = carried.cloned().unwrap_or_else(|| explain(innermost, context).into());
    let mut all = Diagnostics::new();
    for finding in found {
        let mut finding = finding;
        let known = finding.span().is_some();
        for (index, place) in places.iter().enumerate() {
            if index == 0 && known {
                continue;
            }
            if finding.labels().iter().all(|label| label.span != *place) {
                finding = finding.at(place, if index == 0 { "" } else { "included from here" });
            }
        }
        all.push(finding);
    }
    all.sorted()
}

fn explain(error: &Error, context: &Value) -> Diagnostic {
    let detail = error.detail().unwrap_or_default();
    let made = |code, message: String| Diagnostic::error(code, message);
    match error.kind() {
        ErrorKind::UndefinedError => undefined(detail, context),
        ErrorKind::SyntaxError => made("template.syntax", detail.to_owned()),
        ErrorKind::TemplateNotFound => made("template.unknown", detail.to_owned()),
        ErrorKind::UnknownFilter
        | ErrorKind::UnknownTest
        | ErrorKind::UnknownFunction
        | ErrorKind::UnknownMethod => {
            let what = if detail.is_empty() { error.kind().to_string() } else { detail.to_owned() };
            made("template.unknown", what)
        }
        ErrorKind::OutOfFuel => {
            made("template.limit", "the template takes too many steps".to_owned())
                .hint("look for a loop that never ends, or raise the limit")
        }
        ErrorKind::WriteFailure => {
            made("template.limit", "the output is larger than allowed".to_owned())
        }
        _ if detail.contains("recursion limit") => made(
            "template.limit",
            "macros and includes call each other more deeply than allowed".to_owned(),
        ),
        _ if detail.contains("undefined") => undefined(detail, context),
        kind => made(
            "template.evaluate",
            if detail.is_empty() { kind.to_string() } else { detail.to_owned() },
        ),
    }
}

fn undefined(detail: &str, context: &Value) -> Diagnostic {
    let message = if detail.is_empty() { "something undefined is used" } else { detail };
    let path = detail.split('`').nth(1).unwrap_or_default();
    Diagnostic::error("template.undefined", message).hint_opt(did_you_mean(path, context)).hint_opt(
        (!path.is_empty())
            .then(|| format!("if it may be missing, say so: `{path} | default(omit)`")),
    )
}

/// The nearest key beside the one that is missing.
pub(super) fn did_you_mean(path: &str, context: &Value) -> Option<String> {
    let mut parent = context.clone();
    let mut known = String::new();
    for part in path.split('.') {
        let next = parent.get_attr(part).unwrap_or_default();
        // A root that the context does not know may be a loop variable, of which nothing is known here.
        if next.is_undefined() && (!known.is_empty() || part == path) {
            let keys: Vec<String> =
                parent.try_iter().ok()?.filter_map(|key| key.as_str().map(str::to_owned)).collect();
            let best = nearest(part, keys.iter().map(String::as_str))?;
            return Some(format!("did you mean `{known}{best}`?"));
        }
        known.push_str(part);
        known.push('.');
        parent = next;
    }
    None
}
