//! `charts/<chart>/chart.yaml` and the templates beside it.

use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::IndexMap;

use crate::accept::{Acceptance, read_acceptance};
use crate::diag::{Diagnostic, Diagnostics, nearest};
use crate::fields::{Fields, expected, is_dns_label};
use crate::project::read_text;
use crate::source::{ReadError, Source, SourcePath};
use crate::span::{SourceText, Span};
use crate::yaml::{Kind, Node, Parse};

use super::external::{External, read_external};
use super::rule::{Rule, read_rule};
use super::upgrade::{Upgrade, read_upgrade};

/// A chart, read and checked; its expressions are not evaluated yet.
#[derive(Debug)]
pub(crate) struct Chart {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) app_version: Option<String>,
    /// A semver range of Kubernetes versions that it renders for, such as `>=1.25`.
    pub(crate) kubernetes: Option<(semver::VersionReq, Span)>,
    /// Gives `release.namespace`; none means the release's own.
    pub(crate) namespace: Option<Expression>,
    /// In the file's order.
    pub(crate) components: IndexMap<String, Component>,
    pub(crate) rules: Vec<Rule>,
    /// What somebody else puts into the cluster.
    pub(crate) external: Vec<External>,
    /// Warnings that are fine in each of its releases.
    pub(crate) accept: Vec<Acceptance>,
    /// In which phases its releases are upgraded, if it says so.
    pub(crate) upgrade: Option<Upgrade>,
    /// `_*.yaml.j2` and every template of a component, by the name that `import` uses.
    pub(crate) templates: BTreeMap<String, SourceText>,
    /// Other files of the chart folder, for `files.text`.
    pub(crate) files: BTreeMap<String, Result<Arc<str>, String>>,
}

/// A part with its templates, schema and needs.
#[derive(Debug)]
pub(crate) struct Component {
    pub(crate) name: String,
    /// Over the whole values tree; absent means always.
    pub(crate) enabled: Option<Expression>,
    pub(crate) needs: Vec<Need>,
    /// Over the whole values tree: what it knows of components it does not come after.
    pub(crate) inputs: Vec<(String, Expression)>,
    pub(crate) exports: Vec<(String, Expression)>,
    /// The names of its templates, sorted.
    pub(crate) templates: Vec<String>,
}

/// What a component must come after and may read the exports of.
#[derive(Debug)]
pub(crate) struct Need {
    pub(crate) component: String,
    /// Contracted rather than refused when the other one is off.
    pub(crate) optional: bool,
    pub(crate) span: Span,
}

/// A Jinja expression with its place.
#[derive(Clone, Debug)]
pub(crate) struct Expression {
    pub(crate) text: String,
    pub(crate) span: Span,
}

const KNOWN: [&str; 13] = [
    "apiVersion",
    "kind",
    "name",
    "version",
    "appVersion",
    "description",
    "kubernetes",
    "namespace",
    "components",
    "rules",
    "external",
    "accept",
    "upgrade",
];

impl Chart {
    /// Reads the chart in `charts/<name>`.
    pub(crate) fn load(source: &dyn Source, name: &str, at: &Span) -> Result<Self, Diagnostics> {
        let missing = |message: String| Diagnostic::error("chart.missing", message).at(at, "");
        let folder = SourcePath::new(&format!("charts/{name}"))
            .map_err(|error| missing(error.to_string()))?;
        let path = folder.join("chart.yaml").map_err(|error| missing(error.to_string()))?;
        let text = read_text(source, &path).map_err(|error| match error {
            ReadError::NotFound(_) => missing(format!("there is no chart `{name}`: no `{path}`"))
                .hint_opt(near_chart(source, name).map(|near| format!("did you mean `{near}`?"))),
            error => missing(error.to_string()),
        })?;
        let node = Parse::strict().document(&text)?;
        let mut found = Diagnostics::new();
        let Some(fields) = Fields::of(&node, "the chart", &KNOWN, &mut found) else {
            return Err(found);
        };
        fields.header("Chart", &mut found);
        let own = fields.required("name", &mut found);
        if let Some((own, span)) = &own
            && own != name.rsplit('/').next().unwrap_or(name)
        {
            found.push(
                Diagnostic::error(
                    "chart.name",
                    format!("the chart in `{folder}` is named `{own}`"),
                )
                .at(span, "")
                .hint(format!("write `name: {name}` or rename the folder")),
            );
        }
        let mut chart = Self {
            name: name.to_owned(),
            version: fields.required("version", &mut found).map(|(t, _)| t).unwrap_or_default(),
            app_version: fields.text("appVersion", &mut found).map(|(text, _)| text),
            kubernetes: read_range(&fields, &mut found),
            namespace: read_expression(fields.get("namespace"), &mut found),
            components: IndexMap::new(),
            rules: Vec::new(),
            external: Vec::new(),
            accept: Vec::new(),
            upgrade: None,
            templates: BTreeMap::new(),
            files: BTreeMap::new(),
        };
        for entry in fields.map("components", &mut found).iter().flat_map(|map| &map.entries) {
            let component =
                read_component(&entry.key.text, &entry.key_span, &entry.value, &mut found);
            chart.components.insert(entry.key.text.to_string(), component);
        }
        if chart.components.is_empty() && !found.has_errors() {
            found.push(
                Diagnostic::error("chart.empty", format!("the chart `{name}` has no components"))
                    .at(&node.span, ""),
            );
        }
        for item in fields.list("rules", &mut found) {
            let rule = read_rule(item, &chart.rules, &mut found);
            chart.rules.extend(rule);
        }
        for item in fields.list("external", &mut found) {
            chart.external.extend(read_external(item, &mut found));
        }
        let accept = fields.list("accept", &mut found).iter();
        chart.accept = accept.filter_map(|item| read_acceptance(item, &mut found)).collect();
        if let Some(node) = fields.get("upgrade") {
            let names: Vec<&str> = chart.components.keys().map(String::as_str).collect();
            chart.upgrade = read_upgrade(node, &names, &mut found);
        }
        chart.check_needs(&mut found);
        chart.collect_files(source, &folder, &mut found);
        found.into_result(chart)
    }

