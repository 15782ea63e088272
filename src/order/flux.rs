//! Flux's own objects: one Kustomization for each component, because Flux orders those and not single objects.

use crate::manifest::Resource;
use crate::span::Span;
use crate::yaml::{Kind, Node, write};

use super::Scene;

/// A stream of Kustomizations, each for the folder `path/<component>`; they wait for one another as the components
/// do. `source` names the `GitRepository` that holds the folders.
pub(crate) fn kustomizations(
    resources: &[Resource],
    scene: &Scene,
    path: &str,
    source: &str,
) -> String {
    let scene = scene.of(resources);
    let mut out = String::new();
    for component in &scene.active.order {
        let after = &scene.active.after[component];
        let named = |name: &str| {
            Node::map([("name".into(), Node::string(format!("{}-{name}", scene.instance)))])
        };
        let text = |text: &str| Node::string(text);
        let mut spec = vec![
            ("interval".into(), text("10m")),
            ("path".into(), text(&format!("{}/{component}", path.trim_end_matches('/')))),
            ("prune".into(), Node::new(Kind::Bool(true), Span::default())),
            // Without this a Kustomization is ready as soon as its objects are applied.
            ("wait".into(), Node::new(Kind::Bool(true), Span::default())),
            ("timeout".into(), text("10m")),
            (
                "sourceRef".into(),
                Node::map([("kind".into(), text("GitRepository")), ("name".into(), text(source))]),
            ),
        ];
        if !after.is_empty() {
            let items = after.iter().map(|name| named(name)).collect();
            spec.push(("dependsOn".into(), Node::new(Kind::List(items), Span::default())));
        }
        let mut metadata = named(component);
        if let Some(map) = metadata.as_map_mut() {
            map.push("namespace", text("flux-system"));
        }
        let object = Node::map([
            ("apiVersion".into(), text("kustomize.toolkit.fluxcd.io/v1")),
            ("kind".into(), text("Kustomization")),
            ("metadata".into(), metadata),
            ("spec".into(), Node::map(spec)),
        ]);
        out.push_str("---\n");
        write(&object, &mut out);
    }
    out
}
