//! The laws that the head of [`merge`](super::merge) states, on random layers.

use proptest::prelude::*;
use std::fmt::Write as _;

use super::layer::LoadedLayer;
use super::tree::{LayerKind, Tree};
use super::{Layer, Secrets, Values, merge, to_node};
use crate::schema::ChartSchema;
use crate::source::MemorySource;
use crate::span::SourceText;

/// One key of each kind, so that random layers never clash; every list strategy is there.
const SCHEMA: &str = "
properties:
  number: {type: integer, default: 1}
  nullable: {type: [string, 'null'], default: null}
  text: {type: string}
  atomic: {type: array, items: {type: integer}, default: [1]}
  set: {type: array, x-kubernetes-list-type: set, items: {type: integer}}
  ports:
    type: array
    x-kubernetes-list-type: map
    x-kubernetes-list-map-keys: [name]
    items: {properties: {name: {type: string}, port: {type: integer, default: 80}}}
  inner: {properties: {number: {type: integer, default: 2}, text: {type: string}}}
  free: {type: object, additionalProperties: {type: integer}}
";

fn schema() -> ChartSchema {
    let source = MemorySource::new().with("schemas/app/web.yaml", SCHEMA).unwrap();
    ChartSchema::load(&source, "app", &["web"]).unwrap()
}

fn entry() -> impl Strategy<Value = (&'static str, String)> {
    let number = || (0..4i32).prop_map(|number| number.to_string());
    let text = || "[a-c]{1,2}";
    let numbers = || proptest::collection::vec(0..4i32, 0..4).prop_map(|list| format!("{list:?}"));
    let ports = proptest::collection::btree_map("[a-c]", proptest::option::of(0..4i32), 0..3)
        .prop_map(|ports| {
            let item = |(name, port): (&String, &Option<i32>)| match port {
                Some(port) => format!("{{name: {name}, port: {port}}}"),
                None => format!("{{name: {name}}}"),
            };
            format!("[{}]", ports.iter().map(item).collect::<Vec<_>>().join(", "))
        });
    prop_oneof![
        number().prop_map(|value| ("number", value)),
        text().prop_map(|value| ("nullable", value)),
        text().prop_map(|value| ("text", value)),
        numbers().prop_map(|value| ("atomic", value)),
        numbers().prop_map(|value| ("set", value)),
        ports.prop_map(|value| ("ports", value)),
        number().prop_map(|value| ("inner", format!("{{number: {value}}}"))),
        text().prop_map(|value| ("inner", format!("{{text: {value}}}"))),
        ("[a-c]", number()).prop_map(|(key, value)| ("free", format!("{{{key}: {value}}}"))),
    ]
}

/// The text of a layer without null and tags.
fn layer() -> impl Strategy<Value = String> {
    proptest::collection::vec(entry(), 0..5).prop_map(|entries| {
        let mut seen = Vec::new();
        let mut text = String::from("web:\n");
        for (key, value) in entries {
            if !seen.contains(&key) {
                seen.push(key);
                let _ = writeln!(text, "  {key}: {value}");
            }
        }
        if seen.is_empty() { String::new() } else { text }
    })
}

fn load(name: &str, text: &str) -> LoadedLayer {
    Layer::text(name, text).load(&MemorySource::new()).unwrap()
}

fn merged(schema: &ChartSchema, layers: &[LoadedLayer]) -> Values {
    merge(schema, layers, Secrets::Required).unwrap()
}

/// Values and origins as one text.
fn history(tree: &Tree) -> String {
    let mut text = String::new();
    tree.walk(&mut |path, value| {
        let _ = writeln!(text, "{path:?} {value:?} {:?} {:?}", value.origin, value.overridden);
    });
    text
}

