//! The only place that writes: standard output and the files of `--output-dir`, `new` and the manual.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

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

/// Prints what is meant for people: colours go where somebody sees them.
pub(crate) fn show(text: &str) -> Result<(), Failure> {
    let mut stdout = anstream::stdout().lock();
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

/// Writes files and the folders above them: all of them, or none when one cannot be written. Whoever reads a file
/// meanwhile sees the old or the new content whole.
pub(crate) fn files(files: &[(PathBuf, String)]) -> Result<(), Failure> {
    let mut staged: Vec<PathBuf> = Vec::new();
    let written = files.iter().try_for_each(|(path, text)| {
        stage(path, text, &mut staged)
            .map_err(|error| unwritable(&path.display().to_string(), &error))
    });
    if written.is_err() {
        for temporary in &staged {
            // The first failure is the one to tell.
            let _ = fs::remove_file(temporary);
        }
        return written;
    }
    for (temporary, (path, _)) in staged.iter().zip(files) {
        fs::rename(temporary, path)
            .map_err(|error| unwritable(&path.display().to_string(), &error))?;
    }
    Ok(())
}

/// Every YAML and JSON file below a folder, sorted. Kustomize's file only says what a folder holds.
pub(crate) fn yaml_files(dir: &Path) -> io::Result<Vec<String>> {
    let mut found = Vec::new();
    let mut entries: Vec<PathBuf> = fs::read_dir(dir)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<_>>()?;
    entries.sort();
    for path in entries {
        if path.is_dir() {
            found.extend(yaml_files(&path)?);
        } else if is_yaml(&path) && path.file_stem().is_none_or(|stem| stem != "kustomization") {
            found.push(path.to_string_lossy().into_owned());
        }
    }
    Ok(found)
}

fn is_yaml(path: &Path) -> bool {
    path.extension().is_some_and(|end| end == "yaml" || end == "yml" || end == "json")
}

/// Deletes a file, and the folders above it that it leaves empty.
pub(crate) fn delete(path: &Path) -> Result<(), Failure> {
    fs::remove_file(path).map_err(|error| unwritable(&path.display().to_string(), &error))?;
    // A folder that still holds something cannot be removed, and that is meant.
    for parent in path.ancestors().skip(1).take_while(|parent| fs::remove_dir(parent).is_ok()) {
        let _ = parent;
    }
    Ok(())
}

/// Writes a text beside the place that it is meant for.
fn stage(path: &Path, text: &str, staged: &mut Vec<PathBuf>) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    if path.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".new");
    staged.push(temporary.clone().into());
    fs::write(&temporary, text)
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
