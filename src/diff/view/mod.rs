//! What a comparison looks like to others: pure functions from releases to one text.
//!
//! [`unified()`] is a patch, [`json()`] is for programs, [`markdown()`] for the comment on a change request and [`html()`]
//! for a browser. What they share is public, so that other views can be drawn from it: [`groups`] finds the same
//! change in several objects, [`Shape`] is how one field is best shown, [`words`] and [`hunks`] mark what differs
//! inside a text.
//!
//! No view shows more of a secret than the comparison holds: a placeholder, or that it differs.

mod group;
mod html;
mod json;
mod markdown;
mod shape;
mod style;
#[cfg(test)]
mod tests;
mod text;
mod unified;
mod words;

pub use group::{Field, Group, Member, groups};
pub use html::html;
pub use json::json;
pub use markdown::markdown;
pub use shape::Shape;
pub use text::{counts, harmless, is_hostile};
pub use unified::unified;
pub use words::{Line, Piece, Sign, excerpt, hunks, words};
