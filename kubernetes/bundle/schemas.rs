//! Definitions of all versions side by side: a field is written once, with the versions that have it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::go::Types;
use super::{Kind, Outcome};

/// What stands in front of the names of definitions and tells nobody anything.
const PREFIXES: [&str; 4] = [
    "io.k8s.api.",
    "io.k8s.apimachinery.pkg.apis.",
    "io.k8s.apiextensions-apiserver.pkg.apis.",
    "io.k8s.kube-aggregator.pkg.apis.",
];

/// Fields of one definition, by name, then by what is said of them; and the versions that say so.
pub(crate) type Fields = BTreeMap<String, BTreeMap<String, Vec<u32>>>;

#[derive(Default)]
pub(crate) struct Definitions {
    /// Each kind with its definition and the versions that serve it.
    pub(crate) kinds: BTreeMap<Kind, (String, Vec<u32>)>,
    pub(crate) all: BTreeMap<String, Fields>,
    /// The versions that have a definition.
    versions: BTreeMap<String, Vec<u32>>,
}

impl Definitions {
    pub(crate) fn add(&mut self, minor: u32, folder: &Path, types: &Types) -> Outcome<()> {
        let text = fs::read_to_string(folder.join("_definitions.json"))?;
        let document: Value = serde_json::from_str(&text)?;
        let known = document["$defs"].as_object().ok_or("no definitions")?;
        let mut queue = VecDeque::new();
        for (name, schema) in known {
            let metadata = schema["properties"]["metadata"]["$ref"].as_str().unwrap_or_default();
            if !metadata.ends_with(".ObjectMeta") {
                continue;
            }
            for kind in schema["x-kubernetes-group-version-kind"].as_array().into_iter().flatten() {
                let text = |key: &str| kind[key].as_str().unwrap_or_default();
                let version = match text("group") {
                    "" => text("version").to_owned(),
                    group => format!("{group}/{}", text("version")),
                };
                let kind = (version, text("kind").to_owned());
                let entry = self.kinds.entry(kind).or_default();
                entry.0 = short(name);
                entry.1.push(minor);
                queue.push_back(name.clone());
            }
        }
        let mut seen = BTreeSet::new();
        while let Some(name) = queue.pop_front() {
            if !seen.insert(name.clone()) {
                continue;
            }
            let schema = known.get(&name).ok_or("a reference to nothing")?;
            self.versions.entry(short(&name)).or_default().push(minor);
            let fields = self.all.entry(short(&name)).or_default();
            let package = short(&name);
            let (package, kind) = package.rsplit_once('.').ok_or("a name without a package")?;
            let required: Vec<&str> = schema["required"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .collect();
            for (field, schema) in schema["properties"].as_object().into_iter().flatten() {
                let values = types.values(&package.replace('.', "/"), kind, field);
                let must = if required.contains(&field.as_str()) { "!" } else { "" };
                let said = format!(
                    "{must} {}{}",
                    meaning(known, schema, values, &mut queue)?,
                    keys(schema)
                );
                fields.entry(field.clone()).or_default().entry(said).or_default().push(minor);
            }
        }
        Ok(())
    }

    pub(crate) fn write(&self, text: &mut String) -> Outcome<()> {
        for (name, fields) in &self.all {
            writeln!(text, "={name}")?;
            for (field, sayings) in fields {
                for (said, versions) in sayings {
                    write!(text, "{field}{said}")?;
                    if *versions != self.versions[name] {
                        let (first, last) = (versions[0], versions[versions.len() - 1]);
                        if versions.len() != (last - first + 1) as usize {
                            return Err(
                                format!("{name}.{field} comes and goes: {versions:?}").into()
                            );
                        }
                        write!(text, " {first}-{last}")?;
                    }
                    text.push('\n');
                }
            }
        }
        Ok(())
    }
}

fn short(name: &str) -> String {
    let name = name.trim_start_matches("#/$defs/");
    PREFIXES.iter().find_map(|prefix| name.strip_prefix(prefix)).unwrap_or(name).to_owned()
}

/// The type of a field in the words of `kubernetes/README.md`. Definitions that it leads to go into the queue.
fn meaning(
    known: &serde_json::Map<String, Value>,
    schema: &Value,
    values: Option<&[String]>,
    queue: &mut VecDeque<String>,
) -> Outcome<String> {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.trim_start_matches("#/$defs/");
        let target = known.get(name).ok_or("a reference to nothing")?;
        let last = name.rsplit('.').next().unwrap_or_default();
        return Ok(match last {
            "Quantity" => "quantity".to_owned(),
            "IntOrString" => "intOrString".to_owned(),
            _ if target.get("properties").is_some() => {
                queue.push_back(name.to_owned());
                format!("@{}", short(name))
            }
            _ if target.get("type").is_none() => "any".to_owned(),
            _ => meaning(known, target, None, queue)?,
        });
    }
    let kind = match &schema["type"] {
        Value::String(kind) => kind.as_str(),
        Value::Array(kinds) => {
            kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null").unwrap_or("")
        }
        _ => "",
    };
    Ok(match kind {
        "string" => match (schema["format"].as_str(), values) {
            (Some("byte"), _) => "bytes".to_owned(),
            (Some("date-time"), _) => "time".to_owned(),
            (Some(other), _) => return Err(format!("a text of the format {other}").into()),
            (None, Some(values)) if !values.is_empty() => format!("string|{}", values.join("|")),
            (None, _) => "string".to_owned(),
        },
        "integer" => schema["format"].as_str().unwrap_or("int64").to_owned(),
        "number" | "boolean" => kind.to_owned(),
        "array" => format!("[]{}", meaning(known, &schema["items"], values, queue)?),
        "object" => match &schema["additionalProperties"] {
            inner @ Value::Object(_) => format!("{{}}{}", meaning(known, inner, None, queue)?),
            _ => "object".to_owned(),
        },
        _ => return Err(format!("a schema without a type: {schema}").into()),
    })
}

/// By what the items of a list are told apart: ` ~name`, or ` ~` where an item is its own key.
fn keys(schema: &Value) -> String {
    match schema["x-kubernetes-list-type"].as_str() {
        Some("map") => {
            let keys = schema["x-kubernetes-list-map-keys"].as_array().into_iter().flatten();
            let keys: Vec<&str> = keys.filter_map(Value::as_str).collect();
            format!(" ~{}", keys.join(","))
        }
        Some("set") => " ~".to_owned(),
        _ => String::new(),
    }
}
