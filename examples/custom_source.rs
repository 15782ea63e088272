//! A source of one's own: the files of a folder, some of them edited and not yet saved, as in an editor.
#![expect(clippy::print_stdout, reason = "examples print")]

use std::collections::BTreeMap;
use std::sync::Arc;

use plimsoll::{DirSource, ReadError, Request, Source, SourcePath, render};

struct Editor {
    saved: DirSource,
    unsaved: BTreeMap<SourcePath, Arc<str>>,
}

impl Source for Editor {
    fn read(&self, path: &SourcePath) -> Result<Arc<str>, ReadError> {
        self.unsaved.get(path).map_or_else(|| self.saved.read(path), |text| Ok(Arc::clone(text)))
    }

    fn list(&self, dir: &SourcePath) -> Result<Vec<SourcePath>, ReadError> {
        let mut paths = self.saved.list(dir)?;
        paths.extend(self.unsaved.keys().filter(|path| path.strip_prefix(dir).is_some()).cloned());
        paths.sort();
        paths.dedup();
        Ok(paths)
    }
}

pub(crate) fn main() -> Result<(), Box<dyn std::error::Error>> {
    let saved = DirSource::new(env!("CARGO_MANIFEST_DIR"))?;
    let edited = SourcePath::new("values/k8s-combat/dev.yaml")?;
    let source = Editor { saved, unsaved: BTreeMap::from([(edited, "replicas: 7".into())]) };
    let rendered = render(&source, &Request::new("k8s-combat/dev"))?;
    let yaml = rendered.resources().first().map(plimsoll::Resource::to_yaml).unwrap_or_default();
    print!("{yaml}");
    assert!(yaml.contains("replicas: 7"));
    Ok(())
}
