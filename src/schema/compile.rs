//! Schema files in, a validator out.
//!
//! Every schema that a `$ref` leads to becomes a definition of one self-contained document. On the way objects are
//! closed: a schema that lists `properties` refuses all others unless it says otherwise. A schema that is only a part
//! of another one (a branch of `allOf`, `oneOf`, `if`, or the target of a `$ref` inside such a part) must not refuse
//! what its siblings allow, so it stays open and the whole is closed instead, by `unevaluatedProperties`. The same
//! definition may be used both ways, and then exists twice.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use serde_json::{Map, Value as Json, json};

use crate::diag::Diagnostic;
use crate::span::Span;
use crate::yaml::{Kind, Node};

use super::files::{Files, Part, Rule};
use super::formats::FORMATS;
use super::to_json;
use super::vocabulary::{LISTS, MAPS, SINGLE, each_schema, in_place};

/// Keywords whose schemas judge the same value as the schema they stand in.
const BRANCHES: [&str; 8] =
    ["allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas"];

/// Keywords that only people and editors read, beside those that begin with `x-`. Defaults are filled in elsewhere.
const ANNOTATIONS: [&str; 11] = [
    "title",
    "description",
    "$comment",
    "default",
    "examples",
    "deprecated",
    "readOnly",
    "writeOnly",
    "markdownDescription",
    "errorMessage",
    "defaultSnippets",
];

/// Makes validators. Compiling is the dearest step of reading a schema, and the components of a chart often share
/// their rules by a `$ref`, so schemas that come to the same document get the same validator.
#[derive(Default)]
pub(super) struct Compiler {
    known: BTreeMap<String, Arc<jsonschema::Validator>>,
}

/// The first `pattern` of this text.
fn pattern(files: &Files, wanted: &str) -> Option<(String, Span)> {
    let mut found = None;
    for file in &files.all {
        each_schema(&file.node, &mut |schema| {
            let pattern = schema.get("pattern").filter(|node| node.as_str() == Some(wanted));
            found = found.take().or_else(|| Some((wanted.to_owned(), pattern?.span.clone())));
        });
    }
    found
}

impl Compiler {
    /// Compiles the schema of a part. Without a file nothing may be given.
    pub(super) fn compile(
        &mut self,
        files: &Files,
        part: &Part,
    ) -> Result<Arc<jsonschema::Validator>, Diagnostic> {
        let document = match part.file {
            Some(file) => Document::new(files).build(Rule { file, node: &files.all[file].node }),
            None => json!({ "type": "object", "additionalProperties": false }),
        };
        let text = document.to_string();
        if let Some(validator) = self.known.get(&text) {
            return Ok(Arc::clone(validator));
        }
        let validator = options().build(&document).map_err(|error| {
            let diagnostic = Diagnostic::error(
                "schema.invalid",
                format!("`{}` is not valid: {error}", part.path),
            );
            let pattern = error.instance().as_str().and_then(|text| pattern(files, text));
            match (pattern, part.file) {
                (Some((text, span)), _) => Diagnostic::error(
                    "schema.invalid",
                    format!("`{text}` is no regular expression"),
                )
                .at(&span, "")
                .hint("`\\` takes the next character as it is; single quotes keep it in YAML"),
                (None, Some(file)) => diagnostic.at(&files.all[file].node.span, "in this schema"),
                (None, None) => diagnostic,
            }
        })?;
        let validator = Arc::new(validator);
        self.known.insert(text, Arc::clone(&validator));
        Ok(validator)
    }
}

/// How every validator is made.
pub(super) fn options() -> jsonschema::ValidationOptions<'static> {
    let options = jsonschema::options()
        .with_draft(jsonschema::Draft::Draft202012)
        .offline()
        .should_validate_formats(true);
    FORMATS.iter().fold(options, |options, (name, test)| options.with_format(*name, *test))
}

/// One schema document in the making.
pub(super) struct Document<'a> {
    files: &'a Files,
    /// Each definition: the schema, whether it stays open, its text once it is made.
    definitions: Vec<(Rule<'a>, bool, Json)>,
    todo: VecDeque<usize>,
    /// Keep what only people read, and do not demand what another layer may give.
    for_editors: bool,
}

impl<'a> Document<'a> {
    pub(super) fn new(files: &'a Files) -> Self {
        Self { files, definitions: Vec::new(), todo: VecDeque::new(), for_editors: false }
    }

    /// A document that an editor shows while one layer of several is written.
    pub(super) fn for_editors(files: &'a Files) -> Self {
        Self { for_editors: true, ..Self::new(files) }
    }

