//! Lists over lists: replaced, united or merged by key, as the schema says.

use std::sync::Arc;

use crate::diag::Diagnostic;
use crate::schema::{ListType, Place};
use crate::span::Span;
use crate::yaml::{Kind, Node};

use super::merge::{Merger, history, into_list};
use super::to_json;
use super::tree::{Step, Tree, TreeKind, path_text};

impl<'a> Merger<'a> {
    /// A list over a list. `tagged`: `Some(true)` appends, `Some(false)` prepends.
    pub(super) fn list(
        &mut self,
        base: Option<Tree>,
        items: &[Node],
        node: &Node,
        place: &Place<'a>,
        tagged: Option<bool>,
    ) -> Tree {
        let mut tree = Tree::new(TreeKind::Null, self.origin(&node.span));
        tree.overridden = history(base.as_ref());
        let below = base.map(into_list).unwrap_or_default();
        let list = match (place.list_type(), tagged) {
            (ListType::Map(keys), _) => {
                self.keyed(below, items, place, &keys, tagged == Some(false))
            }
            (ListType::Set, _) => self.set(below, items, place, tagged == Some(false)),
            (ListType::Atomic, None) => self.items(items, place, 0),
            (ListType::Atomic, Some(append)) => {
                let new = self.items(items, place, below.len());
                if append { [below, new].concat() } else { [new, below].concat() }
            }
        };
        tree.kind = TreeKind::List(list);
        tree
    }

    fn items(&mut self, items: &[Node], place: &Place<'a>, first: usize) -> Vec<Tree> {
        let mut list = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            self.path.push(Step::Index(first + index));
            list.push(self.item(None, item, &place.item(first + index)));
            self.path.pop();
        }
        list
    }

    /// An item is always there: null is a value in a list.
    fn item(&mut self, base: Option<Tree>, item: &Node, place: &Place<'a>) -> Tree {
        let null = Tree::new(TreeKind::Null, self.origin(&item.span));
        if matches!(item.kind, Kind::Null) && item.tag.is_none() {
            return null;
        }
        self.value(base, item, place).unwrap_or(null)
    }

    fn set(
        &mut self,
        mut list: Vec<Tree>,
        items: &[Node],
        place: &Place<'a>,
        first: bool,
    ) -> Vec<Tree> {
        let mut new = Vec::new();
        for (index, item) in items.iter().enumerate() {
            if item.tag.as_ref().is_some_and(|tag| tag.name == "!unset") {
                let gone = crate::schema::to_json(item);
                list.retain(|known| to_json(known) != gone);
                continue;
            }
            self.path.push(Step::Index(index));
            let tree = self.item(None, item, &place.item(index));
            self.path.pop();
            if !list.contains(&tree) && !new.contains(&tree) {
                new.push(tree);
            }
        }
        if first { [new, list].concat() } else { [list, new].concat() }
    }

    fn keyed(
        &mut self,
        mut list: Vec<Tree>,
        items: &[Node],
        place: &Place<'a>,
        keys: &[Arc<str>],
        first: bool,
    ) -> Vec<Tree> {
        let mut new = Vec::new();
        let mut seen: Vec<(Vec<serde_json::Value>, Span)> = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let item_place = place.item(index);
            let Some(map) = item.as_map() else {
                self.path.push(Step::Index(index));
                new.push(self.item(None, item, &item_place));
                self.path.pop();
                continue;
            };
            let default = |key: &str| {
                item_place
                    .property(key)
                    .and_then(|place| place.default())
                    .map_or(serde_json::Value::Null, crate::schema::to_json)
            };
            let identity: Vec<serde_json::Value> = keys
                .iter()
                .map(|key| map.get(key).map_or_else(|| default(key), crate::schema::to_json))
                .collect();
            if let Some((_, span)) = seen.iter().find(|(other, _)| *other == identity) {
                self.found.push(
                    Diagnostic::error(
                        "values.duplicate-item",
                        format!(
                            "two items of `{}` have the same `{}`",
                            path_text(&self.path),
                            keys.join("`, `")
                        ),
                    )
                    .at(&item.span, "again here")
                    .at(span, "first here")
                    .hint(format!(
                        "within one layer each item has another `{}`; a higher layer changes an item by naming it again",
                        keys.join("`, `")
                    )),
                );
                continue;
            }
            seen.push((identity.clone(), item.span.clone()));
            let known = list.iter().position(|tree| {
                keys.iter().zip(&identity).all(|(key, value)| {
                    let given = tree.as_map().and_then(|map| map.get(key));
                    given.map_or_else(|| default(key), to_json) == *value
                })
            });
            if item.tag.as_ref().is_some_and(|tag| tag.name == "!unset") {
                if let Some(at) = known {
                    list.remove(at);
                }
                continue;
            }
            self.path.push(Step::Index(known.unwrap_or(list.len() + new.len())));
            if let Some(at) = known {
                let base = std::mem::replace(&mut list[at], Tree::empty_map());
                list[at] = self.item(Some(base), item, &item_place);
            } else {
                new.push(self.item(None, item, &item_place));
            }
            self.path.pop();
        }
        if first { [new, list].concat() } else { [list, new].concat() }
    }
}
