//! An object of one of Kubernetes' own kinds against its definition.
//!
//! A null counts as absent, as it does when the API server reads an object; in a list and in a map it is an error.
//! Values of Secrets are never repeated in messages.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::diag::nearest;
use crate::quantity::{is_quantity, nanos};
use crate::yaml::{Kind, Map, Node, Number};

use super::definition::{Definition, Field, Type};
use super::finding::{Findings, Path, Place};
use super::format::{Format, judge_label_value};
use super::pool::Pool;

/// Longer values are not repeated in messages.
pub(super) const LONGEST_SHOWN: usize = 60;

/// Stands in the place of a secret when secrets are not given.
pub(super) const SECRET: &str = "<secret:";

/// Walks objects for one version.
pub(super) struct Checker<'a, 'f> {
    pool: &'a Pool,
    version: u32,
    /// The definition of the whole object.
    root: usize,
    secret: bool,
    found: &'f mut Findings<'a>,
}

impl<'a, 'f> Checker<'a, 'f> {
    pub(super) fn new(
        version: u32,
        root: usize,
        secret: bool,
        found: &'f mut Findings<'a>,
    ) -> Self {
        Self { pool: Pool::bundled(), version, root, secret, found }
    }

    /// Judges the whole object.
    pub(super) fn object(&mut self, node: &Node) {
        if let Some(map) = node.as_map() {
            self.fields(map, self.root, &Path::Root);
        }
    }

    /// Judges `metadata` of an object of any kind.
    pub(super) fn metadata(
        version: u32,
        found: &'f mut Findings<'a>,
        node: &Node,
        path: &Path<'_>,
    ) {
        let root = Pool::bundled().named("meta.v1.ObjectMeta");
        let mut checker = Self::new(version, root, false, found);
        match node.as_map() {
            Some(map) => checker.fields(map, root, path),
            None => checker.wrong_type(node, "a mapping", path),
        }
    }

    fn fields(&mut self, map: &Map, definition: usize, path: &Path<'_>) {
        let definition = self.pool.definition(definition);
        for entry in &map.entries {
            let below = Path::Key(path, &entry.key.text);
            match definition.field(&entry.key.text, self.version) {
                Some(_) if matches!(entry.value.kind, Kind::Null) => {}
                Some(field) => {
                    self.value(&entry.value, &field.meaning, &below);
                    if let (Some(keys), Some(items)) = (&field.keys, entry.value.as_list()) {
                        super::rules::told_apart(
                            items,
                            keys,
                            field.name,
                            definition.name,
                            &below,
                            self.found,
                        );
                    }
                }
                None => self.unknown(&entry.key.text, definition, &below),
            }
        }
        for field in definition.of(self.version).filter(|field| field.required) {
            if map.get(field.name).is_none_or(|value| matches!(value.kind, Kind::Null)) {
                self.missing(field, map, definition, path);
            }
        }
    }

    fn value(&mut self, node: &Node, meaning: &Type, path: &Path<'_>) {
        match (meaning, &node.kind) {
            (Type::Any, _)
            | (Type::Free, Kind::Map(_))
            | (Type::Number, Kind::Number(_))
            | (Type::Boolean | Type::BooleanOr(_), Kind::Bool(_)) => {}
            (Type::Object(definition) | Type::BooleanOr(definition), Kind::Map(map)) => {
                self.fields(map, *definition, path);
            }
            (Type::List(inner), Kind::List(items)) => {
                for (index, item) in items.iter().enumerate() {
                    self.value(item, inner, &Path::Index(path, index));
                }
            }
            (Type::Map(keys, inner), Kind::Map(map)) => self.map(map, *keys, inner, path),
            (Type::Text(format) | Type::IntOrString(format), Kind::String(text)) => {
                self.text(&text.text, *format, path);
            }
            (Type::OneOf(words), Kind::String(text)) => self.word(&text.text, words, path),
            (Type::Time, Kind::String(text)) => {
                self.rule(
                    is_time(&text.text),
                    &text.text,
                    "a date and time such as `2026-01-31T12:00:00Z`",
                    path,
                );
            }
            (Type::Bytes, Kind::String(text)) => {
                let compact: String = text.text.split(['\n', '\r']).collect();
                self.rule(STANDARD.decode(compact).is_ok(), &text.text, "base64", path);
            }
            (Type::Quantity(format), Kind::String(text)) => {
                self.quantity(&text.text, *format, path);
            }
            (Type::Quantity(format), Kind::Number(number)) => {
                self.quantity(&number.to_string(), *format, path);
            }
            (Type::Int64(format), Kind::Number(number)) => {
                self.integer(node, number, 64, *format, path);
            }
            (Type::Int32(format) | Type::IntOrString(format), Kind::Number(number)) => {
                self.integer(node, number, 32, *format, path);
            }
            _ => self.wrong_type(node, meaning.describe(), path),
        }
    }

