//! Tells people who come from Go templates what to write instead.
//!
//! Everything refused here is an error in template syntax anyway; only the advice is better than a parser's
//! "unexpected token".

use std::collections::BTreeSet;
use std::ops::Range;

use super::super::habits;
use super::super::scan::{Scan, Tag, TagKind, Token, TokenKind};
use crate::{Diagnostic, SourceText};

/// Names that statements bind or use, so that a variable called `end` is not taken for Go's `end`.
pub(super) fn bound_names<'t>(text: &'t str, scan: &Scan) -> BTreeSet<&'t str> {
    scan.tags
        .iter()
        .filter(|tag| tag.kind == TagKind::Block)
        .flat_map(|tag| tag.tokens.iter().skip(1))
        .filter(|token| token.kind == TokenKind::Name)
        .map(|token| &text[token.range.clone()])
        .collect()
}

/// The first piece of Go syntax in a tag, with advice.
pub(super) fn refuse(source: &SourceText, tag: &Tag, bound: &BTreeSet<&str>) -> Option<Diagnostic> {
    let words = Words { text: source.text(), tag };
    let (range, advice) =
        words.keyword(bound).or_else(|| words.path()).or_else(|| words.application())?;
    let seen = &source.text()[range.clone()];
    Some(
        Diagnostic::error(
            "template.go-syntax",
            format!("`{seen}` is Go template syntax; write {advice}"),
        )
        .at(&source.span(range), "not understood here"),
    )
}

type Finding = (Range<usize>, String);

struct Words<'t> {
    text: &'t str,
    tag: &'t Tag,
}

