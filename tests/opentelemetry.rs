//! The opentelemetry chart against what it promises: objects, waves, connections and rules.

#![expect(clippy::panic, reason = "a failing helper fails its test")]

#[path = "support/refused.rs"]
mod refused;
mod support;

use std::collections::{BTreeMap, BTreeSet};

use plimsoll::Rendered;
use serde_json::{Value, json};
use support::{names, with_layer};

fn rendered(release: &str, layer: &str) -> Rendered {
    with_layer(release, layer).unwrap_or_else(|found| panic!("{found}"))
}

fn seed() -> Rendered {
    rendered("opentelemetry/seed-exact", "")
}

fn object(rendered: &Rendered, kind: &str, name: &str) -> Value {
    let found = rendered.resources().iter().find(|r| r.id().kind == kind && r.id().name == name);
    found.unwrap_or_else(|| panic!("no {kind}/{name}")).to_value()
}

fn waves(rendered: &Rendered) -> BTreeMap<String, u32> {
    rendered.resources().iter().map(|r| (r.component().to_owned(), r.wave())).collect()
}

const COLLECTOR: &str = "open-telemetry-opentelemetry-collector";

#[test]
fn the_seed_has_28_objects() {
    let expected = [
        ("Namespace", 3),
        ("CustomResourceDefinition", 5),
        ("Issuer", 1),
        ("Certificate", 1),
        ("ServiceAccount", 2),
        ("ClusterRole", 3),
        ("ClusterRoleBinding", 2),
        ("Role", 1),
        ("RoleBinding", 1),
        ("Service", 3),
        ("Deployment", 2),
        ("MutatingWebhookConfiguration", 1),
        ("ValidatingWebhookConfiguration", 1),
        ("ConfigMap", 1),
        ("Instrumentation", 1),
    ];
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for resource in seed().resources() {
        *counts.entry(resource.id().kind.clone()).or_default() += 1;
    }
    assert_eq!(counts, expected.iter().map(|(k, n)| ((*k).to_owned(), *n)).collect());
    assert_eq!(counts.values().sum::<usize>(), 28);
}

#[test]
fn the_seed_has_four_waves_and_the_demo_a_fifth() {
    let expected = [
        ("namespaces", 0),
        ("crds", 0),
        ("webhook-cert", 1),
        ("collector", 1),
        ("operator", 2),
        ("instrumentation", 3),
    ];
    let mut expected: BTreeMap<_, _> =
        expected.iter().map(|(name, wave)| ((*name).to_owned(), *wave)).collect();
    assert_eq!(waves(&seed()), expected);
    expected.insert("demo-workload".to_owned(), 4);
    assert_eq!(waves(&rendered("opentelemetry/demo", "")), expected);
}

#[test]
fn the_instrumentation_holds_the_seeds_strings_and_the_protocol() {
    let spec = object(&seed(), "Instrumentation", "instrumentation-test-order")["spec"].clone();
    let variable = |name: &str, value: &str| json!({"name": name, "value": value});
    assert_eq!(spec["env"], json!([variable("OTEL_SERVICE_NAME", "order")]));
    let expected = [
        ("OTEL_RESOURCE_ATTRIBUTES", "service.name=order"),
        ("OTEL_INSTRUMENTATION_MESSAGING_EXPERIMENTAL_RECEIVE_TELEMETRY_ENABLED", "true"),
        ("OTEL_TRACES_EXPORTER", "otlp"),
        ("OTEL_METRICS_EXPORTER", "otlp"),
        ("OTEL_LOGS_EXPORTER", "none"),
        (
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            "http://open-telemetry-opentelemetry-collector.otel.svc.cluster.local:4317",
        ),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"),
        ("OTEL_EXPERIMENTAL_EXPORTER_OTLP_RETRY_ENABLED", "true"),
    ];
    let expected: Vec<Value> = expected.iter().map(|(n, v)| variable(n, v)).collect();
    assert_eq!(spec["java"]["env"], Value::from(expected));
    let image = "autoinstrumentation-java:2.4.0-release";
    assert_eq!(spec["java"]["image"], image);
    assert_eq!(spec["java"]["extensions"], json!([{"image": image, "dir": "/extensions"}]));
    let keys: BTreeSet<&str> = spec.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, BTreeSet::from(["env", "java"]));
}

