//! The command line in four thin layers: what was typed ([`args`]), what it means (`context`), the library, and
//! what is shown ([`report`], `write`).
#![expect(clippy::disallowed_methods, reason = "the command line is where files and terminals are")]

mod args;
mod check;
mod compare;
mod context;
mod diff;
mod explain;
mod folder;
mod git;
mod golden;
mod graph;
mod habits;
mod new;
mod plan;
mod progress;
mod render;
mod report;
mod schema;
mod usage;
mod values;
mod write;

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};
use plimsoll::Diagnostics;

use args::{Cli, Command};
use context::Context;

/// Why a command stopped.
pub(crate) enum Failure {
    /// Findings, to be drawn; exit code 2.
    Findings(Diagnostics),
    /// Findings were drawn already.
    Code(u8),
    /// Standard output was closed by its reader, which is no error.
    ClosedPipe,
}

impl From<Diagnostics> for Failure {
    fn from(diagnostics: Diagnostics) -> Self {
        Self::Findings(diagnostics)
    }
}

impl From<plimsoll::Diagnostic> for Failure {
    fn from(diagnostic: plimsoll::Diagnostic) -> Self {
        Self::Findings(diagnostic.into())
    }
}

/// Answers a command line that is wrong, or asks for help.
fn misused(error: &clap::Error) -> ExitCode {
    let format = usage::format(std::env::args_os());
    match usage::finding(error) {
        Some(finding) if format != report::Format::Human => {
            context::draw(&finding.into(), format);
            ExitCode::from(2)
        }
        _ => error.exit(),
    }
}

pub(crate) fn main() -> ExitCode {
    let typed = Cli::command()
        .try_get_matches()
        .and_then(|matches| Cli::from_arg_matches(&matches).map(|cli| (matches, cli)));
    let (matches, cli) = match typed {
        Ok(typed) => typed,
        Err(error) => return misused(&habits::advise(error)),
    };
    match cli.color {
        args::Color::Auto => {}
        args::Color::Always => anstream::ColorChoice::Always.write_global(),
        args::Color::Never => anstream::ColorChoice::Never.write_global(),
    }
    let flags = matches.subcommand().map(|(_, sub)| args::set_flags(sub)).unwrap_or_default();
    let result =
        Context::new(&cli, flags).map_err(Failure::from).and_then(|context| match &cli.command {
            Command::Render(args) => render::run(&context, args),
            Command::Check(args) => check::run(&context, args),
            Command::Diff(args) => diff::run(&context, args),
            Command::Compare(args) => compare::run(&context, args),
            Command::GitDiff(args) => compare::git_driver(args),
            Command::Golden(args) => golden::run(&context, args),
            Command::Values(args) => values::run(&context, args),
            Command::Explain(args) => explain::run(&context, args),
            Command::Graph(args) => graph::run(&context, args),
            Command::Schema(args) => schema::run(&context, args),
            Command::Plan(args) => plan::run(&context, args),
            Command::New(args) => new::run(&context, args),
            Command::Completion { shell } => {
                let mut script = Vec::new();
                clap_complete::generate(*shell, &mut Cli::command(), "plimsoll", &mut script);
                write::print(&String::from_utf8_lossy(&script))
            }
            Command::Man { dir } => write::man_pages(&Cli::command(), dir),
        });
    match result {
        Ok(()) | Err(Failure::ClosedPipe) => ExitCode::SUCCESS,
        Err(Failure::Code(code)) => code.into(),
        Err(Failure::Findings(findings)) => {
            context::draw(&findings, cli.format);
            ExitCode::from(2)
        }
    }
}
