//! `plimsoll diff`: what would change.

use std::path::Path;

use clap::{Args, ValueEnum};
use plimsoll::diff::{Manifest, ReleaseDiff, Verdict, diff, view};
use plimsoll::{
    Cached, Diagnostic, Diagnostics, Project, Release, Rendered, Request, Secrets, golden, render,
};

use super::args::{LayerArgs, TargetArgs};
use super::check::counted;
use super::context::{Context, columns, draw, read_layer};
use super::git::GitSource;
use super::progress::in_parallel;
use super::report::diff::draw as drawn;
use super::{Failure, write};

#[derive(Args, Debug)]
pub(crate) struct DiffArgs {
    #[command(flatten)]
    pub(crate) targets: TargetArgs,
    #[command(flatten)]
    pub(crate) layers: LayerArgs,

    /// What to compare with: `golden`, `git:REVISION`, a file or folder of YAML, or `-` for standard input
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

    /// With `-o markdown`: at most this many bytes, keeping what matters most (GitHub takes 65536)
    #[arg(long, value_name = "N", help_heading = "Output")]
    pub(crate) max_bytes: Option<usize>,
}

/// How differences are shown.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum View {
    /// For people
    Terminal,
    /// A patch; against goldens, `patch -p1` accepts with it what is rendered
    Unified,
    /// For programs
    Json,
    /// For a comment on a change request
    Markdown,
    /// One page for a browser
    Html,
}

pub(crate) fn run(context: &Context, args: &DiffArgs) -> Result<(), Failure> {
    if args.max_bytes.is_some() && args.output != View::Markdown {
        return Err(
            Diagnostic::error("usage.max-bytes", "`--max-bytes` needs `-o markdown`").into()
        );
    }
    let requests = context.requests(&args.targets, &args.layers)?;
    let requests: Vec<Request> =
        requests.into_iter().map(|request| request.with_secrets(Secrets::Placeholder)).collect();
    let rendered = in_parallel(&requests, "rendered", |request| render(&context.source, request));
    let rendered = Diagnostics::collect(rendered)?;
    let compared = compare(context, args, &requests.into_iter().zip(rendered).collect::<Vec<_>>())?;
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
    match args.output {
        View::Terminal => write::show(&drawn(&compared, columns()))?,
        View::Unified => write::print(&view::unified(&compared))?,
        View::Json => write::print(&view::json(&compared))?,
        View::Markdown => write::print(&view::markdown(&compared, args.max_bytes))?,
        View::Html => write::print(&view::html(&compared))?,
    }
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
    args: &DiffArgs,
    all: &[(Request, Rendered)],
) -> Result<Vec<ReleaseDiff>, Failure> {
    let against = args.against.as_str();
    if against == "golden" {
        return Ok(Diagnostics::collect(in_parallel(all, "compared", |(request, rendered)| {
            let review = golden::review(&context.source, rendered)?;
            let mut release = review.into_release(rendered.release().name.as_str());
            release.diff = release.diff.with_causes(None, Some((&context.source, request)))?;
            Ok(release)
        }))?);
    }
    if let Some(revision) = against.strip_prefix("git:") {
        let old = Cached::new(GitSource::open(&context.root, revision)?);
        return with_revision(context, args, &old, all);
    }
    let Some((request, rendered)) = all.first().filter(|_| all.len() == 1) else {
        let message = format!("`--against {against}` compares one release, not {}", all.len());
        return Err(Diagnostic::error("usage.several-releases", message)
            .hint("name the release: `plimsoll diff RELEASE --against …`")
            .into());
    };
    let other = manifest(against)?;
    let diff = diff(&other, &Manifest::of(rendered));
    // A cluster holds more than this release; only what bears its mark was ever part of it.
    let diff = if other.is_live() { diff.only_of(&rendered.release().name) } else { diff };
    let diff = diff.with_causes(None, Some((&context.source, request)))?;
    Ok(vec![ReleaseDiff::new(rendered.release().name.as_str(), diff)])
}

/// The objects of a file, of every YAML and JSON file below a folder, or of standard input.
pub(crate) fn manifest(path: &str) -> Result<Manifest, Diagnostics> {
    let mut files = vec![path.to_owned()];
    if Path::new(path).is_dir() {
        files = write::yaml_files(Path::new(path)).map_err(|error| {
            Diagnostic::error("file.unreadable", format!("cannot list `{path}`: {error}"))
        })?;
    }
    let read = |file: &String| {
        let name = if file == "-" { "standard input" } else { file };
        Manifest::from_yaml(name, &read_layer(file)?)
    };
    let manifest = Manifest::join(Diagnostics::collect(files.iter().map(read))?);
    Ok(if manifest.is_live() { manifest.live() } else { manifest })
}

/// Every release as it was at a revision; the layers of the command line go on top of the new side only.
fn with_revision(
    context: &Context,
    args: &DiffArgs,
    old: &Cached<GitSource>,
    all: &[(Request, Rendered)],
) -> Result<Vec<ReleaseDiff>, Failure> {
    let before = Project::load(old)?;
    let was = |name: &str| before.releases().iter().find(|release| release.name == name);
    // What was printed then is compared, not judged.
    let old_request = |release: &Release| {
        Request::of(release.clone()).with_secrets(Secrets::Placeholder).with_validation(false)
    };
    let mut compared =
        Diagnostics::collect(in_parallel(all, "compared", |(request, rendered)| {
            let name = rendered.release().name.as_str();
            let new = Manifest::of(rendered);
            let (diff, files) = match was(name).map(old_request) {
                Some(request_before) => {
                    let rendered_before = render(old, &request_before)
                        .map_err(|found| at_revision(found, &args.against))?;
                    let diff = diff(&Manifest::of(&rendered_before), &new).with_causes(
                        Some((old, &request_before)),
                        Some((&context.source, request)),
                    )?;
                    (diff, golden::files(Some(&rendered_before), Some(rendered))?)
                }
                None => (diff(&Manifest::default(), &new), golden::files(None, Some(rendered))?),
            };
            Ok(ReleaseDiff::new(name, diff).with_files(files))
        }))?;
    if args.targets.targets.is_empty() && args.targets.labels.is_empty() {
        for release in before.releases() {
            if all.iter().all(|(_, rendered)| rendered.release().name != release.name) {
                let gone = render(old, &old_request(release))
                    .map_err(|found| at_revision(found, &args.against))?;
                let diff = diff(&Manifest::of(&gone), &Manifest::default());
                let files = golden::files(Some(&gone), None)?;
                compared.push(ReleaseDiff::new(release.name.as_str(), diff).with_files(files));
            }
        }
    }
    Ok(compared)
}

/// Findings about the old side, which is no file that anybody can edit.
fn at_revision(found: Diagnostics, against: &str) -> Diagnostics {
    found
        .into_iter()
        .map(|finding| finding.hint(format!("this is how it stands in `{against}`")))
        .collect()
}
