//! Words and letters that all views share.

use crate::diff::change::{Diff, Verdict};

/// `2 changed, 1 added, 46 equal`.
#[must_use]
pub fn counts(diff: &Diff) -> String {
    use Verdict::{Added, Changed, Equal, Removed, Reordered};
    let counts: Vec<String> = [Changed, Added, Removed, Reordered, Equal]
        .into_iter()
        .map(|verdict| (diff.count(verdict), verdict))
        .filter(|(count, _)| *count > 0)
        .map(|(count, verdict)| format!("{count} {}", verdict.as_str()))
        .collect();
    if counts.is_empty() { "no objects".to_owned() } else { counts.join(", ") }
}

/// The text with every character visible that could steer a terminal or hide what a line says; tabs and line breaks
/// stay.
#[must_use]
pub fn harmless(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if is_hostile(character) && !matches!(character, '\n' | '\t') {
            out.extend(character.escape_unicode());
        } else {
            out.push(character);
        }
    }
    out
}

/// The same on one line.
pub(super) fn one_line(text: &str) -> String {
    harmless(&text.lines().collect::<Vec<_>>().join(" "))
}

/// `1 object`, `2 objects`.
pub(super) fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// Whether a character may steer a terminal or hide what a line says.
#[must_use]
pub fn is_hostile(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
        || u32::from(character) & 0xfffe == 0xfffe
}
