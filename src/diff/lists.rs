//! Which item of one list is which item of another.
//!
//! Kubernetes' own merge keys come first (API reference, `x-kubernetes-list-map-keys`), then fields that name
//! things in configuration files. A key counts if every item of both lists has it and no two items share it.

use std::collections::BTreeSet;

use crate::yaml::{Kind, Node};

/// Keys of lists by the name of the field that holds the list, best first.
const KEYS: [(&str, &[&[&str]]); 11] = [
    ("ports", &[&["containerPort", "protocol"], &["port", "protocol"]]),
    ("volumeMounts", &[&["mountPath"]]),
    ("volumeDevices", &[&["devicePath"]]),
    ("hostAliases", &[&["ip"]]),
    ("topologySpreadConstraints", &[&["topologyKey", "whenUnsatisfiable"]]),
    ("conditions", &[&["type"]]),
    ("ownerReferences", &[&["uid"]]),
    ("subjects", &[&["kind", "namespace", "name"]]),
    ("rules", &[&["host"], &["alert"], &["record"]]),
    ("paths", &[&["path", "pathType"]]),
    ("tolerations", &[&["key", "operator", "value", "effect"]]),
];

/// Fields that name an item in lists of any kind.
const NAMES: [&[&str]; 7] =
    [&["name"], &["metadata.name"], &["job_name"], &["id"], &["key"], &["host"], &["path"]];

/// Fields that Kubernetes fills in where they are absent, and what with.
const DEFAULTS: [(&str, &str); 1] = [("protocol", "TCP")];

/// Fields that may be absent from a key, meaning empty.
const OPTIONAL: [&str; 5] = ["namespace", "key", "operator", "value", "effect"];

/// What identifies an item: field and value.
pub(super) type ItemKey = Vec<(&'static str, String)>;

/// The keys of the items of both lists, by the first key that fits.
pub(super) fn keys(
    field: &str,
    old: &[Node],
    new: &[Node],
) -> Option<(Vec<ItemKey>, Vec<ItemKey>)> {
    let special = KEYS.iter().find(|(name, _)| *name == field).map_or(&[][..], |(_, keys)| keys);
    special.iter().chain(&NAMES).find_map(|fields| Some((all(fields, old)?, all(fields, new)?)))
}

/// Whether the order of this list means nothing although its items have no key.
pub(super) fn is_set(field: &str) -> bool {
    const SETS: [&str; 10] = [
        "accessModes",
        "finalizers",
        "verbs",
        "resources",
        "apiGroups",
        "resourceNames",
        "nonResourceURLs",
        "namespaces",
        "topologyKeys",
        "policyTypes",
    ];
    SETS.contains(&field)
}

/// Whether the order of this keyed list is part of its meaning: these run one after the other.
pub(super) fn is_sequence(field: &str) -> bool {
    field == "initContainers"
}

fn all(fields: &'static [&'static str], items: &[Node]) -> Option<Vec<ItemKey>> {
    let keys: Vec<ItemKey> = items.iter().map(|item| key(fields, item)).collect::<Option<_>>()?;
    let mut seen = BTreeSet::new();
    keys.iter().all(|key| seen.insert(key)).then_some(keys)
}

fn key(fields: &'static [&'static str], item: &Node) -> Option<ItemKey> {
    item.as_map()?;
    let key: ItemKey = fields
        .iter()
        .filter_map(|field| match field.split('.').try_fold(item, |node, key| node.get(key)) {
            Some(node) => Some(scalar(node).map(|text| (*field, text))),
            None => match DEFAULTS.iter().find(|(name, _)| name == field) {
                Some((_, default)) => Some(Some((*field, (*default).to_owned()))),
                None if OPTIONAL.contains(field) => None,
                None => Some(None),
            },
        })
        .collect::<Option<_>>()?;
    (!key.is_empty()).then_some(key)
}

fn scalar(node: &Node) -> Option<String> {
    match &node.kind {
        Kind::String(text) => Some(text.text.to_string()),
        Kind::Number(number) => Some(number.to_string()),
        Kind::Bool(value) => Some(value.to_string()),
        _ => None,
    }
}
