//! Warnings that a release, or every release of a chart, lives with: which ones, and why.
//!
//! Like an `expect` with a reason in a compiler: what is accepted is no finding any more, and an acceptance that
//! meets nothing is a finding itself, so that none outlives what it was written for. Errors cannot be accepted.

use crate::diag::{Diagnostic, Diagnostics, Severity, nearest};
use crate::fields::Fields;
use crate::span::Span;
use crate::yaml::Node;

/// A warning that the release or its chart accepts, with the reason given there.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Accepted {
    /// The warning.
    pub finding: Diagnostic,
    /// Why it is fine here.
    pub reason: String,
}

/// One entry of `accept:`.
#[derive(Clone, Debug)]
pub(crate) struct Acceptance {
    what: What,
    reason: String,
    span: Span,
}

#[derive(Clone, Debug)]
enum What {
    /// What a named rule of the chart says.
    Rule(String),
    /// What has this code, in this file if one is named.
    Code { code: String, file: Option<String> },
}

impl Acceptance {
    pub(crate) fn covers(&self, finding: &Diagnostic) -> bool {
        match &self.what {
            What::Rule(name) => finding.rule() == Some(name),
            What::Code { code, file } => {
                let at = finding.span().map(Span::name);
                finding.code() == code && file.as_deref().is_none_or(|file| at == Some(file))
            }
        }
    }
}

/// Reads `{rule: NAME, reason: …}` or `{code: CODE, at: FILE, reason: …}`.
pub(crate) fn read_acceptance(item: &Node, found: &mut Diagnostics) -> Option<Acceptance> {
    let fields = Fields::of(item, "an acceptance", &["rule", "code", "at", "reason"], found)?;
    let wrong =
        |span: &Span, message: &str| Diagnostic::error("project.accept", message).at(span, "");
    let (rule, code) = (fields.text("rule", found), fields.text("code", found));
    let at = fields.text("at", found);
    let reason = fields.required("reason", found);
    if let Some((reason, span)) = &reason
        && reason.trim().is_empty()
    {
        found.push(wrong(span, "the reason is empty").hint("say why the warning is fine here"));
    }
    if let (Some(_), Some((_, span))) = (&rule, &at) {
        found.push(wrong(span, "`at` goes with `code`, not with `rule`"));
    }
    let (what, span) = match (rule, code) {
        (Some((rule, span)), None) => (What::Rule(rule), span),
        (None, Some((code, span))) => {
            if code == "values.rule" {
                found.push(
                    wrong(&span, "`values.rule` is what all rules of a chart say")
                        .hint("name the one rule instead: `rule: NAME`"),
                );
            }
            (What::Code { code, file: at.map(|(file, _)| file) }, span)
        }
        _ => {
            found.push(
                wrong(&item.span, "an acceptance needs one of `rule` and `code`")
                    .hint("`rule` is the `name` of a rule in chart.yaml, `code` stands in brackets in the warning"),
            );
            return None;
        }
    };
    Some(Acceptance { what, reason: reason?.0, span })
}

/// Acceptances of rules that the chart does not have, or that give errors.
pub(crate) fn check_acceptances(
    acceptances: &[Acceptance],
    chart: &str,
    rules: &[(&str, Severity)],
) -> Diagnostics {
    let mut found = Diagnostics::new();
    for Acceptance { what, span, .. } in acceptances {
        let What::Rule(wanted) = what else { continue };
        let wrong = |message: String| Diagnostic::error("project.accept", message).at(span, "");
        match rules.iter().find(|(name, _)| name == wanted) {
            Some((_, Severity::Warning)) => {}
            Some((_, Severity::Error)) => found.push(
                wrong(format!("the rule `{wanted}` gives errors, which cannot be accepted"))
                    .hint("change the values that break it, or make it a warning in chart.yaml"),
            ),
            None => {
                let near = nearest(wanted, rules.iter().map(|(name, _)| *name));
                let mut known: Vec<_> = rules
                    .iter()
                    .filter(|(_, severity)| *severity == Severity::Warning)
                    .map(|(name, _)| *name)
                    .collect();
                known.sort_unstable();
                found.push(wrong(format!("the chart `{chart}` has no rule `{wanted}`")).hint(
                    match near {
                        Some(near) => format!("did you mean `{near}`?"),
                        None if known.is_empty() => {
                            "none of its rules that warn has a `name`".to_owned()
                        }
                        None => format!("rules that warn: {}", known.join(", ")),
                    },
                ));
            }
        }
    }
    found
}

/// Takes out of the warnings what the release accepts, or its chart does. Where `is_whole`, an acceptance of the
/// release that met nothing becomes a warning; otherwise other values than the release's own may be the reason. One of
/// the chart may meet something in another release.
pub(crate) fn accept(
    of_release: &[Acceptance],
    of_chart: &[Acceptance],
    warnings: Diagnostics,
    is_whole: bool,
) -> (Diagnostics, Vec<Accepted>) {
    let mut used = vec![false; of_release.len()];
    let (mut left, mut accepted) = (Diagnostics::new(), Vec::new());
    for finding in warnings {
        let covers = |one: &&Acceptance| one.covers(&finding);
        let reason = match of_release.iter().position(|one| covers(&one)) {
            Some(index) => {
                used[index] = true;
                Some(of_release[index].reason.clone())
            }
            None => of_chart.iter().find(covers).map(|one| one.reason.clone()),
        };
        match reason {
            Some(reason) => accepted.push(Accepted { finding, reason }),
            None => left.push(finding),
        }
    }
    let unused = of_release.iter().zip(used).filter(|(_, used)| !used && is_whole);
    left.extend(unused.map(|(Acceptance { what, span, .. }, _)| {
        let said = match what {
            What::Rule(name) => format!("the rule `{name}` does not warn"),
            What::Code { code, file: None } => format!("there is no warning `{code}`"),
            What::Code { code, file: Some(file) } => {
                format!("there is no warning `{code}` in `{file}`")
            }
        };
        Diagnostic::warning("project.unused-accept", format!("{said}, so nothing is accepted here"))
            .at(span, "")
            .hint("delete this acceptance")
    }));
    (left, accepted)
}
