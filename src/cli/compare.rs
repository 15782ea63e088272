//! `plimsoll compare`: two sets of YAML by meaning, and the same as a diff driver of git.

use std::path::Path;

use clap::Args;
use plimsoll::Diagnostics;
use plimsoll::diff::{Manifest, ReleaseDiff, diff};
use similar::TextDiff;

use super::check::counted;
use super::context::{Context, columns, read_layer};
use super::diff::manifest;
use super::report::diff::draw;
use super::{Failure, write};

#[derive(Args, Debug)]
pub(crate) struct CompareArgs {
    /// A file or folder of YAML or JSON, or `-` for standard input
    old: String,
    /// Likewise
    new: String,
}

pub(crate) fn run(context: &Context, args: &CompareArgs) -> Result<(), Failure> {
    let found = diff(&manifest(&args.old)?, &manifest(&args.new)?);
    let differs = !found.is_empty();
    let objects = found.objects().len();
    let compared = [ReleaseDiff::new(format!("{} → {}", args.old, args.new), found)];
    write::show(&draw(&compared, columns()))?;
    if !differs {
        context.say(&format!("{}: equal", counted(objects, "object")));
        return Ok(());
    }
    Err(Failure::Code(1))
}

/// What git hands to a diff driver: see `GIT_EXTERNAL_DIFF` in git(1).
#[derive(Args, Debug)]
pub(crate) struct GitDiffArgs {
    path: String,
    old_file: Option<String>,
    old_hash: Option<String>,
    old_mode: Option<String>,
    new_file: Option<String>,
    new_hash: Option<String>,
    new_mode: Option<String>,
    /// After a renaming: the new path, and git's words about it.
    renamed: Vec<String>,
}

/// Shows one file of `git diff`. What is no manifest is compared line by line; git wants exit code 0.
pub(crate) fn git_driver(args: &GitDiffArgs) -> Result<(), Failure> {
    let (Some(old), Some(new)) = (&args.old_file, &args.new_file) else {
        return write::show(&format!("{}: unmerged\n", args.path));
    };
    let nothing = |file: &str| Path::new(file) == Path::new("/dev/null");
    let read = |file: &String| {
        if nothing(file) { Ok(Manifest::default()) } else { manifest(file) }
    };
    let both: Result<_, Diagnostics> = read(old).and_then(|old| Ok((old, read(new)?)));
    let Ok((old_side, new_side)) = both else {
        let text = |file: &String| if nothing(file) { Ok(String::new()) } else { read_layer(file) };
        let (a, b) = (text(old)?, text(new)?);
        let diff = TextDiff::from_lines(&a, &b);
        let lines = diff
            .unified_diff()
            .header(&format!("a/{}", args.path), &format!("b/{}", args.path))
            .to_string();
        return write::show(&lines);
    };
    let name =
        args.renamed.first().map_or(args.path.clone(), |new| format!("{} → {new}", args.path));
    write::show(&draw(&[ReleaseDiff::new(name, diff(&old_side, &new_side))], columns()))
}
