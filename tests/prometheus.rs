//! The prometheus chart against what it promises: objects, waves, names, derived addresses and rules.

#![expect(clippy::panic, reason = "a failing helper fails its test")]

#[path = "support/objects.rs"]
mod objects;
#[path = "prometheus/refused.rs"]
mod refused;
mod support;

use objects::{counts, difference, empties, expected, object, rendered, waves};
use plimsoll::Rendered;
use serde_json::{Value, json};

const SEED: &str = "prometheus/seed-exact";
const RELEASES: [&str; 4] =
    [SEED, "prometheus/minimal", "prometheus/production-ha", "prometheus/operator-demo"];

const SEED_COUNTS: [(&str, usize); 16] = [
    ("Namespace", 1),
    ("CustomResourceDefinition", 10),
    ("PersistentVolumeClaim", 1),
    ("ServiceAccount", 7),
    ("ConfigMap", 5),
    ("Secret", 2),
    ("Service", 12),
    ("StatefulSet", 1),
    ("Deployment", 3),
    ("DaemonSet", 1),
    ("ClusterRole", 3),
    ("ClusterRoleBinding", 3),
    ("Alertmanager", 1),
    ("Prometheus", 1),
    ("ServiceMonitor", 13),
    ("PrometheusRule", 3),
];

/// Every object of a kind.
fn all(rendered: &Rendered, kind: &str) -> Vec<Value> {
    let of_kind = rendered.resources().iter().filter(|r| r.id().kind == kind);
    of_kind.map(plimsoll::Resource::to_value).collect()
}

#[test]
fn the_seed_has_67_objects() {
    let seed = rendered(SEED, "");
    assert_eq!(counts(&seed), expected(&SEED_COUNTS));
    assert_eq!(seed.resources().len(), 67);
}

#[test]
fn the_defaults_have_the_same_objects() {
    let request = plimsoll::Request::new("charts/prometheus")
        .with_namespace("monitoring")
        .with_secrets(plimsoll::Secrets::Placeholder);
    let defaults = plimsoll::render(&support::repository(), &request);
    let defaults = defaults.unwrap_or_else(|found| panic!("{found}"));
    assert_eq!(counts(&defaults), expected(&SEED_COUNTS));
}

#[test]
fn the_seed_has_five_waves() {
    assert_eq!(
        waves(&rendered(SEED, "")),
        [
            vec!["crds", "namespace"],
            vec!["influxdb", "kube-state-metrics", "node-exporter", "prometheus-operator"],
            vec!["alertmanager", "control-plane-monitors", "rules"],
            vec!["prometheus"],
            vec!["grafana"],
        ]
    );
}

#[test]
fn scrape_configs_come_with_what_the_operator_reads() {
    let demo = waves(&rendered("prometheus/operator-demo", ""));
    assert_eq!(demo[2], ["alertmanager", "scrape-configs"]);
}

#[test]
fn the_webhook_is_made_before_the_operator_and_announced_after_it() {
    let webhook = "prometheusOperator: {admissionWebhooks: {enabled: true}}";
    assert_eq!(
        waves(&rendered(SEED, webhook)),
        [
            vec!["crds", "namespace"],
            vec!["admission-create", "influxdb", "kube-state-metrics", "node-exporter"],
            vec!["prometheus-operator"],
            vec!["admission-patch", "alertmanager", "control-plane-monitors"],
            vec!["prometheus", "rules"],
            vec!["grafana"],
        ]
    );
    let (added, removed) = difference("prometheus/minimal", webhook);
    let operator = "prometheus-operator-admission";
    let expected: Vec<String> = [
        format!("ClusterRole/{operator}"),
        format!("ClusterRoleBinding/{operator}"),
        format!("Job/{operator}-create"),
        format!("Job/{operator}-patch"),
        format!("MutatingWebhookConfiguration/{operator}"),
        format!("Role/{operator}"),
        format!("RoleBinding/{operator}"),
        format!("ServiceAccount/{operator}"),
        format!("ValidatingWebhookConfiguration/{operator}"),
    ]
    .into();
    assert_eq!((added, removed), (expected, Vec::new()));
    let service =
        object(&rendered("prometheus/minimal", webhook), "Service", "prometheus-operator");
    assert_eq!(service["spec"]["ports"][0]["port"], 443);
}

