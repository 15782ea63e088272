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
#[path = "human_tests.rs"]
mod tests;
