//! Schema files in, a [`ChartSchema`] out.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use indexmap::IndexMap;

use crate::diag::{Diagnostic, Diagnostics};
use crate::source::{Source, SourcePath};
use crate::span::Span;
use crate::yaml::Kind;

use super::accept::{Acceptor, Instance, Question, Shown};
use super::compile::Compiler;
use super::files::{Files, Part, Rule};
use super::place::{Place, Places};
use super::read::Loading;
use super::values_key;

/// Every schema of a chart, checked and compiled.
pub(crate) struct ChartSchema {
    chart: String,
    pub(super) files: Files,
    components: IndexMap<String, Part>,
    keys: BTreeMap<String, String>,
    chart_wide: Part,
    acceptor: Acceptor,
    compiler: Mutex<Compiler>,
}

impl fmt::Debug for ChartSchema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChartSchema")
            .field("chart", &self.chart)
            .field("components", &self.components.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

impl<'a> Places<'a> {
    /// Where the values of a part stand.
    pub(crate) fn of(&self, part: &Part) -> Place<'a> {
        self.at(self.schema().rule_of(part))
    }

    /// What may stand under a top-level key.
    pub(crate) fn top_level(&self, key: &str) -> Option<Place<'a>> {
        let schema = self.schema();
        match schema.keys.get(key).and_then(|component| schema.components.get(component)) {
            Some(part) => Some(self.of(part)),
            None => self.of(&schema.chart_wide).property(key),
        }
    }
}

impl ChartSchema {
    /// Whether any schema may use a keyword; that is, whether the word occurs.
    pub(crate) fn mentions(&self, keyword: &str) -> bool {
        let mut files = self.files.all.iter();
        files.any(|file| file.node.span.source().is_none_or(|text| text.text().contains(keyword)))
    }

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
        let chart_wide = loading.part(&dir, "chart", None);
        loading.follow();
        loading.check();
        let Loading { files, mut found, .. } = loading;
        if found.has_errors() {
            return Err(found.sorted());
        }
        let mut acceptor = Acceptor::default();
        let mut compiler = Compiler::default();
        for part in parts.values().chain([&chart_wide]) {
            if let Some(file) = part.file {
                acceptor.add(&files, Rule { file, node: &files.all[file].node });
            }
        }
        // Nothing else can be wrong with a schema that the meta-schema accepts.
        if acceptor.has_bad_pattern {
            for part in parts.values().chain([&chart_wide]) {
                found.extend(compiler.compile(&files, part).err());
            }
        }
        let mut schema = Self {
            chart: chart.to_owned(),
            files,
            components: parts,
            keys,
            chart_wide,
            acceptor,
            compiler: Mutex::new(compiler),
        };
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
        Places::new(self).of(part)
    }

    pub(crate) fn chart_wide_place(&self) -> Place<'_> {
        self.place_of(&self.chart_wide)
    }

    /// What may stand under a top-level key.
    pub(crate) fn top_level(&self, key: &str) -> Option<Place<'_>> {
        Places::new(self).top_level(key)
    }

    /// Whether it is certain that the validator of a part would find nothing.
    pub(crate) fn accepts<T: Instance>(&self, part: &Part, value: &T, question: Question) -> bool {
        match self.rule_of(part) {
            Some(rule) => self.acceptor.accepts(rule, value, question),
            None => matches!(value.show(), Shown::Map(map) if map.is_empty()),
        }
    }

    /// The validator of a part, compiled when it is first asked for.
    pub(crate) fn validator(&self, part: &Part) -> Result<Arc<jsonschema::Validator>, Diagnostic> {
        let mut compiler = self.compiler.lock().unwrap_or_else(PoisonError::into_inner);
        compiler.compile(&self.files, part)
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
