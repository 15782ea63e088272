//! The replay: the same rendering once more, knowing where everything comes from.
//!
//! Rendering is pure, so positions need not be kept while it succeeds. When it fails, and when somebody asks
//! where a field comes from, the templates run again with marks in front of each print and literal line, and
//! with values whose containers remember their layer positions. Known gaps: a number or boolean that was stored
//! by `{% set %}` or came from a loop no longer says where it was read (a string does).

use std::ops::Range;
use std::sync::Arc;

use indexmap::IndexMap;
use minijinja::Value;

use crate::diag::{Diagnostic, Diagnostics};
use crate::ordered::Ordered;
use crate::span::{SourceText, Span};
use crate::yaml::{Kind, Node};

use super::token::{CLOSE, Holes, OPEN, Slot};
use super::tree::{Log, Mapping, Mark, Sequence, Trail};
use super::{Context, Segment};

/// What a replay writes down.
#[derive(Debug)]
pub(super) struct Recorder {
    pub(super) log: Arc<Log>,
    /// The authors' texts, by template number.
    pub(super) sources: Vec<SourceText>,
}

impl Recorder {
    /// A place in a template's original text.
    pub(super) fn span(&self, template: usize, range: Range<usize>) -> Span {
        self.sources.get(template).map(|source| source.span(range)).unwrap_or_default()
    }
}

/// From places in a skeleton's text to places in templates.
pub(super) struct Places<'a> {
    recorder: &'a Recorder,
    holes: &'a Holes,
    slots: &'a [Slot],
    /// Where the stretch that was read begins in the whole text.
    base: usize,
    /// Offsets of the holes in the whole text.
    positions: Vec<usize>,
}

impl<'a> Places<'a> {
    pub(super) fn new(
        recorder: &'a Recorder,
        holes: &'a Holes,
        slots: &'a [Slot],
        base: usize,
    ) -> Self {
        let positions = holes.text.match_indices(OPEN).map(|(at, _)| at).collect();
        Self { recorder, holes, slots, base, positions }
    }

    /// The place in a template.
    pub(super) fn of(&self, span: &Span) -> Span {
        if !span.is_known() {
            return Span::default();
        }
        let range = span.range();
        let start = self.base + range.start;
        if let Ok(hole) = self.positions.binary_search(&start)
            && let Some(slot) = self.slots.get(hole)
            && slot.place.is_known()
        {
            return slot.place.clone();
        }
        let after = self.holes.literals.partition_point(|(at, ..)| *at <= start);
        let Some((at, template, offset)) =
            after.checked_sub(1).and_then(|index| self.holes.literals.get(index))
        else {
            return Span::default();
        };
        let length = span.text().find([OPEN, '\n']).unwrap_or(range.len());
        let place = offset + (start - at);
        self.recorder.span(*template, place..place + length)
    }

    /// Moves all places of a literal node.
    pub(super) fn relocate(&self, node: &mut Node) {
        node.span = self.of(&node.span);
        match &mut node.kind {
            Kind::List(items) => items.iter_mut().for_each(|item| self.relocate(item)),
            Kind::Map(map) => {
                for entry in &mut map.entries {
                    entry.key_span = self.of(&entry.key_span);
                    self.relocate(&mut entry.value);
                }
            }
            _ => {}
        }
    }

    /// Moves findings about the skeleton to the template, and hides the stand-ins for prints.
    pub(super) fn findings(&self, found: &Diagnostics) -> Diagnostics {
        let mut moved = Diagnostics::new();
        for finding in found {
            let clean = |text: &str| text.replace(OPEN, "{{ … }}").replace(CLOSE, "");
            let mut copy = Diagnostic::error(finding.code(), clean(finding.message()));
            let mut merge = false;
            for label in finding.labels() {
                copy = copy.at(&self.of(&label.span), clean(&label.text));
                merge |= label.span.start().zip(label.span.source()).is_some_and(|(at, source)| {
                    let line = &source.text()[source.line_range(at.line)];
                    line.trim().strip_prefix(OPEN) == Some("")
                });
            }
            for hint in finding.hints() {
                copy = copy.hint(clean(hint));
            }
            if merge {
                copy = copy.hint("to pour a mapping into the one around it write `<<: {{ … }}`");
            }
            moved.push(copy);
        }
        moved
    }
}

