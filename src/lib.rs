//! Declarative Kubernetes manifests: charts and layered values in, fully rendered YAML in dependency order out.
//!
//! [`render`] is a pure function of a [`Source`] and a [`Request`]: no cluster, no network, no clock, no
//! randomness. It reads a release of `plimsoll.yaml`, merges the schema's defaults, the release's layers and the
//! request's ([`Layer`]), checks the result against one JSON Schema per component, renders minijinja templates in
//! which `{{ e }}` stands for a *typed value* ([`template`]), and gives every object in the order in which it must
//! be applied ([`Rendered`]). Whatever is wrong comes back as [`Diagnostics`]: data with positions and hints.
//!
//! The crate writes nothing and prints nothing; the command line (feature `cli`) does, with the public items only.

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
#[doc = include_str!("../docs/library.md")]
struct Guide;

mod accept;
mod api;
mod behind;
mod chart;
mod cluster;
mod context;
mod diag;
pub mod diff;
mod explain;
mod fields;
#[doc(hidden)]
pub mod fuzzing;
pub mod golden;
pub mod graph;
mod manifest;
mod order;
mod ordered;
pub mod parallel;
pub mod plan;
mod project;
mod provenance;
mod quantity;
mod reference;
mod release;
mod render;
mod rendered;
mod request;
mod rules;
mod schema;
mod source;
mod span;
pub mod template;
mod values;
mod yaml;

pub use accept::Accepted;
pub use cluster::cluster_conflicts;
pub use diag::{Diagnostic, Diagnostics, Label, Severity};
pub use explain::{chart_schema, explain, merged_values, values_reference};
pub use manifest::{Resource, ResourceId};
pub use order::{Dialect, dialects, kustomization};
pub use project::{Project, Release};
pub use render::render;
pub use rendered::Rendered;
pub use request::{Limits, Request};
#[doc(hidden)]
pub use source::Cache;
pub use source::{Cached, DirSource, MemorySource, PathError, ReadError, Source, SourcePath};
pub use span::{Position, SourceText, Span};
pub use values::{Layer, Secrets};
