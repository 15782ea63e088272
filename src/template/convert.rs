//! Template values to YAML nodes and back.
//!
//! Nothing is lost on the way: integers keep every digit, floats stay floats, mappings keep their order. What
//! is not data (functions, macros, bytes) has no node and is refused at any depth. A [`Budget`] bounds what a
//! rendering may produce, so that a small template cannot unfold into more than memory holds.

use std::sync::Arc;

use minijinja::Value;
use minijinja::value::ValueKind;

use crate::diag::Diagnostic;
use crate::ordered::Ordered;
use crate::span::Span;
use crate::yaml::{Entry, Kind, Map, Node, Number, Style, Text};

use super::captured::Captured;
use super::closed::Declared;
use super::cost::is_shown_as;
use super::fragment::Callable;
use super::token::has_reserved;
use super::tree::{BigInteger, Log, Mapping, Mark, Sequence, Trail};

/// Levels of nesting that a value may have.
pub(super) const DEPTH: usize = 128;

/// How much a rendering may still produce.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget {
    pub(super) nodes: usize,
    pub(super) bytes: usize,
}

impl Budget {
    pub(super) fn new(bytes: usize) -> Self {
        Self { nodes: (bytes / 8).max(1024), bytes }
    }

    /// Pays for one node and its text.
    pub(super) fn pay(&mut self, bytes: usize) -> Result<(), Diagnostic> {
        match (self.nodes.checked_sub(1), self.bytes.checked_sub(bytes)) {
            (Some(nodes), Some(bytes)) => {
                *self = Self { nodes, bytes };
                Ok(())
            }
            _ => Err(too_large()),
        }
    }
}

pub(super) fn too_large() -> Diagnostic {
    Diagnostic::error("template.limit", "the output is larger than allowed")
        .hint("raise the output limit if the template is meant to produce this much")
}

/// One level further down.
pub(super) fn deeper(depth: usize) -> Result<usize, Diagnostic> {
    depth.checked_sub(1).ok_or_else(|| {
        let message = format!("a value is nested more than {DEPTH} levels deep");
        Diagnostic::error("template.limit", message)
    })
}

/// A node of the same value, its place unknown; for values that are data.
pub(crate) fn node_from_value(value: &Value, limit: usize) -> Result<Node, Diagnostic> {
    let mut budget = Budget::new(limit);
    Converter { budget: &mut budget, log: None }.node(value, &Span::default(), &[])
}

/// Turns values into nodes within a budget; in a replay it also says where each leaf comes from.
pub(super) struct Converter<'a> {
    pub(super) budget: &'a mut Budget,
    pub(super) log: Option<&'a Log>,
}

