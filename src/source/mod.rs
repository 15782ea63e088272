//! The one door through which files come in.

mod cached;
mod dir;
mod memory;
mod path;

pub(crate) use cached::once;
pub use cached::{Cache, Cached};
pub use dir::DirSource;
pub use memory::MemorySource;
pub use path::{PathError, SourcePath};

use std::sync::Arc;

use crate::diag::nearest;

/// Where charts, schemas and layers are read from.
///
/// Two questions and no others: no clock, no environment, no network, no writing. [`MemorySource`] serves tests
/// and embedders, [`DirSource`] a folder on disk.
pub trait Source: Send + Sync {
    /// The text of a file.
    ///
    /// # Errors
    /// [`ReadError`] when there is none, or it may not or cannot be read.
    fn read(&self, path: &SourcePath) -> Result<Arc<str>, ReadError>;

    /// Every file below a folder, at any depth, sorted; none when there is no such folder.
    ///
    /// # Errors
    /// [`ReadError`] when the folder cannot be listed or leads out of the root.
    fn list(&self, dir: &SourcePath) -> Result<Vec<SourcePath>, ReadError>;

    /// Where [`Cached`] keeps what was made of its files; nowhere for any other source.
    #[doc(hidden)]
    fn cache(&self) -> Option<&Cache> {
        None
    }
}

/// A file beside one that is missing, of nearly the same name.
pub(crate) fn neighbour(source: &dyn Source, path: &SourcePath) -> Option<String> {
    let folder = path.parent();
    let files = source.list(&folder).ok()?;
    let names = files.iter().filter_map(|file| file.strip_prefix(&folder));
    let near = nearest(path.strip_prefix(&folder)?, names)?;
    Some(folder.join(near).ok()?.as_str().to_owned())
}

/// Why a file could not be read.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// There is no such file.
    #[error("no such file `{0}`")]
    NotFound(SourcePath),
    /// The file is not UTF-8.
    #[error("`{0}` is not UTF-8 text")]
    NotText(SourcePath),
    /// A symbolic link leads out of the root.
    #[error("`{0}` is a symbolic link that leads out of the project folder")]
    Outside(SourcePath),
    /// The file is larger than the limit, in bytes.
    #[error("`{path}` is larger than {limit} bytes")]
    TooLarge {
        /// The file.
        path: SourcePath,
        /// The limit in bytes.
        limit: u64,
    },
    /// Anything else that the system says.
    #[error("cannot read `{path}`: {message}")]
    Io {
        /// The file.
        path: SourcePath,
        /// The system's words.
        message: String,
    },
}
