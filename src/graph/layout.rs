//! Where the boxes and lines of a picture go.
//!
//! A column for each wave. A line that jumps over columns is given a point in each of them, so that it runs between
//! the boxes; lines from one box share these points, and so run as one until they part. Rows are put in the order in which lines cross least (each node near the mean of its neighbours, from
//! left to right and back), and then moved as close to their neighbours as the order and the gaps allow.

use std::collections::BTreeMap;

use super::{EdgeKind, Graph};

/// Half the height that a box or a line wants for itself.
const BOX: f64 = 27.0;
const LINE: f64 = 9.0;

/// Sweeps until nothing much moves any more.
const SWEEPS: usize = 24;

/// A picture in rows that are measured and columns that are counted.
pub(super) struct Layout {
    /// The height of the whole.
    pub(super) height: f64,
    /// The middle of each component's box.
    pub(super) rows: Vec<f64>,
    pub(super) lines: Vec<Line>,
}

/// How a line is drawn: as declared, by way of what is not there, or inferred.
#[derive(Clone, Copy, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Style {
    Solid,
    Dashed,
    Dotted,
}

/// A line from box to box.
pub(super) struct Line {
    pub(super) before: usize,
    pub(super) after: usize,
    pub(super) style: Style,
    /// Where it passes the columns between its ends.
    pub(super) passes: Vec<f64>,
}

struct Node {
    column: usize,
    half: f64,
    row: f64,
    left: Vec<usize>,
    right: Vec<usize>,
}

pub(super) fn layout(graph: &Graph) -> Layout {
    let boxes = graph.components.len();
    let mut nodes: Vec<Node> =
        graph.components.iter().map(|component| Node::new(component.wave, BOX)).collect();
    let mut lines = Vec::new();
    let mut shared: BTreeMap<(usize, Style, u32), usize> = BTreeMap::new();
    for edge in &graph.edges {
        let (before, after) = (graph.place(&edge.before), graph.place(&edge.after));
        let style = match edge.kind {
            EdgeKind::Declared => Style::Solid,
            EdgeKind::Contracted(_) => Style::Dashed,
            EdgeKind::Inferred(_) => Style::Dotted,
        };
        let mut last = before;
        let mut passes = Vec::new();
        for wave in graph.components[before].wave + 1..graph.components[after].wave {
            let next = *shared.entry((before, style, wave)).or_insert_with(|| {
                nodes.push(Node::new(wave, LINE));
                let new = nodes.len() - 1;
                connect(&mut nodes, last, new);
                new
            });
            passes.push(next);
            last = next;
        }
        connect(&mut nodes, last, after);
        lines.push((before, after, style, passes));
    }
    let width = nodes.iter().map(|node| node.column + 1).max().unwrap_or(0);
    let mut columns: Vec<Vec<usize>> = vec![Vec::new(); width];
    for (index, node) in nodes.iter().enumerate() {
        columns[node.column].push(index);
    }
    for column in &columns {
        stack(&mut nodes, column);
    }
    for sweep in 0..SWEEPS {
        let forth = sweep % 2 == 0;
        for step in 0..width {
            let column = &mut columns[if forth { step } else { width - 1 - step }];
            let wish = |node: &usize| {
                let Node { left, right, row, .. } = &nodes[*node];
                mean(&nodes, if forth { left } else { right }, *row)
            };
            let mut sorted: Vec<(f64, usize)> =
                column.iter().map(|node| (wish(node), *node)).collect();
            sorted.sort_by(|one, other| one.0.total_cmp(&other.0));
            *column = sorted.into_iter().map(|(_, node)| node).collect();
            stack(&mut nodes, column);
        }
    }
    for sweep in 0..SWEEPS {
        for step in 0..width {
            let column = &columns[if sweep % 2 == 0 { step } else { width - 1 - step }];
            settle(&mut nodes, column);
        }
    }
    let top = nodes.iter().map(|node| node.row - node.half).fold(f64::INFINITY, f64::min);
    let bottom = nodes.iter().map(|node| node.row + node.half).fold(top, f64::max);
    let row = |node: &Node| (node.row - top).round();
    Layout {
        height: if boxes == 0 { 0.0 } else { (bottom - top).round() },
        rows: nodes[..boxes].iter().map(row).collect(),
        lines: lines
            .into_iter()
            .map(|(before, after, style, passes)| Line {
                before,
                after,
                style,
                passes: passes.iter().map(|pass| row(&nodes[*pass])).collect(),
            })
            .collect(),
    }
}

impl Node {
    fn new(wave: u32, half: f64) -> Self {
        Self { column: wave as usize, half, row: 0.0, left: Vec::new(), right: Vec::new() }
    }
}

fn connect(nodes: &mut [Node], left: usize, right: usize) {
    nodes[left].right.push(right);
    nodes[right].left.push(left);
}

/// The mean row of some nodes; without any, where the node is.
fn mean(nodes: &[Node], of: &[usize], own: f64) -> f64 {
    if of.is_empty() {
        return own;
    }
    let (sum, count) = of.iter().fold((0.0, 0.0), |(s, c), n| (s + nodes[*n].row, c + 1.0));
    sum / count
}

/// Puts a column's nodes below each other, around zero.
fn stack(nodes: &mut [Node], column: &[usize]) {
    let all: f64 = column.iter().map(|node| nodes[*node].half * 2.0).sum();
    let mut at = -all / 2.0;
    for node in column {
        nodes[*node].row = at + nodes[*node].half;
        at += nodes[*node].half * 2.0;
    }
}

/// Moves each node of a column as near to the mean of its neighbours as it can be: the least sum of squares that keeps
/// order and gaps. Nodes that would overlap move as one block, to the mean of their wishes.
fn settle(nodes: &mut [Node], column: &[usize]) {
    struct Block {
        from: usize,
        sum: f64,
        weight: f64,
    }
    let mut offsets = Vec::new();
    let mut blocks: Vec<Block> = Vec::new();
    let mut at = 0.0;
    for (index, node) in column.iter().enumerate() {
        at += nodes[*node].half;
        offsets.push(at);
        let near: Vec<usize> =
            nodes[*node].left.iter().chain(&nodes[*node].right).copied().collect();
        let weight = if nodes[*node].half < BOX { 4.0 } else { 1.0 };
        let wish = mean(nodes, &near, nodes[*node].row) - at;
        at += nodes[*node].half;
        let mut block = Block { from: index, sum: wish * weight, weight };
        while let Some(above) =
            blocks.pop_if(|above| above.sum / above.weight >= block.sum / block.weight)
        {
            block = Block {
                from: above.from,
                sum: above.sum + block.sum,
                weight: above.weight + block.weight,
            };
        }
        blocks.push(block);
    }
    for (index, block) in blocks.iter().enumerate() {
        let to = blocks.get(index + 1).map_or(column.len(), |next| next.from);
        for place in block.from..to {
            nodes[column[place]].row = block.sum / block.weight + offsets[place];
        }
    }
}
