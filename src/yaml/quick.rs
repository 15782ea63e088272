//! The YAML that people mostly write, read without events.
//!
//! Block mappings and lists, one-line scalars, flow collections and `|` texts are what layers, schemas, templates and
//! manifests are made of. This reader knows only these and gives up on anything else: on what it does not know, and
//! on whatever is wrong or looks as if it might be. Then [`Parse`] asks the real parser, which is the authority on
//! what YAML is and says what is wrong. Where this one answers, the tree is the same to the last span; tests and a
//! fuzz target hold it to that.

mod flow;
mod literal;
mod scalar;

use std::collections::BTreeSet;
use std::ops::Range;

use crate::span::SourceText;

use super::entries::is_merge;
use super::scalar::is_null;
use super::{Entry, Kind, Map, Node, Parse, Style, Text};

use self::scalar::Stop;

/// A key may stand this far before its colon (YAML 1.2, 7.4.2).
const LONGEST_KEY: usize = 1024;
/// Levels of nesting; deeper ones are left to the parser, which needs no stack for them.
const DEPTH: usize = 48;

/// The documents of a text, if it is simple enough.
pub(super) fn read(parse: &Parse, source: &SourceText, most: usize) -> Option<Vec<Node>> {
    let text = source.text();
    if !is_ordinary(text) {
        return None;
    }
    let mut quick = Quick {
        parse,
        source,
        text,
        bytes: text.as_bytes(),
        at: 0,
        line: 0,
        marker: false,
        left: DEPTH,
    };
    quick.left = quick.left.min(parse.limits.depth);
    let mut documents = Vec::new();
    quick.settle();
    while quick.at < text.len() {
        if quick.marker {
            // After a `...` there may be directives.
            if quick.peek() != Some(b'-') {
                return None;
            }
            quick.at += 3;
            quick.end_of_line()?;
        }
        if quick.ended() || documents.len() >= most {
            return None;
        }
        documents.push(quick.block()?);
        if !quick.ended() {
            return None;
        }
    }
    Some(documents)
}

/// Whether there is nothing in a text that only the parser should judge: tabs, carriage returns, control characters
/// and line breaks of Unicode.
fn is_ordinary(text: &str) -> bool {
    let bytes = text.as_bytes();
    // DEL, and what begins U+0080 to U+00BF, U+2000 to U+2FFF and U+F000 to U+FFFF.
    let suspect =
        |byte: u8| (byte < b' ' && byte != b'\n') || matches!(byte, 0x7F | 0xC2 | 0xE2 | 0xEF);
    !bytes.iter().any(|&byte| suspect(byte))
        || text.chars().all(|letter| match letter {
            '\n' => true,
            '\u{2028}' | '\u{2029}' | '\u{F000}'..='\u{FFFF}' => false,
            letter => !letter.is_control(),
        })
}

/// What is being read, and how far.
struct Quick<'a> {
    parse: &'a Parse,
    source: &'a SourceText,
    text: &'a str,
    bytes: &'a [u8],
    /// The next byte to look at.
    at: usize,
    /// Where its line begins.
    line: usize,
    /// A `---` stands here.
    marker: bool,
    /// Levels that may still be opened.
    left: usize,
}