#[test]
fn the_endpoint_is_the_collectors_service_whatever_its_name() {
    let layer = "collector: {name: intake, namespace: telemetry}\nclusterDomain: corp.example\n";
    for (protocol, port) in [("grpc", 4317), ("http/protobuf", 4318)] {
        let layer = format!("{layer}instrumentation: {{otlp: {{protocol: {protocol}}}}}");
        let made = rendered("opentelemetry/seed-exact", &layer);
        let spec = object(&made, "Instrumentation", "instrumentation-test-order");
        let expected = format!("http://intake.telemetry.svc.corp.example:{port}");
        assert!(spec.to_string().contains(&expected), "{spec}");
        let service = object(&made, "Service", "intake");
        assert_eq!(service["metadata"]["namespace"], "telemetry");
        let ports = service["spec"]["ports"].as_array().unwrap();
        assert_eq!(
            ports.iter().map(|p| p["port"].as_u64()).collect::<Vec<_>>(),
            [Some(4317), Some(4318)]
        );
        assert!(names(&made).contains(&"Namespace/telemetry".to_owned()));
    }
}

#[test]
fn the_webhook_is_trusted() {
    let seed = seed();
    let namespace = "opentelemetry-operator-system";
    let certificate = object(&seed, "Certificate", "opentelemetry-operator-serving-cert");
    let host = format!("opentelemetry-operator-webhook-service.{namespace}.svc");
    assert_eq!(certificate["spec"]["dnsNames"], json!([host, format!("{host}.cluster.local")]));
    object(&seed, "Service", "opentelemetry-operator-webhook-service");
    let operator = object(&seed, "Deployment", "opentelemetry-operator-controller-manager");
    assert_eq!(
        operator["spec"]["template"]["spec"]["volumes"][0]["secret"]["secretName"],
        certificate["spec"]["secretName"]
    );
    for (kind, name, count) in [
        ("MutatingWebhookConfiguration", "mutating", 5),
        ("ValidatingWebhookConfiguration", "validating", 8),
    ] {
        let name = format!("opentelemetry-operator-{name}-webhook-configuration");
        let found = object(&seed, kind, &name);
        assert_eq!(
            found["metadata"]["annotations"]["cert-manager.io/inject-ca-from"],
            format!("{namespace}/opentelemetry-operator-serving-cert")
        );
        let webhooks = found["webhooks"].as_array().unwrap();
        assert_eq!(webhooks.len(), count);
        let unique: BTreeSet<_> = webhooks.iter().map(|w| w["name"].to_string()).collect();
        assert_eq!(unique.len(), count);
        assert!(webhooks.iter().all(|w| w["clientConfig"].get("caBundle").is_none()));
    }
}

#[test]
fn a_given_certificate_takes_the_place_of_cert_managers() {
    let layer = "certManager: {required: false, caCertificate: '-----BEGIN CERTIFICATE-----'}";
    let made = rendered("opentelemetry/seed-exact", layer);
    let secret = object(&made, "Secret", "opentelemetry-operator-controller-manager-service-cert");
    assert_eq!(secret["type"], "kubernetes.io/tls");
    assert_eq!(secret["stringData"]["tls.key"], "<secret:certManager.privateKey>");
    assert!(
        names(&made).iter().all(|n| !n.starts_with("Issuer/") && !n.starts_with("Certificate/"))
    );
    let text = made.to_yaml();
    assert!(!text.contains("inject-ca-from"));
    assert_eq!(text.matches("caBundle: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t").count(), 13);
}

#[test]
fn the_demo_is_annotated_and_comes_after_the_instrumentation() {
    let demo = rendered("opentelemetry/demo", "");
    assert_eq!(demo.resources().len(), 29);
    let annotation = |made: &Rendered| {
        object(made, "Deployment", "order")["spec"]["template"]["metadata"]["annotations"]
            ["instrumentation.opentelemetry.io/inject-java"]
            .clone()
    };
    assert_eq!(annotation(&demo), "instrumentation-test-order");
    let elsewhere = "demoWorkload: {namespace: shop}\ninstrumentation: {targets: [{matchLabels: {app: order}, namespace: shop}]}";
    let elsewhere = rendered("opentelemetry/demo", elsewhere);
    assert_eq!(annotation(&elsewhere), "test/instrumentation-test-order");
    assert!(names(&elsewhere).contains(&"Namespace/shop".to_owned()));
}

#[test]
fn the_operator_can_make_the_collector() {
    let made = rendered("opentelemetry/seed-exact", "collector: {mode: crd}");
    let found = object(&made, "OpenTelemetryCollector", "open-telemetry-opentelemetry");
    let seed = seed();
    let config = object(&seed, "ConfigMap", COLLECTOR)["data"]["collector.yaml"].clone();
    let config: Value = serde_yaml::from_str(config.as_str().unwrap()).unwrap();
    assert_eq!(found["spec"]["config"], config);
    assert!(!names(&made).contains(&format!("Deployment/{COLLECTOR}")));
    assert!(waves(&made)["collector-resource"] > waves(&made)["operator"]);
}

