//! What templates gave, as Kubernetes objects: each with an identity, unique within the release.

mod claims;
mod kinds;
mod leak;
mod resource;

pub(crate) use claims::Claim;
pub(crate) use kinds::{builtin_kinds, is_cluster_scoped, rank};
pub(crate) use leak::no_leaks;
pub use resource::{Resource, ResourceId};
pub(crate) use resource::{unique, with_marks};
