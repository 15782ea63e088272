//! What is set in a loop and lost with it.
//!
//! `{% set found = true %}` in a loop is a name of its own that ends with the loop. Where the name is read behind the
//! loop and nowhere in it, the author meant the one outside.

use std::ops::Range;

use super::super::scan::{Scan, Tag, TagKind, TokenKind};
use crate::{Diagnostic, SourceText};

/// A warning for each `set` that nobody can see.
pub(super) fn lost(source: &SourceText, scan: &Scan) -> Vec<Diagnostic> {
    let text = source.text();
    let mut found = Vec::new();
    for body in loops(text, scan) {
        for index in body.clone() {
            let tag = &scan.tags[index];
            let is_set = tag.kind == TagKind::Block && tag.word(text, 0) == "set";
            if !is_set || !matches!(tag.word(text, 2), "=" | "|" | "") {
                continue;
            }
            let name = tag.word(text, 1);
            let others = |range: Range<usize>| scan.tags[range].iter();
            let is_open = |tag: &Tag| matches!(tag.word(text, 0), "include" | "call" | "macro");
            let seen_inside = others(body.start..index)
                .chain(others(index + 1..body.end))
                .any(|tag| is_open(tag) || reads(text, tag, name));
            let next = others(body.end + 1..scan.tags.len()).find(|tag| mentions(text, tag, name));
            if seen_inside || !next.is_some_and(|tag| reads(text, tag, name)) {
                continue;
            }
            let target = tag.tokens.get(1).map_or(tag.range.clone(), |token| token.range.clone());
            let opener = scan.tags[body.start - 1].range.clone();
            let read = next.map_or(0..0, |tag| tag.range.clone());
            let advice = format!(
                "keep it in a namespace: `{{% set ns = namespace({name}=…) %}}` before the loop, `{{% set ns.{name} = … %}}` in it, `ns.{name}` behind it"
            );
            found.push(
                Diagnostic::warning(
                    "template.set-in-loop",
                    format!("`{name}` is set in a loop and ends with it"),
                )
                .at(&source.span(target), "never read")
                .at(&source.span(opener), "this loop")
                .at(&source.span(read), "sees another one, or none")
                .hint(advice),
            );
        }
    }
    found
}

/// The tags inside each loop, loops inside not counted apart.
fn loops(text: &str, scan: &Scan) -> Vec<Range<usize>> {
    let mut open = Vec::new();
    let mut found = Vec::new();
    for (index, tag) in scan.tags.iter().enumerate().filter(|(_, tag)| tag.kind == TagKind::Block) {
        match tag.word(text, 0) {
            "for" => open.push(index + 1),
            "endfor" => {
                let start = open.pop();
                // Only outermost loops: a name may pass through inner ones.
                found.extend(start.filter(|_| open.is_empty()).map(|start| start..index));
            }
            _ => {}
        }
    }
    found
}

/// Whether a tag has a name, not behind a dot.
fn mentions(text: &str, tag: &Tag, name: &str) -> bool {
    (0..tag.tokens.len()).any(|index| is_name(text, tag, index, name))
}

/// The same, the target of a `set` not counted.
fn reads(text: &str, tag: &Tag, name: &str) -> bool {
    let target = usize::from(tag.kind == TagKind::Block && tag.word(text, 0) == "set") * 2;
    (target..tag.tokens.len()).any(|index| is_name(text, tag, index, name))
}

fn is_name(text: &str, tag: &Tag, index: usize, name: &str) -> bool {
    let behind_dot = index > 0 && tag.word(text, index - 1) == ".";
    let is_keyword = tag.word(text, index + 1) == "="
        && index > 0
        && matches!(tag.word(text, index - 1), "(" | ",");
    tag.tokens.get(index).is_some_and(|token| token.kind == TokenKind::Name)
        && tag.word(text, index) == name
        && !behind_dot
        && !is_keyword
}
