//! Where things come from: merged values with their origins, and the template line and values behind a rendered
//! field.
//!
//! Secrets are always placeholders here, whatever the request says: an explanation needs no password.

use std::fmt::Write;

use crate::diag::{Diagnostic, Diagnostics, nearest};
use crate::project::Project;
use crate::provenance::Tracer;
use crate::render::Prepared;
use crate::request::Request;
use crate::schema::{ChartSchema, combined, commented_values, reference};
use crate::source::Source;
use crate::span::Span;
use crate::values::{Origin, Secrets, Step, Tree, TreeKind, parse_path, path_text, to_node};
use crate::yaml::{Node, write};

/// The merged values of a release as YAML, each leaf with where it was set as a comment.
///
/// # Errors
/// As [`render`](crate::render), without the templates.
pub fn merged_values(source: &dyn Source, request: &Request) -> Result<String, Diagnostics> {
    let request = request.clone().with_secrets(Secrets::Placeholder);
    let prepared = Prepared::new(source, &request)?;
    let mut out = String::new();
    annotate(&to_node(prepared.values.tree()), prepared.values.tree(), &mut out);
    Ok(out)
}

/// Writes canonical YAML and puts the origins beside the lines that leaves stand on.
fn annotate(node: &Node, tree: &Tree, out: &mut String) {
    let mut text = String::new();
    write(node, &mut text);
    let mut origins = Vec::new();
    line_origins(node, tree, &mut origins);
    for (line, origin) in text.lines().zip(origins.into_iter().chain(std::iter::repeat(None))) {
        out.push_str(line);
        if let Some(origin) = origin {
            let _ = write!(out, "  # {origin}");
        }
        out.push('\n');
    }
}

/// One entry per line of the canonical text: the origin of the leaf that stands there alone.
fn line_origins(node: &Node, tree: &Tree, lines: &mut Vec<Option<String>>) {
    match &tree.kind {
        TreeKind::Map(map) if !map.is_empty() => {
            for ((_, value), entry) in map.iter().zip(node.as_map().iter().flat_map(|m| &m.entries))
            {
                if is_nested(value) {
                    lines.push(None);
                    line_origins(&entry.value, value, lines);
                } else {
                    leaf_lines(&entry.value, value, lines);
                }
            }
        }
        TreeKind::List(items) if !items.is_empty() => {
            for (item, value) in items.iter().zip(node.as_list().unwrap_or_default()) {
                if is_nested(item) {
                    line_origins(value, item, lines);
                } else {
                    leaf_lines(value, item, lines);
                }
            }
        }
        _ => leaf_lines(node, tree, lines),
    }
}

fn is_nested(tree: &Tree) -> bool {
    match &tree.kind {
        TreeKind::Map(map) => !map.is_empty(),
        TreeKind::List(items) => !items.is_empty(),
        _ => false,
    }
}

fn leaf_lines(node: &Node, tree: &Tree, lines: &mut Vec<Option<String>>) {
    let mut text = String::new();
    write(&Node::map([("k".into(), node.clone())]), &mut text);
    let count = text.lines().count().max(1);
    // A comment cannot stand behind the lines of a block scalar: it would be part of the text.
    lines.push((count == 1).then(|| origin_text(&tree.origin)).flatten());
    lines.extend(std::iter::repeat_n(None, count - 1));
}

fn origin_text(origin: &Origin) -> Option<String> {
    origin.span.is_known().then(|| {
        let span = short(&origin.span);
        match origin.layer.describe() {
            "file" => span,
            kind => format!("{kind}, {span}"),
        }
    })
}

fn short(span: &Span) -> String {
    span.start().map_or_else(String::new, |at| format!("{}:{}", span.name(), at.line))
}

