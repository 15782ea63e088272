//! What the test suites share: this repository as a project.

use plimsoll::{Diagnostics, DirSource, Layer, Rendered, Request, Secrets, render};

/// This repository: its charts are the first project that plimsoll renders.
pub(crate) fn repository() -> DirSource {
    DirSource::new(env!("CARGO_MANIFEST_DIR")).expect("the repository is a folder")
}

/// Renders a release of this repository with a layer on top, secrets as placeholders.
pub(crate) fn with_layer(release: &str, layer: &str) -> Result<Rendered, Diagnostics> {
    let mut request = Request::new(release).with_secrets(Secrets::Placeholder);
    if !layer.is_empty() {
        request = request.with_layer(Layer::text("test.yaml", layer));
    }
    render(&repository(), &request)
}

/// `Kind/name` of each object, in stream order.
pub(crate) fn names(rendered: &Rendered) -> Vec<String> {
    let id = |r: &plimsoll::Resource| format!("{}/{}", r.id().kind, r.id().name);
    rendered.resources().iter().map(id).collect()
}
