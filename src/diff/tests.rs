use super::*;

fn object(kind: &str, body: &str) -> String {
    let version = match kind {
        "Deployment" | "StatefulSet" | "DaemonSet" => "apps/v1",
        "Role" | "ClusterRole" | "ClusterRoleBinding" => "rbac.authorization.k8s.io/v1",
        _ => "v1",
    };
    format!(
        "apiVersion: {version}\nkind: {kind}\nmetadata: {{name: web, namespace: shop}}\n{body}\n"
    )
}

fn side(text: &str) -> Manifest {
    Manifest::accepted("side.yaml", text).unwrap()
}

/// `path: old -> new` of each change.
fn changes(diff: &Diff) -> Vec<String> {
    let text = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
    diff.objects()
        .iter()
        .flat_map(ObjectDiff::fields)
        .map(|change| {
            format!("{}: {} -> {}", change.path(), text(change.before()), text(change.after()))
        })
        .collect()
}

fn between(kind: &str, old: &str, new: &str) -> Diff {
    diff(&side(&object(kind, old)), &side(&object(kind, new)))
}

fn pod(containers: &str) -> String {
    format!("spec: {{template: {{spec: {{containers: {containers}}}}}}}")
}

#[test]
fn the_order_of_keys_and_containers_means_nothing() {
    let a = pod("[{name: a, image: x}, {name: b, image: y}]");
    let b = pod("[{image: y, name: b}, {image: x, name: a}]");
    let diff = between("Deployment", &a, &b);
    assert_eq!(diff.objects()[0].verdict(), Verdict::Reordered);
    assert!(diff.is_empty());
    assert_eq!(between("Deployment", &a, &a).objects()[0].verdict(), Verdict::Equal);
}

#[test]
fn items_pair_by_name() {
    let a = pod("[{name: a, image: x:1}, {name: b, image: y:1}]");
    let b = pod("[{name: new, image: z}, {name: b, image: y:2}]");
    assert_eq!(
        changes(&between("Deployment", &a, &b)),
        [
            "spec.template.spec.containers[name=a]: image: x:1\nname: a -> -"
                .replace("image: x:1\nname: a", "name: a\nimage: x:1"),
            "spec.template.spec.containers[name=b].image: y:1 -> y:2".to_owned(),
            "spec.template.spec.containers[name=new]: - -> name: new\nimage: z".to_owned(),
        ]
    );
}

#[test]
fn a_port_with_another_number_is_the_port_of_that_name() {
    let ports = |port| {
        format!("spec: {{ports: [{{name: http, port: {port}}}, {{name: grpc, port: 9000}}]}}")
    };
    assert_eq!(
        changes(&between("Service", &ports(80), &ports(8080))),
        ["spec.ports[name=http].port: 80 -> 8080"]
    );
    let dns = "spec: {ports: [{port: 53, protocol: UDP}, {port: 53}]}";
    let tcp =
        "spec: {ports: [{port: 53, protocol: TCP}, {port: 53, protocol: UDP, nodePort: 30053}]}";
    assert_eq!(
        changes(&between("Service", dns, tcp)),
        [
            "spec.ports[port=53,protocol=UDP].nodePort: - -> 30053",
            "spec.ports[port=53,protocol=TCP].protocol: - -> TCP"
        ]
    );
}

#[test]
fn quantities_and_int_or_string_compare_by_meaning() {
    let a = pod(
        "[{name: a, resources: {limits: {cpu: 1000m, memory: 1Gi}}, livenessProbe: {httpGet: {port: '80'}}}]",
    );
    let b = pod(
        "[{name: a, resources: {limits: {cpu: 1, memory: 1024Mi}}, livenessProbe: {httpGet: {port: 80}}}]",
    );
    assert_eq!(between("Deployment", &a, &b).objects()[0].verdict(), Verdict::Reordered);
    let c = pod(
        "[{name: a, resources: {limits: {cpu: 1001m, memory: 1Gi}}, livenessProbe: {httpGet: {port: 80}}}]",
    );
    assert_eq!(changes(&between("Deployment", &a, &c)).len(), 1);
    // Outside the fields of that type a string is no number.
    assert_eq!(changes(&between("ConfigMap", "data: {a: '1'}", "data: {a: 1}")).len(), 1);
}

