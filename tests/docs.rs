//! The user guide says what is so: every diagnostic code is described, every described code exists, and every link
//! between its pages leads somewhere.
#![expect(clippy::disallowed_methods, reason = "tests read the repository")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn files(dir: &Path, extension: &str, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(dir).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files(&path, extension, found);
        } else if path.extension().is_some_and(|found| found == extension) {
            found.push(path);
        }
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The areas that `docs/errors.md` knows; a new one is found by its first code being listed there.
fn described() -> BTreeSet<String> {
    let page = fs::read_to_string(root().join("docs/errors.md")).expect("the page");
    page.lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`'))
        .map(|(code, _)| code.to_owned())
        .collect()
}

/// The code at the start of a text, up to its closing quote.
fn code(text: &str) -> Option<&str> {
    let (code, _) = text.split_once('"')?;
    let (area, name) = code.split_once('.')?;
    let legal = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
    };
    (legal(area) && legal(name)).then_some(code)
}

#[test]
fn every_diagnostic_code_is_described() {
    let described = described();
    let areas: BTreeSet<&str> =
        described.iter().filter_map(|code| code.split('.').next()).collect();
    let mut sources = Vec::new();
    files(&root().join("src"), "rs", &mut sources);
    let (mut used, mut missing) = (BTreeSet::new(), Vec::new());
    for path in sources {
        let name = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or("").to_owned();
        if name.ends_with("tests") {
            continue;
        }
        let text = fs::read_to_string(&path).expect("a source file");
        let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or("");
        for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
            for found in line.match_indices('"').filter_map(|(at, _)| code(&line[at + 1..])) {
                let is_code = found.split('.').next().is_some_and(|area| areas.contains(area));
                if described.contains(found) {
                    used.insert(found.to_owned());
                } else if is_code
                    && (line.contains("::error(") || line.trim() == format!("\"{found}\","))
                {
                    missing.push(format!("{}: {found}", path.display()));
                }
            }
        }
    }
    assert!(missing.is_empty(), "not in docs/errors.md: {missing:#?}");
    let gone: Vec<_> = described.difference(&used).collect();
    assert!(gone.is_empty(), "in docs/errors.md, but nowhere in src: {gone:#?}");
}

#[test]
fn links_between_pages_lead_somewhere() {
    let mut pages = vec!["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"]
        .into_iter()
        .map(|page| root().join(page))
        .collect();
    files(&root().join("docs"), "md", &mut pages);
    let mut dead = Vec::new();
    for page in pages {
        let text = fs::read_to_string(&page).expect("a page");
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = target.split('#').next().unwrap_or("");
            // A pattern of a schema may look like a link, a path has only these characters.
            let is_path = |c: char| c.is_ascii_alphanumeric() || "./_-".contains(c);
            if file.is_empty() || !file.chars().all(is_path) {
                continue;
            }
            if !page.parent().expect("a folder").join(file).exists() {
                dead.push(format!("{}: {target}", page.display()));
            }
        }
    }
    assert!(dead.is_empty(), "{dead:#?}");
}
