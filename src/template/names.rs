//! Every name that a template may use, so that a message can say which one was meant.

use minijinja::Value;

use crate::diag::nearest;

use super::scan::{Scan, Tag, TagKind, TokenKind};

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
        suggest("", nearest(name, self.templates.iter().copied()))
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
        for part in path.split('.') {
            let next = parent.get_attr(part).unwrap_or_default();
            if next.is_undefined() {
                let keys: Vec<Value> = parent.try_iter().into_iter().flatten().collect();
                let keys = keys.iter().filter_map(Value::as_str);
                if !known.is_empty() {
                    return suggest(&known, nearest(part, keys));
                }
                let own = self.bound.iter().copied();
                if own.clone().any(|name| name == part) {
                    // A variable: of what it holds nothing is known here.
                    return None;
                }
                // Any other short name is near to a short one.
                let near = part.len() > 2;
                let all = keys.chain(own).chain(FUNCTIONS.iter().copied());
                return suggest("", nearest(part, all).filter(|_| near));
            }
            known.push_str(part);
            known.push('.');
            parent = next;
        }
        None
    }
}

/// The filter that was meant.
pub(super) fn filter(name: &str) -> Option<String> {
    suggest("", nearest(name, FILTERS.iter().copied()))
}

pub(super) fn is_filter(name: &str) -> bool {
    FILTERS.contains(&name)
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

fn bound_by(text: &str, tag: &Tag) -> Vec<String> {
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