#[test]
fn arguments_align_and_their_order_counts() {
    let args = |args: &str| pod(&format!("[{{name: a, args: {args}}}]"));
    let place = "spec.template.spec.containers[name=a].args";
    assert_eq!(
        changes(&between("Deployment", &args("[-v, --x=1, --y]"), &args("[-v, --w, --x=2, --y]"))),
        [format!("{place}[1]: --x=1 -> --w"), format!("{place}[2]: - -> --x=2")]
    );
    let swapped = between("Deployment", &args("[a, b]"), &args("[b, a]"));
    assert!(swapped.objects()[0].fields()[0].is_order());
    assert!(
        between("Role", "rules: [{verbs: [get, list]}]", "rules: [{verbs: [list, get]}]")
            .is_empty()
    );
}

#[test]
fn init_containers_run_in_order() {
    let init = |names: [&str; 2]| {
        format!(
            "spec: {{template: {{spec: {{initContainers: [{{name: {}}}, {{name: {}}}]}}}}}}",
            names[0], names[1]
        )
    };
    let diff = between("Deployment", &init(["a", "b"]), &init(["b", "a"]));
    assert_eq!(diff.objects()[0].verdict(), Verdict::Changed);
    assert!(diff.objects()[0].fields()[0].is_order());
}

#[test]
fn documents_inside_strings_are_compared_as_documents() {
    let data = |name: &str, text: &str| {
        format!("data:\n  {name}: {}", serde_json::to_string(text).unwrap())
    };
    let yaml = |retention: &str| {
        format!("global:\n  scrape: 15s\njobs:\n- job_name: a\n  keep: {retention}\n")
    };
    assert_eq!(
        changes(&between("ConfigMap", &data("p.yml", &yaml("1d")), &data("p.yml", &yaml("2d")))),
        ["data.\"p.yml\" (yaml) jobs[job_name=a].keep: 1d -> 2d"]
    );
    let json = |a: u8| format!("{{\"a\": {a}, \"b\": [1, 2]}}");
    assert_eq!(
        changes(&between("ConfigMap", &data("c.json", &json(1)), &data("c.json", &json(2)))),
        ["data.\"c.json\" (json) a: 1 -> 2"]
    );
    let ini = |port: &str| format!("# the server\n[server]\nport = {port}\n");
    assert_eq!(
        changes(&between("ConfigMap", &data("g.ini", &ini("1")), &data("g.ini", &ini("2")))),
        ["data.\"g.ini\" (ini) server.port: \"1\" -> \"2\""]
    );
    let comment = |text: &str| format!("# {text}\na: 1\n");
    let diff = between("ConfigMap", &data("a.yaml", &comment("x")), &data("a.yaml", &comment("y")));
    assert_eq!(diff.objects()[0].fields()[0].texts(), Some(("# x\na: 1\n", "# y\na: 1\n")));
}

#[test]
fn objects_pair_by_identity_and_renames_are_suggested() {
    let deployment = |name: &str| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}}}\nspec:\n  replicas: 3\n  paused: true\n  minReadySeconds: 4\n"
        )
    };
    let new = deployment("new").replace("replicas: 3", "replicas: 5");
    let diff = diff(&side(&deployment("old")), &side(&new));
    let fields: Vec<_> = diff.objects()[0].fields().iter().map(|f| f.path().to_string()).collect();
    assert_eq!(fields, ["spec.replicas"], "what else is different about it");
    let verdicts: Vec<_> = diff
        .objects()
        .iter()
        .map(|o| (o.verdict(), o.renamed().map(|id| id.name.clone())))
        .collect();
    assert_eq!(
        verdicts,
        [(Verdict::Added, Some("old".to_owned())), (Verdict::Removed, Some("new".to_owned()))]
    );
}

#[test]
fn an_object_without_namespace_is_the_one_that_has_one() {
    let old = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {k: x}}";
    let new =
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: shop}, data: {k: x}}";
    assert!(diff(&side(old), &side(new)).is_empty());
    let two = format!("{new}\n---\n{}", new.replace("shop", "other"));
    assert_eq!(diff(&side(old), &side(&two)).count(Verdict::Added), 2, "which one is not known");
}

