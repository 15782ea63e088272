//! Keeping secrets out of messages, diffs and goldens.

use std::collections::BTreeSet;

use crate::diag::{Diagnostic, Diagnostics};
use crate::source::SourcePath;
use crate::span::Span;
use crate::yaml::{Style, Text};

use super::tree::{LayerKind, Step, Tree, TreeKind, path_text};
use super::veil::Veil;

/// What is to be done about the values that the schema calls secret (`writeOnly`).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Secrets {
    /// The real ones are rendered; each that is required must be given.
    #[default]
    Required,
    /// `<secret:path>` stands in for each of them, before any template runs.
    Placeholder,
}

/// The secrets of one release.
pub(crate) struct Known {
    /// Where they are written, in whatever layer.
    pub(super) spans: Vec<Span>,
    veil: Veil,
}

impl Known {
    /// Hides these places, too.
    pub(super) fn hide_at(&mut self, spans: impl Iterator<Item = Span>) {
        self.spans.extend(spans);
    }
}

/// Hides the text of every label that shows a line on which part of a secret stands, and secrets that a message
/// repeats: the name of an object may hold one.
pub(crate) fn mask(diagnostics: &mut Diagnostics, secrets: &Known) {
    if secrets.spans.is_empty() && secrets.veil.is_empty() {
        return;
    }
    for diagnostic in diagnostics.all_mut() {
        for text in diagnostic.texts_mut() {
            if let Some(hidden) = secrets.veil.hide_in_message(text) {
                *text = hidden;
            }
        }
        for label in diagnostic.labels_mut() {
            if secrets.spans.iter().any(|secret| share_a_line(secret, &label.span)) {
                label.masked = true;
            }
        }
    }
}

fn share_a_line(a: &Span, b: &Span) -> bool {
    if a.name() != b.name() {
        return false;
    }
    // Two flags may have the same name; they are the same place only when they say the same.
    match (a.source(), b.source()) {
        (Some(a), Some(b)) if a.text() != b.text() => return false,
        (Some(_), Some(_)) => {}
        _ => return false,
    }
    let lines = |span: &Span| Some(span.start()?.line..=span.end()?.line);
    match (lines(a), lines(b)) {
        (Some(a), Some(b)) => a.start() <= b.end() && b.start() <= a.end(),
        _ => false,
    }
}

/// The secrets of a tree: where they are written and what they are.
pub(crate) fn known(tree: &Tree) -> Known {
    let mut spans = Vec::new();
    let mut texts = BTreeSet::new();
    tree.walk_secrets(&mut |_, value| {
        match &value.kind {
            // What the schema offers to everybody is no secret.
            _ if value.origin.layer == LayerKind::SchemaDefault => {}
            TreeKind::String(text) => _ = texts.insert(text.text.to_string()),
            TreeKind::Number(number) => _ = texts.insert(number.to_string()),
            _ => {}
        }
        let origins = std::iter::once(&value.origin).chain(&value.overridden);
        let written = origins
            .filter(|origin| origin.span.is_known() && origin.layer != LayerKind::SchemaDefault);
        spans.extend(written.map(|origin| origin.span.clone()));
    });
    spans.sort();
    spans.dedup();
    Known { spans, veil: Veil::new(texts) }
}

/// Secrets that stand in one of these layers: those of a release lie in the repository, where nothing is secret.
pub(crate) fn committed(tree: &Tree, layers: &[SourcePath]) -> Diagnostics {
    let mut found = Diagnostics::new();
    tree.walk_secrets(&mut |path, value| {
        let is_given = match &value.kind {
            TreeKind::Null | TreeKind::Map(_) | TreeKind::List(_) => false,
            TreeKind::String(text) => !text.text.is_empty(),
            TreeKind::Bool(_) | TreeKind::Number(_) => true,
        };
        if !is_given {
            return;
        }
        // A `!ref` says where the secret is, not what it is.
        let own = value.reference.is_none().then_some(&value.origin);
        for origin in own.into_iter().chain(&value.overridden) {
            if !layers.iter().any(|layer| layer.as_str() == origin.span.name()) {
                continue;
            }
            let path = path_text(path);
            let message = format!("the secret `{path}` stands in a layer of the release");
            found.push(
                Diagnostic::error("values.secret-in-layer", message)
                    .at(&origin.span, "in clear text")
                    .hint(format!(
                        "remove it here and give it in a file outside the repository with `-f`, or with `--set-file {path}=FILE`"
                    )),
            );
        }
    });
    found
}

/// The text that stands for a secret.
pub(super) fn placeholder(path: &[Step]) -> TreeKind {
    let text = format!("<secret:{}>", path_text(path)).into();
    TreeKind::String(Text { text, style: Style::Computed })
}

/// Puts the placeholder in place of every secret scalar. A tree is as deep as a document may be, no deeper.
pub(super) fn replace(tree: &mut Tree) {
    let mut path = Vec::new();
    replace_below(tree, &mut path);
}

fn replace_below(tree: &mut Tree, path: &mut Vec<Step>) {
    match &mut tree.kind {
        TreeKind::Null => {}
        TreeKind::Map(map) => {
            for (key, inner) in map.iter_mut() {
                path.push(Step::Key(key.clone()));
                replace_below(inner, path);
                path.pop();
            }
        }
        TreeKind::List(items) => {
            for (index, inner) in items.iter_mut().enumerate() {
                path.push(Step::Index(index));
                replace_below(inner, path);
                path.pop();
            }
        }
        // An empty default is no secret; templates ask it whether there is one.
        TreeKind::String(text)
            if text.text.is_empty() && tree.origin.layer == LayerKind::SchemaDefault => {}
        _ if tree.secret => tree.kind = placeholder(path),
        _ => {}
    }
}
