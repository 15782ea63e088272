//! The one dependency graph: which components are on, what each comes after, and its wave.

use std::collections::{BTreeMap, BTreeSet};

use crate::diag::{Diagnostic, Diagnostics};
use crate::span::Span;

use super::{Chart, Expression, Need};

/// The components that are switched on, with their edges.
#[derive(Clone, Debug, Default)]
pub(crate) struct Active {
    /// Names, each after everything it needs; ties in the chart's order.
    pub(crate) order: Vec<String>,
    /// What each comes directly after: disabled components are contracted, edges that others imply are left out.
    pub(crate) after: BTreeMap<String, BTreeSet<String>>,
    /// Edges that no need declares, because of what objects name: after, before, and why.
    pub(crate) inferred: BTreeMap<(String, String), String>,
}

/// Cuts the chart's graph down to the components that are on.
///
/// A need of a component that is off is an error unless it is marked optional; then what that component
/// needed takes its place. A cycle is an error that prints the whole cycle. `set_in` says where the values of a
/// switch were set.
pub(crate) fn activate(
    chart: &Chart,
    enabled: &BTreeSet<String>,
    set_in: &dyn Fn(&Expression) -> Vec<(Span, String)>,
) -> Result<Active, Diagnostics> {
    let mut found = Diagnostics::new();
    if let Some(cycle) = find_cycle(chart) {
        found.push(cycle_error(chart, &cycle));
        return Err(found);
    }
    let mut active = Active::default();
    for name in enabled {
        let mut after = BTreeSet::new();
        for need in &chart.components[name.as_str()].needs {
            if !enabled.contains(&need.component) && !need.optional {
                found.push(disabled_need(chart, name, need, set_in));
            }
            contract(chart, enabled, &need.component, &mut after);
        }
        active.after.insert(name.clone(), after);
    }
    found.into_result(())?;
    active.settle(chart);
    Ok(active)
}

impl Active {
    /// What must be applied before a component, directly or by way of others.
    fn reachable(&self, from: &str, into: &mut BTreeSet<String>) {
        for name in self.after.get(from).into_iter().flatten() {
            if into.insert(name.clone()) {
                self.reachable(name, into);
            }
        }
    }

    /// Adds that one component comes after another, because of what its objects name. Nothing is added, and false
    /// given, where that makes a circle.
    pub(crate) fn infer(&mut self, after: &str, before: &str, why: &str) -> bool {
        let is_direct = self.after.get(after).is_some_and(|all| all.contains(before));
        if is_direct || self.before(after).contains(before) {
            return true;
        }
        if self.before(before).contains(after) {
            return false;
        }
        self.after.entry(after.to_owned()).or_default().insert(before.to_owned());
        self.inferred.insert((after.to_owned(), before.to_owned()), why.to_owned());
        true
    }

    /// Leaves out the edges that others imply, and places each component after all that it comes after.
    pub(crate) fn settle(&mut self, chart: &Chart) {
        self.reduce();
        self.order.clear();
        let mut placed = BTreeSet::new();
        while placed.len() < self.after.len() {
            // The graph has no cycle, so each round places at least one component.
            for name in chart.components.keys().filter(|name| self.after.contains_key(*name)) {
                if !placed.contains(name) && self.after[name].is_subset(&placed) {
                    placed.insert(name.clone());
                    self.order.push(name.clone());
                }
            }
        }
    }

    /// Everything that is applied before a component.
    pub(crate) fn before(&self, name: &str) -> BTreeSet<String> {
        let mut before = BTreeSet::new();
        self.reachable(name, &mut before);
        before
    }

    /// Leaves out each edge that a longer way implies.
    fn reduce(&mut self) {
        let mut reduced = BTreeMap::new();
        for (name, after) in &self.after {
            let mut implied = BTreeSet::new();
            for direct in after {
                self.reachable(direct, &mut implied);
            }
            reduced.insert(name.clone(), after.difference(&implied).cloned().collect());
        }
        self.after = reduced;
    }

