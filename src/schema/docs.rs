//! The schemas as prose: a Markdown reference and a commented values file.

use std::fmt::Write as _;

use crate::yaml::{Kind, Node};

use super::{ChartSchema, Place, to_json};

/// Longer tables (in bytes) are cut; only a hostile schema makes them.
const LARGEST: usize = 1 << 20;

/// A schema that contains itself is shown once.
fn contains_itself(place: &Place<'_>, above: &[*const Node]) -> bool {
    place.objects().any(|node| above.contains(&node))
}

/// A Markdown table of every value per component: path, type, default, constraint, description.
pub(crate) fn reference(schema: &ChartSchema) -> String {
    let mut out = format!("# Values of {}\n", schema.chart());
    section(&mut out, "Chart-wide values", "", &schema.chart_wide_place());
    for (name, part) in schema.components() {
        let key = part.key.as_deref().unwrap_or(name);
        section(&mut out, name, key, &schema.place_of(part));
    }
    out
}

fn section(out: &mut String, title: &str, prefix: &str, place: &Place<'_>) {
    let _ = write!(out, "\n## {title}\n");
    if let Some(description) = place.description() {
        let _ = write!(out, "\n{}\n", description.trim());
    }
    let mut rows = String::new();
    table(&mut rows, prefix, place, &mut Vec::new());
    if rows.is_empty() {
        out.push_str("\nTakes no values.\n");
    } else {
        out.push_str(
            "\n| Path | Type | Default | Constraint | Description |\n|---|---|---|---|---|\n",
        );
        out.push_str(&rows);
    }
}

fn table(rows: &mut String, prefix: &str, place: &Place<'_>, above: &mut Vec<*const Node>) {
    if contains_itself(place, above) || rows.len() > LARGEST {
        return;
    }
    let depth = above.len();
    above.extend(place.objects());
    for key in place.keys() {
        let Some(inner) = place.property(key) else { continue };
        let path = if prefix.is_empty() { key.to_owned() } else { format!("{prefix}.{key}") };
        row(rows, &path, &inner, place.requires(key));
        below(rows, &path, &inner, above);
    }
    above.truncate(depth);
}

fn below(rows: &mut String, path: &str, place: &Place<'_>, above: &mut Vec<*const Node>) {
    table(rows, path, place, above);
    if contains_itself(place, above) {
        return;
    }
    let known = above.len();
    above.extend(place.objects());
    for (path, inner) in [
        (
            format!("{path}.*"),
            place.keyword("additionalProperties").and_then(|_| place.property("*")),
        ),
        (format!("{path}[]"), place.keyword("items").map(|_| place.item(0))),
    ] {
        if let Some(inner) = inner
            && rows.len() < LARGEST
            && inner.repeated
        {
            row(rows, &path, &inner, false);
            below(rows, &path, &inner, above);
        }
    }
    above.truncate(known);
}

fn row(rows: &mut String, path: &str, place: &Place<'_>, required: bool) {
    let default = match place.default() {
        Some(node) => format!("`{}`", cell(&to_json(node).to_string())),
        None if required => "**required**".to_owned(),
        None => String::new(),
    };
    let mut description = cell(place.description().unwrap_or(""));
    if place.is_secret() {
        description.insert_str(0, "**Secret.** ");
    }
    if place.is_deprecated() {
        description.insert_str(0, "**Deprecated.** ");
    }
    let _ = writeln!(
        rows,
        "| `{path}` | {} | {default} | {} | {} |",
        place.types().names(),
        cell(&constraints(place)),
        description.trim(),
    );
}

fn cell(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}

