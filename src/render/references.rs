//! References between objects, checked with all that this needs: the chart's preconditions, the other releases of the
//! cluster, and the places of what is wrong.

use std::collections::BTreeSet;

use minijinja::value::Value;

use crate::chart::{Active, Expression, External};
use crate::diag::{Diagnostic, Diagnostics, Severity};
use crate::manifest::{Resource, first_line};
use crate::project::Project;
use crate::reference::{Edge, Fault, Field, Objects, Precondition, References, There};
use crate::request::Request;
use crate::source::Source;
use crate::span::Span;
use crate::template::{Expressions, Templates};
use crate::values::{Secrets, mask};

use super::{Prepared, Replays};

impl Prepared {
    /// Warnings about what objects name, and the order of components with what follows from it.
    ///
    /// # Errors
    /// All of them if the API server would refuse one of the objects, or if the order contradicts the chart's needs.
    pub(super) fn check_references(
        &self,
        source: &dyn Source,
        request: &Request,
        templates: &Templates,
        resources: &[Resource],
        replays: &Replays,
    ) -> Result<(Diagnostics, Active), Diagnostics> {
        let objects = Objects { resources, namespace: &self.release.namespace };
        let references = References::of(objects);
        let declared = self.preconditions()?;
        let mut faults = references.faults(&There { declared: &declared, others: &[] });
        let is_news = |fault: &Fault| self.accepted(fault, resources).is_none();
        if self.release.cluster.is_some() && faults.iter().any(is_news) {
            let others = self.neighbours(source, request);
            let others: Vec<Objects<'_>> = others
                .iter()
                .map(|(namespace, resources)| Objects { resources, namespace })
                .collect();
            faults = references.faults(&There { declared: &declared, others: &others });
        }
        let finding = |fault| {
            let accepted = self.accepted(&fault, resources);
            accepted.unwrap_or_else(|| self.placed(fault, replays, templates, resources))
        };
        let mut found: Diagnostics = faults.into_iter().map(finding).collect();
        let (active, circles) = self.infer(&references, replays, templates, resources);
        found.extend(circles);
        mask(&mut found, &self.secrets);
        found.clone().into_result((found, active))
    }

    /// The order of components with what follows from what objects name.
    ///
    /// # Errors
    /// Where that contradicts the chart's needs.
    pub(super) fn active_with_inferred(
        &self,
        templates: &Templates,
        resources: &[Resource],
    ) -> Result<Active, Diagnostics> {
        let references = References::of(Objects { resources, namespace: &self.release.namespace });
        let (active, mut found) =
            self.infer(&references, &Replays::default(), templates, resources);
        mask(&mut found, &self.secrets);
        found.into_result(active)
    }

    /// Adds the edges that follow from what objects name. One against the chart's needs is an error; of those that make
    /// a circle among themselves the last is left out, with a warning.
    fn infer(
        &self,
        references: &References<'_>,
        replays: &Replays,
        templates: &Templates,
        resources: &[Resource],
    ) -> (Active, Diagnostics) {
        let (mut active, mut found) = (self.active.clone(), Diagnostics::new());
        for Edge { after, before, field, why, is_soft } in references.edges() {
            if active.infer(&after, &before, &why) || is_soft {
                continue;
            }
            let need = self.need(&before, &after);
            let finding = if need.is_some() {
                let message =
                    format!("`{before}` comes before `{after}`, because {why}, but needs it");
                Diagnostic::error("reference.against-needs", message).hint(
                    "move the object to a component that both come after, or take the need away",
                )
            } else {
                let message = format!("`{after}` and `{before}` name each other's objects: {why}");
                Diagnostic::warning("reference.circle", message).hint(
                    "no order of components serves both; move what both name to a component of its own",
                )
            };
            let fault = Fault { finding, at: field, beside: Vec::new() };
            let mut finding = self.placed(fault, replays, templates, resources);
            if let Some(span) = need {
                finding = finding.at(span, format!("`{before}` needs `{after}`"));
            }
            found.push(finding);
        }
        if !active.inferred.is_empty() {
            active.settle(&self.chart);
        }
        (active, found)
    }

    /// Where a component says that it needs another, itself or by way of others.
    fn need(&self, from: &str, to: &str) -> Option<&Span> {
        if !self.active.before(from).contains(to) {
            return None;
        }
        let needs = &self.chart.components.get(from)?.needs;
        needs.iter().find(|need| self.leads(&need.component, to)).map(|need| &need.span)
    }

    /// Whether one component is another or needs it, be those between on or off.
    fn leads(&self, from: &str, to: &str) -> bool {
        let (mut seen, mut open) = (BTreeSet::from([from]), vec![from]);
        while let Some(name) = open.pop() {
            if name == to {
                return true;
            }
            let needs = self.chart.components.get(name).map(|component| &component.needs);
            open.extend(
                needs
                    .into_iter()
                    .flatten()
                    .map(|need| &*need.component)
                    .filter(|name| seen.insert(name)),
            );
        }
        false
    }

