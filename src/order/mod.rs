//! Puts the resources of a release in the order in which they must be applied, and writes that order down for
//! the applier.
//!
//! `kubectl apply` never waits, so the stream is always a total order: Namespaces and custom resource
//! definitions, then wave, kind rank, namespace and name. An applier that does wait learns the graph from
//! annotations, in the [`Dialect`] that it reads; several may be written side by side.

mod dialect;
mod explain;
mod flux;
mod kustomize;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::chart::Active;
use crate::manifest::{Mark, Resource, rank, with_marks};

pub(crate) use dialect::is_mark;
pub use dialect::{Dialect, dialects};
pub(crate) use explain::explain;
pub(crate) use flux::kustomizations;
pub use kustomize::kustomization;

/// Keys and values that tell an applier the order.
type Marks = Vec<Mark>;

/// What the order of a release is about.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scene {
    pub(crate) chart: String,
    pub(crate) instance: String,
    /// Where objects live that state no namespace.
    pub(crate) namespace: String,
    pub(crate) dialects: Vec<Dialect>,
    /// The graph of components. Those that render nothing are contracted by [`order`].
    pub(crate) active: Active,
}

impl Scene {
    /// The scene of some of its resources: components without any are contracted.
    fn of(&self, resources: &[Resource]) -> Self {
        let filled: BTreeSet<&str> = resources.iter().map(|r| &*r.component).collect();
        let names = self.active.order.iter();
        let empty = names.filter(|name| !filled.contains(name.as_str())).cloned().collect();
        Self { active: self.active.clone().without(&empty), ..self.clone() }
    }
}

/// Sorts, and adds waves, labels and the dialects' annotations.
pub(crate) fn order(mut resources: Vec<Resource>, scene: &Scene) -> Vec<Resource> {
    let waves = scene.of(&resources).active.waves();
    for resource in &mut resources {
        resource.wave = waves.get(&*resource.component).copied().unwrap_or(0);
    }
    resources.sort_by(|a, b| sort_key(a).cmp(&sort_key(b)));
    let mark = |key: &str, value: &str| -> Mark { (key.into(), value.into()) };
    let mut labels = [
        mark("app.kubernetes.io/part-of", scene.chart.rsplit('/').next().unwrap_or("")),
        mark("app.kubernetes.io/instance", &scene.instance),
        mark("app.kubernetes.io/component", ""),
        mark("app.kubernetes.io/managed-by", "plimsoll"),
    ];
    let mut annotations = [mark("plimsoll.dev/component", ""), mark("plimsoll.dev/wave", "")];
    let resources = resources.into_iter().map(|resource| {
        labels[2].1 = Arc::clone(&resource.component);
        annotations[0].1 = Arc::clone(&resource.component);
        annotations[1].1 = resource.wave.to_string().into();
        with_marks(resource, &labels, &annotations)
    });
    annotate(resources.collect(), scene)
}

/// Writes the dialects' annotations anew, for exactly these resources: an applier refuses to wait for an object
/// that it is not given.
pub(crate) fn annotate(resources: Vec<Resource>, scene: &Scene) -> Vec<Resource> {
    let scene = scene.of(&resources);
    let mut by_component: BTreeMap<&str, Vec<&Resource>> = BTreeMap::new();
    for resource in &resources {
        by_component.entry(&resource.component).or_default().push(resource);
    }
    // What is the same for all objects of a component is put together once.
    let shared: BTreeMap<(&str, Dialect), Marks> = by_component
        .keys()
        .flat_map(|component| scene.dialects.iter().map(move |dialect| (*component, *dialect)))
        .filter_map(|(component, dialect)| {
            let marks = dialect.component_marks(component, &scene, &by_component)?;
            Some(((component, dialect), marks))
        })
        .collect();
    let marks: Vec<Marks> = resources
        .iter()
        .map(|resource| {
            let marks = scene.dialects.iter().map(|dialect| {
                match shared.get(&(&*resource.component, *dialect)) {
                    Some(marks) => marks.clone(),
                    None => dialect.marks(resource, &scene),
                }
            });
            marks.flatten().collect()
        })
        .collect();
    resources
        .into_iter()
        .zip(marks)
        .map(|(resource, marks)| resource.with_dialect_marks(marks))
        .collect()
}

/// Whether Namespaces and definitions go before every wave.
fn goes_first(resource: &Resource) -> Option<u8> {
    match (resource.id.group.as_str(), resource.id.kind.as_str()) {
        ("", "Namespace") => Some(0),
        ("apiextensions.k8s.io", "CustomResourceDefinition") => Some(1),
        _ => None,
    }
}

/// The step of applying a release that a resource belongs to: its place in the order, and its name.
pub(crate) fn step(resource: &Resource) -> (u32, String) {
    match goes_first(resource) {
        Some(0) => (0, "namespaces".to_owned()),
        Some(_) => (1, "definitions".to_owned()),
        None => (resource.wave.saturating_add(2), format!("wave-{}", resource.wave)),
    }
}

fn sort_key(resource: &Resource) -> impl Ord + '_ {
    let id = &resource.id;
    let first = goes_first(resource).unwrap_or(2);
    let wave = if first == 2 { resource.wave } else { 0 };
    (
        first,
        wave,
        rank(&id.kind),
        id.kind.as_str(),
        id.group.as_str(),
        id.namespace.as_deref(),
        id.name.as_str(),
    )
}
