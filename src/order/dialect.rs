//! How each applier is told the order: keys and values as its own documentation states them.

use std::collections::BTreeMap;

use crate::diag::{Diagnostic, nearest};
use crate::manifest::{Mark, Resource};

use super::{Marks, Scene, goes_first};

/// How an applier is told the order.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Dialect {
    /// `config.kubernetes.io/depends-on`, read by cli-utils, kpt and Config Sync: the whole graph, per object.
    #[default]
    CliUtils,
    /// `argocd.argoproj.io/sync-wave`, read by Argo CD: waves.
    ArgoCd,
    /// Flux orders Kustomizations, not objects: objects only say that `${…}` in them is meant.
    Flux,
    /// `kapp.k14s.io/change-group` and `change-rule`, read by Carvel's kapp: the whole graph, per component.
    Kapp,
    /// Helm orders by kind: objects that must outlive a release say so, the last Jobs become hooks.
    Helm,
    /// `werf.io/deploy-dependency-…`, read by Nelm: the whole graph, per object.
    Nelm,
    /// `kluctl.io/wait-readiness`, read by kluctl: what is waited for at a barrier.
    Kluctl,
    /// `kubectl apply -R -f` goes through files by name: nothing per object, a folder for each step.
    Kubectl,
    /// Kustomize keeps the order of what a `kustomization.yaml` lists: nothing per object, one in each step's folder.
    Kustomize,
}

/// The components' objects, in stream order.
type ByComponent<'a> = BTreeMap<&'a str, Vec<&'a Resource>>;

impl Dialect {
    /// Every dialect by the name that the command line uses.
    pub const ALL: [(&'static str, Dialect); 9] = [
        ("cli-utils", Self::CliUtils),
        ("argocd", Self::ArgoCd),
        ("flux", Self::Flux),
        ("kapp", Self::Kapp),
        ("helm", Self::Helm),
        ("nelm", Self::Nelm),
        ("kluctl", Self::Kluctl),
        ("kubectl", Self::Kubectl),
        ("kustomize", Self::Kustomize),
    ];

    /// The name that the command line uses.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(_, dialect)| *dialect == self).map_or("", |(name, _)| name)
    }

    /// What this dialect writes on every object of a component; `None` if that depends on the object.
    pub(super) fn component_marks(
        self,
        component: &str,
        scene: &Scene,
        by_component: &ByComponent<'_>,
    ) -> Option<Marks> {
        let after = || scene.active.after.get(component).into_iter().flatten();
        let before =
            || after().flat_map(|name| by_component.get(name.as_str()).into_iter().flatten());
        match self {
            Self::CliUtils => {
                let references: Vec<String> =
                    before().map(|resource| resource.reference(&scene.namespace)).collect();
                if references.is_empty() {
                    return Some(Vec::new());
                }
                Some(vec![("config.kubernetes.io/depends-on".into(), references.join(",").into())])
            }
            Self::Kapp => {
                let group = |name: &str| format!("{}.plimsoll.dev/{name}", scene.instance);
                let mut marks = vec![("kapp.k14s.io/change-group".into(), group(component).into())];
                for (number, name) in after().enumerate() {
                    let rule = |id: &str, text: &str| -> Mark {
                        (
                            format!("kapp.k14s.io/change-rule.{id}-{number}").into(),
                            format!("{text} {}", group(name)).into(),
                        )
                    };
                    marks.push(rule("after", "upsert after upserting"));
                    marks.push(rule("before", "delete before deleting"));
                }
                Some(marks)
            }
            Self::Nelm => {
                let mark = |(number, other): (usize, &&Resource)| {
                    let key = format!("werf.io/deploy-dependency-{number}");
                    (key.into(), dependency(other, &scene.namespace).into())
                };
                Some(before().enumerate().map(mark).collect())
            }
            Self::ArgoCd | Self::Flux | Self::Helm | Self::Kluctl => None,
            Self::Kubectl | Self::Kustomize => Some(Vec::new()),
        }
    }

