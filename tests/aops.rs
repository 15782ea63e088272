//! The aops chart against what it promises: objects, waves, switches and what a change of one value changes.

#![expect(clippy::panic, reason = "a failing helper fails its test")]

#[path = "aops/files.rs"]
mod files;
#[path = "support/refused.rs"]
mod refused;
#[path = "aops/rules.rs"]
mod rules;
mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use plimsoll::{Layer, Rendered, Request, render};
use serde_json::Value;
use support::{names, repository, with_layer};

fn rendered(environment: &str, layer: &str) -> Rendered {
    with_layer(&format!("aops/{environment}"), layer).unwrap_or_else(|found| panic!("{found}"))
}

fn seed() -> &'static Rendered {
    static SEED: LazyLock<Rendered> = LazyLock::new(|| rendered("seed-exact", ""));
    &SEED
}

fn object(rendered: &Rendered, kind: &str, name: &str) -> Value {
    let found = rendered.resources().iter().find(|r| r.id().kind == kind && r.id().name == name);
    found.unwrap_or_else(|| panic!("no {kind}/{name}")).to_value()
}

fn count<'a>(words: impl Iterator<Item = &'a str>) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for word in words {
        *counts.entry(word.to_owned()).or_default() += 1;
    }
    counts
}

fn expected<V: Copy>(pairs: &[(&str, V)]) -> BTreeMap<String, V> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect()
}

#[test]
fn the_seed_has_53_objects() {
    let seed = seed();
    let kinds = count(seed.resources().iter().map(|r| r.id().kind.as_str()));
    let wanted = [
        ("Namespace", 1),
        ("ConfigMap", 17),
        ("Service", 16),
        ("StatefulSet", 5),
        ("Deployment", 9),
        ("DaemonSet", 3),
        ("PersistentVolumeClaim", 2),
    ];
    assert_eq!(kinds, expected(&wanted));
    let components = count(seed.resources().iter().map(plimsoll::Resource::component));
    let wanted = [
        ("namespace", 2),
        ("zookeeper", 4),
        ("kafka", 4),
        ("elasticsearch", 4),
        ("aops-manager", 4),
        ("gala-ragdoll", 4),
        ("prometheus", 3),
        ("mysql", 3),
        ("aops-database", 3),
        ("adoctor-check-scheduler", 3),
        ("adoctor-diag-scheduler", 3),
        ("gala-spider", 3),
        ("aops-web", 3),
        ("node-exporter", 2),
        ("fluentd", 2),
        ("adoctor-check-executor", 2),
        ("adoctor-diag-executor", 2),
        ("gala-gopher", 2),
    ];
    assert_eq!(components, expected(&wanted));
}

#[test]
fn the_seed_has_six_waves() {
    let waves: BTreeMap<String, u32> =
        seed().resources().iter().map(|r| (r.component().to_owned(), r.wave())).collect();
    let wanted = [
        ("namespace", 0),
        ("zookeeper", 1),
        ("mysql", 1),
        ("elasticsearch", 1),
        ("prometheus", 1),
        ("node-exporter", 1),
        ("kafka", 2),
        ("fluentd", 2),
        ("aops-database", 2),
        ("aops-manager", 3),
        ("adoctor-check-scheduler", 3),
        ("adoctor-check-executor", 3),
        ("adoctor-diag-scheduler", 3),
        ("adoctor-diag-executor", 3),
        ("gala-gopher", 3),
        ("gala-spider", 3),
        ("gala-ragdoll", 4),
        ("aops-web", 5),
    ];
    assert_eq!(waves, expected(&wanted));
}

#[test]
fn every_environment_has_its_objects() {
    let sizes = [
        ("seed-exact", 53),
        ("seed-steps", 5),
        ("small", 42), // without fluentd 2, gala-gopher 2, gala-spider 3, gala-ragdoll 4
        ("existing-middleware", 35),
        ("agents", 7),
        ("production", 59), // and a Secret and five NetworkPolicies
    ];
    for (environment, size) in sizes {
        assert_eq!(rendered(environment, "").resources().len(), size, "{environment}");
    }
    let left = names(&rendered("seed-steps", ""));
    let wanted = [
        "Namespace/aops",
        "ConfigMap/zookeeper",
        "Service/zookeeper",
        "Service/zookeeper-headless",
        "StatefulSet/zookeeper",
    ];
    assert_eq!(left, wanted);
}

