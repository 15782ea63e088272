//! What minijinja reports, in our words and at the author's place.

use std::error::Error as _;
use std::fmt;

use minijinja::{Error, ErrorKind};

use crate::diag::{Diagnostic, Diagnostics};
use crate::span::Span;

use super::calls::Failed;
use super::habits;
use super::names::{self, Names};

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

/// Callers that are shown; deeper ones between them are left out.
const MOST_CALLERS: usize = 3;

/// Findings for an error.
pub(super) fn findings(error: &Error, locate: &dyn Locate, names: &Names<'_>) -> Diagnostics {
    // The innermost error knows what is wrong and where; those around it are includes and calls.
    let mut chain: Vec<(&Error, Option<&Failed>)> = vec![(error, None)];
    let mut source = error.source();
    let mut carried = None;
    while let Some(inner) = source {
        if let Some(inner) = inner.downcast_ref::<Error>() {
            chain.push((inner, None));
        }
        if let (Some(call), Some((_, called))) = (inner.downcast_ref(), chain.last_mut()) {
            *called = Some(call);
        }
        if let Some(found) = inner.downcast_ref::<Carried>() {
            carried = Some(&found.0);
        }
        source = inner.source();
    }
    chain.reverse();
    let places: Vec<(Span, Option<&Failed>)> = chain
        .iter()
        .map(|(error, called)| (locate.locate(error), *called))
        .filter(|(place, _)| place.is_known())
        .collect();
    let innermost = chain.first().map_or(error, |(innermost, _)| *innermost);
    let mut about_call = None;
    let found = carried.cloned().unwrap_or_else(|| {
        let place = places.first().map(|(place, _)| place);
        let finding = explain(innermost, place, names);
        let called = chain.get(1).and_then(|(_, called)| *called);
        let absent = called
            .zip(place)
            .filter(|_| finding.code() == "template.undefined")
            .and_then(|(called, place)| called.absent_at(place));
        match absent {
            Some((finding, about)) => {
                about_call = Some(about);
                finding.into()
            }
            None => finding.into(),
        }
    });
    let mut all = Diagnostics::new();
    for finding in found {
        let mut finding = finding;
        let known = finding.span().is_some();
        if finding.code() == "template.unknown-key" {
            finding = names.placed_elsewhere(finding);
        }
        let name = missing_name(&finding).map(|(name, member)| (name.to_owned(), member));
        let name = name.as_ref().map(|(name, member)| (&**name, *member));
        for (index, (place, called)) in places.iter().enumerate() {
            let place = if index == 0 { narrowed(place, name) } else { place.clone() };
            let skipped = index >= MOST_CALLERS && index + 1 < places.len();
            if skipped || index == 0 && known {
                continue;
            }
            let about = match (index, called, &about_call) {
                (0, ..) => "",
                (1, _, Some(about)) => about,
                (_, Some(_), _) => "called from here",
                (_, None, _) => "included from here",
            };
            if finding.labels().iter().all(|label| label.span != place) {
                finding = finding.at(&place, about);
            }
        }
        all.push(finding);
    }
    all.sorted()
}

/// The name that a finding says does not exist, and whether it stands behind a dot.
fn missing_name(finding: &Diagnostic) -> Option<(&str, bool)> {
    let mut quoted = finding.message().split('`').skip(1).step_by(2);
    match finding.code() {
        "template.unknown-key" => Some((quoted.last()?, true)),
        "template.undefined" => {
            let path = quoted.next()?;
            Some(path.rsplit_once('.').map_or((path, false), |(_, last)| (last, true)))
        }
        "template.unknown" => Some((quoted.last()?, false)),
        _ => None,
    }
}

/// Only the name that is misspelt: minijinja blames the whole path or call around it.
fn narrowed(place: &Span, name: Option<(&str, bool)>) -> Span {
    let found = name.and_then(|(name, member)| {
        let text = place.text();
        let is_name = |c: char| c == '_' || c.is_alphanumeric();
        let (at, _) = text.match_indices(name).find(|(at, _)| {
            let before = &text[..*at];
            !before.ends_with(is_name)
                && !text[at + name.len()..].starts_with(is_name)
                && (!member || before.ends_with('.'))
        })?;
        let start = place.range().start + at;
        Some(place.source()?.span(start..start + name.len()))
    });
    found.unwrap_or_else(|| place.clone())
}

