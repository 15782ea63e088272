//! The values tree: what the layers came to, each leaf with where it came from.

use std::fmt::{self, Write as _};
use std::sync::Arc;

use crate::ordered::Ordered;
use crate::span::Span;
use crate::yaml::{Number, Text};

/// A value and its history.
#[derive(Clone)]
pub(crate) struct Tree {
    pub(crate) kind: TreeKind,
    /// Who set it.
    pub(crate) origin: Origin,
    /// Whom that overrode, the lowest layer first.
    pub(crate) overridden: Vec<Origin>,
    /// Where its key is written; unknown outside maps.
    pub(crate) key_span: Span,
    /// The path that `!ref` named, if it is such a copy.
    pub(crate) reference: Option<Arc<str>>,
    /// Nobody may see it in a message, a diff or a golden.
    pub(crate) secret: bool,
}

/// What a value is.
#[derive(Clone, PartialEq)]
pub(crate) enum TreeKind {
    Null,
    Bool(bool),
    Number(Number),
    String(Text),
    List(Vec<Tree>),
    Map(Ordered<Tree>),
}

/// Where a value was set.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Origin {
    pub(crate) span: Span,
    pub(crate) layer: LayerKind,
}

/// The kind of layer that set a value.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum LayerKind {
    /// A `default` of the schema, the lowest layer.
    #[default]
    SchemaDefault,
    /// A values file.
    File,
    /// A flag such as `--set`.
    Flag,
    /// Stands in for a secret that was not given, or must not be shown.
    Placeholder,
}

impl LayerKind {
    pub(crate) fn describe(self) -> &'static str {
        match self {
            Self::SchemaDefault => "schema default",
            Self::File => "file",
            Self::Flag => "flag",
            Self::Placeholder => "placeholder",
        }
    }
}

/// One step of a path: a key or an index.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Step {
    Key(Arc<str>),
    Index(usize),
}

impl From<&str> for Step {
    fn from(key: &str) -> Self {
        Self::Key(key.into())
    }
}

impl From<usize> for Step {
    fn from(index: usize) -> Self {
        Self::Index(index)
    }
}

/// A path for people: `broker.ports[0].name`.
pub(crate) fn path_text(path: &[Step]) -> String {
    let mut text = String::new();
    for step in path {
        match step {
            Step::Index(index) => {
                let _ = write!(text, "[{index}]");
            }
            Step::Key(key) => {
                if !text.is_empty() {
                    text.push('.');
                }
                if key.contains(['.', '[', ']', '"', '\\']) || key.is_empty() {
                    let _ = write!(text, "\"{}\"", key.replace('\\', "\\\\").replace('"', "\\\""));
                } else {
                    text.push_str(key);
                }
            }
        }
    }
    text
}

/// Reads a dotted path: `a.b[0]."with.dots".c`, with `\.` for a dot inside a key.
pub(crate) fn parse_path(text: &str) -> Option<Vec<Step>> {
    let mut path = Vec::new();
    let mut letters = text.chars().peekable();
    loop {
        let mut key = String::new();
        let mut quoted = false;
        match letters.peek() {
            Some('[') => {}
            Some('"') => {
                letters.next();
                quoted = true;
                loop {
                    match letters.next()? {
                        '"' => break,
                        '\\' => key.push(letters.next()?),
                        letter => key.push(letter),
                    }
                }
            }
            _ => {
                while let Some(&letter) = letters.peek() {
                    match letter {
                        '.' | '[' => break,
                        '\\' => {
                            letters.next();
                            key.push(letters.next()?);
                        }
                        _ => {
                            key.push(letter);
                            letters.next();
                        }
                    }
                }
            }
        }
        if quoted || !key.is_empty() {
            path.push(Step::Key(key.into()));
        } else if letters.peek() != Some(&'[') || path.is_empty() {
            return None;
        }
        while letters.peek() == Some(&'[') {
            letters.next();
            let mut digits = String::new();
            loop {
                match letters.next()? {
                    ']' => break,
                    letter => digits.push(letter),
                }
            }
            path.push(Step::Index(digits.parse().ok()?));
        }
        match letters.next() {
            None => return Some(path),
            Some('.') => {}
            Some(_) => return None,
        }
    }
}

impl Tree {
    pub(crate) fn new(kind: TreeKind, origin: Origin) -> Self {
        Self {
            kind,
            origin,
            overridden: Vec::new(),
            key_span: Span::default(),
            reference: None,
            secret: false,
        }
    }

    /// A map with nothing in it, that nobody wrote.
    pub(crate) fn empty_map() -> Self {
        Self::new(TreeKind::Map(Ordered::new()), Origin::default())
    }

    pub(crate) fn as_map(&self) -> Option<&Ordered<Tree>> {
        match &self.kind {
            TreeKind::Map(map) => Some(map),
            _ => None,
        }
    }

