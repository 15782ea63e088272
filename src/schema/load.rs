//! Schema files in, a [`ChartSchema`] out.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;

use indexmap::IndexMap;

use crate::diag::{Diagnostic, Diagnostics, nearest};
use crate::source::{ReadError, Source, SourcePath};
use crate::span::{SourceText, Span};
use crate::yaml::{Kind, Limits, Node, Parse, Reading};

use super::compile::compile;
use super::place::Place;
use super::{values_key, vocabulary};

/// How the files that people write for us are read.
const READING: Parse = Parse {
    reading: Reading::Core,
    limits: Limits { depth: 128, alias_nodes: 100_000 },
    tags: false,
    merge_keys: true,
    duplicate_keys: true,
};

/// Every schema of a chart, checked and compiled.
pub(crate) struct ChartSchema {
    chart: String,
    pub(super) files: Files,
    components: IndexMap<String, Part>,
    keys: BTreeMap<String, String>,
    chart_wide: Part,
}

/// The schema of one component, or of the chart-wide values.
pub(crate) struct Part {
    /// The key its values stand under; `None` for the chart-wide ones.
    pub(crate) key: Option<String>,
    /// Where its schema is, or would be.
    pub(crate) path: SourcePath,
    /// Which file that is; `None` if there is none.
    pub(super) file: Option<usize>,
    pub(crate) validator: Option<jsonschema::Validator>,
}

/// The parsed files, those that only a `$ref` reached included.
#[derive(Default)]
pub(super) struct Files {
    pub(super) all: Vec<SchemaFile>,
    index: BTreeMap<SourcePath, usize>,
}

pub(super) struct SchemaFile {
    pub(super) path: SourcePath,
    pub(super) node: Node,
}

/// One schema: a node and the file that its references are relative to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rule<'a> {
    pub(super) file: usize,
    pub(crate) node: &'a Node,
}

impl fmt::Debug for ChartSchema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChartSchema")
            .field("chart", &self.chart)
            .field("components", &self.components.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

impl Part {
    /// Whether somebody wrote a schema; otherwise no value may be given.
    pub(crate) fn exists(&self) -> bool {
        self.file.is_some()
    }
}

impl ChartSchema {
    /// Reads the schemas of `components` and the chart-wide one from `schemas/<chart>/`. A missing file means that
    /// no values may be given there.
    pub(crate) fn load(
        source: &dyn Source,
        chart: &str,
        components: &[&str],
    ) -> Result<Self, Diagnostics> {
        let dir = SourcePath::new(&format!("schemas/{chart}")).map_err(|error| {
            Diagnostics::from(Diagnostic::error("schema.bad-path", error.to_string()))
        })?;
        let mut loading = Loading {
            source,
            files: Files::default(),
            found: Diagnostics::new(),
            todo: VecDeque::new(),
        };
        let mut parts = IndexMap::new();
        let mut keys: BTreeMap<String, String> = BTreeMap::new();
        for &component in components {
            let key = values_key(component);
            if let Some(other) = keys.insert(key.clone(), component.to_owned()) {
                loading.found.push(
                    Diagnostic::error(
                        "schema.key-clash",
                        format!(
                            "components `{other}` and `{component}` both own the values key `{key}`"
                        ),
                    )
                    .hint("rename one of them"),
                );
            }
            parts.insert(component.to_owned(), loading.part(&dir, component, Some(key)));
        }
        let mut chart_wide = loading.part(&dir, "chart", None);
        loading.follow();
        loading.check();
        let Loading { files, mut found, .. } = loading;
        if found.has_errors() {
            return Err(found.sorted());
        }
        for part in parts.values_mut().chain([&mut chart_wide]) {
            match compile(&files, part) {
                Ok(validator) => part.validator = Some(validator),
                Err(diagnostic) => found.push(diagnostic),
            }
        }
        let mut schema =
            Self { chart: chart.to_owned(), files, components: parts, keys, chart_wide };
        // A component without a schema takes no values, so its key is free for the chart.
        let free: Vec<String> = schema
            .keys
            .iter()
            .filter(|(key, name)| {
                schema.chart_wide_place().own_property(key).is_some()
                    && schema.components.get(*name).is_some_and(|part| !part.exists())
            })
            .map(|(key, _)| key.clone())
            .collect();
        for key in free {
            if let Some(name) = schema.keys.remove(&key) {
                schema.components.shift_remove(&name);
            }
        }
        for (key, part) in &schema.keys {
            if let Some(rule) = schema.chart_wide_place().own_property(key) {
                found.push(
                    Diagnostic::error(
                        "schema.key-clash",
                        format!("the chart-wide key `{key}` belongs to component `{part}`"),
                    )
                    .at(&rule.node.span, "declared as chart-wide here")
                    .hint(format!("move it into `{dir}/{part}.yaml`")),
                );
            }
        }
        found.into_result(schema)
    }

    /// The chart's name.
    pub(crate) fn chart(&self) -> &str {
        &self.chart
    }

    /// The components in the chart's order.
    pub(crate) fn components(&self) -> impl Iterator<Item = (&str, &Part)> {
        self.components.iter().map(|(name, part)| (name.as_str(), part))
    }

    pub(crate) fn chart_wide(&self) -> &Part {
        &self.chart_wide
    }

    /// The component that owns a top-level key.
    pub(crate) fn owner(&self, key: &str) -> Option<&str> {
        self.keys.get(key).map(String::as_str)
    }

    /// Every top-level key that may be given.
    pub(crate) fn top_level_keys(&self) -> Vec<String> {
        let mut keys: Vec<String> = self.chart_wide_place().keys().map(str::to_owned).collect();
        keys.extend(self.keys.keys().cloned());
        keys
    }

    pub(crate) fn place_of(&self, part: &Part) -> Place<'_> {
        match self.rule_of(part) {
            Some(rule) => Place::new(self, [rule]),
            None => Place::nothing(self),
        }
    }

    pub(crate) fn chart_wide_place(&self) -> Place<'_> {
        self.place_of(&self.chart_wide)
    }

    /// What may stand under a top-level key.
    pub(crate) fn top_level(&self, key: &str) -> Option<Place<'_>> {
        match self.keys.get(key).and_then(|component| self.components.get(component)) {
            Some(part) => Some(self.place_of(part)),
            None => self.chart_wide_place().property(key),
        }
    }

    pub(super) fn rule_of(&self, part: &Part) -> Option<Rule<'_>> {
        let file = part.file?;
        Some(Rule { file, node: &self.files.all[file].node })
    }

    /// Follows an evaluation path of the validator (`$ref` hops included) from a part's schema to what is written
    /// there; stops at the last step that somebody wrote.
    pub(crate) fn written_at(&self, part: &Part, path: &[String]) -> Option<Span> {
        let mut rule = self.rule_of(part)?;
        let mut span = rule.node.span.clone();
        for step in path {
            if step == "$ref" {
                let Some(target) = self.files.target(rule) else { break };
                rule = target;
                span = rule.node.span.clone();
                continue;
            }
            match &rule.node.kind {
                Kind::Map(map) => {
                    let Some(entry) = map.entry(step) else { break };
                    span = entry.key_span.to(&entry.value.span);
                    rule = Rule { node: &entry.value, ..rule };
                }
                Kind::List(items) => {
                    let Some(item) = step.parse().ok().and_then(|index: usize| items.get(index))
                    else {
                        break;
                    };
                    span = item.span.clone();
                    rule = Rule { node: item, ..rule };
                }
                _ => break,
            }
        }
        Some(span)
    }
}

