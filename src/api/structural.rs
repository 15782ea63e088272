//! A custom resource against the structural schema of its definition.
//!
//! Objects are closed: what the schema does not name, the API server would prune. `x-kubernetes-validations` are rules
//! in CEL; they are not evaluated, and the caller is told that there are some.

use std::cmp::Ordering;

use regex::Regex;

use crate::diag::nearest;
use crate::yaml::{Kind, Map, Node, Number};

use super::check::{Checker, LONGEST_SHOWN, SECRET};
use super::finding::{Findings, Path, Place};

/// Fields that every object has, whatever its schema says.
const OWN: [&str; 3] = ["apiVersion", "kind", "metadata"];

/// Walks a custom resource.
pub(super) struct Walk<'a, 'f> {
    pub(super) version: u32,
    pub(super) found: &'f mut Findings<'a>,
    /// Whether rules in CEL apply to what was seen.
    pub(super) has_rules: bool,
}

impl Walk<'_, '_> {
    /// The whole object. Its `metadata` is the caller's matter.
    pub(super) fn object(&mut self, node: &Node, schema: &Node) {
        self.rules(schema);
        if let Some(map) = node.as_map() {
            self.fields(map, schema, &Path::Root, true);
        }
    }

    fn value(&mut self, node: &Node, schema: &Node, path: &Path<'_>) {
        self.rules(schema);
        let either = flag(schema, "x-kubernetes-int-or-string");
        let wanted = text(schema, "type");
        if matches!(node.kind, Kind::Null) {
            if !flag(schema, "nullable") && (either || wanted.is_some()) {
                self.wrong_type(node, wanted.map_or("an integer or a string", describe), path);
            }
            return;
        }
        let fits = if either {
            matches!(node.kind, Kind::String(_)) || is_whole(node)
        } else {
            is_of_type(node, wanted)
        };
        if !fits {
            return self.wrong_type(
                node,
                wanted.filter(|_| !either).map_or("an integer or a string", describe),
                path,
            );
        }
        match &node.kind {
            Kind::Map(map) => {
                self.fields(map, schema, path, flag(schema, "x-kubernetes-embedded-resource"));
            }
            Kind::List(items) => {
                if let Some(of) = schema.get("items") {
                    for (index, item) in items.iter().enumerate() {
                        self.value(item, of, &Path::Index(path, index));
                    }
                }
                if let Some(kind @ ("set" | "map")) = text(schema, "x-kubernetes-list-type") {
                    let keys = schema
                        .get("x-kubernetes-list-map-keys")
                        .and_then(Node::as_list)
                        .unwrap_or_default();
                    let keys: Vec<&str> = keys.iter().filter_map(Node::as_str).collect();
                    if kind == "set" || !keys.is_empty() {
                        super::rules::custom_told_apart(items, &keys, path, self.found);
                    }
                }
            }
            _ => {}
        }
        if let Some(rule) = broken(node, schema) {
            self.bad(node, &rule, path);
        }
    }

    fn fields(&mut self, map: &Map, schema: &Node, path: &Path<'_>, is_resource: bool) {
        let known = schema.get("properties").and_then(Node::as_map);
        let others = schema
            .get("additionalProperties")
            .filter(|node| !matches!(node.kind, Kind::Bool(false)));
        let open = flag(schema, "x-kubernetes-preserve-unknown-fields");
        for entry in &map.entries {
            let key = &*entry.key.text;
            let below = Path::Key(path, key);
            if is_resource && OWN.contains(&key) {
                if key == "metadata" && !matches!(path, Path::Root) {
                    Checker::metadata(self.version, self.found, &entry.value, &below);
                }
            } else if let Some(schema) = known.and_then(|known| known.get(key)) {
                // A null that a default replaces is as good as absent.
                if !matches!(entry.value.kind, Kind::Null) || schema.get("default").is_none() {
                    self.value(&entry.value, schema, &below);
                }
            } else if let Some(schema) = others {
                self.value(&entry.value, schema, &below);
            } else if !open {
                self.unknown(key, known, &below);
            }
        }
        let required = schema.get("required").and_then(Node::as_list).unwrap_or_default();
        for name in required.iter().filter_map(Node::as_str) {
            let unknown =
                || map.keys().filter(|key| known.is_some_and(|known| known.get(key).is_none()));
            let default =
                known.and_then(|known| known.get(name)).and_then(|schema| schema.get("default"));
            if map.get(name).is_none()
                && default.is_none()
                && (open || nearest(name, unknown()).is_none())
            {
                let below = Path::Key(path, name);
                self.found.error(
                    "api.missing-field",
                    &below,
                    Place::Value,
                    "is missing: the definition requires it",
                    None,
                );
            }
        }
    }

