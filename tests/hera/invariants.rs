//! What one value changes, and what it must not.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{changed, environment, in_namespace, object, objects, set};

const FILES: [&str; 8] = [
    "hera_app_config",
    "hera_log_manager_open",
    "hera_trace_config",
    "log_stream_dataId_open",
    "mi_tpc",
    "mi_tpc_login",
    "mimonitor_open_config",
    "prometheus_agent_open_config",
];

fn file(name: &str) -> String {
    format!("Secret/hera-nacos-config:{name}.properties")
}

#[test]
fn another_database_reaches_all_who_use_it() {
    let layer = "mysql: {connection: {url: other.example.com:3307}}";
    let by_hand = "init: {mysql: {enabled: false}}\n";
    let before = environment("existing-middleware", by_hand);
    let after = environment("existing-middleware", &format!("{by_hand}{layer}"));
    let readers: BTreeSet<String> =
        FILES.iter().filter(|name| **name != "log_stream_dataId_open").map(|n| file(n)).collect();
    assert_eq!(readers.len(), 7);
    // Nacos runs elsewhere here, too.
    assert_eq!(changed(&before, &after), readers);

    let own = "nacos: {create: true, connection: {address: \"nacos:80\"}}\n";
    let before = environment("existing-middleware", &format!("{by_hand}{own}"));
    let after = environment("existing-middleware", &format!("{by_hand}{own}{layer}"));
    let with_nacos: BTreeSet<String> =
        readers.iter().cloned().chain(["Deployment/nacos".to_owned()]).collect();
    assert_eq!(changed(&before, &after), with_nacos);

    // The Job that sets the database up has to find it, too.
    let before = environment("existing-middleware", own);
    let after = environment("existing-middleware", &format!("{own}{layer}"));
    let with_job: BTreeSet<String> =
        with_nacos.iter().cloned().chain(["Job/hera-mysql-init".to_owned()]).collect();
    assert_eq!(changed(&before, &after), with_job);
}

#[test]
fn exporter_ports_change_in_four_places() {
    let seed = environment("seed-exact", "");
    let cases = [
        (
            "cadvisor: {port: 5196}",
            "cadvisor",
            "--port=5196",
            "mione.k8s.container.port=5196",
            5196,
        ),
        (
            "nodeExporter: {port: 9102}",
            "node-exporter",
            "--web.listen-address=:9102",
            "mione.k8s.node.port=9102",
            9102,
        ),
    ];
    for (layer, name, argument, setting, port) in cases {
        let after = environment("seed-exact", layer);
        let agent = file("prometheus_agent_open_config");
        assert_eq!(changed(&seed, &after), set(&[&format!("DaemonSet/{name}"), &agent]));
        let daemon = object(&after, &format!("DaemonSet/{name}"));
        let container = &daemon["spec"]["template"]["spec"]["containers"][0];
        assert_eq!(container["ports"][0]["hostPort"], port);
        assert_eq!(container["ports"][0]["containerPort"], port);
        assert!(container["args"].as_array().unwrap().contains(&Value::from(argument)));
        let files = object(&after, "Secret/hera-nacos-config");
        let text = files["stringData"]["prometheus_agent_open_config.properties"].as_str();
        assert!(text.unwrap().lines().any(|line| line == setting), "{text:?}");
    }
}

#[test]
fn another_namespace_leaves_no_other_mention() {
    let layer = "webhook: {create: false}\ndemo: {enabled: true}";
    let kept = [
        "prometheus-hera-namespace",
        "grafana-hera-namespace",
        "alertmanager-hera-namespace",
        "elasticsearch-hera-namespace",
    ];
    let check = |text: &str| {
        let left = kept.iter().fold(text.to_owned(), |text, name| text.replace(name, ""));
        assert!(!left.contains("hera-namespace"), "{left}");
    };
    check(&in_namespace("seed-exact", "observability", layer).to_yaml());
    check(&environment("seed-exact", &format!("{layer}\nnamespace: observability")).to_yaml());
    check(&in_namespace("production", "observability", layer).to_yaml());
}

#[test]
fn more_queues_mean_more_pods_of_both_readers() {
    let nodes = "rocketmq: {queueSize: 2}\ntraceEtlEs: {persistence: {nodeNames: [a, b]}}";
    let after = environment("production", nodes);
    let three = environment("production", "");
    let pods = |name: &str| object(&after, name)["spec"]["replicas"].clone();
    assert_eq!(pods("Deployment/trace-etl-server"), 2);
    assert_eq!(pods("StatefulSet/trace-etl-es"), 2);
    let job = object(&after, "Job/hera-rocketmq-init");
    let env = job["spec"]["template"]["spec"]["containers"][0]["env"].as_array().unwrap().clone();
    assert!(env.contains(&serde_json::json!({"name": "QUEUES", "value": "2"})), "{env:?}");
    let volumes = |name: &String| name.starts_with("PersistentVolume/");
    let changed: BTreeSet<_> =
        changed(&three, &after).into_iter().filter(|name| !volumes(name)).collect();
    let expected =
        ["Job/hera-rocketmq-init", "Deployment/trace-etl-server", "StatefulSet/trace-etl-es"];
    assert_eq!(changed, set(&expected));
}

