//! Custom resource definitions: those of the manifest itself, and those that a project keeps under `schemas/crds/`.

use crate::diag::{Diagnostic, Diagnostics};
use crate::source::{Source, SourcePath};
use crate::span::SourceText;
use crate::yaml::{Kind, Node, Parse, Reading};

/// Where a project keeps definitions that no release of it renders.
const FOLDER: &str = "schemas/crds";

/// What is known of custom resources.
#[derive(Default)]
pub(crate) struct Definitions<'a> {
    all: Vec<&'a Node>,
    /// Whether nothing more can be known.
    pub(super) is_complete: bool,
}

/// One version of a custom resource.
pub(super) struct Custom<'a> {
    pub(super) served: bool,
    pub(super) deprecated: bool,
    /// What the definition says to those who use a deprecated version.
    pub(super) warning: Option<&'a str>,
    pub(super) schema: Option<&'a Node>,
    pub(super) cluster_scoped: bool,
}

/// What a search gives.
pub(super) enum Search<'a> {
    Found(Custom<'a>),
    /// The kind is defined, but not in this version; in these.
    OtherVersions(Vec<&'a str>),
    Nothing,
}

impl Custom<'_> {
    /// Whether the definition lets any fields through and names none.
    pub(super) fn is_open(&self) -> bool {
        self.schema.is_none_or(|schema| schema.get("properties").is_none())
    }
}

impl<'a> Definitions<'a> {
    pub(super) fn complete() -> Self {
        Self { is_complete: true, ..Self::default() }
    }

    /// Takes what is a definition among these objects.
    pub(crate) fn extend(&mut self, objects: impl IntoIterator<Item = &'a Node>) {
        self.all.extend(objects.into_iter().filter(|node| is_definition(node)));
    }

    pub(super) fn find(&self, group: &str, version: &str, kind: &str) -> Search<'a> {
        let mut others = Vec::new();
        for definition in &self.all {
            let Some(spec) = definition.get("spec") else { continue };
            let named = spec.get("names").and_then(|names| text(names, "kind"));
            if text(spec, "group") != Some(group) || named != Some(kind) {
                continue;
            }
            let versions = spec.get("versions").and_then(Node::as_list).unwrap_or_default();
            for of in versions {
                let name = text(of, "name").unwrap_or_default();
                if name == version {
                    return Search::Found(Custom {
                        served: !matches!(
                            of.get("served").map(|n| &n.kind),
                            Some(Kind::Bool(false))
                        ),
                        deprecated: matches!(
                            of.get("deprecated").map(|n| &n.kind),
                            Some(Kind::Bool(true))
                        ),
                        warning: text(of, "deprecationWarning"),
                        schema: of.get("schema").and_then(|schema| schema.get("openAPIV3Schema")),
                        cluster_scoped: text(spec, "scope") == Some("Cluster"),
                    });
                }
                others.push(name);
            }
        }
        if others.is_empty() { Search::Nothing } else { Search::OtherVersions(others) }
    }
}

/// Reads those files of a project that may define one of the kinds.
pub(crate) fn load(source: &dyn Source, wanted: &[&str]) -> Result<Vec<Node>, Diagnostics> {
    let mut found = Diagnostics::new();
    let mut all = Vec::new();
    let files = SourcePath::new(FOLDER).ok().and_then(|folder| source.list(&folder).ok());
    for path in files.unwrap_or_default() {
        if ![".yaml", ".yml", ".json"].iter().any(|end| path.as_str().ends_with(end)) {
            continue;
        }
        let text = match source.read(&path) {
            Ok(text) if !wanted.iter().any(|kind| text.contains(kind)) => continue,
            Ok(text) => SourceText::new(path.as_str(), text),
            Err(error) => {
                found.push(Diagnostic::error("api.definition", error.to_string()));
                continue;
            }
        };
        // Published definitions are read as kubectl reads them.
        match (Parse { reading: Reading::Kubectl, ..Parse::strict() }).documents(&text) {
            Err(more) => found.extend(more),
            Ok(documents) => {
                for node in documents.into_iter().filter(|node| !matches!(node.kind, Kind::Null)) {
                    if is_definition(&node) {
                        all.push(node);
                    } else {
                        let message = format!(
                            "`{path}` holds what is no CustomResourceDefinition of apiextensions.k8s.io/v1"
                        );
                        found.push(Diagnostic::error("api.definition", message).at(&node.span, ""));
                    }
                }
            }
        }
    }
    found.into_result(all)
}

fn is_definition(node: &Node) -> bool {
    text(node, "kind") == Some("CustomResourceDefinition")
        && text(node, "apiVersion") == Some("apiextensions.k8s.io/v1")
}

fn text<'a>(node: &'a Node, key: &str) -> Option<&'a str> {
    node.get(key).and_then(Node::as_str)
}