    /// Whether expressions decide which components are on, or where.
    pub(crate) fn has_switches(&self) -> bool {
        self.namespace.is_some()
            || self.components.values().any(|component| component.enabled.is_some())
    }

    /// Whether expressions over the whole values tree are evaluated once it is checked.
    pub(crate) fn asks_about_all(&self) -> bool {
        !self.rules.is_empty()
            || self.upgrade.is_some()
            || self.external.iter().any(External::asks)
            || self.components.values().any(|component| !component.inputs.is_empty())
    }

    fn check_needs(&self, found: &mut Diagnostics) {
        for (name, component) in &self.components {
            for need in &component.needs {
                if !self.components.contains_key(&need.component) {
                    let message =
                        format!("`{name}` needs `{}`, which is no component", need.component);
                    let near = nearest(&need.component, self.components.keys().map(String::as_str));
                    found.push(
                        Diagnostic::error("chart.unknown-need", message)
                            .at(&need.span, "")
                            .hint_opt(near.map(|near| format!("did you mean `{near}`?"))),
                    );
                }
            }
        }
    }

    /// Sorts what lies in the chart folder into templates of components, shared macros and other files.
    fn collect_files(&mut self, source: &dyn Source, folder: &SourcePath, found: &mut Diagnostics) {
        let paths = match source.list(folder) {
            Ok(paths) => paths,
            Err(error) => {
                found.push(Diagnostic::error("file.unreadable", error.to_string()));
                return;
            }
        };
        let mut strays: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for path in paths {
            let Some(name) = path.strip_prefix(folder).map(str::to_owned) else { continue };
            let (dir, file) = name.rsplit_once('/').unwrap_or(("", &name));
            let is_template = file.ends_with(".yaml.j2") || file.ends_with(".yml.j2");
            let is_plain = file.ends_with(".yaml") || file.ends_with(".yml");
            let component = self.components.get_mut(dir);
            if is_template || (is_plain && component.is_some()) {
                match read_text(source, &path) {
                    Ok(text) => {
                        self.templates.insert(name.clone(), text);
                    }
                    Err(error) => {
                        found.push(Diagnostic::error("file.unreadable", error.to_string()));
                    }
                }
                match component {
                    Some(component) if !file.starts_with('_') => component.templates.push(name),
                    None if is_template && !file.starts_with('_') => {
                        strays.entry(dir.to_owned()).or_default().push(path.to_string());
                    }
                    _ => {}
                }
            } else if component.is_some() && looks_like_template(file) {
                found.push(
                    Diagnostic::error(
                        "chart.template-name",
                        format!("`{path}` looks like a template, but its name does not end in `.yaml.j2`"),
                    )
                    .hint(format!("call it `{}.yaml.j2`", stem(file))),
                );
            } else if name != "chart.yaml" {
                let text = source.read(&path).map_err(|error| error.to_string());
                self.files.insert(name, text);
            }
        }
        // Without components everything is astray, and something else is wrong.
        if !self.components.is_empty() {
            found.extend(strays.iter().map(|(dir, paths)| self.stray(folder, dir, paths)));
        }
    }

