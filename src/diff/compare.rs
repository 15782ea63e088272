//! Walks two objects side by side and gathers the fields that differ.

use std::collections::{BTreeMap, BTreeSet};

use similar::{Algorithm, DiffOp, capture_diff_slices};

use crate::values::Step;
use crate::yaml::{Kind, Map, Node};

use super::change::{Change, FieldPath, Part, yaml};
use super::{embedded, lists, meaning, secret};

/// What a comparison found.
#[derive(Default)]
pub(super) struct Outcome {
    pub(super) changes: Vec<Change>,
    /// Something is written in another order or spelling that means the same.
    pub(super) reordered: bool,
    /// What stands where the other side has placeholders for secrets.
    pub(super) secrets: BTreeSet<String>,
}

/// Compares two objects field by field.
///
/// With `foreign` a placeholder for a secret on one side agrees with anything on the other.
pub(super) fn compare(old: &Node, new: &Node, foreign: bool) -> Outcome {
    let mut walk = Walk { foreign, ..Walk::default() };
    walk.node(old, new);
    walk.outcome
}

#[derive(Default)]
struct Walk {
    path: Vec<Part>,
    /// The same place by index, on either side.
    steps: (Vec<Step>, Vec<Step>),
    /// Steps stop being added inside an embedded document: the field that holds it is what templates know.
    inside: usize,
    foreign: bool,
    outcome: Outcome,
}

impl Walk {
    fn node(&mut self, old: &Node, new: &Node) {
        match (&old.kind, &new.kind) {
            (Kind::Map(a), Kind::Map(b)) => self.maps(a, b),
            (Kind::List(a), Kind::List(b)) => self.lists(a, b),
            (Kind::Map(_) | Kind::List(_), _) | (_, Kind::Map(_) | Kind::List(_)) => {
                self.changed(Some(old), Some(new));
            }
            (Kind::String(a), Kind::String(b)) if a.text != b.text => self.strings(old, new),
            _ if !meaning::same(&self.path, old, new) => self.changed(Some(old), Some(new)),
            (a, b) => {
                self.outcome.reordered |= std::mem::discriminant(a) != std::mem::discriminant(b);
            }
        }
    }

    fn strings(&mut self, old: &Node, new: &Node) {
        if meaning::same(&self.path, old, new) {
            self.outcome.reordered = true;
            return;
        }
        let field = self.field().to_owned();
        let (a, b) = (old.as_str().unwrap_or_default(), new.as_str().unwrap_or_default());
        if let Some((format, a, b)) = embedded::open(&field, a, b) {
            let before = self.outcome.changes.len();
            self.path.push(Part::Document(format));
            self.inside += 1;
            self.node(&a, &b);
            self.inside -= 1;
            self.path.pop();
            if self.outcome.changes.len() > before {
                return;
            }
        }
        let hides = |text: &str| self.foreign && text.contains(secret::PLACEHOLDER);
        if hides(a) || hides(b) {
            let (real, masked) = if hides(b) { (a, b) } else { (b, a) };
            self.outcome.secrets.insert(real.to_owned());
            if let Some(secrets) = secret::read_out(real, masked) {
                self.outcome.secrets.extend(secrets.into_iter().map(str::to_owned));
            } else {
                // What stands beside a secret cannot be told from it.
                let hidden = |text| {
                    if hides(text) { Node::string(text) } else { Node::string(secret::HIDDEN) }
                };
                let (a, b) = (hidden(a), hidden(b));
                self.changed(Some(&a), Some(&b));
            }
            return;
        }
        // No document, or only its comments and layout differ: readers of the file may still care.
        self.changed(Some(old), Some(new));
    }

    fn maps(&mut self, old: &Map, new: &Map) {
        for (index, entry) in old.entries.iter().enumerate() {
            let key = &entry.key.text;
            let at = position(new, key, index);
            let pushed =
                self.push(Part::Key(key.clone()), key.as_ref().into(), key.as_ref().into());
            match at {
                Some(at) => self.node(&entry.value, &new.entries[at].value),
                None => self.alone(Some(&entry.value), None),
            }
            self.pop(pushed);
        }
        for (index, entry) in new.entries.iter().enumerate() {
            let key = &entry.key.text;
            if position(old, key, index).is_none() {
                let pushed =
                    self.push(Part::Key(key.clone()), key.as_ref().into(), key.as_ref().into());
                self.alone(None, Some(&entry.value));
                self.pop(pushed);
            }
        }
    }

    /// A value that one side only has. Null means absent to Kubernetes.
    fn alone(&mut self, old: Option<&Node>, new: Option<&Node>) {
        if old.or(new).is_some_and(|node| matches!(node.kind, Kind::Null)) {
            self.outcome.reordered = true;
        } else {
            self.changed(old, new);
        }
    }

    fn lists(&mut self, old: &[Node], new: &[Node]) {
        let field = self.field().to_owned();
        match lists::keys(&field, old, new) {
            Some((a, b)) => self.keyed(&field, (old, &a), (new, &b)),
            None => self.aligned(&field, old, new),
        }
    }

