//! The only place that writes: standard output and the files of `--output-dir`, `new` and the manual.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use plimsoll::Diagnostic;

use super::Failure;

/// Prints data; a closed pipe ends the command quietly.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Err(Failure::ClosedPipe),
        Err(error) => Err(unwritable("standard output", &error)),
    }
}

/// Says something on standard error.
pub(crate) fn say(text: &str) {
    let mut stderr = anstream::stderr().lock();
    // Nobody is left to be told when standard error is closed.
    let _ = writeln!(stderr, "{text}");
}

/// Writes a file and the folders above it; whoever reads it meanwhile sees the old or the new content whole.
pub(crate) fn file(path: &Path, text: &str) -> Result<(), Failure> {
    let fail = |error: io::Error| unwritable(&path.display().to_string(), &error);
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(fail)?;
    }
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".new");
    fs::write(&temporary, text).map_err(fail)?;
    fs::rename(&temporary, path).map_err(fail)
}

/// One manual page per command.
pub(crate) fn man_pages(command: &clap::Command, dir: &Path) -> Result<(), Failure> {
    let fail = |error: io::Error| unwritable(&dir.display().to_string(), &error);
    fs::create_dir_all(dir).map_err(fail)?;
    clap_mangen::generate_to(command.clone(), dir).map_err(fail)
}

fn unwritable(name: &str, error: &io::Error) -> Failure {
    Diagnostic::error("file.unwritable", format!("cannot write {name}: {error}")).into()
}
