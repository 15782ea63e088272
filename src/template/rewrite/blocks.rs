//! What each tag does, and whether blocks open and close in pairs.

use super::super::scan::{Scan, Tag, TagKind};
use crate::{Diagnostic, Diagnostics, SourceText};

/// What matters about a tag for rewriting.
pub(super) enum Role {
    Print,
    Include,
    /// A `{% set %}`; with a capture: where filters go in, and which.
    Set {
        capture: Option<(usize, &'static str)>,
    },
    EndSet,
    Macro {
        uses_caller: bool,
    },
    EndMacro {
        name: String,
    },
    Call,
    EndCall,
    /// Any other statement, a comment or a raw tag.
    Other,
}

impl Role {
    /// Whether a `-` before and after the tag counts even where the line vanishes: on sides that face captured
    /// text, and around what a call prints.
    pub(super) fn honours(&self) -> (bool, bool) {
        match self {
            Self::Set { capture: Some(_) } | Self::Macro { .. } => (false, true),
            Self::EndSet | Self::EndMacro { .. } => (true, false),
            Self::Call | Self::EndCall => (true, true),
            _ => (false, false),
        }
    }
}

/// A block that is open.
struct Open<'t> {
    word: &'t str,
    tag: usize,
}

/// The role of each tag, and what is wrong with their order.
pub(super) fn roles(source: &SourceText, scan: &Scan) -> (Vec<Role>, Diagnostics) {
    let text = source.text();
    let mut roles: Vec<Role> = Vec::with_capacity(scan.tags.len());
    let mut found: Diagnostics = scan.problems.iter().cloned().collect();
    // After a tag that never closes, the rest of the template is unknown.
    let complete = found.is_empty();
    let mut open: Vec<Open<'_>> = Vec::new();
    for (index, tag) in scan.tags.iter().enumerate() {
        let word = if tag.kind == TagKind::Block { tag.word(text, 0) } else { "" };
        if uses_caller(text, tag)
            && let Some(Role::Macro { uses_caller }) = owner(&open, &mut roles)
        {
            *uses_caller = true;
        }
        let role = match word {
            _ if tag.kind == TagKind::Print => Role::Print,
            "include" => Role::Include,
            "set" => Role::Set { capture: capture(text, tag) },
            "macro" => Role::Macro { uses_caller: false },
            "call" => Role::Call,
            "endset" => Role::EndSet,
            "endcall" => Role::EndCall,
            "endmacro" => {
                let opener = open.last().filter(|open| open.word == "macro");
                let name = opener.and_then(|open| scan.tags.get(open.tag));
                Role::EndMacro { name: name.map_or("", |tag| tag.word(text, 1)).to_owned() }
            }
            _ => Role::Other,
        };
        if matches!(word, "if" | "for" | "with" | "macro" | "call")
            || matches!(role, Role::Set { capture: Some(_) })
        {
            open.push(Open { word, tag: index });
        } else if let Some(closes) = word.strip_prefix("end")
            && matches!(closes, "if" | "for" | "with" | "macro" | "call" | "set")
        {
            match open.last() {
                Some(inner) if inner.word == closes => {
                    open.pop();
                }
                Some(inner) => {
                    let opener = scan.tags.get(inner.tag).map_or(0..0, |tag| tag.range.clone());
                    let expected = inner.word;
                    found.push(
                        Diagnostic::error(
                            "template.syntax",
                            format!("`{word}` does not close `{expected}`"),
                        )
                        .at(&source.span(tag.range.clone()), format!("expected `end{expected}`"))
                        .at(&source.span(opener), "still open"),
                    );
                    return (complete_roles(roles, scan), found);
                }
                None => {
                    found.push(
                        Diagnostic::error(
                            "template.syntax",
                            format!("`{word}` closes nothing, no `{closes}` is open"),
                        )
                        .at(&source.span(tag.range.clone()), "this tag"),
                    );
                    return (complete_roles(roles, scan), found);
                }
            }
        }
        roles.push(role);
    }
    if let (Some(open), true) = (open.last(), complete) {
        let range = scan.tags.get(open.tag).map_or(0..0, |tag| tag.range.clone());
        let word = open.word;
        found.push(
            Diagnostic::error("template.syntax", format!("`{word}` is never closed"))
                .at(&source.span(range), "opened here")
                .hint(format!("close it with `{{% end{word} %}}`")),
        );
    }
    (roles, found)
}

/// For each `{% for %}` the bytes of text that one turn of it writes, loops inside not counted. A capture is looked
/// at when it is complete, so a loop in it must pay turn by turn.
pub(super) fn turns(text: &str, scan: &Scan) -> Vec<usize> {
    let mut bytes = vec![0; scan.tags.len()];
    let mut open: Vec<usize> = Vec::new();
    for (index, tag) in scan.tags.iter().enumerate() {
        match tag.word(text, 0) {
            _ if tag.kind != TagKind::Block => {}
            "for" => open.push(index),
            "endfor" => {
                open.pop();
            }
            _ => {}
        }
        let after = scan.literals.get(index + 1).map_or(0, |literal| literal.range.len());
        if let Some(all) = open.last().and_then(|&index| bytes.get_mut(index)) {
            *all += after;
        }
    }
    bytes
}

/// Fills up, so that there is a role for each tag.
fn complete_roles(mut roles: Vec<Role>, scan: &Scan) -> Vec<Role> {
    roles.resize_with(scan.tags.len(), || Role::Other);
    roles
}

/// The innermost macro or call whose body is being read: only a macro's own `caller` is wrapped.
fn owner<'r>(open: &[Open<'_>], roles: &'r mut [Role]) -> Option<&'r mut Role> {
    let inner = open.iter().rev().find(|open| matches!(open.word, "macro" | "call"))?;
    roles.get_mut(inner.tag)
}

fn uses_caller(text: &str, tag: &Tag) -> bool {
    (0..tag.tokens.len()).any(|index| {
        tag.word(text, index) == "caller"
            && index.checked_sub(1).is_none_or(|before| tag.word(text, before) != ".")
    })
}

/// Whether a `{% set %}` captures a body, and then where its result must pass which filter first.
fn capture(text: &str, tag: &Tag) -> Option<(usize, &'static str)> {
    let mut depth = 0_i32;
    for token in &tag.tokens {
        match &text[token.range.clone()] {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth -= 1,
            "=" if depth == 0 => return None,
            "|" if depth == 0 => return Some((token.range.start, "| __text ")),
            _ => {}
        }
    }
    let end = tag.tokens.last()?.range.end;
    Some((end, " | __fragment"))
}
