//! The smallest chart against what it promises.

mod support;

use serde_json::json;
use support::{names, with_layer};

#[test]
fn the_seed_is_one_deployment() {
    let rendered =
        with_layer("k8s-combat/seed-exact", "").unwrap_or_else(|found| panic!("{found}"));
    assert_eq!(names(&rendered), ["Deployment/k8s-combat"]);
    let spec = rendered.resources()[0].to_value()["spec"].clone();
    assert_eq!(
        spec,
        json!({
            "replicas": 1,
            "selector": {"matchLabels": {"app": "k8s-combat"}},
            "template": {
                "metadata": {"labels": {"app": "k8s-combat"}},
                "spec": {"containers": [{
                    "name": "k8s-combat",
                    "image": "crossoverjie/k8s-combat:v1",
                    "imagePullPolicy": "Always",
                    "resources": {
                        "limits": {"cpu": "1", "memory": "300Mi"},
                        "requests": {"cpu": "0.1", "memory": "30Mi"},
                    },
                }]},
            },
        })
    );
}

#[test]
fn environments_have_their_objects() {
    let objects = |release: &str| {
        let rendered = with_layer(release, "").unwrap_or_else(|found| panic!("{release}: {found}"));
        let mut names: Vec<_> = rendered.resources().iter().map(|r| r.id().kind.clone()).collect();
        names.sort();
        names
    };
    assert_eq!(objects("k8s-combat/dev"), ["Deployment", "Service"]);
    assert_eq!(
        objects("k8s-combat/production-ha"),
        ["Deployment", "Ingress", "PodDisruptionBudget", "Service"]
    );
}

#[test]
fn the_name_stands_in_five_places() {
    let text = |layer: &str| with_layer("k8s-combat/seed-exact", layer).unwrap().to_yaml();
    let (before, after) = (text(""), text("name: other"));
    let changed = before.lines().zip(after.lines()).filter(|(a, b)| a != b).count();
    assert_eq!((before.lines().count(), changed), (after.lines().count(), 5));
}

#[test]
fn bad_input_is_refused() {
    let cases = [
        ("replicas: -1", "minimum"),
        ("replicas: \"1\"", "integer"),
        ("resources: {requests: {memory: 300Mi}, limits: {memory: 30Mi}}", "30Mi"),
        ("image: {pullPolicy: always}", "`Always`"),
        ("resources: {limits: {memory: 300M1}}", "300M1"),
        ("image: {tag: ''}", "image.tag"),
        ("port: 8081\nservice: {enabled: true}\ningress: {enabled: true}", "host"),
        ("probes: {enabled: true}", "port"),
        ("replica: 2", "did you mean `replicas`"),
        ("instrumentation: {javaagent: agent}", "Go"),
    ];
    for (layer, wanted) in cases {
        let found = match with_layer("k8s-combat/seed-exact", layer) {
            Ok(_) => panic!("accepted: {layer}"),
            Err(found) => found.to_string(),
        };
        assert!(found.contains(wanted) && found.contains("test.yaml:"), "{layer}\nsays: {found}");
    }
}
