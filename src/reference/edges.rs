//! What must be there before an object that names it.

use std::collections::BTreeMap;

use crate::manifest::Resource;

use super::fault::{Field, told};
use super::find::Reference;
use super::index::Index;
use super::path::text;
use super::pods::Pods;
use super::resolve::key;
use super::table::{CLAIM, STORAGE_CLASS};

/// That a component comes after another because one of its objects names one of the other's.
#[derive(Debug)]
pub(crate) struct Edge {
    pub(crate) after: String,
    pub(crate) before: String,
    /// The field that says so, the first of them.
    pub(crate) field: Field,
    /// For people: `Deployment/web names ConfigMap/settings`.
    pub(crate) why: String,
    /// Whether nothing is lost when it is the other way round: what scales or guards pods waits for them.
    pub(crate) is_soft: bool,
}

/// The edges between components, each once: those that must hold first, in the order in which their objects are
/// rendered.
///
/// A Namespace and a definition of a kind go before everything in any case, so what needs them makes no edge. Nor does
/// a claim that may be bound only once a pod uses it: whoever waited for it would wait for ever.
pub(super) fn edges<'a>(
    resources: &'a [Resource],
    index: &Index<'a>,
    pods: &Pods<'a, '_>,
    references: &[Reference<'a>],
) -> Vec<Edge> {
    let mut edges: BTreeMap<(&str, &str), (usize, Edge)> = BTreeMap::new();
    let mut add = |from: usize, to: usize, field: &dyn Fn() -> Field, verb: &str| {
        let is_soft =
            matches!(&*resources[from].id.kind, "HorizontalPodAutoscaler" | "PodDisruptionBudget");
        let (own, other) = (&resources[from], &resources[to]);
        let (after, before) = (&*own.component, &*other.component);
        if after == before || edges.contains_key(&(after, before)) {
            return;
        }
        let named = |one: &Resource| format!("{}/{}", one.id.kind, one.id.name);
        let edge = Edge {
            after: after.to_owned(),
            before: before.to_owned(),
            field: field(),
            why: format!("{} {verb} {}", named(own), named(other)),
            is_soft,
        };
        edges.insert((after, before), (from, edge));
    };
    for reference in references.iter().filter(|one| one.is_first && !one.is_optional) {
        let Reference { from, way, .. } = reference;
        if let Some(to) =
            index.get(key(reference)).filter(|to| is_bound(&resources[*to], index, resources))
        {
            let text = || told(way, &resources[*from]);
            add(*from, to, &|| Field::new(*from, way, &text()), "names");
        }
    }
    for (from, resource) in resources.iter().enumerate() {
        if resource.id.kind != "PodDisruptionBudget" {
            continue;
        }
        for (way, to) in pods.selected(from) {
            let text = || told(&way, resource);
            add(from, to, &|| Field::new(from, &way, &text()), "selects");
        }
    }
    let mut edges: Vec<(usize, Edge)> = edges.into_values().collect();
    edges.sort_by(|(one, a), (other, b)| {
        (a.is_soft, one, &a.before).cmp(&(b.is_soft, other, &b.before))
    });
    edges.into_iter().map(|(_, edge)| edge).collect()
}

/// Whether a claim is bound before a pod uses it, as far as that is known; anything else is there once it is applied.
fn is_bound<'a>(resource: &'a Resource, index: &Index<'a>, resources: &'a [Resource]) -> bool {
    if (&*resource.id.group, &*resource.id.kind) != CLAIM {
        return true;
    }
    let (group, kind) = STORAGE_CLASS;
    match text(&resource.node, &["spec", "storageClassName"]) {
        Some("") => true,
        Some(class) => index.get((group, kind, "", class)).is_some_and(|class| {
            text(&resources[class].node, &["volumeBindingMode"]) != Some("WaitForFirstConsumer")
        }),
        None => false,
    }
}
