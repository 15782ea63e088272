//! Something wrong with what an object names, and where that stands.

use crate::diag::Diagnostic;
use crate::manifest::Resource;
use crate::values::{Step, path_text};

use super::path::{At, steps};

/// A finding about a field of an object; only a replay knows the place in a template.
#[derive(Debug)]
pub(crate) struct Fault {
    /// Without places.
    pub(crate) finding: Diagnostic,
    pub(crate) at: Field,
    /// What else is worth seeing.
    pub(crate) beside: Vec<Field>,
}

/// A field of an object, and what is to be seen there.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) resource: usize,
    pub(crate) path: Vec<Step>,
    pub(crate) text: String,
}

impl Fault {
    pub(super) fn new(finding: Diagnostic, resource: usize, way: &[At<'_>], text: &str) -> Self {
        Self { finding, at: Field::new(resource, way, text), beside: Vec::new() }
    }

    /// Shows another field, too.
    pub(super) fn beside(mut self, resource: usize, way: &[At<'_>], text: &str) -> Self {
        self.beside.push(Field::new(resource, way, text));
        self
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.finding = self.finding.hint(hint);
        self
    }
}

impl Field {
    pub(super) fn new(resource: usize, way: &[At<'_>], text: &str) -> Self {
        Self { resource, path: steps(way), text: text.to_owned() }
    }
}

/// The place of an object's name.
pub(super) const NAME: [At<'static>; 2] = [At::Key("metadata"), At::Key("name")];

/// `` `spec.serviceName` of `StatefulSet.apps db` ``.
pub(super) fn told(way: &[At<'_>], resource: &Resource) -> String {
    format!("`{}` of `{}`", path_text(&steps(way)), resource.id)
}
