//! What is read, and where it stood.

use super::*;

#[test]
fn reads_scalars_as_yaml_1_2_where_readers_agree() {
    for (written, expected) in [
        ("12", "int 12"),
        ("-0", "int 0"),
        ("+12", "int 12"),
        ("0x1F", "int 31"),
        ("0o14", "int 12"),
        ("170141183460469231731687303715884105728", "big 170141183460469231731687303715884105728"),
        (
            "-0170141183460469231731687303715884105728",
            "Plain \"-0170141183460469231731687303715884105728\"",
        ),
        (
            "-170141183460469231731687303715884105728",
            "int -170141183460469231731687303715884105728",
        ),
        ("0x100000000000000000000000000000000", "big 340282366920938463463374607431768211456"),
        ("1.0", "float 1.0"),
        ("1e3", "float 1000.0"),
        (".5", "float 0.5"),
        ("1e21", "float 1.0e+21"),
        ("-.inf", "float -.inf"),
        (".nan", "float .nan"),
        ("true", "true"),
        ("False", "false"),
        ("~", "null"),
        ("Null", "null"),
        ("\"12\"", "Quoted \"12\""),
        ("!!str 12", "Tagged \"12\""),
        ("!!int \"12\"", "int 12"),
        ("!!float 1", "float 1.0"),
        ("!append [a]", "!append [Plain \"a\"]"),
        ("!ref a.b", "!ref Plain \"a.b\""),
        ("|\n  a\n", "Block \"a\\n\""),
        (">-\n  a\n  b\n", "Block \"a b\""),
    ] {
        assert_eq!(show(read(&format!("a: {written}")).get("a").unwrap()), expected, "{written}");
    }
    for text in [
        "yes",
        "no",
        "on",
        "off",
        "y",
        "n",
        "0777",
        "08",
        "1_000",
        "0b11",
        "12:30:45",
        "2001-01-01",
        "=",
        "-0x1F",
        "1e400",
        ".",
        "+",
        "-",
        "1.2.3",
        "nuLL",
        "tRUE",
        "0x",
        "1e",
        "..",
        "0X1F",
        "0O7",
    ] {
        let node = read(&format!("- {text}"));
        assert_eq!(
            show(&node),
            format!(
                "[{}]",
                if text == "-" { "[nothing]".to_owned() } else { format!("Plain {text:?}") }
            )
        );
    }
}

#[test]
fn reads_scalars_as_kubectl_does() {
    for (written, expected) in [
        ("yes", "true"),
        ("Y", "true"),
        ("n", "false"),
        ("oFF", "Plain \"oFF\""),
        ("OFF", "false"),
        ("0777", "int 511"),
        ("-0777", "int -511"),
        ("0778", "float 778.0"),
        ("0o14", "int 12"),
        ("0b11", "int 3"),
        ("-0b11", "int -3"),
        ("0b-1", "int -1"),
        ("-0b-1", "Plain \"-0b-1\""),
        ("0b12", "Plain \"0b12\""),
        ("1_000", "int 1000"),
        ("1_0.5", "float 10.5"),
        ("-_1", "int -1"),
        ("_1", "Plain \"_1\""),
        ("0x_1F", "int 31"),
        ("0xFFFFFFFFFFFFFFFFF", "Plain \"0xFFFFFFFFFFFFFFFFF\""),
        ("07777777777777777777777", "float 7.777777777777778e+21"),
        ("18446744073709551616", "int 18446744073709551616"),
        ("12:30:45", "Plain \"12:30:45\""),
        ("2001-01-01", "Plain \"2001-01-01\""),
        ("=", "Plain \"=\""),
        ("1e400", "Plain \"1e400\""),
        ("._5", "Plain \"._5\""),
        ("1é", "Plain \"1é\""),
        ("0é", "Plain \"0é\""),
    ] {
        let source = SourceText::new("a.yaml", format!("a: {written}"));
        let node = parse(Reading::Kubectl).document(&source).unwrap();
        let shown = show(node.get("a").unwrap());
        if written == "07777777777777777777777" {
            assert!(shown.starts_with("float 7.77777"), "{shown}");
        } else {
            assert_eq!(shown, expected, "{written}");
        }
    }
}

