//! Cuts a template into literal text and tags, the way minijinja's own lexer does.
//!
//! minijinja keeps its lexer to itself, and rewriting needs to know where tags begin and end, whether a `}}`
//! stands inside a string, and which sides ask for trimming. The same rules are followed to the letter, odd
//! ones included: brackets must balance before a tag can close, a comment knows no strings, and in a raw
//! block nothing but its own end is looked for.

use std::ops::Range;

use crate::{Diagnostic, SourceText};

/// A whole template: `literals[i]` stands before `tags[i]`, and the last literal after the last tag.
pub(super) struct Scan {
    pub(super) literals: Vec<Literal>,
    pub(super) tags: Vec<Tag>,
    /// What is wrong with the tags themselves; the scan stops at a tag that never closes.
    pub(super) problems: Vec<Diagnostic>,
}

/// Text between tags, possibly none.
pub(super) struct Literal {
    pub(super) range: Range<usize>,
    /// Whether it stands between `{% raw %}` and `{% endraw %}`.
    pub(super) raw: bool,
}

/// What a tag is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum TagKind {
    /// `{{ … }}`
    Print,
    /// `{% … %}`
    Block,
    /// `{# … #}`
    Comment,
    /// `{% raw %}` or `{% endraw %}`
    Raw,
}

/// One tag.
pub(super) struct Tag {
    pub(super) kind: TagKind,
    /// With its delimiters.
    pub(super) range: Range<usize>,
    /// Without delimiters and without `-` or `+`.
    pub(super) inner: Range<usize>,
    /// Opened with `-`.
    pub(super) trims_before: bool,
    /// Closed with `-`.
    pub(super) trims_after: bool,
    /// Empty for comments and raw tags.
    pub(super) tokens: Vec<Token>,
}

/// What a token is; keywords are names.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum TokenKind {
    Name,
    Text,
    Number,
    Symbol,
}

/// A token inside a tag.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) range: Range<usize>,
}

impl Tag {
    /// The text of a token, `""` past the end.
    pub(super) fn word<'t>(&self, text: &'t str, index: usize) -> &'t str {
        self.tokens.get(index).map_or("", |token| &text[token.range.clone()])
    }
}

/// Cuts a template up.
pub(super) fn scan(source: &SourceText) -> Scan {
    let mut scanner = Scanner {
        source,
        text: source.text(),
        at: 0,
        scan: Scan { literals: Vec::new(), tags: Vec::new(), problems: Vec::new() },
    };
    scanner.run();
    scanner.scan
}

struct Scanner<'s> {
    source: &'s SourceText,
    text: &'s str,
    at: usize,
    scan: Scan,
}

/// A tag that never closes; the scan ends there.
struct Unclosed;

