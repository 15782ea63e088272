//! Helm's grammar for `--set`: `a.b[0].c=v,d={x,y}`, `\,` and `\.` escapes.
//!
//! Here an expression only becomes [`Assignment`]s. What type `1.10` or `true` has is decided when the place it goes
//! to is known, by [`typed`](super::typing::typed). Where Helm drops what it does not understand (`.a=1`, `a.`, `a={1}b=2`), this is an error;
//! and `a={}` is the empty list that everyone means, where Helm 3.17 makes a list of one empty string.

use std::ops::Range;
use std::sync::Arc;

use crate::diag::{Diagnostic, Diagnostics};
use crate::span::{SourceText, Span};
use crate::yaml::{Kind, Limits, Node, Parse, Reading};

use super::tree::Step;

/// As deep as a YAML document may be.
const DEEPEST: usize = 128;

/// One `path=value` of a flag.
#[derive(Clone)]
pub(crate) struct Assignment {
    pub(crate) path: Vec<Step>,
    pub(crate) path_span: Span,
    pub(crate) given: Given,
    pub(crate) value_span: Span,
}

/// What stands behind the `=`.
#[derive(Clone)]
pub(crate) enum Given {
    /// Typed by the schema.
    Text(String),
    /// `{a,b}`, each item typed by the schema.
    List(Vec<String>),
    /// A string whatever the schema says.
    Exact(Arc<str>),
    /// As it was written in JSON.
    Json(Node),
}

/// What a flag does with the text behind the `=`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Flavour {
    /// `--set`
    Typed,
    /// `--set-string`
    Text,
    /// `--set-json`
    Json,
    /// `--set-file`: the text names a file, which the caller reads.
    File,
}

/// Takes an expression apart.
pub(crate) fn parse(source: &SourceText, flavour: Flavour) -> Result<Vec<Assignment>, Diagnostics> {
    let mut parser =
        Parser { source, letters: source.text().char_indices().collect(), at: 0, flavour };
    let mut assignments = Vec::new();
    loop {
        match parser.assignment() {
            Ok(Some(assignment)) => assignments.push(assignment),
            Ok(None) => return Ok(assignments),
            Err(diagnostic) => return Err(hide_values(source, &assignments, diagnostic).into()),
        }
    }
}

/// Puts `*` in place of all values of a faulty expression: nobody knows yet which of them are secret. After the
/// first value even keys may be part of one, cut off by a comma that was not escaped.
fn hide_values(
    source: &SourceText,
    before: &[Assignment],
    mut diagnostic: Diagnostic,
) -> Diagnostic {
    let text = source.text();
    let first_value = text.find('=').map_or(text.len(), |at| at + 1);
    let keys: Vec<Range<usize>> = before.iter().map(|one| one.path_span.range()).collect();
    let hidden: String = text
        .char_indices()
        .map(|(at, letter)| {
            let is_key = at < first_value || keys.iter().any(|key| key.contains(&at));
            if is_key || letter == '=' { letter.to_string() } else { "*".repeat(letter.len_utf8()) }
        })
        .collect();
    let hidden = SourceText::new(source.name(), hidden);
    for label in diagnostic.labels_mut() {
        label.span = hidden.span(label.span.range());
    }
    diagnostic
}

/// Reads a path alone, such as the `a.b[0]` of a value that comes from elsewhere.
pub(crate) fn parse_path_of(source: &SourceText) -> Result<Vec<Step>, Diagnostics> {
    let text = format!("{}=", source.text());
    let mut assignments = parse(&SourceText::new(source.name(), text), Flavour::Text)?;
    match (assignments.pop(), assignments.is_empty()) {
        (Some(one), true) => Ok(one.path),
        _ => Err(Diagnostic::error("values.set-syntax", "expected one path")
            .at(&source.span(0..usize::MAX), "here")
            .into()),
    }
}

struct Parser<'a> {
    source: &'a SourceText,
    letters: Vec<(usize, char)>,
    at: usize,
    flavour: Flavour,
}

