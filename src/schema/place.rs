//! What the schemas say about one path of the values.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use crate::span::Span;
use crate::yaml::{Kind, Map, Node};

use super::files::Rule;
use super::load::ChartSchema;
use super::types::Types;

/// How many schemas may judge one value; more are hostile, and the rest is the validator's matter.
const MOST_RULES: usize = 512;

/// Every schema that judges the value at one path.
///
/// *Certain* ones always do; the branches of `anyOf`, `oneOf` and `if` may or may not.
#[derive(Clone)]
pub(crate) struct Place<'a> {
    places: Places<'a>,
    known: Rc<Known<'a>>,
    /// Reached through `additionalProperties`, `patternProperties` or `items`: there may be any number of such values.
    pub(crate) repeated: bool,
}

/// The places that have been looked at. The blocks of a chart share most of their schemas, and every stage of a merge
/// asks about the same paths again, so what the same schemas judge is put together once.
#[derive(Clone)]
pub(crate) struct Places<'a> {
    schema: &'a ChartSchema,
    all: Rc<RefCell<Vec<Rc<Known<'a>>>>>,
    /// By the addresses of the schemas that lead there, and whether each is certain.
    index: Rc<RefCell<BTreeMap<Roots, usize>>>,
}

type Roots = Vec<(usize, bool)>;

/// What is known about a place. Others are named by number, because a schema may contain itself.
struct Known<'a> {
    rules: Vec<(Rule<'a>, bool)>,
    types: Types,
    secret: bool,
    below: RefCell<BTreeMap<Arc<str>, Option<Below>>>,
    items: RefCell<Vec<Option<Below>>>,
    closed: OnceCell<Option<Arc<[Arc<str>]>>>,
}

/// A place below another one, and whether it is repeated there.
type Below = (usize, bool);

/// What happens to a list when a higher layer gives another one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum ListType {
    /// It is replaced.
    Atomic,
    /// New items are added.
    Set,
    /// Items with the same keys are merged, new ones added.
    Map(Vec<Arc<str>>),
}

impl<'a> Places<'a> {
    pub(crate) fn new(schema: &'a ChartSchema) -> Self {
        Self { schema, all: Rc::default(), index: Rc::default() }
    }

    pub(crate) fn schema(&self) -> &'a ChartSchema {
        self.schema
    }

    /// A place of which no schema knows.
    pub(crate) fn nothing(&self) -> Place<'a> {
        self.at([])
    }

    /// The place that these schemas judge together.
    pub(super) fn at(&self, roots: impl IntoIterator<Item = Rule<'a>>) -> Place<'a> {
        let roots: Vec<_> = roots.into_iter().map(|rule| (rule, true)).collect();
        self.place((self.number(&roots), false))
    }

    fn place(&self, (number, repeated): Below) -> Place<'a> {
        let known = Rc::clone(&self.all.borrow()[number]);
        Place { places: self.clone(), known, repeated }
    }

    fn number(&self, roots: &[(Rule<'a>, bool)]) -> usize {
        let key: Roots = roots
            .iter()
            .map(|(rule, certain)| (std::ptr::from_ref(rule.node).addr(), *certain))
            .collect();
        if let Some(&number) = self.index.borrow().get(&key) {
            return number;
        }
        let known = Rc::new(Known::new(self.schema, roots));
        let mut all = self.all.borrow_mut();
        all.push(known);
        self.index.borrow_mut().insert(key, all.len() - 1);
        all.len() - 1
    }
}

impl<'a> Known<'a> {
    fn new(schema: &'a ChartSchema, roots: &[(Rule<'a>, bool)]) -> Self {
        let mut known = Self {
            rules: Vec::new(),
            types: Types::ANY,
            secret: false,
            below: RefCell::default(),
            items: RefCell::default(),
            closed: OnceCell::new(),
        };
        for (rule, certain) in roots {
            if *certain {
                known.types = known.types.and(types(schema, *rule, &mut MOST_RULES.clone()));
            }
            known.spread(schema, *rule, *certain);
        }
        known.secret = known.rules.iter().any(|(rule, _)| says(*rule, "writeOnly"));
        known
    }

    fn spread(&mut self, schema: &'a ChartSchema, rule: Rule<'a>, certain: bool) {
        if self.rules.len() >= MOST_RULES {
            return;
        }
        let known = self.rules.iter_mut().find(|(other, _)| std::ptr::eq(other.node, rule.node));
        if let Some((_, known)) = known {
            if *known || !certain {
                return;
            }
            *known = true;
        } else {
            self.rules.push((rule, certain));
        }
        if let Some(target) = schema.files.target(rule) {
            self.spread(schema, target, certain);
        }
        for node in rule.node.get("allOf").and_then(Node::as_list).unwrap_or_default() {
            self.spread(schema, Rule { node, ..rule }, certain);
        }
        for key in ["anyOf", "oneOf"] {
            for node in rule.node.get(key).and_then(Node::as_list).unwrap_or_default() {
                self.spread(schema, Rule { node, ..rule }, false);
            }
        }
        for key in ["then", "else"] {
            if let Some(node) = rule.node.get(key) {
                self.spread(schema, Rule { node, ..rule }, false);
            }
        }
        for entry in rule
            .node
            .get("dependentSchemas")
            .and_then(Node::as_map)
            .into_iter()
            .flat_map(|map| &map.entries)
        {
            self.spread(schema, Rule { node: &entry.value, ..rule }, false);
        }
    }
}

