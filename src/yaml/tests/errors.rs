//! What is refused, where and with which words; and what hostile texts may cost.

use proptest::prelude::*;

use super::*;

#[test]
fn every_duplicate_is_reported_with_both_places() {
    let text = "a: 1\nb:\n  c: 1\n  \"c\": 2\n  'c': 3\na: 2\n1: x\n\"1\": y\n";
    let core = parse(Reading::Core);
    assert_eq!(
        findings(&core, text),
        [
            "yaml.duplicate-key@a.yaml:4:3",
            "yaml.duplicate-key@a.yaml:5:3",
            "yaml.duplicate-key@a.yaml:6:1",
            "yaml.duplicate-key@a.yaml:8:1",
        ]
    );
    let found = core.document(&SourceText::new("a.yaml", text)).unwrap_err();
    let first = found.iter().next().unwrap();
    assert_eq!(first.labels()[1].span.start().unwrap().line, 3);
    let lax = Parse { duplicate_keys: false, ..core };
    let node = lax.document(&SourceText::new("a.yaml", text)).unwrap();
    assert_eq!(node.as_map().unwrap().entries.len(), 5);
}

/// Every finding in one line.
fn messages(text: &str) -> Vec<String> {
    let strict = Parse { tags: false, ..parse(Reading::Core) };
    let found = strict.document(&SourceText::new("a.yaml", text)).unwrap_err();
    found.iter().map(ToString::to_string).collect()
}

#[test]
fn usual_slips_are_named() {
    for (text, place, code, message, hint) in [
        ("a:\n\tb: 1\n", "2:1", "tab", "a tab cannot indent", "indent with spaces"),
        ("a: 1\n  \tb: 2\n", "2:3", "tab", "a tab cannot indent", "indent with spaces"),
        ("- a\n\t- b\n", "2:1", "tab", "a tab cannot indent", "indent with spaces"),
        ("a: |\n\tx\n", "2:1", "tab", "a tab cannot indent", "indent with spaces"),
        ("a: \"x\nb: 1\n", "1:4", "syntax", "not closed", "closing quote"),
        ("a: 'x\n", "1:4", "syntax", "not closed", "closing quote"),
        ("a: 'don't'\n", "1:9", "syntax", "follows a closing quote", "twice"),
        ("a: \"\\d\"\n", "1:4", "syntax", "escape", "backslash twice"),
        ("a: x\u{1}y\n", "1:5", "syntax", "control character", "\\x07"),
        ("a: @x\n", "1:4", "syntax", "cannot start with this character", "quote"),
        ("a: b: c\n", "1:5", "syntax", "colon is not allowed", "quote the value"),
        ("a:b\nc: d\n", "2:2", "syntax", "colon is not allowed", "blank is missing"),
        ("a: 1\nb\n", "2:1", "syntax", "a key without a colon", "`key: value`"),
        ("a:\n  b: 1\n c: 2\n", "3:2", "syntax", "indentation of this line", "align"),
        ("a: 1\n- b\n", "2:1", "syntax", "a list item stands among", "indentation"),
        ("- a\nb: 1\n", "2:1", "syntax", "a key stands among", "indentation"),
        ("a: - b\n", "1:4", "syntax", "a list item cannot start here", "line of its own"),
        ("a: {b: 1\n", "1:4", "syntax", "never closed", "closing bracket"),
        ("a: [1, 2\nb: 3\n", "2:2", "syntax", "closing bracket is missing", "still open"),
        ("a: [b]]\n", "1:7", "syntax", "never opened", ""),
        ("a: {{ .Values.x }}\n", "1:5", "key", "cannot be a key", "not `.Values.x`"),
        ("a: {{ x }}-y\n", "1:5", "key", "cannot be a key", "in templates only"),
        ("{% if x %}\na: 1\n", "1:2", "syntax", "cannot start", "in templates only"),
        ("a: *.example.com\n", "1:4", "unknown-anchor", "no anchor", "\"*.example.com\""),
        ("a: *b\n", "1:4", "unknown-anchor", "no anchor `b`", "before its first alias"),
        ("a: !append [b]\n", "1:4", "unknown-tag", "the tag `!append`", "no meaning"),
        ("a: !!binary aGk=\n", "1:4", "unknown-tag", "the tag `!!binary`", "base64"),
        ("a: !<tag:x.org,2000:y> z\n", "1:4", "unknown-tag", "the tag `!<tag:x", "without it"),
        ("a: !!int b\n", "1:4", "tag", "not an integer", ""),
        ("a: !!map [b]\n", "1:4", "tag", "before a list", ""),
        ("a: |b\n  c\n", "1:4", "syntax", "on the next line", "quote the value"),
    ] {
        let [message_of, ..] = &messages(text)[..] else { panic!("nothing found in {text:?}") };
        assert!(
            message_of.starts_with(&format!("a.yaml:{place}: error[yaml.{code}]")),
            "{message_of}"
        );
        assert!(message_of.contains(message) && message_of.contains(hint), "{message_of}");
    }
}

