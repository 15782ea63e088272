//! Scalars that stand on one line.

use std::ops::Range;
use std::sync::Arc;

use super::super::scalar::{Resolved, resolve};
use super::super::{Kind, Node, Style, Text};
use super::Quick;

/// What ends a plain scalar.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Stop {
    /// A colon with a blank after it: this was a key.
    Colon,
    /// The end of the line, a comment or, inside brackets, a comma or a bracket.
    End,
}

impl Quick<'_> {
    /// A plain scalar without the blanks after it; `inside`: between brackets. Stands behind those blanks then.
    pub(super) fn plain(&mut self, inside: bool) -> Option<(Range<usize>, Stop)> {
        let start = self.at;
        let next = self.bytes.get(start + 1).copied();
        match self.peek()? {
            b'-' if !matches!(
                next,
                None | Some(b' ' | b'\n' | b'-' | b',' | b'[' | b']' | b'{' | b'}')
            ) => {}
            b'-' | b'?' | b':' | b',' | b'[' | b']' | b'{' | b'}' | b'#' | b'&' | b'*' | b'!'
            | b'|' | b'>' | b'\'' | b'"' | b'%' | b'@' | b'`' | b'\n' => return None,
            _ => {}
        }
        // The end of the last byte that is no blank.
        let mut end = start;
        let stop = loop {
            match self.peek() {
                None | Some(b'\n') => break Stop::End,
                Some(b' ') => {}
                Some(b'#') if end < self.at => break Stop::End,
                Some(b':') => match self.bytes.get(self.at + 1) {
                    None | Some(b' ' | b'\n') => break Stop::Colon,
                    Some(b',' | b'[' | b']' | b'{' | b'}') if inside => return None,
                    Some(_) => end = self.at + 1,
                },
                Some(b',' | b']' | b'}') if inside => break Stop::End,
                Some(b'[' | b'{') if inside => return None,
                Some(_) => end = self.at + 1,
            }
            self.at += 1;
        };
        Some((start..end, stop))
    }

    /// The value of a plain scalar.
    pub(super) fn resolved(&self, range: Range<usize>) -> Node {
        let text = &self.text[range.clone()];
        let kind = match resolve(text, self.parse.reading) {
            Resolved::Null => Kind::Null,
            Resolved::Bool(value) => Kind::Bool(value),
            Resolved::Number(number) => Kind::Number(number),
            Resolved::String => Kind::String(Text { text: text.into(), style: Style::Plain }),
        };
        Node::new(kind, self.source.span(range))
    }

    /// A quoted text that ends on its line; the range has the quotes.
    pub(super) fn quoted(&mut self) -> Option<(Arc<str>, Range<usize>)> {
        let start = self.at;
        let quote = self.peek()?;
        let rest = &self.text[start + 1..];
        let line = &rest[..rest.find('\n').unwrap_or(rest.len())];
        let (text, length) = if quote == b'\'' {
            let end = line.find('\'')?;
            // A quote that is written twice is one of the text.
            if line.as_bytes().get(end + 1) == Some(&b'\'') {
                return None;
            }
            (line[..end].into(), end)
        } else {
            match line.find(['"', '\\'])? {
                end if line.as_bytes().get(end) == Some(&b'"') => (line[..end].into(), end),
                _ => escaped(line)?,
            }
        };
        self.at = start + length + 2;
        Some((text, start..self.at))
    }
}

/// A text with the common escapes, up to its quote, and how long it is as written.
fn escaped(line: &str) -> Option<(Arc<str>, usize)> {
    let mut text = String::with_capacity(line.len());
    let mut letters = line.char_indices();
    loop {
        match letters.next()? {
            (at, '"') => return Some((text.into(), at)),
            (_, '\\') => text.push(match letters.next()?.1 {
                letter @ ('\\' | '"') => letter,
                'n' => '\n',
                't' => '\t',
                _ => return None,
            }),
            (_, letter) => text.push(letter),
        }
    }
}