#[test]
fn no_placeholder_is_left_in_any_file() {
    let names = ["seed-exact", "nodeport", "minimal", "existing-middleware", "production"];
    for name in names {
        for (object, value) in objects(&environment(name, "demo: {enabled: true}")) {
            for part in ["data", "stringData"] {
                for (key, text) in value[part].as_object().into_iter().flatten() {
                    assert!(!text.as_str().unwrap().contains("${"), "{name} {object}:{key}");
                }
            }
        }
        let files = object(&environment(name, ""), "Secret/hera-nacos-config");
        let keys: BTreeSet<String> =
            files["stringData"].as_object().unwrap().keys().cloned().collect();
        let expected: BTreeSet<String> =
            FILES.iter().map(|name| format!("{name}.properties")).collect();
        assert_eq!(keys, expected);
    }
}

#[test]
fn topics_and_indexes_of_the_files_are_created() {
    let rendered = environment("seed-exact", "");
    let listed = |job: &str, variable: &str| -> BTreeSet<String> {
        let job = object(&rendered, job);
        let env =
            job["spec"]["template"]["spec"]["containers"][0]["env"].as_array().unwrap().clone();
        let value = env.iter().find(|one| one["name"] == variable).unwrap()["value"].clone();
        value.as_str().unwrap().split(' ').map(str::to_owned).collect()
    };
    let topics = listed("Job/hera-rocketmq-init", "TOPICS");
    let indexes = listed("Job/hera-es-init", "TEMPLATES");
    assert_eq!((topics.len(), indexes.len()), (7, 8));
    let files = object(&rendered, "Secret/hera-nacos-config");
    let (mut used_topics, mut used_indexes) = (0, 0);
    for text in files["stringData"].as_object().unwrap().values() {
        for (key, value) in text.as_str().unwrap().lines().filter_map(|line| line.split_once('=')) {
            if key.ends_with(".topic") || key.contains(".topic.hera") {
                assert!(topics.contains(value), "{key}={value}");
                used_topics += 1;
            } else if key == "esIndex" || key.ends_with(".index") {
                assert!(indexes.contains(value), "{key}={value}");
                used_indexes += 1;
            }
        }
    }
    assert!(used_topics >= 5 && used_indexes >= 2, "{used_topics} {used_indexes}");
}

#[test]
fn queue_addresses_follow_the_namespace() {
    let rendered =
        in_namespace("seed-exact", "demo-7", "webhook: {create: false}\ndemo: {enabled: true}");
    let text = rendered.to_yaml();
    assert_eq!(text.matches("rocketmq-name-server-service.demo-7:9876").count(), 2);
    assert_eq!(text.matches("nacos.demo-7:80").count(), 1);
}

#[test]
fn a_value_cannot_break_a_configuration_file() {
    // What a .properties file would take for something else stays what it is.
    let layer = "mail: {user: \"a=b: #c ! d\"}\nlogin: {github: {clientId: \"ü\"}}";
    let files = object(&environment("seed-exact", layer), "Secret/hera-nacos-config");
    let text =
        |name: &str| files["stringData"][format!("{name}.properties")].as_str().unwrap().to_owned();
    let agent = text("prometheus_agent_open_config");
    assert!(agent.lines().any(|line| line == "mail.user.name=a=b: #c ! d"), "{agent}");
    let login = text("mi_tpc_login");
    assert!(login.to_lowercase().contains("github.client_id=\\u00fc"), "{login}");
}

#[test]
fn grafana_can_keep_its_data_in_mysql() {
    let after = environment("seed-exact", "grafana: {database: {type: mysql}}");
    let ini = object(&after, "ConfigMap/grafana-config")["data"]["grafana.ini"].clone();
    let ini = ini.as_str().unwrap();
    for line in ["type=mysql", "host=mone-db-all:3306", "name=mione_hera_grafana", "user=root"] {
        assert!(ini.lines().any(|one| one == line), "{line} in {ini}");
    }
    let pod = object(&after, "Deployment/grafana").to_string();
    assert!(pod.contains("GF_DATABASE_PASSWORD"), "{pod}");
    assert!(!ini.contains("password"), "no secret in a ConfigMap: {ini}");
}
