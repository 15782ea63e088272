//! `upstream-parity`, object by object against upstream's own manifests.
//!
//! The manifests are not part of this repository: `HERA_REFERENCE` names the folder that holds them, or it lies beside the
//! repository as `shared/reference/hera`. Without them this test is skipped, and says so.
#![expect(clippy::disallowed_methods, reason = "tests read the reference")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{environment, object, objects};

/// Every difference that is meant: the place, and why. One that no longer occurs must leave this list.
const ALLOWED: &[(&str, &str)] = &[
    ("ConfigMap/grafana-config.metadata.namespace", "upstream forgot it"),
    ("ConfigMap/grafana-config.data.grafana.ini", "only what differs from Grafana's defaults"),
    ("Deployment/mone-mysql.containers.mysql.env.MYSQL_ROOT_PASSWORD.value", "from a Secret"),
    ("Deployment/mone-mysql.containers.mysql.env.MYSQL_ROOT_PASSWORD.valueFrom", "from a Secret"),
    ("Deployment/nacos.containers.nacos-container.env.db.ppwwdd.value", "from a Secret"),
    ("Deployment/nacos.containers.nacos-container.env.db.ppwwdd.valueFrom", "from a Secret"),
    ("Deployment/grafana.containers.grafana.env", "passwords from a Secret"),
    (
        "Deployment/rocketmq-broker-0-master.containers.rocketmq-broker.env.NAMESRV_ADDR.value",
        "own namespace",
    ),
    (
        "Deployment/rocketmq-dashboard.containers.rocketmq-dashboard.env.JAVA_OPTS.value",
        "own namespace",
    ),
    ("Deployment/hera-demo-server.containers.log-agent.env.nacosAddr.value", "own namespace"),
    ("Deployment/redis-deployment.containers.redis.image", "pinned"),
    ("Deployment/elasticsearch.initContainers.set-vm-sync-limit.image", "pinned"),
    ("Deployment/rocketmq-name-service.containers.rocketmq-name-service.image", "pinned"),
    ("Deployment/hera-demo-server.containers.log-agent.image", "the tag that exists"),
    ("Deployment/alertmanager.containers.alertmanager.args.1", "the address that users open"),
    ("DaemonSet/cadvisor.spec.template.metadata.creationTimestamp", "null says nothing"),
    ("DaemonSet/node-exporter.spec.template.metadata.creationTimestamp", "null says nothing"),
    ("ConfigMap/hera-webhook-tls-sh.data.generate_csr_by_openssl.sh", "own script, own namespace"),
    ("ConfigMap/hera-webhook-tls-sh.data.generate_pem_p12_by_openssl.sh", "own script"),
    ("Secret/hera-credentials", "ours"),
    ("Secret/hera-nacos-config", "ours"),
];

/// Settings of the Nacos files whose values differ: upstream fills in made-up text, or a token of its own.
const MADE_UP: &[&str] = &[
    "hera_trace_config:prometheus.token",
    "mi_tpc_login:gitlab.client_id",
    "mi_tpc_login:gitlab.client_secret",
    "mi_tpc_login:feishu.client_id",
    "mi_tpc_login:feishu.client_secret",
    "mimonitor_open_config:hera.access.member.white.list",
    "mimonitor_open_config:hera.access.member.black.list",
    "mimonitor_open_config:hera.access.dept.black.list",
    "mimonitor_open_config:hera.admin.member.list",
    "mimonitor_open_config:assign.login.user",
    "mimonitor_open_config:feishu.monitor.appId",
    "mimonitor_open_config:feishu.monitor.appSecret",
    "mimonitor_open_config:grafana.api.key",
    "mimonitor_open_config:grafana.jaeger.query.token",
    "mimonitor_open_config:grafana.backend.users",
    "prometheus_agent_open_config:jaeger_query_token",
    "prometheus_agent_open_config:feishu.appid",
    "prometheus_agent_open_config:mail.user.name",
    "prometheus_agent_open_config:mail.pwd.code",
];

fn reference() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/reference/hera");
    let folder = std::env::var_os("HERA_REFERENCE").map_or(beside, PathBuf::from);
    if folder.is_dir() {
        return Some(folder);
    }
    // Not by a print macro, whose words a passing test keeps to itself.
    let said = format!(
        "skipped: no upstream manifests in {}, HERA_REFERENCE may name them",
        folder.display()
    );
    writeln!(std::io::stderr(), "{said}").expect("standard error is open");
    None
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut paths: Vec<_> = fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}