impl Converter<'_> {
    /// `place` is the print in a template, `causes` the layer positions known for the value as a whole.
    pub(super) fn node(
        &mut self,
        value: &Value,
        place: &Span,
        causes: &[Span],
    ) -> Result<Node, Diagnostic> {
        self.descend(value, place, causes, DEPTH)
    }

    fn descend(
        &mut self,
        value: &Value,
        place: &Span,
        causes: &[Span],
        depth: usize,
    ) -> Result<Node, Diagnostic> {
        let depth = deeper(depth)?;
        if let Some(captured) = value.downcast_object_ref::<Captured>() {
            let mut node = captured.node().clone();
            self.pay_for(&node, depth)?;
            node.span = place.clone();
            return Ok(node);
        }
        let kind = match value.kind() {
            ValueKind::Map => self.map(value, place, causes, depth)?,
            ValueKind::Seq | ValueKind::Iterable => self.list(value, place, causes, depth)?,
            _ => self.scalar(value)?,
        };
        let mut node = Node::new(kind, place.clone());
        if let Some(log) = self.log
            && !matches!(node.kind, Kind::Map(_) | Kind::List(_))
        {
            // The very string that a layer wrote says more than whatever else was read on the way.
            node.tag = match log.origin(value) {
                Some(mark) => log.tag(&mark.causes),
                None => log.tag(causes),
            };
        }
        Ok(node)
    }

    /// Pays for a tree that is made already; outside a replay, so nothing in it has a place.
    fn pay_for(&mut self, node: &Node, depth: usize) -> Result<(), Diagnostic> {
        match &node.kind {
            Kind::Map(map) => {
                self.budget.pay(0)?;
                let mut values = map.entries.iter().map(|entry| &entry.value);
                values.try_for_each(|value| self.pay_for(value, deeper(depth)?))
            }
            Kind::List(items) => {
                self.budget.pay(0)?;
                items.iter().try_for_each(|item| self.pay_for(item, deeper(depth)?))
            }
            Kind::String(text) => self.budget.pay(text.text.len()),
            Kind::Number(Number::Big(digits)) => self.budget.pay(digits.len()),
            _ => self.budget.pay(0),
        }
    }

    fn scalar(&mut self, value: &Value) -> Result<Kind, Diagnostic> {
        Ok(match value.kind() {
            ValueKind::Undefined | ValueKind::None => {
                self.budget.pay(0)?;
                Kind::Null
            }
            ValueKind::Bool => {
                self.budget.pay(0)?;
                Kind::Bool(value.is_true())
            }
            ValueKind::Number => {
                self.budget.pay(0)?;
                Kind::Number(number(value))
            }
            ValueKind::String => {
                let text: Arc<str> = Arc::try_from(value.clone()).unwrap_or_else(|_| "".into());
                self.budget.pay(text.len())?;
                Kind::String(Text { text: checked(text)?, style: Style::Computed })
            }
            _ => {
                let Some(big) = value.downcast_object_ref::<BigInteger>() else {
                    return Err(not_data(value));
                };
                self.budget.pay(big.0.len())?;
                Kind::Number(Number::Big(big.0.clone()))
            }
        })
    }

    fn list(
        &mut self,
        value: &Value,
        place: &Span,
        causes: &[Span],
        depth: usize,
    ) -> Result<Kind, Diagnostic> {
        self.budget.pay(0)?;
        let trail = value.downcast_object_ref::<Sequence>().and_then(|list| list.trail.as_ref());
        let items = value.try_iter().map_err(|_| not_data(value))?;
        let mut list = Vec::with_capacity(value.len().unwrap_or(0).min(1024));
        for (index, item) in items.enumerate() {
            let mark = trail.and_then(|trail| trail.marks.get(index));
            let (place, causes) = place_of(mark, place, causes);
            list.push(self.descend(&item, place, causes, depth)?);
        }
        Ok(Kind::List(list))
    }

    fn map(
        &mut self,
        value: &Value,
        place: &Span,
        causes: &[Span],
        depth: usize,
    ) -> Result<Kind, Diagnostic> {
        self.budget.pay(0)?;
        let mut map = Map::default();
        if let Some(mapping) = value.downcast_object_ref::<Mapping>() {
            map.entries.reserve(mapping.entries.len());
            for (index, (key, item)) in mapping.entries.iter().enumerate() {
                let mark = mapping.trail.as_ref().and_then(|trail| trail.marks.get(index));
                let (place, causes) = place_of(mark, place, causes);
                let value = self.descend(item, place, causes, depth)?;
                let key_span = mark
                    .map(|mark| &mark.key_place)
                    .filter(|span| span.is_known())
                    .unwrap_or(place)
                    .clone();
                let key = Text { text: checked(key.clone())?, style: Style::Computed };
                map.entries.push(Entry { key, key_span, value });
            }
            return Ok(Kind::Map(map));
        }
        if is_callable(value) {
            return Err(not_data(value));
        }
        let pairs = value
            .as_object()
            .and_then(minijinja::value::DynObject::try_iter_pairs)
            .ok_or_else(|| not_data(value))?;
        for (key, item) in pairs {
            let text = checked(key_text(&key)?)?;
            self.budget.pay(text.len())?;
            if map.get(&text).is_some() {
                return Err(Diagnostic::error(
                    "template.duplicate-key",
                    format!("duplicate key `{text}`: two keys of a mapping become the same text"),
                ));
            }
            let value = self.descend(&item, place, causes, depth)?;
            let key = Text { text, style: Style::Computed };
            map.entries.push(Entry { key, key_span: place.clone(), value });
        }
        Ok(Kind::Map(map))
    }
}

