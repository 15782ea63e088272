//! The other environments.

use std::collections::{BTreeMap, BTreeSet};

use super::{changed, counts, environment, object, objects, seed::sums, set};

#[test]
fn node_ports_take_the_place_of_load_balancers() {
    let rendered = environment("nodeport", "");
    let mut types: BTreeMap<String, usize> = BTreeMap::new();
    let mut ports = BTreeSet::new();
    for (name, service) in objects(&rendered) {
        if name.starts_with("Service/") {
            let kind = service["spec"]["type"].as_str().unwrap_or("ClusterIP").to_owned();
            *types.entry(kind).or_default() += 1;
            ports.extend(service["spec"]["ports"][0]["nodePort"].as_u64());
        }
    }
    assert_eq!(rendered.resources().len(), 80);
    assert_eq!(types, BTreeMap::from([("ClusterIP".to_owned(), 14), ("NodePort".to_owned(), 7)]));
    assert_eq!(ports, BTreeSet::from([31000, 31001, 31002, 31003, 31004, 31006, 31081]));
    let config = object(&rendered, "ConfigMap/prometheus-config");
    assert!(config["data"]["prometheus.yml"].as_str().unwrap().contains("alertmanager:9093"));
    let files = object(&rendered, "Secret/hera-nacos-config");
    let mimonitor = files["stringData"]["mimonitor_open_config.properties"].as_str().unwrap();
    assert!(mimonitor.contains("grafana.address=http://grafana:3000\n"), "{mimonitor}");
    assert!(mimonitor.contains("grafana.domain=http://192.0.2.20:31003\n"), "{mimonitor}");
}

#[test]
fn with_load_balancers_the_monitoring_pages_answer_on_port_80() {
    let rendered = environment("seed-exact", "");
    let config = object(&rendered, "ConfigMap/prometheus-config");
    assert!(config["data"]["prometheus.yml"].as_str().unwrap().contains("alertmanager:80"));
    let files = object(&rendered, "Secret/hera-nacos-config");
    let mimonitor = files["stringData"]["mimonitor_open_config.properties"].as_str().unwrap();
    assert!(mimonitor.contains("grafana.address=http://grafana\n"), "{mimonitor}");
}

#[test]
fn minimal_stays_below_what_the_worked_example_claims() {
    let [(cpu, memory), ..] = sums("minimal", "");
    assert_eq!((cpu, memory), (3152, 5574));
    assert!(cpu <= 3252 && memory <= 6250);
    let rendered = environment("minimal", "");
    let broker = object(&rendered, "Deployment/rocketmq-broker-0-master");
    let env = broker["spec"]["template"]["spec"]["containers"][0]["env"].to_string();
    assert!(env.contains("JAVA_OPT_EXT") && env.contains("-Xms512m -Xmx512m -Xmn200m"), "{env}");
    for name in ["Deployment/nacos", "StatefulSet/trace-etl-es"] {
        let pod = object(&rendered, name)["spec"]["template"]["spec"]["containers"][0].to_string();
        assert!(pod.contains("-Xms512m -Xmx512m"), "{pod}");
    }
    assert_eq!(environment("minimal", "webhook: {create: false}").resources().len(), 75);
}

#[test]
fn existing_middleware_leaves_an_alias_for_nacos() {
    let rendered = environment("existing-middleware", "");
    assert_eq!(rendered.resources().len(), 62);
    let alias = object(&rendered, "Service/nacos");
    assert_eq!(alias["spec"]["type"], "ExternalName");
    assert_eq!(alias["spec"]["externalName"], "nacos.example.com");
    let gone: BTreeSet<_> = objects(&environment("seed-exact", ""))
        .into_keys()
        .filter(|name| !objects(&rendered).contains_key(name))
        .collect();
    assert_eq!(gone.len(), 18, "19 objects of the middleware, of which Service/nacos stays");
    let by_address =
        environment("existing-middleware", "nacos: {connection: {address: \"192.0.2.9:8848\"}}");
    assert_eq!(by_address.resources().len(), 63);
    let slice = object(&by_address, "EndpointSlice/nacos");
    assert_eq!(slice["endpoints"][0]["addresses"][0], "192.0.2.9");
    assert_eq!(slice["ports"][0]["port"], 8848);
    assert_eq!(slice["metadata"]["labels"]["kubernetes.io/service-name"], "nacos");
    assert!(object(&by_address, "Service/nacos")["spec"]["selector"].is_null());
}

