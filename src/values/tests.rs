//! The stage through its front door: schemas and layers in, values or findings out.

mod findings;
mod merging;
mod schemas;

use std::collections::BTreeSet;

use super::{CheckedValues, Layer, Secrets, check, merge, to_json};
use crate::diag::Diagnostics;
use crate::schema::ChartSchema;
use crate::source::{MemorySource, SourcePath};

struct Case {
    source: MemorySource,
    components: Vec<&'static str>,
    layers: Vec<Layer>,
    secrets: Secrets,
    disabled: bool,
}

fn case() -> Case {
    Case {
        source: MemorySource::new(),
        components: Vec::new(),
        layers: Vec::new(),
        secrets: Secrets::Required,
        disabled: false,
    }
}

impl Case {
    fn file(mut self, path: &str, text: &str) -> Self {
        self.source = self.source.with(path, text).unwrap();
        self
    }

    /// The schema of the one component `web`.
    fn schema(mut self, text: &str) -> Self {
        self.components.push("web");
        self.file("schemas/app/web.yaml", text)
    }

    fn layer(mut self, text: &str) -> Self {
        let name = format!("layer-{}.yaml", self.layers.len() + 1);
        self.source = self.source.with(&name, text).unwrap();
        self.layers.push(Layer::file(SourcePath::new(&name).unwrap()));
        self
    }

    fn set(mut self, expression: &str) -> Self {
        self.layers.push(Layer::set(expression));
        self
    }

    fn with(mut self, layer: Layer) -> Self {
        self.layers.push(layer);
        self
    }

    fn placeholders(mut self) -> Self {
        self.secrets = Secrets::Placeholder;
        self
    }

    fn disabled(mut self) -> Self {
        self.disabled = true;
        self
    }

    fn load(&self) -> Result<ChartSchema, Diagnostics> {
        ChartSchema::load(&self.source, "app", &self.components)
    }

    fn run(&self) -> Result<(CheckedValues, Diagnostics), Diagnostics> {
        let schema = self.load()?;
        let layers =
            Diagnostics::collect(self.layers.iter().map(|layer| layer.load(&self.source)))?;
        let values = merge(&schema, &layers, self.secrets)?;
        let enabled: BTreeSet<String> = if self.disabled {
            BTreeSet::new()
        } else {
            self.components.iter().map(|&name| name.to_owned()).collect()
        };
        check(&schema, values, &enabled, self.secrets)
    }

    #[track_caller]
    fn values(&self) -> serde_json::Value {
        match self.run() {
            Ok((values, _)) => to_json(values.tree()),
            Err(found) => panic!("{found}"),
        }
    }

    #[track_caller]
    fn web(&self) -> serde_json::Value {
        self.values()["web"].clone()
    }

    #[track_caller]
    fn errors(&self) -> String {
        self.run().map(|_| ()).unwrap_err().to_string()
    }
}
