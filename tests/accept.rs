//! `accept` of a release: warnings it lives with, and what is wrong with saying so.

use plimsoll::{Diagnostics, Layer, MemorySource, Rendered, Request, render};

const CHART: &str = r#"
apiVersion: plimsoll.dev/v1
kind: Chart
name: web
version: 1.0.0
components: {app: {}}
rules:
  - name: single-pod
    rule: values.app.replicas != 1
    message: "one pod only"
    severity: warning
  - name: no-pod
    rule: values.app.replicas > 0
    message: "no pod at all"
  - rule: values.app.replicas < 100
    message: "many pods"
    severity: warning
"#;

const SCHEMA: &str = "
type: object
properties:
  replicas: {type: integer, default: 1}
  old: {type: boolean, deprecated: true, description: Does nothing any more.}
";

/// The release `web/dev` with these acceptances and one layer, with another layer on top if there is one.
fn rendered(accept: &str, layer: &str, top: &str) -> Result<Rendered, Diagnostics> {
    let project = format!(
        "apiVersion: plimsoll.dev/v1\nkind: Project\nreleases:\n  - name: web/dev\n    chart: web\n    \
         layers: [dev.yaml]\n    accept: {accept}\n"
    );
    let files = [
        ("plimsoll.yaml", project.as_str()),
        ("charts/web/chart.yaml", CHART),
        ("charts/web/app/app.yaml.j2", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: app}\n"),
        ("schemas/web/app.yaml", SCHEMA),
        ("dev.yaml", layer),
    ];
    let add = |source: MemorySource, (path, text): (&str, &str)| source.with(path, text.to_owned());
    let source = files.into_iter().try_fold(MemorySource::new(), add).expect("good paths");
    let request = Request::new("web/dev");
    let top = (!top.is_empty()).then(|| Layer::text("top.yaml", top));
    render(&source, &top.into_iter().fold(request, Request::with_layer))
}

/// What is still a warning, and what is accepted for which reason.
fn sorted_out(accept: &str, layer: &str, top: &str) -> (String, Vec<String>) {
    let rendered = rendered(accept, layer, top).expect("it renders");
    let one = |one: &plimsoll::Accepted| format!("{}: {}", one.finding.message(), one.reason);
    (rendered.warnings().to_string(), rendered.accepted().iter().map(one).collect())
}

fn refused(accept: &str) -> String {
    rendered(accept, "app: {replicas: 1}\n", "").expect_err("it is refused").to_string()
}

#[test]
fn a_warning_of_a_named_rule_is_accepted_with_its_reason() {
    let (warnings, accepted) = sorted_out("[]", "app: {replicas: 1}\n", "");
    assert!(warnings.contains("warning[values.rule]: one pod only"), "{warnings}");
    assert_eq!(accepted, [""; 0]);
    let accept = "[{rule: single-pod, reason: a test bed}]";
    let (warnings, accepted) = sorted_out(accept, "app: {replicas: 1}\n", "");
    assert_eq!((warnings.as_str(), accepted), ("", vec!["one pod only: a test bed".to_owned()]));
}

#[test]
fn a_finding_says_which_rule_it_comes_from() {
    let rendered = rendered("[]", "app: {replicas: 1}\n", "").expect("it renders");
    assert_eq!(rendered.warnings().iter().next().and_then(|one| one.rule()), Some("single-pod"));
    let found = self::rendered("[]", "app: {replicas: 0}\n", "").expect_err("a rule is broken");
    let finding = found.iter().next().expect("a finding");
    assert_eq!(finding.rule(), Some("no-pod"));
    assert_eq!(finding.labels().last().expect("a label").text, "the chart's rule `no-pod`");
}

