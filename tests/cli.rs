//! The program from outside: what goes to standard output, what to standard error, and the exit code.

use assert_cmd::Command;

fn plimsoll() -> Command {
    let mut command = Command::cargo_bin("plimsoll").expect("the program was built");
    command.args(["-C", env!("CARGO_MANIFEST_DIR"), "--color", "never"]);
    command
}

/// Runs the program: exit code, standard output, standard error.
fn run(args: &[&str]) -> (Option<i32>, String, String) {
    let output = plimsoll().args(args).output().expect("the program runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn render_prints_the_stream_and_nothing_else() {
    let (code, stdout, stderr) = run(&["render", "pulsar/seed-exact", "--secrets", "placeholder"]);
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    assert_eq!(stdout.matches("---\n").count(), 49);
    assert!(stdout.contains("<secret:grafana.adminPassword>"));
}

#[test]
fn missing_secrets_leave_standard_output_empty() {
    let (code, stdout, stderr) = run(&["render", "pulsar/seed-exact"]);
    assert_eq!((code, stdout.as_str()), (Some(2), ""));
    assert!(stderr.contains("grafana.adminPassword") && stderr.contains("--set-file"), "{stderr}");
}

#[test]
fn set_flags_are_read_left_to_right() {
    let args = ["values", "k8s-combat/dev", "--set", "replicas=2", "--set-json", "replicas=3"];
    assert!(run(&args).1.contains("replicas: 3"));
    let args = ["values", "k8s-combat/dev", "--set-json", "replicas=3", "--set", "replicas=2"];
    assert!(run(&args).1.contains("replicas: 2"));
}

#[test]
fn an_unknown_order_is_named() {
    let (code, stdout, stderr) = run(&["render", "k8s-combat/dev", "--order", "cli-util"]);
    assert_eq!((code, stdout.as_str()), (Some(2), ""));
    assert!(stderr.contains("did you mean `cli-utils`?"), "{stderr}");
}

#[test]
fn an_unknown_release_is_named() {
    let (code, stdout, stderr) = run(&["render", "k8s-combat/deb"]);
    assert_eq!((code, stdout.as_str()), (Some(2), ""));
    assert!(stderr.contains("did you mean `k8s-combat/dev`?"), "{stderr}");
}

#[test]
fn filters_keep_what_they_name() {
    let base = ["render", "pulsar/seed-exact", "--secrets", "placeholder"];
    let count = |more: &[&str]| run(&[&base, more].concat()).1.matches("---\n").count();
    assert_eq!(count(&["--component", "zookeeper"]), 6);
    assert_eq!(count(&["--wave", "0"]), 1);
    assert_eq!(count(&["-s", "StatefulSet/pulsar-broker"]), 1);
    assert_eq!(run(&[&base[..], &["--component", "zokeeper"]].concat()).0, Some(2));
}

#[test]
fn json_is_one_list() {
    let (_, stdout, _) = run(&["render", "k8s-combat/production-ha", "-o", "json"]);
    let list: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(list["items"].as_array().map(Vec::len), Some(4));
}

#[test]
fn check_is_quiet_on_standard_output() {
    let (code, stdout, stderr) = run(&["check"]);
    assert_eq!((code, stdout.as_str()), (Some(0), ""));
    assert!(stderr.contains("0 findings"), "{stderr}");
}

#[test]
fn explain_names_the_layer_of_a_value() {
    let (code, stdout, _) = run(&["explain", "k8s-combat/dev", "port"]);
    assert_eq!(code, Some(0));
    assert!(stdout.contains("values/k8s-combat/dev.yaml:"), "{stdout}");
}

#[test]
fn explain_names_the_template_and_the_value_behind_a_field() {
    let field = "StatefulSet/pulsar-bookie:spec.replicas";
    let (code, stdout, _) =
        run(&["explain", "pulsar/seed-exact", field, "--set", "bookkeeper.replicas=5"]);
    assert_eq!(code, Some(0));
    assert!(stdout.contains("stateful-set.yaml.j2:"), "{stdout}");
    assert!(stdout.contains("bookkeeper.replicas") && stdout.contains("--set:1:"), "{stdout}");
}

#[test]
fn a_new_chart_renders_at_once() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let inside = |args: &[&str]| {
        Command::cargo_bin("plimsoll")
            .expect("the program was built")
            .current_dir(folder.path())
            .args(args)
            .output()
            .expect("the program runs")
    };
    assert!(inside(&["new", "chart", "shop"]).status.success());
    let output = inside(&["render", "shop/dev"]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("kind: Deployment"));
    assert!(!inside(&["new", "chart", "shop"]).status.success());
}

#[test]
fn a_repeated_rendering_gives_the_same_bytes() {
    let args = ["render", "pulsar/full", "--secrets", "placeholder"];
    let first = run(&args).1;
    assert!(!first.is_empty());
    for _ in 0..5 {
        assert_eq!(run(&args).1, first);
    }
}
