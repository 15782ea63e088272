//! [`Node`]s in, canonical text out.
//!
//! The same tree always gives the same bytes: block style, two spaces, lists at the indentation of their key as
//! kubectl writes them, keys in the order of the tree, no folding. How a value was written in its source plays no
//! part, and local tags are not written.

use std::fmt::Write;

use super::plain::{Form, form, is_printable};
use super::{Entry, Kind, Map, Node, Number};

/// A key that takes more bytes than this gets a `? ` before it: readers look for the colon within 1,024 characters.
const LONGEST_SIMPLE_KEY: usize = 1000;

/// Writes one document in canonical block YAML, ending in a line break, without `---`.
pub(crate) fn write(node: &Node, out: &mut String) {
    match &node.kind {
        Kind::Map(map) if !map.entries.is_empty() => write_map(map, 0, out),
        Kind::List(items) if !items.is_empty() => write_list(items, 0, out),
        kind => write_leaf(kind, 2, out),
    }
}

/// The entries of a mapping; the first one continues the current line.
fn write_map(map: &Map, indent: usize, out: &mut String) {
    for (index, entry) in map.entries.iter().enumerate() {
        if index > 0 {
            pad(indent, out);
        }
        write_key(entry, indent, out);
        match &entry.value.kind {
            Kind::Map(map) if !map.entries.is_empty() => {
                out.push('\n');
                pad(indent + 2, out);
                write_map(map, indent + 2, out);
            }
            Kind::List(items) if !items.is_empty() => {
                out.push('\n');
                pad(indent, out);
                write_list(items, indent, out);
            }
            kind => {
                out.push(' ');
                write_leaf(kind, indent + 2, out);
            }
        }
    }
}

fn write_key(entry: &Entry, indent: usize, out: &mut String) {
    let key = &*entry.key.text;
    let start = out.len();
    match form(key) {
        Form::Plain => out.push_str(key),
        Form::Quoted | Form::Literal => write_quoted(key, out),
    }
    if out.len() - start > LONGEST_SIMPLE_KEY {
        out.insert_str(start, "? ");
        out.push('\n');
        pad(indent, out);
    }
    out.push(':');
}

/// The items of a list; the first one continues the current line.
fn write_list(items: &[Node], indent: usize, out: &mut String) {
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            pad(indent, out);
        }
        out.push_str("- ");
        match &item.kind {
            Kind::Map(map) if !map.entries.is_empty() => write_map(map, indent + 2, out),
            Kind::List(items) if !items.is_empty() => write_list(items, indent + 2, out),
            kind => write_leaf(kind, indent + 2, out),
        }
    }
}

/// A value that needs no lines of its own, or a block text, whose lines stand at `indent`; with its line break.
fn write_leaf(kind: &Kind, indent: usize, out: &mut String) {
    match kind {
        Kind::Null => out.push_str("null"),
        Kind::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Kind::Number(number) => push_display(number, out),
        Kind::List(_) => out.push_str("[]"),
        Kind::Map(_) => out.push_str("{}"),
        Kind::String(text) => match form(&text.text) {
            Form::Plain => out.push_str(&text.text),
            Form::Quoted => write_quoted(&text.text, out),
            Form::Literal => return write_literal(&text.text, indent, out),
        },
    }
    out.push('\n');
}

/// A block text. Only [`form`] may choose it.
fn write_literal(text: &str, indent: usize, out: &mut String) {
    let body = text.trim_end_matches('\n');
    // Where the first line begins with blanks of its own, the indentation is said.
    out.push_str(if text.starts_with(' ') { "|2" } else { "|" });
    out.push_str(match text.len() - body.len() {
        0 => "-\n",
        1 => "\n",
        _ => "+\n",
    });
    // A final line break ends the last line and starts no other.
    for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
        if !line.is_empty() {
            pad(indent, out);
            out.push_str(line);
        }
        out.push('\n');
    }
}

fn write_quoted(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            character if is_printable(character) => out.push(character),
            character => {
                let code = u32::from(character);
                match code {
                    0..=0xff => push_display(format_args!("\\x{code:02x}"), out),
                    0x100..=0xffff => push_display(format_args!("\\u{code:04x}"), out),
                    _ => push_display(format_args!("\\U{code:08x}"), out),
                }
            }
        }
    }
    out.push('"');
}

fn pad(mut indent: usize, out: &mut String) {
    const BLANKS: &str = "                                ";
    while indent > BLANKS.len() {
        out.push_str(BLANKS);
        indent -= BLANKS.len();
    }
    out.push_str(&BLANKS[..indent]);
}

/// Writing to a string cannot fail.
fn push_display(value: impl std::fmt::Display, out: &mut String) {
    let _ = write!(out, "{value}");
}

/// Writes one document as JSON, indented by two spaces, without a final line break. NaN and infinities become null.
pub(crate) fn write_json(node: &Node, out: &mut String) {
    json(node, 0, out);
}

fn json(node: &Node, indent: usize, out: &mut String) {
    match &node.kind {
        Kind::Null => out.push_str("null"),
        Kind::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Kind::Number(Number::Float(value)) if !value.is_finite() => out.push_str("null"),
        Kind::Number(number) => push_display(number, out),
        Kind::String(text) => json_string(&text.text, out),
        Kind::List(items) if items.is_empty() => out.push_str("[]"),
        Kind::List(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                json_line(index, indent + 2, out);
                json(item, indent + 2, out);
            }
            json_end(indent, ']', out);
        }
        Kind::Map(map) if map.entries.is_empty() => out.push_str("{}"),
        Kind::Map(map) => {
            out.push('{');
            for (index, entry) in map.entries.iter().enumerate() {
                json_line(index, indent + 2, out);
                json_string(&entry.key.text, out);
                out.push_str(": ");
                json(&entry.value, indent + 2, out);
            }
            json_end(indent, '}', out);
        }
    }
}

fn json_line(index: usize, indent: usize, out: &mut String) {
    out.push_str(if index > 0 { ",\n" } else { "\n" });
    pad(indent, out);
}

fn json_end(indent: usize, bracket: char, out: &mut String) {
    out.push('\n');
    pad(indent, out);
    out.push(bracket);
}

fn json_string(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            '\0'..='\u{1f}' => push_display(format_args!("\\u{:04x}", u32::from(character)), out),
            character => out.push(character),
        }
    }
    out.push('"');
}
