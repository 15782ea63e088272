//! Input that the chart refuses, and input that it warns of.

use plimsoll::{Layer, Request, Secrets, Severity};

use super::support::{repository, with_layer};

/// Environment, bad input, and words that the message or its hint must hold.
const REFUSED: &[(&str, &str, &str)] = &[
    // middleware that someone else provides
    ("seed-exact", "mysql: {create: false}", "set mysql.connection.url to host:port"),
    ("seed-exact", "redis: {create: false}", "set redis.connection.url to host:port"),
    ("seed-exact", "elasticsearch: {create: false}", "set elasticsearch.connection.url"),
    ("seed-exact", "rocketmq: {create: false}", "set rocketmq.connection.nameserver"),
    ("seed-exact", "nacos: {create: false}", "set nacos.connection.address"),
    ("seed-exact", "mysql: {create: false, connection: {url: ''}}", "mysql.connection.url"),
    ("seed-exact", "mysql: {create: false, connection: {url: 'db:1', username: ''}}", "username"),
    ("seed-exact", "nacos: {connection: {password: ''}}", "nacos.connection.password"),
    ("seed-exact", "mysql: {connection: {url: 'db:3306'}}", "remove mysql.connection.url"),
    ("seed-exact", "redis: {connection: {url: 'r:6379'}}", "remove redis.connection.url"),
    ("seed-exact", "elasticsearch: {connection: {url: 'e:9200'}}", "sent to e:9200"),
    ("seed-exact", "rocketmq: {connection: {nameserver: 'q:9876'}}", "sent to q:9876"),
    ("seed-exact", "nacos: {connection: {address: 'n:80'}}", "sent to n:80"),
    ("seed-exact", "mysql: {connection: {username: hera}}", "root only"),
    ("existing-middleware", "nacos: {connection: {address: 'n.example.com:8848'}}", "port 80"),
    // addresses
    ("existing-middleware", "mysql: {connection: {url: 'http://db:3306'}}", "host:port"),
    ("existing-middleware", "mysql: {connection: {url: 'db:3306/hera'}}", "host:port"),
    ("existing-middleware", "mysql: {connection: {url: db}}", "host:port"),
    ("existing-middleware", "mysql: {connection: {url: 'db:0'}}", "host:port"),
    ("existing-middleware", "mysql: {connection: {url: 'db:65536'}}", "host:port"),
    ("existing-middleware", "mysql: {connection: {url: 'db:3306?a=b'}}", "host:port"),
    ("existing-middleware", "mysql: {connection: {url: 'db:3306&a'}}", "host:port"),
    ("existing-middleware", "mysql: {connection: {url: 'db:3306#a'}}", "host:port"),
    // credentials in pairs
    ("seed-exact", "elasticsearch: {connection: {password: x}}", "but no username"),
    ("seed-exact", "rocketmq: {connection: {sk: x}}", "but not ak"),
    ("seed-exact", "elasticsearch: {security: true}", "elasticsearch.connection.username"),
    ("seed-exact", "elasticsearch: {connection: {username: elastic}}", "that asks for none"),
    // volumes
    ("operator-bootstrap", "platform: {enabled: true}", "set storage.nodeName"),
    ("seed-exact", "storage: {nodeName: replace your correct node name}", "placeholder"),
    ("seed-exact", "storage: {nodeName: cn-beijing.xxx}", "placeholder"),
    ("seed-exact", "storage: {nodeName: 'node 1'}", "storage.nodeName"),
    ("seed-exact", "grafana: {persistence: {nodeName: cn-xxx}}", "placeholder"),
    ("seed-exact", "mysql: {persistence: {pvcSize: 11Gi}}", "never be bound"),
    ("seed-exact", "grafana: {persistence: {pvSize: 2Gi}}", "lower grafana.persistence.pvcSize"),
    ("seed-exact", "mysql: {persistence: {hostPath: data/mysql}}", "hostPath"),
    ("seed-exact", "mysql: {persistence: {hostPath: /home/work/rocksdb}}", "same folder"),
    // access
    ("seed-exact", "access: {type: ClusterIP}", "LoadBalancer"),
    ("seed-exact", "access: {externalHosts: {grafana: null}}", "load balancer grafana"),
    ("seed-exact", "access: {externalHosts: {grafana: 'http://g'}}", "a DNS name"),
    ("nodeport", "access: {nodeHost: null}", "set access.nodeHost"),
    ("nodeport", "access: {nodePorts: {grafana: 80}}", "30000"),
    ("nodeport", "access: {nodePorts: {grafana: 31000}}", "used twice"),
    ("nodeport", "access: {nodePorts: {grafana: 31081}}", "used twice"),
    ("nodeport", "operator: {enabled: true, nodePort: 31081}", "used twice"),
    ("seed-exact", "rocketmq: {dashboard: {nodePort: 70000}}", "32767"),
    // queues and pods
    ("seed-exact", "traceEtlServer: {replicas: 2}", "for 1 queues"),
    ("production", "traceEtlServer: {replicas: 1}", "for 3 queues"),
    ("seed-exact", "rocketmq: {queueSize: 2}", "share one claim"),
    ("seed-exact", "rocketmq: {queueSize: 0}", "queueSize"),
    ("production", "traceEtlEs: {persistence: {nodeNames: [a, b]}}", "volumes for 2"),
    ("production", "traceEtlEs: {persistence: {nodeNames: [a, a, b]}}", "same folder"),
    ("seed-exact", "mysql: {replicas: 2}", "mysql.replicas"),
    ("seed-exact", "elasticsearch: {replicas: 2}", "elasticsearch.replicas"),
    ("seed-exact", "grafana: {replicas: 2}", "grafana.replicas"),
    ("seed-exact", "alertmanager: {replicas: 2}", "alertmanager.replicas"),
    ("seed-exact", "prometheus: {replicas: 0}", "prometheus.replicas"),
    ("seed-exact", "nacos: {replicas: 3}", "nacos.replicas"),
    // resources
    ("seed-exact", "nacos: {heap: 6g}", "heap of nacos"),
    ("seed-exact", "traceEtlEs: {heap: 2g}", "heap of traceEtlEs"),
    ("seed-exact", "nacos: {heap: 512Mi}", "nacos.heap"),
    ("seed-exact", "rocketmq: {broker: {heap: {max: 9g}}}", "rocketmq.broker.heap.max"),
    ("seed-exact", "heraApp: {resources: {requests: {cpu: '1'}}}", "heraApp.resources requests 1"),
    ("seed-exact", "prometheus: {resources: {requests: {memory: 3Gi}}}", "requests 3Gi"),
    ("seed-exact", "rocketmq: {namesrv: {resources: {requests: {cpu: 600m}}}}", "rocketmq.namesrv"),
    ("seed-exact", "heraApp: {resources: {limits: {memory: 2G i}}}", "such as 2Gi"),
    ("seed-exact", "heraApp: {resources: {limits: {cpu: 500 m}}}", "such as 500m"),
    // what a component cannot do without
    ("seed-exact", "heraApp: {create: false}", "`hera-app`, which is switched off"),
    ("seed-exact", "prometheus: {create: false}", "`prometheus`, which is switched off"),
    ("seed-exact", "grafana: {create: false}", "`grafana`, which is switched off"),
    ("seed-exact", "tpcLogin: {create: false}", "`tpc-login`, which is switched off"),
    ("seed-exact", "platform: {enabled: false}", "nothing to render"),
    // what would spoil the configuration files
    ("seed-exact", "mysql: {connection: {password: \"a\\nb\"}}", "mysql.connection.password"),
    ("seed-exact", "nacos: {connection: {password: ' a'}}", "nacos.connection.password"),
    ("seed-exact", "redis: {connection: {password: 'a\\b'}}", "redis.connection.password"),
    ("seed-exact", "tokens: {prometheusPull: '${hera.es.url}'}", "tokens.prometheusPull"),
    ("seed-exact", "trace: {queryEnv: 'a${b}'}", "trace.queryEnv"),
    ("seed-exact", "feishu: {appId: \"a\\nb\"}", "feishu.appId"),
    ("seed-exact", "tpc: {superAccount: root}", "tpc.superAccount"),
    // images
    ("seed-exact", "image: {tag: {redis: ''}}", "nor latest"),
    ("seed-exact", "image: {tag: {redis: latest}}", "image.tag.redis"),
    // production
    ("production", "mysql: {connection: {password: Mone_123456}}", "everybody knows"),
    ("production", "nacos: {connection: {password: nacos}}", "everybody knows"),
    ("production", "grafana: {adminPassword: admin}", "well-known"),
    ("production", "upstreamComparison: true", "not made for production"),
    // ports of the nodes
    ("seed-exact", "cadvisor: {port: 9101}", "both want port 9101"),
    ("seed-exact", "nodeExporter: {port: 0}", "nodeExporter.port"),
    // the webhook's namespace
    ("seed-exact", "namespace: observability", "set webhook.create to false"),
    // unknown keys
    ("seed-exact", "mysql: {needCreate: true}", "needCreate"),
    ("seed-exact", "mysql: {persistence: {nodeSelector: x}}", "nodeSelector"),
    ("seed-exact", "storage: {nodename: x}", "did you mean `nodeName`"),
    ("seed-exact", "mySql: {create: true}", "did you mean `mysql`"),
    ("seed-exact", "demo: {enable: true}", "did you mean `enabled`"),
];