    fn rules(&mut self, schema: &Node) {
        self.has_rules |= schema.get("x-kubernetes-validations").is_some();
    }

    fn unknown(&mut self, key: &str, known: Option<&Map>, path: &Path<'_>) {
        let names = || known.into_iter().flat_map(Map::keys);
        let hint = match nearest(key, names()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if known.is_none() => "the definition knows no field here".to_owned(),
            None => format!("its fields: `{}`", names().collect::<Vec<_>>().join("`, `")),
        };
        self.found.error(
            "api.unknown-field",
            path,
            Place::Key,
            "is no field that the definition knows",
            Some(hint),
        );
    }

    fn wrong_type(&mut self, node: &Node, wanted: &str, path: &Path<'_>) {
        let quoted = wanted == "a string" && matches!(node.kind, Kind::Bool(_) | Kind::Number(_));
        let hint = quoted.then(|| {
            "put quotes around it in the template: `\"{{ … }}\"` is always a string".to_owned()
        });
        self.found.error(
            "api.wrong-type",
            path,
            Place::Value,
            &format!("is {}, expected {wanted}", node.describe()),
            hint,
        );
    }

    fn bad(&mut self, node: &Node, rule: &str, path: &Path<'_>) {
        let shown = match &node.kind {
            Kind::String(text) if text.text.contains(SECRET) => return,
            Kind::String(text) if text.text.len() <= LONGEST_SHOWN && !text.text.contains('\n') => {
                format!("`{}`", text.text)
            }
            Kind::Number(number) => format!("`{number}`"),
            Kind::Bool(value) => format!("`{value}`"),
            _ => node.describe().to_owned(),
        };
        let said = format!("must not be {shown}");
        self.found.error("api.bad-value", path, Place::Value, &said, Some(rule.to_owned()));
    }
}

/// The rule of a schema that a value of the right type breaks. What is inside the value is not looked at, except by
/// `allOf`, `anyOf`, `oneOf` and `not`.
fn broken(node: &Node, schema: &Node) -> Option<String> {
    if let Some(words) = schema.get("enum").and_then(Node::as_list)
        && !words.iter().any(|word| same(word, node))
    {
        let words: Vec<String> = words.iter().filter_map(plain).collect();
        let near = node.as_str().and_then(|text| nearest(text, words.iter().map(String::as_str)));
        return Some(match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("it must be one of `{}`", words.join("`, `")),
        });
    }
    let rule = match &node.kind {
        Kind::Number(number) => number_rule(number, schema),
        Kind::String(text) => text_rule(&text.text, schema),
        Kind::List(items) => count_rule(items.len(), schema, "minItems", "maxItems", "items"),
        Kind::Map(map) => {
            count_rule(map.entries.len(), schema, "minProperties", "maxProperties", "keys")
        }
        Kind::Bool(_) | Kind::Null => None,
    };
    rule.or_else(|| {
        let branches = |key: &str| schema.get(key).and_then(Node::as_list);
        let holding =
            |branches: &[Node]| branches.iter().filter(|branch| holds(node, branch)).count();
        let all = branches("allOf").is_none_or(|all| holding(all) == all.len());
        let any = branches("anyOf").is_none_or(|any| holding(any) > 0);
        let one = branches("oneOf").is_none_or(|one| holding(one) == 1);
        let not = schema.get("not").is_none_or(|not| !holds(node, not));
        let said =
            "the definition combines rules (`allOf`, `anyOf`, `oneOf`, `not`) that it does not fit";
        (!(all && any && one && not)).then(|| said.to_owned())
    })
}

/// Whether a value is of a `type`; of one that is not named or not known anything is.
fn is_of_type(node: &Node, wanted: Option<&str>) -> bool {
    match (wanted, &node.kind) {
        (Some("object"), kind) => matches!(kind, Kind::Map(_)),
        (Some("array"), kind) => matches!(kind, Kind::List(_)),
        (Some("string"), kind) => matches!(kind, Kind::String(_)),
        (Some("boolean"), kind) => matches!(kind, Kind::Bool(_)),
        (Some("integer"), _) => is_whole(node),
        (Some("number"), kind) => matches!(kind, Kind::Number(_)),
        _ => true,
    }
}

