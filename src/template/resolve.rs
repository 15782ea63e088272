//! Puts values into the holes of a skeleton.
//!
//! What is nothing falls away (rules 7 to 9), `<<` pours mappings and lists in (rules 10 to 12), and keys are
//! compared once they are text. Each finding points at a hole or at text of the skeleton; only a replay knows
//! where that is in a template, so in an ordinary rendering the findings have no place and are thrown away in
//! favour of those of the replay.

use std::sync::Arc;

use indexmap::IndexMap;
use minijinja::Value;
use minijinja::value::ValueKind;

use crate::diag::{Diagnostic, Diagnostics};
use crate::span::Span;
use crate::yaml::{Entry, Kind, Map, Node, Style, Text};

use super::convert::{Converter, describe, key_text, not_data, scalar_text};
use super::shape::{Key, Piece, Pieces, Shape, ShapeEntry};
use super::token::{Slot, has_reserved};
use super::trace::Places;

/// Resolves the documents of one skeleton.
pub(super) struct Resolver<'a> {
    pub(super) slots: &'a [Slot],
    pub(super) converter: Converter<'a>,
    /// In a replay: from places in the skeleton's text to places in templates.
    pub(super) places: Option<&'a Places<'a>>,
    pub(super) found: Diagnostics,
}

/// Whether an expression gave nothing: undefined by an `if` without `else`, none, or an empty capture.
pub(super) fn is_nothing(value: &Value) -> bool {
    value.is_undefined() || value.is_none() || is_empty_capture(value)
}

/// An empty capture is the empty string, marked as safe, which nothing else ever is: it behaves as text in
/// expressions and drops as a value.
pub(super) fn is_empty_capture(value: &Value) -> bool {
    value.is_safe() && value.as_str() == Some("")
}

