//! `seed-exact`: its objects, waves, sums and names.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{containers, counts, environment, object, objects, set};

fn numbers<'a>(pairs: impl IntoIterator<Item = (&'a str, usize)>) -> BTreeMap<String, usize> {
    pairs.into_iter().map(|(name, count)| (name.to_owned(), count)).collect()
}

#[test]
fn there_are_80_objects() {
    let expected = numbers([
        ("Namespace", 1),
        ("ServiceAccount", 2),
        ("ClusterRole", 2),
        ("ClusterRoleBinding", 3),
        ("StorageClass", 2),
        ("PersistentVolume", 5),
        ("PersistentVolumeClaim", 5),
        ("ConfigMap", 7),
        ("Secret", 2),
        ("Service", 21),
        ("Deployment", 22),
        ("StatefulSet", 2),
        ("DaemonSet", 2),
        ("Job", 4),
    ]);
    let rendered = environment("seed-exact", "");
    assert_eq!((rendered.resources().len(), counts(&rendered)), (80, expected));
}

/// The components of each wave, the optional ones included.
const WAVES: [&[&str]; 11] = [
    &["namespace"],
    &[
        "access",
        "mysql",
        "redis",
        "elasticsearch",
        "rocketmq-namesrv",
        "alertmanager",
        "cadvisor",
        "node-exporter",
    ],
    &["mysql-init", "es-init", "rocketmq-broker", "rocketmq-dashboard", "grafana", "kibana"],
    &["nacos", "rocketmq-init"],
    &["nacos-config"],
    &[
        "hera-app",
        "log-manager",
        "log-agent-server",
        "log-stream",
        "tpc",
        "tpc-login",
        "trace-etl-manager",
        "trace-etl-server",
        "trace-etl-es",
        "prometheus",
    ],
    &["mimonitor", "tpc-login-fe", "tpc-fe"],
    &["hera-fe"],
    &["webhook"],
    &["demo-server"],
    &["demo-client"],
];

fn waves(layer: &str) -> Vec<BTreeSet<String>> {
    let mut waves: Vec<BTreeSet<String>> = Vec::new();
    for resource in environment("seed-exact", layer).resources() {
        let wave = usize::try_from(resource.wave()).expect("a small number");
        waves.resize_with(waves.len().max(wave + 1), BTreeSet::new);
        waves[wave].insert(resource.component().to_owned());
    }
    waves
}

#[test]
fn the_waves_are_nine_and_eleven_with_everything_on() {
    let optional = ["kibana", "demo-server", "demo-client"];
    let seed: Vec<_> = WAVES[..9]
        .iter()
        .map(|wave| {
            wave.iter().filter(|name| !optional.contains(name)).map(ToString::to_string).collect()
        })
        .collect();
    assert_eq!(waves(""), seed);
    let all: Vec<_> = WAVES.iter().map(|wave| set(wave)).collect();
    assert_eq!(waves("demo: {enabled: true}\nkibana: {enabled: true}"), all);
}

#[test]
fn six_services_face_users_and_nine_have_no_address() {
    let mut types = BTreeMap::new();
    let mut headless = 0;
    let mut ports = BTreeSet::new();
    for (name, service) in objects(&environment("seed-exact", "")) {
        if name.starts_with("Service/") {
            let spec = &service["spec"];
            *types.entry(spec["type"].as_str().unwrap_or("ClusterIP").to_owned()).or_default() += 1;
            headless += usize::from(spec["clusterIP"] == "None");
            ports.extend(spec["ports"][0]["nodePort"].as_u64());
        }
    }
    assert_eq!(types, numbers([("LoadBalancer", 6), ("NodePort", 1), ("ClusterIP", 14)]));
    assert_eq!((headless, ports), (9, BTreeSet::from([31081])));
}

#[test]
fn volumes_lie_on_the_given_node_and_sum_up() {
    let objects = objects(&environment("seed-exact", ""));
    let node = &Value::from("node-1");
    let size = |text: &Value| text.as_str().and_then(|t| t.strip_suffix("Gi")?.parse().ok());
    let (mut volumes, mut claims): (Vec<u32>, Vec<u32>) = (Vec::new(), Vec::new());
    for (name, object) in &objects {
        let spec = &object["spec"];
        if name.starts_with("PersistentVolume/") {
            volumes.extend(size(&spec["capacity"]["storage"]));
            let term = &spec["nodeAffinity"]["required"]["nodeSelectorTerms"][0];
            assert_eq!(&term["matchExpressions"][0]["values"][0], node, "{name}");
            assert!(spec["local"]["path"].as_str().unwrap().starts_with('/'), "{name}");
        } else if name.starts_with("PersistentVolumeClaim/") {
            claims.extend(size(&spec["resources"]["requests"]["storage"]));
        }
    }
    let of = |name: &str| size(&objects[name]["spec"]["capacity"]["storage"]);
    let sizes = [
        ("hera-mysql-pv", 10),
        ("prometheus-pv", 10),
        ("grafana-hera-namespace", 4),
        ("alertmanager-hera-namespace", 2),
        ("trace-etl-es-pv", 10),
    ];
    for (name, wanted) in sizes {
        assert_eq!(of(&format!("PersistentVolume/{name}")), Some(wanted), "{name}");
    }
    assert_eq!((volumes.iter().sum::<u32>(), claims.iter().sum::<u32>()), (36, 31));
}

