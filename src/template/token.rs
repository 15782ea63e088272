//! What a `{{ }}` leaves in the text: an opaque token instead of the value.
//!
//! The formatter prints `U+10FFFE index U+10FFFF` and keeps the value in a [`Table`] that lives as long as the
//! rendering. The text that reaches the YAML reader therefore depends on the template only. The index is part of
//! the token because order alone would not do: the output of an import is thrown away, tokens and all. Both
//! characters are noncharacters; templates and values that contain them are refused.

use std::fmt::Write as _;
use std::sync::Arc;

use minijinja::{Error, ErrorKind, Output, State, Value};

use crate::span::Span;

use super::Limits;
use super::convert::Budget;
use super::cost::account;
use super::error::carry;
use super::freeze::freeze;
use super::trace::Recorder;

pub(super) use super::rewrite::{CLOSE, OPEN};

/// Whether a text holds one of the two reserved characters.
pub(super) fn has_reserved(text: &str) -> bool {
    // Both are F4 8F BF BE/BF in UTF-8, and F4 is rare.
    text.as_bytes().contains(&0xF4) && text.contains([OPEN, CLOSE])
}

/// A printed value.
#[derive(Clone, Debug)]
pub(super) struct Slot {
    pub(super) value: Value,
    /// In a replay: the print in its template.
    pub(super) place: Span,
    /// In a replay: the layer positions read while the expression was evaluated.
    pub(super) causes: Vec<Span>,
}

/// The values printed so far in one rendering, and what it may still cost.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) slots: Vec<Slot>,
    pub(super) budget: Budget,
    /// Bytes that may still be made on the way.
    pub(super) account: usize,
    /// In a replay: the print that is about to happen, noted by the filter `__at`.
    pub(super) pending: Option<Span>,
}

impl Table {
    /// The table of a rendering, made when it is first asked for.
    pub(super) fn of<'a>(state: &'a mut State<'_, '_>, limits: Limits) -> &'a mut Self {
        state.get_or_insert_extension_with(|| Self {
            slots: Vec::new(),
            budget: Budget::new(limits.output),
            account: account(limits),
            pending: None,
        })
    }

    /// The slots of the tokens of a text, in order.
    pub(super) fn pick(&self, holes: &Holes) -> Vec<Slot> {
        holes.indices.iter().filter_map(|&index| self.slots.get(index).cloned()).collect()
    }
}

/// The formatter: keeps the value, prints the token.
pub(super) fn print(
    out: &mut Output,
    state: &mut State,
    value: &Value,
    limits: Limits,
    recorder: Option<&Arc<Recorder>>,
) -> Result<(), Error> {
    // A whole value that is undefined has been let through already.
    let frozen = if value.is_undefined() { None } else { freeze(state, value)? };
    let table = Table::of(state, limits);
    let causes = recorder.map(|recorder| recorder.log.take()).unwrap_or_default();
    let place = table.pending.take().unwrap_or_default();
    let index = table.slots.len();
    table.budget.pay(0).map_err(carry)?;
    table.slots.push(Slot { value: frozen.unwrap_or_else(|| value.clone()), place, causes });
    out.write_char(OPEN)
        .and_then(|()| write!(out, "{index}"))
        .and_then(|()| out.write_char(CLOSE))
        .map_err(|_| Error::new(ErrorKind::WriteFailure, "the output is larger than allowed"))
}

/// A text with its tokens cut down to one [`OPEN`] each.
#[derive(Debug, Default)]
pub(super) struct Holes {
    /// The skeleton: equal for all renderings of the same shape.
    pub(super) text: String,
    /// The table index of each hole, in order.
    pub(super) indices: Vec<usize>,
    /// In a replay: from this byte of `text` on, literal text of a template (by number) at that offset.
    pub(super) literals: Vec<(usize, usize, usize)>,
}

impl Holes {
    /// Cuts down the tokens and takes out the line marks of a replay. Anything else that looks like one of the
    /// reserved characters cannot occur: templates and values with them were refused.
    pub(super) fn of(text: &str) -> Self {
        let mut holes = Self { text: String::with_capacity(text.len()), ..Self::default() };
        let mut rest = text;
        while let Some((literal, token)) = rest.split_once(OPEN) {
            holes.text.push_str(literal);
            let digits = token.bytes().take_while(u8::is_ascii_digit);
            let (length, index) = digits.fold((0, 0_usize), |(length, index), digit| {
                (length + 1, index.wrapping_mul(10).wrapping_add(usize::from(digit - b'0')))
            });
            if length > 0
                && let Some(after) = token[length..].strip_prefix(CLOSE)
            {
                holes.indices.push(index);
                holes.text.push(OPEN);
                rest = after;
                continue;
            }
            let (body, after) = token.split_once(CLOSE).unwrap_or((token, ""));
            rest = after;
            if let Some((template, place)) = numbers(body) {
                holes.literals.push((holes.text.len(), template, place));
            }
        }
        holes.text.push_str(rest);
        holes
    }
}

/// The template and the offset of a mark such as `L3:120`.
fn numbers(mark: &str) -> Option<(usize, usize)> {
    let (template, offset) = mark.strip_prefix('L')?.split_once(':')?;
    Some((template.parse().ok()?, offset.parse().ok()?))
}
