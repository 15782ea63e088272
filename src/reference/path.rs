//! Where in an object something stands, without owning a word of it.

use crate::values::Step;
use crate::yaml::Node;

/// A step of a path that is noted while an object is walked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum At<'a> {
    Key(&'a str),
    Index(usize),
}

/// The way from an object to one of its fields.
pub(super) type Way<'a> = Vec<At<'a>>;

/// The same as a path that outlives the object.
pub(super) fn steps(way: &[At<'_>]) -> Vec<Step> {
    way.iter()
        .map(|at| match at {
            At::Key(key) => Step::from(*key),
            At::Index(index) => Step::Index(*index),
        })
        .collect()
}

/// Goes along `pattern`, in which `*` is every item of a list, and shows each node at its end.
pub(super) fn along<'a>(
    node: &'a Node,
    pattern: &[&'a str],
    way: &mut Way<'a>,
    seen: &mut dyn FnMut(&'a Node, &mut Way<'a>),
) {
    match pattern.split_first() {
        None => seen(node, way),
        Some((&"*", rest)) => {
            for (index, item) in node.as_list().into_iter().flatten().enumerate() {
                way.push(At::Index(index));
                along(item, rest, way, seen);
                way.pop();
            }
        }
        Some((key, rest)) => {
            if let Some(next) = node.get(key) {
                way.push(At::Key(key));
                along(next, rest, way, seen);
                way.pop();
            }
        }
    }
}

/// The way with more steps at its end.
pub(super) fn below<'a>(way: &[At<'a>], more: &[At<'a>]) -> Way<'a> {
    way.iter().chain(more).copied().collect()
}

/// A text below a node.
pub(super) fn text<'a>(node: &'a Node, pattern: &[&str]) -> Option<&'a str> {
    pattern.iter().try_fold(node, |node, key| node.get(key))?.as_str()
}
