//! Projects from the outside: what the program prints for them, byte by byte.
//!
//! Each folder in `tests/cases` is one case. Its files are laid over the project in `tests/support/web`; `case.yaml`
//! says what it is about and which commands are run. What they print is recorded in `expected.yaml` where all of
//! them must succeed without a word, or in `expected.err` where all must fail and print nothing to standard
//! output. `PLIMSOLL_CASES=write` records anew (never with `CI` set): read the difference before it is committed.
//! Each `render` also goes through the library, which must come to the same end.
#![expect(clippy::disallowed_methods, reason = "tests read their own cases")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use assert_cmd::Command;
use plimsoll::{Diagnostics, Layer, MemorySource, Rendered, Request, Secrets, render};
use serde_yaml::Value;

struct Case {
    name: String,
    folder: PathBuf,
    files: BTreeMap<String, String>,
    commands: Vec<Vec<String>>,
    /// Whether all commands must fail.
    fails: bool,
}

impl Case {
    fn read(folder: &Path, base: &BTreeMap<String, String>) -> Self {
        let name = folder.file_name().expect("a folder has a name").to_string_lossy().into_owned();
        let mut own = files(folder);
        let about = own.remove("case.yaml").unwrap_or_default();
        let about: Value = serde_yaml::from_str(&about).unwrap_or_default();
        let (output, error) = (own.remove("expected.yaml"), own.remove("expected.err"));
        assert!(output.is_some() != error.is_some(), "{name} needs one file `expected.*`");
        assert!(about.get("about").is_some_and(Value::is_string), "{name}: no case.yaml");
        let commands = about.get("run").and_then(Value::as_sequence).expect("commands");
        let mut files = base.clone();
        files.extend(own);
        Self {
            files,
            folder: folder.to_owned(),
            fails: error.is_some(),
            commands: commands.iter().map(words).collect(),
            name,
        }
    }

    fn expected(&self) -> PathBuf {
        self.folder.join(if self.fails { "expected.err" } else { "expected.yaml" })
    }

    /// What all commands print, and whatever is wrong apart from that.
    fn run(&self) -> (String, Vec<String>) {
        let project = tempfile::tempdir().expect("a temporary folder");
        for (path, text) in &self.files {
            let path = project.path().join(path);
            fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("a folder");
            fs::write(path, text).expect("a file");
        }
        let (mut transcript, mut wrong) = (String::new(), Vec::new());
        for command in &self.commands {
            let shown = format!("plimsoll {}", command.join(" ").replace('\n', "\\n"));
            let output = Command::cargo_bin("plimsoll")
                .expect("the program was built")
                .current_dir(project.path())
                .args(["--color", "never"])
                .args(command)
                .env("COLUMNS", "120")
                .timeout(Duration::from_mins(1))
                .output()
                .expect("the program runs");
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
            let code = if self.fails { 2 } else { 0 };
            if output.status.code() != Some(code) {
                wrong.push(format!("{shown}: {}, not {code}", output.status));
            }
            let (data, silent) = if self.fails { (&stderr, &stdout) } else { (&stdout, &stderr) };
            if !silent.is_empty() {
                wrong.push(format!("{shown}: the other stream holds\n{silent}"));
            }
            if self.fails || self.commands.len() > 1 {
                let mark = if self.fails { "$" } else { "#" };
                transcript.extend([mark, " ", &*shown, "\n"]);
            }
            transcript.push_str(data);
            if self.fails {
                transcript.push('\n');
            }
            wrong.extend(self.disagreement(command, data).map(|what| format!("{shown}: {what}")));
        }
        (transcript, wrong)
    }

