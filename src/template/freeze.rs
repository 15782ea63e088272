//! Printed values as they are at the time.
//!
//! Prints are resolved once the text is complete. Values do not change until then, but a namespace does, and so
//! a print keeps what its namespaces hold now. And while minijinja refuses to print what is undefined, it puts
//! such values into lists and mappings without a word; here they are found.

use indexmap::IndexMap;
use minijinja::value::{DynObject, ValueKind};
use minijinja::{Error, State, Value};

use super::captured::Captured;
use super::convert::{DEPTH, deeper, is_callable, too_large};
use super::error::carry;
use super::tree::{Mapping, Sequence};

/// Parts of one print; a namespace may hold itself many times.
const MOST: usize = 1 << 20;

/// Keeps what a value holds now; nothing if it cannot change.
pub(super) fn freeze(state: &mut State, value: &Value) -> Result<Option<Value>, Error> {
    let mut walk = Walk { state, left: MOST };
    walk.value(value, DEPTH)
}

struct Walk<'w, 's, 'e> {
    state: &'w mut State<'s, 'e>,
    left: usize,
}

impl Walk<'_, '_, '_> {
    fn value(&mut self, value: &Value, depth: usize) -> Result<Option<Value>, Error> {
        if value.is_undefined() {
            // Fails unless it comes from an `if` without `else`.
            self.state.format(value.clone())?;
        }
        let Some(object) = value.as_object() else { return Ok(None) };
        if value.downcast_object_ref::<Mapping>().is_some()
            || value.downcast_object_ref::<Sequence>().is_some()
            || value.downcast_object_ref::<Captured>().is_some()
        {
            return Ok(None);
        }
        let depth = deeper(depth).map_err(carry)?;
        self.left = self.left.checked_sub(1).ok_or_else(|| carry(too_large()))?;
        match value.kind() {
            ValueKind::Map if !is_callable(value) => self.map(value, object, depth),
            ValueKind::Seq => self.list(value, depth),
            _ => Ok(None),
        }
    }

    fn map(
        &mut self,
        value: &Value,
        object: &DynObject,
        depth: usize,
    ) -> Result<Option<Value>, Error> {
        let mut changes = value.downcast_object_ref::<IndexMap<Value, Value>>().is_none();
        let Some(pairs) = object.try_iter_pairs() else { return Ok(None) };
        let mut kept: IndexMap<Value, Value> = IndexMap::new();
        for (key, item) in pairs {
            let frozen = self.value(&item, depth)?;
            changes |= frozen.is_some();
            kept.insert(key, frozen.unwrap_or(item));
        }
        Ok(changes.then(|| Value::from_object(kept)))
    }

    fn list(&mut self, value: &Value, depth: usize) -> Result<Option<Value>, Error> {
        let Ok(items) = value.try_iter() else { return Ok(None) };
        let mut changes = false;
        let mut kept: Vec<Value> = Vec::new();
        for item in items {
            let frozen = self.value(&item, depth)?;
            changes |= frozen.is_some();
            kept.push(frozen.unwrap_or(item));
        }
        Ok(changes.then(|| Value::from(kept)))
    }
}
