//! The one pure function: takes a request apart and calls stage after stage.
//!
//! It knows the order of the stages and nothing more of any of them.

mod place;
mod references;
mod validate;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use minijinja::value::Value;

use crate::accept::{accept, check_acceptances};
use crate::behind::behind;
use crate::chart::{Active, Chart, Expression, Rule, activate};
use crate::context::{Shared, needs};
use crate::diag::{Diagnostic, Diagnostics, Severity};
use crate::manifest::{Resource, no_leaks, unique};
use crate::order::{Scene, order};
use crate::parallel::{both, each};
use crate::project::Release;
use crate::release::{check_kubernetes, find_release, load_layers};
use crate::rendered::Rendered;
use crate::request::Request;
use crate::rules::{check_paths, check_rules, switch_places};
use crate::schema::ChartSchema;
use crate::source::{Source, once};
use crate::span::Span;
use crate::template::{
    Context, Expressions, Limits, Segment, Templates, Traced, value_from_entries,
};
use crate::values::{
    CheckedValues, Known, Values, check, committed, known, mask, merge, values_key,
};
use crate::yaml::Node;

pub(crate) use place::{Provenance, Replays};

/// Renders one release.
///
/// The same source and request always give the same bytes. Nothing is returned unless everything is right.
///
/// ```
/// use plimsoll::{Layer, MemorySource, Request, render};
///
/// let source = MemorySource::new()
///     .with("charts/web/chart.yaml", "\
/// apiVersion: plimsoll.dev/v1
/// kind: Chart
/// name: web
/// version: 1.0.0
/// components: {app: {}}
/// ")?
///     .with("schemas/web/app.yaml", "\
/// type: object
/// properties: {greeting: {type: string, default: hello}}
/// ")?
///     .with("charts/web/app/config.yaml.j2", "\
/// apiVersion: v1
/// kind: ConfigMap
/// metadata: {name: web}
/// data: {greeting: {{ values.greeting }}}
/// ")?;
/// let request = Request::new("web").with_layer(Layer::set("app.greeting=a: b"));
/// let rendered = render(&source, &request).unwrap();
/// assert!(rendered.to_yaml().contains("greeting: \"a: b\""));
/// # Ok::<(), plimsoll::PathError>(())
/// ```
///
/// # Errors
/// Every finding of the first stage that fails.
pub fn render(source: &dyn Source, request: &Request) -> Result<Rendered, Diagnostics> {
    Prepared::new(source, request)?.render(source, request)
}

/// A release with its values merged and checked: everything but the templates.
pub(crate) struct Prepared {
    pub(crate) release: Release,
    pub(crate) chart: Arc<Chart>,
    pub(crate) values: Arc<CheckedValues>,
    pub(crate) active: Active,
    shared: Shared,
    exports: BTreeMap<String, BTreeMap<String, Value>>,
    templates: Result<Arc<Templates>, Diagnostics>,
    pub(crate) warnings: Diagnostics,
    pub(crate) secrets: Known,
}

impl Prepared {
    pub(crate) fn new(source: &dyn Source, request: &Request) -> Result<Self, Diagnostics> {
        let release = find_release(source, request)?;
        let chart = once(source, &format!("chart {}", release.chart), || {
            Chart::load(source, &release.chart, &release.chart_span)
        })?;
        check_kubernetes(&chart, &release)?;
        let rules = chart.rules.iter();
        let rules: Vec<_> =
            rules.filter_map(|rule| Some((rule.name.as_deref()?, rule.severity))).collect();
        let mut wrong = check_acceptances(&release.accept, &chart.name, &rules);
        wrong.extend(check_acceptances(&chart.accept, &chart.name, &rules));
        wrong.into_result(())?;
        // Templates know nothing of values, so the two are made ready side by side.
        let (prepared, templates) = both(
            || Self::with_values(source, request, release, &chart),
            || {
                let limits = request.limits.template;
                once(source, &format!("templates {} {limits:?}", chart.name), || {
                    compile(&chart, limits)
                })
            },
        );
        Ok(prepared?(templates))
    }

