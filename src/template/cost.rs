//! What a rendering may allocate on its way.
//!
//! Fuel counts steps, and a single text or list has its bound; but a step may copy a text of megabytes, and a loop
//! has many steps. So whatever makes a text or a list pays for it out of one account per rendering, used up or not.
//! And what is put into something else (`[a, a]`, `{k: a}`, `zip`, `namespace(…)`) is looked through: forty such
//! steps make a value of a million million parts out of forty small ones, and a comparison or a message walks them
//! all; a hundred thousand make one so deep that no stack can drop it.

use std::fmt::{self, Write as _};

use minijinja::value::{Rest, ValueKind, ValueOrKwargs};
use minijinja::{Environment, Error, State, Value, filters};

use crate::diag::Diagnostic;

use super::Limits;
use super::captured::Captured;
use super::convert::{DEPTH, deeper};
use super::engine::bounded;
use super::error::carry;
use super::token::Table;
use super::tree::{Mapping, Sequence};

/// The account of a rendering, in outputs.
const OUTPUTS: usize = 4;

/// What an item of a list weighs, in bytes.
pub(super) const ITEM: usize = 16;

/// What a part of a value costs to be looked at, in bytes.
const LOOK: usize = 4;

/// Parts of a value that a template put together, each counted as often as it can be reached.
fn most_parts(limits: Limits) -> usize {
    limits.output / 256
}

pub(super) fn account(limits: Limits) -> usize {
    limits.output.saturating_mul(OUTPUTS)
}

/// Pays for so many bytes.
pub(super) fn pay(state: &mut State, limits: Limits, bytes: usize) -> Result<(), Error> {
    let table = Table::of(state, limits);
    match table.account.checked_sub(bytes) {
        Some(left) => {
            table.account = left;
            Ok(())
        }
        None => Err(carry(
            Diagnostic::error(
                "template.limit",
                "the texts and lists made on the way are too large together",
            )
            .hint("look for a loop that builds them anew each time: a `{% set x %}` block around it makes a list in one go"),
        )),
    }
}

/// Pays for a text, if it is not longer than a single one may be.
pub(super) fn paid(state: &mut State, limits: Limits, made: String) -> Result<String, Error> {
    bounded(made.len(), limits.text)?;
    pay(state, limits, made.len())?;
    Ok(made)
}

/// Pays for what an operator or a filter made. A list is written out: chains of lists that only point at each other
/// take ages to walk.
fn grown(state: &mut State, limits: Limits, value: &Value) -> Result<Value, Error> {
    match value.kind() {
        ValueKind::String => {
            let length = value.as_str().map_or(0, str::len);
            bounded(length, limits.text)?;
            pay(state, limits, length)?;
        }
        ValueKind::Seq | ValueKind::Iterable => {
            let most = limits.text / ITEM;
            let length = value.len().unwrap_or(0);
            if length > most {
                return Err(carry(
                    Diagnostic::error(
                        "template.limit",
                        format!("a list grows beyond {most} items"),
                    )
                    .hint("look for a list that is joined to itself in a loop"),
                ));
            }
            pay(state, limits, length.saturating_mul(ITEM))?;
            if value.kind() == ValueKind::Iterable {
                let items: Vec<Value> = value.try_iter()?.collect();
                // A list of scalars need not be looked through again.
                let flat = items.iter().all(|item| item.as_object().is_none());
                return Ok(if flat {
                    Value::from_object(Sequence { items, trail: None })
                } else {
                    items.into()
                });
            }
        }
        _ => {}
    }
    Ok(value.clone())
}

/// Looks through a value that holds others, and pays for the look.
pub(super) fn look_through(
    state: &mut State,
    limits: Limits,
    value: &Value,
) -> Result<Look, Error> {
    let most = most_parts(limits);
    let mut look = Look { most, left: most, namespaces: 0 };
    look.parts(value, DEPTH)?;
    pay(state, limits, (most - look.left).saturating_mul(LOOK))?;
    Ok(look)
}

/// What has been seen of a value.
pub(super) struct Look {
    most: usize,
    left: usize,
    namespaces: usize,
}

impl Look {
    fn parts(&mut self, value: &Value, depth: usize) -> Result<(), Error> {
        self.left = self.left.checked_sub(1).ok_or_else(|| {
            let message = format!("a value has more than {} parts", self.most);
            carry(
                Diagnostic::error("template.limit", message)
                    .hint("look for a list or mapping that holds itself twice, in a loop"),
            )
        })?;
        let Some(object) = value.as_object() else { return Ok(()) };
        // Trees of data are as deep as a file may be.
        if object.is::<Mapping>() || object.is::<Sequence>() || object.is::<Captured>() {
            return Ok(());
        }
        let depth = deeper(depth).map_err(carry)?;
        match value.kind() {
            ValueKind::Map => {
                self.namespaces += usize::from(object.type_name().ends_with("::Namespace"));
                for (key, item) in object.try_iter_pairs().into_iter().flatten() {
                    self.parts(&key, depth)?;
                    self.parts(&item, depth)?;
                }
            }
            ValueKind::Seq => {
                for item in value.try_iter()? {
                    self.parts(&item, depth)?;
                }
            }
            _ => {}
        }
        Ok(())
    }
}

