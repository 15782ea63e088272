//! What only this module can see: traces, limits, expressions, and the way to values and back.

use std::sync::Arc;

use minijinja::Value;

use super::*;
use crate::span::{SourceText, Span};
use crate::yaml::{Node, Parse, Reading};

fn tree(text: &str) -> Node {
    Parse {
        reading: Reading::Core,
        limits: crate::yaml::Limits::default(),
        tags: false,
        merge_keys: false,
        duplicate_keys: true,
    }
    .document(&SourceText::new("values.yaml", text))
    .unwrap()
}

/// A context of these values whose origins are the places in this very text.
fn context(text: &str) -> Context {
    let root = tree(text);
    let value = value_from_node(&root);
    let origin = move |path: &[Segment]| -> Vec<Span> {
        let found = path.iter().try_fold(&root, |node, segment| match segment {
            Segment::Key(key) => node.get(key),
            Segment::Index(index) => node.as_list()?.get(*index),
        });
        found.map(|node| node.span.clone()).into_iter().collect()
    };
    Context { value, origin: Some(Arc::new(origin)) }
}

fn templates(sources: &[(&str, &str)]) -> Templates {
    let mut templates = Templates::new();
    for (name, source) in sources {
        templates.add(*name, *source).unwrap();
    }
    templates
}

/// Each leaf as `path @ template place < layer places`.
fn leaves(traced: &Traced) -> Vec<String> {
    fn walk(node: &Node, path: &[Segment], traced: &Traced, out: &mut Vec<String>) {
        let step = |segment| path.iter().cloned().chain([segment]).collect::<Vec<_>>();
        if let Some(map) = node.as_map() {
            for entry in &map.entries {
                assert!(entry.key_span.is_known(), "the key {} has no place", entry.key.text);
                walk(&entry.value, &step(Segment::Key(entry.key.text.clone())), traced, out);
            }
        } else if let Some(items) = node.as_list() {
            for (index, item) in items.iter().enumerate() {
                walk(item, &step(Segment::Index(index)), traced, out);
            }
        } else {
            let name: Vec<String> = path
                .iter()
                .map(|segment| match segment {
                    Segment::Key(key) => key.to_string(),
                    Segment::Index(index) => index.to_string(),
                })
                .collect();
            let causes = traced.causes.iter().filter(|(at, _)| at == path);
            let causes: Vec<String> =
                causes.flat_map(|(_, spans)| spans.iter().map(ToString::to_string)).collect();
            out.push(format!("{} @ {} < {}", name.join("."), node.span, causes.join(" ")));
        }
    }
    let mut out = Vec::new();
    walk(&traced.node, &[], traced, &mut out);
    out
}

#[test]
fn a_trace_knows_templates_and_layers() {
    let templates = templates(&[
        (
            "web",
            "{% from 'macros' import labels %}\nkind: Pod\nname: {{ name }}\nreplicas: {{ n }}\nlabels: {{ labels(name) }}\nall: {{ extra }}\nurl: http://{{ name }}:{{ n }}\nlist:\n{% for item in items %}\n- {{ item }}\n{% endfor %}\n<<: {{ extra }}\n",
        ),
        ("macros", "{% macro labels(app) %}\nfixed: 1\napp: {{ app }}\n{% endmacro %}\n"),
    ]);
    let context = context("name: web\nn: 3\nextra:\n  a: 1\n  b: [x, 2]\nitems:\n- one\n- two\n");
    let traced = templates.trace("web", &context).unwrap();
    assert_eq!(
        leaves(&traced[0]),
        [
            "kind @ web:2:7 < ",
            "name @ web:3:7 < values.yaml:1:7",
            "replicas @ web:4:11 < values.yaml:2:4",
            "labels.fixed @ macros:2:8 < ",
            "labels.app @ macros:3:6 < values.yaml:1:7",
            "all.a @ web:6:6 < values.yaml:4:6",
            "all.b.0 @ web:6:6 < values.yaml:5:7",
            "all.b.1 @ web:6:6 < values.yaml:5:10",
            "url @ web:7:6 < values.yaml:1:7 values.yaml:2:4",
            "list.0 @ web:10:3 < values.yaml:7:3",
            "list.1 @ web:10:3 < values.yaml:8:3",
            "a @ web:12:5 < values.yaml:4:6",
            "b.0 @ web:12:5 < values.yaml:5:7",
            "b.1 @ web:12:5 < values.yaml:5:10",
        ]
    );
    let plain = templates.documents("web", &context).unwrap();
    let (mut first, mut second) = (String::new(), String::new());
    crate::yaml::write(&plain[0], &mut first);
    crate::yaml::write(&traced[0].node, &mut second);
    assert_eq!(first, second);
}