impl<'a> Place<'a> {
    /// A place of which no schema knows.
    pub(crate) fn nothing(schema: &'a ChartSchema) -> Self {
        Places::new(schema).nothing()
    }

    /// The places around this one.
    pub(crate) fn places(&self) -> &Places<'a> {
        &self.places
    }

    /// What may stand under a key of a map here; `None` if no schema knows the key.
    pub(crate) fn property(&self, key: &str) -> Option<Self> {
        let known = self.known.below.borrow().get(key).copied();
        let below = known.unwrap_or_else(|| {
            let below = self.find_property(key);
            self.known.below.borrow_mut().insert(key.into(), below);
            below
        });
        below.map(|below| self.places.place(below))
    }

    fn find_property(&self, key: &str) -> Option<Below> {
        self.below(|rule| {
            if let Some(node) = rule.node.get("properties").and_then(|map| map.get(key)) {
                return Some((node, false));
            }
            let patterns = rule.node.get("patternProperties").and_then(Node::as_map);
            if let Some(node) = patterns.and_then(|map| pattern(map, key)) {
                return Some((node, true));
            }
            let open = rule.node.get("additionalProperties");
            open.or_else(|| rule.node.get("unevaluatedProperties")).map(|node| (node, true))
        })
    }

    /// A property that is listed by name, as a schema.
    pub(crate) fn own_property(&self, key: &str) -> Option<Rule<'a>> {
        self.known.rules.iter().find_map(|(rule, _)| {
            let node = rule.node.get("properties")?.get(key)?;
            Some(Rule { node, ..*rule })
        })
    }

    /// What any item of a list here may be.
    pub(crate) fn item(&self, index: usize) -> Self {
        // Beyond what `prefixItems` lists, all are alike.
        let most = self.known.rules.iter().map(|(rule, _)| prefix_items(*rule).len()).max();
        let index = index.min(most.unwrap_or(0));
        let known = self.known.items.borrow().get(index).copied();
        let below = known.unwrap_or_else(|| {
            let mut items = self.known.items.borrow_mut();
            while items.len() <= index {
                let next = items.len();
                items.push(self.below(|rule| {
                    let own = prefix_items(*rule).get(next);
                    own.or_else(|| rule.node.get("items")).map(|node| (node, true))
                }));
            }
            items[index]
        });
        below.map_or_else(|| self.places.nothing(), |below| self.places.place(below))
    }

    fn below(&self, find: impl Fn(&Rule<'a>) -> Option<(&'a Node, bool)>) -> Option<Below> {
        let mut roots = Vec::new();
        let mut listed = false;
        for (rule, certain) in &self.known.rules {
            if let Some((node, repeated)) = find(rule) {
                if matches!(node.kind, Kind::Bool(false)) {
                    continue;
                }
                listed |= !repeated;
                roots.push((Rule { node, ..*rule }, *certain));
            }
        }
        (!roots.is_empty()).then(|| (self.places.number(&roots), !listed))
    }

    /// The keys that a map here may have by name.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &'a str> {
        let mut keys: Vec<&'a str> = Vec::new();
        for (rule, _) in &self.known.rules {
            for key in
                rule.node.get("properties").and_then(Node::as_map).into_iter().flat_map(Map::keys)
            {
                if !keys.contains(&key) {
                    keys.push(key);
                }
            }
        }
        keys.into_iter()
    }

    /// Where the first schema that lists keys says `properties`.
    pub(crate) fn keys_span(&self) -> Option<Span> {
        self.known.rules.iter().find_map(|(rule, _)| {
            let entries = &rule.node.as_map()?.entries;
            let listed = entries.iter().find(|entry| &*entry.key.text == "properties")?;
            Some(listed.key_span.clone())
        })
    }

    /// All keys that a map here may have; `None` where others may stand, or where the schemas name none.
    pub(crate) fn closed_keys(&self) -> Option<Arc<[Arc<str>]>> {
        let closed = self.known.closed.get_or_init(|| {
            // No schema lists the empty key; what accepts it accepts any.
            let keys: Arc<[Arc<str>]> = self.keys().map(Arc::from).collect();
            (!keys.is_empty() && self.property("").is_none()).then_some(keys)
        });
        closed.clone()
    }

    /// The keys that are listed by schemas that always apply.
    pub(crate) fn certain_keys(&self) -> Vec<&'a str> {
        let mut keys: Vec<&'a str> = Vec::new();
        for rule in self.certain() {
            for key in
                rule.node.get("properties").and_then(Node::as_map).into_iter().flat_map(Map::keys)
            {
                if !keys.contains(&key) {
                    keys.push(key);
                }
            }
        }
        keys
    }

    pub(crate) fn types(&self) -> Types {
        self.known.types
    }

    /// Whether null is a value here, rather than the absence of one.
    pub(crate) fn allows_null(&self) -> bool {
        self.known.types != Types::ANY && self.known.types.has(Types::NULL)
    }

    pub(crate) fn list_type(&self) -> ListType {
        match self.keyword("x-kubernetes-list-type").and_then(Node::as_str) {
            Some("set") => ListType::Set,
            Some("map") => {
                let keys = self
                    .keyword("x-kubernetes-list-map-keys")
                    .and_then(Node::as_list)
                    .unwrap_or_default();
                let keys: Vec<Arc<str>> =
                    keys.iter().filter_map(Node::as_str).map(Arc::from).collect();
                if keys.is_empty() {
                    ListType::Map(vec!["name".into()])
                } else {
                    ListType::Map(keys)
                }
            }
            _ => ListType::Atomic,
        }
    }

    /// Whether what stands here is secret.
    pub(crate) fn is_secret(&self) -> bool {
        self.known.secret
    }

    /// Whether what stands here is on its way out.
    pub(crate) fn is_deprecated(&self) -> bool {
        self.certain().any(|rule| says(rule, "deprecated"))
    }

    /// The value of a keyword, the outermost schema first.
    pub(crate) fn keyword(&self, keyword: &str) -> Option<&'a Node> {
        self.known.rules.iter().find_map(|(rule, _)| rule.node.get(keyword))
    }

    /// The default that always applies.
    pub(crate) fn default(&self) -> Option<&'a Node> {
        self.certain().find_map(|rule| rule.node.get("default"))
    }

    pub(crate) fn description(&self) -> Option<&'a str> {
        self.keyword("description").or_else(|| self.keyword("title")).and_then(Node::as_str)
    }

    /// The first of the `examples`, if it is a text.
    pub(crate) fn example(&self) -> Option<&'a str> {
        self.keyword("examples")?.as_list()?.first()?.as_str()
    }

    /// Whether a map here must have the key, whatever else it holds.
    pub(crate) fn requires(&self, key: &str) -> bool {
        self.certain().any(|rule| {
            let required = rule.node.get("required").and_then(Node::as_list).unwrap_or_default();
            required.iter().any(|node| node.as_str() == Some(key))
        })
    }

    /// The schemas here that hold others below them, to notice one that contains itself.
    pub(crate) fn objects(&self) -> impl Iterator<Item = *const Node> {
        let holds = |rule: &Rule<'_>| {
            ["properties", "items", "additionalProperties"]
                .iter()
                .any(|key| rule.node.get(key).is_some())
        };
        self.known
            .rules
            .iter()
            .filter(move |(rule, _)| holds(rule))
            .map(|(rule, _)| std::ptr::from_ref(rule.node))
    }

    pub(crate) fn certain(&self) -> impl Iterator<Item = Rule<'a>> {
        self.known.rules.iter().filter(|(_, certain)| *certain).map(|(rule, _)| *rule)
    }

    /// The branches of each `oneOf` and `anyOf` that always applies.
    pub(crate) fn choices(&self) -> Vec<Vec<Place<'a>>> {
        let mut choices = Vec::new();
        for rule in self.certain() {
            for key in ["oneOf", "anyOf"] {
                if let Some(branches) = rule.node.get(key).and_then(Node::as_list) {
                    let branch = |node| self.places.at([Rule { node, ..rule }]);
                    choices.push(branches.iter().map(branch).collect());
                }
            }
        }
        choices
    }
}