#[test]
fn the_seed_fits_its_hardware() {
    let (mut milli_cpu, mut mebibytes) = (0, 0);
    for resource in seed().resources() {
        let value = resource.to_value();
        let pod = &value["spec"]["template"]["spec"];
        for container in pod["containers"].as_array().into_iter().flatten() {
            let amount = |list: &str, key: &str, unit: &str| -> u64 {
                let text = container["resources"][list][key].as_str().expect("an amount");
                text.strip_suffix(unit).and_then(|digits| digits.parse().ok()).expect(text)
            };
            milli_cpu += amount("requests", "cpu", "m");
            mebibytes += amount("requests", "memory", "Mi");
            let limit = amount("limits", "memory", "Mi");
            assert_eq!(limit, 2 * amount("requests", "memory", "Mi"), "{}", resource.id());
            assert!(container["resources"]["limits"]["cpu"].is_null(), "{}", resource.id());
        }
    }
    assert_eq!((milli_cpu, mebibytes), (4000, 2816));
}

#[test]
fn the_middleware_has_the_stated_versions() {
    let seed = seed();
    let image = |kind: &str, name: &str| {
        let object = object(seed, kind, name);
        object["spec"]["template"]["spec"]["containers"][0]["image"].as_str().unwrap().to_owned()
    };
    let wanted = [
        ("StatefulSet", "mysql", "mysql:8.0.26"),
        ("StatefulSet", "elasticsearch", "docker.elastic.co/elasticsearch/elasticsearch:7.14.0"),
        ("StatefulSet", "kafka", "wurstmeister/kafka:2.12-2.4.0"),
        ("StatefulSet", "prometheus", "prom/prometheus:v2.20.0"),
        ("StatefulSet", "zookeeper", "zookeeper:3.5.6"),
        ("DaemonSet", "node-exporter", "prom/node-exporter:v1.0.1"),
        ("Deployment", "aops-manager", "aops/aops-manager:21.09"),
    ];
    for (kind, name, wanted) in wanted {
        assert_eq!(image(kind, name), wanted);
    }
    let layer = "image: {registry: registry.example.com, tag: '22.03'}";
    let moved = object(&rendered("seed-exact", layer), "DaemonSet", "gala-gopher");
    assert_eq!(
        moved["spec"]["template"]["spec"]["containers"][0]["image"],
        "registry.example.com/aops/gala-gopher:22.03"
    );
}

#[test]
fn stateful_sets_are_named_by_their_service() {
    let seed = seed();
    let sets = [
        ("zookeeper", "zookeeper-headless", "None"),
        ("kafka", "kafka-headless", "None"),
        ("elasticsearch", "elasticsearch-headless", "None"),
        ("prometheus", "prometheus", ""),
        ("mysql", "mysql", ""),
    ];
    for (name, service, address) in sets {
        assert_eq!(object(seed, "StatefulSet", name)["spec"]["serviceName"], service);
        let service = object(seed, "Service", service);
        assert_eq!(service["spec"]["clusterIP"].as_str().unwrap_or(""), address, "{name}");
    }
}

#[test]
fn agents_see_their_node_and_find_the_cluster() {
    let agents = rendered("agents", "");
    let gopher = object(&agents, "DaemonSet", "gala-gopher");
    let pod = &gopher["spec"]["template"]["spec"];
    assert_eq!(pod["hostNetwork"], true);
    assert_eq!(pod["hostPID"], true);
    assert_eq!(pod["dnsPolicy"], "ClusterFirstWithHostNet");
    assert_eq!(pod["containers"][0]["securityContext"]["privileged"], true);
    for name in ["node-exporter", "fluentd", "gala-gopher"] {
        let set = object(&agents, "DaemonSet", name);
        let selector = &set["spec"]["template"]["spec"]["nodeSelector"];
        assert_eq!(selector["aops.openeuler.org/monitored"], "true", "{name}");
    }
    let fluentd = object(&agents, "DaemonSet", "fluentd");
    let container = &fluentd["spec"]["template"]["spec"]["containers"][0];
    assert_eq!(container["env"][0]["valueFrom"]["fieldRef"]["fieldPath"], "status.hostIP");
    assert_eq!(container["ports"][0]["hostPort"], 61122);
    assert_eq!(container["ports"][0]["protocol"], "UDP");
}

