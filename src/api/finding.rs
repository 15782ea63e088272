//! What is wrong with an object, by the path of a field: the caller knows which line of a template that is.

use crate::diag::{Diagnostic, Severity};
use crate::manifest::ResourceId;
use crate::values::{Step, path_text};

/// What a finding points at.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Place {
    /// The key of the field.
    Key,
    /// Its value.
    Value,
}

/// A finding about a field of an object. The diagnostic has no place yet.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    pub(crate) path: Vec<Step>,
    pub(crate) place: Place,
    pub(crate) diagnostic: Diagnostic,
}

/// The way from the object to a value, kept on the stack: it is written down only when something is wrong.
#[derive(Clone, Copy)]
pub(super) enum Path<'a> {
    Root,
    Key(&'a Path<'a>, &'a str),
    Index(&'a Path<'a>, usize),
}

impl Path<'_> {
    pub(super) fn steps(&self) -> Vec<Step> {
        match self {
            Self::Root => Vec::new(),
            Self::Key(above, key) => {
                let mut steps = above.steps();
                steps.push(Step::from(*key));
                steps
            }
            Self::Index(above, index) => {
                let mut steps = above.steps();
                steps.push(Step::Index(*index));
                steps
            }
        }
    }
}

/// What is found in one object.
pub(super) struct Findings<'a> {
    object: &'a ResourceId,
    pub(super) all: Vec<Finding>,
}

impl<'a> Findings<'a> {
    pub(super) fn new(object: &'a ResourceId) -> Self {
        Self { object, all: Vec::new() }
    }

    /// An error about a field: `PATH of OBJECT SAID`.
    pub(super) fn error(
        &mut self,
        code: &'static str,
        path: &Path<'_>,
        place: Place,
        said: &str,
        hint: Option<String>,
    ) {
        self.push(Severity::Error, code, path, place, said, hint);
    }

    pub(super) fn warning(
        &mut self,
        code: &'static str,
        path: &Path<'_>,
        place: Place,
        said: &str,
        hint: Option<String>,
    ) {
        self.push(Severity::Warning, code, path, place, said, hint);
    }

    fn push(
        &mut self,
        severity: Severity,
        code: &'static str,
        path: &Path<'_>,
        place: Place,
        said: &str,
        hint: Option<String>,
    ) {
        let path = path.steps();
        let message = format!("`{}` of `{}` {said}", path_text(&path), self.object);
        let diagnostic = match severity {
            Severity::Error => Diagnostic::error(code, message),
            Severity::Warning => Diagnostic::warning(code, message),
        };
        self.all.push(Finding { path, place, diagnostic: diagnostic.hint_opt(hint) });
    }
}
