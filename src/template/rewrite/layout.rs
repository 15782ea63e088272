//! Which blanks of the text around tags are printed.
//!
//! A line that holds only `{% %}` and `{# #}` vanishes, whether or not its tags carry a `-`: such a line was
//! written for the template, not for the YAML. Elsewhere `-` alone decides. An include prints, so a line with
//! one stays. A `{% call %}` prints as well, from where its first tag stands to where its last one ends: the
//! indentation before it and the line break after `{% endcall %}` stay, the rest of those lines vanishes.

use std::ops::Range;

use super::super::scan::{Scan, Tag, TagKind};
use super::blocks::Role;

/// What becomes of every literal.
pub(super) struct Layout {
    /// In the order of the scan's literals.
    pub(super) gaps: Vec<Gap>,
}

/// What becomes of one literal.
pub(super) struct Gap {
    /// What is printed.
    pub(super) kept: Range<usize>,
    /// Line breaks that move into the tag before.
    pub(super) breaks_to_previous: usize,
    /// Line breaks that move into the tag after.
    pub(super) breaks_to_next: usize,
    /// Whether blanks between the kept text and the tag after it have gone.
    pub(super) meets_tag: bool,
}

/// How a tag treats the text on its two sides.
#[derive(Clone, Copy, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "two independent questions for each of two sides"
)]
struct Sides {
    trims_before: bool,
    trims_after: bool,
    /// The rest of the line before or after it vanishes.
    clears_before: bool,
    clears_after: bool,
}

impl Layout {
    pub(super) fn new(text: &str, scan: &Scan, roles: &[Role]) -> Self {
        let sides = sides(text, scan, roles);
        let gaps = scan.literals.iter().enumerate().map(|(index, literal)| {
            let previous = index.checked_sub(1).and_then(|before| sides.get(before)).copied();
            let whole = &text[literal.range.clone()];
            let (previous, next) = (previous.unwrap_or_default(), sides.get(index).copied());
            let has_next = next.is_some();
            let next = next.unwrap_or_default();
            let head = if previous.trims_after {
                whole.len() - whole.trim_start().len()
            } else if previous.clears_after {
                whole.find('\n').map_or(whole.len(), |at| at + 1)
            } else {
                0
            };
            let tail = if next.trims_before {
                whole.trim_end().len()
            } else if next.clears_before {
                whole.rfind('\n').map_or(0, |at| at + 1)
            } else {
                whole.len()
            };
            // Where both sides want all of it, the tag before gets it.
            let start = literal.range.start + head;
            let end = (literal.range.start + tail).max(start);
            let breaks = |range: Range<usize>| text[range].matches('\n').count();
            Gap {
                breaks_to_previous: breaks(literal.range.start..start),
                breaks_to_next: breaks(end..literal.range.end),
                meets_tag: has_next && end < literal.range.end,
                kept: start..end,
            }
        });
        Self { gaps: gaps.collect() }
    }
}

fn sides(text: &str, scan: &Scan, roles: &[Role]) -> Vec<Sides> {
    let mut sides: Vec<Sides> = scan
        .tags
        .iter()
        .map(|tag| Sides {
            trims_before: tag.trims_before,
            trims_after: tag.trims_after,
            ..Sides::default()
        })
        .collect();
    for line in tag_lines(text, scan, roles) {
        let calls = |range: Range<usize>| {
            roles[range].iter().filter(|role| matches!(role, Role::Call | Role::EndCall))
        };
        for index in line.clone() {
            let (Some(tag), Some(role), Some(sides)) =
                (scan.tags.get(index), roles.get(index), sides.get_mut(index))
            else {
                continue;
            };
            let printed =
                |before: Range<usize>, after: Range<usize>| match calls(before).next_back() {
                    Some(role) => matches!(role, Role::EndCall),
                    None => matches!(calls(after).next(), Some(Role::Call)),
                };
            let (honours_before, honours_after) = role.honours();
            *sides = Sides {
                trims_before: tag.trims_before && honours_before,
                trims_after: tag.trims_after && honours_after,
                clears_before: !printed(line.start..index, index..line.end),
                clears_after: !printed(line.start..index + 1, index + 1..line.end),
            };
        }
    }
    sides
}

/// The lines that hold only tags and print nothing themselves, each as the range of its tags. A tag that spans
/// several lines joins them to one.
fn tag_lines(text: &str, scan: &Scan, roles: &[Role]) -> Vec<Range<usize>> {
    let mut lines = Vec::new();
    let mut first = 0;
    let mut only = true;
    for (index, literal) in scan.literals.iter().enumerate() {
        let whole = &text[literal.range.clone()];
        match (whole.find('\n'), whole.rfind('\n')) {
            (Some(head), Some(tail)) => {
                if only && is_blank(&whole[..head]) && first < index {
                    lines.push(first..index);
                }
                first = index;
                only = is_blank(&whole[tail + 1..]);
            }
            _ => only &= is_blank(whole),
        }
        if let (Some(tag), Some(role)) = (scan.tags.get(index), roles.get(index)) {
            only &= !prints(tag, role);
        }
    }
    if only && first < scan.tags.len() {
        lines.push(first..scan.tags.len());
    }
    lines
}

fn prints(tag: &Tag, role: &Role) -> bool {
    tag.kind == TagKind::Print || matches!(role, Role::Include)
}

fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'\r'))
}
