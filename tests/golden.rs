//! `plimsoll golden` and `plimsoll diff` on a project of their own.
#![expect(clippy::disallowed_methods, reason = "tests write projects and look at files")]
#![expect(clippy::print_stderr, reason = "a skipped test says so")]

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use tempfile::TempDir;

const FILES: [(&str, &str); 5] = [
    (
        "plimsoll.yaml",
        "apiVersion: plimsoll.dev/v1\nkind: Project\nreleases:\n- name: shop/prod\n  chart: shop\n  namespace: shop\n  layers: [values/prod.yaml]\n",
    ),
    (
        "charts/shop/chart.yaml",
        "apiVersion: plimsoll.dev/v1\nkind: Chart\nname: shop\nversion: 1.0.0\ncomponents:\n  db: {enabled: values.withDb}\n  web: {needs: [{name: db, optional: true}]}\n",
    ),
    (
        "schemas/shop/chart.yaml",
        "type: object\nproperties:\n  withDb: {type: boolean, default: true}\n",
    ),
    (
        "schemas/shop/web.yaml",
        "type: object\nrequired: [password]\nproperties:\n  replicas: {type: integer, default: 1}\n  tag: {type: string, default: '1.0'}\n  password: {type: string, writeOnly: true}\n",
    ),
    (
        "charts/shop/web/deployment.yaml.j2",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\nspec:\n  replicas: {{ values.replicas }}\n  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    spec:\n      containers:\n        - name: web\n          image: web:{{ values.tag }}\n          env: [{name: PW, value: {{ values.password }}}]\n        - name: log\n          image: log:1\n",
    ),
];

const DB: &str = "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: db, namespace: shop}\nspec: {serviceName: db, replicas: 1, selector: {matchLabels: {app: db}}, template: {metadata: {labels: {app: db}}, spec: {containers: [{name: db, image: 'db:1'}]}}}\n";

fn project() -> TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    for (path, text) in FILES {
        put(dir.path(), path, text);
    }
    put(dir.path(), "charts/shop/db/stateful-set.yaml", DB);
    put(dir.path(), "values/prod.yaml", "# production\nweb:\n  replicas: 3\n");
    dir
}

fn put(root: &Path, path: &str, text: &str) {
    let file = root.join(path);
    fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
    fs::write(file, text).expect("a file");
}

fn edit(root: &Path, path: &str, from: &str, to: &str) {
    let text = fs::read_to_string(root.join(path)).expect("a file");
    assert!(text.contains(from), "{path} holds {from}");
    put(root, path, &text.replace(from, to));
}

