//! Every key and value that a dialect writes, under the grammar of Kubernetes and of the applier.

use crate::{Dialect, Layer, MemorySource, Rendered, Request, render};

fn rendered(dialects: &[Dialect], only: impl Fn(&crate::Resource) -> bool) -> Rendered {
    let object = |api: &str, kind: &str, name: &str| {
        format!(
            "apiVersion: {api}\nkind: {kind}\nmetadata: {{name: {name}}}\nspec: {{command: 'echo ${{HOME}}'}}\n---\n"
        )
    };
    let database = object("apps/v1", "StatefulSet", "db") + &object("v1", "Secret", "db-auth");
    let long = "a-component-with-a-name-of-exactly-sixty-three-characters-xxxxx";
    let chart = format!(
        "apiVersion: plimsoll.dev/v1\nkind: Chart\nname: shop\nversion: 1.0.0\ncomponents:\n  base: {{}}\n  db: {{needs: [base]}}\n  init: {{needs: [db]}}\n  web: {{needs: [init]}}\n  side: {{}}\n  {long}: {{needs: [side]}}\n  last: {{needs: [web, {long}]}}\n"
    );
    let source = MemorySource::new()
        .with("charts/shop/chart.yaml", &*chart)
        .and_then(|s| {
            s.with(
                "charts/shop/base/a.yaml",
                "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n",
            )
        })
        .and_then(|s| s.with("charts/shop/db/a.yaml", &*database))
        .and_then(|s| s.with("charts/shop/init/a.yaml", &*object("batch/v1", "Job", "init")))
        .and_then(|s| s.with("charts/shop/web/a.yaml", &*object("apps/v1", "Deployment", "web")))
        .and_then(|s| s.with("charts/shop/side/a.yaml", &*object("v1", "ConfigMap", "side")))
        .and_then(|s| {
            s.with(&format!("charts/shop/{long}/a.yaml"), &*object("apps/v1", "Deployment", "long"))
        })
        .and_then(|s| s.with("charts/shop/last/a.yaml", &*object("batch/v1", "Job", "last")))
        .unwrap();
    let request = Request::new("shop")
        .with_namespace("shop")
        .with_dialects(dialects.iter().copied())
        .with_validation(false);
    render(&source, &request.with_layer(Layer::text("none.yaml", ""))).unwrap().filter(only)
}

fn all(dialects: &[Dialect]) -> Rendered {
    rendered(dialects, |_| true)
}

