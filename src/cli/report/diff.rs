//! The drawing of differences for people: object by object, field by field, with the line behind each.
//!
//! ```text
//! pulsar/production-ha: 1 changed, 48 equal
//!   ~ StatefulSet pulsar/pulsar-broker · broker
//!       spec.replicas: 3 → 5 · values/pulsar/production-ha.yaml:14
//! ```

use std::fmt::Write;

use anstyle::{AnsiColor, Style};
use plimsoll::diff::view::{
    Field, Group, Line, Piece, Shape, Sign, counts, excerpt, groups, hunks, words,
};
use plimsoll::diff::{ReleaseDiff, Verdict};

use super::text;

const OLD: Style = AnsiColor::Red.on_default();
const NEW: Style = AnsiColor::Green.on_default();
const DIM: Style = Style::new().dimmed();
const BOLD: Style = Style::new().bold();
const WARN: Style = AnsiColor::Yellow.on_default().bold();

/// Lines of context around a changed line of a text.
const CONTEXT: usize = 2;

/// Lines of an added or removed value that are shown at most.
const MOST: usize = 16;

/// Objects with the same change that are named.
const NAMED: usize = 6;

/// The widest line that is drawn where nobody says how wide the reader's is.
const WIDE: usize = 120;

/// Columns before a field, and before the lines below it.
const FIELD: usize = 6;
const BELOW: usize = 8;

/// Draws releases; equal ones are only counted. `width` is how many columns the reader can see.
pub(crate) fn draw(releases: &[ReleaseDiff], width: Option<usize>) -> String {
    let mut drawer = Drawer { width: width.unwrap_or(WIDE).max(40), out: String::new() };
    let groups = groups(releases);
    for (index, release) in releases.iter().enumerate().filter(|(_, release)| shows(release)) {
        if !drawer.out.is_empty() {
            drawer.out.push('\n');
        }
        let name = text::one_line(&release.release);
        drawer.put(format_args!("{BOLD}{name}{BOLD:#}: {}\n", counts(&release.diff)));
        let mut seen: Vec<(&str, usize)> = Vec::new();
        for group in &groups {
            let first = group.members()[0];
            let here = group.members().iter().filter(|member| member.index == index).count();
            if first.index == index {
                drawer.group(group);
            } else if here > 0 {
                match seen.iter_mut().find(|(release, _)| *release == first.release) {
                    Some((_, count)) => *count += here,
                    None => seen.push((first.release, here)),
                }
            }
        }
        for (release, count) in seen {
            let objects = if count == 1 { "object" } else { "objects" };
            let release = text::one_line(release);
            drawer.put(format_args!("  {DIM}= {count} {objects} as in {release}{DIM:#}\n"));
        }
    }
    drawer.out
}

/// Draws the objects of a diff that differ, without the release around them.
pub(crate) fn objects(release: ReleaseDiff, width: Option<usize>) -> String {
    let mut drawer = Drawer { width: width.unwrap_or(WIDE).max(40), out: String::new() };
    for group in &groups(&[release]) {
        drawer.group(group);
    }
    drawer.out
}

fn shows(release: &ReleaseDiff) -> bool {
    release.diff.objects().iter().any(|object| object.verdict() != Verdict::Equal)
}

struct Drawer {
    width: usize,
    out: String,
}

impl Drawer {
    fn put(&mut self, text: std::fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = self.out.write_fmt(text);
    }

    fn group(&mut self, group: &Group<'_>) {
        let object = group.first();
        let (sign, style) = match object.verdict() {
            Verdict::Added => ('+', NEW),
            Verdict::Removed => ('-', OLD),
            Verdict::Reordered => ('=', DIM),
            _ => ('~', BOLD),
        };
        let title = text::one_line(&group.title());
        self.put(format_args!("  {style}{sign} {title}{style:#}"));
        if let Some(component) = group.component() {
            let component = text::one_line(component);
            self.put(format_args!("{DIM} · {component}{DIM:#}"));
        }
        match (object.verdict(), object.waves()) {
            (Verdict::Changed, (Some(old), Some(new))) if old != new => {
                self.put(format_args!(" · wave {old} → {new}"));
            }
            (Verdict::Reordered, _) => self.out.push_str(" · only the order or spelling differs"),
            _ => {}
        }
        if let Some(other) = object.renamed() {
            let word = if object.verdict() == Verdict::Added { "was" } else { "is now" };
            self.put(format_args!(" · {word} `{}`?", text::one_line(&other.name)));
        }
        self.out.push('\n');
        self.members(group);
        for risk in object.risks() {
            let lead = text::width(risk.code) + FIELD + 4;
            let message = text::folded(&risk.message, lead, BELOW, self.width);
            let mut lines = message.iter();
            let first = lines.next().map_or("", String::as_str);
            self.put(format_args!("      {WARN}! {}{WARN:#}: {first}\n", risk.code));
            lines.for_each(|line| self.put(format_args!("        {line}\n")));
        }
        let whole = match object.verdict() {
            Verdict::Added => object.new_yaml().map(|yaml| (yaml, Sign::New)),
            Verdict::Removed => object.old_yaml().map(|yaml| (yaml, Sign::Old)),
            _ => None,
        };
        if let Some((yaml, sign)) = whole
            && object.renamed().is_none()
        {
            self.block(&yaml, sign);
        }
        group.fields().into_iter().for_each(|field| self.field(field));
    }

