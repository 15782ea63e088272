//! What is written, and that everyone reads it back.

use proptest::prelude::*;

use super::*;

fn written(node: &Node) -> String {
    let mut out = String::new();
    write(node, &mut out);
    out
}

#[test]
fn no_text_is_taken_for_the_end_of_a_document() {
    for text in ["... x", "...", "--- x", "---"] {
        assert_eq!(written(&read(&format!("'{text}'"))), format!("\"{text}\"\n"));
        assert_eq!(written(&read(&format!("'{text}': 1"))), format!("\"{text}\": 1\n"));
    }
}

#[test]
fn writes_as_kubectl_does() {
    let text = "b: {x: [], w: {}, z: ~}\na:\n- 1\n- [2, [3, {c: d, e: [f]}]]\n- {g: {h: i}, j: [k]}\n\"yes\": !!str true\n\
                l: \"m\\nn\\n\"\no: [\"p\\nq\", \"r\\n\\n\", \"s\\n \"]\nt: [1.0, 1e21, -0.0, .inf, -.inf, .nan, 1.5e-7]\n\
                u: [--port=80, -v, 500m, 2Gi, 10.0.0.1, \"8080:80\", \"1.10\", http://x:80/y, $(X), \"{{ x }}\", \"#\", 'a: b']\n";
    assert_eq!(
        written(&read(text)),
        r##"b:
  x: []
  w: {}
  z: null
a:
- 1
- - 2
  - - 3
    - c: d
      e:
      - f
- g:
    h: i
  j:
  - k
"yes": "true"
l: |
  m
  n
o:
- |-
  p
  q
- |+
  r

- "s\n "
t:
- 1.0
- 1.0e+21
- -0.0
- .inf
- -.inf
- .nan
- 1.5e-7
u:
- --port=80
- -v
- 500m
- 2Gi
- 10.0.0.1
- "8080:80"
- "1.10"
- http://x:80/y
- $(X)
- "{{ x }}"
- "#"
- "a: b"
"##
    );
    let long = "k".repeat(1001);
    let node = Node::map([
        (long.as_str().into(), Node::list([Node::int(1)])),
        ("m".into(), Node::map([(long.as_str().into(), Node::map([("o".into(), Node::int(2))]))])),
    ]);
    assert_eq!(written(&node), format!("? {long}\n:\n- 1\nm:\n  ? {long}\n  :\n    o: 2\n"));
    // A key that is long only once it is quoted, and one that just fits.
    let quoted = "\u{1}".repeat(300);
    assert!(written(&Node::map([(quoted.as_str().into(), Node::int(1))])).starts_with("? \"\\x01"));
    let fits = "k".repeat(1000);
    assert_eq!(written(&Node::map([(fits.as_str().into(), Node::int(1))])), format!("{fits}: 1\n"));
    assert_eq!(
        written(&read(
            "a: \"   - a\\n---\\nb\\n\"\nb: [\" a\\nb\"]\nc: \"\u{e000}1 🙂\"\nd: '3c31b4fc'\ne: '0x3c'\n"
        )),
        "a: |2\n     - a\n  ---\n  b\nb:\n- |2-\n   a\n  b\nc: \u{e000}1 🙂\nd: 3c31b4fc\ne: \"0x3c\"\n"
    );
    assert_eq!(written(&Node::null()), "null\n");
    assert_eq!(written(&Node::string("a\nb")), "|-\n  a\n  b\n");
    assert_eq!(written(&Node::list([])), "[]\n");
}

#[test]
fn writes_json() {
    let node = read(
        "a: [1, 1e21, .nan, \"x\\ty\\\"\\x01é\", [], {}]\nb: {c: ~, d: true}\ne: 170141183460469231731687303715884105728\n",
    );
    let mut out = String::new();
    write_json(&node, &mut out);
    assert_eq!(
        out,
        "{\n  \"a\": [\n    1,\n    1.0e+21,\n    null,\n    \"x\\ty\\\"\\u0001é\",\n    [],\n    {}\n  ],\n  \"b\": {\n    \
         \"c\": null,\n    \"d\": true\n  },\n  \"e\": 170141183460469231731687303715884105728\n}"
    );
    assert!(serde_json::from_str::<serde_json::Value>(&out).is_ok());
}

