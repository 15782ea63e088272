//! Where each kind keeps the pods that it runs.

use crate::yaml::Node;

use super::Resource;

/// What an object makes its pods from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PodTemplate<'a> {
    /// The way from the object to what holds the pods' `metadata` and `spec`.
    pub(crate) way: &'static [&'static str],
    pub(crate) metadata: Option<&'a Node>,
    pub(crate) spec: &'a Node,
}

/// The lists of containers in a pod's spec.
pub(crate) const CONTAINERS: [&str; 3] = ["initContainers", "containers", "ephemeralContainers"];

impl<'a> PodTemplate<'a> {
    /// The pod template of an object; `None` for objects that run no pods. Kinds that are not Kubernetes' own run
    /// pods where they look as a Deployment does.
    pub(crate) fn of(resource: &'a Resource) -> Option<Self> {
        const TEMPLATE: &[&str] = &["spec", "template"];
        let way: &'static [&'static str] =
            match (resource.id.group.as_str(), resource.id.kind.as_str()) {
                ("", "Pod") => &[],
                ("", "PodTemplate") => &["template"],
                ("", "ReplicationController")
                | ("apps", "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet")
                | ("batch", "Job") => TEMPLATE,
                ("batch", "CronJob") => &["spec", "jobTemplate", "spec", "template"],
                (group, _) if group.contains('.') && !group.ends_with(".k8s.io") => TEMPLATE,
                _ => return None,
            };
        let node = way.iter().try_fold(&resource.node, |node, key| node.get(key))?;
        let spec = node.get("spec").filter(|spec| spec.get("containers").is_some())?;
        Some(Self { way, metadata: node.get("metadata"), spec })
    }

    /// The labels that its pods get.
    pub(crate) fn labels(&self) -> Option<&'a Node> {
        self.metadata?.get("labels")
    }
}
