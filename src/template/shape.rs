//! Skeletons: YAML with holes where values will be, read once per shape.
//!
//! A template that renders 40 Services leaves 40 texts that differ in token numbers only. With every token cut
//! down to one character they are equal, and so is their tree. [`Shapes`] keeps such trees by their text; the
//! values are put in by [`resolve`](super::resolve).

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::{Arc, PoisonError, RwLock};

use indexmap::IndexMap;

use crate::diag::{Diagnostic, Diagnostics};
use crate::span::{SourceText, Span};
use crate::yaml::{Kind, Limits, Node, Parse, Reading, Style, Text};

use super::token::{OPEN, has_reserved};

/// A node of a skeleton.
#[derive(Debug)]
pub(super) enum Shape {
    /// Without any hole, merge or omission below.
    Fixed(Node),
    /// `key:` with nothing after it.
    Omitted,
    /// A hole that is the whole scalar: the value with its type.
    Whole {
        hole: usize,
        span: Span,
    },
    /// A string with holes.
    Text {
        text: Pieces,
        span: Span,
    },
    List {
        items: Vec<Shape>,
        span: Span,
    },
    Map {
        entries: Vec<ShapeEntry>,
        /// Nothing is merged in, and no two keys can be the same.
        distinct: bool,
        span: Span,
    },
}

/// A key and its value in a skeleton.
#[derive(Debug)]
pub(super) struct ShapeEntry {
    pub(super) key: Key,
    pub(super) span: Span,
    pub(super) value: Shape,
}

/// A key in a skeleton.
#[derive(Debug)]
pub(super) enum Key {
    Fixed(Arc<str>),
    /// A plain `<<`.
    Merge,
    Text(Pieces),
}

/// A string cut at its holes.
#[derive(Debug)]
pub(super) struct Pieces {
    pub(super) parts: Vec<Piece>,
}

/// A part of a string.
#[derive(Debug)]
pub(super) enum Piece {
    Literal(Arc<str>),
    Hole {
        hole: usize,
        /// Block text only: what stands before the hole on its line when that is all blanks.
        indent: Option<Arc<str>>,
        /// Block text only: nothing else stands on the line.
        alone: bool,
    },
}

impl Pieces {
    /// Cuts a text whose first hole is `hole`; in a `block`, lines of values follow the indentation (rule 14).
    pub(super) fn cut(text: &str, mut hole: usize, block: bool) -> Self {
        let mut parts = Vec::new();
        let mut at = 0;
        for (position, _) in text.match_indices(OPEN) {
            if position > at {
                parts.push(Piece::Literal(text[at..position].into()));
            }
            at = position + OPEN.len_utf8();
            let line = &text[text[..position].rfind('\n').map_or(0, |feed| feed + 1)..position];
            let indent =
                (block && line.chars().all(|c| c == ' ' || c == '\t')).then(|| line.into());
            let after = &text[at..];
            let alone = indent.is_some() && (after.is_empty() || after.starts_with('\n'));
            parts.push(Piece::Hole { hole, indent, alone });
            hole += 1;
        }
        if at < text.len() {
            parts.push(Piece::Literal(text[at..].into()));
        }
        Self { parts }
    }

    /// The hole, if that is all there is.
    pub(super) fn only(&self) -> Option<usize> {
        match self.parts.as_slice() {
            [Piece::Hole { hole, .. }] => Some(*hole),
            _ => None,
        }
    }
}

/// The documents of a stretch of text.
#[derive(Debug)]
pub(super) struct Skeleton {
    pub(super) documents: Vec<Shape>,
    /// Whether each document is a plain scalar on the page, which captured text takes for text (rule 16).
    pub(super) plain: Vec<bool>,
    /// Documents that are plain values over several lines; in captured text that is no fault, but text.
    pub(super) folded: Diagnostics,
}