#[test]
fn one_text_gives_all_its_findings() {
    assert_eq!(messages("a: {{ .Values.x }}-foo\n").len(), 1);
    assert_eq!(messages("<<: *x\n").len(), 1);
    let found = messages("a: *x\na: !y z\n1: 2\n? [b]\n: c\n~: d\ne: \"f\n");
    let codes: Vec<_> = found.iter().map(|line| &line[7..line.find(']').unwrap()]).collect();
    assert_eq!(
        codes,
        [
            "1:4: error[yaml.unknown-anchor",
            "2:4: error[yaml.unknown-tag",
            "4:3: error[yaml.key",
            "6:1: error[yaml.key",
            "7:4: error[yaml.syntax",
        ]
    );
    let many: String = (0..5000).map(|_| "a: *x\n").collect();
    assert_eq!(messages(&many).len(), 100);
}

#[test]
fn hostile_texts_are_cheap() {
    let core = parse(Reading::Core);
    let bomb: String =
        (1..9).fold("a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned(), |text, n| {
            let aliases = vec![format!("*a{}", n - 1); 9].join(", ");
            text + &format!("a{n}: &a{n} [{aliases}]\n")
        });
    assert_eq!(findings(&core, &bomb).len(), 1);
    assert!(findings(&core, &bomb)[0].starts_with("yaml.alias-limit@"));
    for opening in ["{? ", "[", "- ", "? ", "{a: ", "- ? ", "[? "] {
        let found = findings(&core, &opening.repeat(80_000));
        let depths: Vec<_> = found.iter().filter(|line| line.starts_with("yaml.depth@")).collect();
        assert!(found.len() <= 2 && depths.len() == 1, "{opening}: {found:?}");
    }
    let deep = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
    assert!(core.document(&SourceText::new("a", deep(128))).is_ok());
    assert_eq!(findings(&core, &deep(129)), ["yaml.depth@a.yaml:1:129"]);
    // Aliases cannot nest deeper than what is written.
    let chain: String = (1..200)
        .fold("a0: &a0 [x]\n".to_owned(), |text, n| text + &format!("a{n}: &a{n} [*a{}]\n", n - 1));
    assert!(findings(&core, &chain)[0].starts_with("yaml.depth@"));
    let keys = format!("{{{}}}", "[a]: b, ".repeat(20_000));
    assert_eq!(findings(&core, &keys).len(), 100);
    // Anchors inside anchors are copied too.
    let anchors: Vec<String> = (0..100).map(|n| format!("&b{n} [")).collect();
    let nested = anchors.concat() + &"x, ".repeat(2000);
    assert!(core.document(&SourceText::new("a", nested + &"]".repeat(100))).is_ok());
    let wide: Vec<String> = (0..100_000).map(|n| format!("k{n}: &a{n} v\n")).collect();
    assert_eq!(
        core.document(&SourceText::new("a", wide.concat()))
            .unwrap()
            .as_map()
            .unwrap()
            .entries
            .len(),
        100_000
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    /// No text makes the reader panic, and every place lies in the text.
    #[test]
    fn no_text_panics(
        parts in prop::collection::vec(prop_oneof![
            "[-?:,{}#&*!|>'\"%@`~<= \t\n\r\\[\\]\\\\]{1,4}",
            "[a-c0-9._+]{1,4}",
            prop::sample::select(vec![
                "- ", ": ", "\n", "\n  ", "&a ", "*a", "<<: ", "!!int ", "!x ", "---\n", "...\n", "|\n", ">-\n",
                "é", "日", "\u{feff}", "\u{10fffe}", "{{ x }}", "%YAML 1.2\n", "\"", "'", "? ", "0x", "1e", "\0", "\u{85}",
            ]).prop_map(str::to_owned),
        ], 0..25),
        kubectl: bool, tags: bool, merge_keys: bool, duplicate_keys: bool,
    ) {
        let text = parts.concat();
        let reading = if kubectl { Reading::Kubectl } else { Reading::Core };
        let parse = Parse { reading, limits: Limits { depth: 6, alias_nodes: 20 }, tags, merge_keys, duplicate_keys };
        let source = SourceText::new("a.yaml", text.as_str());
        match parse.documents(&source) {
            Ok(nodes) => for node in &nodes {
                let mut out = String::new();
                write(node, &mut out);
                write_json(node, &mut out);
            },
            Err(found) => {
                prop_assert!(!found.is_empty());
                prop_assert!(found.iter().all(|finding| finding.span().is_some()), "{}", found);
            }
        }
    }
}
