//! YAML in and out.
//!
//! [`parse`] turns a text into [`Node`]s that remember where they were written; [`write()`] turns nodes into
//! canonical text. Both are strict: what two readers could take for different things is refused or quoted.

mod build;
mod entries;
mod findings;
mod frame;
mod node;
mod parse;
mod plain;
mod quick;
mod scalar;
mod syntax;
mod tags;
#[cfg(test)]
mod tests;
mod write;

pub(crate) use node::{Entry, Kind, Map, Node, Number, Style, Tag, Text};
pub(crate) use parse::{Limits, Parse, Reading};
pub(crate) use write::{write, write_json};