#[test]
fn an_error_names_the_template_and_the_layer() {
    let templates = templates(&[("t", "a: 1\nb: x-{{ labels }}\n")]);
    let error = templates.documents("t", &context("labels:\n  app: web\n")).unwrap_err();
    let finding = error.iter().next().unwrap();
    let labels: Vec<String> = finding.labels().iter().map(|label| label.span.to_string()).collect();
    assert_eq!(labels[0], "t:2:6");
    let templates = self::templates(&[("t", "{{ key }}: 1\n{{ other }}: 2\n")]);
    let error = templates.documents("t", &context("key: null\nother: ~\n")).unwrap_err();
    let finding = error.iter().next().unwrap();
    let labels: Vec<String> = finding.labels().iter().map(|label| label.span.to_string()).collect();
    assert_eq!(labels, ["t:1:1", "values.yaml:1:6"]);
    assert_eq!(error.len(), 2);
}

#[test]
fn an_undefined_value_is_named_with_its_nearest_neighbour() {
    let templates = templates(&[("t", "a: 1\nb: {{ values.image.tga }}\n")]);
    let error = templates.documents("t", &context("values: {image: {tag: x}}")).unwrap_err();
    let shown = error.to_string();
    assert!(shown.starts_with("t:2:20: error[template.undefined]: `values.image.tga`"), "{shown}");
    assert!(shown.contains("did you mean `values.image.tag`?"), "{shown}");
}

#[test]
fn an_error_in_an_include_names_both_places() {
    let templates =
        templates(&[("t", "spec:\n  {% include 'pod' %}\n"), ("pod", "\na: {{ nope }}\n")]);
    let error = templates.documents("t", &context("{}")).unwrap_err();
    let finding = error.iter().next().unwrap();
    let labels: Vec<String> = finding.labels().iter().map(|label| label.span.to_string()).collect();
    assert_eq!(labels, ["pod:2:7", "t:2:6"], "{finding}");
}

#[test]
fn values_survive_the_way_to_a_template_and_back() {
    let text = "z: 1\nbig: 123456789012345678901234567890123456789012345678901\nwide: 170141183460469231731687303715884105727\nless: -9223372036854775808\nwhole: 1.0\nsmall: 1.0e-07\ntext: \"1\"\nnothing: null\nlist:\n- true\n- {}\n- []\na: \"\"\n";
    let node = tree(text);
    let back = super::convert::node_from_value(&value_from_node(&node), 1 << 20).unwrap();
    let mut out = String::new();
    crate::yaml::write(&back, &mut out);
    let mut direct = String::new();
    crate::yaml::write(&node, &mut direct);
    assert_eq!(out, direct);
}

fn limited(limits: Limits, source: &str) -> String {
    let mut templates = Templates::with_limits(limits);
    templates.add("t", source).unwrap();
    templates.render("t", &serde_json::json!({})).unwrap_err().to_string()
}

