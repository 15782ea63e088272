//! The commands that the README and the guide show are run, in order, and print what is shown.
//!
//! A page is a small project. It starts in a copy of this repository or in the chart of `plimsoll new chart web`;
//! a block of YAML whose first line is a comment with a path is that file. In `sh` blocks every command must
//! succeed. In `console` blocks the lines below `$ …` are what it prints, on both streams; `...` stands for any
//! lines. Commands of other tools are left out, except in a pipe, where they read what they get.
#![expect(clippy::disallowed_methods, reason = "tests read the guide and write its examples")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What a page finds when it starts.
enum Start {
    Repository,
    Nothing,
    NewChart,
}

#[test]
fn readme() {
    run("README.md", &Start::Repository);
}

#[test]
fn install() {
    run("docs/install.md", &Start::Repository);
}

#[test]
fn first_chart() {
    run("docs/first-chart.md", &Start::Nothing);
}

#[test]
fn web_shop() {
    run("docs/web-shop.md", &Start::Nothing);
}

#[test]
fn authoring() {
    run("docs/authoring.md", &Start::Repository);
}

#[test]
fn from_helm() {
    run("docs/from-helm.md", &Start::NewChart);
}

#[test]
fn chart() {
    run("docs/chart.md", &Start::NewChart);
}

#[test]
fn layers() {
    run("docs/layers.md", &Start::NewChart);
}

#[test]
fn schemas() {
    run("docs/schemas.md", &Start::NewChart);
}

#[test]
fn templates() {
    run("docs/templates.md", &Start::NewChart);
}

#[test]
fn review() {
    run("docs/review.md", &Start::Repository);
}

#[test]
fn command_line() {
    run("docs/cli.md", &Start::Repository);
}

#[test]
fn kubernetes() {
    run("docs/kubernetes.md", &Start::NewChart);
}

#[test]
fn ci() {
    run("docs/ci.md", &Start::Repository);
}

#[test]
fn applying() {
    run("docs/applying.md", &Start::Repository);
}

#[test]
fn upgrades() {
    run("docs/upgrade.md", &Start::Repository);
}

#[test]
fn systems() {
    for name in pages("docs/systems") {
        run(&name, &Start::Repository);
    }
}

#[test]
fn every_page_is_run() {
    let here = include_str!("guide.rs");
    for name in pages("docs") {
        let text = fs::read_to_string(root().join(&name)).expect("a page");
        let has_commands = blocks(&text).iter().any(Block::has_commands);
        assert!(!has_commands || here.contains(&format!("\"{name}\"")), "{name} is not run");
    }
}

/// The pages that lie in a folder itself.
fn pages(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(root().join(folder)).expect("a folder");
    let names =
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned());
    let mut pages: Vec<String> =
        names.filter(|name| name.ends_with(".md")).map(|name| format!("{folder}/{name}")).collect();
    pages.sort();
    pages
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

struct Block<'a> {
    language: &'a str,
    line: usize,
    lines: Vec<&'a str>,
}

impl Block<'_> {
    fn has_commands(&self) -> bool {
        let typed = |line: &&str| is_ours(line.strip_prefix("$ ").unwrap_or(line));
        ["sh", "console"].contains(&self.language) && self.lines.iter().any(typed)
    }
}

/// The fenced blocks of a page.
fn blocks(page: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut open: Option<Block<'_>> = None;
    for (index, line) in page.lines().enumerate() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(language), None) => {
                open = Some(Block { language, line: index + 1, lines: Vec::new() });
            }
            (None, Some(block)) => block.lines.push(line),
            (None, None) => {}
        }
    }
    blocks
}

/// A shell that keeps its folder from one command to the next.
struct Shell {
    folder: PathBuf,
    path: String,
}

impl Shell {
    /// Both streams in the order in which they were written, and whether it succeeded.
    fn run(&mut self, command: &str) -> (String, bool) {
        let script = format!("exec 2>&1\n{command}\nstatus=$?\npwd > \"$PLACE\"\nexit $status");
        let place = tempfile::NamedTempFile::new().expect("a temporary file");
        let output = Command::new("sh")
            .args(["-c", &script])
            .current_dir(&self.folder)
            .env_clear()
            .env("PATH", &self.path)
            .env("HOME", &self.folder)
            .env("PLACE", place.path())
            .output()
            .expect("a shell");
        let folder = fs::read_to_string(place.path()).expect("the folder");
        if !folder.trim().is_empty() {
            self.folder = PathBuf::from(folder.trim());
        }
        (String::from_utf8_lossy(&output.stdout).into_owned(), output.status.success())
    }
}

