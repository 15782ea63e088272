//! Makes a template safe for typed printing before minijinja sees it.
//!
//! The engine prints opaque tokens and looks at them again once the text has become YAML. A text that is
//! captured on the way (by a macro, a `{% call %}`, a `{% set %}` block or an include) would carry such tokens
//! into filters and comparisons. So every capture is closed at its border, in plain template syntax:
//!
//! | written | handed on |
//! |---|---|
//! | `{% set x %}` | `{% set x \| __fragment %}` |
//! | `{% set x \| f %}` | `{% set x \| __text \| f %}` |
//! | `{% endmacro %}` | the same, then `{% set NAME = NAME \| __macro %}` |
//! | `{% macro m() %}` with `caller` inside | the same, then `caller` is wrapped by `__macro` if there is one |
//! | `{% include e %}` | a captured `__fragment`, printed |
//! | `{% for … %}` around much text | the same, then each turn pays for that text by `__spend` |
//!
//! The operators that join and repeat pass through filters as well, see [`operators`].
//!
//! Whitespace is settled here too. A line that holds only tags vanishes, and `-` is carried out: line breaks
//! that disappear move into the tag next to them. The result has the same number of lines, so every line that
//! minijinja reports is right, and [`Rewritten::original`] finds the exact place.
//!
//! For the replay after an error, *instrumented* text says where its output comes from. `U+10FFFE L3:42 U+10FFFF`
//! precedes literal text that stands at byte 42 of template 3: at the start of each literal and after each line
//! break in it, also in captured bodies; what follows is unchanged until the next mark or token. A print
//! `{{ e }}` becomes `{{ (e) | __at(3, 42, 50) }}`, with the bytes that the tag covers; an include's print too.

mod blocks;
mod go;
mod layout;
mod lint;
mod operators;
mod scope;
mod slips;

use std::ops::Range;

use self::blocks::Role;
use self::layout::Layout;
use self::operators::Edit;
use super::imports::Imports;
use super::names;
use super::scan::{Literal, Tag, TagKind, scan};
use crate::{Diagnostic, Diagnostics, SourceText};

/// The noncharacter that begins a token or mark.
pub(super) const OPEN: char = '\u{10FFFE}';
/// The noncharacter that ends a token or mark.
pub(super) const CLOSE: char = '\u{10FFFF}';

/// A rewritten template and the way back to the author's text.
#[derive(Default)]
pub(super) struct Rewritten {
    /// For minijinja.
    pub(super) text: String,
    /// What somebody should look at, though it renders.
    pub(super) warnings: Diagnostics,
    /// Those that the template binds.
    pub(super) names: Vec<String>,
    /// Those that it asks for, and so can do without.
    pub(super) asked: Vec<String>,
    /// What it takes from other templates and holds for them.
    pub(super) imports: Imports,
    /// In order of `start`; the first begins at 0.
    pieces: Vec<Piece>,
}

struct Piece {
    /// Where it begins in the rewritten text.
    start: usize,
    /// Where it comes from.
    original: usize,
    /// Copied from there; otherwise made up on behalf of that place.
    copied: bool,
}

impl Rewritten {
    /// The byte offset in the author's text for one in the rewritten text.
    pub(super) fn original(&self, offset: usize) -> usize {
        let after = self.pieces.partition_point(|piece| piece.start <= offset);
        match after.checked_sub(1).and_then(|index| self.pieces.get(index)) {
            Some(piece) if piece.copied => piece.original + offset - piece.start,
            Some(piece) => piece.original,
            None => 0,
        }
    }

    /// The same for a range.
    pub(super) fn original_range(&self, range: Range<usize>) -> Range<usize> {
        let start = self.original(range.start);
        let end = match range.end.checked_sub(1) {
            Some(last) if last >= range.start => self.original(last) + 1,
            _ => start,
        };
        start..end.max(start)
    }

    fn copy(&mut self, text: &str, range: Range<usize>) {
        if !range.is_empty() {
            self.piece(range.start, true);
            self.text.push_str(&text[range]);
        }
    }

    fn insert(&mut self, made_up: &str, original: usize) {
        if !made_up.is_empty() {
            self.piece(original, false);
            self.text.push_str(made_up);
        }
    }

    fn piece(&mut self, original: usize, copied: bool) {
        self.pieces.push(Piece { start: self.text.len(), original, copied });
    }
}

