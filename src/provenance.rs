//! Where a rendered field comes from: the place in a template, and the places in layers behind it.
//!
//! Nothing of this is kept while rendering; templates run once more for the objects that somebody asks about.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::diag::Diagnostics;
use crate::manifest::{Resource, ResourceId};
use crate::render::Prepared;
use crate::request::Request;
use crate::source::Source;
use crate::span::Span;
use crate::template::{Segment, Templates, Traced};
use crate::values::{Step, Tree};
use crate::yaml::Node;

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

/// A rendered release that can be asked where its fields come from. Secrets are as the request says.
pub(crate) struct Tracer {
    prepared: Prepared,
    templates: Templates,
    resources: Vec<Resource>,
    /// Where each object stands in `resources`.
    places: BTreeMap<ResourceId, usize>,
    traced: RefCell<Documents>,
    /// The first value that each place of a layer set; made when somebody asks.
    set_at: OnceCell<BTreeMap<Span, Vec<Step>>>,
}

/// By component and template: what it gave.
type Documents = BTreeMap<(String, String), Rc<Vec<Traced>>>;

impl Tracer {
    pub(crate) fn new(source: &dyn Source, request: &Request) -> Result<Self, Diagnostics> {
        Self::of(Prepared::new(source, request)?, request)
    }

    /// Of a release whose values are merged already.
    pub(crate) fn of(prepared: Prepared, request: &Request) -> Result<Self, Diagnostics> {
        let templates = prepared.templates(request)?;
        let resources = prepared.ordered(request, &templates)?;
        let place = |(at, resource): (usize, &Resource)| (resource.id.clone(), at);
        let places = resources.iter().enumerate().map(place).collect();
        let (traced, set_at) = (RefCell::default(), OnceCell::new());
        Ok(Self { prepared, templates, resources, places, traced, set_at })
    }

    pub(crate) fn prepared(&self) -> &Prepared {
        &self.prepared
    }

    pub(crate) fn resources(&self) -> &[Resource] {
        &self.resources
    }

    /// The merged values.
    pub(crate) fn values(&self) -> &Tree {
        self.prepared.values.tree()
    }

    /// The value that was set at a place of a layer, with its path.
    pub(crate) fn value_at(&self, span: &Span) -> Option<(&[Step], &Tree)> {
        let index = self.set_at.get_or_init(|| {
            let mut index = BTreeMap::new();
            self.values().walk(&mut |path, tree| {
                if !index.contains_key(&tree.origin.span) {
                    index.insert(tree.origin.span.clone(), path.to_vec());
                }
            });
            index
        });
        let path = index.get(span)?;
        Some((path, self.values().at(path)?))
    }

    /// Where a field of an object comes from; nowhere known if there is no such object or field.
    ///
    /// # Errors
    /// What the templates say when they run once more; they succeeded before, so this is not expected.
    pub(crate) fn field(&self, id: &ResourceId, path: &[Step]) -> Result<Provenance, Diagnostics> {
        // A comparison names the namespace even where the object leaves it to the applier.
        let bare = || ResourceId { namespace: None, ..id.clone() };
        let place = self.places.get(id).or_else(|| self.places.get(&bare()));
        let Some(resource) = place.map(|at| &self.resources[*at]) else {
            return Ok(Provenance::default());
        };
        let key = (resource.component.to_string(), resource.template.name().to_owned());
        let known = self.traced.borrow().get(&key).cloned();
        let documents = if let Some(documents) = known {
            documents
        } else {
            let documents = Rc::new(self.prepared.trace(&self.templates, resource)?);
            self.traced.borrow_mut().insert(key, Rc::clone(&documents));
            documents
        };
        Ok(documents
            .get(resource.document)
            .map(|traced| in_document(traced, path))
            .unwrap_or_default())
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
