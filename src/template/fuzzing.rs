//! The scanner's view of a template, to be held against the template engine's own lexer.

use std::ops::Range;

use super::scan::{TagKind, scan};
use crate::span::SourceText;

/// A statement or a print: its first two bytes, the whole tag, and its tokens.
type Tag<'t> = (&'t str, Range<usize>, Vec<Range<usize>>);

/// The statements and prints of a template, without comments and raw tags; nothing if a tag is wrong in itself.
#[must_use]
pub fn tags(text: &str) -> Option<Vec<Tag<'_>>> {
    let scan = scan(&SourceText::new("fuzz", text));
    if !scan.problems.is_empty() {
        return None;
    }
    let code =
        scan.tags.into_iter().filter(|tag| matches!(tag.kind, TagKind::Print | TagKind::Block));
    Some(
        code.map(|tag| {
            let opener = &text[tag.range.start..tag.range.start + 2];
            let tokens = tag.tokens.into_iter().map(|token| token.range).collect();
            (opener, tag.range, tokens)
        })
        .collect(),
    )
}
