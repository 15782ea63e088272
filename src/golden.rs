//! Accepted output: one file per component under `golden/<release>/`.
//!
//! A golden is what [`render`](crate::render) gave with placeholders for secrets, with the keys of every mapping
//! sorted: the order of keys means nothing to Kubernetes, so moving one in a template or layer changes no golden.
//! The order of lists is kept. This module decides; writing files is the caller's part.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::diag::{Diagnostic, Diagnostics};
use crate::diff::{Diff, FileDiff, Manifest, ReleaseDiff, diff, write_document};
use crate::rendered::Rendered;
use crate::request::Request;
use crate::source::{ReadError, Source, SourcePath};

/// The folder that holds all goldens.
pub(crate) const FOLDER: &str = "golden";

/// What became of one golden file.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum State {
    /// It holds what would be rendered, to the byte.
    Equal,
    /// It differs.
    Changed,
    /// The component renders, but nothing was accepted yet.
    Missing,
    /// Nothing renders into it any more.
    Orphaned,
}

impl State {
    /// `equal`, `changed`, `missing` or `orphaned`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "equal",
            Self::Changed => "changed",
            Self::Missing => "missing",
            Self::Orphaned => "orphaned",
        }
    }
}

/// One golden file.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct GoldenFile {
    /// Where it is or would be.
    pub path: SourcePath,
    /// What became of it.
    pub state: State,
    /// What it holds; `None` if it is missing.
    pub old: Option<Arc<str>>,
    /// What accepting writes; `None` for an orphan, which accepting deletes.
    pub text: Option<String>,
}

impl GoldenFile {
    /// The component whose objects it holds.
    #[must_use]
    pub fn component(&self) -> &str {
        let name = self.path.as_str().rsplit('/').next().unwrap_or_default();
        name.trim_end_matches(".yaml")
    }
}

/// A rendered release held against its goldens.
#[derive(Clone, Debug)]
#[must_use]
pub struct Review {
    release: String,
    files: Vec<GoldenFile>,
    diff: Diff,
}

impl Review {
    /// The release's name.
    #[must_use]
    pub fn release(&self) -> &str {
        &self.release
    }

    /// Finds the lines behind each change; see [`Diff::with_causes`].
    ///
    /// # Errors
    /// The same.
    pub fn with_causes(self, source: &dyn Source, request: &Request) -> Result<Self, Diagnostics> {
        Ok(Self { diff: self.diff.with_causes(None, Some((source, request)))?, ..self })
    }

    /// Every golden file of the release, in the order in which components first appear, orphans last.
    #[must_use]
    pub fn files(&self) -> &[GoldenFile] {
        &self.files
    }

    /// What differs, object by object.
    pub fn diff(&self) -> &Diff {
        &self.diff
    }

    /// The same as a diff alone.
    pub fn into_diff(self) -> Diff {
        self.diff
    }

    /// The diff under the release's name, with both texts of every golden that differs.
    pub fn into_release(self, release: impl Into<String>) -> ReleaseDiff {
        let differs = self.files.into_iter().filter(|file| file.state != State::Equal);
        let both = |file: GoldenFile| {
            FileDiff::new(file.path.as_str(), file.old, file.text.map(Into::into))
        };
        ReleaseDiff::new(release, self.diff).with_files(differs.map(both).collect())
    }

    /// Whether accepting would change nothing.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        self.files.iter().all(|file| file.state == State::Equal)
    }
}

/// Holds a release, rendered with [`Secrets::Placeholder`](crate::Secrets), against its goldens.
///
/// # Errors
/// Goldens that cannot be read or are no Kubernetes objects.
pub fn review(source: &dyn Source, rendered: &Rendered) -> Result<Review, Diagnostics> {
    let folder = folder(&rendered.release().name)?;
    let mut files = Vec::new();
    let mut accepted = Vec::new();
    let mut equal = BTreeSet::new();
    for (name, text) in texts(rendered) {
        let path = below(&folder, &format!("{name}.yaml"))?;
        let (state, old) = match source.read(&path) {
            Ok(old) if *old == *text => {
                equal.insert(name);
                (State::Equal, Some(old))
            }
            Ok(old) => {
                accepted.push(Manifest::accepted(path.as_str(), &old)?);
                (State::Changed, Some(old))
            }
            Err(ReadError::NotFound(_)) => (State::Missing, None),
            Err(error) => return Err(unreadable(&error)),
        };
        files.push(GoldenFile { path, state, old, text: Some(text) });
    }
    for path in source.list(&folder).map_err(|error| unreadable(&error))? {
        if files.iter().all(|file| file.path != path) && is_golden(&folder, &path) {
            let old = source.read(&path).map_err(|error| unreadable(&error))?;
            accepted.push(Manifest::accepted(path.as_str(), &old)?);
            files.push(GoldenFile { path, state: State::Orphaned, old: Some(old), text: None });
        }
    }
    let accepted = Manifest::join(accepted).in_namespace(&rendered.release().namespace);
    let all = Manifest::of(rendered);
    let same = all.clone().only(|component| equal.contains(component));
    let rest = all.only(|component| !equal.contains(component));
    let diff = diff(&accepted, &rest).with_equal(same);
    Ok(Review { release: rendered.release().name.clone(), files, diff })
}