fn upstream(files: &[PathBuf]) -> BTreeMap<String, Value> {
    let mut objects = BTreeMap::new();
    for path in files {
        let text = fs::read_to_string(path).expect("a manifest");
        for document in serde_yaml::Deserializer::from_str(&text) {
            let value: Value = serde::Deserialize::deserialize(document).expect("YAML");
            if value.is_null() {
                continue;
            }
            let name = value["metadata"]["name"].as_str().expect("a name");
            let id = format!("{}/{name}", value["kind"].as_str().expect("a kind"));
            assert!(objects.insert(id.clone(), value).is_none(), "twice: {id}");
        }
    }
    objects
}

/// Takes away what plimsoll adds to every object, and checks that it is there.
fn without_marks(id: &str, mut value: Value) -> Value {
    let metadata = value["metadata"].as_object_mut().expect("metadata");
    for (part, prefixes) in [
        ("labels", &["app.kubernetes.io/"][..]),
        ("annotations", &["plimsoll.dev/", "config.kubernetes.io/depends-on"][..]),
    ] {
        let map = metadata[part].as_object_mut().expect("marks");
        let before = map.len();
        map.retain(|key, _| !prefixes.iter().any(|prefix| key.starts_with(prefix)));
        assert!(map.len() < before, "{id} has no {part} of ours");
        if map.is_empty() {
            metadata.remove(part);
        }
    }
    value
}

/// The key by which the items of a list are told apart, if all have it.
fn item_key(lists: [&[Value]; 2]) -> Option<&'static str> {
    ["mountPath", "name"].into_iter().find(|key| {
        let all = lists.concat();
        let names: BTreeSet<&str> = all.iter().filter_map(|item| item[*key].as_str()).collect();
        lists.iter().all(|list| list.iter().all(|item| item[*key].is_string()))
            && lists.iter().all(|list| list.len() <= names.len())
    })
}

/// Every place at which two values differ. Files inside `ConfigMap`s are compared by what they say.
fn differ(theirs: Option<&Value>, ours: Option<&Value>, path: &str, found: &mut BTreeSet<String>) {
    match (theirs, ours) {
        (Some(Value::Object(a)), Some(Value::Object(b))) => {
            for key in a.keys().chain(b.keys()).collect::<BTreeSet<_>>() {
                // An explicit null of upstream counts as a difference, not as absent.
                differ(a.get(key), b.get(key), &format!("{path}.{key}"), found);
            }
        }
        (Some(Value::Array(a)), Some(Value::Array(b))) => match item_key([a, b]) {
            Some(key) => {
                let named = |list: &[Value]| -> BTreeMap<String, Value> {
                    list.iter()
                        .map(|one| (one[key].as_str().unwrap_or_default().to_owned(), one.clone()))
                        .collect()
                };
                let (a, b) = (named(a), named(b));
                for name in a.keys().chain(b.keys()).collect::<BTreeSet<_>>() {
                    differ(a.get(name), b.get(name), &format!("{path}.{name}"), found);
                }
            }
            None => {
                for index in 0..a.len().max(b.len()) {
                    differ(a.get(index), b.get(index), &format!("{path}.{index}"), found);
                }
            }
        },
        (Some(a), Some(b)) if same(path, a, b) => {}
        (None, None) => {}
        _ => {
            found.insert(path.replace(".spec.template.spec.", ".").clone());
        }
    }
}

fn same(path: &str, theirs: &Value, ours: &Value) -> bool {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let (a, b) = (text(theirs), text(ours));
    if !path.contains(".data.") {
        // `cpu: 1` and `cpu: "1"` are the same amount.
        return theirs == ours || (path.contains(".resources.") && a == b);
    }
    let extension = path.rsplit('.').next().unwrap_or("");
    match extension {
        "yml" | "yaml" | "rules" => {
            let read = |text: &str| serde_yaml::from_str::<Value>(text).expect("YAML");
            read(&a) == read(&b)
        }
        "conf" => settings(&a) == settings(&b),
        _ => a == b,
    }
}

fn settings(text: &str) -> BTreeMap<String, String> {
    text.lines()
        .filter(|line| !line.trim_start().starts_with('#'))
        .filter_map(|line| line.split_once('='))
        .map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned()))
        .collect()
}

fn compare(theirs: &BTreeMap<String, Value>, ours: BTreeMap<String, Value>) -> BTreeSet<String> {
    let ours: BTreeMap<_, _> =
        ours.into_iter().map(|(id, value)| (id.clone(), without_marks(&id, value))).collect();
    let mut found = BTreeSet::new();
    for id in theirs.keys().chain(ours.keys()).collect::<BTreeSet<_>>() {
        differ(theirs.get(id), ours.get(id), id, &mut found);
    }
    found
}

