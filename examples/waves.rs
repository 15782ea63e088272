//! Walks the objects of a release: wave by wave, with what each waits for.
#![expect(clippy::print_stdout, reason = "examples print")]

use plimsoll::{DirSource, Request, Secrets, render};

pub(crate) fn main() -> Result<(), Box<dyn std::error::Error>> {
    let source = DirSource::new(env!("CARGO_MANIFEST_DIR"))?;
    let request = Request::new("pulsar/minimal").with_secrets(Secrets::Placeholder);
    let rendered = render(&source, &request)?;
    let mut wave = None;
    for resource in rendered.resources() {
        if wave != Some(resource.wave()) {
            wave = Some(resource.wave());
            println!("wave {}", resource.wave());
        }
        let object = resource.to_value();
        let waits = object
            .pointer("/metadata/annotations/config.kubernetes.io~1depends-on")
            .and_then(serde_json::Value::as_str)
            .map_or(0, |list| list.split(',').count());
        let id = resource.id();
        println!("  {}/{} of {} waits for {waits}", id.kind, id.name, resource.component());
    }
    let waves: Vec<u32> = rendered.resources().iter().map(plimsoll::Resource::wave).collect();
    assert!(waves.is_sorted() && waves.last() > Some(&0));
    Ok(())
}
