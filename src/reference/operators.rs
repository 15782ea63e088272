//! Custom resources that stand for something running: whoever serves them makes pods and objects named after them.
//!
//! What that is, nobody can tell from outside; so what bears such a name is taken to be there.

use crate::manifest::is_builtin;

use super::index::Objects;

/// Groups and kinds that describe, route, restrict or measure what is there and make nothing that is named after them.
const PASSIVE: [(&str, &[&str]); 9] = [
    (
        "monitoring.coreos.com",
        &[
            "AlertmanagerConfig",
            "PodMonitor",
            "Probe",
            "PrometheusRule",
            "ScrapeConfig",
            "ServiceMonitor",
        ],
    ),
    (
        "operator.victoriametrics.com",
        &[
            "VMAlertmanagerConfig",
            "VMNodeScrape",
            "VMPodScrape",
            "VMProbe",
            "VMRule",
            "VMScrapeConfig",
            "VMServiceScrape",
            "VMStaticScrape",
            "VMUser",
        ],
    ),
    ("opentelemetry.io", &["Instrumentation"]),
    ("argoproj.io", &["AnalysisTemplate", "AppProject", "ClusterAnalysisTemplate", "Rollout"]),
    ("secrets-store.csi.x-k8s.io", &["SecretProviderClass"]),
    ("bitnami.com", &["SealedSecret"]),
    ("monitoring.googleapis.com", &["PodMonitoring", "Rules"]),
    ("cloud.google.com", &["BackendConfig"]),
    ("networking.gke.io", &["FrontendConfig", "ManagedCertificate"]),
];

/// Groups of which no kind makes anything that is named after it.
const PASSIVE_GROUPS: [&str; 18] = [
    "acme.cert-manager.io",
    "autoscaling.k8s.io",
    "cert-manager.io",
    "cilium.io",
    "crd.projectcalico.org",
    "external-secrets.io",
    "gateway.envoyproxy.io",
    "gateway.networking.k8s.io",
    "keda.sh",
    "kyverno.io",
    "networking.istio.io",
    "policy.networking.k8s.io",
    "projectcalico.org",
    "secrets.hashicorp.com",
    "security.istio.io",
    "snapshot.storage.k8s.io",
    "traefik.containo.us",
    "traefik.io",
];

/// The custom resources of a release that something is made for.
pub(super) struct Operated<'a> {
    /// Namespace and name.
    objects: Vec<(&'a str, &'a str)>,
}

impl<'a> Operated<'a> {
    pub(super) fn of(objects: Objects<'a>) -> Self {
        let is_active = |group: &str, kind: &str| {
            let passive = PASSIVE.iter().find(|(known, _)| *known == group);
            passive.is_none_or(|(_, kinds)| !kinds.contains(&kind))
        };
        let custom = objects.resources.iter().filter(|resource| {
            let (group, kind) = (&*resource.id.group, &*resource.id.kind);
            !is_builtin(group) && !PASSIVE_GROUPS.contains(&group) && is_active(group, kind)
        });
        Self { objects: custom.map(|one| (objects.namespace_of(one), &*one.id.name)).collect() }
    }

    /// Whether one of them has this label, as the pods made for it have: its name, or its namespace and name.
    pub(super) fn labels(&self, namespace: &str, value: &str) -> bool {
        self.near(namespace).any(|(of, name)| {
            let rest = value.strip_suffix(name).and_then(|rest| rest.strip_suffix('.'));
            value == name || rest == Some(of)
        })
    }

    /// Whether a name holds that of one of them as a part of its own: `shop-kafka-bootstrap` for `shop`.
    pub(super) fn names(&self, namespace: &str, text: &str) -> bool {
        self.near(namespace).any(|(_, name)| {
            text.match_indices(name).any(|(at, _)| {
                let (before, after) = (&text[..at], &text[at + name.len()..]);
                (before.is_empty() || before.ends_with('-'))
                    && (after.is_empty() || after.starts_with('-'))
            })
        })
    }

    fn near(&self, namespace: &str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.objects.iter().copied().filter(move |(of, _)| *of == namespace || of.is_empty())
    }
}
