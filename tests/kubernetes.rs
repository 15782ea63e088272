//! Objects against the API of Kubernetes: what is wrong is found with its line, what is right is left alone.
//!
//! `kubernetes/objects` holds objects that are right, `kubernetes/broken.txt` what breaks them.
#![expect(clippy::disallowed_methods, reason = "tests read their own cases")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use plimsoll::{Diagnostic, Diagnostics, MemorySource, Rendered, Request, Severity, render};
use sha2::{Digest, Sha256};

/// The bundled versions.
const MINORS: std::ops::RangeInclusive<u32> = 25..=37;

const CHART: &str =
    "apiVersion: plimsoll.dev/v1\nkind: Chart\nname: web\nversion: 1.0.0\ncomponents: {app: {}}\n";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/kubernetes")
}

/// The right objects by the names of their files.
fn objects() -> BTreeMap<String, String> {
    let entries = fs::read_dir(folder().join("objects")).expect("a folder");
    let read = |path: PathBuf| {
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        (name, fs::read_to_string(path).expect("a text"))
    };
    entries.map(|entry| read(entry.expect("an entry").path())).collect()
}

fn renders(files: &[(&str, &str)], kubernetes: &str) -> Result<Rendered, Diagnostics> {
    let mut source = MemorySource::new().with("charts/web/chart.yaml", CHART).expect("a path");
    for (name, text) in files {
        let path = if name.contains('/') {
            (*name).to_owned()
        } else {
            format!("charts/web/app/{name}.yaml")
        };
        source = source.with(&path, *text).expect("a path");
    }
    render(&source, &Request::new("web").with_kubernetes(kubernetes))
}

/// Everything that is said, whether it stops the rendering or not.
fn findings(files: &[(&str, &str)], kubernetes: &str) -> Vec<Diagnostic> {
    match renders(files, kubernetes) {
        Ok(rendered) => rendered.warnings().iter().cloned().collect(),
        Err(found) => found.into_iter().collect(),
    }
}

/// The same without what is said about names that lead nowhere; these objects are alone.
fn api_findings(files: &[(&str, &str)], kubernetes: &str) -> Vec<Diagnostic> {
    let mut found = findings(files, kubernetes);
    found.retain(|one| !one.code().starts_with("reference."));
    found
}

#[test]
fn right_objects_are_left_alone_in_every_version() {
    let objects = objects();
    assert!(objects.len() >= 25, "{}", objects.len());
    let files: Vec<(&str, &str)> =
        objects.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    for minor in MINORS {
        let found = api_findings(&files, &format!("1.{minor}"));
        assert!(found.is_empty(), "1.{minor}: {found:#?}");
    }
}

/// One line of `broken.txt`.
struct Case<'a> {
    line: &'a str,
    version: &'a str,
    object: &'a str,
    /// The object as it was broken.
    text: String,
    /// The line of the finding, from 1.
    at: usize,
    /// Code, path and hint.
    expected: Vec<(&'a str, &'a str, &'a str)>,
}

impl<'a> Case<'a> {
    fn read(line: &'a str, objects: &BTreeMap<String, String>) -> Self {
        let (version, rest) = match line.strip_prefix('[') {
            Some(rest) => rest.split_once("] ").expect("a version"),
            None => ("1.34", line),
        };
        let (object, rest) = rest.split_once(": ").expect("an object");
        let (there, rest) = rest.split_once(" => ").expect("what stands there");
        let (instead, rest) = rest.split_once(" ! ").expect("a finding");
        let (wanted, at) = rest.split_once(" @ ").unwrap_or((rest, ""));
        let lines = |text: &str| text.replace("\\n", "\n");
        let (there, instead, at) = (lines(there), lines(instead), lines(at));
        let right = &objects[object];
        assert_eq!(right.matches(&there).count().min(1), 1, "nothing to break: {line}");
        let text = right.replacen(&there, &instead, 1);
        let begin = if at.is_empty() {
            let differs = right.bytes().zip(text.bytes()).position(|(a, b)| a != b);
            differs.unwrap_or(right.len().min(text.len()))
        } else {
            text.find(&at).expect("the place of the finding")
        };
        let expected = wanted
            .split(" & ")
            .map(|one| {
                let (one, hint) = one.split_once(" ? ").unwrap_or((one, ""));
                let (code, path) = one.split_once(' ').unwrap_or((one, ""));
                (code, path, hint)
            })
            .collect();
        let at = text[..begin].matches('\n').count() + 1;
        Self { line, version, object, text, at, expected }
    }