impl Scanner<'_> {
    fn run(&mut self) {
        while let Some((start, opener)) = find_opener(self.text, self.at) {
            self.literal(self.at..start, false);
            if self.tag(start, opener).is_err() {
                // What follows cannot be told apart; the problem is on record.
                self.at = self.text.len();
                break;
            }
        }
        self.literal(self.at..self.text.len(), false);
    }

    fn literal(&mut self, range: Range<usize>, raw: bool) {
        self.scan.literals.push(Literal { range, raw });
    }

    fn push(
        &mut self,
        kind: TagKind,
        range: Range<usize>,
        inner: Range<usize>,
        trims: (bool, bool),
        tokens: Vec<Token>,
    ) {
        self.at = range.end;
        let (trims_before, trims_after) = trims;
        self.scan.tags.push(Tag { kind, range, inner, trims_before, trims_after, tokens });
    }

    fn problem(&mut self, range: Range<usize>, message: impl Into<String>, hint: &str) {
        self.scan.problems.push(
            Diagnostic::error("template.syntax", message)
                .at(&self.source.span(range), "opened here")
                .hint(hint),
        );
    }

    fn tag(&mut self, start: usize, opener: u8) -> Result<(), Unclosed> {
        let bytes = self.text.as_bytes();
        let marker = bytes.get(start + 2).copied();
        let trims_before = marker == Some(b'-');
        let inner = start + 2 + usize::from(matches!(marker, Some(b'-' | b'+')));
        match opener {
            b'#' => self.comment(start, inner, trims_before),
            b'%' => match basic_tag(&self.text[inner..], "raw") {
                Some((name_end, trims_after, length)) => {
                    let inner_range = inner..inner + name_end;
                    let range = start..inner + length;
                    let trims = (trims_before, trims_after);
                    self.push(TagKind::Raw, range, inner_range, trims, Vec::new());
                    self.raw_body(start)
                }
                None => self.code(TagKind::Block, start, inner, trims_before),
            },
            _ => {
                let after_blanks = self.text[inner..].trim_start();
                if after_blanks.starts_with("/*") {
                    let open = self.text.len() - after_blanks.len();
                    return self.foreign_comment(start, open);
                }
                self.code(TagKind::Print, start, inner, trims_before)
            }
        }
    }

    fn comment(&mut self, start: usize, inner: usize, trims: bool) -> Result<(), Unclosed> {
        let Some(length) = self.text[inner..].find("#}") else {
            self.problem(start..start + 2, "a comment is never closed", "close it with `#}`");
            return Err(Unclosed);
        };
        let mut end = inner + length;
        let trims_after = length > 0 && self.text.as_bytes()[end - 1] == b'-';
        let range = start..end + 2;
        end -= usize::from(trims_after);
        self.push(TagKind::Comment, range, inner..end, (trims, trims_after), Vec::new());
        Ok(())
    }

    /// `{{/* … */}}`, refused with advice, but skipped as the comment that it is meant to be: its quotes would
    /// otherwise open strings.
    fn foreign_comment(&mut self, start: usize, open: usize) -> Result<(), Unclosed> {
        let end = self.text[open..].find("*/").and_then(|length| {
            let rest = &self.text[open + length..];
            rest.find("}}").map(|close| open + length + close)
        });
        let end_or_opener = end.map_or(open + 2, |end| end + 2);
        self.scan.problems.push(
            Diagnostic::error(
                "template.go-syntax",
                "`{{/* … */}}` is Go template syntax; write `{# … #}`",
            )
            .at(&self.source.span(start..end_or_opener), "this comment"),
        );
        let end = end.ok_or(Unclosed)?;
        self.push(TagKind::Comment, start..end + 2, open..end, (false, false), Vec::new());
        Ok(())
    }

    fn raw_body(&mut self, opened: usize) -> Result<(), Unclosed> {
        let body = self.at;
        let mut from = body;
        while let Some(found) = self.text[from..].find("{%") {
            let start = from + found;
            from = start + 2;
            let marker = self.text.as_bytes().get(from).copied();
            let inner = from + usize::from(matches!(marker, Some(b'-' | b'+')));
            if let Some((name_end, trims_after, length)) = basic_tag(&self.text[inner..], "endraw")
            {
                self.literal(body..start, true);
                let trims = (marker == Some(b'-'), trims_after);
                let inner_range = inner..inner + name_end;
                self.push(TagKind::Raw, start..inner + length, inner_range, trims, Vec::new());
                return Ok(());
            }
        }
        self.problem(opened..body, "a raw block is never closed", "close it with `{% endraw %}`");
        Err(Unclosed)
    }

    fn code(
        &mut self,
        kind: TagKind,
        start: usize,
        inner: usize,
        trims_before: bool,
    ) -> Result<(), Unclosed> {
        let closer = if kind == TagKind::Print { "}}" } else { "%}" };
        let mut lexer = Lexer { text: self.text, at: inner, balance: 0, tokens: Vec::new() };
        match lexer.run(closer) {
            Ok((inner_end, trims_after)) => {
                let range = start..lexer.at;
                let trims = (trims_before, trims_after);
                self.push(kind, range, inner..inner_end, trims, lexer.tokens);
                Ok(())
            }
            Err(Some(quote)) => {
                let hint = "close it with the same quote that opens it";
                self.problem(quote..quote + 1, "a string in a tag is never closed", hint);
                Err(Unclosed)
            }
            Err(None) => {
                let hint = format!("close it with `{closer}`, and every bracket inside it");
                self.problem(start..start + 2, "a tag is never closed", &hint);
                Err(Unclosed)
            }
        }
    }
}

/// The next `{{`, `{%` or `{#`, with its second byte.
fn find_opener(text: &str, from: usize) -> Option<(usize, u8)> {
    let mut at = from;
    loop {
        at += text[at..].find('{')?;
        match text.as_bytes().get(at + 1) {
            Some(&second @ (b'{' | b'%' | b'#')) => return Some((at, second)),
            _ => at += 1,
        }
    }
}

/// Whether `text`, which begins inside a block tag, is `name %}`: where its inner text ends, whether it ends
/// in `-`, and its whole length.
fn basic_tag(text: &str, name: &str) -> Option<(usize, bool, usize)> {
    let blank = |c: char| c.is_ascii_whitespace();
    let rest = text.trim_start_matches(blank).strip_prefix(name)?.trim_start_matches(blank);
    let inner = text.len() - rest.len();
    let unmarked = rest.strip_prefix(['-', '+']).unwrap_or(rest);
    let after = unmarked.strip_prefix("%}")?;
    Some((inner, rest.starts_with('-'), text.len() - after.len()))
}

