//! One `path=value` of a flag over the tree.
//!
//! The path is walked, and made where nothing stands yet; its last step then follows the same rules as a file.

use std::sync::Arc;

use crate::diag::Diagnostic;
use crate::ordered::Ordered;
use crate::schema::Place;
use crate::yaml::{Entry, Kind, Node, Style, Text};

use super::defaults::nested_defaults;
use super::merge::{Merger, Spot, history};
use super::set::{Assignment, Given};
use super::tree::{Step, Tree, TreeKind, path_text};
use super::typing::typed;

impl<'a> Merger<'a> {
    /// One `path=value` of a flag.
    pub(super) fn assign(&mut self, tree: &mut Tree, assignment: &Assignment) {
        self.path.clear();
        let mut spot = Spot::Root(self.places.clone());
        let Some((last, steps)) = assignment.path.split_last() else { return };
        let mut at = tree;
        let unset =
            matches!(&assignment.given, Given::Text(text) if text.eq_ignore_ascii_case("null"));
        for step in steps {
            let place = Self::place_of(&spot, step);
            let Some(next) = self.descend(at, step, &spot, &place, assignment, unset) else {
                return;
            };
            at = next;
            spot = Spot::At(place);
        }
        let place = Self::place_of(&spot, last);
        let node = given_node(assignment, &place);
        // The last step goes through the same rules as a file: it is a map with one entry.
        match last {
            Step::Key(key) => {
                if !self.becomes(
                    at,
                    &Kind::Map(crate::yaml::Map::default()),
                    &spot,
                    assignment,
                    unset,
                ) {
                    return;
                }
                let Some(map) = at.as_map_mut() else { return };
                let entry = Entry {
                    key: Text { text: Arc::clone(key), style: Style::Computed },
                    key_span: assignment.path_span.clone(),
                    value: node,
                };
                self.entries(map, &[entry], &spot);
            }
            Step::Index(index) => {
                if !self.becomes(at, &Kind::List(Vec::new()), &spot, assignment, unset) {
                    return;
                }
                let TreeKind::List(items) = &mut at.kind else { return };
                self.path.push(Step::Index(*index));
                let length = items.len();
                if *index > length {
                    self.past_the_end(length, assignment);
                    return;
                }
                let base = (*index < length).then(|| items.remove(*index));
                if let Some(tree) = self.value(base, &node, &place) {
                    items.insert(*index, tree);
                }
            }
        }
    }

    fn place_of(spot: &Spot<'a>, step: &Step) -> Place<'a> {
        match (spot, step) {
            (spot, Step::Key(key)) => spot.child(key),
            (Spot::At(place), Step::Index(index)) => place.item(*index),
            (Spot::Root(places), Step::Index(_)) => places.nothing(),
        }
    }

    fn past_the_end(&mut self, length: usize, assignment: &Assignment) {
        let path = path_text(&self.path);
        self.found.push(
            Diagnostic::error(
                "values.set-index",
                format!("`{path}` leaves a gap: the list has {length} items"),
            )
            .at(&assignment.path_span, "past the end")
            .hint(format!("the next index is {length}")),
        );
    }

    /// Goes one step down, making what is missing. Nothing is made on the way to taking something away.
    fn descend<'t>(
        &mut self,
        at: &'t mut Tree,
        step: &Step,
        spot: &Spot<'a>,
        place: &Place<'a>,
        assignment: &Assignment,
        unset: bool,
    ) -> Option<&'t mut Tree> {
        let wanted = match step {
            Step::Key(_) => Kind::Map(crate::yaml::Map::default()),
            Step::Index(_) => Kind::List(Vec::new()),
        };
        if !self.becomes(at, &wanted, spot, assignment, unset) {
            return None;
        }
        self.path.push(step.clone());
        let origin = self.origin(&assignment.value_span);
        let new = || {
            let mut tree = nested_defaults(place);
            tree.origin = origin.clone();
            tree.key_span = assignment.path_span.clone();
            // Its kind is settled by the next step.
            if tree.as_map().is_some_and(Ordered::is_empty) {
                tree.kind = TreeKind::Null;
            }
            tree
        };
        match (step, &mut at.kind) {
            (Step::Key(key), TreeKind::Map(map)) => {
                if unset && !map.contains_key(key) {
                    return None;
                }
                Some(map.get_or_insert_with(key, new))
            }
            (Step::Index(index), TreeKind::List(items)) => {
                let length = items.len();
                if *index == length && !unset {
                    items.push(new());
                }
                if *index >= items.len() {
                    self.past_the_end(length, assignment);
                }
                items.get_mut(*index)
            }
            _ => None,
        }
    }

    /// Whether a value is, or now is, a map or a list as the path wants it.
    fn becomes(
        &mut self,
        at: &mut Tree,
        wanted: &Kind,
        spot: &Spot<'a>,
        assignment: &Assignment,
        unset: bool,
    ) -> bool {
        let fits = matches!(
            (&at.kind, wanted),
            (TreeKind::Map(_), Kind::Map(_)) | (TreeKind::List(_), Kind::List(_))
        );
        if fits && at.reference.is_none() {
            return true;
        }
        if matches!(at.kind, TreeKind::Null) && at.reference.is_none() {
            if unset {
                return false;
            }
            let history =
                history(Some(at)).into_iter().filter(|origin| origin.span != assignment.value_span);
            at.overridden = history.collect();
            at.origin = self.origin(&assignment.value_span);
            at.kind = match wanted {
                Kind::List(_) => TreeKind::List(Vec::new()),
                _ => match spot {
                    Spot::At(place) => nested_defaults(place).kind,
                    Spot::Root(_) => TreeKind::Map(Ordered::new()),
                },
            };
            return true;
        }
        let node = Node::new(wanted.clone(), assignment.path_span.clone());
        let place = match spot {
            Spot::At(place) => place.clone(),
            Spot::Root(places) => places.nothing(),
        };
        self.clash(at, &node, &place);
        false
    }
}

fn given_node(assignment: &Assignment, place: &Place<'_>) -> Node {
    let span = &assignment.value_span;
    match &assignment.given {
        Given::Text(text) => Node::new(typed(text, place.types()), span.clone()),
        Given::List(items) => {
            let item = |(index, text): (usize, &String)| {
                Node::new(typed(text, place.item(index).types()), span.clone())
            };
            Node::new(Kind::List(items.iter().enumerate().map(item).collect()), span.clone())
        }
        Given::Exact(text) => Node::new(
            Kind::String(Text { text: Arc::clone(text), style: Style::Quoted }),
            span.clone(),
        ),
        Given::Json(node) => Node { span: span.clone(), ..node.clone() },
    }
}
