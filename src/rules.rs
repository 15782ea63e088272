//! The chart's `rules:`: what must hold across components and no schema can say.
//!
//! A rule with `each` is judged for every item of a list or map, and for every combination when it names several.

mod paths;

use std::collections::BTreeMap;

use minijinja::value::{Value, merge_maps};

use crate::chart::{Each, Expression, Items as Listed, Path, Rule};
use crate::context::Shared;
use crate::diag::{Diagnostic, Diagnostics, Severity};
use crate::span::Span;
use crate::template::Expressions;
use crate::values::{CheckedValues, LayerKind, Step, Tree, TreeKind, parse_path, path_text};

pub(crate) use paths::check_paths;

/// How many items the `each` of one rule may come to; three nested lists of a hostile layer could be any number.
const MOST_ITEMS: usize = 10_000;

/// Where a name of a rule's `each` stands in the values.
#[derive(Clone)]
struct Item {
    name: String,
    path: Vec<Step>,
    /// The rule names the path itself, which then is its key.
    is_listed: bool,
}

/// One for each name: a combination of items.
type Items = Vec<Item>;

/// Every rule that is broken, as an error or a warning, pointing at the values it speaks of.
pub(crate) fn check_rules(rules: &[Rule], shared: &Shared, values: &CheckedValues) -> Diagnostics {
    let mut found = Diagnostics::new();
    if rules.is_empty() {
        return found;
    }
    let expressions = Expressions::new();
    let context = shared.of_chart();
    for rule in rules {
        let mut combinations = Vec::new();
        if !combine(&rule.each, &mut Items::new(), values.tree(), &mut combinations) {
            found.push(
                Diagnostic::error(
                    "values.too-many-items",
                    format!("a rule of the chart speaks of more than {MOST_ITEMS} items"),
                )
                .at(&rule.holds.span, "the chart's rule")
                .hint("shorten the lists that the rule names in `each`"),
            );
            continue;
        }
        for items in &combinations {
            let context = with_items(&context, items);
            match broken(rule, items, &expressions, &context, shared, values) {
                Ok(None) => {}
                Ok(Some(finding)) | Err(finding) => found.push(finding),
            }
        }
    }
    found
}

/// Collects every combination of items; false when there are too many. What is absent or null has no items.
fn combine(each: &[Each], items: &mut Items, tree: &Tree, found: &mut Vec<Items>) -> bool {
    let Some((first, rest)) = each.split_first() else {
        found.push(items.clone());
        return found.len() <= MOST_ITEMS;
    };
    let place = |path: &Path| {
        resolve(&path.keys.iter().map(|key| Step::from(key.as_str())).collect::<Vec<_>>(), items)
    };
    let places: Vec<Vec<Step>> = match &first.items {
        Listed::At(paths) => {
            paths.iter().map(place).filter(|path| tree.at(path).is_some()).collect()
        }
        Listed::Of(path) => {
            let path = place(path);
            let steps: Vec<Step> = match tree.at(&path).map(|tree| &tree.kind) {
                Some(TreeKind::List(list)) => (0..list.len()).map(Step::Index).collect(),
                Some(TreeKind::Map(map)) => map.keys().cloned().map(Step::Key).collect(),
                _ => Vec::new(),
            };
            let below = |step| path.iter().cloned().chain([step]).collect();
            steps.into_iter().map(below).collect()
        }
    };
    let is_listed = matches!(first.items, Listed::At(_));
    places.into_iter().all(|path| {
        items.push(Item { name: first.name.clone(), path, is_listed });
        let few = combine(rest, items, tree, found);
        items.pop();
        few
    })
}

/// The place in the values that a path means, which starts with `values`, a name of `each` or neither.
fn resolve(path: &[Step], items: &Items) -> Vec<Step> {
    let Some((Step::Key(first), rest)) = path.split_first() else { return path.to_vec() };
    if &**first == "values" {
        return rest.to_vec();
    }
    match items.iter().find(|item| *item.name == **first) {
        Some(item) => item.path.iter().chain(rest).cloned().collect(),
        None => path.to_vec(),
    }
}

/// The context with the items under their names, and `key` with the index or key of each.
fn with_items(context: &Value, items: &Items) -> Value {
    if items.is_empty() {
        return context.clone();
    }
    let values = context.get_attr("values").unwrap_or_default();
    let (mut named, mut keys) = (BTreeMap::new(), BTreeMap::new());
    for Item { name, path, is_listed } in items {
        let down = |value: Value, step: &Step| match step {
            Step::Key(key) => value.get_item(&Value::from(&**key)).unwrap_or_default(),
            Step::Index(index) => value.get_item_by_index(*index).unwrap_or_default(),
        };
        named.insert(name.clone(), path.iter().fold(values.clone(), down));
        if *is_listed {
            keys.insert(name.clone(), Value::from(path_text(path)));
            continue;
        }
        keys.extend(path.last().map(|step| match step {
            Step::Key(key) => (name.clone(), Value::from(&**key)),
            Step::Index(index) => (name.clone(), Value::from(*index)),
        }));
    }
    named.insert("key".to_owned(), Value::from(keys));
    // The last one wins: a name hides a value of the same name.
    merge_maps([context.clone(), Value::from(named)])
}

