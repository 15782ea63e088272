//! Whether the paths that rules name can stand in the values: a misspelt one would blame and judge nothing, silently.

use crate::chart::{Chart, Items, Rule};
use crate::diag::{Diagnostic, Diagnostics, nearest};
use crate::schema::{ChartSchema, Place, Types};
use crate::span::Span;
use crate::template::Expressions;
use crate::values::{Step, parse_path, path_text};

/// What the schemas say about a part of the values; `Unknown` where they leave it open.
#[derive(Clone)]
enum Known<'a> {
    Root(&'a ChartSchema),
    At(Place<'a>),
    Unknown,
}

/// Paths of `each` and `path` that no schema knows, and expressions of an upgrade that cannot be read.
pub(crate) fn check_paths(chart: &Chart, schema: &ChartSchema) -> Diagnostics {
    let mut found = Diagnostics::new();
    for rule in &chart.rules {
        check_rule(rule, schema, &mut found);
    }
    // Those of an upgrade are asked when one is planned, which may be too late to learn of a slip.
    let rules = chart.upgrade.as_ref().map_or(&[][..], |upgrade| &upgrade.rules);
    let expressions = (!rules.is_empty()).then(Expressions::new);
    for (rule, expressions) in rules.iter().zip(expressions.iter().cycle()) {
        check_rule(rule, schema, &mut found);
        for expression in std::iter::once(&rule.holds).chain(&rule.when) {
            found.extend(expressions.check(&expression.span, &expression.text).err());
        }
    }
    found
}

fn check_rule(rule: &Rule, schema: &ChartSchema, found: &mut Diagnostics) {
    let root = Known::Root(schema);
    // An item may be one of several, of which each is known by itself.
    let mut names: Vec<(&str, Vec<Known<'_>>)> = vec![("values", vec![root.clone()])];
    for each in &rule.each {
        let mut places = Vec::new();
        let (paths, is_listed) = match &each.items {
            Items::Of(path) => (std::slice::from_ref(path), false),
            Items::At(paths) => (&paths[..], true),
        };
        for path in paths {
            let steps: Vec<Step> = path.keys.iter().map(|key| Step::from(key.as_str())).collect();
            match walk(&steps, &names, &root) {
                Ok(at) if is_listed => places.extend(at),
                Ok(at) => places.extend(at.iter().flat_map(Known::items)),
                Err(wrong) => {
                    found.push(finding(&steps, wrong, &path.span, "each"));
                    places.push(Known::Unknown);
                }
            }
        }
        names.push((&each.name, places));
    }
    let Some(path) = &rule.path else { return };
    match parse_path(&path.text) {
        Some(steps) => {
            if let Err(wrong) = walk(&steps, &names, &root) {
                found.push(finding(&steps, wrong, &path.span, "path"));
            }
        }
        None => found.push(
            Diagnostic::error("chart.rule-path", format!("`{}` is no path of a value", path.text))
                .at(&path.span, "")
                .hint("write it like `broker.ports[0].name`"),
        ),
    }
}

/// How far a path leads, and what might have been meant by its next step.
struct Wrong {
    depth: usize,
    near: Option<String>,
    known: Vec<String>,
}

/// Everything that a path may mean; an error where no way leads to its end.
fn walk<'a>(
    steps: &[Step],
    items: &[(&str, Vec<Known<'a>>)],
    root: &Known<'a>,
) -> Result<Vec<Known<'a>>, Wrong> {
    let named = steps.first().and_then(|step| match step {
        Step::Key(key) => items.iter().find(|(name, _)| *name == &**key),
        Step::Index(_) => None,
    });
    let (mut here, begin) = match named {
        Some((_, places)) => (places.clone(), 1),
        None => (vec![root.clone()], 0),
    };
    for (depth, step) in steps.iter().enumerate().skip(begin) {
        let next: Vec<Known<'a>> = here.iter().filter_map(|place| place.step(step)).collect();
        if next.is_empty() {
            let mut known: Vec<String> = here.iter().flat_map(Known::keys).collect();
            if depth == 0 {
                known.extend(items.iter().skip(1).map(|(name, _)| (*name).to_owned()));
            }
            known.sort();
            known.dedup();
            let near = match step {
                Step::Key(key) => nearest(key, known.iter().map(String::as_str)).map(str::to_owned),
                Step::Index(_) => None,
            };
            return Err(Wrong { depth, near, known });
        }
        here = next;
    }
    Ok(here)
}

fn finding(steps: &[Step], wrong: Wrong, span: &Span, key: &str) -> Diagnostic {
    let Wrong { depth, near, known } = wrong;
    let message = format!("no schema knows `{}`", path_text(&steps[..=depth]));
    let hint = match near {
        Some(near) => {
            let mut meant = steps.to_vec();
            meant[depth] = Step::from(near.as_str());
            format!("did you mean `{}`?", path_text(&meant))
        }
        None if known.is_empty() => {
            format!("`{}` has nothing below it", path_text(&steps[..depth]))
        }
        None if known.len() <= 12 => format!("known here are {}", known.join(", ")),
        None => "declare it in the schema".to_owned(),
    };
    Diagnostic::error("chart.rule-path", message)
        .at(span, format!("in `{key}` of a rule"))
        .hint(hint)
}

impl Known<'_> {
    /// What stands below; `None` where nothing may.
    fn step(&self, step: &Step) -> Option<Self> {
        match (self, step) {
            (Self::Unknown, _) => Some(Self::Unknown),
            (Self::Root(schema), Step::Key(key)) => match schema.top_level(key) {
                Some(place) => Some(Self::At(place)),
                // Whatever the chart-wide schema leaves open.
                None => schema.chart_wide_place().closed_keys().is_none().then_some(Self::Unknown),
            },
            (Self::Root(_), Step::Index(_)) => None,
            (Self::At(place), _) => {
                let wanted = match step {
                    Step::Key(_) => Types::MAP,
                    Step::Index(_) => Types::LIST,
                };
                if !place.types().has(wanted) {
                    return None;
                }
                match step {
                    Step::Index(index) => Some(Self::At(place.item(*index))),
                    Step::Key(key) => match place.property(key) {
                        Some(place) => Some(Self::At(place)),
                        None => place.closed_keys().is_none().then_some(Self::Unknown),
                    },
                }
            }
        }
    }

    /// What the items of a list or the values of a map may be.
    fn items(&self) -> Vec<Self> {
        match self {
            Self::Unknown => vec![Self::Unknown],
            Self::Root(schema) => {
                let keys = schema.top_level_keys();
                keys.iter().filter_map(|key| schema.top_level(key)).map(Self::At).collect()
            }
            Self::At(place) => {
                let mut items = Vec::new();
                if place.types().has(Types::LIST) {
                    items.push(Self::At(place.item(0)));
                }
                if place.types().has(Types::MAP) {
                    items.extend(place.keys().filter_map(|key| place.property(key)).map(Self::At));
                    match place.property("") {
                        Some(other) => items.push(Self::At(other)),
                        None if place.closed_keys().is_none() => items.push(Self::Unknown),
                        None => {}
                    }
                }
                items
            }
        }
    }

    fn keys(&self) -> Vec<String> {
        match self {
            Self::Unknown => Vec::new(),
            Self::Root(schema) => schema.top_level_keys(),
            Self::At(place) => place.keys().map(str::to_owned).collect(),
        }
    }
}
