//! Where values come from: files and flags.

use std::fmt;
use std::sync::Arc;

use crate::diag::{Diagnostic, Diagnostics};
use crate::source::{Source, SourcePath};
use crate::span::{SourceText, Span};
use crate::yaml::{Kind, Limits, Node, Parse, Reading};

use super::set::{self, Assignment, Flavour, Given};
use super::tree::{LayerKind, Step};

/// One layer of values. Later layers win over earlier ones.
///
/// ```
/// use plimsoll::{Layer, SourcePath};
///
/// let layers = [
///     Layer::file(SourcePath::new("values/prod.yaml")?),
///     Layer::text("override", "broker: {replicas: 5}"),
///     Layer::set("broker.image.tag=4.0.12"),
/// ];
/// assert_eq!(format!("{:?}", layers[2]), "Layer(--set)");
/// # Ok::<(), plimsoll::PathError>(())
/// ```
#[derive(Clone)]
#[must_use]
pub struct Layer(Content);

#[derive(Clone)]
enum Content {
    File(SourcePath),
    Text { name: String, yaml: Arc<str> },
    Flag { flavour: Flavour, expression: String },
    Literal { name: String, path: String, content: Arc<str> },
    Computed(Vec<Assignment>),
}

impl Layer {
    /// A values file: one YAML document whose root is a mapping.
    pub fn file(path: SourcePath) -> Self {
        Self(Content::File(path))
    }

    /// Values that are in memory already; `name` is what messages call them.
    pub fn text(name: impl Into<String>, yaml: impl Into<Arc<str>>) -> Self {
        Self(Content::Text { name: name.into(), yaml: yaml.into() })
    }

    /// Helm's `--set`: `a.b=1,c[0]=x`. The schema decides the types.
    pub fn set(expression: impl Into<String>) -> Self {
        Self::flag(Flavour::Typed, expression)
    }

    /// Helm's `--set-string`: like [`Layer::set`], but every value is a string.
    pub fn set_string(expression: impl Into<String>) -> Self {
        Self::flag(Flavour::Text, expression)
    }

    /// Helm's `--set-json`: `a.b={"c": 1}`, or a whole JSON object.
    pub fn set_json(expression: impl Into<String>) -> Self {
        Self::flag(Flavour::Json, expression)
    }

    /// Helm's `--set-file`: `a.b=path`, where the path is read through the [`Source`].
    pub fn set_file(expression: impl Into<String>) -> Self {
        Self::flag(Flavour::File, expression)
    }

    /// Sets the string at `path` (`a.b[0]`) to `content`, which was read elsewhere; `name` is what messages call it.
    pub fn set_content(
        name: impl Into<String>,
        path: impl Into<String>,
        content: impl Into<Arc<str>>,
    ) -> Self {
        Self(Content::Literal { name: name.into(), path: path.into(), content: content.into() })
    }

    /// Values that were computed, each with its path and the places of both.
    pub(crate) fn computed(values: impl IntoIterator<Item = (Vec<Step>, Span, Node)>) -> Self {
        let assignment = |(path, path_span, node): (Vec<Step>, Span, Node)| Assignment {
            path,
            path_span,
            value_span: node.span.clone(),
            given: Given::Json(node),
        };
        Self(Content::Computed(values.into_iter().map(assignment).collect()))
    }

    fn flag(flavour: Flavour, expression: impl Into<String>) -> Self {
        Self(Content::Flag { flavour, expression: expression.into() })
    }

    /// Reads and parses it.
    pub(crate) fn load(&self, source: &dyn Source) -> Result<LoadedLayer, Diagnostics> {
        match &self.0 {
            Content::File(path) => {
                let text = source.read(path).map_err(|error| {
                    Diagnostics::from(
                        Diagnostic::error("values.unreadable", error.to_string())
                            .hint("layers are given relative to the project folder"),
                    )
                })?;
                document(&SourceText::new(path.as_str(), text), LayerKind::File)
            }
            Content::Text { name, yaml } => {
                document(&SourceText::new(name.as_str(), Arc::clone(yaml)), LayerKind::File)
            }
            Content::Flag { flavour: Flavour::Json, expression }
                if expression.trim_start().starts_with('{') =>
            {
                document(&SourceText::new("--set-json", expression.as_str()), LayerKind::Flag)
            }
            Content::Flag { flavour, expression } => {
                let text = SourceText::new(flag_name(*flavour), expression.as_str());
                let mut assignments = set::parse(&text, *flavour)?;
                if *flavour == Flavour::File {
                    read_files(source, &mut assignments)?;
                }
                Ok(LoadedLayer { kind: LayerKind::Flag, content: Loaded::Assignments(assignments) })
            }
            Content::Computed(assignments) => Ok(LoadedLayer {
                kind: LayerKind::Flag,
                content: Loaded::Assignments(assignments.clone()),
            }),
            Content::Literal { name, path, content } => {
                let text = SourceText::new(name.as_str(), path.as_str());
                let span = text.span(0..path.len());
                let assignment = Assignment {
                    path: set::parse_path_of(&text)?,
                    path_span: span.clone(),
                    given: Given::Exact(Arc::clone(content)),
                    value_span: span,
                };
                Ok(LoadedLayer {
                    kind: LayerKind::Flag,
                    content: Loaded::Assignments(vec![assignment]),
                })
            }
        }
    }
}