/// Annotations of an object, without plimsoll's own.
fn annotations(rendered: &Rendered, name: &str) -> Vec<(String, String)> {
    let resource = rendered.resources().iter().find(|r| r.id().name == name).unwrap();
    let value = resource.to_value();
    let map = value["metadata"]["annotations"].as_object().unwrap();
    map.iter()
        .filter(|(key, _)| !key.starts_with("plimsoll.dev/"))
        .map(|(key, value)| (key.clone(), value.as_str().unwrap().to_owned()))
        .collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn each_dialect_says_what_its_applier_reads() {
    let depends = "config.kubernetes.io/depends-on";
    assert_eq!(
        annotations(&all(&[Dialect::CliUtils]), "init"),
        pairs(&[(depends, "/namespaces/shop/Secret/db-auth,apps/namespaces/shop/StatefulSet/db")])
    );
    assert_eq!(
        annotations(&all(&[Dialect::CliUtils]), "db"),
        pairs(&[(depends, "/Namespace/shop")])
    );
    let wave = "argocd.argoproj.io/sync-wave";
    let argo = all(&[Dialect::ArgoCd]);
    assert_eq!(annotations(&argo, "shop"), pairs(&[(wave, "-10")]));
    assert_eq!(annotations(&argo, "web"), pairs(&[(wave, "30")]));
    assert_eq!(
        annotations(&all(&[Dialect::Kapp]), "init"),
        pairs(&[
            ("kapp.k14s.io/change-group", "shop.plimsoll.dev/init"),
            ("kapp.k14s.io/change-rule.after-0", "upsert after upserting shop.plimsoll.dev/db"),
            ("kapp.k14s.io/change-rule.before-0", "delete before deleting shop.plimsoll.dev/db"),
        ])
    );
    assert_eq!(
        annotations(&all(&[Dialect::Nelm]), "init"),
        pairs(&[
            (
                "werf.io/deploy-dependency-0",
                "state=present,kind=Secret,name=db-auth,namespace=shop"
            ),
            (
                "werf.io/deploy-dependency-1",
                "state=ready,kind=StatefulSet,group=apps,name=db,namespace=shop"
            ),
        ])
    );
    let helm = all(&[Dialect::Helm]);
    assert_eq!(annotations(&helm, "init"), [], "a hook would run after what waits for it");
    assert_eq!(annotations(&helm, "shop"), pairs(&[("helm.sh/resource-policy", "keep")]));
    assert_eq!(
        annotations(&helm, "last")[0],
        ("helm.sh/hook".to_owned(), "post-install,post-upgrade".to_owned())
    );
    assert_eq!(
        annotations(&all(&[Dialect::Kluctl]), "db"),
        pairs(&[("kluctl.io/wait-readiness", "true")])
    );
    assert_eq!(annotations(&all(&[Dialect::Kluctl]), "last"), []);
    assert_eq!(
        annotations(&all(&[Dialect::Flux]), "web"),
        pairs(&[("kustomize.toolkit.fluxcd.io/substitute", "disabled")])
    );
    assert_eq!(annotations(&all(&[]), "web"), []);
}

/// Kubernetes' rule for annotation keys, written down apart from the code that makes them.
fn is_legal_key(key: &str) -> bool {
    let (prefix, name) = key.split_once('/').unwrap_or(("", key));
    let ends = |text: &str| {
        let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        edge(text.chars().next()) && edge(text.chars().last())
    };
    let name_fits = name.len() <= 63
        && ends(name)
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
    let prefix_fits = prefix.len() <= 253
        && prefix.split('.').all(|part| {
            ends(part)
                && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        });
    name_fits && (prefix.is_empty() || prefix_fits)
}

/// One reference of `depends-on`: three fields outside namespaces, five in one.
fn is_reference(text: &str) -> bool {
    let fields: Vec<&str> = text.split('/').collect();
    match fields[..] {
        [_, kind, name] => !kind.is_empty() && !name.is_empty(),
        [_, "namespaces", namespace, kind, name] => ![namespace, kind, name].contains(&""),
        _ => false,
    }
}

#[test]
fn everything_written_is_legal_and_names_objects_of_the_set_only() {
    let dialects: Vec<Dialect> = Dialect::ALL.iter().map(|(_, dialect)| *dialect).collect();
    for keep in ["", "init", "web", "db", "last"] {
        let rendered = rendered(&dialects, |r| keep.is_empty() || r.component() != keep);
        let ids: Vec<String> = rendered.resources().iter().map(|r| r.reference("shop")).collect();
        for resource in rendered.resources() {
            for (key, value) in annotations(&rendered, &resource.id().name) {
                assert!(is_legal_key(&key), "{key}");
                let words: Vec<&str> = value.split(' ').collect();
                assert!(super::is_mark(&key), "{key} is not known to be a mark");
                match key.split('/').next().unwrap() {
                    "config.kubernetes.io" => {
                        let references: Vec<&str> = value.split(',').collect();
                        assert!(
                            references
                                .iter()
                                .all(|r| is_reference(r) && ids.iter().any(|id| id == r)),
                            "{value}"
                        );
                        let mut once = references.clone();
                        once.sort_unstable();
                        once.dedup();
                        assert_eq!(once.len(), references.len(), "{value}");
                    }
                    "kapp.k14s.io" if key.contains("rule") => {
                        assert_eq!(words.len(), 4, "{value}");
                        assert!(is_legal_key(words[3]), "{value}");
                        let verbs = [&words[..3].join(" ")[..]];
                        assert!(
                            verbs == ["upsert after upserting"]
                                || verbs == ["delete before deleting"],
                            "{value}"
                        );
                    }
                    "kapp.k14s.io" => assert!(is_legal_key(&value), "{value}"),
                    "argocd.argoproj.io" => assert!(value.parse::<i32>().is_ok(), "{value}"),
                    "werf.io" => {
                        let fields: Vec<(&str, &str)> =
                            value.split(',').filter_map(|field| field.split_once('=')).collect();
                        assert!(
                            matches!(fields[0], ("state", "ready" | "present")) && fields.len() > 1,
                            "{value}"
                        );
                    }
                    _ => {}
                }
            }
        }
    }
}

#[test]
fn what_was_left_out_is_passed_over() {
    let without = rendered(&[Dialect::CliUtils], |r| r.component() != "init");
    assert_eq!(
        annotations(&without, "web"),
        pairs(&[(
            "config.kubernetes.io/depends-on",
            "/namespaces/shop/Secret/db-auth,apps/namespaces/shop/StatefulSet/db"
        )])
    );
}

#[test]
fn what_a_dialect_loses_is_told() {
    let dialects: Vec<Dialect> = Dialect::ALL.iter().map(|(_, dialect)| *dialect).collect();
    insta::assert_snapshot!(all(&dialects).explain_order());
}

#[test]
fn flux_has_a_kustomization_for_each_component() {
    let text = all(&[Dialect::Flux]).flux_kustomizations("./deploy/shop", "fleet");
    assert_eq!(text.matches("kind: Kustomization").count(), 7);
    assert!(
        text.contains("name: shop-web\n") && text.contains("dependsOn:\n  - name: shop-init\n"),
        "{text}"
    );
    assert!(text.contains("path: ./deploy/shop/web\n"), "{text}");
}

#[test]
fn steps_hold_the_stream_in_its_order() {
    let all = all(&[Dialect::Kubectl]);
    let steps = all.by_step();
    let names: Vec<&str> = steps.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        ["00-namespaces", "02-wave-0", "03-wave-1", "04-wave-2", "05-wave-3", "06-wave-4"]
    );
    let whole: String = steps.iter().map(|(_, part)| part.to_yaml()).collect();
    assert_eq!(whole, all.to_yaml());
}

#[test]
fn kustomize_is_told_to_keep_the_order() {
    assert_eq!(
        crate::kustomization(["02-wave-0", "10-wave-8"]),
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n- 02-wave-0\n- 10-wave-8\n\
         sortOptions:\n  order: fifo\n"
    );
}
