//! What a capture left, kept as the tree that it is.
//!
//! A macro or an include mostly gives a mapping that its caller prints as it came. Such a tree goes back into the
//! document without ever becoming template values; only an expression that looks inside makes them.

use std::sync::{Arc, OnceLock};

use minijinja::Value;
use minijinja::value::{Enumerator, Object, ObjectRepr};

use crate::yaml::{Kind, Node};

use super::convert::value_from_node;

/// A mapping or a list that was captured.
#[derive(Debug)]
pub(super) struct Captured {
    node: Node,
    value: OnceLock<Value>,
}

impl Captured {
    /// The value of a captured tree; scalars are plain values.
    pub(super) fn value(node: Node) -> Value {
        match node.kind {
            Kind::Map(_) | Kind::List(_) => {
                Value::from_object(Self { node, value: OnceLock::new() })
            }
            _ => value_from_node(&node),
        }
    }

    pub(super) fn node(&self) -> &Node {
        &self.node
    }

    fn seen(&self) -> &Value {
        self.value.get_or_init(|| value_from_node(&self.node))
    }
}

impl Object for Captured {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        match self.node.kind {
            Kind::List(_) => ObjectRepr::Seq,
            _ => ObjectRepr::Map,
        }
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.seen().as_object()?.get_value(key)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        self.seen().as_object()?.get_value_by_str(key)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        match self.seen().as_object() {
            Some(object) => object.enumerate(),
            None => Enumerator::NonEnumerable,
        }
    }

    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        match &self.node.kind {
            Kind::List(items) => Some(items.len()),
            Kind::Map(map) => Some(map.entries.len()),
            _ => None,
        }
    }
}
