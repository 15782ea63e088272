//! The types that a schema allows.

use crate::yaml::{Kind, Node, Number};

/// A set of JSON types; integers and other numbers are told apart.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Types(u8);

impl Types {
    pub(crate) const NONE: Self = Self(0);
    pub(crate) const NULL: Self = Self(1);
    pub(crate) const BOOLEAN: Self = Self(2);
    pub(crate) const INTEGER: Self = Self(4);
    pub(crate) const NUMBER: Self = Self(12);
    pub(crate) const STRING: Self = Self(16);
    pub(crate) const LIST: Self = Self(32);
    pub(crate) const MAP: Self = Self(64);
    pub(crate) const ANY: Self = Self(127);
    pub(crate) const SCALAR: Self = Self(30);

    pub(crate) fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    pub(crate) fn has_some(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(super) fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(crate) fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) fn named(name: &str) -> Self {
        match name {
            "null" => Self::NULL,
            "boolean" => Self::BOOLEAN,
            "integer" => Self::INTEGER,
            "number" => Self::NUMBER,
            "string" => Self::STRING,
            "array" => Self::LIST,
            "object" => Self::MAP,
            _ => Self::ANY,
        }
    }

    pub(super) fn of(node: &Node) -> Self {
        match &node.kind {
            Kind::Null => Self::NULL,
            Kind::Bool(_) => Self::BOOLEAN,
            Kind::Number(Number::Float(value)) if value.fract() != 0.0 => Self::NUMBER,
            Kind::Number(_) => Self::INTEGER,
            Kind::String(_) => Self::STRING,
            Kind::List(_) => Self::LIST,
            Kind::Map(_) => Self::MAP,
        }
    }

    /// For people: `a string or null`.
    pub(crate) fn describe(self) -> String {
        let mut names = Vec::new();
        for (kind, name) in [
            (Self::BOOLEAN, "a boolean (`true` or `false`)"),
            (Self::NUMBER, "a number"),
            (Self::INTEGER, "an integer"),
            (Self::STRING, "a string"),
            (Self::LIST, "a list"),
            (Self::MAP, "a mapping"),
            (Self::NULL, "null"),
        ] {
            if self.has(kind) && !(kind == Self::INTEGER && self.has(Self::NUMBER)) {
                names.push(name);
            }
        }
        match names.as_slice() {
            [] => "no value at all".to_owned(),
            _ if self == Self::ANY => "any value".to_owned(),
            [one] => (*one).to_owned(),
            [most @ .., last] => format!("{} or {last}", most.join(", ")),
        }
    }

    /// For tables: `string, null`.
    pub(crate) fn names(self) -> String {
        if self == Self::ANY {
            return "any".to_owned();
        }
        let all = [
            (Self::STRING, "string"),
            (Self::BOOLEAN, "boolean"),
            (Self::NUMBER, "number"),
            (Self::INTEGER, "integer"),
            (Self::LIST, "list"),
            (Self::MAP, "map"),
            (Self::NULL, "null"),
        ];
        let names = all.iter().filter(|(kind, _)| {
            self.has(*kind) && !(*kind == Self::INTEGER && self.has(Self::NUMBER))
        });
        names.map(|(_, name)| *name).collect::<Vec<_>>().join(", ")
    }
}
