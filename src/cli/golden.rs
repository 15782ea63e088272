//! `plimsoll golden`: accepts output, and lists what is accepted.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;

use clap::{Args, Subcommand};
use plimsoll::diff::ReleaseDiff;
use plimsoll::golden::{GoldenFile, Review, State, review, strays};
use plimsoll::{Diagnostic, Diagnostics, Request, Secrets, SourcePath, render};

use super::args::TargetArgs;
use super::check::counted;
use super::context::{Context, columns};
use super::progress::in_parallel;
use super::report::diff::draw as drawn;
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
    /// Look at each difference and decide: accept, skip or quit; never with CI=true
    Review(Which),
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
        GoldenCommand::Review(which) => ask(context, &which.targets),
        GoldenCommand::List(which) => list(context, &which.targets),
    }
}

/// Every release held against its goldens, each change with the line behind it.
fn reviews(context: &Context, targets: &TargetArgs) -> Result<Vec<Review>, Failure> {
    let releases = context.releases(targets)?;
    let reviews = in_parallel(&releases, "rendered", |release| {
        let request = Request::of(release.clone()).with_secrets(Secrets::Placeholder);
        review(&context.source, &render(&context.source, &request)?)?
            .with_causes(&context.source, &request)
    });
    Ok(Diagnostics::collect(reviews)?)
}

/// Goldens of releases that are no more; only a look at all releases can tell.
fn strayed(context: &Context, targets: &TargetArgs) -> Result<Vec<SourcePath>, Failure> {
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
    let mut decided = Decided::default();
    reviews.iter().flat_map(Review::files).for_each(|file| decided.accept(file));
    decided.deleted.extend(strayed(context, targets)?);
    decided.write(context, "every golden is what would be rendered")
}

/// What is to be done with golden files.
#[derive(Default)]
struct Decided {
    written: Vec<(SourcePath, String)>,
    deleted: Vec<SourcePath>,
}

impl Decided {
    fn accept(&mut self, file: &GoldenFile) {
        match (&file.state, &file.text) {
            (State::Equal, _) => {}
            (_, Some(text)) => self.written.push((file.path.clone(), text.clone())),
            (_, None) => self.deleted.push(file.path.clone()),
        }
    }

    fn write(&self, context: &Context, nothing: &str) -> Result<(), Failure> {
        let place = |path: &SourcePath| context.root.join(path.as_str());
        let files: Vec<_> =
            self.written.iter().map(|(path, text)| (place(path), text.clone())).collect();
        write::files(&files)?;
        for path in &self.deleted {
            write::delete(&place(path))?;
        }
        // One line for each release: a chart's first goldens are dozens of files.
        let mut folders: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        for (path, _) in &self.written {
            folders.entry(folder(path)).or_default().0 += 1;
        }
        for path in &self.deleted {
            folders.entry(folder(path)).or_default().1 += 1;
        }
        for (folder, (written, deleted)) in &folders {
            let deleted = if *deleted > 0 { format!(", {deleted} deleted") } else { String::new() };
            context.say(&format!("{folder}: {} written{deleted}", counted(*written, "file")));
        }
        if folders.is_empty() {
            context.say(nothing);
        }
        Ok(())
    }
}

fn folder(path: &SourcePath) -> &str {
    path.as_str().rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Shows what differs file by file and asks. Answers are read as lines, so they can be piped in.
fn ask(context: &Context, targets: &TargetArgs) -> Result<(), Failure> {
    refuse_in_ci()?;
    let reviews = reviews(context, targets)?;
    let open: Vec<(&Review, &GoldenFile)> = reviews
        .iter()
        .flat_map(|review| review.files().iter().map(move |file| (review, file)))
        .filter(|(_, file)| file.state != State::Equal)
        .collect();
    let (mut decided, mut skipped, mut all) = (Decided::default(), 0, false);
    for (index, (review, file)) in open.iter().enumerate() {
        if all {
            decided.accept(file);
            continue;
        }
        let component = file.component();
        let diff = review.diff().clone().filter(|object| object.component() == Some(component));
        let shown = drawn(&[ReleaseDiff::new(review.release(), diff)], columns());
        let number = format!("{} of {}", index + 1, open.len());
        write::show(&format!("{shown}\n{number}: {} ({})\n", file.path, file.state.as_str()))?;
        match question()? {
            Answer::Accept => decided.accept(file),
            Answer::Skip => skipped += 1,
            Answer::All => {
                decided.accept(file);
                all = true;
            }
            Answer::Quit => {
                skipped += open.len() - index;
                break;
            }
        }
    }
    let nothing = if open.is_empty() {
        "every golden is what would be rendered"
    } else {
        "nothing was accepted"
    };
    decided.write(context, nothing)?;
    if skipped > 0 {
        context.say(&format!("{} left as before", counted(skipped, "file")));
        return Err(Failure::Code(1));
    }
    Ok(())
}

#[derive(Clone, Copy)]
enum Answer {
    Accept,
    Skip,
    All,
    Quit,
}

fn question() -> Result<Answer, Failure> {
    loop {
        write::show("[a]ccept, [s]kip, accept a[l]l that follow, [q]uit? ")?;
        let mut line = String::new();
        let read = io::stdin().read_line(&mut line);
        let answer = match (read, line.trim().to_lowercase().as_str()) {
            // The end of the input is the safe answer: what was accepted is written, the rest stays.
            (Ok(0) | Err(_), _) | (_, "q" | "quit") => Answer::Quit,
            (_, "a" | "accept" | "y" | "yes") => Answer::Accept,
            (_, "s" | "skip" | "n" | "no") => Answer::Skip,
            (_, "l" | "all") => Answer::All,
            _ => continue,
        };
        write::show("\n")?;
        return Ok(answer);
    }
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
