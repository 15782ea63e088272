//! The keywords that a schema may use.
//!
//! JSON Schema ignores what it does not know, so `propertes:` would compile into a schema without rules. Here the
//! list is closed: what is not on it, and does not start with `x-`, is an error with the nearest keyword.

use std::collections::BTreeMap;

use crate::diag::{Diagnostic, Diagnostics, nearest};
use crate::yaml::{Kind, Node};

use super::files::{Files, Rule};
use super::meta::is_well_formed;
use super::to_json;

/// Keywords whose value maps names to schemas.
pub(super) const MAPS: [&str; 4] = ["properties", "patternProperties", "$defs", "dependentSchemas"];
/// Keywords whose value is a schema.
pub(super) const SINGLE: [&str; 11] = [
    "items",
    "additionalProperties",
    "unevaluatedProperties",
    "unevaluatedItems",
    "contains",
    "propertyNames",
    "not",
    "if",
    "then",
    "else",
    "contentSchema",
];
/// Keywords whose value is a list of schemas.
pub(super) const LISTS: [&str; 4] = ["allOf", "anyOf", "oneOf", "prefixItems"];
/// The others.
const PLAIN: [&str; 37] = [
    "$schema",
    "$id",
    "$ref",
    "$comment",
    "type",
    "enum",
    "const",
    "title",
    "description",
    "default",
    "examples",
    "deprecated",
    "readOnly",
    "writeOnly",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "format",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minContains",
    "maxContains",
    "minProperties",
    "maxProperties",
    "required",
    "dependentRequired",
    "contentEncoding",
    "contentMediaType",
    "markdownDescription",
    "errorMessage",
    "defaultSnippets",
];

/// Every keyword.
pub(super) fn all() -> impl Iterator<Item = &'static str> {
    MAPS.iter().chain(&SINGLE).chain(&LISTS).chain(&PLAIN).copied()
}

/// Calls `visit` for a schema and every schema inside it.
pub(super) fn each_schema<'a>(schema: &'a Node, visit: &mut dyn FnMut(&'a Node)) {
    let Some(map) = schema.as_map() else { return };
    visit(schema);
    for entry in &map.entries {
        let key = &*entry.key.text;
        if MAPS.contains(&key) {
            for inner in entry.value.as_map().into_iter().flat_map(|map| &map.entries) {
                each_schema(&inner.value, visit);
            }
        } else if SINGLE.contains(&key) {
            each_schema(&entry.value, visit);
        } else if LISTS.contains(&key) {
            for inner in entry.value.as_list().unwrap_or_default() {
                each_schema(inner, visit);
            }
        }
    }
}

/// The schemas that judge the same value as `rule` does: its `$ref` and its branches.
pub(super) fn in_place<'a>(files: &'a Files, rule: Rule<'a>) -> Vec<Rule<'a>> {
    let mut found = Vec::new();
    found.extend(files.target(rule));
    for key in ["allOf", "anyOf", "oneOf"] {
        for node in rule.node.get(key).and_then(Node::as_list).unwrap_or_default() {
            found.push(Rule { node, ..rule });
        }
    }
    for key in ["then", "else"] {
        found.extend(rule.node.get(key).map(|node| Rule { node, ..rule }));
    }
    for entry in rule
        .node
        .get("dependentSchemas")
        .and_then(Node::as_map)
        .into_iter()
        .flat_map(|map| &map.entries)
    {
        found.push(Rule { node: &entry.value, ..rule });
    }
    found
}

/// Whether judging a value by `rule` would need judging the same value by `rule`.
pub(super) fn refers_to_itself(files: &Files, rule: Rule<'_>) -> bool {
    let mut seen: Vec<*const Node> = Vec::new();
    let mut todo = in_place(files, rule);
    for key in ["not", "if"] {
        todo.extend(rule.node.get(key).map(|node| Rule { node, ..rule }));
    }
    while let Some(next) = todo.pop() {
        if std::ptr::eq(next.node, rule.node) {
            return true;
        }
        if !seen.contains(&std::ptr::from_ref(next.node)) {
            seen.push(std::ptr::from_ref(next.node));
            todo.extend(in_place(files, next));
        }
    }
    false
}

/// How many schemas one value may be judged by, one inside the other included.
const MOST_JUDGES: usize = 2_000;
/// How many of them may hang below each other.
const DEEPEST: usize = 100;

/// Whether judging a single value by `rule` takes more steps than anybody means. Definitions that name each other
/// twice, forty levels deep, are a trillion.
pub(super) fn is_too_complex<'a>(
    files: &'a Files,
    rule: Rule<'a>,
    known: &mut BTreeMap<*const Node, usize>,
) -> bool {
    judges(files, rule, 0, known) > MOST_JUDGES
}

fn judges<'a>(
    files: &'a Files,
    rule: Rule<'a>,
    depth: usize,
    known: &mut BTreeMap<*const Node, usize>,
) -> usize {
    if let Some(count) = known.get(&std::ptr::from_ref(rule.node)) {
        return *count;
    }
    if depth > DEEPEST {
        return MOST_JUDGES + 1;
    }
    let mut count: usize = 1;
    for inner in in_place(files, rule) {
        count = count.saturating_add(judges(files, inner, depth + 1, known)).min(MOST_JUDGES + 1);
    }
    known.insert(std::ptr::from_ref(rule.node), count);
    count
}

