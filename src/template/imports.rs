//! What templates take from each other by name.
//!
//! minijinja gives something undefined for a name that an import does not find, and says nothing until it is used.

use std::collections::BTreeSet;
use std::ops::Range;

use indexmap::IndexMap;

use crate::diag::{Diagnostic, Diagnostics, nearest};

use super::closed::Declared;
use super::engine::Loaded;
use super::names::bound_by;
use super::scan::{Scan, Tag, TagKind, TokenKind};

/// What a template takes from others and holds for them.
#[derive(Debug, Default)]
pub(super) struct Imports {
    /// Templates that are named as they are.
    references: Vec<String>,
    /// `{% from "x" import name %}`: the template, the name and where it stands.
    taken: Vec<(String, String, Range<usize>)>,
    /// Bound by a `set`, a macro or an import, for whoever imports this template.
    pub(super) held: Vec<String>,
}

impl Imports {
    pub(super) fn of(text: &str, scan: &Scan) -> Self {
        let mut imports = Self::default();
        for tag in scan.tags.iter().filter(|tag| tag.kind == TagKind::Block) {
            match tag.word(text, 0) {
                "set" => imports.held.extend(bound_by(text, tag)),
                "macro" => imports.held.push(tag.word(text, 1).to_owned()),
                "include" => imports.refer(text, tag),
                "import" => {
                    imports.held.extend(bound_by(text, tag));
                    imports.refer(text, tag);
                }
                "from" => {
                    imports.held.extend(bound_by(text, tag));
                    imports.refer(text, tag);
                    imports.take(text, tag);
                }
                _ => {}
            }
        }
        imports
    }

    fn refer(&mut self, text: &str, tag: &Tag) {
        self.references.extend(literal(text, tag).map(str::to_owned));
    }

    fn take(&mut self, text: &str, tag: &Tag) {
        let Some(from) = literal(text, tag) else { return };
        for (index, token) in tag.tokens.iter().enumerate().skip(3) {
            let before = tag.word(text, index - 1);
            if token.kind == TokenKind::Name && matches!(before, "import" | "," | "(") {
                let name = tag.word(text, index).to_owned();
                self.taken.push((from.to_owned(), name, token.range.clone()));
            }
        }
    }
}

/// The name of another template, if the tag says it as it is.
fn literal<'t>(text: &'t str, tag: &Tag) -> Option<&'t str> {
    let token = tag.tokens.get(1).filter(|token| token.kind == TokenKind::Text)?;
    let word = &text[token.range.clone()];
    let alone = matches!(tag.word(text, 2), "" | "import" | "as" | "ignore");
    (alone && !word.contains('\\')).then(|| &word[1..word.len() - 1])
}

/// Names that a template, or one that it refers to, takes from where they are not.
pub(super) fn missing(loaded: &IndexMap<String, Loaded>, main: &str) -> Diagnostics {
    let mut found = Diagnostics::new();
    let mut seen = BTreeSet::from([main]);
    let mut open = vec![main];
    while let Some(template) = open.pop().and_then(|name| loaded.get(name)) {
        let imports = template.imports();
        for (from, name, range) in &imports.taken {
            let Some(other) = loaded.get(from) else { continue };
            let held = || other.imports().held.iter().map(String::as_str);
            if held().any(|known| known == name) {
                continue;
            }
            found.push(
                Diagnostic::error("template.unknown", format!("`{from}` has no macro `{name}`"))
                    .at(&template.source.span(range.clone()), "")
                    .hint(match nearest(name, held()) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => Declared::list(held()).replace("here", "there"),
                    }),
            );
        }
        let next = imports.references.iter().map(String::as_str);
        open.extend(next.filter(|name| loaded.contains_key(*name) && seen.insert(name)));
    }
    found
}
