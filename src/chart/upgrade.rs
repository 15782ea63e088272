//! `upgrade:` in `chart.yaml`: in which phases a running release becomes another one.

use crate::diag::{Diagnostic, Diagnostics, nearest};
use crate::fields::{Fields, expected, is_dns_label};
use crate::span::Span;
use crate::yaml::{Kind, Node};

use super::file::{Expression, read_expression};
use super::rule::{Rule, read_rule};

/// The phase that holds what changes in components that no phase names.
pub(crate) const EVERYTHING_ELSE: &str = "everything-else";

/// How releases of the chart are upgraded.
#[derive(Debug)]
pub(crate) struct Upgrade {
    /// What the running side has on top of its layers.
    pub(crate) from: Vec<Setting>,
    /// What the side wanted has on top of its layers.
    pub(crate) to: Vec<Setting>,
    /// What must hold of the side wanted, `values`, and the running one, `before`.
    pub(crate) rules: Vec<Rule>,
    pub(crate) phases: Vec<PhaseDefinition>,
}

/// A value by its path, computed from other values; none leaves it as the layers have it.
#[derive(Debug)]
pub(crate) struct Setting {
    pub(crate) path: String,
    pub(crate) path_span: Span,
    pub(crate) expression: Expression,
}

/// One step of an upgrade, as the chart writes it.
#[derive(Debug)]
pub(crate) struct PhaseDefinition {
    pub(crate) name: String,
    pub(crate) span: Span,
    pub(crate) components: Vec<String>,
    pub(crate) side: UpgradeSide,
    /// On top of what its side has, for this phase only.
    pub(crate) values: Vec<Setting>,
    /// Leaves the phase out when it is true.
    pub(crate) skip: Option<Expression>,
    /// What must be seen before the next phase, a message.
    pub(crate) gate: Option<Expression>,
}

/// Which side's values a phase renders.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum UpgradeSide {
    From,
    #[default]
    To,
}

/// Reads the block; `components` are those of the chart.
pub(super) fn read_upgrade(
    node: &Node,
    components: &[&str],
    found: &mut Diagnostics,
) -> Option<Upgrade> {
    let known = ["from", "to", "rules", "phases"];
    let fields = Fields::of(node, "`upgrade`", &known, found)?;
    let mut upgrade = Upgrade {
        from: read_settings(&fields, "from", found),
        to: read_settings(&fields, "to", found),
        rules: Vec::new(),
        phases: Vec::new(),
    };
    for item in fields.list("rules", found) {
        let rule = read_rule(item, &upgrade.rules, found);
        upgrade.rules.extend(rule);
    }
    for item in fields.list("phases", found) {
        let Some(phase) = read_phase(item, components, found) else { continue };
        let taken = upgrade.phases.iter().find(|other| other.name == phase.name);
        if phase.name == EVERYTHING_ELSE || taken.is_some() {
            let message = format!("two phases are named `{}`", phase.name);
            found.push(
                Diagnostic::error("chart.duplicate-phase", message)
                    .at(&phase.span, "the second one")
                    .at(&taken.map(|other| other.span.clone()).unwrap_or_default(), "the first one")
                    .hint(format!(
                        "give it another name; `{EVERYTHING_ELSE}` is the phase of components that no other names"
                    )),
            );
        }
        upgrade.phases.push(phase);
    }
    if upgrade.phases.is_empty() && !found.has_errors() {
        found.push(
            Diagnostic::error("file.missing-key", "`upgrade` needs the key `phases`")
                .at(&node.span, "no phase is listed here")
                .hint("list the phases in order: `phases: [{name: upgrade-db, components: [db]}]`"),
        );
    }
    Some(upgrade)
}

fn read_settings(fields: &Fields<'_>, key: &str, found: &mut Diagnostics) -> Vec<Setting> {
    let mut settings = Vec::new();
    for entry in fields.map(key, found).iter().flat_map(|map| &map.entries) {
        if let Some(expression) = read_expression(Some(&entry.value), found) {
            settings.push(Setting {
                path: entry.key.text.to_string(),
                path_span: entry.key_span.clone(),
                expression,
            });
        }
    }
    settings
}

fn read_phase(
    node: &Node,
    components: &[&str],
    found: &mut Diagnostics,
) -> Option<PhaseDefinition> {
    let known = ["name", "description", "components", "side", "values", "skip", "gate"];
    let fields = Fields::of(node, "a phase", &known, found)?;
    fields.text("description", found);
    let (name, span) = fields.required("name", found)?;
    if !is_dns_label(&name) {
        found.push(
            Diagnostic::error("chart.phase-name", format!("`{name}` is no name of a phase"))
                .at(&span, "")
                .hint("lowercase letters, digits and `-`, at most 63 characters"),
        );
    }
    let side = match fields.text("side", found) {
        None => UpgradeSide::To,
        Some((text, span)) => match text.as_str() {
            "from" => UpgradeSide::From,
            "to" => UpgradeSide::To,
            _ => {
                found.push(
                    Diagnostic::error("chart.side", format!("an upgrade has no side `{text}`"))
                        .at(&span, "")
                        .hint("write `from` (what runs) or `to` (what is wanted, the default)"),
                );
                UpgradeSide::To
            }
        },
    };
    let mut named: Vec<String> = Vec::new();
    if fields.get("components").is_none() {
        found.push(
            Diagnostic::error("file.missing-key", "a phase needs the key `components`")
                .at(&span, format!("`{name}` changes nothing")),
        );
    }
    for item in fields.list("components", found) {
        let Kind::String(text) = &item.kind else {
            found.push(expected(item, "a component of a phase", "a component name"));
            continue;
        };
        // Without components something else is wrong.
        if !components.is_empty() && !components.contains(&&*text.text) {
            let message =
                format!("the phase `{name}` names `{}`, which is no component", text.text);
            let near = nearest(&text.text, components.iter().copied());
            found.push(
                Diagnostic::error("chart.unknown-component", message)
                    .at(&item.span, "")
                    .hint_opt(near.map(|near| format!("did you mean `{near}`?"))),
            );
        }
        named.push(text.text.to_string());
    }
    Some(PhaseDefinition {
        name,
        span,
        components: named,
        side,
        values: read_settings(&fields, "values", found),
        skip: read_expression(fields.get("skip"), found),
        gate: read_expression(fields.get("gate"), found),
    })
}