impl Files {
    /// Where the `$ref` of a schema leads; `None` without one, or before [`Loading::check`] refused a wrong one.
    pub(super) fn target(&self, rule: Rule<'_>) -> Option<Rule<'_>> {
        let reference = rule.node.get("$ref")?.as_str()?;
        let (file, pointer) = split(reference);
        let file = if file.is_empty() {
            rule.file
        } else {
            *self.index.get(&self.all[rule.file].path.parent().join(file).ok()?)?
        };
        let mut node = &self.all[file].node;
        for step in pointer.split('/').skip(1) {
            let step = step.replace("~1", "/").replace("~0", "~");
            node = match &node.kind {
                Kind::Map(map) => map.get(&step)?,
                Kind::List(items) => items.get(step.parse::<usize>().ok()?)?,
                _ => return None,
            };
        }
        Some(Rule { file, node })
    }
}

fn split(reference: &str) -> (&str, &str) {
    reference.split_once('#').unwrap_or((reference, ""))
}

struct Loading<'a> {
    source: &'a dyn Source,
    files: Files,
    found: Diagnostics,
    todo: VecDeque<usize>,
}

impl Loading<'_> {
    fn part(&mut self, dir: &SourcePath, name: &str, key: Option<String>) -> Part {
        let mut file = None;
        let mut path = dir.clone();
        for extension in ["json", "yaml"] {
            let Ok(candidate) = dir.join(&format!("{name}.{extension}")) else { continue };
            path = candidate.clone();
            match self.source.read(&candidate) {
                Ok(text) => {
                    if file.is_some() {
                        self.found.push(Diagnostic::error(
                            "schema.twice",
                            format!("`{name}` has two schemas: `{name}.json` and `{name}.yaml`"),
                        ));
                    }
                    file = self.add(candidate, &text);
                }
                Err(ReadError::NotFound(_)) => {}
                Err(error) => {
                    self.found.push(Diagnostic::error("schema.unreadable", error.to_string()));
                }
            }
        }
        let path = file.map_or(path, |file| self.files.all[file].path.clone());
        Part { key, path, file, validator: None }
    }

    fn add(&mut self, path: SourcePath, text: &str) -> Option<usize> {
        if let Some(&file) = self.files.index.get(&path) {
            return Some(file);
        }
        match READING.document(&SourceText::new(path.as_str(), text)) {
            Ok(node) => {
                let file = self.files.all.len();
                self.files.index.insert(path.clone(), file);
                self.files.all.push(SchemaFile { path, node });
                self.todo.push_back(file);
                Some(file)
            }
            Err(diagnostics) => {
                self.found.extend(diagnostics);
                None
            }
        }
    }

    /// Reads every file that a `$ref` names.
    fn follow(&mut self) {
        while let Some(file) = self.todo.pop_front() {
            let mut references = Vec::new();
            vocabulary::each_schema(&self.files.all[file].node, &mut |schema| {
                if let Some(node) = schema.get("$ref")
                    && let Some(text) = node.as_str()
                {
                    references.push((text.to_owned(), node.span.clone()));
                }
            });
            let dir = self.files.all[file].path.parent();
            for (reference, span) in references {
                let (name, _) = split(&reference);
                if name.is_empty() {
                    continue;
                }
                if name.contains(':') || name.starts_with("//") {
                    self.found.push(
                        Diagnostic::error(
                            "schema.remote-ref",
                            format!("`{reference}` is no file of this repository"),
                        )
                        .at(&span, "nothing is ever fetched")
                        .hint("keep a copy in the repository and refer to it by a relative path"),
                    );
                    continue;
                }
                match dir.join(name) {
                    Ok(path) => match self.source.read(&path) {
                        Ok(text) => {
                            self.add(path, &text);
                        }
                        Err(error) => self.found.push(
                            Diagnostic::error("schema.unknown-ref", error.to_string())
                                .at(&span, "referred to here"),
                        ),
                    },
                    Err(error) => self.found.push(
                        Diagnostic::error("schema.unknown-ref", error.to_string())
                            .at(&span, "referred to here"),
                    ),
                }
            }
        }
    }

    /// Checks every file against the meta-schema and our own list of keywords, and every `$ref` for a target.
    fn check(&mut self) {
        let broken_refs = self.found.has_errors();
        for (index, file) in self.files.all.iter().enumerate() {
            vocabulary::check(&file.node, &mut self.found);
            if broken_refs {
                continue;
            }
            let mut wrong = Vec::new();
            vocabulary::each_schema(&file.node, &mut |schema| {
                let rule = Rule { file: index, node: schema };
                if let Some(reference) = schema.get("$ref")
                    && reference.as_str().is_some()
                {
                    match self.files.target(rule) {
                        None => wrong.push(unknown_ref(&self.files, rule, reference)),
                        Some(_) if vocabulary::refers_to_itself(&self.files, rule) => wrong.push(
                            Diagnostic::error(
                                "schema.ref-cycle",
                                "a schema that is defined by itself",
                            )
                            .at(&reference.span, "leads back here")
                            .hint("a schema may contain itself only below a property or an item"),
                        ),
                        Some(_) => {}
                    }
                }
            });
            self.found.extend(wrong);
        }
        if self.found.has_errors() {
            return;
        }
        // Only now is it certain that no schema leads back to itself.
        let mut known = BTreeMap::new();
        for (index, file) in self.files.all.iter().enumerate() {
            let mut first = None;
            vocabulary::each_schema(&file.node, &mut |schema| {
                let rule = Rule { file: index, node: schema };
                if first.is_none() && vocabulary::is_too_complex(&self.files, rule, &mut known) {
                    first = Some(schema.span.clone());
                }
            });
            if let Some(span) = first {
                self.found.push(
                    Diagnostic::error(
                        "schema.too-complex",
                        "too many schemas judge the same value",
                    )
                    .at(&span, "this one"),
                );
            }
        }
    }
}

fn unknown_ref(files: &Files, rule: Rule<'_>, reference: &Node) -> Diagnostic {
    let text = reference.as_str().unwrap_or("");
    let (name, pointer) = split(text);
    let target = rule.node.get("$ref").map(|_| {
        if name.is_empty() {
            Some(rule.file)
        } else {
            files.all[rule.file]
                .path
                .parent()
                .join(name)
                .ok()
                .and_then(|path| files.index.get(&path).copied())
        }
    });
    let definitions: Vec<&str> = target
        .flatten()
        .and_then(|file| files.all[file].node.get("$defs")?.as_map())
        .map(|map| map.keys().collect())
        .unwrap_or_default();
    let last = pointer.rsplit('/').next().unwrap_or("");
    Diagnostic::error("schema.unknown-ref", format!("`{text}` leads nowhere"))
        .at(&reference.span, "referred to here")
        .hint_opt(
            nearest(last, definitions).map(|near| format!("did you mean `{name}#/$defs/{near}`?")),
        )
}
