//! A quick yes to schemas: what is plainly shaped as the meta-schema wants it.
//!
//! The validator of the meta-schema is large and takes longer to make than a small release takes to render. A no is
//! none: then that validator is made, and says what is wrong.

use std::collections::BTreeSet;

use crate::yaml::{Kind, Node, Number};

use super::vocabulary::{LISTS, MAPS, SINGLE, each_schema};

/// Whether the meta-schema would certainly find nothing.
pub(super) fn is_well_formed(root: &Node) -> bool {
    let mut right = true;
    each_schema(root, &mut |schema| {
        let entries = schema.as_map().into_iter().flat_map(|map| &map.entries);
        for entry in entries {
            right = right && is_right(&entry.key.text, &entry.value);
        }
    });
    right
}

fn is_right(keyword: &str, value: &Node) -> bool {
    match keyword {
        "title" | "description" | "$comment" | "pattern" | "format" => value.as_str().is_some(),
        "$schema" => value.as_str() == Some("https://json-schema.org/draft/2020-12/schema"),
        "$ref" => value.as_str().is_some_and(|text| text.bytes().all(is_plain_in_a_path)),
        "type" => match &value.kind {
            Kind::List(names) => !names.is_empty() && are_different(names, is_type),
            _ => value.as_str().is_some_and(is_type),
        },
        "required" => value.as_list().is_some_and(|names| are_different(names, |_| true)),
        "enum" | "examples" => value.as_list().is_some(),
        "const" | "default" | "markdownDescription" | "errorMessage" | "defaultSnippets" => true,
        "deprecated" | "readOnly" | "writeOnly" | "uniqueItems" => {
            matches!(value.kind, Kind::Bool(_))
        }
        "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" => {
            is_count(value, i64::MIN.into())
        }
        "multipleOf" => is_count(value, 1),
        "minLength" | "maxLength" | "minItems" | "maxItems" | "minProperties" | "maxProperties"
        | "minContains" | "maxContains" => is_count(value, 0),
        // Its keys are patterns; they are left to the validator.
        "patternProperties" => false,
        _ if MAPS.contains(&keyword) => value
            .as_map()
            .is_some_and(|map| map.entries.iter().all(|entry| is_schema(&entry.value))),
        _ if SINGLE.contains(&keyword) => is_schema(value),
        _ if LISTS.contains(&keyword) => {
            value.as_list().is_some_and(|items| !items.is_empty() && items.iter().all(is_schema))
        }
        _ => keyword.starts_with("x-"),
    }
}

fn is_schema(node: &Node) -> bool {
    matches!(node.kind, Kind::Map(_) | Kind::Bool(_))
}

fn is_type(name: &str) -> bool {
    matches!(name, "null" | "boolean" | "integer" | "number" | "string" | "array" | "object")
}

fn are_different(names: &[Node], is_right: impl Fn(&str) -> bool) -> bool {
    let mut seen = BTreeSet::new();
    names.iter().all(|name| name.as_str().is_some_and(|name| is_right(name) && seen.insert(name)))
}

/// An integer that JSON holds, not less than `least`.
fn is_count(node: &Node, least: i128) -> bool {
    matches!(&node.kind, Kind::Number(Number::Int(value)) if *value >= least && i64::try_from(*value).is_ok())
}

fn is_plain_in_a_path(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'#' | b'/' | b'$' | b'_' | b'.' | b'-')
}

#[cfg(test)]
mod tests {
    use super::is_well_formed;
    use crate::schema::to_json;
    use crate::span::SourceText;
    use crate::yaml::Parse;

    /// Each value under each keyword: what is accepted must please the meta-schema, too.
    #[test]
    fn a_yes_is_a_yes_of_the_meta_schema() {
        let values = [
            "a",
            "string",
            "[]",
            "[a]",
            "[a, a]",
            "[string, 'null']",
            "[string, string]",
            "{}",
            "{a: {}}",
            "{a: 1}",
            "{a: true}",
            "[{}]",
            "[1]",
            "0",
            "1",
            "-1",
            "1.5",
            "true",
            "null",
            "''",
            "'('",
            "[{a: 1}]",
            "'#/$defs/a'",
            "'%'",
            "https://json-schema.org/draft/2020-12/schema",
        ];
        let keywords = super::super::vocabulary::all().chain(["x-own"]);
        let mut accepted = 0;
        for keyword in keywords {
            for value in values {
                let text = format!("{{'{keyword}': {value}}}");
                let node =
                    Parse::strict().document(&SourceText::new("schema", text.as_str())).unwrap();
                if is_well_formed(&node) {
                    accepted += 1;
                    assert!(jsonschema::draft202012::meta::is_valid(&to_json(&node)), "{text}");
                }
            }
        }
        assert!(accepted > 150, "{accepted}");
    }
}
