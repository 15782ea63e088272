//! Goes through the phases and keeps the state that each leaves behind.

use std::collections::BTreeSet;

use indexmap::IndexMap;

use crate::chart::{EVERYTHING_ELSE, PhaseDefinition, UpgradeSide};
use crate::diag::{Diagnostic, Diagnostics};
use crate::diff::{Diff, Manifest, Verdict, diff};
use crate::manifest::Resource;
use crate::order::Scene;
use crate::render::Prepared;
use crate::rendered::Rendered;
use crate::request::Request;
use crate::source::Source;
use crate::template::Expressions;

use super::refuse::{immutable, skipped};
use super::side::{Side, differing, quiet};
use super::{LeftOut, Phase, Plan};

/// Plans the upgrade of a running release, `from`, to another state of it, `to`, in the phases of the chart that `to`
/// has. Each side is a source and a request; both may be the same, when the chart's `upgrade:` tells them apart by
/// values such as `upgrade.from.tag`.
///
/// # Errors
/// What is wrong on either side; a chart without `upgrade:`; no difference between the sides; a field that would
/// change and that Kubernetes holds immutable; a rule of the upgrade that does not hold.
pub fn plan<'a>(
    from: (&'a dyn Source, &Request),
    to: (&'a dyn Source, &Request),
) -> Result<Plan<'a>, Diagnostics> {
    let plain = Prepared::new(to.0, &quiet(to.1))?;
    let chart = &plain.chart;
    let Some(upgrade) = &chart.upgrade else {
        let message = format!("the chart `{}` does not say how it is upgraded", chart.name);
        return Err(Diagnostic::error("plan.no-upgrade", message)
            .at(&plain.release.chart_span, "this chart")
            .hint(format!("list the phases under `upgrade:` in `charts/{}/chart.yaml`", chart.name))
            .into());
    };
    let old = Side::new(from.0, from.1, &upgrade.from, None)?;
    let new = Side::new(to.0, to.1, &upgrade.to, Some(&old))?;
    new.prepared().check_upgrade(&upgrade.rules, old.public()).into_result(())?;
    let mut walk = Walk::new(&old, &new);
    if walk.leftovers().is_empty() && walk.removed().is_empty() {
        let message = format!("nothing changes in `{}`", walk.after.release().name);
        return Err(Diagnostic::error("plan.no-change", message)
            .hint(
                "say what runs: `--from LAYER`, or by the values that the chart's `upgrade:` reads",
            )
            .into());
    }
    for definition in &upgrade.phases {
        walk.phase(definition)?;
    }
    walk.everything_else(&upgrade.phases)?;
    let removed = walk.removed();
    let Walk { phases, before, after, found, .. } = walk;
    found.into_result(Plan {
        release: after.release().name.clone(),
        settings: differing(
            &[&upgrade.from, &upgrade.to],
            (old.tracer.values(), new.tracer.values(), plain.values.tree()),
        ),
        phases,
        removed,
        before,
        after,
    })
}

struct Walk<'a, 'b> {
    old: &'b Side<'a>,
    new: &'b Side<'a>,
    before: Rendered,
    after: Rendered,
    /// What the cluster holds, by [`Resource::reference`].
    state: IndexMap<String, Resource>,
    phases: Vec<Phase<'a>>,
    found: Diagnostics,
}

impl<'a, 'b> Walk<'a, 'b> {
    fn new(old: &'b Side<'a>, new: &'b Side<'a>) -> Self {
        let (before, after) = (old.rendered(), new.rendered());
        let state = by_reference(&before);
        Self { old, new, before, after, state, phases: Vec::new(), found: Diagnostics::new() }
    }

