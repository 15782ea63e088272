//! What is done with the entries of a mapping once they are all there: keys written twice, and `<<`.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::diag::Diagnostic;

use super::findings::Findings;
use super::{Entry, Kind, Node, Style};

/// Reports each key that was written before in the same mapping.
pub(crate) fn duplicates(entries: &[Entry], found: &mut Findings) {
    let mut order: Vec<usize> = (0..entries.len()).collect();
    // Stable, so that the first of equal keys is the one written first.
    order.sort_by(|&a, &b| entries[a].key.text.cmp(&entries[b].key.text));
    for group in order.chunk_by(|&a, &b| entries[a].key.text == entries[b].key.text) {
        let [first, again @ ..] = group else { continue };
        for &index in again {
            let (first, again) = (&entries[*first], &entries[index]);
            let key = &again.key.text;
            found.report(
                Diagnostic::error(
                    "yaml.duplicate-key",
                    format!("the key `{key}` is written twice"),
                )
                .at(&again.key_span, "written again here")
                .at(&first.key_span, "first written here")
                .hint("remove one of them"),
            );
        }
    }
}

/// Puts the entries of each `<<` in its place. Written keys win over merged ones, earlier merges over later ones.
pub(crate) fn merge(entries: Vec<Entry>, found: &mut Findings) -> Vec<Entry> {
    let mut taken: BTreeSet<Arc<str>> = entries
        .iter()
        .filter(|entry| !is_merge(entry))
        .map(|entry| entry.key.text.clone())
        .collect();
    let mut merged = Vec::with_capacity(entries.len());
    for entry in entries {
        if !is_merge(&entry) {
            merged.push(entry);
            continue;
        }
        let sources = match entry.value.kind {
            Kind::List(items) => items,
            kind => vec![Node { kind, span: entry.value.span, tag: None }],
        };
        for source in sources {
            let Kind::Map(map) = source.kind else {
                let what = source.describe();
                found.report(
                    Diagnostic::error("yaml.merge-key", format!("`<<` cannot merge {what}"))
                        .at(&source.span, "not a mapping")
                        .at(&entry.key_span, "merged by this key")
                        .hint("merge a mapping, an alias of one or a list of them, or quote the key: \"<<\""),
                );
                continue;
            };
            merged.extend(map.entries.into_iter().filter(|e| taken.insert(e.key.text.clone())));
        }
    }
    merged
}

/// Whether this is the `<<` of YAML 1.1; a quoted one is an ordinary key.
pub(crate) fn is_merge(entry: &Entry) -> bool {
    entry.key.style == Style::Plain && &*entry.key.text == "<<"
}