fn broken(
    rule: &Rule,
    items: &Items,
    expressions: &Expressions,
    context: &Value,
    shared: &Shared,
    values: &CheckedValues,
) -> Result<Option<Diagnostic>, Diagnostic> {
    let ask =
        |expression: &Expression| expressions.eval(&expression.span, &expression.text, context);
    if let Some(when) = &rule.when
        && !ask(when)?.is_true()
    {
        return Ok(None);
    }
    if ask(&rule.holds)?.is_true() {
        return Ok(None);
    }
    let public = with_items(&shared.with_values(values.public_value()).of_chart(), items);
    let text =
        |expression: &Expression| expressions.text(&expression.span, &expression.text, &public);
    let message = text(&rule.message)?;
    let mut finding = match rule.severity {
        Severity::Error => Diagnostic::error("values.rule", message),
        Severity::Warning => Diagnostic::warning("values.rule", message),
    };
    finding = finding.of_rule(rule.name.as_deref());
    for (span, note) in places(rule, items, values) {
        finding = finding.at(&span, note);
    }
    let named = match &rule.name {
        Some(name) => format!("the chart's rule `{name}`"),
        None => "the chart's rule".to_owned(),
    };
    finding = finding.at(&rule.holds.span, named);
    if let Some(hint) = &rule.hint {
        finding = finding.hint(text(hint)?);
    }
    Ok(Some(finding))
}

/// The value to blame and the others that the rule names, those that a layer set before the schema's defaults.
fn places(rule: &Rule, items: &Items, values: &CheckedValues) -> Vec<(Span, String)> {
    let blamed = rule
        .path
        .as_ref()
        .and_then(|path| parse_path(&path.text))
        .map(|path| resolve(&path, items));
    let mut paths: Vec<Vec<Step>> = blamed
        .iter()
        // An optional value that is absent is shown by what it should stand in.
        .map(|path| nearest_set(path, values.tree()))
        .collect();
    for expression in rule.when.iter().chain([&rule.holds]) {
        for name in items.iter().map(|item| item.name.as_str()).chain(["values"]) {
            let named = named(name, &expression.text);
            paths.extend(named.iter().filter_map(|path| Some(resolve(&parse_path(path)?, items))));
        }
    }
    set_places(paths, values)
}

/// Where layers set what a switch such as `values.back.enabled` speaks of.
pub(crate) fn switch_places(switch: &Expression, values: &CheckedValues) -> Vec<(Span, String)> {
    let paths = named("values", &switch.text);
    let path = |path: &&str| Some(resolve(&parse_path(path)?, &Items::new()));
    set_places(paths.iter().filter_map(path).collect(), values)
}

/// The places of values, each once, those that a layer set before the schema's defaults.
fn set_places(paths: Vec<Vec<Step>>, values: &CheckedValues) -> Vec<(Span, String)> {
    let mut places: Vec<(bool, Span, String)> = Vec::new();
    for path in paths {
        let Some(tree) = values.tree().at(&path) else { continue };
        // A mapping begins with its first entry, which need not be the one that is wrong.
        let is_map = tree.as_map().is_some() && tree.key_span.is_known();
        let span = if is_map { &tree.key_span } else { &tree.origin.span };
        if !span.is_known() || places.iter().any(|(_, known, _)| known == span) {
            continue;
        }
        let default = tree.origin.layer == LayerKind::SchemaDefault;
        let note = if default { "by default" } else { "set here" };
        places.push((default, span.clone(), format!("`{}`, {note}", path_text(&path))));
    }
    // Stable: the value to blame stays first among its like.
    places.sort_by_key(|(default, ..)| *default);
    places.into_iter().map(|(_, span, note)| (span, note)).collect()
}

/// The longest beginning of a path that exists.
fn nearest_set(path: &[Step], tree: &Tree) -> Vec<Step> {
    let known = (0..=path.len()).rev().find(|length| tree.at(&path[..*length]).is_some());
    path[..known.unwrap_or(0)].to_vec()
}

/// The paths in an expression that start with a name: `values.a.b`.
fn named<'a>(name: &str, text: &'a str) -> Vec<&'a str> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
    text.match_indices(name)
        .filter(|(at, _)| !text[..*at].ends_with(is_part))
        .map(|(at, _)| &text[at..])
        .map(|rest| rest[..rest.find(|c| !is_part(c)).unwrap_or(rest.len())].trim_end_matches('.'))
        .filter(|path| path.strip_prefix(name).is_some_and(|rest| rest.starts_with('.')))
        .collect()
}
