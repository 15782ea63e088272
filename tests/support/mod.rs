//! What the test suites share: this repository as a project, and a small story-like harness over memory.

#![expect(clippy::allow_attributes, reason = "see below")]
#![allow(dead_code, unreachable_pub, reason = "not every suite uses all of it")]
#![allow(clippy::panic, reason = "a failing helper fails its test")]

use plimsoll::{Diagnostics, DirSource, Layer, MemorySource, Rendered, Request, Secrets, render};

/// This repository: its charts are the first project that plimsoll renders.
pub fn repository() -> DirSource {
    DirSource::new(env!("CARGO_MANIFEST_DIR")).expect("the repository is a folder")
}

/// Renders a release of this repository with a layer on top, secrets as placeholders.
pub fn with_layer(release: &str, layer: &str) -> Result<Rendered, Diagnostics> {
    let mut request = Request::new(release).with_secrets(Secrets::Placeholder);
    if !layer.is_empty() {
        request = request.with_layer(Layer::text("test.yaml", layer));
    }
    render(&repository(), &request)
}

/// `Kind/name` of each object, in stream order.
pub fn names(rendered: &Rendered) -> Vec<String> {
    let id = |r: &plimsoll::Resource| format!("{}/{}", r.id().kind, r.id().name);
    rendered.resources().iter().map(id).collect()
}

/// A chart `web` with one component `app`, in memory.
pub struct Web {
    source: MemorySource,
    request: Request,
}

impl Web {
    /// With a schema for `app` and a template.
    pub fn new(schema: &str, template: &str) -> Self {
        let source = MemorySource::new();
        let web = Self { source, request: Request::new("web") };
        web.file(
            "charts/web/chart.yaml",
            "apiVersion: plimsoll.dev/v1\nkind: Chart\nname: web\nversion: 1.0.0\ncomponents: {app: {}}\n",
        )
        .file("schemas/web/app.yaml", schema)
        .file("charts/web/app/app.yaml.j2", template)
    }

    /// A ConfigMap whose data come from the values `a` (a string) and `n` (an integer), both optional.
    pub fn config_map() -> Self {
        Self::new(
            "type: object\nproperties:\n  a: {type: string, default: x}\n  n: {type: integer, default: 1}\n  b: {type: boolean, default: false}\n  ports: {type: array, items: {type: integer}}\n",
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata:\n  a: {{ values.a }}\n  n: \"{{ values.n }}\"\n  b: \"{{ values.b }}\"\n",
        )
    }

    pub fn file(mut self, path: &str, text: &str) -> Self {
        self.source = self.source.with(path, text).expect("a path below the root");
        self
    }

    pub fn layer(mut self, text: &str) -> Self {
        self.request = self.request.with_layer(Layer::text("layer.yaml", text));
        self
    }

    pub fn set(mut self, expression: &str) -> Self {
        self.request = self.request.with_layer(Layer::set(expression));
        self
    }

    pub fn render(&self) -> Result<Rendered, Diagnostics> {
        render(&self.source, &self.request)
    }

    /// The output.
    pub fn yaml(&self) -> String {
        match self.render() {
            Ok(rendered) => rendered.to_yaml(),
            Err(found) => panic!("{found}"),
        }
    }

    /// The first object as data.
    pub fn object(&self) -> serde_json::Value {
        self.render().unwrap_or_else(|found| panic!("{found}")).resources()[0].to_value()
    }

    /// The findings, one per line.
    pub fn findings(&self) -> String {
        match self.render() {
            Ok(rendered) => panic!("expected findings, got\n{}", rendered.to_yaml()),
            Err(found) => found.to_string(),
        }
    }
}