    fn phase(&mut self, definition: &PhaseDefinition) -> Result<(), Diagnostics> {
        let base = match definition.side {
            UpgradeSide::From => self.old,
            UpgradeSide::To => self.new,
        };
        let own;
        let side = if definition.values.is_empty() {
            base
        } else {
            own = Side::new(base.source, &base.request, &definition.values, None)?;
            &own
        };
        let expressions = Expressions::new();
        let asked = match &definition.skip {
            Some(skip) => {
                let context = self.new.prepared().chart_context(None);
                expressions.eval(&skip.span, &skip.text, &context)?.is_true()
            }
            None => false,
        };
        let gate = match &definition.gate {
            Some(gate) => {
                let context = side.prepared().chart_context(None);
                Some(expressions.text(&gate.span, &gate.text, &context)?)
            }
            None => None,
        };
        let reason = match &definition.skip {
            Some(skip) if asked => Some(LeftOut::Asked(skip.text.trim().to_owned())),
            _ => None,
        };
        self.push(&definition.name, &definition.components, gate, side, reason)
    }

    /// What differs from the release wanted after all phases of the chart.
    fn everything_else(&mut self, definitions: &[PhaseDefinition]) -> Result<(), Diagnostics> {
        let components = self.leftovers();
        if components.is_empty() {
            return Ok(());
        }
        for (definition, phase) in definitions.iter().zip(&self.phases) {
            let of_phase: Vec<&String> =
                components.iter().filter(|name| definition.components.contains(name)).collect();
            if matches!(phase.left_out, Some(LeftOut::Asked(_))) && !of_phase.is_empty() {
                self.found.push(skipped(definition, &of_phase));
            }
        }
        let components: Vec<String> = components.into_iter().collect();
        self.push(EVERYTHING_ELSE, &components, None, self.new, None)
    }

    fn push(
        &mut self,
        name: &str,
        components: &[String],
        gate: Option<String>,
        side: &Side<'a>,
        left_out: Option<LeftOut>,
    ) -> Result<(), Diagnostics> {
        let objects = side.part(&components.iter().map(String::as_str).collect());
        let changed = by_reference(&objects);
        let is_new = |(key, resource): (&String, &Resource)| {
            self.state.get(key).is_none_or(|known| known.to_yaml() != resource.to_yaml())
        };
        let left_out = match left_out {
            Some(reason) => Some(reason),
            None if changed.is_empty() => Some(LeftOut::Empty),
            None if !changed.iter().any(is_new) => Some(LeftOut::Unchanged),
            None => None,
        };
        let number = self.phases.len() + 1;
        let mut diff = Diff::default();
        if left_out.is_none() {
            let known = changed.keys().filter_map(|key| self.state.get(key)).cloned().collect();
            diff = crate::diff::diff(&Manifest::of(&self.holding(known)), &Manifest::of(&objects))
                .traced(Some(&self.old.tracer), Some(&side.tracer))?;
            self.found.extend(immutable((number, name), &diff, (self.old, side)));
            self.state.extend(changed);
        }
        self.phases.push(Phase {
            number,
            name: name.to_owned(),
            components: components.to_vec(),
            gate,
            left_out,
            objects,
            diff,
            source: side.source,
            request: side.request.clone(),
        });
        Ok(())
    }

    /// The components of the release wanted whose objects are not there yet, or not as they should be.
    fn leftovers(&self) -> BTreeSet<String> {
        by_reference(&self.after)
            .iter()
            .filter(|(key, resource)| {
                self.state.get(*key).is_none_or(|known| known.to_yaml() != resource.to_yaml())
            })
            .map(|(_, resource)| resource.component().to_owned())
            .collect()
    }

    /// Objects of the state, to be compared.
    fn holding(&self, resources: Vec<Resource>) -> Rendered {
        let release = self.before.release().clone();
        Rendered::new(release, resources, Diagnostics::new(), Vec::new(), Scene::default())
    }

    /// What the state holds and the release wanted does not.
    fn removed(&self) -> Diff {
        let state = self.state.values().cloned().collect();
        diff(&Manifest::of(&self.holding(state)), &Manifest::of(&self.after))
            .filter(|object| object.verdict() == Verdict::Removed)
    }
}

/// The objects by what makes each unique in a cluster.
fn by_reference(rendered: &Rendered) -> IndexMap<String, Resource> {
    let namespace = &rendered.release().namespace;
    let entry = |resource: &Resource| (resource.reference(namespace), resource.clone());
    rendered.resources().iter().map(entry).collect()
}