    /// All but the templates, which are put in once they are there.
    fn with_values(
        source: &dyn Source,
        request: &Request,
        mut release: Release,
        chart: &Arc<Chart>,
    ) -> Result<impl FnOnce(Result<Arc<Templates>, Diagnostics>) -> Self, Diagnostics> {
        let names: Vec<&str> = chart.components.keys().map(String::as_str).collect();
        let (schema, layers) = both(
            || {
                once(source, &format!("schema {}", chart.name), || {
                    ChartSchema::load(source, &chart.name, &names)
                })
            },
            || load_layers(source, &release, &request.layers),
        );
        let schema = schema?;
        check_paths(chart, &schema).into_result(())?;
        let layers = layers?;
        let values = merge(&schema, &layers, request.secrets)?;
        let secrets = known(values.tree());
        let masked = |mut found: Diagnostics| {
            mask(&mut found, &secrets);
            found
        };
        committed(values.tree(), &release.layers).into_result(()).map_err(masked)?;
        let switches = Switches::evaluate(chart, &release, &values);
        let (values, mut warnings) = check(&schema, values, &switches.enabled, request.secrets)
            .map_err(|found| masked(with_switches(chart, found)))?;
        switches.found.into_result(()).map_err(masked)?;
        if let Some(namespace) = switches.namespace {
            release.namespace = namespace;
        }
        let places = |switch: &Expression| switch_places(switch, &values);
        let active = activate(chart, &switches.enabled, &places);
        let whole =
            if chart.asks_about_all() { values.whole_value(&schema) } else { Value::UNDEFINED };
        let shared = Shared::new(
            chart,
            &release,
            whole,
            values.chart_wide_value().clone(),
            &request.api_versions,
        );
        let mut found = check_rules(&chart.rules, &shared, &values);
        let active = match active {
            Ok(active) => active,
            Err(more) => {
                found.extend(more);
                Active::default()
            }
        };
        warnings.extend(found.iter().filter(|d| d.severity() == Severity::Warning).cloned());
        found.into_result(()).map_err(masked)?;
        let shared = evaluate_inputs(chart, &active, shared).map_err(masked)?;
        let exports = evaluate_exports(chart, &active, &shared, &values).map_err(masked)?;
        mask(&mut warnings, &secrets);
        let (values, chart) = (Arc::new(values), Arc::clone(chart));
        Ok(move |templates| Self {
            release,
            chart,
            values,
            active,
            shared,
            exports,
            templates,
            warnings,
            secrets,
        })
    }

    fn render(self, source: &dyn Source, request: &Request) -> Result<Rendered, Diagnostics> {
        let templates = self.templates()?;
        let resources = self.resources(request, templates)?;
        let (found, active) = self.judged(source, request, templates, &resources)?;
        let scene = self.scene(request, active);
        let resources = order(resources, &scene);
        let mut warnings = self.templates()?.warnings();
        warnings.extend(self.warnings);
        warnings.extend(found);
        let (warnings, accepted) =
            accept(&self.release.accept, &self.chart.accept, warnings.sorted(), request.is_plain());
        Ok(Rendered::new(self.release, resources, warnings, accepted, scene))
    }

    /// Warnings about the objects: what the API of their cluster says of each, and where their names lead; and the order
    /// of components with what follows from that.
    ///
    /// # Errors
    /// All of that if an object could not be applied.
    pub(crate) fn judged(
        &self,
        source: &dyn Source,
        request: &Request,
        templates: &Templates,
        resources: &[Resource],
    ) -> Result<(Diagnostics, Active), Diagnostics> {
        let replays = Replays::default();
        let api = self.validate(source, request, templates, resources, &replays);
        let references = self.check_references(source, request, templates, resources, &replays);
        match (api, references) {
            (Ok(mut found), Ok((references, active))) => {
                found.extend(references);
                Ok((found, active))
            }
            (Ok(mut found) | Err(mut found), Err(more)) | (Err(mut found), Ok((more, _))) => {
                found.extend(more);
                Err(found.sorted())
            }
        }
    }

    /// What expressions of the chart see; in an upgrade the values of the running side, too.
    pub(crate) fn chart_context(&self, before: Option<Value>) -> Value {
        match before {
            Some(before) => self.shared.clone().with_before(before).of_chart(),
            None => self.shared.of_chart(),
        }
    }

    /// The rules of an upgrade from these values that are broken.
    pub(crate) fn check_upgrade(&self, rules: &[Rule], before: Value) -> Diagnostics {
        let mut found = check_rules(rules, &self.shared.clone().with_before(before), &self.values);
        mask(&mut found, &self.secrets);
        found
    }

    /// Every object that the templates give, in the order of components and templates.
    fn resources(
        &self,
        request: &Request,
        templates: &Templates,
    ) -> Result<Vec<Resource>, Diagnostics> {
        let masked = |mut found: Diagnostics| {
            mask(&mut found, &self.secrets);
            found
        };
        let rendered = each(&self.active.order, |name| self.render_component(templates, name));
        let resources: Vec<Resource> =
            Diagnostics::collect(rendered).map_err(masked)?.into_iter().flatten().collect();
        if resources.len() > request.limits.resources {
            let message = format!(
                "the release has {} objects, more than {}",
                resources.len(),
                request.limits.resources
            );
            return Err(Diagnostic::error("limit.resources", message).into());
        }
        unique(&resources, &self.release.namespace, |resource| {
            self.name_place(templates, resource)
        })
        .map_err(masked)?;
        no_leaks(&resources, &self.values.secret_texts()).map_err(masked)?;
        Ok(resources)
    }

