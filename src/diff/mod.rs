//! What differs between two manifests: by object, then by field.
//!
//! [`Manifest`] is one side: what would be rendered, accepted output, any YAML, or what a cluster holds.
//! [`diff`] pairs their objects by identity and compares them by meaning: the order of keys says nothing, list
//! items are paired by the keys that Kubernetes pairs them by, `1000m` is `1`, and a document inside a ConfigMap
//! is compared as the document it is. The result is data ([`Diff`]); how it is drawn is the matter of others.
//!
//! ```
//! use plimsoll::diff::{Manifest, diff};
//!
//! let old = Manifest::from_yaml("old.yaml", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {k: x}}")?;
//! let new = Manifest::from_yaml("new.yaml", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {k: y}}")?;
//! let diff = diff(&old, &new);
//! let change = &diff.objects()[0].fields()[0];
//! assert_eq!(change.path().to_string(), "data.k");
//! # Ok::<(), plimsoll::Diagnostics>(())
//! ```

mod canonical;
mod cause;
mod change;
mod compare;
mod embedded;
mod lists;
mod live;
mod meaning;
mod owned;
mod pair;
mod risk;
mod secret;
mod side;
#[cfg(test)]
mod tests;
mod veil;
pub mod view;

pub(crate) use canonical::write_document;
pub use cause::Cause;
pub use change::{Change, Diff, FieldPath, FileDiff, ObjectDiff, Part, ReleaseDiff, Verdict};
pub use pair::diff;
pub use risk::Risk;
pub use side::Manifest;
