//! The same change in several objects, of one release or of many.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::diff::change::{ObjectDiff, ReleaseDiff, Verdict, yaml};
use crate::yaml::{Map, Node};

use super::shape::{Shape, label, shape};

/// Objects of which the same became.
#[derive(Clone, Debug)]
pub struct Group<'a> {
    members: Vec<Member<'a>>,
}

/// An object with its release.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Member<'a> {
    /// Which of the releases.
    pub index: usize,
    /// The release's name.
    pub release: &'a str,
    /// The object.
    pub object: &'a ObjectDiff,
}

impl<'a> Group<'a> {
    /// The objects, in the order of their releases; never empty.
    #[must_use]
    pub fn members(&self) -> &[Member<'a>] {
        &self.members
    }

    /// The one that is shown for all.
    #[must_use]
    pub fn first(&self) -> &'a ObjectDiff {
        self.members[0].object
    }

    /// The releases by name, in order.
    #[must_use]
    pub fn releases(&self) -> Vec<&'a str> {
        let mut names: Vec<_> = self.members.iter().map(|member| member.release).collect();
        names.dedup();
        names
    }

    /// How soon a reader should see it: 0 is what Kubernetes refuses or what loses data, then other risks, removed,
    /// changed, added and reordered objects.
    #[must_use]
    pub fn importance(&self) -> usize {
        let grave = |code: &str| code == "risk.immutable-field" || code.ends_with("-removed");
        let object = self.first();
        match object.verdict {
            _ if object.risks.iter().any(|risk| grave(risk.code)) => 0,
            _ if !object.risks.is_empty() => 1,
            Verdict::Removed => 2,
            Verdict::Changed => 3,
            Verdict::Added => 4,
            Verdict::Reordered | Verdict::Equal => 5,
        }
    }

    /// `StatefulSet pulsar/pulsar-broker`, without the namespace where it differs, or `12 objects`.
    #[must_use]
    pub fn title(&self) -> String {
        let id = &self.first().id;
        if self.is_mixed() {
            return format!("{} objects", self.members.len());
        }
        let alike = self.members.iter().all(|member| member.object.id.namespace == id.namespace);
        match &id.namespace {
            Some(namespace) if alike => format!("{} {namespace}/{}", id.kind, id.name),
            _ => format!("{} {}", id.kind, id.name),
        }
    }

    /// Whether the objects have several kinds or names.
    #[must_use]
    pub fn is_mixed(&self) -> bool {
        let id = &self.first().id;
        let same = |member: &Member<'_>| {
            (&member.object.id.kind, &member.object.id.name) == (&id.kind, &id.name)
        };
        !self.members.iter().all(same)
    }

    /// The component that renders the objects, if it is one.
    #[must_use]
    pub fn component(&self) -> Option<&'a str> {
        let component = self.first().component();
        component.filter(|_| self.members.iter().all(|m| m.object.component() == component))
    }

    /// What differs in each of the objects; fields with the same old and new value and the same places behind them
    /// are one entry.
    #[must_use]
    pub fn fields(&self) -> Vec<Field<'a>> {
        let mut fields: Vec<Field<'a>> = Vec::new();
        for (at, change) in self.first().fields.iter().enumerate() {
            let Some(shape) = shape(change) else { continue };
            let places = self.places(at);
            let same = |field: &&mut Field<'_>| {
                matches!(shape, Shape::Line { .. })
                    && (&field.shape, &field.places, field.order) == (&shape, &places, change.order)
            };
            match fields.iter_mut().find(same) {
                Some(field) => field.labels.push(label(change)),
                None => {
                    let (labels, order) = (vec![label(change)], change.order);
                    fields.push(Field { labels, shape, order, places });
                }
            }
        }
        fields
    }

    /// The places behind a field of the first object, and behind the same field of the others.
    fn places(&self, field: usize) -> Vec<String> {
        let mut places = Vec::new();
        for member in &self.members {
            let Some(change) = member.object.fields.get(field) else { continue };
            if let Some(cause) = change.new_cause().or(change.old_cause()) {
                let text = cause.to_string();
                if !places.contains(&text) {
                    places.push(text);
                }
            }
        }
        places
    }
}

/// What differs, in one field or in the same way in several.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Field<'a> {
    /// The fields by their paths.
    pub labels: Vec<String>,
    /// What kind of difference it is, with the values.
    pub shape: Shape<'a>,
    /// Whether only the order of a list differs, where order means something.
    pub order: bool,
    /// The lines of layers, schemas and templates behind it.
    pub places: Vec<String>,
}

/// Puts objects of which the same became together, in the order in which the first of each appears. Equal objects
/// are left out. Whose namespace or release alone differs is the same.
#[must_use]
pub fn groups(releases: &[ReleaseDiff]) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    for (index, release) in releases.iter().enumerate() {
        let objects = release.diff.objects.iter();
        for object in objects.filter(|object| object.verdict != Verdict::Equal) {
            let member = Member { index, release: &release.release, object };
            let at = *known.entry(key(object)).or_insert(groups.len());
            match groups.get_mut(at) {
                Some(group) => group.members.push(member),
                None => groups.push(Group { members: vec![member] }),
            }
        }
    }
    groups
}

/// Two objects with the same key tell a reader the same.
fn key(object: &ObjectDiff) -> String {
    let mut key = format!("{} ", object.verdict.as_str());
    let whole = object.new.as_ref().or(object.old.as_ref());
    match (object.verdict, whole) {
        (Verdict::Added | Verdict::Removed, Some(node)) => {
            key.push_str(&yaml(&anywhere(node)));
            let _ = write!(key, "{:?}", object.renamed.as_ref().map(|id| &id.name));
        }
        (Verdict::Changed, _) => {
            for change in &object.fields {
                if let Some((added, removed)) = change.edges() {
                    let _ = write!(key, "{:?}\0{:?}\0", elsewhere(&added), elsewhere(&removed));
                    continue;
                }
                let value = |node: &Option<Node>| node.as_ref().map(yaml);
                let (old, new) = (value(&change.old), value(&change.new));
                let _ = write!(key, "{}\0{old:?}\0{new:?}\0{}\0", change.path, change.order);
            }
        }
        _ => {}
    }
    for risk in &object.risks {
        let _ = write!(key, "{}\0{}\0", risk.code, risk.message);
    }
    key
}

/// References such as `apps/namespaces/shop/StatefulSet/db` without the namespace.
fn elsewhere(references: &[&str]) -> Vec<String> {
    let without = |reference: &&str| {
        let mut parts: Vec<&str> = reference.split('/').collect();
        if parts.len() == 5 && parts[1] == "namespaces" {
            parts.remove(2);
        }
        parts.join("/")
    };
    references.iter().map(without).collect()
}

/// The object without what says in which release it is.
fn anywhere(node: &Node) -> Node {
    const MARKS: [&str; 2] = ["app.kubernetes.io/instance", "config.kubernetes.io/depends-on"];
    let mut node = node.clone();
    let metadata = node.as_map_mut().and_then(|map| map.get_mut("metadata"));
    if let Some(metadata) = metadata.and_then(Node::as_map_mut) {
        metadata.entries.retain(|entry| &*entry.key.text != "namespace");
        for field in ["labels", "annotations"] {
            if let Some(marks) = metadata.get_mut(field).and_then(Node::as_map_mut) {
                let Map { entries } = marks;
                entries.retain(|entry| !MARKS.contains(&&*entry.key.text));
            }
        }
    }
    node
}
