//! `plimsoll check`: everything about every target, for CI.

use plimsoll::{Diagnostics, Request, Secrets, cluster_conflicts, render};

use super::Failure;
use super::args::CheckArgs;
use super::context::{Context, draw};
use super::progress::in_parallel;

pub(crate) fn run(context: &Context, args: &CheckArgs) -> Result<(), Failure> {
    let mut requests = context.requests(&args.targets, &args.layers)?;
    if args.layers.secrets.is_none() {
        let placed = |request: Request| request.with_secrets(Secrets::Placeholder);
        requests = requests.into_iter().map(placed).collect();
    }
    let (mut findings, mut objects, count) = (Diagnostics::new(), 0, requests.len());
    let (mut failed, mut accepted) = (0, 0);
    let mut all = Vec::new();
    let results = in_parallel(&requests, "checked", |request| render(&context.source, request));
    for (request, result) in requests.into_iter().zip(results) {
        match result {
            Ok(rendered) => {
                objects += rendered.resources().len();
                findings.extend(rendered.warnings().clone());
                accepted += rendered.accepted().len();
                all.push((request, rendered));
            }
            Err(found) => {
                failed += 1;
                findings.extend(found);
            }
        }
    }
    findings.extend(cluster_conflicts(&context.source, &all));
    let findings = findings.sorted();
    draw(&findings, context.format);
    let failures = if failed == 0 { String::new() } else { format!(" ({failed} failed)") };
    let accepted = if accepted == 0 { String::new() } else { format!(", {accepted} accepted") };
    context.say(&format!(
        "checked {}{failures}, {}: {}{accepted}",
        counted(count, "release"),
        counted(objects, "object"),
        counted(findings.len(), "finding")
    ));
    if findings.has_errors() || (args.deny.is_some() && !findings.is_empty()) {
        return Err(Failure::Code(1));
    }
    Ok(())
}

pub(crate) fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
