//! What a template may not say, each with what to write instead.

use std::ops::Range;

use super::super::scan::{Scan, Tag, TagKind, TokenKind};
use super::{CLOSE, OPEN, go, scope, slips};
use crate::{Diagnostic, Diagnostics, SourceText};

/// Everything that is refused or doubtful in a template.
pub(super) fn lint(source: &SourceText, scan: &Scan) -> Diagnostics {
    let text = source.text();
    let mut found = Diagnostics::new();
    found.extend(reserved(source));
    let bound = go::bound_names(text, scan);
    found.extend(scope::lost(source, scan));
    let recursive = scan.tags.iter().any(|tag| is_recursive(text, tag));
    for (index, tag) in scan.tags.iter().enumerate() {
        if tag.kind == TagKind::Comment || tag.kind == TagKind::Raw {
            continue;
        }
        if let Some(foreign) = go::refuse(source, tag, &bound).or_else(|| slips::slip(source, tag))
        {
            // Nothing else about this tag helps whoever wrote it.
            found.push(foreign);
            continue;
        }
        found.extend(statement(source, tag));
        found.extend(filters(source, tag));
        if recursive {
            found.extend(recursion(source, tag));
        }
        if tag.kind == TagKind::Print {
            let before = scan.literals.get(index).map_or(0..0, |literal| literal.range.clone());
            found.extend(eats_blank(source, tag, before.clone()));
            found.extend(names_property(source, tag, before));
            let after = scan.literals.get(index + 1).map_or(0..0, |literal| literal.range.clone());
            found.extend(indented_text(source, tag, after));
        }
    }
    found
}

/// Whether a finding is about a tag that belongs to another language.
pub(super) fn is_foreign(finding: &Diagnostic) -> bool {
    matches!(finding.code(), "template.go-syntax" | "template.syntax")
}

pub(super) fn reserved(source: &SourceText) -> impl Iterator<Item = Diagnostic> {
    source.text().match_indices([OPEN, CLOSE]).take(8).map(|(at, found)| {
        let number = found.chars().next().map_or(0, u32::from);
        let message = format!("the character U+{number:X} is reserved");
        Diagnostic::error("template.reserved-character", message)
            .at(&source.span(at..at + found.len()), "here")
            .hint("it is no character at all, merely a mark for programs; leave it out")
    })
}

fn unsupported(source: &SourceText, range: Range<usize>, what: &str, hint: &str) -> Diagnostic {
    Diagnostic::error("template.unsupported", format!("{what} is not available"))
        .at(&source.span(range), "this")
        .hint(hint)
}

fn statement(source: &SourceText, tag: &Tag) -> Option<Diagnostic> {
    let word = if tag.kind == TagKind::Block { tag.word(source.text(), 0) } else { "" };
    let hint = match word {
        "filter" => {
            "capture the text and filter it: `{% set x | upper %}…{% endset %}{{ x }}`; values need no `indent`"
        }
        "extends" => "share what templates have in common by `{% include %}` or by macros",
        "block" => {
            "share what templates have in common by macros; `{% call %}` hands a body to one"
        }
        "autoescape" => {
            "leave it out: values are never part of the text, so nothing needs escaping"
        }
        _ => return None,
    };
    Some(unsupported(source, tag.range.clone(), &format!("`{{% {word} %}}`"), hint))
}

/// The filters that make sense for HTML only.
fn filters(source: &SourceText, tag: &Tag) -> Option<Diagnostic> {
    let text = source.text();
    let used = tag.tokens.windows(2).find(|pair| {
        &text[pair[0].range.clone()] == "|"
            && matches!(&text[pair[1].range.clone()], "safe" | "escape" | "e")
    })?;
    let range = used[1].range.clone();
    let what = format!("the filter `{}`", &text[range.clone()]);
    let hint = "leave it out: a value stays one value whatever it contains, nothing needs escaping";
    Some(unsupported(source, range, &what, hint))
}

fn is_recursive(text: &str, tag: &Tag) -> bool {
    let last = tag.tokens.len().saturating_sub(1);
    tag.kind == TagKind::Block
        && tag.word(text, 0) == "for"
        && tag.word(text, last) == "recursive"
        && tag.word(text, last.saturating_sub(1)) != "in"
}

/// A recursive loop may be entered again by a print of its own only. Inside an expression it would hand on
/// text that no filter or comparison may see.
fn recursion(source: &SourceText, tag: &Tag) -> Option<Diagnostic> {
    let text = source.text();
    let at = tag.tokens.windows(2).position(|pair| {
        &text[pair[0].range.clone()] == "loop" && &text[pair[1].range.clone()] == "("
    })?;
    let mut depth = 0;
    let closes = tag.tokens.iter().skip(at + 1).position(|token| {
        match &text[token.range.clone()] {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth -= 1,
            _ => {}
        }
        depth == 0
    });
    let alone = tag.kind == TagKind::Print
        && at == 0
        && closes.is_some_and(|length| length + 2 == tag.tokens.len());
    if alone {
        return None;
    }
    let range = tag.tokens.get(at).map_or(tag.range.clone(), |token| token.range.clone());
    let what = "`loop(…)` of a recursive loop inside an expression";
    let hint = "print it alone, `{{ loop(items) }}`, or write a macro that calls itself";
    Some(unsupported(source, range, what, hint))
}

