//! `rules` with `each`, and `inputs`: what chart.yaml can say about values that belong to several components.

use plimsoll::{Diagnostics, Layer, MemorySource, Rendered, Request, render};

const SCHEMA: &str = r"
type: object
properties:
  pools:
    type: array
    default: []
    items:
      type: object
      properties:
        name: {type: string}
        network: {type: string}
        servers:
          type: object
          additionalProperties:
            type: object
            properties:
              address: {type: string}
              password: {type: string, writeOnly: true}
";

const PROJECT: &str = "apiVersion: plimsoll.dev/v1\nkind: Project\nreleases:\n  - {name: web, chart: web, namespace: default}\n";

const TEMPLATE: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: app}\n";

fn chart(extra: &str, template: &str, layer: &str) -> Result<Rendered, Diagnostics> {
    let chart =
        format!("apiVersion: plimsoll.dev/v1\nkind: Chart\nname: web\nversion: 1.0.0\n{extra}\n");
    let files = [
        ("plimsoll.yaml", PROJECT),
        ("charts/web/chart.yaml", &chart),
        ("charts/web/app/app.yaml.j2", template),
        ("charts/web/most.txt", "1"),
        ("schemas/web/chart.yaml", SCHEMA),
    ];
    let add = |source: MemorySource, (path, text): (&str, &str)| source.with(path, text.to_owned());
    let source = files.into_iter().try_fold(MemorySource::new(), add).expect("good paths");
    render(&source, &Request::new("web").with_layer(Layer::text("test.yaml", layer)))
}

fn with_rule(rule: &str, layer: &str) -> Result<Rendered, Diagnostics> {
    chart(&format!("components: {{app: {{}}}}\nrules:\n{rule}"), TEMPLATE, layer)
}

/// Where the first label of each finding stands, and the message.
fn said(result: Result<Rendered, Diagnostics>) -> Vec<String> {
    let found = result.expect_err("something is wrong");
    let line = |d: &plimsoll::Diagnostic| {
        let label = d.labels().first().map(|label| &label.span);
        let at = label.and_then(|span| span.start().map(|at| (span.name().to_owned(), at)));
        let (name, at) = at.expect("a place");
        format!("{name}:{}:{} {}", at.line, at.column, d.message())
    };
    found.iter().map(line).collect()
}

const NESTED: &str = r#"
  - each: {pool: values.pools, server: pool.servers}
    when: server.address is defined
    rule: server.address is in_cidr(pool.network)
    message: "server {{ key.server }} of pool {{ key.pool }} is outside of {{ pool.network }}"
    path: server.address
    hint: move it
"#;

#[test]
fn a_rule_is_judged_for_each_item_and_points_at_it() {
    let layer = "
pools:
  - network: 10.0.0.0/24
    servers:
      a: {address: 10.0.0.1}
      b: {address: 10.0.1.1}
  - network: 10.1.0.0/24
    servers:
      c: {address: 10.0.0.2}
      d: {}
";
    let wanted = [
        "test.yaml:6:20 server b of pool 0 is outside of 10.0.0.0/24",
        "test.yaml:9:20 server c of pool 1 is outside of 10.1.0.0/24",
    ];
    assert_eq!(said(with_rule(NESTED, layer)), wanted);
}

#[test]
fn what_is_absent_or_empty_has_no_items() {
    for layer in ["{}", "pools: []", "pools: [{network: 10.0.0.0/8}]"] {
        assert!(with_rule(NESTED, layer).is_ok(), "{layer}");
    }
}

#[test]
fn two_names_for_one_list_give_every_pair() {
    let rule = r#"
  - each: {one: values.pools, other: values.pools}
    when: key.one < key.other
    rule: one.network is not overlapping(other.network)
    message: "{{ one.name }} and {{ other.name }} overlap"
    path: other.network
"#;
    let layer = "pools: [{name: a, network: 10.0.0.0/8}, {name: b, network: 11.0.0.0/8}, {name: c, network: 10.3.0.0/16}]";
    assert_eq!(said(with_rule(rule, layer)), ["test.yaml:1:92 a and c overlap"]);
}

#[test]
fn a_name_may_be_that_of_a_value() {
    let rule = r"
  - each: {pools: values.pools}
    rule: pools.name is defined
    message: one has no name
    path: pools.name
";
    assert!(with_rule(rule, "pools: [{name: a}]").is_ok());
    assert_eq!(said(with_rule(rule, "pools: [{}]")), ["test.yaml:1:9 one has no name"]);
}

#[test]
fn rules_see_the_files_of_the_chart() {
    let rule = r#"
  - rule: values.pools | length <= files.text("most.txt") | int
    message: "at most {{ files.text('most.txt') }}"
    path: pools
"#;
    assert!(with_rule(rule, "pools: [{}]").is_ok());
    assert_eq!(said(with_rule(rule, "pools: [{}, {}]")), ["test.yaml:1:8 at most 1"]);
}

#[test]
fn a_config_map_may_hold_no_secret() {
    let template = format!(
        "{TEMPLATE}data: {{a: \"x={{{{ chart.values.pools[0].servers.a.password }}}}\"}}\n"
    );
    let layer = "pools: [{servers: {a: {password: swordfish}}}]";
    let found = chart("components: {app: {}}", &template, layer).unwrap_err();
    assert!(found.iter().all(|d| d.code() == "manifest.secret-in-config-map"), "{found}");
    assert!(found.to_string().contains("pools[0].servers.a.password"), "{found}");
    assert!(!format!("{found:?}").contains("swordfish"), "{found:?}");
}

