//! An upgrade in phases: what is applied in which order, what each step changes, and what must be seen before the
//! next one.
//!
//! A chart lists the phases under `upgrade:` in its `chart.yaml`. [`plan`] holds a running release against the one
//! wanted and gives a [`Plan`]: each [`Phase`] with the full manifests of its components and what they change in the
//! state before it. Applying the phases in turn over the running release, and deleting what [`Plan::removed`] lists,
//! ends in exactly the release wanted: what no phase of the chart brings is in a last one, `everything-else`. A change
//! that Kubernetes does not allow, in any phase, refuses the plan as a whole.
//!
//! All of this is found with placeholders for secrets; [`Phase::render`] gives the objects as the request wants them.

mod refuse;
mod side;
mod walk;

use std::fmt;

use crate::diag::{Diagnostic, Diagnostics, nearest};
use crate::diff::Diff;
use crate::manifest::Resource;
use crate::render::render;
use crate::rendered::Rendered;
use crate::request::Request;
use crate::source::Source;

pub use walk::plan;

/// An upgrade in phases.
#[derive(Debug)]
#[must_use]
pub struct Plan<'a> {
    release: String,
    settings: Vec<Setting>,
    phases: Vec<Phase<'a>>,
    removed: Diff,
    before: Rendered,
    after: Rendered,
}

impl<'a> Plan<'a> {
    /// The release's name.
    #[must_use]
    pub fn release(&self) -> &str {
        &self.release
    }

    /// The values that the chart's `upgrade:` sets, where the sides differ.
    #[must_use]
    pub fn settings(&self) -> &[Setting] {
        &self.settings
    }

    /// The phases in order, also those that are left out; their numbers are the chart's.
    pub fn phases(&self) -> &[Phase<'a>] {
        &self.phases
    }

    /// Objects of the running release that the one wanted has no more. No phase deletes them.
    pub fn removed(&self) -> &Diff {
        &self.removed
    }

    /// The running release, secrets as placeholders, without marks of any applier.
    pub fn before(&self) -> &Rendered {
        &self.before
    }

    /// The release wanted, likewise.
    pub fn after(&self) -> &Rendered {
        &self.after
    }

    /// The phase with this number or name.
    ///
    /// # Errors
    /// There is none, or it is left out of this plan.
    pub fn phase(&self, wanted: &str) -> Result<&Phase<'a>, Diagnostic> {
        let number = wanted.parse::<usize>().ok();
        let is_it = |phase: &&Phase<'a>| number == Some(phase.number) || phase.name == wanted;
        let Some(phase) = self.phases.iter().find(is_it) else {
            let message = format!("the plan of `{}` has no phase `{wanted}`", self.release);
            let near = nearest(wanted, self.phases.iter().map(|phase| phase.name.as_str()));
            let all = || {
                let name = |phase: &Phase<'_>| format!("{} {}", phase.number, phase.name);
                format!("it has {}", self.phases.iter().map(name).collect::<Vec<_>>().join(", "))
            };
            return Err(Diagnostic::error("plan.no-such-phase", message)
                .hint(near.map_or_else(all, |near| format!("did you mean `{near}`?"))));
        };
        match &phase.left_out {
            None => Ok(phase),
            Some(reason) => {
                let message =
                    format!("phase {} `{}` is left out: {reason}", phase.number, phase.name);
                Err(Diagnostic::error("plan.skipped-phase", message)
                    .hint("go on with the next phase"))
            }
        }
    }
}

/// A value that an upgrade sets.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Setting {
    /// Its path: `image.tag`.
    pub path: String,
    /// On the running side; `None` where it is not set.
    pub before: Option<String>,
    /// On the side wanted.
    pub after: Option<String>,
    /// What a plain render of the release has. Unless it is what the side wanted has, a layer must say so when the
    /// upgrade is done.
    pub plain: Option<String>,
}

/// Why a phase is left out.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum LeftOut {
    /// The chart's `skip` is true: its text.
    Asked(String),
    /// Its components render nothing.
    Empty,
    /// All its objects are there already as they should be.
    Unchanged,
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Asked(expression) => write!(f, "`{expression}` is true"),
            Self::Empty => f.write_str("its components render nothing"),
            Self::Unchanged => f.write_str("it changes nothing"),
        }
    }
}

/// One step of an upgrade.
#[must_use]
pub struct Phase<'a> {
    number: usize,
    name: String,
    components: Vec<String>,
    gate: Option<String>,
    left_out: Option<LeftOut>,
    objects: Rendered,
    diff: Diff,
    source: &'a dyn Source,
    request: Request,
}

impl fmt::Debug for Phase<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Phase({} {})", self.number, self.name)
    }
}

impl Phase<'_> {
    /// Its place among the chart's phases, from 1.
    #[must_use]
    pub fn number(&self) -> usize {
        self.number
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The components whose manifests it applies.
    #[must_use]
    pub fn components(&self) -> &[String] {
        &self.components
    }

    /// What must be seen before the next phase.
    #[must_use]
    pub fn gate(&self) -> Option<&str> {
        self.gate.as_deref()
    }

    /// Why it is left out, if it is.
    #[must_use]
    pub fn left_out(&self) -> Option<&LeftOut> {
        self.left_out.as_ref()
    }

    /// Its objects in order, secrets as placeholders, without marks of any applier.
    pub fn objects(&self) -> &[Resource] {
        self.objects.resources()
    }

    /// What it changes in the state that the phases before it leave.
    pub fn diff(&self) -> &Diff {
        &self.diff
    }

    /// Its objects as the request wants them: secrets, marks for an applier, which name objects of this phase only.
    ///
    /// # Errors
    /// What is found when secrets are no placeholders any more.
    pub fn render(&self) -> Result<Rendered, Diagnostics> {
        let rendered = render(self.source, &self.request)?;
        Ok(rendered
            .filter(|resource| self.components.iter().any(|name| name == resource.component())))
    }
}
