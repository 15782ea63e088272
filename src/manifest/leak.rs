//! No `ConfigMap` holds a secret: everybody who may look at a namespace may read it.
//!
//! What a template puts somewhere is known only when it has run, so this looks at the objects, for the texts of the
//! secrets of the values. Very short ones would be found in anything and are not looked for.

use std::sync::Arc;

use crate::diag::{Diagnostic, Diagnostics};
use crate::yaml::{Kind, Node};

use super::resource::{Resource, first_line};

/// Shorter texts are left alone.
const SHORTEST: usize = 6;

/// Refuses each `ConfigMap` in which one of `secrets` (where it stands in the values, and its text) can be read.
pub(crate) fn no_leaks(
    resources: &[Resource],
    secrets: &[(String, Arc<str>)],
) -> Result<(), Diagnostics> {
    let mut found = Diagnostics::new();
    let secrets = || secrets.iter().filter(|(_, text)| text.len() >= SHORTEST);
    for resource in resources {
        if resource.id.kind != "ConfigMap" || !resource.id.group.is_empty() {
            continue;
        }
        for (path, secret) in secrets() {
            if holds(&resource.node, secret) {
                found.push(
                    Diagnostic::error(
                        "manifest.secret-in-config-map",
                        format!("`{}` holds the secret `{path}`", resource.id),
                    )
                    .at(&first_line(&resource.template, resource.document), "made here")
                    .hint(
                        "put it into a Secret, and let the configuration name a variable or a file",
                    ),
                );
            }
        }
    }
    found.into_result(())
}

fn holds(node: &Node, secret: &str) -> bool {
    match &node.kind {
        Kind::String(text) => text.text.contains(secret),
        Kind::List(items) => items.iter().any(|item| holds(item, secret)),
        Kind::Map(map) => map.entries.iter().any(|entry| holds(&entry.value, secret)),
        Kind::Null | Kind::Bool(_) | Kind::Number(_) => false,
    }
}
