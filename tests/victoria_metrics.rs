//! The victoria-metrics chart against what it promises: objects, waves, derived addresses and rules.

#![expect(clippy::panic, reason = "a failing helper fails its test")]

#[path = "support/objects.rs"]
mod objects;
mod support;

use objects::{counts, difference, empties, expected, object, refused, rendered, waves};
use serde_json::{Value, json};

const SEED: &str = "victoria-metrics/seed-exact";
const STACK: &str = "victoria-metrics/stack";

const SEED_COUNTS: [(&str, usize); 10] = [
    ("Namespace", 1),
    ("CustomResourceDefinition", 25),
    ("ServiceAccount", 1),
    ("ClusterRole", 1),
    ("ClusterRoleBinding", 1),
    ("Role", 1),
    ("RoleBinding", 1),
    ("Service", 1),
    ("Deployment", 1),
    ("VMCluster", 1),
];

#[test]
fn the_seed_has_34_objects() {
    let seed = rendered(SEED, "");
    assert_eq!(counts(&seed), expected(&SEED_COUNTS));
    assert_eq!(seed.resources().len(), 34);
}

#[test]
fn the_stack_adds_six_objects() {
    let more = ["VMAgent", "VMPodScrape", "VMAlert", "VMAlertmanager", "VMRule", "Secret"];
    let all: Vec<_> = SEED_COUNTS.into_iter().chain(more.map(|kind| (kind, 1))).collect();
    let stack = rendered(STACK, "");
    assert_eq!(counts(&stack), expected(&all));
    assert_eq!(stack.resources().len(), 40);
}

#[test]
fn definitions_come_before_the_operator_and_that_before_the_cluster() {
    assert_eq!(
        waves(&rendered(SEED, "")),
        [vec!["crds", "namespace"], vec!["operator"], vec!["vmcluster"]]
    );
    assert_eq!(
        waves(&rendered(STACK, "")),
        [
            vec!["crds", "namespace"],
            vec!["operator"],
            vec!["vmalertmanager", "vmcluster", "vmpodscrape", "vmrule"],
            vec!["vmagent", "vmalert"],
        ]
    );
}

#[test]
fn the_certificate_of_the_webhook_moves_the_rest_up() {
    assert_eq!(
        waves(&rendered("victoria-metrics/production-ha", "")),
        [vec!["crds", "namespace"], vec!["webhook"], vec!["operator"], vec!["vmcluster"]]
    );
    let (added, removed) = difference(SEED, "components: {webhook: true}");
    assert_eq!(
        added,
        [
            "Certificate/vm-operator-serving-cert",
            "Issuer/vm-operator-selfsigned",
            "Service/vm-operator-webhook",
            "ValidatingWebhookConfiguration/vm-operator-validating",
        ]
    );
    assert!(removed.is_empty(), "{removed:?}");
}

#[test]
fn the_cluster_is_the_seed_s_field_for_field() {
    let cluster = object(&rendered(SEED, ""), "VMCluster", "demo");
    assert_eq!(cluster["apiVersion"], "operator.victoriametrics.com/v1beta1");
    assert_eq!(cluster["metadata"]["namespace"], "default");
    let claim = |size: &str| json!({"volumeClaimTemplate": {"spec": {"resources": {"requests": {"storage": size}}}}});
    let one = json!({"cpu": "1", "memory": "1Gi"});
    assert_eq!(
        cluster["spec"],
        json!({
            "retentionPeriod": "1",
            "replicationFactor": 2,
            "vmstorage": {
                "replicaCount": 2,
                "storageDataPath": "/vm-data",
                "storage": claim("10Gi"),
                "resources": {"limits": one},
            },
            "vmselect": {
                "replicaCount": 2,
                "cacheMountPath": "/select-cache",
                "storage": claim("1Gi"),
                "resources": {"limits": one, "requests": {"cpu": "0.5", "memory": "500Mi"}},
            },
            "vminsert": {"replicaCount": 2},
        })
    );
}

#[test]
fn the_claims_of_the_seed_sum_up_to_22_gibibytes() {
    let spec = &object(&rendered(SEED, ""), "VMCluster", "demo")["spec"];
    let requested: u64 = ["vmstorage", "vmselect"]
        .iter()
        .map(|tier| {
            let claim = &spec[tier]["storage"]["volumeClaimTemplate"]["spec"]["resources"];
            let size = claim["requests"]["storage"].as_str().unwrap_or_default();
            let size: u64 = size.trim_end_matches("Gi").parse().expect("gibibytes");
            spec[tier]["replicaCount"].as_u64().expect("a number") * size
        })
        .sum();
    assert_eq!(requested, 22);
}

