//! Findings as data: what an editor, a bot or a web service would send on.
#![expect(clippy::print_stdout, reason = "examples print")]

use plimsoll::{DirSource, Layer, Request, render};
use serde_json::{Value, json};

pub(crate) fn main() -> Result<(), Box<dyn std::error::Error>> {
    let source = DirSource::new(env!("CARGO_MANIFEST_DIR"))?;
    let mistyped = Layer::text("mine.yaml", "replica: 3\nimage: {tag: 1.10}\n");
    let request = Request::new("k8s-combat/dev").with_layer(mistyped);
    let Err(findings) = render(&source, &request) else {
        return Err("the layer is wrong on purpose".into());
    };
    let findings: Vec<Value> = findings
        .iter()
        .map(|finding| {
            let place = finding.span().and_then(|span| Some((span.name(), span.start()?)));
            json!({
                "code": finding.code(),
                "severity": finding.severity().as_str(),
                "message": finding.message(),
                "file": place.map(|(file, _)| file),
                "line": place.map(|(_, at)| at.line),
                "column": place.map(|(_, at)| at.column),
                "hints": finding.hints(),
            })
        })
        .collect();
    println!("{:#}", Value::from(findings.clone()));
    assert_eq!(findings.len(), 2);
    assert_eq!(
        (&findings[0]["code"], &findings[0]["line"]),
        (&json!("values.unknown-key"), &json!(1))
    );
    Ok(())
}