#[test]
fn an_absent_value_is_shown_by_the_item_that_lacks_it() {
    let rule = r"
  - each: {pool: values.pools}
    rule: pool.name is defined
    message: pool {{ key.pool }} has no name
    path: pool.name
";
    let found = said(with_rule(rule, "pools:\n  - {name: a}\n  - {network: 10.0.0.0/8}\n"));
    assert_eq!(found, ["test.yaml:3:5 pool 1 has no name"]);
}

#[test]
fn messages_about_an_item_show_no_secret() {
    let rule = r#"
  - each: {pool: values.pools, server: pool.servers}
    rule: server.password != "swordfish"
    message: "{{ server.password }} is no password"
    path: server.password
"#;
    let found = with_rule(rule, "pools: [{servers: {a: {password: swordfish}}}]").unwrap_err();
    assert!(!found.to_string().contains("swordfish"), "{found}");
    assert!(!format!("{found:?}").contains("swordfish"), "{found:?}");
}

#[test]
fn values_alone_are_all_blocks() {
    let rule = r"
  - each: {block: values, pool: block}
    when: pool is mapping and 'name' in pool
    rule: pool.name != 'b'
    message: '{{ key.block }}.{{ key.pool }} is b'
    path: pool.name
";
    let found = said(with_rule(rule, "pools: [{name: a}, {name: b}]"));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("pools.1 is b"), "{found:?}");
}

#[test]
fn too_many_items_are_an_error() {
    let rule = r#"
  - each: {a: values.pools, b: values.pools, c: values.pools}
    rule: "true"
    message: never
"#;
    let layer = format!("pools: [{}]", ["{}"; 22].join(", "));
    let found = with_rule(rule, &layer).unwrap_err();
    assert!(found.iter().any(|d| d.code() == "values.too-many-items"), "{found}");
}

#[test]
fn a_wrong_each_is_refused() {
    let cases = [
        ("values: values.pools", "`values` cannot name an item"),
        ("Pool: values.pools", "`Pool` cannot name an item"),
        ("pool: pools", "`pools` is no path of a list"),
        ("pool: values.pools | first", "is no path of a list"),
        ("pool: [a]", "`a` is no path of a list"),
        ("pool: {a: values.pools}", "a path such as"),
    ];
    for (each, wanted) in cases {
        let rule = format!("  - each: {{{each}}}\n    rule: \"true\"\n    message: never\n");
        let found = with_rule(&rule, "{}").unwrap_err();
        assert!(found.to_string().contains(wanted), "{each}: {found}");
    }
}

#[test]
fn inputs_hand_over_what_other_components_are_set_to() {
    let components = r#"
components:
  app:
    inputs: {names: values.pools | map(attribute="name") | list}
    exports: {first: inputs.names | first}
"#;
    let template = format!("{TEMPLATE}data: {{names: '{{{{ inputs.names | join(\",\") }}}}'}}\n");
    let rendered = chart(components, &template, "pools: [{name: a}, {name: b}]");
    let rendered = rendered.unwrap_or_else(|found| unreachable!("{found}"));
    assert_eq!(rendered.resources()[0].to_value()["data"]["names"], "a,b");
}

#[test]
fn an_input_of_a_value_that_does_not_exist_is_an_error() {
    let components = "components: {app: {inputs: {x: values.pool}}}";
    let found = chart(components, TEMPLATE, "{}").unwrap_err().to_string();
    assert!(found.contains("did you mean `values.pools`"), "{found}");
}

#[test]
fn a_list_of_paths_judges_what_stands_at_each() {
    let rule = r#"
  - each: {part: [values.pools, values.spare.pools, values.spare.absent]}
    rule: part | length < 2
    message: "{{ key.part }} has {{ part | length }}"
    path: part
"#;
    let schema =
        SCHEMA.replace("  pools:", "  spare: {type: object, additionalProperties: true}\n  pools:");
    let source = MemorySource::new()
        .with("plimsoll.yaml", PROJECT)
        .and_then(|source| source.with("charts/web/app/app.yaml.j2", TEMPLATE))
        .and_then(|source| source.with("schemas/web/chart.yaml", schema))
        .and_then(|source| {
            let chart = "apiVersion: plimsoll.dev/v1\nkind: Chart\nname: web\nversion: 1.0.0\n";
            source.with(
                "charts/web/chart.yaml",
                format!("{chart}components: {{app: {{}}}}\nrules:\n{rule}"),
            )
        })
        .expect("good paths");
    let layer = "pools: [{}]\nspare:\n  pools: [{}, {}]\n";
    let request = Request::new("web").with_layer(Layer::text("test.yaml", layer));
    assert_eq!(said(render(&source, &request)), ["test.yaml:3:10 spare.pools has 2"]);
}

#[test]
fn values_that_a_rule_compares_with_are_pointed_at() {
    let rule = r#"
  - each: {pool: values.pools}
    rule: pool.name != pool.network
    message: "{{ pool.name }} twice"
    path: pool.name
"#;
    let found = with_rule(rule, "pools:\n  - name: a\n    network: a\n").unwrap_err();
    let places: Vec<_> = found
        .iter()
        .flat_map(plimsoll::Diagnostic::labels)
        .filter(|label| label.span.name() == "test.yaml")
        .filter_map(|label| label.span.start().map(|at| at.line))
        .collect();
    assert_eq!(places, [2, 3]);
}

#[test]
fn a_need_that_is_off_is_shown_where_it_was_switched_off() {
    let parts =
        "components:\n  app: {needs: [other]}\n  other: {enabled: values.pools | length > 0}";
    let found = chart(parts, TEMPLATE, "pools: []").unwrap_err();
    let labels: Vec<_> = found.iter().flat_map(plimsoll::Diagnostic::labels).collect();
    let shown = labels.iter().any(|label| label.span.name() == "test.yaml");
    assert!(shown, "{found}");
}
