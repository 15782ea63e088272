//! The drawing for people: the line as it stands in the file, with the place marked below it.
//!
//! ```text
//! error[values.out-of-range]: `nodePort` is 3009, not within 30000–32767
//!   --> values/prod.yaml:14:15
//! 14 |     nodePort: 3009
//!    |               ^^^^ set by layer 2 of 3
//!    = hint: did you mean 30090?
//! ```
//!
//! The drawer is our own because two things are needed that common ones lack: a label whose line must not be
//! shown, and a line of any length cut around the place so that one long string cannot fill the screen.

use std::io::{self, Write};
use std::ops::Range;

use anstyle::{AnsiColor, Style};
use plimsoll::{Diagnostic, Label, SourceText};

use super::text::{self, Cell};

/// Narrower than this nothing can be read; a terminal that claims less gets long lines.
const NARROWEST: usize = 40;

/// How much of a source line is shown where there is no terminal.
const FILE: usize = 120;

/// Draws one finding.
pub(super) fn draw(
    diagnostic: &Diagnostic,
    width: Option<usize>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let (style, bold) = (super::style(diagnostic.severity()), Style::new().bold());
    // Prose is folded for a terminal only: elsewhere somebody may search for it.
    let prose = width.map_or(usize::MAX, |width| width.max(NARROWEST));
    let severity = diagnostic.severity().as_str();
    let head = severity.len() + diagnostic.code().len() + 4;
    let mut message = text::folded(diagnostic.message(), head, 2, prose).into_iter();
    let first = message.next().unwrap_or_default();
    writeln!(out, "{style}{severity}[{}]{style:#}{bold}: {first}{bold:#}", diagnostic.code())?;
    for line in message {
        writeln!(out, "  {bold}{line}{bold:#}")?;
    }

    let places: Vec<Place<'_>> = diagnostic.labels().iter().filter_map(Place::new).collect();
    let last_line = places.iter().map(|place| place.line).max().unwrap_or(0);
    let digits = last_line.max(1).to_string().len();
    let drawer = Drawer {
        gutter: digits,
        columns: width.unwrap_or(FILE).max(NARROWEST).saturating_sub(digits + 3),
        prose,
        main: style,
    };
    for (index, place) in places.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|before| places.get(before));
        drawer.place(place, index == 0, before, out)?;
    }
    for hint in diagnostic.hints() {
        drawer.hint(hint, out)?;
    }
    Ok(())
}

/// A label with its line looked up.
struct Place<'a> {
    label: &'a Label,
    source: &'a SourceText,
    line: usize,
    column: usize,
    /// The last line that the span covers.
    last_line: usize,
    text: &'a str,
    /// The bytes of `text` that are marked.
    marked: Range<usize>,
}

impl<'a> Place<'a> {
    fn new(label: &'a Label) -> Option<Self> {
        let source = label.span.source()?;
        let range = label.span.range();
        let start = source.position(range.start);
        let line = source.line_range(start.line);
        // A span that takes its line break with it does not reach into the next line.
        let end = range.start + label.span.text().trim_end().len();
        Some(Self {
            label,
            source,
            line: start.line,
            column: start.column,
            last_line: source.position(end).line,
            text: source.text()[line.clone()].trim_end_matches('\r'),
            marked: range.start - line.start..end.min(line.end) - line.start,
        })
    }

    /// Whether both are drawn below the same copy of a line.
    fn shares_line(&self, other: &Place<'_>) -> bool {
        !self.label.masked
            && !other.label.masked
            && (self.source.name(), self.line) == (other.source.name(), other.line)
    }
}

struct Drawer {
    /// Digits of the largest line number.
    gutter: usize,
    /// Columns that a source line may take.
    columns: usize,
    /// Columns that a line of prose may take.
    prose: usize,
    /// The colour of the main place.
    main: Style,
}

