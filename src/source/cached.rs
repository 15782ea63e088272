//! A source that remembers.

use std::any::Any;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use super::{ReadError, Source, SourcePath};

/// A [`Source`] for several releases: files are read once, and what the releases of a chart have in common (the chart,
/// its schemas, its compiled templates) is made once.
///
/// It shows what was there when it was first asked; for files that have changed since, make a new one.
///
/// ```
/// use plimsoll::{Cached, MemorySource, Source, SourcePath};
///
/// let source = Cached::new(MemorySource::new().with("a.yaml", "a: 1\n")?);
/// let path = SourcePath::new("a.yaml")?;
/// assert!(std::sync::Arc::ptr_eq(&source.read(&path)?, &source.read(&path)?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Cached<S> {
    inner: S,
    cache: Cache,
}

impl<S: Source> Cached<S> {
    /// Remembers nothing yet.
    pub fn new(inner: S) -> Self {
        Self { inner, cache: Cache::default() }
    }
}

impl<S: fmt::Debug> fmt::Debug for Cached<S> {
    /// Not what was read: it may hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Cached").field(&self.inner).finish()
    }
}

impl<S: Source> Source for Cached<S> {
    fn read(&self, path: &SourcePath) -> Result<Arc<str>, ReadError> {
        let text = self.cache.get_or_make(path.as_str(), || self.inner.read(path))?;
        Ok(Arc::clone(&text))
    }

    fn list(&self, dir: &SourcePath) -> Result<Vec<SourcePath>, ReadError> {
        self.inner.list(dir)
    }

    fn cache(&self) -> Option<&Cache> {
        Some(&self.cache)
    }
}

/// What was made of the files so far, by name and type.
#[derive(Default)]
pub struct Cache(Mutex<BTreeMap<String, Arc<dyn Any + Send + Sync>>>);

impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cache")
    }
}

impl Cache {
    /// What is known under a name, made if it is not. Failures are not remembered. Two threads may make the same.
    fn get_or_make<T: Send + Sync + 'static, E>(
        &self,
        name: &str,
        make: impl FnOnce() -> Result<T, E>,
    ) -> Result<Arc<T>, E> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned();
        if let Some(known) = known.and_then(|known| known.downcast().ok()) {
            return Ok(known);
        }
        let new = Arc::new(make()?);
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(name.to_owned(), Arc::clone(&new) as Arc<dyn Any + Send + Sync>);
        Ok(new)
    }
}

/// Makes something of the files of a source, once if the source remembers. A name stands for one thing made in one way.
pub(crate) fn once<T: Send + Sync + 'static, E>(
    source: &dyn Source,
    name: &str,
    make: impl FnOnce() -> Result<T, E>,
) -> Result<Arc<T>, E> {
    match source.cache() {
        Some(cache) => cache.get_or_make(name, make),
        None => make().map(Arc::new),
    }
}
