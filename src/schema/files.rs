//! The texts of the schemas of a chart, and where a `$ref` in one of them leads.

use std::collections::BTreeMap;

use crate::source::SourcePath;
use crate::yaml::{Kind, Node};

/// The parsed files, those that only a `$ref` reached included.
#[derive(Default)]
pub(super) struct Files {
    pub(super) all: Vec<SchemaFile>,
    pub(super) index: BTreeMap<SourcePath, usize>,
}

pub(super) struct SchemaFile {
    pub(super) path: SourcePath,
    pub(super) node: Node,
}

/// One schema: a node and the file that its references are relative to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rule<'a> {
    pub(super) file: usize,
    pub(crate) node: &'a Node,
}

/// The schema of one component, or of the chart-wide values.
pub(crate) struct Part {
    /// The key its values stand under; `None` for the chart-wide ones.
    pub(crate) key: Option<String>,
    /// Where its schema is, or would be.
    pub(crate) path: SourcePath,
    /// Which file that is; `None` if there is none.
    pub(super) file: Option<usize>,
}

impl Part {
    /// Whether somebody wrote a schema; otherwise no value may be given.
    pub(crate) fn exists(&self) -> bool {
        self.file.is_some()
    }
}

impl Files {
    /// Where the `$ref` of a schema leads; `None` without one, or before [`check`](super::read::Loading::check) refused a wrong one.
    pub(super) fn target(&self, rule: Rule<'_>) -> Option<Rule<'_>> {
        let reference = rule.node.get("$ref")?.as_str()?;
        let (file, pointer) = split(reference);
        let file = if file.is_empty() {
            rule.file
        } else {
            *self.index.get(&self.all[rule.file].path.parent().join(file).ok()?)?
        };
        let mut node = &self.all[file].node;
        for step in pointer.split('/').skip(1) {
            let step = step.replace("~1", "/").replace("~0", "~");
            node = match &node.kind {
                Kind::Map(map) => map.get(&step)?,
                Kind::List(items) => items.get(step.parse::<usize>().ok()?)?,
                _ => return None,
            };
        }
        Some(Rule { file, node })
    }
}

pub(super) fn split(reference: &str) -> (&str, &str) {
    reference.split_once('#').unwrap_or((reference, ""))
}
