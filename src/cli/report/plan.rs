//! Draws an upgrade plan: for people, as a Mermaid flowchart and as JSON.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};
use plimsoll::ResourceId;
use plimsoll::diff::{Change, Diff, ReleaseDiff, Verdict};
use plimsoll::plan::{Phase, Plan, Setting};
use serde_json::{Value, json};

use super::{diff, text};

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const GATE: Style = AnsiColor::Cyan.on_default();
const WARN: Style = AnsiColor::Yellow.on_default().bold();

/// Each phase with what it changes and what must be seen after it. `width` is how many columns the reader can see.
pub(crate) fn text(plan: &Plan<'_>, width: Option<usize>) -> String {
    let mut out = String::new();
    let kept = plan.phases().iter().filter(|phase| phase.left_out().is_none()).count();
    let plural = if kept == 1 { "" } else { "s" };
    let _ = writeln!(out, "{BOLD}{}{BOLD:#}: {kept} phase{plural}", text::one_line(plan.release()));
    for setting in plan.settings() {
        let _ = writeln!(out, "  {}", text::one_line(&change_of(setting)));
    }
    for phase in plan.phases() {
        out.push('\n');
        draw(phase, width, &mut out);
    }
    if !plan.removed().objects().is_empty() {
        let _ = writeln!(
            out,
            "\n{BOLD}afterwards{BOLD:#} delete what the release has no more; no phase does that:"
        );
        for object in plan.removed().objects() {
            let _ = writeln!(out, "  - {}", text::one_line(&name(object.id())));
            for risk in object.risks() {
                let message = text::one_line(&risk.message);
                let _ = writeln!(out, "      {WARN}! {}{WARN:#}: {message}", risk.code);
            }
        }
    }
    let unsaid: Vec<&Setting> =
        plan.settings().iter().filter(|setting| setting.plain != setting.after).collect();
    if !unsaid.is_empty() {
        let _ = writeln!(out, "\n{BOLD}afterwards{BOLD:#} say in a layer what the plan has set:");
        for Setting { path, after, .. } in unsaid {
            let after = after.as_deref().unwrap_or("null");
            let _ = writeln!(out, "  {}: {}", text::one_line(path), text::one_line(after));
        }
    }
    out
}

fn draw(phase: &Phase<'_>, width: Option<usize>, out: &mut String) {
    let (number, title) = (phase.number(), text::one_line(phase.name()));
    if let Some(reason) = phase.left_out() {
        let reason = text::one_line(&reason.to_string());
        let _ = writeln!(out, "{DIM}{number} {title} · left out: {reason}{DIM:#}");
        return;
    }
    let objects = phase.objects().len();
    let plural = if objects == 1 { "" } else { "s" };
    let _ = writeln!(out, "{BOLD}{number} {title}{BOLD:#} · {objects} object{plural}");
    out.push_str(&diff::objects(ReleaseDiff::new(phase.name(), phase.diff().clone()), width));
    let equal = phase.diff().count(Verdict::Equal);
    if equal > 0 {
        let _ = writeln!(out, "  {DIM}= {equal} as before{DIM:#}");
    }
    if let Some(gate) = phase.gate() {
        let _ = writeln!(out, "  {GATE}gate:{GATE:#} {}", text::one_line(gate));
    }
}

