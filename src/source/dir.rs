#![expect(clippy::disallowed_methods, reason = "the one door to the disk")]

//! Files below a folder on disk.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{ReadError, Source, SourcePath};

/// A [`Source`] over a folder. Nothing outside that folder can be read, not through `..` (see [`SourcePath`]) and
/// not through a symbolic link.
#[derive(Clone, Debug)]
pub struct DirSource {
    root: PathBuf,
    max_file_size: u64,
}

impl DirSource {
    /// Opens a folder; files in it may have up to 16 MiB.
    ///
    /// # Errors
    /// When the folder does not exist.
    pub fn new(root: impl AsRef<Path>) -> io::Result<Self> {
        let root = fs::canonicalize(root)?;
        if !root.is_dir() {
            return Err(io::Error::new(io::ErrorKind::NotADirectory, "not a folder"));
        }
        Ok(Self { root, max_file_size: 16 << 20 })
    }

    /// Sets the largest size in bytes that a file may have.
    #[must_use]
    pub fn with_max_file_size(mut self, bytes: u64) -> Self {
        self.max_file_size = bytes;
        self
    }

    /// The real path of a file, refused if it lies outside the root.
    fn resolve(&self, path: &SourcePath) -> Result<PathBuf, ReadError> {
        let real =
            fs::canonicalize(self.root.join(path.as_str())).map_err(|e| read_error(path, &e))?;
        if real.starts_with(&self.root) { Ok(real) } else { Err(ReadError::Outside(path.clone())) }
    }

    fn walk(
        &self,
        dir: &SourcePath,
        depth: usize,
        found: &mut Vec<SourcePath>,
    ) -> Result<(), ReadError> {
        let io = |e: io::Error| read_error(dir, &e);
        if depth > 32 {
            return Err(ReadError::Io {
                path: dir.clone(),
                message: "folders are nested too deeply".into(),
            });
        }
        for entry in fs::read_dir(self.resolve(dir)?).map_err(io)? {
            let entry = entry.map_err(io)?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            let Ok(path) = dir.join(&name) else { continue };
            let kind = entry.file_type().map_err(io)?;
            if kind.is_dir() {
                self.walk(&path, depth + 1, found)?;
            } else if kind.is_file() {
                found.push(path);
            } else if kind.is_symlink() {
                let real = self.resolve(&path)?;
                if real.is_file() {
                    found.push(path);
                }
            }
        }
        Ok(())
    }
}

fn read_error(path: &SourcePath, error: &io::Error) -> ReadError {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => ReadError::NotFound(path.clone()),
        io::ErrorKind::InvalidData => ReadError::NotText(path.clone()),
        _ => ReadError::Io { path: path.clone(), message: error.to_string() },
    }
}

impl Source for DirSource {
    fn read(&self, path: &SourcePath) -> Result<Arc<str>, ReadError> {
        let real = self.resolve(path)?;
        let metadata = fs::metadata(&real).map_err(|e| read_error(path, &e))?;
        if !metadata.is_file() {
            return Err(ReadError::Io { path: path.clone(), message: "not a regular file".into() });
        }
        if metadata.len() > self.max_file_size {
            return Err(ReadError::TooLarge { path: path.clone(), limit: self.max_file_size });
        }
        Ok(fs::read_to_string(real).map_err(|e| read_error(path, &e))?.into())
    }

    fn list(&self, dir: &SourcePath) -> Result<Vec<SourcePath>, ReadError> {
        let mut found = Vec::new();
        match self.walk(dir, 0, &mut found) {
            Ok(()) => {}
            Err(ReadError::NotFound(missing)) if missing == *dir => return Ok(Vec::new()),
            Err(error) => return Err(error),
        }
        found.sort();
        Ok(found)
    }
}