    /// The finding of a fault that the release or its chart accepts in the object's template: nobody looks for its line,
    /// so no template runs once more.
    fn accepted(&self, fault: &Fault, resources: &[Resource]) -> Option<Diagnostic> {
        let resource = &resources[fault.at.resource];
        let template = first_line(&resource.template, resource.document);
        let finding = fault.finding.clone().at(&template, &*fault.at.text);
        let mut acceptances = self.release.accept.iter().chain(&self.chart.accept);
        let is_warning = finding.severity() == Severity::Warning;
        (is_warning && acceptances.any(|one| one.covers(&finding))).then_some(finding)
    }

    /// A fault with its places: the template's line, the values behind it, and whatever else is worth seeing.
    fn placed(
        &self,
        fault: Fault,
        replays: &Replays,
        templates: &Templates,
        resources: &[Resource],
    ) -> Diagnostic {
        let place = |Field { resource, path, text }: &Field, finding: Diagnostic| {
            let resource = &resources[*resource];
            let from = replays.field(self, templates, resource, path).unwrap_or_default();
            let known = |span: &Span| span.is_known().then(|| span.clone());
            let template = known(&from.template)
                .unwrap_or_else(|| first_line(&resource.template, resource.document));
            (finding.at(&template, text), from.values)
        };
        let (mut finding, values) = place(&fault.at, fault.finding);
        for span in values {
            finding = finding.at(&span, "the value comes from here");
        }
        fault.beside.iter().fold(finding, |finding, field| place(field, finding).0)
    }

    /// What the chart expects in the cluster, with its expressions evaluated.
    fn preconditions(&self) -> Result<Vec<Precondition>, Diagnostics> {
        if self.chart.external.is_empty() {
            return Ok(Vec::new());
        }
        let context = self.shared.of_chart();
        let expressions = Expressions::new();
        let (mut preconditions, mut found) = (Vec::new(), Diagnostics::new());
        for external in &self.chart.external {
            match precondition(external, &expressions, &context) {
                Ok(precondition) => preconditions.push(precondition),
                Err(finding) => found.push(finding),
            }
        }
        mask(&mut found, &self.secrets);
        found.into_result(preconditions)
    }

    /// The objects of the other releases on the same cluster, as far as they render: what is wrong with them is told
    /// where they are rendered themselves.
    pub(super) fn neighbours(
        &self,
        source: &dyn Source,
        request: &Request,
    ) -> Vec<(String, Vec<Resource>)> {
        let releases = Project::load(source).map(|project| project.releases().to_vec());
        let others = releases.unwrap_or_default().into_iter().filter(|other| {
            other.cluster == self.release.cluster && other.name != self.release.name
        });
        let objects = others.filter_map(|other| {
            let request = Request::of(other)
                .with_secrets(Secrets::Placeholder)
                .with_limits(request.limits.clone());
            let prepared = Prepared::new(source, &request).ok()?;
            let templates = prepared.templates().ok()?;
            let resources = prepared.resources(&request, templates).ok()?;
            Some((prepared.release.namespace.clone(), resources))
        });
        objects.collect()
    }
}

fn precondition(
    external: &External,
    expressions: &Expressions,
    context: &Value,
) -> Result<Precondition, Diagnostic> {
    let names = external.name.as_ref().map(|name| texts(name, expressions, context)).transpose()?;
    let namespace = external.namespace.as_ref().map(|text| texts(text, expressions, context));
    let labels = external.labels.iter().map(|(key, value)| {
        let value = texts(value, expressions, context)?.into_iter().next().unwrap_or_default();
        Ok((key.clone(), value))
    });
    Ok(Precondition {
        group: external.group().to_owned(),
        kind: external.kind.clone(),
        names,
        namespace: namespace.transpose()?.and_then(|all| all.into_iter().next()),
        labels: labels.collect::<Result<_, Diagnostic>>()?,
    })
}

/// What a text with `{{ }}` comes to. An expression by itself gives a list, or nothing where it is none.
fn texts(
    text: &Expression,
    expressions: &Expressions,
    context: &Value,
) -> Result<Vec<String>, Diagnostic> {
    let whole = text.text.trim();
    if !whole.contains("{{") {
        return Ok(vec![whole.to_owned()]);
    }
    let alone = whole.strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}"));
    let Some(alone) = alone.filter(|inside| !inside.contains("{{")) else {
        return Ok(vec![expressions.text(&text.span, &text.text, context)?]);
    };
    let value = expressions.eval(&text.span, alone, context)?;
    if let Some(text) = value.as_str() {
        return Ok(vec![text.to_owned()]);
    }
    let items = value.try_iter().into_iter().flatten();
    Ok(items.filter_map(|item| item.as_str().map(str::to_owned)).collect())
}
