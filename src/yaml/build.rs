//! Events in, a tree out.
//!
//! One [`Frame`] is open per collection, so nesting costs no stack. What an alias adds is counted against a budget
//! before it is copied, in nodes and in levels.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::{ControlFlow, Range};
use std::sync::Arc;

use granit_parser::{Event, ScalarStyle, StructureStyle};

use crate::diag::{Diagnostic, Diagnostics};
use crate::span::{SourceText, Span};

use super::entries::{duplicates, is_merge, merge};
use super::findings::Findings;
use super::frame::{Built, Content, Frame, Key};
use super::scalar::{Resolved, is_null, resolve};
use super::syntax::template_hint;
use super::tags::{Meaning, force, unknown_tag};
use super::{Entry, Kind, Map, Node, Parse, Style, Tag, Text};

/// Whether to go on reading.
type Flow = ControlFlow<()>;

/// Makes trees of the events of one text.
pub(crate) struct Builder<'a> {
    parse: &'a Parse,
    source: &'a SourceText,
    frames: Vec<Frame>,
    anchors: BTreeMap<usize, Built>,
    /// Nodes that aliases have added.
    added: usize,
    documents: Vec<Node>,
    found: Findings,
    /// Template syntax was found in the place of a key; what the parser then stumbles over is no news.
    template: bool,
}

impl<'a> Builder<'a> {
    pub(crate) fn new(parse: &'a Parse, source: &'a SourceText) -> Self {
        Self {
            parse,
            source,
            frames: Vec::new(),
            anchors: BTreeMap::new(),
            added: 0,
            documents: Vec::new(),
            found: Findings::default(),
            template: false,
        }
    }

    /// Reports what ended the reading, unless its cause was reported already.
    pub(crate) fn report_syntax(&mut self, finding: Diagnostic) {
        if !self.template {
            self.report(finding);
        }
    }

    pub(crate) fn report(&mut self, finding: Diagnostic) {
        self.found.report(finding);
    }

    pub(crate) fn finish(self) -> Result<Vec<Node>, Diagnostics> {
        self.found.into_result(self.documents)
    }

