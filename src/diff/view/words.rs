//! What differs inside a text: words of a line, lines of a text.

use similar::{Algorithm, ChangeTag, DiffOp, TextDiff, capture_diff_slices};

/// Beyond this many words or lines in one place, marking words takes long and helps nobody.
const TOO_MANY: usize = 2_000;

/// Letters of an unchanged part that are kept beside what differs.
const BESIDE: usize = 24;

/// A part of a line.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Piece {
    /// The text.
    pub text: String,
    /// Whether the other side has something else here.
    pub differs: bool,
}

/// On which side a line stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Sign {
    /// On the old side only.
    Old,
    /// On the new side only.
    New,
    /// On both.
    Both,
}

impl Sign {
    /// `-`, `+` or a blank.
    #[must_use]
    pub fn as_char(self) -> char {
        match self {
            Self::Old => '-',
            Self::New => '+',
            Self::Both => ' ',
        }
    }
}

/// A line of a text.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Line {
    /// Which side has it.
    pub sign: Sign,
    /// What it says, without the line break.
    pub pieces: Vec<Piece>,
    /// Whether the text ends here without a line break.
    pub unfinished: bool,
}

impl Line {
    /// A line in which no part stands out.
    #[must_use]
    pub fn whole(sign: Sign, text: &str) -> Self {
        Self::of(sign, vec![Piece { text: text.to_owned(), differs: false }])
    }

    pub(super) fn of(sign: Sign, pieces: Vec<Piece>) -> Self {
        Self { sign, pieces, unfinished: false }
    }
}

/// Two lines as pieces. Lines that share little differ as a whole: marks here and there would hide that.
#[must_use]
pub fn words(old: &str, new: &str) -> (Vec<Piece>, Vec<Piece>) {
    let (a, b) = (split(old), split(new));
    let whole = |text: &str| vec![Piece { text: text.to_owned(), differs: true }];
    if a.len() + b.len() > TOO_MANY {
        return (whole(old), whole(new));
    }
    let ops = capture_diff_slices(Algorithm::Myers, &a, &b);
    let mut sides = (Vec::new(), Vec::new());
    let mut shared = 0;
    for op in ops {
        let equal = matches!(op, DiffOp::Equal { .. });
        let (left, right) = (a[op.old_range()].concat(), b[op.new_range()].concat());
        // A lone dash between two changes is no common ground.
        shared += if equal { left.chars().filter(|c| c.is_alphanumeric()).count() } else { 0 };
        push(&mut sides.0, left, !equal);
        push(&mut sides.1, right, !equal);
    }
    let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).count();
    if shared * 3 < letters(old).max(letters(new)) {
        return (whole(old), whole(new));
    }
    sides
}

fn push(pieces: &mut Vec<Piece>, text: String, differs: bool) {
    match pieces.last_mut() {
        _ if text.is_empty() => {}
        Some(last) if last.differs == differs => last.text.push_str(&text),
        _ => pieces.push(Piece { text, differs }),
    }
}

/// Runs of letters, digits and dots, so that a version is one word, and each other character for itself.
fn split(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = match rest.find(|c: char| !c.is_alphanumeric() && c != '.') {
            Some(0) => first.len_utf8(),
            Some(end) => end,
            None => rest.len(),
        };
        let (word, more) = rest.split_at(end);
        words.push(word);
        rest = more;
    }
    words
}

/// Leaves out what is far from any difference, if the line is longer than `most` characters.
#[must_use]
pub fn excerpt(pieces: Vec<Piece>, most: usize) -> Vec<Piece> {
    let long: usize = pieces.iter().map(|piece| piece.text.chars().count()).sum();
    if long <= most {
        return pieces;
    }
    let last = pieces.len().saturating_sub(1);
    let shorten = |(at, piece): (usize, Piece)| {
        let letters: Vec<char> = piece.text.chars().collect();
        if piece.differs || letters.len() <= BESIDE * 2 + 1 {
            return piece;
        }
        let head: String = letters[..BESIDE].iter().collect();
        let tail: String = letters[letters.len() - BESIDE..].iter().collect();
        let text = match at {
            0 => format!("…{tail}"),
            _ if at == last => format!("{head}…"),
            _ => format!("{head}…{tail}"),
        };
        Piece { text, ..piece }
    };
    pieces.into_iter().enumerate().map(shorten).collect()
}

/// The lines that differ between two texts, each group with `context` common lines around it.
#[must_use]
pub fn hunks(old: &str, new: &str, context: usize) -> Vec<Vec<Line>> {
    let diff = TextDiff::from_lines(old, new);
    let draw = |op: &DiffOp, lines: &mut Vec<Line>| {
        let size = op.old_range().len() + op.new_range().len();
        if matches!(op, DiffOp::Replace { .. }) && size <= TOO_MANY / 10 {
            for change in diff.iter_inline_changes(op) {
                let piece = |(differs, text): (bool, std::borrow::Cow<'_, str>)| Piece {
                    text: text.trim_end_matches(['\n', '\r']).to_owned(),
                    differs,
                };
                let mut pieces: Vec<Piece> = change.iter_strings_lossy().map(piece).collect();
                pieces.retain(|piece| !piece.text.is_empty());
                let unfinished = change.missing_newline();
                lines.push(Line { sign: sign(change.tag()), pieces, unfinished });
            }
            return;
        }
        for change in diff.iter_changes(op) {
            let text = change.value().trim_end_matches(['\n', '\r']).to_owned();
            let pieces = vec![Piece { text, differs: false }];
            let unfinished = change.missing_newline();
            lines.push(Line { sign: sign(change.tag()), pieces, unfinished });
        }
    };
    let group = |ops: &Vec<DiffOp>| {
        let mut lines = Vec::new();
        for op in ops {
            draw(op, &mut lines);
        }
        lines
    };
    diff.grouped_ops(context).iter().map(group).collect()
}

fn sign(tag: ChangeTag) -> Sign {
    match tag {
        ChangeTag::Delete => Sign::Old,
        ChangeTag::Insert => Sign::New,
        ChangeTag::Equal => Sign::Both,
    }
}