fn run(page: &str, start: &Start) {
    let text = fs::read_to_string(root().join(page)).expect("the page");
    let scratch = tempfile::tempdir().expect("a temporary folder");
    let tools = scratch.path().join("tools");
    fs::create_dir(&tools).expect("a folder");
    let program = Path::new(env!("CARGO_BIN_EXE_plimsoll"));
    let path = format!(
        "{}:{}:{}",
        tools.display(),
        program.parent().expect("a folder").display(),
        std::env::var("PATH").unwrap_or_default()
    );
    let folder = scratch.path().join("project");
    fs::create_dir(&folder).expect("a folder");
    let mut shell = Shell { folder: folder.clone(), path };
    // Whoever reads our output gets all of it.
    for tool in ["kubectl", "jq"] {
        shell.run(&format!(
            "printf '#!/bin/sh\\ncat >/dev/null\\n' > ../tools/{tool}; chmod +x ../tools/{tool}"
        ));
    }
    match start {
        Start::Repository => {
            for part in ["plimsoll.yaml", "charts", "schemas", "values", "golden"] {
                copy(&root().join(part), &folder.join(part));
            }
            // The page of a system finds that system's secrets, any other page those of the chart it shows.
            let stem =
                Path::new(page).file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let own = root().join(format!("tests/secrets/{stem}.yaml"));
            let secrets = if own.exists() { own } else { root().join("tests/secrets/pulsar.yaml") };
            copy(&secrets, &folder.join("secrets.yaml"));
        }
        Start::NewChart => {
            let (said, fine) = shell.run("plimsoll new chart web");
            assert!(fine, "{said}");
        }
        Start::Nothing => {}
    }
    let mut commands = 0;
    for block in blocks(&text) {
        let place = format!("{page}:{}", block.line);
        match block.language {
            "yaml" => write_file(&shell.folder, &block),
            "sh" => {
                for command in block.lines.iter().filter(|line| is_ours(line)) {
                    commands += 1;
                    let (said, fine) = shell.run(command);
                    assert!(fine, "{place}: {command}\n{said}");
                }
            }
            "console" => {
                for (command, shown) in sessions(&block) {
                    if !is_ours(command) {
                        continue;
                    }
                    commands += 1;
                    let (said, fine) = shell.run(command);
                    // An error, or differences found, must be seen in what is shown.
                    let admits = shown.iter().any(|line| {
                        line.starts_with("error")
                            || line.contains(" changed")
                            || line.contains(" added")
                    });
                    assert!(fine || admits, "{place}: {command}\n{said}");
                    let said: Vec<&str> = said.lines().map(str::trim_end).collect();
                    assert!(
                        matches(&shown, &said),
                        "{place}: {command}\nshown:\n{}\n\nprinted:\n{}",
                        shown.join("\n"),
                        said.join("\n")
                    );
                }
            }
            _ => {}
        }
    }
    let shows = blocks(&text).iter().any(Block::has_commands);
    assert_eq!(commands > 0, shows, "{page}");
}

/// Whether a line is a command that can be run here.
fn is_ours(line: &str) -> bool {
    ["plimsoll ", "mkdir ", "cd ", "echo ", "printf "].iter().any(|word| line.starts_with(word))
}

/// Each command of a console block with the lines that it prints.
fn sessions<'a>(block: &Block<'a>) -> Vec<(&'a str, Vec<&'a str>)> {
    let mut sessions: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in &block.lines {
        match (line.strip_prefix("$ "), sessions.last_mut()) {
            (Some(command), _) => sessions.push((command, Vec::new())),
            (None, Some((_, shown))) => shown.push(line.trim_end()),
            (None, None) => {
                assert!(line.is_empty(), "line {}: output without a command", block.line);
            }
        }
    }
    sessions
}

/// Whether what was printed is what is shown, where `...` stands for any lines.
fn matches(shown: &[&str], said: &[&str]) -> bool {
    match shown.split_first() {
        None => said.is_empty(),
        Some((&"...", rest)) => (0..=said.len()).any(|skipped| matches(rest, &said[skipped..])),
        Some((line, rest)) => {
            said.split_first().is_some_and(|(first, more)| first == line && matches(rest, more))
        }
    }
}

/// Writes a block that names its file in its first line.
fn write_file(folder: &Path, block: &Block<'_>) {
    let Some(first) = block.lines.first() else { return };
    let comment =
        first.strip_prefix("# ").or_else(|| first.strip_prefix("{# ")?.strip_suffix(" #}"));
    let legal = |path: &&str| {
        path.contains('.')
            && path.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-/".contains(&b))
    };
    if let Some(path) = comment.filter(legal) {
        let file = folder.join(path);
        fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        fs::write(file, block.lines.join("\n") + "\n").expect("a file");
    }
}

fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir_all(to).expect("a folder");
        for entry in fs::read_dir(from).expect("a folder") {
            let name = entry.expect("an entry").file_name();
            copy(&from.join(&name), &to.join(&name));
        }
    } else if from.exists() {
        fs::create_dir_all(to.parent().expect("a folder")).expect("a folder");
        fs::copy(from, to).expect("a file");
    }
}
