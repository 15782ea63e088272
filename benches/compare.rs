//! plimsoll against `helm template`, as whole processes: `cargo bench --bench compare`.
//!
//! The two take turns, so that whatever else the machine does hits both. A third process is the floor: it reads the
//! objects that plimsoll printed and writes them again with the same reader and emitter, and does nothing else.
//! Before anything is timed, the objects that the two print are compared. Environment: `HELM`, the program (the first
//! `helm` on the path that is no script); `RUNS`, how often each runs (25); `COMPONENTS`, sizes to measure (`4 30`).
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a program that measures programs"
)]

mod webapp;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs};

use serde_yaml::{Mapping, Value};

/// The floor has the allocator that the program has.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const PLIMSOLL: &str = env!("CARGO_BIN_EXE_plimsoll");
/// Says that this process is the floor; the file follows.
const FLOOR: &str = "--floor";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().collect();
    if let [_, flag, file] = arguments.as_slice()
        && flag == FLOOR
    {
        floor(Path::new(file));
        return ExitCode::SUCCESS;
    }
    let sizes = env::var("COMPONENTS").unwrap_or_else(|_| "4 30".to_owned());
    let runs = env::var("RUNS").ok().and_then(|runs| runs.parse().ok()).unwrap_or(25);
    let helm = helm();
    println!(
        "plimsoll {}, {}",
        env!("CARGO_PKG_VERSION"),
        match &helm {
            Some(helm) => format!("helm {} ({})", version(helm), helm.display()),
            None => "SKIPPED: helm, it is not on the path (HELM=… names it)".to_owned(),
        }
    );
    for size in sizes.split_whitespace() {
        measure(size.parse().expect("COMPONENTS holds numbers"), runs, helm.as_deref());
    }
    ExitCode::SUCCESS
}

fn measure(components: usize, runs: usize, helm: Option<&Path>) {
    let dir = tempfile::tempdir().expect("a folder for the charts");
    let input = webapp::write(dir.path(), components);
    let mut ours = Command::new(PLIMSOLL);
    ours.args(["render", "shop", "-C"]).arg(&input.project);
    let stream = output(&mut ours);
    let objects = objects(&stream);
    assert_eq!(objects.len(), components * webapp::OBJECTS);
    let file = dir.path().join("stream.yaml");
    fs::write(&file, &stream).expect("a file to write");
    let mut floor = Command::new(env::current_exe().expect("this program"));
    floor.arg(FLOOR).arg(&file);
    assert!(output(&mut floor) == stream.replacen("---\n", "", 1), "the floor writes other bytes");
    let mut subjects = vec![("plimsoll", ours), ("floor", floor)];
    if let Some(helm) = helm {
        let mut theirs = Command::new(helm);
        theirs.args(["template", "shop"]).arg(&input.chart);
        theirs.args(["--namespace", "shop", "--values"]).arg(&input.values);
        compare(&objects, &self::objects(&output(&mut theirs)));
        subjects.push(("helm", theirs));
    }
    println!("\n{} objects, {} bytes, {runs} runs", objects.len(), stream.len());
    let mut times = vec![Vec::with_capacity(runs); subjects.len()];
    for _ in 0..runs {
        for ((_, command), times) in subjects.iter_mut().zip(&mut times) {
            times.push(time(command));
        }
    }
    for times in &mut times {
        times.sort();
    }
    let milliseconds = |time: Duration| time.as_secs_f64() * 1e3;
    for ((name, _), own) in subjects.iter().zip(&times) {
        println!(
            "{name:>9}: median {:7.1} ms, min {:7.1} ms, {:5.1} and {:5.1} times plimsoll",
            milliseconds(own[runs / 2]),
            milliseconds(own[0]),
            own[runs / 2].as_secs_f64() / times[0][runs / 2].as_secs_f64(),
            own[0].as_secs_f64() / times[0][0].as_secs_f64(),
        );
    }
}

/// Reads a YAML stream and writes it again; a template without any tag is just that.
fn floor(file: &Path) {
    let text = fs::read_to_string(file).expect("the stream");
    let mut templates = plimsoll::template::Templates::new();
    templates.add("stream", text).expect("YAML");
    print!("{}", templates.render("stream", &()).expect("YAML"));
}

fn time(command: &mut Command) -> Duration {
    let start = Instant::now();
    let status = command.stdout(Stdio::null()).status().expect("it ran before");
    let time = start.elapsed();
    assert!(status.success());
    time
}

fn output(command: &mut Command) -> String {
    let output = command.output().expect("the program runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {errors}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// The objects of a stream by kind and name, read by a reader that is not ours.
fn objects(stream: &str) -> BTreeMap<String, Value> {
    let documents = serde_yaml::Deserializer::from_str(stream);
    let objects =
        documents.map(|document| serde::Deserialize::deserialize(document).expect("YAML"));
    let objects: Vec<Value> = objects.filter(|object: &Value| !object.is_null()).collect();
    let count = objects.len();
    let named: BTreeMap<String, Value> = objects.into_iter().map(named).collect();
    assert_eq!(named.len(), count, "two objects have the same kind and name");
    named
}

/// An object without the marks that tell who rendered it and in which order it is applied.
fn named(mut object: Value) -> (String, Value) {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let key = format!("{}/{}", text(&object["kind"]), text(&object["metadata"]["name"]));
    unmark(&mut object);
    (key, object)
}

fn unmark(value: &mut Value) {
    match value {
        Value::Mapping(map) => {
            map.remove("app.kubernetes.io/managed-by");
            map.remove("config.kubernetes.io/depends-on");
            map.retain(|key, _| !key.as_str().is_some_and(|key| key.starts_with("plimsoll.dev/")));
            map.values_mut().for_each(unmark);
            map.retain(|key, value| {
                key.as_str() != Some("annotations")
                    || value.as_mapping().is_some_and(|map| !Mapping::is_empty(map))
            });
        }
        Value::Sequence(items) => items.iter_mut().for_each(unmark),
        _ => {}
    }
}

fn compare(ours: &BTreeMap<String, Value>, theirs: &BTreeMap<String, Value>) {
    assert_eq!(ours.keys().collect::<Vec<_>>(), theirs.keys().collect::<Vec<_>>());
    for (key, object) in ours {
        assert_eq!(object, &theirs[key], "{key} differs");
    }
}

fn helm() -> Option<PathBuf> {
    if let Some(helm) = env::var_os("HELM") {
        return Some(helm.into());
    }
    // Version managers put scripts on the path that take longer than helm itself.
    let is_program = |path: &PathBuf| fs::read(path).is_ok_and(|bytes| !bytes.starts_with(b"#!"));
    env::split_paths(&env::var_os("PATH")?).map(|dir| dir.join("helm")).find(is_program)
}

fn version(helm: &Path) -> String {
    output(Command::new(helm).args(["version", "--template", "{{.Version}}"]))
}
