//! The order that follows from what objects name, beside the one that components declare.

use plimsoll::graph::{EdgeKind, Graph, graph};
use plimsoll::{Diagnostic, Diagnostics, Dialect, MemorySource, Rendered, Request, render};

const DEPLOYMENT: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: example.com/web:1
          envFrom: [{configMapRef: {name: settings}}]
";
const SETTINGS: &str = "{apiVersion: v1, kind: ConfigMap, metadata: {name: settings}}\n";

/// A chart of components, each with its line in `chart.yaml` and its objects.
struct Shop(MemorySource);

impl Shop {
    fn new(components: &[(&str, &str, &str)]) -> Self {
        let mut chart =
            "apiVersion: plimsoll.dev/v1\nkind: Chart\nname: shop\nversion: 1.0.0\ncomponents:\n"
                .to_owned();
        let mut source = MemorySource::new();
        for (name, definition, objects) in components {
            chart.extend(["  ", name, ": ", definition, "\n"]);
            source =
                source.with(&format!("charts/shop/{name}/all.yaml"), *objects).expect("a path");
        }
        Self(source.with("charts/shop/chart.yaml", chart).expect("a path"))
    }

    fn render(&self) -> Result<Rendered, Diagnostics> {
        render(&self.0, &Request::new("shop").with_validation(false))
    }

    fn graph(&self) -> Graph {
        graph(&self.0, &Request::new("shop")).expect("a graph")
    }

    /// `component: wave` in stream order.
    fn waves(&self) -> Vec<String> {
        let rendered = self.render().expect("a rendering");
        let wave = |r: &plimsoll::Resource| format!("{}: {}", r.component(), r.wave());
        rendered.resources().iter().map(wave).collect()
    }
}

#[test]
fn a_component_comes_after_what_its_pods_use() {
    let shop = Shop::new(&[("web", "{}", DEPLOYMENT), ("settings", "{}", SETTINGS)]);
    assert_eq!(shop.waves(), ["settings: 0", "web: 1"]);
    let yaml = shop.render().expect("a rendering").to_yaml();
    assert!(
        yaml.contains("config.kubernetes.io/depends-on: /namespaces/default/ConfigMap/settings")
    );
    let graph = shop.graph();
    let why = EdgeKind::Inferred("Deployment/web names ConfigMap/settings".to_owned());
    assert_eq!((&*graph.edges()[0].before, &graph.edges()[0].kind), ("settings", &why));
    assert!(
        graph.to_text().contains("after settings (Deployment/web names ConfigMap/settings)"),
        "{}",
        graph.to_text()
    );
    let label = "\"Deployment/web names ConfigMap/settings\"";
    assert!(graph.to_dot().contains(&format!("[style=dotted, label={label}]")));
    assert!(graph.to_mermaid().contains(&format!("c0 -. {label} .-> c1")));
    assert!(graph.to_svg().contains("stroke-dasharray=\"1.5 3\""));
    assert!(graph.to_svg().contains("after settings (Deployment/web names ConfigMap/settings)"));
}

#[test]
fn what_needs_say_already_is_no_news() {
    let components = [
        ("settings", "{}", SETTINGS),
        ("base", "{needs: [settings]}", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n"),
        ("web", "{needs: [base]}", DEPLOYMENT),
    ];
    let graph = Shop::new(&components).graph();
    assert!(graph.edges().iter().all(|edge| edge.kind == EdgeKind::Declared), "{graph:?}");
    assert_eq!(graph.edges().len(), 2);
}

#[test]
fn what_may_be_missing_and_what_comes_at_any_time_makes_no_order() {
    let optional = DEPLOYMENT.replace("name: settings}", "name: settings, optional: true}");
    let shop = Shop::new(&[("web", "{}", &optional), ("settings", "{}", SETTINGS)]);
    assert_eq!(shop.waves(), ["settings: 0", "web: 0"]);
    let ingress = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: web}\n\
        spec: {defaultBackend: {service: {name: web, port: {number: 80}}}}\n";
    let service =
        "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {ports: [{port: 80}]}\n";
    let shop = Shop::new(&[("ingress", "{}", ingress), ("service", "{}", service)]);
    assert!(shop.graph().edges().is_empty());
}