#[test]
fn every_limit_is_a_finding() {
    let small = Limits::default().with_text(1 << 16).with_output(1 << 20).with_fuel(200_000);
    for source in [
        "{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}",
        "{% macro m() %}{{ m() }}{% endmacro %}\na: {{ m() }}\n",
        "a: {% include 't' %}\n",
        "{% for i in range(20000) %}\n- 0123456789012345678901234567890123456789012345678901234567890123456789\n{% endfor %}\n",
        "a: {{ 'ab' | replace('', 'x' * 60000) | replace('', 'x' * 60000) }}\n",
        "a: {{ ['x' * 60000, 'y' * 60000] | join('-') }}\n",
        "a: {{ '%99999999d' | format(1) }}\n",
        "a: {{ 'a\nb' | indent(99999999) }}\n",
        "{% macro twice(s, n) %}{{ twice(s ~ s, n - 1) if n > 0 else s }}{% endmacro %}\na: {{ twice('0123456789', 24) }}\n",
        "{% set ns = namespace(s='0123456789') %}\n{% for i in range(24) %}\n{% set c %}{{ ns.s }}{{ ns.s }}{% endset %}\n{% set ns.s = c %}\n{% endfor %}\na: {{ ns.s }}\n",
        "{% set ns = namespace(x=[1]) %}\n{% for i in range(40) %}\n{% set ns.x = [ns.x, ns.x] %}\n{% endfor %}\na: {{ ns.x }}\n",
        "{% set ns = namespace(s='0123456789') %}{% for i in range(40) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}\na: {{ ns.s | length }}\n",
        "{% set ns = namespace(s='0123456789') %}{% for i in range(40) %}{% set ns.s = ns.s + ns.s %}{% endfor %}\na: {{ ns.s | length }}\n",
        "{% set ns = namespace(s=[0]) %}{% for i in range(70) %}{% set ns.s = ns.s + ns.s %}{% endfor %}\na: {{ ns.s | length }}\n",
        "{% set s = 'x' * 90000 %}\na: {{ s | length }}\n",
        "{% if [1] * 9000 %}{% endif %}\n",
        "{% set s = (1, 2) * 9000 %}\na: {{ s | length }}\n",
        // Each step is small, all together are not.
        "{% set ns = namespace(l=[], s='x' * 60000) %}{% for i in range(900) %}{% set ns.l = ns.l + [ns.s | upper] %}{% endfor %}\na: 1\n",
        "{% set ns = namespace(l=[], s='x' * 60000) %}{% for i in range(900) %}{% set ns.l = ns.l + [ns.s ~ i] %}{% endfor %}\na: 1\n",
        "{% set ns = namespace(l=[]) %}{% for i in range(5000) %}{% set ns.l = ns.l + [i] %}{% endfor %}\na: 1\n",
        "{% set c | text %}{% for i in range(40000) %}0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789{% endfor %}{% endset %}\na: {{ c | length }}\n",
        // So deep that it could not be dropped, or so often the same that it could not be compared.
        "{% set ns = namespace(x=[]) %}{% for i in range(20000) %}{% set ns.x = [ns.x] %}{% endfor %}\na: 1\n",
        "{% set ns = namespace(x=[]) %}{% for i in range(20000) %}{% set ns.x = ns.x | batch(1) %}{% endfor %}\na: 1\n",
        "{% set ns = namespace(x=1) %}{% for i in range(20000) %}{% set ns.x = dict(x=ns.x) %}{% endfor %}\na: 1\n",
        "{% set ns = namespace(x=[1], y=[1]) %}{% for i in range(40) %}{% set ns.x = [ns.x, ns.x] %}{% set ns.y = [ns.y, ns.y] %}{% endfor %}\na: {{ ns.x == ns.y }}\n",
        "{% set ns = namespace(x=[1]) %}{% for i in range(40) %}{% set ns.x = ns.x | zip(ns.x) %}{% endfor %}\na: {{ ns.x | trim }}\n",
        "{% macro m(x, n) %}{{ m({'a': x, 'b': x}, n - 1) if n > 0 else x | pprint }}{% endmacro %}\na: {{ m(1, 30) }}\n",
        "{% set x = ['x' * 60000] %}{% set y = [x, x] %}\na: {{ y | pprint }}\n",
    ] {
        let shown = limited(small, source);
        assert!(shown.contains("[template.limit]"), "{source}\n{shown}");
    }
}

#[test]
fn too_much_output_is_placed_in_its_template() {
    let source = "# much\n{% for i in range(9999) %}\n- 0123456789\n{% endfor %}\n";
    let shown = limited(Limits::default().with_output(1 << 10), source);
    assert!(shown.starts_with("t:1:1: error[template.limit]: the output is larger"), "{shown}");
}

