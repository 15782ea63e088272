//! Layers that a release must refuse, each told at its place and with a hint.

#![expect(clippy::panic, reason = "a failing helper fails its test")]

use crate::support::with_layer;

/// Holds each layer against a text that its findings must say.
pub(crate) fn refuses(release: &str, layers: &[(&str, &str)]) {
    for (layer, wanted) in layers {
        let Err(found) = with_layer(release, layer) else {
            panic!("accepted: {layer}");
        };
        let said = found.to_string();
        assert!(said.contains(wanted), "{layer}\nsays: {said}");
        let here = found.iter().any(|d| d.labels().iter().any(|l| l.span.name() == "test.yaml"));
        assert!(here, "no place in the layer for {layer}: {said}");
        assert!(found.iter().all(|d| !d.hints().is_empty()), "no hint for {layer}: {said}");
    }
}