impl Drawer {
    fn place(
        &self,
        place: &Place<'_>,
        is_main: bool,
        before: Option<&Place<'_>>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let (gutter, frame) = (self.gutter, frame());
        let cells = text::cells(place.text);
        let window = Window::around(&cells, &place.marked, self.columns);
        let continues = before.is_some_and(|before| before.shares_line(place)) && window.is_whole();
        if !continues {
            let arrow = if is_main { "-->" } else { ":::" };
            let name = text::one_line(place.source.name());
            writeln!(
                out,
                "{:gutter$}{frame}{arrow}{frame:#} {name}:{}:{}",
                "", place.line, place.column
            )?;
        }
        if place.label.masked {
            let label = text::one_line(&place.label.text);
            let blank = if label.is_empty() { "" } else { " " };
            return writeln!(
                out,
                "{frame}{:>gutter$} |{frame:#} (the line holds a secret){blank}{label}",
                place.line
            );
        }
        if !continues {
            let line = window.show(&cells);
            let blank = if line.is_empty() { "" } else { " " };
            writeln!(out, "{frame}{:>gutter$} |{frame:#}{blank}{line}", place.line)?;
        }
        let (mark, style) = if is_main { ('^', self.main) } else { ('-', frame) };
        let marks = String::from(mark).repeat(window.marks.len().max(1));
        let mut label = text::one_line(&place.label.text);
        if place.last_line > place.line {
            let blank = if label.is_empty() { "" } else { " " };
            label = format!("{label}{blank}(through line {})", place.last_line);
        }
        let blank = if label.is_empty() { "" } else { " " };
        let indent = window.marks.start;
        writeln!(
            out,
            "{frame}{:gutter$} |{frame:#} {:indent$}{style}{marks}{blank}{label}{style:#}",
            "", ""
        )
    }

    fn hint(&self, hint: &str, out: &mut dyn Write) -> io::Result<()> {
        let (gutter, frame, bold) = (self.gutter, frame(), Style::new().bold());
        let indent = gutter + "  = hint: ".len() - 1;
        let mut lines = text::folded(hint, indent, indent, self.prose).into_iter();
        let first = lines.next().unwrap_or_default();
        writeln!(out, "{:gutter$} {frame}={frame:#} {bold}hint{bold:#}: {first}", "")?;
        for line in lines {
            writeln!(out, "{:gutter$}         {line}", "")?;
        }
        Ok(())
    }
}

/// The colour of arrows, line numbers and bars.
fn frame() -> Style {
    AnsiColor::Cyan.on_default().bold()
}

/// The part of a line that is shown.
struct Window {
    /// The cells that are shown.
    cells: Range<usize>,
    /// How many cells the line has.
    total: usize,
    /// The columns, counted from the left edge of the shown part, that are marked.
    marks: Range<usize>,
}

impl Window {
    /// As much of the line as fits, with the marked bytes in view (their start, if they alone are too long).
    fn around(cells: &[Cell], marked: &Range<usize>, columns: usize) -> Self {
        let width = |cells: &[Cell]| cells.iter().map(|cell| cell.width).sum::<usize>();
        let first = cells.partition_point(|cell| cell.at < marked.start);
        let last = cells.partition_point(|cell| cell.at < marked.end).max(first);
        if width(cells) <= columns {
            let start = width(&cells[..first]);
            let marks = start..start + width(&cells[first..last]);
            return Self { cells: 0..cells.len(), total: cells.len(), marks };
        }
        // Room for `…` on both sides, whether or not both are needed.
        let room = columns.saturating_sub(2).max(1);
        let (mut from, mut to, mut used) = (first, first, 0);
        while to < last && used + cells[to].width <= room {
            used += cells[to].width;
            to += 1;
        }
        // What is left goes to both sides, to the left first up to half of it: keys stand on the left.
        let left_share = used + (room - used) / 2;
        while from > 0 && used + cells[from - 1].width <= left_share {
            from -= 1;
            used += cells[from].width;
        }
        while to < cells.len() && used + cells[to].width <= room {
            used += cells[to].width;
            to += 1;
        }
        while from > 0 && used + cells[from - 1].width <= room {
            from -= 1;
            used += cells[from].width;
        }
        let start = usize::from(from > 0) + width(&cells[from..first]);
        let marks = start..start + width(&cells[first..last.min(to).max(first)]);
        Self { cells: from..to, total: cells.len(), marks }
    }

    fn is_whole(&self) -> bool {
        self.cells.len() == self.total
    }

