//! One violation of a schema as a message for people.

use std::collections::BTreeMap;

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind as Rule;
use serde_json::Value as Json;

use crate::diag::{Diagnostic, Diagnostics, nearest};
use crate::ordered::Ordered;
use crate::schema::{ChartSchema, Part, Place, Types};
use crate::span::Span;

use super::check::{place_at, prefix, steps};
use super::hint::type_hint;
use super::to_json;
use super::tree::{LayerKind, Step, Tree, TreeKind, path_text};
use super::violation::{quoted, shown, violation};

/// Knows the values and the schema of one part.
pub(super) struct Finder<'a> {
    pub(super) schema: &'a ChartSchema,
    pub(super) part: &'a Part,
    pub(super) tree: &'a Tree,
    pub(super) is_enabled: bool,
    /// Where layers took values away.
    pub(super) unset: &'a BTreeMap<Vec<Step>, Span>,
}

/// The value that a violation is about.
pub(super) struct Subject<'a> {
    pub(super) path: Vec<Step>,
    pub(super) tree: Option<&'a Tree>,
    pub(super) place: Place<'a>,
    pub(super) rule: Span,
}

impl<'a> Finder<'a> {
    pub(super) fn report(&self, error: &ValidationError<'_>, found: &mut Diagnostics) {
        let subject = self.subject(error);
        if let Some(tree) = subject.tree
            && tree.origin.layer == LayerKind::Placeholder
        {
            return;
        }
        match error.kind() {
            Rule::Required { property } => {
                if self.is_enabled {
                    found.push(self.missing(&subject, property));
                }
            }
            Rule::AdditionalProperties { unexpected } => {
                for key in unexpected {
                    found.push(self.unknown_key(&subject, key));
                }
            }
            // A schema that allows no key at all says so for the whole mapping.
            Rule::FalseSchema if closes(error) => {
                for key in subject
                    .tree
                    .and_then(Tree::as_map)
                    .into_iter()
                    .flat_map(super::super::ordered::Ordered::keys)
                {
                    if self.part.key.is_some() || self.schema.owner(key).is_none() {
                        found.push(self.unknown_key(&subject, key));
                    }
                }
            }
            Rule::UnevaluatedProperties { unexpected } => {
                for key in unexpected {
                    // A branch that failed vouches for none of its keys; what is wrong is then said elsewhere.
                    if subject.place.property(key).is_none() {
                        found.push(self.unknown_key(&subject, key));
                    } else if found.is_empty() {
                        found.push(self.misplaced_key(&subject, key));
                    }
                }
            }
            Rule::OneOfNotValid { context } | Rule::AnyOf { context } => {
                self.no_branch(&subject, context, found);
            }
            _ => found.push(violation(&subject, error)),
        }
    }