fn secrets(name: &str) -> Layer {
    let path = plimsoll::SourcePath::new(&format!("tests/secrets/{name}.yaml"));
    Layer::file(path.expect("a legal path"))
}

#[test]
fn bad_input_is_refused_with_its_place_and_a_hint() {
    let mut wrong = Vec::new();
    for (environment, layer, wanted) in REFUSED {
        let mut request = Request::new(format!("hera/{environment}"));
        if *environment == "production" {
            // Its rules look at passwords.
            request = request.with_layer(secrets("hera-production"));
        } else {
            request = request.with_secrets(Secrets::Placeholder);
        }
        let request = request.with_layer(Layer::text("test.yaml", *layer));
        let Err(found) = plimsoll::render(&repository(), &request) else {
            wrong.push(format!("accepted: {environment}, {layer}"));
            continue;
        };
        let said = found.to_string();
        if !said.contains(wanted) {
            wrong.push(format!("{layer}\nlacks {wanted:?} in: {said}"));
        }
        let labels = || found.iter().flat_map(plimsoll::Diagnostic::labels);
        if !labels().any(|label| label.span.name() == "test.yaml") {
            wrong.push(format!("no place in the layer for {layer}: {said}"));
        }
        if found.iter().any(|one| one.hints().is_empty()) {
            wrong.push(format!("no hint for {layer}: {said}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn too_many_writers_of_traces_are_a_warning() {
    let layer = "traceEtlEs: {replicas: 2, persistence: {nodeNames: [a, b]}}";
    let rendered = with_layer("hera/seed-exact", layer).unwrap();
    let said = rendered.warnings().to_string();
    assert!(said.contains("2 pods of trace-etl-es for 1 queues"), "{said}");
    assert!(rendered.warnings().iter().all(|one| one.severity() == Severity::Warning));
}

#[test]
fn all_missing_secrets_are_named_at_once() {
    let found = plimsoll::render(&repository(), &Request::new("hera/production")).unwrap_err();
    let said = found.to_string();
    for secret in [
        "mysql.connection.password",
        "redis.connection.password",
        "elasticsearch.connection.password",
        "nacos.connection.password",
        "grafana.adminPassword",
        "grafana.oauthClientSecret",
        "grafana.apiKey",
        "tokens.prometheusPull",
    ] {
        assert!(said.contains(secret), "{secret} in {said}");
    }
}

#[test]
fn given_secrets_render_and_are_never_shown() {
    let render = |release: &str, file: &str, layer: &str| {
        let request = Request::new(release)
            .with_layer(secrets(file))
            .with_layer(Layer::text("test.yaml", layer));
        plimsoll::render(&repository(), &request)
    };
    assert!(render("hera/seed-exact", "hera", "{}").is_ok());
    assert!(render("hera/production", "hera-production", "{}").is_ok());
    let known = "mysql: {connection: {password: Mone_123456}}";
    let found = render("hera/production", "hera-production", known).unwrap_err();
    let found = format!("{found} {found:?}");
    assert!(found.contains("everybody knows") && !found.contains("Mone_123456"), "{found}");
}
