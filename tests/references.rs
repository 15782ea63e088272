//! References between objects: one shop in which every name leads somewhere, and what is found when one does not.
//!
//! Each slip exchanges a few lines of `references/shop.yaml`. The line that must be named is marked `# here`.

#[path = "references/slips.rs"]
mod slips;

use plimsoll::{Diagnostic, Diagnostics, MemorySource, Rendered, Request, render};

use slips::{NAME, slips};

const SHOP: &str = include_str!("references/shop.yaml");
const CHART: &str = "\
apiVersion: plimsoll.dev/v1
kind: Chart
name: shop
version: 1.0.0
components: {app: {}}
";

fn shop(template: &str, more: &str) -> Result<Rendered, Diagnostics> {
    let source = MemorySource::new()
        .with("charts/shop/chart.yaml", format!("{CHART}{more}"))
        .and_then(|source| source.with("charts/shop/app/all.yaml.j2", template))
        .expect("a project");
    // What the API says of the objects is another suite's matter.
    render(&source, &Request::new("shop").with_namespace("shop").with_validation(false))
}

/// All findings, whether they stop the rendering or not.
fn findings(template: &str, more: &str) -> Vec<Diagnostic> {
    match shop(template, more) {
        Ok(rendered) => rendered.warnings().iter().cloned().collect(),
        Err(found) => found.into_iter().collect(),
    }
}

#[test]
fn a_shop_in_order_has_no_findings() {
    assert_eq!(findings(SHOP, ""), []);
}