#[test]
fn the_name_of_the_cluster_moves_every_address() {
    let addresses = |layer: &str| -> Vec<Value> {
        let stack = rendered(STACK, layer);
        let (agent, alert) = (object(&stack, "VMAgent", "demo"), object(&stack, "VMAlert", "demo"));
        vec![
            agent["spec"]["remoteWrite"][0]["url"].clone(),
            alert["spec"]["remoteWrite"]["url"].clone(),
            alert["spec"]["datasource"]["url"].clone(),
            alert["spec"]["remoteRead"]["url"].clone(),
            alert["spec"]["notifiers"][0]["url"].clone(),
        ]
    };
    let named = |name: &str, namespace: &str, tenant: &str| {
        [
            format!(
                "http://vminsert-{name}.{namespace}.svc:8480/insert/{tenant}/prometheus/api/v1/write"
            ),
            format!("http://vminsert-{name}.{namespace}.svc:8480/insert/{tenant}/prometheus"),
            format!("http://vmselect-{name}.{namespace}.svc:8481/select/{tenant}/prometheus"),
            format!("http://vmselect-{name}.{namespace}.svc:8481/select/{tenant}/prometheus"),
            "http://vmalertmanager-demo.vm.svc:9093".to_owned(),
        ]
    };
    assert_eq!(addresses(""), named("demo", "default", "0"));
    let moved = "vmcluster: {name: other, namespace: data, tenant: \"7:1\"}";
    assert_eq!(addresses(moved), named("other", "data", "7:1"));
}

#[test]
fn nothing_empty_is_written_unless_it_means_something() {
    let meant = ["spec.versions[].subresources.status", "spec.selfSigned"];
    for release in [SEED, STACK, "victoria-metrics/minimal", "victoria-metrics/production-ha"] {
        assert_eq!(empties(&rendered(release, ""), &meant), [""; 0], "{release}");
    }
}

#[test]
fn minimal_asks_for_nothing() {
    let cluster = object(&rendered("victoria-metrics/minimal", ""), "VMCluster", "demo");
    assert_eq!(cluster["metadata"]["namespace"], "vm");
    for tier in ["vmstorage", "vmselect", "vminsert"] {
        assert_eq!(cluster["spec"][tier]["replicaCount"], 1);
        assert!(cluster["spec"][tier].get("resources").is_none(), "{tier}");
    }
}

#[test]
fn production_keeps_budgets_in_the_cluster() {
    let manifest = rendered("victoria-metrics/production-ha", "");
    let cluster = object(&manifest, "VMCluster", "demo");
    for tier in ["vmstorage", "vmselect", "vminsert"] {
        assert_eq!(cluster["spec"][tier]["podDisruptionBudget"], json!({"maxUnavailable": 1}));
    }
    assert_eq!(cluster["spec"]["clusterVersion"], "v1.150.0-cluster");
    assert_eq!(object(&manifest, "Deployment", "vm-operator")["spec"]["replicas"], 2);
    assert_eq!(manifest.warnings().iter().count(), 0);
}

#[test]
fn external_definitions_are_not_rendered() {
    let (added, removed) = difference(SEED, "crds: {source: external}");
    assert_eq!((added.len(), removed.len()), (0, 25));
}

#[test]
fn every_definition_is_namespaced_and_of_the_operator_s_group() {
    let seed = rendered(SEED, "");
    let mut versions = std::collections::BTreeMap::new();
    for resource in seed.resources().iter().filter(|r| r.id().kind == "CustomResourceDefinition") {
        let spec = resource.to_value()["spec"].clone();
        let plural = spec["names"]["plural"].as_str().unwrap_or_default().to_owned();
        assert_eq!(resource.id().name, format!("{plural}.operator.victoriametrics.com"));
        assert_eq!(spec["scope"], "Namespaced");
        let version = spec["versions"][0]["name"].as_str().unwrap_or_default().to_owned();
        *versions.entry(version).or_insert(0) += 1;
    }
    assert_eq!(
        versions.into_iter().collect::<Vec<_>>(),
        [("v1".to_owned(), 7), ("v1alpha1".to_owned(), 2), ("v1beta1".to_owned(), 16)]
    );
}

#[test]
fn too_few_nodes_for_the_factor_are_a_warning() {
    let seed = rendered(SEED, "");
    let said: Vec<_> = seed.accepted().iter().map(|one| one.finding.to_string()).collect();
    assert_eq!(said.len(), 1);
    assert!(said[0].contains("fewer than 2 copies"), "{said:?}");
    let three = rendered(SEED, "vmcluster: {vmstorage: {replicaCount: 3}}");
    assert_eq!((three.warnings().len(), three.accepted().len()), (0, 0));
}