/// Texts that some reader of YAML mistakes for something else when they stand there as they are.
#[rustfmt::skip]
const TRICKY: &[&str] = &[
    // Words.
    "y", "Y", "n", "N", "yes", "Yes", "YES", "yEs", "no", "No", "NO", "on", "On", "ON", "off", "Off", "OFF", "true",
    "True", "TRUE", "false", "False", "FALSE", "null", "Null", "NULL", "~", "~/x", "nil", "none", "None", "nan", "NaN",
    ".nan", ".NaN", ".NAN", "inf", "Inf", ".inf", ".Inf", "-.inf", "+.INF", "-inf", "Infinity", "-Infinity", "=", "==",
    "<<", "<<<", "undefined", "yes ", "y:", "norway", "onward", "nullable", "true story",
    // Numbers and what resembles them.
    "0", "-0", "+0", "7", "-7", "+7", "00", "01", "007", "0644", "-0644", "+0644", "0789", "08", "09.5", "0o17", "0O17",
    "-0o17", "0x1f", "0X1F", "-0x1F", "0xyz", "0b101", "0B1", "-0b1", "0b2", "0b-1", "1_000", "1__", "_1", "_", "0_1",
    "1,000", "1.0", "1.", ".1", "-.1", "+.1", "._1", "1._0", "1e3", "1E3", "1e+3", "1e-3", "1.5e3", ".5e1", "1e", "e1",
    "1e999", "-1e999", "0e0", "0x1p-2", "0_X0002", "+_.inf", "_.nan", "0__b1", "-0_o17", "_0x1", "3c31b4fc", "0c1",
    "9007199254740993", "18446744073709551616", "340282366920938463463374607431768211456",
    "deadbeef", "1e10a", "12e34", "0123e4", "1.2.3", "1.2.3.", "1..2", "...", "..", ".", ".a", "+", "-", "+a", "+-1", "--1",
    "1-2", "1+2", "1/2", "5%", "10Mi", "0.5", "250m", "٣", "1 000",
    // Dates, times and sexagesimals.
    "2024-02-29", "2024-2-9", "2024-02", "20240229", "2024-02-29T12:00:00Z", "2024-02-29t12:00:00.5+01:00",
    "2024-02-29 12:00:00", "2024-02-29 12:00:00 -5", "2024-99-99", "12:00", "1:2:3", "-1:30", "59:59.5", "190:20:30.15",
    "22:22", "99:99", "::1", "fe80::1", "12:ab",
    // Indicators.
    "-", "--", "---", "----", "--- x", "---x", "- x", "-x", "--x", "-- x", "-- -x", "-1x", "-.x", "-$x", "?", "? x", "?x",
    ":", ": x", ":x", "x:", "x: ", "x: y", "x:y", "x :y", "x : y", "#", "#x", "x#", "x #y", "x# y", "&", "&x", "*", "*x",
    "*.x.y", "!", "!x", "!!x", "!!str x", "|", "|-", "|x", ">", ">+", ">x", "'", "'x'", "x'y", "it's", "\"", "\"x\"", "x\"y",
    "%", "%x", "%YAML 1.1", "@", "@x", "`", "`x`", "[", "]", "[]", "[x]", "x]", "{", "}", "{}", "{x}", "{x: y}", "x}", ",",
    ",x", "x,", "x, y", "{{ x }}", "{% x %}", "${X}", "$(X)", "\\", "\\n", "\\x41", "x\\", "a|b", "a>b", "a&b", "a*b", "a!b",
    // Blanks and lines.
    "", " ", "  ", " x", "x ", "\t", "\tx", "x\t", "x\ty", "x  y", "\n", "\n\n", "\nx", "x\n", "x\n\n", "x\n\n\n", "x\ny",
    "x\ny\n", "x\n\ny", " x\ny", "x\n y", "x\n  y\nz\n", "x \ny", "x\n ", "x\n \ny", "x\n\t", "x\n\ty", "\tx\ny", "x\t\ny\n",
    "x\r", "\r", "x\ry", "x\r\n", "x\r\ny\r\n", "x\n---\ny\n", "---\nx\n", "x\n...\n", "# x\ny\n", "x\n# y", "- x\n- y\n",
    "x: y\nz: |\n  a\n", "#!/bin/sh\nexec \"$@\"\n", "{\n  \"a\": 1\n}\n", "%TAG ! x\ny\n", "\u{b}", "x\u{c}y",
    // Beyond ASCII, and what cannot be seen.
    "é", "日本", "😀", "é\nü\n", "\0", "x\0", "\u{1}", "\u{7}", "\u{8}", "\u{1b}[1m", "\u{7f}", "\u{80}", "\u{85}", "x\u{85}y",
    "x\n\u{85}y", "\u{9f}", "\u{a0}", "x\u{a0}", "\u{ad}", "\u{200b}", "\u{200e}x", "\u{2028}", "x\u{2029}y", "x\n\u{2028}\n",
    "\u{202e}x", "\u{2066}x", "\u{feff}", "\u{feff}x", "x\u{feff}", "x\n\u{feff}y\n", "\u{fffd}", "\u{fffe}", "\u{ffff}",
    "\u{fdd0}", "\u{e000}", "\u{1fffe}", "\u{10fffe}0\u{10ffff}", "\u{10fffd}", "\u{301}x", "👩\u{200d}💻",
];

