//! What templates gave, as Kubernetes objects: each with an identity, unique within the release.

mod annotations;
mod claims;
mod kinds;
mod leak;
mod pods;
mod resource;

pub(crate) use claims::Claim;
pub(crate) use kinds::{builtin_kinds, is_builtin, is_cluster_scoped, rank};
pub(crate) use leak::no_leaks;
pub(crate) use pods::{CONTAINERS, PodTemplate};
pub(crate) use resource::{Mark, first_line, unique, with_marks};
pub use resource::{Resource, ResourceId};
