//! One Kubernetes object: its identity, where it came from and what the renderer adds to it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::diag::{Diagnostic, Diagnostics};
use crate::fields::{is_dns_label, is_dns_subdomain};
use crate::span::{SourceText, Span};
use crate::yaml::{Kind, Map, Node, write, write_json};

use super::annotations;
use super::is_cluster_scoped;

/// What makes an object the same one: group, kind, namespace and name. The version is no part of it: a cluster
/// holds one object whatever version it is read in.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub struct ResourceId {
    /// The API group; empty for the core group.
    pub group: String,
    /// The kind, such as `StatefulSet`.
    pub kind: String,
    /// The namespace as the object states it.
    pub namespace: Option<String>,
    /// The name.
    pub name: String,
}

impl fmt::Display for ResourceId {
    /// `StatefulSet.apps pulsar/pulsar-bookie`, without group and namespace where there is none.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.kind)?;
        if !self.group.is_empty() {
            write!(f, ".{}", self.group)?;
        }
        match &self.namespace {
            Some(namespace) => write!(f, " {namespace}/{}", self.name),
            None => write!(f, " {}", self.name),
        }
    }
}

/// The key and the value of a label or an annotation.
pub(crate) type Mark = (Arc<str>, Arc<str>);

/// One Kubernetes object of a manifest.
#[derive(Clone)]
#[must_use]
pub struct Resource {
    pub(crate) id: ResourceId,
    pub(crate) api_version: String,
    pub(crate) component: Arc<str>,
    pub(crate) template: SourceText,
    /// Which of the template's documents it is, from 0.
    pub(crate) document: usize,
    pub(crate) wave: u32,
    /// Annotations that tell an applier the order, written by us and not by the template.
    pub(crate) dialect_marks: Vec<Arc<str>>,
    pub(crate) node: Node,
}

impl fmt::Debug for Resource {
    /// The identity only: the content may hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Resource({} in wave {})", self.id, self.wave)
    }
}

impl Resource {
    /// Takes a document that a template gave.
    pub(crate) fn new(
        node: Node,
        component: &Arc<str>,
        template: &SourceText,
        document: usize,
    ) -> Result<Self, Diagnostics> {
        let mut found = Diagnostics::new();
        let at = match node.as_map().and_then(|map| map.entries.first()) {
            Some(entry) if entry.key_span.is_known() => entry.key_span.to(&entry.value.span),
            _ if node.span.is_known() => node.span.clone(),
            _ => first_line(template, document),
        };
        if node.as_map().is_none() {
            let message = format!("a document is {}, not a Kubernetes object", node.describe());
            return Err(Diagnostic::error("manifest.no-object", message).at(&at, "").into());
        }
        let mut text = |path: &[&str], required: bool| {
            let name = path.join(".");
            let value = path.iter().try_fold(&node, |node, key| node.get(key));
            match value.map(|value| (value.as_str(), value)) {
                Some((Some(text), _)) if !text.is_empty() => return Some(text.to_owned()),
                Some((_, value)) if required || !matches!(value.kind, Kind::Null) => found.push(
                    Diagnostic::error(
                        "manifest.wrong-type",
                        format!("`{name}` must be a non-empty string, not {}", value.describe()),
                    )
                    .at(if value.span.is_known() { &value.span } else { &at }, "")
                    .hint_opt(
                        matches!(value.kind, Kind::Bool(_) | Kind::Number(_))
                            .then_some("put quotes around it"),
                    ),
                ),
                None if required => found.push(
                    Diagnostic::error(
                        "manifest.missing-field",
                        format!("an object has no `{name}`"),
                    )
                    .at(&at, "this document")
                    .hint("every Kubernetes object needs `apiVersion`, `kind` and `metadata.name`"),
                ),
                _ => {}
            }
            None
        };
        let api_version = text(&["apiVersion"], true);
        let kind = text(&["kind"], true);
        let generated = node.get("metadata").is_some_and(|meta| meta.get("generateName").is_some());
        let name = text(&["metadata", "name"], true);
        let namespace = text(&["metadata", "namespace"], false);
        if generated {
            found.push(
                Diagnostic::error(
                    "manifest.generated-name",
                    "`metadata.generateName` cannot be applied",
                )
                .at(&at, "")
                .hint("give the object a fixed `metadata.name`"),
            );
        }
        let (Some(api_version), Some(kind), Some(name)) = (api_version, kind, name) else {
            return Err(found.sorted());
        };
        let group = api_version.rsplit_once('/').map_or("", |(group, _)| group).to_owned();
        let id = ResourceId { group, kind, namespace, name };
        check_names(&id, &node, &at, &mut found);
        annotations::check(&node, &at, &mut found);
        if id.namespace.is_some() && is_cluster_scoped(&id.group, &id.kind) == Some(true) {
            found.push(
                Diagnostic::error(
                    "manifest.cluster-scoped",
                    format!("a {} lives outside namespaces, but has `metadata.namespace`", id.kind),
                )
                .at(&at, "")
                .hint("take `metadata.namespace` away"),
            );
        }
        found.into_result(Self {
            id,
            api_version,
            component: component.clone(),
            template: template.clone(),
            document,
            wave: 0,
            dialect_marks: Vec::new(),
            node,
        })
    }

