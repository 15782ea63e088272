//! The language of Graphviz.

use std::fmt::Write;

use super::{EdgeKind, Graph, counted};

pub(super) fn draw(graph: &Graph) -> String {
    let mut out = format!(
        "digraph {} {{\n  rankdir=LR;\n  node [shape=box, style=rounded, fontname=\"sans-serif\"];\n",
        quoted(&graph.release)
    );
    for wave in graph.components.chunk_by(|one, other| one.wave == other.wave) {
        out.push_str("  {\n    rank=same;\n");
        for component in wave {
            let label = format!(
                "{}\\nwave {}, {}",
                component.name,
                component.wave,
                counted(component.objects, "object")
            );
            let _ = writeln!(out, "    {} [label=\"{label}\"];", quoted(&component.name));
        }
        out.push_str("  }\n");
    }
    for edge in &graph.edges {
        let _ = write!(out, "  {} -> {}", quoted(&edge.before), quoted(&edge.after));
        let _ = match &edge.kind {
            EdgeKind::Declared => Ok(()),
            EdgeKind::Contracted(through) => {
                write!(out, " [style=dashed, label={}]", quoted(&through.join(", ")))
            }
            EdgeKind::Inferred(why) => write!(out, " [style=dotted, label={}]", quoted(why)),
        };
        out.push_str(";\n");
    }
    out.push_str("}\n");
    out
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
