//! Pairs the objects of two manifests and compares each pair.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::manifest::ResourceId;
use crate::order::is_mark;
use crate::yaml::{Kind, Node};

use super::change::{Diff, ObjectDiff, Verdict, yaml};
use super::compare::compare;
use super::side::{Manifest, Object};
use super::{live, risk, secret, veil};

/// Compares two manifests; which one is old decides what was added and what removed.
///
/// Objects are the same by group, kind, namespace and name. One that states no namespace pairs with one that
/// states any, if there is only one such: a stream for `kubectl -n` need not say it.
pub fn diff(old: &Manifest, new: &Manifest) -> Diff {
    let pairs = pair(&old.objects, &new.objects);
    let taken: BTreeSet<usize> = pairs.iter().flatten().copied().collect();
    let mut secrets = BTreeSet::new();
    let mut objects: Vec<ObjectDiff> = new
        .objects
        .iter()
        .zip(&pairs)
        .map(|(object, pair)| match pair {
            Some(at) => both((&old.objects[*at], old), (object, new), &mut secrets),
            None => alone(object, Verdict::Added, new.foreign),
        })
        .collect();
    for (_, object) in old.objects.iter().enumerate().filter(|(at, _)| !taken.contains(at)) {
        let gone = alone(object, Verdict::Removed, old.foreign);
        let place = objects
            .iter()
            .rposition(|other| gone.component.is_some() && other.component == gone.component)
            .map_or(objects.len(), |at| at + 1);
        objects.insert(place, gone);
    }
    suggest_renames(&mut objects, old.foreign || new.foreign, &mut secrets);
    if old.foreign || new.foreign {
        let known = veil::learn(secrets, [old, new]);
        for object in &mut objects {
            // Judged with both sides hidden: what is hidden on one of them only would look changed.
            let mut hidden = object.clone();
            veil::draw(&known, &mut hidden, true, true);
            object.risks = risk::assess(&hidden);
            veil::draw(&known, object, old.foreign, new.foreign);
        }
    } else {
        for object in &mut objects {
            object.risks = risk::assess(object);
        }
    }
    Diff { objects }
}

impl Diff {
    /// Leaves out removed objects that never were part of this release: a cluster holds those of others too. What
    /// plimsoll rendered says so in its labels.
    pub fn only_of(mut self, release: &str) -> Self {
        let instance = release.replace('/', "-");
        self.objects.retain(|object| {
            let label = |key: &str| {
                let labels = object.old.as_ref()?.get("metadata")?.get("labels")?;
                labels.get(key)?.as_str().map(str::to_owned)
            };
            object.verdict != Verdict::Removed
                || (label("app.kubernetes.io/managed-by").as_deref() == Some("plimsoll")
                    && label("app.kubernetes.io/instance").as_deref() == Some(&instance))
        });
        self
    }

    /// Adds objects that are known to be equal on both sides.
    pub(crate) fn with_equal(mut self, same: Manifest) -> Self {
        self.objects.extend(same.objects.into_iter().map(|object| ObjectDiff {
            id: object.id,
            verdict: Verdict::Equal,
            component: object.component,
            waves: (object.wave, object.wave),
            fields: Vec::new(),
            risks: Vec::new(),
            renamed: None,
            old: None,
            new: None,
        }));
        self
    }
}

/// For each new object the old one that it is.
fn pair(old: &[Object], new: &[Object]) -> Vec<Option<usize>> {
    let index: BTreeMap<&ResourceId, usize> =
        old.iter().enumerate().map(|(at, object)| (&object.id, at)).collect();
    let mut pairs: Vec<Option<usize>> =
        new.iter().map(|object| index.get(&object.id).copied()).collect();
    if pairs.iter().all(Option::is_some) {
        return pairs;
    }
    let taken: BTreeSet<usize> = pairs.iter().flatten().copied().collect();
    let mut free: BTreeMap<(&str, &str, &str), Vec<usize>> = BTreeMap::new();
    for (at, object) in old.iter().enumerate().filter(|(at, _)| !taken.contains(at)) {
        free.entry(without_namespace(&object.id)).or_default().push(at);
    }
    let mut wanted: BTreeMap<(&str, &str, &str), Vec<usize>> = BTreeMap::new();
    for (at, object) in new.iter().enumerate().filter(|(at, _)| pairs[*at].is_none()) {
        wanted.entry(without_namespace(&object.id)).or_default().push(at);
    }
    for (name, there) in &wanted {
        if let (Some([one]), [at]) = (free.get(name).map(Vec::as_slice), &there[..])
            && (new[*at].id.namespace.is_none() || old[*one].id.namespace.is_none())
        {
            pairs[*at] = Some(*one);
        }
    }
    pairs
}

fn without_namespace(id: &ResourceId) -> (&str, &str, &str) {
    (&id.group, &id.kind, &id.name)
}