/// Rewrites a template; `instrument` is the template's number for the marks of a replay.
pub(super) fn rewrite(
    source: &SourceText,
    instrument: Option<usize>,
) -> Result<Rewritten, Diagnostics> {
    let text = source.text();
    let scan = scan(source);
    let (roles, mut found) = blocks::roles(source, &scan);
    let words = lint::lint(source, &scan);
    if words.iter().any(lint::is_foreign) {
        // Whether blocks close cannot be told while some of their tags mean nothing.
        found = scan.problems.iter().cloned().collect();
    }
    found.extend(words);
    if found.has_errors() {
        return Err(found.sorted());
    }
    let layout = Layout::new(text, &scan, &roles);
    let output = Rewritten {
        text: String::new(),
        warnings: found.sorted(),
        names: names::bound(text, &scan),
        asked: names::asked(text, &scan),
        imports: Imports::of(text, &scan),
        pieces: Vec::new(),
    };
    let turns = blocks::turns(text, &scan);
    let mut writer = Writer { text, instrument, output };
    let mut literals = scan.literals.iter().zip(&layout.gaps);
    if let Some((literal, gap)) = literals.next() {
        writer.literal(literal, gap.kept.clone(), gap.meets_tag);
    }
    for ((tag, role), (index, (literal, gap))) in
        scan.tags.iter().zip(&roles).zip(literals.enumerate())
    {
        let before = layout.gaps.get(index).map_or(0, |gap| gap.breaks_to_next);
        writer.tag(tag, role, before, gap.breaks_to_previous);
        writer.spend(tag, turns.get(index).copied().unwrap_or(0));
        writer.literal(literal, gap.kept.clone(), gap.meets_tag);
    }
    Ok(writer.output)
}

/// A text without tags, whatever it looks like.
pub(super) fn plain(
    source: &SourceText,
    instrument: Option<usize>,
) -> Result<Rewritten, Diagnostics> {
    let found: Diagnostics = lint::reserved(source).collect();
    found.into_result(())?;
    let text = source.text();
    let mut writer = Writer { text, instrument, output: Rewritten::default() };
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        writer.mark(at);
        for part in line.split_inclusive('{') {
            let end = at + part.len();
            // A brace alone opens nothing.
            let opens = part.ends_with('{') && text[end..].starts_with(['{', '%', '#']);
            writer.output.copy(text, at..end - usize::from(opens));
            if opens {
                writer.brace(end - 1);
            }
            at = end;
        }
    }
    Ok(writer.output)
}

/// The first tag that is written in another language.
pub(super) fn foreign(source: &SourceText) -> Option<Diagnostic> {
    let scan = scan(source);
    let none = std::collections::BTreeSet::new();
    scan.tags
        .iter()
        .find_map(|tag| go::refuse(source, tag, &none).or_else(|| slips::slip(source, tag)))
}

/// Puts the operators in the tags of a text under control and leaves everything else as it is.
pub(super) fn operators(source: &SourceText) -> Rewritten {
    let text = source.text();
    let scan = scan(source);
    let mut writer = Writer { text, instrument: None, output: Rewritten::default() };
    let mut at = 0;
    if scan.problems.is_empty() {
        for tag in scan.tags.iter().filter(|tag| !tag.tokens.is_empty()) {
            writer.output.copy(text, at..tag.inner.start);
            writer.inner(tag, None);
            at = tag.inner.end;
        }
    }
    writer.output.copy(text, at..text.len());
    writer.output
}

struct Writer<'t> {
    text: &'t str,
    instrument: Option<usize>,
    output: Rewritten,
}

