//! The quick reader says what the parser says, or nothing.

use proptest::prelude::*;

use super::*;
use crate::source::{DirSource, Source, SourcePath};

/// Whether the quick reader answered. Fails if it answered otherwise than the parser.
fn answers(text: &str) -> bool {
    let source = SourceText::new("a.yaml", text);
    let mut answered = false;
    for reading in [Reading::Core, Reading::Kubectl] {
        for strict in [false, true] {
            let parse = Parse { merge_keys: strict, duplicate_keys: strict, ..parse(reading) };
            let (quick, whole) = parse.both(&source);
            let Some(quick) = quick else { continue };
            answered = true;
            let whole = whole.unwrap_or_else(|found| panic!("{text:?} is wrong: {found}"));
            assert_eq!(detail(&quick), detail(&whole), "{text:?}");
        }
    }
    answered
}

/// All there is to know about trees.
fn detail(nodes: &[Node]) -> Vec<String> {
    fn add(node: &Node, out: &mut Vec<String>) {
        out.push(format!("{:?} {} {}", node.span.range(), node.tag.is_some(), show(node)));
        match &node.kind {
            Kind::List(items) => items.iter().for_each(|item| add(item, out)),
            Kind::Map(map) => map.entries.iter().for_each(|entry| {
                out.push(format!("{:?} {:?}", entry.key_span.range(), entry.key));
                add(&entry.value, out);
            }),
            _ => {}
        }
    }
    let mut out = Vec::new();
    for node in nodes {
        add(node, &mut out);
    }
    out
}

#[test]
fn common_forms_are_read() {
    for text in [
        "",
        "# nothing\n",
        "a: 1\n",
        "a: 1",
        "a:\nb: 2\n",
        "a: \nb:   # nothing\nc:",
        "a:\n  b: x y  # comment\n  c: 'single'\n  d: \"double\"  \n",
        "a:\n- 1\n-   b: 2\n    c: 3\n- - x\n  - y\nd: z\n",
        "a:\n  - 1\n\n# between\n  - {b: [1, 2], \"c\": {}}\n",
        "a: {b: 1,\n    c: [x, y,\n      z]}\nd: []\n",
        "a: |\n  one\n\n   two\n\nb: |-\n  x\nc: 1\n",
        "- a: |\n    x\n  b: y\n- |\n  z\n",
        "---\na: 1\n---\nb: 2\n",
        "a: http://x:80/#y\nb: -1\nc: -x\nd: 10:30\n",
        "a: \"x \\\" \\\\ \\n y\"\n",
        "<<: {a: 1}\nb: 2\n",
        "a: ümläut → \u{10FFFE}\n",
        "\"a b\" : 1\n'c': 2\n",
        "a:\n    b:\n        c: 1\n  # out\nd: 1\n",
    ] {
        assert!(answers(text), "{text:?} is left to the parser");
    }
}

#[test]
fn what_is_not_plain_is_left_to_the_parser() {
    for text in [
        "a: &x 1\nb: *x\n",
        "a: !unset\n",
        "a: >\n  x\n",
        "a: x\n  y\n",
        "a: \"x\n  y\"\n",
        "a: 'it''s'\n",
        "a: 1\na: 2\n",
        "a:\n\t- 1\n",
        "? a\n: b\n",
        "a: b: c\n",
        "a: [1\n]\n",
        "x\n",
        "{a: 1}\n",
        "- \n- 1\n",
        "a: |2\n  x\n",
        "a: |\n  x",
        "a: |\n\n  x\n",
        "%YAML 1.2\n---\na: 1\n",
        "a: 1\n...\n",
        "a: @b\n",
        "~: 1\n",
        "a: 1\n b: 2\n",
        " a: 1\nb: 2\n",
        "a: {b}\n",
        "a: [b: c]\n",
        "a: {b: }\n",
        "a: [1,]\n",
        "a: \u{FEFF}\n",
    ] {
        let _ = answers(text);
        let source = SourceText::new("a.yaml", text);
        assert!(parse(Reading::Core).both(&source).0.is_none(), "{text:?} is no plain YAML");
    }
}

#[test]
fn every_file_of_the_repository_reads_the_same() {
    let (mut all, mut quick) = (0, 0);
    let source = DirSource::new(env!("CARGO_MANIFEST_DIR")).unwrap();
    for folder in ["charts", "values", "schemas", "golden", "tests"] {
        for path in source.list(&SourcePath::new(folder).unwrap()).unwrap() {
            let yaml = path.as_str().ends_with(".yaml");
            if yaml && let Ok(text) = source.read(&path) {
                all += 1;
                quick += usize::from(answers(&text));
            }
        }
    }
    assert!(all > 500 && quick * 10 > all * 8, "only {quick} of {all} were read quickly");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_lines(lines in proptest::collection::vec((0..5_usize, line()), 0..8)) {
        let mut text = String::new();
        for (indent, line) in lines {
            text.push_str(&"  ".repeat(indent));
            text.push_str(&line);
            text.push('\n');
        }
        answers(&text);
        answers(text.trim_end());
    }

    #[test]
    fn random_pieces(pieces in proptest::collection::vec(piece(), 0..24)) {
        answers(&pieces.concat());
    }
}

fn line() -> impl Strategy<Value = String> {
    let scalar = prop_oneof![
        "[a-z]{1,3}",
        "-?[0-9]{1,3}",
        Just("true".to_owned()),
        Just("yes".to_owned()),
        Just("~".to_owned()),
        Just("\"q: x\"".to_owned()),
        Just("'s # t'".to_owned()),
        Just("{a: 1, b: [x]}".to_owned()),
        Just("[]".to_owned()),
        Just("|".to_owned()),
        Just("|-".to_owned()),
        Just("x # c".to_owned()),
        Just("a#b:c".to_owned()),
    ];
    let key = prop_oneof![
        "[a-c]",
        Just("\"k\"".to_owned()),
        Just("<<".to_owned()),
        Just("a b".to_owned())
    ];
    prop_oneof![
        (key.clone(), scalar.clone()).prop_map(|(key, value)| format!("{key}: {value}")),
        (key.clone(), scalar.clone()).prop_map(|(key, value)| format!("- {key}: {value}")),
        key.clone().prop_map(|key| format!("{key}:")),
        key.prop_map(|key| format!("- {key}:")),
        scalar.clone().prop_map(|value| format!("- {value}")),
        scalar.clone().prop_map(|value| format!("- - {value}")),
        scalar,
        Just(String::new()),
        Just("# comment".to_owned()),
        Just("---".to_owned()),
        Just("-".to_owned()),
    ]
}

fn piece() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(vec![
        "a",
        "b",
        "1",
        "-",
        "- ",
        ":",
        ": ",
        " ",
        "  ",
        "\n",
        "\n  ",
        "\n    ",
        "[",
        "]",
        "{",
        "}",
        ",",
        ", ",
        "\"",
        "'",
        "#",
        " # ",
        "|",
        "|-\n",
        "|\n  ",
        "---\n",
        "...\n",
        "\\n",
        "\\",
        "&x ",
        "*x",
        "!t ",
        "?",
        "? ",
        ">",
        "~",
        "null",
        "yes",
        "0x1",
        "<<: ",
        "%",
        "@",
        "\t",
        "\r\n",
        "é",
        "\u{85}",
        "\u{10FFFE}",
        "a: 1\n",
        "- a\n",
        "k:\n",
    ])
}