/// Says where a value (`broker.replicas`) or a rendered field (`StatefulSet/pulsar-broker:spec.replicas`) of a
/// release comes from.
///
/// # Errors
/// As [`render`](crate::render), and when there is no such value, object or field, with the nearest name.
pub fn explain(source: &dyn Source, request: &Request, path: &str) -> Result<String, Diagnostics> {
    let request = request.clone().with_secrets(Secrets::Placeholder);
    match path.split_once(':') {
        Some((object, field)) => explain_field(&Tracer::new(source, &request)?, object, field),
        None => explain_value(&Prepared::new(source, &request)?, path).map_err(Diagnostics::from),
    }
}

fn explain_value(prepared: &Prepared, path: &str) -> Result<String, Diagnostic> {
    let root = prepared.values.tree();
    let steps = parse_path(path).ok_or_else(|| {
        Diagnostic::error("usage.path", format!("`{path}` is no path of a value"))
    })?;
    let mut tree = root;
    for (depth, step) in steps.iter().enumerate() {
        tree = tree.step(step).ok_or_else(|| {
            let above = path_text(&steps[..depth]);
            let keys = || {
                tree.as_map().into_iter().flat_map(super::ordered::Ordered::keys).map(|key| &**key)
            };
            let message = format!("there is no value `{path}`");
            let near = match step {
                Step::Key(key) => nearest(key, keys()),
                Step::Index(_) => None,
            };
            let dot = if above.is_empty() { "" } else { "." };
            Diagnostic::error("explain.no-value", message).hint(match near {
                Some(near) => format!("did you mean `{above}{dot}{near}`?"),
                None if above.is_empty() => {
                    format!("the values are {}", keys().collect::<Vec<_>>().join(", "))
                }
                None => format!("`{above}` is {}", tree.describe()),
            })
        })?;
    }
    let mut out = String::new();
    if is_nested(tree) {
        let _ = writeln!(out, "{path}:");
        let mut text = String::new();
        annotate(&to_node(tree), tree, &mut text);
        for line in text.lines() {
            let _ = writeln!(out, "  {line}");
        }
        return Ok(out);
    }
    let _ = writeln!(out, "{path} = {}", one_line(&to_node(tree)));
    history(tree, &mut out);
    Ok(out)
}

/// Who set a value and whom that overrode, the highest layer first.
fn history(tree: &Tree, out: &mut String) {
    let origins = std::iter::once(&tree.origin).chain(tree.overridden.iter().rev());
    for (index, origin) in origins.enumerate() {
        let word = if index == 0 { "set by" } else { "  over" };
        let place =
            if origin.span.is_known() { origin.span.to_string() } else { "no layer".to_owned() };
        let written = match origin.span.text().lines().next() {
            Some(text) if !tree.secret && !text.is_empty() => format!("  {text}"),
            _ => String::new(),
        };
        let kind = match origin.layer.describe() {
            "file" => String::new(),
            kind => format!("  ({kind})"),
        };
        let _ = writeln!(out, "  {word} {place}{written}{kind}");
    }
    if let Some(reference) = &tree.reference {
        let _ = writeln!(out, "  a copy of `{reference}` (!ref)");
    }
}

fn one_line(node: &Node) -> String {
    let mut text = String::new();
    write(node, &mut text);
    match text.trim_end().split_once('\n') {
        None => text.trim_end().to_owned(),
        Some(_) => format!("{:?}", node.as_str().unwrap_or("…")),
    }
}

