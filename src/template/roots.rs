//! Top-level names that nothing provides.
//!
//! minijinja takes a name that it does not find for something undefined, which counts as false: a misspelt switch
//! would be off for ever. A template's free names are known when it is loaded, and what provides names is known when
//! it runs. One that nothing can ever provide becomes an error, raised where it is looked up. `x is defined` and
//! `x | default(…)` ask whether there is such a name, so a template that asks may also go without.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use minijinja::value::Object;
use minijinja::{Error, ErrorKind, Template, Value};

use super::names;
use super::rewrite::Rewritten;
use super::tree::Mapping;

/// What the loaded templates read, by name.
#[derive(Debug, Default)]
pub(super) struct Roots {
    /// Read without being bound in the same template.
    free: BTreeSet<String>,
    /// Never an error: bound by a `set`, a macro or an import, perhaps in the template that includes another one, or
    /// asked for.
    settled: BTreeSet<String>,
}

impl Roots {
    /// Takes note of a loaded template.
    pub(super) fn add(&mut self, template: &Template<'_, '_>, rewritten: &Rewritten) {
        self.free.extend(template.undeclared_variables(false));
        self.settled.extend(rewritten.asked.iter().chain(&rewritten.imports.held).cloned());
    }

    /// The context, refusing to be asked for what neither it nor a template provides.
    pub(super) fn guard(&self, context: Value) -> Value {
        let provided = |name: &str| {
            names::is_function(name)
                || match context.downcast_object_ref::<Mapping>() {
                    // A replay would take a look at the value for its use.
                    Some(mapping) => mapping.entries.contains_key(name),
                    None => context.get_attr(name).is_ok_and(|value| !value.is_undefined()),
                }
        };
        let missing: BTreeSet<String> =
            self.free.difference(&self.settled).filter(|name| !provided(name)).cloned().collect();
        if missing.is_empty() { context } else { Value::from_object(Guarded { context, missing }) }
    }
}

/// A context in which some names are errors.
struct Guarded {
    context: Value,
    missing: BTreeSet<String>,
}

impl fmt::Debug for Guarded {
    /// The context may hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guarded").field("missing", &self.missing).finish_non_exhaustive()
    }
}

impl Object for Guarded {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        if self.missing.contains(key) {
            let detail = format!("`{key}` is undefined");
            return Some(Error::new(ErrorKind::UndefinedError, detail).into());
        }
        self.context.get_attr(key).ok().filter(|value| !value.is_undefined())
    }
}
