//! What a cluster adds to an object by itself.
//!
//! The API server keeps books on every object and fills in defaults. Of a live object only that counts which
//! somebody could have set: bookkeeping goes always, a default goes where the other side is silent. What is a default
//! is known for Kubernetes' own kinds; for any kind, from who owns which field, where the object says it.

use crate::manifest::is_cluster_scoped;
use crate::yaml::{Entry, Kind, Node, Number};

use super::lists;
use super::owned::Owned;

/// Fields of `metadata` that only the server writes.
const BOOKKEEPING: [&str; 8] = [
    "managedFields",
    "uid",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "deletionTimestamp",
    "selfLink",
    "finalizers",
];

/// Beginnings of labels and annotations that the server, its controllers and appliers write.
const MARKS: [&str; 17] = [
    "kubectl.kubernetes.io/last-applied-configuration",
    "deployment.kubernetes.io/",
    "deprecated.daemonset.template.generation",
    "pv.kubernetes.io/",
    "volume.kubernetes.io/",
    "volume.beta.kubernetes.io/",
    "kubernetes.io/metadata.name",
    "batch.kubernetes.io/",
    "controller-uid",
    "job-name",
    // Appliers know their objects again by these.
    "argocd.argoproj.io/tracking-id",
    "config.k8s.io/owning-inventory",
    "kapp.k14s.io/app",
    "kapp.k14s.io/association",
    "kapp.k14s.io/identity",
    "kapp.k14s.io/original",
    "meta.helm.sh/release-name",
];

/// Defaults of the API server (API reference), by field.
const DEFAULTS: [(&str, &[&str]); 61] = [
    ("allocateLoadBalancerNodePorts", &["true"]),
    ("apiGroup", &["", "rbac.authorization.k8s.io"]),
    ("apiVersion", &["v1"]),
    ("backoffLimit", &["6"]),
    ("completionMode", &["NonIndexed"]),
    ("completions", &["1"]),
    ("concurrencyPolicy", &["Allow"]),
    ("defaultMode", &["420"]),
    ("divisor", &["0"]),
    ("dnsPolicy", &["ClusterFirst"]),
    ("enableServiceLinks", &["true"]),
    ("externalTrafficPolicy", &["Cluster"]),
    ("failedJobsHistoryLimit", &["1"]),
    ("failurePolicy", &["Fail"]),
    ("failureThreshold", &["3"]),
    ("globalDefault", &["false"]),
    ("imagePullPolicy", &["IfNotPresent", "Always"]),
    ("initialDelaySeconds", &["0"]),
    ("internalTrafficPolicy", &["Cluster"]),
    ("ipFamilyPolicy", &["SingleStack"]),
    ("kind", &["PersistentVolumeClaim"]),
    ("manualSelector", &["false"]),
    ("matchPolicy", &["Equivalent"]),
    ("maxSurge", &["25%", "0"]),
    ("maxUnavailable", &["25%", "1"]),
    ("minReadySeconds", &["0"]),
    ("parallelism", &["1"]),
    ("partition", &["0"]),
    ("pathType", &["ImplementationSpecific"]),
    ("periodSeconds", &["10"]),
    ("podManagementPolicy", &["OrderedReady"]),
    ("podReplacementPolicy", &["TerminatingOrFailed"]),
    ("policy", &["Retain"]),
    ("preemptionPolicy", &["PreemptLowerPriority"]),
    ("preserveUnknownFields", &["false"]),
    ("progressDeadlineSeconds", &["600"]),
    ("protocol", &["TCP"]),
    ("reclaimPolicy", &["Delete"]),
    ("reinvocationPolicy", &["Never"]),
    ("replicas", &["1"]),
    ("restartPolicy", &["Always"]),
    ("revisionHistoryLimit", &["10"]),
    ("schedulerName", &["default-scheduler"]),
    ("scheme", &["HTTP"]),
    ("scope", &["*"]),
    ("sessionAffinity", &["None"]),
    ("strategy", &["None"]),
    ("successThreshold", &["1"]),
    ("successfulJobsHistoryLimit", &["3"]),
    ("suspend", &["false"]),
    ("terminationGracePeriodSeconds", &["30"]),
    ("terminationMessagePath", &["/dev/termination-log"]),
    ("terminationMessagePolicy", &["File"]),
    ("timeoutSeconds", &["1", "10"]),
    ("type", &["", "ClusterIP", "Opaque", "RollingUpdate"]),
    ("volumeBindingMode", &["Immediate"]),
    ("volumeMode", &["Filesystem"]),
    ("whenDeleted", &["Retain"]),
    ("whenScaled", &["Retain"]),
    ("port", &["443"]),
    ("weight", &["1"]),
];

/// Fields that the server or a controller chooses where nobody says.
const CHOSEN: [&str; 14] = [
    "clusterIP",
    "clusterIPs",
    "ipFamilies",
    "nodePort",
    "healthCheckNodePort",
    "volumeName",
    "storageClassName",
    "serviceAccount",
    "listKind",
    "singular",
    "policyTypes",
    "targetPort",
    "finalizers",
    "status",
];

/// Both objects without what only the server wrote, if a side is live.
pub(super) fn settle(old: (&Node, bool), new: (&Node, bool)) -> (Node, Node) {
    let (mut a, mut b) = (old.0.clone(), new.0.clone());
    let builtin = is_builtin(&a);
    if old.1 {
        strip(&mut a);
        prune(&mut a, &mut b, builtin, Owned::of(old.0).as_ref());
    }
    if new.1 {
        strip(&mut b);
        prune(&mut b, &mut a, builtin, Owned::of(new.0).as_ref());
    }
    (a, b)
}

