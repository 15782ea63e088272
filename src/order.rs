//! Puts the resources of a release in the order in which they must be applied, and writes that order down for
//! the applier.
//!
//! `kubectl apply` never waits, so the stream is always a total order: Namespaces and custom resource
//! definitions, then wave, kind rank, namespace and name. An applier that does wait learns the graph from
//! annotations, in the [`Dialect`] that it reads.

use std::collections::{BTreeMap, BTreeSet};

use crate::chart::Active;
use crate::diag::{Diagnostic, nearest};
use crate::manifest::{Resource, rank, with_marks};

/// How an applier is told the order.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Dialect {
    /// `config.kubernetes.io/depends-on`, read by cli-utils, kpt and Config Sync: the whole graph, per object.
    #[default]
    CliUtils,
    /// No annotations of any applier.
    None,
}

impl Dialect {
    /// Every dialect by the name that the command line uses.
    pub const ALL: [(&'static str, Dialect); 2] =
        [("cli-utils", Self::CliUtils), ("none", Self::None)];
}

/// What the marks of a release say.
pub(crate) struct Marks<'a> {
    pub(crate) chart: &'a str,
    pub(crate) instance: &'a str,
    pub(crate) namespace: &'a str,
    pub(crate) dialect: Dialect,
}

/// Sorts, and adds waves, labels and the dialect's annotations.
pub(crate) fn order(
    mut resources: Vec<Resource>,
    active: Active,
    marks: &Marks<'_>,
) -> Vec<Resource> {
    let filled: BTreeSet<&str> = resources.iter().map(|resource| &*resource.component).collect();
    let empty =
        active.order.iter().filter(|name| !filled.contains(name.as_str())).cloned().collect();
    let active = active.without(&empty);
    let waves = active.waves();
    for resource in &mut resources {
        resource.wave = waves.get(&*resource.component).copied().unwrap_or(0);
    }
    resources.sort_by(|a, b| sort_key(a).cmp(&sort_key(b)));
    let references = references(&resources, marks);
    resources
        .into_iter()
        .map(|resource| {
            let component = resource.component.to_string();
            let labels = [
                (
                    "app.kubernetes.io/part-of",
                    marks.chart.rsplit('/').next().unwrap_or("").to_owned(),
                ),
                ("app.kubernetes.io/instance", marks.instance.to_owned()),
                ("app.kubernetes.io/component", component.clone()),
                ("app.kubernetes.io/managed-by", "plimsoll".to_owned()),
            ];
            let mut annotations = vec![
                ("plimsoll.dev/component", component.clone()),
                ("plimsoll.dev/wave", resource.wave.to_string()),
            ];
            let before: Vec<_> = active
                .after
                .get(&component)
                .into_iter()
                .flatten()
                .flat_map(|name| references.get(name.as_str()).into_iter().flatten())
                .map(String::as_str)
                .collect();
            if marks.dialect == Dialect::CliUtils && !before.is_empty() {
                annotations.push(("config.kubernetes.io/depends-on", before.join(",")));
            }
            with_marks(resource, &labels, &annotations)
        })
        .collect()
}

/// The references to every resource, by component, in stream order.
fn references(resources: &[Resource], marks: &Marks<'_>) -> BTreeMap<String, Vec<String>> {
    let mut references: BTreeMap<String, Vec<String>> = BTreeMap::new();
    if marks.dialect == Dialect::CliUtils {
        for resource in resources {
            references
                .entry(resource.component.to_string())
                .or_default()
                .push(resource.reference(marks.namespace));
        }
    }
    references
}

fn sort_key(resource: &Resource) -> impl Ord + '_ {
    let id = &resource.id;
    let first = match (id.group.as_str(), id.kind.as_str()) {
        ("", "Namespace") => 0,
        ("apiextensions.k8s.io", "CustomResourceDefinition") => 1,
        _ => 2,
    };
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

/// The dialect by its name.
///
/// # Errors
/// A finding that names the dialects there are.
pub fn dialect(name: &str) -> Result<Dialect, Diagnostic> {
    Dialect::ALL.iter().find(|(known, _)| *known == name).map(|(_, dialect)| *dialect).ok_or_else(
        || {
            let known = || Dialect::ALL.iter().map(|(name, _)| *name);
            Diagnostic::error("usage.order", format!("there is no order named `{name}`")).hint(
                match nearest(name, known()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("known orders: {}", known().collect::<Vec<_>>().join(", ")),
                },
            )
        },
    )
}
