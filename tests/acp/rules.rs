//! Every rule of the acp chart: bad input is refused, at its place, with the way out.

use std::collections::BTreeSet;

use crate::support::{repository, with_layer};
use plimsoll::{Layer, Request, render};

const HA: &str = "acp/huawei-cloud-minimum";
const PRODUCTION: &str = "acp/production-ha";
const ARM: &str = "acp/arm-kylin";

const POOL: &str = "mounts: {/: 50, /var/lib: 50, /opt: 30, containerRuntime: 100}";

/// Writes out `@1` to `@5` (a node), `@b` (a business cluster) and the parts of the latter. What stands beside one of
/// them in a mapping wins, since they are merged.
fn expand(text: &str) -> String {
    let merged = |inner: String| format!("<<: {{{inner}}}");
    let master = format!("count: 3, cpu: 4, memoryGi: 8, {POOL}");
    let slave = format!("count: 1, cpu: 8, memoryGi: 16, {POOL}");
    let prometheus = "count: 1, cpu: 4, memoryGi: 8, mounts: {/: 50, /cpaas/monitoring: 50, /var/lib: 50, /opt: 30, containerRuntime: 100}";
    let pools = format!("master: {{{master}}}, prometheus: {{{prometheus}}}, slave: {{{slave}}}");
    let endpoint = "address: 192.168.0.20, selfBuiltVip: true, vrid: 20, vrrpAllowed: true";
    let network = "joinCidr: {v4: 100.64.0.0/16}";
    let business = format!(
        "name: b, monitoringNodes: [m], endpoint: {{{endpoint}}}, network: {{{network}}}, pools: {{{pools}}}"
    );
    let mut text = text
        .replace("@endpoint", &merged(endpoint.to_owned()))
        .replace("@network", &merged(network.to_owned()))
        .replace("@pools", &merged(pools))
        .replace("@master", &merged(master))
        .replace("@slave", &merged(slave))
        .replace("@b", &merged(business));
    for number in 1..=5 {
        let node = format!(
            "hostname: acp-{number}, ip: 192.168.0.1{number}, role: control, os: CentOS 7.9, kernel: 3.10.0-1160"
        );
        text = text.replace(&format!("@{number}"), &merged(node));
    }
    text
}

/// One entry of `refused.yaml`.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    rule: u8,
    release: String,
    layer: String,
    says: [String; 2],
}

fn cases() -> Vec<Case> {
    serde_yaml::from_str(include_str!("refused.yaml")).expect("cases")
}

fn refuse(rules: std::ops::Range<u8>) {
    let mut count = 0;
    for Case { rule, release, layer, says } in cases() {
        if !rules.contains(&rule) {
            continue;
        }
        count += 1;
        let Err(found) = with_layer(&format!("acp/{release}"), &expand(&layer)) else {
            panic!("rule {rule} accepts: {layer}");
        };
        let hints = found.iter().flat_map(|d| d.hints().iter().cloned());
        let said = hints.fold(found.to_string(), |said, hint| said + "\n" + &hint);
        for word in says {
            assert!(said.contains(&word), "rule {rule}, {layer}: no {word} in\n{said}");
        }
        let here = found.iter().any(|d| d.labels().iter().any(|l| l.span.name() == "test.yaml"));
        assert!(here, "rule {rule}, {layer}: no place in the layer\n{said}");
        let helped = found.iter().all(|d| !d.hints().is_empty());
        assert!(helped, "rule {rule}, {layer}: no hint\n{said}");
    }
    assert!(count > 0, "no cases for {rules:?}");
}

#[test]
fn topology_is_checked() {
    refuse(0..12);
}

#[test]
fn addresses_are_checked() {
    refuse(12..16);
}

#[test]
fn networks_are_checked() {
    refuse(16..20);
}

#[test]
fn node_addresses_are_checked() {
    refuse(20..23);
}

#[test]
fn hosts_are_checked() {
    refuse(23..26);
}

#[test]
fn clusters_and_overrides_are_checked() {
    refuse(26..32);
}

/// What is advised against but works.
const WARNED: [(u8, &str, &str, &str); 6] = [
    (10, HA, "other: {maxPods: 111}", "other.maxPods"),
    (
        11,
        HA,
        "platform: {kubernetesVersion: 1.23.16}\nother: {products: [service-mesh]}",
        "platform.kubernetesVersion",
    ),
    (15, PRODUCTION, "platform: {insecureHttp: true}", "platform.insecureHttp"),
    (25, ARM, "sizing: {pools: {global: {cpu: 15}}}", "sizing.pools.global.cpu"),
    (
        25,
        ARM,
        "businessClusters: [{@b, pools: {@pools, slave: {@slave, cpu: 12}, master: {@master, cpu: 8}, prometheus: {@master, mounts: {/: 50, /cpaas/monitoring: 50, /var/lib: 50, /opt: 30, containerRuntime: 100}, cpu: 8, count: 1}}}]",
        "pools.slave.cpu",
    ),
    (28, HA, "nodes: {list: [{@1}, {@2}, {@3}, {@4, role: worker}]}", "control node 192.168.0.11"),
];

#[test]
fn what_is_advised_against_is_a_warning() {
    for (rule, release, layer, wanted) in &WARNED {
        let rendered = with_layer(release, &expand(layer));
        let rendered = rendered.unwrap_or_else(|found| panic!("rule {rule}: {found}"));
        let said: Vec<&str> =
            rendered.warnings().iter().map(plimsoll::Diagnostic::message).collect();
        assert!(said.iter().any(|text| text.contains(wanted)), "rule {rule}: {said:?}");
    }
}

/// The checklist has 31 rules; each is refused or warned of by some case here or below.
#[test]
fn no_rule_is_forgotten() {
    let seen: BTreeSet<u8> =
        cases().iter().map(|case| case.rule).chain(WARNED.iter().map(|case| case.0)).collect();
    assert!((1..=31).all(|rule| seen.contains(&rule)), "{seen:?}");
}

#[test]
fn an_existing_certificate_must_be_given() {
    let request = Request::new(PRODUCTION)
        .with_layer(Layer::text("secrets.yaml", include_str!("../secrets/acp.yaml")));
    let found = render(&repository(), &request).unwrap_err().to_string();
    assert!(found.contains("platform.certificate.cert"), "{found}");
    assert!(found.contains("platform.certificate.key"), "{found}");
}

#[test]
fn a_secret_that_reaches_a_config_map_is_refused() {
    let layer =
        "other: {acknowledgeUnsupported: true, extendedParameters: {x: !ref registry.password}}";
    let request = Request::new(HA)
        .with_layer(Layer::text("secrets.yaml", include_str!("../secrets/acp.yaml")))
        .with_layer(Layer::text("test.yaml", layer));
    let found = render(&repository(), &request).unwrap_err();
    let said = found.to_string();
    assert!(found.iter().all(|d| d.code() == "manifest.secret-in-config-map"), "{said}");
    assert!(said.contains("platform-config") && said.contains("registry.password"), "{said}");
}

#[test]
fn what_stands_outside_of_the_table_of_systems_needs_its_check_off() {
    let debian = "nodes: {list: [{@1, os: Debian 12, kernel: 6.1.0-18}, {@2}, {@3}]}";
    let off = format!("{}\npreflight: {{checks: {{os: {{enable: false}}}}}}", expand(debian));
    assert!(with_layer(HA, &off).is_ok());
    let host = "network: {dockerBip: 10.200.0.1/16, defaultSubnet: {v4: 172.20.0.0/16}}";
    assert!(with_layer(HA, host).is_ok());
}