    /// The objects with their marks, as they are printed, and what their order is about.
    pub(crate) fn ordered(
        &self,
        request: &Request,
        templates: &Templates,
    ) -> Result<(Vec<Resource>, Scene), Diagnostics> {
        let resources = self.resources(request, templates)?;
        let scene = self.scene(request, self.active_with_inferred(templates, &resources)?);
        Ok((order(resources, &scene), scene))
    }

    fn scene(&self, request: &Request, active: Active) -> Scene {
        Scene {
            chart: self.chart.name.clone(),
            instance: self.release.instance(),
            namespace: self.release.namespace.clone(),
            dialects: request.dialects.clone(),
            active,
        }
    }

    /// The documents of the template that gave a resource, each with where its fields come from.
    pub(crate) fn trace(
        &self,
        templates: &Templates,
        resource: &Resource,
    ) -> Result<Vec<Traced>, Diagnostics> {
        let template = resource.template.name();
        let name =
            template.strip_prefix(&format!("charts/{}/", self.chart.name)).unwrap_or(template);
        templates.trace(name, &self.context(&resource.component))
    }

    /// Where the name of a resource is written.
    fn name_place(&self, templates: &Templates, resource: &Resource) -> Option<Span> {
        let documents = self.trace(templates, resource).ok()?;
        let node = &documents.get(resource.document)?.node;
        let span = node.get("metadata")?.get("name")?.span.clone();
        span.is_known().then_some(span)
    }

    /// The chart's templates, compiled.
    pub(crate) fn templates(&self) -> Result<&Templates, Diagnostics> {
        self.templates.as_deref().map_err(Clone::clone)
    }

    /// What the templates of a component see.
    pub(crate) fn context(&self, component: &str) -> Context {
        let definition = &self.chart.components[component];
        let needs = needs(&self.chart, definition, &self.exports);
        let block = self.values.block_value(component);
        let value = self.shared.of_component(definition, block, needs);
        let values = Arc::clone(&self.values);
        let (chart, name) = (Arc::clone(&self.chart), component.to_owned());
        let origin = move |path: &[Segment]| behind(&chart, &values, &name, path);
        Context { value, origin: Some(Arc::new(origin)) }
    }

    fn render_component(
        &self,
        templates: &Templates,
        name: &str,
    ) -> Result<Vec<Resource>, Diagnostics> {
        let context = self.context(name);
        let component: Arc<str> = name.into();
        let mut found = Diagnostics::new();
        let mut resources = Vec::new();
        for template in &self.chart.components[name].templates {
            let text = &self.chart.templates[template];
            match templates.documents(template, &context) {
                Err(more) => found.extend(more),
                Ok(documents) => {
                    for (index, node) in documents.into_iter().enumerate() {
                        match Resource::new(node, &component, text, index) {
                            Ok(resource) => resources.push(resource),
                            Err(plain) => {
                                let placed = placed(
                                    templates,
                                    template,
                                    &context,
                                    |node| Resource::new(node, &component, text, index).err(),
                                    index,
                                );
                                found.extend(placed.unwrap_or(plain));
                            }
                        }
                    }
                }
            }
        }
        found.into_result(resources)
    }
}

fn compile(chart: &Chart, limits: Limits) -> Result<Templates, Diagnostics> {
    let mut templates = Templates::with_limits(limits);
    let mut found = Diagnostics::new();
    for (name, text) in &chart.templates {
        let added = if name.ends_with(".j2") {
            templates.add_source(name.clone(), text.clone())
        } else {
            templates.add_plain(name.clone(), text.clone())
        };
        if let Err(more) = added {
            found.extend(more);
        }
    }
    found.into_result(templates)
}

/// Findings about a document once more, with their places: only a replay knows them. Where a value is behind what is
/// wrong, its place in a layer is shown, too.
fn placed(
    templates: &Templates,
    template: &str,
    context: &Context,
    judge: impl FnOnce(Node) -> Option<Diagnostics>,
    document: usize,
) -> Option<Diagnostics> {
    let mut documents = templates.trace(template, context).ok()?;
    let Traced { node, causes } =
        (document < documents.len()).then(|| documents.remove(document))?;
    let places: Vec<(Option<Span>, Vec<Span>)> = causes
        .into_iter()
        .map(|(path, spans)| (at(&node, &path).map(|node| node.span.clone()), spans))
        .collect();
    let mut all = Diagnostics::new();
    for mut finding in judge(node)? {
        let causes = places.iter().filter(|(place, _)| place.as_ref() == finding.span());
        for span in causes.flat_map(|(_, spans)| spans.clone()).collect::<Vec<_>>() {
            finding = finding.at(&span, "the value comes from here");
        }
        all.push(finding);
    }
    Some(all)
}