#[test]
fn the_collector_has_a_pipeline_for_each_signal_that_is_sent() {
    let pipelines = |layer: &str| -> BTreeSet<String> {
        let made = rendered("opentelemetry/seed-exact", layer);
        let text = object(&made, "ConfigMap", COLLECTOR)["data"]["collector.yaml"].clone();
        let config: Value = serde_yaml::from_str(text.as_str().unwrap()).unwrap();
        let receivers = &config["receivers"]["otlp"]["protocols"];
        assert_eq!(receivers["grpc"]["endpoint"], "0.0.0.0:4317");
        assert_eq!(receivers["http"]["endpoint"], "0.0.0.0:4318");
        config["service"]["pipelines"].as_object().unwrap().keys().cloned().collect()
    };
    let set = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(pipelines(""), set(&["traces", "metrics"]));
    let layer = "instrumentation: {exporters: {traces: none, logs: otlp}}";
    assert_eq!(pipelines(layer), set(&["metrics", "logs"]));
}

#[test]
fn header_values_stay_out_of_the_config_map() {
    let layer = include_str!("secrets/opentelemetry.yaml");
    let request = plimsoll::Request::new("opentelemetry/production-ha")
        .with_layer(plimsoll::Layer::text("secrets.yaml", layer));
    let made = plimsoll::render(&support::repository(), &request).unwrap();
    let config = object(&made, "ConfigMap", COLLECTOR).to_string();
    assert!(config.contains("${env:EXPORTER_HEADER_AUTHORIZATION}") && !config.contains("token"));
    let secret = object(&made, "Secret", &format!("{COLLECTOR}-exporter"));
    assert_eq!(secret["stringData"]["EXPORTER_HEADER_AUTHORIZATION"], "Bearer test-token");
    let pod = object(&made, "Deployment", COLLECTOR)["spec"]["template"]["spec"].clone();
    assert_eq!(
        pod["containers"][0]["env"][0]["valueFrom"]["secretKeyRef"]["name"],
        secret["metadata"]["name"]
    );
}

#[test]
fn minimal_leaves_operator_and_definitions_to_others() {
    let expected = [
        "Namespace/otel",
        "Namespace/test",
        "ServiceAccount/open-telemetry-opentelemetry-collector",
        "ConfigMap/open-telemetry-opentelemetry-collector",
        "Service/open-telemetry-opentelemetry-collector",
        "Deployment/open-telemetry-opentelemetry-collector",
        "Instrumentation/instrumentation-test-order",
    ];
    let found: BTreeSet<String> =
        names(&rendered("opentelemetry/minimal", "")).into_iter().collect();
    assert_eq!(found, expected.iter().map(|n| (*n).to_owned()).collect());
}

#[test]
fn production_has_three_collectors_and_keeps_one_trace_in_ten() {
    let made = rendered("opentelemetry/production-ha", "");
    assert_eq!(object(&made, "Deployment", COLLECTOR)["spec"]["replicas"], 3);
    let budget = object(&made, "PodDisruptionBudget", COLLECTOR);
    assert_eq!(budget["spec"]["maxUnavailable"], 1);
    let operator = object(&made, "Deployment", "opentelemetry-operator-controller-manager");
    assert_eq!(operator["spec"]["replicas"], 2);
    let spec = object(&made, "Instrumentation", "instrumentation-test-order")["spec"].clone();
    assert_eq!(spec["sampler"], json!({"type": "parentbased_traceidratio", "argument": "0.1"}));
}

#[test]
fn a_target_that_nobody_renders_is_a_warning_with_the_patch() {
    let layer = "instrumentation: {targets: [{matchLabels: {app: cart}}]}";
    let made = rendered("opentelemetry/seed-exact", layer);
    let warnings: Vec<_> = made.warnings().iter().collect();
    assert_eq!(warnings.len(), 1);
    let hint = warnings[0].hints().join(" ");
    let start = hint.find("{\"spec\"").expect("a patch in the hint");
    let end = hint.rfind('\'').expect("its end");
    let patch: Value = serde_json::from_str(&hint[start..end]).expect("JSON");
    assert_eq!(
        patch["spec"]["template"]["metadata"]["annotations"]["instrumentation.opentelemetry.io/inject-java"],
        "test/instrumentation-test-order"
    );
}