fn both(
    old: (&Object, &Manifest),
    new: (&Object, &Manifest),
    secrets: &mut BTreeSet<String>,
) -> ObjectDiff {
    let ((old, old_side), (new, new_side)) = (old, new);
    let live = old_side.live || new_side.live;
    let foreign = old_side.foreign || new_side.foreign;
    let (mut left, mut right) = (Cow::Borrowed(&old.node), Cow::Borrowed(&new.node));
    if foreign {
        secret::seal(&mut left, &mut right);
    }
    if live {
        let (a, b) = live::settle((&left, old_side.live), (&right, new_side.live));
        (left, right) = (Cow::Owned(a), Cow::Owned(b));
    }
    let mut outcome = compare(&left, &right, foreign);
    if old.id.namespace.is_none() || new.id.namespace.is_none() || live {
        // Paired all the same: the namespace was left to the applier.
        outcome.changes.retain(|change| change.path.to_string() != "metadata.namespace");
    }
    let all = outcome.changes.len();
    if live {
        // Whoever applied it may have been told the order in other words, or that of a part of the release.
        outcome.changes.retain(|change| !change.annotation().is_some_and(is_mark));
    }
    secrets.append(&mut outcome.secrets);
    // How the server spells is nobody's choice: `0.1` comes back as `100m`.
    let reordered = outcome.changes.len() < all || outcome.reordered && !live;
    let verdict = match (outcome.changes.is_empty(), reordered) {
        (false, _) => Verdict::Changed,
        (true, true) => Verdict::Reordered,
        (true, false) => Verdict::Equal,
    };
    ObjectDiff {
        id: new.id.clone(),
        verdict,
        component: new.component.clone().or_else(|| old.component.clone()),
        waves: (old.wave, new.wave),
        fields: outcome.changes,
        risks: Vec::new(),
        renamed: None,
        old: (verdict != Verdict::Equal).then(|| left.into_owned()),
        new: (verdict != Verdict::Equal).then(|| right.into_owned()),
    }
}

fn alone(object: &Object, verdict: Verdict, foreign: bool) -> ObjectDiff {
    let node = Some(if foreign { secret::masked(&object.node) } else { object.node.clone() });
    let added = verdict == Verdict::Added;
    ObjectDiff {
        id: object.id.clone(),
        verdict,
        component: object.component.clone(),
        waves: if added { (None, object.wave) } else { (object.wave, None) },
        fields: Vec::new(),
        risks: Vec::new(),
        renamed: None,
        old: if added { None } else { node.clone() },
        new: if added { node } else { None },
    }
}

/// A removed and an added object of one kind that share most of their lines are probably one object, renamed. What
/// else is different about it stands with the added one.
fn suggest_renames(objects: &mut [ObjectDiff], foreign: bool, secrets: &mut BTreeSet<String>) {
    let lines = |node: &Option<Node>| -> BTreeSet<String> {
        let Some(Kind::Map(map)) = node.as_ref().map(|node| &node.kind) else {
            return BTreeSet::new();
        };
        let body = map.entries.iter().filter(|entry| &*entry.key.text != "metadata");
        body.flat_map(|entry| {
            let text = yaml(&entry.value);
            text.lines().map(|line| format!("{}/{line}", entry.key.text)).collect::<Vec<_>>()
        })
        .collect()
    };
    let of = |verdict| {
        objects
            .iter()
            .enumerate()
            .filter(move |(_, object)| object.verdict == verdict)
            .map(|(at, _)| at)
    };
    let (removed, added): (Vec<_>, Vec<_>) =
        (of(Verdict::Removed).collect(), of(Verdict::Added).collect());
    // Each pair is compared once; beyond this many there is no renaming but another release.
    if removed.len() * added.len() > 10_000 {
        return;
    }
    let gone: Vec<_> = removed.iter().map(|at| (*at, lines(&objects[*at].old))).collect();
    let mut likely = Vec::new();
    for to in added {
        let there = lines(&objects[to].new);
        for (from, before) in &gone {
            let same_kind = objects[*from].id.kind == objects[to].id.kind
                && objects[*from].id.group == objects[to].id.group;
            let (shared, all) = (before.intersection(&there).count(), before.union(&there).count());
            if same_kind && all > 2 && shared * 3 >= all * 2 {
                likely.push((shared * 1000 / all, *from, to));
            }
        }
    }
    likely.sort_by_key(|(score, from, to)| (std::cmp::Reverse(*score), *from, *to));
    for (_, from, to) in likely {
        if objects[from].renamed.is_none() && objects[to].renamed.is_none() {
            objects[from].renamed = Some(objects[to].id.clone());
            objects[to].renamed = Some(objects[from].id.clone());
            if let (Some(old), Some(new)) = (&objects[from].old, &objects[to].new) {
                let mut outcome = compare(old, new, foreign);
                secrets.append(&mut outcome.secrets);
                outcome.changes.retain(|change| change.path.to_string() != "metadata.name");
                objects[to].fields = outcome.changes;
            }
        }
    }
}
