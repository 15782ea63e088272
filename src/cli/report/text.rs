//! Makes foreign text harmless and knows how wide it is.
//!
//! A values file may hold escape sequences that clear a screen, or marks that turn the reading direction so that
//! a line shows something it does not say. Both are shown as what they are: `\u{1b}`.

pub(super) use plimsoll::diff::view::is_hostile;

/// How many blanks a tab stands for at most.
const TAB: usize = 4;

/// One character of a source line as it is shown.
pub(super) struct Cell {
    /// What is written.
    pub(super) shown: String,
    /// How many columns that takes.
    pub(super) width: usize,
    /// The byte in the line at which the character starts.
    pub(super) at: usize,
}

/// A source line as cells, in order.
pub(super) fn cells(line: &str) -> Vec<Cell> {
    let mut column = 0;
    line.char_indices()
        .map(|(at, character)| {
            let shown = match character {
                '\t' => " ".repeat(TAB - column % TAB),
                hostile if is_hostile(hostile) => hostile.escape_unicode().to_string(),
                plain => plain.to_string(),
            };
            let width = width(&shown);
            column += width;
            Cell { shown, width, at }
        })
        .collect()
}

/// How many columns a harmless text takes on a terminal.
pub(super) fn width(text: &str) -> usize {
    text.chars().map(columns).sum()
}

/// The text on one line: line breaks become blanks, what is hostile is escaped.
pub(super) fn one_line(text: &str) -> String {
    lines(text).join(" ")
}

/// The lines of a text, each harmless.
pub(super) fn lines(text: &str) -> Vec<String> {
    text.lines().map(|line| cells(line).into_iter().map(|cell| cell.shown).collect()).collect()
}

/// The lines of a text, folded at blanks so that none is wider than `columns`: the first stands behind `first`
/// columns, the others behind `rest`. A word that is wider stays whole.
pub(super) fn folded(text: &str, first: usize, rest: usize, columns: usize) -> Vec<String> {
    let mut folded: Vec<String> = Vec::new();
    for line in lines(text) {
        let mut current = String::new();
        for word in line.split_inclusive(' ') {
            let before = if folded.is_empty() { first } else { rest };
            let room = columns.saturating_sub(before);
            if !current.is_empty() && width(&current) + width(word.trim_end()) > room {
                folded.push(current.trim_end().to_owned());
                current.clear();
            }
            current.push_str(word);
        }
        folded.push(current.trim_end().to_owned());
    }
    folded
}

/// Columns of one character: near enough for carets, not a full table of the standard.
fn columns(character: char) -> usize {
    match u32::from(character) {
        0x0300..=0x036f
        | 0x0483..=0x0489
        | 0x0591..=0x05bd
        | 0x064b..=0x065f
        | 0x0e34..=0x0e3a
        | 0x0e47..=0x0e4e
        | 0x1ab0..=0x1aff
        | 0x1dc0..=0x1dff
        | 0x200c..=0x200d
        | 0x20d0..=0x20ff
        | 0xfe00..=0xfe0f
        | 0xfe20..=0xfe2f
        | 0xe0100..=0xe01ef => 0,
        0x1100..=0x115f
        | 0x2e80..=0x303e
        | 0x3041..=0xa4cf
        | 0xa960..=0xa97f
        | 0xac00..=0xd7a3
        | 0xf900..=0xfaff
        | 0xfe30..=0xfe6f
        | 0xff00..=0xff60
        | 0xffe0..=0xffe6
        | 0x1f300..=0x1f64f
        | 0x1f680..=0x1f6ff
        | 0x1f900..=0x1f9ff
        | 0x1fa70..=0x1faff
        | 0x20000..=0x3fffd => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_is_shown_as_what_it_is() {
        assert_eq!(one_line("a\u{1b}[31m\u{9b}\u{202e}b"), "a\\u{1b}[31m\\u{9b}\\u{202e}b");
        assert_eq!(one_line("two\nlines\r\nhere"), "two lines here");
        assert_eq!(one_line("\u{10fffe}0\u{10ffff}"), "\\u{10fffe}0\\u{10ffff}");
    }

    #[test]
    fn long_lines_are_folded_at_blanks() {
        assert_eq!(folded("one two three", 4, 0, 11), ["one two", "three"]);
        assert_eq!(
            folded("one two\nthree-is-too-wide now", 0, 2, 8),
            ["one two", "three-is-too-wide", "now"]
        );
        assert_eq!(folded("", 0, 0, 8), Vec::<String>::new());
    }

    #[test]
    fn tabs_reach_the_next_stop_and_wide_characters_take_two() {
        assert_eq!(lines("a\tb"), ["a   b"]);
        assert_eq!(width("日本"), 4);
        assert_eq!(width("e\u{301}"), 1);
    }
}