/// What is put into a namespace. One that holds itself could be neither compared nor dropped.
fn stored(state: &mut State, limits: Limits, value: &Value) -> Result<Value, Error> {
    if look_through(state, limits, value)?.namespaces > 0 {
        return Err(carry(
            Diagnostic::error("template.evaluate", "a namespace may not be put into a namespace")
                .hint("give each a name of its own"),
        ));
    }
    Ok(value.clone())
}

/// Puts what can make much of little under control, and adds the filters that the rewriter puts in.
pub(super) fn add(env: &mut Environment<'static>, limits: Limits) {
    for (name, filter) in [
        ("upper", Value::from_function(filters::upper)),
        ("lower", Value::from_function(filters::lower)),
        ("title", Value::from_function(filters::title)),
        ("capitalize", Value::from_function(filters::capitalize)),
        ("trim", Value::from_function(filters::trim)),
        ("split", Value::from_function(filters::split)),
        ("lines", Value::from_function(filters::lines)),
        ("list", Value::from_function(filters::list)),
        ("reverse", Value::from_function(filters::reverse)),
        ("sort", Value::from_function(filters::sort)),
        ("unique", Value::from_function(filters::unique)),
        ("chain", Value::from_function(filters::chain)),
        ("items", Value::from_function(filters::items)),
        ("dictsort", Value::from_function(filters::dictsort)),
        ("zip", Value::from_function(filters::zip)),
        ("batch", Value::from_function(filters::batch)),
        ("slice", Value::from_function(filters::slice)),
        ("groupby", Value::from_function(filters::groupby)),
    ] {
        let nests = matches!(name, "items" | "dictsort" | "zip" | "batch" | "slice" | "groupby");
        env.add_filter(name, move |state: &mut State, arguments: Rest<ValueOrKwargs>| {
            let arguments = arguments.into_values();
            let made = filter.call(state, &arguments)?;
            let made = grown(state, limits, &made)?;
            if nests {
                look_through(state, limits, &made)?;
            }
            Ok::<_, Error>(made)
        });
    }
    for (name, function) in [
        ("dict", Value::from_function(minijinja::functions::dict)),
        ("namespace", Value::from_function(minijinja::functions::namespace)),
    ] {
        env.add_function(name, move |state: &mut State, arguments: Rest<ValueOrKwargs>| {
            let arguments = arguments.into_values();
            for argument in &arguments {
                if name == "namespace" {
                    stored(state, limits, argument)?;
                } else {
                    look_through(state, limits, argument)?;
                }
            }
            function.call(state, &arguments)
        });
    }
    env.add_filter("pprint", move |state: &mut State, value: &Value| {
        let mut shown = Capped { text: String::new(), most: limits.text };
        if write!(shown, "{value:#?}").is_err() {
            bounded(usize::MAX, limits.text)?;
        }
        paid(state, limits, shown.text)
    });
    env.add_filter("__bounded", move |state: &mut State, value: &Value| {
        grown(state, limits, value)
    });
    env.add_filter("__made", move |state: &mut State, value: &Value| {
        look_through(state, limits, value)?;
        Ok::<_, Error>(value.clone())
    });
    env.add_filter("__stored", move |state: &mut State, value: &Value| {
        stored(state, limits, value)
    });
    env.add_filter("__spend", move |state: &mut State, bytes: usize| pay(state, limits, bytes));
}

/// Text that stops growing at a limit.
struct Capped {
    text: String,
    most: usize,
}

impl fmt::Write for Capped {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        let room = self.most - self.text.len();
        if part.len() <= room {
            self.text.push_str(part);
            return Ok(());
        }
        let ends = part.char_indices().map(|(at, character)| at + character.len_utf8());
        let fits = ends.take_while(|end| *end <= room).last().unwrap_or(0);
        self.text.push_str(&part[..fits]);
        Err(fmt::Error)
    }
}

/// Whether a value is shown with these characters first; no more of it is looked at.
pub(super) fn is_shown_as(value: &Value, start: &str) -> bool {
    let mut shown = Capped { text: String::new(), most: start.len() };
    // Fails as soon as there is more.
    let _ = write!(shown, "{value}");
    shown.text == start
}
