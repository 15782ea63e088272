//! `plimsoll check`: everything about every target, for CI.

use plimsoll::{Diagnostics, Secrets, render};

use super::args::CheckArgs;
use super::context::{Context, draw};
use super::{Failure, write};

pub(crate) fn run(context: &Context, args: &CheckArgs) -> Result<(), Failure> {
    let releases = context.releases(&args.targets)?;
    let (mut findings, mut objects, count) = (Diagnostics::new(), 0, releases.len());
    for release in releases {
        let mut request = context.request(release, &args.layers)?;
        if args.layers.secrets.is_none() {
            request = request.with_secrets(Secrets::Placeholder);
        }
        match render(&context.source, &request) {
            Ok(rendered) => {
                objects += rendered.resources().len();
                findings.extend(rendered.warnings().clone());
            }
            Err(found) => findings.extend(found),
        }
    }
    let findings = findings.sorted();
    draw(&findings, context.format);
    if findings.has_errors() || (args.deny.is_some() && !findings.is_empty()) {
        return Err(Failure::Code(1));
    }
    let releases = if count == 1 { "release" } else { "releases" };
    write::say(&format!(
        "checked {count} {releases}, {objects} objects: {} findings",
        findings.len()
    ));
    Ok(())
}
