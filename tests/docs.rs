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

/// What a link to a section of a page says after `#`.
fn sections(page: &Path) -> BTreeSet<String> {
    let text = fs::read_to_string(page).expect("a page");
    let headings = text.lines().filter_map(|line| line.strip_prefix('#'));
    let letters = |heading: &str| {
        let heading = heading.trim_start_matches('#').trim().to_lowercase();
        let kept = heading.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        kept.map(|c| if c == ' ' { '-' } else { c }).collect()
    };
    headings.map(letters).collect()
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
            let (file, section) = target.split_once('#').unwrap_or((target, ""));
            // A pattern of a schema may look like a link, a path has only these characters.
            let is_path = |c: char| c.is_ascii_alphanumeric() || "./_-".contains(c);
            if target.is_empty() || !file.chars().all(is_path) {
                continue;
            }
            let path = if file.is_empty() {
                page.clone()
            } else {
                page.parent().expect("a folder").join(file)
            };
            if !path.exists() || !(section.is_empty() || sections(&path).contains(section)) {
                dead.push(format!("{}: {target}", page.display()));
            }
        }
    }
    assert!(dead.is_empty(), "{dead:#?}");
}

/// The file below `charts/`, `schemas/` or `values/` (or `plimsoll.yaml`) that a line of a page links to, the last one.
fn shipped_file(line: &str) -> Option<&str> {
    let targets = line.split("](../").skip(1).filter_map(|rest| rest.split(')').next());
    let shipped = |target: &&str| {
        *target == "plimsoll.yaml"
            || ["charts/", "schemas/", "values/"].iter().any(|start| target.starts_with(start))
    };
    targets.filter(shipped).last()
}

/// Why a text is no excerpt of a file: its lines must stand there in the same order, all moved by the same blanks;
/// `...` stands for any lines.
fn differs(excerpt: &[&str], file: &str) -> Option<String> {
    let lines: Vec<&str> = file.lines().collect();
    let first = excerpt.iter().find(|line| !line.trim().is_empty())?;
    let mut furthest = *first;
    for start in (0..lines.len()).filter(|&start| lines[start].trim() == first.trim()) {
        let Some(indent) = lines[start].strip_suffix(first) else { continue };
        let moved = |line: &str| {
            if line.is_empty() { String::new() } else { format!("{indent}{line}") }
        };
        let (mut at, mut gap) = (start, false);
        let missing = excerpt.iter().find(|line| {
            if line.trim() == "..." {
                gap = true;
                return false;
            }
            let end = if gap { lines.len() } else { (at + 1).min(lines.len()) };
            let found = (at..end).find(|&index| lines[index] == moved(line));
            gap = false;
            at = found.map_or(at, |found| found + 1);
            found.is_none()
        });
        match missing {
            None => return None,
            Some(line) => furthest = line,
        }
    }
    Some(furthest.to_owned())
}

/// Whether a block names its file in its first line.
fn is_file(block: &[&str]) -> bool {
    let first = block.first().copied().unwrap_or("");
    first.starts_with("# shop/") || first.starts_with("{# shop/")
}

/// What the guide shows of the shipped charts is what they say: in the page on modelling each block of YAML is an
/// excerpt of the file that was linked last, or a file of its own that `tests/guide.rs` writes and renders.
#[test]
fn excerpts_of_the_charts_are_true() {
    let page = fs::read_to_string(root().join("docs/authoring.md")).expect("the page");
    let (mut file, mut block, mut seen) = (None, None::<(usize, Vec<&str>)>, 0);
    let mut wrong = Vec::new();
    for (index, line) in page.lines().enumerate() {
        match (block.take(), line) {
            (Some((_, file)), "```") if is_file(&file) => {}
            (Some((start, excerpt)), "```") => {
                seen += 1;
                let name: &str = file.expect("an excerpt follows a link to its file");
                let text = fs::read_to_string(root().join(name)).expect("the file");
                if let Some(line) = differs(&excerpt, &text) {
                    wrong.push(format!("docs/authoring.md:{start}: not so in {name}: {line}"));
                }
            }
            (Some((start, mut excerpt)), _) => {
                excerpt.push(line);
                block = Some((start, excerpt));
            }
            (None, "```yaml") => block = Some((index + 1, Vec::new())),
            (None, _) => file = shipped_file(line).or(file),
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(seen > 20, "only {seen} excerpts");
}

#[test]
fn an_excerpt_is_held_to_every_line() {
    let file = "a:\n  b: 1\n  c:\n    d: 2\n\n  e: 3\n";
    assert_eq!(differs(&["b: 1", "c:", "  d: 2"], file), None);
    assert_eq!(differs(&["b: 1", "...", "e: 3"], file), None);
    assert_eq!(differs(&["  d: 2", "", "e: 3"], file), None);
    assert_eq!(differs(&["b: 1", "e: 3"], file).as_deref(), Some("e: 3"));
    assert_eq!(differs(&["b: 1", "    c:"], file).as_deref(), Some("    c:"));
    assert_eq!(differs(&["e: 3", "...", "b: 1"], file).as_deref(), Some("b: 1"));
}
