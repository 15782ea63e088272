//! What is there although the release does not render it.

use std::collections::BTreeSet;

use crate::manifest::{PodTemplate, Resource};
use crate::yaml::Node;

use super::index::{Index, Key, Objects};
use super::operators::Operated;
use super::path::{along, text};
use super::selectors::Selector;
use super::table::{INGRESS_CLASS, STORAGE_CLASS};

/// An object, or all of a kind, that a chart expects in the cluster.
#[derive(Clone, Debug, Default)]
pub(crate) struct Precondition {
    pub(crate) group: String,
    pub(crate) kind: String,
    /// Any if absent.
    pub(crate) names: Option<Vec<String>>,
    /// Any if absent.
    pub(crate) namespace: Option<String>,
    /// Of pods.
    pub(crate) labels: Vec<(String, String)>,
}

impl Precondition {
    fn covers(&self, (group, kind, namespace, name): Key<'_>) -> bool {
        self.group == group
            && self.kind == kind
            && self.names.as_ref().is_none_or(|names| names.iter().any(|known| known == name))
            && self.namespace.as_ref().is_none_or(|known| known == namespace)
    }
}

/// What somebody else puts into the cluster.
pub(crate) struct There<'a> {
    /// What the chart expects.
    pub(crate) declared: &'a [Precondition],
    /// What other releases put onto the same cluster.
    pub(crate) others: &'a [Objects<'a>],
}

/// Everything that is there besides the objects of the release.
pub(super) struct Elsewhere<'a> {
    declared: &'a [Precondition],
    others: Vec<Index<'a>>,
    /// Of other releases, with their namespaces.
    pods: Vec<(&'a str, PodTemplate<'a>)>,
    operated: Operated<'a>,
    made: BTreeSet<Key<'a>>,
    claims: Vec<(&'a str, String)>,
}

impl<'a> Elsewhere<'a> {
    pub(super) fn new(objects: Objects<'a>, there: &There<'a>) -> Self {
        let (mut made, mut claims) = (BTreeSet::new(), Vec::new());
        for objects in [objects].iter().chain(there.others) {
            for resource in objects.resources {
                let namespace = objects.namespace_of(resource);
                make(resource, namespace, &mut made, &mut claims);
            }
        }
        let others = there.others.iter().map(|objects| Index::of(*objects)).collect();
        let operated = Operated::of(objects);
        let pods = there.others.iter().flat_map(|of| {
            of.resources
                .iter()
                .filter_map(|one| Some((of.namespace_of(one), PodTemplate::of(one)?)))
        });
        Self { declared: there.declared, others, pods: pods.collect(), operated, made, claims }
    }

    pub(super) fn has(&self, key: Key<'_>) -> bool {
        is_always_there(key)
            || self.made.contains(&key)
            || self.others.iter().any(|index| index.get(key).is_some())
            || self.declared.iter().any(|one| one.covers(key))
            || self.is_claim(key)
            || self.is_operated(key)
    }

    /// The names that it knows of a kind in a namespace.
    pub(super) fn names(&self, group: &str, kind: &str) -> impl Iterator<Item = &str> {
        self.declared
            .iter()
            .filter(move |one| one.group == group && one.kind == kind)
            .flat_map(|one| one.names.iter().flatten())
            .map(String::as_str)
    }

    /// Whether somebody else makes pods that this selector finds.
    pub(super) fn has_pods(&self, namespace: &str, selector: &Selector<'_>) -> bool {
        let declared = |one: &Precondition| {
            let wants = |(key, value): &(String, String)| {
                selector.labels.iter().any(|(k, v)| k == key && v == value)
            };
            one.kind == "Pod"
                && one.group.is_empty()
                && one.namespace.as_ref().is_none_or(|known| known == namespace)
                && one.labels.iter().all(wants)
        };
        namespace.starts_with("kube-")
            || self.declared.iter().any(declared)
            || self.pods.iter().any(|(of, pod)| *of == namespace && selector.finds(pod.labels()))
            || selector.labels.iter().any(|(_, value)| self.operated.labels(namespace, value))
    }

