//! Text keys and what stands under them, in the author's order.
//!
//! Nearly every mapping that people write has a handful of keys, and those are found fastest by looking. A large one
//! keeps an index beside it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::{mem, slice, vec};

/// From this many keys on an index is kept.
const MANY: usize = 16;

/// A mapping of text keys that keeps their order.
#[derive(Clone, Debug)]
pub(crate) struct Ordered<V> {
    entries: Vec<(Arc<str>, V)>,
    /// Where each key stands; complete whenever there are [`MANY`].
    index: Option<BTreeMap<Arc<str>, usize>>,
}

impl<V> Ordered<V> {
    pub(crate) fn new() -> Self {
        Self { entries: Vec::new(), index: None }
    }

    pub(crate) fn with_capacity(keys: usize) -> Self {
        Self { entries: Vec::with_capacity(keys), index: None }
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Where a key stands.
    pub(crate) fn position(&self, key: &str) -> Option<usize> {
        match &self.index {
            Some(index) => index.get(key).copied(),
            None => self.entries.iter().position(|(other, _)| **other == *key),
        }
    }

    pub(crate) fn at(&self, position: usize) -> Option<&V> {
        self.entries.get(position).map(|(_, value)| value)
    }

    pub(crate) fn contains_key(&self, key: &str) -> bool {
        self.position(key).is_some()
    }

    pub(crate) fn get(&self, key: &str) -> Option<&V> {
        self.entries.get(self.position(key)?).map(|(_, value)| value)
    }

    pub(crate) fn get_mut(&mut self, key: &str) -> Option<&mut V> {
        let at = self.position(key)?;
        self.entries.get_mut(at).map(|(_, value)| value)
    }

    /// Puts a value under a key, a new one at the end; gives back what stood there.
    pub(crate) fn insert(&mut self, key: Arc<str>, value: V) -> Option<V> {
        match self.get_mut(&key) {
            Some(old) => Some(mem::replace(old, value)),
            None => {
                self.push(key, value);
                None
            }
        }
    }

    /// The value under a key, made if there is none.
    pub(crate) fn get_or_insert_with(
        &mut self,
        key: &Arc<str>,
        make: impl FnOnce() -> V,
    ) -> &mut V {
        let at = self.position(key).unwrap_or_else(|| {
            self.push(Arc::clone(key), make());
            self.entries.len() - 1
        });
        &mut self.entries[at].1
    }

    /// Takes a key out; those after it move up.
    pub(crate) fn remove(&mut self, key: &str) -> Option<V> {
        let at = self.position(key)?;
        let (_, value) = self.entries.remove(at);
        self.index = None;
        if self.entries.len() >= MANY {
            self.look_up_all();
        }
        Some(value)
    }

    /// Adds a key that is known to be new.
    fn push(&mut self, key: Arc<str>, value: V) {
        if let Some(index) = &mut self.index {
            index.insert(Arc::clone(&key), self.entries.len());
        }
        self.entries.push((key, value));
        if self.index.is_none() && self.entries.len() >= MANY {
            self.look_up_all();
        }
    }

    fn look_up_all(&mut self) {
        let places = self.entries.iter().enumerate();
        self.index = Some(places.map(|(at, (key, _))| (Arc::clone(key), at)).collect());
    }

    pub(crate) fn iter(&self) -> Iter<'_, V> {
        self.into_iter()
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &Arc<str>> {
        self.entries.iter().map(|(key, _)| key)
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &V> {
        self.entries.iter().map(|(_, value)| value)
    }

    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.entries.iter_mut().map(|(_, value)| value)
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (&Arc<str>, &mut V)> {
        self.entries.iter_mut().map(|(key, value)| (&*key, value))
    }
}

impl<V> Default for Ordered<V> {
    fn default() -> Self {
        Self::new()
    }
}

/// Mappings are equal whatever the order of their keys.
impl<V: PartialEq> PartialEq for Ordered<V> {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().all(|(key, value)| other.get(key) == Some(value))
    }
}

impl<V> FromIterator<(Arc<str>, V)> for Ordered<V> {
    fn from_iter<I: IntoIterator<Item = (Arc<str>, V)>>(pairs: I) -> Self {
        let pairs = pairs.into_iter();
        let mut all = Self::with_capacity(pairs.size_hint().0);
        for (key, value) in pairs {
            all.insert(key, value);
        }
        all
    }
}

impl<V> IntoIterator for Ordered<V> {
    type Item = (Arc<str>, V);
    type IntoIter = vec::IntoIter<(Arc<str>, V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter()
    }
}

impl<'a, V> IntoIterator for &'a Ordered<V> {
    type Item = (&'a Arc<str>, &'a V);
    type IntoIter = Iter<'a, V>;

    fn into_iter(self) -> Iter<'a, V> {
        Iter(self.entries.iter())
    }
}

/// The entries in order.
pub(crate) struct Iter<'a, V>(slice::Iter<'a, (Arc<str>, V)>);

impl<'a, V> Iterator for Iter<'a, V> {
    type Item = (&'a Arc<str>, &'a V);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|(key, value)| (key, value))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl<V> ExactSizeIterator for Iter<'_, V> {}

#[cfg(test)]
mod tests {
    use indexmap::IndexMap;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// What is done to a mapping has the same result as done to an `IndexMap`, small and large.
        #[test]
        fn agrees_with_indexmap(steps in proptest::collection::vec((0..3_u8, 0..40_u16, 0..9_u8), 0..120)) {
            let mut ours = Ordered::new();
            let mut theirs: IndexMap<Arc<str>, u8> = IndexMap::new();
            for (what, key, value) in steps {
                let key: Arc<str> = key.to_string().into();
                match what {
                    0 => prop_assert_eq!(ours.insert(key.clone(), value), theirs.insert(key, value)),
                    1 => prop_assert_eq!(ours.remove(&key), theirs.shift_remove(&key)),
                    _ => prop_assert_eq!(
                        *ours.get_or_insert_with(&key, || value),
                        *theirs.entry(key).or_insert(value)
                    ),
                }
                prop_assert!(ours.iter().eq(theirs.iter()));
            }
            for key in 0..40_u16 {
                prop_assert_eq!(ours.position(&key.to_string()), theirs.get_index_of(&*key.to_string()));
            }
        }
    }
}