/// Finds what is wrong with a schema as such.
pub(super) fn check(root: &Node, found: &mut Diagnostics) {
    let before = found.len();
    if !matches!(root.kind, Kind::Map(_)) {
        found.push(
            Diagnostic::error(
                "schema.not-a-mapping",
                format!("a schema is a mapping, this is {}", root.describe()),
            )
            .at(&root.span, "not a mapping"),
        );
        return;
    }
    if let Some(dialect) = root.get("$schema")
        && dialect.as_str().map(|text| text.trim_end_matches('#'))
            != Some("https://json-schema.org/draft/2020-12/schema")
    {
        found.push(
            Diagnostic::error("schema.dialect", "only JSON Schema 2020-12 is understood")
                .at(&dialect.span, "another dialect")
                .hint(
                    "write `$schema: https://json-schema.org/draft/2020-12/schema` or leave it out",
                ),
        );
    }
    each_schema(root, &mut |schema| keywords(schema, found));
    if found.len() > before || is_well_formed(root) {
        return;
    }
    let json = to_json(root);
    for error in jsonschema::draft202012::meta::validator().iter_errors(&json) {
        let mut node = root;
        for step in error.instance_path().as_str().split('/').skip(1) {
            let step = step.replace("~1", "/").replace("~0", "~");
            let next = match &node.kind {
                Kind::Map(map) => map.get(&step),
                Kind::List(items) => step.parse::<usize>().ok().and_then(|index| items.get(index)),
                _ => None,
            };
            node = next.unwrap_or(node);
        }
        found.push(invalid(&error.to_string(), error.instance_path().as_str(), node));
    }
}

/// What the meta-schema refuses.
fn invalid(error: &str, path: &str, node: &Node) -> Diagnostic {
    let keyword = path.rsplit('/').find(|step| step.parse::<usize>().is_err()).unwrap_or_default();
    // One wrong name makes the whole list wrong.
    let names = node.as_list().filter(|_| keyword == "type").unwrap_or_default();
    let node = names
        .iter()
        .find(|name| name.as_str().is_some_and(|name| !TYPES.contains(&name)))
        .unwrap_or(node);
    let finding = |message: String| Diagnostic::error("schema.invalid", message).at(&node.span, "");
    match (keyword, node.as_str()) {
        ("type", Some(name)) => finding(format!("`{name}` is no type")).hint(
            match name {
                "int" | "long" => Some("integer"),
                "map" | "dict" | "hash" => Some("object"),
                "list" => Some("array"),
                "nil" | "none" => Some("null"),
                "float" | "double" => Some("number"),
                "str" | "text" => Some("string"),
                _ => nearest(name, TYPES.iter().copied()),
            }
            .map_or_else(
                || format!("types are {}", TYPES.map(|name| format!("`{name}`")).join(", ")),
                |near| format!("did you mean `{near}`?"),
            ),
        ),
        ("required" | "enum" | "examples", Some(text))
            if !path.ends_with(|c: char| c.is_ascii_digit()) =>
        {
            finding(format!("`{keyword}` is a list")).hint(format!("write `{keyword}: [{text}]`"))
        }
        _ => finding(format!("not a valid schema: {error}")),
    }
}

const TYPES: [&str; 7] = ["null", "boolean", "integer", "number", "string", "array", "object"];

fn keywords(schema: &Node, found: &mut Diagnostics) {
    for entry in schema.as_map().into_iter().flat_map(|map| &map.entries) {
        let key = &*entry.key.text;
        if key.starts_with("x-") {
            list_keyword(key, &entry.value, found);
        } else if !all().any(|word| word == key) {
            let hint = match key {
                "definitions" => Some("since 2019-09 it is `$defs`".to_owned()),
                "additionalItems" => {
                    Some("since 2020-12 it is `items` beside `prefixItems`".to_owned())
                }
                "dependencies" => {
                    Some("since 2019-09 it is `dependentRequired` or `dependentSchemas`".to_owned())
                }
                "$anchor" | "$dynamicRef" | "$dynamicAnchor" | "$recursiveRef" => {
                    Some("refer by a path such as `#/$defs/name`".to_owned())
                }
                "nullable" => {
                    Some("list \"null\" among the types: `type: [string, \"null\"]`".to_owned())
                }
                _ if declares(&entry.value) => {
                    Some("a value is declared below `properties:`".to_owned())
                }
                _ => nearest(key, all()).map(|near| format!("did you mean `{near}`?")),
            };
            found.push(
                Diagnostic::error(
                    "schema.unknown-keyword",
                    format!("unknown schema keyword `{key}`"),
                )
                .at(&entry.key_span, "not a keyword of JSON Schema 2020-12 that is supported here")
                .hint_opt(hint),
            );
        }
    }
}

/// Whether a node looks like the schema of a value.
fn declares(node: &Node) -> bool {
    let words = ["type", "default", "enum", "properties", "$ref", "description"];
    node.as_map()
        .is_some_and(|map| map.entries.iter().any(|entry| words.contains(&&*entry.key.text)))
}

fn list_keyword(key: &str, value: &Node, found: &mut Diagnostics) {
    if key == "x-kubernetes-list-type" && !matches!(value.as_str(), Some("atomic" | "set" | "map"))
    {
        found.push(
            Diagnostic::error("schema.invalid", "a list type is `atomic`, `set` or `map`")
                .at(&value.span, "another word"),
        );
    }
    if key == "x-kubernetes-list-map-keys"
        && !value
            .as_list()
            .is_some_and(|keys| !keys.is_empty() && keys.iter().all(|key| key.as_str().is_some()))
    {
        found.push(
            Diagnostic::error("schema.invalid", "list map keys are a list of key names")
                .at(&value.span, "not that"),
        );
    }
}