/// Bad input, and words that the message or its hint must hold.
const REFUSED: [(&str, &str); 39] = [
    ("instrumentation: {selector: {matchLabels: {app: order}}}", "use targets"),
    ("instrumentation: {endpoint: {external: true, url: 'http://a.example:4318'}}", "port 4317"),
    (
        "instrumentation: {otlp: {protocol: http/protobuf}, endpoint: {external: true, url: 'http://a.example:4317'}}",
        "port 4318",
    ),
    ("instrumentation: {endpoint: {url: 'http://a.example:4317'}}", "endpoint.external to true"),
    ("components: {collector: false}", "nowhere to send to"),
    ("instrumentation: {java: {extensions: [{dir: /x}]}}", "extensions[0].image"),
    ("instrumentation: {java: {extensions: [{image: 'a:1'}]}}", "extensions[0].dir"),
    ("instrumentation: {java: {extensions: [{image: 'a:1', dir: x}]}}", "absolute"),
    ("instrumentation: {java: {extension: []}}", "did you mean `extensions`"),
    ("instrumentation: {java: {image: 'a:latest'}}", "never latest"),
    ("instrumentation: {java: {image: a}}", "with its tag"),
    ("instrumentation: {java: {env: {OTEL_X: true}}}", "write it in quotes"),
    ("instrumentation: {java: {env: {OTEL_X: 2}}}", "write it in quotes"),
    ("instrumentation: {java: {env: {FOO: x}}}", "may not be a key"),
    ("instrumentation: {java: {env: {OTEL_X: a, OTEL_X: b}}}", "written twice"),
    ("instrumentation: {java: {env: {OTEL_SERVICE_NAME: x}}}", "derives"),
    ("instrumentation: {java: {env: {OTEL_RESOURCE_ATTRIBUTES: service.name=x}}}", "derives"),
    ("instrumentation: {java: {env: {OTEL_EXPORTER_OTLP_ENDPOINT: 'http://x:4317'}}}", "derives"),
    ("instrumentation: {resourceAttributes: {service.name: cart}}", "OTEL_SERVICE_NAME is order"),
    ("instrumentation: {exporters: {traces: zipkin}}", "`logging`"),
    ("instrumentation: {exporters: {traces: none, metrics: none}}", "neither traces"),
    ("instrumentation: {propagators: [w3c]}", "`tracecontext`"),
    ("instrumentation: {sampler: {type: ratio}}", "`traceidratio`"),
    ("instrumentation: {sampler: {type: traceidratio}}", "from 0 to 1"),
    ("instrumentation: {sampler: {type: traceidratio, argument: 1.5}}", "from 0 to 1"),
    ("instrumentation: {sampler: {type: traceidratio, argument: '0.5'}}", "from 0 to 1"),
    ("instrumentation: {sampler: {type: always_on, argument: 0.5}}", "takes none"),
    (
        "instrumentation: {targets: [{matchLabels: {app: order}, namespace: shop, inject: 'true', external: true}]}",
        "test/instrumentation-test-order",
    ),
    (
        "instrumentation: {targets: [{matchLabels: {app: order}, inject: other, external: true}]}",
        "another Instrumentation",
    ),
    ("instrumentation: {targets: [{matchLabels: {}}]}", "matchLabels"),
    ("certManager: {present: false}", "certManager.present to true"),
    ("certManager: {required: false}", "certManager.caCertificate"),
    ("certManager: {certificate: x, privateKey: x}", "given as well"),
    ("collector: {exporter: {type: otlp}}", "collector.exporter.url"),
    ("collector: {exporter: {url: 'https://a.example'}}", "debug exporter"),
    (
        "collector: {exporter: {type: prometheusremotewrite, url: 'https://a.example'}}",
        "metrics only",
    ),
    ("collector: {mode: crd, name: intake}", "ends in -collector"),
    ("collector: {resources: {requests: {memory: 1Gi}}}", "more than its limit"),
    ("operator: {image: {tag: latest}}", "operator.image.tag"),
];

#[test]
fn bad_input_is_refused_with_its_place_and_a_hint() {
    refused::refuses("opentelemetry/seed-exact", &REFUSED);
}

#[test]
fn nothing_empty_is_printed() {
    for release in ["seed-exact", "minimal", "production-ha", "demo"] {
        let text = rendered(&format!("opentelemetry/{release}"), "").to_yaml();
        for line in text.lines() {
            let meant = ["selfSigned: {}", "status: {}", "batch: {}"];
            let empty = [": {}", ": []", ": null"].iter().any(|end| line.ends_with(end));
            assert!(!empty || meant.contains(&line.trim()), "{release}: {line}");
        }
    }
}