#[test]
fn only_the_allowed_differences_remain() {
    let Some(folder) = reference() else { return };
    let mut paths = Vec::new();
    files(&folder.join("ozhera_init"), &mut paths);
    paths.retain(|path| path.extension().is_some_and(|e| e == "yaml" || e == "yml"));
    paths.retain(|path| !path.ends_with("ozhera_nodeport.yml"));
    paths.push(folder.join("operator/ozhera_operator_auth.yaml"));
    let theirs = upstream(&paths);
    assert_eq!(theirs.len(), 78);
    let rendered = environment("upstream-parity", "");
    assert_eq!(rendered.resources().len(), 80);
    let found = compare(&theirs, objects(&rendered));
    let allowed: BTreeSet<String> = ALLOWED.iter().map(|(path, _)| (*path).to_owned()).collect();
    let unexpected: Vec<_> = found.difference(&allowed).collect();
    let gone: Vec<_> = allowed.difference(&found).collect();
    assert!(unexpected.is_empty() && gone.is_empty(), "new: {unexpected:#?}\ngone: {gone:#?}");
}

#[test]
fn with_node_ports_the_services_are_upstreams() {
    let Some(folder) = reference() else { return };
    let theirs = upstream(&[folder.join("ozhera_init/outer/ozhera_nodeport.yml")]);
    let layer = "access: {type: NodePort, nodeHost: 192.0.2.20}";
    let mut ours = objects(&environment("upstream-parity", layer));
    ours.retain(|id, _| theirs.contains_key(id));
    assert_eq!((theirs.len(), compare(&theirs, ours)), (6, BTreeSet::new()));
}

#[test]
fn the_operator_is_upstreams() {
    let Some(folder) = reference() else { return };
    let mut paths = Vec::new();
    files(&folder.join("operator"), &mut paths);
    let theirs = upstream(&paths);
    let layer = "namespace: ozhera-namespace\nimage: {registry: ''}";
    let ours = objects(&environment("operator-bootstrap", layer));
    assert_eq!((theirs.len(), compare(&theirs, ours)), (7, BTreeSet::new()));
}

#[test]
fn the_nacos_files_say_what_upstreams_say() {
    let Some(folder) = reference() else { return };
    let filled = [
        ("hera.datasource.url", "mone-db-all:3306"),
        ("hera.datasource.username", "root"),
        ("hera.datasource.password", "<secret:mysql.connection.password>"),
        ("hera.redis.url", "redis-service:6379"),
        ("hera.redis.password", ""),
        ("hera.es.url", "elasticsearch:9200"),
        ("hera.es.username", ""),
        ("hera.es.password", ""),
        ("hera.rocketmq.nameserver", "rocketmq-name-server-service:9876"),
        ("hera.rocketmq.ak", ""),
        ("hera.rocketmq.sk", ""),
        ("hera.nacos.address", "nacos:80"),
        ("hera.nacos.username", "nacos"),
        ("hera.nacos.password", "<secret:nacos.connection.password>"),
        ("hera.homepage.url", "192.0.2.10:80"),
        ("hera.tpc.url", "192.0.2.11:80"),
        ("tpc.login.fe.url", "192.0.2.12:80"),
        ("hera.grafana.url", "192.0.2.13:80"),
        ("hera.alertmanager.url", "192.0.2.14:80"),
        ("hera.prometheus.url", "192.0.2.15:80"),
    ];
    let secret = object(&environment("upstream-parity", ""), "Secret/hera-nacos-config");
    let mut paths = Vec::new();
    files(&folder.join("ozhera_init/nacos/config"), &mut paths);
    assert_eq!(paths.len(), 8);
    let mut found = BTreeSet::new();
    for path in paths {
        let name = path.file_name().and_then(|name| name.to_str()).expect("a name");
        let name = name.split("_#_").next().expect("a data id");
        let mut text = fs::read_to_string(&path).expect("a template");
        for (placeholder, value) in filled {
            text = text.replace(&format!("${{{placeholder}}}"), value);
        }
        assert!(!text.contains("${"), "{name}");
        let theirs = settings(&text);
        let key = format!("{name}.properties");
        let ours = settings(secret["stringData"][&key].as_str().expect("a file"));
        for key in theirs.keys().chain(ours.keys()) {
            if theirs.get(key) != ours.get(key) {
                found.insert(format!("{name}:{key}"));
            }
        }
    }
    let expected: BTreeSet<String> = MADE_UP.iter().map(|key| (*key).to_owned()).collect();
    assert_eq!(found, expected);
}
