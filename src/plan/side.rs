//! One side of an upgrade: a release with the values that the chart's `upgrade:` puts on top.

use std::collections::BTreeSet;

use minijinja::Value;

use crate::accept::accept;
use crate::chart::Setting;
use crate::diag::{Diagnostic, Diagnostics};
use crate::provenance::Tracer;
use crate::render::Prepared;
use crate::rendered::Rendered;
use crate::request::Request;
use crate::source::Source;
use crate::span::Span;
use crate::template::{Expressions, node_from_value};
use crate::values::{Layer, Secrets, Step, Tree, mask, parse_path, path_text, to_node};
use crate::yaml::{Kind, Node, write};

/// What one computed value may hold.
const MOST_BYTES: usize = 1 << 20;

/// A release as it was or will be, rendered with placeholders.
pub(super) struct Side<'a> {
    pub(super) source: &'a dyn Source,
    /// With the computed values on top; secrets and marks as the caller asked for.
    pub(super) request: Request,
    pub(super) tracer: Tracer,
    /// What is said about the values and the objects.
    warnings: Diagnostics,
}

/// The request of a comparison: no secrets, no marks of an applier.
pub(super) fn quiet(request: &Request) -> Request {
    request.clone().with_secrets(Secrets::Placeholder).with_dialects([])
}

impl<'a> Side<'a> {
    /// The release with values on top that are computed from its own, and from those of the side `before` it.
    pub(super) fn new(
        source: &'a dyn Source,
        request: &Request,
        settings: &[Setting],
        before: Option<&Side<'_>>,
    ) -> Result<Self, Diagnostics> {
        let mut request = request.clone();
        let mut prepared = Prepared::new(source, &quiet(&request))?;
        let computed = compute(&prepared, settings, before).map_err(|mut found| {
            mask(&mut found, &prepared.secrets);
            found
        })?;
        if !computed.is_empty() {
            request = request.with_layer(Layer::computed(computed));
            prepared = Prepared::new(source, &quiet(&request))?;
        }
        let mut warnings = prepared.warnings.clone();
        let tracer = Tracer::of(prepared, &quiet(&request))?;
        warnings.extend(tracer.judged(source, &request)?);
        Ok(Self { source, request, tracer, warnings })
    }

    pub(super) fn prepared(&self) -> &Prepared {
        self.tracer.prepared()
    }

    /// The values, without secrets.
    pub(super) fn public(&self) -> Value {
        self.prepared().values.public_value()
    }

    pub(super) fn rendered(&self) -> Rendered {
        let resources = self.tracer.resources().to_vec();
        let prepared = self.prepared();
        let scene = self.tracer.scene().clone();
        let (warnings, accepted) = accept(
            &prepared.release.accept,
            &prepared.chart.accept,
            self.warnings.clone().sorted(),
            false,
        );
        Rendered::new(prepared.release.clone(), resources, warnings, accepted, scene)
    }

    /// The objects of some components.
    pub(super) fn part(&self, components: &BTreeSet<&str>) -> Rendered {
        self.rendered().filter(|resource| components.contains(resource.component()))
    }
}

fn compute(
    prepared: &Prepared,
    settings: &[Setting],
    before: Option<&Side<'_>>,
) -> Result<Vec<(Vec<Step>, Span, Node)>, Diagnostics> {
    let expressions = Expressions::new();
    let context = prepared.chart_context(before.map(Side::public));
    let (mut computed, mut found) = (Vec::new(), Diagnostics::new());
    for Setting { path, path_span, expression } in settings {
        let Some(steps) = parse_path(path).filter(|steps| !steps.is_empty()) else {
            found.push(
                Diagnostic::error("chart.value-path", format!("`{path}` is no path of a value"))
                    .at(path_span, "")
                    .hint("keys joined by dots, such as `image.tag`"),
            );
            continue;
        };
        let value = expressions.eval(&expression.span, &expression.text, &context);
        let node = value.and_then(|value| {
            node_from_value(&value, MOST_BYTES).map_err(|found| found.at(&expression.span, ""))
        });
        match node {
            Ok(node) if matches!(node.kind, Kind::Null) => {}
            Ok(mut node) => {
                // What is only copied stands where it was first written.
                let copied = expression.text.trim().strip_prefix("values.");
                let origin = copied.and_then(|path| prepared.values.origin(&parse_path(path)?));
                node.span = origin.unwrap_or_else(|| expression.span.clone());
                computed.push((steps, path_span.clone(), node));
            }
            Err(finding) => found.push(finding),
        }
    }
    found.into_result(computed)
}

/// What the sides have at the paths that the chart sets, where they differ; `plain` is the release by itself.
pub(super) fn differing(
    settings: &[&[Setting]],
    (old, new, plain): (&Tree, &Tree, &Tree),
) -> Vec<super::Setting> {
    let mut differing: Vec<super::Setting> = Vec::new();
    for setting in settings.iter().copied().flatten() {
        let Some(path) = parse_path(&setting.path) else { continue };
        let (before, after) = (text_at(old, &path), text_at(new, &path));
        let text = path_text(&path);
        if before != after && differing.iter().all(|known| known.path != text) {
            let plain = text_at(plain, &path);
            differing.push(super::Setting { path: text, before, after, plain });
        }
    }
    differing
}

/// A value on one line, by its path.
fn text_at(tree: &Tree, path: &[Step]) -> Option<String> {
    let node = to_node(tree.at(path)?);
    if matches!(node.kind, Kind::Null) {
        return None;
    }
    let mut text = String::new();
    write(&node, &mut text);
    Some(text.split_whitespace().collect::<Vec<_>>().join(" "))
}
