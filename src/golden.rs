//! Accepted output: one file per component under `golden/<release>/`.
//!
//! A golden is what [`render`](crate::render) gave with placeholders for secrets, with the keys of every mapping
//! sorted: the order of keys means nothing to Kubernetes, so moving one in a template or layer changes no golden.
//! The order of lists is kept. This module decides; writing files is the caller's part.

use std::collections::BTreeSet;

use crate::diag::{Diagnostic, Diagnostics};
use crate::diff::{Diff, Manifest, diff};
use crate::rendered::Rendered;
use crate::request::Request;
use crate::source::{ReadError, Source, SourcePath};
use crate::yaml::{Kind, Node, write};

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
    let mut names: Vec<&str> = Vec::new();
    for resource in rendered.resources() {
        if !names.contains(&resource.component()) {
            names.push(resource.component());
        }
    }
    let mut equal = BTreeSet::new();
    for name in names {
        let path = below(&folder, &format!("{name}.yaml"))?;
        let text = text(rendered, name);
        let state = match source.read(&path) {
            Ok(old) if *old == *text => {
                equal.insert(name);
                State::Equal
            }
            Ok(old) => {
                accepted.push(Manifest::accepted(path.as_str(), &old)?);
                State::Changed
            }
            Err(ReadError::NotFound(_)) => State::Missing,
            Err(error) => return Err(unreadable(&error)),
        };
        files.push(GoldenFile { path, state, text: Some(text) });
    }
    for path in source.list(&folder).map_err(|error| unreadable(&error))? {
        if files.iter().all(|file| file.path != path) && is_golden(&folder, &path) {
            let old = source.read(&path).map_err(|error| unreadable(&error))?;
            accepted.push(Manifest::accepted(path.as_str(), &old)?);
            files.push(GoldenFile { path, state: State::Orphaned, text: None });
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

/// The golden text of one component.
fn text(rendered: &Rendered, component: &str) -> String {
    let mut out = String::new();
    for resource in rendered.resources().iter().filter(|resource| resource.component() == component)
    {
        out.push_str("---\n");
        let mut node = resource.node.clone();
        sort(&mut node);
        write(&node, &mut out);
    }
    out
}

/// Sorts the keys of every mapping; what tells things apart comes first.
fn sort(node: &mut Node) {
    const FIRST: [&str; 4] = ["apiVersion", "kind", "metadata", "name"];
    match &mut node.kind {
        Kind::Map(map) => {
            map.entries.sort_by(|a, b| {
                let rank =
                    |key: &str| FIRST.iter().position(|first| *first == key).unwrap_or(FIRST.len());
                let (a, b) = (&*a.key.text, &*b.key.text);
                (rank(a), a).cmp(&(rank(b), b))
            });
            map.entries.iter_mut().for_each(|entry| sort(&mut entry.value));
        }
        Kind::List(items) => items.iter_mut().for_each(sort),
        _ => {}
    }
}
