//! `external:` in `chart.yaml`: what somebody else puts into the cluster before a release of the chart.

use crate::diag::{Diagnostic, Diagnostics};
use crate::fields::Fields;
use crate::yaml::{Kind, Node};

use super::file::{Expression, read_expression};

/// A kind that somebody else installs, or objects that somebody else makes.
#[derive(Clone, Debug)]
pub(crate) struct External {
    pub(crate) api_version: String,
    pub(crate) kind: String,
    /// A text with `{{ }}`; an expression by itself may also give a list of names, or none. Any name if absent.
    pub(crate) name: Option<Expression>,
    /// The same for the namespace.
    pub(crate) namespace: Option<Expression>,
    /// Of pods, each a text with `{{ }}`.
    pub(crate) labels: Vec<(String, Expression)>,
}

impl External {
    /// Whether a value decides what it means.
    pub(super) fn asks(&self) -> bool {
        let mut texts = self
            .name
            .iter()
            .chain(&self.namespace)
            .chain(self.labels.iter().map(|(_, value)| value));
        texts.any(|expression| expression.text.contains("{{"))
    }

    /// The group of its `apiVersion`.
    pub(crate) fn group(&self) -> &str {
        self.api_version.rsplit_once('/').map_or("", |(group, _)| group)
    }
}

/// Reads `{apiVersion: …, kind: …, name: …, reason: …}`.
pub(super) fn read_external(item: &Node, found: &mut Diagnostics) -> Option<External> {
    let known = ["apiVersion", "kind", "name", "namespace", "labels", "reason"];
    let fields = Fields::of(item, "an external precondition", &known, found)?;
    let api_version = fields.required("apiVersion", found);
    let kind = fields.required("kind", found);
    fields.text("reason", found);
    let name = read_expression(fields.get("name"), found);
    let namespace = read_expression(fields.get("namespace"), found);
    let mut labels = Vec::new();
    for entry in fields.map("labels", found).iter().flat_map(|map| &map.entries) {
        let value = read_expression(Some(&entry.value), found);
        labels.extend(value.map(|value| (entry.key.text.to_string(), value)));
    }
    let ((api_version, _), (kind, _)) = (api_version?, kind?);
    if let Some(node) = fields.get("labels")
        && (api_version.as_str(), kind.as_str()) != ("v1", "Pod")
        && !matches!(node.kind, Kind::Null)
    {
        found.push(
            Diagnostic::error(
                "chart.external",
                format!("`labels` are those of pods, not of a {kind}"),
            )
            .at(&node.span, "")
            .hint("name the object instead: `name: …`"),
        );
    }
    Some(External { api_version, kind, name, namespace, labels })
}
