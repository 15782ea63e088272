//! A quick yes to values that are plainly right.
//!
//! Compiling a validator takes longer than anything else that is done for a small release, and its verdict is nearly
//! always that nothing is wrong. So the keywords whose meaning is simple are judged here, on the values as they are. A
//! yes is certain: the validator would find nothing. All else is no verdict (a finding, a keyword that is not known
//! here, a number that JSON cannot hold); then the validator is compiled, judges, and says what is wrong.
//! `values::quick_laws` compares the two on random schemas.

use std::cmp::Ordering;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use regex::Regex;

use crate::ordered::Ordered;
use crate::yaml::{Kind, Node, Number};

use super::compile::{Closing, closing, is_composed, is_ignored};
use super::files::{Files, Rule};
use super::formats;
use super::types::Types;

/// Judging one value takes fewer steps; only a schema that means harm needs more.
const MOST_STEPS: usize = 1_000_000;

/// A value that can be judged.
pub(crate) trait Instance: Sized {
    fn show(&self) -> Shown<'_, Self>;
}

/// What a value is.
pub(crate) enum Shown<'a, T> {
    Null,
    Bool(bool),
    Number(&'a Number),
    String(&'a Arc<str>),
    List(&'a [T]),
    Map(&'a Ordered<T>),
}

/// What is asked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Question {
    /// Is it valid?
    Valid,
    /// Is it valid but for what layers may still give and choose?
    ValidSoFar,
}

/// The rules of a chart, as far as they are plain.
#[derive(Default)]
pub(super) struct Acceptor {
    rules: Vec<Option<Plain>>,
    /// By the address of a schema, which stays where it is as long as its file, and whether it is open.
    index: BTreeMap<(usize, bool), usize>,
    patterns: BTreeMap<Arc<str>, Regex>,
    /// A pattern was met that may not be one; only the validator knows.
    pub(super) has_bad_pattern: bool,
}

/// What one schema says. Each rule is a number in [`Acceptor::rules`]; nothing there means no verdict.
#[derive(Default)]
struct Plain {
    types: Option<Types>,
    /// `enum` and `const`: the value must be among each of them.
    choices: Vec<Vec<Scalar>>,
    /// `$ref` and `allOf`.
    all: Vec<usize>,
    any: Vec<Vec<usize>>,
    properties: BTreeMap<Arc<str>, usize>,
    patterns: Vec<(Regex, usize)>,
    others: Others,
    required: Vec<Arc<str>>,
    items: Option<usize>,
    unique: bool,
    characters: Count,
    items_in_list: Count,
    keys_in_map: Count,
    bounds: Vec<(Bound, Number)>,
    pattern: Option<Regex>,
    format: Option<fn(&str) -> bool>,
}

/// What becomes of a key that is not listed.
#[derive(Default)]
enum Others {
    #[default]
    Allowed,
    Refused,
    /// Closed over all branches; only a validator keeps account of them.
    Unevaluated,
    Judged(usize),
}

#[derive(PartialEq)]
enum Scalar {
    Null,
    Bool(bool),
    Int(i128),
    String(Arc<str>),
}

/// How many there may be.
struct Count {
    least: usize,
    most: usize,
}

impl Default for Count {
    fn default() -> Self {
        Self { least: 0, most: usize::MAX }
    }
}

#[derive(Clone, Copy)]
enum Bound {
    Minimum,
    Maximum,
    ExclusiveMinimum,
    ExclusiveMaximum,
}

impl Acceptor {
    /// Reads the rule and all that it leads to.
    pub(super) fn add(&mut self, files: &Files, rule: Rule<'_>) {
        let mut todo = VecDeque::new();
        let mut reading = Reading { files, acceptor: self, todo: &mut todo };
        reading.number(rule, false);
        while let Some((number, rule, open)) = reading.todo.pop_front() {
            let plain = reading.plain(rule, open);
            reading.acceptor.rules[number] = plain;
        }
    }

    /// Whether the validator of the rule would certainly find nothing.
    pub(super) fn accepts<T: Instance>(
        &self,
        rule: Rule<'_>,
        value: &T,
        question: Question,
    ) -> bool {
        let Some(&number) = self.index.get(&(address(rule), false)) else {
            return false;
        };
        Judging { rules: &self.rules, question, steps: MOST_STEPS }.accepts(number, value)
    }

    /// The expression of a pattern, as the validator would read it. Charts repeat few patterns often.
    fn pattern(&mut self, text: &Arc<str>) -> Option<Regex> {
        if let Some(known) = self.patterns.get(text) {
            return Some(known.clone());
        }
        let regex =
            jsonschema_regex::to_rust_regex(text).ok().and_then(|text| Regex::new(&text).ok());
        let Some(regex) = regex else {
            self.has_bad_pattern = true;
            return None;
        };
        self.patterns.insert(Arc::clone(text), regex.clone());
        Some(regex)
    }
}

/// Schemas in, rules out.
struct Reading<'r, 'a> {
    files: &'a Files,
    acceptor: &'r mut Acceptor,
    todo: &'r mut VecDeque<(usize, Rule<'a>, bool)>,
}

impl<'a> Reading<'_, 'a> {
    /// The number of a rule, which is read later: a chain of references may be long.
    fn number(&mut self, rule: Rule<'a>, open: bool) -> usize {
        let next = self.acceptor.rules.len();
        let number = *self.acceptor.index.entry((address(rule), open)).or_insert(next);
        if number == next {
            self.acceptor.rules.push(None);
            self.todo.push_back((number, rule, open));
        }
        number
    }

    /// What a schema says; `None` if it says anything that is not known here.
    fn plain(&mut self, rule: Rule<'a>, open: bool) -> Option<Plain> {
        let map = match &rule.node.kind {
            Kind::Bool(true) => return Some(Plain::default()),
            Kind::Map(map) => map,
            _ => return None,
        };
        let mut plain = Plain::default();
        let at = |node: &'a Node| Rule { node, ..rule };
        for entry in &map.entries {
            let (key, node) = (&*entry.key.text, &entry.value);
            match key {
                "$ref" => {
                    if let Some(target) = self.files.target(rule) {
                        plain.all.push(self.number(target, open || is_composed(map)));
                    }
                }
                "type" => plain.types = Some(read_types(node)?),
                "enum" => plain.choices.push(scalars(node.as_list()?)),
                "const" => plain.choices.push(scalars(std::slice::from_ref(node))),
                "properties" => {
                    for entry in &node.as_map()?.entries {
                        let inner = self.number(at(&entry.value), false);
                        plain.properties.insert(Arc::clone(&entry.key.text), inner);
                    }
                }
                "patternProperties" => {
                    for entry in &node.as_map()?.entries {
                        let inner = self.number(at(&entry.value), false);
                        let pattern = self.acceptor.pattern(&entry.key.text)?;
                        plain.patterns.push((pattern, inner));
                    }
                }
                "additionalProperties" => {
                    plain.others = match node.kind {
                        Kind::Bool(true) => Others::Allowed,
                        Kind::Bool(false) => Others::Refused,
                        _ => Others::Judged(self.number(at(node), false)),
                    };
                }
                "required" => {
                    for node in node.as_list()? {
                        plain.required.push(text(node)?);
                    }
                }
                "items" => plain.items = Some(self.number(at(node), false)),
                "allOf" | "anyOf" => {
                    let branches = node.as_list()?.iter();
                    let branches = branches.map(|node| self.number(at(node), true)).collect();
                    match key {
                        "allOf" => plain.all.extend::<Vec<_>>(branches),
                        _ => plain.any.push(branches),
                    }
                }
                "uniqueItems" => plain.unique = matches!(node.kind, Kind::Bool(true)),
                "pattern" => plain.pattern = Some(self.acceptor.pattern(&text(node)?)?),
                "format" => plain.format = Some(formats::quick(node.as_str()?)?),
                _ if is_ignored(key) => {}
                _ => plain.limit(key, node)?,
            }
        }
        match closing(self.files, rule, map, open) {
            Closing::Open => {}
            Closing::Additional => plain.others = Others::Refused,
            Closing::Unevaluated => plain.others = Others::Unevaluated,
        }
        Some(plain)
    }
}

