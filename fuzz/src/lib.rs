//! The smallest project around a text that the fuzzer chose.

use plimsoll::{MemorySource, PathError, Request, render};

const CHART: &str = "\
apiVersion: plimsoll.dev/v1
kind: Chart
name: web
version: 1.0.0
components: {app: {}}
";

const SCHEMA: &str = "\
type: object
additionalProperties: true
properties:
  text: {type: string, default: 'a: b # c'}
  number: {type: integer, default: 7}
  list: {type: array, default: [x, 'y: z', {k: v}]}
  map: {type: object, additionalProperties: true, default: {a: 1, b: {c: null}}}
  absent: {type: string}
";

/// A template that prints everything a layer may hold.
pub const PRINT_ALL: &str = "\
apiVersion: v1
kind: ConfigMap
metadata: {name: all}
data: {{ values }}
";

/// A project with one template (`name` decides whether it has tags) and one layer.
pub fn project(name: &str, template: &str, layer: &str) -> Result<MemorySource, PathError> {
    MemorySource::new()
        .with(
            "plimsoll.yaml",
            "\
apiVersion: plimsoll.dev/v1
kind: Project
releases:
  - {name: web, chart: web, namespace: web, layers: [values/web/fuzz.yaml]}
",
        )?
        .with("charts/web/chart.yaml", CHART)?
        .with("schemas/web/app.yaml", SCHEMA)?
        .with("values/web/fuzz.yaml", layer)?
        .with(&format!("charts/web/app/{name}"), template)
}

/// What the release `web` renders to; on failure the codes of the findings.
pub fn outcome(source: &MemorySource) -> Result<String, Vec<&'static str>> {
    match render(source, &Request::new("web")) {
        Ok(rendered) => Ok(rendered.to_yaml()),
        Err(findings) => {
            assert!(findings.has_errors(), "a failure without an error");
            // Drawing must not panic either, wherever the spans point.
            let _ = findings.to_string();
            Err(findings.iter().map(plimsoll::Diagnostic::code).collect())
        }
    }
}