impl fmt::Debug for Layer {
    /// Names the layer only: it may hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match &self.0 {
            Content::File(path) => path.as_str(),
            Content::Text { name, .. } | Content::Literal { name, .. } => name,
            Content::Flag { flavour, .. } => flag_name(*flavour),
            Content::Computed(_) => "computed",
        };
        write!(f, "Layer({name})")
    }
}

fn flag_name(flavour: Flavour) -> &'static str {
    match flavour {
        Flavour::Typed => "--set",
        Flavour::Text => "--set-string",
        Flavour::Json => "--set-json",
        Flavour::File => "--set-file",
    }
}

/// A layer whose text has been read.
#[derive(Clone)]
pub(crate) struct LoadedLayer {
    pub(crate) kind: LayerKind,
    pub(super) content: Loaded,
}

#[derive(Clone)]
pub(super) enum Loaded {
    Document(Node),
    Assignments(Vec<Assignment>),
}

impl LoadedLayer {
    /// A layer that is a tree already.
    #[cfg(test)]
    pub(crate) fn document(node: Node, kind: LayerKind) -> Self {
        Self { kind, content: Loaded::Document(node) }
    }
}

fn document(text: &SourceText, kind: LayerKind) -> Result<LoadedLayer, Diagnostics> {
    let parse = Parse {
        reading: Reading::Core,
        limits: Limits::default(),
        tags: true,
        merge_keys: true,
        duplicate_keys: true,
    };
    let node = parse.document(text).map_err(hide_likely_secrets)?;
    match &node.kind {
        Kind::Map(_) => {}
        Kind::Null if node.tag.is_none() => {}
        _ => {
            return Err(Diagnostic::error(
                "values.not-a-mapping",
                format!("a layer is a mapping of keys to values, this is {}", node.describe()),
            )
            .at(&node.span, "not a mapping")
            .into());
        }
    }
    if let Some(tag) = &node.tag {
        return Err(Diagnostic::error(
            "values.misplaced-tag",
            format!("`{}` cannot stand on a whole layer", tag.name),
        )
        .at(&tag.span, "here")
        .hint("put it on the value of a key")
        .into());
    }
    Ok(LoadedLayer { kind, content: Loaded::Document(node) })
}

/// Until a layer is read nobody knows what in it is secret, so lines that look like it are not shown.
fn hide_likely_secrets(mut found: Diagnostics) -> Diagnostics {
    const WORDS: [&str; 7] =
        ["password", "passwd", "secret", "token", "credential", "private", "apikey"];
    for label in found.all_mut().iter_mut().flat_map(Diagnostic::labels_mut) {
        if let (Some(source), Some(start), Some(end)) =
            (label.span.source(), label.span.start(), label.span.end())
        {
            let shown = source.line_range(start.line).start..source.line_range(end.line).end;
            let shown = source.text().get(shown).unwrap_or("").to_lowercase();
            label.masked |= WORDS.iter().any(|word| shown.contains(word));
        }
    }
    found
}

fn read_files(source: &dyn Source, assignments: &mut [Assignment]) -> Result<(), Diagnostics> {
    let mut found = Diagnostics::new();
    for assignment in assignments {
        let Given::Text(name) = &assignment.given else { continue };
        let read = SourcePath::new(name).map_err(|error| error.to_string());
        let read = read.and_then(|path| source.read(&path).map_err(|error| error.to_string()));
        match read {
            Ok(content) => assignment.given = Given::Exact(content),
            Err(message) => found.push(
                Diagnostic::error("values.unreadable", message)
                    .at(&assignment.value_span, "named here"),
            ),
        }
    }
    found.into_result(())
}