impl Plain {
    /// A keyword with a number; `None` if it is none.
    fn limit(&mut self, keyword: &str, node: &Node) -> Option<()> {
        let Kind::Number(number) = &node.kind else { return None };
        let count = match keyword {
            "minLength" => Some(&mut self.characters.least),
            "maxLength" => Some(&mut self.characters.most),
            "minItems" => Some(&mut self.items_in_list.least),
            "maxItems" => Some(&mut self.items_in_list.most),
            "minProperties" => Some(&mut self.keys_in_map.least),
            "maxProperties" => Some(&mut self.keys_in_map.most),
            _ => None,
        };
        if let Some(count) = count {
            let Number::Int(limit) = number else { return None };
            *count = (*limit).try_into().ok()?;
            return Some(());
        }
        let bound = match keyword {
            "minimum" => Bound::Minimum,
            "maximum" => Bound::Maximum,
            "exclusiveMinimum" => Bound::ExclusiveMinimum,
            "exclusiveMaximum" => Bound::ExclusiveMaximum,
            _ => return None,
        };
        self.bounds.push((bound, number.clone()));
        Some(())
    }
}

fn address(rule: Rule<'_>) -> usize {
    std::ptr::from_ref(rule.node).addr()
}

fn text(node: &Node) -> Option<Arc<str>> {
    match &node.kind {
        Kind::String(text) => Some(Arc::clone(&text.text)),
        _ => None,
    }
}

