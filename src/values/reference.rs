//! `!ref path.to.value`: copies of other values, made when all layers are merged.

use std::sync::Arc;

use crate::diag::{Diagnostic, Diagnostics, nearest};
use crate::schema::ChartSchema;
use crate::span::Span;

use super::secret::{Secrets, placeholder};
use super::tree::{LayerKind, Origin, Step, Tree, parse_path, path_text};

/// Bounds on what hostile layers may cost.
const MOST_REFERENCES: usize = 4_096;
const MOST_COPIED: usize = 200_000;

struct Pending {
    at: Vec<Step>,
    target: Vec<Step>,
    text: Arc<str>,
}

/// Puts a typed copy in place of each reference. One that leads to another waits for it.
pub(super) fn resolve(
    tree: &mut Tree,
    schema: &ChartSchema,
    secrets: Secrets,
    found: &mut Diagnostics,
) {
    let mut pending = Vec::new();
    tree.walk(&mut |path, value| {
        if let Some(text) = &value.reference {
            pending.push((path.to_vec(), Arc::clone(text), value.origin.span.clone()));
        }
    });
    if let Some((_, _, span)) = pending.get(MOST_REFERENCES) {
        found.push(
            Diagnostic::error(
                "values.too-many-refs",
                format!("more than {MOST_REFERENCES} `!ref`s"),
            )
            .at(span, "one too many"),
        );
        return;
    }
    let mut waiting = Vec::new();
    for (at, text, span) in pending {
        match parse_path(&text) {
            Some(mut target) => {
                let chart = Step::from("chart");
                if target.first() == Some(&chart) && tree.step(&chart).is_none() {
                    target.remove(0);
                }
                waiting.push(Pending { at, target, text });
            }
            None => found.push(
                Diagnostic::error("values.bad-ref", format!("`{text}` is no path of a value"))
                    .at(&span, "here")
                    .hint("write it like `broker.ports[0].name`"),
            ),
        }
    }
    let mut nodes = 0;
    while !waiting.is_empty() {
        let (ready, blocked): (Vec<_>, Vec<_>) = (0..waiting.len())
            .partition(|index| blocker(&waiting, &waiting[*index].target).is_none());
        if ready.is_empty() {
            report_cycle(tree, &waiting, found);
            return;
        }
        let mut copies = Vec::new();
        for index in ready {
            let one = &waiting[index];
            match tree.at(&one.target) {
                Some(target) => {
                    target.walk(&mut |_, _| nodes += 1);
                    if nodes > MOST_COPIED {
                        found.push(too_large(tree, one));
                        return;
                    }
                    copies.push((one.at.clone(), target.clone()));
                }
                None if !is_secret(schema, &one.target) => found.push(missing(tree, one)),
                None if secrets == Secrets::Placeholder => {
                    let origin = Origin { span: Span::default(), layer: LayerKind::Placeholder };
                    let mut stand_in = Tree::new(placeholder(&one.target), origin);
                    stand_in.secret = true;
                    copies.push((one.at.clone(), stand_in));
                }
                None => found.push(missing_secret(tree, one)),
            }
        }
        for (at, target) in copies {
            if let Some(here) = tree.at_mut(&at) {
                here.kind = target.kind;
                if target.secret {
                    here.mark_secret();
                }
            }
        }
        let keep = |index: &usize| blocked.contains(index);
        let mut index = 0;
        waiting.retain(|_| {
            index += 1;
            keep(&(index - 1))
        });
    }
}

/// A reference that has to be resolved before `target` can be read: at it, above it or inside it.
fn blocker(waiting: &[Pending], target: &[Step]) -> Option<usize> {
    waiting.iter().position(|other| other.at.starts_with(target) || target.starts_with(&other.at))
}

fn report_cycle(tree: &Tree, waiting: &[Pending], found: &mut Diagnostics) {
    let mut chain: Vec<usize> = vec![0];
    let start = loop {
        let last = chain[chain.len() - 1];
        let Some(next) = blocker(waiting, &waiting[last].target) else { return };
        if let Some(start) = chain.iter().position(|index| *index == next) {
            break start;
        }
        chain.push(next);
    };
    let cycle = &chain[start..];
    let mut names: Vec<String> = cycle.iter().map(|index| path_text(&waiting[*index].at)).collect();
    names.push(names[0].clone());
    let mut diagnostic = Diagnostic::error(
        "values.ref-cycle",
        format!("`!ref`s lead in a circle: {}", names.join(" → ")),
    );
    for index in cycle {
        if let Some(value) = tree.at(&waiting[*index].at) {
            diagnostic =
                diagnostic.at(&value.origin.span, format!("refers to `{}`", waiting[*index].text));
        }
    }
    found.push(diagnostic.hint("give one of them a value of its own"));
}

fn missing(tree: &Tree, one: &Pending) -> Diagnostic {
    let mut deepest = tree;
    let mut depth = 0;
    while let Some(next) = one.target.get(depth).and_then(|step| deepest.step(step)) {
        deepest = next;
        depth += 1;
    }
    let hint = match (one.target.get(depth), deepest.as_map()) {
        (Some(Step::Key(key)), Some(map)) => {
            nearest(key, map.keys().map(|key| &**key)).map(|near| {
                let mut path = one.target[..depth].to_vec();
                path.push(Step::from(near));
                path.extend(one.target[depth + 1..].iter().cloned());
                format!("did you mean `{}`?", path_text(&path))
            })
        }
        _ => None,
    };
    let diagnostic = Diagnostic::error(
        "values.missing-ref",
        format!("`{}` refers to `{}`, which has no value", path_text(&one.at), one.text),
    );
    let diagnostic = match tree.at(&one.at) {
        Some(value) => diagnostic.at(&value.origin.span, "referred to here"),
        None => diagnostic,
    };
    diagnostic.hint_opt(hint)
}

/// Whether the schemas call what may stand at a path secret.
fn is_secret(schema: &ChartSchema, path: &[Step]) -> bool {
    let Some((Step::Key(first), rest)) = path.split_first() else { return false };
    let place = rest.iter().try_fold(schema.top_level(first), |place, step| {
        Some(match step {
            Step::Key(key) => place?.property(key),
            Step::Index(index) => Some(place?.item(*index)),
        })
    });
    place.flatten().is_some_and(|place| place.is_secret())
}

fn missing_secret(tree: &Tree, one: &Pending) -> Diagnostic {
    let target = path_text(&one.target);
    let message =
        format!("`{}` refers to the secret `{target}`, which is not given", path_text(&one.at));
    let diagnostic = Diagnostic::error("values.missing-ref", message);
    let diagnostic = match tree.at(&one.at) {
        Some(value) => diagnostic.at(&value.origin.span, "referred to here"),
        None => diagnostic,
    };
    diagnostic.hint(format!(
        "give it in a file outside the repository with `-f`, or with `--set-file {target}=FILE`"
    ))
}

fn too_large(tree: &Tree, one: &Pending) -> Diagnostic {
    let diagnostic = Diagnostic::error("values.too-many-refs", "`!ref`s copy too much");
    match tree.at(&one.at) {
        Some(value) => diagnostic.at(&value.origin.span, "one too many"),
        None => diagnostic,
    }
}
