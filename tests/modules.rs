//! The map of modules in ARCHITECTURE.md is true: nothing imports upwards, nothing is missing, no file is a novel.
#![expect(clippy::disallowed_methods, reason = "tests read the repository")]

use std::fs;
use std::path::{Path, PathBuf};

/// The library's modules from the ground up. A module imports from those before it only.
const ORDER: &[&str] = &[
    "span",
    "parallel",
    "ordered",
    "quantity",
    "diag",
    "source",
    "yaml",
    "fields",
    "template",
    "accept",
    "project",
    "chart",
    "schema",
    "values",
    "manifest",
    "api",
    "reference",
    "context",
    "rules",
    "order",
    "rendered",
    "request",
    "release",
    "behind",
    "render",
    "provenance",
    "explain",
    "graph",
    "cluster",
    "diff",
    "golden",
    "plan",
    "fuzzing",
    "lib",
    "cli",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(dir).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The modules of the library that a text names by `crate::`, each with its line.
fn imports(text: &str) -> Vec<(usize, String)> {
    let code = |line: &str| !line.trim_start().starts_with("//");
    let mut found = Vec::new();
    for (index, line) in text.lines().enumerate().filter(|(_, line)| code(line)) {
        for rest in line.split("crate::").skip(1) {
            let rest = rest.split(['}', ';']).next().unwrap_or("");
            // Of `crate::{a::B, C}` each first word counts, of `crate::a::B` the only one.
            for path in rest.trim_start_matches('{').split(", ") {
                let name: String =
                    path.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
                if !name.is_empty() && path[name.len()..].starts_with("::") {
                    found.push((index + 1, name));
                }
            }
        }
    }
    found
}

/// The module that a file of `src` belongs to.
fn module(path: &Path) -> String {
    let below = path.strip_prefix(root().join("src")).expect("a file of src");
    let first = below.iter().next().expect("a name").to_string_lossy();
    first.trim_end_matches(".rs").to_owned()
}

fn place(name: &str) -> usize {
    ORDER.iter().position(|known| *known == name).unwrap_or(usize::MAX)
}

#[test]
fn modules_import_from_below_only() {
    let mut files = Vec::new();
    sources(&root().join("src"), &mut files);
    let mut wrong = Vec::new();
    for path in files {
        let own = module(&path);
        if ["main", "lib", "cli"].contains(&own.as_str()) {
            continue;
        }
        assert!(place(&own) < ORDER.len(), "`{own}` is not in the order of modules");
        let text = fs::read_to_string(&path).expect("a source file");
        for (line, name) in imports(&text) {
            if place(&name) < ORDER.len() && place(&name) > place(&own) {
                wrong.push(format!("{}:{line}: `{own}` imports `{name}`", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn imports_are_found_wherever_they_stand() {
    let text = "use crate::yaml::Node;\n// crate::render::render\nfn f(a: crate::diag::Diagnostic) -> crate::Span {}\n\
        use crate::{Span, render::render};";
    let found: Vec<_> =
        imports(text).into_iter().map(|(line, name)| format!("{line} {name}")).collect();
    assert_eq!(found, ["1 yaml", "3 diag", "4 render"]);
}

#[test]
fn the_architecture_names_every_module_in_order() {
    let page = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("the page");
    let block =
        page.split("```text\n").find(|block| block.starts_with("span ")).expect("the order");
    let listed: Vec<&str> = block.split("```").next().unwrap_or("").split_whitespace().collect();
    let listed: Vec<&str> = listed.into_iter().filter(|word| *word != "|").collect();
    assert_eq!(listed, ORDER);
    for name in ORDER {
        assert!(page.contains(&format!("`{name}")), "{name} is not described");
    }
}

#[test]
fn no_file_is_longer_than_six_hundred_lines() {
    let mut files = Vec::new();
    for dir in ["src", "tests", "examples", "fuzz/src", "fuzz/fuzz_targets", "benches"] {
        if root().join(dir).is_dir() {
            sources(&root().join(dir), &mut files);
        }
    }
    assert!(files.len() > 50, "too few files found");
    for path in files {
        let lines = fs::read_to_string(&path).expect("a source file").lines().count();
        assert!(lines <= 600, "{} has {lines} lines; split it", path.display());
    }
}
