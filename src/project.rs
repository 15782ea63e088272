//! `plimsoll.yaml`: which releases there are, and which of them a command is about.

use std::collections::{BTreeMap, BTreeSet};

use globset::GlobBuilder;

use crate::accept::{Acceptance, read_acceptance};
use crate::diag::{Diagnostic, Diagnostics, nearest};
use crate::fields::{Fields, expected, is_dns_label, is_dns_subdomain};
use crate::source::{ReadError, Source, SourcePath};
use crate::span::{SourceText, Span};
use crate::yaml::{Kind, Parse};

/// The Kubernetes version that a project without `kubernetes:` is rendered for.
pub(crate) const DEFAULT_KUBERNETES: &str = "1.34";

/// The name of the project file.
pub(crate) const PROJECT_FILE: &str = "plimsoll.yaml";

/// The project file, read and checked.
#[derive(Clone, Debug, Default)]
pub struct Project {
    releases: Vec<Release>,
}

/// A chart with its layers, a name and a namespace.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Release {
    /// The name: parts joined by `/`, each an RFC 1123 subdomain.
    pub name: String,
    /// The chart folder below `charts/`.
    pub chart: String,
    /// The namespace that templates see as `release.namespace`.
    pub namespace: String,
    /// Values files, lowest first.
    pub layers: Vec<SourcePath>,
    /// What `-l key=value` selects by.
    pub labels: BTreeMap<String, String>,
    /// The cluster it lives on, when it shares one with other releases.
    pub cluster: Option<String>,
    /// The Kubernetes version, such as `1.34`.
    pub kubernetes: String,
    /// Warnings that are fine here.
    pub(crate) accept: Vec<Acceptance>,
    pub(crate) span: Span,
    pub(crate) chart_span: Span,
    pub(crate) layer_spans: Vec<Span>,
}

impl Release {
    /// A release that no project file lists: a chart folder rendered by itself.
    #[must_use]
    pub fn of_chart(chart: &str) -> Self {
        Self {
            name: chart.to_owned(),
            chart: chart.to_owned(),
            namespace: "default".to_owned(),
            layers: Vec::new(),
            labels: BTreeMap::new(),
            cluster: None,
            kubernetes: DEFAULT_KUBERNETES.to_owned(),
            accept: Vec::new(),
            span: Span::default(),
            chart_span: Span::default(),
            layer_spans: Vec::new(),
        }
    }

    /// The name as a label value, where `/` may not stand.
    pub(crate) fn instance(&self) -> String {
        self.name.replace('/', "-")
    }
}

/// Reads a text of the project and names it by its path.
pub(crate) fn read_text(source: &dyn Source, path: &SourcePath) -> Result<SourceText, ReadError> {
    Ok(SourceText::new(path.as_str(), source.read(path)?))
}

impl Project {
    /// Reads `plimsoll.yaml`; a project without that file has no releases.
    ///
    /// # Errors
    /// What is wrong in the file.
    pub fn load(source: &dyn Source) -> Result<Self, Diagnostics> {
        let path = SourcePath::new(PROJECT_FILE).unwrap_or_else(|_| SourcePath::root());
        let text = match read_text(source, &path) {
            Ok(text) => text,
            Err(ReadError::NotFound(_)) => return Ok(Self::default()),
            Err(error) => {
                return Err(Diagnostic::error("file.unreadable", error.to_string()).into());
            }
        };
        let node = Parse::strict().document(&text)?;
        let mut found = Diagnostics::new();
        let mut project = Self::default();
        let known = ["apiVersion", "kind", "kubernetes", "releases"];
        if let Some(fields) = Fields::of(&node, "the project file", &known, &mut found) {
            fields.header("Project", &mut found);
            let kubernetes = version(&fields, &mut found);
            for item in fields.list("releases", &mut found) {
                let Some(release) = read_release(item, kubernetes.as_deref(), &mut found) else {
                    continue;
                };
                if let Some(first) = project.releases.iter().find(|r| r.name == release.name) {
                    let message = format!("two releases are named `{}`", release.name);
                    found.push(
                        Diagnostic::error("project.duplicate-release", message)
                            .at(&release.span, "the second one")
                            .at(&first.span, "the first one"),
                    );
                }
                project.releases.push(release);
            }
        }
        found.into_result(project)
    }

    /// All releases in the file's order.
    #[must_use]
    pub fn releases(&self) -> &[Release] {
        &self.releases
    }

