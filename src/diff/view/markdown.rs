//! A comment on a change request: what matters most first, and never more than fits.
//!
//! Whatever comes from files stands in code, so it can neither end a fence nor name a person nor bring markup.

use std::fmt::Write;

use crate::diff::change::{ReleaseDiff, Verdict};

use super::group::{Field, Group, groups};
use super::shape::Shape;
use super::text::{counted, one_line};
use super::words::hunks;

/// Lines of context around a changed line of a text.
const CONTEXT: usize = 2;

/// What is kept free for the line that says what was left out.
const NOTE: usize = 240;

/// Draws releases as Markdown. With `most` the text has at most that many bytes: what matters least is left out, and
/// the text says how much that is.
#[must_use]
pub fn markdown(releases: &[ReleaseDiff], most: Option<usize>) -> String {
    let most = most.unwrap_or(usize::MAX);
    let mut groups = groups(releases);
    groups.sort_by_key(Group::importance);
    let mut out = summary(releases);
    // The table may fill a third, so that the changes have room, too.
    table(releases, most / 3, &mut out);
    let sections: Vec<String> = groups.iter().map(section).collect();
    let whole: usize = sections.iter().map(String::len).sum();
    let (mut left_out, mut shortened) = (0, 0);
    let room = if out.len() + whole <= most { most } else { most.saturating_sub(NOTE) };
    for (text, group) in sections.iter().zip(&groups) {
        if out.len() + text.len() <= room {
            out.push_str(text);
            continue;
        }
        let short = heading(group);
        if out.len() + short.len() <= room {
            shortened += 1;
            out.push_str(&short);
        } else {
            left_out += 1;
        }
    }
    if left_out + shortened > 0 {
        let _ = write!(
            out,
            "\nOf {}, {shortened} stand without their fields and {left_out} are left out: the whole text has {} \
             bytes, the limit is {most}. `plimsoll diff` shows all of it.\n",
            counted(sections.len(), "change"),
            out.len() + whole
        );
    }
    if out.len() > most {
        out = summary(releases);
        let end = (0..=most.min(out.len())).rev().find(|end| out.is_char_boundary(*end));
        out.truncate(end.unwrap_or(0));
    }
    out
}

/// `3 changed, 1 added in 2 of 9 releases · 2 risks`.
fn summary(releases: &[ReleaseDiff]) -> String {
    use Verdict::{Added, Changed, Removed};
    let differ = releases.iter().filter(|release| !release.diff.is_empty()).count();
    let all = releases.len();
    if differ == 0 {
        return format!("### plimsoll: no differences in {}\n", counted(all, "release"));
    }
    let sum = |verdict| releases.iter().map(|release| release.diff.count(verdict)).sum::<usize>();
    let counts: Vec<String> = [Changed, Added, Removed]
        .into_iter()
        .map(|verdict| (sum(verdict), verdict))
        .filter(|(count, _)| *count > 0)
        .map(|(count, verdict)| format!("{count} {}", verdict.as_str()))
        .collect();
    let risks: usize = releases.iter().map(|release| release.diff.risks().count()).sum();
    let risks = if risks > 0 { format!(" · {}", counted(risks, "risk")) } else { String::new() };
    format!(
        "### plimsoll: {} in {differ} of {}{risks}\n",
        counts.join(", "),
        counted(all, "release")
    )
}

/// One row for each release that differs, those with risks first.
fn table(releases: &[ReleaseDiff], most: usize, out: &mut String) {
    use Verdict::{Added, Changed, Equal, Removed};
    let mut rows: Vec<&ReleaseDiff> =
        releases.iter().filter(|release| !release.diff.is_empty()).collect();
    if rows.is_empty() {
        return;
    }
    rows.sort_by_key(|release| release.diff.risks().next().is_none());
    let end = out.len() + most;
    out.push_str(
        "\n| Release | Changed | Added | Removed | Equal | Risks |\n|---|--:|--:|--:|--:|---|\n",
    );
    for (shown, release) in rows.iter().enumerate() {
        let mut codes: Vec<&str> = release.diff.risks().map(|(_, risk)| risk.code).collect();
        codes.sort_unstable();
        codes.dedup();
        let count = |verdict| release.diff.count(verdict);
        let row = format!(
            "| {} | {} | {} | {} | {} | {} |\n",
            code(&release.release),
            count(Changed),
            count(Added),
            count(Removed),
            count(Equal),
            codes.join(", ")
        );
        if out.len() + row.len() > end && shown > 0 {
            let _ = writeln!(out, "| and {} more | | | | | |", rows.len() - shown);
            break;
        }
        out.push_str(&row);
    }
    let same = releases.len() - rows.len();
    if same > 0 {
        let _ = writeln!(out, "\n{} without differences.", counted(same, "more release"));
    }
}

