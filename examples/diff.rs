//! Says what a flag would change: each field with the line that is behind it.
#![expect(clippy::print_stdout, reason = "examples print")]

use plimsoll::diff::{Manifest, diff};
use plimsoll::{DirSource, Layer, Request, render};

pub(crate) fn main() -> Result<(), Box<dyn std::error::Error>> {
    let source = DirSource::new(env!("CARGO_MANIFEST_DIR"))?;
    let before = Request::new("k8s-combat/dev");
    let after = before.clone().with_layer(Layer::set("replicas=3"));
    let old = Manifest::of(&render(&source, &before)?);
    let new = Manifest::of(&render(&source, &after)?);
    let diff = diff(&old, &new).with_causes(Some((&source, &before)), Some((&source, &after)))?;
    for object in diff.objects() {
        println!("{}/{} {}", object.id().kind, object.id().name, object.verdict().as_str());
        for change in object.fields() {
            let text = |side: Option<String>| side.unwrap_or_else(|| "nothing".to_owned());
            println!("  {}: {} → {}", change.path(), text(change.before()), text(change.after()));
            if let Some(cause) = change.new_cause() {
                println!("    by {:?}", cause.span());
            }
        }
    }
    let changes = diff.objects().iter().flat_map(plimsoll::diff::ObjectDiff::fields);
    let paths: Vec<String> = changes.map(|change| change.path().to_string()).collect();
    assert_eq!(paths, ["spec.replicas"]);
    Ok(())
}