fn place_of<'a>(
    mark: Option<&'a Arc<Mark>>,
    place: &'a Span,
    causes: &'a [Span],
) -> (&'a Span, &'a [Span]) {
    match mark {
        Some(mark) => (
            if mark.place.is_known() { &mark.place } else { place },
            if mark.causes.is_empty() { causes } else { &mark.causes },
        ),
        None => (place, causes),
    }
}

/// The text of a key (rule 5).
pub(super) fn key_text(key: &Value) -> Result<Arc<str>, Diagnostic> {
    match key.kind() {
        ValueKind::Undefined | ValueKind::None => {
            Err(Diagnostic::error("template.key", "a key may not be none")
                .hint("leave the whole entry out with `{% if … %}`, or merge a mapping with `<<:`"))
        }
        ValueKind::Map | ValueKind::Seq | ValueKind::Iterable => {
            Err(Diagnostic::error("template.key", format!("a key may not be {}", describe(key))))
        }
        _ => scalar_text(key).ok_or_else(|| not_data(key)),
    }
}

/// The text of a scalar as it appears next to other text (rule 3); `None` for anything that is no scalar.
pub(super) fn scalar_text(value: &Value) -> Option<Arc<str>> {
    Some(match value.kind() {
        ValueKind::String => Arc::try_from(value.clone()).ok()?,
        ValueKind::Bool => if value.is_true() { "true" } else { "false" }.into(),
        ValueKind::Number => number(value).to_string().into(),
        _ => value.downcast_object_ref::<BigInteger>()?.0.clone().into(),
    })
}

fn number(value: &Value) -> Number {
    if value.is_integer() {
        match i128::try_from(value.clone()) {
            Ok(integer) => Number::Int(integer),
            Err(_) => Number::Big(value.to_string().into()),
        }
    } else {
        Number::Float(f64::try_from(value.clone()).unwrap_or(f64::NAN))
    }
}

fn checked(text: Arc<str>) -> Result<Arc<str>, Diagnostic> {
    if has_reserved(&text) {
        return Err(reserved());
    }
    Ok(text)
}

pub(super) fn reserved() -> Diagnostic {
    Diagnostic::error(
        "template.reserved",
        "a value holds one of the characters U+10FFFE and U+10FFFF, which are reserved",
    )
    .hint("they are noncharacters that no text should contain; remove them from the value")
}

pub(super) fn is_callable(value: &Value) -> bool {
    value.downcast_object_ref::<Callable>().is_some()
        // A macro that was never wrapped and a loop show these attributes; only then is it worth looking closer.
        || ["caller", "revindex0"].iter().any(|name| {
            value.kind() == ValueKind::Map
                && value.get_attr(name).is_ok_and(|found| !found.is_undefined())
                && ["<macro ", "<loop "].iter().any(|shown| is_shown_as(value, shown))
        })
}

/// Rule 6: functions, macros, modules and bytes are no data.
pub(super) fn not_data(value: &Value) -> Diagnostic {
    let error = |message: String| Diagnostic::error("template.not-data", message);
    if let Some(callable) = value.downcast_object_ref::<Callable>() {
        let name = callable.name();
        return error(format!(
            "the macro `{name}` is printed: did you forget the call parentheses?"
        ))
        .hint(format!("call it: `{name}()`"));
    }
    match value.kind() {
        ValueKind::Map if is_shown_as(value, "<loop ") => {
            error("`loop` is printed, which is no data".to_owned())
                .hint("name what you want of it: `loop.index`, `loop.first`")
        }
        ValueKind::Bytes => {
            error("bytes are no text".to_owned()).hint("encode them: `| b64encode`")
        }
        ValueKind::Invalid => error(format!("the value cannot be used: {value}")),
        _ => error("a function is printed: did you forget the call parentheses?".to_owned())
            .hint("call it: `m()`"),
    }
}

