//! The forms in which `plimsoll diff` shows a comparison.
#![expect(clippy::disallowed_methods, reason = "tests write projects and run other programs")]
#![expect(clippy::print_stderr, reason = "a skipped test says so")]

#[path = "support/shop.rs"]
mod shop;

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;
use shop::{edit, project, put, run};
use tempfile::TempDir;

/// The project with its goldens accepted.
fn accepted() -> TempDir {
    let dir = project();
    let (code, _, stderr) = run(dir.path(), &["golden", "accept"]);
    assert_eq!(code, Some(0), "{stderr}");
    dir
}

/// Another image, option and text in both releases, other replicas in one; the database goes, a cache comes.
fn changed() -> TempDir {
    let dir = accepted();
    put(
        dir.path(),
        "values/base.yaml",
        "withDb: false\nwithCache: true\nweb:\n  tag: '1.1'\n  options: -Xms1g -Xmx4g\n  motd: |\n    hello\n    you\n",
    );
    edit(dir.path(), "values/prod.yaml", "replicas: 3", "replicas: 5");
    dir
}

fn view(root: &Path, form: &str) -> String {
    let (code, stdout, stderr) = run(root, &["diff", "-o", form]);
    assert_eq!(code, Some(1), "{stderr}");
    stdout
}

/// Feeds a patch to a program; `None` where there is no such program.
fn apply(root: &Path, program: &str, args: &[&str], patch: &str) -> Option<()> {
    let mut command = Command::new(program);
    let command = command.current_dir(root).args(args).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().ok()?;
    let mut stdin = child.stdin.take().expect("standard input");
    std::io::Write::write_all(&mut stdin, patch.as_bytes()).expect("the patch is read");
    drop(stdin);
    let output = child.wait_with_output().expect("the program ends");
    assert!(output.status.success(), "{}\n{patch}", String::from_utf8_lossy(&output.stdout));
    Some(())
}

#[test]
fn a_patch_accepts_what_is_rendered() {
    for (program, args) in [("patch", &["-p1", "-s"][..]), ("git", &["apply"])] {
        let dir = changed();
        let patch = view(dir.path(), "unified");
        assert!(patch.contains("--- a/golden/shop/prod/db.yaml\n+++ /dev/null\n"), "{patch}");
        assert!(patch.contains("--- /dev/null\n+++ b/golden/shop/test/cache.yaml\n"), "{patch}");
        if apply(dir.path(), program, args, &patch).is_none() {
            eprintln!("SKIPPED: there is no {program}");
            continue;
        }
        let (code, stdout, _) = run(dir.path(), &["diff", "-o", "unified"]);
        assert_eq!((code, stdout.as_str()), (Some(0), ""), "{program}");
        let (code, stdout, _) = run(dir.path(), &["golden", "list"]);
        assert_eq!(code, Some(0), "{stdout}");
    }
}