fn read_types(node: &Node) -> Option<Types> {
    let names = match &node.kind {
        Kind::List(names) => names.as_slice(),
        _ => std::slice::from_ref(node),
    };
    names.iter().try_fold(Types::NONE, |all, name| Some(all.or(Types::named(name.as_str()?))))
}

/// Those among the values that can be compared here.
fn scalars(nodes: &[Node]) -> Vec<Scalar> {
    let scalar = |node: &Node| match &node.kind {
        Kind::Null => Some(Scalar::Null),
        Kind::Bool(value) => Some(Scalar::Bool(*value)),
        Kind::Number(Number::Int(value)) => Some(Scalar::Int(*value)),
        Kind::String(text) => Some(Scalar::String(Arc::clone(&text.text))),
        _ => None,
    };
    nodes.iter().filter_map(scalar).collect()
}

/// One value being judged.
struct Judging<'a> {
    rules: &'a [Option<Plain>],
    question: Question,
    steps: usize,
}

impl Judging<'_> {
    fn accepts<T: Instance>(&mut self, rule: usize, value: &T) -> bool {
        let Some(plain) = &self.rules[rule] else { return false };
        let Some(left) = self.steps.checked_sub(1) else { return false };
        self.steps = left;
        // What a layer may still choose is not judged, as long as every branch is known.
        let so_far = self.question == Question::ValidSoFar;
        let (own, scalar) = match value.show() {
            Shown::Null => (Types::NULL, Some(Scalar::Null)),
            Shown::Bool(value) => (Types::BOOLEAN, Some(Scalar::Bool(value))),
            Shown::Number(number) => match number {
                Number::Int(value) if i64::try_from(*value).is_ok() => {
                    (Types::INTEGER, Some(Scalar::Int(*value)))
                }
                Number::Float(value) if value.is_finite() => (Types::NUMBER, None),
                _ => return false,
            },
            Shown::String(text) => (Types::STRING, Some(Scalar::String(Arc::clone(text)))),
            Shown::List(_) => (Types::LIST, None),
            Shown::Map(_) => (Types::MAP, None),
        };
        plain.types.is_none_or(|types| types.has(own))
            && plain
                .choices
                .iter()
                .all(|values| scalar.as_ref().is_some_and(|own| values.contains(own)))
            && plain.all.iter().all(|&rule| self.accepts(rule, value))
            && plain
                .any
                .iter()
                .all(|branches| so_far || branches.iter().any(|&rule| self.accepts(rule, value)))
            && match value.show() {
                Shown::Null | Shown::Bool(_) => true,
                Shown::Number(number) => {
                    plain.bounds.iter().all(|(bound, limit)| bound.holds(number, limit))
                }
                Shown::String(text) => plain.accepts_text(text),
                Shown::List(items) => self.accepts_list(plain, items),
                Shown::Map(map) => self.accepts_map(plain, map),
            }
    }

    fn accepts_list<T: Instance>(&mut self, plain: &Plain, items: &[T]) -> bool {
        let Count { least, most } = plain.items_in_list;
        (least..=most).contains(&items.len())
            && (!plain.unique || are_different_texts(items))
            && plain.items.is_none_or(|rule| items.iter().all(|item| self.accepts(rule, item)))
    }

    fn accepts_map<T: Instance>(&mut self, plain: &Plain, map: &Ordered<T>) -> bool {
        let so_far = self.question == Question::ValidSoFar;
        let complete = so_far
            || (map.len() >= plain.keys_in_map.least
                && plain.required.iter().all(|key| map.contains_key(key)));
        complete
            && map.len() <= plain.keys_in_map.most
            && map.iter().all(|(key, value)| {
                let own = plain.properties.get(key);
                let mut known = own.is_some();
                let mut right = own.is_none_or(|&rule| self.accepts(rule, value));
                for (pattern, rule) in &plain.patterns {
                    if pattern.is_match(key) {
                        known = true;
                        right = right && self.accepts(*rule, value);
                    }
                }
                right
                    && match plain.others {
                        Others::Unevaluated => so_far,
                        _ if known => true,
                        Others::Allowed => true,
                        Others::Refused => false,
                        Others::Judged(rule) => self.accepts(rule, value),
                    }
            })
    }
}