#[test]
fn a_namespace_holds_no_namespace() {
    for source in [
        "{% set ns = namespace() %}{% set ns.x = ns %}\na: {{ ns == ns }}\n",
        "{% set ns = namespace() %}{% set ns.x = [{'y': ns}] %}\na: 1\n",
        "{% set ns = namespace() %}{% for i in range(20000) %}{% set ns.x = namespace(x=ns.x) %}{% endfor %}\na: 1\n",
    ] {
        let shown = limited(Limits::default(), source);
        assert!(shown.contains("a namespace may not be put into a namespace"), "{source}\n{shown}");
    }
}

#[test]
fn lists_that_join_themselves_cost_nothing_while_they_are_empty() {
    let mut templates = Templates::new();
    let source = "{% set ns = namespace(l=[]) %}{% for i in range(70) %}{% set ns.l = ns.l + ns.l %}{% endfor %}\na: {{ ns.l }}\n";
    templates.add("t", source).unwrap();
    assert_eq!(templates.render("t", &serde_json::json!({})).unwrap(), "a: []\n");
}

#[test]
fn known_names_are_those_of_the_environment() {
    let env = super::engine::base(Limits::default());
    for name in super::names::FILTERS {
        let made = env.compile_expression_owned(format!("'{name}' is filter"));
        assert_eq!(made.unwrap().eval(()).unwrap(), Value::from(true), "{name}");
    }
    for name in super::names::TESTS {
        let made = env.compile_expression_owned(format!("'{name}' is test"));
        assert_eq!(made.unwrap().eval(()).unwrap(), Value::from(true), "{name}");
    }
}

#[test]
fn expressions_are_strict_and_typed() {
    let expressions = Expressions::new();
    let context = value_from_node(&tree(
        "values: {components: {broker: true}, cpu: 100m, limit: 1, tag: 3.3.2-debian}",
    ));
    let source = SourceText::new("chart.yaml", "enabled: values.components.brokr\n");
    let span = source.span(9..32);
    let eval = |text: &str| expressions.eval(&span, text, &context);
    assert_eq!(eval("values.components.broker").unwrap(), Value::from(true));
    assert_eq!(
        eval("values.cpu | quantity <= values.limit | quantity").unwrap(),
        Value::from(true)
    );
    assert_eq!(eval("values.tag is semver('>=3.3')").unwrap(), Value::from(true));
    let error = eval("values.components.brokr").unwrap_err();
    assert_eq!(error.code(), "template.undefined");
    assert!(error.to_string().contains("did you mean `values.components.broker`?"), "{error}");
    let error = eval("values.components.").unwrap_err();
    assert_eq!(error.code(), "template.syntax");
    let text = |template: &str| expressions.text(&span, template, &context);
    assert_eq!(text("{{ values.cpu }} of {{ values.components.broker }}").unwrap(), "100m of true");
    assert!(text("{{ values.components }}").is_err());
}

#[test]
fn operators_in_expressions_are_those_of_templates() {
    let expressions = Expressions::new();
    let context = value_from_node(&tree("values: {on: true, cpu: 100m, nothing: null}"));
    let file = "rule: values.cpu ~ values.nope ~ 'x'\n";
    let source = SourceText::new("chart.yaml", file);
    let span = source.span(6..file.len() - 1);
    let eval = |text: &str| expressions.eval(&span, text, &context);
    assert_eq!(eval("values.cpu ~ '/' ~ values.on").unwrap(), Value::from("100m/true"));
    assert_eq!(eval("values.cpu ~ values.nothing").unwrap_err().code(), "template.none-in-text");
    assert_eq!(eval("('x' * 99999999) == 'x'").unwrap_err().code(), "template.limit");
    assert_eq!(eval("{'a': [values.on]}.a[0]").unwrap(), Value::from(true));
    let error = eval(&file[6..file.len() - 1]).unwrap_err();
    assert_eq!(error.code(), "template.undefined");
    assert_eq!(error.span().unwrap().text(), "nope", "{error}");
    let text = |template: &str| expressions.text(&span, template, &context);
    assert_eq!(
        text("{{ 'on: ' ~ values.on }} {# c #}{% if true %}!{% endif %}").unwrap(),
        "on: true !"
    );
    assert!(text("{{ values.cpu ~ values.nothing }}").is_err());
}