#[test]
fn each_kind_of_edge() {
    let pod = |spec: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: a, labels: {{app: a}}}}\nspec:\n  containers: [{{name: a, image: example.com/a:1}}]\n  {spec}\n"
        )
    };
    let object = |version: &str, kind: &str, more: &str| {
        format!("apiVersion: {version}\nkind: {kind}\nmetadata: {{name: b}}\n{more}\n")
    };
    let rbac = "rbac.authorization.k8s.io/v1";
    let binding = |kind: &str| {
        object(
            rbac,
            kind,
            &format!(
                "roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: {}, name: b}}",
                kind.replace("Binding", "")
            ),
        )
    };
    let stateful = "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: a}\nspec:\n  serviceName: b\n  \
        selector: {matchLabels: {app: a}}\n  template:\n    metadata: {labels: {app: a}}\n    \
        spec: {containers: [{name: a, image: example.com/a:1}]}\n";
    let scaler = object(
        "autoscaling/v2",
        "HorizontalPodAutoscaler",
        "spec: {maxReplicas: 2, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}}",
    );
    let budget =
        object("policy/v1", "PodDisruptionBudget", "spec: {selector: {matchLabels: {app: web}}}");
    let cases = [
        (pod("serviceAccountName: b"), object("v1", "ServiceAccount", "")),
        (pod("priorityClassName: b"), object("scheduling.k8s.io/v1", "PriorityClass", "")),
        (pod("runtimeClassName: b"), object("node.k8s.io/v1", "RuntimeClass", "")),
        (pod("imagePullSecrets: [{name: b}]"), object("v1", "Secret", "")),
        (pod("volumes: [{name: v, secret: {secretName: b}}]"), object("v1", "Secret", "")),
        (pod("volumes: [{name: v, configMap: {name: b}}]"), object("v1", "ConfigMap", "")),
        (
            pod("volumes: [{name: v, persistentVolumeClaim: {claimName: b}}]"),
            object("v1", "PersistentVolumeClaim", "spec: {storageClassName: ''}"),
        ),
        (binding("RoleBinding"), object(rbac, "Role", "")),
        (binding("ClusterRoleBinding"), object(rbac, "ClusterRole", "")),
        (
            stateful.to_owned(),
            object("v1", "Service", "spec: {clusterIP: None, selector: {app: a}}"),
        ),
        (
            object("v1", "PersistentVolumeClaim", "spec: {storageClassName: b}"),
            object("storage.k8s.io/v1", "StorageClass", ""),
        ),
        (
            object("v1", "PersistentVolume", "spec: {storageClassName: b}"),
            object("storage.k8s.io/v1", "StorageClass", ""),
        ),
        (scaler, DEPLOYMENT.replace("envFrom: [{configMapRef: {name: settings}}]", "")),
        (budget, DEPLOYMENT.replace("envFrom: [{configMapRef: {name: settings}}]", "")),
    ];
    for (late, early) in cases {
        let shop = Shop::new(&[("late", "{}", &late), ("early", "{}", &early)]);
        let graph = shop.graph();
        let edges: Vec<_> =
            graph.edges().iter().map(|edge| (&*edge.before, &*edge.after)).collect();
        assert_eq!(edges, [("early", "late")], "{late}");
        assert_eq!(shop.render().expect("a rendering").warnings().iter().next(), None, "{late}");
    }
}

#[test]
fn nobody_waits_for_a_claim_that_waits_for_its_pod() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  \
        containers: [{name: a, image: example.com/a:1}]\n  \
        volumes: [{name: v, persistentVolumeClaim: {claimName: b}}]\n";
    let edges = |mode: &str| {
        let claim = format!(
            "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {{name: b}}\nspec: {{storageClassName: fast}}\n{mode}"
        );
        Shop::new(&[("pod", "{}", pod), ("claim", "{}", &claim)]).graph().edges().len()
    };
    let class = "---\napiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: fast}\n";
    assert_eq!(edges(""), 0);
    assert_eq!(edges(class), 1);
    assert_eq!(edges(&format!("{class}volumeBindingMode: Immediate\n")), 1);
    assert_eq!(edges(&format!("{class}volumeBindingMode: WaitForFirstConsumer\n")), 0);
}

#[test]
fn what_guards_or_scales_pods_may_come_before_them() {
    let budget = "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: web}\n\
        spec: {selector: {matchLabels: {app: web}}}\n";
    let web = DEPLOYMENT.replace("envFrom: [{configMapRef: {name: settings}}]", "");
    let shop = Shop::new(&[("web", "{needs: [guards]}", &web), ("guards", "{}", budget)]);
    assert_eq!(shop.waves(), ["guards: 0", "web: 1"]);
}

#[test]
fn what_objects_name_may_not_contradict_needs() {
    let shop = Shop::new(&[
        ("web", "{}", DEPLOYMENT),
        ("between", "{needs: [web]}", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n"),
        ("settings", "{needs: [between]}", SETTINGS),
    ]);
    let found = shop.render().expect_err("a contradiction");
    let finding = found.iter().next().expect("a finding");
    assert_eq!(finding.code(), "reference.against-needs");
    assert_eq!(
        finding.message(),
        "`settings` comes before `web`, because Deployment/web names ConfigMap/settings, but needs it"
    );
    let places: Vec<String> =
        finding.labels().iter().map(|label| format!("{} {}", label.span, label.text)).collect();
    assert_eq!(
        places,
        [
            "charts/shop/web/all.yaml:12:43 `spec.template.spec.containers[0].envFrom[0].configMapRef.name` of \
             `Deployment.apps web`",
            "charts/shop/chart.yaml:8:22 `settings` needs `web`",
        ]
    );
    assert!(graph(&shop.0, &Request::new("shop")).is_err());
}

#[test]
fn components_that_name_each_other_are_warned_of() {
    let own = "---\n{apiVersion: v1, kind: Secret, metadata: {name: own}}\n";
    let other = "apiVersion: v1\nkind: Pod\nmetadata: {name: other}\nspec:\n  containers:\n    \
        - {name: a, image: example.com/a:1, envFrom: [{secretRef: {name: own}}]}\n---\n";
    let (web, settings) = (format!("{DEPLOYMENT}{own}"), format!("{other}{SETTINGS}"));
    let shop = Shop::new(&[("web", "{}", &web), ("settings", "{}", &settings)]);
    let rendered = shop.render().expect("a rendering");
    let codes: Vec<_> = rendered.warnings().iter().map(Diagnostic::code).collect();
    assert_eq!(codes, ["reference.circle"]);
    // The first one holds.
    assert_eq!(shop.graph().edges().len(), 1);
}

#[test]
fn dialects_carry_inferred_edges() {
    let shop = Shop::new(&[("web", "{}", DEPLOYMENT), ("settings", "{}", SETTINGS)]);
    let request = Request::new("shop").with_dialects([Dialect::Kapp, Dialect::Flux]);
    let rendered = render(&shop.0, &request).expect("a rendering");
    let yaml = rendered.to_yaml();
    assert!(yaml.contains("upsert after upserting shop.plimsoll.dev/settings"), "{yaml}");
    let flux = rendered.flux_kustomizations("./shop", "flux-system");
    assert!(flux.contains("dependsOn:\n  - name: shop-settings"), "{flux}");
}
