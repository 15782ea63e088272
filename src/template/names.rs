//! Every name that a template may use, so that a message can say which one was meant.

use std::sync::Arc;

use minijinja::Value;

use crate::diag::{Diagnostic, nearest};

use super::closed::Declared;
use super::scan::{Scan, Tag, TagKind, TokenKind};
use super::tree::Mapping;

pub(super) const FILTERS: &[&str] = &[
    "abs",
    "attr",
    "b64decode",
    "b64encode",
    "batch",
    "bool",
    "capitalize",
    "chain",
    "cidr_size",
    "count",
    "d",
    "default",
    "dictsort",
    "dns_label",
    "first",
    "float",
    "format",
    "fromyaml",
    "groupby",
    "indent",
    "int",
    "ip",
    "items",
    "join",
    "last",
    "length",
    "lines",
    "list",
    "lower",
    "map",
    "max",
    "min",
    "network",
    "pprint",
    "quantity",
    "reject",
    "rejectattr",
    "replace",
    "reverse",
    "round",
    "select",
    "selectattr",
    "semver",
    "sha256",
    "slice",
    "sort",
    "split",
    "string",
    "sum",
    "text",
    "title",
    "toini",
    "tojson",
    "toproperties",
    "toyaml",
    "trim",
    "unique",
    "upper",
    "zip",
];

pub(super) const TESTS: &[&str] = &[
    "boolean",
    "cidr",
    "defined",
    "divisibleby",
    "endingwith",
    "eq",
    "equalto",
    "even",
    "false",
    "filter",
    "float",
    "ge",
    "greaterthan",
    "gt",
    "in",
    "in_cidr",
    "int",
    "integer",
    "ip",
    "iterable",
    "le",
    "lessthan",
    "lower",
    "lt",
    "mapping",
    "ne",
    "none",
    "number",
    "odd",
    "overlapping",
    "sameas",
    "semver",
    "sequence",
    "startingwith",
    "string",
    "test",
    "true",
    "undefined",
    "upper",
];

const FUNCTIONS: &[&str] = &["dict", "namespace", "omit", "range"];

/// What somebody may have meant.
pub(super) struct Names<'a> {
    /// The top-level names.
    pub(super) context: &'a Value,
    /// Names that templates give themselves: macros, imports, variables.
    pub(super) bound: Vec<&'a str>,
    pub(super) templates: Vec<&'a str>,
}

impl<'a> Names<'a> {
    /// Those of the context alone.
    pub(super) fn of(context: &'a Value) -> Self {
        Self { context, bound: Vec::new(), templates: Vec::new() }
    }

    pub(super) fn template(&self, name: &str) -> Option<String> {
        let all = || self.templates.iter().copied();
        // Names are paths from the chart folder, with all endings.
        let file = |path: &str| path.rsplit('/').next().map(str::to_owned);
        let elsewhere = all().find(|known| file(known) == file(name));
        suggest("", elsewhere.or_else(|| nearest(name, all())))
    }

    /// A macro behind the name of an import.
    pub(super) fn member(&self, name: &str) -> Option<String> {
        suggest("", nearest(name, self.bound.iter().copied()))
    }

    /// The nearest name beside the one that is missing: a function, a variable, or a key on the way of a path.
    pub(super) fn path(&self, path: &str) -> Option<String> {
        if path.is_empty() {
            return None;
        }
        let mut parent = self.context.clone();
        let mut known = String::new();
        // `values['a']` is `values.a`, as far as a suggestion goes.
        let path = path.replace("['", ".").replace("']", "");
        for part in path.split('.') {
            let next = parent.get_item(&Value::from(part)).unwrap_or_default();
            if next.is_undefined() {
                if known.is_empty() {
                    return self.root(part);
                }
                let keys = keys(&parent);
                if keys.iter().any(|key| &**key == part) {
                    // Declared, but not set.
                    return None;
                }
                return suggest(&known, nearest(part, keys.iter().map(|key| &**key)));
            }
            known.push_str(part);
            known.push('.');
            parent = next;
        }
        None
    }

    /// The same for a name that no path precedes.
    fn root(&self, name: &str) -> Option<String> {
        let own = self.bound.iter().copied();
        if own.clone().any(|known| known == name) {
            // A variable: of what it holds nothing is known here.
            return None;
        }
        let word = match name {
            "yes" | "on" | "True" => Some("true"),
            "no" | "off" | "False" => Some("false"),
            "nil" | "null" | "undefined" | "None" => Some("none"),
            _ => None,
        };
        if word.is_some() {
            return suggest("", word);
        }
        // Who comes from elsewhere writes the values' own names.
        let chart = self.context.get_attr("chart").unwrap_or_default();
        let values = |tree: &Value| keys(&tree.get_attr("values").unwrap_or_default());
        let (own_values, chart_wide) = (values(self.context), values(&chart));
        for (before, keys) in [("values.", &own_values), ("chart.values.", &chart_wide)] {
            if keys.iter().any(|key| &**key == name) {
                return suggest(before, Some(name));
            }
        }
        // Any other short name is near to a short one.
        let near = name.len() > 2;
        let keys = keys(self.context);
        let all = keys.iter().map(|key| &**key).chain(own).chain(FUNCTIONS.iter().copied());
        let near_value = || suggest("values.", nearest(name, own_values.iter().map(|key| &**key)));
        suggest("", nearest(name, all)).or_else(near_value).filter(|_| near)
    }