    /// Whether it is named after a custom resource that somebody makes it for.
    fn is_operated(&self, (group, kind, namespace, name): Key<'_>) -> bool {
        const MADE: [&str; 5] =
            ["ConfigMap", "PersistentVolumeClaim", "Secret", "Service", "ServiceAccount"];
        group.is_empty() && MADE.contains(&kind) && self.operated.names(namespace, name)
    }

    /// Whether it is a claim that a StatefulSet makes: `data-db-0`.
    fn is_claim(&self, (group, kind, namespace, name): Key<'_>) -> bool {
        let number = |rest: &str| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit());
        group.is_empty()
            && kind == "PersistentVolumeClaim"
            && self.claims.iter().any(|(of, prefix)| {
                *of == namespace && name.strip_prefix(prefix.as_str()).is_some_and(number)
            })
    }
}

/// What every cluster has, or brings along under names of its own.
fn is_always_there((group, kind, namespace, name): Key<'_>) -> bool {
    // These namespaces hold the cluster's own parts.
    if namespace.starts_with("kube-") {
        return true;
    }
    match (group, kind) {
        ("", "ServiceAccount") => name == "default",
        ("", "ConfigMap") => name == "kube-root-ca.crt",
        ("", "Service") => (namespace, name) == ("default", "kubernetes"),
        ("rbac.authorization.k8s.io", "ClusterRole") => {
            matches!(name, "cluster-admin" | "admin" | "edit" | "view")
                || name.starts_with("system:")
        }
        ("scheduling.k8s.io", "PriorityClass") => {
            matches!(name, "system-cluster-critical" | "system-node-critical")
        }
        _ => false,
    }
}

/// Whether clusters bring objects of a kind along, each under its own names.
pub(super) fn is_brought_along(group: &str, kind: &str) -> bool {
    (group, kind) == STORAGE_CLASS || (group, kind) == INGRESS_CLASS
}

/// What controllers make for an object: Secrets, and the claims of a StatefulSet.
fn make<'a>(
    resource: &'a Resource,
    namespace: &'a str,
    made: &mut BTreeSet<Key<'a>>,
    claims: &mut Vec<(&'a str, String)>,
) {
    let node = &resource.node;
    let mut secret = |pattern: &[&'a str]| {
        let before = made.len();
        along(node, pattern, &mut Vec::new(), &mut |name, _| {
            made.extend(name.as_str().map(|name| ("", "Secret", namespace, name)));
        });
        made.len() > before
    };
    match (&*resource.id.group, &*resource.id.kind) {
        ("cert-manager.io", "Certificate") => {
            secret(&["spec", "secretName"]);
        }
        ("networking.k8s.io", "Ingress") if wants_certificates(node) => {
            secret(&["spec", "tls", "*", "secretName"]);
        }
        ("external-secrets.io", "ExternalSecret") => {
            let _ = secret(&["spec", "target", "name"]) || secret(&["metadata", "name"]);
        }
        ("bitnami.com", "SealedSecret") => {
            secret(&["metadata", "name"]);
        }
        ("secrets.hashicorp.com", _) => {
            secret(&["spec", "destination", "name"]);
        }
        ("secrets-store.csi.x-k8s.io", "SecretProviderClass") => {
            secret(&["spec", "secretObjects", "*", "secretName"]);
        }
        ("apps", "StatefulSet") => {
            let pattern = ["spec", "volumeClaimTemplates", "*", "metadata", "name"];
            along(node, &pattern, &mut Vec::new(), &mut |name, _| {
                let prefix = |name| format!("{name}-{}-", resource.id.name);
                claims.extend(name.as_str().map(|name| (namespace, prefix(name))));
            });
        }
        _ => {}
    }
}

/// Whether cert-manager makes the certificates of an Ingress.
fn wants_certificates(node: &Node) -> bool {
    let annotation = |key: &str| text(node, &["metadata", "annotations", key]);
    annotation("cert-manager.io/issuer").is_some()
        || annotation("cert-manager.io/cluster-issuer").is_some()
        || annotation("kubernetes.io/tls-acme") == Some("true")
}
