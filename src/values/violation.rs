//! A value of the right type that breaks a rule: too small, too long, not one of the known words.

use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind as Rule};
use serde_json::Value as Json;

use crate::diag::{Diagnostic, nearest};
use crate::schema::Types;

use super::finding::{Subject, marked, wrong_type};
use super::to_json;
use super::tree::{Tree, TreeKind, path_text};

/// Longer values are not repeated in a message; the excerpt shows them.
const LONGEST_SHOWN: usize = 60;

/// Words one violation.
#[expect(clippy::too_many_lines, reason = "one arm for each rule of JSON Schema")]
pub(super) fn violation(subject: &Subject<'_>, error: &ValidationError<'_>) -> Diagnostic {
    let name = path_text(&subject.path);
    let name = if name.is_empty() { "the values".to_owned() } else { format!("`{name}`") };
    let Some(tree) = subject.tree else {
        return Diagnostic::error(
            "values.not-allowed",
            format!("{name} breaks a rule of the schema"),
        )
        .at(&subject.rule, "this rule");
    };
    let is = match shown(tree) {
        Some(shown) => format!("{name} is {shown}"),
        None if tree.secret => format!("the secret {name}"),
        None => name.clone(),
    };
    let joined = |verb: &str| {
        if shown(tree).is_some() { format!("{is}, {verb}") } else { format!("{is} is {verb}") }
    };
    let limit = |limit: &Json, words: &str| joined(&format!("{words} {limit}"));
    let (code, message, hint): (&'static str, String, Option<String>) = match error.kind() {
        Rule::Type { kind } => {
            let wanted = match kind {
                TypeKind::Single(kind) => Types::named(kind.as_str()),
                TypeKind::Multiple(kinds) => {
                    kinds.iter().fold(Types::NONE, |all, kind| all.or(Types::named(kind.as_str())))
                }
            };
            return wrong_type(subject, tree, wanted);
        }
        Rule::Minimum { limit: least } => (
            "values.out-of-range",
            limit(least, "less than the minimum of"),
            Some(format!("write {least} or more")),
        ),
        Rule::Maximum { limit: most } => (
            "values.out-of-range",
            limit(most, "more than the maximum of"),
            Some(format!("write {most} or less")),
        ),
        Rule::ExclusiveMinimum { limit: least } => (
            "values.out-of-range",
            limit(least, "not more than"),
            Some(format!("write more than {least}")),
        ),
        Rule::ExclusiveMaximum { limit: most } => (
            "values.out-of-range",
            limit(most, "not less than"),
            Some(format!("write less than {most}")),
        ),
        Rule::MultipleOf { multiple_of } => (
            "values.out-of-range",
            joined(&format!("not a multiple of {multiple_of}")),
            Some(format!("write a multiple of {multiple_of}")),
        ),
        Rule::MinLength { limit } => (
            "values.out-of-range",
            joined(&format!("shorter than {limit} characters")),
            Some(format!("write at least {limit} characters")),
        ),
        Rule::MaxLength { limit } => (
            "values.out-of-range",
            joined(&format!("longer than {limit} characters")),
            Some(format!("write at most {limit} characters")),
        ),
        Rule::MinItems { limit } => (
            "values.out-of-range",
            format!("{name} has fewer than {limit} items"),
            subject.place.description().map(str::to_owned),
        ),
        Rule::MaxItems { limit } => {
            ("values.out-of-range", format!("{name} has more than {limit} items"), None)
        }
        Rule::MinProperties { limit } => (
            "values.out-of-range",
            format!("{name} has fewer than {limit} keys"),
            subject.place.description().map(str::to_owned),
        ),
        Rule::MaxProperties { limit } => {
            ("values.out-of-range", format!("{name} has more than {limit} keys"), None)
        }
        Rule::Enum { options } => {
            let options = options.as_array().map(Vec::as_slice).unwrap_or_default();
            let known: Vec<&str> = options.iter().filter_map(Json::as_str).collect();
            let near = tree
                .as_str()
                .filter(|_| !tree.secret)
                .and_then(|text| nearest(text, known.iter().copied()));
            let list = options
                .iter()
                .map(|option| format!("`{}`", plain(option)))
                .collect::<Vec<_>>()
                .join(", ");
            (
                "values.not-allowed",
                joined("not one of the allowed values"),
                Some(match near {
                    Some(near) => format!("did you mean `{near}`? allowed are {list}"),
                    None => format!("allowed are {list}"),
                }),
            )
        }
        Rule::Constant { expected_value } => (
            "values.not-allowed",
            joined(&format!("the only value allowed is `{}`", plain(expected_value))),
            subject.place.description().map(str::to_owned),
        ),
        Rule::Pattern { pattern } => (
            "values.pattern",
            {
                let verb = format!("which does not match `{pattern}`");
                if shown(tree).is_some() {
                    format!("{is}, {verb}")
                } else {
                    format!("{is} does not match `{pattern}`")
                }
            },
            subject.place.description().map(str::to_owned),
        ),
        Rule::Format { format } => {
            ("values.format", joined(&format!("not a valid {format}")), None)
        }
        Rule::UniqueItems => {
            return twice(subject, tree, &name);
        }
        Rule::FalseSchema => ("values.not-allowed", format!("{name} may not be given"), None),
        Rule::OneOfMultipleValid { .. } => (
            "values.not-allowed",
            format!("{name} fits more than one form, and must fit exactly one"),
            None,
        ),
        Rule::Not { .. } => (
            "values.not-allowed",
            joined("which is excluded"),
            subject.place.description().map(str::to_owned),
        ),
        Rule::Contains => {
            ("values.not-allowed", format!("{name} lacks an item that must be in it"), None)
        }
        Rule::PropertyNames { error } => {
            let key = error.instance().as_str().unwrap_or("");
            ("values.bad-key", format!("`{key}` may not be a key of {name}"), None)
        }
        other => {
            ("values.not-allowed", format!("{name} breaks the rule `{}`", other.keyword()), None)
        }
    };
    // A pattern alone is hard to read.
    let example = matches!(code, "values.pattern" | "values.format")
        .then(|| subject.place.example().map(|text| format!("such as `{text}`")))
        .flatten();
    // What a value is for helps to choose another one.
    let about = subject.place.description().map(|text| text.trim().to_owned());
    let about = about.filter(|about| hint.as_ref() != Some(about));
    marked(Diagnostic::error(code, message), subject, tree.origin.layer.describe(), "the rule")
        .hint_opt(hint)
        .hint_opt(about)
        .hint_opt(example)
}

