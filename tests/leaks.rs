//! A password given through a layer is found in no output but that of `render`.
#![expect(clippy::disallowed_methods, reason = "tests write projects and look at files")]

#[path = "support/shop.rs"]
mod shop;

use std::fs;
use std::path::Path;

use base64::Engine;
use sha2::{Digest, Sha256};
use shop::{edit, project, put, run, run_with};

const PASSWORD: &str = "corr3ct-h0rse";

/// The password as it is, in base64, in hexadecimal and its digest.
fn forms() -> [String; 4] {
    let hex = |bytes: &[u8]| {
        let pairs: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        pairs.concat()
    };
    [
        PASSWORD.to_owned(),
        base64::engine::general_purpose::STANDARD.encode(PASSWORD),
        hex(PASSWORD.as_bytes()),
        hex(&Sha256::digest(PASSWORD.as_bytes())),
    ]
}

fn assert_silent(what: &str, text: &str) {
    for form in forms() {
        assert!(!text.contains(&form), "{what} holds {form}:\n{text}");
    }
}

/// Runs a command and looks at both of its streams.
fn silent(root: &Path, args: &[&str], stdin: &str) -> (Option<i32>, String) {
    let (code, stdout, stderr) = run_with(root, args, stdin);
    assert_silent(&args.join(" "), &stdout);
    assert_silent(&args.join(" "), &stderr);
    (code, stdout)
}

const VIEWS: [&str; 5] = ["terminal", "unified", "json", "markdown", "html"];

fn with_layer() -> tempfile::TempDir {
    let dir = project();
    put(dir.path(), "secrets.yaml", &format!("web:\n  password: {PASSWORD}\n"));
    dir
}

/// The arguments with the layer that holds the password.
fn and_secrets<'a>(args: &[&'a str]) -> Vec<&'a str> {
    [args, &["-f", "secrets.yaml"]].concat()
}

#[test]
fn goldens_diffs_and_explanations_hold_no_secret() {
    let dir = with_layer();
    let root = dir.path();
    let (_, stream, _) = run(root, &and_secrets(&["render", "shop/prod"]));
    for form in [&forms()[0], &forms()[1], &forms()[3]] {
        assert!(stream.contains(form), "the test is worth something: {form}");
    }
    silent(root, &["golden", "accept"], "");
    for release in ["prod", "test"] {
        for file in fs::read_dir(root.join("golden/shop").join(release)).expect("goldens") {
            let path = file.expect("an entry").path();
            assert_silent("a golden", &fs::read_to_string(path).expect("a golden"));
        }
    }
    put(root, "values/base.yaml", "withCache: true\nweb: {tag: '2', motd: bye}\n");
    for view in VIEWS {
        assert_eq!(silent(root, &and_secrets(&["diff", "-o", view]), "").0, Some(1));
        let set = format!("web.password={PASSWORD}x");
        silent(root, &["diff", "-o", view, "--set", &set], "");
    }
    silent(root, &and_secrets(&["values", "shop/prod"]), "");
    silent(root, &and_secrets(&["explain", "shop/prod", "web.password"]), "");
    for field in [
        "Secret/web:data.password",
        "Deployment/web:spec.template.spec.containers[0].env[1].value",
        "Deployment/web:metadata.annotations.\"checksum/password\"",
        "ConfigMap/web:data.\"app.yaml\"",
    ] {
        let args = and_secrets(&["explain", "shop/prod", field]);
        assert_eq!(silent(root, &args, "").0, Some(0), "{field}");
    }
    for format in ["human", "short", "json", "github"] {
        silent(root, &and_secrets(&["check", "--format", format]), "");
    }
}

#[test]
fn a_stream_with_the_real_secret_is_not_shown() {
    let dir = with_layer();
    let root = dir.path();
    let (_, stream, _) = run(root, &and_secrets(&["render", "shop/prod"]));
    let other_image = stream.replace("web:1.0", "web:0.9");
    // An object that no longer is rendered repeats what is secret elsewhere.
    let name = "kind: Deployment\nmetadata:\n  name: ";
    assert!(stream.contains(&format!("{name}web")), "{stream}");
    let renamed = stream.replace(&format!("{name}web"), &format!("{name}old"));
    let extra = format!(
        "{stream}---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: x, namespace: shop}}\ndata:\n  a: '{}'\n  b: 'x={} y'\n",
        forms()[2],
        forms()[1],
    );
    for stream in [&other_image, &renamed, &extra] {
        for view in VIEWS {
            let args = and_secrets(&["diff", "shop/prod", "--against", "-", "-o", view]);
            assert_eq!(silent(root, &args, stream).0, Some(1), "{view}");
        }
    }
    let (_, stdout) = silent(root, &["diff", "shop/prod", "--against", "-"], &other_image);
    assert!(stdout.contains(".image: web:0.9 → web:1.0"), "{stdout}");
}

#[test]
fn findings_hold_no_secret() {
    for (path, from, to) in [
        // The value itself is wrong, then the template that uses it, then a rule about it.
        (
            "schemas/shop/web.yaml",
            "password: {type: string,",
            "password: {type: string, maxLength: 3,",
        ),
        (
            "schemas/shop/web.yaml",
            "password: {type: string,",
            "password: {type: string, pattern: '^x',",
        ),
        ("schemas/shop/web.yaml", "password: {type: string,", "password: {type: integer,"),
        ("schemas/shop/web.yaml", "password: {type: string,", "password: {enum: [a, b],"),
        (
            "charts/shop/web/secret.yaml.j2",
            "values.password | b64encode",
            "values.password | b64decode",
        ),
        ("charts/shop/web/secret.yaml.j2", "values.password | b64encode", "values.password + 1"),
        ("charts/shop/web/secret.yaml.j2", "name: web", "name: {{ values.password }}!"),
        ("charts/shop/web/secret.yaml.j2", "{password:", "{password: 1, password:"),
        ("secrets.yaml", "password:", "password: [1]\n  password:"),
        ("secrets.yaml", "password:", "passwort:"),
        ("plimsoll.yaml", "[values/base.yaml", "[secrets.yaml, values/base.yaml"),
    ] {
        let dir = with_layer();
        edit(dir.path(), path, from, to);
        for command in
            [&["render", "shop/prod"][..], &["check"], &["diff"], &["values", "shop/prod"]]
        {
            for format in ["human", "short", "json", "github"] {
                let args = and_secrets(&[command, &["--format", format]].concat());
                let (code, _, stderr) = run(dir.path(), &args);
                assert_silent(&format!("{path} with {to}, {args:?}"), &stderr);
                assert!(command[0] != "render" || code == Some(2), "{to} is an error: {stderr}");
            }
        }
    }
}
