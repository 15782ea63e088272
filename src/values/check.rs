//! The schemas' verdict on merged values: all findings at once, each with the value's place and the rule's place.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind;
use serde_json::Value as Json;

use crate::diag::{Diagnostic, Diagnostics};
use crate::ordered::Ordered;
use crate::schema::{ChartSchema, Part, Place, Places, Question, Types};
use crate::span::Span;
use crate::template::{Declared, closed_value_from_entries};
use crate::yaml::Number;

use super::finding::Finder;
use super::merge::Values;
use super::secret::{Secrets, known, mask, placeholder, replace};
use super::tree::{LayerKind, Origin, Step, Tree, TreeKind, path_text};
use super::{declared, to_declared_value, to_json, to_value};

/// A schema that asks for more secrets than this, one hidden behind the other, is not meant seriously.
const MOST_ROUNDS: usize = 32;

/// Values that satisfy the chart's schemas. Only [`check`] makes them.
#[derive(Clone)]
pub(crate) struct CheckedValues {
    tree: Tree,
    chart_wide_value: minijinja::Value,
    /// The values of each component, by their key.
    blocks: BTreeMap<String, minijinja::Value>,
}

/// Judges `values`. Disabled components need not be complete, but what is given for them must be right.
///
/// Returns the warnings beside the values.
pub(crate) fn check(
    schema: &ChartSchema,
    values: Values,
    enabled: &BTreeSet<String>,
    secrets: Secrets,
) -> Result<(CheckedValues, Diagnostics), Diagnostics> {
    let Values { mut tree, unset } = values;
    let mut found = Diagnostics::new();
    let mut masks = known(&tree);
    let parts = schema
        .components()
        .map(|(name, part)| (part, enabled.contains(name)))
        .chain([(schema.chart_wide(), true)]);
    for (part, is_enabled) in parts {
        if accepts(schema, part, &tree, Question::Valid) {
            continue;
        }
        let validator = match schema.validator(part) {
            Ok(validator) => validator,
            Err(finding) => {
                found.push(finding);
                continue;
            }
        };
        if secrets == Secrets::Placeholder && is_enabled {
            stand_in(schema, part, &validator, &mut tree);
        }
        let instance = instance(schema, part, &tree);
        let finder = Finder { schema, part, tree: &tree, is_enabled, unset: &unset };
        for error in validator.iter_errors(&instance) {
            finder.report(&error, &mut found);
        }
    }
    found = one_way_for_secrets(found);
    let places = Places::new(schema);
    if schema.mentions("deprecated") {
        deprecated(&places, &tree, &mut found);
    }
    written_as_floats(&places, &tree, &mut found);
    // A label that hides its line hides it from all others: they may show what was mistyped as something else.
    let hidden = found.iter().flat_map(Diagnostic::labels).filter(|label| label.masked);
    masks.hide_at(hidden.map(|label| label.span.clone()));
    mask(&mut found, &masks);
    if found.has_errors() {
        return Err(found.sorted());
    }
    if secrets == Secrets::Placeholder {
        replace(&mut tree);
    }
    Ok((CheckedValues::new(&places, tree), found.sorted()))
}

/// Says once how several secrets are given, behind the last of them.
fn one_way_for_secrets(found: Diagnostics) -> Diagnostics {
    let mut found: Vec<Diagnostic> = found.sorted().into_iter().collect();
    let is_secret = |finding: &Diagnostic| finding.code() == "values.missing-secret";
    let count = found.iter().filter(|finding| is_secret(finding)).count();
    if count > 1 {
        let mut left = count;
        for finding in found.iter_mut().filter(|finding| is_secret(finding)) {
            left -= 1;
            finding.pop_hint();
            if left == 0 {
                *finding = finding.clone().hint(format!(
                    "give all {count} in a layer of their own with `-f`, or each with `--set-file PATH=FILE`; `--secrets placeholder` renders without them"
                ));
            }
        }
    }
    found.into_iter().collect()
}

