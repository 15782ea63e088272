//! Whatever a value holds, the document keeps its structure: read back by our reader and by another one.

use proptest::prelude::*;

use super::*;
use crate::span::SourceText;
use crate::yaml::{self, Parse, Reading};

/// Every place in which a value can stand; `{k}` lines check that nothing around it moves.
const TEMPLATE: &str = r#"{% macro map(x) %}
in: {{ x }}
{% endmacro %}
{% macro text(x) %}<{{ x }}>{% endmacro %}
{% set captured %}[{{ x }}{% endset %}
whole: {{ x }}
quoted: "{{ x }}"
single: 'a{{ x }}'
around: a{{ x }}b
flow: [{{ x }}, {k: {{ x }}}, 1]
items:
- {{ x }}
- {{ x }} # {{ x }}
tagged: !!str {{ x }}
block: |-
  [{{ x }}]
macro: {{ map(x) }}
text: {{ text(x) }}
captured: {{ captured }}
{% set y = x %}
set: {{ y }}
data: {{ {x ~ "k": x} }}
<<: {{ {"m": x} }}
key-{{ x }}: 1
end: 2
"#;

fn expected(x: &str) -> serde_json::Value {
    serde_json::json!({
        "whole": x,
        "quoted": x,
        "single": format!("a{x}"),
        "around": format!("a{x}b"),
        "flow": [x, {"k": x}, 1],
        "items": [x, x],
        "tagged": x,
        "block": format!("[{x}]"),
        "macro": {"in": x},
        "text": format!("<{x}>"),
        "captured": format!("[{x}"),
        "set": x,
        "data": {format!("{x}k"): x},
        "m": x,
        format!("key-{x}"): 1,
        "end": 2,
    })
}

fn hostile() -> impl Strategy<Value = String> {
    prop_oneof![
        "[-:#{}\\[\\]\"'&*!|>%@`, \n\t\r?=~<0-9a-z.\u{85}\u{2028}\u{feff}\u{e000}\u{1}🙂é]{0,16}",
        prop::sample::select(vec![
            "",
            "\n",
            "---\na: 1",
            "...",
            "<<",
            "~",
            "null",
            "yes",
            "0644",
            "1e3",
            "12:30",
            "a: b",
            "a #b",
            "{{ x }}",
            "{% raw %}",
            "\u{85}",
            "\r\n",
            " lead",
            "trail ",
            "- item",
            "\t",
            "=",
            "2024-01-01",
            "!!int 1",
            "&a",
            "*a",
            "? k",
            "|",
            ">",
            "%YAML 1.2",
            "@at",
            "`tick`",
        ])
        .prop_map(str::to_owned),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_value_never_changes_the_structure(x in hostile()) {
        let mut templates = Templates::new();
        templates.add("t", TEMPLATE).unwrap();
        let text = templates.render("t", &serde_json::json!({ "x": x })).unwrap();
        let expected = expected(&x);
        let other: serde_json::Value = serde_yaml::from_str(&text)
            .unwrap_or_else(|error| panic!("{error}\n{text}"));
        prop_assert_eq!(&other, &expected, "{}", text);
        for reading in [Reading::Core, Reading::Kubectl] {
            let parse = Parse {
                reading,
                limits: yaml::Limits::default(),
                tags: false,
                merge_keys: false,
                duplicate_keys: true,
            };
            let node = parse.document(&SourceText::new("out", text.as_str())).unwrap();
            let mut json = String::new();
            yaml::write_json(&node, &mut json);
            let ours: serde_json::Value = serde_json::from_str(&json).unwrap();
            prop_assert_eq!(&ours, &expected, "{}", text);
        }
    }

    #[test]
    fn no_template_panics(source in "[-{}%#a-z:|<&*!\"' \n]{0,60}", x in hostile()) {
        let mut templates = Templates::new();
        if templates.add("t", source).is_ok() {
            let _ = templates.render("t", &serde_json::json!({ "x": x, "a": {"b": [1, null]} }));
        }
    }
}