#[test]
fn steps_say_where_they_stand_and_what_their_failure_means() {
    let layer = "steps: {kafka: {continue: true}, mysql: {continue: true}}";
    let changed = rendered("seed-exact", layer);
    let note = |kind: &str, name: &str, key: &str| {
        let object = object(&changed, kind, name);
        let text = object["metadata"]["annotations"][format!("aops.openeuler.org/{key}")].as_str();
        text.unwrap_or_default().to_owned()
    };
    assert_eq!(note("StatefulSet", "zookeeper", "step"), "1");
    assert_eq!(note("StatefulSet", "zookeeper", "after-success-of"), "");
    assert_eq!(note("Deployment", "gala-ragdoll", "step"), "14");
    assert_eq!(note("StatefulSet", "kafka", "on-failure"), "continue");
    assert_eq!(note("StatefulSet", "prometheus", "on-failure"), "stop");
    assert_eq!(
        note("StatefulSet", "elasticsearch", "after-success-of"),
        "zookeeper,prometheus,node_exporter"
    );
}

/// Every text and number of a manifest by its place, without the checksums that follow from the files.
fn leaves(rendered: &Rendered) -> BTreeMap<String, String> {
    fn walk(value: &Value, path: &str, out: &mut BTreeMap<String, String>) {
        match value {
            Value::Object(map) => {
                map.iter().for_each(|(key, value)| walk(value, &format!("{path}/{key}"), out));
            }
            Value::Array(items) => items
                .iter()
                .enumerate()
                .for_each(|(index, value)| walk(value, &format!("{path}/{index}"), out)),
            Value::String(text) => {
                for (index, line) in text.lines().enumerate() {
                    out.insert(format!("{path}:{index}"), line.to_owned());
                }
            }
            other => {
                out.insert(path.to_owned(), other.to_string());
            }
        }
    }
    let mut out = BTreeMap::new();
    for resource in rendered.resources() {
        let place = format!("{}/{}", resource.id().kind, resource.id().name);
        walk(&resource.to_value(), &place, &mut out);
    }
    out.retain(|path, _| !path.contains("/checksum/"));
    out
}

/// The places that a layer changes, without the line numbers.
fn changes(layer: &str) -> BTreeSet<String> {
    let (before, after) = (leaves(seed()), leaves(&rendered("seed-exact", layer)));
    let places =
        before.keys().chain(after.keys()).filter(|key| before.get(*key) != after.get(*key));
    places.map(|place| place.split(':').next().unwrap_or_default().to_owned()).collect()
}

#[test]
fn the_port_of_the_database_has_one_source() {
    let wanted = [
        "ConfigMap/aops-database/data/database.ini",
        "ConfigMap/aops-manager/data/manager.ini",
        "ConfigMap/aops-system/data/system.ini",
        "Deployment/aops-database/spec/template/spec/containers/0/ports/0/containerPort",
        "Service/aops-database/spec/ports/0/port",
    ];
    let changed = changes("ports: {database: 12119}");
    assert_eq!(changed, wanted.iter().map(|place| (*place).to_owned()).collect());
    // The probe and the Service's target follow through the name of the container's port.
    let seed = seed();
    let pod = object(seed, "Deployment", "aops-database");
    let container = &pod["spec"]["template"]["spec"]["containers"][0];
    assert_eq!(container["ports"][0]["name"], container["readinessProbe"]["tcpSocket"]["port"]);
    let service = object(seed, "Service", "aops-database");
    assert_eq!(service["spec"]["ports"][0]["targetPort"], container["ports"][0]["name"]);
}

#[test]
fn a_changed_file_restarts_its_readers() {
    let checksum = |rendered: &Rendered, name: &str, key: &str| {
        object(rendered, "Deployment", name)["spec"]["template"]["metadata"]["annotations"]
            [format!("checksum/{key}")]
        .clone()
    };
    let layer = "defaultTask: {hosts: [{host_name: node-1, host_id: a1b2}]}\nlog: {level: DEBUG}";
    let (before, after) = (seed(), &rendered("seed-exact", layer));
    for (name, key) in [("aops-database", "config"), ("aops-manager", "system")] {
        assert_ne!(checksum(before, name, key), checksum(after, name, key), "{name} {key}");
    }
    assert_eq!(
        checksum(before, "aops-manager", "config"),
        checksum(after, "aops-manager", "config")
    );
    assert_eq!(
        checksum(before, "gala-ragdoll", "config"),
        checksum(after, "gala-ragdoll", "config")
    );
}