    fn show(&self, cells: &[Cell]) -> String {
        let mut line = String::new();
        if self.cells.start > 0 {
            line.push('…');
        }
        line.extend(cells[self.cells.clone()].iter().map(|cell| cell.shown.as_str()));
        if self.cells.end < self.total {
            line.push('…');
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{plain, two};
    use super::super::{Format, report};
    use plimsoll::{Diagnostic, Diagnostics, SourceText, Span};

    fn span(text: &SourceText, part: &str) -> Span {
        let start = text.text().find(part).unwrap();
        text.span(start..start + part.len())
    }

    fn drawn(diagnostic: Diagnostic, width: usize) -> String {
        plain(&Diagnostics::from(diagnostic), Format::Human, width)
    }

    #[test]
    fn the_place_is_marked_in_every_file_concerned() {
        let expected = "\
error[values.out-of-range]: `nodePort` is 3009, not within 30000–32767
 --> values/prod.yaml:2:11
2 | nodePort: 3009
  |           ^^^^ set by layer 2 of 3
 ::: schemas/web.yaml:1:1
1 | minimum: 30000
  | -------------- required here
  = hint: did you mean 30090?

warning[schema.deprecated]: `a` is\\u{1b}[2J deprecated
 --> values/prod.yaml:1:1
1 | a: 1
  | ^

error: 1 error, 1 warning
";
        assert_eq!(plain(&two(), Format::Human, 80), expected);
    }

    #[test]
    fn colour_is_written_and_only_repeats_words() {
        let mut out = Vec::new();
        report(&two(), Format::Human, Some(80), &mut out).unwrap();
        assert!(String::from_utf8(out).unwrap().contains("\u{1b}[31m"));
    }

    #[test]
    fn two_places_on_one_line_share_it_and_numbers_line_up() {
        let text = SourceText::new("a.yaml", format!("{}  from: {{a: 1, a: 2}}\n", "\n".repeat(9)));
        let first = text.text().find('a').unwrap();
        let second = text.text().rfind('a').unwrap();
        let found = Diagnostic::error("yaml.duplicate-key", "duplicate key `a`")
            .at(&text.span(second..second + 1), "again here")
            .at(&text.span(first..first + 1), "first here")
            .at(&text.span(0..0), "");
        assert_eq!(
            drawn(found, 80),
            "\
error[yaml.duplicate-key]: duplicate key `a`
  --> a.yaml:10:16
10 |   from: {a: 1, a: 2}
   |                ^ again here
   |          - first here
  ::: a.yaml:1:1
 1 |
   | -

error: 1 error
"
        );
    }

    #[test]
    fn a_long_line_is_cut_around_the_place() {
        let text =
            SourceText::new("a.yaml", format!("key: {}HERE{}\n", "x".repeat(500), "y".repeat(500)));
        let found = Diagnostic::error("x.y", "wrong").at(&span(&text, "HERE"), "this");
        assert_eq!(
            drawn(found, 44),
            "\
error[x.y]: wrong
 --> a.yaml:1:506
1 | …xxxxxxxxxxxxxxxxxHEREyyyyyyyyyyyyyyyyy…
  |                   ^^^^ this

error: 1 error
"
        );
        let found = Diagnostic::error("x.y", "wrong").at(&text.span(0..text.text().len()), "this");
        assert_eq!(
            drawn(found, 44),
            format!(
                "\
error[x.y]: wrong
 --> a.yaml:1:1
1 | key: {}…
  | {} this

error: 1 error
",
                "x".repeat(33),
                "^".repeat(38)
            )
        );
    }

    #[test]
    fn tabs_wide_and_hostile_characters_keep_the_marks_in_place() {
        let text = SourceText::new("a.yaml", "\t日本\u{1b}: x\r\n");
        let found = Diagnostic::error("x.y", "wrong").at(&span(&text, "x"), "");
        assert_eq!(
            drawn(found, 80),
            "\
error[x.y]: wrong
 --> a.yaml:1:7
1 |     日本\\u{1b}: x
  |                 ^

error: 1 error
"
        );
    }

    #[test]
    fn many_lines_are_marked_on_the_first() {
        let text = SourceText::new("a.yaml", "web:\n  port: 1\n  host: a\n");
        let found = Diagnostic::error("x.y", "first\nsecond")
            .at(&text.span(0..text.text().len()), "not known")
            .hint("one\ntwo");
        assert_eq!(
            drawn(found, 80),
            "\
error[x.y]: first
  second
 --> a.yaml:1:1
1 | web:
  | ^^^^ not known (through line 3)
  = hint: one
          two

error: 1 error
"
        );
    }

    #[test]
    fn nowhere_and_the_end_of_the_text_are_places_too() {
        assert_eq!(
            drawn(Diagnostic::error("x.y", "nothing there").hint("look"), 0),
            "error[x.y]: nothing there\n  = hint: look\n\nerror: 1 error\n"
        );
        let text = SourceText::new("--set a=", "a=");
        let found = Diagnostic::error("x.y", "no value").at(&text.span(2..2), "value expected");
        assert_eq!(
            drawn(found, 80),
            "\
error[x.y]: no value
 --> --set a=:1:3
1 | a=
  |   ^ value expected

error: 1 error
"
        );
    }
}
