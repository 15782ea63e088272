//! A picture that needs nothing: no fonts, scripts or style sheets from elsewhere.
//!
//! Boxes bring their own light ground, and lines are of a grey that shows on white and on black, so the picture can
//! lie on any page. Letters are of one width, so boxes fit them whatever font the viewer has.

use std::fmt::Write;

use super::layout::{Line, Style, layout};
use super::{Component, Edge, Graph, counted};

const FONT: f64 = 13.0;
/// What a letter of a fixed-width font takes of its size, with a little to spare.
const LETTER: f64 = FONT * 0.61;
const SMALL: f64 = 10.0;
const BOX_HEIGHT: f64 = 38.0;
const PADDING: f64 = 12.0;
const GAP: f64 = 56.0;
const MARGIN: f64 = 12.0;
const HEAD: f64 = 30.0;

pub(super) fn draw(graph: &Graph) -> String {
    let layout = layout(graph);
    let columns = columns(graph);
    let width = columns.last().map_or(0.0, |(left, width)| left + width) + MARGIN;
    let height = HEAD + layout.height + MARGIN;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" \
         viewBox=\"0 0 {width:.0} {height:.0}\" role=\"img\" \
         font-family=\"ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace\">\n\
         <title>Components of {}</title>\n\
         <defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" \
         orient=\"auto\"><path d=\"M0 0.5 8 4 0 7.5z\" fill=\"#8490a0\"/></marker></defs>\n",
        escaped(&graph.release)
    );
    for (wave, (left, width)) in columns.iter().enumerate() {
        let middle = left + width / 2.0;
        let _ = writeln!(
            out,
            "<text x=\"{middle:.0}\" y=\"18\" font-size=\"{SMALL}\" fill=\"#8490a0\" \
             text-anchor=\"middle\">wave {wave}</text>"
        );
    }
    out.push_str("<g fill=\"none\" stroke=\"#8490a0\" stroke-width=\"1.3\">\n");
    for line in &layout.lines {
        let dashed = match line.style {
            Style::Solid => "",
            Style::Dashed => " stroke-dasharray=\"5 4\"",
            Style::Dotted => " stroke-dasharray=\"1.5 3\"",
        };
        let path = path(graph, &columns, &layout.rows, line);
        let _ = writeln!(out, "<path d=\"{path}\"{dashed} marker-end=\"url(#tip)\"/>");
    }
    out.push_str("</g>\n");
    for (component, row) in graph.components.iter().zip(&layout.rows) {
        draw_box(graph, component, columns[component.wave as usize], HEAD + row, &mut out);
    }
    out.push_str("</svg>\n");
    out
}

/// The left edge and the width of each wave's boxes.
fn columns(graph: &Graph) -> Vec<(f64, f64)> {
    let mut columns: Vec<(f64, f64)> = Vec::new();
    let mut left = MARGIN;
    for wave in graph.components.chunk_by(|one, other| one.wave == other.wave) {
        let letters = wave.iter().map(|component| component.name.len()).max().unwrap_or(0);
        let letters = u32::try_from(letters).map_or(0.0, f64::from);
        let width = (letters * LETTER).max(70.0).round() + PADDING * 2.0;
        columns.push((left, width));
        left += width + GAP;
    }
    columns
}

/// From the right side of one box to the left side of another; straight across the columns between.
fn path(graph: &Graph, columns: &[(f64, f64)], rows: &[f64], line: &Line) -> String {
    let from = graph.components[line.before].wave as usize;
    let right = |column: usize| columns[column].0 + columns[column].1;
    let (mut x, mut y) = (right(from), HEAD + rows[line.before]);
    let mut path = format!("M{x:.0} {y:.0}");
    let mut curve = |to_x: f64, to_y: f64, x: f64, y: f64| {
        let middle = f64::midpoint(x, to_x);
        let _ = write!(path, "C{middle:.0} {y:.0} {middle:.0} {to_y:.0} {to_x:.0} {to_y:.0}");
    };
    let mut column = from + 1;
    let mut across = Vec::new();
    for row in &line.passes {
        across.push((columns[column].0, right(column), HEAD + row));
        column += 1;
    }
    across.push((columns[column].0, columns[column].0, HEAD + rows[line.after]));
    for (left, right, row) in across {
        curve(left, row, x, y);
        if right > left {
            curve(right, row, left, row);
        }
        (x, y) = (right, row);
    }
    path
}

fn draw_box(
    graph: &Graph,
    component: &Component,
    (left, width): (f64, f64),
    row: f64,
    out: &mut String,
) {
    let (top, middle) = (row - BOX_HEIGHT / 2.0, left + width / 2.0);
    let _ = writeln!(
        out,
        "<g><title>{}</title>\
         <rect x=\"{left:.0}\" y=\"{top:.0}\" width=\"{width:.0}\" height=\"{BOX_HEIGHT:.0}\" rx=\"6\" \
         fill=\"#eef3f9\" stroke=\"#5b7fa8\"/>\
         <text x=\"{middle:.0}\" y=\"{:.0}\" font-size=\"{FONT}\" fill=\"#17222e\" text-anchor=\"middle\">{}</text>\
         <text x=\"{middle:.0}\" y=\"{:.0}\" font-size=\"{SMALL}\" fill=\"#52606f\" text-anchor=\"middle\">{}</text>\
         </g>",
        escaped(&told(graph, component)),
        row - 2.0,
        escaped(&component.name),
        row + 12.0,
        counted(component.objects, "object"),
    );
}

/// What a pointer that rests on a box is told.
fn told(graph: &Graph, component: &Component) -> String {
    let before: Vec<String> = graph.before(&component.name).map(Edge::told).collect();
    let after =
        if before.is_empty() { String::new() } else { format!(", after {}", before.join(", ")) };
    format!(
        "{}: wave {}, {}{after}",
        component.name,
        component.wave,
        counted(component.objects, "object")
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