#[test]
fn a_code_is_accepted_everywhere_or_in_one_file() {
    let layer = "app: {replicas: 2, old: true}\n";
    for accept in [
        "[{code: values.deprecated, reason: next month}]",
        "[{code: values.deprecated, at: dev.yaml, reason: next month}]",
    ] {
        let (warnings, accepted) = sorted_out(accept, layer, "");
        assert_eq!((warnings.as_str(), accepted.len()), ("", 1), "{accept}");
    }
    let elsewhere = "[{code: values.deprecated, at: prod.yaml, reason: next month}]";
    let (warnings, accepted) = sorted_out(elsewhere, layer, "");
    assert_eq!(accepted.len(), 0);
    assert!(warnings.contains("warning[values.deprecated]"), "{warnings}");
    assert!(
        warnings.contains("there is no warning `values.deprecated` in `prod.yaml`"),
        "{warnings}"
    );
}

#[test]
fn what_meets_nothing_is_a_warning_unless_other_values_were_given() {
    let accept = "[{rule: single-pod, reason: a test bed}]";
    let (warnings, accepted) = sorted_out(accept, "app: {replicas: 2}\n", "");
    assert_eq!(accepted.len(), 0);
    assert_eq!(
        warnings,
        "plimsoll.yaml:7:21: warning[project.unused-accept]: the rule `single-pod` does not warn, so nothing is \
         accepted here (hint: delete this acceptance)"
    );
    // A flag or a file on top may be why; the release by itself is not to blame.
    let (warnings, accepted) = sorted_out(accept, "app: {replicas: 1}\n", "app: {replicas: 2}\n");
    assert_eq!((warnings.as_str(), accepted.len()), ("", 0));
    // Twice the same is once too often.
    let twice = "[{rule: single-pod, reason: a}, {rule: single-pod, reason: b}]";
    let (warnings, accepted) = sorted_out(twice, "app: {replicas: 1}\n", "");
    assert_eq!(accepted, ["one pod only: a"]);
    assert!(warnings.starts_with("plimsoll.yaml:7:"), "{warnings}");
    assert!(warnings.contains("project.unused-accept"), "{warnings}");
}

#[test]
fn slips_are_named() {
    for (accept, said) in [
        (
            "[{rule: singel-pod, reason: x}]",
            "the chart `web` has no rule `singel-pod` (hint: did you mean `single-pod`?)",
        ),
        ("[{rule: else, reason: x}]", "(hint: rules that warn: single-pod)"),
        ("[{rule: no-pod, reason: x}]", "the rule `no-pod` gives errors, which cannot be accepted"),
        ("[{rule: single-pod}]", "an acceptance needs the key `reason`"),
        ("[{rule: single-pod, reason: ' '}]", "the reason is empty"),
        ("[{rule: single-pod, reson: x}]", "did you mean `reason`?"),
        ("[{reason: x}]", "an acceptance needs one of `rule` and `code`"),
        (
            "[{rule: single-pod, code: values.deprecated, reason: x}]",
            "needs one of `rule` and `code`",
        ),
        ("[{rule: single-pod, at: dev.yaml, reason: x}]", "`at` goes with `code`, not with `rule`"),
        ("[{code: values.rule, reason: x}]", "name the one rule instead: `rule: NAME`"),
        ("[single-pod]", "an acceptance must be a mapping"),
        ("{rule: single-pod, reason: x}", "`accept` of a release must be a list"),
    ] {
        let found = refused(accept);
        assert!(found.contains(said), "{accept}\n{found}");
    }
}

#[test]
fn names_of_rules_are_labels_and_unique() {
    for (from, to, said) in [
        ("name: no-pod", "name: single-pod", "two rules are named `single-pod`"),
        ("name: no-pod", "name: No pod", "`No pod` is no name of a rule"),
    ] {
        let source = MemorySource::new()
            .with("charts/web/chart.yaml", CHART.replace(from, to))
            .expect("a good path");
        let found = render(&source, &Request::new("web")).expect_err("it is refused").to_string();
        assert!(found.contains(said), "{found}");
    }
}
