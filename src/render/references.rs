//! References between objects, checked with all that this needs: the chart's preconditions, the other releases of the
//! cluster, and the places of what is wrong.

use minijinja::value::Value;

use crate::chart::{Expression, External};
use crate::diag::{Diagnostic, Diagnostics};
use crate::manifest::{Resource, first_line};
use crate::project::Project;
use crate::reference::{Fault, Field, Objects, Precondition, References, There};
use crate::request::Request;
use crate::source::Source;
use crate::span::Span;
use crate::template::{Expressions, Templates};
use crate::values::{Secrets, mask};

use super::{Prepared, Replays};

impl Prepared {
    /// Warnings about what objects name.
    ///
    /// # Errors
    /// All of them if the API server would refuse one of the objects.
    pub(super) fn check_references(
        &self,
        source: &dyn Source,
        request: &Request,
        templates: &Templates,
        resources: &[Resource],
    ) -> Result<Diagnostics, Diagnostics> {
        let objects = Objects { resources, namespace: &self.release.namespace };
        let references = References::of(objects);
        let declared = self.preconditions()?;
        let mut faults = references.faults(&There { declared: &declared, others: &[] });
        if !faults.is_empty() && self.release.cluster.is_some() {
            let others = self.neighbours(source, request);
            let others: Vec<Objects<'_>> = others
                .iter()
                .map(|(namespace, resources)| Objects { resources, namespace })
                .collect();
            faults = references.faults(&There { declared: &declared, others: &others });
        }
        let replays = Replays::default();
        let finding = |fault| self.placed(fault, &replays, templates, resources);
        let mut found: Diagnostics = faults.into_iter().map(finding).collect();
        mask(&mut found, &self.secrets);
        found.clone().into_result(found)
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
    fn neighbours(&self, source: &dyn Source, request: &Request) -> Vec<(String, Vec<Resource>)> {
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