    /// The releases that a command is about: `targets` are names, globs over names (`*` does not cross `/`,
    /// `**` does) or chart folders; `labels` (`key=value`) narrow them. Neither means all.
    ///
    /// # Errors
    /// A target that matches nothing, with the nearest name.
    pub fn select(
        &self,
        source: &dyn Source,
        targets: &[String],
        labels: &[(String, String)],
    ) -> Result<Vec<Release>, Diagnostics> {
        let has_labels = |release: &Release| {
            labels.iter().all(|(key, value)| release.labels.get(key) == Some(value))
        };
        if targets.is_empty() {
            let chosen: Vec<_> = self.releases.iter().filter(|r| has_labels(r)).cloned().collect();
            return if chosen.is_empty() { Err(self.nothing(labels).into()) } else { Ok(chosen) };
        }
        let mut chosen: Vec<Release> = Vec::new();
        let mut found = Diagnostics::new();
        for target in targets {
            let matching = self.matching(source, target);
            if matching.is_empty() {
                found.push(self.no_target(source, target));
            }
            for release in matching.into_iter().filter(has_labels) {
                if !chosen.iter().any(|known| known.name == release.name) {
                    chosen.push(release);
                }
            }
        }
        if found.is_empty() && chosen.is_empty() {
            found.push(self.nothing(labels));
        }
        found.into_result(chosen)
    }

    fn matching(&self, source: &dyn Source, target: &str) -> Vec<Release> {
        if let Some(release) = self.releases.iter().find(|release| release.name == target) {
            return vec![release.clone()];
        }
        if target.contains(['*', '?', '[', '{']) {
            let Ok(glob) = GlobBuilder::new(target).literal_separator(true).build() else {
                return Vec::new();
            };
            let glob = glob.compile_matcher();
            return self.releases.iter().filter(|r| glob.is_match(&r.name)).cloned().collect();
        }
        chart_folder(source, target).map(|chart| Release::of_chart(&chart)).into_iter().collect()
    }

    fn no_target(&self, source: &dyn Source, target: &str) -> Diagnostic {
        let names = || self.releases.iter().map(|release| release.name.as_str());
        let message = format!("no release or chart folder matches `{target}`");
        let inside: Vec<_> =
            names().filter(|name| name.starts_with(&format!("{target}/"))).collect();
        Diagnostic::error("project.no-such-release", message).hint(if !inside.is_empty() {
            format!("did you mean `{target}/*` or one of {}?", inside.join(", "))
        } else if let Some(near) = nearest(target, names()) {
            format!("did you mean `{near}`?")
        } else if let Some(near) = near_chart(source, target) {
            format!("did you mean `{near}`?")
        } else if self.releases.is_empty() {
            format!("there are no releases: no `{PROJECT_FILE}` with `releases:` in this folder")
        } else {
            format!("releases: {}", names().collect::<Vec<_>>().join(", "))
        })
    }

    fn nothing(&self, labels: &[(String, String)]) -> Diagnostic {
        if self.releases.is_empty() {
            return Diagnostic::error("project.no-releases", "there is nothing to do: no releases")
                .hint(format!("list releases in `{PROJECT_FILE}`, or name a chart folder"));
        }
        let wanted: Vec<_> = labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
        let message = format!("no release has the labels {}", wanted.join(","));
        Diagnostic::error("project.no-such-release", message).hint(self.known_labels(labels))
    }

    /// The values that the wanted keys have, or the keys that there are.
    fn known_labels(&self, wanted: &[(String, String)]) -> String {
        let all = || self.releases.iter().flat_map(|release| &release.labels);
        let listed = |words: BTreeSet<String>| words.into_iter().collect::<Vec<_>>().join(", ");
        let known: BTreeSet<String> = all()
            .filter(|(key, _)| wanted.iter().any(|(wanted, _)| wanted == *key))
            .map(|(key, value)| format!("{key}={value}"))
            .collect();
        if !known.is_empty() {
            return format!("there are {}", listed(known));
        }
        let keys: BTreeSet<String> = all().map(|(key, _)| key.clone()).collect();
        if keys.is_empty() {
            return "no release has `labels:` in the project file".to_owned();
        }
        format!("labels are {}", listed(keys))
    }
}

/// The chart that a path such as `charts/web`, `charts/web/` or `web` names.
fn chart_folder(source: &dyn Source, target: &str) -> Option<String> {
    let path = SourcePath::new(target).ok()?;
    let name = path.as_str().strip_prefix("charts/").unwrap_or(path.as_str());
    let file = SourcePath::new(&format!("charts/{name}/chart.yaml")).ok()?;
    (!name.is_empty() && source.read(&file).is_ok()).then(|| name.to_owned())
}