    /// How the library's end differs from that of the program, if it does.
    fn disagreement(&self, command: &[String], data: &str) -> Option<String> {
        match self.in_memory(command)? {
            Ok(rendered) if self.fails => Some(format!("accepted:\n{}", rendered.to_yaml())),
            Ok(rendered) => (rendered.to_yaml() != data).then(|| "other bytes".to_owned()),
            Err(found) if !self.fails => Some(found.to_string()),
            Err(found) => found
                .iter()
                .map(|one| format!("{}[{}]: ", one.severity().as_str(), one.code()))
                .find(|head| !data.contains(head.as_str()))
                .map(|head| format!("the program does not say {head}")),
        }
    }

    /// The same through the library; `None` for commands that are no matter of it.
    fn in_memory(&self, command: &[String]) -> Option<Result<Rendered, Diagnostics>> {
        let ["render", target, rest @ ..] =
            &command.iter().map(String::as_str).collect::<Vec<_>>()[..]
        else {
            return None;
        };
        let source = self.files.iter().fold(MemorySource::new(), |source, (path, text)| {
            source.with(path, text.as_str()).expect("a path")
        });
        let mut request = Request::new(*target);
        let mut flags = Vec::new();
        for pair in rest.chunks(2) {
            match *pair {
                ["-f", name] => {
                    request = request.with_layer(Layer::text(name, self.files.get(name)?.as_str()));
                }
                ["--set", text] => flags.push(Layer::set(text)),
                ["--set-string", text] => flags.push(Layer::set_string(text)),
                ["--set-json", text] => flags.push(Layer::set_json(text)),
                ["--secrets", "placeholder"] => {
                    request = request.with_secrets(Secrets::Placeholder);
                }
                _ => return None,
            }
        }
        let request = flags.into_iter().fold(request, Request::with_layer);
        Some(render(&source, &request))
    }
}

/// A command: a text is split at blanks, a list is taken as it is.
fn words(command: &Value) -> Vec<String> {
    if let Some(words) = command.as_sequence() {
        return words.iter().map(|w| w.as_str().expect("a word").to_owned()).collect();
    }
    let text = command.as_str().expect("a command is a text or a list");
    text.split_whitespace().map(str::to_owned).collect()
}

/// Every file below a folder by its path from there.
fn files(folder: &Path) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        if path.is_dir() {
            all.extend(
                files(&path).into_iter().map(|(path, text)| (format!("{name}/{path}"), text)),
            );
        } else {
            all.insert(name, fs::read_to_string(&path).expect("a file is text"));
        }
    }
    all
}

#[test]
fn every_case_prints_what_is_recorded() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let write = std::env::var("PLIMSOLL_CASES").is_ok_and(|value| value == "write");
    assert!(!write || std::env::var_os("CI").is_none(), "nothing is recorded with CI set");
    let base = files(&root.join("support/web"));
    let mut folders: Vec<PathBuf> = fs::read_dir(root.join("cases"))
        .expect("the folder of cases")
        .map(|entry| entry.expect("a case").path())
        .collect();
    folders.sort();
    let cases: Vec<Case> = folders.iter().map(|folder| Case::read(folder, &base)).collect();
    assert!(cases.len() >= 40, "cases are missing, only {} are there", cases.len());
    let outcomes: Vec<(String, Vec<String>)> = std::thread::scope(|scope| {
        let run =
            |cases| scope.spawn(move || <[Case]>::iter(cases).map(Case::run).collect::<Vec<_>>());
        let threads: Vec<_> = cases.chunks(cases.len().div_ceil(4)).map(run).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("no panic")).collect()
    });
    let mut complaints = Vec::new();
    for (case, (transcript, wrong)) in cases.iter().zip(outcomes) {
        complaints.extend(wrong.into_iter().map(|what| format!("## {}\n{what}", case.name)));
        if write {
            fs::write(case.expected(), transcript).expect("the record is written");
            continue;
        }
        let expected = fs::read_to_string(case.expected()).expect("the record");
        if expected != transcript {
            let name = &case.name;
            complaints.push(format!("## {name}\nrecorded:\n{expected}\nprinted:\n{transcript}"));
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}
