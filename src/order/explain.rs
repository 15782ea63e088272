//! What each dialect can say about a release's order, and what it cannot.

use std::collections::BTreeSet;
use std::fmt::Write;

use crate::chart::Active;
use crate::manifest::Resource;

use super::{Dialect, Scene};

/// A few lines for each dialect of the scene.
pub(crate) fn explain(resources: &[Resource], scene: &Scene) -> String {
    let scene = scene.of(resources);
    let waves = scene.active.waves();
    let count = waves.values().max().map_or(0, |last| last + 1);
    let edges: usize = scene.active.after.values().map(BTreeSet::len).sum();
    let mut out = format!(
        "the stream: {} objects of {} components in {count} waves, {edges} edges between components; kubectl applies \
         them from top to bottom and waits for nothing\n",
        resources.len(),
        scene.active.order.len(),
    );
    for dialect in &scene.dialects {
        let _ = writeln!(out, "{}: {}", dialect.as_str(), told(*dialect, resources, &scene));
    }
    out
}

fn told(dialect: Dialect, resources: &[Resource], scene: &Scene) -> String {
    match dialect {
        Dialect::CliUtils => "every edge, per object; each object waits until all objects of the components before it are \
             ready, and is deleted before them. Nothing is lost."
            .to_owned(),
        Dialect::ArgoCd => {
            let more = needless(&scene.active);
            let lost = match more.first() {
                None => "Nothing is lost: each wave needs the one before.".to_owned(),
                Some((late, early)) => format!(
                    "Lost: waves are levels, so {} of components wait without need, such as `{late}` for `{early}`.",
                    counted(more.len(), "pair", "pairs")
                ),
            };
            format!(
                "waves in steps of ten; Namespaces and definitions in wave -10. {lost} A kind without a health check does \
                 not hold up its wave."
            )
        }
        Dialect::Flux => "nothing per object: Flux orders Kustomizations. `--output-dir` writes one folder and one Kustomization for \
             each component, with `dependsOn` and `wait`; then nothing is lost."
            .to_owned(),
        Dialect::Kapp => "every edge, per component; a change waits until those of the components before it have finished, and \
             deletes run in reverse. Nothing is lost."
            .to_owned(),
        Dialect::Helm => {
            let hooks = resources.iter().filter(|r| r.id.kind == "Job" && !is_awaited(scene, &r.component)).count();
            let jobs = resources.iter().filter(|r| r.id.kind == "Job").count();
            format!(
                "Helm installs by kind and has no edges. Lost: all order between components, except that {hooks} of {} run \
                 as hooks after everything else. Apply wave by wave instead: `--wave 0`, `--wave 1`, …",
                counted(jobs, "Job", "Jobs")
            )
        }
        Dialect::Nelm => "every edge, per object; workloads must be ready, everything else present. Nothing is lost within one \
             release."
            .to_owned(),
        Dialect::Kluctl => "workloads that others wait for are waited for at barriers. Lost: the edges themselves; \
             put each wave into a deployment item of its own with `barrier: true`."
            .to_owned(),
        Dialect::Kubectl => "nothing per object: kubectl waits for nothing. `--output-dir` writes a folder for each step, Namespaces, \
             definitions, then every wave; apply one after the other and wait between them with `kubectl wait` or \
             `kubectl rollout status`."
            .to_owned(),
        Dialect::Kustomize => "nothing per object. `--output-dir` writes a folder for each step, Namespaces, definitions, then every wave, \
             and a `kustomization.yaml` in each and above them, which keep the order. Nothing is waited for."
            .to_owned(),
    }
}

fn is_awaited(scene: &Scene, component: &str) -> bool {
    scene.active.after.values().any(|after| after.contains(component))
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// Pairs of components of which the later one waits for the earlier one by its wave only.
fn needless(active: &Active) -> Vec<(String, String)> {
    let waves = active.waves();
    let mut pairs = Vec::new();
    for late in &active.order {
        let before = active.before(late);
        for early in &active.order {
            if waves[early] < waves[late] && !before.contains(early) {
                pairs.push((late.clone(), early.clone()));
            }
        }
    }
    pairs
}
