//! Documents that a string holds, such as the files in a ConfigMap.

use std::collections::BTreeSet;

use crate::span::SourceText;
use crate::yaml::{Node, Parse};

/// Both texts as documents of one format, named by the file name that a field such as `config.yaml` is.
pub(super) fn open(field: &str, old: &str, new: &str) -> Option<(&'static str, Node, Node)> {
    let extension = field.rsplit_once('.').map_or("", |(_, extension)| extension);
    if !old.contains('\n') && !new.contains('\n') && !old.trim_start().starts_with(['{', '[']) {
        return None;
    }
    let formats: &[(&'static str, Reader)] = match extension {
        "json" => &[("json", yaml)],
        "yaml" | "yml" => &[("yaml", yaml)],
        "ini" | "cnf" | "conf" | "properties" | "env" | "toml" => &[("ini", ini)],
        _ => &[("yaml", yaml), ("ini", ini)],
    };
    formats.iter().find_map(|(format, read)| {
        let json = *format == "yaml"
            && old.trim_start().starts_with('{')
            && new.trim_start().starts_with('{');
        Some((if json { "json" } else { format }, read(old)?, read(new)?))
    })
}

type Reader = fn(&str) -> Option<Node>;

/// A mapping or list; a lone scalar is no document worth opening.
fn yaml(text: &str) -> Option<Node> {
    let source = SourceText::new("embedded", text);
    let documents = Parse::strict().documents(&source).ok()?;
    let [document] = &documents[..] else { return None };
    let nested = document.as_map().is_some() || document.as_list().is_some();
    nested.then(|| document.clone())
}

/// `[section]` and `key = value` lines; anything else, or a key twice in a section, is no such file.
fn ini(text: &str) -> Option<Node> {
    let mut sections: Vec<(String, Vec<(String, String)>)> = vec![(String::new(), Vec::new())];
    let mut seen = BTreeSet::new();
    for line in text.lines() {
        let line = line.trim();
        if line.is_empty() || line.starts_with(['#', ';', '!']) {
            continue;
        }
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            sections.push((name.to_owned(), Vec::new()));
            continue;
        }
        let (key, value) = line.split_once('=')?;
        let section = sections.last_mut()?;
        if !seen.insert((section.0.clone(), key.trim().to_owned())) {
            return None;
        }
        section.1.push((key.trim().to_owned(), value.trim().to_owned()));
    }
    let fields = |pairs: &[(String, String)]| {
        pairs
            .iter()
            .map(|(key, value)| (key.as_str().into(), Node::string(value.as_str())))
            .collect::<Vec<_>>()
    };
    let mut entries = fields(&sections[0].1);
    for (name, pairs) in &sections[1..] {
        if entries.iter().any(|(key, _): &(std::sync::Arc<str>, Node)| **key == **name) {
            return None;
        }
        entries.push((name.as_str().into(), Node::map(fields(pairs))));
    }
    (!entries.is_empty()).then(|| Node::map(entries))
}
