//! Changes that may hurt when they are applied.

use std::collections::BTreeSet;

use crate::yaml::{Kind, Node, Number};

use super::change::{Change, FieldPath, ObjectDiff, Part, Verdict};

/// Something to think about before a change is applied.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Risk {
    /// Stable and documented, such as `risk.immutable-field`.
    pub code: &'static str,
    /// What happens, as a lowercase phrase.
    pub message: String,
    /// The field, if it is one.
    pub path: Option<FieldPath>,
}

impl Risk {
    fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), path: None }
    }

    fn at(mut self, change: &Change) -> Self {
        self.path = Some(change.path.clone());
        self
    }
}

/// The risks of one object's change.
pub(super) fn assess(object: &ObjectDiff) -> Vec<Risk> {
    let mut risks = Vec::new();
    match object.verdict {
        Verdict::Removed => risks.extend(removal(object)),
        Verdict::Changed => {
            let fixed: Vec<&Change> =
                object.fields.iter().filter(|change| is_immutable(object, change)).collect();
            if let Some(first) = fixed.first() {
                let more = fixed.len() - 1;
                let path = &first.path;
                let field = if more == 0 {
                    format!("`{path}`")
                } else {
                    format!("`{path}` and {more} more")
                };
                let message = format!(
                    "Kubernetes does not change {field} of a {}; the object must be replaced",
                    object.id.kind
                );
                risks.push(Risk::new("risk.immutable-field", message).at(first));
            }
            risks.extend(object.fields.iter().filter_map(scale));
        }
        _ => {}
    }
    if matches!(object.verdict, Verdict::Added | Verdict::Changed) {
        risks.extend(rights(object));
        risks.extend(privilege(object));
    }
    risks
}

fn removal(object: &ObjectDiff) -> Option<Risk> {
    let name = &object.id.name;
    let (code, message) = match (object.id.group.as_str(), object.id.kind.as_str()) {
        ("apps", "StatefulSet") => (
            "risk.stateful-removed",
            format!("the pods of `{name}` go; its volume claims stay and nobody uses them"),
        ),
        ("", "PersistentVolumeClaim" | "PersistentVolume") => {
            ("risk.storage-removed", format!("the data behind `{name}` may be deleted"))
        }
        ("", "Namespace") => {
            ("risk.namespace-removed", format!("everything in the namespace `{name}` is deleted"))
        }
        ("apiextensions.k8s.io", "CustomResourceDefinition") => {
            ("risk.crd-removed", format!("every custom resource of `{name}` is deleted with it"))
        }
        _ => return None,
    };
    Some(Risk::new(code, message))
}

/// Fields that the API server does not let change (API reference, each kind's validation of updates).
const IMMUTABLE: [(&str, &str, &[&str]); 17] = [
    ("apps", "Deployment", &["spec.selector"]),
    ("apps", "DaemonSet", &["spec.selector"]),
    ("apps", "ReplicaSet", &["spec.selector"]),
    (
        "batch",
        "Job",
        &["spec.selector", "spec.template", "spec.completionMode", "spec.completions"],
    ),
    ("", "Service", &["spec.clusterIP", "spec.clusterIPs"]),
    ("", "Secret", &["type"]),
    (
        "",
        "PersistentVolume",
        &["spec.nfs", "spec.hostPath", "spec.local", "spec.csi", "spec.volumeMode"],
    ),
    (
        "storage.k8s.io",
        "StorageClass",
        &["provisioner", "parameters", "reclaimPolicy", "volumeBindingMode"],
    ),
    ("storage.k8s.io", "CSIDriver", &["spec.attachRequired", "spec.volumeLifecycleModes"]),
    ("rbac.authorization.k8s.io", "RoleBinding", &["roleRef"]),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding", &["roleRef"]),
    ("scheduling.k8s.io", "PriorityClass", &["value", "preemptionPolicy"]),
    ("networking.k8s.io", "IngressClass", &["spec.controller"]),
    ("node.k8s.io", "RuntimeClass", &["handler"]),
    (
        "apiextensions.k8s.io",
        "CustomResourceDefinition",
        &["spec.group", "spec.scope", "spec.names.kind"],
    ),
    ("discovery.k8s.io", "EndpointSlice", &["addressType"]),
    ("certificates.k8s.io", "CertificateSigningRequest", &["spec"]),
];

