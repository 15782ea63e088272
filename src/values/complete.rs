//! What is done to the whole tree once all layers are in it.

use super::defaults::choose;
use super::merge::Spot;
use super::tree::{Tree, TreeKind};

/// Adds the defaults that depend on what was chosen (`kind: s3`), now that it is known.
pub(super) fn complete(tree: &mut Tree, spot: &Spot<'_>) {
    if let Spot::At(place) = spot
        && tree.as_map().is_some()
    {
        choose(tree, place);
    }
    match &mut tree.kind {
        TreeKind::Map(map) => {
            for (key, inner) in map.iter_mut() {
                if inner.as_map().is_some() || inner.as_list().is_some() {
                    complete(inner, &Spot::At(spot.child(key)));
                }
            }
        }
        TreeKind::List(items) => {
            if let Spot::At(place) = spot {
                for (index, inner) in items.iter_mut().enumerate() {
                    complete(inner, &Spot::At(place.item(index)));
                }
            }
        }
        _ => {}
    }
}

/// Marks what is secret by its place, copies made by `!ref` included.
pub(super) fn mark_secrets(tree: &mut Tree, spot: &Spot<'_>) {
    if let Spot::At(place) = spot
        && place.is_secret()
    {
        tree.mark_secret();
        return;
    }
    match &mut tree.kind {
        TreeKind::Map(map) => {
            for (key, inner) in map.iter_mut() {
                mark_secrets(inner, &Spot::At(spot.child(key)));
            }
        }
        TreeKind::List(items) => {
            if let Spot::At(place) = spot {
                for (index, inner) in items.iter_mut().enumerate() {
                    mark_secrets(inner, &Spot::At(place.item(index)));
                }
            }
        }
        _ => {}
    }
}
