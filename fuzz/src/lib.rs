//! What the targets share.

use plimsoll::{MemorySource, Request, render};

/// What the release `web` renders to; on failure the codes of the findings.
pub fn outcome(source: &MemorySource) -> Result<String, Vec<&'static str>> {
    match render(source, &Request::new("web")) {
        Ok(rendered) => Ok(rendered.to_yaml()),
        Err(findings) => {
            assert!(findings.has_errors(), "a failure without an error");
            // Drawing must not panic either, wherever the spans point.
            let _ = findings.to_string();
            Err(findings.iter().map(plimsoll::Diagnostic::code).collect())
        }
    }
}
