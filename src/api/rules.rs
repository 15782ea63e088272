//! What the API server asks of several fields at a time: items that are told apart, fields that need others.

use crate::yaml::{Kind, Node};

use super::finding::{Findings, Path, Place};

/// Lists whose items the API server itself holds apart. For other lists with keys only a server-side apply does.
const APART: [(&str, &str); 7] = [
    ("Container", "volumeDevices"),
    ("PodSpec", "resourceClaims"),
    ("PodSpec", "schedulingGates"),
    ("PodSpec", "topologySpreadConstraints"),
    ("MutatingWebhookConfiguration", "webhooks"),
    ("ValidatingWebhookConfiguration", "webhooks"),
    ("CustomResourceDefinitionSpec", "versions"),
];

/// Lists that `reference` judges.
const ELSEWHERE: [(&str, &str); 8] = [
    ("PodSpec", "containers"),
    ("PodSpec", "initContainers"),
    ("PodSpec", "ephemeralContainers"),
    ("PodSpec", "volumes"),
    ("Container", "env"),
    ("Container", "ports"),
    ("Container", "volumeMounts"),
    ("ServiceSpec", "ports"),
];

/// Items with the same key.
pub(super) fn told_apart(
    items: &[Node],
    keys: &[&str],
    field: &str,
    definition: &str,
    path: &Path<'_>,
    found: &mut Findings<'_>,
) {
    let definition = definition.rsplit('.').next().unwrap_or(definition);
    if items.len() < 2 || ELSEWHERE.contains(&(definition, field)) {
        return;
    }
    repeated(items, keys, path, APART.contains(&(definition, field)), found);
}

/// The same in a custom resource; there the API server always holds items apart.
pub(super) fn custom_told_apart(
    items: &[Node],
    keys: &[&str],
    path: &Path<'_>,
    found: &mut Findings<'_>,
) {
    repeated(items, keys, path, true, found);
}

fn repeated(items: &[Node], keys: &[&str], path: &Path<'_>, apart: bool, found: &mut Findings<'_>) {
    for (index, item) in items.iter().enumerate() {
        let first = items[..index].iter().position(|other| same(item, other, keys));
        let Some(first) = first else { continue };
        let below = Path::Index(path, index);
        let by = match keys {
            [] => String::new(),
            keys => format!(" in `{}`", keys.join("` and `")),
        };
        let said = format!("is the same as [{first}]{by}");
        if apart {
            found.error("api.duplicate-item", &below, Place::Value, &said, None);
        } else {
            let hint = "a server-side apply refuses the object; other appliers keep one of them";
            found.warning("api.repeated-item", &below, Place::Value, &said, Some(hint.to_owned()));
        }
    }
}

fn same(a: &Node, b: &Node, keys: &[&str]) -> bool {
    if keys.is_empty() {
        return plain(a).is_some() && plain(a) == plain(b);
    }
    let key = |node: &Node, key: &str| match (node.get(key).and_then(plain), key) {
        // What a protocol is when nobody says so.
        (None, "protocol") => Some("TCP".to_owned()),
        (value, _) => value,
    };
    let mut known = 0;
    keys.iter().all(|name| {
        let (a, b) = (key(a, name), key(b, name));
        known += usize::from(a.is_some());
        a == b
    }) && known > 0
}

fn plain(node: &Node) -> Option<String> {
    match &node.kind {
        Kind::String(text) => Some(text.text.to_string()),
        Kind::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Rules of whole objects of Kubernetes' own kinds.
pub(super) fn whole(group: &str, kind: &str, node: &Node, found: &mut Findings<'_>) {
    if (group, kind) == ("", "Service") {
        service(node, found);
    }
}

fn service(node: &Node, found: &mut Findings<'_>) {
    let (Some(spec), root) = (node.get("spec"), Path::Root) else { return };
    let path = Path::Key(&root, "spec");
    let text = |key: &str| spec.get(key).and_then(Node::as_str).unwrap_or_default();
    let ports = spec.get("ports").and_then(Node::as_list).unwrap_or_default();
    if text("type") == "ExternalName" {
        if text("externalName").is_empty() {
            let below = Path::Key(&path, "externalName");
            found.error(
                "api.missing-field",
                &below,
                Place::Value,
                "is missing: a Service of this type must have it",
                None,
            );
        }
        return;
    }
    let path = Path::Key(&path, "ports");
    if ports.is_empty() && text("clusterIP") != "None" {
        found.error(
            "api.missing-field",
            &path,
            Place::Value,
            "is missing: a Service with an address must have it",
            None,
        );
    }
}