    /// What this dialect writes on one object.
    pub(super) fn marks(self, resource: &Resource, scene: &Scene) -> Marks {
        let awaited =
            || scene.active.after.values().any(|after| after.contains(&*resource.component));
        match self {
            Self::ArgoCd => {
                // Steps of ten leave room to put something between by hand; what goes first goes before wave 0.
                let wave = match goes_first(resource) {
                    Some(_) => -10,
                    None => i64::from(resource.wave) * 10,
                };
                vec![("argocd.argoproj.io/sync-wave".into(), wave.to_string().into())]
            }
            Self::Flux => {
                let key = "kustomize.toolkit.fluxcd.io/substitute";
                if resource.to_yaml().contains("${") {
                    vec![(key.into(), "disabled".into())]
                } else {
                    Vec::new()
                }
            }
            Self::Helm => {
                let mark = |key: &str, value: &str| (format!("helm.sh/{key}").into(), value.into());
                match (resource.id.group.as_str(), resource.id.kind.as_str()) {
                    ("", "Namespace" | "PersistentVolumeClaim" | "PersistentVolume")
                    | ("apiextensions.k8s.io", "CustomResourceDefinition") => {
                        vec![mark("resource-policy", "keep")]
                    }
                    // A Job that others wait for cannot run after everything else.
                    ("batch", "Job") if !awaited() => vec![
                        mark("hook", "post-install,post-upgrade"),
                        mark("hook-weight", &resource.wave.to_string()),
                        mark("hook-delete-policy", "before-hook-creation"),
                    ],
                    _ => Vec::new(),
                }
            }
            Self::Kluctl if awaited() && is_workload(resource) => {
                vec![("kluctl.io/wait-readiness".into(), "true".into())]
            }
            Self::Kluctl
            | Self::CliUtils
            | Self::Kapp
            | Self::Nelm
            | Self::Kubectl
            | Self::Kustomize => Vec::new(),
        }
    }
}

/// Whether a dialect writes this annotation. It tells an applier something, and says nothing about the object.
pub(crate) fn is_mark(key: &str) -> bool {
    const MARKS: [&str; 8] = [
        "config.kubernetes.io/depends-on",
        "argocd.argoproj.io/sync-wave",
        "kustomize.toolkit.fluxcd.io/substitute",
        "kapp.k14s.io/change-",
        "helm.sh/hook",
        "helm.sh/resource-policy",
        "werf.io/deploy-dependency-",
        "kluctl.io/wait-readiness",
    ];
    MARKS.iter().any(|mark| key.starts_with(mark))
}

/// `state=ready,kind=StatefulSet,group=apps,name=pg,namespace=db`; what never becomes ready has to be present.
fn dependency(resource: &Resource, namespace: &str) -> String {
    let id = &resource.id;
    let state = if is_workload(resource) { "ready" } else { "present" };
    let mut text = format!("state={state},kind={}", id.kind);
    if !id.group.is_empty() {
        text.push_str(",group=");
        text.push_str(&id.group);
    }
    text.push_str(",name=");
    text.push_str(&id.name);
    if !resource.is_cluster_scoped() {
        text.push_str(",namespace=");
        text.push_str(id.namespace.as_deref().unwrap_or(namespace));
    }
    text
}

/// Whether an object has something that runs and can be waited for.
fn is_workload(resource: &Resource) -> bool {
    matches!(
        (resource.id.group.as_str(), resource.id.kind.as_str()),
        ("apps", "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet")
            | ("batch", "Job")
            | ("", "Pod")
    )
}

/// The dialects of a list such as `cli-utils,argocd`; `none` stands alone and means no annotations of any applier.
///
/// # Errors
/// A finding that names the dialects there are.
pub fn dialects(list: &str) -> Result<Vec<Dialect>, Diagnostic> {
    let names: Vec<&str> = list.split(',').map(str::trim).collect();
    if names == ["none"] {
        return Ok(Vec::new());
    }
    let mut dialects = Vec::new();
    for name in names {
        let known = || Dialect::ALL.iter().map(|(name, _)| *name).chain(["none"]);
        let error = |message| Diagnostic::error("usage.order", message);
        match Dialect::ALL.iter().find(|(known, _)| *known == name) {
            Some((_, dialect)) if dialects.contains(dialect) => {
                return Err(error(format!("the order `{name}` is named twice")));
            }
            Some((_, dialect)) => dialects.push(*dialect),
            None if name == "none" => {
                return Err(error("`none` cannot be combined with other orders".to_owned()));
            }
            None => {
                return Err(error(format!("there is no order named `{name}`")).hint(
                    match nearest(name, known()) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => format!("known orders: {}", known().collect::<Vec<_>>().join(", ")),
                    },
                ));
            }
        }
    }
    Ok(dialects)
}
