//! What a template sees: its values, its needs, the release and the chart's files, and nothing else.

use std::collections::BTreeMap;
use std::sync::Arc;

use globset::GlobBuilder;
use minijinja::value::{Object, Value};
use minijinja::{Error, ErrorKind, State};

use crate::chart::{Chart, Component, External, Need};
use crate::diag::nearest;
use crate::manifest::builtin_kinds;
use crate::project::Release;
use crate::template::{Declared, closed_value_from_entries, value_from_entries, value_from_node};
use crate::values::values_key;
use crate::yaml::Node;

/// The parts of every context that are the same for all components of a release.
#[derive(Clone)]
pub(crate) struct Shared {
    /// The whole tree, for expressions of the chart.
    pub(crate) values: Value,
    chart: Value,
    release: Value,
    kubernetes: Value,
    files: Value,
    labels: Vec<(&'static str, String)>,
    /// What each component sees as `inputs`.
    inputs: BTreeMap<String, Value>,
    /// The values of the running side, for the rules of an upgrade.
    before: Option<Value>,
}

impl Shared {
    pub(crate) fn new(
        chart: &Chart,
        release: &Release,
        values: Value,
        chart_wide: Value,
        extra_kinds: &[(String, String)],
    ) -> Self {
        let name = chart.name.rsplit('/').next().unwrap_or(&chart.name).to_owned();
        let external = |one: &External| (one.api_version.clone(), one.kind.clone());
        let kinds = chart.external.iter().map(external).chain(extra_kinds.iter().cloned());
        Self {
            values,
            chart: closed(
                [
                    ("name", Value::from(name.clone())),
                    ("version", Value::from(chart.version.clone())),
                    ("appVersion", Value::from(chart.app_version.clone())),
                    ("values", chart_wide),
                ],
                "chart",
                None,
            ),
            release: closed(
                [
                    ("name", Value::from(release.name.clone())),
                    ("namespace", Value::from(release.namespace.clone())),
                ],
                "release",
                None,
            ),
            kubernetes: Value::from_object(Kubernetes {
                version: release.kubernetes.clone(),
                kinds: kinds.collect(),
            }),
            files: Value::from_object(Files(chart.files.clone())),
            labels: vec![
                ("app.kubernetes.io/part-of", name),
                ("app.kubernetes.io/instance", release.instance()),
            ],
            inputs: BTreeMap::new(),
            before: None,
        }
    }

    /// The same with what each component sees as `inputs`.
    pub(crate) fn with_inputs(self, inputs: BTreeMap<String, Value>) -> Self {
        Self { inputs, ..self }
    }

    /// The same with the values of the running side, for the rules of an upgrade.
    pub(crate) fn with_before(self, before: Value) -> Self {
        Self { before: Some(before), ..self }
    }

    /// The same with another values tree, for messages that may show no secret.
    pub(crate) fn with_values(&self, values: Value) -> Self {
        Self { values, ..self.clone() }
    }

    /// For `enabled`, `inputs`, `rules` and `namespace`: the whole tree as `values`, and its keys by themselves.
    pub(crate) fn of_chart(&self) -> Value {
        let mut context: BTreeMap<String, Value> = BTreeMap::new();
        if let Ok(keys) = self.values.try_iter() {
            for key in keys {
                if let (Some(name), Ok(value)) = (key.as_str(), self.values.get_item(&key)) {
                    context.insert(name.to_owned(), value);
                }
            }
        }
        context.insert("values".to_owned(), self.values.clone());
        context.extend(self.before.iter().map(|before| ("before".to_owned(), before.clone())));
        context.insert("chart".to_owned(), self.chart.clone());
        context.insert("release".to_owned(), self.release.clone());
        context.insert("kubernetes".to_owned(), self.kubernetes.clone());
        context.insert("files".to_owned(), self.files.clone());
        Value::from(context)
    }

