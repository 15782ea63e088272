//! What is said about values that are wrong, and what is not said about secrets.

use serde_json::json;

use super::*;
use crate::diag::Diagnostic;

#[test]
fn findings_name_value_rule_and_remedy() {
    let schema = "properties:\n  replicas: {type: integer, minimum: 1}\n  policy: {type: string, enum: [Always, Never]}\n  debug: {type: boolean}\n  name: {type: string, pattern: '^[a-z]+$', examples: [web]}\n  image:\n    type: object\n    required: [tag]\n    properties:\n      tag: {type: string, description: The image tag.}\nrequired: [image]\n";
    let case = |layer: &str| case().schema(schema).layer(layer);
    let errors = case(
        "web: {image: {tag: 1}, replica: 2, policy: always, debug: yes, name: A, replicas: 0}\n",
    )
    .errors();
    for part in [
        "layer-1.yaml:1:20: error[values.wrong-type]: `web.image.tag` is an integer (`1`), expected a string (hint: write it in quotes: `\"1\"`)",
        "layer-1.yaml:1:24: error[values.unknown-key]: unknown key `web.replica` (hint: did you mean `replicas`?)",
        "error[values.not-allowed]: `web.policy` is `always`, not one of the allowed values (hint: did you mean `Always`?",
        "error[values.wrong-type]: `web.debug` is a string (`yes`), expected a boolean (`true` or `false`) (hint: YAML 1.1 reads `yes` as true, YAML 1.2 as text; write `true`)",
        "error[values.pattern]: `web.name` is `A`, which does not match `^[a-z]+$` (hint: such as `web`)",
        "error[values.out-of-range]: `web.replicas` is `0`, less than the minimum of 1",
    ] {
        assert!(errors.contains(part), "{part}\n{errors}");
    }
    let found = case("web: {image: {tag: x}, replicas: 0}\n").run().map(|_| ()).unwrap_err();
    let places: Vec<String> =
        found.iter().flat_map(Diagnostic::labels).map(|label| label.span.to_string()).collect();
    assert_eq!(places, ["layer-1.yaml:1:34", "schemas/app/web.yaml:2:29"]);
    let errors = case("web: {image: {}}\n").errors();
    assert!(errors.contains("error[values.missing]: `web.image.tag` is missing: a string is required (hint: The image tag.)"), "{errors}");
    let errors = case("other: 1\nwbe: {}\n").errors();
    assert!(
        errors.contains(
            "chart-wide values are declared in `schemas/app/chart.yaml`, which does not exist"
        ),
        "{errors}"
    );
    assert!(errors.contains("unknown key `wbe` (hint: did you mean `web`?)"), "{errors}");
    assert_eq!(super::case().schema(schema).disabled().web(), json!({}));
    assert!(
        super::case()
            .schema(schema)
            .disabled()
            .set("web.replicas=x")
            .errors()
            .contains("wrong-type")
    );
}

#[test]
fn secrets_are_never_shown() {
    let schema = "properties:\n  password: {type: string, writeOnly: true, minLength: 8}\n  user: {type: string}\nrequired: [password]\n";
    let case = || case().schema(schema);
    let errors = case().errors();
    assert!(
        errors.contains("values.missing-secret") && errors.contains("--set-file web.password=FILE"),
        "{errors}"
    );
    assert_eq!(case().placeholders().web(), json!({"password": "<secret:web.password>"}));
    assert_eq!(
        case().placeholders().set("web.password=hunter2hunter2").web(),
        json!({"password": "<secret:web.password>"})
    );
    for wrong in [
        "web: {password: hunter2}\n",
        "web: {password: hunter2hunter2, user: {}}\n",
        "web: {pasword: hunter2}\n",
        "web: {password: [hunter2]}\n",
    ] {
        let found = case().layer(wrong).run().map(|_| ()).unwrap_err();
        assert!(!found.to_string().contains("hunter2"), "{found}");
        for label in found
            .iter()
            .flat_map(Diagnostic::labels)
            .filter(|label| label.span.name().starts_with("layer"))
        {
            assert!(label.masked, "{wrong} {label:?}");
        }
    }
    let (values, _) =
        case().layer("web: {password: hunter2hunter2, user: !ref web.password}\n").run().unwrap();
    assert_eq!(
        format!("{:?}", values.tree()),
        r#"{"web": {"password": [secret], "user": [secret]}}"#
    );
    assert_eq!(super::super::known(values.tree()).spans.len(), 2);
}

#[test]
fn faulty_layers_do_not_show_secrets() {
    let source = MemorySource::new();
    for flag in
        ["web.password=hunter2,hunter3", "a={hunter2", "b=hunter2,c=hunter3,d[0", "x={hunter2}y"]
    {
        let found = Layer::set(flag).load(&source).map(|_| ()).unwrap_err();
        assert!(!found.to_string().contains("hunter"), "{found}");
        for label in found.iter().flat_map(Diagnostic::labels) {
            assert!(!label.span.source().unwrap().text().contains("hunter"));
        }
    }
    let found = Layer::text("x", "password: \"hunter2\n").load(&source).map(|_| ()).unwrap_err();
    assert!(found.iter().flat_map(Diagnostic::labels).all(|label| label.masked));
}

#[test]
fn deprecated_values_warn() {
    let case = case().schema("properties: {old: {type: string, deprecated: true, default: x}}\n");
    assert!(case.run().unwrap().1.is_empty());
    let (_, warnings) = case.layer("web: {old: y}\n").run().unwrap();
    assert!(warnings.to_string().contains("warning[values.deprecated]: `web.old` is deprecated"));
}
