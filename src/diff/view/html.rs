//! One page that needs nothing else: no script, no font, no image, no network.
//!
//! Everything foreign is escaped, and the page forbids itself scripts and requests, should an escape be missing.

use std::fmt::{self, Write};

use crate::diff::change::{ReleaseDiff, Verdict};

use super::group::{Field, Group, groups};
use super::shape::Shape;
use super::style::STYLE;
use super::text::{counted, counts, harmless, one_line};
use super::words::{Line, Sign, excerpt, hunks, words};

/// Lines of context around a changed line of a text.
const CONTEXT: usize = 3;

/// An added or removed object with more lines than this starts folded.
const FOLDED: usize = 24;

/// Draws releases as one HTML page.
#[must_use]
pub fn html(releases: &[ReleaseDiff]) -> String {
    let groups = groups(releases);
    let differ = releases.iter().filter(|release| !release.diff.is_empty()).count();
    let title = if differ == 0 {
        format!("no differences in {}", counted(releases.len(), "release"))
    } else {
        format!("differences in {differ} of {}", counted(releases.len(), "release"))
    };
    let mut out = String::new();
    let _ = write!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>plimsoll: {title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
    );
    navigation(releases, &mut out);
    let _ = write!(out, "<main>\n<h1>{}{}</h1>\n", title[..1].to_uppercase(), &title[1..]);
    risks(&groups, &mut out);
    for (index, release) in releases.iter().enumerate() {
        if release.diff.objects.iter().any(|object| object.verdict != Verdict::Equal) {
            section(index, release, &groups, releases, &mut out);
        }
    }
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

fn navigation(releases: &[ReleaseDiff], out: &mut String) {
    out.push_str("<nav>\n<h2>Releases</h2>\n<ul>\n");
    for (index, release) in releases.iter().enumerate().filter(|(_, r)| !r.diff.is_empty()) {
        let count = |verdict, sign| match release.diff.count(verdict) {
            0 => String::new(),
            count => format!(" <span class=\"{}\">{sign}{count}</span>", Verdict::as_str(verdict)),
        };
        let risk =
            if release.diff.risks().next().is_some() { " <b class=\"warn\">!</b>" } else { "" };
        let _ = writeln!(
            out,
            "<li><a href=\"#r{index}\">{}</a><span class=\"counts\">{}{}{}{risk}</span></li>",
            Escaped(&one_line(&release.release)),
            count(Verdict::Changed, "~"),
            count(Verdict::Added, "+"),
            count(Verdict::Removed, "−"),
        );
    }
    for release in releases.iter().filter(|release| release.diff.is_empty()) {
        let _ = writeln!(
            out,
            "<li class=\"dim\">{}<span class=\"counts\">equal</span></li>",
            Escaped(&one_line(&release.release))
        );
    }
    out.push_str("</ul>\n</nav>\n");
}

/// All risks in one place, each with a link to its object.
fn risks(groups: &[Group<'_>], out: &mut String) {
    let mut order: Vec<usize> = (0..groups.len()).collect();
    order.retain(|at| !groups[*at].first().risks.is_empty());
    if order.is_empty() {
        return;
    }
    order.sort_by_key(|at| groups[*at].importance());
    out.push_str("<section class=\"risks\">\n<h2>Before you apply this</h2>\n<ul>\n");
    for at in order {
        for risk in &groups[at].first().risks {
            let _ = writeln!(
                out,
                "<li><a href=\"#g{at}\">{}</a>: {} <code class=\"warn\">{}</code></li>",
                Escaped(&one_line(&groups[at].title())),
                Message(&one_line(&risk.message)),
                risk.code
            );
        }
    }
    out.push_str("</ul>\n</section>\n");
}

/// A release: what it is the first to show, and links to what another showed before.
fn section(
    index: usize,
    release: &ReleaseDiff,
    groups: &[Group<'_>],
    releases: &[ReleaseDiff],
    out: &mut String,
) {
    let _ = writeln!(
        out,
        "<section id=\"r{index}\">\n<h2>{} <small>{}</small></h2>",
        Escaped(&one_line(&release.release)),
        counts(&release.diff)
    );
    for (at, group) in groups.iter().enumerate() {
        let first = group.members()[0].index;
        if first == index {
            object(at, group, out);
        } else if group.members().iter().any(|member| member.index == index) {
            let _ = writeln!(
                out,
                "<p class=\"same\"><a href=\"#g{at}\">{}</a> {} as in {}</p>",
                Escaped(&one_line(&group.title())),
                group.first().verdict.as_str(),
                Escaped(&one_line(&releases[first].release))
            );
        }
    }
    out.push_str("</section>\n");
}

fn object(at: usize, group: &Group<'_>, out: &mut String) {
    let object = group.first();
    let (sign, whole) = match object.verdict {
        Verdict::Added => ('+', object.new_yaml()),
        Verdict::Removed => ('−', object.old_yaml()),
        Verdict::Reordered => ('=', None),
        _ => ('~', None),
    };
    let whole = whole.filter(|_| object.renamed.is_none());
    let long = whole.as_ref().is_some_and(|yaml| yaml.lines().count() > FOLDED);
    let open = if long { "" } else { " open" };
    let title = group.title();
    let (kind, name) = title.split_once(' ').unwrap_or((&title, ""));
    let _ = write!(
        out,
        "<details id=\"g{at}\" class=\"{}\"{open}><summary><span class=\"sign\">{sign}</span> <b>{}</b> {}",
        object.verdict.as_str(),
        Escaped(&one_line(kind)),
        Escaped(&one_line(name))
    );
    if let Some(component) = group.component() {
        let _ = write!(out, " <span class=\"dim\">{}</span>", Escaped(&one_line(component)));
    }
    if let (Verdict::Changed, (Some(old), Some(new))) = (object.verdict, object.waves)
        && old != new
    {
        let _ = write!(out, " <span class=\"tag\">wave {old} → {new}</span>");
    }
    if let Some(other) = &object.renamed {
        let word = if object.verdict == Verdict::Added { "was" } else { "is now" };
        let _ =
            write!(out, " <span class=\"tag\">{word} {}?</span>", Escaped(&one_line(&other.name)));
    }
    if object.verdict == Verdict::Reordered {
        out.push_str(" <span class=\"dim\">only the order or spelling differs</span>");
    }
    out.push_str("</summary>\n");
    for risk in &object.risks {
        let _ = writeln!(
            out,
            "<p class=\"risk\"><b>{}</b> {}</p>",
            risk.code,
            Message(&one_line(&risk.message))
        );
    }
    if let Some(yaml) = whole {
        let sign = if object.verdict == Verdict::Added { Sign::New } else { Sign::Old };
        lines(&block(&yaml, sign), out);
    }
    group.fields().into_iter().for_each(|one| field(one, out));
    members(group, out);
    out.push_str("</details>\n");
}

fn field(field: Field<'_>, out: &mut String) {
    out.push_str("<div class=\"field\"><div class=\"path\">");
    for (at, label) in field.labels.iter().enumerate() {
        let comma = if at == 0 { "" } else { ",<br>" };
        let _ = write!(out, "{comma}<code>{}</code>", Escaped(&one_line(label)));
    }
    out.push_str(if field.order { " (order)" } else { "" });
    for place in field.places.iter().take(3) {
        let _ = write!(out, " <span class=\"cause\">{}</span>", Escaped(&one_line(place)));
    }
    if field.places.len() > 3 {
        let _ = write!(out, " <span class=\"cause\">and {} more</span>", field.places.len() - 3);
    }
    out.push_str("</div>\n");
    match field.shape {
        Shape::Edges { added, removed } => {
            let line = |sign, name: &&str| Line::whole(sign, name);
            let removed = removed.iter().map(|name| line(Sign::Old, name));
            let added = added.iter().map(|name| line(Sign::New, name));
            lines(&removed.chain(added).collect::<Vec<_>>(), out);
        }
        Shape::Text { old, new } => {
            for hunk in hunks(old, new, CONTEXT) {
                lines(&hunk, out);
            }
        }
        Shape::Line { old: Some(old), new: Some(new) } => {
            let (old, new) = words(&old, &new);
            let line = |sign, pieces| Line::of(sign, excerpt(pieces, 400));
            lines(&[line(Sign::Old, old), line(Sign::New, new)], out);
        }
        Shape::Line { old, new } | Shape::Block { old, new } => {
            let old = old.map(|text| block(&text, Sign::Old)).unwrap_or_default();
            let new = new.map(|text| block(&text, Sign::New)).unwrap_or_default();
            lines(&[old, new].concat(), out);
        }
    }
    out.push_str("</div>\n");
}

/// Which objects a change is the same in; the releases alone where the object is the same, too.
fn members(group: &Group<'_>, out: &mut String) {
    if group.members().len() < 2 {
        return;
    }
    out.push_str("<p class=\"members\">The same in ");
    for (index, release) in group.releases().into_iter().enumerate() {
        let comma = if index == 0 { "" } else { ", " };
        let _ = write!(out, "{comma}<b>{}</b>", Escaped(&one_line(release)));
        if group.is_mixed() {
            let own = group.members().iter().filter(|member| member.release == release);
            let names = own.map(|m| format!("{}/{}", m.object.id.kind, m.object.id.name));
            let names: Vec<String> = names.collect();
            let _ = write!(out, ": {}", Escaped(&one_line(&names.join(", "))));
        }
    }
    out.push_str("</p>\n");
}

fn block(text: &str, sign: Sign) -> Vec<Line> {
    text.lines().map(|line| Line::whole(sign, line)).collect()
}

fn lines(lines: &[Line], out: &mut String) {
    out.push_str("<div class=\"lines\">\n");
    for line in lines {
        let class = match line.sign {
            Sign::Old => "old",
            Sign::New => "new",
            Sign::Both => "both",
        };
        let _ = write!(out, "<div class=\"{class}\"><i>{}</i><code>", line.sign.as_char());
        for piece in &line.pieces {
            let text = harmless(&piece.text);
            // A line that differs as a whole needs no mark.
            if piece.differs && line.pieces.len() > 1 {
                let _ = write!(out, "<mark>{}</mark>", Escaped(&text));
            } else {
                let _ = write!(out, "{}", Escaped(&text));
            }
        }
        if line.unfinished {
            out.push_str(" <span class=\"dim\">(no line break at the end)</span>");
        }
        out.push_str("</code></div>\n");
    }
    out.push_str("</div>\n");
}

/// A text that cannot end an element or an attribute.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            match character {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                other => f.write_char(other)?,
            }
        }
        Ok(())
    }
}

/// The same for a message, with what stands between backquotes as code.
struct Message<'a>(&'a str);

impl fmt::Display for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<&str> = self.0.split('`').collect();
        if parts.len().is_multiple_of(2) {
            return Escaped(self.0).fmt(f);
        }
        for (at, part) in parts.into_iter().enumerate() {
            if at.is_multiple_of(2) {
                Escaped(part).fmt(f)?;
            } else {
                write!(f, "<code>{}</code>", Escaped(part))?;
            }
        }
        Ok(())
    }
}
