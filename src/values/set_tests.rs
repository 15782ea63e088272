//! Helm's grammar, compared with what Helm itself makes of it.

use serde_json::{Value as Json, json};

use super::super::typing::typed;
use super::*;
use crate::schema::Types;
use crate::schema::to_json;

/// What `helm template --set EXPRESSION` (3.17.3) made of `.Values`, null where it refused; one pair per line.
const CORPUS: &str = include_str!("set_corpus.jsonl");

/// Accepted by Helm, refused here: it drops what it did not understand without a word.
fn dropped_by_helm(message: &str) -> bool {
    ["a key is empty", "has no value", "unexpected text after a list"]
        .iter()
        .any(|part| message.contains(part))
}

/// Two slips of Helm that are not copied: `a={}` gives `[""]`, and an empty value at the very end is lost when it
/// lies below a list item.
fn slip_of_helm(expression: &str) -> bool {
    expression.contains("={}") || (expression.ends_with('=') && expression.contains("]."))
}

/// Helm's way of putting an assignment into a tree: gaps in lists are null, what stands in the way is replaced.
fn put(at: &mut Json, path: &[Step], value: &Json) -> bool {
    let Some((step, rest)) = path.split_first() else {
        *at = value.clone();
        return true;
    };
    match step {
        Step::Key(key) => {
            if at.is_null() {
                *at = json!({});
            }
            let Some(map) = at.as_object_mut() else { return false };
            put(map.entry(key.to_string()).or_insert(Json::Null), rest, value)
        }
        Step::Index(index) => {
            if at.is_null() {
                *at = json!([]);
            }
            let Some(list) = at.as_array_mut() else { return false };
            while list.len() <= *index {
                list.push(Json::Null);
            }
            // Helm makes a new mapping where an item is something else.
            if matches!(rest.first(), Some(Step::Key(_))) && !list[*index].is_object() {
                list[*index] = json!({});
            }
            put(&mut list[*index], rest, value)
        }
    }
}

fn ours(expression: &str) -> Result<Option<Json>, String> {
    let source = SourceText::new("--set", expression);
    let assignments = parse(&source, Flavour::Typed).map_err(|found| found.to_string())?;
    let mut tree = json!({});
    for assignment in assignments {
        let value = match &assignment.given {
            Given::Text(text) => to_json(&Node::new(typed(text, Types::ANY), Span::default())),
            Given::List(items) => items
                .iter()
                .map(|text| to_json(&Node::new(typed(text, Types::ANY), Span::default())))
                .collect(),
            Given::Exact(_) | Given::Json(_) => unreachable!("not made by --set"),
        };
        if !put(&mut tree, &assignment.path, &value) {
            return Ok(None);
        }
    }
    Ok(Some(tree))
}

#[test]
fn expressions_mean_what_they_mean_to_helm() {
    let mut compared = 0;
    let mut wrong = Vec::new();
    for line in CORPUS.lines() {
        let (expression, helm): (String, Option<Json>) = serde_json::from_str(line).unwrap();
        let ours = ours(&expression);
        let same = match (&ours, &helm) {
            (Err(message), Some(_)) => dropped_by_helm(message),
            (Ok(_), Some(_)) if slip_of_helm(&expression) => true,
            (Ok(ours), helm) => ours == helm,
            (Err(_), None) => true,
        };
        compared += 1;
        if !same {
            wrong.push(format!("{expression:?}: helm {helm:?}, ours {ours:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {compared}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(compared > 500);
}