impl Plain {
    fn accepts_text(&self, text: &Arc<str>) -> bool {
        let Count { least, most } = self.characters;
        (least == 0 && most >= text.len() || (least..=most).contains(&text.chars().count()))
            && self.pattern.as_ref().is_none_or(|pattern| pattern.is_match(text))
            && self.format.is_none_or(|test| test(text))
    }
}

impl Bound {
    fn holds(self, number: &Number, limit: &Number) -> bool {
        let Some(order) = compare(number, limit) else { return false };
        match self {
            Self::Minimum => order != Ordering::Less,
            Self::Maximum => order != Ordering::Greater,
            Self::ExclusiveMinimum => order == Ordering::Greater,
            Self::ExclusiveMaximum => order == Ordering::Less,
        }
    }
}

/// The order of two numbers; `None` where JSON might see another one.
fn compare(a: &Number, b: &Number) -> Option<Ordering> {
    if let (Number::Int(a), Number::Int(b)) = (a, b) {
        return Some(i64::try_from(*a).ok()?.cmp(&i64::try_from(*b).ok()?));
    }
    let float = |number: &Number| match number {
        Number::Int(value) => i32::try_from(*value).ok().map(f64::from),
        Number::Float(value) => Some(*value),
        Number::Big(_) => None,
    };
    float(a)?.partial_cmp(&float(b)?)
}

/// Items that are no texts are left to the validator.
fn are_different_texts<T: Instance>(items: &[T]) -> bool {
    let mut seen = std::collections::BTreeSet::new();
    items.iter().all(|item| match item.show() {
        Shown::String(text) => seen.insert(text),
        _ => false,
    })
}