    /// The document whose root is `rule`; the first step of every evaluation path is the `$ref` to it.
    pub(super) fn build(mut self, rule: Rule<'a>) -> Json {
        let root = self.definition(rule, false);
        let definitions = self.finish();
        json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$ref": root,
            "$defs": definitions,
        })
    }

    /// Makes every definition that was asked for, and those they ask for.
    pub(super) fn finish(&mut self) -> Map<String, Json> {
        while let Some(index) = self.todo.pop_front() {
            let (rule, open, _) = &self.definitions[index];
            let text = self.convert(*rule, *open);
            self.definitions[index].2 = text;
        }
        let texts = std::mem::take(&mut self.definitions);
        texts
            .into_iter()
            .enumerate()
            .map(|(index, (_, _, text))| (format!("d{index}"), text))
            .collect()
    }

    /// The reference to a definition.
    pub(super) fn definition(&mut self, rule: Rule<'a>, open: bool) -> String {
        let known = self.definitions.iter().position(|(other, other_open, _)| {
            std::ptr::eq(other.node, rule.node) && *other_open == open
        });
        let index = known.unwrap_or_else(|| {
            self.definitions.push((rule, open, Json::Null));
            self.todo.push_back(self.definitions.len() - 1);
            self.definitions.len() - 1
        });
        format!("#/$defs/d{index}")
    }

    fn convert(&mut self, rule: Rule<'a>, open: bool) -> Json {
        let Kind::Map(map) = &rule.node.kind else { return to_json(rule.node) };
        let composed = is_composed(map);
        let mut out = Map::new();
        for entry in &map.entries {
            let key = &*entry.key.text;
            let inner = |node: &'a Node| Rule { node, ..rule };
            let branch = BRANCHES.contains(&key);
            let value = if key == "$ref" {
                match self.files.target(rule) {
                    Some(target) => Json::String(self.definition(target, open || composed)),
                    None => continue,
                }
            } else if matches!(key, "$schema" | "$id" | "$defs")
                || (self.for_editors && key == "required")
                || (!self.for_editors && is_ignored(key))
            {
                continue;
            } else if MAPS.contains(&key) {
                let Kind::Map(entries) = &entry.value.kind else { continue };
                let convert = |inner_entry: &'a crate::yaml::Entry| {
                    (
                        inner_entry.key.text.to_string(),
                        self.convert(inner(&inner_entry.value), branch),
                    )
                };
                Json::Object(entries.entries.iter().map(convert).collect())
            } else if SINGLE.contains(&key) {
                self.convert(inner(&entry.value), branch)
            } else if LISTS.contains(&key) {
                let items = entry.value.as_list().unwrap_or_default();
                Json::Array(items.iter().map(|node| self.convert(inner(node), branch)).collect())
            } else {
                to_json(&entry.value)
            };
            out.insert(key.to_owned(), value);
        }
        match closing(self.files, rule, map, open) {
            Closing::Open => {}
            Closing::Additional => {
                out.insert("additionalProperties".to_owned(), Json::Bool(false));
            }
            Closing::Unevaluated => {
                out.insert("unevaluatedProperties".to_owned(), Json::Bool(false));
            }
        }
        Json::Object(out)
    }
}

/// Keywords that judge nothing.
pub(super) fn is_ignored(keyword: &str) -> bool {
    matches!(keyword, "$schema" | "$id" | "$defs")
        || ANNOTATIONS.contains(&keyword)
        || keyword.starts_with("x-")
}

/// Whether a schema judges its value together with others, so that a `$ref` in it must stay open.
pub(super) fn is_composed(map: &crate::yaml::Map) -> bool {
    map.keys().any(|key| key == "properties" || (BRANCHES.contains(&key) && key != "not"))
}

/// How a schema refuses properties that it does not list.
pub(super) enum Closing {
    Open,
    /// `additionalProperties: false`
    Additional,
    /// `unevaluatedProperties: false`
    Unevaluated,
}

pub(super) fn closing(
    files: &Files,
    rule: Rule<'_>,
    map: &crate::yaml::Map,
    open: bool,
) -> Closing {
    if open || speaks_of_others(rule.node) {
        return Closing::Open;
    }
    // A lone `$ref` leads to a closed definition; it needs no closing of its own.
    let branches = if is_composed(map) { in_place(files, rule) } else { Vec::new() };
    if branches.iter().any(|part| lists_properties(files, *part, &mut 512)) {
        Closing::Unevaluated
    } else if map.get("properties").is_some() {
        Closing::Additional
    } else {
        Closing::Open
    }
}

fn speaks_of_others(node: &Node) -> bool {
    node.get("additionalProperties").is_some() || node.get("unevaluatedProperties").is_some()
}

/// Whether a part of a composed schema names properties, so that the whole is an object with known keys. `budget`
/// bounds the schemas that are looked at.
fn lists_properties(files: &Files, rule: Rule<'_>, budget: &mut usize) -> bool {
    if rule.node.get("properties").is_some() || rule.node.get("additionalProperties").is_some() {
        return true;
    }
    let Some(left) = budget.checked_sub(1) else { return false };
    *budget = left;
    in_place(files, rule).iter().any(|part| lists_properties(files, *part, budget))
}
