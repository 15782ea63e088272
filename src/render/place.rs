//! From a field of a rendered object to the lines that made it.
//!
//! Templates run once more for the objects that somebody asks about; each template only once.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::diag::Diagnostics;
use crate::manifest::Resource;
use crate::span::Span;
use crate::template::{Segment, Templates, Traced};
use crate::values::Step;
use crate::yaml::Node;

use super::Prepared;

/// Where one field comes from.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Provenance {
    /// The place in a template; unknown for what plimsoll adds itself.
    pub(crate) template: Span,
    /// The places in layers or schemas whose values went in.
    pub(crate) values: Vec<Span>,
}

impl Provenance {
    /// The place that a person would edit: the value if there is one, else the template.
    pub(crate) fn place(&self) -> &Span {
        self.values.first().unwrap_or(&self.template)
    }
}

/// The documents of templates that ran once more, by component and template.
#[derive(Default)]
pub(crate) struct Replays(RefCell<Documents>);

type Documents = BTreeMap<(String, String), Rc<Vec<Traced>>>;

impl Replays {
    /// Where a field of an object comes from; nowhere known if there is no such field.
    ///
    /// # Errors
    /// What the templates say when they run once more; they succeeded before, so this is not expected.
    pub(crate) fn field(
        &self,
        prepared: &Prepared,
        templates: &Templates,
        resource: &Resource,
        path: &[Step],
    ) -> Result<Provenance, Diagnostics> {
        let documents = self.documents(prepared, templates, resource)?;
        let document = documents.get(resource.document);
        Ok(document.map(|traced| in_document(traced, path)).unwrap_or_default())
    }

    /// Where the last key of a path is written, if a template wrote it.
    pub(super) fn key(
        &self,
        prepared: &Prepared,
        templates: &Templates,
        resource: &Resource,
        path: &[Step],
    ) -> Option<Span> {
        let documents = self.documents(prepared, templates, resource).ok()?;
        let (Step::Key(key), above) = path.split_last()? else { return None };
        let root = &documents.get(resource.document)?.node;
        let node = above.iter().try_fold(root, |node, step| match step {
            Step::Key(key) => node.get(key),
            Step::Index(index) => node.as_list()?.get(*index),
        })?;
        let span = &node.as_map()?.entry(key)?.key_span;
        span.is_known().then(|| span.clone())
    }

    /// What the template of an object gave.
    fn documents(
        &self,
        prepared: &Prepared,
        templates: &Templates,
        resource: &Resource,
    ) -> Result<Rc<Vec<Traced>>, Diagnostics> {
        let key = (resource.component.to_string(), resource.template.name().to_owned());
        let known = self.0.borrow().get(&key).cloned();
        if let Some(documents) = known {
            return Ok(documents);
        }
        let documents = Rc::new(prepared.trace(templates, resource)?);
        self.0.borrow_mut().insert(key, Rc::clone(&documents));
        Ok(documents)
    }
}

fn in_document(traced: &Traced, path: &[Step]) -> Provenance {
    let mut node = &traced.node;
    // What stands inside a poured value has no place of its own in the template: that of its container holds.
    let mut template = node.span.clone();
    for step in path {
        let (place, next) = match step {
            Step::Key(key) => match node.as_map().and_then(|map| map.entry(key)) {
                Some(entry) => (&entry.key_span, &entry.value),
                None => return Provenance::default(),
            },
            Step::Index(index) => match node.as_list().and_then(|items| items.get(*index)) {
                Some(item) => (&item.span, item),
                None => return Provenance::default(),
            },
        };
        for span in [place, &next.span] {
            if span.is_known() {
                template = span.clone();
            }
        }
        node = next;
    }
    let mut values: Vec<Span> = traced
        .causes
        .iter()
        .filter(|(of, _)| begins_with(of, path) || (is_leaf(node) && begins(path, of)))
        .flat_map(|(_, spans)| spans.iter().cloned())
        .collect();
    values.sort();
    values.dedup();
    Provenance { template, values }
}

fn is_leaf(node: &Node) -> bool {
    node.as_map().is_none() && node.as_list().is_none()
}

fn same(segment: &Segment, step: &Step) -> bool {
    match (segment, step) {
        (Segment::Key(a), Step::Key(b)) => a == b,
        (Segment::Index(a), Step::Index(b)) => a == b,
        _ => false,
    }
}

/// Whether a recorded path is the asked one or lies below it.
fn begins_with(of: &[Segment], path: &[Step]) -> bool {
    of.len() >= path.len() && of.iter().zip(path).all(|(a, b)| same(a, b))
}

/// Whether the asked path lies below a recorded one: a value that was printed whole.
fn begins(path: &[Step], of: &[Segment]) -> bool {
    of.len() < path.len() && of.iter().zip(path).all(|(a, b)| same(a, b))
}