    pub(crate) fn as_map_mut(&mut self) -> Option<&mut Ordered<Tree>> {
        match &mut self.kind {
            TreeKind::Map(map) => Some(map),
            _ => None,
        }
    }

    pub(crate) fn as_list(&self) -> Option<&[Tree]> {
        match &self.kind {
            TreeKind::List(items) => Some(items),
            _ => None,
        }
    }

    pub(crate) fn as_str(&self) -> Option<&str> {
        match &self.kind {
            TreeKind::String(text) => Some(&text.text),
            _ => None,
        }
    }

    /// One step down.
    pub(crate) fn step(&self, step: &Step) -> Option<&Tree> {
        match (step, &self.kind) {
            (Step::Key(key), TreeKind::Map(map)) => map.get(key),
            (Step::Index(index), TreeKind::List(items)) => items.get(*index),
            _ => None,
        }
    }

    fn step_mut(&mut self, step: &Step) -> Option<&mut Tree> {
        match (step, &mut self.kind) {
            (Step::Key(key), TreeKind::Map(map)) => map.get_mut(key),
            (Step::Index(index), TreeKind::List(items)) => items.get_mut(*index),
            _ => None,
        }
    }

    /// The value at a path.
    pub(crate) fn at(&self, path: &[Step]) -> Option<&Tree> {
        path.iter().try_fold(self, |tree, step| tree.step(step))
    }

    pub(crate) fn at_mut(&mut self, path: &[Step]) -> Option<&mut Tree> {
        path.iter().try_fold(self, |tree, step| tree.step_mut(step))
    }

    /// Calls `visit` for each secret in this value, with its path. Where there are none, that is found out cheaply.
    pub(crate) fn walk_secrets<'a>(&'a self, visit: &mut dyn FnMut(&[Step], &'a Tree)) {
        if self.holds_secrets() {
            self.walk(&mut |path, value| {
                if value.secret {
                    visit(path, value);
                }
            });
        }
    }

    fn holds_secrets(&self) -> bool {
        self.secret
            || match &self.kind {
                TreeKind::List(items) => items.iter().any(Tree::holds_secrets),
                TreeKind::Map(map) => map.values().any(Tree::holds_secrets),
                _ => false,
            }
    }

    /// Calls `visit` for this value and every one inside it, with its path.
    pub(crate) fn walk<'a>(&'a self, visit: &mut dyn FnMut(&[Step], &'a Tree)) {
        let mut path = Vec::new();
        self.walk_below(&mut path, visit);
    }

    fn walk_below<'a>(&'a self, path: &mut Vec<Step>, visit: &mut dyn FnMut(&[Step], &'a Tree)) {
        visit(path, self);
        match &self.kind {
            TreeKind::Map(map) => {
                for (key, inner) in map {
                    path.push(Step::Key(key.clone()));
                    inner.walk_below(path, visit);
                    path.pop();
                }
            }
            TreeKind::List(items) => {
                for (index, inner) in items.iter().enumerate() {
                    path.push(Step::Index(index));
                    inner.walk_below(path, visit);
                    path.pop();
                }
            }
            _ => {}
        }
    }

    /// What it is, for messages: `a string`, `a mapping`.
    pub(crate) fn describe(&self) -> &'static str {
        match &self.kind {
            TreeKind::Null => "null",
            TreeKind::Bool(_) => "a boolean",
            TreeKind::Number(Number::Int(_) | Number::Big(_)) => "an integer",
            TreeKind::Number(Number::Float(_)) => "a number",
            TreeKind::String(_) => "a string",
            TreeKind::List(_) => "a list",
            TreeKind::Map(_) => "a mapping",
        }
    }

    /// Marks this value and everything in it as secret.
    pub(crate) fn mark_secret(&mut self) {
        self.secret = true;
        match &mut self.kind {
            TreeKind::List(items) => items.iter_mut().for_each(Tree::mark_secret),
            TreeKind::Map(map) => map.values_mut().for_each(Tree::mark_secret),
            _ => {}
        }
    }
}

/// Trees are equal when their values are, whoever set them.
impl PartialEq for Tree {
    fn eq(&self, other: &Self) -> bool {
        match (&self.kind, &other.kind) {
            (TreeKind::String(a), TreeKind::String(b)) => a.text == b.text,
            (a, b) => a == b,
        }
    }
}

impl fmt::Debug for Tree {
    /// Never shows a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.secret {
            return f.write_str("[secret]");
        }
        match &self.kind {
            TreeKind::Null => f.write_str("null"),
            TreeKind::Bool(value) => write!(f, "{value}"),
            TreeKind::Number(number) => write!(f, "{number}"),
            TreeKind::String(text) => write!(f, "{:?}", text.text),
            TreeKind::List(items) => f.debug_list().entries(items).finish(),
            TreeKind::Map(map) => f.debug_map().entries(map).finish(),
        }
    }
}
