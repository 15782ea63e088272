//! Who names whom: every field of an object that means another object.

use crate::manifest::{CONTAINERS, PodTemplate, Resource};
use crate::yaml::{Kind, Node, Number};

use super::index::Objects;
use super::path::{At, Way, along, below, text};
use super::table::{self, Keys, RBAC, Row, SERVICE, SERVICE_ACCOUNT};

/// A field that names an object.
pub(super) struct Reference<'a> {
    /// Whose field it is.
    pub(super) from: usize,
    pub(super) way: Way<'a>,
    pub(super) group: &'a str,
    pub(super) kind: &'a str,
    /// Empty outside namespaces.
    pub(super) namespace: &'a str,
    pub(super) name: &'a str,
    /// What of the object is named, too.
    pub(super) parts: Vec<(Part<'a>, Way<'a>)>,
    pub(super) is_optional: bool,
    /// Whether the object must be there before the one that names it.
    pub(super) is_first: bool,
}

/// A part of an object that a reference names.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Part<'a> {
    /// A key of a ConfigMap or Secret.
    Key(&'a str),
    PortName(&'a str),
    PortNumber(i128),
    /// That it is a Service without an address of its own.
    Headless,
}

/// The references of every object, in order.
pub(super) fn find<'a>(
    objects: Objects<'a>,
    pods: &[(usize, PodTemplate<'a>)],
) -> Vec<Reference<'a>> {
    let mut found = Vec::new();
    for (from, resource) in objects.resources.iter().enumerate() {
        let mut finder = Finder {
            from,
            own: objects.namespace_of(resource),
            home: objects.namespace,
            found: &mut found,
        };
        let (group, kind) = (&*resource.id.group, &*resource.id.kind);
        for row in table::of(group, kind) {
            finder.row(row, &resource.node, &mut Vec::new());
        }
        match (group, kind) {
            (RBAC, "RoleBinding" | "ClusterRoleBinding") => finder.binding(resource),
            ("autoscaling", "HorizontalPodAutoscaler") => finder.scaler(resource),
            ("apps", "StatefulSet") => finder.governing_service(resource),
            ("", "Secret") => finder.token(resource),
            _ => {}
        }
    }
    for (from, pod) in pods {
        let own = objects.namespace_of(&objects.resources[*from]);
        Finder { from: *from, own, home: objects.namespace, found: &mut found }.pod(pod);
    }
    found
}

struct Finder<'a, 'f> {
    from: usize,
    /// The namespace of the object; empty outside namespaces.
    own: &'a str,
    /// The namespace of the release.
    home: &'a str,
    found: &'f mut Vec<Reference<'a>>,
}

impl<'a> Finder<'a, '_> {
    fn pod(&mut self, pod: &PodTemplate<'a>) {
        let mut way: Way<'a> = pod.way.iter().map(|key| At::Key(key)).collect();
        way.push(At::Key("spec"));
        for row in &table::POD {
            self.row(row, pod.spec, &mut way);
        }
        for list in CONTAINERS {
            along(pod.spec, &[list, "*"], &mut way, &mut |container, way| {
                for row in &table::CONTAINER {
                    self.row(row, container, way);
                }
            });
        }
        along(pod.spec, &["volumes", "*"], &mut way, &mut |volume, way| {
            for row in &table::POD_VOLUME {
                self.row(row, volume, way);
            }
        });
    }

    fn row(&mut self, row: &'static Row, node: &'a Node, way: &mut Way<'a>) {
        along(node, row.way, way, &mut |holder, way| {
            let Some(name) = text(holder, &[row.name]).filter(|name| !name.is_empty()) else {
                return;
            };
            let (group, kind) = row.sort;
            let mut reference = self.reference(group, kind, name, below(way, &[At::Key(row.name)]));
            if let Some(namespace) = text(holder, &["namespace"]) {
                reference.namespace = namespace;
            }
            reference.is_first = row.is_first;
            reference.is_optional = is_true(holder.get("optional"));
            reference.parts = parts(row.keys, holder, way);
            self.found.push(reference);
        });
    }

    /// A reference to an object in the namespace of the one that names it.
    fn reference(
        &self,
        group: &'a str,
        kind: &'a str,
        name: &'a str,
        way: Way<'a>,
    ) -> Reference<'a> {
        let is_outside = crate::manifest::is_cluster_scoped(group, kind) == Some(true);
        let own = if self.own.is_empty() { self.home } else { self.own };
        Reference {
            from: self.from,
            way,
            group,
            kind,
            namespace: if is_outside { "" } else { own },
            name,
            parts: Vec::new(),
            is_optional: false,
            is_first: false,
        }
    }

    fn binding(&mut self, resource: &'a Resource) {
        if let Some(role) = resource.node.get("roleRef")
            && let (Some(kind), Some(name)) = (text(role, &["kind"]), text(role, &["name"]))
            && matches!(kind, "Role" | "ClusterRole")
        {
            let way = vec![At::Key("roleRef"), At::Key("name")];
            let role = Reference { is_first: true, ..self.reference(RBAC, kind, name, way) };
            self.found.push(role);
        }
        along(&resource.node, &["subjects", "*"], &mut Vec::new(), &mut |subject, way| {
            // One without a namespace is a fault of its own.
            if text(subject, &["kind"]) == Some("ServiceAccount")
                && let Some(name) = text(subject, &["name"])
                && let Some(namespace) = text(subject, &["namespace"])
            {
                let (group, kind) = SERVICE_ACCOUNT;
                let way = below(way, &[At::Key("name")]);
                let account = self.reference(group, kind, name, way);
                self.found.push(Reference { namespace, ..account });
            }
        });
    }

    fn scaler(&mut self, resource: &'a Resource) {
        along(&resource.node, &["spec", "scaleTargetRef"], &mut Vec::new(), &mut |target, way| {
            let (Some(kind), Some(name)) = (text(target, &["kind"]), text(target, &["name"]))
            else {
                return;
            };
            let version = text(target, &["apiVersion"]).unwrap_or_default();
            let group = version.rsplit_once('/').map_or("", |(group, _)| group);
            let way = below(way, &[At::Key("name")]);
            let target = Reference { is_first: true, ..self.reference(group, kind, name, way) };
            self.found.push(target);
        });
    }

    fn governing_service(&mut self, resource: &'a Resource) {
        let Some(name) = text(&resource.node, &["spec", "serviceName"]) else { return };
        let way = vec![At::Key("spec"), At::Key("serviceName")];
        let (group, kind) = SERVICE;
        let parts = vec![(Part::Headless, way.clone())];
        let service = self.reference(group, kind, name, way);
        if !name.is_empty() {
            self.found.push(Reference { is_first: true, parts, ..service });
        }
    }

    /// A Secret that wants the token of an account; without the account Kubernetes deletes it.
    fn token(&mut self, resource: &'a Resource) {
        let way = ["metadata", "annotations", "kubernetes.io/service-account.name"];
        if text(&resource.node, &["type"]) == Some("kubernetes.io/service-account-token")
            && let Some(name) = text(&resource.node, &way)
        {
            let (group, kind) = SERVICE_ACCOUNT;
            let way = way.into_iter().map(At::Key).collect();
            let account = Reference { is_first: true, ..self.reference(group, kind, name, way) };
            self.found.push(account);
        }
    }
}