fn explain_field(tracer: &Tracer, object: &str, field: &str) -> Result<String, Diagnostics> {
    let (kind, name) = object.split_once('/').ok_or_else(|| {
        Diagnostic::error("usage.path", format!("`{object}` is not of the form Kind/name"))
            .hint("such as StatefulSet/pulsar-bookie:spec.replicas")
    })?;
    let resource = tracer
        .resources()
        .iter()
        .find(|resource| resource.id().kind == kind && resource.id().name == name)
        .ok_or_else(|| {
            let names: Vec<String> = tracer
                .resources()
                .iter()
                .map(|r| format!("{}/{}", r.id().kind, r.id().name))
                .collect();
            let near = nearest(object, names.iter().map(String::as_str));
            Diagnostic::error("explain.no-object", format!("the release renders no `{object}`"))
                .hint(match near {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("it renders {}", names.join(", ")),
                })
        })?;
    let steps = parse_path(field).ok_or_else(|| {
        Diagnostic::error("usage.path", format!("`{field}` is no path of a field"))
    })?;
    let mut node = &resource.node;
    for (depth, step) in steps.iter().enumerate() {
        let next = match step {
            Step::Key(key) => node.get(key),
            Step::Index(index) => node.as_list().and_then(|items| items.get(*index)),
        };
        node = next.ok_or_else(|| no_field(object, &steps, depth, node))?;
    }
    let mut out = String::new();
    let _ = writeln!(out, "{object}:{field} = {}", summary(node));
    let whole = node.as_map().is_some() || node.as_list().is_some();
    let id = resource.id().clone();
    let provenance = tracer.field(&id, &steps)?;
    if !provenance.template.is_known() {
        let _ = writeln!(out, "  added by plimsoll");
        return Ok(out);
    }
    let _ = writeln!(out, "  template {}", provenance.template);
    // What goes into a whole mapping is asked for field by field.
    for cause in provenance.values.iter().filter(|_| !whole) {
        match tracer.value_at(cause) {
            Some((path, tree)) => {
                let _ = writeln!(out, "  value    {}", path_text(path));
                let mut text = String::new();
                history(tree, &mut text);
                for line in text.lines() {
                    let _ = writeln!(out, "         {line}");
                }
            }
            None => {
                let _ = writeln!(out, "  value    {cause}");
            }
        }
    }
    Ok(out)
}

fn summary(node: &Node) -> String {
    match (node.as_map(), node.as_list()) {
        (Some(map), _) if !map.entries.is_empty() => {
            format!("a mapping with {}", map.keys().collect::<Vec<_>>().join(", "))
        }
        (_, Some(items)) if !items.is_empty() => format!("a list of {}", items.len()),
        _ => one_line(node),
    }
}

fn no_field(object: &str, steps: &[Step], depth: usize, node: &Node) -> Diagnostic {
    let path = path_text(&steps[..=depth]);
    let keys = || node.as_map().into_iter().flat_map(crate::yaml::Map::keys);
    let near = match &steps[depth] {
        Step::Key(key) => nearest(key, keys()),
        Step::Index(_) => None,
    };
    Diagnostic::error("explain.no-field", format!("`{object}` has no field `{path}`")).hint(
        match near {
            Some(near) => format!("did you mean `{near}`?"),
            None if keys().next().is_some() => {
                format!("there are {}", keys().collect::<Vec<_>>().join(", "))
            }
            None => format!("what is above it is {}", node.describe()),
        },
    )
}

/// The chart that a target names: a chart folder, a chart, or a release's chart.
fn chart_of(source: &dyn Source, target: &str) -> Result<ChartSchema, Diagnostics> {
    let project = Project::load(source)?;
    let releases = project.select(source, &[target.to_owned()], &[])?;
    let chart = &releases[0].chart;
    let loaded = crate::chart::Chart::load(source, chart, &Span::default())?;
    let names: Vec<&str> = loaded.components.keys().map(String::as_str).collect();
    ChartSchema::load(source, chart, &names)
}

/// One JSON Schema of all values of a chart, for editors.
///
/// # Errors
/// When there is no such chart or its schemas are wrong.
pub fn chart_schema(source: &dyn Source, target: &str) -> Result<serde_json::Value, Diagnostics> {
    Ok(combined(&chart_of(source, target)?))
}

/// The reference of all values of a chart, as Markdown.
///
/// # Errors
/// When there is no such chart or its schemas are wrong.
pub fn values_reference(source: &dyn Source, target: &str) -> Result<String, Diagnostics> {
    let schema = chart_of(source, target)?;
    let values = commented_values(&schema);
    Ok(format!(
        "{}\n## As a values file\n\n```yaml\n{}\n```\n",
        reference(&schema),
        values.trim_end()
    ))
}