/// Reads a skeleton. `keep` keeps the places (in the skeleton's text) for a replay.
pub(super) fn read(source: &SourceText, keep: bool) -> Result<Skeleton, Diagnostics> {
    let parse = Parse {
        reading: Reading::Kubectl,
        limits: Limits::default(),
        tags: false,
        merge_keys: false,
        duplicate_keys: false,
    };
    let nodes = parse.documents(source)?;
    let text = source.text();
    let holes: Vec<usize> = text.match_indices(OPEN).map(|(at, _)| at).collect();
    let mut reader = Reader {
        text,
        holes,
        keep,
        used: Vec::new(),
        found: Diagnostics::new(),
        folded: Diagnostics::new(),
    };
    reader.used.resize(reader.holes.len(), false);
    let plain = nodes.iter().map(is_plain).collect();
    let mut documents = Vec::with_capacity(nodes.len());
    let mut folded = Diagnostics::new();
    for node in nodes {
        let root = matches!(node.kind, Kind::String(_));
        documents.push(reader.shape(node));
        let lines = std::mem::take(&mut reader.folded);
        if root { &mut folded } else { &mut reader.found }.extend(lines);
    }
    reader.names(source);
    reader.found.into_result(Skeleton { documents, plain, folded })
}

fn is_plain(node: &Node) -> bool {
    match &node.kind {
        Kind::String(text) => text.style == Style::Plain,
        Kind::Null => !node.is_implicit_null(),
        Kind::Bool(_) | Kind::Number(_) => true,
        Kind::List(_) | Kind::Map(_) => false,
    }
}

struct Reader<'a> {
    text: &'a str,
    /// The offsets of the holes.
    holes: Vec<usize>,
    keep: bool,
    /// Which holes stand in a scalar; others are in comments, or in names.
    used: Vec<bool>,
    found: Diagnostics,
    /// Plain values over several lines.
    folded: Diagnostics,
}

impl Reader<'_> {
    fn shape(&mut self, node: Node) -> Shape {
        let span = node.span.clone();
        if node.is_implicit_null() {
            return Shape::Omitted;
        }
        match node.kind {
            Kind::String(ref text) if has_reserved(&text.text) => {
                let (style, text) = (text.style, text.text.clone());
                let pieces = self.pieces(&text, style, &span);
                match pieces.only() {
                    Some(hole) if style == Style::Plain => {
                        Shape::Whole { hole, span: self.place(span) }
                    }
                    _ => Shape::Text { text: pieces, span: self.place(span) },
                }
            }
            Kind::List(items) => {
                let items: Vec<Shape> = items.into_iter().map(|item| self.shape(item)).collect();
                if items.iter().all(|item| matches!(item, Shape::Fixed(_))) {
                    let items = items.into_iter().filter_map(fixed).collect();
                    return Shape::Fixed(Node::new(Kind::List(items), self.place(span)));
                }
                Shape::List { items, span: self.place(span) }
            }
            Kind::Map(map) => {
                let entries: Vec<_> = map
                    .entries
                    .into_iter()
                    .map(|entry| {
                        let key = self.key(&entry.key, &entry.key_span);
                        let value = self.shape(entry.value);
                        ShapeEntry { key, span: self.place(entry.key_span), value }
                    })
                    .collect();
                // One with duplicate keys is kept open: they are reported when it is resolved.
                let distinct = distinct(&entries);
                Shape::Map { entries, distinct, span: self.place(span) }
            }
            kind => Shape::Fixed(Node::new(kind, self.place(span))),
        }
    }

    fn place(&self, span: Span) -> Span {
        if self.keep { span } else { Span::default() }
    }

    fn key(&mut self, key: &Text, span: &Span) -> Key {
        if &*key.text == "<<" && key.style == Style::Plain {
            Key::Merge
        } else if has_reserved(&key.text) {
            Key::Text(self.pieces(&key.text, key.style, span))
        } else {
            Key::Fixed(key.text.clone())
        }
    }

    fn pieces(&mut self, text: &str, style: Style, span: &Span) -> Pieces {
        let range = self.written(span);
        let first = self.holes.partition_point(|&at| at < range.start);
        let last = self.holes.partition_point(|&at| at < range.end);
        if text.matches(OPEN).count() != last - first {
            self.found.push(
                Diagnostic::error(
                    "template.reserved",
                    "this text spells out a reserved character (U+10FFFE or U+10FFFF)",
                )
                .at(span, ""),
            );
        }
        for used in &mut self.used[first..last] {
            *used = true;
        }
        if matches!(style, Style::Plain | Style::Tagged)
            && self.text[range].trim_end().contains('\n')
        {
            self.folded.push(
                Diagnostic::error("template.plain-lines", "a plain value with `{{ }}` may not span lines")
                    .at(span, "these lines would be folded into one text")
                    .hint("to pour a mapping into the one above write `<<: {{ … }}`; for text over several lines use a `|` block"),
            );
        }
        Pieces::cut(text, first, style == Style::Block)
    }

    /// Where the text of a scalar stands: an alias has its own place, its text is at the anchor.
    fn written(&self, span: &Span) -> Range<usize> {
        let range = span.range();
        let Some(name) = self.text[range.clone()].strip_prefix('*') else { return range };
        let anchor = format!("&{}", name.trim_end());
        let Some(at) = self.text[..range.start].rfind(&anchor) else { return range };
        let start = at + anchor.len();
        let end = self.text[start..].find('\n').map_or(self.text.len(), |feed| start + feed);
        start..end
    }

    /// Holes that no scalar owns stand in comments, which is fine, or name an anchor, an alias or a tag.
    fn names(&mut self, source: &SourceText) {
        for (&at, _) in self.holes.iter().zip(&self.used).filter(|(_, used)| !**used) {
            let before = &self.text[..at];
            let line = &before[before.rfind('\n').map_or(0, |feed| feed + 1)..];
            let word = &line[line.rfind([' ', '\t', '[', '{', ',']).map_or(0, |blank| blank + 1)..];
            if word.starts_with(['&', '*', '!']) && !line.contains('#') {
                self.found.push(
                    Diagnostic::error(
                        "template.name",
                        "an anchor, alias or tag may not be named by `{{ }}`",
                    )
                    .at(&source.span(at..at + 1), "")
                    .hint("print the value itself instead"),
                );
            }
        }
    }
}

