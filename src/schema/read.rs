//! Reads the schemas of a chart and every file that they refer to, and checks each text for itself.

use std::collections::{BTreeMap, VecDeque};

use crate::diag::{Diagnostic, Diagnostics, nearest};
use crate::source::{ReadError, Source, SourcePath, neighbour};
use crate::span::SourceText;
use crate::yaml::{Limits, Node, Parse, Reading};

use super::files::{Files, Part, Rule, SchemaFile, split};
use super::vocabulary;

/// How the files that people write for us are read.
const READING: Parse = Parse {
    reading: Reading::Core,
    limits: Limits { depth: 128, alias_nodes: 100_000 },
    tags: false,
    merge_keys: true,
    duplicate_keys: true,
};

pub(super) struct Loading<'a> {
    pub(super) source: &'a dyn Source,
    pub(super) files: Files,
    pub(super) found: Diagnostics,
    pub(super) todo: VecDeque<usize>,
}

impl Loading<'_> {
    pub(super) fn part(&mut self, dir: &SourcePath, name: &str, key: Option<String>) -> Part {
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
        Part { key, path, file }
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
    pub(super) fn follow(&mut self) {
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
                        Err(error) => {
                            let near = neighbour(self.source, &path);
                            self.found.push(
                                Diagnostic::error("schema.unknown-ref", error.to_string())
                                    .at(&span, "referred to here")
                                    .hint_opt(near.map(|near| format!("did you mean `{near}`?"))),
                            );
                        }
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
    pub(super) fn check(&mut self) {
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
