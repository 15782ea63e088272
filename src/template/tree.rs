//! Mappings and lists as templates see them, and where their parts come from.
//!
//! A values tree becomes minijinja values once; from then on a template, a macro and a loop share it by
//! reference. In an ordinary rendering the containers are plain data. In a replay (see [`trace`](super::trace))
//! they also carry a [`Trail`]: for each child the place in a template that wrote it and the places in layers
//! that it was read from, and a log of the children that somebody looked at.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use minijinja::Value;
use minijinja::value::{Enumerator, Object, ObjectExt, ObjectRepr};

use crate::ordered::Ordered;
use crate::span::Span;
use crate::yaml::{Node, Tag};

use super::closed::Declared;

/// Where one value comes from.
#[derive(Clone, Debug, Default)]
pub(super) struct Mark {
    /// The place in a template that put it there; unknown for values of the context.
    pub(super) place: Span,
    /// The same of its key.
    pub(super) key_place: Span,
    /// The places in values layers that it was read from.
    pub(super) causes: Vec<Span>,
}

/// The marks of a container's children, in order.
#[derive(Clone, Debug)]
pub(super) struct Trail {
    pub(super) log: Arc<Log>,
    pub(super) marks: Vec<Arc<Mark>>,
}

/// What a replay has seen being read.
#[derive(Debug, Default)]
pub(super) struct Log(Mutex<Seen>);

#[derive(Debug, Default)]
struct Seen {
    /// Scalars read since the last print.
    touched: Vec<Arc<Mark>>,
    /// Strings by the address of their shared text, which survives `set`, `for` and macro arguments. The text is
    /// kept so that the address cannot be used again.
    strings: BTreeMap<usize, (Arc<str>, Arc<Mark>)>,
    /// The layer positions behind leaves of the result, see [`Log::tag`].
    causes: Vec<Vec<Span>>,
}

/// A single expression rarely reads more; a filter that walks a whole tree is no useful cause.
const TOUCHED: usize = 8;

impl Log {
    pub(super) fn touch(&self, mark: &Arc<Mark>) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !mark.causes.is_empty() && seen.touched.len() <= TOUCHED {
            seen.touched.push(mark.clone());
        }
    }

    /// The layer positions read since the last call.
    pub(super) fn take(&self) -> Vec<Span> {
        let touched =
            std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner).touched);
        if touched.len() > TOUCHED {
            return Vec::new();
        }
        let mut spans: Vec<Span> =
            touched.iter().flat_map(|mark| mark.causes.iter().cloned()).collect();
        spans.sort();
        spans.dedup();
        spans
    }

    /// Remembers where a string comes from.
    pub(super) fn remember(&self, value: &Value, mark: &Arc<Mark>) {
        if mark.causes.is_empty() {
            return;
        }
        if let Some(text) = shared_text(value) {
            let address = text.as_ptr() as usize;
            let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            seen.strings.insert(address, (text, mark.clone()));
        }
    }

    /// Where a string comes from, if it still is the very text that was remembered.
    pub(super) fn origin(&self, value: &Value) -> Option<Arc<Mark>> {
        let text = shared_text(value)?;
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.strings.get(&(text.as_ptr() as usize)).map(|(_, mark)| mark.clone())
    }
}

impl Log {
    /// While a document is put together the causes of a leaf ride on the node's tag field, which resolved nodes
    /// have no other use for: its name is the number of an entry here.
    pub(super) fn tag(&self, causes: &[Span]) -> Option<Arc<Tag>> {
        if causes.is_empty() {
            return None;
        }
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.causes.push(causes.to_vec());
        Some(Arc::new(Tag { name: (seen.causes.len() - 1).to_string(), span: Span::default() }))
    }

    /// The layer positions behind a leaf that [`Log::tag`] marked.
    pub(super) fn causes(&self, node: &Node) -> Vec<Span> {
        let index = node.tag.as_ref().and_then(|tag| tag.name.parse::<usize>().ok());
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        index.and_then(|index| seen.causes.get(index).cloned()).unwrap_or_default()
    }
}

/// The shared text of a string value; empty ones may share an address and are left out.
fn shared_text(value: &Value) -> Option<Arc<str>> {
    (value.as_str().is_some_and(|text| !text.is_empty()))
        .then(|| Arc::<str>::try_from(value.clone()).ok())
        .flatten()
}

/// A mapping with text keys in the author's order.
#[derive(Debug, Default)]
pub(super) struct Mapping {
    pub(super) entries: Ordered<Value>,
    /// The keys that it may have, if those are known.
    pub(super) declared: Option<Arc<Declared>>,
    pub(super) trail: Option<Trail>,
}

impl Mapping {
    fn read(&self, key: &str) -> Option<Value> {
        let index = self.entries.position(key)?;
        let value = self.entries.at(index)?;
        if let Some(trail) = &self.trail {
            touch(trail, index, value);
        }
        Some(value.clone())
    }
}

impl Object for Mapping {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Map
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.read(key.as_str()?)
    }

    /// Only `m.key` comes here; `m["key"]` and `"key" in m` ask for a value.
    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        self.read(key).or_else(|| self.declared.as_ref()?.missing(key))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        self.mapped_key_value_enumerator(|this| {
            Box::new(this.entries.iter().enumerate().map(|(index, (key, value))| {
                if let Some(trail) = &this.trail {
                    touch(trail, index, value);
                }
                (Value::from(key.clone()), value.clone())
            }))
        })
    }

    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        Some(self.entries.len())
    }
}

/// A list.
#[derive(Debug, Default)]
pub(super) struct Sequence {
    pub(super) items: Vec<Value>,
    pub(super) trail: Option<Trail>,
}

impl Object for Sequence {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let index = key.as_usize()?;
        let value = self.items.get(index)?;
        if let Some(trail) = &self.trail {
            touch(trail, index, value);
        }
        Some(value.clone())
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Seq(self.items.len())
    }
}

/// Only scalars are logged: a container's parts log themselves when they are read.
fn touch(trail: &Trail, index: usize, value: &Value) {
    if let Some(mark) = trail.marks.get(index)
        && value.as_object().is_none()
    {
        trail.log.touch(mark);
    }
}

/// An integer too large for any type that minijinja knows; it can be printed and nothing else.
#[derive(Debug)]
pub(super) struct BigInteger(pub(super) Box<str>);

impl Object for BigInteger {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn render(self: &Arc<Self>, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
