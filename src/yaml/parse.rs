//! Text in, [`Node`]s out.
//!
//! The `granit-parser` crate turns the text into events, [`Builder`] makes a tree of them and collects what it
//! finds wrong, and [`syntax`](super::syntax) says in our words where the text is no YAML at all. Findings about
//! the content (duplicate keys, unknown tags and anchors) are gathered; a syntax error ends the reading.

use granit_parser::{Event, Parser, options};

use crate::diag::{Diagnostic, Diagnostics};
use crate::span::SourceText;

use super::Node;
use super::build::Builder;
use super::quick;
use super::syntax::syntax_error;

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
    /// For the files that people write for us, layers excepted: YAML 1.2, no tags, every key once.
    pub(crate) fn strict() -> Self {
        Self {
            reading: Reading::Core,
            limits: Limits::default(),
            tags: false,
            merge_keys: true,
            duplicate_keys: true,
        }
    }

    /// Every document of the stream. An empty text has none; a document that holds nothing (a bare `---`) is null.
    pub(crate) fn documents(&self, source: &SourceText) -> Result<Vec<Node>, Diagnostics> {
        self.read(source, usize::MAX)
    }

    /// The one document of a file; an empty file is null with a span at its start, a second document an error.
    pub(crate) fn document(&self, source: &SourceText) -> Result<Node, Diagnostics> {
        let node = self.read(source, 1)?.pop();
        Ok(node.unwrap_or_else(|| Node::new(super::Kind::Null, source.span(0..0))))
    }

    fn read(&self, source: &SourceText, most: usize) -> Result<Vec<Node>, Diagnostics> {
        match quick::read(self, source, most) {
            Some(documents) => Ok(documents),
            None => self.read_all(source, most),
        }
    }

    /// The quick reader's answer where it has one, and the parser's.
    pub(crate) fn both(
        &self,
        source: &SourceText,
    ) -> (Option<Vec<Node>>, Result<Vec<Node>, Diagnostics>) {
        (quick::read(self, source, usize::MAX), self.read_all(source, usize::MAX))
    }

    fn read_all(&self, source: &SourceText, most: usize) -> Result<Vec<Node>, Diagnostics> {
        let text = source.text();
        // One more than ours, so that our own check, which knows the place, comes first.
        let nesting = self.limits.depth.saturating_add(1);
        let mut options = options! {
            emit_unresolved_aliases: true,
            flow_nesting_limit: nesting,
            block_nesting_limit: nesting,
        };
        options.set_emit_comments(false);
        let mut builder = Builder::new(self, source);
        let mut started = 0;
        let mut reached = 0;
        for event in Parser::new_from_str_with_options(text, options) {
            let (event, span) = match event {
                Ok(event) => event,
                Err(error) => {
                    builder.report_syntax(syntax_error(&error, source, reached, self.limits.depth));
                    break;
                }
            };
            let range = span.byte_range().unwrap_or(reached..reached);
            reached = range.end.max(reached);
            if let Event::DocumentStart(..) = event {
                started += 1;
                if started > most {
                    let place = source.span(range);
                    builder.report(
                        Diagnostic::error(
                            "yaml.second-document",
                            "only one document is allowed here",
                        )
                        .at(&place, "a second one starts here")
                        .hint("remove this document or put it into a file of its own"),
                    );
                    break;
                }
            }
            if builder.event(event, &span, range).is_break() {
                break;
            }
        }
        builder.finish()
    }
}