    /// Templates in a folder that is no component's.
    fn stray(&self, folder: &SourcePath, dir: &str, paths: &[String]) -> Diagnostic {
        let inside = dir.split_once('/').filter(|(first, _)| self.components.contains_key(*first));
        let message = match paths {
            [path] => format!("`{path}` belongs to no component"),
            _ => {
                format!("the {} templates in `{folder}/{dir}` belong to no component", paths.len())
            }
        };
        let near = nearest(dir, self.components.keys().map(String::as_str));
        Diagnostic::error("chart.stray-template", message).hint(match near {
            _ if inside.is_some() => {
                "templates lie in the folder of their component, not below it".to_owned()
            }
            Some(near) => format!("did you mean the component `{near}`?"),
            None => "list the component in chart.yaml, or start the file's name with `_` if it holds macros".to_owned(),
        })
    }
}

/// The endings of templates elsewhere; a file with one of them would be passed over in silence.
fn looks_like_template(file: &str) -> bool {
    let ending = file.rsplit_once('.').map_or("", |(_, ending)| ending);
    let is_engine = matches!(ending, "j2" | "j" | "jinja" | "jinja2" | "tpl" | "gotmpl" | "tmpl");
    // Other programs have templates, too: `slack.tmpl` may be meant as it is.
    is_engine
        && (ending.starts_with('j')
            || ending == "tpl"
            || file.contains(".yaml.")
            || file.contains(".yml."))
}

/// A file's name up to its first dot.
fn stem(file: &str) -> &str {
    file.split_once('.').map_or(file, |(stem, _)| stem)
}

fn near_chart(source: &dyn Source, name: &str) -> Option<String> {
    let root = SourcePath::new("charts").ok()?;
    let files = source.list(&root).ok()?;
    let names: Vec<_> = files
        .iter()
        .filter_map(|path| path.strip_prefix(&root)?.strip_suffix("/chart.yaml"))
        .collect();
    nearest(name, names).map(str::to_owned)
}

fn read_range(fields: &Fields<'_>, found: &mut Diagnostics) -> Option<(semver::VersionReq, Span)> {
    let (text, span) = fields.text("kubernetes", found)?;
    match semver::VersionReq::parse(&text) {
        Ok(range) => Some((range, span)),
        Err(error) => {
            found.push(
                Diagnostic::error(
                    "chart.version-range",
                    format!("`{text}` is no version range: {error}"),
                )
                .at(&span, "")
                .hint("write it as `\">=1.25\"`"),
            );
            None
        }
    }
}

pub(super) fn read_expression(node: Option<&Node>, found: &mut Diagnostics) -> Option<Expression> {
    let node = node?;
    let text = match &node.kind {
        Kind::String(text) => text.text.to_string(),
        Kind::Bool(value) => value.to_string(),
        Kind::Number(number) => number.to_string(),
        _ => {
            found.push(expected(node, "an expression", "a string"));
            return None;
        }
    };
    Some(Expression { text, span: node.span.clone() })
}

fn read_component(name: &str, span: &Span, node: &Node, found: &mut Diagnostics) -> Component {
    let mut component = Component {
        name: name.to_owned(),
        enabled: None,
        needs: Vec::new(),
        inputs: Vec::new(),
        exports: Vec::new(),
        templates: Vec::new(),
    };
    if !is_dns_label(name) {
        found.push(
            Diagnostic::error("chart.component-name", format!("`{name}` is no component name"))
                .at(span, "")
                .hint("lowercase letters, digits and `-`, at most 63 characters"),
        );
    }
    if matches!(node.kind, Kind::Null) {
        return component;
    }
    let what = format!("component `{name}`");
    let known = ["description", "enabled", "needs", "inputs", "exports"];
    let Some(fields) = Fields::of(node, &what, &known, found) else { return component };
    fields.text("description", found);
    component.enabled = read_expression(fields.get("enabled"), found);
    for item in fields.list("needs", found) {
        let (target, optional) = match &item.kind {
            Kind::Map(_) => {
                let Some(fields) = Fields::of(item, "a need", &["name", "optional"], found) else {
                    continue;
                };
                let optional = match fields.get("optional").map(|node| (&node.kind, node)) {
                    None => false,
                    Some((Kind::Bool(value), _)) => *value,
                    Some((_, node)) => {
                        found.push(expected(node, "`optional`", "true or false"));
                        false
                    }
                };
                (fields.required("name", found).map(|(text, _)| text), optional)
            }
            Kind::String(text) => (Some(text.text.to_string()), false),
            _ => {
                found.push(expected(item, "a need", "a component name"));
                continue;
            }
        };
        if let Some(target) = target {
            component.needs.push(Need { component: target, optional, span: item.span.clone() });
        }
    }
    component.inputs = read_named(&fields, "inputs", found);
    component.exports = read_named(&fields, "exports", found);
    component
}

fn read_named(
    fields: &Fields<'_>,
    key: &str,
    found: &mut Diagnostics,
) -> Vec<(String, Expression)> {
    let mut named = Vec::new();
    for entry in fields.map(key, found).iter().flat_map(|map| &map.entries) {
        if let Some(expression) = read_expression(Some(&entry.value), found) {
            named.push((entry.key.text.to_string(), expression));
        }
    }
    named
}
