//! A document for programs. Its form is fixed by `docs/diff.schema.json`; fields may be added to it.

use crate::diff::cause::Cause;
use crate::diff::change::{Change, Diff, ObjectDiff, ReleaseDiff, Verdict};
use crate::diff::risk::Risk;
use crate::manifest::ResourceId;
use crate::span::Span;
use crate::yaml::{Kind, Node, Number, write_json};

/// Draws releases as one JSON document.
#[must_use]
pub fn json(releases: &[ReleaseDiff]) -> String {
    let all = list(releases.iter().map(release));
    let differs = releases.iter().any(|release| !release.diff.is_empty());
    let document = map([
        ("apiVersion", Some(Node::string("plimsoll.dev/v1"))),
        ("kind", Some(Node::string("Diff"))),
        ("differs", Some(boolean(differs))),
        ("releases", Some(all)),
    ]);
    let mut out = String::new();
    write_json(&document, &mut out);
    out.push('\n');
    out
}

fn release(release: &ReleaseDiff) -> Node {
    let objects = release.diff.objects.iter().filter(|object| object.verdict != Verdict::Equal);
    map([
        ("name", Some(Node::string(release.release.as_str()))),
        ("counts", Some(counts(&release.diff))),
        ("objects", Some(list(objects.map(object)))),
    ])
}

fn counts(diff: &Diff) -> Node {
    use Verdict::{Added, Changed, Equal, Removed, Reordered};
    let count = |verdict: Verdict| (verdict.as_str(), Some(number(diff.count(verdict))));
    map([Changed, Added, Removed, Reordered, Equal].map(count))
}

fn object(object: &ObjectDiff) -> Node {
    let fields = object.fields.iter().filter(|change| !change.is_wave());
    let whole =
        |verdict: Verdict, node: &Option<Node>| node.clone().filter(|_| object.verdict == verdict);
    map([
        ("verdict", Some(Node::string(object.verdict.as_str()))),
        ("id", Some(id(&object.id))),
        ("component", object.component.as_deref().map(Node::string)),
        ("oldWave", object.waves.0.map(|wave| number(wave as usize))),
        ("newWave", object.waves.1.map(|wave| number(wave as usize))),
        ("renamed", object.renamed.as_ref().map(id)),
        ("risks", Some(list(object.risks.iter().map(risk)))),
        ("fields", Some(list(fields.map(field)))),
        ("old", whole(Verdict::Removed, &object.old)),
        ("new", whole(Verdict::Added, &object.new)),
    ])
}

fn id(id: &ResourceId) -> Node {
    map([
        ("group", Some(Node::string(id.group.as_str()))),
        ("kind", Some(Node::string(id.kind.as_str()))),
        ("namespace", id.namespace.as_deref().map(Node::string)),
        ("name", Some(Node::string(id.name.as_str()))),
    ])
}

fn risk(risk: &Risk) -> Node {
    map([
        ("code", Some(Node::string(risk.code))),
        ("message", Some(Node::string(risk.message.as_str()))),
        ("path", risk.path.as_ref().map(|path| Node::string(path.to_string()))),
    ])
}

fn field(change: &Change) -> Node {
    let edges = change.edges().map(|(added, removed)| {
        let names = |names: Vec<&str>| Some(list(names.into_iter().map(Node::string)));
        map([("added", names(added)), ("removed", names(removed))])
    });
    map([
        ("path", Some(Node::string(change.path.to_string()))),
        ("old", change.old.clone()),
        ("new", change.new.clone()),
        ("order", change.order.then(|| boolean(true))),
        ("edges", edges),
        ("oldCause", change.old_cause().map(cause)),
        ("newCause", change.new_cause().map(cause)),
    ])
}

fn cause(cause: &Cause) -> Node {
    let at = cause.span().start();
    map([
        ("file", Some(Node::string(cause.span().name()))),
        ("line", at.map(|at| number(at.line))),
        ("column", at.map(|at| number(at.column))),
        ("value", cause.value().map(Node::string)),
    ])
}

fn map<const N: usize>(fields: [(&str, Option<Node>); N]) -> Node {
    Node::map(fields.into_iter().filter_map(|(key, value)| Some((key.into(), value?))))
}

fn list(items: impl Iterator<Item = Node>) -> Node {
    Node::new(Kind::List(items.collect()), Span::default())
}

fn number(value: usize) -> Node {
    let value = i128::try_from(value).unwrap_or(i128::MAX);
    Node::new(Kind::Number(Number::Int(value)), Span::default())
}

fn boolean(value: bool) -> Node {
    Node::new(Kind::Bool(value), Span::default())
}