/// Release, bad input, and words that the message or its hint must hold.
const REFUSED: [(&str, &str, &str); 34] = [
    (SEED, "vmcluster: {replicationFactor: 3}", "3 copies need as many vmstorage nodes"),
    (SEED, "vmcluster: {replicationFactor: 0}", "minimum of 1"),
    (SEED, "vmcluster: {retentionPeriod: 1m}", "at least 24h"),
    (SEED, "vmcluster: {retentionPeriod: 30 days}", "at least 24h"),
    (SEED, "vmcluster: {retentionPeriod: 23h}", "at least 24h"),
    (SEED, "vmcluster: {retentionPeriod: 1}", "write it in quotes: `\"1\"`"),
    (SEED, "vmcluster: {vmselect: {replicas: 3}}", "`replicaCount`"),
    (SEED, "vmcluster: {vmStorage: {replicaCount: 3}}", "did you mean `vmstorage`"),
    (SEED, "vmcluster: {vmstorage: {storage: {volumeClaimTemplate: {}}}}", "`size`"),
    (SEED, "vmcluster: {vmstorage: {storageDataPath: vm-data}}", "absolute path"),
    (SEED, "vmcluster: {vmselect: {cacheMountPath: cache}}", "absolute path"),
    (SEED, "vmcluster: {vmstorage: {storage: {size: 0Gi}}}", "more than zero"),
    (SEED, "vmcluster: {vmstorage: {storage: {size: 10GB}}}", "not 20GB"),
    (SEED, "vmcluster: {vmstorage: {storage: {size: '10'}}}", "with its unit"),
    (SEED, "vmcluster: {vmselect: {resources: {requests: {cpu: 1500m}}}}", "more than its limit 1"),
    (SEED, "vmcluster: {vmselect: {resources: {limits: {memory: 400Mi}}}}", "more than its limit"),
    (SEED, "operator: {resources: {requests: {cpu: '1'}}}", "more than its limit 120m"),
    (SEED, "operator: {watchNamespaces: [vm]}", "does not watch the namespace default"),
    (STACK, "operator: {watchNamespaces: [default]}", "the namespace of vmrule"),
    (
        STACK,
        "operator: {watchNamespaces: [vm, db]}\nvmcluster: {namespace: db}",
        "the scrape demo lies in default",
    ),
    (SEED, "vmcluster: {clusterVersion: v1.150.0}", "Must end in -cluster"),
    (SEED, "vmcluster: {name: Demo}", "a DNS label"),
    (SEED, "vmcluster: {vmstorage: null}", "vmcluster.vmstorage"),
    (SEED, "components: {vmpodscrape: true}", "vmpodscrapes is empty"),
    (STACK, "components: {vmalertmanager: false}", "nobody to send alerts to"),
    (STACK, "components: {vmcluster: false}", "nowhere to write to"),
    (STACK, "vmalert: {notifierUrl: 'http://a:1'}", "follows from its name"),
    (STACK, "vmalert: {datasourceUrl: 'http://a:1'}", "follows from its name"),
    (STACK, "vmalert: {evaluationInterval: 1d}", "vmalert.evaluationInterval"),
    (
        STACK,
        "vmpodscrapes: [{name: x, namespace: y, selector: {}, port: http}]",
        "would select every pod",
    ),
    (
        STACK,
        "vmpodscrapes: [{name: x, namespace: y, selector: {a: b}, port: 70000}]",
        "maximum of 65535",
    ),
    (STACK, "vmalertmanager: {config: {route: {receiver: nobody}}}", "receiver nobody"),
    (
        STACK,
        "vmalertmanager: {config: {route: {routes: [{receiver: nobody, matchers: [a=b]}]}}}",
        "the receiver nobody, which",
    ),
    (SEED, "vmclusters: {name: demo}", "did you mean `vmcluster`"),
];

#[test]
fn bad_input_is_refused_with_its_place_and_a_hint() {
    refused(&REFUSED);
}

#[test]
fn another_notifier_and_database_may_be_named_when_the_own_are_off() {
    let layer = "components: {vmcluster: false, vmalertmanager: false}\n\
        vmalert: {datasourceUrl: 'http://db:1', notifierUrl: 'http://am:1'}\n\
        vmagent: {remoteWrite: [{url: 'http://db:1/write'}]}";
    let stack = rendered(STACK, layer);
    let alert = object(&stack, "VMAlert", "demo");
    assert_eq!(alert["spec"]["datasource"]["url"], "http://db:1");
    assert_eq!(alert["spec"]["notifiers"], json!([{"url": "http://am:1"}]));
    assert!(alert["spec"].get("remoteWrite").is_none());
    let agent = object(&stack, "VMAgent", "demo");
    assert_eq!(agent["spec"]["remoteWrite"], json!([{"url": "http://db:1/write"}]));
    assert_eq!(agent["metadata"]["namespace"], "vm");
}

#[test]
fn a_receiver_s_address_is_a_secret_and_cannot_break_the_file() {
    let receiver = "vmalertmanager: {config: {receivers: [{name: chat, webhook_configs: \
        [{url: 'https://chat/x#a:{b'}]}]}}";
    assert!(!rendered(STACK, receiver).to_yaml().contains("chat/x"));
    let request =
        plimsoll::Request::new(STACK).with_layer(plimsoll::Layer::text("test.yaml", receiver));
    let real = plimsoll::render(&support::repository(), &request);
    let real = real.unwrap_or_else(|found| panic!("{found}"));
    let secret = object(&real, "Secret", "vmalertmanager-demo-config");
    let text = secret["stringData"]["alertmanager.yaml"].as_str().unwrap_or_default();
    let file: Value = serde_yaml::from_str(text).expect("YAML");
    assert_eq!(file["receivers"][1]["webhook_configs"][0]["url"], "https://chat/x#a:{b");
    assert_eq!(file["route"]["receiver"], "null");
}