impl Parser<'_> {
    fn offset(&self) -> usize {
        self.letters.get(self.at).map_or(self.source.text().len(), |(offset, _)| *offset)
    }

    fn error(&self, range: Range<usize>, message: impl Into<String>, label: &str) -> Diagnostic {
        Diagnostic::error("values.set-syntax", message).at(&self.source.span(range), label)
    }

    /// Everything up to one of `stops`, with `\` taking the next character as it is.
    fn until(&mut self, stops: &[char]) -> (String, Option<char>) {
        let mut text = String::new();
        while let Some(&(_, letter)) = self.letters.get(self.at) {
            self.at += 1;
            if stops.contains(&letter) {
                return (text, Some(letter));
            }
            if letter == '\\' {
                if let Some(&(_, next)) = self.letters.get(self.at) {
                    text.push(next);
                    self.at += 1;
                }
            } else {
                text.push(letter);
            }
        }
        (text, None)
    }

    fn assignment(&mut self) -> Result<Option<Assignment>, Diagnostic> {
        let start = self.offset();
        let mut path: Vec<Step> = Vec::new();
        'keys: loop {
            let key_start = self.offset();
            let (key, stop) = self.until(&['=', '[', ',', '.']);
            let here = key_start..self.offset();
            match stop {
                None if key.is_empty() && path.is_empty() => return Ok(None),
                None => {
                    let first = self.source.text()[..start].is_empty();
                    return Err(self.error(here, "a key has no value", "ends here").hint(if first {
                        "write `key=value`; `key=null` takes a key away"
                    } else {
                        "a comma ends a value: write `\\,` for one inside it, `{a,b}` for a list"
                    }));
                }
                Some(',') => {
                    return Err(self
                        .error(here, "a key has no value", "followed by `,`")
                        .hint("write `\\,` for a comma inside a value"));
                }
                Some(_) if key.is_empty() => {
                    return Err(self.error(here, "a key is empty", "no key before this"));
                }
                Some(stop) => {
                    path.push(Step::Key(key.into()));
                    match stop {
                        '=' => break 'keys,
                        '[' => loop {
                            path.push(Step::Index(self.index()?));
                            let after = self.offset();
                            let (rest, stop) = self.until(&['[', '.', '=']);
                            match stop {
                                _ if !rest.is_empty() => {
                                    return Err(self.error(
                                        after..self.offset(),
                                        "unexpected text after an index",
                                        "not `.`, `[` or `=`",
                                    ));
                                }
                                Some('[') => {}
                                Some('.') => break,
                                Some(_) => break 'keys,
                                None => {
                                    return Err(self.error(
                                        after..after,
                                        "an index has no value",
                                        "ends here",
                                    ));
                                }
                            }
                        },
                        _ => {}
                    }
                }
            }
            if path.len() > DEEPEST {
                return Err(self.error(
                    start..self.offset(),
                    format!("more than {DEEPEST} levels"),
                    "too deep",
                ));
            }
        }
        let path_span = self.source.span(start..self.offset().saturating_sub(1));
        let value_start = self.offset();
        let given = self.value()?;
        let mut end = self.offset();
        if end > value_start
            && self.source.text()[..end].ends_with(',')
            && self.at < self.letters.len() + 1
        {
            end -= usize::from(self.stopped_at_comma());
        }
        let value_span = if end > value_start {
            self.source.span(value_start..end)
        } else {
            self.source.span(start..end)
        };
        Ok(Some(Assignment { path, path_span, given, value_span }))
    }

    fn stopped_at_comma(&self) -> bool {
        let before = |back: usize| {
            self.at.checked_sub(back).and_then(|at| self.letters.get(at)).map(|(_, letter)| *letter)
        };
        before(1) == Some(',') && before(2) != Some('\\')
    }

    fn index(&mut self) -> Result<usize, Diagnostic> {
        let start = self.offset();
        let (digits, stop) = self.until(&[']']);
        let range = start..self.offset();
        if stop.is_none() {
            return Err(self.error(range, "an index is not closed", "`]` is missing"));
        }
        match digits.strip_prefix('+').unwrap_or(&digits).parse::<usize>() {
            Ok(index) if index <= 65_536 => Ok(index),
            Ok(_) => Err(self.error(range, "an index is larger than 65536", "too large")),
            Err(_) => Err(self.error(range, "an index is a number from 0", "not a number")),
        }
    }

    fn value(&mut self) -> Result<Given, Diagnostic> {
        match self.flavour {
            Flavour::Json => return self.json(),
            Flavour::File => return Ok(Given::Text(self.until(&[',']).0)),
            Flavour::Typed | Flavour::Text => {}
        }
        if self.letters.get(self.at).map(|(_, letter)| *letter) != Some('{') {
            let (text, _) = self.until(&[',']);
            return Ok(match self.flavour {
                Flavour::Text => Given::Exact(text.into()),
                _ => Given::Text(text),
            });
        }
        let start = self.offset();
        self.at += 1;
        let mut items = Vec::new();
        loop {
            let (text, stop) = self.until(&[',', '}']);
            match stop {
                None => {
                    return Err(self
                        .error(start..self.offset(), "a list is not closed", "`}` is missing")
                        .hint("write `\\{` for a value that begins with a brace"));
                }
                Some('}') => {
                    if !(items.is_empty() && text.is_empty()) {
                        items.push(text);
                    }
                    break;
                }
                Some(_) => items.push(text),
            }
        }
        self.finish("unexpected text after a list")?;
        Ok(Given::List(items))
    }

    /// Passes the comma behind a value that knows its own end.
    fn finish(&mut self, wrong: &str) -> Result<(), Diagnostic> {
        match self.letters.get(self.at) {
            None => {}
            Some((_, ',')) => self.at += 1,
            Some(_) => {
                let here = self.offset();
                return Err(self.error(here..here + 1, wrong, "expected `,` or the end"));
            }
        }
        Ok(())
    }

    fn json(&mut self) -> Result<Given, Diagnostic> {
        let start = self.offset();
        let rest = &self.source.text()[start..];
        if rest.is_empty() || rest.starts_with(',') {
            self.at += usize::from(!rest.is_empty());
            return Ok(Given::Json(Node::null()));
        }
        let mut stream =
            serde_json::Deserializer::from_str(rest).into_iter::<serde::de::IgnoredAny>();
        let end = match stream.next() {
            Some(Ok(_)) => start + stream.byte_offset(),
            Some(Err(error)) => {
                let reason = error.classify();
                return Err(self
                .error(
                    start..start + rest.len(),
                    format!("not JSON: {reason:?} error").to_lowercase(),
                    "expected a JSON value",
                )
                .hint("keys and texts stand in double quotes: `{\"a\": \"text\"}`; quote the whole for the shell"));
            }
            None => start,
        };
        let text = SourceText::new(self.source.name(), &self.source.text()[start..end]);
        let parse = Parse {
            reading: Reading::Core,
            limits: Limits::default(),
            tags: false,
            merge_keys: false,
            duplicate_keys: true,
        };
        let Ok(mut node) = parse.document(&text) else {
            return Err(self.error(
                start..end,
                "not JSON: a key is given twice or it nests too deep",
                "here",
            ));
        };
        respan(&mut node, &self.source.span(start..end));
        self.at = self
            .letters
            .iter()
            .position(|(offset, _)| *offset >= end)
            .unwrap_or(self.letters.len());
        while self.letters.get(self.at).is_some_and(|(_, letter)| letter.is_whitespace()) {
            self.at += 1;
        }
        self.finish("unexpected text after a JSON value")?;
        Ok(Given::Json(node))
    }
}

fn respan(node: &mut Node, span: &Span) {
    node.span = span.clone();
    match &mut node.kind {
        Kind::List(items) => items.iter_mut().for_each(|item| respan(item, span)),
        Kind::Map(map) => {
            for entry in &mut map.entries {
                entry.key_span = span.clone();
                respan(&mut entry.value, span);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
#[path = "set_tests.rs"]
mod tests;
