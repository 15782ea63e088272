//! Template cases: sources and values in, the whole YAML stream or the error out.
//!
//! Each file under `tests/template_cases` is one case: `templates` (the first is the main one), `values`, and
//! either `want` or `error` (`code`, `line`, `template`, and `says`: a part of the finding as it is shown).
#![expect(clippy::disallowed_methods, reason = "tests read their own cases")]
#![expect(clippy::print_stdout, reason = "tests say what they skip")]

use std::path::Path;

use plimsoll::Diagnostics;
use plimsoll::template::Templates;
use serde_yaml::{Mapping, Value};

struct Case {
    name: String,
    templates: Mapping,
    values: Value,
    want: Option<String>,
    error: Option<Value>,
    /// Whether every byte counts, or only what a reader makes of it.
    exact: bool,
}

/// The documents as an independent reader sees them; as text, so that the order of keys counts. A very long key
/// is written with `? `; some cases write it without, which that reader refuses.
fn read_back(text: &str) -> Vec<String> {
    let documents: Option<Vec<String>> = serde_yaml::Deserializer::from_str(text)
        .map(|document| {
            let value = <Value as serde::Deserialize>::deserialize(document).ok()?;
            serde_json::to_string(&value).ok()
        })
        .collect();
    documents.unwrap_or_else(|| vec![text.to_owned()])
}

fn same(want: &str, got: &str) -> bool {
    read_back(want) == read_back(got) || want == got.replace("? ", "").replace("\n: ", ": ")
}

impl Case {
    fn render(&self) -> Result<String, Diagnostics> {
        let mut templates = Templates::new();
        let mut main = None;
        for (name, source) in &self.templates {
            let name = name.as_str().expect("a template has a name");
            main.get_or_insert(name);
            templates.add(name, source.as_str().expect("a template is text"))?;
        }
        templates.render(main.expect("a case has a template"), &self.values)
    }

    /// What is wrong with the outcome, if anything.
    fn complaint(&self) -> Option<String> {
        let outcome = self.render();
        match (&self.want, outcome) {
            (Some(want), Ok(got)) => {
                let same = if self.exact { *want == got } else { same(want, &got) };
                (!same).then(|| format!("wanted\n{want}\ngot\n{got}"))
            }
            (Some(_), Err(error)) => Some(format!("failed: {error}")),
            (None, Ok(got)) => Some(format!("wanted an error, got\n{got}")),
            (None, Err(error)) => self.wrong_error(&error),
        }
    }

    fn wrong_error(&self, error: &Diagnostics) -> Option<String> {
        let wanted = |key: &str| self.error.as_ref().and_then(|wanted| wanted.get(key));
        let first = error.iter().next()?;
        let shown = error.to_string();
        let main = self.templates.iter().next().and_then(|(name, _)| name.as_str());
        let template = wanted("template").and_then(Value::as_str).or(main);
        let place = first.span().and_then(|span| Some((span.name(), span.start()?.line as u64)));
        if place.is_none() {
            return Some(format!("the error has no place: {shown}"));
        }
        if let Some(line) = wanted("line").and_then(Value::as_u64)
            && place != template.map(|template| (template, line))
        {
            return Some(format!("wanted the error at {template:?} line {line}: {shown}"));
        }
        if let Some(code) = wanted("code").and_then(Value::as_str)
            && first.code() != code
        {
            return Some(format!("wanted the code {code}: {shown}"));
        }
        match wanted("says").and_then(Value::as_str) {
            Some(says) if !shown.contains(says) => Some(format!("wanted `{says}` in: {shown}")),
            _ => None,
        }
    }
}

fn read(name: String, value: &Value) -> Case {
    let templates = value.get("templates").and_then(Value::as_mapping).cloned();
    let values = value.get("values").cloned().unwrap_or(Value::Null);
    Case {
        templates: templates.expect("a case has templates"),
        values: if values.is_null() { Value::Mapping(Mapping::new()) } else { values },
        want: value.get("want").and_then(Value::as_str).map(str::to_owned),
        error: value.get("error").cloned(),
        exact: true,
        name,
    }
}

fn check(cases: &[Case]) {
    let complaints: Vec<String> = cases
        .iter()
        .filter_map(|case| Some(format!("## {}\n{}", case.name, case.complaint()?)))
        .collect();
    let (wrong, all) = (complaints.len(), cases.len());
    assert!(complaints.is_empty(), "{wrong} of {all} cases\n{}", complaints.join("\n"));
}

#[test]
fn our_cases() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/template_cases");
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .expect("the folder of cases")
        .map(|entry| entry.expect("a case").path())
        .collect();
    paths.sort();
    let cases: Vec<Case> = paths
        .iter()
        .map(|path| {
            let text = std::fs::read_to_string(path).expect("a case is text");
            let name = path.file_stem().expect("a case has a name").to_string_lossy().into_owned();
            let value =
                serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
            read(name, &value)
        })
        .collect();
    assert!(cases.len() >= 60, "cases are missing, only {} are there", cases.len());
    check(&cases);
}

#[test]
fn cases_from_elsewhere() {
    // A JSON list of cases whose values are YAML texts, for people who have more of them.
    let Ok(path) = std::env::var("PLIMSOLL_TEMPLATE_CASES") else {
        println!("skipped: PLIMSOLL_TEMPLATE_CASES names no file of further cases");
        return;
    };
    let text = std::fs::read_to_string(&path).expect("the file of further cases");
    let all: Vec<Value> = serde_json::from_str(&text).expect("the cases are JSON");
    let cases: Vec<Case> = all
        .iter()
        .map(|value| {
            let name = value.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
            let mut case = read(name, value);
            let values = case.values.as_str().expect("values are a text");
            case.values = serde_yaml::from_str(values).expect("values are YAML");
            case.exact = false;
            case
        })
        .collect();
    check(&cases);
}
