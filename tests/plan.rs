//! Upgrades in phases: Pulsar's, phase by phase, and what must hold of any plan.

#![expect(clippy::panic, reason = "a failing helper fails its test")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use plimsoll::diff::Verdict;
use plimsoll::plan::{LeftOut, Phase, Plan, plan};
use plimsoll::{
    Diagnostics, DirSource, Layer, ReadError, Rendered, Request, Resource, Secrets, Source,
    SourcePath, render,
};
use support::{names, repository, with_layer};

const UPGRADE: &str = "pulsar/upgrade-3.0.5-to-4.0.12";

fn request(release: &str, layers: &[&str]) -> Request {
    let request = Request::new(release).with_secrets(Secrets::Placeholder);
    layers
        .iter()
        .fold(request, |request, layer| request.with_layer(Layer::text("test.yaml", *layer)))
}

/// The plan of a release with a layer on both sides and one on each.
fn planned<'a>(
    source: &'a dyn Source,
    release: &str,
    [both, from, to]: [&str; 3],
) -> Result<Plan<'a>, Diagnostics> {
    plan((source, &request(release, &[both, from])), (source, &request(release, &[both, to])))
}

fn shown(resources: &[Resource]) -> BTreeMap<String, String> {
    resources.iter().map(|resource| (resource.id().to_string(), resource.to_yaml())).collect()
}

/// `Kind/name` of what a phase adds or changes.
fn changes(phase: &Phase<'_>) -> Vec<String> {
    let objects = phase.diff().objects().iter();
    let changed = objects.filter(|object| object.verdict() != Verdict::Equal);
    changed.map(|object| format!("{}/{}", object.id().kind, object.id().name)).collect()
}

/// The StatefulSet of a phase: its name, tag and replicas.
fn workload(objects: &[Resource]) -> (String, String, u64) {
    let sets: Vec<_> = objects.iter().filter(|r| r.id().kind == "StatefulSet").collect();
    let [one] = sets[..] else { panic!("{} StatefulSets", sets.len()) };
    let spec = &one.to_value()["spec"];
    let image =
        spec["template"]["spec"]["containers"][0]["image"].as_str().expect("an image").to_owned();
    let tag = image.rsplit(':').next().unwrap_or_default().to_owned();
    (one.id().name.clone(), tag, spec["replicas"].as_u64().expect("replicas"))
}