/// Kinds whose `spec` is fixed but for these fields.
const FIXED_SPECS: [(&str, &str, &[&str]); 2] = [
    (
        "apps",
        "StatefulSet",
        &[
            "replicas",
            "ordinals",
            "template",
            "updateStrategy",
            "revisionHistoryLimit",
            "persistentVolumeClaimRetentionPolicy",
            "minReadySeconds",
        ],
    ),
    ("", "PersistentVolumeClaim", &["resources", "volumeAttributesClassName"]),
];

/// Whether Kubernetes refuses to change this field of this kind.
fn is_immutable(object: &ObjectDiff, change: &Change) -> bool {
    let (group, kind) = (object.id.group.as_str(), object.id.kind.as_str());
    let path = change.path.to_string();
    let below = |field: &str| {
        path.strip_prefix(field).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    let listed = IMMUTABLE
        .iter()
        .any(|(g, k, fields)| (*g, *k) == (group, kind) && fields.iter().any(|field| below(field)));
    let fixed = FIXED_SPECS.iter().any(|(g, k, free)| {
        (*g, *k) == (group, kind)
            && below("spec")
            && !matches!(change.path.0.get(1), Some(Part::Key(key)) if free.contains(&&**key))
    });
    let sealed = matches!(kind, "ConfigMap" | "Secret")
        && group.is_empty()
        && is_true(object.old.as_ref().and_then(|node| node.get("immutable")))
        && (below("data") || below("binaryData") || below("stringData") || below("immutable"));
    listed || fixed || sealed
}

fn is_true(node: Option<&Node>) -> bool {
    matches!(node.map(|node| &node.kind), Some(Kind::Bool(true)))
}

fn scale(change: &Change) -> Option<Risk> {
    let path = change.path.to_string();
    let number = |node: Option<&Node>| match node?.kind {
        Kind::Number(Number::Int(value)) => Some(value),
        _ => None,
    };
    if path == "spec.replicas" && number(change.new.as_ref()) == Some(0) {
        return Some(Risk::new("risk.replicas-zero", "no pod is left").at(change));
    }
    if !path.ends_with("resources.requests.storage") {
        return None;
    }
    let amount = |node: Option<&Node>| {
        let text = match &node?.kind {
            Kind::String(text) => text.text.to_string(),
            Kind::Number(number) => number.to_string(),
            _ => return None,
        };
        crate::quantity::nanos(&text)
    };
    let (old, new) = (amount(change.old.as_ref())?, amount(change.new.as_ref())?);
    (new < old)
        .then(|| Risk::new("risk.storage-shrunk", "Kubernetes does not shrink volumes").at(change))
}

/// New rights: of a role, through new subjects, or through a mighty role.
fn rights(object: &ObjectDiff) -> Option<Risk> {
    if object.id.group != "rbac.authorization.k8s.io" {
        return None;
    }
    let new = object.new.as_ref()?;
    match object.id.kind.as_str() {
        "Role" | "ClusterRole" => {
            let before = object.old.as_ref().map(grants).unwrap_or_default();
            let more: Vec<Grant> = grants(new)
                .into_iter()
                .filter(|grant| !before.iter().any(|b| b.covers(grant)))
                .collect();
            // A new role gives nothing new unless it gives everything of something.
            let told: Vec<String> = more
                .iter()
                .filter(|grant| object.verdict == Verdict::Changed || grant.is_mighty())
                .map(Grant::text)
                .collect();
            (!told.is_empty()).then(|| {
                let rest = told.len().saturating_sub(4);
                let tail = if rest > 0 { format!(" and {rest} more") } else { String::new() };
                let shown = told[..told.len() - rest].join(", ");
                Risk::new("risk.rbac-widened", format!("it now allows {shown}{tail}"))
            })
        }
        "RoleBinding" | "ClusterRoleBinding" => {
            let before = object.old.as_ref().map(subjects).unwrap_or_default();
            let more: Vec<String> = subjects(new).difference(&before).cloned().collect();
            let role =
                new.get("roleRef").and_then(|role| role.get("name")).and_then(Node::as_str)?;
            let told = object.verdict == Verdict::Changed || role == "cluster-admin";
            (told && !more.is_empty()).then(|| {
                let message = format!("`{role}` is now given to {}", more.join(", "));
                Risk::new("risk.rbac-widened", message)
            })
        }
        _ => None,
    }
}

/// One verb on one resource, or on one URL.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Grant {
    group: String,
    resource: String,
    name: String,
    verb: String,
}

