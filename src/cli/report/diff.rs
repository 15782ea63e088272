//! The drawing of differences for people: object by object, field by field, with the line behind each.
//!
//! ```text
//! pulsar/production-ha: 1 changed, 48 equal
//!   ~ StatefulSet pulsar/pulsar-broker · broker
//!       spec.replicas: 3 → 5 · values/pulsar/production-ha.yaml:14
//! ```

use std::fmt::Write;

use anstyle::{AnsiColor, Style};
use plimsoll::diff::{Cause, Change, ObjectDiff, ReleaseDiff, Verdict};
use similar::{ChangeTag, TextDiff};

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

/// Draws releases; equal ones are only counted. `width` is how many columns the reader can see.
pub(crate) fn draw(releases: &[ReleaseDiff], width: Option<usize>) -> String {
    let drawer = Drawer { width: width.unwrap_or(usize::MAX).max(40) };
    let mut out = String::new();
    for release in releases.iter().filter(|release| shows(release)) {
        if !out.is_empty() {
            out.push('\n');
        }
        drawer.release(release, &mut out);
    }
    out
}

fn shows(release: &ReleaseDiff) -> bool {
    release.diff.objects().iter().any(|object| object.verdict() != Verdict::Equal)
}

/// `2 changed, 1 added, 46 equal`.
pub(crate) fn counts(release: &ReleaseDiff) -> String {
    use Verdict::{Added, Changed, Equal, Removed, Reordered};
    let counts: Vec<String> = [Changed, Added, Removed, Reordered, Equal]
        .into_iter()
        .map(|verdict| (release.diff.count(verdict), verdict))
        .filter(|(count, _)| *count > 0)
        .map(|(count, verdict)| format!("{count} {}", verdict.as_str()))
        .collect();
    if counts.is_empty() { "no objects".to_owned() } else { counts.join(", ") }
}

struct Drawer {
    width: usize,
}

impl Drawer {
    fn release(&self, release: &ReleaseDiff, out: &mut String) {
        let _ = writeln!(
            out,
            "{BOLD}{}{BOLD:#}: {}",
            text::one_line(&release.release),
            counts(release)
        );
        for object in release.diff.objects() {
            if object.verdict() != Verdict::Equal {
                self.object(object, out);
            }
        }
    }

    fn object(&self, object: &ObjectDiff, out: &mut String) {
        let (sign, style) = match object.verdict() {
            Verdict::Added => ('+', NEW),
            Verdict::Removed => ('-', OLD),
            Verdict::Reordered => ('=', DIM),
            _ => ('~', BOLD),
        };
        let id = object.id();
        let name = text::one_line(&match &id.namespace {
            Some(namespace) => format!("{} {namespace}/{}", id.kind, id.name),
            None => format!("{} {}", id.kind, id.name),
        });
        let _ = write!(out, "  {style}{sign} {name}{style:#}");
        if let Some(component) = object.component() {
            let _ = write!(out, "{DIM} · {}{DIM:#}", text::one_line(component));
        }
        match (object.verdict(), object.waves()) {
            (Verdict::Changed, (Some(old), Some(new))) if old != new => {
                let _ = write!(out, " · wave {old} → {new}");
            }
            (Verdict::Reordered, _) => out.push_str(" · only the order or spelling differs"),
            _ => {}
        }
        if let Some(other) = object.renamed() {
            let word = if object.verdict() == Verdict::Added { "was" } else { "is now" };
            let _ = write!(out, " · {word} `{}`?", text::one_line(&other.name));
        }
        out.push('\n');
        for risk in object.risks() {
            let _ = writeln!(
                out,
                "      {WARN}! {}{WARN:#}: {}",
                risk.code,
                text::one_line(&risk.message)
            );
        }
        let whole = match object.verdict() {
            Verdict::Added => object.new_yaml().map(|yaml| (yaml, '+', NEW)),
            Verdict::Removed => object.old_yaml().map(|yaml| (yaml, '-', OLD)),
            _ => None,
        };
        if let Some((yaml, sign, style)) = whole
            && object.renamed().is_none()
        {
            self.block(&yaml, sign, style, out);
        }
        for change in object.fields().iter().filter(|change| !is_mark(change)) {
            self.change(change, out);
        }
    }

