//! Renders a release whose chart, schema and values are in memory: nothing is read from a disk.
#![expect(clippy::print_stdout, reason = "examples print")]

use plimsoll::{Layer, MemorySource, Request, render};

const CHART: &str = "\
apiVersion: plimsoll.dev/v1
kind: Chart
name: web
version: 1.0.0
components: {app: {}}
";

const SCHEMA: &str = "\
type: object
properties:
  greeting: {type: string, default: hello}
";

const TEMPLATE: &str = "\
apiVersion: v1
kind: ConfigMap
metadata: {name: web}
data: {greeting: {{ values.greeting }}}
";

pub(crate) fn main() -> Result<(), Box<dyn std::error::Error>> {
    let source = MemorySource::new()
        .with("charts/web/chart.yaml", CHART)?
        .with("schemas/web/app.yaml", SCHEMA)?
        .with("charts/web/app/config.yaml.j2", TEMPLATE)?;
    let request = Request::new("web").with_layer(Layer::text("mine", "app: {greeting: 'yes: no'}"));
    let yaml = render(&source, &request)?.to_yaml();
    print!("{yaml}");
    assert!(yaml.contains("greeting: \"yes: no\""));
    Ok(())
}
