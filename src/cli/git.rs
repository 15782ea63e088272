//! A revision of the git repository around the project, read from its object database: no checkout, no
//! temporary files, no `git` program.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use gix::objs::tree::EntryKind;
use gix::{ObjectId, Repository};
use plimsoll::{Diagnostic, Diagnostics, ReadError, Source, SourcePath};

/// The project as it was at a revision.
pub(crate) struct GitSource {
    repository: Mutex<Repository>,
    /// The tree of the revision.
    tree: ObjectId,
    /// The project's folder below the root of the repository; empty or ending in `/`.
    prefix: String,
    /// The revision, as typed.
    revision: String,
}

impl GitSource {
    /// Opens the repository around `root` at a revision in git's own notation: `HEAD~1`, `main`, `v1.2^{}`.
    pub(crate) fn open(root: &Path, revision: &str) -> Result<Self, Diagnostics> {
        let fail = |code, message: String| Diagnostic::error(code, message);
        let root = root.canonicalize().map_err(|error| {
            fail("git.repository", format!("cannot read {}: {error}", root.display()))
        })?;
        let repository = gix::discover(&root).map_err(|_| {
            fail("git.repository", format!("`{}` is in no git repository", root.display()))
        })?;
        let unknown = |error: &dyn std::error::Error| {
            fail("git.revision", format!("there is no revision `{revision}`: {error}"))
                .hint("any notation of `git rev-parse` works, such as `main`, `HEAD~1` or a commit's hash")
                .hint("in a shallow clone older revisions are missing: `git fetch --unshallow`")
        };
        let tree = repository
            .rev_parse_single(revision)
            .map_err(|error| unknown(&error))?
            .object()
            .map_err(|error| unknown(&error))?
            .peel_to_tree()
            .map_err(|error| unknown(&error))?
            .id;
        let top = repository.workdir().and_then(|top| top.canonicalize().ok());
        let below = top.as_deref().and_then(|top| root.strip_prefix(top).ok());
        let mut prefix = String::new();
        for part in below.into_iter().flat_map(Path::components) {
            prefix.push_str(&part.as_os_str().to_string_lossy());
            prefix.push('/');
        }
        Ok(Self { repository: Mutex::new(repository), tree, prefix, revision: revision.to_owned() })
    }

    /// The entry at a path: its kind and object.
    fn entry(
        &self,
        repository: &Repository,
        path: &SourcePath,
    ) -> Result<(EntryKind, ObjectId), ReadError> {
        let whole = format!("{}{path}", self.prefix);
        let whole = whole.trim_end_matches('/');
        if whole.is_empty() {
            return Ok((EntryKind::Tree, self.tree));
        }
        let tree = repository.find_tree(self.tree).map_err(|error| self.broken(path, &error))?;
        match tree.lookup_entry_by_path(whole).map_err(|error| self.broken(path, &error))? {
            Some(entry) => Ok((entry.mode().kind(), entry.object_id())),
            None => Err(ReadError::NotFound(path.clone())),
        }
    }

    fn broken(&self, path: &SourcePath, error: &dyn std::error::Error) -> ReadError {
        let message = format!("git revision `{}`: {error}", self.revision);
        ReadError::Io { path: path.clone(), message }
    }
}

impl Source for GitSource {
    fn read(&self, path: &SourcePath) -> Result<Arc<str>, ReadError> {
        let repository = self.repository.lock().unwrap_or_else(PoisonError::into_inner);
        let (kind, id) = self.entry(&repository, path)?;
        match kind {
            EntryKind::Blob | EntryKind::BlobExecutable => {}
            EntryKind::Link => {
                let message = "a symbolic link is not followed in a git revision".to_owned();
                return Err(ReadError::Io { path: path.clone(), message });
            }
            EntryKind::Tree | EntryKind::Commit => return Err(ReadError::NotFound(path.clone())),
        }
        let blob = repository.find_object(id).map_err(|error| self.broken(path, &error))?;
        match std::str::from_utf8(&blob.data) {
            Ok(text) => Ok(text.into()),
            Err(_) => Err(ReadError::NotText(path.clone())),
        }
    }

    fn list(&self, dir: &SourcePath) -> Result<Vec<SourcePath>, ReadError> {
        let repository = self.repository.lock().unwrap_or_else(PoisonError::into_inner);
        let (EntryKind::Tree, id) = (match self.entry(&repository, dir) {
            Ok(entry) => entry,
            Err(ReadError::NotFound(_)) => return Ok(Vec::new()),
            Err(error) => return Err(error),
        }) else {
            return Ok(Vec::new());
        };
        let tree = repository.find_tree(id).map_err(|error| self.broken(dir, &error))?;
        let files =
            tree.traverse().breadthfirst.files().map_err(|error| self.broken(dir, &error))?;
        let mut paths: Vec<SourcePath> = files
            .into_iter()
            .filter(|entry| !entry.mode.is_tree() && !entry.mode.is_commit())
            .filter_map(|entry| {
                let below = entry.filepath.to_string();
                let slash = if dir.as_str().is_empty() { "" } else { "/" };
                SourcePath::new(&format!("{dir}{slash}{below}")).ok()
            })
            .collect();
        paths.sort();
        Ok(paths)
    }
}
