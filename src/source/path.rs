//! Paths that cannot leave the root.

use std::fmt;
use std::sync::Arc;

/// A path below the root of a [`Source`](crate::Source), with `/` between its parts on every system.
///
/// ```
/// use plimsoll::SourcePath;
///
/// assert_eq!(SourcePath::new("./charts//web/chart.yaml")?.as_str(), "charts/web/chart.yaml");
/// assert_eq!(SourcePath::new(r"charts\web")?.as_str(), "charts/web");
/// assert!(SourcePath::new("../etc/passwd").is_err());
/// assert!(SourcePath::new("/etc/passwd").is_err());
/// # Ok::<(), plimsoll::PathError>(())
/// ```
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct SourcePath(Arc<str>);

/// Why a text is no [`SourcePath`].
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PathError {
    /// It climbs above the root.
    #[error("`{0}` leads out of the project folder")]
    Outside(String),
    /// It does not start at the root.
    #[error("`{0}` is absolute; give a path below the project folder")]
    Absolute(String),
    /// It holds a NUL or another control character.
    #[error("a path may not hold control characters")]
    Control,
}

impl SourcePath {
    /// Normalises a path: `\` becomes `/`, `.` and empty parts vanish, `..` is resolved inside the root.
    ///
    /// # Errors
    /// [`PathError`] when it is absolute or leads out of the root.
    pub fn new(path: &str) -> Result<Self, PathError> {
        if path.chars().any(char::is_control) {
            return Err(PathError::Control);
        }
        let unified = path.replace('\\', "/");
        let drive =
            unified.as_bytes().get(1) == Some(&b':') && unified.as_bytes()[0].is_ascii_alphabetic();
        if unified.starts_with('/') || drive {
            return Err(PathError::Absolute(path.to_owned()));
        }
        let mut parts: Vec<&str> = Vec::new();
        for part in unified.split('/') {
            match part {
                "" | "." => {}
                ".." => {
                    parts.pop().ok_or_else(|| PathError::Outside(path.to_owned()))?;
                }
                part => parts.push(part),
            }
        }
        Ok(Self(parts.join("/").into()))
    }

    /// The root itself.
    #[must_use]
    pub fn root() -> Self {
        Self("".into())
    }

    /// The path as text; empty for the root.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A path relative to this one.
    ///
    /// # Errors
    /// [`PathError`] when the result leads out of the root, or `path` is absolute.
    pub fn join(&self, path: &str) -> Result<Self, PathError> {
        if path.starts_with(['/', '\\']) {
            return Err(PathError::Absolute(path.to_owned()));
        }
        Self::new(&format!("{}/{path}", if self.0.is_empty() { "." } else { &self.0 }))
    }

    /// The last part.
    #[must_use]
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or("")
    }

    /// The folder that holds it; the root's is the root.
    #[must_use]
    pub fn parent(&self) -> Self {
        Self(self.0.rsplit_once('/').map_or("", |(parent, _)| parent).into())
    }

    /// What is left of it below `dir`; `None` if it does not lie there.
    #[must_use]
    pub fn strip_prefix(&self, dir: &SourcePath) -> Option<&str> {
        if dir.0.is_empty() {
            return Some(&self.0);
        }
        self.0.strip_prefix(&*dir.0)?.strip_prefix('/')
    }
}

impl fmt::Display for SourcePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "." } else { &self.0 })
    }
}