/// The same item twice in a list whose items must differ.
fn twice(subject: &Subject<'_>, tree: &Tree, name: &str) -> Diagnostic {
    let items = match &tree.kind {
        TreeKind::List(items) => items.as_slice(),
        _ => &[],
    };
    let pair = items.iter().enumerate().find_map(|(index, item)| {
        let first = items[..index].iter().find(|first| to_json(first) == to_json(item))?;
        Some((first, item))
    });
    let found =
        Diagnostic::error("values.duplicate-item", format!("{name} has the same item twice"));
    let found = match pair {
        Some((first, again)) if again.origin.span != first.origin.span => {
            let mut found =
                found.at(&again.origin.span, "again here").at(&first.origin.span, "first here");
            let secret = tree.secret || subject.place.is_secret() || again.secret;
            found.labels_mut().iter_mut().for_each(|label| label.masked |= secret);
            found.at(&subject.rule, "the rule")
        }
        _ => marked(found, subject, tree.origin.layer.describe(), "the rule"),
    };
    found.hint("remove one of them")
}

/// A scalar for a message; `None` for secrets and what is too long.
pub(super) fn shown(tree: &Tree) -> Option<String> {
    if tree.secret || matches!(tree.kind, TreeKind::Map(_) | TreeKind::List(_) | TreeKind::Null) {
        return None;
    }
    let text = plain(&to_json(tree));
    let fits = text.chars().count() <= LONGEST_SHOWN && !text.contains('\n');
    fits.then(|| if text.is_empty() { "empty".to_owned() } else { format!("`{text}`") })
}

fn plain(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        value => value.to_string(),
    }
}

pub(super) fn quoted(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}