impl Resolver<'_> {
    /// The node, or nothing if it is left out.
    pub(super) fn node(&mut self, shape: &Shape) -> Option<Node> {
        match shape {
            Shape::Omitted => None,
            Shape::Fixed(node) => Some(self.fixed(node)),
            Shape::Whole { hole, span } => self.whole(*hole, span),
            Shape::Text { text, span } => {
                let at = self.place(span);
                let text = self.text(text, &at)?;
                let kind = Kind::String(Text { text: text.0, style: Style::Computed });
                let mut node = Node::new(kind, at);
                node.tag = self.converter.log.and_then(|log| log.tag(&text.1));
                Some(node)
            }
            Shape::List { items, span } => {
                let mut list = Vec::with_capacity(items.len());
                for item in items {
                    self.item(item, &mut list);
                }
                Some(Node::new(Kind::List(list), self.place(span)))
            }
            Shape::Map { entries, distinct, span } => {
                let map = if *distinct { self.distinct(entries) } else { self.map(entries) };
                Some(Node::new(Kind::Map(map), self.place(span)))
            }
        }
    }

    fn place(&self, span: &Span) -> Span {
        self.places.map(|places| places.of(span)).unwrap_or_default()
    }

    /// Literal nodes are copied; in a replay their places are carried over.
    fn fixed(&mut self, node: &Node) -> Node {
        let mut copy = node.clone();
        if let Some(places) = self.places {
            places.relocate(&mut copy);
        }
        copy
    }

    fn whole(&mut self, hole: usize, span: &Span) -> Option<Node> {
        let slot = self.slots.get(hole)?;
        if is_nothing(&slot.value) {
            return None;
        }
        let place = if slot.place.is_known() { slot.place.clone() } else { self.place(span) };
        match self.converter.node(&slot.value, &place, &slot.causes) {
            Ok(node) => Some(node),
            Err(error) => {
                self.found.push(blame(error, &place, &slot.causes));
                None
            }
        }
    }

    fn item(&mut self, shape: &Shape, list: &mut Vec<Node>) {
        // An item that is only `<<: {{ list }}` is replaced by the list's items (rule 11).
        if let Shape::Map { entries, span, .. } = shape
            && let [ShapeEntry { key: Key::Merge, value, .. }] = entries.as_slice()
        {
            match self.node(value) {
                None | Some(Node { kind: Kind::Null, .. }) => {}
                Some(Node { kind: Kind::List(items), .. }) => list.extend(items),
                Some(node @ Node { kind: Kind::Map(_), .. }) => list.push(node),
                Some(node) => {
                    let at = self.blamed(value, span);
                    self.found.push(needs_mapping(&node, "a list or a mapping").at(&at, ""));
                }
            }
            return;
        }
        list.extend(self.node(shape));
    }

    /// A mapping whose keys are known to differ.
    fn distinct(&mut self, entries: &[ShapeEntry]) -> Map {
        let mut map = Map { entries: Vec::with_capacity(entries.len()) };
        for ShapeEntry { key, span, value } in entries {
            if let (Key::Fixed(text), Some(value)) = (key, self.node(value)) {
                let key = Text { text: text.clone(), style: Style::Computed };
                map.entries.push(Entry { key, key_span: self.place(span), value });
            }
        }
        map
    }

    fn map(&mut self, entries: &[ShapeEntry]) -> Map {
        // The explicit entries come first, as they win over merged ones wherever they stand.
        let mut explicit: IndexMap<Arc<str>, (usize, Entry)> =
            IndexMap::with_capacity(entries.len());
        for (index, entry) in entries.iter().enumerate() {
            let (key, key_span) = match &entry.key {
                Key::Merge => continue,
                Key::Fixed(text) => (Some(text.clone()), self.place(&entry.span)),
                Key::Text(pieces) => {
                    let at = self.place(&entry.span);
                    let at = pieces.only().map_or(at.clone(), |hole| self.slot_place(hole, &at));
                    (self.key(pieces, &at), at)
                }
            };
            let value = self.node(&entry.value);
            let (Some(text), Some(value)) = (key, value) else { continue };
            if let Some((_, first)) = explicit.get(&text) {
                self.found.push(
                    Diagnostic::error("template.duplicate-key", format!("duplicate key `{text}`"))
                        .at(&key_span, "written a second time")
                        .at(&first.key_span, "first written here")
                        .hint("keys are compared after their `{{ }}` have become text"),
                );
                continue;
            }
            let key = Text { text: text.clone(), style: Style::Computed };
            explicit.insert(text, (index, Entry { key, key_span, value }));
        }
        if !entries.iter().any(|entry| matches!(entry.key, Key::Merge)) {
            return Map { entries: explicit.into_values().map(|(_, entry)| entry).collect() };
        }
        self.merge(entries, explicit)
    }

    /// Pours what stands under `<<` in, each at its place; the first one to bring a key wins.
    fn merge(
        &mut self,
        entries: &[ShapeEntry],
        explicit: IndexMap<Arc<str>, (usize, Entry)>,
    ) -> Map {
        let mut merged: IndexMap<Arc<str>, (usize, Entry)> = IndexMap::new();
        for (index, entry) in entries.iter().enumerate() {
            if !matches!(entry.key, Key::Merge) {
                continue;
            }
            let maps = match self.node(&entry.value) {
                None | Some(Node { kind: Kind::Null, .. }) => continue,
                Some(Node { kind: Kind::List(items), .. }) => items,
                Some(node) => vec![node],
            };
            for node in maps {
                match node.kind {
                    Kind::Map(map) => {
                        for part in map.entries {
                            let text = part.key.text.clone();
                            if !explicit.contains_key(&text) {
                                merged.entry(text).or_insert((index, part));
                            }
                        }
                    }
                    Kind::Null => {}
                    _ => {
                        let at = self.blamed(&entry.value, &entry.span);
                        let error = needs_mapping(&node, "a mapping or a list of mappings");
                        self.found.push(error.at(&at, "this"));
                    }
                }
            }
        }
        let mut all: Vec<(usize, Entry)> =
            explicit.into_values().chain(merged.into_values()).collect();
        all.sort_by_key(|(index, _)| *index);
        Map { entries: all.into_iter().map(|(_, entry)| entry).collect() }
    }

    /// The place to blame for a value: its print, or where it is written.
    fn blamed(&self, shape: &Shape, otherwise: &Span) -> Span {
        match shape {
            Shape::Whole { hole, span } => self.slot_place(*hole, &self.place(span)),
            Shape::Fixed(node) => self.place(&node.span),
            Shape::Text { span, .. } | Shape::List { span, .. } | Shape::Map { span, .. } => {
                self.place(span)
            }
            Shape::Omitted => self.place(otherwise),
        }
    }

    fn slot_place(&self, hole: usize, otherwise: &Span) -> Span {
        self.slots
            .get(hole)
            .map(|slot| &slot.place)
            .filter(|place| place.is_known())
            .unwrap_or(otherwise)
            .clone()
    }

    fn key(&mut self, pieces: &Pieces, at: &Span) -> Option<Arc<str>> {
        let Some(hole) = pieces.only() else { return self.text(pieces, at).map(|(text, _)| text) };
        let slot = self.slots.get(hole)?;
        let text = key_text(&slot.value).and_then(|text| {
            self.converter.budget.pay(text.len())?;
            if has_reserved(&text) { Err(super::convert::reserved()) } else { Ok(text) }
        });
        match text {
            Ok(text) => Some(text),
            Err(error) => {
                self.found.push(blame(error, at, &slot.causes));
                None
            }
        }
    }

    /// A string with its holes filled (rules 3, 4 and 14), and the layer positions behind it.
    pub(super) fn text(&mut self, pieces: &Pieces, at: &Span) -> Option<(Arc<str>, Vec<Span>)> {
        let mut out = String::new();
        let mut causes = Vec::new();
        let mut whole = true;
        for piece in &pieces.parts {
            match piece {
                Piece::Literal(text) => out.push_str(text),
                Piece::Hole { hole, indent, alone } => {
                    let Some(slot) = self.slots.get(*hole) else { continue };
                    match inserted(&slot.value) {
                        Ok(text) => splice(&mut out, &text, indent.as_deref(), *alone),
                        Err(error) => {
                            let place = self.slot_place(*hole, at);
                            self.found.push(blame(error, &place, &slot.causes));
                            whole = false;
                        }
                    }
                    if let Some(log) = self.converter.log {
                        match log.origin(&slot.value) {
                            Some(mark) => causes.extend(mark.causes.iter().cloned()),
                            None => causes.extend(slot.causes.iter().cloned()),
                        }
                    }
                }
            }
        }
        if let Err(error) = self.converter.budget.pay(out.len()) {
            self.found.push(error.at(at, "this text"));
            return None;
        }
        whole.then(|| (out.into(), causes))
    }
}