impl Writer<'_> {
    fn mark(&mut self, original: usize) {
        if let Some(template) = self.instrument {
            self.output.insert(&format!("{OPEN}L{template}:{original}{CLOSE}"), original);
        }
    }

    fn literal(&mut self, literal: &Literal, kept: Range<usize>, meets_tag: bool) {
        // A brace that blanks used to part from the next tag must not become part of its delimiter.
        let brace = meets_tag && !literal.raw && self.text[kept.clone()].ends_with('{');
        let end = kept.end - usize::from(brace);
        let mut at = kept.start;
        for line in self.text[kept.start..end].split_inclusive('\n') {
            self.mark(at);
            self.output.copy(self.text, at..at + line.len());
            at += line.len();
        }
        if brace {
            self.brace(end);
        }
    }

    /// A brace that opens nothing.
    fn brace(&mut self, at: usize) {
        self.output.insert("{% raw %}", at);
        self.output.copy(self.text, at..at + 1);
        self.output.insert("{% endraw %}", at + 1);
    }

    /// Lets each turn of a loop with much text pay for it.
    fn spend(&mut self, tag: &Tag, bytes: usize) {
        const LITTLE: usize = 64;
        if bytes > LITTLE {
            self.output.insert(&format!("{{% set __turn = {bytes} | __spend %}}"), tag.range.end);
        }
    }

    /// Writes a tag with the line breaks that it takes over from the text before and after it.
    fn tag(&mut self, tag: &Tag, role: &Role, before: usize, after: usize) {
        let start = tag.range.start;
        match role {
            Role::Include => {
                self.output.insert("{% set __include | __fragment %}", start);
                self.plain(tag, before, after, None);
                self.output.insert("{% endset %}{{ ", start);
                self.insert_print("__include", tag);
                self.output.insert(" }}", start);
            }
            Role::Set { capture: Some((at, filters)) } => {
                self.plain(tag, before, after, Some((*at, filters)));
            }
            Role::Macro { uses_caller: true } => {
                self.plain(tag, before, after, None);
                let wrap =
                    "{% if caller is defined %}{% set caller = caller | __macro %}{% endif %}";
                self.output.insert(wrap, tag.range.end);
            }
            Role::EndMacro { name } => {
                self.plain(tag, before, after, None);
                let wrap = format!("{{% set {name} = {name} | __macro %}}");
                self.output.insert(&wrap, tag.range.end);
            }
            Role::Call => {
                self.mark(start);
                self.plain(tag, before, after, None);
            }
            // A recursive loop writes in place, which a filter behind it would undo.
            Role::Print if self.instrument.is_some() && tag.word(self.text, 0) != "loop" => {
                self.marked_print(tag, before, after);
            }
            _ => self.plain(tag, before, after, None),
        }
    }

    fn insert_print(&mut self, name: &str, tag: &Tag) {
        self.output.insert(name, tag.range.start);
        self.insert_place(tag);
    }

    /// `__at`; minijinja blames the last filter for a print that fails, so the filter's first and last
    /// character lead to the ends of what is printed.
    fn insert_place(&mut self, tag: &Tag) {
        if let Some(template) = self.instrument {
            let Range { start, end } = tag.range;
            let printed = match (tag.tokens.first(), tag.tokens.last()) {
                (Some(first), Some(last)) => first.range.start..last.range.end,
                _ => start..end,
            };
            self.output.insert(" | ", start);
            self.output.insert(&format!("__at({template}, {start}, {end}"), printed.start);
            self.output.insert(")", printed.end.saturating_sub(1));
        }
    }

    fn marked_print(&mut self, tag: &Tag, before: usize, after: usize) {
        let Range { start, end } = tag.range;
        self.output.copy(self.text, start..start + 2);
        self.output.insert(&"\n".repeat(before), start);
        self.output.insert("(", start);
        self.inner(tag, None);
        self.output.insert(")", tag.inner.end);
        self.insert_place(tag);
        self.output.insert(&"\n".repeat(after), end);
        // Apart from the bracket of `__at`, lest a mapping's brace be taken for the end.
        self.output.insert(" ", end);
        self.output.copy(self.text, end - 2..end);
    }

    /// What stands between the delimiters, its operators under control, with an insertion.
    fn inner(&mut self, tag: &Tag, insertion: Option<(usize, &'static str)>) {
        let mut edits = operators::edits(self.text, tag);
        if let Some((at, inserts)) = insertion {
            let before = edits.partition_point(|edit| edit.at < at);
            edits.insert(before, Edit { at, removes: 0, inserts, stands_for: at });
        }
        let mut at = tag.inner.start;
        for edit in edits {
            self.output.copy(self.text, at..edit.at);
            self.output.insert(edit.inserts, edit.stands_for);
            at = edit.at + edit.removes;
        }
        self.output.copy(self.text, at..tag.inner.end);
    }

    /// The tag without its `-` and `+`, which have been carried out, and with an insertion.
    fn plain(
        &mut self,
        tag: &Tag,
        before: usize,
        after: usize,
        insertion: Option<(usize, &'static str)>,
    ) {
        let Range { start, end } = tag.range;
        let inner = &self.text[tag.inner.clone()];
        self.output.copy(self.text, start..start + 2);
        self.output.insert(&"\n".repeat(before), start);
        if tag.kind == TagKind::Comment {
            self.output.insert(&"\n".repeat(inner.matches('\n').count()), tag.inner.start);
        } else {
            if before == 0 && inner.starts_with(['-', '+']) {
                self.output.insert(" ", tag.inner.start);
            }
            self.inner(tag, insertion);
            if after == 0 && inner.ends_with(['-', '+']) {
                self.output.insert(" ", tag.inner.end);
            }
        }
        self.output.insert(&"\n".repeat(after), tag.inner.end);
        self.output.copy(self.text, end - 2..end);
    }
}

#[cfg(test)]
#[path = "rewrite_tests.rs"]
mod tests;