/// What a value is, for messages.
pub(super) fn describe(value: &Value) -> &'static str {
    match value.kind() {
        ValueKind::Undefined => "undefined",
        ValueKind::None => "none",
        ValueKind::Bool => "a boolean",
        ValueKind::Number if value.is_integer() => "an integer",
        ValueKind::Number => "a number",
        ValueKind::String => "a string",
        ValueKind::Bytes => "bytes",
        ValueKind::Seq | ValueKind::Iterable => "a list",
        ValueKind::Map => "a mapping",
        _ => "a function",
    }
}

/// A mapping of values that exist already; a replay can see through it.
pub(crate) fn value_from_entries<K: Into<Arc<str>>>(
    entries: impl IntoIterator<Item = (K, Value)>,
) -> Value {
    let entries = entries.into_iter().map(|(key, value)| (key.into(), value)).collect();
    Value::from_object(Mapping { entries, declared: None, trail: None })
}

/// The same, refusing to be asked for keys that it may not have.
pub(crate) fn closed_value_from_entries<K: Into<Arc<str>>>(
    entries: impl IntoIterator<Item = (K, Value)>,
    declared: Declared,
) -> Value {
    let entries = entries.into_iter().map(|(key, value)| (key.into(), value)).collect();
    Value::from_object(Mapping { entries, declared: Some(Arc::new(declared)), trail: None })
}

/// A list of values that exist already; a replay can see through it.
pub(crate) fn value_from_items(items: Vec<Value>) -> Value {
    Value::from_object(Sequence { items, trail: None })
}

/// A template value of the same data; the tree is converted once and then shared.
pub(crate) fn value_from_node(node: &Node) -> Value {
    convert(node, None)
}

/// The same with a trail, so that what reads the value later knows where its parts come from.
pub(super) fn traced_value_from_node(node: &Node, log: &Arc<Log>) -> Value {
    convert(node, Some(log))
}

fn convert(node: &Node, log: Option<&Arc<Log>>) -> Value {
    match &node.kind {
        Kind::Null => Value::from(()),
        Kind::Bool(value) => Value::from(*value),
        Kind::Number(Number::Int(value)) => match i64::try_from(*value) {
            Ok(small) => Value::from(small),
            Err(_) => Value::from(*value),
        },
        Kind::Number(Number::Big(digits)) => Value::from_object(BigInteger(digits.clone())),
        Kind::Number(Number::Float(value)) => Value::from(*value),
        Kind::String(text) => {
            let value = Value::from(text.text.clone());
            if let Some(log) = log {
                log.remember(&value, &mark(node, &Span::default(), log));
            }
            value
        }
        Kind::List(items) => Value::from_object(Sequence {
            items: items.iter().map(|item| convert(item, log)).collect(),
            trail: log.map(|log| Trail {
                log: log.clone(),
                marks: items.iter().map(|item| mark(item, &Span::default(), log)).collect(),
            }),
        }),
        Kind::Map(map) => {
            let mut entries = Ordered::with_capacity(map.entries.len());
            for entry in &map.entries {
                entries.insert(entry.key.text.clone(), convert(&entry.value, log));
            }
            let trail = log.map(|log| Trail {
                log: log.clone(),
                marks: map
                    .entries
                    .iter()
                    .map(|entry| mark(&entry.value, &entry.key_span, log))
                    .collect(),
            });
            Value::from_object(Mapping { entries, declared: None, trail })
        }
    }
}

fn mark(node: &Node, key: &Span, log: &Log) -> Arc<Mark> {
    Arc::new(Mark { place: node.span.clone(), key_place: key.clone(), causes: log.causes(node) })
}
