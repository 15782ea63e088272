//! Which values are behind what a template reads, when it reads them through `needs` or `inputs`.
//!
//! Exports and inputs are expressions, so what they give has no place of its own. The values that an expression
//! names stand for it; where it names none, the expression does.

use std::sync::Arc;

use crate::chart::{Chart, Component, Expression};
use crate::span::Span;
use crate::template::Segment;
use crate::values::{CheckedValues, Step, values_key};

/// Exports may read the exports of others in turn; a chart has no chain longer than this that anybody follows.
const LONGEST_CHAIN: usize = 16;

/// Where what a component's template calls by this path was set.
pub(crate) fn behind(
    chart: &Chart,
    values: &CheckedValues,
    component: &str,
    path: &[Segment],
) -> Vec<Span> {
    let mut found = Vec::new();
    let Some(component) = chart.components.get(component) else { return found };
    Search { chart, values }.of_component(component, path, LONGEST_CHAIN, &mut found);
    found.sort();
    found.dedup();
    found
}

struct Search<'a> {
    chart: &'a Chart,
    values: &'a CheckedValues,
}

/// Whose names an expression uses.
#[derive(Clone, Copy)]
enum Scope<'a> {
    /// Those of a component's templates: exports.
    Component(&'a Component),
    /// The whole tree: inputs.
    Chart,
}

impl Search<'_> {
    fn of_component(&self, own: &Component, path: &[Segment], left: usize, found: &mut Vec<Span>) {
        let is = |at: usize, name: &str| key(path, at) == Some(name);
        if is(0, "values") {
            let block = Segment::Key(values_key(&own.name).into());
            self.of_values([&block].into_iter().chain(&path[1..]), found);
        } else if is(0, "chart") && is(1, "values") {
            self.of_values(path[2..].iter(), found);
        } else if is(0, "inputs") {
            let wanted = key(path, 1);
            let input = own.inputs.iter().find(|(name, _)| Some(name.as_str()) == wanted);
            if let Some((_, expression)) = input {
                self.of_expression(expression, Scope::Chart, &path[2..], left, found);
            }
        } else if is(0, "needs") {
            let wanted = key(path, 1).unwrap_or_default();
            let needed = self.chart.components.values().find(|component| {
                component.name == wanted || values_key(&component.name) == wanted
            });
            let Some(needed) = needed else { return };
            let export =
                needed.exports.iter().find(|(name, _)| Some(name.as_str()) == key(path, 2));
            if let Some((_, expression)) = export {
                self.of_expression(expression, Scope::Component(needed), &path[3..], left, found);
            }
        }
    }

    /// What an expression names; where that is a single path, the rest of the way goes on from there.
    fn of_expression(
        &self,
        expression: &Expression,
        scope: Scope<'_>,
        rest: &[Segment],
        left: usize,
        found: &mut Vec<Span>,
    ) {
        let Some(left) = left.checked_sub(1) else { return };
        let before = found.len();
        for named in paths(&expression.text) {
            let is_all = named == expression.text.trim();
            let rest = if is_all { rest } else { &[] };
            let steps = named.split('.').map(|key| Segment::Key(key.into()));
            let path: Vec<Segment> = steps.chain(rest.iter().cloned()).collect();
            match scope {
                Scope::Component(component) => self.of_component(component, &path, left, found),
                Scope::Chart => {
                    let skip = usize::from(key(&path, 0) == Some("values"));
                    self.of_values(path[skip..].iter(), found);
                }
            }
        }
        if found.len() == before && expression.span.is_known() {
            found.push(expression.span.clone());
        }
    }

    /// The value at a path of the whole tree, or the nearest one above: the end of a path may be a method.
    fn of_values<'s>(&self, path: impl Iterator<Item = &'s Segment>, found: &mut Vec<Span>) {
        let mut steps: Vec<Step> = path
            .map(|segment| match segment {
                Segment::Key(key) => Step::Key(Arc::clone(key)),
                Segment::Index(index) => Step::Index(*index),
            })
            .collect();
        while !steps.is_empty() {
            if self.values.tree().at(&steps).is_some() {
                found.extend(self.values.origin(&steps));
                return;
            }
            steps.pop();
        }
    }
}

fn key(path: &[Segment], at: usize) -> Option<&str> {
    match path.get(at)? {
        Segment::Key(key) => Some(key),
        Segment::Index(_) => None,
    }
}

/// The dotted names in an expression, those in its texts left out.
fn paths(text: &str) -> Vec<&str> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if first == '"' || first == '\'' {
            let end = rest[1..].find(first).map_or(rest.len(), |end| end + 2);
            rest = &rest[end..];
        } else if is_part(first) {
            let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
            if !first.is_ascii_digit() && first != '.' {
                found.push(rest[..end].trim_end_matches('.'));
            }
            rest = &rest[end..];
        } else {
            rest = &rest[first.len_utf8()..];
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::paths;

    #[test]
    fn names_are_found_and_texts_are_not() {
        assert_eq!(
            paths(
                "chart.values.name ~ '-values.x:' ~ values.port|string if f(needs.a_b.c) else 1.5"
            ),
            ["chart.values.name", "values.port", "string", "if", "f", "needs.a_b.c", "else"]
        );
        assert_eq!(paths("'never closed values.x"), [""; 0]);
    }
}