#[test]
fn templates_can_be_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Templates>();
    shared::<Expressions>();
}

#[test]
#[expect(clippy::disallowed_methods, reason = "tests read their own cases")]
fn every_case_traces_to_the_same_documents_with_places() {
    fn unplaced(node: &Node) -> bool {
        !node.span.is_known()
            || node.as_list().is_some_and(|items| items.iter().any(unplaced))
            || node.as_map().is_some_and(|map| {
                map.entries.iter().any(|entry| !entry.key_span.is_known() || unplaced(&entry.value))
            })
    }
    fn written(node: &Node) -> String {
        let mut out = String::new();
        crate::yaml::write(node, &mut out);
        out
    }
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/template_cases");
    let mut checked = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let case: serde_yaml::Value =
            serde_yaml::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        if case.get("want").is_none() {
            continue;
        }
        let mut templates = Templates::new();
        let sources = case["templates"].as_mapping().unwrap();
        for (name, source) in sources {
            templates.add(name.as_str().unwrap(), source.as_str().unwrap()).unwrap();
        }
        let name = sources.iter().next().unwrap().0.as_str().unwrap().to_owned();
        let context = context(&serde_json::to_string(&case["values"]).unwrap());
        let plain = templates.documents(&name, &context).unwrap();
        let traced = templates.trace(&name, &context).unwrap();
        assert_eq!(plain.len(), traced.len(), "{}", path.display());
        for (plain, traced) in plain.iter().zip(&traced) {
            assert_eq!(written(plain), written(&traced.node), "{}", path.display());
            assert!(!unplaced(&traced.node), "{}: {:?}", path.display(), traced.node);
        }
        checked += 1;
    }
    assert!(checked > 30);
}

#[test]
fn a_context_made_of_pairs_is_traced_too() {
    let templates = templates(&[("t", "a: {{ values.n }}\n")]);
    let inner = context("n: 5\n");
    let origin = inner.origin.unwrap();
    let context = Context {
        value: Value::from_pairs([
            ("values", inner.value),
            ("other", minijinja::context! { x => 1 }),
        ]),
        origin: Some(Arc::new(move |path: &[Segment]| origin(&path[1..]))),
    };
    let traced = templates.trace("t", &context).unwrap();
    assert_eq!(leaves(&traced[0]), ["a @ t:1:4 < values.yaml:1:4"]);
}

#[test]
fn what_is_set_in_a_loop_and_lost_is_told() {
    let warnings = |source: &str| {
        let templates = templates(&[("t", source)]);
        templates.warnings().iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let lost = "{% set n = 0 %}\n{% for i in l %}\n{% set n = n + 1 %}\n{% endfor %}\na: {{ n }}\n";
    let [warning] = &warnings(lost)[..] else { panic!("one warning") };
    assert!(
        warning.starts_with("t:3:8: warning[template.set-in-loop]: `n` is set in a loop"),
        "{warning}"
    );
    for fine in [
        // Read in the loop.
        "{% set n = 0 %}\n{% for i in l %}\n{% set n = i %}\n- {{ n }}\n{% endfor %}\n- {{ n }}\n",
        // Perhaps read by what is included.
        "{% for i in l %}\n{% set n = i %}\n- {% include 'x' %}\n{% endfor %}\n- {{ n | default(1) }}\n",
        // Another one behind the loop.
        "{% for i in l %}\n{% set n = i %}\n{% endfor %}\n{% set n = 1 %}\na: {{ n }}\n",
        // A namespace keeps it.
        "{% set ns = namespace(n=0) %}\n{% for i in l %}\n{% set ns.n = i %}\n{% endfor %}\na: {{ ns.n }}\n",
        // A key of the same name.
        "{% for i in l %}\n{% set n = i %}\n{% endfor %}\na: {{ m.n }}\nb: {{ dict(n=1) }}\n",
    ] {
        assert_eq!(warnings(fine), [""; 0], "{fine}");
    }
}