fn explain(error: &Error, place: Option<&Span>, names: &Names<'_>) -> Diagnostic {
    let detail = error.detail().unwrap_or_default();
    let made = |code, message: String| Diagnostic::error(code, message);
    match error.kind() {
        ErrorKind::UndefinedError => undefined(detail, place, names),
        ErrorKind::SyntaxError => made("template.syntax", detail.to_owned()),
        ErrorKind::TemplateNotFound => {
            let name = detail.split('\'').nth(1).unwrap_or_default();
            missing("template", name, names.template(name))
        }
        ErrorKind::UnknownFilter => {
            let name = unknown(detail);
            missing("filter", name, names::filter(name))
        }
        ErrorKind::UnknownTest => {
            let name = unknown(detail);
            missing("test", name, names::test(name))
        }
        ErrorKind::UnknownFunction => {
            let name = unknown(detail);
            let meant = || names::is_filter(name).then(|| format!("it is a filter: `x | {name}`"));
            let meant = meant().or_else(|| names.path(name));
            missing("function or macro", name, meant)
        }
        ErrorKind::UnknownMethod => match detail.split_once(" has no method named ") {
            Some(("map", name)) => missing("function or macro", name, names.member(name)),
            Some((kind, name)) => {
                made("template.unknown", format!("a {kind} has no method `{name}`")).hint_opt(
                    names::is_filter(name).then(|| format!("filters follow a bar: `| {name}`")),
                )
            }
            // One of our objects, which knows better.
            None => made("template.unknown", detail.to_owned()),
        },
        ErrorKind::OutOfFuel => {
            made("template.limit", "the template takes too many steps".to_owned())
                .hint("look for a loop that never ends, or raise the limit")
        }
        ErrorKind::WriteFailure => {
            made("template.limit", "the output is larger than allowed".to_owned())
                .hint("look for a loop that prints more than is meant, or raise the limit")
        }
        _ if detail.contains("recursion limit") => made(
            "template.limit",
            "macros and includes call each other more deeply than allowed".to_owned(),
        ),
        _ if detail.contains("undefined") => undefined(detail, place, names),
        kind => made(
            "template.evaluate",
            if detail.is_empty() { kind.to_string() } else { detail.to_owned() },
        ),
    }
}

/// The name in minijinja's `filter x is unknown`.
fn unknown(detail: &str) -> &str {
    let named = detail.strip_suffix(" is unknown").unwrap_or(detail);
    named.rsplit(' ').next().unwrap_or(named)
}

fn missing(what: &str, name: &str, meant: Option<String>) -> Diagnostic {
    let meant = habits::advice(name).map(|advice| format!("write {advice}")).or(meant);
    Diagnostic::error("template.unknown", format!("there is no {what} `{name}`")).hint_opt(meant)
}

fn undefined(detail: &str, place: Option<&Span>, names: &Names<'_>) -> Diagnostic {
    // What a macro was not given has no name any more, but it stands there.
    let written = place.map_or("", |place| place.text());
    let is_path = written.chars().all(|c| matches!(c, '_' | '.') || c.is_alphanumeric());
    let guessed = format!("`{written}` is undefined");
    let detail =
        if detail.is_empty() && is_path && !written.is_empty() { &guessed } else { detail };
    let path = detail.split('`').nth(1).unwrap_or_default();
    // "cannot … of value of type undefined (`x` is undefined, from line 3)"
    let message = match detail.split_once("(`").and_then(|(_, origin)| origin.strip_suffix(')')) {
        Some(origin) => &format!("`{origin}"),
        None if detail.is_empty() => "something undefined is used",
        None => detail,
    };
    Diagnostic::error("template.undefined", message)
        .hint_opt(names.path(path))
        .hint_opt(names.advice(path))
}
