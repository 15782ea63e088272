//! The program from outside: what goes to standard output, what to standard error, and the exit code.
#![expect(clippy::disallowed_methods, reason = "tests look at the files that were written")]

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
fn nothing_is_found_in_what_is_shipped() {
    let (code, stdout, stderr) = run(&["check", "--deny", "warnings"]);
    assert_eq!((code, stdout.as_str()), (Some(0), ""), "{stderr}");
    // What the examples want to be as they are is accepted by name, in plimsoll.yaml.
    assert!(stderr.contains(": 0 findings, "), "{stderr}");
    assert!(stderr.ends_with(" accepted\n"), "{stderr}");
}

#[test]
fn check_counts_and_is_quiet_on_standard_output() {
    let (code, stdout, stderr) = run(&["check", "k8s-combat/*"]);
    assert_eq!((code, stdout.as_str()), (Some(0), ""));
    assert_eq!(stderr, "checked 3 releases, 7 objects: 0 findings\n");
    let (code, stdout, stderr) = run(&["check", "k8s-combat/*", "--set", "replica=3"]);
    assert_eq!((code, stdout.as_str()), (Some(1), ""));
    let summary = "\nerror: 1 error\nchecked 3 releases (3 failed), 0 objects: 1 finding\n";
    assert!(stderr.ends_with(summary), "{stderr}");
}

#[test]
fn findings_as_json_are_one_array_whatever_the_number_of_releases() {
    for args in [
        &["render", "k8s-combat/*", "--format", "json"][..],
        &["render", "k8s-combat/*", "--format", "json", "--set", "replica=3"],
        &["render", "k8s-combat/*", "--format", "json", "--component", "nope"],
        &["check", "k8s-combat/*", "--format", "json"],
        &["render", "pulsar/*", "--format", "json"],
    ] {
        let stderr = run(args).2;
        let array: serde_json::Value = serde_json::from_str(&stderr).unwrap();
        assert!(array.is_array(), "{args:?}: {stderr}");
    }
}

#[test]
fn standard_input_is_read_once_for_all_releases() {
    let output = plimsoll()
        .args(["render", "k8s-combat/*", "-f", "-"])
        .write_stdin("replicas: 4\n")
        .output()
        .expect("the program runs");
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert_eq!(stdout.matches("replicas: 4\n").count(), 3, "{stdout}");
    assert!(run(&["render", "k8s-combat/dev", "-f", "-", "-f", "-"]).2.contains("given twice"));
}

#[test]
fn set_file_sets_values_to_what_files_hold() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let at = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    std::fs::write(at("a,b"), "first").unwrap();
    std::fs::write(at("c"), "second").unwrap();
    let flag = format!("name={},image.tag={}", at("a\\,b"), at("c"));
    let (code, stdout, stderr) = run(&["values", "k8s-combat/dev", "--set-file", &flag]);
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stdout.contains("name: first") && stdout.contains("tag: second"), "{stdout}");
}

#[test]
fn files_are_written_all_or_none() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let dir = folder.path().to_string_lossy().into_owned();
    let written = || {
        let mut names = Vec::new();
        let mut folders = vec![folder.path().to_owned()];
        while let Some(inside) = folders.pop() {
            for entry in std::fs::read_dir(inside).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() { folders.push(path) } else { names.push(path) }
            }
        }
        names.len()
    };
    let blocker = folder.path().join("k8s-combat/production-ha/ingress.yaml");
    std::fs::create_dir_all(&blocker).unwrap();
    let args = ["render", "k8s-combat/*", "--output-dir", &dir];
    assert_eq!(run(&args).0, Some(2));
    assert_eq!(written(), 0);
    std::fs::remove_dir(&blocker).unwrap();
    assert_eq!(run(&args).0, Some(0));
    assert_eq!(written(), 6);
}