    fn subject(&self, error: &ValidationError<'_>) -> Subject<'a> {
        let mut path = prefix(self.part);
        let root = self.tree.at(&path).map_or(Json::Null, to_json);
        path.extend(steps(&root, error.instance_path().as_str()));
        let evaluation: Vec<String> = error
            .evaluation_path()
            .as_str()
            .split('/')
            .skip(2)
            .map(|step| step.replace("~1", "/").replace("~0", "~"))
            .collect();
        Subject {
            tree: self.tree.at(&path),
            place: place_at(self.schema, self.part, &path)
                .unwrap_or_else(|| Place::nothing(self.schema)),
            rule: self.schema.written_at(self.part, &evaluation).unwrap_or_default(),
            path,
        }
    }

    fn missing(&self, subject: &Subject<'_>, property: &Json) -> Diagnostic {
        let key = property.as_str().unwrap_or("");
        let mut path = subject.path.clone();
        path.push(Step::from(key));
        let text = path_text(&path);
        let place = subject.place.property(key).unwrap_or_else(|| subject.place.places().nothing());
        let kind = place.types().describe();
        // What only defaults put there is missed where a layer stopped.
        let given = (0..=subject.path.len()).rev().find_map(|length| {
            let tree = self.tree.at(&subject.path[..length])?;
            let span = if tree.key_span.is_known() { &tree.key_span } else { &tree.origin.span };
            (span.is_known() && tree.origin.layer != LayerKind::SchemaDefault).then_some(span)
        });
        let span = given.cloned();
        let about = place.description().map(|text| text.trim().to_owned());
        let (code, message, hint) = if place.is_secret() {
            (
                "values.missing-secret",
                format!("the secret `{text}` is missing"),
                format!(
                    "give it in a layer of its own with `-f`, or with `--set-file {text}=FILE`; `--secrets placeholder` renders without it"
                ),
            )
        } else {
            (
                "values.missing",
                format!("`{text}` is missing: {kind} is required"),
                format!("set it in a layer, or with `--set {text}=…`"),
            )
        };
        // A key that only `required` knows is misspelt there.
        let hint = match nearest(key, subject.place.keys()) {
            Some(near)
                if subject
                    .place
                    .closed_keys()
                    .is_some_and(|keys| keys.iter().all(|known| **known != *key)) =>
            {
                format!("no schema describes `{key}`; did `required` mean `{near}`?")
            }
            _ => hint,
        };
        let (span, label) = match self.unset.get(&path) {
            Some(unset) => (Some(unset.clone()), "taken away here"),
            None => (span, "missing here"),
        };
        Diagnostic::error(code, message)
            .at(&span.unwrap_or_default(), label)
            .at(&named(&subject.rule, key), "required here")
            .hint_opt(about)
            .hint(hint)
    }

    fn unknown_key(&self, subject: &Subject<'_>, key: &str) -> Diagnostic {
        let mut path = subject.path.clone();
        path.push(Step::from(key));
        let value = subject.tree.and_then(|tree| tree.step(&Step::from(key)));
        let span = value.map(|value| {
            if value.key_span.is_known() {
                value.key_span.clone()
            } else {
                value.origin.span.clone()
            }
        });
        let top_level = self.schema.top_level_keys();
        let known: Vec<&str> = match path.len() {
            1 => top_level.iter().map(String::as_str).collect(),
            _ => subject.place.keys().collect(),
        };
        let near = nearest(key, known.iter().copied());
        // `values.broker.replicas=3`, or `pulsar:` around everything.
        let inner = value.filter(|_| path.len() == 1).and_then(Tree::as_map);
        let mut inner = inner.into_iter().flat_map(Ordered::keys);
        let lifted = inner.find(|inner| top_level.iter().any(|known| **known == ***inner));
        let hint = match near {
            None if lifted.is_some() => format!(
                "`{}` stands at the top, not below `{key}`",
                lifted.map(|key| &**key).unwrap_or_default()
            ),
            Some(near) => format!("did you mean `{near}`?"),
            None if !self.part.exists() => match &self.part.key {
                Some(_) => {
                    format!("this component takes no values: `{}` does not exist", self.part.path)
                }
                None => format!(
                    "chart-wide values are declared in `{}`, which does not exist",
                    self.part.path
                ),
            },
            None if known.is_empty() => "no keys are known here".to_owned(),
            None if known.len() <= 12 => format!("known here are {}", quoted(&known)),
            None => format!("declare it in `{}` if it is meant", self.part.path),
        };
        let mut diagnostic =
            Diagnostic::error("values.unknown-key", format!("unknown key `{}`", path_text(&path)))
                .at(&named(&span.unwrap_or_default(), key), "unknown")
                .at(
                    &subject.place.keys_span().unwrap_or_else(|| subject.rule.clone()),
                    "the known keys",
                )
                .hint(hint);
        // A mistyped password must not end up in a log.
        let secret = near
            .and_then(|near| subject.place.property(near))
            .is_some_and(|place| place.is_secret());
        let secret = secret || value.is_some_and(|value| value.secret);
        if secret && let Some(label) = diagnostic.labels_mut().first_mut() {
            label.masked = true;
        }
        diagnostic
    }

    fn misplaced_key(&self, subject: &Subject<'_>, key: &str) -> Diagnostic {
        let mut path = subject.path.clone();
        path.push(Step::from(key));
        let span = self.tree.at(&path).map(|tree| tree.origin.span.clone()).unwrap_or_default();
        Diagnostic::error(
            "values.unknown-key",
            format!("`{}` is not allowed beside the other keys", path_text(&path)),
        )
        .at(&span, "belongs to another form")
        .at(&subject.rule, "the forms")
    }

    /// None of several forms fits: says what is wrong with the one that was meant.
    fn no_branch(
        &self,
        subject: &Subject<'_>,
        context: &[Vec<ValidationError<'static>>],
        found: &mut Diagnostics,
    ) {
        let only_missing = |branch: &Vec<ValidationError<'_>>| {
            branch.iter().all(|error| matches!(error.kind(), Rule::Required { .. }))
        };
        if !self.is_enabled && context.iter().any(only_missing) {
            return;
        }
        let here = subject.path.len();
        let is_other = |error: &ValidationError<'_>| {
            let depth = self.subject(error).path.len();
            match error.kind() {
                Rule::Type { .. } => depth == here,
                Rule::Constant { .. } | Rule::Enum { .. } => depth <= here + 1,
                _ => false,
            }
        };
        let mut meant = context.iter().filter(|branch| !branch.iter().any(is_other));
        if let (Some(branch), None) = (meant.next(), meant.next()) {
            for error in branch {
                self.report(error, found);
            }
            return;
        }
        let types = subject.place.types();
        if let Some(tree) = subject.tree
            && !fits(tree, types)
        {
            found.push(wrong_type(subject, tree, types));
            return;
        }
        let mut ways = Vec::new();
        for branch in context {
            let mut inner = Diagnostics::new();
            for error in branch {
                self.report(error, &mut inner);
            }
            ways.extend(inner.iter().next().map(|diagnostic| diagnostic.message().to_owned()));
        }
        ways.dedup();
        let mut diagnostic = marked(
            Diagnostic::error(
                "values.not-allowed",
                format!(
                    "`{}` fits none of the {} forms it may have",
                    path_text(&subject.path),
                    context.len()
                ),
            ),
            subject,
            "fits none",
            "the forms",
        );
        for way in ways.into_iter().take(4) {
            diagnostic = diagnostic.hint(format!("either mend this: {way}"));
        }
        found.push(diagnostic);
    }
}