/// What a value must satisfy beside its type.
pub(crate) fn constraints(place: &Place<'_>) -> String {
    let mut parts = Vec::new();
    let scalar = |node: &Node| match &node.kind {
        Kind::String(text) => text.text.to_string(),
        _ => to_json(node).to_string(),
    };
    if let Some(values) = place.keyword("enum").and_then(Node::as_list) {
        let values: Vec<String> = values.iter().map(|node| format!("`{}`", scalar(node))).collect();
        parts.push(format!("one of {}", values.join(", ")));
    }
    for (keyword, phrase) in [
        ("const", "always"),
        ("minimum", "at least"),
        ("exclusiveMinimum", "more than"),
        ("maximum", "at most"),
        ("exclusiveMaximum", "less than"),
        ("multipleOf", "a multiple of"),
        ("minLength", "length at least"),
        ("maxLength", "length at most"),
        ("minItems", "items at least"),
        ("maxItems", "items at most"),
        ("pattern", "matches"),
        ("format", "format"),
    ] {
        if let Some(node) = place.keyword(keyword) {
            parts.push(format!("{phrase} `{}`", scalar(node)));
        }
    }
    if let Some(list_type) = place.keyword("x-kubernetes-list-type").and_then(Node::as_str) {
        let keys =
            place.keyword("x-kubernetes-list-map-keys").and_then(Node::as_list).unwrap_or_default();
        let keys: Vec<&str> = keys.iter().filter_map(Node::as_str).collect();
        match list_type {
            "map" => parts.push(format!("layers merge items by `{}`", keys.join("`, `"))),
            "set" => parts.push("layers add items".to_owned()),
            _ => {}
        }
    }
    parts.join("; ")
}

/// A values file with every default, commented out and explained; ready to be copied into a layer.
pub(crate) fn commented_values(schema: &ChartSchema) -> String {
    let mut out = format!(
        "# # Every value of {} with its default. Take the first `# ` away before what you change;\n# # what stays commented out keeps its default.\n",
        schema.chart()
    );
    commented(&mut out, &schema.chart_wide_place(), 0, &mut Vec::new());
    for (_, part) in schema.components() {
        let place = schema.place_of(part);
        if let Some(key) = &part.key
            && place.keys().next().is_some()
        {
            comment(&mut out, place.description(), 0);
            let _ = writeln!(out, "# {key}:");
            commented(&mut out, &place, 1, &mut Vec::new());
        }
    }
    out
}

fn commented(out: &mut String, place: &Place<'_>, depth: usize, above: &mut Vec<*const Node>) {
    if contains_itself(place, above) || out.len() > LARGEST {
        return;
    }
    let known = above.len();
    above.extend(place.objects());
    let indent = "  ".repeat(depth);
    for key in place.keys() {
        let Some(inner) = place.property(key) else { continue };
        if depth == 0 {
            out.push('\n');
        }
        let mut text = inner.description().unwrap_or("").to_owned();
        for note in [
            constraints(&inner),
            if inner.is_secret() { "secret".to_owned() } else { String::new() },
            if inner.is_deprecated() { "deprecated".to_owned() } else { String::new() },
            if place.requires(key) && inner.default().is_none() {
                "required".to_owned()
            } else {
                String::new()
            },
        ] {
            if !note.is_empty() {
                let _ = write!(text, " ({note})");
            }
        }
        comment(out, Some(text.trim()), depth);
        let has_keys = inner.keys().next().is_some();
        match inner.default() {
            Some(node)
                if !(has_keys && node.as_map().is_some_and(|map| map.entries.is_empty())) =>
            {
                let _ = writeln!(out, "# {indent}{}: {}", key_text(key), to_json(node));
            }
            _ if has_keys => {
                let _ = writeln!(out, "# {indent}{}:", key_text(key));
                commented(out, &inner, depth + 1, above);
            }
            _ => {
                let _ = writeln!(out, "# {indent}{}:", key_text(key));
            }
        }
    }
    above.truncate(known);
}

fn key_text(key: &str) -> String {
    let plain = key.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && key.chars().all(|letter| {
            letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.' | '/')
        })
        && !["y", "n", "yes", "no", "on", "off", "true", "false", "null"]
            .contains(&key.to_lowercase().as_str());
    if plain { key.to_owned() } else { serde_json::Value::String(key.to_owned()).to_string() }
}

/// Doubly commented, so that one `# ` can be removed from every line and leave a valid values file.
fn comment(out: &mut String, text: Option<&str>, depth: usize) {
    for line in text.unwrap_or("").lines() {
        let _ = writeln!(out, "# {}# {}", "  ".repeat(depth), line.trim());
    }
}
