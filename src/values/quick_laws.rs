//! A quick yes is a yes of the validator, on random schemas and values.

use proptest::prelude::*;

use super::check::may_still_be_given;
use super::defaults::from_schema;
use super::to_json;
use super::tree::Tree;
use crate::schema::{ChartSchema, Question};
use crate::source::MemorySource;
use crate::span::SourceText;
use crate::yaml::Parse;

fn load(schema: &str) -> ChartSchema {
    let source = MemorySource::new().with("schemas/app/web.yaml", schema).unwrap();
    ChartSchema::load(&source, "app", &["web"]).unwrap()
}

fn tree(text: &str) -> Tree {
    from_schema(&Parse::strict().document(&SourceText::new("value", text)).unwrap())
}

/// Whether the value is accepted, and whether it is valid in truth.
fn judged(schema: &str, value: &str, question: Question) -> (bool, bool) {
    let (schema, tree) = (load(schema), tree(value));
    let (_, part) = schema.components().next().unwrap();
    let validator = schema.validator(part).unwrap();
    let json = to_json(&tree);
    let valid = validator
        .iter_errors(&json)
        .all(|error| question == Question::ValidSoFar && may_still_be_given(error.kind()));
    (schema.accepts(part, &tree, question), valid)
}

fn schemas() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("true"),
        Just("false"),
        Just("{}"),
        Just("{type: string}"),
        Just("{type: [integer, 'null']}"),
        Just("{type: integer, minimum: 0, exclusiveMaximum: 3}"),
        Just("{type: number, maximum: 1.5, exclusiveMinimum: 0}"),
        Just("{minimum: 1, multipleOf: 2}"),
        Just("{type: boolean, default: true, description: A switch.}"),
        Just("{enum: [a, 1, null, [a]]}"),
        Just("{const: true}"),
        Just("{const: 1.0}"),
        Just("{minLength: 1, maxLength: 2}"),
        Just("{type: string, pattern: '^[ab]+$'}"),
        Just("{format: host}"),
        Just("{format: ipv4}"),
        Just("{$ref: '#/$defs/shared'}"),
    ]
    .prop_map(str::to_owned);
    leaf.prop_recursive(4, 24, 3, |inner| {
        let (one, two) = (inner.clone(), (inner.clone(), inner));
        prop_oneof![
            two.clone()
                .prop_map(|(a, b)| format!("{{properties: {{a: {a}, b: {b}}}, required: [a]}}")),
            two.clone().prop_map(|(a, b)| format!(
                "{{properties: {{a: {a}}}, additionalProperties: {b}}}"
            )),
            two.clone().prop_map(|(a, b)| {
                format!(
                    "{{properties: {{b: {a}}}, patternProperties: {{'^a': {b}}}, maxProperties: 2}}"
                )
            }),
            two.clone().prop_map(|(a, b)| format!(
                "{{$ref: '#/$defs/shared', properties: {{a: {a}, c: {b}}}}}"
            )),
            two.clone().prop_map(|(a, b)| format!(
                "{{properties: {{a: {a}}}, anyOf: [{b}, {{type: object}}]}}"
            )),
            one.clone().prop_map(|a| format!(
                "{{type: array, items: {a}, minItems: 1, uniqueItems: true}}"
            )),
            one.clone().prop_map(|a| format!("{{items: {a}, maxItems: 2, minProperties: 1}}")),
            two.clone().prop_map(|(a, b)| format!("{{prefixItems: [{a}], items: {b}}}")),
            two.clone().prop_map(|(a, b)| format!("{{allOf: [{a}, {b}]}}")),
            two.clone().prop_map(|(a, b)| format!("{{anyOf: [{a}, {b}]}}")),
            two.clone().prop_map(|(a, b)| format!("{{oneOf: [{a}, {b}]}}")),
            two.prop_map(|(a, b)| format!("{{if: {a}, then: {b}}}")),
            one.prop_map(|a| format!("{{not: {a}}}")),
        ]
    })
}

fn values() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        (-1..5i32).prop_map(|number| number.to_string()),
        Just("1.0".to_owned()),
        Just("1.25".to_owned()),
        Just("20000000000000000000".to_owned()),
        "[ab]{0,3}".prop_map(|text| format!("'{text}'")),
        Just("10.0.0.1".to_owned()),
        Just("10.0.0.256".to_owned()),
    ];
    leaf.prop_recursive(4, 16, 3, |inner| {
        let entries = proptest::collection::btree_map("a|b|ab|c", inner.clone(), 0..3);
        prop_oneof![
            proptest::collection::vec(inner, 0..3)
                .prop_map(|items| format!("[{}]", items.join(", "))),
            entries.prop_map(|map| {
                let map: Vec<String> =
                    map.iter().map(|(key, value)| format!("{key}: {value}")).collect();
                format!("{{{}}}", map.join(", "))
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn what_is_accepted_is_valid(own in schemas(), shared in shared_schemas(), value in values()) {
        let schema = format!("properties: {{v: {own}}}\n$defs: {{shared: {shared}}}\n");
        let value = format!("{{v: {value}}}");
        for question in [Question::Valid, Question::ValidSoFar] {
            let (accepted, valid) = judged(&schema, &value, question);
            prop_assert!(valid || !accepted, "{question:?}");
        }
    }
}

/// What `$ref` leads to refers to nothing.
fn shared_schemas() -> impl Strategy<Value = String> {
    schemas().prop_filter("no references", |schema| !schema.contains("$ref"))
}

#[test]
fn plain_schemas_need_no_validator() {
    for (schema, value) in [
        ("{}", "{}"),
        ("{type: object, properties: {a: {type: integer, minimum: 1}}, required: [a]}", "{a: 3}"),
        ("{properties: {a: {type: string, pattern: '^[ab]+$', maxLength: 3}}}", "{a: aba}"),
        ("{properties: {a: {enum: [x, y]}}, additionalProperties: {type: string}}", "{a: x, c: d}"),
        (
            "{properties: {a: {type: array, items: {$ref: '#/$defs/n'}}}, $defs: {n: {format: host}}}",
            "{a: [b, c]}",
        ),
        ("{properties: {a: {anyOf: [{type: integer}, {const: all}]}}}", "{a: all}"),
        ("{properties: {a: {type: number, maximum: 2}}}", "{a: 1.5}"),
    ] {
        assert_eq!(judged(schema, value, Question::Valid), (true, true), "{schema} {value}");
    }
    let required = "{properties: {a: {type: integer}}, required: [a]}";
    assert_eq!(judged(required, "{}", Question::Valid), (false, false));
    assert_eq!(judged(required, "{}", Question::ValidSoFar), (true, true));
}