/// Finds defaults that break their own schema, whether or not a layer replaces them.
pub(super) fn check_defaults(schema: &ChartSchema, tree: &Tree, found: &mut Diagnostics) {
    for part in schema.components().map(|(_, part)| part).chain([schema.chart_wide()]) {
        if accepts(schema, part, tree, Question::ValidSoFar) {
            continue;
        }
        let validator = match schema.validator(part) {
            Ok(validator) => validator,
            Err(finding) => {
                found.push(finding);
                continue;
            }
        };
        let instance = instance(schema, part, tree);
        let unset = BTreeMap::new();
        let finder = Finder { schema, part, tree, is_enabled: false, unset: &unset };
        let mut wrong = Diagnostics::new();
        for error in validator.iter_errors(&instance) {
            // The layers may give what is missing and make a choice that is open.
            if !may_still_be_given(error.kind()) {
                finder.report(&error, &mut wrong);
            }
        }
        for one in wrong {
            let mut diagnostic = Diagnostic::error(
                "schema.wrong-default",
                format!("a default breaks its own schema: {}", one.message()),
            );
            for label in one.labels() {
                diagnostic = diagnostic.at(&label.span, label.text.clone());
            }
            for hint in one.hints() {
                diagnostic = diagnostic.hint(hint.clone());
            }
            found.push(diagnostic);
        }
    }
}

/// Whether the layers may yet mend what is wrong.
pub(super) fn may_still_be_given(kind: &ValidationErrorKind) -> bool {
    matches!(
        kind,
        ValidationErrorKind::Required { .. }
            | ValidationErrorKind::OneOfNotValid { .. }
            | ValidationErrorKind::AnyOf { .. }
            | ValidationErrorKind::UnevaluatedProperties { .. }
            | ValidationErrorKind::MinProperties { .. }
    )
}

/// The path of a part's values.
pub(super) fn prefix(part: &Part) -> Vec<Step> {
    part.key.as_deref().map(Step::from).into_iter().collect()
}

/// Whether the values of a part are right at first sight.
fn accepts(schema: &ChartSchema, part: &Part, tree: &Tree, question: Question) -> bool {
    match &part.key {
        Some(key) => match tree.step(&Step::from(key.as_str())) {
            Some(block) => schema.accepts(part, block, question),
            None => schema.accepts(part, &Tree::empty_map(), question),
        },
        None => schema.accepts(part, &without_blocks(schema, tree), question),
    }
}

fn instance(schema: &ChartSchema, part: &Part, tree: &Tree) -> Json {
    match &part.key {
        Some(key) => tree
            .step(&Step::from(key.as_str()))
            .map_or_else(|| Json::Object(serde_json::Map::new()), to_json),
        None => to_json(&without_blocks(schema, tree)),
    }
}

fn without_blocks(schema: &ChartSchema, tree: &Tree) -> Tree {
    let map = tree.as_map().into_iter().flatten();
    let kept: Ordered<_> = map
        .filter(|(key, _)| schema.owner(key).is_none())
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    Tree { kind: TreeKind::Map(kept), ..Tree::empty_map() }
}

/// Puts a placeholder where a secret is required and not given. A secret may be asked for only once another is
/// there, hence the rounds.
fn stand_in(schema: &ChartSchema, part: &Part, validator: &jsonschema::Validator, tree: &mut Tree) {
    for _ in 0..MOST_ROUNDS {
        let instance = instance(schema, part, tree);
        let mut missing = Vec::new();
        for error in validator.iter_errors(&instance) {
            missing_secrets(schema, part, &instance, &error, &mut missing);
        }
        if missing.is_empty() {
            return;
        }
        for path in missing {
            let Some((Step::Key(key), parent)) = path.split_last() else { continue };
            let Some(map) = tree.at_mut(parent).and_then(Tree::as_map_mut) else { continue };
            let origin = Origin { span: Span::default(), layer: LayerKind::Placeholder };
            let mut value = Tree::new(placeholder(&path), origin);
            value.secret = true;
            map.insert(key.clone(), value);
        }
    }
}