#[test]
fn each_slip_is_found_where_it_stands() {
    let (slips, mut wrong): (Vec<_>, Vec<_>) = (slips().collect(), Vec::new());
    assert!(slips.len() >= 60, "only {} slips", slips.len());
    for slip in slips {
        if SHOP.matches(slip.old).count() != 1 {
            wrong.push(format!("{}: not once in the shop", slip.old));
        }
        let template = SHOP.replace(slip.old, slip.new);
        let found = findings(&template, "");
        let here = template.lines().position(|line| line.contains("# here")).map(|line| line + 1);
        let is_it = |finding: &&Diagnostic| {
            finding.code() == slip.code
                && finding.severity() == slip.severity
                && finding.message().contains(&format!("`{}` of `", slip.field))
        };
        let Some(finding) = found.iter().find(is_it) else {
            wrong.push(format!("{}: not found, but {found:?}", slip.new));
            continue;
        };
        let span = finding.span().expect("a place");
        if span.name() != "charts/shop/app/all.yaml.j2" {
            wrong.push(format!("{}: in {}", slip.new, span.name()));
        }
        if here.is_some_and(|line| span.start().is_none_or(|at| at.line != line)) {
            wrong.push(format!("{}: at {:?}, not {here:?}", slip.new, span.start()));
        }
        if !slip.hint.is_empty() && !finding.hints().iter().any(|hint| hint.contains(slip.hint)) {
            wrong.push(format!("{}: {:?}", slip.new, finding.hints()));
        }
        // One slip is one finding, unless what was named rightly before is now missed by others.
        let others: Vec<_> = found.iter().filter(|other| *other != finding).collect();
        if others.iter().any(|other| other.code() == slip.code && slip.code != NAME) {
            wrong.push(format!("{}: said twice: {others:?}", slip.new));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// One pod that names what nobody renders: a ConfigMap, two Secrets for images, and a claim; and a Service for pods of
/// somebody else.
const ALONE: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: alone}
spec:
  imagePullSecrets: [{name: one}, {name: two}]
  containers:
    - {name: alone, image: example.com/alone:1, envFrom: [{configMapRef: {name: of-the-team}}]}
  volumes:
    - {name: data, persistentVolumeClaim: {claimName: shared}}
---
apiVersion: v1
kind: Service
metadata: {name: search}
spec: {selector: {app: search, tier: index}, ports: [{port: 9200}]}
";

fn codes(template: &str, more: &str) -> Vec<&'static str> {
    findings(template, more).iter().map(Diagnostic::code).collect()
}

#[test]
fn what_the_chart_expects_in_the_cluster_is_there() {
    assert_eq!(codes(ALONE, "").len(), 5);
    let external = "external:
  - {apiVersion: v1, kind: Secret, name: \"{{ ['one', 'two'] }}\"}
  - {apiVersion: v1, kind: ConfigMap, name: \"of-{{ 'the' }}-team\", namespace: shop}
  - {apiVersion: v1, kind: PersistentVolumeClaim, reason: the platform has them}
  - {apiVersion: v1, kind: Pod, labels: {app: search}}
";
    assert_eq!(findings(ALONE, external), []);
    // None names nothing; other names, namespaces and labels are no answer.
    let others = "external:
  - {apiVersion: v1, kind: Secret, name: \"{{ none }}\"}
  - {apiVersion: v1, kind: ConfigMap, name: of-the-team, namespace: elsewhere}
  - {apiVersion: v1, kind: PersistentVolumeClaim, name: shard}
  - {apiVersion: v1, kind: Pod, labels: {app: search, tier: other}}
";
    let found = findings(ALONE, others);
    assert_eq!(found.len(), 5, "{found:?}");
    assert!(found.iter().any(|one| one.hints().iter().any(|hint| hint == "did you mean `shard`?")));
    let wrong = codes(ALONE, "external: [{apiVersion: v1, kind: Secret, labels: {a: b}}]\n");
    assert_eq!(wrong, ["chart.external"]);
    let undefined =
        codes(ALONE, "external: [{apiVersion: v1, kind: Secret, name: '{{ values.no }}'}]\n");
    assert_eq!(undefined.len(), 1);
    assert!(undefined[0].starts_with("template."), "{undefined:?}");
}

#[test]
fn what_every_cluster_has_is_there() {
    let template = "\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: a}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
subjects: [{kind: ServiceAccount, name: default, namespace: shop}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: b, namespace: kube-system}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: extension-apiserver-authentication-reader}
subjects: [{kind: ServiceAccount, name: default, namespace: shop}]
---
apiVersion: v1
kind: Service
metadata: {name: dns, namespace: kube-system}
spec: {selector: {k8s-app: kube-dns}, ports: [{port: 9153}]}
---
apiVersion: v1
kind: Pod
metadata: {name: c}
spec:
  priorityClassName: system-node-critical
  containers: [{name: c, image: example.com/c:1}]
  volumes: [{name: ca, configMap: {name: kube-root-ca.crt}}]
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: d}
spec: {storageClassName: gp3}
";
    assert_eq!(findings(template, ""), []);
}

#[test]
fn what_controllers_make_is_there() {
    let template = "\
apiVersion: cert-manager.io/v1
kind: Certificate
metadata: {name: web}
spec: {secretName: web-tls}
---
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: password}
spec: {}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, annotations: {cert-manager.io/cluster-issuer: letters}}
spec: {tls: [{secretName: web-public}]}
---
apiVersion: kafka.strimzi.io/v1beta2
kind: Kafka
metadata: {name: shop}
---
apiVersion: v1
kind: Service
metadata: {name: kafka}
spec: {selector: {strimzi.io/cluster: shop}, ports: [{port: 9092}]}
---
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - {name: web, image: example.com/web:1, envFrom: [{secretRef: {name: password}}, {secretRef: {name: web-public}}]}
  volumes:
    - {name: tls, secret: {secretName: web-tls}}
    - {name: kafka, secret: {secretName: shop-cluster-ca-cert}}
";
    assert_eq!(findings(template, ""), []);
    // A ServiceMonitor runs nothing, so nothing is named after it.
    let monitor = template.replace("kafka.strimzi.io/v1beta2", "monitoring.coreos.com/v1");
    let monitor = monitor.replace("kind: Kafka", "kind: ServiceMonitor");
    let found = codes(&monitor, "");
    assert_eq!(found, ["reference.selects-nothing", "reference.missing-object"]);
}

