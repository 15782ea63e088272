//! The pulsar chart against what it promises: objects, waves, switches and rules.

#![expect(clippy::panic, reason = "a failing helper fails its test")]

#[path = "support/refused.rs"]
mod refused;
mod support;

use std::collections::{BTreeMap, BTreeSet};

use plimsoll::Rendered;
use support::{names, with_layer};

fn seed() -> Rendered {
    with_layer("pulsar/seed-exact", "").unwrap_or_else(|found| panic!("{found}"))
}

fn counts(rendered: &Rendered) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for resource in rendered.resources() {
        *counts.entry(resource.id().kind.clone()).or_default() += 1;
    }
    counts
}

fn waves(rendered: &Rendered) -> BTreeMap<String, u32> {
    rendered.resources().iter().map(|r| (r.component().to_owned(), r.wave())).collect()
}

/// What a layer adds to and takes from the seed's objects.
fn difference(layer: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    let changed = with_layer("pulsar/seed-exact", layer).unwrap_or_else(|found| panic!("{found}"));
    let before: BTreeSet<_> = names(&seed()).into_iter().collect();
    let after: BTreeSet<_> = names(&changed).into_iter().collect();
    (&after - &before, &before - &after)
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn the_seed_has_49_objects() {
    let expected = [
        ("Namespace", 1),
        ("ServiceAccount", 8),
        ("ConfigMap", 8),
        ("Secret", 1),
        ("Service", 11),
        ("StatefulSet", 6),
        ("Deployment", 2),
        ("DaemonSet", 1),
        ("Job", 2),
        ("PodDisruptionBudget", 4),
        ("PersistentVolumeClaim", 1),
        ("Role", 1),
        ("RoleBinding", 1),
        ("ClusterRole", 1),
        ("ClusterRoleBinding", 1),
    ];
    let expected: BTreeMap<_, _> =
        expected.iter().map(|(kind, count)| ((*kind).to_owned(), *count)).collect();
    assert_eq!(counts(&seed()), expected);
}

#[test]
fn the_seed_has_seven_waves() {
    let expected = [
        ("namespace", 0),
        ("zookeeper", 1),
        ("node-exporter", 1),
        ("prometheus", 1),
        ("bookkeeper-init", 2),
        ("grafana", 2),
        ("bookkeeper", 3),
        ("pulsar-init", 3),
        ("broker", 4),
        ("autorecovery", 4),
        ("proxy", 5),
        ("toolset", 6),
    ];
    let expected: BTreeMap<_, _> =
        expected.iter().map(|(name, wave)| ((*name).to_owned(), *wave)).collect();
    assert_eq!(waves(&seed()), expected);
}

#[test]
fn alert_manager_moves_prometheus_and_grafana_back() {
    let rendered = with_layer("pulsar/seed-exact", "monitoring: {alert_manager: true}").unwrap();
    let waves = waves(&rendered);
    assert_eq!((waves["alert-manager"], waves["prometheus"], waves["grafana"]), (1, 2, 3));
}

#[test]
fn functions_add_three_objects_and_make_the_broker_ordered() {
    let layer = "components: {functions: true}";
    let (added, removed) = difference(layer);
    let expected = [
        "ServiceAccount/pulsar-functions-worker",
        "Role/pulsar-functions-worker-role",
        "RoleBinding/pulsar-functions-worker-rolebinding",
    ];
    assert_eq!((added, removed), (set(&expected), set(&[])));
    let policy = |rendered: &Rendered| {
        let broker = rendered
            .resources()
            .iter()
            .find(|r| r.id().kind == "StatefulSet" && r.id().name == "pulsar-broker");
        broker.map(|r| r.to_value()["spec"]["podManagementPolicy"].clone())
    };
    assert_eq!(policy(&seed()), Some("Parallel".into()));
    assert_eq!(
        policy(&with_layer("pulsar/seed-exact", layer).unwrap()),
        Some("OrderedReady".into())
    );
}

#[test]
fn pulsar_manager_adds_six_objects() {
    let (added, removed) = difference("components: {pulsar_manager: true}");
    let expected = [
        "StatefulSet/pulsar-pulsar-manager",
        "Service/pulsar-pulsar-manager",
        "Service/pulsar-pulsar-manager-admin",
        "ConfigMap/pulsar-pulsar-manager",
        "Secret/pulsar-pulsar-manager-secret",
        "Job/pulsar-pulsar-manager-init",
    ];
    assert_eq!((added, removed), (set(&expected), set(&[])));
}

#[test]
fn alert_manager_adds_three_objects_and_an_alerting_block() {
    let layer = "monitoring: {alert_manager: true}";
    let (added, removed) = difference(layer);
    let expected = [
        "Secret/pulsar-alert-manager",
        "Service/pulsar-alert-manager",
        "Deployment/pulsar-alert-manager",
    ];
    assert_eq!((added, removed), (set(&expected), set(&[])));
    let alerting = |rendered: &Rendered| rendered.to_yaml().contains("alerting:");
    assert!(!alerting(&seed()) && alerting(&with_layer("pulsar/seed-exact", layer).unwrap()));
}

#[test]
fn initialize_false_removes_exactly_the_jobs() {
    let (added, removed) = difference("initialize: false");
    assert_eq!(
        (added, removed),
        (set(&[]), set(&["Job/pulsar-bookie-init", "Job/pulsar-pulsar-init"]))
    );
}

fn milli(cores: f64) -> u64 {
    format!("{:.0}", cores * 1000.0).parse().expect("a rounded number")
}

#[test]
fn pods_requests_and_claims_sum_up() {
    let (mut pods, mut milli_cpu, mut mebibytes) = (0, 0, 0);
    for resource in seed().resources() {
        if resource.id().kind != "StatefulSet" {
            continue;
        }
        let value = resource.to_value();
        let replicas = value["spec"]["replicas"].as_u64().unwrap();
        pods += replicas;
        for container in value["spec"]["template"]["spec"]["containers"].as_array().unwrap() {
            let requests = &container["resources"]["requests"];
            let text = |key: &str| match &requests[key] {
                serde_json::Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            let cpu: f64 = text("cpu").parse().unwrap();
            milli_cpu += replicas * milli(cpu);
            mebibytes += replicas * text("memory").trim_end_matches("Mi").parse::<u64>().unwrap();
        }
    }
    assert_eq!((pods, milli_cpu, mebibytes), (15, 2450, 5120));
}

#[test]
fn renaming_moves_every_metadata_uri_together() {
    let uris = |rendered: &Rendered| -> BTreeSet<String> {
        rendered
            .resources()
            .iter()
            .filter_map(|r| r.to_value()["data"]["metadataServiceUri"].as_str().map(str::to_owned))
            .collect()
    };
    assert_eq!(uris(&seed()), set(&["zk+hierarchical://pulsar-zookeeper:2181/ledgers"]));
    let renamed = with_layer("pulsar/seed-exact", "fullname: orca").unwrap();
    assert_eq!(uris(&renamed), set(&["zk+hierarchical://orca-zookeeper:2181/ledgers"]));
}

#[test]
fn every_release_renders() {
    let sizes = [("minimal", 1), ("production-ha", 1), ("full", 1)];
    for (name, least) in sizes {
        let rendered = with_layer(&format!("pulsar/{name}"), "");
        let rendered = rendered.unwrap_or_else(|found| panic!("{name}: {found}"));
        assert!(rendered.resources().len() >= least);
    }
}

/// Bad input, and words that the message or its hint must hold.
const REFUSED: [(&str, &str); 34] = [
    ("components: {zookeeper: false}", "externalZookeeper"),
    ("components: {bookkeeper: false, autorecovery: false}", "the broker needs BookKeeper"),
    ("components: {bookkeeper: false}", "auto-recovery needs BookKeeper"),
    ("components: {broker: false}", "the proxy needs the broker"),
    ("components: {broker: false, proxy: false, functions: true}", "components.broker is off"),
    ("components: {broker: false, proxy: false, pulsar_manager: true}", "components.broker is off"),
    ("monitoring: {prometheus: false}", "monitoring.prometheus is off"),
    ("monitoring: {prometheus: false, grafana: false, alert_manager: true}", "Prometheus"),
    ("broker: {managedLedger: {ackQuorum: 3}}", "acknowledgements"),
    ("broker: {managedLedger: {writeQuorum: 3}}", "ensemble of 2"),
    ("broker: {managedLedger: {ensembleSize: 9}}", "there are 4"),
    ("bookkeeper: {replicas: 1}", "there are 1"),
    ("zookeeper: {replicas: 2}", "odd"),
    ("zookeeper: {replicas: 0}", "zookeeper.replicas"),
    ("components: {brokers: true}", "did you mean `broker`"),
    ("monitoring: {nodeExporter: true}", "did you mean `node_exporter`"),
    (
        "initialize: true\nupgrade: {from: {tag: 3.0.5}, to: {tag: 4.0.12}}",
        "set initialize to false",
    ),
    (
        "initialize: false\nupgrade: {from: {tag: 4.0.12}, to: {tag: 4.0.12}}",
        "ends where it starts",
    ),
    ("initialize: false\nupgrade: {from: {tag: 4.0.12}, to: {tag: 3.0.5}}", "downgrade"),
    (
        "image: {tag: 3.0.5}\nbroker: {config: {PULSAR_EXTRA_OPTS: '-XX:+ZGenerational'}}",
        "ZGenerational",
    ),
    ("bookkeeper: {config: {diskCheckInterval: 1800}}", "string"),
    ("bookkeeper: {config: {gcWaitTime: true}}", "string"),
    ("nodes: {count: 3}", "only 3 nodes"),
    ("image: {tag: latest}", "image.tag"),
    ("image: {tag: \"\"}", "image.tag"),
    ("fullname: Pulsar", "fullname"),
    ("clusterName: 'a b'", "clusterName"),
    ("proxy: {service: {type: NodePort, nodePorts: {http: 70000}}}", "32767"),
    ("proxy: {service: {nodePorts: {http: 30080}}}", "ClusterIP"),
    ("storageClassName: ''", "storageClassName"),
    ("broker: {replicas: 0}", "broker.replicas"),
    ("antiAffinity: {type: maybe}", "required"),
    ("components: {zookeeper: yes}", "true"),
    (
        "components: {pulsar_manager: true}\npulsarManager: {config: {REDIRECT_PORT: '80'}}",
        "REDIRECT_PORT, which the chart derives",
    ),
];

#[test]
fn bad_input_is_refused_with_its_place_and_a_hint() {
    refused::refuses("pulsar/seed-exact", &REFUSED);
}

#[test]
fn missing_secrets_are_named_with_the_ways_to_give_them() {
    let request = plimsoll::Request::new("pulsar/seed-exact");
    let found = plimsoll::render(&support::repository(), &request).unwrap_err().to_string();
    assert!(found.contains("grafana.adminPassword") && found.contains("--set-file"), "{found}");
}

#[test]
fn the_well_known_password_is_refused() {
    let layer = "grafana: {adminPassword: pulsar}";
    let request = plimsoll::Request::new("pulsar/seed-exact")
        .with_layer(plimsoll::Layer::text("test.yaml", layer));
    let found = plimsoll::render(&support::repository(), &request).unwrap_err().to_string();
    assert!(found.contains("well-known"), "{found}");
}

#[test]
fn a_secret_given_in_a_layer_is_never_shown() {
    let layer = "grafana: {adminPassword: hunter2hunter2, adminUser: 7}";
    let request = plimsoll::Request::new("pulsar/seed-exact")
        .with_layer(plimsoll::Layer::text("test.yaml", layer));
    let found = plimsoll::render(&support::repository(), &request).unwrap_err();
    assert!(!found.to_string().contains("hunter2"), "{found}");
    assert!(!format!("{found:?}").contains("hunter2"), "{found:?}");
    assert!(found.iter().flat_map(plimsoll::Diagnostic::labels).any(|label| label.masked));
}