#[test]
fn keeps_places_and_tells_nothing_from_null() {
    let text = "a:   # c\nb : \n\"c\": null\nd: {e, f: , g : }\nh:\n  - \n  - i: |\n      x\n    j: !k\nl: [1,\n2]\n";
    let node = read(text);
    let at = |node: &Node| node.span.range();
    assert_eq!(at(node.get("a").unwrap()), 2..2);
    assert_eq!(at(node.get("b").unwrap()), 12..12);
    assert!(node.get("a").unwrap().is_implicit_null() && node.get("b").unwrap().is_implicit_null());
    assert!(!node.get("c").unwrap().is_implicit_null());
    let flow = node.get("d").unwrap();
    assert_eq!(flow.span.text(), "{e, f: , g : }");
    for (key, before) in [("f", "f:"), ("g", "g :"), ("e", "{e")] {
        let place = at(flow.get(key).unwrap());
        assert!(place.is_empty() && text[..place.start].ends_with(before), "{key}");
    }
    let list = node.get("h").unwrap();
    assert_eq!(list.span.text(), "- \n  - i: |\n      x\n    j: !k");
    assert!(list.as_list().unwrap()[0].is_implicit_null());
    assert_eq!(show(list), "[nothing, {i: Block \"x\\n\", j: !k nothing}]");
    assert_eq!(
        list.as_list().unwrap()[1].get("j").unwrap().tag.as_ref().unwrap().span.text(),
        "!k"
    );
    assert_eq!(node.get("l").unwrap().span.text(), "[1,\n2]");
    let keys: Vec<_> = node.as_map().unwrap().entries.iter().map(|e| e.key_span.text()).collect();
    assert_eq!(keys, ["a", "b", "\"c\"", "d", "h", "l"]);
}

#[test]
fn keys_are_texts_as_written() {
    assert_eq!(
        show(&read("1: a\ntrue: b\n0x1F: c\n\"x\": d\n? e\n: f\n")),
        "{1: Plain \"a\", true: Plain \"b\", 0x1F: Plain \"c\", x: Plain \"d\", e: Plain \"f\"}"
    );
    let kubectl = parse(Reading::Kubectl);
    let found = findings(&kubectl, "~: a\nnull: b\n: c\n[a]: b\n? {c: d}\n: e\n? - f\n!x g: h\n");
    assert_eq!(
        found,
        [
            "yaml.key@a.yaml:1:1",
            "yaml.key@a.yaml:2:1",
            "yaml.key@a.yaml:3:1",
            "yaml.key@a.yaml:4:1",
            "yaml.key@a.yaml:5:3",
            "yaml.key@a.yaml:7:3",
            "yaml.unknown-tag@a.yaml:8:1",
        ]
    );
}

#[test]
fn documents_and_the_one_document() {
    let parse = parse(Reading::Core);
    let documents = |text: &str| {
        let nodes = parse.documents(&SourceText::new("a.yaml", text)).unwrap();
        nodes.iter().map(show).collect::<Vec<_>>()
    };
    assert!(documents("").is_empty() && documents("# only a comment\n").is_empty());
    assert_eq!(documents("---\n"), ["nothing"]);
    assert_eq!(
        documents("\u{feff}a: 1\r\nb: 2\r\n---\r\n- c\r\n...\r\n"),
        ["{a: int 1, b: int 2}", "[Plain \"c\"]"]
    );
    let empty = read("");
    assert!(empty.is_implicit_null() && empty.span.range() == (0..0));
    assert_eq!(findings(&parse, "a: 1\n---\nb: 2\n"), ["yaml.second-document@a.yaml:2:1"]);
}

#[test]
fn anchors_and_merge_keys() {
    let text = "base: &base {a: 1, b: 2}\nother: &other\n  b: 3\n  c: 4\none:\n  <<: *base\n  b: 5\ntwo:\n  d: 0\n  <<: [*other, *base, {e: 6}]\nthree: {\"<<\": x}\n";
    let node = read(text);
    assert_eq!(show(node.get("one").unwrap()), "{a: int 1, b: int 5}");
    assert_eq!(
        show(node.get("two").unwrap()),
        "{d: int 0, b: int 3, c: int 4, a: int 1, e: int 6}"
    );
    assert_eq!(show(node.get("three").unwrap()), "{<<: Plain \"x\"}");
    let kept = Parse { merge_keys: false, ..parse(Reading::Core) };
    let node = kept.document(&SourceText::new("a.yaml", text)).unwrap();
    assert_eq!(node.get("one").unwrap().as_map().unwrap().entries[0].key.style, Style::Plain);
    assert_eq!(node.get("three").unwrap().as_map().unwrap().entries[0].key.style, Style::Quoted);
    let core = parse(Reading::Core);
    assert_eq!(
        findings(&core, "<<: 1\nb: *c\nd: &d [*d]\ne: *f\n"),
        [
            "yaml.merge-key@a.yaml:1:5",
            "yaml.unknown-anchor@a.yaml:2:4",
            "yaml.unknown-anchor@a.yaml:3:8",
            "yaml.unknown-anchor@a.yaml:4:4",
        ]
    );
}

/// Templates are rendered with noncharacters around what was interpolated; a plain text may start with one.
#[test]
fn noncharacters_are_part_of_plain_texts() {
    let node = read("a: \u{10fffe}0\u{10ffff}\n\u{10fffe}1\u{10ffff}: [x\u{10fffe}2\u{10ffff}y]\n");
    assert_eq!(node.get("a").unwrap().as_str(), Some("\u{10fffe}0\u{10ffff}"));
    let list = node.get("\u{10fffe}1\u{10ffff}").unwrap().as_list().unwrap();
    assert_eq!(list[0].as_str(), Some("x\u{10fffe}2\u{10ffff}y"));
    assert_eq!(list[0].span.text(), "x\u{10fffe}2\u{10ffff}y");
}
