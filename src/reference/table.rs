//! Which fields of Kubernetes' own kinds name another object, and of which kind that is.

/// A group and a kind.
pub(super) type Sort = (&'static str, &'static str);

pub(super) const CONFIG_MAP: Sort = ("", "ConfigMap");
pub(super) const SECRET: Sort = ("", "Secret");
pub(super) const SERVICE: Sort = ("", "Service");
pub(super) const SERVICE_ACCOUNT: Sort = ("", "ServiceAccount");
pub(super) const CLAIM: Sort = ("", "PersistentVolumeClaim");
pub(super) const VOLUME: Sort = ("", "PersistentVolume");
pub(super) const STORAGE_CLASS: Sort = ("storage.k8s.io", "StorageClass");
pub(super) const INGRESS_CLASS: Sort = ("networking.k8s.io", "IngressClass");
pub(super) const PRIORITY_CLASS: Sort = ("scheduling.k8s.io", "PriorityClass");
pub(super) const RUNTIME_CLASS: Sort = ("node.k8s.io", "RuntimeClass");
pub(super) const RBAC: &str = "rbac.authorization.k8s.io";

/// A field that names an object.
pub(super) struct Row {
    /// The way to the mapping that holds the name; `*` is every item of a list.
    pub(super) way: &'static [&'static str],
    /// The key in it.
    pub(super) name: &'static str,
    pub(super) sort: Sort,
    pub(super) keys: Keys,
    /// Whether the object must be there before the one that names it.
    pub(super) is_first: bool,
}

/// What of the object is named beside it.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Keys {
    None,
    /// `key`.
    One,
    /// The `key` of each of `items`.
    Items,
    /// A port of a Service: a number, or a mapping with `name` or `number`.
    Port,
}

const fn row(
    way: &'static [&'static str],
    name: &'static str,
    sort: Sort,
    keys: Keys,
    is_first: bool,
) -> Row {
    Row { way, name, sort, keys, is_first }
}

const fn first(way: &'static [&'static str], name: &'static str, sort: Sort) -> Row {
    row(way, name, sort, Keys::None, true)
}

const fn any_time(way: &'static [&'static str], name: &'static str, sort: Sort) -> Row {
    row(way, name, sort, Keys::None, false)
}

const fn port(way: &'static [&'static str]) -> Row {
    row(way, "name", SERVICE, Keys::Port, false)
}

/// In a pod's spec.
pub(super) const POD: [Row; 4] = [
    first(&[], "serviceAccountName", SERVICE_ACCOUNT),
    first(&[], "priorityClassName", PRIORITY_CLASS),
    first(&[], "runtimeClassName", RUNTIME_CLASS),
    first(&["imagePullSecrets", "*"], "name", SECRET),
];

/// In each of a container's variables and sources of variables.
pub(super) const CONTAINER: [Row; 4] = [
    row(&["env", "*", "valueFrom", "configMapKeyRef"], "name", CONFIG_MAP, Keys::One, true),
    row(&["env", "*", "valueFrom", "secretKeyRef"], "name", SECRET, Keys::One, true),
    first(&["envFrom", "*", "configMapRef"], "name", CONFIG_MAP),
    first(&["envFrom", "*", "secretRef"], "name", SECRET),
];

/// In each of a pod's volumes.
pub(super) const POD_VOLUME: [Row; 15] = [
    row(&["configMap"], "name", CONFIG_MAP, Keys::Items, true),
    row(&["secret"], "secretName", SECRET, Keys::Items, true),
    row(&["projected", "sources", "*", "configMap"], "name", CONFIG_MAP, Keys::Items, true),
    row(&["projected", "sources", "*", "secret"], "name", SECRET, Keys::Items, true),
    first(&["persistentVolumeClaim"], "claimName", CLAIM),
    first(&["ephemeral", "volumeClaimTemplate", "spec"], "storageClassName", STORAGE_CLASS),
    first(&["azureFile"], "secretName", SECRET),
    first(&["cephfs", "secretRef"], "name", SECRET),
    first(&["cinder", "secretRef"], "name", SECRET),
    first(&["csi", "nodePublishSecretRef"], "name", SECRET),
    first(&["flexVolume", "secretRef"], "name", SECRET),
    first(&["iscsi", "secretRef"], "name", SECRET),
    first(&["rbd", "secretRef"], "name", SECRET),
    first(&["scaleIO", "secretRef"], "name", SECRET),
    first(&["storageos", "secretRef"], "name", SECRET),
];

/// In objects of a group and a kind. A `namespace` beside the name counts, if there is one.
pub(super) fn of(group: &str, kind: &str) -> &'static [Row] {
    const ACCOUNT: [Row; 2] = [
        any_time(&["secrets", "*"], "name", SECRET),
        any_time(&["imagePullSecrets", "*"], "name", SECRET),
    ];
    const PERSISTENT_CLAIM: [Row; 2] = [
        first(&["spec"], "storageClassName", STORAGE_CLASS),
        any_time(&["spec"], "volumeName", VOLUME),
    ];
    const PERSISTENT_VOLUME: [Row; 1] = [first(&["spec"], "storageClassName", STORAGE_CLASS)];
    const STATEFUL_SET: [Row; 1] =
        [first(&["spec", "volumeClaimTemplates", "*", "spec"], "storageClassName", STORAGE_CLASS)];
    const INGRESS: [Row; 4] = [
        port(&["spec", "defaultBackend", "service"]),
        port(&["spec", "rules", "*", "http", "paths", "*", "backend", "service"]),
        any_time(&["spec"], "ingressClassName", INGRESS_CLASS),
        any_time(&["spec", "tls", "*"], "secretName", SECRET),
    ];
    const WEBHOOKS: [Row; 1] = [port(&["webhooks", "*", "clientConfig", "service"])];
    const API_SERVICE: [Row; 1] = [port(&["spec", "service"])];
    const DEFINITION: [Row; 1] =
        [port(&["spec", "conversion", "webhook", "clientConfig", "service"])];
    match (group, kind) {
        ("", "ServiceAccount") => &ACCOUNT,
        ("", "PersistentVolumeClaim") => &PERSISTENT_CLAIM,
        ("", "PersistentVolume") => &PERSISTENT_VOLUME,
        ("apps", "StatefulSet") => &STATEFUL_SET,
        ("networking.k8s.io", "Ingress") => &INGRESS,
        (
            "admissionregistration.k8s.io",
            "MutatingWebhookConfiguration" | "ValidatingWebhookConfiguration",
        ) => &WEBHOOKS,
        ("apiregistration.k8s.io", "APIService") => &API_SERVICE,
        ("apiextensions.k8s.io", "CustomResourceDefinition") => &DEFINITION,
        _ => &[],
    }
}
