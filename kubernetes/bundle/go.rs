//! What Kubernetes' Go types say and its schemas do not: the values of enumerations, and the life of each kind.
//!
//! The files are read line by line. They are made by formatters and generators, so a line has one shape only.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::{Kind, Outcome};

/// When a kind came, was deprecated and went, and what to use instead.
#[derive(Clone, Default)]
pub(crate) struct Lifecycle {
    pub(crate) introduced: Option<u32>,
    pub(crate) deprecated: Option<u32>,
    pub(crate) removed: Option<u32>,
    /// `apiVersion:Kind`.
    pub(crate) replacement: Option<String>,
}

/// The types of one version of `k8s.io/api`.
#[derive(Default)]
pub(crate) struct Types {
    pub(crate) lifecycles: BTreeMap<Kind, Lifecycle>,
    /// By package (`core/v1`) and type.
    structs: BTreeMap<(String, String), Vec<Field>>,
    enums: BTreeSet<(String, String)>,
    values: BTreeMap<(String, String), Vec<String>>,
    /// Enumerations of which not all values are known.
    partial: BTreeSet<(String, String)>,
}

struct Field {
    /// The name in JSON; empty for what is inlined.
    name: String,
    package: String,
    kind: String,
}

impl Types {
    pub(crate) fn read(root: &Path) -> Outcome<Self> {
        let mut types = Self::default();
        let mut packages = Vec::new();
        for group in folders(root)? {
            packages.extend(folders(&group)?);
        }
        for path in packages.iter().filter(|path| path.join("types.go").exists()) {
            let package = path.strip_prefix(root)?.to_string_lossy().into_owned();
            types.read_types(&package, &fs::read_to_string(path.join("types.go"))?);
        }
        for path in &packages {
            let package = path.strip_prefix(root)?.to_string_lossy().into_owned();
            let Ok(text) = fs::read_to_string(path.join("zz_generated.prerelease-lifecycle.go"))
            else {
                continue;
            };
            let register = fs::read_to_string(path.join("register.go"))?;
            let group = register
                .lines()
                .find_map(|line| line.strip_prefix("const GroupName = \"")?.strip_suffix('"'))
                .ok_or("a group without a name")?;
            types.read_lifecycles(&package, group, &text);
        }
        Ok(types)
    }

    /// The values that a field takes, if its type is an enumeration.
    pub(crate) fn values(&self, package: &str, kind: &str, field: &str) -> Option<&[String]> {
        let field = self.field(package, kind, field)?;
        let of = (field.package.clone(), field.kind.clone());
        let whole = self.enums.contains(&of) && !self.partial.contains(&of);
        whole.then(|| self.values.get(&of).map(Vec::as_slice))?
    }

    fn field(&self, package: &str, kind: &str, name: &str) -> Option<&Field> {
        let fields = self.structs.get(&(package.to_owned(), kind.to_owned()))?;
        fields.iter().find_map(|field| {
            if field.name.is_empty() {
                self.field(&field.package, &field.kind, name)
            } else {
                (field.name == name).then_some(field)
            }
        })
    }

    fn read_types(&mut self, package: &str, text: &str) {
        let mut imports: BTreeMap<&str, &str> = BTreeMap::new();
        let mut enumeration = false;
        let mut current: Option<(String, Vec<Field>)> = None;
        for line in text.lines().map(str::trim) {
            if let Some(path) = line.strip_suffix('"')
                && let Some((alias, path)) = path.split_once(" \"k8s.io/api/")
            {
                imports.insert(alias, path);
            } else if line.starts_with("//") {
                enumeration |= line == "// +enum" || line == "// +k8s:enum";
            } else if let Some((name, fields)) = &mut current {
                if line == "}" {
                    let fields = std::mem::take(fields);
                    self.structs.insert((package.to_owned(), name.clone()), fields);
                    current = None;
                } else if let Some(field) = field(package, &imports, line) {
                    fields.push(field);
                }
            } else {
                let words: Vec<&str> = line.split_whitespace().collect();
                match words.as_slice() {
                    ["type", name, "struct", "{"] => {
                        current = Some(((*name).to_owned(), Vec::new()));
                    }
                    ["type", name, "string"] if enumeration => {
                        self.enums.insert((package.to_owned(), (*name).to_owned()));
                    }
                    [_, kind, "=", value, ..] | ["const", _, kind, "=", value, ..]
                        if value.starts_with('"') =>
                    {
                        let values = self
                            .values
                            .entry((package.to_owned(), (*kind).to_owned()))
                            .or_default();
                        values.push(value.trim_matches('"').to_owned());
                    }
                    // `PathTypeExact = PathType("Exact")`
                    [_, "=", value] => {
                        if let Some((kind, value)) = value.split_once('(') {
                            let of = (package.to_owned(), kind.to_owned());
                            let literal =
                                value.strip_prefix('"').and_then(|v| v.strip_suffix("\")"));
                            match literal {
                                Some(value) => {
                                    self.values.entry(of).or_default().push(value.to_owned());
                                }
                                // The value stands in another package; half an enumeration is none.
                                None => {
                                    self.partial.insert(of);
                                }
                            }
                        }
                    }
                    _ => {}
                }
                enumeration = false;
            }
        }
    }

    fn read_lifecycles(&mut self, package: &str, group: &str, text: &str) {
        let version = package.rsplit('/').next().unwrap_or_default();
        let join = |group: &str, version: &str| {
            if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") }
        };
        let mut function: Option<(Kind, &str)> = None;
        for line in text.lines().map(str::trim) {
            if let Some(rest) = line.strip_prefix("func (in *")
                && let Some((kind, rest)) = rest.split_once(") APILifecycle")
            {
                let is_object =
                    self.field(package, kind, "metadata").is_some_and(|f| f.kind == "ObjectMeta");
                let name = rest.split('(').next().unwrap_or_default();
                function = is_object.then(|| ((join(group, version), kind.to_owned()), name));
            } else if let (Some((kind, name)), Some(value)) =
                (&function, line.strip_prefix("return "))
            {
                let lifecycle = self.lifecycles.entry(kind.clone()).or_default();
                let number = value.strip_prefix("1, ").and_then(|minor| minor.parse().ok());
                let quoted: Vec<&str> = value.split('"').skip(1).step_by(2).collect();
                match (*name, quoted.as_slice()) {
                    ("Introduced", _) => lifecycle.introduced = number,
                    ("Deprecated", _) => lifecycle.deprecated = number,
                    ("Removed", _) => lifecycle.removed = number,
                    ("Replacement", [group, version, kind]) => {
                        lifecycle.replacement = Some(format!("{}:{kind}", join(group, version)));
                    }
                    _ => {}
                }
            }
        }
    }
}

/// A line such as ``Protocol *v1.Protocol `json:"protocol,omitempty" protobuf:"…"` ``.
fn field(package: &str, imports: &BTreeMap<&str, &str>, line: &str) -> Option<Field> {
    let (declared, tags) = line.split_once('`')?;
    let name = tags.split_once("json:\"")?.1.split(['"', ',']).next()?;
    let kind = declared.split_whitespace().last()?.trim_start_matches(['*', '[', ']']);
    let (package, kind) = match kind.split_once('.') {
        Some((alias, kind)) => (imports.get(alias).copied().unwrap_or(alias), kind),
        None => (package, kind),
    };
    Some(Field { name: name.to_owned(), package: package.to_owned(), kind: kind.to_owned() })
}

fn folders(root: &Path) -> Outcome<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(root)? {
        let path = entry?.path();
        if path.is_dir() {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
