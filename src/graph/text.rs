//! A tree for the terminal.
//!
//! A graph is no tree: each component hangs below the last of those it comes after (the one in the highest wave), and
//! names the others.

use std::fmt::Write;

use super::{EdgeKind, Graph, counted};

pub(super) fn draw(graph: &Graph) -> String {
    let objects: usize = graph.components.iter().map(|component| component.objects).sum();
    let waves = graph.components.last().map_or(0, |component| component.wave + 1);
    let mut out = format!(
        "{}: {}, {}, {}\n",
        graph.release,
        counted(graph.components.len(), "component"),
        counted(objects, "object"),
        counted(waves as usize, "wave"),
    );
    if waves > 0 {
        out.push_str("\nwave\n");
    }
    let mut tree = Tree { graph, parents: parents(graph), lines: Vec::new() };
    tree.children(None, "");
    let width = tree.lines.iter().map(|line| line.drawn.chars().count()).max().unwrap_or(0);
    for Line { wave, drawn, count, also } in &tree.lines {
        let gap = " ".repeat(width - drawn.chars().count());
        let _ = write!(out, "{wave:>4}  {drawn}{gap}  {count}");
        if !also.is_empty() {
            let pad = " ".repeat("00 objects".len().saturating_sub(count.len()));
            let _ = write!(out, "{pad}  after {}", also.join(", "));
        }
        out.push('\n');
    }
    for (title, names) in [("off", &graph.off), ("renders nothing", &graph.empty)] {
        if !names.is_empty() {
            let _ = write!(out, "\n{title}: {}\n", names.join(", "));
        }
    }
    out
}

/// For each component the place of the one it hangs below.
fn parents(graph: &Graph) -> Vec<Option<usize>> {
    let parent = |name| {
        graph
            .before(name)
            .map(|edge| graph.place(&edge.before))
            .max_by_key(|place| (graph.components[*place].wave, std::cmp::Reverse(*place)))
    };
    graph.components.iter().map(|component| parent(&component.name)).collect()
}

struct Tree<'a> {
    graph: &'a Graph,
    parents: Vec<Option<usize>>,
    lines: Vec<Line>,
}

struct Line {
    wave: u32,
    drawn: String,
    count: String,
    /// What else it comes after than the line that it hangs below.
    also: Vec<String>,
}

impl Tree<'_> {
    fn children(&mut self, parent: Option<usize>, indent: &str) {
        let own: Vec<usize> =
            (0..self.parents.len()).filter(|place| self.parents[*place] == parent).collect();
        for (index, place) in own.iter().enumerate() {
            let last = index + 1 == own.len();
            let (branch, below) = match (parent, last) {
                (None, _) => ("", ""),
                (_, false) => ("├─ ", "│  "),
                (_, true) => ("└─ ", "   "),
            };
            let component = &self.graph.components[*place];
            let before = self.graph.before(&component.name).filter_map(|edge| {
                let hangs = self.parents[*place] == Some(self.graph.place(&edge.before));
                match edge.kind {
                    EdgeKind::Declared if hangs => None,
                    _ => Some(edge.told()),
                }
            });
            self.lines.push(Line {
                wave: component.wave,
                drawn: format!("{indent}{branch}{}", component.name),
                count: counted(component.objects, "object"),
                also: before.collect(),
            });
            self.children(Some(*place), &format!("{indent}{below}"));
        }
    }
}
