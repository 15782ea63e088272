//! The acp chart against what it promises: objects, the form, the check list, sizes and the product's resources.

#![expect(clippy::panic, reason = "a failing helper fails its test")]

#[path = "acp/rules.rs"]
mod rules;
mod support;

use std::collections::{BTreeMap, BTreeSet};

use plimsoll::{Layer, Rendered, Request, render};
use serde_json::{Value, json};
use support::{names, repository, with_layer};

const RELEASES: [&str; 6] = [
    "minimal",
    "huawei-cloud-minimum",
    "production-ha",
    "arm-kylin",
    "dual-stack",
    "calico-victoriametrics",
];

fn rendered(release: &str, layer: &str) -> Rendered {
    with_layer(&format!("acp/{release}"), layer).unwrap_or_else(|found| panic!("{found}"))
}

fn object(rendered: &Rendered, kind: &str, name: &str) -> Value {
    let found = rendered.resources().iter().find(|r| r.id().kind == kind && r.id().name == name);
    found.unwrap_or_else(|| panic!("no {kind}/{name} among {:?}", names(rendered))).to_value()
}

/// A file inside a ConfigMap, read as YAML, of which JSON is a part.
fn file(rendered: &Rendered, map: &str, name: &str) -> Value {
    let data = object(rendered, "ConfigMap", map)["data"][name].clone();
    let text = data.as_str().unwrap_or_else(|| panic!("no {name} in {map}")).to_owned();
    serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn lines(rendered: &Rendered, map: &str, name: &str) -> Vec<String> {
    let data = object(rendered, "ConfigMap", map)["data"][name].clone();
    data.as_str().unwrap_or_default().lines().map(str::to_owned).collect()
}

/// The check of that type.
fn check(rendered: &Rendered, kind: &str) -> Value {
    let list = file(rendered, "preflight-check-list", "check_list.json");
    let checks = list["checks"].as_array().expect("checks").clone();
    checks.into_iter().find(|c| c["type"] == kind).unwrap_or_else(|| panic!("no check {kind}"))
}

#[test]
fn objects_are_those_of_the_table() {
    let expected = [
        ("minimal", [1, 2, 4, 1, 2, 0], 10),
        ("huawei-cloud-minimum", [1, 2, 5, 1, 3, 0], 12),
        ("production-ha", [1, 3, 6, 1, 4, 1], 19),
    ];
    let kinds = ["Namespace", "Secret", "ConfigMap", "ProductBase", "ModuleInfo", "Job"];
    for (release, counts, total) in expected {
        let made = rendered(release, "");
        let count = |kind: &str| made.resources().iter().filter(|r| r.id().kind == kind).count();
        assert_eq!(kinds.map(count), counts, "{release}");
        assert_eq!(made.resources().len(), total, "{release}");
    }
    let verify: Vec<String> = names(&rendered("production-ha", ""))
        .into_iter()
        .filter(|name| name.ends_with("/platform-verify"))
        .collect();
    assert_eq!(verify.len(), 4, "{verify:?}");
}

#[test]
fn waves_follow_the_installation() {
    let waves = |made: &Rendered| -> BTreeMap<String, u32> {
        made.resources().iter().map(|r| (r.component().to_owned(), r.wave())).collect()
    };
    let layer = "componentLimits: [{kind: Deployment, name: apollo, limits: {memory: 1Gi}, target: a1b2, release: base}]";
    let found = waves(&rendered("production-ha", layer));
    let expected = [
        ("namespaces", 0),
        ("registry-credentials", 1),
        ("admin-account", 1),
        ("platform-cert", 1),
        ("platform-config", 1),
        ("preflight", 1),
        ("node-inventory", 1),
        ("host-tuning", 1),
        ("product-base", 2),
        ("logcenter", 3),
        ("business-cluster", 3),
        ("monitoring", 4),
        ("component-limits", 4),
        ("verify", 5),
    ];
    assert_eq!(found, expected.iter().map(|(n, w)| ((*n).to_owned(), *w)).collect());
    let seed: BTreeSet<u32> = waves(&rendered("huawei-cloud-minimum", "")).into_values().collect();
    assert_eq!(seed, BTreeSet::from([0, 1, 2, 3, 4]));
}

#[test]
fn servers_add_up() {
    for (release, servers, vcpu, memory) in
        [("production-ha", 31, 216, 432), ("huawei-cloud-minimum", 8, 48, 96)]
    {
        let report = file(&rendered(release, ""), "node-inventory", "sizing-report.json");
        assert_eq!(
            report["total"],
            json!({"servers": servers, "vcpu": vcpu, "memoryGi": memory}),
            "{release}"
        );
        let sum = |key: &str| -> u64 {
            report["pools"].as_array().unwrap().iter().filter_map(|p| p[key].as_u64()).sum()
        };
        assert_eq!((sum("servers"), sum("vcpu"), sum("memoryGi")), (servers, vcpu, memory));
    }
}

#[test]
fn arm_wants_half_as_many_cpus_again() {
    let report = file(&rendered("arm-kylin", ""), "node-inventory", "sizing-report.json");
    assert_eq!(report["pools"][0]["minimum"]["cpu"], 12);
    assert_eq!(report["pools"][0]["given"]["cpu"], 16);
}

#[test]
fn the_platforms_own_values_are_merged_under_the_derived_ones() {
    let layer =
        "valuesOverride: {ait/chart-alauda-base: {a: 1, logging: {b: 2}}, ait/other: {c: 3}}";
    let spec = object(&rendered("minimal", layer), "ProductBase", "base")["spec"].clone();
    assert_eq!(
        spec["valuesOverride"],
        json!({
            "ait/chart-alauda-base": {"a": 1, "logging": {"b": 2, "esEnableAliases": false}},
            "ait/other": {"c": 3},
        })
    );
    let spec = object(&rendered("minimal", ""), "ProductBase", "base")["spec"].clone();
    let aliases = &spec["valuesOverride"]["ait/chart-alauda-base"]["logging"]["esEnableAliases"];
    assert_eq!(*aliases, Value::Bool(false));
}

#[test]
fn the_check_list_has_40_checks_in_their_order() {
    let list = file(&rendered("minimal", ""), "preflight-check-list", "check_list.json");
    assert_eq!(list["timeoutSeconds"], 110);
    let types: Vec<&str> =
        list["checks"].as_array().unwrap().iter().filter_map(|c| c["type"].as_str()).collect();
    let expected = "os grub-kmem grub-thp kernel-modules user sshd swap firewall selinux time-sync timezone sysctl hostname hosts core-file resolv-conf default-tasks-max apparmor tools forbidden-packages tmp-access gpu cpu memory kubelet-service default-route ports nic arch ip docker-ip-range node-reachable platform-reachable registry-reachable cidr master-ports pki-dir cri-space pod-log-dir usr-bin";
    assert_eq!(types, expected.split(' ').collect::<Vec<_>>());
    assert_eq!(types.iter().collect::<BTreeSet<_>>().len(), 40);
}

#[test]
fn checks_can_be_switched_off_and_uos_does_so() {
    let off = rendered("minimal", "preflight: {checks: {swap: {enable: false}}}");
    assert_eq!(check(&off, "swap")["enable"], false);
    assert_eq!(check(&off, "os")["enable"], true);
    let uos = "nodes: {list: [{hostname: acp-1, ip: 192.168.0.11, role: control, os: UOS 20, kernel: 4.19.0-91}]}";
    assert_eq!(check(&rendered("minimal", uos), "os")["enable"], false);
}

#[test]
fn checks_and_settings_follow_the_network() {
    let ovn = rendered("huawei-cloud-minimum", "");
    let calico = rendered("calico-victoriametrics", "");
    assert_eq!(check(&ovn, "ports")["params"]["all"], json!([10249, 10250, 10256, 6641, 6642]));
    assert_eq!(check(&calico, "ports")["params"]["all"], json!([10249, 10250, 10256, 179]));
    let modules = |made: &Rendered| lines(made, "host-tuning", "modules.conf");
    assert!(modules(&ovn).contains(&"geneve".to_owned()));
    assert!(!modules(&calico).iter().any(|m| m == "geneve" || m == "openvswitch"));
    let sysctl = lines(&calico, "host-tuning", "sysctl.conf");
    for name in ["all", "default", "eth0"] {
        assert!(sysctl.contains(&format!("net.ipv4.conf.{name}.rp_filter = 0")), "{sysctl:?}");
    }
    assert!(!lines(&ovn, "host-tuning", "sysctl.conf").iter().any(|l| l.contains("rp_filter")));
    let args = |made: &Rendered| {
        object(made, "ConfigMap", "platform-config")["data"]["setup-args"].clone()
    };
    assert_eq!((args(&ovn), args(&calico)), ("".into(), "--network-mode calico".into()));
}

#[test]
fn dual_stack_adds_the_ipv6_side() {
    let dual = rendered("dual-stack", "");
    assert!(lines(&dual, "host-tuning", "modules.conf").contains(&"nf_conntrack_ipv6".to_owned()));
    let boot = object(&dual, "ConfigMap", "host-tuning")["data"]["grub-args"].clone();
    assert!(boot.as_str().unwrap().contains("ipv6.disable=0"));
    assert_eq!(check(&dual, "ip")["params"]["families"], json!(["ipv4", "ipv6"]));
    let networks = check(&dual, "cidr")["params"]["networks"].clone();
    assert_eq!(networks.as_array().unwrap().len(), 6);
    assert!(!dual.to_yaml().contains("ipv6.disable = 0"));
}

#[test]
fn old_settings_are_for_old_kernels_only() {
    let centos = rendered("minimal", "");
    let ubuntu = "nodes: {list: [{hostname: acp-1, ip: 192.168.0.11, role: control, os: Ubuntu 22.04, kernel: 5.15.0-56-generic}]}";
    let ubuntu = rendered("minimal", ubuntu);
    for (name, word) in [("sysctl.conf", "tcp_tw_recycle"), ("modules.conf", "nf_conntrack_ipv4")] {
        assert!(lines(&centos, "host-tuning", name).iter().any(|l| l.contains(word)));
        assert!(!lines(&ubuntu, "host-tuning", name).iter().any(|l| l.contains(word)));
    }
    let text = lines(&centos, "host-tuning", "modules.conf");
    assert!(text.contains(&"iptable_nat".to_owned()));
}

#[test]
fn logs_are_kept_where_the_form_says() {
    for (release, kind) in [("minimal", "single"), ("huawei-cloud-minimum", "normal")] {
        let made = rendered(release, "");
        let search = object(&made, "ModuleInfo", "global-logcenter")["spec"]["config"]["components"]
            ["elasticsearch"]
            .clone();
        assert_eq!(search["type"], kind);
        let form = file(&made, "platform-config", "installer.yaml");
        assert_eq!(search["nodes"], form["logging"]["nodes"]);
        assert_eq!(search["install"], true);
    }
    let newer = rendered("minimal", "logging: {esNodesKey: k8sNodes, sharding: 5}");
    let search = object(&newer, "ModuleInfo", "global-logcenter")["spec"]["config"]["components"]
        ["elasticsearch"]
        .clone();
    assert_eq!((search.get("nodes"), &search["sharding"]), (None, &json!(5)));
    assert_eq!(search["k8sNodes"], json!(["192.168.0.11"]));
}

#[test]
fn metrics_are_kept_for_each_cluster() {
    let made = rendered("calico-victoriametrics", "");
    for (cluster, nodes) in [("global", 3), ("business", 1)] {
        let found = object(&made, "ModuleInfo", &format!("{cluster}-victoriametrics"));
        assert_eq!(found["metadata"]["labels"]["cpaas.io/cluster-name"], cluster);
        assert_eq!(found["metadata"]["labels"]["cpaas.io/module-type"], "plugin");
        let config = &found["spec"]["config"];
        assert_eq!(config["agentReplicas"], 3);
        assert_eq!(config["storage"]["nodes"].as_array().unwrap().len(), nodes);
    }
    let prometheus = rendered("minimal", "");
    let found = object(&prometheus, "ModuleInfo", "global-prometheus");
    assert!(found["spec"]["config"].get("agentReplicas").is_none());
}

#[test]
fn the_product_follows_the_nodes() {
    for (release, replicas, deploy) in [
        ("minimal", 1, "Normal"),
        ("huawei-cloud-minimum", 3, "Normal"),
        ("production-ha", 3, "Base"),
    ] {
        let spec = object(&rendered(release, ""), "ProductBase", "base")["spec"].clone();
        assert_eq!((&spec["replicas"], &spec["deployType"]), (&json!(replicas), &json!(deploy)));
    }
    let made = rendered("production-ha", "other: {products: [devops]}");
    let spec = object(&made, "ProductBase", "base")["spec"].clone();
    assert_eq!(spec["platformURL"], "https://acp.example.com");
    assert_eq!(spec["http"]["tls"]["secretName"], "platform-tls");
    assert_eq!(spec["devops"]["install"], true);
    assert_eq!(spec["serviceMesh"]["install"], false);
    let nodes = file(&made, "node-inventory", "nodes.json");
    for node in nodes.as_array().unwrap() {
        assert_eq!(node["labels"], json!({"node-role.kubernetes.io/cpaas-system": ""}));
        assert_eq!(node["deployable"], false);
    }
}

#[test]
fn limits_become_patches() {
    let layer = "componentLimits: [{kind: Deployment, name: apollo, container: 1, limits: {memory: 1Gi}, target: a1b2, release: base}]";
    let found = object(&rendered("minimal", layer), "ResourcePatch", "apollo-deployment-1-limits");
    assert_eq!(found["metadata"]["labels"]["target"], "a1b2");
    assert_eq!(
        found["spec"]["jsonPatch"],
        json!([{"op": "add", "path": "/spec/template/spec/containers/1/resources/limits", "value": {"memory": "1Gi"}}])
    );
}

#[test]
fn no_config_map_holds_a_secret() {
    let secrets = ["test-admin-password", "test-registry-password", "test-private-key"];
    let request = Request::new("acp/production-ha")
        .with_layer(Layer::text("a.yaml", include_str!("secrets/acp.yaml")))
        .with_layer(Layer::text("b.yaml", include_str!("secrets/acp-production-ha.yaml")));
    let made = render(&repository(), &request).unwrap_or_else(|found| panic!("{found}"));
    let text = made.to_yaml();
    assert!(secrets.iter().all(|secret| text.contains(secret)));
    for resource in made.resources().iter().filter(|r| r.id().kind == "ConfigMap") {
        let text = resource.to_yaml();
        assert!(!secrets.iter().any(|secret| text.contains(secret)), "{}", resource.id());
    }
}

#[test]
fn nothing_null_or_empty_is_printed() {
    for release in RELEASES {
        for line in rendered(release, "").to_yaml().lines() {
            let empty = [": {}", ": []", ": null"]
                .iter()
                .any(|end| line.trim_end_matches(',').ends_with(end));
            assert!(!empty, "{release}: {line}");
        }
    }
}
