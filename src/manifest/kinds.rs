//! What is known of Kubernetes' own kinds: scope and place in the order of one wave.

/// Helm's install order, which users know; kinds that are not in it come last, by name.
const ORDER: [&str; 36] = [
    "PriorityClass",
    "Namespace",
    "NetworkPolicy",
    "ResourceQuota",
    "LimitRange",
    "PodSecurityPolicy",
    "PodDisruptionBudget",
    "ServiceAccount",
    "Secret",
    "SecretList",
    "ConfigMap",
    "StorageClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "CustomResourceDefinition",
    "ClusterRole",
    "ClusterRoleList",
    "ClusterRoleBinding",
    "ClusterRoleBindingList",
    "Role",
    "RoleList",
    "RoleBinding",
    "RoleBindingList",
    "Service",
    "DaemonSet",
    "Pod",
    "ReplicationController",
    "ReplicaSet",
    "Deployment",
    "HorizontalPodAutoscaler",
    "StatefulSet",
    "Job",
    "CronJob",
    "IngressClass",
    "Ingress",
    "APIService",
];

/// Where a kind stands within its wave.
pub(crate) fn rank(kind: &str) -> usize {
    match kind {
        "MutatingWebhookConfiguration" => ORDER.len(),
        "ValidatingWebhookConfiguration" => ORDER.len() + 1,
        kind => ORDER.iter().position(|known| *known == kind).unwrap_or(ORDER.len() + 2),
    }
}

/// API groups with their versions and kinds, as of Kubernetes 1.34; cluster-scoped kinds carry a `*`.
const BUILTIN: [(&str, &[&str]); 24] = [
    (
        "v1",
        &[
            "ConfigMap",
            "Endpoints",
            "Event",
            "LimitRange",
            "Namespace*",
            "Node*",
            "PersistentVolume*",
            "PersistentVolumeClaim",
            "Pod",
            "PodTemplate",
            "ReplicationController",
            "ResourceQuota",
            "Secret",
            "Service",
            "ServiceAccount",
            "List*",
        ],
    ),
    (
        "admissionregistration.k8s.io/v1",
        &[
            "MutatingWebhookConfiguration*",
            "ValidatingAdmissionPolicy*",
            "ValidatingAdmissionPolicyBinding*",
            "ValidatingWebhookConfiguration*",
        ],
    ),
    ("apiextensions.k8s.io/v1", &["CustomResourceDefinition*"]),
    ("apiregistration.k8s.io/v1", &["APIService*"]),
    ("apps/v1", &["ControllerRevision", "DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"]),
    ("authentication.k8s.io/v1", &["SelfSubjectReview*", "TokenRequest", "TokenReview*"]),
    (
        "authorization.k8s.io/v1",
        &[
            "LocalSubjectAccessReview",
            "SelfSubjectAccessReview*",
            "SelfSubjectRulesReview*",
            "SubjectAccessReview*",
        ],
    ),
    ("autoscaling/v1", &["HorizontalPodAutoscaler", "Scale"]),
    ("autoscaling/v2", &["HorizontalPodAutoscaler"]),
    ("batch/v1", &["CronJob", "Job"]),
    ("certificates.k8s.io/v1", &["CertificateSigningRequest*"]),
    ("coordination.k8s.io/v1", &["Lease"]),
    ("discovery.k8s.io/v1", &["EndpointSlice"]),
    ("events.k8s.io/v1", &["Event"]),
    ("flowcontrol.apiserver.k8s.io/v1", &["FlowSchema*", "PriorityLevelConfiguration*"]),
    (
        "networking.k8s.io/v1",
        &["IPAddress*", "Ingress", "IngressClass*", "NetworkPolicy", "ServiceCIDR*"],
    ),
    ("node.k8s.io/v1", &["RuntimeClass*"]),
    ("policy/v1", &["Eviction", "PodDisruptionBudget"]),
    (
        "rbac.authorization.k8s.io/v1",
        &["ClusterRole*", "ClusterRoleBinding*", "Role", "RoleBinding"],
    ),
    (
        "resource.k8s.io/v1",
        &["DeviceClass*", "ResourceClaim", "ResourceClaimTemplate", "ResourceSlice*"],
    ),
    ("scheduling.k8s.io/v1", &["PriorityClass*"]),
    (
        "storage.k8s.io/v1",
        &[
            "CSIDriver*",
            "CSINode*",
            "CSIStorageCapacity",
            "StorageClass*",
            "VolumeAttachment*",
            "VolumeAttributesClass*",
        ],
    ),
    ("policy/v1beta1", &["PodSecurityPolicy*"]),
    ("storagemigration.k8s.io/v1alpha1", &["StorageVersionMigration*"]),
];

/// Every kind that Kubernetes itself serves: `apiVersion` and kind.
pub(crate) fn builtin_kinds() -> impl Iterator<Item = (&'static str, &'static str)> {
    BUILTIN.iter().flat_map(|(version, kinds)| {
        kinds.iter().map(move |kind| (*version, kind.trim_end_matches('*')))
    })
}

/// Whether a group is Kubernetes' own.
pub(crate) fn is_builtin(group: &str) -> bool {
    let of = |version: &str| version.rsplit_once('/').map_or("", |(group, _)| group) == group;
    BUILTIN.iter().any(|(version, _)| of(version))
}

/// Whether objects of a kind live outside namespaces; `None` for kinds that are not Kubernetes' own.
pub(crate) fn is_cluster_scoped(group: &str, kind: &str) -> Option<bool> {
    BUILTIN
        .iter()
        .filter(|(version, _)| version.rsplit_once('/').map_or("", |(group, _)| group) == group)
        .flat_map(|(_, kinds)| kinds.iter())
        .find(|known| known.trim_end_matches('*') == kind)
        .map(|known| known.ends_with('*'))
}
