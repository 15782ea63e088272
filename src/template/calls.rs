//! What goes wrong in a macro, told together with the call.
//!
//! A macro may leave parameters out, so minijinja hands it something undefined for them and complains, if at all,
//! about a line that is right. Here the failure of a call remembers what was not given to it.

use std::fmt;

use minijinja::value::Kwargs;
use minijinja::{Error, ErrorKind, Value};

use crate::diag::{Diagnostic, nearest};
use crate::span::Span;

use super::closed::Declared;
use super::error::carry;

/// A failure inside a macro, on its way through the place that calls it.
#[derive(Debug)]
pub(super) struct Failed {
    name: String,
    parameters: Vec<String>,
    /// Parameters that were not given, or were given something undefined (true).
    absent: Vec<(String, bool)>,
    inner: Error,
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the macro `{}` fails", self.name)
    }
}

impl std::error::Error for Failed {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.inner)
    }
}

/// The error of a call: arguments that do not fit, or what happened inside.
pub(super) fn failed(called: &Value, name: String, arguments: &[Value], error: Error) -> Error {
    let parameters = called.get_attr("arguments").unwrap_or_default();
    let parameters: Vec<String> = parameters
        .try_iter()
        .into_iter()
        .flatten()
        .filter_map(|parameter| parameter.as_str().map(str::to_owned))
        .collect();
    let (positional, named) = match arguments.split_last() {
        Some((last, before)) => match Kwargs::try_from(last.clone()) {
            Ok(named) if last.is_kwargs() => (before, Some(named)),
            _ => (arguments, None),
        },
        None => (arguments, None),
    };
    if error.kind() == ErrorKind::TooManyArguments && error.line().is_none() {
        return misfit(&name, &parameters, positional.len(), named.as_ref());
    }
    let given = |index: usize, parameter: &str| match positional.get(index) {
        Some(value) => Some(value.clone()),
        None => named.as_ref().and_then(|named| named.peek::<Value>(parameter).ok()),
    };
    let absent = parameters
        .iter()
        .enumerate()
        .filter_map(|(index, parameter)| match given(index, parameter) {
            Some(value) => value.is_undefined().then(|| (parameter.clone(), true)),
            None => Some((parameter.clone(), false)),
        })
        .collect();
    let kind = error.kind();
    Error::new(kind, "in a macro").with_source(Failed { name, parameters, absent, inner: error })
}

fn misfit(name: &str, parameters: &[String], count: usize, named: Option<&Kwargs>) -> Error {
    let known = || parameters.iter().map(String::as_str);
    let unknown = named
        .into_iter()
        .flat_map(Kwargs::args)
        .find(|given| *given != "caller" && !parameters.iter().any(|parameter| parameter == given));
    let takes = match parameters {
        [] => "it takes no arguments".to_owned(),
        _ => Declared::list(known()).replace("known here are", "its parameters are"),
    };
    let finding = |message: String| Diagnostic::error("template.arguments", message);
    carry(if count > parameters.len() {
        let most = parameters.len();
        finding(format!("the macro `{name}` takes {most} arguments, and gets {count}")).hint(takes)
    } else if let Some(unknown) = unknown {
        finding(format!("the macro `{name}` has no parameter `{unknown}`"))
            .hint(nearest(unknown, known()).map_or(takes, |near| format!("did you mean `{near}`?")))
    } else {
        finding(format!("the macro `{name}` is given an argument twice")).hint(takes)
    })
}

impl Failed {
    /// The finding for something undefined at this place, if it is a parameter that the call left out; with it what
    /// to say of the call.
    pub(super) fn absent_at(&self, place: &Span) -> Option<(Diagnostic, String)> {
        let source = place.source()?;
        let text = source.text();
        let range = place.range();
        // The whole tag: a filter is blamed for what it is given.
        let before = &text[..range.start];
        let start = before.rfind("{{").max(before.rfind("{%")).unwrap_or(range.start);
        let rest = &text[range.start..];
        let end = ["}}", "%}"].iter().filter_map(|close| rest.find(close)).min();
        let end = end.map_or(range.end, |end| range.start + end).max(range.end);
        let tag = start..end;
        let (parameter, is_given, at) = self.absent.iter().find_map(|(parameter, is_given)| {
            Some((parameter, *is_given, find_name(text, tag.clone(), parameter)?))
        })?;
        let parameters = self.parameters.join(", ");
        let name = match self.name.as_str() {
            "caller" => "the body of `{% call %}`".to_owned(),
            name => format!("the macro `{name}`"),
        };
        let (message, about, hint) = if is_given {
            (
                format!("{name} gets something undefined for its parameter `{parameter}`"),
                format!("`{parameter}` is undefined in this call"),
                "if it may be missing, say so in the call: `… | default(omit)`".to_owned(),
            )
        } else {
            (
                format!("{name} is called without its parameter `{parameter}`"),
                format!("called here without `{parameter}`"),
                format!("write `{}({parameters})`, or give the parameter a default", self.name),
            )
        };
        let finding = Diagnostic::error("template.undefined", message)
            .at(&source.span(at..at + parameter.len()), "needed here")
            .hint(hint);
        Some((finding, about))
    }
}

/// Where a name stands by itself, not behind a dot.
fn find_name(text: &str, range: std::ops::Range<usize>, name: &str) -> Option<usize> {
    let is_name = |c: char| c == '_' || c.is_alphanumeric();
    text[range.clone()].match_indices(name).map(|(at, _)| range.start + at).find(|&at| {
        !text[..at].ends_with(|c| is_name(c) || c == '.')
            && !text[at + name.len()..].starts_with(is_name)
    })
}