/// A flowchart: a box for each phase, its gate on the arrow that leaves it.
pub(crate) fn mermaid(plan: &Plan<'_>) -> String {
    let side = |of: fn(&Setting) -> Option<&str>| {
        let values: Vec<String> = plan
            .settings()
            .iter()
            .filter_map(|setting| Some(format!("{} {}", setting.path, of(setting)?)))
            .collect();
        [vec![plan.release().to_owned()], values]
            .concat()
            .iter()
            .map(|line| label(line))
            .collect::<Vec<_>>()
            .join("<br>")
    };
    let mut out = String::from("flowchart TD\n");
    let _ = writeln!(out, "  from([\"{}\"])", side(|setting| setting.before.as_deref()));
    let mut last: (String, Option<String>) = ("from".to_owned(), None);
    let mut arrow = |out: &mut String, to: String, gate: Option<&str>| {
        let _ = match &last.1 {
            Some(gate) => writeln!(out, "  {} -- \"{}\" --> {to}", last.0, label(gate)),
            None => writeln!(out, "  {} --> {to}", last.0),
        };
        last = (to, gate.map(str::to_owned));
    };
    for phase in plan.phases().iter().filter(|phase| phase.left_out().is_none()) {
        let mut lines = vec![label(&format!("{} {}", phase.number(), phase.name()))];
        for object in phase.diff().objects() {
            let sign = match object.verdict() {
                Verdict::Added => '+',
                Verdict::Equal => continue,
                _ => '~',
            };
            lines.push(label(&format!("{sign} {}/{}", object.id().kind, object.id().name)));
        }
        let _ = writeln!(out, "  p{}[\"{}\"]", phase.number(), lines.join("<br>"));
        arrow(&mut out, format!("p{}", phase.number()), phase.gate());
    }
    if !plan.removed().objects().is_empty() {
        let names = plan
            .removed()
            .objects()
            .iter()
            .map(|object| label(&format!("- {}/{}", object.id().kind, object.id().name)));
        let lines: Vec<String> = ["delete".to_owned()].into_iter().chain(names).collect();
        let _ = writeln!(out, "  removed[\"{}\"]", lines.join("<br>"));
        arrow(&mut out, "removed".to_owned(), None);
    }
    let _ = writeln!(out, "  to([\"{}\"])", side(|setting| setting.after.as_deref()));
    arrow(&mut out, "to".to_owned(), None);
    out
}

/// Text in a quoted Mermaid label, where entities are written with `#`.
fn label(line: &str) -> String {
    let mut safe = String::new();
    for character in text::one_line(line).chars() {
        match character {
            '#' => safe.push_str("#35;"),
            '"' => safe.push_str("#quot;"),
            '<' => safe.push_str("#lt;"),
            '>' => safe.push_str("#gt;"),
            '&' => safe.push_str("#amp;"),
            '`' => safe.push_str("#96;"),
            other => safe.push(other),
        }
    }
    safe
}

/// The whole plan, without the objects themselves: `--phase` gives those.
pub(crate) fn json(plan: &Plan<'_>) -> String {
    let settings: Vec<Value> = plan
        .settings()
        .iter()
        .map(|setting| {
            json!({
                "path": setting.path,
                "before": setting.before,
                "after": setting.after,
                "plain": setting.plain,
            })
        })
        .collect();
    let phase = |phase: &Phase<'_>| {
        json!({
            "number": phase.number(),
            "name": phase.name(),
            "components": phase.components(),
            "gate": phase.gate(),
            "leftOut": phase.left_out().map(ToString::to_string),
            "objects": objects(phase.diff()),
        })
    };
    let all = json!({
        "release": plan.release(),
        "settings": settings,
        "phases": plan.phases().iter().map(phase).collect::<Vec<_>>(),
        "removed": objects(plan.removed()),
    });
    format!("{all:#}\n")
}

fn objects(diff: &Diff) -> Vec<Value> {
    let change = |change: &Change| {
        json!({
            "path": change.path().to_string(),
            "before": change.before(),
            "after": change.after(),
            "cause": change.new_cause().or(change.old_cause()).map(ToString::to_string),
        })
    };
    diff.objects()
        .iter()
        .map(|object| {
            let ResourceId { group, kind, namespace, name, .. } = object.id();
            json!({
                "group": group,
                "kind": kind,
                "namespace": namespace,
                "name": name,
                "component": object.component(),
                "verdict": object.verdict().as_str(),
                "changes": object.fields().iter().map(change).collect::<Vec<_>>(),
                "risks": object.risks().iter().map(|risk| risk.code).collect::<Vec<_>>(),
            })
        })
        .collect()
}

fn change_of(Setting { path, before, after, .. }: &Setting) -> String {
    let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "(none)".to_owned());
    format!("{path}: {} → {}", shown(before), shown(after))
}

fn name(id: &ResourceId) -> String {
    match &id.namespace {
        Some(namespace) => format!("{} {namespace}/{}", id.kind, id.name),
        None => format!("{} {}", id.kind, id.name),
    }
}