/// What a layer comes to without any defaults, as a layer again.
fn by_hand(a: &str, b: &str) -> LoadedLayer {
    let open = "
properties:
  atomic: {type: array}
  set: {type: array, x-kubernetes-list-type: set}
  ports: {type: array, x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [name]}
additionalProperties: true
";
    let source = MemorySource::new().with("schemas/app/web.yaml", open).unwrap();
    let bare = ChartSchema::load(&source, "app", &["web"]).unwrap();
    let values = merged(&bare, &[load("a", a), load("b", b)]);
    LoadedLayer::document(to_node(values.tree()), LayerKind::File)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn an_empty_layer_changes_nothing(a in layer(), b in layer()) {
        let schema = schema();
        let plain = merged(&schema, &[load("a", &a), load("b", &b)]);
        let padded = merged(&schema, &[load("x", ""), load("a", &a), load("y", "{}"), load("b", &b), load("z", "# nothing\n")]);
        prop_assert_eq!(history(plain.tree()), history(padded.tree()));
    }

    #[test]
    fn a_layer_twice_is_a_layer_once(a in layer(), b in layer()) {
        let schema = schema();
        let once = merged(&schema, &[load("a", &a), load("b", &b)]);
        let twice = merged(&schema, &[load("a", &a), load("b", &b), load("b", &b)]);
        prop_assert_eq!(once.tree(), twice.tree());
    }

    #[test]
    fn merging_is_associative(a in layer(), b in layer(), c in layer()) {
        let schema = schema();
        let in_order = merged(&schema, &[load("a", &a), load("b", &b), load("c", &c)]);
        let last_two_first = merged(&schema, &[load("a", &a), by_hand(&b, &c)]);
        prop_assert_eq!(in_order.tree(), last_two_first.tree());
    }

    #[test]
    fn the_last_one_wins_and_the_others_are_recorded(numbers in proptest::collection::vec(0..9i32, 1..6)) {
        let schema = schema();
        let layers: Vec<LoadedLayer> = numbers
            .iter()
            .enumerate()
            .map(|(index, number)| load(&format!("layer {index}"), &format!("web: {{number: {number}}}\n")))
            .collect();
        let values = merged(&schema, &layers);
        let value = values.tree().at(&super::parse_path("web.number").unwrap()).unwrap();
        prop_assert_eq!(format!("{value:?}"), numbers.last().unwrap().to_string());
        let mut names: Vec<String> = value.overridden.iter().map(|origin| origin.span.name().to_owned()).collect();
        names.push(value.origin.span.name().to_owned());
        let expected: Vec<String> = std::iter::once("schemas/app/web.yaml".to_owned())
            .chain((0..numbers.len()).map(|index| format!("layer {index}")))
            .collect();
        prop_assert_eq!(names, expected);
    }

    #[test]
    fn no_expression_panics(expression in ".{0,40}", flag in 0..3) {
        let schema = schema();
        let layer = match flag {
            0 => Layer::set(expression),
            1 => Layer::set_json(expression),
            _ => Layer::set_string(expression),
        };
        if let Ok(layer) = layer.load(&MemorySource::new()) {
            let _ = merge(&schema, &[layer], Secrets::Required);
        }
    }

    #[test]
    fn no_likely_expression_panics(expression in "[ab.,=\\[\\]0-2{}\\\\\"]{0,24}") {
        let schema = schema();
        for layer in [Layer::set(format!("web.{expression}")), Layer::set_json(expression)] {
            if let Ok(layer) = layer.load(&MemorySource::new()) {
                let _ = merge(&schema, &[layer], Secrets::Required);
            }
        }
    }
}

#[test]
fn spans_of_flags_cover_what_they_name() {
    let source = SourceText::new("--set", "a.b=1,c={x,y},d=\\,,e=");
    let spans: Vec<(String, String)> = super::set::parse(&source, super::set::Flavour::Typed)
        .unwrap()
        .iter()
        .map(|one| (one.path_span.text().to_owned(), one.value_span.text().to_owned()))
        .collect();
    let expected = [("a.b", "1"), ("c", "{x,y}"), ("d", "\\,"), ("e", "e=")];
    assert_eq!(spans, expected.map(|(path, value)| (path.to_owned(), value.to_owned())));
}
