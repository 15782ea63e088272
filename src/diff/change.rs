//! The result of a comparison, as data.

use std::fmt;
use std::sync::Arc;

use crate::manifest::ResourceId;
use crate::values::Step;
use crate::yaml::{Node, write};

use super::cause::Cause;
use super::risk::Risk;

/// What became of an object.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Verdict {
    /// The same; the order of keys is no difference.
    Equal,
    /// The same but for the order of list items or the spelling of a value, which mean nothing to Kubernetes.
    Reordered,
    /// Some fields differ.
    Changed,
    /// Only the new side has it.
    Added,
    /// Only the old side has it.
    Removed,
}

impl Verdict {
    /// `equal`, `reordered`, `changed`, `added` or `removed`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "equal",
            Self::Reordered => "reordered",
            Self::Changed => "changed",
            Self::Added => "added",
            Self::Removed => "removed",
        }
    }
}

/// A release and what became of its objects.
#[derive(Clone, Debug)]
#[non_exhaustive]
#[must_use]
pub struct ReleaseDiff {
    /// The release's name.
    pub release: String,
    /// Its objects.
    pub diff: Diff,
    /// The texts of both sides, where both are files: what a patch is made of.
    pub files: Vec<FileDiff>,
}

impl ReleaseDiff {
    /// A release's diff.
    pub fn new(release: impl Into<String>, diff: Diff) -> Self {
        Self { release: release.into(), diff, files: Vec::new() }
    }

    /// Says what the files of both sides hold.
    pub fn with_files(mut self, files: Vec<FileDiff>) -> Self {
        self.files = files;
        self
    }
}

/// One file as it was and as it would be.
#[derive(Clone, Eq, PartialEq)]
#[non_exhaustive]
pub struct FileDiff {
    /// Its path in the project.
    pub path: String,
    /// What it holds; `None` if there is no such file.
    pub old: Option<Arc<str>>,
    /// What it would hold; `None` if it would go.
    pub new: Option<Arc<str>>,
}

impl FileDiff {
    /// A file with both of its texts.
    pub fn new(path: impl Into<String>, old: Option<Arc<str>>, new: Option<Arc<str>>) -> Self {
        Self { path: path.into(), old, new }
    }
}

impl fmt::Debug for FileDiff {
    /// The path only.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FileDiff({})", self.path)
    }
}

/// Everything that differs between two manifests.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Diff {
    pub(super) objects: Vec<ObjectDiff>,
}

impl Diff {
    /// One entry for each object of either side, equal ones too. Changed, added and removed objects stand in the
    /// order of the new side, removed ones behind the others of their component.
    #[must_use]
    pub fn objects(&self) -> &[ObjectDiff] {
        &self.objects
    }

    /// Keeps the objects that `keep` wants.
    pub fn filter(mut self, keep: impl Fn(&ObjectDiff) -> bool) -> Self {
        self.objects.retain(|object| keep(object));
        self
    }

    /// How many objects have this verdict.
    #[must_use]
    pub fn count(&self, verdict: Verdict) -> usize {
        self.objects.iter().filter(|object| object.verdict == verdict).count()
    }

    /// Whether both sides mean the same to Kubernetes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.objects.iter().all(|o| matches!(o.verdict, Verdict::Equal | Verdict::Reordered))
    }

    /// Every risk of every object.
    pub fn risks(&self) -> impl Iterator<Item = (&ObjectDiff, &Risk)> {
        self.objects.iter().flat_map(|object| object.risks.iter().map(move |risk| (object, risk)))
    }
}

/// What became of one object.
#[derive(Clone)]
pub struct ObjectDiff {
    pub(super) id: ResourceId,
    pub(super) verdict: Verdict,
    pub(super) component: Option<Arc<str>>,
    pub(super) waves: (Option<u32>, Option<u32>),
    pub(super) fields: Vec<Change>,
    pub(super) risks: Vec<Risk>,
    /// The object that it probably was, or became, under another name.
    pub(super) renamed: Option<ResourceId>,
    pub(super) old: Option<Node>,
    pub(super) new: Option<Node>,
}

impl fmt::Debug for ObjectDiff {
    /// Without contents, which may hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ObjectDiff({} {})", self.verdict.as_str(), self.id)
    }
}

impl ObjectDiff {
    /// Group, kind, namespace and name.
    #[must_use]
    pub fn id(&self) -> &ResourceId {
        &self.id
    }

    /// What became of it.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// The component that renders it, if that is known.
    #[must_use]
    pub fn component(&self) -> Option<&str> {
        self.component.as_deref()
    }

    /// The wave before and after, if each is known.
    #[must_use]
    pub fn waves(&self) -> (Option<u32>, Option<u32>) {
        self.waves
    }

    /// The fields that differ, in the order of the object; empty for added and removed objects, but for an added one
    /// that is probably another one renamed: what differs besides the name.
    #[must_use]
    pub fn fields(&self) -> &[Change] {
        &self.fields
    }