struct Lexer<'s> {
    text: &'s str,
    at: usize,
    balance: i32,
    tokens: Vec<Token>,
}

impl Lexer<'_> {
    /// Reads up to and with the closing delimiter: where the inner text ends and whether it trims. Fails with
    /// the place of a quote that is never closed, or with none when the text ends first.
    fn run(&mut self, closer: &str) -> Result<(usize, bool), Option<usize>> {
        loop {
            let rest = &self.text[self.at..];
            let Some(next) = rest.chars().next() else { return Err(None) };
            if next.is_ascii_whitespace() {
                self.at += 1;
                continue;
            }
            if self.balance == 0 {
                let marked = matches!(next, '-' | '+') && rest[1..].starts_with(closer);
                if marked || rest.starts_with(closer) {
                    let inner_end = self.at;
                    self.at += closer.len() + usize::from(marked);
                    return Ok((inner_end, marked && next == '-'));
                }
            }
            let length = match next {
                '\'' | '"' => string_length(rest).ok_or(Some(self.at))?,
                '(' | '[' | '{' => {
                    self.balance += 1;
                    1
                }
                ')' | ']' | '}' => {
                    self.balance -= 1;
                    1
                }
                '0'..='9' => number_length(rest, self.text[..self.at].ends_with('.')),
                _ if is_name(next) => rest.find(|c: char| !is_name(c)).unwrap_or(rest.len()),
                _ if ["//", "**", "==", "!=", ">=", "<="].iter().any(|op| rest.starts_with(op)) => {
                    2
                }
                _ => next.len_utf8(),
            };
            let kind = match next {
                '\'' | '"' => TokenKind::Text,
                '0'..='9' => TokenKind::Number,
                _ if is_name(next) => TokenKind::Name,
                _ => TokenKind::Symbol,
            };
            self.tokens.push(Token { kind, range: self.at..self.at + length });
            self.at += length;
        }
    }
}

/// The length of the number that `text` begins with; after a dot it is the index of an item and has no fraction.
fn number_length(text: &str, after_dot: bool) -> usize {
    let bytes = text.as_bytes();
    let radix = matches!(bytes, [b'0', b'b' | b'B' | b'o' | b'O' | b'x' | b'X', ..]);
    let hexadecimal = radix && matches!(bytes.get(1), Some(b'x' | b'X'));
    let mut at = if radix { 2 } else { 0 };
    let (mut fraction, mut exponent, mut signed) = (false, false, false);
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'0'..=b'9' => signed |= exponent,
            b'_' => {}
            b'a'..=b'f' | b'A'..=b'F' if hexadecimal => {}
            b'.' if !radix && !fraction && !exponent && !after_dot => {
                let rest = &text[at + 1..];
                let power = rest.starts_with(['e', 'E'])
                    && rest[1..]
                        .starts_with(|c: char| matches!(c, '+' | '-') || c.is_ascii_digit());
                // `1.name` asks for something of the number.
                if !power && rest.starts_with(|c: char| c == '_' || c.is_alphabetic()) {
                    break;
                }
                fraction = true;
            }
            b'e' | b'E' if !radix && !exponent => exponent = true,
            b'+' | b'-' if exponent && !signed => signed = true,
            _ => break,
        }
        at += 1;
    }
    at
}

fn is_name(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

/// The length of the string that `text` begins with, quotes included.
fn string_length(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let quote = bytes.first()?;
    let mut at = 1;
    loop {
        match bytes.get(at)? {
            b'\\' => at += 2,
            byte if byte == quote => return Some(at + 1),
            _ => at += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tokens of one print.
    fn tokens(text: &str) -> Vec<String> {
        let text = format!("{{{{ {text} }}}}");
        let scan = scan(&SourceText::new("t", text.as_str()));
        assert!(scan.problems.is_empty(), "{text}");
        scan.tags[0].tokens.iter().map(|token| text[token.range.clone()].to_owned()).collect()
    }

    /// What the template engine's lexer makes of digits, as the fuzz target `scanner` found out.
    #[test]
    fn numbers_end_where_the_engine_ends_them() {
        for (text, wanted) in [
            ("2K", &["2", "K"][..]),
            ("1.5", &["1.5"]),
            ("1.5.2", &["1.5", ".", "2"]),
            ("1.name", &["1", ".", "name"]),
            ("1e3", &["1e3"]),
            ("1e+3", &["1e+3"]),
            ("1_000", &["1_000"]),
            ("0x1f", &["0x1f"]),
            ("0b11", &["0b11"]),
            ("x.1", &["x", ".", "1"]),
            ("a[1:2]", &["a", "[", "1", ":", "2", "]"]),
        ] {
            assert_eq!(tokens(text), wanted, "{text}");
        }
    }
}