    /// For the templates and exports of a component.
    pub(crate) fn of_component(&self, component: &Component, block: Value, needs: Value) -> Value {
        let own = ("app.kubernetes.io/component", component.name.clone());
        let selector: Vec<_> = self.labels.iter().chain([&own]).cloned().collect();
        let managed = ("app.kubernetes.io/managed-by", "plimsoll".to_owned());
        let all: Vec<_> = selector.iter().chain([&managed]).cloned().collect();
        // As nodes, because these keep their order.
        let labels = |pairs: Vec<(&'static str, String)>| {
            let entries = pairs.into_iter().map(|(key, value)| (key.into(), Node::string(value)));
            value_from_node(&Node::map(entries))
        };
        map([
            ("values", block),
            ("inputs", self.inputs.get(&component.name).cloned().unwrap_or_else(|| map([]))),
            ("chart", self.chart.clone()),
            ("release", self.release.clone()),
            (
                "component",
                closed(
                    [
                        ("name", Value::from(component.name.clone())),
                        ("labels", labels(all)),
                        ("selectorLabels", labels(selector)),
                    ],
                    "component",
                    None,
                ),
            ),
            ("needs", needs),
            ("kubernetes", self.kubernetes.clone()),
            ("files", self.files.clone()),
        ])
    }
}

/// What a component may read of those it needs: their exports and whether they are on.
pub(crate) fn needs(
    chart: &Chart,
    component: &Component,
    exports: &BTreeMap<String, BTreeMap<String, Value>>,
) -> Value {
    let mut needs: BTreeMap<String, Value> = BTreeMap::new();
    for Need { component: name, .. } in &component.needs {
        let mut block = exports.get(name).cloned().unwrap_or_default();
        block.insert("enabled".to_owned(), exports.contains_key(name).into());
        // An optional need that is off exports nothing, but what it would export may be asked for.
        let known = chart.components.get(name).map(|needed| &needed.exports);
        let known = known.into_iter().flatten().map(|(key, _)| key.as_str()).chain(["enabled"]);
        let declared = Declared {
            name: format!("needs.{}", values_key(name)),
            keys: known.clone().map(Arc::from).collect(),
            advice: Some(format!("{}; more is exported in `chart.yaml`", Declared::list(known))),
        };
        let entries = block.iter().map(|(key, value)| (key.as_str(), value.clone()));
        let block = closed_value_from_entries(entries, declared);
        needs.insert(values_key(name), block.clone());
        needs.insert(name.clone(), block);
    }
    let advice =
        format!("`{}` may read only what it names under `needs` in `chart.yaml`", component.name);
    closed(needs.iter().map(|(key, value)| (key.as_str(), value.clone())), "needs", Some(advice))
}

/// A mapping whose keys are always there.
fn closed<'a>(
    entries: impl IntoIterator<Item = (&'a str, Value)>,
    name: &str,
    advice: Option<String>,
) -> Value {
    let entries: Vec<(&str, Value)> = entries.into_iter().collect();
    let keys = || entries.iter().map(|(key, _)| *key);
    let declared = Declared {
        name: name.to_owned(),
        keys: keys().map(Arc::from).collect(),
        advice: Some(advice.unwrap_or_else(|| Declared::list(keys()))),
    };
    closed_value_from_entries(entries, declared)
}

fn map<'a>(entries: impl IntoIterator<Item = (&'a str, Value)>) -> Value {
    // A mapping of the template module, so that a replay can see through it.
    value_from_entries(entries)
}

/// `kubernetes.version` and `kubernetes.has(apiVersion, kind)`.
#[derive(Debug)]
struct Kubernetes {
    version: String,
    kinds: Vec<(String, String)>,
}

impl Object for Kubernetes {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        (key.as_str() == Some("version")).then(|| Value::from(self.version.clone()))
    }

    fn call_method(
        self: &Arc<Self>,
        _state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        if method != "has" {
            return Err(Error::new(
                ErrorKind::UnknownMethod,
                format!("`kubernetes` has no method `{method}`; it has `has(apiVersion, kind)`"),
            ));
        }
        let (version, kind): (&str, Option<&str>) = minijinja::value::from_args(args)?;
        let matches = |v: &str, k: &str| v == version && kind.is_none_or(|kind| kind == k);
        let known = builtin_kinds().any(|(v, k)| matches(v, k))
            || self.kinds.iter().any(|(v, k)| matches(v, k));
        Ok(Value::from(known))
    }
}

/// `files.text(path)`, `files.lines(path)` and `files.glob(pattern)` inside the chart folder.
#[derive(Debug)]
struct Files(BTreeMap<String, Result<Arc<str>, String>>);

impl Files {
    fn text(&self, path: &str) -> Result<&str, Error> {
        let name = path.trim_start_matches("./");
        match self.0.get(name) {
            Some(Ok(text)) => Ok(text),
            Some(Err(message)) => Err(Error::new(ErrorKind::InvalidOperation, message.clone())),
            None => {
                let hint = nearest(name, self.0.keys().map(String::as_str))
                    .map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
                let message = format!("the chart folder holds no file `{path}`{hint}");
                Err(Error::new(ErrorKind::InvalidOperation, message))
            }
        }
    }
}

impl Object for Files {
    fn call_method(
        self: &Arc<Self>,
        _state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        let (argument,): (&str,) = minijinja::value::from_args(args)?;
        match method {
            "text" => Ok(Value::from(self.text(argument)?)),
            "lines" => Ok(self.text(argument)?.lines().map(Value::from).collect()),
            "glob" => {
                let glob =
                    GlobBuilder::new(argument).literal_separator(true).build().map_err(|e| {
                        Error::new(ErrorKind::InvalidOperation, format!("bad pattern: {e}"))
                    })?;
                let glob = glob.compile_matcher();
                self.0
                    .keys()
                    .filter(|name| glob.is_match(name))
                    .map(|name| Ok((name.as_str(), Value::from(self.text(name)?))))
                    .collect::<Result<Vec<_>, Error>>()
                    .map(map)
            }
            _ => Err(Error::new(
                ErrorKind::UnknownMethod,
                format!("`files` has no method `{method}`; it has `text`, `lines` and `glob`"),
            )),
        }
    }
}
