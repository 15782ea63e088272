//! Each shipped chart has a page, and what is generated for it is true: the picture of its components and the
//! reference of its values.
//!
//! `PLIMSOLL_DOCS=write` writes both anew (never with `CI` set).
#![expect(clippy::disallowed_methods, reason = "tests read the repository and write the guide")]

use std::fs;
use std::path::Path;

use plimsoll::graph::graph;
use plimsoll::{DirSource, Request, values_reference};

/// Each chart with the release that is drawn.
const DRAWN: [(&str, &str); 8] = [
    ("acp", "acp/production-ha"),
    ("aops", "aops/seed-exact"),
    ("hera", "hera/seed-exact"),
    ("k8s-combat", "k8s-combat/production-ha"),
    ("opentelemetry", "opentelemetry/demo"),
    ("prometheus", "prometheus/production-ha"),
    ("pulsar", "pulsar/full"),
    ("victoria-metrics", "victoria-metrics/stack"),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Compares a generated file, or writes it.
fn hold(path: &str, text: &str) -> Option<String> {
    let write = std::env::var("PLIMSOLL_DOCS").is_ok_and(|value| value == "write");
    assert!(!write || std::env::var_os("CI").is_none(), "nothing is written with CI set");
    let file = root().join(path);
    if write {
        fs::write(&file, text).expect("a file that can be written");
    }
    (fs::read_to_string(&file).ok().as_deref() != Some(text)).then(|| path.to_owned())
}

#[test]
fn generated_pages_and_pictures_are_true() {
    let source = DirSource::new(root()).expect("the repository");
    let mut stale = Vec::new();
    for (chart, release) in DRAWN {
        let drawn = graph(&source, &Request::new(release)).expect("a graph");
        stale.extend(hold(&format!("docs/systems/{chart}.svg"), &drawn.to_svg()));
        let values = values_reference(&source, chart).expect("a reference");
        stale.extend(hold(&format!("docs/systems/{chart}-values.md"), &values));
    }
    let how = "PLIMSOLL_DOCS=write cargo test --test systems";
    assert!(stale.is_empty(), "out of date: {stale:?}; `{how}` writes them anew");
}

#[test]
fn every_chart_has_a_page_that_shows_how_to_deploy_it() {
    let index = fs::read_to_string(root().join("docs/README.md")).expect("the index");
    for entry in fs::read_dir(root().join("charts")).expect("the charts") {
        let chart = entry.expect("an entry").file_name().to_string_lossy().into_owned();
        let release = DRAWN.iter().find(|(name, _)| *name == chart).expect("a release to draw").1;
        let page = format!("docs/systems/{chart}.md");
        let text = fs::read_to_string(root().join(&page)).expect("a page");
        let picture = format!("![The components of {release}]({chart}.svg)");
        for part in ["## Deploy it in three commands", &picture, &format!("({chart}-values.md)")] {
            assert!(text.contains(part), "{page} has no `{part}`");
        }
        assert!(index.contains(&format!("(systems/{chart}.md)")), "{page} is not in the index");
    }
}

#[test]
fn every_page_is_in_the_index() {
    let index = fs::read_to_string(root().join("docs/README.md")).expect("the index");
    for entry in fs::read_dir(root().join("docs")).expect("the guide") {
        let name = entry.expect("an entry").file_name().to_string_lossy().into_owned();
        if name.ends_with(".md") && name != "README.md" {
            assert!(index.contains(&format!("({name})")), "docs/{name} is not in the index");
        }
    }
}