pub(super) fn wrong_type(subject: &Subject<'_>, tree: &Tree, wanted: Types) -> Diagnostic {
    let name = path_text(&subject.path);
    let message = match shown(tree) {
        Some(shown) => {
            format!("`{name}` is {} ({shown}), expected {}", tree.describe(), wanted.describe())
        }
        None => format!("`{name}` is {}, expected {}", tree.describe(), wanted.describe()),
    };
    let diagnostic = marked(
        Diagnostic::error("values.wrong-type", message),
        subject,
        &format!("{} ({})", tree.describe(), tree.origin.layer.describe()),
        "required here",
    );
    diagnostic.hint_opt(type_hint(tree, wanted, &subject.place))
}

/// Only the key itself where it stands in a longer text: the path of a flag, or a list of required keys.
fn named(span: &Span, key: &str) -> Span {
    let text = span.text();
    let is_name = |c: char| matches!(c, '_' | '-') || c.is_alphanumeric();
    let own = text.match_indices(key).map(|(at, _)| at).find(|at| {
        !key.is_empty()
            && !text[..*at].ends_with(is_name)
            && !text[at + key.len()..].starts_with(is_name)
    });
    let start = span.range().start;
    let own = own.zip(span.source());
    own.map_or_else(|| span.clone(), |(at, source)| source.span(start + at..start + at + key.len()))
}

/// Whether it is a key that is refused, by a schema that lists none.
fn closes(error: &ValidationError<'_>) -> bool {
    error.schema_path().as_str().ends_with("Properties")
}

/// Points a finding at the value and at the rule; the line of a secret is not shown.
pub(super) fn marked(
    diagnostic: Diagnostic,
    subject: &Subject<'_>,
    label: &str,
    rule: &str,
) -> Diagnostic {
    let value = subject.tree.map(|tree| tree.origin.span.clone()).unwrap_or_default();
    let mut diagnostic = diagnostic.at(&value, label).at(&subject.rule, rule);
    let secret = subject.tree.is_some_and(|tree| tree.secret) || subject.place.is_secret();
    if secret
        && value.is_known()
        && let Some(label) = diagnostic.labels_mut().first_mut()
    {
        label.masked = true;
    }
    diagnostic
}

fn fits(tree: &Tree, types: Types) -> bool {
    types.has_some(match &tree.kind {
        TreeKind::Null => Types::NULL,
        TreeKind::Bool(_) => Types::BOOLEAN,
        TreeKind::Number(crate::yaml::Number::Float(value)) if value.fract() != 0.0 => {
            return types.has(Types::NUMBER);
        }
        TreeKind::Number(_) => Types::INTEGER,
        TreeKind::String(_) => Types::STRING,
        TreeKind::List(_) => Types::LIST,
        TreeKind::Map(_) => Types::MAP,
    })
}