#[test]
fn the_seed_has_three_node_ports_and_the_seed_s_names() {
    let seed = rendered(SEED, "");
    let services = all(&seed, "Service");
    let node_ports: Vec<_> = services
        .iter()
        .filter(|service| service["spec"]["type"] == "NodePort")
        .map(|service| {
            let port = &service["spec"]["ports"][0];
            (service["metadata"]["name"].clone(), port["port"].clone(), port["nodePort"].clone())
        })
        .collect();
    assert_eq!(
        node_ports,
        [
            (json!("prometheus-prometheus-oper-alertmanager"), json!(9093), json!(30903)),
            (json!("prometheus-prometheus-oper-prometheus"), json!(9090), json!(30090)),
            (json!("prometheus-grafana"), json!(80), json!(30030)),
        ]
    );
    let in_namespace = |namespace: &str| -> Vec<&str> {
        let mut names: Vec<_> = services
            .iter()
            .filter(|service| service["metadata"]["namespace"] == namespace)
            .filter_map(|service| service["metadata"]["name"].as_str())
            .collect();
        names.sort_unstable();
        names
    };
    assert_eq!(
        in_namespace("monitoring"),
        [
            "influxdb",
            "prometheus-grafana",
            "prometheus-kube-state-metrics",
            "prometheus-prometheus-node-exporter",
            "prometheus-prometheus-oper-alertmanager",
            "prometheus-prometheus-oper-operator",
            "prometheus-prometheus-oper-prometheus",
        ]
    );
    assert_eq!(
        in_namespace("kube-system"),
        ["coredns", "kube-controller-manager", "kube-etcd", "kube-proxy", "kube-scheduler"]
    );
    let operator = object(&seed, "Service", "prometheus-prometheus-oper-operator");
    assert_eq!(
        operator["spec"]["ports"],
        json!([{"name": "http", "port": 8080, "targetPort": "http"}])
    );
    let grafana = object(&seed, "Service", "prometheus-grafana");
    assert_eq!(grafana["spec"]["ports"][0]["name"], "service");
}

#[test]
fn influxdb_mounts_the_claim_and_makes_no_other() {
    let seed = rendered(SEED, "");
    let claim = object(&seed, "PersistentVolumeClaim", "influxdb-pvc");
    assert_eq!(claim["metadata"]["namespace"], "monitoring");
    assert_eq!(claim["metadata"]["labels"]["app"], "influxdb");
    assert_eq!(claim["metadata"]["labels"]["release"], "influxdb");
    assert_eq!(
        claim["spec"],
        json!({
            "accessModes": ["ReadWriteOnce"],
            "storageClassName": "monitor-ebs",
            "resources": {"requests": {"storage": "200Gi"}},
        })
    );
    let set = object(&seed, "StatefulSet", "influxdb");
    assert_eq!(set["metadata"]["namespace"], claim["metadata"]["namespace"]);
    assert!(set["spec"].get("volumeClaimTemplates").is_none());
    assert_eq!(
        set["spec"]["template"]["spec"]["volumes"][0],
        json!({"name": "data", "persistentVolumeClaim": {"claimName": "influxdb-pvc"}})
    );
}

#[test]
fn a_claim_of_somebody_else_is_mounted_and_not_rendered() {
    let layer = "influxdb: {persistence: {createClaim: false, existingClaim: mine}}";
    let (added, removed) = difference(SEED, layer);
    assert_eq!((added, removed), (vec![], vec!["PersistentVolumeClaim/influxdb-pvc".to_owned()]));
    let set = object(&rendered(SEED, layer), "StatefulSet", "influxdb");
    let volume = &set["spec"]["template"]["spec"]["volumes"][0];
    assert_eq!(volume["persistentVolumeClaim"]["claimName"], "mine");
}

#[test]
fn influxdb_is_told_its_limits_and_its_retention() {
    let seed = rendered(SEED, "");
    let config = object(&seed, "ConfigMap", "influxdb");
    let file = config["data"]["influxdb.conf"].as_str().unwrap_or_default();
    assert!(file.contains("max-series-per-database = 0\n"), "{file}");
    assert!(file.contains("max-values-per-tag = 0\n"), "{file}");
    let init = object(&seed, "ConfigMap", "influxdb-init");
    let policy = "CREATE RETENTION POLICY \"default_retention_policy\" ON \"prometheus\" \
        DURATION 180d REPLICATION 1 DEFAULT\n";
    assert_eq!(init["data"], json!({"retention.iql": policy}));
}

