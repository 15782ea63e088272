//! Kustomize's own file, which says what a folder holds.

use crate::span::Span;
use crate::yaml::{Kind, Node, write};

/// The text of a `kustomization.yaml` that takes in these files or folders, and keeps their order: by itself Kustomize
/// sorts objects by kind.
#[must_use]
pub fn kustomization<'a>(resources: impl IntoIterator<Item = &'a str>) -> String {
    let items = resources.into_iter().map(Node::string).collect();
    let node = Node::map([
        ("apiVersion".into(), Node::string("kustomize.config.k8s.io/v1beta1")),
        ("kind".into(), Node::string("Kustomization")),
        ("resources".into(), Node::new(Kind::List(items), Span::default())),
        ("sortOptions".into(), Node::map([("order".into(), Node::string("fifo"))])),
    ]);
    let mut out = String::new();
    write(&node, &mut out);
    out
}