#[test]
fn production_has_passwords_queues_and_volumes_of_its_own() {
    let rendered = environment("production", "");
    let pods = |name: &str| object(&rendered, name)["spec"]["replicas"].as_u64();
    assert_eq!(pods("Deployment/trace-etl-server"), Some(3));
    assert_eq!(pods("StatefulSet/trace-etl-es"), Some(3));
    assert_eq!(pods("Deployment/hera-app"), Some(2));
    let set = object(&rendered, "StatefulSet/trace-etl-es");
    let claim = &set["spec"]["volumeClaimTemplates"][0];
    assert_eq!(claim["spec"]["storageClassName"], "hera-trace-etl-local-storage");
    assert!(set["spec"]["template"]["spec"]["volumes"].is_null());
    let volumes = objects(&rendered)
        .into_keys()
        .filter(|name| name.starts_with("PersistentVolume/trace-etl-es-pv-"));
    assert_eq!(volumes.count(), 3);
    let redis = object(&rendered, "Deployment/redis-deployment");
    let args = &redis["spec"]["template"]["spec"]["containers"][0]["args"];
    assert_eq!(args[0], "--requirepass");
    let file = object(&rendered, "ConfigMap/elastic-config")["data"]["elasticsearch.yaml"].clone();
    assert!(file.as_str().unwrap().contains("xpack.security.enabled: true"));
    let prometheus = object(&rendered, "Deployment/prometheus").to_string();
    assert!(prometheus.contains("--storage.tsdb.retention=15d"));
    for (name, object) in objects(&rendered) {
        let images = object.to_string();
        for image in images.split("\"image\":\"").skip(1).filter_map(|rest| rest.split('"').next())
        {
            let tag = image.rsplit('/').next().unwrap_or("").split_once(':').map(|(_, tag)| tag);
            assert!(tag.is_some_and(|tag| tag != "latest"), "{name}: {image}");
        }
    }
    // What cannot be locked is at least said, and accepted by name.
    assert_eq!(rendered.warnings().len(), 0, "{}", rendered.warnings());
    let accepted = rendered.accepted().iter().map(|one| one.finding.message());
    let said = accepted.collect::<Vec<_>>().join("\n");
    for word in ["Grafana", "Prometheus", "RocketMQ", "cluster-admin", "privileged"] {
        assert!(said.contains(word), "{word} in {said}");
    }
}

#[test]
fn the_operator_needs_seven_objects_and_no_secrets() {
    let request = plimsoll::Request::new("hera/operator-bootstrap");
    let rendered = plimsoll::render(&super::support::repository(), &request).unwrap();
    let names: BTreeSet<_> = objects(&rendered).into_keys().collect();
    let expected = [
        "Namespace/hera-namespace",
        "ServiceAccount/admin-mone",
        "ClusterRoleBinding/admin-mone",
        "CustomResourceDefinition/heras.k8s.mone.run",
        "Service/hera-op-srv",
        "Service/hera-op-nginx",
        "Deployment/hera-operator-deployment",
    ];
    assert_eq!(names, set(&expected));
}

#[test]
fn the_demo_adds_four_objects_and_kibana_one() {
    let seed = environment("seed-exact", "");
    let demo = environment("seed-exact", "demo: {enabled: true}");
    assert_eq!(demo.resources().len(), 84);
    let expected = [
        "Deployment/hera-demo-server",
        "Service/hera-demo-server",
        "Deployment/hera-demo-client",
        "Service/hera-demo-client",
    ];
    assert_eq!(changed(&seed, &demo), set(&expected));
    let kibana = environment("seed-exact", "kibana: {enabled: true}");
    assert_eq!(changed(&seed, &kibana), set(&["Deployment/kibana"]));
    let pod = &object(&kibana, "Deployment/kibana")["spec"]["template"]["spec"]["containers"][0];
    assert_eq!(pod["image"], "docker.elastic.co/kibana/kibana:7.17.8");
}

#[test]
fn without_webhook_and_operator_nobody_is_cluster_admin() {
    let rendered = environment("seed-exact", "webhook: {create: false}");
    assert!(!rendered.to_yaml().contains("cluster-admin"));
    assert_eq!(counts(&rendered)["ServiceAccount"], 1);
}

#[test]
fn each_job_can_be_done_by_hand() {
    let layer = "init: {mysql: {enabled: false}, es: {enabled: false}, \
                 rocketmq: {enabled: false}, nacos: {enabled: false}}";
    let rendered = environment("seed-exact", layer);
    assert!(!counts(&rendered).contains_key("Job"));
    assert_eq!((rendered.resources().len(), counts(&rendered)["Secret"]), (76, 2));
}