#[test]
fn a_password_moves_the_database_file_into_a_secret() {
    let layer = "mysql: {passwordless: false, password: hunter2hunter2}";
    let request = Request::new("aops/seed-exact").with_layer(Layer::text("secrets.yaml", layer));
    let rendered = render(&repository(), &request).unwrap_or_else(|found| panic!("{found}"));
    let kinds = count(rendered.resources().iter().map(|r| r.id().kind.as_str()));
    assert_eq!((kinds["ConfigMap"], kinds["Secret"]), (17, 1));
    assert_eq!(rendered.resources().len(), 54);

    let secret = object(&rendered, "Secret", "aops-database");
    let data = secret["stringData"].as_object().unwrap();
    assert_eq!(data.keys().collect::<Vec<_>>(), ["database.ini", "mysql-password"]);
    assert_eq!(data["mysql-password"], "hunter2hunter2");
    let engine = "engine_format=mysql+pymysql://root:hunter2hunter2@%s:%s/%s\n";
    assert!(data["database.ini"].as_str().unwrap().contains(engine));
    for resource in rendered.resources().iter().filter(|r| r.id().kind != "Secret") {
        assert!(!resource.to_value().to_string().contains("hunter2"), "{}", resource.id());
    }
    // It is there before MySQL, which reads it.
    let wave = |kind: &str, name: &str| {
        let found =
            rendered.resources().iter().find(|r| r.id().kind == kind && r.id().name == name);
        found.map(plimsoll::Resource::wave)
    };
    assert!(wave("Secret", "aops-database") < wave("StatefulSet", "mysql"));
    let mysql = object(&rendered, "StatefulSet", "mysql").to_string();
    assert!(mysql.contains("MYSQL_ROOT_PASSWORD") && !mysql.contains("ALLOW_EMPTY"), "{mysql}");
    let database = object(&rendered, "Deployment", "aops-database").to_string();
    assert!(database.contains(r#""secret":{"name":"aops-database""#), "{database}");
    assert!(!database.contains("runAsUser"), "{database}");
    assert!(object(seed(), "Deployment", "aops-database").to_string().contains("runAsUser"));
}

#[test]
fn a_graph_database_moves_the_spiders_file_into_a_secret() {
    let layer = "galaSpider: {neo4j: {address: 'bolt://graph.example.com', username: aops, password: p4ss}}";
    let rendered = rendered("seed-exact", layer);
    assert_eq!(rendered.resources().len(), 53);
    let secret = object(&rendered, "Secret", "gala-spider");
    let file = secret["stringData"]["gala-spider.conf"].as_str().unwrap();
    assert!(file.contains("[neo4j]\naddress=bolt://graph.example.com\nusername=aops\n"), "{file}");
}

#[test]
fn production_lets_only_clients_at_the_middleware() {
    let production = rendered("production", "");
    let policy = object(&production, "NetworkPolicy", "mysql");
    let from = &policy["spec"]["ingress"][0]["from"];
    assert_eq!(from.as_array().unwrap().len(), 1);
    assert_eq!(from[0]["podSelector"]["matchLabels"]["component"], "aops-database");
    let kafka = object(&production, "NetworkPolicy", "kafka").to_string();
    assert!(kafka.contains("10.0.0.0/16"), "{kafka}");
    assert_eq!(object(&production, "Service", "aops-web")["spec"]["type"], "LoadBalancer");
}

#[test]
fn no_null_and_nothing_empty_is_printed() {
    fn empty(value: &Value, path: &str, found: &mut Vec<String>) {
        match value {
            Value::Null => found.push(path.to_owned()),
            Value::Object(map) if map.is_empty() && !path.ends_with("/emptyDir") => {
                found.push(path.to_owned());
            }
            Value::Object(map) => {
                map.iter().for_each(|(key, value)| empty(value, &format!("{path}/{key}"), found));
            }
            Value::Array(items) if items.is_empty() => found.push(path.to_owned()),
            Value::Array(items) => items.iter().for_each(|value| empty(value, path, found)),
            _ => {}
        }
    }
    for environment in ["seed-exact", "agents", "existing-middleware", "production"] {
        let mut found = Vec::new();
        for resource in rendered(environment, "").resources() {
            empty(&resource.to_value(), &resource.id().to_string(), &mut found);
        }
        assert!(found.is_empty(), "{environment}: {found:?}");
    }
}