    fn map(&mut self, map: &Map, keys: Format, inner: &Type, path: &Path<'_>) {
        for entry in &map.entries {
            let below = Path::Key(path, &entry.key.text);
            // A label's key is a qualified name, and its value has a rule, too.
            let format = if keys == Format::Label { Format::Qualified } else { keys };
            if let Some(rule) = format.judge_text(&entry.key.text) {
                let hint = format!("a key is made of {rule}");
                self.found.error(
                    "api.bad-value",
                    &below,
                    Place::Key,
                    "has an illegal key",
                    Some(hint),
                );
            }
            self.value(&entry.value, inner, &below);
            if keys == Format::Label
                && let Some(text) = entry.value.as_str()
                && let Some(rule) = judge_label_value(text)
            {
                self.bad(text, &format!("made of {rule}"), &below);
            }
        }
    }

    fn text(&mut self, text: &str, format: Format, path: &Path<'_>) {
        // For most fields an empty text means the default.
        if text.is_empty()
            && !matches!(format, Format::Image | Format::Variable | Format::Label | Format::Cron)
        {
            return;
        }
        if let Some(rule) = format.judge_text(text) {
            self.bad(text, rule, path);
        }
    }

    fn word(&mut self, text: &str, words: &[&'static str], path: &Path<'_>) {
        if text.is_empty() || words.contains(&text) || text.contains(SECRET) {
            return;
        }
        let said = format!("must not be `{}`", self.shown(text));
        let hint = match nearest(text, words.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("it must be one of {}", listed(words)),
        };
        self.found.error("api.bad-value", path, Place::Value, &said, Some(hint));
    }

    fn quantity(&mut self, text: &str, format: Format, path: &Path<'_>) {
        let negative = format == Format::Amount && nanos(text).is_some_and(|amount| amount < 0);
        self.rule(
            is_quantity(text) && !negative,
            text,
            "a quantity such as `500m`, `2` or `1.5Gi`",
            path,
        );
    }

    fn integer(
        &mut self,
        node: &Node,
        number: &Number,
        bits: u32,
        format: Format,
        path: &Path<'_>,
    ) {
        let value = match number {
            Number::Int(value) => *value,
            // kubectl sends 1.0 as 1.
            #[expect(clippy::cast_possible_truncation, reason = "whole and small")]
            Number::Float(value) if value.fract() == 0.0 && value.abs() < 9e15 => *value as i128,
            Number::Float(_) | Number::Big(_) => return self.wrong_type(node, "an integer", path),
        };
        let limit = 1_i128 << (bits - 1);
        if !(-limit..limit).contains(&value) {
            self.bad(&value.to_string(), &format!("an integer of {bits} bits"), path);
        } else if let Some(rule) = format.judge_int(value) {
            self.bad(&value.to_string(), rule, path);
        }
    }

    fn rule(&mut self, holds: bool, text: &str, rule: &str, path: &Path<'_>) {
        if !holds {
            self.bad(text, rule, path);
        }
    }

    fn bad(&mut self, text: &str, rule: &str, path: &Path<'_>) {
        if text.contains(SECRET) {
            return;
        }
        let said = format!("must not be `{}`", self.shown(text));
        let hint = Some(format!("it must be {rule}"));
        self.found.error("api.bad-value", path, Place::Value, &said, hint);
    }

    fn shown<'t>(&self, text: &'t str) -> &'t str {
        if self.secret || text.len() > LONGEST_SHOWN || text.contains('\n') { "…" } else { text }
    }

    fn wrong_type(&mut self, node: &Node, wanted: &str, path: &Path<'_>) {
        let quoted = wanted == "a string" && matches!(node.kind, Kind::Bool(_) | Kind::Number(_));
        let hint = quoted.then(|| {
            "put quotes around it in the template: `\"{{ … }}\"` is always a string".to_owned()
        });
        let said = format!("is {}, expected {wanted}", node.describe());
        self.found.error("api.wrong-type", path, Place::Value, &said, hint);
    }

    fn missing(&mut self, field: &Field, map: &Map, definition: &Definition, path: &Path<'_>) {
        let below = Path::Key(path, field.name);
        let unknown = map.keys().filter(|key| definition.field(key, self.version).is_none());
        // The finding about the misspelt field says enough.
        if nearest(field.name, unknown).is_some() {
            return;
        }
        let said = format!("is missing: every `{}` has it", short(definition.name));
        self.found.error("api.missing-field", &below, Place::Value, &said, None);
    }

    fn unknown(&mut self, key: &str, definition: &Definition, path: &Path<'_>) {
        let known: Vec<&str> = definition.of(self.version).map(|field| field.name).collect();
        let hint = self
            .other_version(key, definition)
            .or_else(|| {
                nearest(key, known.iter().copied()).map(|near| format!("did you mean `{near}`?"))
            })
            .or_else(|| self.elsewhere(key))
            .unwrap_or_else(|| format!("its fields: {}", listed(&known)));
        let said = format!("is no field of `{}`", short(definition.name));
        self.found.error("api.unknown-field", path, Place::Key, &said, Some(hint));
    }

    /// A field that another version has.
    fn other_version(&self, key: &str, definition: &Definition) -> Option<String> {
        let versions = definition.fields.iter().filter(|field| field.name == key);
        let versions: Vec<_> = versions.map(|field| &field.versions).collect();
        let (first, last) =
            (versions.iter().map(|v| *v.start()).min()?, versions.iter().map(|v| *v.end()).max()?);
        let now = self.version;
        Some(if first > now {
            format!("Kubernetes has it since 1.{first}, and this is for 1.{now}")
        } else {
            format!("Kubernetes had it up to 1.{last}, and this is for 1.{now}")
        })
    }

    /// Where in the object a field of this name belongs, nearest to the top first.
    fn elsewhere(&self, key: &str) -> Option<String> {
        let mut level = vec![(self.root, String::new())];
        let mut seen = vec![self.root];
        while !level.is_empty() {
            let mut next = Vec::new();
            for (place, path) in level {
                for field in self.pool.definition(place).of(self.version) {
                    // What a status says is nothing that anybody writes.
                    if field.name == "status" {
                        continue;
                    }
                    let (target, brackets) = target(&field.meaning);
                    if field.name == key && !path.is_empty() {
                        return Some(format!("`{key}` is a field of `{path}`"));
                    }
                    if let Some(target) = target.filter(|target| !seen.contains(target)) {
                        seen.push(target);
                        let dot = if path.is_empty() { "" } else { "." };
                        next.push((target, format!("{path}{dot}{}{brackets}", field.name)));
                    }
                }
            }
            level = next;
        }
        None
    }
}

/// The definition that a type leads to.
fn target(meaning: &Type) -> (Option<usize>, &'static str) {
    match meaning {
        Type::Object(place) => (Some(*place), ""),
        Type::List(inner) => (target(inner).0, "[]"),
        _ => (None, ""),
    }
}

/// `core.v1.Container` as people know it.
fn short(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

fn listed(words: &[&str]) -> String {
    let words: Vec<String> =
        words.iter().filter(|word| !word.is_empty()).map(|word| format!("`{word}`")).collect();
    words.join(", ")
}

/// RFC 3339.
fn is_time(text: &str) -> bool {
    let shape = |text: &str, shape: &str| {
        text.len() == shape.len()
            && text
                .bytes()
                .zip(shape.bytes())
                .all(|(b, s)| if s == b'0' { b.is_ascii_digit() } else { b == s })
    };
    let (Some(begin), Some(rest)) = (text.get(..19), text.get(19..)) else { return false };
    let zone = rest.trim_start_matches(|c: char| c == '.' || c.is_ascii_digit());
    shape(&begin.to_ascii_uppercase(), "0000-00-00T00:00:00")
        && (zone.eq_ignore_ascii_case("z") || shape(zone, "+00:00") || shape(zone, "-00:00"))
}
