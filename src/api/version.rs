//! Which bundled version objects are checked against.

use crate::diag::Diagnostic;

use super::pool::Pool;

/// A Kubernetes version as it was asked for, and the bundled one that stands for it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Version {
    /// The minor version that was asked for.
    pub(super) asked: u32,
    /// The bundled one: the same, or the nearest.
    pub(super) bundled: u32,
}

impl Version {
    /// Takes `1.34`, `v1.34` or `1.34.2`.
    pub(crate) fn of(text: &str) -> Self {
        let pool = Pool::bundled();
        let mut parts = text.trim_start_matches('v').split('.').map(str::parse);
        let asked = match (parts.next(), parts.next()) {
            (Some(Ok(1)), Some(Ok(minor))) => minor,
            (Some(Ok(0)), _) => 0,
            _ => u32::MAX,
        };
        Self { asked, bundled: asked.clamp(pool.oldest, pool.newest) }
    }

    /// Says so if the version is not bundled.
    pub(crate) fn warning(self, text: &str) -> Option<Diagnostic> {
        let Pool { oldest, newest, .. } = Pool::bundled();
        let bundled = self.bundled;
        (self.asked != bundled).then(|| {
            let message = format!(
                "no schemas of Kubernetes {text} are bundled; objects are checked against those of 1.{bundled}"
            );
            Diagnostic::warning("api.version", message)
                .hint(format!("bundled are 1.{oldest} to 1.{newest}"))
        })
    }
}