#[test]
fn folders_are_laid_out_for_kubectl_and_kustomize() {
    let written = |order: &str| {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().to_str().unwrap().to_owned();
        let release = "prometheus/minimal";
        let args = ["--secrets", "placeholder", "--order", order, "--output-dir", &dir];
        let (code, _, stderr) = run(&[&["render", release], &args[..]].concat());
        let mut names: Vec<String> = stderr
            .lines()
            .filter_map(|line| line.strip_prefix(&format!("wrote {dir}/{release}/")))
            .map(str::to_owned)
            .collect();
        names.sort();
        let list = folder.path().join(release).join("kustomization.yaml");
        let list = std::fs::read_to_string(list).unwrap_or_default();
        if code == Some(0) {
            // What lies beside the objects is none of them.
            assert_eq!(run(&["compare", &dir, &dir]).0, Some(0));
        }
        (code, names, list, stderr)
    };
    let steps = [
        "00-namespaces/namespace.yaml",
        "01-definitions/crds.yaml",
        "03-wave-1/kube-state-metrics.yaml",
        "03-wave-1/node-exporter.yaml",
        "03-wave-1/prometheus-operator.yaml",
        "04-wave-2/alertmanager.yaml",
        "05-wave-3/prometheus.yaml",
        "06-wave-4/grafana.yaml",
    ];
    let (code, names, list, _) = written("kubectl");
    assert_eq!((code, names, list.as_str()), (Some(0), steps.map(str::to_owned).to_vec(), ""));
    let (code, mut names, list, _) = written("argocd,kustomize");
    assert_eq!(code, Some(0));
    assert!(
        list.contains("resources:\n- 00-namespaces\n- 01-definitions\n- 03-wave-1\n"),
        "{list}"
    );
    let lists = names.len();
    names.retain(|name| !name.ends_with("kustomization.yaml"));
    assert_eq!((names, lists), (steps.map(str::to_owned).to_vec(), steps.len() + 7));
    let (code, names, _, stderr) = written("flux,kustomize");
    assert_eq!((code, names), (Some(2), vec![]));
    assert!(stderr.contains("`flux` and `kustomize` lay out"), "{stderr}");
}

#[test]
fn names_given_by_flags_are_checked() {
    for (flag, name, code) in [
        ("--name", "../../etc", "project.release-name"),
        ("-n", "A B", "project.namespace"),
        ("--kube-version", "new", "project.version"),
    ] {
        let (exit, stdout, stderr) = run(&["render", "k8s-combat/dev", flag, name]);
        assert_eq!((exit, stdout.as_str()), (Some(2), ""));
        assert!(stderr.contains(code), "{stderr}");
    }
    let (exit, _, stderr) = run(&["render", "k8s-combat/*", "--name", "one"]);
    assert!(exit == Some(2) && stderr.contains("usage.name"), "{stderr}");
}

#[test]
fn habits_from_helm_are_answered() {
    let (code, _, stderr) = run(&["install", "web"]);
    assert!(code == Some(2) && stderr.contains("does not talk to clusters"), "{stderr}");
    let stderr = run(&["template", "web", "charts/k8s-combat"]).2;
    assert!(stderr.contains("`charts/k8s-combat --name web`"), "{stderr}");
    let habits = ["-n", "demo", "--name", "web", "--kube-version", "1.33", "--set", "replicas=2"];
    let (code, stdout, stderr) = run(&[&["template", "charts/k8s-combat"], &habits[..]].concat());
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stdout.contains("namespace: demo") && stdout.contains("instance: web"), "{stdout}");
}

#[test]
fn prose_is_folded_for_a_terminal_only() {
    let narrow = plimsoll().env("COLUMNS", "50").arg("render").output().expect("the program runs");
    let widest = |text: &str| text.lines().map(|line| line.chars().count()).max();
    assert!(widest(&String::from_utf8_lossy(&narrow.stderr)) <= Some(50));
    let piped = plimsoll().env_remove("COLUMNS").arg("render").output().expect("the program runs");
    assert!(widest(&String::from_utf8_lossy(&piped.stderr)) > Some(120));
}

#[test]
fn the_manual_has_a_page_for_each_command() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    assert_eq!(run(&["man", &folder.path().to_string_lossy()]).0, Some(0));
    for page in ["plimsoll.1", "plimsoll-render.1", "plimsoll-new-chart.1"] {
        let text = std::fs::read_to_string(folder.path().join(page)).unwrap();
        assert!(text.contains(".SH SYNOPSIS"), "{page}");
    }
}

#[test]
fn explain_names_the_layer_of_a_value() {
    let (code, stdout, _) = run(&["explain", "k8s-combat/dev", "port"]);
    assert_eq!(code, Some(0));
    assert!(stdout.contains("values/k8s-combat/dev.yaml:"), "{stdout}");
}