    /// Which objects a change is the same in: those of this release by name, other releases by name.
    fn members(&mut self, group: &Group<'_>) {
        let here = group.members()[0].index;
        let own: Vec<_> = group.members().iter().filter(|member| member.index == here).collect();
        if own.len() > 1 {
            let names = own
                .iter()
                .take(NAMED)
                .map(|m| format!("{}/{}", m.object.id().kind, m.object.id().name));
            let more = own.len().saturating_sub(NAMED);
            let tail = if more > 0 { format!(" and {more} more") } else { String::new() };
            self.note(&format!("{}{tail}", names.collect::<Vec<_>>().join(", ")));
        }
        let others = &group.releases()[1..];
        if !others.is_empty() {
            let more = others.len().saturating_sub(NAMED);
            let tail = if more > 0 { format!(" and {more} more") } else { String::new() };
            self.note(&format!("also in {}{tail}", others[..others.len() - more].join(", ")));
        }
    }

    fn note(&mut self, text: &str) {
        for line in text::folded(text, FIELD, FIELD, self.width) {
            self.put(format_args!("      {DIM}{line}{DIM:#}\n"));
        }
    }

    fn field(&mut self, field: Field<'_>) {
        let order = if field.order { " (order)" } else { "" };
        let place = match &field.places[..] {
            [] => String::new(),
            [one] => format!(" · {}", text::one_line(one)),
            [one, rest @ ..] => format!(" · {} and {} more", text::one_line(one), rest.len()),
        };
        let mut paths = field.labels.iter().map(|label| text::one_line(label)).rev();
        let path = paths.next().unwrap_or_default();
        for other in paths.rev() {
            self.put(format_args!("      {other},\n"));
        }
        let shape = field.shape;
        if let Shape::Line { old, new } = &shape {
            let (a, b) = (inline(old.as_deref()), inline(new.as_deref()));
            let plain = FIELD + text::width(&path) + text::width(&a) + text::width(&b) + 5;
            if plain + text::width(order) <= self.width.min(WIDE) {
                self.put(format_args!("      {path}{order}: {OLD}{a}{OLD:#} → {NEW}{b}{NEW:#}"));
                self.cause(&place, plain);
                return;
            }
        }
        self.put(format_args!("      {path}{order}:"));
        self.cause(&place, FIELD + text::width(&path) + text::width(order) + 1);
        match shape {
            Shape::Edges { added, removed } => {
                for name in removed {
                    self.line(&Line::whole(Sign::Old, name));
                }
                for name in added {
                    self.line(&Line::whole(Sign::New, name));
                }
            }
            Shape::Text { old, new } => {
                for (index, hunk) in hunks(old, new, CONTEXT).iter().enumerate() {
                    if index > 0 {
                        self.put(format_args!("        {DIM}…{DIM:#}\n"));
                    }
                    for line in hunk {
                        self.line(line);
                    }
                }
            }
            Shape::Line { old: Some(old), new: Some(new) } => {
                let (old, new) = words(&old, &new);
                let most = (self.width - BELOW).max(WIDE);
                let line = |sign, pieces| (sign, excerpt(pieces, most));
                for (sign, pieces) in [line(Sign::Old, old), line(Sign::New, new)] {
                    self.pieces(sign, &pieces, false);
                }
            }
            Shape::Line { old, new } | Shape::Block { old, new } => {
                if let Some(text) = &old {
                    self.block(text, Sign::Old);
                }
                if let Some(text) = &new {
                    self.block(text, Sign::New);
                }
            }
            _ => {}
        }
    }

    /// The line behind a field, where there is room; else on a line of its own. Ends the line.
    fn cause(&mut self, place: &str, used: usize) {
        if place.is_empty() || used + text::width(place) <= self.width {
            self.put(format_args!("{DIM}{place}{DIM:#}\n"));
        } else {
            self.put(format_args!("\n        {DIM}{}{DIM:#}\n", place.trim_start()));
        }
    }

    /// A value of many lines, all of them old or new.
    fn block(&mut self, yaml: &str, sign: Sign) {
        let lines: Vec<&str> = yaml.lines().collect();
        let shown = if lines.len() > MOST + 2 { MOST } else { lines.len() };
        lines[..shown].iter().for_each(|line| self.line(&Line::whole(sign, line)));
        if shown < lines.len() {
            self.put(format_args!("        {DIM}… {} more lines{DIM:#}\n", lines.len() - shown));
        }
    }

    fn line(&mut self, line: &Line) {
        self.pieces(line.sign, &line.pieces, line.unfinished);
    }

    /// One line, folded where the terminal ends.
    fn pieces(&mut self, sign: Sign, pieces: &[Piece], unfinished: bool) {
        let style = match sign {
            Sign::Old => OLD,
            Sign::New => NEW,
            _ => DIM,
        };
        let room = self.width.saturating_sub(BELOW + 2).max(20);
        self.put(format_args!("        {style}{} {style:#}", sign.as_char()));
        let mut used = 0;
        for piece in pieces {
            let marked = piece.differs && pieces.len() > 1;
            let style = if marked { style.bold().underline() } else { style };
            let mut run = String::new();
            for cell in text::cells(&piece.text) {
                if used + cell.width > room {
                    self.put(format_args!("{style}{run}{style:#}\n          "));
                    run.clear();
                    used = 0;
                }
                run.push_str(&cell.shown);
                used += cell.width;
            }
            self.put(format_args!("{style}{run}{style:#}"));
        }
        if unfinished {
            self.put(format_args!("{DIM} (no line break at the end){DIM:#}"));
        }
        self.out.push('\n');
    }
}

fn inline(value: Option<&str>) -> String {
    value.map_or_else(|| "(none)".to_owned(), text::one_line)
}