/// A tree with a text in every kind of place.
fn everywhere(text: &str) -> Node {
    let string = || Node::string(text);
    let mut entries = vec![
        (text.into(), string()),
        ("list of it, and more".into(), Node::list([string(), Node::list([string(), string()])])),
        ("maps of it, and more".into(), Node::list([Node::map([(text.into(), string())])])),
        (
            "deeper, and more".into(),
            Node::map([(text.into(), Node::map([(text.into(), string())]))]),
        ),
    ];
    entries.push(("last of all".into(), string()));
    Node::map(entries)
}

/// Compares what was read with what was meant, types included.
fn same(meant: &Node, read: &Node) -> bool {
    match (&meant.kind, &read.kind) {
        (Kind::String(a), Kind::String(b)) => a.text == b.text,
        (Kind::List(a), Kind::List(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Kind::Map(a), Kind::Map(b)) => {
            a.entries.len() == b.entries.len()
                && a.entries
                    .iter()
                    .zip(&b.entries)
                    .all(|(a, b)| a.key.text == b.key.text && same(&a.value, &b.value))
        }
        (a, b) => a == b,
    }
}

fn same_to_serde(meant: &Node, read: &serde_yaml::Value) -> bool {
    use serde_yaml::Value;
    match (&meant.kind, read) {
        (Kind::String(a), Value::String(b)) => *a.text == **b,
        (Kind::List(a), Value::Sequence(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_to_serde(a, b))
        }
        (Kind::Map(a), Value::Mapping(b)) => {
            a.entries.len() == b.len()
                && a.entries.iter().zip(b).all(|(a, (key, value))| {
                    key.as_str() == Some(&a.key.text) && same_to_serde(&a.value, value)
                })
        }
        _ => false,
    }
}

/// Writes a tree and reads it with both of our readings and with an independent reader.
fn misreads(node: &Node) -> Vec<&'static str> {
    let text = written(node);
    let source = SourceText::new("out.yaml", text.as_str());
    let ours = |reading| parse(reading).document(&source).is_ok_and(|read| same(node, &read));
    let theirs = serde_yaml::from_str(&text).is_ok_and(|read| same_to_serde(node, &read));
    [("core", ours(Reading::Core)), ("kubectl", ours(Reading::Kubectl)), ("serde_yaml", theirs)]
        .into_iter()
        .filter_map(|(reader, good)| (!good).then_some(reader))
        .collect()
}

#[test]
fn tricky_texts_are_read_back() {
    assert!(TRICKY.len() >= 300);
    for text in TRICKY {
        for text in [(*text).to_owned(), text.repeat(150)] {
            let node = everywhere(&text);
            assert!(
                misreads(&node).is_empty(),
                "{text:?}: {:?}\n{}",
                misreads(&node),
                written(&node)
            );
            let node = Node::string(text.as_str());
            assert!(misreads(&node).is_empty(), "{text:?}: {:?}", misreads(&node));
        }
    }
}

#[test]
fn numbers_are_read_back() {
    for value in [
        0.0,
        -0.0,
        1.0,
        0.1,
        1e15,
        1e16,
        1e21,
        -1.5e300,
        5e-324,
        1e-7,
        f64::MAX,
        f64::INFINITY,
        f64::NEG_INFINITY,
    ] {
        let text = written(&Node::list([Node::new(
            Kind::Number(Number::Float(value)),
            crate::span::Span::default(),
        )]));
        for reading in [Reading::Core, Reading::Kubectl] {
            let node =
                parse(reading).document(&SourceText::new("out.yaml", text.as_str())).unwrap();
            let Kind::Number(Number::Float(read)) = node.as_list().unwrap()[0].kind else {
                panic!("{text}")
            };
            assert_eq!(read.to_bits(), value.to_bits(), "{text}");
        }
        let theirs: Vec<f64> = serde_yaml::from_str(&text).unwrap();
        assert_eq!(theirs[0].to_bits(), value.to_bits(), "{text}");
    }
    for value in [i128::MIN, i128::MAX, i128::from(u64::MAX) + 1, -1, 0] {
        let node = Node::int(value);
        for reading in [Reading::Core, Reading::Kubectl] {
            let read =
                parse(reading).document(&SourceText::new("out.yaml", written(&node))).unwrap();
            assert_eq!(read.kind, node.kind);
        }
    }
}

/// Texts out of what YAML cares about.
fn tricky_text() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        4 => "[-?:,{}#&*!|>'\"%@`~<=+._ \t\n\\[\\]\\\\]{1,3}",
        3 => "[0-9a-fxXoOBEeyYnN_:.+-]{1,5}",
        2 => prop::sample::select(TRICKY).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(part, 0..6).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_back(text in tricky_text()) {
        let node = everywhere(&text);
        prop_assert!(misreads(&node).is_empty(), "{:?}\n{}", misreads(&node), written(&node));
    }
}