    /// Takes out components that render nothing: whoever came after them comes after what they came after.
    pub(crate) fn without(mut self, empty: &BTreeSet<String>) -> Self {
        for name in &self.order {
            if !empty.contains(name) {
                continue;
            }
            let before = self.after.remove(name).unwrap_or_default();
            for after in self.after.values_mut() {
                if after.remove(name) {
                    after.extend(before.iter().cloned());
                }
            }
        }
        self.order.retain(|name| !empty.contains(name));
        self.reduce();
        self
    }

    /// The wave of each component: the longest way from one that needs nothing, which is in wave 0.
    pub(crate) fn waves(&self) -> BTreeMap<String, u32> {
        let mut waves: BTreeMap<String, u32> = BTreeMap::new();
        for name in &self.order {
            let wave = self.after[name].iter().map(|before| waves[before] + 1).max().unwrap_or(0);
            waves.insert(name.clone(), wave);
        }
        waves
    }
}

fn contract(chart: &Chart, enabled: &BTreeSet<String>, name: &str, into: &mut BTreeSet<String>) {
    if enabled.contains(name) {
        into.insert(name.to_owned());
        return;
    }
    for need in chart.components.get(name).iter().flat_map(|component| &component.needs) {
        contract(chart, enabled, &need.component, into);
    }
}

fn disabled_need(
    chart: &Chart,
    name: &str,
    need: &Need,
    set_in: &dyn Fn(&Expression) -> Vec<(Span, String)>,
) -> Diagnostic {
    let other = &chart.components[need.component.as_str()];
    let message = format!("`{name}` needs `{}`, which is switched off", need.component);
    let mut finding =
        Diagnostic::error("chart.disabled-need", message).at(&need.span, "needed here");
    if let Some(switch) = &other.enabled {
        for (span, note) in set_in(switch) {
            finding = finding.at(&span, note);
        }
        finding = finding.at(&switch.span, "the switch").hint(format!(
            "make `{}` true, or switch `{name}` off{}",
            switch.text,
            chart.components[name]
                .enabled
                .as_ref()
                .map_or_else(String::new, |own| format!(" (`{}`)", own.text)),
        ));
    }
    finding
}

fn cycle_error(chart: &Chart, cycle: &[String]) -> Diagnostic {
    let mut names: Vec<_> = cycle.iter().map(|name| format!("`{name}`")).collect();
    names.extend(names.first().cloned());
    let message = format!("the components need each other in a circle: {}", names.join(" → "));
    let mut finding = Diagnostic::error("chart.cycle", message);
    for (index, name) in cycle.iter().enumerate() {
        let next = &cycle[(index + 1) % cycle.len()];
        let needs = &chart.components[name.as_str()].needs;
        if let Some(need) = needs.iter().find(|need| need.component == *next) {
            finding = finding.at(&need.span, format!("`{name}` needs `{next}`"));
        }
    }
    finding.hint("take one of these needs away")
}

/// A cycle in the graph of all components, on or off, each needing the next.
fn find_cycle(chart: &Chart) -> Option<Vec<String>> {
    let mut done = BTreeSet::new();
    chart.components.keys().find_map(|name| visit(chart, name, &mut Vec::new(), &mut done))
}

fn visit<'a>(
    chart: &'a Chart,
    name: &'a str,
    path: &mut Vec<&'a str>,
    done: &mut BTreeSet<&'a str>,
) -> Option<Vec<String>> {
    if let Some(start) = path.iter().position(|seen| *seen == name) {
        return Some(path[start..].iter().map(|name| (*name).to_owned()).collect());
    }
    if !done.contains(name)
        && let Some(component) = chart.components.get(name)
    {
        path.push(name);
        for need in &component.needs {
            if let Some(cycle) = visit(chart, &need.component, path, done) {
                return Some(cycle);
            }
        }
        path.pop();
        done.insert(name);
    }
    None
}
