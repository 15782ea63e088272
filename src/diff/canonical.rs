//! The form in which objects are written down to be compared: the order of keys means nothing to Kubernetes.

use crate::yaml::{Kind, Node, write};

/// Writes an object as one document with the keys of every mapping sorted; lists keep their order.
pub(crate) fn write_document(node: &Node, out: &mut String) {
    out.push_str("---\n");
    let mut node = node.clone();
    sort(&mut node);
    write(&node, out);
}

/// Sorts the keys of every mapping; what tells things apart comes first.
fn sort(node: &mut Node) {
    const FIRST: [&str; 4] = ["apiVersion", "kind", "metadata", "name"];
    match &mut node.kind {
        Kind::Map(map) => {
            let rank =
                |key: &str| FIRST.iter().position(|first| *first == key).unwrap_or(FIRST.len());
            map.entries.sort_by(|a, b| {
                let (a, b) = (&*a.key.text, &*b.key.text);
                (rank(a), a).cmp(&(rank(b), b))
            });
            map.entries.iter_mut().for_each(|entry| sort(&mut entry.value));
        }
        Kind::List(items) => items.iter_mut().for_each(sort),
        _ => {}
    }
}