    /// What may hurt when this is applied.
    #[must_use]
    pub fn risks(&self) -> &[Risk] {
        &self.risks
    }

    /// For a removed object the added one that looks like it, and the reverse.
    #[must_use]
    pub fn renamed(&self) -> Option<&ResourceId> {
        self.renamed.as_ref()
    }

    /// The whole object on the old side as canonical YAML, unless it is equal.
    #[must_use]
    pub fn old_yaml(&self) -> Option<String> {
        self.old.as_ref().map(yaml)
    }

    /// The whole object on the new side as canonical YAML, unless it is equal.
    #[must_use]
    pub fn new_yaml(&self) -> Option<String> {
        self.new.as_ref().map(yaml)
    }
}

/// One field that differs.
#[derive(Clone)]
pub struct Change {
    pub(super) path: FieldPath,
    pub(super) old: Option<Node>,
    pub(super) new: Option<Node>,
    /// Only the order of a list differs, where order means something.
    pub(super) order: bool,
    /// Where it stands in the new object, by index; empty where that is not known.
    pub(super) steps: (Vec<Step>, Vec<Step>),
    pub(super) causes: (Option<Cause>, Option<Cause>),
}

impl fmt::Debug for Change {
    /// The path only: the values may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Change({})", self.path)
    }
}

impl Change {
    /// The field.
    #[must_use]
    pub fn path(&self) -> &FieldPath {
        &self.path
    }

    /// The name of the annotation that this is, if it is one of the object itself.
    pub(super) fn annotation(&self) -> Option<&str> {
        match self.path.parts() {
            [Part::Key(metadata), Part::Key(annotations), Part::Key(name)] => {
                ((&**metadata, &**annotations) == ("metadata", "annotations")).then_some(&**name)
            }
            _ => None,
        }
    }

    /// The old value as canonical YAML without a final line break; `None` if there was none.
    #[must_use]
    pub fn before(&self) -> Option<String> {
        self.old.as_ref().map(|node| yaml(node).trim_end_matches('\n').to_owned())
    }

    /// The new value as canonical YAML without a final line break; `None` if there is none.
    #[must_use]
    pub fn after(&self) -> Option<String> {
        self.new.as_ref().map(|node| yaml(node).trim_end_matches('\n').to_owned())
    }

    /// Both values as plain strings, if both are strings of which one has several lines.
    #[must_use]
    pub fn texts(&self) -> Option<(&str, &str)> {
        let (old, new) = (self.old.as_ref()?.as_str()?, self.new.as_ref()?.as_str()?);
        (old.contains('\n') || new.contains('\n')).then_some((old, new))
    }

    /// Whether either value is a mapping or a list with something in it.
    #[must_use]
    pub fn is_nested(&self) -> bool {
        let nested = |node: &Node| {
            node.as_map().is_some_and(|map| !map.entries.is_empty())
                || node.as_list().is_some_and(|items| !items.is_empty())
        };
        self.old.iter().chain(&self.new).any(nested)
    }

    /// Whether only the order of a list differs, where order means something.
    #[must_use]
    pub fn is_order(&self) -> bool {
        self.order
    }

    /// The layer or template line behind the old value.
    #[must_use]
    pub fn old_cause(&self) -> Option<&Cause> {
        self.causes.0.as_ref()
    }

    /// The layer or template line behind the new value.
    #[must_use]
    pub fn new_cause(&self) -> Option<&Cause> {
        self.causes.1.as_ref()
    }
}

pub(super) fn yaml(node: &Node) -> String {
    let mut out = String::new();
    write(node, &mut out);
    out
}

/// A step of a [`FieldPath`].
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Part {
    /// A field of a mapping.
    Key(Arc<str>),
    /// A list item by what identifies it: field and value.
    Item(Vec<(&'static str, String)>),
    /// A list item by its number, from 0.
    Index(usize),
    /// From here on inside the document, such as `yaml`, that a string holds.
    Document(&'static str),
}

/// Where a field is: `spec.template.spec.containers[name=web].image`.
#[derive(Clone, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct FieldPath(pub(super) Vec<Part>);

impl FieldPath {
    /// The steps from the object's top.
    #[must_use]
    pub fn parts(&self) -> &[Part] {
        &self.0
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut joined = true;
        for part in &self.0 {
            match part {
                Part::Key(key) => {
                    if !joined {
                        f.write_str(".")?;
                    }
                    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '$');
                    if !key.is_empty() && key.chars().all(plain) {
                        f.write_str(key)?;
                    } else {
                        write!(f, "{key:?}")?;
                    }
                    joined = false;
                }
                Part::Item(keys) => {
                    let keys: Vec<_> =
                        keys.iter().map(|(key, value)| format!("{key}={value}")).collect();
                    write!(f, "[{}]", keys.join(","))?;
                }
                Part::Index(index) => write!(f, "[{index}]")?,
                Part::Document(format) => {
                    write!(f, " ({format}) ")?;
                    joined = true;
                }
            }
        }
        Ok(())
    }
}
