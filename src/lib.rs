//! plimsoll

mod diag;
mod schema;
mod source;
mod span;
pub mod template;
mod values;
mod yaml;

pub use diag::{Diagnostic, Diagnostics, Label, Severity};
pub use source::{DirSource, MemorySource, PathError, ReadError, Source, SourcePath};
pub use span::{Position, SourceText, Span};