    /// Group, kind, namespace and name.
    #[must_use]
    pub fn id(&self) -> &ResourceId {
        &self.id
    }

    /// The `apiVersion`.
    #[must_use]
    pub fn api_version(&self) -> &str {
        &self.api_version
    }

    /// The component that rendered it.
    #[must_use]
    pub fn component(&self) -> &str {
        &self.component
    }

    /// The wave, from 0: everything of an earlier wave must be ready first.
    #[must_use]
    pub fn wave(&self) -> u32 {
        self.wave
    }

    /// The path of the template that gave it.
    #[must_use]
    pub fn template(&self) -> &str {
        self.template.name()
    }

    /// Canonical YAML, ending in a line break, without `---`.
    #[must_use]
    pub fn to_yaml(&self) -> String {
        let mut out = String::new();
        write(&self.node, &mut out);
        out
    }

    /// JSON, indented by two spaces, without a final line break.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut out = String::new();
        write_json(&self.node, &mut out);
        out
    }

    /// The object as plain data.
    #[must_use]
    pub fn to_value(&self) -> serde_json::Value {
        serde_json::from_str(&self.to_json()).unwrap_or_default()
    }

    /// Whether it lives outside namespaces, as far as that can be told.
    pub(crate) fn is_cluster_scoped(&self) -> bool {
        is_cluster_scoped(&self.id.group, &self.id.kind).unwrap_or(self.id.namespace.is_none())
    }

    /// Exchanges the annotations that tell an applier the order. What the template sets itself stays.
    pub(crate) fn with_dialect_marks(mut self, mut marks: Vec<Mark>) -> Self {
        let old = std::mem::take(&mut self.dialect_marks);
        let Some(metadata) = self
            .node
            .as_map_mut()
            .and_then(|map| map.get_mut("metadata"))
            .and_then(Node::as_map_mut)
        else {
            return self;
        };
        if let Some(annotations) = metadata.get_mut("annotations").and_then(Node::as_map_mut) {
            annotations.entries.retain(|entry| !old.contains(&entry.key.text));
        }
        let has = |key: &str| metadata.get("annotations").is_some_and(|map| map.get(key).is_some());
        marks.retain(|(key, _)| !has(key));
        add(metadata, "annotations", &marks);
        self.dialect_marks = marks.into_iter().map(|(key, _)| key).collect();
        self
    }

    /// The form in which cli-utils' `depends-on` names it: three fields for cluster-scoped objects, five for
    /// namespaced ones.
    pub(crate) fn reference(&self, default_namespace: &str) -> String {
        let ResourceId { group, kind, namespace, name } = &self.id;
        if self.is_cluster_scoped() {
            return format!("{group}/{kind}/{name}");
        }
        let namespace = namespace.as_deref().unwrap_or(default_namespace);
        format!("{group}/namespaces/{namespace}/{kind}/{name}")
    }
}

/// Where the n-th document of a template begins, for objects whose own place is not known.
pub(crate) fn first_line(template: &SourceText, document: usize) -> Span {
    let mut start = 0;
    for (offset, _) in template.text().match_indices("\n---").take(document) {
        start = template.text()[offset + 1..].find('\n').map_or(offset, |next| offset + next + 2);
    }
    let line = template.position(start).line;
    template.span(template.line_range(line))
}