/// A document of a replay.
#[derive(Debug)]
pub(crate) struct Traced {
    /// Each node and key carries its place in a template.
    pub(crate) node: Node,
    /// For leaves fed by values: their path, and where layers set those values.
    pub(crate) causes: Vec<(Vec<Segment>, Vec<Span>)>,
}

impl Traced {
    /// Takes the causes off the tags they rode on.
    pub(super) fn new(mut node: Node, log: &Log) -> Self {
        let mut causes = Vec::new();
        unload(&mut node, log, &mut Vec::new(), &mut causes);
        Self { node, causes }
    }
}

fn unload(
    node: &mut Node,
    log: &Log,
    path: &mut Vec<Segment>,
    causes: &mut Vec<(Vec<Segment>, Vec<Span>)>,
) {
    if node.tag.is_some() {
        let mut spans = log.causes(node);
        spans.sort();
        spans.dedup();
        causes.push((path.clone(), spans));
        node.tag = None;
    }
    match &mut node.kind {
        Kind::List(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                path.push(Segment::Index(index));
                unload(item, log, path, causes);
                path.pop();
            }
        }
        Kind::Map(map) => {
            for entry in &mut map.entries {
                path.push(Segment::Key(entry.key.text.clone()));
                unload(&mut entry.value, log, path, causes);
                path.pop();
            }
        }
        _ => {}
    }
}

/// The context once more, its containers remembering where layers set their parts.
pub(super) fn retrace(context: &Context, log: &Arc<Log>) -> Value {
    let Some(origin) = &context.origin else { return context.value.clone() };
    let mut path = Vec::new();
    rebuild(&context.value, &mut path, &**origin, log)
}

fn rebuild(
    value: &Value,
    path: &mut Vec<Segment>,
    origin: &dyn Fn(&[Segment]) -> Vec<Span>,
    log: &Arc<Log>,
) -> Value {
    let mark = |path: &[Segment]| Arc::new(Mark { causes: origin(path), ..Mark::default() });
    let mut marks = Vec::new();
    let mut child = |segment: Segment, item: &Value, path: &mut Vec<Segment>| {
        path.push(segment);
        let found = mark(path);
        let made = if item.as_str().is_some() {
            // A copy of its own, so that its address stands for this place alone.
            let text: Arc<str> = item.as_str().unwrap_or_default().into();
            let copy = Value::from(text);
            log.remember(&copy, &found);
            copy
        } else {
            rebuild(item, path, origin, log)
        };
        marks.push(found);
        path.pop();
        made
    };
    // Objects with behaviour of their own stay what they are; plain data of ours and of minijinja is rebuilt.
    if let Some(mapping) = value.downcast_object_ref::<Mapping>() {
        let entries: Ordered<Value> = mapping
            .entries
            .iter()
            .map(|(key, item)| (key.clone(), child(Segment::Key(key.clone()), item, path)))
            .collect();
        return Value::from_object(Mapping {
            entries,
            declared: mapping.declared.clone(),
            trail: Some(Trail { log: log.clone(), marks }),
        });
    }
    if let Some(map) = value.downcast_object_ref::<IndexMap<Value, Value>>() {
        let mut entries = Ordered::new();
        for (key, item) in map {
            let Some(key) = key.as_str() else { return value.clone() };
            let key: Arc<str> = key.into();
            let made = child(Segment::Key(key.clone()), item, path);
            entries.insert(key, made);
        }
        return Value::from_object(Mapping {
            entries,
            declared: None,
            trail: Some(Trail { log: log.clone(), marks }),
        });
    }
    if let Some(list) = value.downcast_object_ref::<Sequence>() {
        let items = list
            .items
            .iter()
            .enumerate()
            .map(|(index, item)| child(Segment::Index(index), item, path))
            .collect();
        return Value::from_object(Sequence {
            items,
            trail: Some(Trail { log: log.clone(), marks }),
        });
    }
    value.clone()
}
