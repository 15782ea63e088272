//! Questions that the suites of whole systems ask of a manifest.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll::Rendered;
use serde_json::Value;

use crate::support::with_layer;

/// Renders a release that must be right.
pub(crate) fn rendered(release: &str, layer: &str) -> Rendered {
    with_layer(release, layer).unwrap_or_else(|found| panic!("{release}: {found}"))
}

/// How many objects there are of each kind.
pub(crate) fn counts(rendered: &Rendered) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for resource in rendered.resources() {
        *counts.entry(resource.id().kind.clone()).or_default() += 1;
    }
    counts
}

/// The same, as it is written down in a test.
pub(crate) fn expected(counts: &[(&str, usize)]) -> BTreeMap<String, usize> {
    counts.iter().map(|(kind, count)| ((*kind).to_owned(), *count)).collect()
}

/// The components of each wave.
pub(crate) fn waves(rendered: &Rendered) -> Vec<Vec<String>> {
    let mut waves: BTreeMap<u32, BTreeSet<String>> = BTreeMap::new();
    for resource in rendered.resources() {
        waves.entry(resource.wave()).or_default().insert(resource.component().to_owned());
    }
    let numbers: Vec<u32> = waves.keys().copied().collect();
    assert!(numbers.iter().copied().eq(0..numbers.len().try_into().unwrap_or(0)), "{numbers:?}");
    waves.into_values().map(|components| components.into_iter().collect()).collect()
}

/// One object as data.
pub(crate) fn object(rendered: &Rendered, kind: &str, name: &str) -> Value {
    let is_it = |r: &&plimsoll::Resource| r.id().kind == kind && r.id().name == name;
    match rendered.resources().iter().find(is_it) {
        Some(resource) => resource.to_value(),
        None => panic!("no {kind}/{name}"),
    }
}

/// What a layer adds to and takes from the objects of a release, as `Kind/name`.
pub(crate) fn difference(release: &str, layer: &str) -> (Vec<String>, Vec<String>) {
    let names = |layer: &str| -> BTreeSet<String> {
        crate::support::names(&rendered(release, layer)).into_iter().collect()
    };
    let (before, after) = (names(""), names(layer));
    ((&after - &before).into_iter().collect(), (&before - &after).into_iter().collect())
}

/// Each layer must be refused with the words beside it, at a place in the layer and with a hint.
pub(crate) fn refused(cases: &[(&str, &str, &str)]) {
    for (release, layer, wanted) in cases {
        let Err(found) = with_layer(release, layer) else {
            panic!("accepted by {release}: {layer}");
        };
        let said = found.to_string();
        assert!(said.contains(wanted), "{layer}\nsays: {said}");
        let here = found.iter().any(|d| d.labels().iter().any(|l| l.span.name() == "test.yaml"));
        assert!(here, "no place in the layer for {layer}: {said}");
        let hinted =
            |d: &plimsoll::Diagnostic| !d.hints().is_empty() || d.code() == "values.wrong-type";
        assert!(found.iter().all(hinted), "no hint for {layer}: {said}");
    }
}

/// Nulls, empty maps and empty lists in the manifest, as `Kind/name:path`; `meant` are paths where they say something.
pub(crate) fn empties(rendered: &Rendered, meant: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for resource in rendered.resources() {
        let at = format!("{}/{}:", resource.id().kind, resource.id().name);
        walk(&resource.to_value(), "", &mut |path| {
            if !meant.contains(&path) {
                found.push(format!("{at}{path}"));
            }
        });
    }
    found
}

fn walk(value: &Value, path: &str, report: &mut dyn FnMut(&str)) {
    match value {
        Value::Null => report(path),
        Value::Object(map) if map.is_empty() => report(path),
        Value::Array(items) if items.is_empty() => report(path),
        Value::Object(map) => {
            for (key, inner) in map {
                let dot = if path.is_empty() { "" } else { "." };
                walk(inner, &format!("{path}{dot}{key}"), report);
            }
        }
        Value::Array(items) => {
            for inner in items {
                walk(inner, &format!("{path}[]"), report);
            }
        }
        _ => {}
    }
}
