//! What the objects of a release name, and whether it is there.
//!
//! Comes after each object is known to be one: takes all of them and gives faults, each with the field that is wrong,
//! and the edges that follow from who names whom. An object is found in the release, among what its chart expects in
//! the cluster (`external`), or in another release of the same cluster. Where the API server would refuse an object
//! the fault is an error; everything else is a warning, since somebody may still bring what is missing.
//!
//! It looks at kinds that it knows and leaves out what it does not understand: whether a field has the right type is
//! not its matter.

mod duplicates;
mod edges;
mod fault;
mod find;
mod index;
mod mounts;
mod operators;
mod path;
mod pods;
mod resolve;
mod selectors;
mod subjects;
mod table;
mod there;

use crate::manifest::PodTemplate;

use find::Reference;
use index::Index;
use pods::Pods;
use resolve::Resolver;
use there::Elsewhere;

pub(crate) use edges::Edge;
pub(crate) use fault::{Fault, Field};
pub(crate) use index::Objects;
pub(crate) use there::{Precondition, There};

/// Nobody reads more than this, and each is looked up in the templates.
const MOST_FAULTS: usize = 1000;

/// Who names whom in a release.
pub(crate) struct References<'a> {
    objects: Objects<'a>,
    index: Index<'a>,
    pods: Vec<(usize, PodTemplate<'a>)>,
    found: Vec<Reference<'a>>,
}

impl<'a> References<'a> {
    pub(crate) fn of(objects: Objects<'a>) -> Self {
        let pod = |(at, resource)| Some((at, PodTemplate::of(resource)?));
        let pods: Vec<_> = objects.resources.iter().enumerate().filter_map(pod).collect();
        let found = find::find(objects, &pods);
        Self { objects, index: Index::of(objects), pods, found }
    }

    /// Which components come after which because of what their objects name.
    pub(crate) fn edges(&self) -> Vec<Edge> {
        let pods = Pods::new(self.objects, &self.pods);
        edges::edges(self.objects.resources, &self.index, &pods, &self.found)
    }

    /// What is wrong, given what else there is; errors first, and not more than anybody reads.
    pub(crate) fn faults(&self, there: &There<'a>) -> Vec<Fault> {
        let elsewhere = Elsewhere::new(self.objects, there);
        let resolver =
            Resolver { objects: self.objects, index: &self.index, elsewhere: &elsewhere };
        let mut faults = resolver.faults(&self.found);
        let pods = Pods::new(self.objects, &self.pods);
        for (from, resource) in self.objects.resources.iter().enumerate() {
            faults.extend(duplicates::in_service(from, resource));
            faults.extend(subjects::faults(from, resource, self.objects.namespace));
            if faults.len() < MOST_FAULTS {
                faults.extend(pods.faults(from, &elsewhere));
            }
        }
        for (from, pod) in &self.pods {
            let resource = &self.objects.resources[*from];
            faults.extend(selectors::own(*from, resource, pod));
            faults.extend(duplicates::in_pod(*from, resource, pod));
            faults.extend(pods::probes(*from, resource, pod));
            faults.extend(mounts::faults(*from, pod, self.objects, &self.index));
        }
        faults.sort_by_key(|fault| fault.finding.severity());
        faults.truncate(MOST_FAULTS);
        faults
    }
}
