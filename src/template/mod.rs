//! YAML templates in which `{{ e }}` stands for a value, never for text.
//!
//! A template is rewritten when it is loaded (`rewrite`), so that text captured by macros and the like becomes
//! a value before anyone can look at it (`fragment`). Running it leaves YAML with a token for each print
//! (`token`); that text depends on the template alone, so it is read once per shape (`shape`) and the values
//! are put in afterwards (`resolve`). No value can therefore add a key, a document, a comment or a quote. When
//! something is wrong the same rendering runs again with marks and says where (`trace`).
//!
//! ```
//! use plimsoll::template::Templates;
//!
//! let mut templates = Templates::new();
//! templates.add("web.yaml.j2", "kind: Service\nname: {{ name }}\nport: {{ port }}\nlabels: {{ labels }}\n")?;
//! let context = serde_json::json!({
//!     "name": "web: # no comment",
//!     "port": 80,
//!     "labels": null, // none: the key is left out
//! });
//! let text = templates.render("web.yaml.j2", &context)?;
//! assert_eq!(text, "kind: Service\nname: \"web: # no comment\"\nport: 80\n");
//! # Ok::<(), plimsoll::Diagnostics>(())
//! ```

mod calls;
mod captured;
mod closed;
mod convert;
mod cost;
mod encode;
mod engine;
mod error;
mod expression;
mod filters;
mod fragment;
mod freeze;
pub(crate) mod fuzzing;
mod habits;
mod imports;
mod ini;
mod names;
mod network;
mod properties;
#[cfg(test)]
mod property_tests;
mod quantity;
mod resolve;
mod rewrite;
mod roots;
mod scan;
mod shape;
mod templates;
#[cfg(test)]
mod tests;
mod token;
mod trace;
mod tree;

pub use templates::{Limits, Templates};

pub(crate) use closed::Declared;
pub(crate) use convert::{
    closed_value_from_entries, node_from_value, value_from_entries, value_from_items,
    value_from_node,
};
pub(crate) use expression::Expressions;
pub(crate) use templates::{Context, Segment};
pub(crate) use trace::Traced;