fn at<'a>(node: &'a Node, path: &[Segment]) -> Option<&'a Node> {
    path.iter().try_fold(node, |node, step| match step {
        Segment::Key(key) => node.get(key),
        Segment::Index(index) => node.as_list()?.get(*index),
    })
}

/// Says what switches a component on where a layer tries `enabled`, as the charts of Helm do.
fn with_switches(chart: &Chart, found: Diagnostics) -> Diagnostics {
    let named = |finding: Diagnostic| {
        let key = finding.message().strip_prefix("unknown key `");
        let Some(key) = key.and_then(|rest| rest.strip_suffix(".enabled`")) else {
            return finding;
        };
        let component = chart.components.iter().find(|(name, _)| values_key(name) == key);
        match component.and_then(|(name, component)| Some((name, component.enabled.as_ref()?))) {
            Some((name, switch)) => finding.only_hint(format!(
                "`chart.yaml` switches the component `{name}` on by `{}`",
                switch.text
            )),
            None => finding,
        }
    };
    found.into_iter().map(named).collect()
}

/// Which components are on, decided over values that are merged but not yet checked.
struct Switches {
    enabled: BTreeSet<String>,
    namespace: Option<String>,
    found: Diagnostics,
}

impl Switches {
    /// A switch that cannot be evaluated counts as on; what the check finds about its value comes first.
    fn evaluate(chart: &Chart, release: &Release, values: &Values) -> Self {
        if !chart.has_switches() {
            let enabled = chart.components.keys().cloned().collect();
            return Self { enabled, namespace: None, found: Diagnostics::new() };
        }
        let whole = values.to_value();
        let shared = Shared::new(chart, release, whole.clone(), whole, &[]);
        let context = shared.of_chart();
        let expressions = Expressions::new();
        let mut switches =
            Self { enabled: BTreeSet::new(), namespace: None, found: Diagnostics::new() };
        for (name, component) in &chart.components {
            let on = component.enabled.as_ref().is_none_or(|expression| {
                switches.ask(&expressions, expression, &context).is_none_or(|value| value.is_true())
            });
            if on {
                switches.enabled.insert(name.clone());
            }
        }
        if let Some(expression) = &chart.namespace
            && let Some(value) = switches.ask(&expressions, expression, &context)
            && let Some(namespace) = value.as_str()
            && !namespace.is_empty()
        {
            switches.namespace = Some(namespace.to_owned());
        }
        switches
    }

    fn ask(
        &mut self,
        expressions: &Expressions,
        expression: &Expression,
        context: &Value,
    ) -> Option<Value> {
        match expressions.eval(&expression.span, &expression.text, context) {
            Ok(value) => Some(value),
            Err(finding) => {
                self.found.push(finding);
                None
            }
        }
    }
}

fn evaluate_inputs(chart: &Chart, active: &Active, shared: Shared) -> Result<Shared, Diagnostics> {
    let expressions = Expressions::new();
    let context = if chart.asks_about_all() { shared.of_chart() } else { Value::UNDEFINED };
    let (mut inputs, mut found) = (BTreeMap::new(), Diagnostics::new());
    for name in &active.order {
        let mut own: BTreeMap<String, Value> = BTreeMap::new();
        for (key, expression) in &chart.components[name.as_str()].inputs {
            match expressions.eval(&expression.span, &expression.text, &context) {
                Ok(value) => {
                    own.insert(key.clone(), value);
                }
                Err(finding) => found.push(finding),
            }
        }
        // A mapping of the template module, so that a replay can see through it.
        let own = own.iter().map(|(key, value)| (key.as_str(), value.clone()));
        inputs.insert(name.clone(), value_from_entries(own));
    }
    found.into_result(shared.with_inputs(inputs))
}

fn evaluate_exports(
    chart: &Chart,
    active: &Active,
    shared: &Shared,
    values: &CheckedValues,
) -> Result<BTreeMap<String, BTreeMap<String, Value>>, Diagnostics> {
    let expressions = Expressions::new();
    let mut exports = BTreeMap::new();
    let mut found = Diagnostics::new();
    for name in &active.order {
        let component = &chart.components[name.as_str()];
        let block = values.block_value(name);
        let context = shared.of_component(component, block, needs(chart, component, &exports));
        let mut block = BTreeMap::new();
        for (key, expression) in &component.exports {
            match expressions.eval(&expression.span, &expression.text, &context) {
                Ok(value) => {
                    block.insert(key.clone(), value);
                }
                Err(finding) => found.push(finding),
            }
        }
        exports.insert(name.clone(), block);
    }
    found.into_result(exports)
}
