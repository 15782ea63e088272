//! What is open and what is finished while a tree is built.

use std::sync::Arc;

use crate::span::Span;

use super::{Entry, Node, Tag, Text};

/// A collection whose end has not come yet.
pub(super) struct Frame {
    pub(super) content: Content,
    pub(super) block: bool,
    pub(super) start: usize,
    /// The end of the last key or value.
    pub(super) end: usize,
    pub(super) tag: Option<Arc<Tag>>,
    pub(super) anchor: usize,
    pub(super) size: usize,
    pub(super) height: usize,
    /// It stands in the place of a key, or in something that does.
    pub(super) refused: bool,
}

pub(super) enum Content {
    List(Vec<Node>),
    Map(Vec<Entry>, Key),
}

/// What a mapping waits for.
pub(super) enum Key {
    /// A key.
    Next,
    /// The value of this key.
    Of(Text, Span),
    /// A value to be thrown away, as its key was refused.
    Refused,
}

/// A finished node with what it costs to copy.
#[derive(Clone)]
pub(super) struct Built {
    pub(super) node: Node,
    /// The text of a scalar as it was written, for use as a key.
    pub(super) written: Option<Text>,
    pub(super) size: usize,
    pub(super) height: usize,
}

impl Built {
    pub(super) fn leaf(node: Node, written: Option<Text>) -> Self {
        Self { node, written, size: 1, height: 1 }
    }
}
