//! Releases that share a cluster: what one of them claims, no other may claim.

use std::collections::BTreeMap;

use crate::diag::{Diagnostic, Diagnostics};
use crate::manifest::{Claim, Resource, ResourceId};
use crate::provenance::Tracer;
use crate::rendered::Rendered;
use crate::request::Request;
use crate::source::Source;
use crate::span::Span;
use crate::values::Step;

/// What cannot stand side by side on a cluster: one object, one nodePort or one port of the host in two releases
/// that name the same cluster in `plimsoll.yaml` (`cluster:`), or one nodePort in two Services of a release.
///
/// Give each release with the request that it was rendered from; it is rendered again to say which line of which
/// layer made the claim. Releases that name no cluster are compared with no other.
pub fn cluster_conflicts(source: &dyn Source, rendered: &[(Request, Rendered)]) -> Diagnostics {
    let mut holders: BTreeMap<(Scope<'_>, Claim), Holder<'_>> = BTreeMap::new();
    let mut conflicts = Vec::new();
    for (index, (_, release)) in rendered.iter().enumerate() {
        let scope = match release.release().cluster.as_deref() {
            Some(cluster) => Scope::Cluster(cluster),
            None => Scope::Alone(index),
        };
        for resource in release.resources() {
            for (claim, path) in Claim::all(resource, &release.release().namespace) {
                let holder = Holder { release: index, resource, path };
                let inside = matches!(claim, Claim::NodePort(_));
                match holders.get(&(scope, claim.clone())) {
                    Some(first) if first.release != index || inside => {
                        conflicts.push((scope, claim, first.clone(), holder));
                    }
                    Some(_) => {}
                    None => {
                        holders.insert((scope, claim), holder);
                    }
                }
            }
        }
    }
    let mut places = Places { source, rendered, tracers: BTreeMap::new() };
    let conflicts = conflicts.into_iter().map(|(scope, claim, first, second)| {
        let message = match scope {
            Scope::Cluster(name) if first.release != second.release => {
                format!("two releases on the cluster `{name}` have {claim}")
            }
            _ => format!("two objects have {claim}"),
        };
        let label = |holder: &Holder<'_>| {
            let (id, release) = (holder.resource.id(), rendered[holder.release].1.release());
            format!("{}/{} of the release `{}`", id.kind, id.name, release.name)
        };
        Diagnostic::error(code(&claim), message)
            .at(&places.of(&second), label(&second))
            .at(&places.of(&first), label(&first))
            .hint(remedy(&claim))
    });
    conflicts.collect::<Diagnostics>().sorted()
}

/// Within what claims are compared.
#[derive(Clone, Copy, Eq, Ord, PartialEq, PartialOrd)]
enum Scope<'a> {
    Cluster(&'a str),
    /// A release that shares its cluster with none that we know of, by number.
    Alone(usize),
}

fn code(claim: &Claim) -> &'static str {
    match claim {
        Claim::Object(_) => "cluster.object",
        Claim::NodePort(_) => "cluster.node-port",
        Claim::HostPort(..) => "cluster.host-port",
    }
}

fn remedy(claim: &Claim) -> &'static str {
    match claim {
        Claim::Object(_) => "give one of them another name, or render it in one release only",
        Claim::NodePort(_) => "give one of them another nodePort",
        Claim::HostPort(..) => "their pods may meet on one node: give one of them another port",
    }
}

/// Who claims something, and with which field.
#[derive(Clone)]
struct Holder<'a> {
    release: usize,
    resource: &'a Resource,
    path: Vec<Step>,
}

/// Asks releases where their fields come from, each rendered again once.
struct Places<'a> {
    source: &'a dyn Source,
    rendered: &'a [(Request, Rendered)],
    tracers: BTreeMap<usize, Option<Tracer>>,
}

impl Places<'_> {
    fn of(&mut self, holder: &Holder<'_>) -> Span {
        let request = &self.rendered[holder.release].0;
        let tracer = self
            .tracers
            .entry(holder.release)
            .or_insert_with(|| Tracer::new(self.source, request).ok());
        let id: &ResourceId = holder.resource.id();
        tracer
            .as_mut()
            .and_then(|tracer| tracer.field(id, &holder.path).ok())
            .map(|provenance| provenance.place().clone())
            .unwrap_or_default()
    }
}
