//! The component graph of a release: what it holds, and how it is drawn.

use plimsoll::graph::{EdgeKind, Graph, graph};
use plimsoll::{DirSource, Layer, MemorySource, Project, Request};

const CHART: &str = "\
apiVersion: plimsoll.dev/v1
kind: Chart
name: shop
version: 1.0.0
components:
  namespace: {}
  database: {enabled: values.database.on, needs: [namespace]}
  nothing: {needs: [namespace]}
  api:
    needs: [{name: database, optional: true}, namespace]
  web:
    needs: [api, namespace, nothing]
";

fn shop(on: bool) -> Graph {
    let mut source = MemorySource::new()
        .with("charts/shop/chart.yaml", CHART)
        .and_then(|source| {
            source.with(
                "schemas/shop/database.yaml",
                "{type: object, properties: {on: {type: boolean, default: true}}}",
            )
        })
        .expect("a source");
    for name in ["namespace", "database", "api", "web"] {
        let object = format!("{{apiVersion: v1, kind: ConfigMap, metadata: {{name: {name}}}}}\n");
        let path = format!("charts/shop/{name}/map.yaml");
        source = source.with(&path, object).expect("a source");
    }
    let request = Request::new("shop").with_layer(Layer::set(format!("database.on={on}")));
    graph(&source, &request).expect("a graph")
}

fn edges(graph: &Graph) -> Vec<(&str, &str, &EdgeKind)> {
    graph.edges().iter().map(|edge| (&*edge.before, &*edge.after, &edge.kind)).collect()
}

#[test]
fn edges_that_a_longer_way_implies_are_left_out() {
    let graph = shop(true);
    assert_eq!(
        edges(&graph),
        [
            ("namespace", "database", &EdgeKind::Declared),
            ("database", "api", &EdgeKind::Declared),
            ("api", "web", &EdgeKind::Declared),
        ]
    );
    let waves: Vec<_> = graph.components().iter().map(|c| (&*c.name, c.wave, c.objects)).collect();
    assert_eq!(waves, [("namespace", 0, 1), ("database", 1, 1), ("api", 2, 1), ("web", 3, 1)]);
    assert_eq!(graph.empty(), ["nothing"]);
    assert!(graph.off().is_empty());
}

#[test]
fn a_component_that_is_off_is_contracted() {
    let graph = shop(false);
    assert_eq!(graph.off(), ["database"]);
    // The chart declares this need besides the one that goes through the database.
    assert_eq!(edges(&graph)[0], ("namespace", "api", &EdgeKind::Declared));
}

#[test]
fn text_dot_and_mermaid() {
    let graph = shop(false);
    assert_eq!(
        graph.to_text(),
        "\
shop: 3 components, 3 objects, 3 waves

wave
   0  namespace  1 object
   1  └─ api     1 object
   2     └─ web  1 object

off: database

renders nothing: nothing
"
    );
    assert!(graph.to_dot().contains("  \"namespace\" -> \"api\";\n"));
    assert!(graph.to_mermaid().contains("  c1[\"api<br/>wave 1, 1 object\"]\n"));
    assert!(graph.to_mermaid().contains("  c0 --> c1\n"));
}

#[test]
fn a_way_through_what_is_not_there_is_named() {
    let chart = CHART.replace("optional: true}, namespace]", "optional: true}]");
    let mut source = MemorySource::new().with("charts/shop/chart.yaml", chart).expect("a source");
    for name in ["namespace", "api"] {
        let object = format!("{{apiVersion: v1, kind: ConfigMap, metadata: {{name: {name}}}}}\n");
        source = source.with(&format!("charts/shop/{name}/map.yaml"), object).expect("a source");
    }
    let schema = "{type: object, properties: {on: {type: boolean, default: false}}}";
    let source = source.with("schemas/shop/database.yaml", schema).expect("a source");
    let graph = graph(&source, &Request::new("shop")).expect("a graph");
    let through = EdgeKind::Contracted(vec!["database".to_owned()]);
    assert_eq!(edges(&graph), [("namespace", "api", &through)]);
    assert!(graph.to_text().contains("api     1 object    after namespace by way of database"));
    assert!(graph.to_dot().contains("[style=dashed, label=\"database\"]"));
    assert!(graph.to_mermaid().contains("c0 -. \"database\" .-> c1"));
    assert!(graph.to_svg().contains("stroke-dasharray"));
}

/// The numbers of attributes of a tag.
fn numbers<const N: usize>(tag: &str, names: [&str; N]) -> [i64; N] {
    names.map(|name| {
        let (_, rest) = tag.split_once(&format!(" {name}=\"")).expect("the attribute");
        rest.split('"').next().and_then(|text| text.parse().ok()).expect("a number")
    })
}

/// Of every shipped release: each component has a box inside the picture, no two boxes touch, and all lines run from
/// left to right.
#[test]
fn boxes_of_a_picture_do_not_touch() {
    let source = DirSource::new(env!("CARGO_MANIFEST_DIR")).expect("the repository");
    let project = Project::load(&source).expect("the project");
    for release in project.releases() {
        let graph = graph(&source, &Request::of(release.clone())).expect("a graph");
        let svg = graph.to_svg();
        let [width, height] = numbers(svg.lines().next().expect("a line"), ["width", "height"]);
        let boxes: Vec<[i64; 4]> = svg
            .split("<rect")
            .skip(1)
            .map(|tag| numbers(tag, ["x", "y", "width", "height"]))
            .collect();
        assert_eq!(boxes.len(), graph.components().len(), "{}", release.name);
        for (index, [x, y, w, h]) in boxes.iter().enumerate() {
            assert!(*x > 0 && *y > 20 && x + w < width && y + h < height, "{}", release.name);
            for [x2, y2, w2, h2] in &boxes[..index] {
                let apart = x + w < *x2 || x2 + w2 < *x || y + h < *y2 || y2 + h2 < *y;
                assert!(apart, "{}: two boxes touch", release.name);
            }
        }
        assert_eq!(svg.matches("marker-end").count(), graph.edges().len(), "{}", release.name);
        for edge in graph.edges() {
            let wave = |name: &str| {
                graph.components().iter().find(|c| c.name == name).map(|component| component.wave)
            };
            assert!(wave(&edge.before) < wave(&edge.after), "{}: {edge:?}", release.name);
        }
    }
}
