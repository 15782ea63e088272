//! What there is to be named: the objects of a release by kind, namespace and name.

use std::collections::BTreeMap;

use crate::manifest::{Resource, is_cluster_scoped};

/// Objects with the namespace that those without one go to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Objects<'a> {
    pub(crate) resources: &'a [Resource],
    pub(crate) namespace: &'a str,
}

impl<'a> Objects<'a> {
    /// The namespace that an object lives in; empty for one outside namespaces. A kind that nobody knows is taken for
    /// a namespaced one, as most are.
    pub(super) fn namespace_of(&self, resource: &'a Resource) -> &'a str {
        let id = &resource.id;
        if is_cluster_scoped(&id.group, &id.kind) == Some(true) {
            return "";
        }
        id.namespace.as_deref().unwrap_or(self.namespace)
    }
}

/// Group, kind, namespace and name.
pub(super) type Key<'a> = (&'a str, &'a str, &'a str, &'a str);

/// Objects by what names them.
pub(super) struct Index<'a> {
    objects: BTreeMap<Key<'a>, usize>,
}

impl<'a> Index<'a> {
    pub(super) fn of(objects: Objects<'a>) -> Self {
        let key = |(at, resource): (usize, &'a Resource)| {
            let id = &resource.id;
            ((&*id.group, &*id.kind, objects.namespace_of(resource), &*id.name), at)
        };
        Self { objects: objects.resources.iter().enumerate().map(key).collect() }
    }

    pub(super) fn get(&self, key: Key<'_>) -> Option<usize> {
        self.objects.get(&key).copied()
    }

    /// Every object of a kind: namespace, name and place.
    pub(super) fn of_kind<'s>(
        &'s self,
        group: &'s str,
        kind: &'s str,
    ) -> impl Iterator<Item = (&'s str, &'s str, usize)> + 's {
        self.objects
            .range::<Key<'s>, _>((group, kind, "", "")..)
            .take_while(move |((g, k, ..), _)| *g == group && *k == kind)
            .map(|((_, _, namespace, name), at)| (*namespace, *name, *at))
    }
}
