//! One entry of `rules:` in `chart.yaml`, as it is written there.

use crate::diag::{Diagnostic, Diagnostics, Severity};
use crate::fields::{Fields, expected, is_dns_label};
use crate::span::Span;
use crate::yaml::{Kind, Node};

use super::file::{Expression, read_expression};

/// What must hold across components, or for each item of a list.
#[derive(Debug)]
pub(crate) struct Rule {
    /// What `accept` of a release calls it.
    pub(crate) name: Option<String>,
    /// The lists and maps for whose items it is judged; a later one may lie within an item of an earlier one.
    pub(crate) each: Vec<Each>,
    pub(crate) holds: Expression,
    pub(crate) when: Option<Expression>,
    pub(crate) message: Expression,
    /// The value to blame, as a dotted path that may start with a name of `each`.
    pub(crate) path: Option<Expression>,
    pub(crate) hint: Option<Expression>,
    pub(crate) severity: Severity,
}

/// The name for an item, and where the items are.
#[derive(Debug)]
pub(crate) struct Each {
    pub(crate) name: String,
    pub(crate) items: Items,
}

/// The first key of a path is `values` or an earlier name.
#[derive(Debug)]
pub(crate) enum Items {
    /// `node: values.nodes.list`: what the list or map at this path holds.
    Of(Path),
    /// `part: [values.broker, values.proxy]`: what stands at these paths.
    At(Vec<Path>),
}

/// Where it is written, and its keys.
#[derive(Debug)]
pub(crate) struct Path {
    pub(crate) keys: Vec<String>,
    pub(crate) span: Span,
}

/// Names that expressions have a meaning for already.
const TAKEN: [&str; 7] = ["values", "before", "chart", "release", "kubernetes", "files", "key"];

pub(super) fn read_rule(node: &Node, earlier: &[Rule], found: &mut Diagnostics) -> Option<Rule> {
    let known = ["name", "each", "rule", "when", "message", "path", "hint", "severity"];
    let fields = Fields::of(node, "a rule", &known, found)?;
    let name = read_name(&fields, earlier, found);
    let severity = match fields.text("severity", found) {
        None => Severity::Error,
        Some((text, span)) => match text.as_str() {
            "error" => Severity::Error,
            "warning" => Severity::Warning,
            _ => {
                found.push(
                    Diagnostic::error("chart.severity", format!("`{text}` is no severity"))
                        .at(&span, "")
                        .hint("write `error` or `warning`"),
                );
                Severity::Error
            }
        },
    };
    let each = read_each(&fields, found);
    let expression = |key: &str, found: &mut Diagnostics| read_expression(fields.get(key), found);
    if fields.get("rule").is_none() {
        fields.required("rule", found);
    }
    if fields.get("message").is_none() {
        fields.required("message", found);
    }
    Some(Rule {
        name,
        each,
        holds: expression("rule", found)?,
        when: expression("when", found),
        message: expression("message", found)?,
        path: fields.text("path", found).map(|(text, span)| Expression { text, span }),
        hint: expression("hint", found),
        severity,
    })
}

fn read_name(fields: &Fields<'_>, earlier: &[Rule], found: &mut Diagnostics) -> Option<String> {
    let (name, span) = fields.text("name", found)?;
    let wrong = |message: String| Diagnostic::error("chart.rule-name", message).at(&span, "");
    if !is_dns_label(&name) {
        found.push(
            wrong(format!("`{name}` is no name of a rule"))
                .hint("lowercase letters, digits and `-`, at most 63 characters"),
        );
    }
    if earlier.iter().any(|rule| rule.name.as_ref() == Some(&name)) {
        found.push(wrong(format!("two rules are named `{name}`")));
    }
    Some(name)
}

fn read_each(fields: &Fields<'_>, found: &mut Diagnostics) -> Vec<Each> {
    let mut each: Vec<Each> = Vec::new();
    for entry in fields.map("each", found).iter().flat_map(|map| &map.entries) {
        let name = entry.key.text.to_string();
        let is_word = name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if !is_word || TAKEN.contains(&name.as_str()) {
            found.push(
                Diagnostic::error("chart.each", format!("`{name}` cannot name an item"))
                    .at(&entry.key_span, "")
                    .hint(format!(
                        "take a word in lowerCamelCase, but none of {}",
                        TAKEN.join(", ")
                    )),
            );
            continue;
        }
        let items = match &entry.value.kind {
            Kind::List(list) => Some(Items::At(
                list.iter().filter_map(|item| read_path(item, &each, found)).collect(),
            )),
            _ => read_path(&entry.value, &each, found).map(Items::Of),
        };
        each.extend(items.map(|items| Each { name, items }));
    }
    each
}

fn read_path(node: &Node, earlier: &[Each], found: &mut Diagnostics) -> Option<Path> {
    let Kind::String(text) = &node.kind else {
        found.push(expected(node, "`each`", "a path such as `values.nodes`, or a list of paths"));
        return None;
    };
    let keys: Vec<String> = text.text.split('.').map(str::to_owned).collect();
    let is_key = |part: &String| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    let starts = keys[0] == "values" || earlier.iter().any(|one| one.name == keys[0]);
    if starts && keys.iter().all(is_key) {
        return Some(Path { keys, span: node.span.clone() });
    }
    found.push(
        Diagnostic::error("chart.each", format!("`{}` is no path of a list", text.text))
            .at(&node.span, "")
            .hint("write `values.path.to.list`, or begin with a name that stands further up in `each`"),
    );
    None
}
