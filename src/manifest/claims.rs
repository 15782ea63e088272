//! What an object takes for itself on its cluster, so that no other object can have it.

use std::fmt;

use crate::values::Step;
use crate::yaml::{Kind, Node, Number};

use super::{PodTemplate, Resource, ResourceId, is_cluster_scoped};

/// Something that only one object of a cluster can have.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Claim {
    /// An identity. The namespace is that of the release where the object states none.
    Object(ResourceId),
    /// A port of every node, whatever the protocol: Kubernetes allocates the number.
    NodePort(i128),
    /// A port of each node that a pod runs on, taken by `hostNetwork` or `hostPort`.
    HostPort(i128, String),
}

impl fmt::Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Object(id) => write!(f, "`{id}`"),
            Self::NodePort(port) => write!(f, "the nodePort {port}"),
            Self::HostPort(port, protocol) => write!(f, "the host port {port}/{protocol}"),
        }
    }
}

impl Claim {
    /// Everything that an object claims, with the field that says so.
    pub(crate) fn all(resource: &Resource, namespace: &str) -> Vec<(Claim, Vec<Step>)> {
        let mut id = resource.id.clone();
        let cluster = is_cluster_scoped(&id.group, &id.kind).unwrap_or(false);
        if !cluster && id.namespace.is_none() {
            id.namespace = Some(namespace.to_owned());
        }
        let name = ["metadata", "name"].map(Step::from).to_vec();
        let mut claims = vec![(Self::Object(id), name)];
        claims.extend(Self::node_ports(resource));
        claims.extend(host_ports(resource));
        claims
    }

    /// The nodePorts of a Service.
    pub(crate) fn node_ports(resource: &Resource) -> Vec<(Claim, Vec<Step>)> {
        let mut claims: Vec<(Claim, Vec<Step>)> = Vec::new();
        if resource.id.group.is_empty() && resource.id.kind == "Service" {
            let ports = at(&resource.node, &["spec", "ports"]).and_then(Node::as_list);
            for (index, port) in ports.into_iter().flatten().enumerate() {
                if let Some(number) = port.get("nodePort").and_then(integer) {
                    let path =
                        vec!["spec".into(), "ports".into(), Step::Index(index), "nodePort".into()];
                    // One Service may have TCP and UDP on one number.
                    if !claims.iter().any(|(claim, _)| *claim == Self::NodePort(number)) {
                        claims.push((Self::NodePort(number), path));
                    }
                }
            }
        }
        claims
    }
}

fn host_ports(resource: &Resource) -> Vec<(Claim, Vec<Step>)> {
    let Some(PodTemplate { way, spec: pod, .. }) = PodTemplate::of(resource) else {
        return Vec::new();
    };
    let shared = matches!(pod.get("hostNetwork").map(|node| &node.kind), Some(Kind::Bool(true)));
    let mut claims = Vec::new();
    for field in ["initContainers", "containers"] {
        for (container, node) in
            pod.get(field).and_then(Node::as_list).into_iter().flatten().enumerate()
        {
            let ports = node.get("ports").and_then(Node::as_list);
            for (index, port) in ports.into_iter().flatten().enumerate() {
                let key = if shared && port.get("hostPort").is_none() {
                    "containerPort"
                } else {
                    "hostPort"
                };
                let Some(number) = port.get(key).and_then(integer) else { continue };
                let protocol = port.get("protocol").and_then(Node::as_str).unwrap_or("TCP");
                let mut steps: Vec<Step> = way.iter().map(|key| Step::from(*key)).collect();
                steps.extend([
                    "spec".into(),
                    field.into(),
                    Step::Index(container),
                    "ports".into(),
                    Step::Index(index),
                    key.into(),
                ]);
                claims.push((Claim::HostPort(number, protocol.to_owned()), steps));
            }
        }
    }
    claims
}

fn at<'a>(node: &'a Node, path: &[&str]) -> Option<&'a Node> {
    path.iter().try_fold(node, |node, key| node.get(key))
}

fn integer(node: &Node) -> Option<i128> {
    match node.kind {
        Kind::Number(Number::Int(value)) => Some(value),
        _ => None,
    }
}
