//! What the prometheus chart refuses, and what no value can break.

use plimsoll::Rendered;
use serde_json::json;

use crate::objects::{object, refused};
use crate::{SEED, support};

/// Bad input, and words that the message or its hint must hold.
const REFUSED: [(&str, &str); 60] = [
    // node ports
    ("prometheus: {service: {nodePort: 30903}}", "both want node port 30903"),
    ("grafana: {service: {nodePort: 30090}}", "both want node port 30090"),
    ("alertmanager: {service: {nodePort: 70000}}", "maximum of 32767"),
    ("alertmanager: {service: {nodePort: 80}}", "minimum of 30000"),
    ("alertmanager: {service: {nodePort: abc}}", "expected an integer or null"),
    ("alertmanager: {service: {type: ClusterIP}}", "a service of type ClusterIP has none"),
    // unknown keys, old keys
    ("grafana: {service: {nodeport: 30031}}", "did you mean `nodePort`"),
    ("influxdb: {persistence: {useExisting: true}}", "existingClaim"),
    ("influxdb: {persistence: {name: influxdb-pvc}}", "existingClaim"),
    ("influxdb: {config: {data: {max_series_per_database: 0}}}", "`maxSeriesPerDatabase`"),
    ("influxdb: {config: {data: {max_values_per_tag: 0}}}", "`maxValuesPerTag`"),
    ("prometheusOperator: {createCustomResource: false}", "crds.source"),
    ("prometheus: {datasourceUrl: x}", "unknown key"),
    // durations
    ("prometheus: {retention: tenDays}", "such as 10d"),
    ("prometheus: {retention: ''}", "shorter than 1"),
    ("influxdb: {retentionPolicy: {duration: 180days}}", "such as 180d"),
    ("influxdb: {retentionPolicy: {duration: 30m}}", "at least 1h"),
    // influxdb
    ("influxdb: {config: {data: {maxValuesPerTag: -1}}}", "minimum of 0"),
    ("influxdb: {retentionPolicy: {replication: 2}}", "only one node"),
    ("influxdb: {initScripts: {scripts: {retention.iql: x}}}", "the chart's own"),
    ("influxdb: {persistence: {existingClaim: null}}", "the claim has no name"),
    ("influxdb: {persistence: {existingClaim: null, createClaim: false}}", "has no name"),
    ("influxdb: {persistence: {storageClass: null}}", "no storage class"),
    ("influxdb: {persistence: {storageClass: ''}}", "influxdb.persistence.storageClass"),
    ("influxdb: {persistence: {size: 0Gi}}", "more than zero"),
    ("influxdb: {replicas: 2}", "cannot run as a cluster"),
    ("influxdb: {database: 'a\"; DROP'}", "letters, digits and _ only"),
    ("influxdb: {retentionPolicy: {name: \"a\\nb\"}}", "letters, digits and _ only"),
    ("influxdb: {config: {http: {enabled: false}}}", "the probes of influxdb"),
    ("remoteWrite: {enabled: true}\ninfluxdb: {enabled: false}", "influxdb, which is off"),
    (
        "remoteWrite: {enabled: true}\n\
         influxdb: {config: {http: {enabled: false}}, probes: {enabled: false}}",
        "Prometheus writes to the HTTP interface",
    ),
    // scrape configs
    (
        "scrapeConfigs: [{name: x, labels: {release: other}, staticConfigs: [{targets: ['a:1']}]}]",
        "x would never be scraped, because its labels",
    ),
    (
        "prometheus: {scrapeConfigSelector: {namespaces: [a]}}\n\
         scrapeConfigs: [{name: x, namespace: b, staticConfigs: [{targets: ['a:1']}]}]",
        "does not look into b",
    ),
    ("scrapeConfigs: [{name: x, staticConfigs: [{targets: []}]}]", "at least one"),
    ("scrapeConfigs: [{name: x, staticConfigs: [{targets: ['http://a:1']}]}]", "without http://"),
    ("scrapeConfigs: [{name: x, staticConfigs: [{targets: [a]}]}]", "host:port"),
    // the control plane
    ("controlPlane: {etcd: {listenMetricsUrls: '0.0.0.0:2381'}}", "a URL with a port"),
    ("controlPlane: {etcd: {listenMetricsUrls: 'http://0.0.0.0:70000'}}", "a URL with a port"),
    ("controlPlane: {kubeProxy: {metricsBindAddress: 0.0.0.0}}", "host:port"),
    // secrets
    ("grafana: {adminPassword: short}", "shorter than 8"),
    ("grafana: {config: {security: {admin_password: hunter2hunter2}}}", "it lies in a ConfigMap"),
    // services
    ("prometheus: {service: {targetPort: 4181}}", "no container that listens on 4181"),
    ("grafana: {service: {targetPort: 4181}}", "grafana.extraContainers"),
    ("grafana: {service: null}", "`grafana.service` is missing"),
    ("grafana:\n  service:\n  type: NodePort\n  port: 80", "grafana.type"),
    ("prometheus: {service: {loadBalancerIP: 10.0.0.1}}", "of type NodePort"),
    ("prometheus: {service: {loadBalancerSourceRanges: [10.0.0.0/8]}}", "of type NodePort"),
    (
        "prometheus: {service: {type: LoadBalancer, loadBalancerSourceRanges: [10.0.0.0/33]}}",
        "A network such as",
    ),
    ("prometheus: {service: {externalIPs: [300.1.1.1]}}", "An IP address"),
    ("prometheus: {service: {sessionAffinity: Cookie}}", "`ClientIP`"),
    ("prometheus: {service: {clusterIP: None}}", "no cluster IP"),
    ("grafana: {service: {portName: much-too-long-a-name}}", "longer than 15"),
    ("grafana: {service: {portName: Web}}", "lowercase letters"),
    // the rest
    ("alertmanager: {replicas: 2}", "3 and more"),
    ("prometheus: {selectorLabels: !replace {}}", "At least one"),
    ("alertmanager: {config: {route: {receiver: nobody}}}", "receiver nobody"),
    (
        "alertmanager: {config: {route: {routes: [{receiver: nobody, matchers: [a=b]}]}}}",
        "the receiver nobody, which",
    ),
    ("alertmanager: {resources: {requests: {cpu: '2'}, limits: {cpu: 500m}}}", "its limit 500m"),
    ("namespace: Monitoring", "a DNS label"),
    ("nodeExporter: {port: 0}", "minimum of 1"),
];