    /// Says where a key is that `values` does not have: among the chart-wide values, or in another component.
    pub(super) fn placed_elsewhere(&self, finding: Diagnostic) -> Diagnostic {
        let key = finding.message().strip_prefix("`values` has no key `");
        let Some(key) = key.and_then(|rest| rest.strip_suffix('`')).map(str::to_owned) else {
            return finding;
        };
        let tree = |name: &str| self.context.get_attr(name).unwrap_or_default();
        let chart_wide = keys(&tree("chart").get_attr("values").unwrap_or_default());
        if chart_wide.iter().any(|known| **known == *key) {
            return finding.only_hint(format!("did you mean `chart.values.{key}`?"));
        }
        match keys(&tree("needs")).iter().find(|known| ***known == *key) {
            Some(_) => finding.only_hint(format!(
                "a template sees the values of its own component; what `{key}` exports is `needs.{key}.…`"
            )),
            None => finding,
        }
    }

    /// What to say of a name that may be missing: to say so, unless nobody but the program gives names here.
    pub(super) fn advice(&self, path: &str) -> Option<String> {
        let of_chart = ["values", "chart"]
            .iter()
            .all(|name| self.context.get_attr(name).is_ok_and(|value| !value.is_undefined()));
        if path.is_empty() {
            None
        } else if self.bound.contains(&path) {
            let ends = "it ends with the `for`, `with` or macro that binds it";
            Some(format!("{ends}; if it may be missing, say so: `{path} | default(omit)`"))
        } else if of_chart && !path.contains(['.', '[']) {
            let known = Declared::list(keys(self.context).iter().map(|key| &**key));
            self.path(path).is_none().then_some(known)
        } else {
            Some(format!("if it may be missing, say so: `{path} | default(omit)`"))
        }
    }
}

/// The keys that a mapping has or may have.
fn keys(value: &Value) -> Vec<Arc<str>> {
    match value.downcast_object_ref::<Mapping>().and_then(|mapping| mapping.declared.as_ref()) {
        Some(declared) => declared.keys.to_vec(),
        None => {
            let keys = value.try_iter().into_iter().flatten();
            keys.filter_map(|key| Some(Arc::from(key.as_str()?))).collect()
        }
    }
}

/// The filter that was meant.
pub(super) fn filter(name: &str) -> Option<String> {
    suggest("", nearest(name, FILTERS.iter().copied()))
}

pub(super) fn is_filter(name: &str) -> bool {
    FILTERS.contains(&name)
}

/// Whether every template has a function or value of this name.
pub(super) fn is_function(name: &str) -> bool {
    FUNCTIONS.contains(&name)
}

/// The test that was meant.
pub(super) fn test(name: &str) -> Option<String> {
    suggest("", nearest(name, TESTS.iter().copied()))
}

fn suggest(before: &str, name: Option<&str>) -> Option<String> {
    name.map(|name| format!("did you mean `{before}{name}`?"))
}

/// The names that a template binds.
pub(super) fn bound(text: &str, scan: &Scan) -> Vec<String> {
    let blocks = scan.tags.iter().filter(|tag| tag.kind == TagKind::Block);
    let mut names: Vec<String> = blocks.flat_map(|tag| bound_by(text, tag)).collect();
    names.sort();
    names.dedup();
    names
}

/// The names that the template asks for by `is defined` or `default`, or calls: they may be missing.
pub(super) fn asked(text: &str, scan: &Scan) -> Vec<String> {
    let asked = scan.tags.iter().flat_map(|tag| asked_for(text, tag));
    std::iter::once("caller".to_owned()).chain(asked).collect()
}

fn asked_for(text: &str, tag: &Tag) -> impl Iterator<Item = String> {
    let word = |index: usize| tag.word(text, index);
    (0..tag.tokens.len()).filter_map(move |index| {
        let asks = match word(index + 1) {
            "is" => {
                let at = if word(index + 2) == "not" { index + 3 } else { index + 2 };
                matches!(word(at), "defined" | "undefined")
            }
            "|" => matches!(word(index + 2), "default" | "d"),
            // A call fails by itself, and says more.
            "(" => true,
            _ => false,
        };
        let member = index > 0 && word(index - 1) == ".";
        (asks && !member).then(|| word(index).to_owned())
    })
}

pub(super) fn bound_by(text: &str, tag: &Tag) -> Vec<String> {
    let word = |index: usize| tag.word(text, index);
    let end = tag.tokens.len();
    let find = |from: usize, wanted: &str| (from..end).find(|&index| word(index) == wanted);
    let range = match word(0) {
        "for" => 1..find(1, "in").unwrap_or(end),
        "set" => 1..find(1, "=").or_else(|| find(1, "|")).unwrap_or(end),
        "import" => find(1, "as").unwrap_or(end)..end,
        "from" => find(1, "import").unwrap_or(end)..end,
        "macro" | "with" | "call" => 1..end,
        _ => return Vec::new(),
    };
    range
        .filter(|&index| {
            let is_name = tag.tokens.get(index).is_some_and(|token| token.kind == TokenKind::Name);
            let is_target = match word(0) {
                "macro" => index == 1 || matches!(word(index - 1), "(" | ","),
                "with" => word(index + 1) == "=",
                "call" => word(1) == "(" && matches!(word(index - 1), "(" | ","),
                _ => word(index - 1) != "." && !matches!(word(index), "as" | "import"),
            };
            is_name && is_target
        })
        .map(|index| word(index).to_owned())
        .collect()
}
