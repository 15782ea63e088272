//! The hera chart against what it promises: objects, waves, environments, rules, and upstream's own manifests.

#![expect(clippy::panic, reason = "a failing helper fails its test")]

#[path = "../support/mod.rs"]
#[expect(dead_code, reason = "other suites use the rest")]
mod support;

mod environments;
mod invariants;
mod parity;
mod rules;
mod seed;

use std::collections::{BTreeMap, BTreeSet};

use plimsoll::{Rendered, Request, Secrets};
use serde_json::Value;

/// An environment of the chart with a layer on top, secrets as placeholders.
pub(crate) fn environment(name: &str, layer: &str) -> Rendered {
    support::with_layer(&format!("hera/{name}"), layer).unwrap_or_else(|found| panic!("{found}"))
}

/// The same in another namespace.
pub(crate) fn in_namespace(name: &str, namespace: &str, layer: &str) -> Rendered {
    let request = Request::new(format!("hera/{name}"))
        .with_secrets(Secrets::Placeholder)
        .with_namespace(namespace)
        .with_layer(plimsoll::Layer::text("test.yaml", layer));
    plimsoll::render(&support::repository(), &request).unwrap_or_else(|found| panic!("{found}"))
}

pub(crate) fn counts(rendered: &Rendered) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for resource in rendered.resources() {
        *counts.entry(resource.id().kind.clone()).or_default() += 1;
    }
    counts
}

/// Every object by `Kind/name`.
pub(crate) fn objects(rendered: &Rendered) -> BTreeMap<String, Value> {
    let one = |r: &plimsoll::Resource| (format!("{}/{}", r.id().kind, r.id().name), r.to_value());
    rendered.resources().iter().map(one).collect()
}

pub(crate) fn object(rendered: &Rendered, name: &str) -> Value {
    objects(rendered).remove(name).unwrap_or_else(|| panic!("no {name}"))
}

/// The containers of everything that runs for ever, as (workload, container).
pub(crate) fn containers(rendered: &Rendered) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for (name, object) in objects(rendered) {
        if ["Deployment/", "StatefulSet/", "DaemonSet/"].iter().any(|kind| name.starts_with(kind)) {
            let list = object["spec"]["template"]["spec"]["containers"].as_array();
            found.extend(list.into_iter().flatten().map(|one| (name.clone(), one.clone())));
        }
    }
    found
}

/// Where two renderings differ: `Kind/name` and, inside Secrets and `ConfigMap`s, the key.
pub(crate) fn changed(before: &Rendered, after: &Rendered) -> BTreeSet<String> {
    let (before, after) = (objects(before), objects(after));
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let mut changed = BTreeSet::new();
    for name in names {
        let (old, new) = (&before.get(name), &after.get(name));
        let (Some(old), Some(new)) = (old, new) else {
            changed.insert(name.clone());
            continue;
        };
        let mut keyed = false;
        for part in ["data", "stringData"] {
            let (Some(old), Some(new)) = (old[part].as_object(), new[part].as_object()) else {
                continue;
            };
            let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
            for key in keys.into_iter().filter(|key| old.get(*key) != new.get(*key)) {
                changed.insert(format!("{name}:{key}"));
                keyed = true;
            }
        }
        if old != new && !keyed {
            changed.insert(name.clone());
        }
    }
    changed
}

pub(crate) fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}
