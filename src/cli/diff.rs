//! `plimsoll diff`: what would change.

use clap::{Args, ValueEnum};
use plimsoll::diff::{Diff, Manifest, ReleaseDiff, Verdict, diff};
use plimsoll::{Diagnostic, Diagnostics, Rendered, Request, Secrets, golden, render};

use super::args::{LayerArgs, TargetArgs};
use super::check::counted;
use super::context::{Context, columns, draw, read_layer};
use super::progress::Progress;
use super::report::diff::draw as drawn;
use super::{Failure, write};

#[derive(Args, Debug)]
pub(crate) struct DiffArgs {
    #[command(flatten)]
    pub(crate) targets: TargetArgs,
    #[command(flatten)]
    pub(crate) layers: LayerArgs,

    /// What to compare with: `golden`, a file or folder of YAML, or `-` for standard input
    #[arg(long, value_name = "WHAT", default_value = "golden", help_heading = "What is compared")]
    pub(crate) against: String,

    /// Fail on this risk, such as risk.immutable-field, or on any with `all`; may be repeated
    #[arg(long, value_name = "CODE", help_heading = "What is compared")]
    pub(crate) deny: Vec<String>,

    /// The form of the output [default: terminal]
    #[arg(
        short,
        long,
        value_enum,
        value_name = "FORM",
        default_value = "terminal",
        help_heading = "Output"
    )]
    pub(crate) output: View,
}

/// How differences are shown.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum View {
    /// For people
    Terminal,
}

pub(crate) fn run(context: &Context, args: &DiffArgs) -> Result<(), Failure> {
    let requests = context.requests(&args.targets, &args.layers)?;
    let mut progress = Progress::new(requests.len());
    let all = Diagnostics::collect(requests.into_iter().map(|request| {
        progress.next("rendered");
        let request = request.with_secrets(Secrets::Placeholder);
        render(&context.source, &request).map(|rendered| (request, rendered))
    }));
    drop(progress);
    let compared = compare(context, &args.against, &all?)?;
    let mut warnings = Diagnostics::new();
    for release in &compared {
        for (object, risk) in release.diff.risks() {
            if args.deny.iter().any(|code| code == risk.code || code == "all") {
                let id = object.id();
                let message =
                    format!("{}: {}/{}: {}", release.release, id.kind, id.name, risk.message);
                warnings.push(Diagnostic::error(risk.code, message));
            }
        }
    }
    let View::Terminal = args.output;
    write::show(&drawn(&compared, columns()))?;
    draw(&warnings, context.format);
    let objects: usize = compared.iter().map(|release| release.diff.objects().len()).sum();
    let equal: usize = compared.iter().map(|release| release.diff.count(Verdict::Equal)).sum();
    context.say(&format!(
        "{}, {}: {equal} equal",
        counted(compared.len(), "release"),
        counted(objects, "object")
    ));
    let differs = compared.iter().any(|release| !release.diff.is_empty());
    if differs || warnings.has_errors() { Err(Failure::Code(1)) } else { Ok(()) }
}

fn compare(
    context: &Context,
    against: &str,
    all: &[(Request, Rendered)],
) -> Result<Vec<ReleaseDiff>, Failure> {
    let source = &context.source;
    let with_causes =
        |request: &Request, diff: Diff| diff.with_causes(None, Some((source, request)));
    if against == "golden" {
        return Ok(Diagnostics::collect(all.iter().map(|(request, rendered)| {
            let diff = with_causes(request, golden::review(source, rendered)?.into_diff())?;
            Ok(ReleaseDiff::new(rendered.release().name.as_str(), diff))
        }))?);
    }
    let Some((request, rendered)) = all.first().filter(|_| all.len() == 1) else {
        let message = format!("`--against {against}` compares one release, not {}", all.len());
        return Err(Diagnostic::error("usage.several-releases", message).into());
    };
    let other = Manifest::from_yaml(against, &read_layer(against)?)?;
    let other = if other.is_live() { other.live() } else { other };
    let diff = with_causes(request, diff(&other, &Manifest::of(rendered)))?;
    Ok(vec![ReleaseDiff::new(rendered.release().name.as_str(), diff)])
}
