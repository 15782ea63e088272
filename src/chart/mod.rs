//! A chart: `chart.yaml`, the components it lists and the files that belong to each.

mod external;
mod file;
mod graph;
mod rule;
mod upgrade;

pub(crate) use external::External;
pub(crate) use file::{Chart, Component, Expression, Need};
pub(crate) use graph::{Active, activate};
pub(crate) use rule::{Each, Items, Path, Rule};
pub(crate) use upgrade::{EVERYTHING_ELSE, PhaseDefinition, Setting, UpgradeSide};
