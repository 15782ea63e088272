//! A Mermaid flowchart.

use std::fmt::Write;

use super::{EdgeKind, Graph, counted};

pub(super) fn draw(graph: &Graph) -> String {
    let mut out = String::from("flowchart LR\n");
    // Numbers instead of names: some names, such as `end`, are words of the language.
    for (place, component) in graph.components.iter().enumerate() {
        let _ = writeln!(
            out,
            "  c{place}[\"{}<br/>wave {}, {}\"]",
            component.name,
            component.wave,
            counted(component.objects, "object")
        );
    }
    for edge in &graph.edges {
        let (before, after) = (graph.place(&edge.before), graph.place(&edge.after));
        let _ = match &edge.kind {
            EdgeKind::Declared => writeln!(out, "  c{before} --> c{after}"),
            EdgeKind::Contracted(through) => {
                writeln!(out, "  c{before} -. \"{}\" .-> c{after}", through.join(", "))
            }
            EdgeKind::Inferred(why) => writeln!(out, "  c{before} -. \"{why}\" .-> c{after}"),
        };
    }
    out
}