    fn change(&self, change: &Change, out: &mut String) {
        let path = text::one_line(&change.path().to_string());
        let cause = |cause: Option<&Cause>| {
            cause.map_or(String::new(), |cause| {
                format!("{DIM} · {}{DIM:#}", text::one_line(&cause.to_string()))
            })
        };
        let place = change.new_cause().or(change.old_cause());
        let order = if change.is_order() { " (order)" } else { "" };
        if let Some((old, new)) = change.texts() {
            let _ = writeln!(out, "      {path}{order}:{}", cause(place));
            Self::lines(old, new, out);
            return;
        }
        let (old, new) = (change.before(), change.after());
        let short = |value: &Option<String>| value.as_ref().is_none_or(|text| !text.contains('\n'));
        if short(&old) && short(&new) && !change.is_nested() {
            let (a, b) = (inline(old.as_deref()), inline(new.as_deref()));
            let plain = text::width(&path) + text::width(&a) + text::width(&b) + 11;
            if plain <= self.width.min(120) {
                let _ = writeln!(
                    out,
                    "      {path}{order}: {OLD}{a}{OLD:#} → {NEW}{b}{NEW:#}{}",
                    cause(place)
                );
                return;
            }
        }
        let _ = writeln!(out, "      {path}{order}:{}", cause(place));
        for (value, sign, style) in [(old, '-', OLD), (new, '+', NEW)] {
            if let Some(value) = value {
                self.block(&value, sign, style, out);
            }
        }
    }

    /// A value of many lines, all of them old or new.
    fn block(&self, yaml: &str, sign: char, style: Style, out: &mut String) {
        let lines = text::lines(yaml);
        let shown = if lines.len() > MOST + 2 { MOST } else { lines.len() };
        for line in &lines[..shown] {
            let _ = writeln!(out, "        {style}{sign} {}{style:#}", self.cut(line));
        }
        if shown < lines.len() {
            let _ = writeln!(out, "        {DIM}… {} more lines{DIM:#}", lines.len() - shown);
        }
    }

    /// A text of many lines: what changed, with a little of what stands around it and the words that differ marked.
    fn lines(old: &str, new: &str, out: &mut String) {
        let diff = TextDiff::from_lines(old, new);
        for (index, group) in diff.grouped_ops(CONTEXT).iter().enumerate() {
            if index > 0 {
                let _ = writeln!(out, "        {DIM}…{DIM:#}");
            }
            for op in group {
                for change in diff.iter_inline_changes(op) {
                    let (sign, style) = match change.tag() {
                        ChangeTag::Delete => ('-', OLD),
                        ChangeTag::Insert => ('+', NEW),
                        ChangeTag::Equal => (' ', DIM),
                    };
                    let _ = write!(out, "        {style}{sign} {style:#}");
                    for (emphasized, words) in change.iter_strings_lossy() {
                        let style = if emphasized { style.bold().underline() } else { style };
                        let words = text::one_line(words.trim_end_matches('\n'));
                        let _ = write!(out, "{style}{words}{style:#}");
                    }
                    if change.missing_newline() {
                        let _ = write!(out, "{DIM} (no line break at the end){DIM:#}");
                    }
                    out.push('\n');
                }
            }
        }
    }

    /// A line of canonical YAML, cut where the terminal ends.
    fn cut(&self, line: &str) -> String {
        let room = self.width.saturating_sub(10);
        if text::width(line) <= room {
            return line.to_owned();
        }
        let mut kept = String::new();
        for cell in text::cells(line) {
            if text::width(&kept) + cell.width >= room {
                break;
            }
            kept.push_str(&cell.shown);
        }
        kept.push('…');
        kept
    }
}

fn inline(value: Option<&str>) -> String {
    value.map_or_else(|| "(none)".to_owned(), text::one_line)
}

/// plimsoll's own marks, which are told as waves and not as fields.
fn is_mark(change: &Change) -> bool {
    let path = change.path().to_string();
    path == "metadata.annotations.\"plimsoll.dev/wave\""
}
