//! A chart: `chart.yaml`, the components it lists and the files that belong to each.

mod file;
mod graph;

pub(crate) use file::{Chart, Component, Expression, Need, Rule};
pub(crate) use graph::{Active, activate};
