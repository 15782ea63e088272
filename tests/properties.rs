//! What holds for every input: a string goes through unchanged and changes nothing else, and nothing depends on the
//! order in which files are found, on threads or on chance.

#[path = "support/project.rs"]
mod project;

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde::Deserialize;
use serde_yaml::Value;

use project::Web;

/// Where a value may stand.
const EVERYWHERE: &str = "\
apiVersion: example.com/v1
kind: Strings
metadata:
  name: x
alone: {{ values.text }}
within: <{{ values.text }}>
double: \"{{ values.text }}\"
single: '{{ values.text }}'
flow: [{{ values.text }}, {key: {{ values.text }}}]
keys: {\"k{{ values.text }}\": here}
list:
  - {{ values.text }}
  - <<: {{ [values.text] }}
block: |
  <
  <{{ values.text }}>
  >
# {{ values.text }}
merged:
  <<: {{ {\"text\": values.text} }}
json: {{ {\"text\": values.text} | tojson }}
looped:
{% for text in [values.text, values.text] %}
  - {{ text }}
{% endfor %}
last: true
";

fn documents(stream: &str) -> Vec<Value> {
    serde_yaml::Deserializer::from_str(stream)
        .map(|document| Value::deserialize(document).expect("our output is YAML"))
        .collect()
}

/// Texts that mean something to some reader of YAML, alone and in company.
fn tricky() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "a",
        " ",
        "  ",
        "\n",
        "\r\n",
        "\t",
        ":",
        ": ",
        "-",
        "- ",
        "---",
        "\n---\n",
        "...",
        "#",
        " #",
        "&a",
        "*a",
        "!",
        "!!int",
        "|",
        ">",
        "'",
        "\"",
        "%",
        "@",
        "`",
        "{",
        "}",
        "[",
        "]",
        ",",
        "?",
        "{{ x }}",
        "{% if x %}",
        "{#",
        "~",
        "null",
        "yes",
        "No",
        "on",
        "y",
        "true",
        "0777",
        "1_000",
        "1e3",
        ".5",
        "0x1F",
        "12:30",
        "2026-01-01",
        "<<",
        "=",
        "\u{0}",
        "\u{7f}",
        "\u{85}",
        "\u{2028}",
        "\u{feff}",
        "é",
        "🦀",
        "\\",
        "\\n",
        "kind: Secret",
        "labels:",
    ]);
    prop_oneof![
        4 => prop::collection::vec(pieces, 0..6).prop_map(|pieces| pieces.concat()),
        1 => any::<String>(),
    ]
    .prop_filter("two noncharacters are refused", |text| {
        !text.contains(['\u{10fffe}', '\u{10ffff}'])
    })
}

/// A text in double quotes, every character as an escape.
fn quoted(text: &str) -> String {
    let escaped: Vec<String> =
        text.chars().map(|letter| format!("\\U{:08x}", u32::from(letter))).collect();
    let escaped = escaped.concat();
    format!("\"{escaped}\"")
}

fn check(text: &str, stream: &str) {
    let documents = documents(stream);
    assert_eq!(documents.len(), 1, "{stream}");
    let object = &documents[0];
    let string = |value: &Value| value.as_str().map(str::to_owned);
    let is = |value: &Value, wanted: &str| {
        assert_eq!(string(value).as_deref(), Some(wanted), "{stream}");
    };
    for field in ["alone", "double", "single"] {
        is(&object[field], text);
    }
    is(&object["within"], &format!("<{text}>"));
    is(&object["flow"][0], text);
    is(&object["flow"][1]["key"], text);
    is(&object["keys"][format!("k{text}").as_str()], "here");
    is(&object["list"][0], text);
    is(&object["list"][1], text);
    is(&object["merged"]["text"], text);
    is(&object["looped"][1], text);
    is(&object["block"], &format!("<\n<{text}>\n>\n"));
    let json: serde_json::Value =
        serde_json::from_str(object["json"].as_str().expect("a string")).expect("JSON");
    assert_eq!(json["text"].as_str(), Some(text));
    let keys: Vec<&str> =
        object.as_mapping().expect("an object").keys().filter_map(Value::as_str).collect();
    assert_eq!(keys.len(), 15, "{stream}");
    assert_eq!(object["last"], Value::Bool(true));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_string_goes_through_unchanged(text in tricky()) {
        let layer = format!("app:\n  text: {}\n", quoted(&text));
        check(&text, &Web::new().template(EVERYWHERE).layer(&layer).yaml());
    }

    #[test]
    fn keys_of_open_maps_go_through_unchanged(key in tricky(), value in tricky()) {
        let layer = format!("app: {{labels: {{{}: {}}}}}\n", quoted(&key), quoted(&value));
        let template = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata: {{ values.labels }}\n";
        let stream = Web::new().template(template).layer(&layer).yaml();
        let all = documents(&stream);
        prop_assert_eq!(all.len(), 1);
        let data = all[0]["data"].as_mapping().expect("a mapping");
        prop_assert_eq!(data.len(), 1);
        let (found, inner) = data.iter().next().expect("one entry");
        prop_assert_eq!((found.as_str(), inner.as_str()), (Some(key.as_str()), Some(value.as_str())));
    }

    #[test]
    fn any_integer_keeps_its_digits(digits in "-?[1-9][0-9]{0,60}") {
        let template = "apiVersion: v1\nkind: Numbers\nmetadata: {name: x}\nvalue: {{ values.ports }}\n";
        let wanted = format!("value:\n- {digits}\n");
        let by_layer = Web::new().template(template).layer(&format!("app: {{ports: [{digits}]}}\n")).yaml();
        prop_assert!(by_layer.ends_with(&wanted), "{}", by_layer);
        let by_flag = Web::new().template(template).set(&format!("app.ports={{{digits}}}")).yaml();
        prop_assert_eq!(by_layer, by_flag);
    }

    #[test]
    fn the_order_is_total_and_not_that_of_the_files(mut names in prop::collection::vec("[a-z]{1,3}", 1..8), seed in any::<u64>()) {
        names.sort();
        names.dedup();
        let kinds = ["Service", "ConfigMap", "ServiceAccount", "Namespace"];
        let object = |name: &String, kind: &str| format!("apiVersion: v1\nkind: {kind}\nmetadata: {{name: '{name}'}}\n");
        let stream = |files: Vec<(String, String)>| {
            files.iter().fold(Web::new(), |web, (path, text)| web.file(path, text)).yaml()
        };
        // The same objects, in files whose names sort the other way round.
        let objects: Vec<String> = names.iter().flat_map(|name| kinds.map(|kind| object(name, kind))).collect();
        let count = objects.len();
        let place = |index: usize| (index as u64).wrapping_mul(seed | 1) % 1000;
        let named = |number: &dyn Fn(usize) -> u64| {
            objects.iter().enumerate().map(|(index, text)| {
                (format!("charts/web/app/{:04}-{index}.yaml", number(index)), text.clone())
            }).collect::<Vec<_>>()
        };
        let one = stream(named(&|index| index as u64));
        let other = stream(named(&|index| place(index)));
        prop_assert_eq!(&one, &other);
        prop_assert_eq!(one.matches("---\n").count(), count + 1);
    }
}

#[test]
fn a_hundred_renderings_and_eight_threads_give_the_same_bytes() {
    let layer =
        "app: {text: 'a: b', labels: {z: '1', a: '2', m: 'no'}, env: [{name: B}, {name: A}]}\n";
    let render = || {
        Web::new().layer(layer).set("databaseEnabled=true,job.enabled=true,job.command=x").yaml()
    };
    let first = render();
    let again: BTreeSet<String> = (0..100).map(|_| render()).collect();
    assert_eq!(again, BTreeSet::from([first.clone()]));
    let all: Vec<String> = std::thread::scope(|scope| {
        let threads: Vec<_> =
            (0..8).map(|_| scope.spawn(|| (0..13).map(|_| render()).collect::<Vec<_>>())).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("no panic")).collect()
    });
    assert_eq!(all.len(), 104);
    assert!(all.iter().all(|text| *text == first));
}

#[test]
fn an_error_is_the_same_in_every_thread() {
    let web = || Web::new().layer("app: {replica: 1, txt: x}\nnam: y\n").render();
    let text = |found: Result<plimsoll::Rendered, plimsoll::Diagnostics>| {
        found.map(|_| ()).unwrap_err().to_string()
    };
    let first = text(web());
    let all: Vec<String> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| text(web()))).collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
    });
    assert!(all.iter().all(|text| *text == first), "{first}");
}