#[test]
fn the_document_follows_its_schema() {
    let dir = changed();
    let schema: Value = serde_json::from_str(include_str!("../docs/diff.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).expect("a legal schema");
    let document: Value = serde_json::from_str(&view(dir.path(), "json")).expect("JSON");
    let errors: Vec<String> = validator.iter_errors(&document).map(|e| e.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    let prod = &document["releases"][0];
    assert_eq!(
        prod["counts"],
        serde_json::json!({"changed": 3, "added": 1, "removed": 1, "reordered": 0, "equal": 0})
    );
    let find = |kind: &str, verdict: &str| {
        let objects = prod["objects"].as_array().expect("objects").iter();
        objects.clone().find(|o| o["id"]["kind"] == kind && o["verdict"] == verdict).expect("it")
    };
    let web = find("Deployment", "changed");
    let replicas =
        web["fields"].as_array().expect("fields").iter().find(|f| f["path"] == "spec.replicas");
    let expected = serde_json::json!({
        "path": "spec.replicas", "old": 3, "new": 5,
        "newCause": {"file": "values/prod.yaml", "line": 3, "column": 13, "value": "web.replicas"},
    });
    assert_eq!(replicas, Some(&expected));
    let edges = web["fields"].as_array().expect("fields").iter().find(|f| f.get("edges").is_some());
    assert_eq!(
        edges.expect("edges")["edges"],
        serde_json::json!({
            "added": ["/namespaces/shop/ConfigMap/cache"],
            "removed": ["apps/namespaces/shop/StatefulSet/db"],
        })
    );
    assert_eq!(find("StatefulSet", "removed")["risks"][0]["code"], "risk.stateful-removed");
    assert_eq!(find("ConfigMap", "added")["new"]["data"]["size"], "1Gi");
    // A document that is no diff is refused: the schema is not empty words.
    assert!(
        !validator.is_valid(&serde_json::json!({"apiVersion": "plimsoll.dev/v1", "kind": "Diff"}))
    );
    let (code, stdout, _) = run(accepted().path(), &["diff", "-o", "json"]);
    let document: Value = serde_json::from_str(&stdout).expect("JSON");
    assert_eq!((code, &document["differs"]), (Some(0), &Value::Bool(false)));
    assert!(validator.is_valid(&document));
}

#[test]
fn markdown_says_the_same_change_once_and_what_hurts_first() {
    let dir = changed();
    let text = view(dir.path(), "markdown");
    assert!(
        text.starts_with(
            "### plimsoll: 6 changed, 2 added, 2 removed in 2 of 2 releases · 2 risks\n"
        ),
        "{text}"
    );
    assert!(
        text.contains("| <code>shop/prod</code> | 3 | 1 | 1 | 0 | risk.stateful-removed |"),
        "{text}"
    );
    // Only the Deployments differ in another way.
    assert_eq!(text.matches("<details>").count(), 6, "{text}");
    let first = text.find("<details>").expect("a change");
    assert!(text[first..].starts_with("<details><summary>removed <code>StatefulSet db</code> · <code>db</code> in 2 releases · <b>risk.stateful-removed</b></summary>"), "{text}");
    assert!(text.contains("@@ spec.replicas · values/prod.yaml:3 @@\n- 3\n+ 5\n"), "{text}");
    assert!(
        text.contains("@@ applied after @@\n- apps/namespaces/shop/StatefulSet/db\n"),
        "{text}"
    );
}

#[test]
fn markdown_keeps_within_its_bytes() {
    let dir = changed();
    let whole = view(dir.path(), "markdown");
    for most in [0, 10, 60, 300, 500, 700, 1000, 1400, 2000, whole.len() - 1, whole.len()] {
        let (_, text, _) =
            run(dir.path(), &["diff", "-o", "markdown", "--max-bytes", &most.to_string()]);
        assert!(text.len() <= most, "{} > {most}: {text}", text.len());
        assert_eq!(text.matches("<details>").count(), text.matches("</details>").count());
        assert!(most < 700 || text == whole || text.contains("left out"), "{most}: {text}");
        assert!(most < 1400 || text.contains("risk.stateful-removed</b>"), "{most}: {text}");
    }
    let (code, stdout, stderr) = run(dir.path(), &["diff", "--max-bytes", "100"]);
    assert_eq!((code, stdout.as_str()), (Some(2), ""));
    assert!(stderr.contains("error[usage.max-bytes]"), "{stderr}");
}

#[test]
fn no_value_breaks_out() {
    let dir = accepted();
    let motd = "```\\n</details><script>alert(1)</script>\\n@everyone `````\\u202e &lt;\\e[31m";
    put(dir.path(), "values/base.yaml", &format!("web:\n  tag: '<b>@all|x'\n  motd: \"{motd}\"\n"));
    edit(dir.path(), "charts/shop/cache/config.yaml.j2", "name: cache", "name: a.b");
    let markdown = view(dir.path(), "markdown");
    // Whatever is foreign stands in a fence that is longer than any in the text, or is written by number.
    let mut fence: Option<&str> = None;
    for line in markdown.lines() {
        match fence {
            Some(open) if line == open => fence = None,
            Some(_) => {}
            None if line.starts_with("```") => fence = Some(line.trim_end_matches("diff")),
            None => assert!(!line.contains("script") && !line.contains('@'), "{line}"),
        }
    }
    assert_eq!(fence, None, "every fence is closed");
    let page = view(dir.path(), "html");
    assert!(!page.contains("<script") && page.contains("&lt;script&gt;"), "{page}");
    for outside in ["src=", "http://", "https://", "@import", "url("] {
        assert!(!page.contains(outside), "{outside}: the page loads something");
    }
    for text in [&markdown, &page, &view(dir.path(), "terminal")] {
        assert!(!text.contains(['\u{202e}', '\u{1b}']), "{text:?}");
    }
}

#[test]
fn the_page_links_to_what_it_holds() {
    let dir = changed();
    let page = view(dir.path(), "html");
    let links: Vec<&str> =
        page.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(links.len() >= 4, "{links:?}");
    for link in links {
        assert_eq!(page.matches(&format!("id=\"{link}\"")).count(), 1, "{link}");
    }
    assert!(page.contains("<mark>"), "words are marked");
    for element in ["div", "section", "details", "nav", "main", "span", "code", "p", "li"] {
        let opened = page.matches(&format!("<{element} ")).count()
            + page.matches(&format!("<{element}>")).count();
        assert_eq!(opened, page.matches(&format!("</{element}>")).count(), "{element}");
    }
}

#[test]
fn the_terminal_view_tells_the_story() {
    let dir = changed();
    assert_eq!(
        view(dir.path(), "terminal"),
        "\
shop/prod: 3 changed, 1 added, 1 removed
  + ConfigMap cache · cache
      also in shop/test
        + apiVersion: v1
        + kind: ConfigMap
        + metadata:
        +   name: cache
        +   namespace: shop
        +   labels:
        +     app.kubernetes.io/part-of: shop
        +     app.kubernetes.io/instance: shop-prod
        +     app.kubernetes.io/component: cache
        +     app.kubernetes.io/managed-by: plimsoll
        +   annotations:
        +     plimsoll.dev/component: cache
        +     plimsoll.dev/wave: \"0\"
        + data:
        +   size: 1Gi
  ~ Secret web · web
      also in shop/test
      applied after:
        - apps/namespaces/shop/StatefulSet/db
        + /namespaces/shop/ConfigMap/cache
  ~ ConfigMap web · web
      also in shop/test
      applied after:
        - apps/namespaces/shop/StatefulSet/db
        + /namespaces/shop/ConfigMap/cache
      data.motd: · values/base.yaml:7
        - hello (no line break at the end)
        + hello
        + you
  ~ Deployment shop/web · web
      applied after:
        - apps/namespaces/shop/StatefulSet/db
        + /namespaces/shop/ConfigMap/cache
      spec.replicas: 3 → 5 · values/prod.yaml:3
      spec.template.spec.containers[name=web].env[name=OPTIONS].value: -Xms1g -Xmx2g → -Xms1g -Xmx4g
        · values/base.yaml:5
      spec.template.spec.containers[name=web].image: web:1.0 → web:1.1 · values/base.yaml:4
  - StatefulSet db · db
      also in shop/test
      ! risk.stateful-removed: the pods of `db` go; its volume claims stay and nobody uses them
        - apiVersion: apps/v1
        - kind: StatefulSet
        - metadata:
        -   name: db
        -   annotations:
        -     plimsoll.dev/component: db
        -     plimsoll.dev/wave: \"0\"
        -   labels:
        -     app.kubernetes.io/component: db
        -     app.kubernetes.io/instance: shop-prod
        -     app.kubernetes.io/managed-by: plimsoll
        -     app.kubernetes.io/part-of: shop
        -   namespace: shop
        - spec:
        -   replicas: 1
        -   selector:
        … 11 more lines

shop/test: 3 changed, 1 added, 1 removed
  ~ Deployment test/web · web
      applied after:
        - apps/namespaces/test/StatefulSet/db
        + /namespaces/test/ConfigMap/cache
      spec.template.spec.containers[name=web].env[name=OPTIONS].value: -Xms1g -Xmx2g → -Xms1g -Xmx4g
        · values/base.yaml:5
      spec.template.spec.containers[name=web].image: web:1.0 → web:1.1 · values/base.yaml:4
  = 4 objects as in shop/prod
"
    );
}

#[test]
fn a_narrow_terminal_folds_lines() {
    let dir = changed();
    edit(
        dir.path(),
        "values/base.yaml",
        "-Xmx4g",
        &format!("-Xmx4g {}", "-Dplimsoll.test=true ".repeat(9)),
    );
    let mut command = assert_cmd::Command::cargo_bin("plimsoll").expect("the program was built");
    let output =
        command.current_dir(dir.path()).env("COLUMNS", "50").arg("diff").output().expect("it runs");
    let text = String::from_utf8_lossy(&output.stdout);
    let wide: Vec<&str> =
        text.lines().filter(|line| line.chars().count() > 50 && line.contains(' ')).collect();
    let is_name = |line: &&str| {
        line.trim_start().split(' ').all(|word| word.chars().count() > 20 || word.len() < 3)
    };
    let wide: Vec<&&str> = wide.iter().filter(|line| !is_name(line)).collect();
    assert!(wide.is_empty(), "{wide:#?}");
}