/// RBAC names and a few others may hold `:` and the like; everything else is a subdomain, Services are labels.
fn check_names(id: &ResourceId, node: &Node, at: &Span, found: &mut Diagnostics) {
    let (legal, rule) = match (id.group.as_str(), id.kind.as_str()) {
        ("rbac.authorization.k8s.io" | "apiregistration.k8s.io", _) => {
            (!id.name.contains(['/', '%']) && id.name != "." && id.name != "..", "a path segment")
        }
        ("", "Namespace" | "Service") => {
            (is_dns_label(&id.name), "an RFC 1123 label (63 characters)")
        }
        _ => (is_dns_subdomain(&id.name), "an RFC 1123 subdomain (253 characters)"),
    };
    let place = |keys: &[&str]| {
        let span =
            keys.iter().try_fold(node, |node, key| node.get(key)).map(|node| node.span.clone());
        span.filter(Span::is_known).unwrap_or_else(|| at.clone())
    };
    if !legal {
        found.push(
            Diagnostic::error(
                "manifest.name",
                format!("`{}` is no legal name for a {}", id.name, id.kind),
            )
            .at(&place(&["metadata", "name"]), "")
            .hint(format!("it must be {rule}: lowercase letters, digits, `-` and `.`")),
        );
    }
    if let Some(namespace) = &id.namespace
        && !is_dns_label(namespace)
    {
        found.push(
            Diagnostic::error("manifest.namespace", format!("`{namespace}` is no legal namespace"))
                .at(&place(&["metadata", "namespace"]), "")
                .hint(
                    "it must be an RFC 1123 label: lowercase letters, digits and `-`, at most 63",
                ),
        );
    }
    for field in ["labels", "annotations"] {
        let Some(value) = node.get("metadata").and_then(|meta| meta.get(field)) else { continue };
        let Some(map) = value.as_map() else {
            if !matches!(value.kind, Kind::Null) {
                found.push(wrong_metadata(field, value, at, "a mapping"));
            }
            continue;
        };
        for entry in &map.entries {
            if entry.value.as_str().is_none() {
                let what = format!("{field}.{}", entry.key.text);
                found.push(wrong_metadata(&what, &entry.value, at, "a string"));
            }
        }
    }
}

fn wrong_metadata(what: &str, value: &Node, at: &Span, wanted: &str) -> Diagnostic {
    Diagnostic::error(
        "manifest.wrong-type",
        format!("`metadata.{what}` must be {wanted}, not {}", value.describe()),
    )
    .at(if value.span.is_known() { &value.span } else { at }, "")
    .hint("put quotes around it in the template: `\"{{ … }}\"` is always a string")
}

/// Refuses two objects with one identity.
///
/// An object without a namespace goes to that of the release. `place` finds where a name is written, which is worth
/// knowing only when something is wrong.
pub(crate) fn unique(
    resources: &[Resource],
    namespace: &str,
    place: impl Fn(&Resource) -> Option<Span>,
) -> Result<(), Diagnostics> {
    let mut seen: BTreeMap<ResourceId, &Resource> = BTreeMap::new();
    let mut found = Diagnostics::new();
    let place = |resource: &Resource| {
        place(resource).unwrap_or_else(|| first_line(&resource.template, resource.document))
    };
    for resource in resources {
        let mut id = resource.id.clone();
        if id.namespace.is_none() && is_cluster_scoped(&id.group, &id.kind) != Some(true) {
            id.namespace = Some(namespace.to_owned());
        }
        if let Some(first) = seen.insert(id, resource) {
            found.push(
                Diagnostic::error(
                    "manifest.duplicate",
                    format!("two objects are `{}`", resource.id),
                )
                .at(&place(resource), format!("one from component `{}`", resource.component))
                .at(&place(first), format!("the other from component `{}`", first.component))
                .hint("a cluster keeps only one of them; give one another name"),
            );
        }
    }
    found.into_result(())
}

/// Adds labels and annotations that the template does not set itself, and puts the fields that every object has
/// first.
pub(crate) fn with_marks(
    mut resource: Resource,
    labels: &[Mark],
    annotations: &[Mark],
) -> Resource {
    if let Some(metadata) = resource.node.as_map_mut().and_then(|map| map.get_mut("metadata"))
        && let Some(metadata) = metadata.as_map_mut()
    {
        add(metadata, "labels", labels);
        add(metadata, "annotations", annotations);
    }
    if let Some(map) = resource.node.as_map_mut() {
        let place = |key: &str| {
            ["apiVersion", "kind", "metadata", "spec"].iter().position(|k| *k == key).unwrap_or(4)
        };
        map.entries.sort_by_key(|entry| place(&entry.key.text));
    }
    resource
}

fn add(metadata: &mut Map, field: &str, marks: &[Mark]) {
    if marks.is_empty() {
        return;
    }
    if metadata.get(field).and_then(Node::as_map).is_none() {
        metadata.entries.retain(|entry| &*entry.key.text != field);
        metadata.push(field, Node::map([]));
    }
    let Some(map) = metadata.get_mut(field).and_then(Node::as_map_mut) else { return };
    for (key, value) in marks {
        if map.get(key).is_none() {
            map.push(Arc::clone(key), Node::string(Arc::clone(value)));
        }
    }
}
