//! What a chart's values may be: types, defaults, documentation, secrecy and list strategies.
//!
//! A chart has one JSON Schema (2020-12) per component and one for everything chart-wide. [`ChartSchema::load`]
//! reads them through the [`Source`](crate::Source), checks them (a misspelt keyword is an error, not a rule that
//! silently never applies), and compiles one validator per component, but only when a quick look could not already
//! tell that the values are right. `$ref` reaches other files of the repository and nothing else; nothing is ever
//! fetched.
//!
//! Two views of the same texts come out. The *compiled* one judges values; in it every object that lists its
//! `properties` is closed. The *place* view ([`Place`]) answers what a merge, a `--set` or a message needs to know
//! about one path: the types allowed there, the list strategy, the default, whether it is secret.

mod accept;
mod combined;
mod compile;
mod docs;
mod files;
mod formats;
mod load;
mod meta;
mod place;
mod read;
mod types;
mod vocabulary;

pub(crate) use accept::{Instance, Question, Shown};
pub(crate) use combined::combined;
pub(crate) use docs::{commented_values, reference};
pub(crate) use files::Part;
pub(crate) use load::ChartSchema;
pub(crate) use place::{ListType, Place, Places};
pub(crate) use types::Types;

use serde_json::Value as Json;

use crate::yaml::{Kind, Node, Number};

/// The key that a component owns in the values tree: its name in lowerCamelCase.
pub(crate) fn values_key(component: &str) -> String {
    let mut key = String::with_capacity(component.len());
    let mut upper = false;
    for letter in component.chars() {
        if matches!(letter, '-' | '_' | '.') {
            upper = !key.is_empty();
        } else if upper {
            key.extend(letter.to_uppercase());
            upper = false;
        } else {
            key.push(letter);
        }
    }
    key
}

/// A node as JSON, for the validator and for editors.
pub(crate) fn to_json(node: &Node) -> Json {
    match &node.kind {
        Kind::Null => Json::Null,
        Kind::Bool(value) => Json::Bool(*value),
        Kind::Number(number) => number_to_json(number),
        Kind::String(text) => Json::String(text.text.to_string()),
        Kind::List(items) => Json::Array(items.iter().map(to_json).collect()),
        Kind::Map(map) => Json::Object(
            map.entries
                .iter()
                .map(|entry| (entry.key.text.to_string(), to_json(&entry.value)))
                .collect(),
        ),
    }
}

/// A number as JSON. What JSON numbers cannot hold becomes the nearest float, NaN and infinities a string that
/// no numeric rule accepts.
pub(crate) fn number_to_json(number: &Number) -> Json {
    let exact = match number {
        Number::Int(value) => serde_json::Number::from_i128(*value),
        Number::Big(_) => None,
        Number::Float(value) => serde_json::Number::from_f64(*value),
    };
    exact
        .or_else(|| number.to_string().parse().ok().and_then(serde_json::Number::from_f64))
        .map_or_else(|| Json::String(number.to_string()), Json::Number)
}
