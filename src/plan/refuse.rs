//! Why an upgrade cannot be done in these phases.

use crate::chart::PhaseDefinition;
use crate::diag::{Diagnostic, Diagnostics};
use crate::diff::{Cause, Change, Diff};
use crate::values::mask;

use super::side::Side;

/// The changes of a phase that Kubernetes does not allow, each at the value or template line behind it.
pub(super) fn immutable(
    (number, name): (usize, &str),
    diff: &Diff,
    (old, new): (&Side<'_>, &Side<'_>),
) -> Diagnostics {
    let mut found = Diagnostics::new();
    for (object, risk) in diff.risks().filter(|(_, risk)| risk.code == "risk.immutable-field") {
        let id = object.id();
        let change =
            object.fields().iter().find(|change| Some(change.path()) == risk.path.as_ref());
        let message = format!(
            "phase {number} `{name}` cannot change {} {}: {}",
            id.kind, id.name, risk.message
        );
        let mut finding = Diagnostic::error("plan.immutable-field", message);
        let at = |finding: Diagnostic, cause: Option<&Cause>, text: String| match cause {
            Some(cause) => finding.at(cause.span(), text),
            None => finding,
        };
        if let Some(change) = change {
            let shown = |value: Option<String>| match value {
                Some(value) if !value.contains('\n') => format!("`{value}`"),
                Some(_) => "this".to_owned(),
                None => "nothing".to_owned(),
            };
            let (cause, before) = places(change);
            finding = at(finding, cause, format!("becomes {}", shown(change.after())));
            finding = at(finding, before, format!("was {}", shown(change.before())));
        }
        // Of other kinds more is lost than the object.
        let has_pods = id.group == "apps";
        found.push(finding.hint("keep the value that runs now").hint_opt(has_pods.then(|| {
            let namespace =
                id.namespace.as_ref().map(|name| format!("-n {name} ")).unwrap_or_default();
            format!(
                "or replace the object by hand before the upgrade, and plan again from there: \
                 `kubectl delete {namespace}{} {} --cascade=orphan` leaves its pods running",
                id.kind.to_lowercase(),
                id.name
            )
        })));
    }
    for side in [old, new] {
        mask(&mut found, &side.prepared().secrets);
    }
    found
}

/// The line behind the new value, and the one behind the old unless it is the same.
fn places(change: &Change) -> (Option<&Cause>, Option<&Cause>) {
    let (new, old) = (change.new_cause(), change.old_cause());
    (new, old.filter(|old| new.is_none_or(|new| new.span() != old.span())))
}

/// A phase that is left out though its components change.
pub(super) fn skipped(definition: &PhaseDefinition, components: &[&String]) -> Diagnostic {
    let names: Vec<String> = components.iter().map(|name| format!("`{name}`")).collect();
    let message = format!(
        "the phase `{}` is left out, but the release wanted has another {}",
        definition.name,
        names.join(" and ")
    );
    let at = definition.skip.as_ref().map(|skip| skip.span.clone()).unwrap_or_default();
    Diagnostic::error("plan.skipped-change", message)
        .at(&at, "left out by this")
        .at(&definition.span, "the phase")
        .hint(
            "do not leave it out, or keep its components as they run by values under `upgrade.to`",
        )
}