/// The line of an object that can be opened.
fn summary_line(group: &Group<'_>) -> String {
    let object = group.first();
    let mut line = format!("{} {}", object.verdict.as_str(), code(&group.title()));
    if let Some(component) = group.component() {
        let _ = write!(line, " · {}", code(component));
    }
    let names = group.releases();
    match &names[..] {
        [one] => {
            let _ = write!(line, " in {}", code(one));
        }
        names => {
            let _ = write!(line, " in {} releases", names.len());
        }
    }
    let mut codes: Vec<&str> = object.risks.iter().map(|risk| risk.code).collect();
    codes.dedup();
    for risk in codes {
        let _ = write!(line, " · <b>{risk}</b>");
    }
    line
}

/// What stands for a change whose fields have no room.
fn heading(group: &Group<'_>) -> String {
    format!("\n- {}\n", summary_line(group))
}

fn section(group: &Group<'_>) -> String {
    let mut body = String::new();
    let object = group.first();
    for risk in &object.risks {
        let _ = writeln!(body, "! {}: {}", risk.code, one_line(&risk.message));
    }
    if let (Verdict::Changed, (Some(old), Some(new))) = (object.verdict, object.waves)
        && old != new
    {
        let _ = writeln!(body, "@@ wave {old} → {new} @@");
    }
    if let Some(other) = &object.renamed {
        let word = if object.verdict == Verdict::Added { "was" } else { "is now" };
        let _ = writeln!(body, "@@ {word} {}? @@", one_line(&other.name));
    } else {
        let whole = match object.verdict {
            Verdict::Added => object.new_yaml().map(|yaml| (yaml, '+')),
            Verdict::Removed => object.old_yaml().map(|yaml| (yaml, '-')),
            _ => None,
        };
        if let Some((yaml, sign)) = whole {
            block(&yaml, sign, &mut body);
        }
    }
    group.fields().into_iter().for_each(|one| field(one, &mut body));
    if group.members().len() > 1 {
        body.push_str(&members(group));
    }
    let fence = fence(&body);
    format!(
        "\n<details><summary>{}</summary>\n\n{fence}diff\n{body}{fence}\n\n</details>\n",
        summary_line(group)
    )
}

fn field(field: Field<'_>, body: &mut String) {
    let order = if field.order { " (order)" } else { "" };
    let place = match &field.places[..] {
        [] => String::new(),
        [one] => format!(" · {}", one_line(one)),
        [one, rest @ ..] => format!(" · {} and {} more", one_line(one), rest.len()),
    };
    for (at, label) in field.labels.iter().enumerate() {
        let end = if at + 1 < field.labels.len() { "" } else { &format!("{order}{place}") };
        let _ = writeln!(body, "@@ {}{end} @@", one_line(label));
    }
    match field.shape {
        Shape::Edges { added, removed } => {
            for name in removed {
                block(name, '-', body);
            }
            for name in added {
                block(name, '+', body);
            }
        }
        Shape::Text { old, new } => {
            for (index, hunk) in hunks(old, new, CONTEXT).iter().enumerate() {
                if index > 0 {
                    body.push_str("  …\n");
                }
                for line in hunk {
                    let text: String = line.pieces.iter().map(|piece| &*piece.text).collect();
                    let end = if line.unfinished { " (no line break at the end)" } else { "" };
                    let _ = writeln!(body, "{} {}{end}", line.sign.as_char(), one_line(&text));
                }
            }
        }
        Shape::Line { old, new } | Shape::Block { old, new } => {
            if let Some(text) = &old {
                block(text, '-', body);
            }
            if let Some(text) = &new {
                block(text, '+', body);
            }
        }
    }
}

fn block(text: &str, sign: char, body: &mut String) {
    for line in text.lines() {
        let _ = writeln!(body, "{sign} {}", one_line(line));
    }
}

/// Which objects a change is the same in; the releases alone where the object is the same, too.
fn members(group: &Group<'_>) -> String {
    if !group.is_mixed() {
        return format!("@@ the same in {} @@\n", one_line(&group.releases().join(", ")));
    }
    let mut text = String::from("@@ the same in @@\n");
    for release in group.releases() {
        let own = group.members().iter().filter(|member| member.release == release);
        let names = own.map(|m| format!("{}/{}", m.object.id.kind, m.object.id.name));
        let names: Vec<String> = names.collect();
        let _ = writeln!(text, "  {}", one_line(&format!("{release}: {}", names.join(", "))));
    }
    text
}

/// Backquotes that the text cannot close.
fn fence(body: &str) -> String {
    let longest = body.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    "`".repeat(longest.max(2) + 1)
}

/// Foreign text inside a line of Markdown: every letter that means something there is written by number.
fn code(text: &str) -> String {
    let mut out = String::from("<code>");
    for character in one_line(text).chars() {
        if character.is_alphanumeric() || matches!(character, ' ' | '-' | '/' | '.') {
            out.push(character);
        } else {
            let _ = write!(out, "&#{};", u32::from(character));
        }
    }
    out.push_str("</code>");
    out
}
