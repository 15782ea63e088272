//! What `plimsoll new` starts renders at once, and what people wrote stays as they wrote it.
#![expect(clippy::disallowed_methods, reason = "tests read what the program writes")]

use std::fs;
use std::path::Path;

use assert_cmd::Command;

/// Whether the command succeeded, its standard output, and its standard error.
fn plimsoll(folder: &Path, arguments: &str) -> (bool, String, String) {
    let output = Command::cargo_bin("plimsoll")
        .expect("the program was built")
        .current_dir(folder)
        .args(arguments.split(' '))
        .output()
        .expect("the program runs");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    (output.status.success(), text(output.stdout), text(output.stderr))
}

fn read(folder: &Path, path: &str) -> String {
    fs::read_to_string(folder.join(path)).expect("the file")
}

#[test]
fn a_chart_renders_at_once() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    assert!(plimsoll(folder.path(), "new chart shop").0);
    let (fine, objects, said) = plimsoll(folder.path(), "render shop/dev");
    assert!(fine, "{said}");
    assert!(
        objects.contains("kind: Deployment") && objects.contains("name: shop-app"),
        "{objects}"
    );
    let (fine, _, said) = plimsoll(folder.path(), "new chart shop");
    assert!(!fine && said.contains("new.exists"), "{said}");
}

#[test]
fn components_of_every_kind_render_at_once() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    assert!(plimsoll(folder.path(), "new chart shop web api").0);
    let kinds = ["Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob"];
    for kind in kinds {
        let name = kind.to_lowercase();
        let (fine, _, said) =
            plimsoll(folder.path(), &format!("new component shop a-{name} b-{name} --kind {name}"));
        assert!(fine, "{said}");
    }
    let (fine, objects, said) = plimsoll(folder.path(), "render shop/dev");
    assert!(fine, "{said}");
    for (kind, expected) in kinds.iter().zip([4, 2, 2, 2, 2]) {
        assert_eq!(objects.matches(&format!("\nkind: {kind}\n")).count(), expected, "{kind}");
    }
    let (fine, _, said) = plimsoll(folder.path(), "check --deny warnings");
    assert!(fine, "{said}");
}

#[test]
fn entries_are_added_to_what_people_wrote() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    assert!(plimsoll(folder.path(), "new chart shop web").0);
    let before = read(folder.path(), "charts/shop/chart.yaml");
    // Whoever lists a component first gets its files all the same.
    let listed = before.replace("  web: {}\n", "  web: {}\n  cache: {needs: [web]}\nrules: []\n");
    fs::write(folder.path().join("charts/shop/chart.yaml"), &listed).expect("a file");
    let (fine, _, said) = plimsoll(folder.path(), "new component shop cache queue");
    assert!(fine && said.contains("changed charts/shop/chart.yaml"), "{said}");
    assert_eq!(
        read(folder.path(), "charts/shop/chart.yaml"),
        before
            .replace("  web: {}\n", "  web: {}\n  cache: {needs: [web]}\n  queue: {}\nrules: []\n")
    );
    let (fine, _, said) = plimsoll(folder.path(), "new chart other");
    assert!(fine && said.contains("changed plimsoll.yaml"), "{said}");
    let (fine, _, said) = plimsoll(folder.path(), "check");
    assert!(fine && said.contains("checked 2 releases"), "{said}");
}

#[test]
fn what_cannot_be_added_is_told() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let chart = "apiVersion: plimsoll.dev/v1\nkind: Chart\nname: shop\nversion: 0.1.0\ncomponents: {web: {}}\n";
    fs::create_dir_all(folder.path().join("charts/shop")).expect("a folder");
    fs::write(folder.path().join("charts/shop/chart.yaml"), chart).expect("a file");
    let (fine, _, said) = plimsoll(folder.path(), "new component shop api queue");
    assert!(fine, "{said}");
    assert!(
        said.ends_with(
            "add this to `components:` in charts/shop/chart.yaml:\n  api: {}\n  queue: {}\n"
        ),
        "{said}"
    );
    assert_eq!(read(folder.path(), "charts/shop/chart.yaml"), chart);
}

#[test]
fn names_are_checked_before_anything_is_written() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (arguments, expected) in [
        ("new chart Shop", "`Shop` is no chart name"),
        ("new chart shop web Api", "`Api` is no component name"),
        ("new chart shop web web", "`web` is named twice"),
        ("new component shop web", "there is no chart `shop`"),
    ] {
        let (fine, _, said) = plimsoll(folder.path(), arguments);
        assert!(!fine && said.contains(expected), "{arguments}: {said}");
    }
    assert_eq!(fs::read_dir(folder.path()).expect("the folder").count(), 0);
}