/// Whether a value fits a branch, which says less than a whole schema: nothing is closed by it.
fn holds(node: &Node, branch: &Node) -> bool {
    let typed = is_of_type(node, text(branch, "type"));
    let required = branch.get("required").and_then(Node::as_list).unwrap_or_default();
    typed
        && broken(node, branch).is_none()
        && (node.as_map().is_none()
            || required.iter().filter_map(Node::as_str).all(|name| node.get(name).is_some()))
        && branch.get("properties").and_then(Node::as_map).is_none_or(|known| {
            known.entries.iter().all(|entry| {
                node.get(&entry.key.text).is_none_or(|value| holds(value, &entry.value))
            })
        })
        && branch
            .get("items")
            .is_none_or(|of| node.as_list().unwrap_or_default().iter().all(|item| holds(item, of)))
}

fn number_rule(number: &Number, schema: &Node) -> Option<String> {
    let value = float(number);
    let limit = |key: &str| match schema.get(key).map(|node| &node.kind) {
        Some(Kind::Number(number)) => Some((float(number), number)),
        _ => None,
    };
    if let Some((least, shown)) = limit("minimum") {
        let strict = flag(schema, "exclusiveMinimum");
        if value < least || (strict && value.partial_cmp(&least) == Some(Ordering::Equal)) {
            return Some(format!(
                "it must be {} {shown}",
                if strict { "more than" } else { "at least" }
            ));
        }
    }
    if let Some((most, shown)) = limit("maximum") {
        let strict = flag(schema, "exclusiveMaximum");
        if value > most || (strict && value.partial_cmp(&most) == Some(Ordering::Equal)) {
            return Some(format!(
                "it must be {} {shown}",
                if strict { "less than" } else { "at most" }
            ));
        }
    }
    let (step, shown) = limit("multipleOf").filter(|(step, _)| *step > 0.0)?;
    let rest = (value / step).fract().abs();
    (rest > 1e-9 && rest < 1.0 - 1e-9).then(|| format!("it must be a multiple of {shown}"))
}

fn text_rule(text: &str, schema: &Node) -> Option<String> {
    if let Some(pattern) = self::text(schema, "pattern")
        && let Ok(rust) = jsonschema_regex::to_rust_regex(pattern)
        && let Ok(regex) = Regex::new(&rust)
        && !regex.is_match(text)
    {
        return Some(format!("it must match `{pattern}`"));
    }
    count_rule(text.chars().count(), schema, "minLength", "maxLength", "characters")
}

fn count_rule(count: usize, schema: &Node, least: &str, most: &str, what: &str) -> Option<String> {
    let limit = |key: &str| match schema.get(key).map(|node| &node.kind) {
        Some(Kind::Number(Number::Int(limit))) => usize::try_from(*limit).ok(),
        _ => None,
    };
    if let Some(least) = limit(least).filter(|least| count < *least) {
        return Some(format!("it must have at least {least} {what}, not {count}"));
    }
    let most = limit(most).filter(|most| count > *most)?;
    Some(format!("it must have at most {most} {what}, not {count}"))
}

fn same(a: &Node, b: &Node) -> bool {
    match (&a.kind, &b.kind) {
        (Kind::String(a), Kind::String(b)) => a.text == b.text,
        (Kind::Number(a), Kind::Number(b)) => float(a).to_bits() == float(b).to_bits(),
        (Kind::Bool(a), Kind::Bool(b)) => a == b,
        (Kind::Null, Kind::Null) => true,
        _ => false,
    }
}

fn plain(node: &Node) -> Option<String> {
    match &node.kind {
        Kind::String(text) => Some(text.text.to_string()),
        Kind::Number(number) => Some(number.to_string()),
        Kind::Bool(value) => Some(value.to_string()),
        _ => None,
    }
}

#[expect(clippy::cast_precision_loss, reason = "limits in definitions are small")]
fn float(number: &Number) -> f64 {
    match number {
        Number::Int(value) => *value as f64,
        Number::Float(value) => *value,
        Number::Big(digits) => digits.parse().unwrap_or(f64::INFINITY),
    }
}

fn is_whole(node: &Node) -> bool {
    match &node.kind {
        Kind::Number(Number::Float(value)) => value.fract() == 0.0,
        Kind::Number(_) => true,
        _ => false,
    }
}

fn describe(kind: &str) -> &'static str {
    match kind {
        "object" => "a mapping",
        "array" => "a list",
        "string" => "a string",
        "boolean" => "a boolean",
        "integer" => "an integer",
        "number" => "a number",
        _ => "something else",
    }
}

fn flag(schema: &Node, key: &str) -> bool {
    matches!(schema.get(key).map(|node| &node.kind), Some(Kind::Bool(true)))
}

fn text<'a>(schema: &'a Node, key: &str) -> Option<&'a str> {
    schema.get(key).and_then(Node::as_str)
}
