//! Text in, [`Node`]s out.

use crate::diag::Diagnostics;
use crate::span::SourceText;

use super::Node;

/// How plain scalars are read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Reading {
    /// YAML 1.2 core, for files that people write for us: layers, charts, schemas. Scalars on which readers
    /// disagree (`yes`, `0777`, `1_000`, `12:30`) are plain strings; `true`, `12`, `0x1F`, `1.5` and `null` are what they say.
    Core,
    /// As kubectl reads manifests (YAML 1.1 by way of sigs.k8s.io/yaml): `yes` is true, `0644` is 420.
    Kubectl,
}

/// Bounds on what a hostile text may cost.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Levels of nesting.
    pub(crate) depth: usize,
    /// Nodes that aliases may add in all.
    pub(crate) alias_nodes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { depth: 128, alias_nodes: 100_000 }
    }
}

/// How a text is to be read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parse {
    pub(crate) reading: Reading,
    pub(crate) limits: Limits,
    /// Whether local tags (`!append`) are kept on the nodes; otherwise each is an error. Unknown names are the caller's matter.
    pub(crate) tags: bool,
    /// Whether `<<` merges as YAML 1.1 says (from aliases or literal maps) or stays an ordinary entry for the caller.
    pub(crate) merge_keys: bool,
    /// Whether a key written twice is an error here or left to the caller.
    pub(crate) duplicate_keys: bool,
}

impl Parse {
    /// Every document of the stream. An empty text has none; a document that holds nothing (a bare `---`) is null.
    pub(crate) fn documents(&self, source: &SourceText) -> Result<Vec<Node>, Diagnostics> {
        let _ = (self, source);
        Ok(Vec::new())
    }

    /// The one document of a file; an empty file is null with a span at its start, a second document an error.
    pub(crate) fn document(&self, source: &SourceText) -> Result<Node, Diagnostics> {
        let _ = (self, source);
        Ok(Node::null())
    }
}
