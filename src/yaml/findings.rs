//! What one reading has found so far.

use crate::diag::{Diagnostic, Diagnostics};

/// Findings beyond this many help no one.
const MAX_FINDINGS: usize = 100;

/// Findings up to a bound, so that a hostile text cannot make millions of them.
#[derive(Default)]
pub(crate) struct Findings(Diagnostics);

impl Findings {
    pub(crate) fn report(&mut self, finding: Diagnostic) {
        if !self.is_full() {
            self.0.push(finding);
        }
    }

    /// Whether further findings are dropped.
    pub(crate) fn is_full(&self) -> bool {
        self.0.len() >= MAX_FINDINGS
    }

    /// `value`, or what was found.
    pub(crate) fn into_result<T>(self, value: T) -> Result<T, Diagnostics> {
        self.0.into_result(value)
    }
}