    /// What is not as it should be.
    fn complaint(&self, objects: &BTreeMap<String, String>) -> Option<String> {
        let mut files = vec![("object", self.text.as_str())];
        if self.object == "widget" {
            files.push(("definition", &objects["crd"]));
        }
        // Where the names of these objects lead is another matter.
        let wanted = |code: &str| {
            !code.starts_with("reference.") || self.expected.iter().any(|one| one.0 == code)
        };
        let mut found = findings(&files, self.version);
        found.retain(|one| wanted(one.code()));
        let is = |one: &Diagnostic, (code, path, hint): &(&str, &str, &str)| {
            let named = !code.starts_with("api.")
                || *code == "api.unknown-kind"
                || one.message().starts_with(&format!("`{path}` of `"));
            one.code() == *code && named && one.hints().join(" ").contains(hint)
        };
        let place = |one: &Diagnostic| {
            one.span().and_then(|span| Some((span.name().to_owned(), span.start()?.line)))
        };
        let first = found.iter().find(|one| is(one, &self.expected[0])).and_then(place);
        let wanted = ("charts/web/app/object.yaml".to_owned(), self.at);
        let all = self.expected.iter().all(|wanted| found.iter().any(|one| is(one, wanted)));
        let more = found.len() != self.expected.len();
        (!all || more || first.as_ref() != Some(&wanted)).then(|| {
            let said: Vec<String> = found.iter().map(ToString::to_string).collect();
            format!(
                "{}\n  line {} expected, {first:?}\n  {}",
                self.line,
                self.at,
                said.join("\n  ")
            )
        })
    }
}

#[test]
fn broken_objects_are_found_with_line_and_path() {
    let (objects, text) =
        (objects(), fs::read_to_string(folder().join("broken.txt")).expect("cases"));
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let cases: Vec<Case<'_>> = lines.map(|line| Case::read(line, &objects)).collect();
    assert!(cases.len() >= 250, "{}", cases.len());
    if let Ok(folder) = std::env::var("PLIMSOLL_BROKEN") {
        // For comparing with other validators.
        for (number, case) in cases.iter().enumerate() {
            let path = Path::new(&folder)
                .join(format!("{number:03}-{}-{}.yaml", case.version, case.object));
            fs::write(path, &case.text).expect("a broken object");
        }
    }
    let complaints: Vec<String> =
        cases.iter().filter_map(|case| case.complaint(&objects)).collect();
    assert!(
        complaints.is_empty(),
        "{} of {}:\n{}",
        complaints.len(),
        cases.len(),
        complaints.join("\n")
    );
}

#[test]
fn the_bundle_is_what_was_recorded() {
    let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("kubernetes");
    let bundle = fs::read(home.join("pool.zst")).expect("the bundle");
    let digest: String = Sha256::digest(&bundle).iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    });
    let readme = fs::read_to_string(home.join("README.md")).expect("the page");
    assert!(readme.contains(&format!("{digest}  pool.zst")), "{digest}");
}

#[test]
fn unknown_kinds_are_counted_and_named_once() {
    let gadget = |name: &str| {
        format!("apiVersion: example.org/v1\nkind: Gadget\nmetadata: {{name: {name}}}\n---\n")
    };
    let many: String = (0..20).map(|n| gadget(&format!("g{n}"))).collect();
    let found = api_findings(&[("many", &many)], "1.34");
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].severity(), Severity::Warning);
    let said = found[0].message();
    assert!(said.contains("20 objects are not checked: g0, g1, g2"), "{said}");
    assert!(said.ends_with("g11, and 8 more"), "{said}");
}