/// What a mapping names of the object besides its name.
fn parts<'a>(keys: Keys, holder: &'a Node, way: &[At<'a>]) -> Vec<(Part<'a>, Way<'a>)> {
    let mut parts = Vec::new();
    match keys {
        Keys::None => {}
        Keys::One => {
            let key = text(holder, &["key"]);
            parts.extend(key.map(|key| (Part::Key(key), below(way, &[At::Key("key")]))));
        }
        Keys::Items => {
            along(holder, &["items", "*", "key"], &mut way.to_vec(), &mut |key, way| {
                parts.extend(key.as_str().map(|key| (Part::Key(key), way.clone())));
            });
        }
        Keys::Port => {
            let way = below(way, &[At::Key("port")]);
            if let Some(port) = holder.get("port") {
                parts.extend(port_of(port).map(|part| (part, way.clone())));
                if let Some(name) = text(port, &["name"]) {
                    parts.push((Part::PortName(name), below(&way, &[At::Key("name")])));
                } else if let Some(number) = port.get("number").and_then(port_of) {
                    parts.push((number, below(&way, &[At::Key("number")])));
                }
            }
        }
    }
    parts
}

/// A port that is written as a number or a name.
pub(super) fn port_of(node: &Node) -> Option<Part<'_>> {
    match &node.kind {
        Kind::Number(Number::Int(number)) => Some(Part::PortNumber(*number)),
        Kind::String(name) => Some(Part::PortName(&name.text)),
        _ => None,
    }
}

pub(super) fn is_true(node: Option<&Node>) -> bool {
    matches!(node.map(|node| &node.kind), Some(Kind::Bool(true)))
}
