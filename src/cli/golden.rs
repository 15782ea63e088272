//! `plimsoll golden`: accepts output, and lists what is accepted.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use plimsoll::golden::{Review, State, review, strays};
use plimsoll::{Diagnostic, Diagnostics, Request, Secrets, render};

use super::args::TargetArgs;
use super::context::Context;
use super::progress::Progress;
use super::{Failure, write};

#[derive(Args, Debug)]
pub(crate) struct GoldenArgs {
    #[command(subcommand)]
    command: GoldenCommand,
}

#[derive(Debug, Subcommand)]
enum GoldenCommand {
    /// Write what would be rendered as accepted output; never with CI=true
    Accept(Which),
    /// List every golden file and whether it is what would be rendered
    List(Which),
}

#[derive(Args, Debug)]
struct Which {
    #[command(flatten)]
    targets: TargetArgs,
}

pub(crate) fn run(context: &Context, args: &GoldenArgs) -> Result<(), Failure> {
    match &args.command {
        GoldenCommand::Accept(which) => accept(context, &which.targets),
        GoldenCommand::List(which) => list(context, &which.targets),
    }
}

fn reviews(context: &Context, targets: &TargetArgs) -> Result<Vec<Review>, Failure> {
    let releases = context.releases(targets)?;
    let mut progress = Progress::new(releases.len());
    let reviews = Diagnostics::collect(releases.into_iter().map(|release| {
        progress.next("rendered");
        let request = Request::of(release).with_secrets(Secrets::Placeholder);
        review(&context.source, &render(&context.source, &request)?)
    }));
    Ok(reviews?)
}

/// Goldens of releases that are no more; only a look at all releases can tell.
fn strayed(context: &Context, targets: &TargetArgs) -> Result<Vec<plimsoll::SourcePath>, Failure> {
    if !targets.targets.is_empty() || !targets.labels.is_empty() {
        return Ok(Vec::new());
    }
    let releases = context.releases(targets)?;
    let names: Vec<&str> = releases.iter().map(|release| release.name.as_str()).collect();
    Ok(strays(&context.source, &names)?)
}

/// With `CI=true` nothing is ever accepted: a machine must not agree with itself.
pub(crate) fn refuse_in_ci() -> Result<(), Failure> {
    let ci = std::env::var("CI").unwrap_or_default();
    if ci.is_empty() || ci == "false" || ci == "0" {
        return Ok(());
    }
    Err(Diagnostic::error("golden.ci", "goldens are not written where `CI` is set")
        .hint("accept them on your machine, look at the change with git, and commit it")
        .into())
}

fn accept(context: &Context, targets: &TargetArgs) -> Result<(), Failure> {
    refuse_in_ci()?;
    let reviews = reviews(context, targets)?;
    let (mut written, mut deleted) = (Vec::new(), strayed(context, targets)?);
    for file in reviews.iter().flat_map(Review::files) {
        match (&file.state, &file.text) {
            (State::Equal, _) => {}
            (_, Some(text)) => written.push((place(context, &file.path), text.clone())),
            (_, None) => deleted.push(file.path.clone()),
        }
    }
    write::files(&written)?;
    for (path, _) in &written {
        context.say(&format!("wrote {}", path.display()));
    }
    for path in &deleted {
        write::delete(&place(context, path))?;
        context.say(&format!("deleted {path}"));
    }
    context.say(&match (written.len(), deleted.len()) {
        (0, 0) => "every golden is what would be rendered".to_owned(),
        (written, deleted) => format!("{written} written, {deleted} deleted"),
    });
    Ok(())
}

fn place(context: &Context, path: &plimsoll::SourcePath) -> PathBuf {
    context.root.join(path.as_str())
}

fn list(context: &Context, targets: &TargetArgs) -> Result<(), Failure> {
    let mut lines = String::new();
    let mut accepted = true;
    for file in reviews(context, targets)?.iter().flat_map(Review::files) {
        accepted &= file.state == State::Equal;
        let _ = writeln!(lines, "{:<9} {}", file.state.as_str(), file.path);
    }
    for path in strayed(context, targets)? {
        accepted = false;
        let _ = writeln!(lines, "{:<9} {path}", State::Orphaned.as_str());
    }
    write::print(&lines)?;
    if accepted { Ok(()) } else { Err(Failure::Code(1)) }
}