fn missing_secrets(
    schema: &ChartSchema,
    part: &Part,
    instance: &Json,
    error: &ValidationError<'_>,
    missing: &mut Vec<Vec<Step>>,
) {
    match error.kind() {
        ValidationErrorKind::Required { property: Json::String(key) } => {
            let mut path = prefix(part);
            path.extend(steps(instance, error.instance_path().as_str()));
            path.push(Step::from(key.as_str()));
            if place_at(schema, part, &path).is_some_and(|place| place.is_secret())
                && !missing.contains(&path)
            {
                missing.push(path);
            }
        }
        ValidationErrorKind::OneOfNotValid { context } | ValidationErrorKind::AnyOf { context } => {
            // Only where a missing secret is all that is wrong with a branch is it known which branch was meant.
            for branch in context {
                let mut inner = Vec::new();
                for error in branch {
                    missing_secrets(schema, part, instance, error, &mut inner);
                }
                if !branch.is_empty() && inner.len() == branch.len() {
                    missing.extend(inner);
                    return;
                }
            }
        }
        _ => {}
    }
}

/// The steps of a JSON pointer into an instance.
pub(super) fn steps(instance: &Json, pointer: &str) -> Vec<Step> {
    let mut here = Some(instance);
    let mut path = Vec::new();
    for text in pointer.split('/').skip(1) {
        let text = text.replace("~1", "/").replace("~0", "~");
        let index = text.parse::<usize>().ok().filter(|_| here.is_some_and(Json::is_array));
        if let Some(index) = index {
            here = here.and_then(|value| value.get(index));
            path.push(Step::Index(index));
        } else {
            here = here.and_then(|value| value.get(&text));
            path.push(Step::Key(text.into()));
        }
    }
    path
}

/// What the schemas say about a path of the whole tree.
pub(super) fn place_at<'a>(
    schema: &'a ChartSchema,
    part: &Part,
    path: &[Step],
) -> Option<Place<'a>> {
    let mut place = schema.place_of(part);
    for step in &path[prefix(part).len()..] {
        place = match step {
            Step::Key(key) => place.property(key)?,
            Step::Index(index) => place.item(*index),
        };
    }
    Some(place)
}

/// Refuses `1e3` and `2.0` where an integer is wanted. To JSON Schema they are integers, but they would be printed as
/// floats, which Kubernetes does not take.
fn written_as_floats(places: &Places<'_>, tree: &Tree, found: &mut Diagnostics) {
    for (key, value) in tree.as_map().into_iter().flatten() {
        if holds_floats(value)
            && let Some(place) = places.top_level(key)
        {
            floats_below(value, &place, &mut vec![Step::Key(key.clone())], found);
        }
    }
}

fn holds_floats(tree: &Tree) -> bool {
    match &tree.kind {
        TreeKind::Number(Number::Float(_)) => true,
        TreeKind::List(items) => items.iter().any(holds_floats),
        TreeKind::Map(map) => map.values().any(holds_floats),
        _ => false,
    }
}

fn floats_below(tree: &Tree, place: &Place<'_>, path: &mut Vec<Step>, found: &mut Diagnostics) {
    let types = place.types();
    match &tree.kind {
        TreeKind::Number(Number::Float(value))
            if value.fract() == 0.0 && types.has(Types::INTEGER) && !types.has(Types::NUMBER) =>
        {
            let message =
                format!("`{}` is written as a float, expected an integer", path_text(path));
            found.push(
                Diagnostic::error("values.wrong-type", message)
                    .at(&tree.origin.span, format!("a number ({})", tree.origin.layer.describe()))
                    .hint(format!("write `{value}`")),
            );
        }
        TreeKind::Map(map) => {
            for (key, inner) in map {
                if let Some(place) = place.property(key) {
                    path.push(Step::Key(key.clone()));
                    floats_below(inner, &place, path, found);
                    path.pop();
                }
            }
        }
        TreeKind::List(items) => {
            for (index, inner) in items.iter().enumerate() {
                path.push(Step::Index(index));
                floats_below(inner, &place.item(index), path, found);
                path.pop();
            }
        }
        _ => {}
    }
}

/// Warns of values that are on their way out, unless it is the schema itself that gives them.
fn deprecated(places: &Places<'_>, tree: &Tree, found: &mut Diagnostics) {
    for (key, value) in tree.as_map().into_iter().flatten() {
        if let Some(place) = places.top_level(key) {
            deprecated_below(value, &place, &mut vec![Step::Key(key.clone())], found);
        }
    }
}

