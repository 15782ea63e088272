//! The project of `tests/support/web` in memory, changed by a test.

use plimsoll::{Diagnostics, Layer, MemorySource, Rendered, Request, render};

/// The files of the project, those of the component under test apart.
const FILES: [(&str, &str); 8] = [
    ("plimsoll.yaml", include_str!("web/plimsoll.yaml")),
    ("charts/web/chart.yaml", include_str!("web/charts/web/chart.yaml")),
    ("charts/web/app/config.yaml.j2", include_str!("web/charts/web/app/config.yaml.j2")),
    ("schemas/web/chart.yaml", include_str!("web/schemas/web/chart.yaml")),
    ("schemas/web/common.yaml", include_str!("web/schemas/web/common.yaml")),
    ("schemas/web/app.yaml", include_str!("web/schemas/web/app.yaml")),
    ("schemas/web/job.yaml", include_str!("web/schemas/web/job.yaml")),
    ("values/web/base.yaml", include_str!("web/values/web/base.yaml")),
];

/// A rendering in the making.
pub(crate) struct Web {
    source: MemorySource,
    request: Request,
}

impl Web {
    pub(crate) fn new() -> Self {
        let web = Self {
            source: MemorySource::new(),
            request: Request::new("web/dev").with_validation(false),
        };
        FILES.iter().fold(web, |web, (path, text)| web.file(path, text))
    }

    /// Adds a file, or replaces it.
    pub(crate) fn file(mut self, path: &str, text: &str) -> Self {
        self.source = self.source.with(path, text).expect("a path of the project");
        self
    }

    /// Replaces the template of the component `app`.
    pub(crate) fn template(self, text: &str) -> Self {
        self.file("charts/web/app/config.yaml.j2", text)
    }

    /// A layer on top, called `layer.yaml` in messages.
    pub(crate) fn layer(mut self, text: &str) -> Self {
        self.request = self.request.with_layer(Layer::text("layer.yaml", text));
        self
    }

    /// `--set`.
    pub(crate) fn set(mut self, expression: &str) -> Self {
        self.request = self.request.with_layer(Layer::set(expression));
        self
    }

    pub(crate) fn render(&self) -> Result<Rendered, Diagnostics> {
        render(&self.source, &self.request)
    }

    /// The whole stream; a finding fails the test.
    pub(crate) fn yaml(&self) -> String {
        self.render().expect("the project renders").to_yaml()
    }
}