#[test]
fn bad_input_is_refused_with_its_place_and_a_hint() {
    refused(&REFUSED.map(|(layer, wanted)| (SEED, layer, wanted)));
}

#[test]
fn no_value_can_break_grafana_ini() {
    let ini = |value: &str| {
        let layer = format!("grafana: {{config: {{server: {{root_url: {value}}}}}}}");
        support::with_layer("prometheus/minimal", &layer)
    };
    for value in ["\"a\\nb=c\"", "'a # b'", "'a; b'"] {
        let found = ini(value).unwrap_err().to_string();
        assert!(found.contains("server.root_url"), "{found}");
    }
    let manifest = ini("'https://g.example/?a=b'").unwrap_or_else(|found| panic!("{found}"));
    let file = object(&manifest, "ConfigMap", "grafana")["data"]["grafana.ini"].clone();
    let file = file.as_str().unwrap_or_default();
    assert!(file.contains("root_url=https://g.example/?a=b\n"), "{file}");
}

fn with_secrets(layer: &str) -> Result<Rendered, plimsoll::Diagnostics> {
    let request =
        plimsoll::Request::new(SEED).with_layer(plimsoll::Layer::text("test.yaml", layer));
    plimsoll::render(&support::repository(), &request)
}

#[test]
fn the_password_must_be_given_and_be_no_known_one() {
    let found = with_secrets("{}").unwrap_err().to_string();
    assert!(found.contains("grafana.adminPassword") && found.contains("--set-file"), "{found}");
    let found = with_secrets("grafana: {adminPassword: prom-operator}").unwrap_err().to_string();
    assert!(found.contains("well-known"), "{found}");
    let given = with_secrets("grafana: {adminPassword: 'a: b # c'}");
    let given = given.unwrap_or_else(|found| panic!("{found}"));
    let secret = object(&given, "Secret", "prometheus-grafana");
    assert_eq!(secret["stringData"], json!({"admin-user": "admin", "admin-password": "a: b # c"}));
    assert_eq!(given.to_yaml().matches("a: b # c").count(), 1);
}
