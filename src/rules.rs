//! The chart's `rules:`: what must hold across components and no schema can say.

use minijinja::value::Value;

use crate::chart::{Chart, Expression, Rule};
use crate::context::Shared;
use crate::diag::{Diagnostic, Diagnostics, Severity};
use crate::span::Span;
use crate::template::Expressions;
use crate::values::{CheckedValues, LayerKind, parse_path};

/// Every rule that is broken, as an error or a warning, pointing at the values it speaks of.
pub(crate) fn check_rules(chart: &Chart, shared: &Shared, values: &CheckedValues) -> Diagnostics {
    let expressions = Expressions::new();
    let context = shared.of_chart();
    let mut found = Diagnostics::new();
    for rule in &chart.rules {
        match broken(rule, &expressions, &context, shared, values) {
            Ok(None) => {}
            Ok(Some(finding)) | Err(finding) => found.push(finding),
        }
    }
    found
}

fn broken(
    rule: &Rule,
    expressions: &Expressions,
    context: &Value,
    shared: &Shared,
    values: &CheckedValues,
) -> Result<Option<Diagnostic>, Diagnostic> {
    let ask =
        |expression: &Expression| expressions.eval(&expression.span, &expression.text, context);
    if let Some(when) = &rule.when
        && !ask(when)?.is_true()
    {
        return Ok(None);
    }
    if ask(&rule.rule)?.is_true() {
        return Ok(None);
    }
    let public = shared.with_values(values.public_value()).of_chart();
    let text =
        |expression: &Expression| expressions.text(&expression.span, &expression.text, &public);
    let message = text(&rule.message)?;
    let mut finding = match rule.severity {
        Severity::Error => Diagnostic::error("values.rule", message),
        Severity::Warning => Diagnostic::warning("values.rule", message),
    };
    for (span, note) in places(rule, values) {
        finding = finding.at(&span, note);
    }
    finding = finding.at(&rule.rule.span, "the chart's rule");
    if let Some(hint) = &rule.hint {
        finding = finding.hint(text(hint)?);
    }
    Ok(Some(finding))
}

/// The value to blame and the others that the rule names, those that a layer set before the schema's defaults.
fn places(rule: &Rule, values: &CheckedValues) -> Vec<(Span, String)> {
    let mut paths: Vec<String> = rule.path.clone().into_iter().collect();
    for expression in rule.when.iter().chain([&rule.rule]) {
        paths.extend(named_values(&expression.text));
    }
    let mut places: Vec<(bool, Span, String)> = Vec::new();
    for path in paths {
        let Some(tree) = parse_path(&path).and_then(|steps| values.tree().at(&steps)) else {
            continue;
        };
        let span = &tree.origin.span;
        if !span.is_known() || places.iter().any(|(_, known, _)| known == span) {
            continue;
        }
        let default = tree.origin.layer == LayerKind::SchemaDefault;
        let note = if default { "by default" } else { "set here" };
        places.push((default, span.clone(), format!("`{path}`, {note}")));
    }
    // Stable: the value to blame stays first among its like.
    places.sort_by_key(|(default, ..)| *default);
    places.into_iter().map(|(_, span, note)| (span, note)).collect()
}

/// The paths of an expression's `values.…`.
fn named_values(text: &str) -> Vec<String> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
    text.split("values.")
        .skip(1)
        .map(|rest| rest[..rest.find(|c| !is_part(c)).unwrap_or(rest.len())].trim_end_matches('.'))
        .filter(|path| !path.is_empty())
        .map(str::to_owned)
        .collect()
}