/// Whether no two keys can be the same, whatever the values.
fn distinct(entries: &[ShapeEntry]) -> bool {
    let mut known = BTreeSet::new();
    entries.iter().all(|entry| matches!(&entry.key, Key::Fixed(text) if known.insert(text)))
}

fn fixed(shape: Shape) -> Option<Node> {
    match shape {
        Shape::Fixed(node) => Some(node),
        _ => None,
    }
}

/// Skeletons by their text, shared by all renderings.
#[derive(Debug, Default)]
pub(super) struct Shapes(RwLock<Known>);

#[derive(Debug, Default)]
struct Known {
    skeletons: IndexMap<Box<str>, Arc<Skeleton>>,
    bytes: usize,
}

/// Text kept before the cache starts anew; real charts need a few hundred kilobytes.
const BYTES: usize = 16 << 20;

impl Shapes {
    /// The skeleton of a text.
    pub(super) fn get(&self, name: &str, text: &str) -> Result<Arc<Skeleton>, Diagnostics> {
        if let Some(known) =
            self.0.read().unwrap_or_else(PoisonError::into_inner).skeletons.get(text)
        {
            return Ok(known.clone());
        }
        let skeleton = Arc::new(read(&SourceText::new(name, text), false)?);
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if known.bytes + text.len() > BYTES {
            *known = Known::default();
        }
        known.bytes += text.len();
        known.skeletons.insert(text.into(), skeleton.clone());
        Ok(skeleton)
    }
}

/// Cuts a stream in front of its `---` lines, so that each document has a shape of its own.
pub(super) fn documents(text: &str) -> Vec<Range<usize>> {
    if text.lines().any(|line| line.starts_with('%')) {
        // A directive belongs to the document after its `---`.
        return std::iter::once(0..text.len()).collect();
    }
    let mut starts = vec![0];
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let marker = line
            .strip_prefix("---")
            .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\n', '\r']));
        if at > 0 && marker {
            starts.push(at);
        }
        at += line.len();
    }
    starts.push(text.len());
    starts.windows(2).map(|pair| pair[0]..pair[1]).collect()
}