/// Golden files that belong to none of these releases.
///
/// # Errors
/// When the folder of goldens cannot be listed.
pub fn strays(source: &dyn Source, releases: &[&str]) -> Result<Vec<SourcePath>, Diagnostics> {
    let root = SourcePath::new(FOLDER).map_err(|error| bad(&error.to_string()))?;
    let mut paths = source.list(&root).map_err(|error| unreadable(&error))?;
    paths.retain(|path| {
        let inside = path.as_str().strip_prefix(FOLDER).unwrap_or_default().trim_start_matches('/');
        let release = inside.rsplit_once('/').map_or("", |(release, _)| release);
        has_golden_name(path) && !releases.contains(&release)
    });
    Ok(paths)
}

fn folder(release: &str) -> Result<SourcePath, Diagnostics> {
    SourcePath::new(&format!("{FOLDER}/{release}")).map_err(|error| bad(&error.to_string()))
}

fn below(folder: &SourcePath, name: &str) -> Result<SourcePath, Diagnostics> {
    SourcePath::new(&format!("{folder}/{name}")).map_err(|error| bad(&error.to_string()))
}

/// Whether a file stands directly in a release's folder; what stands deeper belongs to another release.
fn is_golden(folder: &SourcePath, path: &SourcePath) -> bool {
    let rest = path.as_str().strip_prefix(folder.as_str()).unwrap_or("").trim_start_matches('/');
    has_golden_name(path) && !rest.contains('/')
}

fn has_golden_name(path: &SourcePath) -> bool {
    path.as_str().ends_with(".yaml")
}

fn bad(message: &str) -> Diagnostics {
    Diagnostic::error("golden.path", message).into()
}

fn unreadable(error: &ReadError) -> Diagnostics {
    Diagnostic::error("golden.unreadable", error.to_string()).into()
}

/// The files that a release turns into goldens on either side; a side that is not there has none.
///
/// # Errors
/// When the release's name makes no legal path.
pub fn files(old: Option<&Rendered>, new: Option<&Rendered>) -> Result<Vec<FileDiff>, Diagnostics> {
    let texts = |side: Option<&Rendered>| -> Result<Vec<(SourcePath, String)>, Diagnostics> {
        let Some(rendered) = side else { return Ok(Vec::new()) };
        let folder = folder(&rendered.release().name)?;
        let texts = texts(rendered).into_iter();
        texts.map(|(name, text)| Ok((below(&folder, &format!("{name}.yaml"))?, text))).collect()
    };
    let (mut before, after) = (texts(old)?, texts(new)?);
    let mut files = Vec::new();
    for (path, text) in after {
        let at = before.iter().position(|(old, _)| *old == path);
        let old = at.map(|at| before.remove(at).1);
        if old.as_ref() != Some(&text) {
            files.push(FileDiff::new(path.as_str(), old.map(Into::into), Some(text.into())));
        }
    }
    let gone =
        |(path, text): (SourcePath, String)| FileDiff::new(path.as_str(), Some(text.into()), None);
    files.extend(before.into_iter().map(gone));
    Ok(files)
}

/// The golden text of each component, in the order in which components first appear.
fn texts(rendered: &Rendered) -> Vec<(&str, String)> {
    let mut texts: Vec<(&str, String)> = Vec::new();
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    for resource in rendered.resources() {
        let at = *places.entry(resource.component()).or_insert(texts.len());
        if at == texts.len() {
            texts.push((resource.component(), String::new()));
        }
        write_document(&resource.node, &mut texts[at].1);
    }
    texts
}