fn deprecated_below(tree: &Tree, place: &Place<'_>, path: &mut Vec<Step>, found: &mut Diagnostics) {
    if place.is_deprecated() && matches!(tree.origin.layer, LayerKind::File | LayerKind::Flag) {
        let span = if tree.key_span.is_known() { &tree.key_span } else { &tree.origin.span };
        found.push(
            Diagnostic::warning(
                "values.deprecated",
                format!("`{}` is deprecated", path_text(path)),
            )
            .at(span, "set here")
            .hint_opt(place.description()),
        );
    }
    match &tree.kind {
        TreeKind::Map(map) => {
            for (key, inner) in map {
                if let Some(place) = place.property(key) {
                    path.push(Step::Key(key.clone()));
                    deprecated_below(inner, &place, path, found);
                    path.pop();
                }
            }
        }
        TreeKind::List(items) => {
            for (index, inner) in items.iter().enumerate() {
                path.push(Step::Index(index));
                deprecated_below(inner, &place.item(index), path, found);
                path.pop();
            }
        }
        _ => {}
    }
}

impl fmt::Debug for CheckedValues {
    /// Never shows a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.tree.fmt(f)
    }
}

impl CheckedValues {
    fn new(places: &Places<'_>, tree: Tree) -> Self {
        let schema = places.schema();
        let chart_wide = without_blocks(schema, &tree);
        let empty = Tree::empty_map();
        let block = |(_, part): (&str, &Part)| {
            let key = part.key.as_deref().unwrap_or_default();
            let block = tree.step(&Step::from(key)).unwrap_or(&empty);
            let value = if part.exists() {
                to_declared_value(block, &places.of(part), "values")
            } else {
                let entries: [(&str, minijinja::Value); 0] = [];
                let advice = format!("the component has no schema: `{}` does not exist", part.path);
                closed_value_from_entries(
                    entries,
                    Declared { advice: Some(advice), ..declared("values", &[]) },
                )
            };
            (key.to_owned(), value)
        };
        Self {
            chart_wide_value: to_declared_value(
                &chart_wide,
                &places.of(schema.chart_wide()),
                &path_text(&[Step::from("chart"), Step::from("values")]),
            ),
            blocks: schema.components().map(block).collect(),
            tree,
        }
    }

    /// The whole tree.
    pub(crate) fn tree(&self) -> &Tree {
        &self.tree
    }

    /// Where each secret stands and its text, which is the placeholder where placeholders are wanted.
    pub(crate) fn secret_texts(&self) -> Vec<(String, Arc<str>)> {
        let mut found = Vec::new();
        self.tree.walk_secrets(&mut |path, value| {
            if let TreeKind::String(text) = &value.kind {
                found.push((path_text(path), Arc::clone(&text.text)));
            }
        });
        found
    }

    /// The whole tree for expressions of the chart. Few charts have any, so it is made only when asked for.
    pub(crate) fn whole_value(&self, schema: &ChartSchema) -> minijinja::Value {
        let places = Places::new(schema);
        let top_level = schema.top_level_keys();
        let known: Vec<&str> = top_level.iter().map(String::as_str).collect();
        let whole = self.tree.as_map().into_iter().flatten().map(|(key, inner)| {
            let place = places.top_level(key).unwrap_or_else(|| places.nothing());
            (&**key, to_declared_value(inner, &place, &format!("values.{key}")))
        });
        closed_value_from_entries(whole, declared("values", &known))
    }

    /// One component's values for its templates; cheap to clone.
    pub(crate) fn block_value(&self, component: &str) -> minijinja::Value {
        let key = super::values_key(component);
        // A component without a schema may share its key with a chart-wide value.
        let shared = || self.chart_wide_value.get_item(&minijinja::Value::from(&*key)).ok();
        self.blocks.get(&key).cloned().or_else(shared).unwrap_or_default()
    }

    /// The chart-wide values for templates; cheap to clone.
    pub(crate) fn chart_wide_value(&self) -> &minijinja::Value {
        &self.chart_wide_value
    }

    /// Who set the value at a path of the whole tree.
    pub(crate) fn origin(&self, path: &[Step]) -> Option<Span> {
        let span = &self.tree.at(path)?.origin.span;
        span.is_known().then(|| span.clone())
    }

    /// The whole tree with placeholders for all secrets, for messages.
    pub(crate) fn public_value(&self) -> minijinja::Value {
        let mut tree = self.tree.clone();
        replace(&mut tree);
        to_value(&tree)
    }
}
