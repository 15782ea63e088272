//! Files that exist only in memory.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{PathError, ReadError, Source, SourcePath};

/// A [`Source`] over texts in memory, for tests and embedders.
///
/// ```
/// use plimsoll::{MemorySource, Source, SourcePath};
///
/// let source = MemorySource::new().with("values/prod.yaml", "replicas: 3\n")?;
/// assert_eq!(&*source.read(&SourcePath::new("values/prod.yaml")?).unwrap(), "replicas: 3\n");
/// # Ok::<(), plimsoll::PathError>(())
/// ```
#[derive(Clone, Default)]
pub struct MemorySource(BTreeMap<SourcePath, Arc<str>>);

impl MemorySource {
    /// No files.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a file, or replaces it.
    ///
    /// # Errors
    /// [`PathError`] when the path is absolute or leads out of the root.
    pub fn with(mut self, path: &str, text: impl Into<Arc<str>>) -> Result<Self, PathError> {
        self.0.insert(SourcePath::new(path)?, text.into());
        Ok(self)
    }
}

impl std::fmt::Debug for MemorySource {
    /// Names the files only: they may hold secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Source for MemorySource {
    fn read(&self, path: &SourcePath) -> Result<Arc<str>, ReadError> {
        self.0.get(path).cloned().ok_or_else(|| ReadError::NotFound(path.clone()))
    }

    fn list(&self, dir: &SourcePath) -> Result<Vec<SourcePath>, ReadError> {
        Ok(self.0.keys().filter(|path| path.strip_prefix(dir).is_some()).cloned().collect())
    }
}