#[test]
fn a_chart_accepts_what_is_fine_in_all_its_releases() {
    let accept = "accept:
  - {code: reference.missing-object, at: charts/shop/app/all.yaml.j2, reason: the team makes them}
";
    let rendered = shop(ALONE, accept).expect("a rendering");
    assert_eq!(
        rendered.warnings().iter().map(Diagnostic::code).collect::<Vec<_>>(),
        ["reference.selects-nothing"]
    );
    assert_eq!(rendered.accepted().len(), 4);
    assert!(rendered.accepted().iter().all(|one| one.reason == "the team makes them"));
    // It may meet something in another release, so it is no finding that it meets nothing here.
    let other = accept.replace("missing-object", "missing-port");
    assert_eq!(codes(ALONE, &other).len(), 5);
    assert_eq!(codes(ALONE, &accept.replace("the team makes them", "''")), ["project.accept"]);
}

#[test]
fn releases_of_one_cluster_share_their_objects() {
    let project = "\
apiVersion: plimsoll.dev/v1
kind: Project
releases:
  - {name: shop, chart: shop, namespace: shop, cluster: blue}
  - {name: team, chart: team, namespace: shop, cluster: CLUSTER}
";
    let team = "\
{apiVersion: v1, kind: ConfigMap, metadata: {name: of-the-team}}
---
{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: shared}}
---
{apiVersion: v1, kind: Secret, metadata: {name: one}}
---
{apiVersion: v1, kind: Secret, metadata: {name: two}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: search}
spec:
  selector: {matchLabels: {app: search}}
  template:
    metadata: {labels: {app: search, tier: index}}
    spec: {containers: [{name: a, image: example.com/a:1}]}
";
    let found = |cluster: &str| {
        let project = project.replace("CLUSTER", cluster);
        let source = MemorySource::new()
            .with("plimsoll.yaml", project)
            .and_then(|source| source.with("charts/shop/chart.yaml", CHART))
            .and_then(|source| source.with("charts/shop/app/all.yaml.j2", ALONE))
            .and_then(|s| s.with("charts/team/chart.yaml", CHART.replace("shop", "team")))
            .and_then(|source| source.with("charts/team/app/all.yaml.j2", team))
            .expect("a project");
        render(&source, &Request::new("shop")).expect("a rendering").warnings().len()
    };
    assert_eq!((found("blue"), found("green")), (0, 5));
}

#[test]
fn the_value_behind_a_name_is_shown() {
    let source = MemorySource::new()
        .with("charts/shop/chart.yaml", CHART)
        .and_then(|source| {
            source.with(
                "schemas/shop/app.yaml",
                "{type: object, properties: {settings: {type: string}}}",
            )
        })
        .and_then(|source| {
            source.with(
                "charts/shop/app/all.yaml.j2",
                ALONE.replace("of-the-team", "\"{{ values.settings }}\""),
            )
        })
        .expect("a project");
    let layer = plimsoll::Layer::text("prod.yaml", "app:\n  settings: nowhere\n");
    let rendered = render(&source, &Request::new("shop").with_layer(layer)).expect("a rendering");
    let finding = rendered.warnings().iter().find(|one| one.message().contains("nowhere"));
    let places: Vec<String> =
        finding.expect("a finding").labels().iter().map(|label| label.span.to_string()).collect();
    assert_eq!(places, ["charts/shop/app/all.yaml.j2:7:81", "prod.yaml:2:13"]);
}

#[test]
fn a_thousand_findings_are_enough_and_errors_are_among_them() {
    let template = "\
{% for number in range(1200) %}
---
apiVersion: v1
kind: Pod
metadata: {name: 'pod-{{ number }}'}
spec: {serviceAccountName: nobody, containers: [{name: a, image: example.com/a:1}]}
{% endfor %}
---
apiVersion: v1
kind: Pod
metadata: {name: last}
spec:
  containers:
    - {name: a, image: example.com/a:1, volumeMounts: [{name: none, mountPath: /a}]}
";
    let found = findings(template, "");
    assert_eq!(found.len(), 1000);
    assert_eq!(found[0].code(), "reference.missing-volume");
}