/// `key: {{- x }}` prints `key:x`, which is no entry any more.
fn eats_blank(source: &SourceText, tag: &Tag, before: Range<usize>) -> Option<Diagnostic> {
    let text = source.text();
    if !tag.trims_before {
        return None;
    }
    let literal = &text[before.clone()];
    let kept = literal.trim_end();
    if kept.len() == literal.len() {
        return None;
    }
    let kept_end = before.start + kept.len();
    let line = line_start(text, kept_end);
    let mut entry = text[line..kept_end].trim_start();
    let mut item = false;
    while let Some(rest) = entry.strip_prefix("- ") {
        entry = rest.trim_start();
        item = true;
    }
    let is_key = entry
        .strip_suffix(':')
        .is_some_and(|key| !key.is_empty() && !key.contains(": ") && !key.starts_with('#'));
    let is_item = entry == "-" || entry.is_empty() && item;
    if !is_key && !is_item {
        return None;
    }
    let sign = if is_key { ":" } else { "-" };
    Some(
        Diagnostic::error(
            "template.eats-blank",
            format!("`{{{{-` eats the blank that must follow `{sign}`"),
        )
        .at(&source.span(tag.range.start..tag.range.start + 3), "write `{{`")
        .hint("a value needs no trimming: write `{{`"),
    )
}

/// `*{{ x }}`, `&{{ x }}`, `!{{ x }}`: an alias, anchor or tag that a value would name.
fn names_property(source: &SourceText, tag: &Tag, before: Range<usize>) -> Option<Diagnostic> {
    let text = source.text();
    let end = tag.range.start;
    let word = text[before.clone()]
        .rfind([' ', '\t', '\n', '[', '{', ','])
        .map_or(before.start, |at| before.start + at + 1);
    let what = match text[word..end].chars().next()? {
        '&' => "an anchor",
        '*' => "an alias",
        '!' => "a tag",
        _ => return None,
    };
    let line = line_start(text, word);
    // The sigil means something only where a scalar may begin, and not in quotes, comments or block scalars.
    let lead = text[line..word].trim_end();
    let quoted = lead.matches('"').count() % 2 == 1 || lead.matches('\'').count() % 2 == 1;
    let begins = lead.is_empty() || lead.ends_with([':', '-', '?', '[', '{', ',']);
    if quoted || !begins || lead.contains('#') || in_block_scalar(text, line) {
        return None;
    }
    Some(
        Diagnostic::error("template.unsupported", format!("`{{{{ }}}}` may not name {what}"))
            .at(&source.span(word..tag.range.end), "a value is never part of YAML's own syntax")
            .hint("print the value itself, or write the name as text"),
    )
}

/// Whether the line that starts at `line` lies in a block scalar, judged by indentation.
fn in_block_scalar(text: &str, line: usize) -> bool {
    let indentation = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let mut depth = text[line..].lines().next().map_or(0, indentation);
    for above in text[..line].lines().rev() {
        if depth == 0 {
            return false;
        }
        let content = above.trim();
        if content.is_empty() || content.starts_with("{%") || indentation(above) >= depth {
            continue;
        }
        depth = indentation(above);
        let header = content.split(" #").next().unwrap_or(content).trim_end();
        let header =
            header.trim_end_matches(|c: char| matches!(c, '+' | '-') || c.is_ascii_digit());
        if let Some(lead) = header.strip_suffix(['|', '>'])
            && (lead.is_empty() || lead.ends_with([' ', '\t']))
        {
            return true;
        }
    }
    false
}

/// `{{ m | toyaml | indent(2) }}` as a whole value: a habit from text templates that gives a string.
fn indented_text(source: &SourceText, tag: &Tag, after: Range<usize>) -> Option<Diagnostic> {
    let text = source.text();
    let names: Vec<&str> = tag
        .tokens
        .iter()
        .zip(tag.tokens.iter().skip(1))
        .filter(|(pipe, name)| &text[pipe.range.clone()] == "|" && name.kind == TokenKind::Name)
        .map(|(_, name)| &text[name.range.clone()])
        .collect();
    if !matches!(names.as_slice(), [.., "toyaml" | "tojson", "indent"]) {
        return None;
    }
    let line = line_start(text, tag.range.start);
    let lead = text[line..tag.range.start].trim();
    let alone = (lead.is_empty() || lead.ends_with([':', '-']))
        && text[after].split('\n').next().is_none_or(|rest| rest.trim().is_empty());
    if !alone || in_block_scalar(text, line) {
        return None;
    }
    Some(
        Diagnostic::warning(
            "template.indented-text",
            "this value is a string, not a mapping or list",
        )
        .at(&source.span(tag.range.clone()), "`indent` gives text")
        .hint("print the value itself: it needs neither `toyaml` nor `indent`"),
    )
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |at| at + 1)
}
