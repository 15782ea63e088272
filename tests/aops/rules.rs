//! What the chart refuses, and what it warns of.

use super::{rendered, with_layer};

/// Bad input, and words that the message or its hint must hold.
const REFUSED: [(&str, &str); 65] = [
    // What cannot run without what.
    (
        "steps: {kafka: {enable: false}}",
        "these need a broker: adoctor_check_executor, adoctor_check_scheduler, adoctor_diag_executor, adoctor_diag_scheduler, gala_gopher, gala_spider",
    ),
    ("steps: {mysql: {enable: false}}", "these need MySQL: aops-database"),
    ("steps: {elasticsearch: {enable: false}}", "these need Elasticsearch: aops-database, fluentd"),
    ("steps: {prometheus: {enable: false}}", "these need Prometheus: aops-database"),
    ("steps: {zookeeper: {enable: false}}", "these need a ZooKeeper: kafka"),
    (
        "controlPlane: {database: {enable: false}}",
        "these need aops-database: aops-manager, adoctor_",
    ),
    ("controlPlane: {manager: {enable: false}}", "these need aops-manager: gala_ragdoll, aops-web"),
    ("mysql: {external: {host: db.example.com}}", "there are two"),
    ("kafka: {external: {bootstrapServers: 'k.example.com:9092'}}", "there are two"),
    // Addresses.
    ("steps: {mysql: {enable: false}}\nmysql: {external: {host: localhost}}", "loopback"),
    (
        "steps: {elasticsearch: {enable: false}}\nelasticsearch: {external: {host: 127.0.0.1}}",
        "loopback",
    ),
    ("steps: {prometheus: {enable: false}}\nprometheus: {external: {host: 127.0.0.1}}", "loopback"),
    ("steps: {zookeeper: {enable: false}}\nzookeeper: {external: {host: localhost}}", "loopback"),
    (
        "steps: {kafka: {enable: false}}\nkafka: {external: {bootstrapServers: 'a.b:9092,127.0.0.1:9092'}}",
        "loopback",
    ),
    ("aopsDatabase: {ip: 127.0.0.1}", "unknown key `aopsDatabase.ip`"),
    ("aopsManager: {database: {port: 11112}}", "unknown key `aopsManager.database`"),
    ("ports: {database: 11112}", "same port"),
    ("ports: {database: 70000}", "65535"),
    ("ports: {gopherWeb: 9100}", "same port of a node"),
    ("ports: {zookeeperVote: 2888}", "two uses"),
    ("ports: {elasticsearch: 9300}", "9300"),
    ("aopsWeb: {service: {nodePort: 30080}}", "ClusterIP"),
    ("aopsWeb: {service: {type: NodePort, nodePort: 80}}", "30000"),
    ("networkPolicies: {enabled: true}", "cannot reach Kafka"),
    ("networkPolicies: {nodeCidrs: [1.2.3.4/99]}", "no range of addresses"),
    // Replicas and amounts.
    ("kafka: {replicas: 2}", "3 copies"),
    ("zookeeper: {replicas: 2}", "odd"),
    ("aopsDatabase: {replicas: 2}", "more than the maximum of 1"),
    ("aopsManager: {replicas: 2}", "more than the maximum of 1"),
    ("galaRagdoll: {replicas: 2}", "more than the maximum of 1"),
    ("mysql: {maxConnections: 100}", "MySQL admits only 100"),
    ("elasticsearch: {maxQueryNum: 100}", "10000"),
    ("kafka: {consumer: {maxRecords: 0}}", "1 or more"),
    ("kafka: {producer: {acks: 2}}", "`all`"),
    ("kafka: {producer: {apiVersion: '1'}}", "0.11.5"),
    ("kafka: {producer: {retries: -1}}", "0 or more"),
    ("kafka: {groups: {diagExecutor: ''}}", "is empty"),
    ("kafka: {topics: {diagnose: 'a b'}}", "does not match"),
    ("adoctorCheckScheduler: {deadRetryTaskDiscount: 0}", "more than 0"),
    ("adoctorCheckScheduler: {deadRetryTaskDiscount: 1.5}", "1 or less"),
    ("adoctorCheckExecutor: {pluginPath: a-b}", "package.module"),
    ("mysql: {persistence: {size: 0Gi}}", "more than zero"),
    ("mysql: {resources: {limits: {memory: 1Mi}}}", "more than its limit"),
    ("log: {dir: relative}", "/var/lib/example"),
    ("log: {level: LOUD}", "CRITICAL"),
    ("aopsManager: {hostVars: /srv/vars}", "not on the volume"),
    // Names that do not exist.
    ("steps: {kafkaa: {enable: true}}", "did you mean `kafka`"),
    ("adoctorCheckScheduler: {maxRetryNumber: 1}", "did you mean `maxRetryNum`"),
    ("aopsManager: {taskSteps: {nginx: {enable: true}}}", "unknown key"),
    // Probes.
    ("galaGopher: {extendProbes: [{name: x, command: y, switch: auto}]}", "startCheck"),
    ("galaGopher: {probes: [{name: a, switch: auto}]}", "`on`, `off`"),
    // Texts that the files cannot hold.
    ("galaSpider: {uiSource: '50%'}", "does not match"),
    ("galaSpider: {uiSource: \"a\\nb\"}", "does not match"),
    ("galaSpider: {uiSource: 'a\"b'}", "a text without quotes"),
    ("galaRagdoll: {git: {userName: 'a;b'}}", "does not match"),
    ("galaSpider: {excludeAddr: [nowhere]}", "not a valid ipv4"),
    // Placeholders and what must be given.
    ("defaultTask: {id: 95C3}", "32 hexadecimal digits"),
    ("defaultTask: {hosts: [{host_name: xx.xx.xx.xx, host_id: a1}]}", "placeholder"),
    ("defaultTask: {hosts: [{host_name: node-1, host_id: xxxx}]}", "placeholder"),
    ("galaRagdoll: {git: {userName: XXXXX-XXX}}", "placeholder"),
    ("galaRagdoll: {git: {userEmail: XXXX@XXXX.com}}", "placeholder"),
    ("galaRagdoll: {git: {userEmail: null}}", "galaRagdoll.git.userEmail"),
    // Secrets and production.
    ("mysql: {passwordless: false, password: 'a@b'}", "the secret `mysql.password` does not match"),
    ("mysql: {user: aops}", "without a password only root"),
    ("production: true", "not for production"),
];

