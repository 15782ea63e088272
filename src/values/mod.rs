//! Layers in, checked values out.
//!
//! The lowest layer is made of the schema's own `default`s ([`defaults`]). The release's files come on top, then
//! files and flags of the command line, strictly in order ([`merge()`]). Maps merge deep, scalars replace, lists do what
//! their schema says, `null` takes a key away; a mapping never silently replaces a scalar. Every value remembers who
//! set it and who was overridden.
//!
//! [`check()`] then judges the result by the schemas, all findings at once, and is the only way to [`CheckedValues`].
//! No template sees anything else.
//!
//! Secrets (`writeOnly` in the schema) are marked from the moment they enter the tree: no message repeats them, and
//! where only their place matters they become `<secret:path>` before any template runs.

mod ambiguous;
mod assign;
mod check;
mod complete;
mod convert;
mod defaults;
mod finding;
mod hint;
mod layer;
mod lists;
mod merge;
mod reference;
mod secret;
mod set;
mod tree;
mod typing;
mod veil;
mod violation;

pub use layer::Layer;
pub use secret::Secrets;

pub(crate) use check::{CheckedValues, check};
pub(crate) use convert::{declared, to_declared_value, to_json, to_node, to_value};
pub(crate) use layer::LoadedLayer;
pub(crate) use merge::{Values, merge};
pub(crate) use secret::{Known, committed, known, mask};
pub(crate) use set::{Flavour, parse as parse_set};
pub(crate) use tree::{LayerKind, Origin, Step, Tree, TreeKind, parse_path, path_text};
pub(crate) use veil::{HIDDEN, Veil};

pub(crate) use crate::schema::values_key;

#[cfg(test)]
mod laws;
#[cfg(test)]
mod quick_laws;
#[cfg(test)]
mod tests;