    fn keyed(&mut self, field: &str, old: Side<'_>, new: Side<'_>) {
        let index: BTreeMap<_, _> = new.1.iter().enumerate().map(|(at, key)| (key, at)).collect();
        let mut pairs: Vec<Option<usize>> =
            old.1.iter().map(|key| index.get(key).copied()).collect();
        pair_by_name(&mut pairs, old.0, new.0);
        let mut last = 0;
        let mut moved = false;
        for (a, pair) in pairs.iter().enumerate() {
            let b = pair.unwrap_or(a);
            let name = match pair {
                Some(b) if old.1[a] != new.1[*b] => {
                    name_key(&old.0[a]).unwrap_or_else(|| old.1[a].clone())
                }
                _ => old.1[a].clone(),
            };
            let pushed = self.push(Part::Item(name), Step::Index(a), Step::Index(b));
            match pair {
                Some(b) => {
                    moved |= *b < last;
                    last = last.max(*b);
                    self.node(&old.0[a], &new.0[*b]);
                }
                None => self.changed(Some(&old.0[a]), None),
            }
            self.pop(pushed);
        }
        for (b, item) in new.0.iter().enumerate().filter(|(b, _)| !pairs.contains(&Some(*b))) {
            let pushed = self.push(Part::Item(new.1[b].clone()), Step::Index(b), Step::Index(b));
            self.changed(None, Some(item));
            self.pop(pushed);
        }
        if moved && lists::is_sequence(field) {
            let names = |side: Side<'_>| {
                let name =
                    |key: &lists::ItemKey| Node::string(key.first().map_or("", |(_, name)| name));
                Node::new(
                    Kind::List(side.1.iter().map(name).collect()),
                    crate::span::Span::default(),
                )
            };
            self.changed(Some(&names(old)), Some(&names(new)));
            if let Some(change) = self.outcome.changes.last_mut() {
                change.order = true;
            }
        }
        self.outcome.reordered |= moved;
    }

    /// Lists whose items have no names: the longest common part stays, the rest was replaced.
    fn aligned(&mut self, field: &str, old: &[Node], new: &[Node]) {
        let text = |items: &[Node]| items.iter().map(yaml).collect::<Vec<_>>();
        let (a, b) = (text(old), text(new));
        if a == b {
            return;
        }
        let sorted = |list: &[String]| {
            let mut list = list.to_vec();
            list.sort();
            list
        };
        if sorted(&a) == sorted(&b) {
            self.outcome.reordered = true;
            if !lists::is_set(field) {
                let list = |items: &[Node]| {
                    Node::new(Kind::List(items.to_vec()), crate::span::Span::default())
                };
                self.changed(Some(&list(old)), Some(&list(new)));
                if let Some(change) = self.outcome.changes.last_mut() {
                    change.order = true;
                }
            }
            return;
        }
        for op in capture_diff_slices(Algorithm::Myers, &a, &b) {
            if !matches!(op, DiffOp::Equal { .. }) {
                let (a, b) = (op.old_range(), op.new_range());
                self.replaced((a.start, &old[a]), (b.start, &new[b]));
            }
        }
    }

    fn replaced(&mut self, old: (usize, &[Node]), new: (usize, &[Node])) {
        for at in 0..old.1.len().max(new.1.len()) {
            let (a, b) = (old.0 + at, new.0 + at);
            let shown = if at < new.1.len() { b } else { a };
            let pushed = self.push(Part::Index(shown), Step::Index(a), Step::Index(b));
            match (old.1.get(at), new.1.get(at)) {
                (Some(old), Some(new)) => self.node(old, new),
                (old, new) => self.changed(old, new),
            }
            self.pop(pushed);
        }
    }

    fn changed(&mut self, old: Option<&Node>, new: Option<&Node>) {
        self.outcome.changes.push(Change {
            path: FieldPath(self.path.clone()),
            old: old.cloned(),
            new: new.cloned(),
            order: false,
            steps: self.steps.clone(),
            causes: (None, None),
        });
    }

    /// The name of the field, which says what kind of list or text it holds.
    fn field(&self) -> &str {
        match self.path.last() {
            Some(Part::Key(key)) => key,
            _ => "",
        }
    }

    fn push(&mut self, part: Part, old: Step, new: Step) -> bool {
        self.path.push(part);
        if self.inside > 0 {
            return false;
        }
        self.steps.0.push(old);
        self.steps.1.push(new);
        true
    }

    fn pop(&mut self, pushed: bool) {
        self.path.pop();
        if pushed {
            self.steps.0.pop();
            self.steps.1.pop();
        }
    }
}

/// Items with their keys.
type Side<'a> = (&'a [Node], &'a [lists::ItemKey]);

/// Items whose key changed but whose name did not, such as a port with another number, are the same item.
fn pair_by_name(pairs: &mut [Option<usize>], old: &[Node], new: &[Node]) {
    let free: Vec<usize> = (0..new.len()).filter(|b| !pairs.contains(&Some(*b))).collect();
    if free.is_empty() {
        return;
    }
    for (a, pair) in pairs.iter_mut().enumerate().filter(|(_, pair)| pair.is_none()) {
        let Some(name) = name_key(&old[a]) else { continue };
        let same: Vec<_> =
            free.iter().filter(|b| name_key(&new[**b]).as_ref() == Some(&name)).collect();
        if let [one] = same[..] {
            *pair = Some(*one);
        }
    }
}

fn name_key(item: &Node) -> Option<lists::ItemKey> {
    item.get("name").and_then(Node::as_str).map(|name| vec![("name", name.to_owned())])
}

/// Where a key stands; keys mostly stand where they stood.
fn position(map: &Map, key: &str, guess: usize) -> Option<usize> {
    match map.entries.get(guess) {
        Some(entry) if &*entry.key.text == key => Some(guess),
        _ => map.entries.iter().position(|entry| &*entry.key.text == key),
    }
}