#[test]
fn explain_sees_through_needs_and_inputs() {
    let explained = |field: &str| {
        let (code, stdout, stderr) = run(&["explain", "hera/seed-exact", field]);
        assert_eq!(code, Some(0), "{stderr}");
        stdout
    };
    // An export of another component, which is a value.
    let stdout = explained("Job/hera-mysql-init:spec.template.spec.containers[0].env[0].value");
    assert!(stdout.contains("value    mysql.connection.url\n"), "{stdout}");
    // An input is an expression over several values.
    let stdout = explained("Deployment/alertmanager:spec.template.spec.containers[0].args[1]");
    assert!(stdout.contains("value    access.nodeHost\n"), "{stdout}");
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
fn a_repeated_rendering_gives_the_same_bytes() {
    let args = ["render", "pulsar/full", "--secrets", "placeholder"];
    let first = run(&args).1;
    assert!(!first.is_empty());
    for _ in 0..5 {
        assert_eq!(run(&args).1, first);
    }
}

/// Every command and every option of `--help` is described in the guide.
#[test]
fn the_guide_knows_every_option() {
    let page = std::fs::read_to_string("docs/cli.md").expect("the page");
    let help = |arguments: &[&str]| {
        let output = plimsoll().args(arguments).arg("--help").output().expect("the help");
        String::from_utf8(output.stdout).expect("text")
    };
    let commands = |text: &str| -> Vec<String> {
        let list = text.split("Commands:\n").nth(1).and_then(|rest| rest.split("\n\n").next());
        let names = list.unwrap_or_default().lines().filter(|line| !line.starts_with("    "));
        names.filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
    };
    let mut missing = Vec::new();
    let mut ways = commands(&help(&[]));
    ways.retain(|way| way != "help");
    assert!(ways.len() > 8, "{ways:?}");
    while let Some(name) = ways.pop() {
        let text = help(&name.split(' ').collect::<Vec<_>>());
        let below = commands(&text).into_iter().filter(|command| command != "help");
        ways.extend(below.map(|command| format!("{name} {command}")));
        if !page.contains(&format!("`{name}`")) && !page.contains(&format!("plimsoll {name}")) {
            missing.push(name.clone());
        }
        for line in text
            .lines()
            .map(str::trim_start)
            .filter(|line| line.starts_with('-') && !line.starts_with("- "))
        {
            let option = line
                .split([' ', ','])
                .find(|word| word.starts_with("--") && word.len() > 3)
                .expect("a long option");
            let known =
                ["`", " ", "]", "\n"].iter().any(|end| page.contains(&format!("{option}{end}")));
            if !known && option != "--help" {
                missing.push(format!("{name} {option}"));
            }
        }
    }
    assert!(missing.is_empty(), "not in docs/cli.md: {missing:#?}");
}

/// Whoever asked for JSON gets JSON, also where the command line itself is wrong.
#[test]
fn usage_errors_come_in_the_format_that_was_asked_for() {
    for args in [
        &["--format", "json", "rendr"][..],
        &["render", "--nope", "--format=json"],
        &["explain", "--format", "json"],
        &["--format", "json", "render", "x", "--secrets", "none"],
        &["--format", "json", "install"],
        &["--format", "json"],
    ] {
        let output = Command::cargo_bin("plimsoll").expect("the program was built");
        let output = { output }.args(args).output().expect("the program runs");
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert_eq!(String::from_utf8_lossy(&output.stdout), "", "{args:?}");
        let found: serde_json::Value =
            serde_json::from_slice(&output.stderr).expect("standard error is JSON");
        assert_eq!(found[0]["code"], "usage.command-line", "{args:?}");
        let message = found[0]["message"].as_str().expect("a message");
        assert!(!message.is_empty() && !message.contains('\n'), "{args:?}: {message}");
    }
    let (code, stdout, stderr) = run(&["rendr", "--format", "github"]);
    assert_eq!((code, stdout.as_str()), (Some(2), ""));
    assert!(stderr.starts_with("::error title=usage.command-line::"), "{stderr}");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    let (code, stdout, stderr) = run(&["--format", "json", "render", "--help"]);
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    assert!(stdout.contains("Usage:"), "{stdout}");
}