impl<'t> Words<'t> {
    fn word(&self, index: usize) -> &'t str {
        self.tag.word(self.text, index)
    }

    fn token(&self, index: usize) -> Option<&'t Token> {
        self.tag.tokens.get(index)
    }

    /// The source from one token to the end of another.
    fn range(&self, from: usize, to: usize) -> Range<usize> {
        let start = self.token(from).map_or(self.tag.range.start, |token| token.range.start);
        start..self.token(to).map_or(self.tag.inner.end, |token| token.range.end)
    }

    /// Whether nothing stands between a token and the one before.
    fn touches_previous(&self, index: usize) -> bool {
        match (index.checked_sub(1).and_then(|before| self.token(before)), self.token(index)) {
            (Some(before), Some(token)) => before.range.end == token.range.start,
            _ => false,
        }
    }

    /// Whether a value ends at this token.
    fn is_operand(&self, index: usize) -> bool {
        self.token(index).is_some_and(|token| match token.kind {
            // After a dot a keyword is a name like any other: `values.set`.
            TokenKind::Name if index > 0 && self.word(index - 1) == "." => true,
            TokenKind::Name => !matches!(
                self.word(index),
                "and"
                    | "or"
                    | "not"
                    | "in"
                    | "is"
                    | "if"
                    | "else"
                    | "elif"
                    | "for"
                    | "set"
                    | "call"
            ),
            TokenKind::Text | TokenKind::Number => true,
            TokenKind::Symbol => matches!(self.word(index), ")" | "]" | "}"),
        })
    }

    /// `{{ if … }}`, `{{ end }}` and the like.
    fn keyword(&self, bound: &BTreeSet<&str>) -> Option<Finding> {
        let (word, next) = (self.word(0), self.word(1));
        let advice = match word {
            "end" if self.tag.kind == TagKind::Block => {
                "`{% endif %}`, `{% endfor %}` or `{% endwith %}`"
            }
            _ if self.tag.kind == TagKind::Block => return None,
            "end" if next.is_empty() && !bound.contains("end") => {
                "`{% endif %}`, `{% endfor %}` or `{% endwith %}`"
            }
            "if" => "`{% if … %}`",
            "else" if next == "if" => "`{% elif … %}`",
            "else" => "`{% else %}`",
            "range" if self.starts_argument(1) => "`{% for item in … %}`",
            "with" if self.starts_argument(1) => "`{% with name = … %}`",
            "define" if self.starts_argument(1) => "`{% macro name() %}`",
            "block" if self.starts_argument(1) => "`{% macro name() %}`, and call it",
            "include" | "template" if self.starts_argument(1) => {
                "`{% include \"…\" %}` for a whole template, or call a macro: `{{ labels() }}`"
            }
            _ => return None,
        };
        Some((self.range(0, self.tag.tokens.len()), advice.to_owned()))
            .map(|(range, advice)| (trimmed(self.text, range), advice))
    }

    /// Whether an argument in Go's manner stands here: a value, a path or a variable.
    fn starts_argument(&self, index: usize) -> bool {
        match self.word(index) {
            "$" => true,
            "." => !self.touches_previous(index),
            _ => {
                self.is_operand(index)
                    && self.token(index).is_some_and(|token| token.kind != TokenKind::Symbol)
            }
        }
    }

    /// `.Values.x`, `$.Values.x`, `$x`, `.`
    fn path(&self) -> Option<Finding> {
        // A function in front explains more than its argument does.
        if self.tag.kind == TagKind::Print
            && let Some(advice) = habits::advice(self.word(0))
            && self.starts_argument(1)
        {
            return Some((self.range(0, 0), advice.to_owned()));
        }
        let start = (0..self.tag.tokens.len()).find(|&index| self.starts_path(index))?;
        let mut end = start;
        let mut segments: Vec<&str> = Vec::new();
        if self.word(start) == "$" {
            if self.word(start + 1) == ":" && self.word(start + 2) == "=" {
                return Some((self.range(start, start + 2), "`{% set name = … %}`".to_owned()));
            }
            if self.token(start + 1).is_some_and(|token| token.kind == TokenKind::Name)
                && self.touches_previous(start + 1)
            {
                end = start + 1;
                segments.push(self.word(end));
                if self.word(end + 1) == ":" && self.word(end + 2) == "=" {
                    let name = self.word(end);
                    let advice = format!("`{{% set {name} = … %}}`");
                    return Some((self.range(start, end + 2), advice));
                }
            }
        } else if self.token(start + 1).is_some_and(|token| token.kind == TokenKind::Name)
            && self.touches_previous(start + 1)
        {
            end = start + 1;
            segments.push(self.word(end));
        }
        while self.word(end + 1) == "."
            && self.touches_previous(end + 1)
            && self.touches_previous(end + 2)
            && self.token(end + 2).is_some_and(|token| token.kind == TokenKind::Name)
        {
            end += 2;
            segments.push(self.word(end));
        }
        let dollar_variable = self.word(start) == "$" && self.word(start + 1) != ".";
        let advice = if dollar_variable && !segments.is_empty() {
            format!("`{}`", segments.join("."))
        } else {
            translate(&segments)
        };
        Some((self.range(start, end), advice))
    }

    fn starts_path(&self, index: usize) -> bool {
        match self.word(index) {
            "$" => true,
            "." => {
                let after_operand =
                    index.checked_sub(1).is_some_and(|before| self.is_operand(before));
                let next = self.word(index + 1);
                let capital = next.starts_with(|c: char| c.is_ascii_uppercase());
                // `items .first()` over two lines is fine, `eq .Values.a` is not.
                !after_operand
                    || (!self.touches_previous(index)
                        && (capital || next.is_empty() || next == ")"))
            }
            _ => false,
        }
    }

    /// `quote x`, `x | default "a"`: an argument without parentheses.
    fn application(&self) -> Option<Finding> {
        if self.tag.kind != TagKind::Print {
            return None;
        }
        let index = (0..self.tag.tokens.len()).find(|&index| {
            let leads = index == 0 || self.word(index - 1) == "|";
            leads
                && self.token(index).is_some_and(|token| token.kind == TokenKind::Name)
                && self.is_operand(index)
                && self.is_operand(index + 1)
                && self.token(index + 1).is_some_and(|token| token.kind != TokenKind::Symbol)
        })?;
        let name = self.word(index);
        let argument = self.word(index + 1);
        let advice = habits::advice(name).map_or_else(|| {
            if index > 0 {
                format!("`{name}({argument})`")
            } else {
                format!("`{argument} | {name}` for a filter, `{name}({argument})` for a function or macro")
            }
        }, str::to_owned);
        Some((self.range(index, index + 1), advice))
    }
}

fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    range.start..range.start + text[range].trim_end().len()
}

/// What stands here for one of Go's paths.
fn translate(segments: &[&str]) -> String {
    let lower = |name: &str| {
        let mut letters = name.chars();
        letters
            .next()
            .map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
    };
    match segments {
        [] => "the name of the loop variable: `{% for item in … %}{{ item }}`".to_owned(),
        ["Capabilities", "KubeVersion", ..] => "`kubernetes.version`".to_owned(),
        ["Capabilities", ..] => "`kubernetes.has(\"group/version\", \"Kind\")`".to_owned(),
        ["Files", "Get"] => "`files.text(\"path\")`".to_owned(),
        ["Files", method, ..] => format!("`files.{}(\"…\")`", lower(method)),
        ["Release" | "Chart", name, ..] => format!("`{}.{}`", lower(segments[0]), lower(name)),
        ["Values", keys @ ..] => {
            let path: Vec<&str> = std::iter::once("values").chain(keys.iter().copied()).collect();
            format!("`{}`", path.join("."))
        }
        [first, ..] if first.starts_with(|c: char| c.is_ascii_uppercase()) => {
            let path: Vec<String> = segments.iter().map(|name| lower(name)).collect();
            format!("`{}`", path.join("."))
        }
        _ => format!(
            "`item.{}`, with a named loop variable: `{{% for item in … %}}`",
            segments.join(".")
        ),
    }
}
