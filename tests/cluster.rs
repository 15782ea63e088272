//! Releases that share a cluster.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a failing helper fails its test")]

use plimsoll::{Diagnostics, MemorySource, Project, Request, cluster_conflicts, render};

const CHART: &str = "\
apiVersion: plimsoll.dev/v1
kind: Chart
name: exporter
version: 1.0.0
components: {agent: {}}
";

const SCHEMA: &str = "\
type: object
properties:
  name: {type: string}
  nodePort: {type: [integer, 'null'], default: null}
  hostPort: {type: [integer, 'null'], default: null}
";

const TEMPLATE: &str = "\
apiVersion: v1
kind: Service
metadata: {name: '{{ values.name }}'}
spec:
  ports:
    - {port: 80, nodePort: {{ values.nodePort }}, name: tcp}
    - {port: 80, protocol: UDP, nodePort: {{ values.nodePort }}, name: udp}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: '{{ values.name }}'}
spec:
  selector: {matchLabels: {app: agent}}
  template:
    metadata: {labels: {app: agent}}
    spec:
      hostNetwork: {{ true if values.hostPort }}
      containers:
        - {ports: [{containerPort: {{ values.hostPort or 80 }}}], name: agent, image: 'agent:1'}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: '{{ values.name }}'}
";

/// The findings of two releases with these layers and `plimsoll.yaml` lines.
fn conflicts(cluster: [&str; 2], layers: [&str; 2]) -> Diagnostics {
    let project = format!(
        "apiVersion: plimsoll.dev/v1\nkind: Project\nreleases:\n\
         - {{name: one, chart: exporter, layers: [values/one.yaml], {}}}\n\
         - {{name: two, chart: exporter, layers: [values/two.yaml], {}}}\n",
        cluster[0], cluster[1]
    );
    let source = MemorySource::new()
        .with("plimsoll.yaml", &*project)
        .and_then(|source| source.with("charts/exporter/chart.yaml", CHART))
        .and_then(|source| source.with("schemas/exporter/agent.yaml", SCHEMA))
        .and_then(|source| source.with("charts/exporter/agent/all.yaml.j2", TEMPLATE))
        .and_then(|source| source.with("values/one.yaml", layers[0]))
        .and_then(|source| source.with("values/two.yaml", layers[1]))
        .unwrap();
    let releases = Project::load(&source).unwrap().releases().to_vec();
    let rendered: Vec<_> = releases
        .into_iter()
        .map(|release| {
            let request = Request::of(release);
            let rendered = render(&source, &request).unwrap_or_else(|found| panic!("{found}"));
            (request, rendered)
        })
        .collect();
    cluster_conflicts(&source, &rendered)
}

/// Code and places of each finding.
fn places(found: &Diagnostics) -> Vec<String> {
    let place = |finding: &plimsoll::Diagnostic| {
        let spans: Vec<_> = finding.labels().iter().map(|l| l.span.to_string()).collect();
        format!("{} {}", finding.code(), spans.join(" "))
    };
    found.iter().map(place).collect()
}

const SHARED: [&str; 2] = ["cluster: prod", "cluster: prod"];

#[test]
fn releases_of_one_cluster_share_no_node_port() {
    let layers = [
        "agent:\n  name: one\n  nodePort: 30080\n",
        "agent:\n  name: two\n  # the same again\n  nodePort: 30080\n",
    ];
    let found = conflicts(SHARED, layers);
    let expected = ["cluster.node-port values/two.yaml:4:13 values/one.yaml:3:13"];
    assert_eq!(places(&found), expected);
    let message = found.to_string();
    assert!(
        message.contains("two releases on the cluster `prod` have the nodePort 30080"),
        "{message}"
    );
}

#[test]
fn releases_of_one_cluster_share_no_host_port() {
    let layers = ["agent: {name: one, hostPort: 9100}", "agent: {name: two, hostPort: 9100}"];
    let expected = ["cluster.host-port values/two.yaml:1:30 values/one.yaml:1:30"];
    assert_eq!(places(&conflicts(SHARED, layers)), expected);
}

#[test]
fn releases_of_one_cluster_share_no_object() {
    let layers = ["agent: {name: same}", "agent: {name: same}"];
    let shared = conflicts(["cluster: prod, namespace: a", "cluster: prod, namespace: b"], layers);
    let expected = ["cluster.object values/two.yaml:1:15 values/one.yaml:1:15"];
    assert_eq!(places(&shared), expected, "the ClusterRole; the rest lives in two namespaces");
    assert_eq!(conflicts(SHARED, layers).len(), 3, "all of them");
}

#[test]
fn releases_of_other_clusters_do_not_meet() {
    let layers = [
        "agent: {name: same, nodePort: 30080, hostPort: 9100}",
        "agent: {name: same, nodePort: 30080, hostPort: 9100}",
    ];
    for clusters in
        [["labels: {}", "labels: {}"], ["cluster: a", "cluster: b"], ["cluster: a", "labels: {}"]]
    {
        assert!(conflicts(clusters, layers).is_empty(), "{clusters:?}");
    }
}