#[test]
fn definitions_of_a_project_lie_in_a_folder() {
    let objects = objects();
    let wrong = objects["widget"].replace("size: 3", "size: 30");
    let crd = &objects["crd"];
    let found = api_findings(&[("widget", &wrong), ("schemas/crds/example.org.yaml", crd)], "1.34");
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].code(), "api.bad-value");

    let found =
        api_findings(&[("widget", &wrong), ("schemas/crds/x.yaml", &objects["widget"])], "1.34");
    assert_eq!(found[0].code(), "api.definition", "{found:#?}");

    // Nobody reads the folder when nobody needs it.
    let found = api_findings(&[("pdb", &objects["pdb"]), ("schemas/crds/x.yaml", "a: [")], "1.34");
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn a_definition_without_fields_leaves_the_word_to_the_project() {
    let objects = objects();
    let crd = objects["crd"].as_str();
    let wrong = objects["widget"].replace("size: 3", "size: 30");
    let open = "\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.org}
spec:
  group: example.org
  scope: Namespaced
  names: {kind: Widget, plural: widgets}
  versions:
    - name: v1
      served: true
      storage: true
      schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
";
    let small = [("crd", open), ("widget", &wrong)];
    assert!(findings(&small, "1.34").is_empty());
    let found = findings(&[small[0], small[1], ("schemas/crds/full.yaml", crd)], "1.34");
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].code(), "api.bad-value");
    // A file about other kinds changes nothing.
    let other = crd.replace("Widget", "Gadget");
    assert!(
        findings(&[small[0], small[1], ("schemas/crds/other.yaml", &other)], "1.34").is_empty()
    );
    // What the release says itself goes before what the project keeps.
    let right = objects["widget"].as_str();
    let strict = crd.replace("maximum: 10", "maximum: 2");
    assert_ne!(crd, strict);
    let own = [("crd", crd), ("widget", right), ("schemas/crds/full.yaml", &strict)];
    assert!(findings(&own, "1.34").is_empty());
}

/// Of the projects whose definitions are published in a registry (`schemas/crds/README.md`).
#[test]
fn custom_resources_of_the_charts_have_their_definitions() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.join("golden")];
    let mut kinds = BTreeSet::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read_to_string(path).expect("a golden");
            for (line, next) in text.lines().zip(text.lines().skip(1)) {
                let group = line.strip_prefix("apiVersion: ").and_then(|of| of.split_once('/'));
                if let (Some((group, _)), Some(kind)) = (group, next.strip_prefix("kind: ")) {
                    kinds.insert((group.to_owned(), kind.to_lowercase()));
                }
            }
        }
    }
    let published = [
        "monitoring.coreos.com",
        "operator.victoriametrics.com",
        "opentelemetry.io",
        "cert-manager.io",
    ];
    kinds.retain(|(group, _)| published.contains(&group.as_str()));
    assert!(kinds.len() >= 12, "{kinds:?}");
    for (group, kind) in kinds {
        let file = root.join(format!("schemas/crds/{group}_{kind}.yaml"));
        assert!(
            file.is_file(),
            "{} is missing: list its kind in schemas/crds/fetch",
            file.display()
        );
    }
}

#[test]
fn rules_in_cel_are_reported_as_not_evaluated() {
    let objects = objects();
    let rules = "required: [size]\n              x-kubernetes-validations: [{rule: self.size > 2}]";
    let crd = objects["crd"].replacen("required: [size]", rules, 1);
    let found = api_findings(&[("widget", &objects["widget"]), ("crd", &crd)], "1.34");
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].code(), "api.rules-not-evaluated");
}

#[test]
fn versions_that_are_not_bundled_take_the_nearest() {
    let objects = objects();
    let right = ("configmap", objects["configmap"].as_str());
    for (asked, taken) in [("1.20", "1.25"), ("1.99", "1.37"), ("v1.38.2", "1.37"), ("2.0", "1.37")]
    {
        let found = api_findings(&[right], asked);
        assert_eq!(found.len(), 1, "{found:#?}");
        assert_eq!(found[0].code(), "api.version");
        assert!(found[0].message().contains(&format!("of {taken}")), "{}", found[0]);
    }
    let old = objects["pdb"].replace("policy/v1", "policy/v1beta1");
    let codes: Vec<&str> =
        api_findings(&[("pdb", &old)], "1.24").iter().map(Diagnostic::code).collect();
    assert_eq!(codes, ["api.version", "api.deprecated", "api.unknown-kind"]);
}

#[test]
fn values_of_secrets_are_not_repeated() {
    let objects = objects();
    let wrong = objects["secret"].replace("aHVudGVyMg==", "hunter two");
    let found = api_findings(&[("secret", &wrong)], "1.34");
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(!found[0].to_string().contains("hunter"), "{}", found[0]);
}

#[test]
fn nothing_is_checked_when_nobody_wants_it() {
    let source = MemorySource::new()
        .with("charts/web/chart.yaml", CHART)
        .and_then(|s| {
            s.with(
                "charts/web/app/a.yaml",
                "apiVersion: apps/v9\nkind: X\nmetadata: {name: x}\nspec: 1\n",
            )
        })
        .expect("paths");
    let request = Request::new("web");
    assert!(render(&source, &request).is_err());
    let rendered = render(&source, &request.with_validation(false)).expect("it renders");
    assert!(rendered.warnings().is_empty());
}