#[test]
fn what_the_server_adds_is_no_difference() {
    let ours = object(
        "Deployment",
        "spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {hostNetwork: false, containers: [{name: a, image: x, ports: [{containerPort: 80}], resources: {limits: {cpu: 1000m}}}]}}}",
    );
    let live = "\
apiVersion: v1
kind: List
items:
- apiVersion: apps/v1
  kind: Deployment
  metadata:
    name: web
    namespace: shop
    uid: 1-2
    resourceVersion: '77'
    generation: 2
    creationTimestamp: '2026-01-01T00:00:00Z'
    managedFields: [{manager: kubectl}]
    annotations: {deployment.kubernetes.io/revision: '1'}
  spec:
    progressDeadlineSeconds: 600
    replicas: 1
    revisionHistoryLimit: 10
    selector: {matchLabels: {a: b}}
    strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 25%, maxUnavailable: 25%}}
    template:
      metadata: {creationTimestamp: null, labels: {a: b}}
      spec:
        containers:
        - {name: a, image: x, imagePullPolicy: Always, ports: [{containerPort: 80, protocol: TCP}], resources: {limits: {cpu: '1'}}, terminationMessagePath: /dev/termination-log, terminationMessagePolicy: File}
        dnsPolicy: ClusterFirst
        restartPolicy: Always
        schedulerName: default-scheduler
        securityContext: {}
        terminationGracePeriodSeconds: 30
  status: {replicas: 1}
";
    let there = Manifest::from_yaml("-", live).unwrap().live();
    let found = diff(&there, &side(&ours));
    assert_eq!(changes(&found), Vec::<String>::new());
    assert_eq!(found.count(Verdict::Equal), 1, "`1` and `1000m` are the server's spelling");
    let kapp = live.replace("{a: b}", "{a: b, kapp.k14s.io/app: '17'}");
    assert!(diff(&Manifest::from_yaml("-", &kapp).unwrap().live(), &side(&ours)).is_empty());
    let scaled = live.replace("replicas: 1\n    rev", "replicas: 4\n    rev");
    let there = Manifest::from_yaml("-", &scaled).unwrap().live();
    assert_eq!(
        changes(&diff(&there, &side(&ours))),
        ["spec.replicas: 4 -> -"],
        "somebody scaled it"
    );
}

#[test]
fn what_nobody_set_is_a_default_of_a_custom_resource() {
    let head = "apiVersion: monitoring.coreos.com/v1\nkind: Prometheus\nmetadata: {name: a, namespace: shop";
    let ours = format!(
        "{head}}}\nspec: {{replicas: 2, alerting: {{alertmanagers: [{{name: am}}]}}, rules: [{{name: r}}]}}\n"
    );
    let live = |scaled: &str| {
        format!(
            "{head}, uid: x, managedFields: [{{manager: kubectl, fieldsV1: {{'f:spec': {{'f:replicas': {{}}, \
             'f:alerting': {{'f:alertmanagers': {{}}}}, 'f:rules': {{'k:{{\"name\":\"r\"}}': {{'.': {{}}, 'f:name': {{}}}}}}}}}}}}{scaled}]}}\n\
             spec: {{replicas: 2, scrapeInterval: 30s, shards: 3, alerting: {{alertmanagers: [{{name: am, port: web}}]}}, \
             rules: [{{name: r, interval: 1m}}]}}\n"
        )
    };
    let found =
        |live: &str| changes(&diff(&Manifest::from_yaml("-", live).unwrap().live(), &side(&ours)));
    let whole = "spec.alerting.alertmanagers[name=am].port: web -> -";
    assert_eq!(found(&live("")), [whole], "a list that is owned as a whole has no defaults inside");
    let scaled = ", {manager: somebody, fieldsV1: {'f:spec': {'f:shards': {}}}}";
    assert_eq!(found(&live(scaled)), ["spec.shards: 3 -> -", whole]);
}

#[test]
fn the_order_told_in_other_words_is_no_change_of_what_lives() {
    let ours = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: shop, annotations: {config.kubernetes.io/depends-on: /Namespace/shop, plimsoll.dev/wave: '1'}}\n";
    let live = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: shop, uid: x, annotations: {argocd.argoproj.io/sync-wave: '10', plimsoll.dev/wave: '1'}}\n";
    let there = Manifest::from_yaml("-", live).unwrap().live();
    let found = diff(&there, &side(ours));
    assert!(found.is_empty() && found.count(Verdict::Reordered) == 1, "{:?}", changes(&found));
    let there = Manifest::from_yaml("-", &live.replace("uid: x, ", "")).unwrap();
    assert_eq!(diff(&there, &side(ours)).count(Verdict::Changed), 1);
}

