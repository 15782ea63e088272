//! What the pool says of one definition: its fields, their types, and the versions that have them.

use std::ops::RangeInclusive;

use super::format::Format;

/// Fields of an object, sorted by name; a field stands there once for each stretch of versions that agree on it.
#[derive(Debug)]
pub(super) struct Definition {
    /// Such as `core.v1.Container`.
    pub(super) name: &'static str,
    pub(super) fields: Vec<Field>,
}

#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) required: bool,
    pub(super) meaning: Type,
    /// By what items of a list are told apart; empty for a list whose items are their own keys.
    pub(super) keys: Option<Vec<&'static str>>,
    /// Minor versions.
    pub(super) versions: RangeInclusive<u32>,
}

/// What a field may hold.
#[derive(Debug)]
pub(super) enum Type {
    Text(Format),
    OneOf(Vec<&'static str>),
    Int32(Format),
    Int64(Format),
    Number,
    Boolean,
    /// A date and time as RFC 3339 has it.
    Time,
    /// Base64.
    Bytes,
    Quantity(Format),
    IntOrString(Format),
    List(Box<Type>),
    /// Any key of the format, each with a value of the type.
    Map(Format, Box<Type>),
    /// An object with the fields of this definition.
    Object(usize),
    BooleanOr(usize),
    /// An object with any fields.
    Free,
    Any,
}

impl Definition {
    /// Reads the lines below `=name`. `place` finds a definition by its name.
    pub(super) fn read(
        name: &'static str,
        lines: &'static str,
        place: &dyn Fn(&str) -> usize,
    ) -> Self {
        Self { name, fields: lines.lines().filter_map(|line| Field::read(line, place)).collect() }
    }

    /// The field of this name that a version has.
    pub(super) fn field(&self, name: &str, version: u32) -> Option<&Field> {
        let first = self.fields.partition_point(|field| field.name < name);
        self.fields[first..]
            .iter()
            .take_while(|field| field.name == name)
            .find(|field| field.versions.contains(&version))
    }

    /// The fields that a version has.
    pub(super) fn of(&self, version: u32) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(move |field| field.versions.contains(&version))
    }
}

impl Field {
    /// `ports! []@core.v1.ContainerPort ~containerPort,protocol 25-37`.
    fn read(line: &'static str, place: &dyn Fn(&str) -> usize) -> Option<Self> {
        let mut words = line.split(' ');
        let name = words.next()?;
        let (name, required) = match name.strip_suffix('!') {
            Some(name) => (name, true),
            None => (name, false),
        };
        let meaning = Type::read(words.next()?, place);
        let mut field = Self { name, required, meaning, keys: None, versions: 0..=u32::MAX };
        for word in words {
            if let Some(keys) = word.strip_prefix('~') {
                field.keys = Some(keys.split(',').filter(|key| !key.is_empty()).collect());
            } else if let Some((first, last)) = word.split_once('-') {
                field.versions = first.parse().ok()?..=last.parse().ok()?;
            }
        }
        Some(field)
    }
}

impl Type {
    fn read(text: &'static str, place: &dyn Fn(&str) -> usize) -> Self {
        if let Some(item) = text.strip_prefix("[]") {
            return Self::List(Box::new(Self::read(item, place)));
        }
        if let Some((keys, value)) = text.strip_prefix('{').and_then(|text| text.split_once('}')) {
            return Self::Map(Format::named(keys), Box::new(Self::read(value, place)));
        }
        if let Some(name) = text.strip_prefix('@') {
            return Self::Object(place(name));
        }
        if let Some(name) = text.strip_prefix("boolean+@") {
            return Self::BooleanOr(place(name));
        }
        if let Some(words) = text.strip_prefix("string|") {
            return Self::OneOf(words.split('|').collect());
        }
        let (kind, format) = text.split_once(':').unwrap_or((text, ""));
        let format = Format::named(format);
        match kind {
            "string" => Self::Text(format),
            "int32" => Self::Int32(format),
            "int64" => Self::Int64(format),
            "number" => Self::Number,
            "boolean" => Self::Boolean,
            "time" => Self::Time,
            "bytes" => Self::Bytes,
            "quantity" => Self::Quantity(format),
            "intOrString" => Self::IntOrString(format),
            "object" => Self::Free,
            _ => Self::Any,
        }
    }

    /// For messages.
    pub(super) fn describe(&self) -> &'static str {
        match self {
            Self::Text(_) | Self::OneOf(_) | Self::Time | Self::Bytes => "a string",
            Self::Int32(_) | Self::Int64(_) => "an integer",
            Self::Number => "a number",
            Self::Boolean => "a boolean",
            Self::Quantity(_) => "a quantity",
            Self::IntOrString(_) => "an integer or a string",
            Self::List(_) => "a list",
            Self::Map(..) | Self::Object(_) | Self::Free => "a mapping",
            Self::BooleanOr(_) => "a boolean or a mapping",
            Self::Any => "anything",
        }
    }
}