fn run_with(
    root: &Path,
    args: &[&str],
    stdin: &str,
    ci: Option<&str>,
) -> (Option<i32>, String, String) {
    let mut command = Command::cargo_bin("plimsoll").expect("the program was built");
    command.env_remove("CI").env("NO_COLOR", "1").current_dir(root).args(args).write_stdin(stdin);
    if let Some(ci) = ci {
        command.env("CI", ci);
    }
    let output = command.output().expect("the program runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

fn run(root: &Path, args: &[&str]) -> (Option<i32>, String, String) {
    run_with(root, args, "", None)
}

fn accepted() -> TempDir {
    let dir = project();
    let (code, _, stderr) = run(dir.path(), &["golden", "accept"]);
    assert_eq!(code, Some(0), "{stderr}");
    dir
}

#[test]
fn what_was_accepted_is_equal() {
    let dir = accepted();
    let (code, stdout, stderr) = run(dir.path(), &["diff"]);
    assert_eq!(
        (code, stdout.as_str(), stderr.as_str()),
        (Some(0), "", "1 release, 2 objects: 2 equal\n")
    );
    let (code, stdout, _) = run(dir.path(), &["golden", "list"]);
    assert_eq!(code, Some(0));
    assert_eq!(stdout, "equal     golden/shop/prod/db.yaml\nequal     golden/shop/prod/web.yaml\n");
    let golden =
        fs::read_to_string(dir.path().join("golden/shop/prod/web.yaml")).expect("a golden");
    assert!(golden.contains("<secret:web.password>"), "{golden}");
}

#[test]
fn a_changed_value_is_told_with_its_line() {
    let dir = accepted();
    edit(dir.path(), "values/prod.yaml", "replicas: 3", "replicas: 5");
    let (code, stdout, stderr) = run(dir.path(), &["diff"]);
    assert_eq!(code, Some(1), "{stderr}");
    assert_eq!(
        stdout,
        "shop/prod: 1 changed, 1 equal\n  ~ Deployment shop/web · web\n      spec.replicas: 3 → 5 · values/prod.yaml:3\n"
    );
    assert_eq!(run(dir.path(), &["golden", "list"]).0, Some(1));
}

#[test]
fn the_order_of_keys_changes_no_golden_and_that_of_containers_means_nothing() {
    let dir = accepted();
    let template = "charts/shop/web/deployment.yaml.j2";
    edit(dir.path(), template, "name: web, namespace: shop", "namespace: shop, name: web");
    assert_eq!(run(dir.path(), &["golden", "list"]).0, Some(0));
    let log = "        - name: log\n          image: log:1\n";
    edit(dir.path(), template, log, "");
    edit(dir.path(), template, "      containers:\n", &format!("      containers:\n{log}"));
    let (code, stdout, _) = run(dir.path(), &["diff"]);
    assert_eq!(code, Some(0));
    assert!(stdout.contains("= Deployment shop/web · web · only the order"), "{stdout}");
}

#[test]
fn what_goes_is_orphaned_and_told_as_a_risk() {
    let dir = accepted();
    edit(dir.path(), "values/prod.yaml", "web:", "withDb: false\nweb:");
    let (code, stdout, _) = run(dir.path(), &["diff"]);
    assert_eq!(code, Some(1));
    assert!(
        stdout.contains("- StatefulSet shop/db · db\n      ! risk.stateful-removed: "),
        "{stdout}"
    );
    let (code, _, stderr) = run(dir.path(), &["diff", "--deny", "risk.stateful-removed"]);
    assert_eq!(code, Some(1));
    assert!(stderr.contains("error[risk.stateful-removed]"), "{stderr}");
    let (_, stdout, _) = run(dir.path(), &["golden", "list"]);
    assert!(stdout.contains("orphaned  golden/shop/prod/db.yaml"), "{stdout}");
    run(dir.path(), &["golden", "accept"]);
    assert!(!dir.path().join("golden/shop/prod/db.yaml").exists());
    assert_eq!(run(dir.path(), &["diff"]).0, Some(0));
}

#[test]
fn a_missing_golden_fails_and_a_stray_one_is_listed() {
    let dir = project();
    let (code, stdout, _) = run(dir.path(), &["diff"]);
    assert_eq!(code, Some(1));
    assert!(stdout.starts_with("shop/prod: 2 added\n"), "{stdout}");
    run(dir.path(), &["golden", "accept"]);
    put(dir.path(), "golden/shop/old/web.yaml", DB);
    let (code, stdout, _) = run(dir.path(), &["golden", "list"]);
    assert_eq!(code, Some(1));
    assert!(stdout.contains("orphaned  golden/shop/old/web.yaml\n"), "{stdout}");
    run(dir.path(), &["golden", "accept"]);
    assert!(!dir.path().join("golden/shop/old").exists());
}

#[test]
fn a_review_asks_and_writes_what_was_accepted() {
    let dir = accepted();
    edit(dir.path(), "values/prod.yaml", "replicas: 3", "replicas: 5");
    edit(dir.path(), "charts/shop/db/stateful-set.yaml", "replicas: 1", "replicas: 2");
    let review = |answers: &str| run_with(dir.path(), &["golden", "review"], answers, None);
    let (code, stdout, stderr) = review("what\ns\nq\n");
    assert_eq!(
        (code, stderr.as_str()),
        (Some(1), "nothing was accepted\n2 files left as before\n")
    );
    assert!(stdout.contains("spec.replicas: 1 → 2 · "), "{stdout}");
    assert!(stdout.contains("1 of 2: golden/shop/prod/db.yaml (changed)"), "{stdout}");
    let (code, _, stderr) = review("a\n");
    assert_eq!(code, Some(1), "the end of the answers leaves the rest");
    assert_eq!(stderr, "golden/shop/prod: 1 file written\n1 file left as before\n");
    let (code, stdout, _) = review("l\n");
    assert_eq!(code, Some(0));
    assert!(stdout.contains("spec.replicas: 3 → 5 · values/prod.yaml:3"), "{stdout}");
    assert_eq!(run(dir.path(), &["golden", "list"]).0, Some(0));
    assert_eq!(run_with(dir.path(), &["golden", "review"], "", Some("true")).0, Some(2));
}

#[test]
fn a_machine_accepts_nothing() {
    let dir = project();
    let (code, _, stderr) = run_with(dir.path(), &["golden", "accept"], "", Some("true"));
    assert_eq!(code, Some(2));
    assert!(stderr.contains("error[golden.ci]"), "{stderr}");
    assert!(!dir.path().join("golden").exists());
}

#[test]
fn a_stream_is_compared_too() {
    let dir = project();
    let (_, stream, _) = run(dir.path(), &["render", "shop/prod", "--set", "web.password=hunter2"]);
    let (code, stdout, _) =
        run_with(dir.path(), &["diff", "shop/prod", "--against", "-"], &stream, None);
    assert_eq!((code, stdout.as_str()), (Some(0), ""), "a placeholder agrees with any secret");
    let other = stream.replace("image: web:1.0", "image: web:0.9");
    let (code, stdout, _) =
        run_with(dir.path(), &["diff", "shop/prod", "--against", "-"], &other, None);
    assert_eq!(code, Some(1));
    assert!(
        stdout.contains("containers[name=web].image: web:0.9 → web:1.0 · schemas/shop/web.yaml:5"),
        "{stdout}"
    );
    assert!(!stdout.contains("hunter2"), "{stdout}");
}

/// Runs git, which only these tests need; `None` where there is no git.
fn git(root: &Path, args: &[&str]) -> Option<()> {
    let identity = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main"];
    let mut command = std::process::Command::new("git");
    let done = command.current_dir(root).args(identity).args(args).output().ok()?;
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    Some(())
}

#[test]
fn a_revision_is_read_from_git_with_causes_on_both_sides() {
    let dir = project();
    let root = dir.path();
    let committed = ["init -q", "add .", "commit -qm one"]
        .iter()
        .try_for_each(|args| git(root, &args.split(' ').collect::<Vec<_>>()));
    if committed.is_none() {
        eprintln!("SKIPPED: there is no git");
        return;
    }
    let against = |revision: &str| run(root, &["diff", "--against", &format!("git:{revision}")]);
    assert_eq!(against("HEAD").0, Some(0));
    // The values are the same on both sides, so it is the template that made the difference.
    let template = "charts/shop/web/deployment.yaml.j2";
    edit(root, template, "values.replicas", "values.replicas * 2");
    let (_, stdout, _) = against("HEAD");
    assert!(stdout.contains(&format!("spec.replicas: 3 → 6 · {template}:5")), "{stdout}");
    edit(root, template, "values.replicas * 2", "values.replicas");
    edit(root, "values/prod.yaml", "replicas: 3", "replicas: 5");
    edit(root, "schemas/shop/web.yaml", "default: '1.0'", "default: '1.1'");
    let (code, stdout, stderr) = against("HEAD");
    assert_eq!(code, Some(1), "{stderr}");
    assert_eq!(
        stdout,
        "shop/prod: 1 changed, 1 equal\n  ~ Deployment shop/web · web\n      \
         spec.replicas: 3 → 5 · values/prod.yaml:3\n      \
         spec.template.spec.containers[name=web].image: web:1.0 → web:1.1 · schemas/shop/web.yaml:5\n"
    );
    // Flags say what would change, so they go on the new side only.
    let (_, stdout, _) = run(root, &["diff", "--against", "git:main", "--set", "web.replicas=3"]);
    assert!(!stdout.contains("replicas"), "{stdout}");
    edit(root, "plimsoll.yaml", "shop/prod", "shop/live");
    let (_, stdout, _) = against("HEAD");
    assert!(
        stdout.contains("shop/live: 2 added") && stdout.contains("shop/prod: 2 removed"),
        "{stdout}"
    );
    let (code, stdout, stderr) = against("nowhere");
    assert_eq!((code, stdout.as_str()), (Some(2), ""));
    assert!(stderr.contains("error[git.revision]: there is no revision `nowhere`"), "{stderr}");
    // A project deeper in the repository is found there too.
    let below = tempfile::tempdir().expect("a folder");
    for (path, text) in FILES {
        put(&below.path().join("deploy"), path, text);
    }
    put(&below.path().join("deploy"), "charts/shop/db/stateful-set.yaml", DB);
    put(&below.path().join("deploy"), "values/prod.yaml", "web: {replicas: 2}\n");
    for args in ["init -q", "add .", "commit -qm one"] {
        git(below.path(), &args.split(' ').collect::<Vec<_>>());
    }
    assert_eq!(run(&below.path().join("deploy"), &["diff", "--against", "git:HEAD"]).0, Some(0));
}

#[test]
fn two_files_are_compared_by_meaning() {
    let dir = project();
    put(dir.path(), "a/x.yaml", DB);
    put(dir.path(), "b/x.yaml", &DB.replace("replicas: 1", "replicas: 0"));
    put(
        dir.path(),
        "c/x.yaml",
        "kind: StatefulSet\napiVersion: apps/v1\nspec: {replicas: 1, template: {metadata: {labels: {app: db}}, spec: {containers: [{image: 'db:1', name: db}]}}, selector: {matchLabels: {app: db}}, serviceName: db}\nmetadata: {namespace: shop, name: db}\n",
    );
    let (code, stdout, stderr) = run(dir.path(), &["compare", "a", "c"]);
    assert_eq!((code, stdout.as_str(), stderr.as_str()), (Some(0), "", "1 object: equal\n"));
    let (code, stdout, _) = run(dir.path(), &["compare", "a/x.yaml", "b/x.yaml"]);
    assert_eq!(code, Some(1));
    assert_eq!(
        stdout,
        "a/x.yaml → b/x.yaml: 1 changed\n  ~ StatefulSet shop/db\n      ! risk.replicas-zero: no pod is left\n      \
         spec.replicas: 1 → 0\n"
    );
    assert_eq!(run(dir.path(), &["compare", "a", "nowhere"]).0, Some(2));
}

#[test]
fn git_shows_goldens_by_meaning() {
    let dir = accepted();
    let root = dir.path();
    if git(root, &["init", "-q"]).is_none() {
        eprintln!("SKIPPED: there is no git");
        return;
    }
    put(root, ".gitattributes", "/golden/** diff=plimsoll\n/notes.txt diff=plimsoll\n");
    put(root, "notes.txt", "one\n");
    let program = assert_cmd::cargo::cargo_bin("plimsoll");
    let driver = format!("'{}' git-diff", program.display());
    for args in [
        &["config", "diff.plimsoll.command", &driver][..],
        &["add", "."],
        &["commit", "-qm", "one"],
    ] {
        git(root, args);
    }
    edit(root, "golden/shop/prod/web.yaml", "replicas: 3", "replicas: 4");
    put(root, "notes.txt", "two\n");
    let output = std::process::Command::new("git")
        .current_dir(root)
        .args(["diff"])
        .output()
        .expect("git runs");
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "golden/shop/prod/web.yaml: 1 changed\n  ~ Deployment shop/web · web\n      spec.replicas: 3 → 4\n\
         --- a/notes.txt\n+++ b/notes.txt\n@@ -1 +1 @@\n-one\n+two\n"
    );
}

#[test]
fn every_shipped_release_is_as_accepted() {
    let (code, stdout, stderr) = run(Path::new(env!("CARGO_MANIFEST_DIR")), &["golden", "list"]);
    let open: Vec<&str> = stdout.lines().filter(|line| !line.starts_with("equal ")).collect();
    assert_eq!((code, open), (Some(0), Vec::new()), "see CONTRIBUTING on goldens; {stderr}");
    assert!(stdout.lines().count() > 400, "the goldens are there");
}