/// The chart folder that was meant.
fn near_chart(source: &dyn Source, target: &str) -> Option<String> {
    let folder = SourcePath::new("charts").ok()?;
    let files = source.list(&folder).ok()?;
    let charts: Vec<&str> =
        files.iter().filter_map(|path| path.as_str().strip_suffix("/chart.yaml")).collect();
    let near = |prefix: &str| {
        let target = target.trim_end_matches('/');
        let names = charts.iter().filter_map(|chart| chart.strip_prefix(prefix));
        nearest(target.strip_prefix(prefix).unwrap_or(target), names)
    };
    near("charts/").map(|name| format!("charts/{name}"))
}

fn version(fields: &Fields<'_>, found: &mut Diagnostics) -> Option<String> {
    let (text, span) = fields.text("kubernetes", found)?;
    if !is_kubernetes_version(&text) {
        found.push(
            Diagnostic::error("project.version", format!("`{text}` is no Kubernetes version"))
                .at(&span, "")
                .hint("write it as `\"1.34\"`"),
        );
    }
    Some(text)
}

/// A release's name also becomes a label and a folder.
pub(crate) fn check_release_name(name: &str) -> Result<(), Diagnostic> {
    if name.len() <= 63 && name.split('/').all(is_dns_subdomain) {
        return Ok(());
    }
    Err(Diagnostic::error("project.release-name", format!("`{name}` is no release name"))
        .hint("lowercase letters, digits, `-` and `.`, parts joined by `/`, at most 63 characters"))
}

pub(crate) fn check_namespace(name: &str) -> Result<(), Diagnostic> {
    if is_dns_label(name) {
        return Ok(());
    }
    Err(Diagnostic::error("project.namespace", format!("`{name}` is no namespace"))
        .hint("lowercase letters, digits and `-`, at most 63 characters"))
}

/// `1.34`, `v1.34` or `1.34.2`.
pub(crate) fn is_kubernetes_version(text: &str) -> bool {
    let mut parts = text.trim_start_matches('v').split('.');
    let number = |part: Option<&str>| {
        part.is_some_and(|p| !p.is_empty() && p.len() < 5 && p.bytes().all(|b| b.is_ascii_digit()))
    };
    number(parts.next())
        && number(parts.next())
        && parts.next().is_none_or(|part| number(Some(part)))
        && parts.next().is_none()
}

fn read_release(
    item: &crate::yaml::Node,
    kubernetes: Option<&str>,
    found: &mut Diagnostics,
) -> Option<Release> {
    let known =
        ["name", "chart", "namespace", "layers", "labels", "cluster", "kubernetes", "accept"];
    let fields = Fields::of(item, "a release", &known, found)?;
    let (name, name_span) = fields.required("name", found)?;
    let (chart, chart_span) = fields.required("chart", found)?;
    found.extend(check_release_name(&name).err().map(|finding| finding.at(&name_span, "")));
    let namespace = fields.text("namespace", found);
    if let Some((text, span)) = &namespace {
        found.extend(check_namespace(text).err().map(|finding| finding.at(span, "")));
    }
    let mut layers = Vec::new();
    let mut layer_spans = Vec::new();
    for layer in fields.list("layers", found) {
        match layer.as_str().map(SourcePath::new) {
            Some(Ok(path)) => {
                layers.push(path);
                layer_spans.push(layer.span.clone());
            }
            Some(Err(error)) => {
                found.push(Diagnostic::error("file.path", error.to_string()).at(&layer.span, ""));
            }
            None => found.push(expected(layer, "a layer", "a path")),
        }
    }
    let mut labels = BTreeMap::new();
    for entry in fields.map("labels", found).iter().flat_map(|map| &map.entries) {
        match &entry.value.kind {
            Kind::String(text) => {
                labels.insert(entry.key.text.to_string(), text.text.to_string());
            }
            Kind::Bool(_) | Kind::Number(_) => {
                labels.insert(entry.key.text.to_string(), entry.value.span.text().to_owned());
            }
            _ => found.push(expected(&entry.value, "a label", "a string")),
        }
    }
    let accept = fields.list("accept", found).iter();
    let accept = accept.filter_map(|item| read_acceptance(item, found)).collect();
    Some(Release {
        name,
        chart,
        namespace: namespace.map_or_else(|| "default".to_owned(), |(text, _)| text),
        layers,
        labels,
        cluster: fields.text("cluster", found).map(|(text, _)| text),
        kubernetes: version(&fields, found)
            .or_else(|| kubernetes.map(str::to_owned))
            .unwrap_or_else(|| DEFAULT_KUBERNETES.to_owned()),
        accept,
        span: name_span,
        chart_span,
        layer_spans,
    })
}
