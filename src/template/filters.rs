//! Filters and tests beyond minijinja's, and those of its own that would speak Python.
//!
//! minijinja writes `True` and `None` where YAML says `true` and knows no text for none, so every filter here
//! that makes text uses the same rule as a print does. Filters that can blow a text up are bounded.

use std::sync::Arc;

use minijinja::value::{Kwargs, Rest, ValueKind, ValueOrKwargs};
use minijinja::{Environment, Error, State, Value};

use super::Limits;
use super::convert::{describe, is_callable, not_data, scalar_text};
use super::cost;
use super::encode;
use super::engine::{bounded, invalid};
use super::error::carry;
use super::freeze::freeze;
use super::ini;
use super::network;
use super::properties;
use super::quantity;
use super::resolve::inserted;
use super::token::has_reserved;

/// Adds everything to an environment.
pub(super) fn add(env: &mut Environment<'static>, limits: Limits) {
    let most = limits.text;
    cost::add(env, limits);
    network::add(env);
    env.add_filter("b64encode", move |state: &mut State, value: &Value| {
        let made = encode::b64encode(&text(value)?);
        cost::paid(state, limits, made)
    });
    env.add_filter("b64decode", move |state: &mut State, value: &Value| {
        let made = encode::b64decode(&text(value)?)?;
        cost::paid(state, limits, made)
    });
    env.add_filter("sha256", |value: &Value| Ok::<_, Error>(encode::sha256(&text(value)?)));
    env.add_filter("toyaml", move |state: &mut State, value: &Value| {
        let made = encode::toyaml(&frozen(state, value)?, most)?;
        cost::paid(state, limits, made)
    });
    env.add_filter("toini", move |state: &mut State, value: &Value, kwargs: Kwargs| {
        let made = ini::toini(&frozen(state, value)?, &kwargs, most)?;
        cost::paid(state, limits, made)
    });
    env.add_filter("toproperties", move |state: &mut State, value: &Value| {
        let made = properties::toproperties(&frozen(state, value)?, most)?;
        cost::paid(state, limits, made)
    });
    env.add_filter(
        "tojson",
        move |state: &mut State, value: &Value, indent: Option<Value>, kwargs: Kwargs| {
            let made = encode::tojson(&frozen(state, value)?, indent, &kwargs, most)?;
            cost::paid(state, limits, made)
        },
    );
    env.add_filter("fromyaml", |value: &Value| encode::fromyaml(&text(value)?));
    env.add_filter("quantity", quantity::filter);
    env.add_filter("dns_label", |value: &Value| Ok::<_, Error>(encode::dns_label(&text(value)?)));
    env.add_filter("semver", |value: &Value, wanted: &str| encode::semver(&text(value)?, wanted));
    env.add_test("semver", |value: &Value, wanted: &str| encode::semver(&text(value)?, wanted));
    env.add_filter("string", |value: &Value| text(value).map(Value::from));
    env.add_filter("text", |value: &Value| text(value).map(Value::from));
    env.add_filter("join", move |state: &mut State, value: &Value, rest: Rest<ValueOrKwargs>| {
        let made = join(value, &rest.into_values(), most)?;
        cost::paid(state, limits, made)
    });
    env.add_filter(
        "format",
        move |state: &mut State, pattern: &Value, rest: Rest<ValueOrKwargs>| {
            let made = format(state, pattern, &rest.into_values(), most)?;
            cost::pay(state, limits, made.as_str().map_or(0, str::len))?;
            Ok::<_, Error>(made)
        },
    );
    env.add_filter("replace", move |state: &mut State, value: &Value, from: &Value, to: &Value| {
        let made = replace(&text(value)?, &text(from)?, &text(to)?, most)?;
        cost::paid(state, limits, made)
    });
    env.add_filter("indent", move |state: &mut State, value: &Value, rest: Rest<ValueOrKwargs>| {
        let made = indent(value, &rest.into_values(), most)?;
        cost::paid(state, limits, made)
    });
    // What the rewriter makes of operators.
    env.add_filter("__concat", move |state: &mut State, first: &Value, rest: Rest<Value>| {
        let made = concat(state, first, &rest, most)?;
        cost::paid(state, limits, made)
    });
}

/// The text of a scalar; anything else is an error that says what it is.
pub(super) fn text(value: &Value) -> Result<Arc<str>, Error> {
    let text = scalar_text(value).ok_or_else(|| match value.kind() {
        ValueKind::Undefined => undefined(value),
        ValueKind::Plain | ValueKind::Bytes => carry(not_data(value)),
        ValueKind::Map if is_callable(value) => carry(not_data(value)),
        _ => invalid(format!(
            "{} has no text here, expected a string or another scalar",
            describe(value)
        )),
    })?;
    if has_reserved(&text) {
        return Err(super::error::carry(super::convert::reserved()));
    }
    Ok(text)
}

/// An undefined value where one is needed. Only errors of minijinja's own know the name behind it.
pub(super) fn undefined(value: &Value) -> Error {
    match minijinja::filters::length(value) {
        Err(error) => error,
        Ok(_) => Error::new(minijinja::ErrorKind::UndefinedError, "undefined value"),
    }
}

/// `a ~ b ~ c`.
fn concat(state: &mut State, first: &Value, rest: &[Value], most: usize) -> Result<String, Error> {
    let mut out = String::new();
    for value in std::iter::once(first).chain(rest) {
        let text = joined(state, value)?;
        bounded(out.len() + text.len(), most)?;
        out.push_str(&text);
    }
    Ok(out)
}

