//! `plimsoll check`: everything about every target, for CI.

use plimsoll::{Diagnostics, Secrets, cluster_conflicts, render};

use super::Failure;
use super::args::CheckArgs;
use super::context::{Context, draw};
use super::progress::Progress;

pub(crate) fn run(context: &Context, args: &CheckArgs) -> Result<(), Failure> {
    let requests = context.requests(&args.targets, &args.layers)?;
    let (mut findings, mut objects, count) = (Diagnostics::new(), 0, requests.len());
    let (mut failed, mut accepted) = (0, 0);
    let mut all = Vec::new();
    let mut progress = Progress::new(count);
    for mut request in requests {
        progress.next("checked");
        if args.layers.secrets.is_none() {
            request = request.with_secrets(Secrets::Placeholder);
        }
        match render(&context.source, &request) {
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
    drop(progress);
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