fn is_builtin(node: &Node) -> bool {
    let text = |key| node.get(key).and_then(Node::as_str).unwrap_or_default();
    let group = text("apiVersion").rsplit_once('/').map_or("", |(group, _)| group);
    is_cluster_scoped(group, text("kind")).is_some()
}

/// Takes bookkeeping away.
fn strip(node: &mut Node) {
    let is_job = matches!(node.get("kind").and_then(Node::as_str), Some("Job"));
    let Some(map) = node.as_map_mut() else { return };
    map.entries.retain(|entry| &*entry.key.text != "status");
    if let Some(metadata) = map.get_mut("metadata") {
        strip_metadata(metadata);
    }
    let Some(spec) = map.get_mut("spec").and_then(Node::as_map_mut) else { return };
    if is_job {
        // The controller selects by an id that it makes up.
        spec.entries.retain(|entry| &*entry.key.text != "selector");
    }
    if let Some(selector) = spec.get_mut("selector") {
        // kapp selects by its label, too.
        strip_marks(selector);
        selector.as_map_mut().and_then(|map| map.get_mut("matchLabels")).map(strip_marks);
    }
    if let Some(template) = spec.get_mut("template").and_then(Node::as_map_mut)
        && let Some(metadata) = template.get_mut("metadata")
    {
        strip_metadata(metadata);
    }
    if let Some(Kind::List(claims)) =
        spec.get_mut("volumeClaimTemplates").map(|node| &mut node.kind)
    {
        claims.iter_mut().for_each(strip);
    }
}

fn strip_metadata(metadata: &mut Node) {
    let Some(map) = metadata.as_map_mut() else { return };
    map.entries.retain(|entry| !BOOKKEEPING.contains(&&*entry.key.text));
    for field in ["annotations", "labels"] {
        map.get_mut(field).map(strip_marks);
    }
}

fn strip_marks(node: &mut Node) {
    let Some(map) = node.as_map_mut() else { return };
    map.entries.retain(|entry| !MARKS.iter().any(|mark| entry.key.text.starts_with(mark)));
}

/// Takes from a live object what the other is silent about and nobody need have set, and from the other what the
/// server does not store.
fn prune(live: &mut Node, other: &mut Node, builtin: bool, owned: Option<&Owned<'_>>) {
    match (&mut live.kind, &mut other.kind) {
        (Kind::Map(live), Kind::Map(other)) => {
            live.entries.retain(|entry| {
                let key = &entry.key.text;
                other.get(key).is_some()
                    || !(is_empty(&entry.value)
                        || (builtin && is_default(entry))
                        || owned.is_some_and(|owned| !owned.has(key)))
            });
            other
                .entries
                .retain(|entry| live.get(&entry.key.text).is_some() || !is_empty(&entry.value));
            for entry in &mut live.entries {
                let key = &entry.key.text;
                if let Some(other) = other.get_mut(key) {
                    let owned = owned.and_then(|owned| owned.field(key));
                    prune_field(key, &mut entry.value, other, builtin, owned.as_ref());
                }
            }
        }
        (Kind::List(_), Kind::List(_)) => prune_field("", live, other, builtin, owned),
        _ => {}
    }
}

fn prune_field(
    field: &str,
    live: &mut Node,
    other: &mut Node,
    builtin: bool,
    owned: Option<&Owned<'_>>,
) {
    let (Kind::List(left), Kind::List(right)) = (&mut live.kind, &mut other.kind) else {
        return prune(live, other, builtin, owned);
    };
    let prune_item = |live: &mut Node, other: &mut Node| {
        let owned = owned.and_then(|owned| owned.item(live));
        prune(live, other, builtin, owned.as_ref());
    };
    match lists::keys(field, left, right) {
        Some((a, b)) => {
            for (at, key) in a.iter().enumerate() {
                if let Some(pair) = b.iter().position(|other| other == key) {
                    prune_item(&mut left[at], &mut right[pair]);
                }
            }
        }
        None if left.len() == right.len() => {
            left.iter_mut().zip(right).for_each(|(live, other)| prune_item(live, other));
        }
        None => {}
    }
}

/// Whether the server would have put this there by itself.
fn is_default(entry: &Entry) -> bool {
    let key = &*entry.key.text;
    if CHOSEN.contains(&key) {
        return true;
    }
    match &entry.value.kind {
        Kind::Map(map) => map.entries.iter().all(is_default),
        Kind::List(_) => false,
        kind => {
            let text = match kind {
                Kind::String(text) => text.text.to_string(),
                Kind::Number(number) => number.to_string(),
                Kind::Bool(value) => value.to_string(),
                _ => return true,
            };
            DEFAULTS.iter().any(|(field, values)| *field == key && values.contains(&text.as_str()))
        }
    }
}

/// Whether the server stores this no differently from nothing.
fn is_empty(node: &Node) -> bool {
    match &node.kind {
        Kind::Null | Kind::Bool(false) | Kind::Number(Number::Int(0)) => true,
        Kind::String(text) => text.text.is_empty(),
        Kind::List(items) => items.is_empty(),
        Kind::Map(map) => map.entries.iter().all(|entry| is_empty(&entry.value)),
        _ => false,
    }
}