/// The text of a value next to other text.
pub(super) fn inserted(value: &Value) -> Result<Arc<str>, Diagnostic> {
    match value.kind() {
        // Only an `if` without `else` gives an undefined value that is let through to here.
        ValueKind::Undefined => Ok("".into()),
        ValueKind::None => Err(Diagnostic::error("template.none-in-text", "none inside text")
            .hint("none and `omit` leave out a whole key or item, not a part of a text: give a default, `{{ x | default('', true) }}`, or put `{% if %}` around it")),
        _ => {
            if let Some(text) = scalar_text(value) {
                return if has_reserved(&text) {
                    Err(super::convert::reserved())
                } else {
                    Ok(text)
                };
            }
            let what = match value.kind() {
                ValueKind::Map if !super::convert::is_callable(value) => describe(value),
                ValueKind::Seq | ValueKind::Iterable => describe(value),
                _ => return Err(not_data(value)),
            };
            Err(Diagnostic::error("template.value-in-text", format!("{what} inside text")).hint(
                "say how it becomes text: `| tojson`, `| toyaml` or `| join(',')`; without other text on the line it keeps its type",
            ))
        }
    }
}

/// Rule 14: later lines of a value that is first on its line get the line's indentation, and if it is alone
/// there one trailing line break is dropped.
fn splice(out: &mut String, text: &str, indent: Option<&str>, alone: bool) {
    let text = if alone { text.strip_suffix('\n').unwrap_or(text) } else { text };
    match indent {
        Some(indent) if !indent.is_empty() => {
            for (index, line) in text.split('\n').enumerate() {
                if index > 0 {
                    out.push('\n');
                    if !line.is_empty() {
                        out.push_str(indent);
                    }
                }
                out.push_str(line);
            }
        }
        _ => out.push_str(text),
    }
}

fn needs_mapping(node: &Node, wanted: &str) -> Diagnostic {
    Diagnostic::error(
        "template.merge",
        format!("`<<` needs a mapping, this is {}", node.describe()),
    )
    .hint(format!("give it {wanted}, or none for nothing"))
}

/// Adds the print and the layer positions to a finding that has no place yet.
fn blame(error: Diagnostic, place: &Span, causes: &[Span]) -> Diagnostic {
    let mut error = error.at(place, "printed here");
    for cause in causes.iter().filter(|cause| *cause != place) {
        error = error.at(cause, "the value comes from here");
    }
    error
}