    /// Takes the next event.
    pub(crate) fn event(
        &mut self,
        event: Event<'_>,
        span: &granit_parser::Span,
        range: Range<usize>,
    ) -> Flow {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let tag = Meaning::of(tag, span, self.source, self.parse.tags, &mut self.found);
                self.scalar(text, style, anchor, tag, range);
            }
            Event::SequenceStart(style, anchor, tag) => {
                let tag = self.collection_tag(tag, span, "seq");
                return self.open(Content::List(Vec::new()), style, anchor, tag, range);
            }
            Event::MappingStart(style, anchor, tag) => {
                let tag = self.collection_tag(tag, span, "map");
                return self.open(Content::Map(Vec::new(), Key::Next), style, anchor, tag, range);
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(range.end),
            Event::Alias(anchor) => return self.alias(anchor, range),
            Event::UnresolvedAlias(name) => {
                let place = self.source.span(range.clone());
                let glob = name.contains(['.', '*', '/', ':']);
                let hint = if glob {
                    format!(
                        "a plain text may not start with `*`: write \"*{}\"",
                        name.trim_end_matches(':')
                    )
                } else {
                    format!("an anchor `&{name}` must stand before its first alias")
                };
                self.report(
                    Diagnostic::error(
                        "yaml.unknown-anchor",
                        format!("there is no anchor `{name}`"),
                    )
                    .at(&place, "")
                    .hint(hint),
                );
                // A mapping, so that a `<<` before it is not reported too.
                let node = Node::new(Kind::Map(Map::default()), place);
                self.deliver(Built::leaf(node, None), range.end);
            }
            Event::DocumentEnd => self.anchors.clear(),
            _ => {}
        }
        Flow::Continue(())
    }

    fn wants_key(&self) -> bool {
        matches!(self.frames.last(), Some(Frame { content: Content::Map(_, Key::Next), .. }))
    }

    fn scalar(
        &mut self,
        text: Cow<'_, str>,
        style: ScalarStyle,
        anchor: usize,
        tag: Meaning,
        mut range: Range<usize>,
    ) {
        let plain = style == ScalarStyle::Plain;
        let implicit = plain && range.is_empty();
        let text = if implicit { Cow::Borrowed("") } else { text };
        let wants_key = self.wants_key();
        if implicit && !wants_key {
            let place = self.after_colon(range.start);
            range = place..place;
        }
        let tagged = matches!(tag, Meaning::Standard("str", _));
        let style = match style {
            ScalarStyle::Plain if tagged => Style::Tagged,
            ScalarStyle::Plain => Style::Plain,
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => Style::Quoted,
            ScalarStyle::Literal | ScalarStyle::Folded => Style::Block,
        };
        let span = self.source.span(range.clone());
        let written = (wants_key || anchor != 0).then(|| Text { text: Arc::from(&*text), style });
        if wants_key {
            if let Meaning::Local(tag) = &tag {
                self.report(unknown_tag(&tag.name, &tag.span, "a key cannot have a tag"));
            }
            if anchor != 0
                && let Some(written) = &written
            {
                let kind = Kind::String(written.clone());
                let node = Node::new(kind, span.clone());
                self.anchors.insert(anchor, Built::leaf(node, Some(written.clone())));
            }
            self.key(written, span);
            return;
        }
        let resolved = if plain { resolve(&text, self.parse.reading) } else { Resolved::String };
        let (resolved, tag) = match tag {
            Meaning::None => (resolved, None),
            Meaning::Local(tag) => (resolved, Some(tag)),
            Meaning::Standard(name, place) => {
                (force(name, &text, resolved, &place, self.parse.reading, &mut self.found), None)
            }
        };
        let kind = match resolved {
            Resolved::Null => Kind::Null,
            Resolved::Bool(value) => Kind::Bool(value),
            Resolved::Number(number) => Kind::Number(number),
            Resolved::String => Kind::String(match &written {
                Some(written) => written.clone(),
                None => Text { text: Arc::from(&*text), style },
            }),
        };
        let built = Built::leaf(Node { kind, span, tag }, written);
        if anchor != 0 {
            self.anchors.insert(anchor, built.clone());
        }
        self.deliver(built, range.end);
    }

    /// The place of a value that is not there: right after the colon, which `granit` may stand before.
    fn after_colon(&self, at: usize) -> usize {
        let rest = self.source.text().as_bytes().get(at..).unwrap_or_default();
        let blanks = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let in_map = matches!(self.frames.last(), Some(Frame { content: Content::Map(..), .. }));
        if in_map && rest.get(blanks) == Some(&b':') { at + blanks + 1 } else { at }
    }

    fn open(
        &mut self,
        content: Content,
        style: StructureStyle,
        anchor: usize,
        tag: Option<Arc<Tag>>,
        range: Range<usize>,
    ) -> Flow {
        if self.frames.len() >= self.parse.limits.depth {
            let place = self.source.span(range);
            self.too_deep(&place);
            return Flow::Break(());
        }
        let mut refused = self.frames.last().is_some_and(|outer| outer.refused);
        if self.wants_key() && !refused {
            self.complex_key(range.clone());
            refused = true;
        }
        self.frames.push(Frame {
            content,
            block: style == StructureStyle::Block,
            start: range.start,
            end: range.end,
            tag,
            anchor,
            size: 1,
            height: 1,
            refused,
        });
        Flow::Continue(())
    }

    fn too_deep(&mut self, place: &Span) {
        let depth = self.parse.limits.depth;
        self.report(
            Diagnostic::error("yaml.depth", format!("nested more than {depth} levels deep"))
                .at(place, "one level too many"),
        );
    }

    fn complex_key(&mut self, range: Range<usize>) {
        // Looking for a hint costs a line, and all keys may stand in one.
        if self.found.is_full() {
            return;
        }
        let place = self.source.span(range.clone());
        let template = template_hint(self.source, range.start);
        self.template |= template.is_some();
        let hint = template
            .unwrap_or_else(|| "a key is a text; quote it if the brackets belong to it".to_owned());
        self.report(
            Diagnostic::error("yaml.key", "a mapping or a list cannot be a key")
                .at(&place, "used as a key")
                .hint(hint),
        );
    }

    fn close(&mut self, end: usize) {
        let Some(frame) = self.frames.pop() else { return };
        let end = if frame.block { frame.end } else { frame.end.max(end) };
        let kind = match frame.content {
            Content::List(items) => Kind::List(items),
            Content::Map(mut entries, _) => {
                if self.parse.duplicate_keys {
                    duplicates(&entries, &mut self.found);
                }
                if self.parse.merge_keys && entries.iter().any(is_merge) {
                    entries = merge(entries, &mut self.found);
                }
                Kind::Map(Map { entries })
            }
        };
        let span = self.source.span(frame.start..end);
        let node = Node { kind, span, tag: frame.tag };
        let built = Built { node, written: None, size: frame.size, height: frame.height };
        if frame.anchor != 0 {
            // An anchor inside another's value is kept twice; nested deeply enough that is as bad as an alias.
            if self.frames.iter().any(|outer| outer.anchor != 0) {
                self.added = self.added.saturating_add(built.size);
            }
            if self.added <= self.parse.limits.alias_nodes {
                self.anchors.insert(frame.anchor, built.clone());
            }
        }
        self.deliver(built, end);
    }

    fn alias(&mut self, anchor: usize, range: Range<usize>) -> Flow {
        let place = self.source.span(range.clone());
        let open = self.frames.iter().any(|frame| frame.anchor == anchor);
        let (size, height) =
            self.anchors.get(&anchor).map_or((1, 1), |target| (target.size, target.height));
        if !open {
            self.added = self.added.saturating_add(size);
        }
        if self.added > self.parse.limits.alias_nodes {
            let most = self.parse.limits.alias_nodes;
            self.report(
                Diagnostic::error(
                    "yaml.alias-limit",
                    format!("aliases add more than {most} values to this text"),
                )
                .at(&place, "the limit is reached here")
                .hint("write fewer aliases to values that hold aliases themselves"),
            );
            return Flow::Break(());
        }
        if self.frames.len() + height > self.parse.limits.depth.saturating_add(1) {
            self.too_deep(&place);
            return Flow::Break(());
        }
        let built = match self.anchors.get(&anchor) {
            Some(target) if !open => {
                let mut built = target.clone();
                built.node.span = place;
                built
            }
            _ => {
                self.report(
                    Diagnostic::error("yaml.unknown-anchor", "a value cannot hold itself")
                        .at(&place, "this alias stands inside the value of its own anchor"),
                );
                Built::leaf(Node::new(Kind::Null, place), None)
            }
        };
        if self.wants_key() {
            let span = built.node.span.clone();
            if built.written.is_none() {
                self.complex_key(range);
            }
            self.key(built.written, span);
        } else {
            self.deliver(built, range.end);
        }
        Flow::Continue(())
    }

    /// Takes the key of the open mapping; without a text it was refused already.
    fn key(&mut self, text: Option<Text>, span: Span) {
        let null = text.as_ref().is_some_and(|key| key.style == Style::Plain && is_null(&key.text));
        if null {
            self.report(
                Diagnostic::error("yaml.key", "a key cannot be null")
                    .at(&span, "")
                    .hint("quote it if it is a text"),
            );
        }
        if let Some(frame) = self.frames.last_mut()
            && let Content::Map(_, key) = &mut frame.content
        {
            frame.end = frame.end.max(span.range().end);
            *key = match text {
                Some(text) if !null => Key::Of(text, span),
                _ => Key::Refused,
            };
        }
    }

    fn collection_tag(
        &mut self,
        tag: Option<Cow<'_, granit_parser::Tag>>,
        span: &granit_parser::Span,
        fitting: &str,
    ) -> Option<Arc<Tag>> {
        Meaning::of(tag, span, self.source, self.parse.tags, &mut self.found)
            .of_collection(fitting, &mut self.found)
    }

    /// Puts a finished value where it belongs.
    fn deliver(&mut self, built: Built, end: usize) {
        let Some(frame) = self.frames.last_mut() else {
            self.documents.push(built.node);
            return;
        };
        frame.size = frame.size.saturating_add(built.size);
        frame.height = frame.height.max(built.height + 1);
        frame.end = frame.end.max(end);
        match &mut frame.content {
            Content::List(items) => items.push(built.node),
            Content::Map(entries, key) => match std::mem::replace(key, Key::Next) {
                // A collection as a key; it was reported when it opened.
                Key::Next => *key = Key::Refused,
                Key::Of(key, key_span) => entries.push(Entry { key, key_span, value: built.node }),
                Key::Refused => {}
            },
        }
    }
}