/// Whether a schema says `keyword: true`.
fn says(rule: Rule<'_>, keyword: &str) -> bool {
    matches!(rule.node.get(keyword).map(|node| &node.kind), Some(Kind::Bool(true)))
}

fn prefix_items(rule: Rule<'_>) -> &[Node] {
    rule.node.get("prefixItems").and_then(Node::as_list).unwrap_or_default()
}

/// Patterns are the validator's matter; here only the common anchored prefix is understood, anything else may match.
fn pattern<'a>(patterns: &'a Map, key: &str) -> Option<&'a Node> {
    let plain = |text: &str| {
        text.chars()
            .all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '/'))
    };
    let matches = |pattern: &str| match pattern.strip_prefix('^') {
        Some(prefix) if plain(prefix) => key.starts_with(prefix),
        _ => true,
    };
    patterns.entries.iter().find(|entry| matches(&entry.key.text)).map(|entry| &entry.value)
}

/// The types that a schema allows. `budget` bounds the schemas that are looked at; what is beyond allows anything.
fn types(schema: &ChartSchema, rule: Rule<'_>, budget: &mut usize) -> Types {
    if matches!(rule.node.kind, Kind::Bool(false)) {
        return Types::NONE;
    }
    let Some(left) = budget.checked_sub(1) else { return Types::ANY };
    *budget = left;
    let mut types_here = match rule.node.get("type").map(|node| &node.kind) {
        Some(Kind::String(name)) => Types::named(&name.text),
        Some(Kind::List(names)) => names
            .iter()
            .filter_map(Node::as_str)
            .fold(Types::NONE, |all, name| all.or(Types::named(name))),
        _ => Types::ANY,
    };
    if let Some(values) = rule.node.get("enum").and_then(Node::as_list) {
        types_here =
            types_here.and(values.iter().fold(Types::NONE, |all, value| all.or(Types::of(value))));
    }
    if let Some(value) = rule.node.get("const") {
        types_here = types_here.and(Types::of(value));
    }
    if let Some(target) = schema.files.target(rule) {
        types_here = types_here.and(types(schema, target, budget));
    }
    for node in rule.node.get("allOf").and_then(Node::as_list).unwrap_or_default() {
        types_here = types_here.and(types(schema, Rule { node, ..rule }, budget));
    }
    for key in ["anyOf", "oneOf"] {
        if let Some(branches) = rule.node.get(key).and_then(Node::as_list) {
            types_here = types_here.and(branches.iter().fold(Types::NONE, |all, node| {
                all.or(types(schema, Rule { node, ..rule }, budget))
            }));
        }
    }
    types_here
}