#[test]
fn one_database_names_the_policy_the_environment_and_the_addresses() {
    let layer = "remoteWrite: {enabled: true}\ninfluxdb: {database: metrics, fullname: store}";
    let changed = rendered(SEED, layer);
    let init = object(&changed, "ConfigMap", "store-init");
    assert!(init["data"]["retention.iql"].as_str().unwrap_or_default().contains("ON \"metrics\""));
    let container =
        object(&changed, "StatefulSet", "store")["spec"]["template"]["spec"]["containers"][0]
            .clone();
    assert_eq!(container["env"], json!([{"name": "INFLUXDB_DB", "value": "metrics"}]));
    let spec = all(&changed, "Prometheus")[0]["spec"].clone();
    let api = "http://store.monitoring:8086/api/v1/prom";
    assert_eq!(spec["remoteWrite"], json!([{"url": format!("{api}/write?db=metrics")}]));
    assert_eq!(spec["remoteRead"], json!([{"url": format!("{api}/read?db=metrics")}]));
    let seed = all(&rendered(SEED, ""), "Prometheus")[0]["spec"].clone();
    assert!(seed.get("remoteWrite").is_none() && seed.get("storage").is_none());
}

#[test]
fn the_name_of_prometheus_moves_all_that_refers_to_it() {
    let derived = |layer: &str, name: &str| -> [String; 3] {
        let manifest = rendered("prometheus/minimal", layer);
        let sources = object(&manifest, "ConfigMap", "grafana-datasources");
        let file: Value =
            serde_yaml::from_str(sources["data"]["datasource.yaml"].as_str().unwrap_or_default())
                .expect("YAML");
        let monitor = object(&manifest, "ServiceMonitor", name);
        [
            file["datasources"][0]["url"].as_str().unwrap_or_default().to_owned(),
            object(&manifest, "Prometheus", name)["spec"]["externalUrl"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
            monitor["spec"]["selector"]["matchLabels"]["release"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
        ]
    };
    let wanted = |name: &str| {
        [
            format!("http://{name}.monitoring:9090/"),
            format!("http://{name}.monitoring:9090"),
            name.to_owned(),
        ]
    };
    assert_eq!(derived("", "prometheus"), wanted("prometheus"));
    assert_eq!(derived("prometheus: {fullname: other}", "other"), wanted("other"));
}

#[test]
fn alertmanager_is_found_by_its_name() {
    let seed = rendered(SEED, "");
    let name = "prometheus-prometheus-oper-alertmanager";
    let target = all(&seed, "Prometheus")[0]["spec"]["alerting"]["alertmanagers"].clone();
    assert_eq!(
        target,
        json!([{"namespace": "monitoring", "name": name, "port": "http-web", "apiVersion": "v2"}])
    );
    let secret = object(&seed, "Secret", &format!("alertmanager-{name}"));
    let file: Value = serde_yaml::from_str(
        secret["stringData"]["alertmanager.yaml"].as_str().unwrap_or_default(),
    )
    .expect("YAML");
    assert_eq!(file["global"]["resolve_timeout"], "5m");
    assert_eq!(file["route"]["receiver"], "null");
    assert_eq!(file["route"]["routes"][0]["matchers"], json!(["alertname = \"Watchdog\""]));
    assert_eq!(file["receivers"], json!([{"name": "null"}]));
}

#[test]
fn every_monitor_and_rule_carries_the_labels_that_prometheus_selects_by() {
    let layer = "prometheus: {selectorLabels: !replace {team: a}}\n\
        scrapeConfigs: [{name: s, staticConfigs: [{targets: ['a:1']}]}]";
    let changed = rendered(SEED, layer);
    let spec = all(&changed, "Prometheus")[0]["spec"].clone();
    for selector in ["serviceMonitor", "podMonitor", "probe", "rule", "scrapeConfig"] {
        assert_eq!(spec[format!("{selector}Selector")], json!({"matchLabels": {"team": "a"}}));
        assert_eq!(spec[format!("{selector}NamespaceSelector")], json!({}));
    }
    let mut found = 0;
    for kind in ["ServiceMonitor", "PrometheusRule", "ScrapeConfig"] {
        for one in all(&changed, kind) {
            assert_eq!(one["metadata"]["labels"]["team"], "a", "{one}");
            assert!(one["metadata"]["labels"].get("release").is_none(), "{one}");
            found += 1;
        }
    }
    assert_eq!(found, 17);
}

#[test]
fn each_monitor_finds_exactly_one_service_and_its_port() {
    for release in RELEASES {
        let manifest = rendered(release, "");
        let services = all(&manifest, "Service");
        for monitor in all(&manifest, "ServiceMonitor") {
            let name = monitor["metadata"]["name"].as_str().unwrap_or_default();
            if ["apiserver", "kubelet"].contains(&name) {
                continue; // their Services are made by Kubernetes and by the operator
            }
            let wanted = monitor["spec"]["selector"]["matchLabels"].as_object().expect("labels");
            let namespace = &monitor["spec"]["namespaceSelector"]["matchNames"][0];
            let found: Vec<_> = services
                .iter()
                .filter(|service| &service["metadata"]["namespace"] == namespace)
                .filter(|s| wanted.iter().all(|(k, v)| &s["metadata"]["labels"][k] == v))
                .collect();
            assert_eq!(found.len(), 1, "{release}: {name}");
            let port = &monitor["spec"]["endpoints"][0]["port"];
            let ports = found[0]["spec"]["ports"].as_array().expect("ports");
            assert!(ports.iter().any(|one| &one["name"] == port), "{release}: {name}");
        }
    }
}

#[test]
fn the_control_plane_is_scraped_where_it_is_told_to_listen() {
    let layer = "controlPlane: {etcd: {listenMetricsUrls: 'https://0.0.0.0:12381'}, \
        kubeProxy: {metricsBindAddress: '0.0.0.0:20249'}}";
    let manifest = rendered(SEED, layer);
    let port = |name: &str| object(&manifest, "Service", name)["spec"]["ports"][0].clone();
    let at = |port: u16| json!({"name": "metrics", "port": port, "targetPort": port});
    assert_eq!((port("kube-etcd"), port("kube-proxy")), (at(12381), at(20249)));
    let etcd = object(&manifest, "ServiceMonitor", "kube-etcd");
    assert_eq!(etcd["spec"]["endpoints"][0]["scheme"], "https");
    let tuning = object(&manifest, "ConfigMap", "control-plane-tuning");
    let read = |key: &str| -> Value {
        serde_yaml::from_str(tuning["data"][key].as_str().unwrap_or_default()).expect("YAML")
    };
    assert_eq!(
        read("kube-proxy-config.patch.yaml"),
        json!({"metricsBindAddress": "0.0.0.0:20249"})
    );
    let command = read("etcd-flags.patch.yaml")["spec"]["containers"][0]["command"].clone();
    assert_eq!(command, json!(["--listen-metrics-urls=https://0.0.0.0:12381"]));
    let seed = rendered(SEED, "");
    let port = |name: &str| object(&seed, "Service", name)["spec"]["ports"][0]["port"].clone();
    assert_eq!((port("kube-etcd"), port("kube-proxy")), (json!(2381), json!(10249)));
}

#[test]
fn metrics_that_stay_on_the_host_are_a_warning() {
    let layer = "controlPlane: {kubeProxy: {metricsBindAddress: '127.0.0.1:10249'}}";
    let said: Vec<_> = rendered(SEED, layer).warnings().iter().map(ToString::to_string).collect();
    assert!(said.len() == 1 && said[0].contains("its own host only"), "{said:?}");
    assert_eq!(rendered(SEED, "").warnings().iter().count(), 0);
}

#[test]
fn the_demo_s_scrape_config_is_the_seed_s() {
    let demo = rendered("prometheus/operator-demo", "");
    let scrape = object(&demo, "ScrapeConfig", "static-config");
    assert_eq!(scrape["apiVersion"], "monitoring.coreos.com/v1alpha1");
    assert_eq!(scrape["metadata"]["namespace"], "my-namespace");
    let label = json!("system-monitoring-prometheus");
    assert_eq!(scrape["metadata"]["labels"]["prometheus"], label);
    assert_eq!(
        scrape["spec"],
        json!({"staticConfigs": [{
            "labels": {"job": "prometheus"},
            "targets": ["prometheus.demo.do.prometheus.io:9090"],
        }]})
    );
    let prometheus = object(&demo, "Prometheus", "system-monitoring-prometheus");
    assert_eq!(
        prometheus["spec"]["scrapeConfigSelector"],
        json!({"matchLabels": {"prometheus": label}})
    );
}

#[test]
fn production_keeps_copies_and_asks_for_resources() {
    let production = rendered("prometheus/production-ha", "");
    let prometheus = object(&production, "Prometheus", "prometheus")["spec"].clone();
    assert_eq!(prometheus["replicas"], 2);
    let claim = &prometheus["storage"]["volumeClaimTemplate"]["spec"];
    assert_eq!(claim["resources"]["requests"]["storage"], "50Gi");
    assert_eq!(prometheus["remoteWrite"].as_array().map(Vec::len), Some(1));
    assert_eq!(object(&production, "Alertmanager", "alertmanager")["spec"]["replicas"], 3);
    let own = object(&production, "PersistentVolumeClaim", "grafana");
    assert_eq!(own["spec"]["resources"]["requests"]["storage"], "10Gi");
    assert_eq!(all(&production, "PodDisruptionBudget").len(), 2);
    for kind in ["Deployment", "StatefulSet", "DaemonSet"] {
        for one in all(&production, kind) {
            let container = &one["spec"]["template"]["spec"]["containers"][0];
            assert!(container["resources"]["limits"]["memory"].is_string(), "{container}");
        }
    }
}

#[test]
fn minimal_leaves_out_the_store_the_control_plane_and_the_rules() {
    let minimal = rendered("prometheus/minimal", "");
    let components: Vec<_> = waves(&minimal).concat();
    for absent in ["influxdb", "control-plane-monitors", "rules", "scrape-configs"] {
        assert!(!components.iter().any(|name| name == absent), "{absent}");
    }
    assert!(all(&minimal, "Service").iter().all(|s| s["spec"]["type"] != "NodePort"));
}

#[test]
fn the_sidecar_and_extra_containers_come_beside_grafana() {
    let layer = "grafana: {sidecar: {enabled: true}, service: {targetPort: 4181}, \
        extraContainers: [{name: proxy, image: 'proxy:1', ports: [{containerPort: 4181}]}]}";
    let (added, removed) = difference("prometheus/minimal", layer);
    let more = ["ConfigMap/grafana-dashboards", "Role/grafana", "RoleBinding/grafana"];
    assert_eq!((added, removed), (more.map(str::to_owned).into(), Vec::new()));
    let pod =
        object(&rendered("prometheus/minimal", layer), "Deployment", "grafana")["spec"]["template"]
            ["spec"]
            .clone();
    let names: Vec<_> =
        pod["containers"].as_array().expect("a list").iter().map(|c| c["name"].clone()).collect();
    assert_eq!(names, ["grafana", "sidecar", "proxy"]);
}

#[test]
fn every_option_of_a_service_arrives() {
    let layer = "prometheus: {service: {type: LoadBalancer, loadBalancerIP: 10.0.0.9, \
        loadBalancerSourceRanges: [10.0.0.0/8], externalIPs: [192.0.2.1], clusterIP: 10.96.0.9, \
        sessionAffinity: ClientIP, annotations: {a: b}, labels: {team: x, app: mine}}}";
    let service = object(&rendered("prometheus/minimal", layer), "Service", "prometheus");
    assert_eq!(service["metadata"]["labels"]["team"], "x");
    assert_eq!(service["metadata"]["labels"]["app"], "prometheus");
    assert_eq!(service["metadata"]["annotations"]["a"], "b");
    let mut spec = service["spec"].clone();
    let rest = spec.as_object_mut().map(|map| (map.remove("ports"), map.remove("selector")));
    assert!(rest.is_some());
    assert_eq!(
        spec,
        json!({
            "type": "LoadBalancer",
            "clusterIP": "10.96.0.9",
            "externalIPs": ["192.0.2.1"],
            "loadBalancerIP": "10.0.0.9",
            "loadBalancerSourceRanges": ["10.0.0.0/8"],
            "sessionAffinity": "ClientIP",
        })
    );
}

#[test]
fn nothing_empty_is_written_unless_it_means_something() {
    let meant = [
        "spec.versions[].subresources.status",
        "spec.template.spec.volumes[].emptyDir",
        "spec.serviceMonitorNamespaceSelector",
        "spec.podMonitorNamespaceSelector",
        "spec.probeNamespaceSelector",
        "spec.ruleNamespaceSelector",
        "spec.scrapeConfigNamespaceSelector",
    ];
    for release in RELEASES {
        assert_eq!(empties(&rendered(release, ""), &meant), [""; 0], "{release}");
    }
}

#[test]
fn external_definitions_are_not_rendered() {
    let (added, removed) = difference(SEED, "crds: {source: external}");
    assert_eq!((added.len(), removed.len()), (0, 10));
}
