//! One side of a comparison.

use std::fmt;
use std::sync::Arc;

use crate::diag::{Diagnostic, Diagnostics};
use crate::manifest::{Resource, ResourceId, is_cluster_scoped};
use crate::rendered::Rendered;
use crate::span::{SourceText, Span};
use crate::yaml::{Kind, Limits, Node, Parse, Reading};

/// Objects to compare, in their order.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Manifest {
    pub(super) objects: Vec<Object>,
    /// Read from a cluster: the server's own fields and defaults say nothing.
    pub(super) live: bool,
    /// Not rendered by plimsoll with placeholders: Secrets may hold the real thing.
    pub(super) foreign: bool,
}

#[derive(Clone)]
pub(super) struct Object {
    pub(super) id: ResourceId,
    pub(super) component: Option<Arc<str>>,
    pub(super) wave: Option<u32>,
    pub(super) node: Node,
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Object({})", self.id)
    }
}

impl Manifest {
    /// What a release renders to; render it with [`Secrets::Placeholder`](crate::Secrets). Objects that state no namespace live in the release's.
    pub fn of(rendered: &Rendered) -> Self {
        let namespace = &rendered.release().namespace;
        let object = |resource: &Resource| Object {
            id: placed(resource.id().clone(), Some(namespace)),
            component: Some(resource.component.clone()),
            wave: Some(resource.wave),
            node: resource.node.clone(),
        };
        Self {
            objects: rendered.resources().iter().map(object).collect(),
            live: false,
            foreign: false,
        }
    }

    /// The objects of a YAML or JSON stream, read as kubectl reads it. A `List` stands for its items; empty documents
    /// are passed over.
    ///
    /// # Errors
    /// What is no YAML, and documents that are no Kubernetes objects.
    pub fn from_yaml(name: &str, text: &str) -> Result<Self, Diagnostics> {
        let source = SourceText::new(name, text);
        let reading = Parse {
            reading: Reading::Kubectl,
            limits: Limits::default(),
            tags: false,
            merge_keys: true,
            duplicate_keys: true,
        };
        let mut found = Diagnostics::new();
        let mut objects = Vec::new();
        for document in reading.documents(&source)? {
            take(document, &mut objects, &mut found);
        }
        found.into_result(Self { objects, live: false, foreign: true })
    }

    /// Accepted output of plimsoll, which holds placeholders where secrets are; otherwise as
    /// [`from_yaml`](Self::from_yaml), whose Secrets are compared but never shown.
    ///
    /// # Errors
    /// The same.
    pub fn accepted(name: &str, text: &str) -> Result<Self, Diagnostics> {
        Ok(Self { foreign: false, ..Self::from_yaml(name, text)? })
    }

    /// Says that this is what a cluster holds, such as the output of `kubectl get -o yaml`: status, bookkeeping
    /// and the defaults that the API server fills in are no differences.
    pub fn live(mut self) -> Self {
        self.live = true;
        self
    }

    /// Whether an object bears the marks that only an API server makes.
    #[must_use]
    pub fn is_live(&self) -> bool {
        let mark = |object: &Object, key| {
            object.node.get("metadata").is_some_and(|m| m.get(key).is_some())
        };
        self.live || self.objects.iter().any(|o| mark(o, "uid") || mark(o, "resourceVersion"))
    }

    /// Puts objects that state no namespace into this one.
    pub fn in_namespace(mut self, namespace: &str) -> Self {
        for object in &mut self.objects {
            object.id = placed(object.id.clone(), Some(namespace));
        }
        self
    }

    /// The objects of some components.
    pub(crate) fn only(mut self, keep: impl Fn(&str) -> bool) -> Self {
        self.objects.retain(|object| object.component.as_deref().is_some_and(&keep));
        self
    }

    /// All objects of several manifests.
    pub fn join(manifests: impl IntoIterator<Item = Self>) -> Self {
        let mut all = Self::default();
        for manifest in manifests {
            all.live |= manifest.live;
            all.foreign |= manifest.foreign;
            all.objects.extend(manifest.objects);
        }
        all
    }

    /// How many objects there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.objects.len()
    }

    /// Whether there are no objects.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.objects.is_empty()
    }
}

fn placed(mut id: ResourceId, namespace: Option<&str>) -> ResourceId {
    if id.namespace.is_none() && is_cluster_scoped(&id.group, &id.kind) == Some(false) {
        id.namespace = namespace.map(str::to_owned);
    }
    id
}

fn take(node: Node, objects: &mut Vec<Object>, found: &mut Diagnostics) {
    if matches!(node.kind, Kind::Null) {
        return;
    }
    let text = |path: &[&str]| {
        path.iter()
            .try_fold(&node, |node, key| node.get(key))
            .and_then(Node::as_str)
            .map(str::to_owned)
    };
    let kind = text(&["kind"]);
    let is_list = kind.as_deref().is_some_and(|kind| kind.ends_with("List"));
    if is_list && let Some(items) = node.get("items").and_then(Node::as_list) {
        for item in items {
            take(item.clone(), objects, found);
        }
        return;
    }
    let (Some(api_version), Some(kind), Some(name)) =
        (text(&["apiVersion"]), kind, text(&["metadata", "name"]))
    else {
        let message = format!("{} is no Kubernetes object", node.describe());
        found.push(
            Diagnostic::error("diff.no-object", message)
                .at(&start(&node.span), "")
                .hint("every object needs `apiVersion`, `kind` and `metadata.name`"),
        );
        return;
    };
    let group = api_version.rsplit_once('/').map_or("", |(group, _)| group).to_owned();
    let id = ResourceId { group, kind, namespace: text(&["metadata", "namespace"]), name };
    let mark = |key: &str| text(&["metadata", "annotations", key]);
    objects.push(Object {
        id,
        component: mark("plimsoll.dev/component").map(Into::into),
        wave: mark("plimsoll.dev/wave").and_then(|wave| wave.parse().ok()),
        node,
    });
}

/// The first line, of what may be a long document.
fn start(span: &Span) -> Span {
    let (Some(source), Some(at)) = (span.source(), span.start()) else { return span.clone() };
    source.span(source.line_range(at.line))
}