#[test]
fn bad_input_is_refused_with_its_place_and_a_hint() {
    crate::refused::refuses("aops/seed-exact", &REFUSED);
}

#[test]
fn two_probes_of_one_name_are_refused() {
    let layer = "galaGopher: {probes: [{name: a}, {name: a}]}";
    let found = with_layer("aops/seed-exact", layer).unwrap_err().to_string();
    assert!(found.contains("test.yaml:1:34") && found.contains("the same `name`"), "{found}");
}

#[test]
fn production_wants_a_registry_and_a_password() {
    let found = with_layer("aops/production", "image: {registry: ''}").unwrap_err().to_string();
    assert!(found.contains("no registry"), "{found}");
    let request = plimsoll::Request::new("aops/production");
    let found = plimsoll::render(&super::repository(), &request).unwrap_err().to_string();
    assert!(found.contains("mysql.password") && found.contains("--set-file"), "{found}");
}

#[test]
fn an_external_mysql_wants_its_password_too() {
    let layer = "mysql: {passwordless: false}";
    let found = with_layer("aops/existing-middleware", layer).unwrap_err().to_string();
    assert!(found.contains("no password is given") && found.contains("--set-file"), "{found}");
}

fn warnings(environment: &str, layer: &str) -> String {
    let rendered = rendered(environment, layer);
    let accepted = rendered.accepted().iter().map(|one| &one.finding);
    let of_rules =
        rendered.warnings().iter().chain(accepted).filter(|one| one.code() == "values.rule");
    of_rules.map(plimsoll::Diagnostic::message).collect::<Vec<_>>().join("\n")
}

#[test]
fn what_is_doubtful_is_a_warning() {
    let seed = warnings("seed-exact", "");
    for wanted in
        ["changeme", "share the consumer group DiagGroup", "2 consumers share 1 partitions"]
    {
        assert!(seed.contains(wanted), "{seed}");
    }
    assert_eq!(seed.lines().count(), 3, "{seed}");
    assert_eq!(warnings("production", "").lines().count(), 1);
    assert_eq!(warnings("agents", ""), "");
    let cases = [
        ("seed-exact", "aopsManager: {uwsgi: {harakiri: 700}}", "its worker goes on for 700"),
        ("seed-exact", "adoctorCheckExecutor: {samplePeriod: 20}", "Prometheus scrapes each 15s"),
        ("seed-exact", "mysql: {password: abc}", "a password is given, but"),
        ("seed-exact", "steps: {node_exporter: {enable: false}}", "no node exporters"),
        ("existing-middleware", "mysql: {poolSize: 10000}", "151 unless"),
    ];
    for (environment, layer, wanted) in cases {
        let said = warnings(environment, layer);
        assert!(said.contains(wanted), "{layer}: {said}");
    }
    let minutes = "prometheus: {scrapeInterval: 2m}\nadoctorCheckExecutor: {samplePeriod: 120}";
    assert!(!warnings("seed-exact", minutes).contains("scrapes"));
}