impl Grant {
    fn covers(&self, other: &Self) -> bool {
        let one = |a: &str, b: &str| a == "*" || a == b;
        one(&self.group, &other.group)
            && one(&self.resource, &other.resource)
            && one(&self.name, &other.name)
            && one(&self.verb, &other.verb)
    }

    fn is_mighty(&self) -> bool {
        self.resource == "*"
            || self.verb == "*"
            || ["escalate", "bind", "impersonate"].contains(&&*self.verb)
    }

    fn text(&self) -> String {
        let group = if self.group.is_empty() { String::new() } else { format!(".{}", self.group) };
        let name = if self.name == "*" { String::new() } else { format!("/{}", self.name) };
        format!("{} {}{group}{name}", self.verb, self.resource)
    }
}

fn grants(role: &Node) -> Vec<Grant> {
    let texts = |rule: &Node, key: &str| -> Vec<String> {
        let items = rule.get(key).and_then(Node::as_list).unwrap_or_default();
        items.iter().filter_map(Node::as_str).map(str::to_owned).collect()
    };
    let mut all = BTreeSet::new();
    for rule in role.get("rules").and_then(Node::as_list).unwrap_or_default() {
        let verbs = texts(rule, "verbs");
        let mut names = texts(rule, "resourceNames");
        if names.is_empty() {
            names.push("*".to_owned());
        }
        let mut targets: Vec<(String, String)> = Vec::new();
        for group in texts(rule, "apiGroups") {
            targets.extend(
                texts(rule, "resources").into_iter().map(|resource| (group.clone(), resource)),
            );
        }
        targets.extend(texts(rule, "nonResourceURLs").into_iter().map(|url| (String::new(), url)));
        for (group, resource) in targets {
            for verb in &verbs {
                for name in &names {
                    all.insert(Grant {
                        group: group.clone(),
                        resource: resource.clone(),
                        name: name.clone(),
                        verb: verb.clone(),
                    });
                }
            }
        }
    }
    all.into_iter().collect()
}

fn subjects(binding: &Node) -> BTreeSet<String> {
    let items = binding.get("subjects").and_then(Node::as_list).unwrap_or_default();
    let text =
        |item: &Node, key: &str| item.get(key).and_then(Node::as_str).unwrap_or("").to_owned();
    items
        .iter()
        .map(|item| {
            let namespace = text(item, "namespace");
            let place = if namespace.is_empty() { String::new() } else { format!("{namespace}/") };
            format!("{} {place}{}", text(item, "kind"), text(item, "name"))
        })
        .collect()
}

/// Pods that newly reach into their node.
fn privilege(object: &ObjectDiff) -> Option<Risk> {
    let before = object.old.as_ref().map(powers).unwrap_or_default();
    let more: Vec<String> = powers(object.new.as_ref()?).difference(&before).cloned().collect();
    (!more.is_empty() && object.verdict == Verdict::Changed)
        .then(|| Risk::new("risk.privileged", format!("pods now have {}", more.join(", "))))
}

fn powers(node: &Node) -> BTreeSet<String> {
    fn look(node: &Node, found: &mut BTreeSet<String>) {
        const POWERS: [&str; 5] =
            ["privileged", "hostNetwork", "hostPID", "hostIPC", "allowPrivilegeEscalation"];
        match &node.kind {
            Kind::Map(map) => {
                for entry in &map.entries {
                    if POWERS.contains(&&*entry.key.text) && is_true(Some(&entry.value)) {
                        found.insert(entry.key.text.to_string());
                    }
                    look(&entry.value, found);
                }
            }
            Kind::List(items) => items.iter().for_each(|item| look(item, found)),
            _ => {}
        }
    }
    let mut found = BTreeSet::new();
    look(node, &mut found);
    found
}