#[test]
fn a_name_that_is_also_a_secret_is_no_risk() {
    let binding = |role: &str, more: &str| {
        format!(
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {{name: a, namespace: shop{more}}}\nroleRef: {{kind: Role, name: {role}}}\nsubjects: [{{kind: ServiceAccount, name: web, namespace: shop}}]\n"
        )
    };
    let secret =
        "apiVersion: v1\nkind: Secret\nmetadata: {name: web, namespace: shop}\nstringData: {user: ";
    let there = format!("{}---\n{secret}shop}}\n", binding("one", ", uid: x"));
    let there = Manifest::from_yaml("-", &there).unwrap().live();
    let ours = format!("{}---\n{secret}'<secret:web.user>'}}\n", binding("two", ""));
    assert_eq!(risks(&diff(&there, &side(&ours))), ["risk.immutable-field"]);
}

#[test]
fn a_secret_is_compared_and_never_shown() {
    let ours = "apiVersion: v1\nkind: Secret\nmetadata: {name: web, namespace: shop}\nstringData: {password: '<secret:web.password>', user: admin}\n";
    let live = "apiVersion: v1\nkind: Secret\nmetadata: {name: web, namespace: shop, uid: x}\ntype: Opaque\ndata: {password: aHVudGVyMg==, user: YWRtaW4=}\n";
    let there = Manifest::from_yaml("-", live).unwrap().live();
    assert!(diff(&there, &side(ours)).is_empty());
    let other = live.replace("YWRtaW4=", "cm9vdA==");
    let there = Manifest::from_yaml("-", &other).unwrap().live();
    let found = diff(&there, &side(ours));
    assert_eq!(changes(&found), ["data.user: (secret) -> (another secret)"]);
    let all = format!("{:?}{:?}", found.objects()[0].old_yaml(), found.objects()[0].new_yaml());
    assert!(!all.contains("aHVudGVyMg") && !all.contains("cm9vdA"), "{all}");
    let env = |value: &str| {
        object(
            "Deployment",
            &pod(&format!("[{{name: a, env: [{{name: URL, value: '{value}'}}]}}]")),
        )
    };
    let there = Manifest::from_yaml("-", &env("http://me:hunter2@db/x")).unwrap().live();
    assert!(diff(&there, &side(&env("http://me:<secret:db.password>@db/x"))).is_empty());
    let found = diff(&there, &side(&env("http://me:<secret:db.password>@db/y")));
    assert!(!changes(&found).concat().contains("hunter2"), "{:?}", changes(&found));
}

fn risks(diff: &Diff) -> Vec<&'static str> {
    diff.risks().map(|(_, risk)| risk.code).collect()
}

#[test]
fn risky_changes_are_called_out() {
    let set = |field: &str| format!("spec: {{replicas: 3, serviceName: a, {field}}}");
    let service = set("x: y").replace("serviceName: a", "serviceName: b");
    assert_eq!(risks(&between("StatefulSet", &set("x: y"), &service)), ["risk.immutable-field"]);
    let none = set("x: y").replace("replicas: 3", "replicas: 0");
    assert_eq!(risks(&between("StatefulSet", &set("x: y"), &none)), ["risk.replicas-zero"]);
    let gone = diff(&side(&object("StatefulSet", &set("x: y"))), &side(""));
    assert_eq!(risks(&gone), ["risk.stateful-removed"]);
    let claim = |size: &str| format!("spec: {{resources: {{requests: {{storage: {size}}}}}}}");
    assert_eq!(
        risks(&between("PersistentVolumeClaim", &claim("10Gi"), &claim("5Gi"))),
        ["risk.storage-shrunk"]
    );
    assert!(risks(&between("PersistentVolumeClaim", &claim("5Gi"), &claim("10Gi"))).is_empty());
    let rules =
        |verbs: &str| format!("rules: [{{apiGroups: [''], resources: [pods], verbs: {verbs}}}]");
    let wider = between("Role", &rules("[get]"), &rules("[get, delete]"));
    assert_eq!(risks(&wider), ["risk.rbac-widened"]);
    assert!(risks(&between("Role", &rules("['*']"), &rules("[get]"))).is_empty());
    let privileged =
        |yes: bool| pod(&format!("[{{name: a, securityContext: {{privileged: {yes}}}}}]"));
    assert_eq!(
        risks(&between("Deployment", &privileged(false), &privileged(true))),
        ["risk.privileged"]
    );
}
