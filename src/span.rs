//! Where something was written: a byte range in a named text.
//!
//! A [`Span`] carries its [`SourceText`], so whoever draws a diagnostic needs no access to the
//! [`Source`](crate::Source) that the text came from, and texts that are no files (a `--set` flag) are drawn
//! like any other. Lines and columns are counted only when somebody asks, both from 1; columns are characters.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// A text with the name that users know it by: a path under the project root, or `--set a=1`.
#[derive(Clone)]
pub struct SourceText(Arc<Inner>);

struct Inner {
    name: String,
    text: Arc<str>,
}

impl SourceText {
    /// Names a text.
    pub fn new(name: impl Into<String>, text: impl Into<Arc<str>>) -> Self {
        Self(Arc::new(Inner { name: name.into(), text: text.into() }))
    }

    /// The name to show: a path with `/` separators, or a flag as it was typed.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// The whole text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0.text
    }

    /// A span over `range` (bytes) of this text; both ends are moved onto character borders inside the text.
    #[must_use]
    pub fn span(&self, range: Range<usize>) -> Span {
        let text = self.text();
        let border = |mut at: usize| {
            at = at.min(text.len());
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        let start = border(range.start);
        Span { source: Some(self.clone()), start, end: border(range.end).max(start) }
    }

    /// Line and column, both from 1, of a byte offset.
    #[must_use]
    pub fn position(&self, offset: usize) -> Position {
        let before = &self.text()[..offset.min(self.text().len())];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Position {
            line: before.bytes().filter(|&byte| byte == b'\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }

    /// The byte range of a line (from 1), without its line break; empty at the end for a line past the last.
    #[must_use]
    pub fn line_range(&self, line: usize) -> Range<usize> {
        let text = self.text();
        let start = if line <= 1 {
            0
        } else {
            text.match_indices('\n').nth(line - 2).map_or(text.len(), |(at, _)| at + 1)
        };
        let end = text[start..].find('\n').map_or(text.len(), |at| start + at);
        start..end
    }
}

impl fmt::Debug for SourceText {
    /// Names the text only: it may hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SourceText({})", self.0.name)
    }
}

/// A line and a column, both counted from 1; the column counts characters.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

/// A byte range in a [`SourceText`], or nowhere ([`Span::default`]) for what no one wrote.
#[derive(Clone, Default)]
pub struct Span {
    source: Option<SourceText>,
    start: usize,
    end: usize,
}

impl Span {
    /// The text this span lies in; `None` for a span that is nowhere.
    #[must_use]
    pub fn source(&self) -> Option<&SourceText> {
        self.source.as_ref()
    }

    /// The name of the text, `""` for a span that is nowhere.
    #[must_use]
    pub fn name(&self) -> &str {
        self.source.as_ref().map_or("", SourceText::name)
    }

    /// The byte range.
    #[must_use]
    pub fn range(&self) -> Range<usize> {
        self.start..self.end
    }

    /// Whether the span points anywhere.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.source.is_some()
    }

    /// Line and column of the first byte.
    #[must_use]
    pub fn start(&self) -> Option<Position> {
        self.source.as_ref().map(|source| source.position(self.start))
    }

    /// Line and column just after the last byte.
    #[must_use]
    pub fn end(&self) -> Option<Position> {
        self.source.as_ref().map(|source| source.position(self.end))
    }

    /// The text that the span covers.
    #[must_use]
    pub fn text(&self) -> &str {
        self.source.as_ref().map_or("", |source| &source.text()[self.start..self.end])
    }

    /// The smallest span over both; `self` when they lie in different texts.
    #[must_use]
    pub fn to(&self, other: &Span) -> Span {
        if self.name() != other.name() {
            return self.clone();
        }
        Span {
            source: self.source.clone(),
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }
}

impl fmt::Display for Span {
    /// `file:line:column`, the form that editors and terminals turn into a link.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.start() {
            Some(Position { line, column }) => write!(f, "{}:{line}:{column}", self.name()),
            None => f.write_str("(unknown position)"),
        }
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl PartialEq for Span {
    fn eq(&self, other: &Self) -> bool {
        (self.name(), self.start, self.end) == (other.name(), other.start, other.end)
    }
}

impl Eq for Span {}

impl PartialOrd for Span {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Span {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.name(), self.start, self.end).cmp(&(other.name(), other.start, other.end))
    }
}