/// Millicores and mebibytes.
fn amount(value: &Value) -> Option<u64> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    let units = [("m", 1), ("Mi", 1), ("Gi", 1024)];
    for (unit, factor) in units {
        if let Some(number) = text.strip_suffix(unit) {
            return Some(number.parse::<u64>().expect("a whole number") * factor);
        }
    }
    Some(text.parse::<u64>().expect("a number of cores") * 1000)
}

/// Sums over one node: requests as written, limits, and requests as the API server fills them.
pub(crate) fn sums(environment_name: &str, layer: &str) -> [(u64, u64); 3] {
    let mut sums = [(0, 0); 3];
    for (_, container) in containers(&environment(environment_name, layer)) {
        let resources = &container["resources"];
        let of = |part: &str, unit: &str| amount(&resources[part][unit]);
        let (cpu, memory) = (of("requests", "cpu"), of("requests", "memory"));
        let (cpu_limit, memory_limit) = (of("limits", "cpu"), of("limits", "memory"));
        let columns = [
            (cpu, memory),
            (cpu_limit, memory_limit),
            (cpu.or(cpu_limit), memory.or(memory_limit)),
        ];
        for (sum, column) in sums.iter_mut().zip(columns) {
            sum.0 += column.0.unwrap_or(0);
            sum.1 += column.1.unwrap_or(0);
        }
    }
    sums
}

#[test]
fn resources_sum_up() {
    assert_eq!(containers(&environment("seed-exact", "")).len(), 28);
    assert_eq!(sums("seed-exact", ""), [(3002, 10758), (10250, 36280), (10402, 40454)]);
    let demo = "demo: {enabled: true}";
    assert_eq!(containers(&environment("seed-exact", demo)).len(), 32);
    assert_eq!(sums("seed-exact", demo), [(3102, 10858), (11850, 42876), (11602, 44650)]);
    // What a further node adds.
    let daemons = containers(&environment("seed-exact", ""))
        .into_iter()
        .filter(|(name, _)| name.starts_with("DaemonSet/"))
        .map(|(_, container)| container["resources"]["requests"].clone())
        .map(|requests| (amount(&requests["cpu"]).unwrap(), amount(&requests["memory"]).unwrap()))
        .fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    assert_eq!(daemons, (402, 380));
}

#[test]
fn four_containers_have_no_resources_and_fifteen_only_limits() {
    let (mut none, mut limits) = (BTreeSet::new(), 0);
    for (_, container) in containers(&environment("seed-exact", "")) {
        let resources = &container["resources"];
        if resources.is_null() {
            none.insert(container["name"].as_str().unwrap().to_owned());
        } else if resources["requests"].is_null() {
            limits += 1;
        }
    }
    let expected = set(&["mysql", "redis", "prometheus-agent", "hera-webhook-server"]);
    assert_eq!((none, limits), (expected, 15));
}

#[test]
fn cluster_scoped_names_are_these() {
    let rendered = environment("seed-exact", "");
    let found: BTreeSet<String> = rendered
        .resources()
        .iter()
        .filter(|r| r.id().namespace.is_none())
        .map(|r| format!("{}/{}", r.id().kind, r.id().name))
        .collect();
    let expected = [
        "Namespace/hera-namespace",
        "ClusterRole/prometheus",
        "ClusterRole/node-viewer-role",
        "ClusterRoleBinding/prometheus",
        "ClusterRoleBinding/node-viewer-rolebinding",
        "ClusterRoleBinding/admin-mone",
        "StorageClass/hera-mysql-local-storage",
        "StorageClass/hera-trace-etl-local-storage",
        "PersistentVolume/hera-mysql-pv",
        "PersistentVolume/prometheus-pv",
        "PersistentVolume/grafana-hera-namespace",
        "PersistentVolume/alertmanager-hera-namespace",
        "PersistentVolume/trace-etl-es-pv",
    ];
    assert_eq!(found, set(&expected));
}

#[test]
fn pods_that_share_the_work_know_their_names() {
    let rendered = environment("seed-exact", "");
    for name in ["StatefulSet/log-stream", "StatefulSet/trace-etl-es"] {
        let variable =
            &object(&rendered, name)["spec"]["template"]["spec"]["containers"][0]["env"][0];
        assert_eq!(variable["name"], "MONE_CONTAINER_S_POD_NAME", "{name}");
        assert_eq!(variable["valueFrom"]["fieldRef"]["fieldPath"], "metadata.name", "{name}");
    }
}

#[test]
fn nothing_empty_is_written_but_what_the_api_server_would_write() {
    fn walk(value: &Value, path: &str, found: &mut Vec<String>) {
        match value {
            Value::Null => found.push(path.to_owned()),
            Value::Object(map) if map.is_empty() => found.push(path.to_owned()),
            Value::Object(map) => {
                map.iter().for_each(|(key, value)| walk(value, &format!("{path}.{key}"), found));
            }
            Value::Array(list) if list.is_empty() => found.push(path.to_owned()),
            Value::Array(list) => list.iter().for_each(|value| walk(value, path, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    for (name, object) in objects(&environment("seed-exact", "")) {
        walk(&object, &name, &mut found);
    }
    assert_eq!(found, ["DaemonSet/cadvisor.spec.template.spec.securityContext"]);
}