/// The text of one side of `~`: what a print next to other text would give.
fn joined(state: &mut State, value: &Value) -> Result<Arc<str>, Error> {
    if value.is_undefined() {
        // Fails unless it comes from an `if` without `else`, which gives no text.
        state.format(value.clone())?;
        return Ok("".into());
    }
    inserted(value).map_err(carry)
}

/// A value about to be written, in which nothing may be undefined.
fn frozen(state: &mut State, value: &Value) -> Result<Value, Error> {
    Ok(freeze(state, value)?.unwrap_or_else(|| value.clone()))
}

/// Joins the texts of a list; none and undefined items are errors like in any text.
fn join(value: &Value, rest: &[Value], most: usize) -> Result<String, Error> {
    let (mut arguments, kwargs) = split(rest)?;
    let attribute: Option<String> = kwargs.get("attribute")?;
    let joiner: Option<Value> = kwargs.get("d")?;
    kwargs.assert_all_used()?;
    let joiner = match joiner.or_else(|| arguments.next().cloned()) {
        Some(joiner) => text(&joiner)?,
        None => "".into(),
    };
    let mut out = String::new();
    if let Some(string) = value.as_str() {
        for (index, character) in string.chars().enumerate() {
            bounded(out.len() + joiner.len(), most)?;
            out.push_str(if index > 0 { &joiner } else { "" });
            out.push(character);
        }
        return Ok(out);
    }
    for (index, item) in value.try_iter()?.enumerate() {
        let item = match &attribute {
            Some(path) => attribute_of(&item, path)?,
            None => item,
        };
        let item = text(&item)?;
        bounded(out.len() + joiner.len() + item.len(), most)?;
        out.push_str(if index > 0 { &joiner } else { "" });
        out.push_str(&item);
    }
    Ok(out)
}

fn attribute_of(item: &Value, path: &str) -> Result<Value, Error> {
    path.split('.').try_fold(item.clone(), |value, part| match part.parse::<usize>() {
        Ok(index) => value.get_item_by_index(index),
        Err(_) => value.get_attr(part),
    })
}

/// Splits the arguments of a filter into those by position and those by name.
fn split(rest: &[Value]) -> Result<(std::slice::Iter<'_, Value>, Kwargs), Error> {
    match rest.split_last() {
        Some((last, before)) if last.is_kwargs() => {
            Ok((before.iter(), Kwargs::try_from(last.clone())?))
        }
        _ => Ok((rest.iter(), std::iter::empty::<(String, Value)>().collect())),
    }
}

/// printf-style formatting in which booleans read `true` and `false`.
fn format(state: &mut State, pattern: &Value, rest: &[Value], most: usize) -> Result<Value, Error> {
    let spoken = |value: &Value| match value.kind() {
        ValueKind::Bool => Ok(Value::from(text(value)?)),
        ValueKind::None => Err(invalid("none inside text")),
        // Its text would be Python's, and as long as the value is deep.
        ValueKind::Map | ValueKind::Seq | ValueKind::Iterable => Err(invalid(format!(
            "{} inside text; say how it becomes text: `| tojson`",
            describe(value)
        ))),
        _ => Ok(value.clone()),
    };
    let mut arguments = vec![pattern.clone()];
    for value in rest {
        arguments.push(if value.is_kwargs() { value.clone() } else { spoken(value)? });
    }
    for number in pattern.as_str().unwrap_or_default().split(|c: char| !c.is_ascii_digit()) {
        bounded(number.parse().unwrap_or(if number.is_empty() { 0 } else { usize::MAX }), most)?;
    }
    let format = Value::from_function(minijinja::filters::format);
    let made = format.call(state, &arguments)?;
    bounded(made.as_str().map_or(0, str::len), most)?;
    Ok(made)
}

fn replace(value: &str, from: &str, to: &str, most: usize) -> Result<String, Error> {
    let count =
        if from.is_empty() { value.chars().count() + 1 } else { value.matches(from).count() };
    bounded(count.saturating_mul(to.len()), most)?;
    let made = value.replace(from, to);
    bounded(made.len(), most)?;
    Ok(made)
}

/// Indents all lines but the first; `first` and `blank` include the first one and empty ones.
fn indent(value: &Value, rest: &[Value], most: usize) -> Result<String, Error> {
    let (mut arguments, kwargs) = split(rest)?;
    let mut argument = |name: &str| -> Result<Option<Value>, Error> {
        let named: Option<Value> = kwargs.get(name)?;
        Ok(named.or_else(|| arguments.next().cloned()))
    };
    let width = argument("width")?;
    let width = width.map_or(Some(4), |width| width.as_usize());
    let width = width.ok_or_else(|| invalid("the width of `indent` is a number of blanks"))?;
    let first = argument("first")?.is_some_and(|flag| flag.is_true());
    let blank = argument("blank")?.is_some_and(|flag| flag.is_true());
    kwargs.assert_all_used()?;
    let value = text(value)?;
    bounded(value.lines().count().saturating_mul(width).saturating_add(value.len()), most)?;
    let blanks = " ".repeat(width);
    let mut out = String::new();
    for (index, line) in value.split('\n').enumerate() {
        if index > 0 {
            out.push('\n');
        }
        let wanted = if index == 0 { first } else { blank || !line.is_empty() };
        if wanted {
            out.push_str(&blanks);
        }
        out.push_str(line);
    }
    Ok(out)
}
