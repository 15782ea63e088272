//! The configuration files, key by key.

use std::collections::BTreeMap;

use plimsoll::Rendered;

use super::{object, rendered, seed};

fn file(rendered: &Rendered, config_map: &str, key: &str) -> String {
    let object = object(rendered, "ConfigMap", config_map);
    object["data"][key].as_str().unwrap_or_else(|| panic!("no {key} in {config_map}")).to_owned()
}

/// `section.key` and value of each line, as the services' start script reads them: split at the first `=`.
fn keys(text: &str) -> BTreeMap<String, String> {
    let (mut section, mut keys) = (String::new(), BTreeMap::new());
    for line in text.lines().filter(|line| !line.is_empty()) {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            name.clone_into(&mut section);
        } else {
            let (key, value) = line.split_once('=').expect("a key and a value");
            keys.insert(format!("{section}.{key}"), value.to_owned());
        }
    }
    keys
}

/// A ConfigMap, its key, the sections and keys that the file must have, and the pairs themselves.
type File = (&'static str, &'static str, usize, usize, &'static [(&'static str, &'static str)]);

const BROKER: &str = "kafka-0.kafka-headless:9092";

const FILES: [File; 9] = [
    (
        "aops-system",
        "system.ini",
        5,
        12,
        &[
            ("log.log_level", "INFO"),
            ("log.log_dir", "/var/log/aops"),
            ("log.max_bytes", "31457280"),
            ("log.backup_count", "40"),
            ("manager.ip", "aops-manager"),
            ("manager.port", "11111"),
            ("database.ip", "aops-database"),
            ("database.port", "11119"),
            ("check_scheduler.ip", "adoctor-check-scheduler"),
            ("check_scheduler.port", "11112"),
            ("diag_scheduler.ip", "adoctor-diag-scheduler"),
            ("diag_scheduler.port", "11113"),
        ],
    ),
    (
        "aops-manager",
        "manager.ini",
        3,
        10,
        &[
            ("manager.ip", "0.0.0.0"),
            ("manager.port", "11111"),
            ("manager.host_vault_dir", "/opt/aops"),
            ("manager.host_vars", "/opt/aops/host_vars/"),
            ("database.ip", "aops-database"),
            ("database.port", "11119"),
            ("uwsgi.wsgi-file", "manage.py"),
            ("uwsgi.daemonize", "/var/log/aops/uwsgi/manager.log"),
            ("uwsgi.http-timeout", "600"),
            ("uwsgi.harakiri", "600"),
        ],
    ),
    (
        "aops-database",
        "database.ini",
        5,
        18,
        &[
            ("database.ip", "0.0.0.0"),
            ("database.port", "11119"),
            ("elasticsearch.ip", "elasticsearch"),
            ("elasticsearch.port", "9200"),
            ("elasticsearch.max_es_query_num", "10000000"),
            ("mysql.ip", "mysql"),
            ("mysql.port", "3306"),
            ("mysql.database_name", "aops"),
            ("mysql.engine_format", "mysql+pymysql://@%s:%s/%s"),
            ("mysql.pool_size", "10000"),
            ("mysql.pool_recycle", "7200"),
            ("prometheus.ip", "prometheus"),
            ("prometheus.port", "9090"),
            ("prometheus.disable_ssl", "True"),
            ("uwsgi.wsgi-file", "manage.py"),
            ("uwsgi.daemonize", "/var/log/aops/uwsgi/database.log"),
            ("uwsgi.http-timeout", "600"),
            ("uwsgi.harakiri", "600"),
        ],
    ),
    (
        "adoctor-check-scheduler",
        "check_scheduler.ini",
        4,
        26,
        &[
            ("producer.kafka_server_list", BROKER),
            ("producer.api_version", "0.11.5"),
            ("producer.acks", "1"),
            ("producer.retries", "3"),
            ("producer.retry_backoff_ms", "100"),
            ("consumer.kafka_server_list", BROKER),
            ("consumer.group_id", "DiagGroup"),
            ("consumer.enable_auto_commit", "False"),
            ("consumer.auto_offset_reset", "earliest"),
            ("consumer.timeout_ms", "5"),
            ("consumer.max_records", "3"),
            ("check_scheduler.ip", "0.0.0.0"),
            ("check_scheduler.port", "11112"),
            ("check_scheduler.max_retry_num", "3"),
            ("check_scheduler.cool_down_time", "120"),
            ("check_scheduler.max_dead_retry_task", "10000"),
            ("check_scheduler.dead_retry_task_discount", "0.5"),
            ("check_scheduler.backward_task_step", "60"),
            ("check_scheduler.backward_task_interval", "60"),
            ("check_scheduler.backward_min_timestamp", "1630429261"),
            ("check_scheduler.forward_task_interval", "60"),
            ("check_scheduler.forward_max_task_step", "86400"),
            ("uwsgi.wsgi-file", "manage.py"),
            ("uwsgi.daemonize", "/var/log/aops/uwsgi/check_scheduler.log"),
            ("uwsgi.http-timeout", "600"),
            ("uwsgi.harakiri", "600"),
        ],
    ),
    (
        "adoctor-check-executor",
        "check_executor.ini",
        3,
        13,
        &[
            ("consumer.kafka_server_list", BROKER),
            ("consumer.enable_auto_commit", "False"),
            ("consumer.auto_offset_reset", "earliest"),
            ("consumer.timeout_ms", "5"),
            ("consumer.max_records", "3"),
            ("producer.kafka_server_list", BROKER),
            ("producer.api_version", "0.11.5"),
            ("producer.acks", "1"),
            ("producer.retries", "3"),
            ("producer.retry_backoff_ms", "100"),
            ("executor.plugin_path", "adoctor_check_executor.check_rule_plugins"),
            ("executor.do_check_consumer_num", "2"),
            ("executor.sample_period", "15"),
        ],
    ),
    (
        "adoctor-diag-scheduler",
        "diag_scheduler.ini",
        4,
        12,
        &[
            ("producer.kafka_server_list", BROKER),
            ("producer.api_version", "0.11.5"),
            ("producer.acks", "1"),
            ("producer.retries", "3"),
            ("producer.retry_backoff_ms", "100"),
            ("topic.name", "DIAGNOSE_EXECUTE_REQ"),
            ("diag_scheduler.ip", "0.0.0.0"),
            ("diag_scheduler.port", "11113"),
            ("uwsgi.wsgi-file", "manage.py"),
            ("uwsgi.daemonize", "/var/log/aops/uwsgi/diag_scheduler.log"),
            ("uwsgi.http-timeout", "600"),
            ("uwsgi.harakiri", "600"),
        ],
    ),
    (
        "adoctor-diag-executor",
        "diag_executor.ini",
        2,
        7,
        &[
            ("consumer.kafka_server_list", BROKER),
            ("consumer.group_id", "DiagGroup"),
            ("consumer.enable_auto_commit", "False"),
            ("consumer.auto_offset_reset", "earliest"),
            ("consumer.timeout_ms", "5"),
            ("consumer.max_records", "3"),
            ("topic.name", "DIAGNOSE_EXECUTE_REQ"),
        ],
    ),
    (
        "gala-ragdoll",
        "gala-ragdoll.conf",
        3,
        6,
        &[
            ("git.git_dir", "\"/home/confTraceTest\""),
            ("git.user_name", "\"aops\""),
            ("git.user_email", "\"aops@example.com\""),
            ("collect.collect_address", "\"http://aops-manager:11111\""),
            ("collect.collect_api", "\"/manage/config/collect\""),
            ("ragdoll.port", "11114"),
        ],
    ),
    (
        "gala-spider",
        "gala-spider.conf",
        7,
        11,
        &[
            ("global.data_source", "\"kafka\""),
            ("global.ui_source", "\"xxx\""),
            ("kafka.topic", "gala_gopher"),
            ("kafka.broker", "[\"kafka-0.kafka-headless:9092\"]"),
            ("promecheus.broker", ""),
            ("table_info.base_table_name", "[\"tcp_link\", \"lvs_link\"]"),
            (
                "table_info.other_table_name",
                "[\"nginx_statistic\" , \"lvs_link\" , \"haproxy_link\" , \"dnsmasq_link\"]",
            ),
            ("option.exclude_addr", "['1.2.3.4']"),
            ("spider.port", "11115"),
            ("temp_path.temp_tcp_file", "\"/var/tmp/spider/tcpline.txt\""),
            ("temp_path.temp_other_file", "\"/var/tmp/spider/otherline.txt\""),
        ],
    ),
];

#[test]
fn the_ini_files_have_exactly_their_keys() {
    let seed = seed();
    for (config_map, name, sections, count, pairs) in FILES {
        let text = file(seed, config_map, name);
        let found = keys(&text);
        let wanted: BTreeMap<_, _> =
            pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        assert_eq!(found, wanted, "{name}");
        let headers = text.lines().filter(|line| line.starts_with('[')).count();
        let lines = text.lines().filter(|line| !line.is_empty()).count();
        assert_eq!((headers, lines - headers), (sections, count), "{name}");
    }
}

#[test]
fn the_middleware_files_have_their_settings() {
    let seed = seed();
    let cases: [(&str, &str, &[&str]); 3] = [
        (
            "zookeeper",
            "zoo.cfg",
            &[
                "tickTime=2000",
                "initLimit=10",
                "syncLimit=1",
                "dataDir=/data",
                "clientPort=2181",
                "maxClientCnxns=10000",
                "autopurge.snapRetainCount=100",
                "autopurge.purgeInterval=24",
                "server.1=zookeeper-0.zookeeper-headless:2888:3888",
            ],
        ),
        (
            "kafka",
            "server.properties",
            &[
                "broker.id=0",
                "message.max.bytes=1073741824",
                "listeners=PLAINTEXT://0.0.0.0:9092",
                "num.network.threads=16",
                "num.io.threads=32",
                "socket.send.buffer.bytes=102400",
                "socket.receive.buffer.bytes=102400",
                "socket.request.max.bytes=1073741824",
                "log.dirs=/kafka/data",
                "num.partitions=1",
                "num.recovery.threads.per.data.dir=1",
                "offsets.topic.replication.factor=1",
                "transaction.state.log.replication.factor=1",
                "transaction.state.log.min.isr=1",
                "default.replication.factor=1",
                "min.insync.replicas=1",
                "log.flush.interval.ms=1000",
                "log.retention.hours=120",
                "log.segment.bytes=1073741824",
                "log.retention.check.interval.ms=300000",
                "zookeeper.connect=zookeeper-0.zookeeper-headless:2181",
                "zookeeper.connection.timeout.ms=60000",
                "group.initial.rebalance.delay.ms=0",
            ],
        ),
        ("mysql", "my.cnf", &["[mysqld]", "port=3306", "max_connections=10100"]),
    ];
    for (config_map, name, wanted) in cases {
        assert_eq!(file(seed, config_map, name).lines().collect::<Vec<_>>(), wanted, "{name}");
    }
    let yaml = |config_map: &str, name: &str| -> serde_json::Value {
        serde_yaml::from_str(&file(seed, config_map, name)).expect("YAML")
    };
    let prometheus = yaml("prometheus", "prometheus.yml");
    assert_eq!(prometheus["global"]["scrape_interval"], "15s");
    let discovery = &prometheus["scrape_configs"][0]["dns_sd_configs"][0];
    assert_eq!(discovery["names"][0], "node-exporter");
    assert_eq!((&discovery["type"], &discovery["port"]), (&"A".into(), &9100.into()));
    let elasticsearch = yaml("elasticsearch", "elasticsearch.yml");
    assert_eq!(elasticsearch["cluster.name"], "myApp");
    assert_eq!(elasticsearch["cluster.initial_master_nodes"][0], "elasticsearch-0");
    assert_eq!(elasticsearch["xpack.security.enabled"], false);
    let fluent = file(seed, "fluentd", "fluent.conf");
    for line in [
        "path /root/.bash_history",
        "port 61122",
        "data_item dmesg",
        "host elasticsearch",
        "port 9200",
    ] {
        assert!(fluent.lines().any(|found| found.trim() == line), "{line}\n{fluent}");
    }
}

#[test]
fn the_probes_of_gopher_are_those_of_the_seed() {
    let text = file(seed(), "gala-gopher", "gala-gopher.conf");
    let (_, rest) = text.split_once("\nprobes = (").expect("probes");
    let (probes, extended) = rest.split_once("extend_probes = (").expect("extended probes");
    let names = |text: &str| -> Vec<String> {
        text.lines()
            .filter_map(|line| line.trim().strip_prefix("name = \"")?.strip_suffix("\";"))
            .map(str::to_owned)
            .collect()
    };
    let wanted = ["example", "system_meminfo", "system_vmstat", "system_tcp", "system_inode"];
    assert_eq!(names(probes), wanted);
    assert_eq!(names(extended), ["redis", "tcp", "dnsmasq", "haproxy", "nginx", "lvs"]);
    assert_eq!(extended.matches("check_type = \"count\";").count(), 4);
    assert_eq!(extended.matches("switch = \"auto\";").count(), 4);
    assert!(extended.contains("start_check = \"lsmod | grep ip_vs | wc -l\";"), "{extended}");
    assert!(text.contains("kafka_topic = \"gala_gopher\";"), "{text}");
    // libconfig takes no comma behind the last item.
    let flat: String = text.split_whitespace().collect();
    assert!(!flat.contains("},)") && flat.matches("},{").count() == 4 + 5, "{text}");
}

#[test]
fn nginx_routes_eight_paths_and_only_to_services_that_are_there() {
    let routes = |environment: &str| -> Vec<(String, String)> {
        let text = file(&rendered(environment, ""), "aops-web", "aops-nginx.conf");
        assert_eq!(text.matches('{').count(), text.matches('}').count(), "{text}");
        let mut routes = Vec::new();
        let mut path = "";
        for line in text.lines().map(str::trim) {
            if let Some(rest) = line.strip_prefix("location ") {
                path = rest.trim_end_matches(" {");
            } else if let Some(rest) = line.strip_prefix("proxy_pass http://") {
                routes.push((path.to_owned(), rest.trim_end_matches(';').to_owned()));
            }
        }
        let rewrites = text.matches("rewrite ^/api/(.*) /$1 break;").count();
        assert_eq!(rewrites, routes.len() - 1, "all but the manager's\n{text}");
        routes
    };
    let wanted = [
        ("/api/", "aops-manager:11111/"),
        ("/api/domain", "gala-ragdoll:11114/"),
        ("/api/host", "gala-ragdoll:11114/"),
        ("/api/confs", "gala-ragdoll:11114/"),
        ("/api/management", "gala-ragdoll:11114/"),
        ("/api/check", "adoctor-check-scheduler:11112/"),
        ("/api/diag", "adoctor-diag-scheduler:11113/"),
        ("/api/gala-spider", "gala-spider:11115/"),
    ];
    let wanted = wanted.map(|(path, target)| (path.to_owned(), target.to_owned()));
    assert_eq!(routes("seed-exact"), wanted);
    let small: Vec<_> = routes("small").into_iter().map(|(path, _)| path).collect();
    assert_eq!(small, ["/api/", "/api/check", "/api/diag"]);
}

#[test]
fn the_task_has_fourteen_steps_in_order() {
    let seed = seed();
    let text = file(seed, "aops-manager", "95c3e692ff3811ebbcd3a89d3a259eef.yml");
    let task: serde_json::Value = serde_yaml::from_str(&text).expect("YAML");
    let steps = task["step_list"].as_object().expect("steps");
    let order = "zookeeper kafka prometheus node_exporter mysql elasticsearch fluentd adoctor_check_executor \
                 adoctor_check_scheduler adoctor_diag_executor adoctor_diag_scheduler gala_gopher gala_spider gala_ragdoll";
    assert_eq!(steps.keys().map(String::as_str).collect::<Vec<_>>().join(" "), order);
    for (name, flags) in steps {
        assert_eq!(
            (&flags["enable"], &flags["continue"]),
            (&(name == "zookeeper").into(), &false.into())
        );
    }
    assert_eq!(
        keys(&file(seed, "aops-manager", "ansible.cfg"))["defaults.host_key_checking"],
        "False"
    );
    let tasks = file(seed, "aops-database", "default.json");
    let tasks: serde_json::Value = serde_json::from_str(&tasks).expect("JSON");
    assert_eq!(tasks["tasks"][0]["task_id"], "95c3e692ff3811ebbcd3a89d3a259eef");
    assert_eq!(tasks["tasks"][0]["host_list"], serde_json::json!([]));
}

#[test]
fn inventories_are_written_for_steps_that_have_hosts() {
    let layer = "aopsManager: {inventory: {\
                 zookeeper: [{name: node-1, ansibleHost: 192.168.1.20, vars: {myid: 1}}],\
                 kafka: [{name: node-2, ansibleHost: 192.168.1.21, vars: {kafka_id: 0, kafka_port: 9092}}]}}";
    let changed = rendered("seed-exact", layer);
    let map = object(&changed, "ConfigMap", "aops-manager");
    let files: Vec<_> = map["data"]
        .as_object()
        .unwrap()
        .keys()
        .filter(|key| key.starts_with("inventory"))
        .collect();
    assert_eq!(files, ["inventory-zookeeper", "inventory-kafka"]);
    let text = file(&changed, "aops-manager", "inventory-kafka");
    let inventory: serde_json::Value = serde_yaml::from_str(&text).expect("YAML");
    let host = &inventory["kafka_hosts"]["hosts"]["node-2"];
    assert_eq!(host["ansible_host"], "192.168.1.21");
    assert_eq!(host["ansible_python_interpreter"], "/usr/bin/python3");
    assert_eq!(host["kafka_port"], 9092);
    assert_eq!(inventory["zookeeper_hosts"]["hosts"]["node-1"]["myid"], 1);
    let pod = object(&changed, "Deployment", "aops-manager").to_string();
    assert!(pod.contains("ansible_handler/inventory/kafka"), "{pod}");
}

/// Every file of a release: ConfigMap, key and text.
fn files(rendered: &Rendered) -> Vec<(String, String)> {
    let maps = rendered.resources().iter().filter(|r| r.id().kind == "ConfigMap");
    maps.flat_map(|map| {
        let value = map.to_value();
        let data = value["data"].as_object().cloned().unwrap_or_default();
        data.into_iter().map(|(key, text)| (key, text.as_str().unwrap_or_default().to_owned()))
    })
    .collect()
}

#[test]
fn no_file_names_the_loopback() {
    for environment in ["seed-exact", "existing-middleware", "agents", "production"] {
        for (name, text) in files(&rendered(environment, "")) {
            assert!(!text.contains("127.0.0.1"), "{environment} {name}");
            let lines = text.lines().filter(|line| line.contains("localhost"));
            assert!(lines.clone().all(|line| line.trim() == "server_name localhost;"), "{name}");
        }
    }
}

#[test]
fn the_list_of_brokers_stands_in_eight_places_of_six_files() {
    let changed = rendered("seed-exact", "kafka: {replicas: 3}");
    let plain =
        "kafka-0.kafka-headless:9092,kafka-1.kafka-headless:9092,kafka-2.kafka-headless:9092";
    let quoted = format!("[\"{}\"]", plain.replace(',', "\", \""));
    let (mut places, mut holders) = (0, Vec::new());
    for (name, text) in files(&changed) {
        let count = text.matches(plain).count() + text.matches(&quoted).count();
        if count > 0 {
            holders.push(name);
        }
        places += count;
        assert_eq!(text.matches("kafka-0.").count(), count, "an address besides the list");
    }
    holders.sort();
    let wanted = [
        "check_executor.ini",
        "check_scheduler.ini",
        "diag_executor.ini",
        "diag_scheduler.ini",
        "gala-gopher.conf",
        "gala-spider.conf",
    ];
    assert_eq!((places, holders), (8, wanted.map(str::to_owned).to_vec()));
    let properties = file(&changed, "kafka", "server.properties");
    for line in [
        "offsets.topic.replication.factor=3",
        "default.replication.factor=3",
        "min.insync.replicas=2",
    ] {
        assert!(properties.lines().any(|found| found == line), "{line}\n{properties}");
    }
}

#[test]
fn what_runs_elsewhere_is_named_by_its_address() {
    let release = rendered("existing-middleware", "mysql: {external: {port: 3307}}");
    let database = keys(&file(&release, "aops-database", "database.ini"));
    assert_eq!(database["mysql.ip"], "mysql.example.com");
    assert_eq!(database["mysql.port"], "3307");
    assert_eq!(database["elasticsearch.port"], "9200");
    let check = keys(&file(&release, "adoctor-check-executor", "check_executor.ini"));
    let brokers = "kafka-1.example.com:9092,kafka-2.example.com:9092";
    assert_eq!(check["consumer.kafka_server_list"], brokers);
    let spider = keys(&file(&release, "gala-spider", "gala-spider.conf"));
    assert_eq!(
        spider["kafka.broker"],
        "[\"kafka-1.example.com:9092\", \"kafka-2.example.com:9092\"]"
    );
    let fluent = file(&release, "fluentd", "fluent.conf");
    assert!(fluent.contains("host elasticsearch.example.com"), "{fluent}");
}

#[test]
fn derived_values_follow_their_source() {
    let layer = "zookeeper: {replicas: 3}\nprometheus: {scrapeInterval: 1m}\nmysql: {poolSize: 50}\n\
                 kafka: {topics: {diagnose: D, probes: P}}\nports: {manager: 12345}";
    let changed = rendered("seed-exact", layer);
    let zoo = file(&changed, "zookeeper", "zoo.cfg");
    assert!(zoo.contains("server.3=zookeeper-2.zookeeper-headless:2888:3888\n"), "{zoo}");
    let properties = file(&changed, "kafka", "server.properties");
    let connect = "zookeeper.connect=zookeeper-0.zookeeper-headless:2181,zookeeper-1.zookeeper-headless:2181,zookeeper-2.zookeeper-headless:2181";
    assert!(properties.contains(connect), "{properties}");
    let check = keys(&file(&changed, "adoctor-check-executor", "check_executor.ini"));
    assert_eq!(check["executor.sample_period"], "60");
    assert!(file(&changed, "mysql", "my.cnf").contains("max_connections=150\n"));
    for (map, name) in [
        ("adoctor-diag-scheduler", "diag_scheduler.ini"),
        ("adoctor-diag-executor", "diag_executor.ini"),
    ] {
        assert_eq!(keys(&file(&changed, map, name))["topic.name"], "D");
    }
    assert_eq!(keys(&file(&changed, "gala-spider", "gala-spider.conf"))["kafka.topic"], "P");
    assert!(file(&changed, "gala-gopher", "gala-gopher.conf").contains("kafka_topic = \"P\";"));
    let ragdoll = keys(&file(&changed, "gala-ragdoll", "gala-ragdoll.conf"));
    assert_eq!(ragdoll["collect.collect_address"], "\"http://aops-manager:12345\"");
}