impl Quick<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn column(&self) -> usize {
        self.at - self.line
    }

    /// Whether the document has no more content.
    fn ended(&self) -> bool {
        self.marker || self.at >= self.bytes.len()
    }

    fn skip_blanks(&mut self) {
        while self.peek() == Some(b' ') {
            self.at += 1;
        }
    }

    /// Goes from the beginning of a line to the next content, over empty lines and comments.
    fn settle(&mut self) {
        loop {
            self.line = self.at;
            self.skip_blanks();
            match self.peek() {
                Some(b'\n') => self.at += 1,
                Some(b'#') => self.skip_line(),
                _ => break,
            }
        }
        let rest = &self.bytes[self.at..];
        self.marker = self.column() == 0
            && (rest.starts_with(b"---") || rest.starts_with(b"..."))
            && matches!(rest.get(3), None | Some(b' ' | b'\n'));
    }

    /// To the beginning of the next line.
    fn skip_line(&mut self) {
        let rest = &self.bytes[self.at..];
        self.at += rest.iter().position(|&byte| byte == b'\n').map_or(rest.len(), |feed| feed + 1);
    }

    /// Nothing but blanks and a comment may follow on this line; goes to the next content.
    fn end_of_line(&mut self) -> Option<()> {
        self.skip_blanks();
        match self.peek() {
            None => {}
            Some(b'\n') => self.at += 1,
            Some(b'#') if self.bytes[self.at - 1] == b' ' => self.skip_line(),
            Some(_) => return None,
        }
        self.settle();
        Some(())
    }

    /// Whether an item of a list begins here.
    fn is_item(&self) -> bool {
        self.peek() == Some(b'-')
            && matches!(self.bytes.get(self.at + 1), None | Some(b' ' | b'\n'))
    }

    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        self.left = self.left.checked_sub(1)?;
        let read = read(self);
        self.left += 1;
        read
    }

    /// A mapping or a list in block style; what stands here gives its column.
    fn block(&mut self) -> Option<Node> {
        let column = self.column();
        self.deeper(|quick| if quick.is_item() { quick.list(column) } else { quick.map(column) })
    }

    fn list(&mut self, column: usize) -> Option<Node> {
        let start = self.at;
        let mut end = start;
        let mut items = Vec::new();
        loop {
            self.at += 1;
            let item = self.value(column, None)?;
            end = end.max(item.span.range().end);
            items.push(item);
            if self.ended() || self.column() < column {
                break;
            }
            if self.column() > column {
                return None;
            }
            if !self.is_item() {
                break;
            }
        }
        Some(Node::new(Kind::List(items), self.source.span(start..end)))
    }

    fn map(&mut self, column: usize) -> Option<Node> {
        let start = self.at;
        let mut end = start;
        let mut entries = Vec::new();
        loop {
            let (key, range) = self.key()?;
            let value = self.value(column, Some(self.at))?;
            end = end.max(value.span.range().end);
            entries.push(Entry { key, key_span: self.source.span(range), value });
            if self.ended() || self.column() < column {
                break;
            }
            if self.column() > column || self.is_item() {
                return None;
            }
        }
        self.collected(entries, start..end)
    }

    /// A mapping, unless there is something to say about its keys.
    fn collected(&self, entries: Vec<Entry>, range: Range<usize>) -> Option<Node> {
        if self.parse.merge_keys && entries.iter().any(is_merge) {
            return None;
        }
        if self.parse.duplicate_keys {
            let twice = if entries.len() < 16 {
                let known = |(at, entry): (usize, &Entry)| {
                    entries[..at].iter().any(|other| other.key.text == entry.key.text)
                };
                entries.iter().enumerate().any(known)
            } else {
                let mut known = BTreeSet::new();
                !entries.iter().all(|entry| known.insert(&entry.key.text))
            };
            if twice {
                return None;
            }
        }
        Some(Node::new(Kind::Map(Map { entries }), self.source.span(range)))
    }

    /// A key with its colon.
    fn key(&mut self) -> Option<(Text, Range<usize>)> {
        let (key, range) = if matches!(self.peek(), Some(b'"' | b'\'')) {
            let (text, range) = self.quoted()?;
            self.skip_blanks();
            (Text { text, style: Style::Quoted }, range)
        } else {
            let (range, stop) = self.plain(false)?;
            if stop != Stop::Colon || is_null(&self.text[range.clone()]) {
                return None;
            }
            (Text { text: self.text[range.clone()].into(), style: Style::Plain }, range)
        };
        let after = self.bytes.get(self.at + 1);
        if self.peek() != Some(b':')
            || !matches!(after, None | Some(b' ' | b'\n'))
            || self.at - range.start > LONGEST_KEY
        {
            return None;
        }
        self.at += 1;
        Some((key, range))
    }

    /// What follows a dash or a colon; `colon`: the place right after that. Goes on to the next content.
    fn value(&mut self, column: usize, colon: Option<usize>) -> Option<Node> {
        self.skip_blanks();
        match self.peek() {
            None | Some(b'\n' | b'#') => {
                self.end_of_line()?;
                if !self.ended() && self.column() > column {
                    return self.block();
                }
                // Only a key may have nothing, or a list that is not indented.
                let colon = colon?;
                if !self.ended() && self.column() == column && self.is_item() {
                    let dash = self.at;
                    let mut list = self.block()?;
                    // The parser takes such a list to begin behind its first dash.
                    let blanks = self.bytes[dash + 1..].iter().take_while(|byte| **byte == b' ');
                    let start = dash + 1 + blanks.count();
                    list.span = self.source.span(start..list.span.range().end);
                    return Some(list);
                }
                return Some(Node::new(Kind::Null, self.source.span(colon..colon)));
            }
            Some(b'|') => return self.literal(column),
            Some(_) => {}
        }
        if colon.is_none() && (self.is_item() || self.is_key()) {
            return self.block();
        }
        let node = match self.peek()? {
            b'[' | b'{' => self.flow(column)?,
            b'"' | b'\'' => {
                let (text, range) = self.quoted()?;
                let kind = Kind::String(Text { text, style: Style::Quoted });
                Node::new(kind, self.source.span(range))
            }
            _ => {
                let (range, stop) = self.plain(false)?;
                if stop == Stop::Colon {
                    return None;
                }
                self.resolved(range)
            }
        };
        self.end_of_line()?;
        // What is indented further would belong to this value.
        (self.ended() || self.column() <= column).then_some(node)
    }

    /// Whether a key stands here.
    fn is_key(&mut self) -> bool {
        let start = self.at;
        let key = self.key().is_some();
        self.at = start;
        key
    }
}