/// A phase's name, its StatefulSet with tag and replicas, its components, words of its gate.
type Expected =
    (&'static str, &'static str, &'static str, u64, &'static [&'static str], &'static str);

#[test]
fn pulsar_is_upgraded_in_seven_phases() {
    let source = repository();
    let plan = planned(&source, UPGRADE, ["", "", ""]).unwrap();
    let expected: [Expected; 7] = [
        ("upgrade-zookeeper", "pulsar-zookeeper", "4.0.12", 3, &["zookeeper"], "imok"),
        ("stop-autorecovery", "pulsar-recovery", "3.0.5", 0, &["autorecovery"], "no recovery pod"),
        ("upgrade-bookkeeper", "pulsar-bookie", "4.0.12", 4, &["bookkeeper"], "4/4"),
        ("upgrade-broker", "pulsar-broker", "4.0.12", 3, &["broker", "functions"], "/status.html"),
        ("upgrade-proxy", "pulsar-proxy", "4.0.12", 3, &["proxy"], "3/3"),
        ("start-autorecovery", "pulsar-recovery", "4.0.12", 1, &["autorecovery"], "1/1"),
        ("upgrade-clients", "pulsar-toolset", "4.0.12", 1, &["toolset"], "1/1"),
    ];
    assert_eq!(plan.phases().len(), expected.len());
    for (index, (phase, (name, set, tag, replicas, components, gate))) in
        plan.phases().iter().zip(expected).enumerate()
    {
        assert_eq!((phase.number(), phase.name(), phase.left_out()), (index + 1, name, None));
        assert_eq!(workload(phase.objects()), (set.to_owned(), tag.to_owned(), replicas), "{name}");
        assert_eq!(phase.components(), components);
        assert!(phase.gate().is_some_and(|text| text.contains(gate)), "{name}");
        let all = plan.after().resources().iter().filter(|r| components.contains(&r.component()));
        assert_eq!(phase.objects().len(), all.count(), "{name}: the full manifests, nothing else");
        let mut expected = vec![format!("ConfigMap/{set}"), format!("StatefulSet/{set}")];
        if matches!(set, "pulsar-recovery" | "pulsar-toolset") {
            // Their settings hold nothing that depends on the version.
            expected.remove(0);
        }
        assert_eq!(changes(phase), expected, "{name}");
    }
    assert!(plan.removed().objects().is_empty());
    let stop: Vec<_> = plan.phases()[1]
        .diff()
        .objects()
        .iter()
        .flat_map(plimsoll::diff::ObjectDiff::fields)
        .collect();
    assert_eq!(stop.len(), 1, "stopping recovery changes the number of pods only");
    assert_eq!(stop[0].path().to_string(), "spec.replicas");
}

#[test]
fn no_phase_holds_a_job_and_each_stateful_set_is_touched_once_but_recovery() {
    let source = repository();
    let plan = planned(&source, UPGRADE, ["components: {functions: true}", "", ""]).unwrap();
    let mut touched: BTreeMap<String, usize> = BTreeMap::new();
    for phase in plan.phases() {
        assert!(phase.objects().iter().all(|resource| resource.id().kind != "Job"));
        for name in changes(phase).into_iter().filter(|name| name.starts_with("StatefulSet/")) {
            *touched.entry(name).or_default() += 1;
        }
    }
    let sets = ["zookeeper", "bookie", "broker", "proxy", "toolset"];
    let mut expected: BTreeMap<String, usize> =
        sets.iter().map(|name| (format!("StatefulSet/pulsar-{name}"), 1)).collect();
    expected.insert("StatefulSet/pulsar-recovery".to_owned(), 2);
    assert_eq!(touched, expected);
}

#[test]
fn the_collector_flags_move_with_the_tag_in_every_state() {
    let source = repository();
    let plan = planned(&source, UPGRADE, ["", "", ""]).unwrap();
    let mut state = shown(plan.before().resources());
    for phase in plan.phases() {
        state.extend(shown(phase.objects()));
        let mut seen = 0;
        for name in ["zookeeper", "bookie", "broker", "proxy"] {
            let of = |kind: &str| &state[&format!("{kind} pulsar/pulsar-{name}")];
            let new = of("StatefulSet.apps").contains("pulsar-all:4.0.12");
            assert_ne!(new, of("StatefulSet.apps").contains("pulsar-all:3.0.5"), "{name}");
            assert_eq!(new, of("ConfigMap").contains("ZGenerational"), "{name} in {phase:?}");
            seen += usize::from(new);
        }
        assert_eq!(seen, [1, 1, 2, 3, 4, 4, 4][phase.number() - 1]);
    }
}

#[test]
fn the_end_is_the_plain_render_of_the_new_version() {
    let source = repository();
    let plan = planned(&source, UPGRADE, ["", "", ""]).unwrap();
    let alone = request(UPGRADE, &["image: {tag: 4.0.12}"]).with_dialects([]);
    assert_eq!(plan.after().to_yaml(), render(&source, &alone).unwrap().to_yaml());
    let alone = request(UPGRADE, &["image: {tag: 3.0.5}"]).with_dialects([]);
    assert_eq!(plan.before().to_yaml(), render(&source, &alone).unwrap().to_yaml());
    // Once done, the release itself is what the plan has led to.
    assert_eq!(names(plan.after()), names(&with_layer(UPGRADE, "").unwrap()));
}

/// Applies the phases in turn over the old state, deletes what the plan lists, and must come to the new state, to the
/// byte.
fn replay(plan: &Plan<'_>, what: &str) {
    let mut state = shown(plan.before().resources());
    for phase in plan.phases() {
        if phase.left_out().is_none() {
            assert!(!phase.objects().is_empty(), "{what}: {phase:?}");
            state.extend(shown(phase.objects()));
        }
    }
    for object in plan.removed().objects() {
        assert!(state.remove(&object.id().to_string()).is_some(), "{what}: {}", object.id());
    }
    assert_eq!(state, shown(plan.after().resources()), "{what}");
}

/// Layers that make another cluster of the same release.
const VARIATIONS: [&str; 10] = [
    "",
    "components: {autorecovery: false}",
    "components: {functions: true}\nbroker: {podManagementPolicy: Parallel}",
    "upgrade: {skipZookeeper: true}",
    "components: {pulsar_manager: true}\nmonitoring: {alert_manager: true}",
    "monitoring: {prometheus: false, grafana: false}\npodMonitors: {enabled: true}",
    "components: {zookeeper: false}\nexternalZookeeper: zk:2181",
    "bookkeeper: {replicas: 6, image: {tag: 4.0.11}}",
    "autorecovery: {replicas: 0}",
    "grafana: {image: {tag: 13.1.0}}\ncomponents: {toolset: false}",
];

#[test]
fn applying_the_phases_in_turn_ends_in_the_release_wanted() {
    let source = repository();
    for (index, one) in VARIATIONS.iter().enumerate() {
        if index < 4 {
            let both = planned(&source, UPGRADE, [one, "", ""]);
            replay(&both.unwrap_or_else(|found| panic!("{one}: {found}")), one);
        }
        // Each turns into the next one on the way.
        let next = VARIATIONS[(index + 1) % VARIATIONS.len()];
        let turned = planned(&source, UPGRADE, ["", one, next]);
        let turned = turned.unwrap_or_else(|found| panic!("{one} to {next}: {found}"));
        replay(&turned, &format!("{one} to {next}"));
    }
    for release in ["pulsar/minimal", "pulsar/production-ha", "pulsar/full"] {
        let layer = "initialize: false\nupgrade: {from: {tag: 3.0.5}, to: {tag: 4.0.12}}";
        let plan =
            planned(&source, release, [layer, "", ""]).unwrap_or_else(|f| panic!("{release}: {f}"));
        replay(&plan, release);
    }
}

fn left_out(plan: &Plan<'_>) -> Vec<(usize, LeftOut)> {
    let reason = |phase: &Phase<'_>| Some((phase.number(), phase.left_out()?.clone()));
    plan.phases().iter().filter_map(reason).collect()
}

#[test]
fn what_changes_nothing_is_left_out_and_numbers_stay() {
    let source = repository();
    let plan = planned(&source, UPGRADE, ["components: {autorecovery: false}", "", ""]).unwrap();
    assert_eq!(left_out(&plan), [(2, LeftOut::Empty), (6, LeftOut::Empty)]);
    let plan = planned(&source, UPGRADE, ["broker: {image: {tag: 3.0.6}}", "", ""]).unwrap();
    assert_eq!(left_out(&plan), [(4, LeftOut::Unchanged)]);
    let found = plan.phase("4").unwrap_err();
    assert_eq!(found.code(), "plan.skipped-phase");
    assert_eq!(plan.phase("upgrade-proxy").unwrap().number(), 5);
    let found = plan.phase("upgrade-proxi").unwrap_err();
    assert_eq!(found.code(), "plan.no-such-phase");
    assert!(found.to_string().contains("did you mean `upgrade-proxy`?"), "{found}");
}

#[test]
fn a_skipped_zookeeper_stays_and_the_plan_says_what_to_write_down() {
    let source = repository();
    let plan = planned(&source, UPGRADE, ["upgrade: {skipZookeeper: true}", "", ""]).unwrap();
    assert_eq!(left_out(&plan), [(1, LeftOut::Asked("values.upgrade.skipZookeeper".to_owned()))]);
    let settings: Vec<_> = plan
        .settings()
        .iter()
        .map(|s| (s.path.as_str(), s.after.as_deref(), s.plain.as_deref()))
        .collect();
    assert_eq!(
        settings,
        [
            ("image.tag", Some("4.0.12"), Some("4.0.12")),
            ("zookeeper.image.tag", Some("3.0.5"), None)
        ]
    );
}

#[test]
fn what_no_phase_names_comes_last_and_what_goes_is_listed() {
    let source = repository();
    let to = "monitoring: {node_exporter: false}\ngrafana: {image: {tag: 13.2.1}}";
    let plan = planned(&source, UPGRADE, ["", "", to]).unwrap();
    let last = plan.phases().last().unwrap();
    assert_eq!((last.number(), last.name()), (8, "everything-else"));
    assert_eq!(last.components(), ["grafana"]);
    assert_eq!(changes(last), ["Deployment/pulsar-grafana"]);
    let gone: BTreeSet<_> =
        plan.removed().objects().iter().map(|object| object.id().kind.as_str()).collect();
    assert_eq!(gone, ["DaemonSet", "Service", "ServiceAccount"].into());
}

const DEPENDS_ON: &str = "config.kubernetes.io/depends-on";

fn depends_on(resource: &Resource) -> Vec<String> {
    let text =
        resource.to_value()["metadata"]["annotations"][DEPENDS_ON].as_str().map(str::to_owned);
    text.iter().flat_map(|text| text.split(',')).map(str::to_owned).collect()
}

fn reference(resource: &Resource) -> String {
    let id = resource.id();
    match &id.namespace {
        Some(namespace) => format!("{}/namespaces/{namespace}/{}/{}", id.group, id.kind, id.name),
        None => format!("{}/{}/{}", id.group, id.kind, id.name),
    }
}

#[test]
fn a_phase_names_no_object_outside_itself() {
    let source = repository();
    let both = "components: {functions: true}";
    let plan = planned(&source, UPGRADE, [both, "", ""]).unwrap();
    let mut edges = 0;
    for phase in plan.phases() {
        let rendered: Rendered = phase.render().unwrap();
        let known: BTreeSet<String> = rendered.resources().iter().map(reference).collect();
        for (resource, planned) in rendered.resources().iter().zip(phase.objects()) {
            let before = depends_on(resource);
            assert!(before.iter().all(|name| known.contains(name)), "{resource:?}: {before:?}");
            edges += before.len();
            let yaml = resource.to_yaml();
            let bare = yaml.split_inclusive('\n').filter(|line| !line.contains(DEPENDS_ON));
            assert_eq!(bare.collect::<String>(), planned.to_yaml());
        }
        assert_eq!(rendered.resources().len(), phase.objects().len());
    }
    // The three objects of functions come after the eight of the broker.
    assert_eq!(edges, 3 * 8);
}

/// This repository as it would be if a newer chart gave the brokers another Service.
struct Renamed(DirSource);

impl Source for Renamed {
    fn read(&self, path: &SourcePath) -> Result<Arc<str>, ReadError> {
        let text = self.0.read(path)?;
        if path.as_str() != "charts/pulsar/broker/stateful-set.yaml.j2" {
            return Ok(text);
        }
        let changed = text.replace(
            "serviceName: {{ headless }}",
            "serviceName: {{ headless ~ (\"-v4\" if chart.values.image.tag is semver(\">=4\") else \"\") }}",
        );
        assert_ne!(*text, *changed, "the template has another serviceName");
        Ok(changed.into())
    }

    fn list(&self, dir: &SourcePath) -> Result<Vec<SourcePath>, ReadError> {
        self.0.list(dir)
    }
}

#[test]
fn a_changed_service_name_refuses_the_plan() {
    let source = Renamed(repository());
    let found = planned(&source, UPGRADE, ["", "", ""]).unwrap_err();
    let said = found.to_string();
    assert_eq!(
        found.iter().map(plimsoll::Diagnostic::code).collect::<Vec<_>>(),
        ["plan.immutable-field"]
    );
    assert!(
        said.contains("phase 4 `upgrade-broker`") && said.contains("`spec.serviceName`"),
        "{said}"
    );
    assert!(said.contains("values/pulsar/upgrade-3.0.5-to-4.0.12.yaml:5:"), "{said}");
}

/// Layers of both sides, of the old one and of the new one; the code; words of the message or a hint.
const REFUSED: [([&str; 3], &str, &str); 13] = [
    (
        ["", "", "zookeeper: {volumes: {data: {size: 30Gi}}}"],
        "plan.immutable-field",
        "phase 1 `upgrade-zookeeper`",
    ),
    (
        ["", "", "bookkeeper: {volumes: {journal: {size: 20Gi}}}"],
        "plan.immutable-field",
        "volumeClaimTemplates",
    ),
    (["", "", "persistence: false"], "plan.immutable-field", "StatefulSet pulsar-bookie"),
    (["", "", "storageClassName: fast"], "plan.immutable-field", "pulsar-prometheus-data"),
    (["", "", "components: {functions: true}"], "plan.immutable-field", "spec.podManagementPolicy"),
    (["initialize: true", "", ""], "values.rule", "set initialize to false"),
    (["upgrade: {from: {tag: 4.0.12}}", "", ""], "values.rule", "ends where it starts"),
    (["upgrade: {from: {tag: 4.1.0}}", "", ""], "values.rule", "downgrade"),
    (["upgrade: {from: {tag: null}}", "", ""], "values.rule", "an upgrade needs both ends"),
    // The same by layers of the sides alone.
    ([NO_TAGS, "", ""], "values.rule", "ends where it starts"),
    ([NO_TAGS, "image: {tag: 4.1.0}", ""], "values.rule", "downgrade"),
    (
        [NO_TAGS, "image: {tag: 3.0.5}", "initialize: true"],
        "values.rule",
        "set initialize to false",
    ),
    ([NO_TAGS, "", "image: {tog: 4.1.0}"], "values.unknown-key", "did you mean `tag`"),
];

const NO_TAGS: &str = "upgrade: {from: {tag: null}, to: {tag: null}}";

#[test]
fn what_cannot_be_done_is_refused_with_its_place_and_a_hint() {
    let source = repository();
    for (layers, code, wanted) in REFUSED {
        let Err(found) = planned(&source, UPGRADE, layers) else { panic!("accepted: {layers:?}") };
        let said = found.to_string();
        assert!(found.iter().all(|finding| finding.code() == code), "{layers:?}: {said}");
        assert!(said.contains(wanted), "{layers:?}\nsays: {said}");
        assert!(found.iter().all(|d| !d.hints().is_empty() && d.span().is_some()), "{said}");
    }
}

#[test]
fn layers_of_the_sides_alone_make_a_plan_too() {
    let source = repository();
    let named = planned(&source, UPGRADE, ["", "", ""]).unwrap();
    let layered = planned(&source, UPGRADE, [NO_TAGS, "image: {tag: 3.0.5}", ""]).unwrap();
    assert_eq!(layered.before().to_yaml(), named.before().to_yaml());
    assert_eq!(layered.after().to_yaml(), named.after().to_yaml());
    assert_eq!(left_out(&layered), []);
}

#[test]
fn secrets_are_in_no_plan_and_in_the_phase_that_needs_them() {
    let source = repository();
    let layer = "grafana: {adminPassword: hunter2hunter2, adminUser: NAME}";
    let side = |name: &str| {
        Request::new(UPGRADE).with_layer(Layer::text("s.yaml", layer.replace("NAME", name)))
    };
    let (from, to) = (side("one"), side("two"));
    let plan = plan((&source, &from), (&source, &to)).unwrap();
    let last = plan.phase("everything-else").unwrap();
    assert_eq!(changes(last), ["Secret/pulsar-grafana-secret"]);
    assert!(last.objects().iter().all(|resource| !resource.to_yaml().contains("hunter2")));
    assert!(last.render().unwrap().to_yaml().contains("hunter2hunter2"));
}
