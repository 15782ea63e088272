//! How one field is best shown.

use std::fmt;

use crate::diff::change::Change;
use crate::yaml::Node;

/// The annotation that names what an object is applied after.
const EDGES: &str = "config.kubernetes.io/depends-on";

/// What kind of difference a field is to a reader.
#[derive(Clone, Eq, PartialEq)]
#[non_exhaustive]
pub enum Shape<'a> {
    /// References to other objects came and went.
    Edges {
        /// New references.
        added: Vec<&'a str>,
        /// References that are gone.
        removed: Vec<&'a str>,
    },
    /// Two texts, of which one has several lines.
    Text {
        /// The old one.
        old: &'a str,
        /// The new one.
        new: &'a str,
    },
    /// Two values of one line each.
    Line {
        /// The old one as canonical YAML.
        old: Option<String>,
        /// The new one as canonical YAML.
        new: Option<String>,
    },
    /// Mappings, lists and texts that came or went whole.
    Block {
        /// The old one as canonical YAML.
        old: Option<String>,
        /// The new one as canonical YAML.
        new: Option<String>,
    },
}

impl fmt::Debug for Shape<'_> {
    /// The kind only: values are for views.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Edges { .. } => "Edges",
            Self::Text { .. } => "Text",
            Self::Line { .. } => "Line",
            Self::Block { .. } => "Block",
        })
    }
}

/// Says how a field is best shown; `None` for the wave, which is told with the object.
pub(super) fn shape(change: &Change) -> Option<Shape<'_>> {
    if change.is_wave() {
        return None;
    }
    if let Some((added, removed)) = change.edges() {
        return Some(Shape::Edges { added, removed });
    }
    if let Some((old, new)) = change.texts() {
        return Some(Shape::Text { old, new });
    }
    let (old, new) = (change.before(), change.after());
    let short = |value: &Option<String>| value.as_ref().is_none_or(|text| !text.contains('\n'));
    Some(if short(&old) && short(&new) && !change.is_nested() {
        Shape::Line { old, new }
    } else {
        Shape::Block { old, new }
    })
}

/// What a field is called: its path, but for the annotation whose references are shown one by one.
pub(super) fn label(change: &Change) -> String {
    if change.edges().is_some() { "applied after".to_owned() } else { change.path().to_string() }
}

impl Change {
    /// The references that came and that went, if this is the annotation that names what an object comes after.
    #[must_use]
    pub fn edges(&self) -> Option<(Vec<&str>, Vec<&str>)> {
        if !self.is_annotation(EDGES) {
            return None;
        }
        let (old, new) = (names(self.old.as_ref())?, names(self.new.as_ref())?);
        let added = new.iter().filter(|name| !old.contains(name)).copied().collect();
        let removed = old.iter().filter(|name| !new.contains(name)).copied().collect();
        Some((added, removed))
    }

    /// Whether this is plimsoll's own note of the wave, which [`ObjectDiff::waves`](crate::diff::ObjectDiff::waves)
    /// tells, too.
    #[must_use]
    pub fn is_wave(&self) -> bool {
        self.is_annotation("plimsoll.dev/wave")
    }

    fn is_annotation(&self, name: &str) -> bool {
        self.annotation() == Some(name)
    }
}

/// What such an annotation names; `None` if it is no string.
fn names(node: Option<&Node>) -> Option<Vec<&str>> {
    let text = node.map_or(Some(""), Node::as_str)?;
    Some(text.split(',').map(str::trim).filter(|name| !name.is_empty()).collect())
}
