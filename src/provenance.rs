//! Where a rendered field comes from: the place in a template, and the places in layers behind it.
//!
//! Nothing of this is kept while rendering: a [`Tracer`] renders the release for those who ask.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use crate::diag::Diagnostics;
use crate::manifest::{Resource, ResourceId};
use crate::order::Scene;
use crate::render::{Prepared, Replays};
use crate::request::Request;
use crate::source::Source;
use crate::span::Span;
use crate::values::{Step, Tree};

pub(crate) use crate::render::Provenance;

/// A rendered release that can be asked where its fields come from. Secrets are as the request says.
pub(crate) struct Tracer {
    prepared: Prepared,
    resources: Vec<Resource>,
    scene: Scene,
    /// Where each object stands in `resources`.
    places: BTreeMap<ResourceId, usize>,
    replays: Replays,
    /// The first value that each place of a layer set; made when somebody asks.
    set_at: OnceCell<BTreeMap<Span, Vec<Step>>>,
}

impl Tracer {
    pub(crate) fn new(source: &dyn Source, request: &Request) -> Result<Self, Diagnostics> {
        Self::of(Prepared::new(source, request)?, request)
    }

    /// Of a release whose values are merged already.
    pub(crate) fn of(prepared: Prepared, request: &Request) -> Result<Self, Diagnostics> {
        let (resources, scene) = prepared.ordered(request, prepared.templates()?)?;
        let place = |(at, resource): (usize, &Resource)| (resource.id.clone(), at);
        let places = resources.iter().enumerate().map(place).collect();
        let (replays, set_at) = (Replays::default(), OnceCell::new());
        Ok(Self { prepared, resources, scene, places, replays, set_at })
    }

    /// Warnings about the objects.
    ///
    /// # Errors
    /// What is wrong with them if one could not be applied.
    pub(crate) fn judged(
        &self,
        source: &dyn Source,
        request: &Request,
    ) -> Result<Diagnostics, Diagnostics> {
        let templates = self.prepared.templates()?;
        let (found, _) = self.prepared.judged(source, request, templates, &self.resources)?;
        Ok(found)
    }

    pub(crate) fn prepared(&self) -> &Prepared {
        &self.prepared
    }

    pub(crate) fn resources(&self) -> &[Resource] {
        &self.resources
    }

    /// What the order of the objects is about.
    pub(crate) fn scene(&self) -> &Scene {
        &self.scene
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
        self.replays.field(&self.prepared, self.prepared.templates()?, resource, path)
    }
}
