//! The tree that every YAML text becomes and every manifest is written from.

use std::fmt;
use std::sync::Arc;

use crate::span::Span;

/// One value with the place it was written at.
///
/// A value that an alias stands for has the alias's place, what is inside it the places at the anchor. A null that
/// nobody wrote (`key:` and then nothing) has an empty span right after its colon, see
/// [`Node::is_implicit_null`]. Spans cover the value without its tag; that of a block text starts at its content.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Node {
    pub(crate) kind: Kind,
    /// Where it stands; unknown for computed values.
    pub(crate) span: Span,
    /// A local tag such as `!append`; standard tags (`!!str`) are resolved away by the reader.
    pub(crate) tag: Option<Arc<Tag>>,
}

/// A local tag with its own place.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tag {
    /// With its `!`: `!append`.
    pub(crate) name: String,
    pub(crate) span: Span,
}

/// What a node is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind {
    Null,
    Bool(bool),
    Number(Number),
    String(Text),
    List(Vec<Node>),
    Map(Map),
}

/// A number that loses no digit.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Number {
    /// Every integer that Kubernetes can hold, and more.
    Int(i128),
    /// An integer beyond `i128`, in canonical decimal.
    Big(Box<str>),
    Float(f64),
}

/// A string and the way it was written.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Text {
    pub(crate) text: Arc<str>,
    pub(crate) style: Style,
}

/// How a scalar was written.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Style {
    /// Computed, not written by anyone.
    #[default]
    Computed,
    Plain,
    Quoted,
    /// `|` or `>`.
    Block,
    /// Plain under an explicit `!!str`.
    Tagged,
}

/// Keys and values in the author's order. The reader refuses duplicate keys unless told otherwise.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Map {
    pub(crate) entries: Vec<Entry>,
}

/// A key and its value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry {
    pub(crate) key: Text,
    pub(crate) key_span: Span,
    pub(crate) value: Node,
}

impl Node {
    pub(crate) fn new(kind: Kind, span: Span) -> Self {
        Self { kind, span, tag: None }
    }

    pub(crate) fn null() -> Self {
        Self::new(Kind::Null, Span::default())
    }

    pub(crate) fn string(text: impl Into<Arc<str>>) -> Self {
        Self::new(Kind::String(Text { text: text.into(), style: Style::Computed }), Span::default())
    }

    pub(crate) fn map(entries: impl IntoIterator<Item = (Arc<str>, Node)>) -> Self {
        let mut map = Map::default();
        for (key, value) in entries {
            map.push(key, value);
        }
        Self::new(Kind::Map(map), Span::default())
    }

    pub(crate) fn as_str(&self) -> Option<&str> {
        match &self.kind {
            Kind::String(text) => Some(&text.text),
            _ => None,
        }
    }

    pub(crate) fn as_map(&self) -> Option<&Map> {
        match &self.kind {
            Kind::Map(map) => Some(map),
            _ => None,
        }
    }

    pub(crate) fn as_map_mut(&mut self) -> Option<&mut Map> {
        match &mut self.kind {
            Kind::Map(map) => Some(map),
            _ => None,
        }
    }

    pub(crate) fn as_list(&self) -> Option<&[Node]> {
        match &self.kind {
            Kind::List(items) => Some(items),
            _ => None,
        }
    }

    /// The value under a key of a map; `None` for anything else.
    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        self.as_map()?.get(key)
    }

    /// Whether this is the null of `key:` with nothing after it, rather than a written `null` or `~`.
    pub(crate) fn is_implicit_null(&self) -> bool {
        matches!(self.kind, Kind::Null) && self.span.is_known() && self.span.range().is_empty()
    }

    /// What it is, for messages: `a string`, `a mapping`.
    pub(crate) fn describe(&self) -> &'static str {
        match &self.kind {
            Kind::Null => "null",
            Kind::Bool(_) => "a boolean",
            Kind::Number(Number::Int(_) | Number::Big(_)) => "an integer",
            Kind::Number(Number::Float(_)) => "a number",
            Kind::String(_) => "a string",
            Kind::List(_) => "a list",
            Kind::Map(_) => "a mapping",
        }
    }
}

#[cfg(test)]
impl Node {
    pub(crate) fn int(value: impl Into<i128>) -> Self {
        Self::new(Kind::Number(Number::Int(value.into())), Span::default())
    }

    pub(crate) fn list(items: impl IntoIterator<Item = Node>) -> Self {
        Self::new(Kind::List(items.into_iter().collect()), Span::default())
    }
}

impl Map {
    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    pub(crate) fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        self.entries.iter_mut().find(|entry| &*entry.key.text == key).map(|entry| &mut entry.value)
    }

    pub(crate) fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| &*entry.key.text == key)
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| &*entry.key.text)
    }

    /// Adds a computed entry at the end; the caller knows that the key is new.
    pub(crate) fn push(&mut self, key: impl Into<Arc<str>>, value: Node) {
        let key = Text { text: key.into(), style: Style::Computed };
        self.entries.push(Entry { key, key_span: Span::default(), value });
    }
}

impl fmt::Display for Number {
    /// Canonical: decimal integers, floats as the shortest text that every YAML reader takes for a float.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int(value) => write!(f, "{value}"),
            Self::Big(digits) => f.write_str(digits),
            Self::Float(value) if value.is_nan() => f.write_str(".nan"),
            Self::Float(value) if value.is_infinite() => {
                f.write_str(if *value < 0.0 { "-.inf" } else { ".inf" })
            }
            Self::Float(value) => {
                let text = format!("{value:?}");
                let Some((mantissa, exponent)) = text.split_once('e') else {
                    return f.write_str(&text);
                };
                let point = if mantissa.contains('.') { "" } else { ".0" };
                let sign = if exponent.starts_with('-') { "" } else { "+" };
                write!(f, "{mantissa}{point}e{sign}{exponent}")
            }
        }
    }
}
