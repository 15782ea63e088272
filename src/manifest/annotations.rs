//! Annotations that tell an applier the order: words that it would not understand, or pass over in silence.

use crate::diag::{Diagnostic, Diagnostics, nearest};
use crate::span::Span;
use crate::yaml::Node;

/// What may stand behind an annotation.
enum Wanted {
    /// Some of these words, parted by commas.
    Words(&'static [&'static str]),
    /// A whole number.
    Integer,
    /// `upsert after upserting …` or `delete before deleting …`.
    Rule,
    /// `group/kind/name` or `group/namespaces/namespace/kind/name`, parted by commas.
    References,
}

const HELM_HOOKS: &[&str] = &[
    "pre-install",
    "post-install",
    "pre-delete",
    "post-delete",
    "pre-upgrade",
    "post-upgrade",
    "pre-rollback",
    "post-rollback",
    "test",
    "test-success",
    "test-failure",
    "crd-install",
];
const ARGO_HOOKS: &[&str] =
    &["PreSync", "Sync", "PostSync", "SyncFail", "Skip", "PreDelete", "PostDelete"];
const KLUCTL_HOOKS: &[&str] = &[
    "pre-deploy",
    "post-deploy",
    "pre-deploy-initial",
    "post-deploy-initial",
    "pre-deploy-upgrade",
    "post-deploy-upgrade",
];

/// Each annotation; one that ends in `.` or `-` has any text behind that.
const KNOWN: &[(&str, Wanted)] = &[
    ("config.kubernetes.io/depends-on", Wanted::References),
    ("helm.sh/hook", Wanted::Words(HELM_HOOKS)),
    ("helm.sh/hook-weight", Wanted::Integer),
    (
        "helm.sh/hook-delete-policy",
        Wanted::Words(&["before-hook-creation", "hook-succeeded", "hook-failed"]),
    ),
    ("helm.sh/resource-policy", Wanted::Words(&["keep"])),
    ("argocd.argoproj.io/sync-wave", Wanted::Integer),
    ("argocd.argoproj.io/hook", Wanted::Words(ARGO_HOOKS)),
    (
        "argocd.argoproj.io/hook-delete-policy",
        Wanted::Words(&["HookSucceeded", "HookFailed", "BeforeHookCreation"]),
    ),
    ("kapp.k14s.io/change-rule", Wanted::Rule),
    ("kapp.k14s.io/change-rule.", Wanted::Rule),
    ("werf.io/weight", Wanted::Integer),
    ("kluctl.io/hook", Wanted::Words(KLUCTL_HOOKS)),
    ("kluctl.io/hook-weight", Wanted::Integer),
];

/// Looks at the annotations of an object; `at` is its place where that of a value is not known.
pub(super) fn check(node: &Node, at: &Span, found: &mut Diagnostics) {
    let annotations = node.get("metadata").and_then(|metadata| metadata.get("annotations"));
    for entry in annotations.and_then(Node::as_map).into_iter().flat_map(|map| &map.entries) {
        let key = &*entry.key.text;
        let Some(text) = entry.value.as_str() else { continue };
        let place = |span: &Span| if span.is_known() { span.clone() } else { at.clone() };
        let known = KNOWN
            .iter()
            .find(|(name, _)| *name == key || name.ends_with('.') && key.starts_with(name));
        let finding = match known {
            Some((_, wanted)) => {
                wrong(key, wanted, text).map(|found| found.at(&place(&entry.value.span), ""))
            }
            None => misspelt(key).map(|found| found.at(&place(&entry.key_span), "")),
        };
        found.extend(finding);
    }
}

fn wrong(key: &str, wanted: &Wanted, text: &str) -> Option<Diagnostic> {
    let finding = |message: String| Diagnostic::error("manifest.order-annotation", message);
    match wanted {
        Wanted::Words(words) => {
            let unknown =
                text.split(',').map(str::trim).find(|word| !words.contains(word))?.to_owned();
            Some(finding(format!("`{key}` has no word {}", shown(&unknown))).hint(
                match nearest(&unknown, words.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("there are {}", words.join(", ")),
                },
            ))
        }
        Wanted::Integer => text.trim().parse::<i64>().is_err().then(|| {
            finding(format!("`{key}` is {}, not a whole number", shown(text)))
                .hint("write a number in quotes: `\"10\"`")
        }),
        Wanted::References => {
            let wrong =
                text.split(',').map(str::trim).find(|reference| !is_reference(reference))?;
            Some(
                finding(format!("`{key}` holds {}, which names no object", shown(wrong)))
                    .hint("write `group/namespaces/NAMESPACE/Kind/name`, or `group/Kind/name` for what has no namespace; the core group is empty"),
            )
        }
        Wanted::Rule => {
            let words: Vec<&str> = text.split(' ').collect();
            let legal = matches!(
                words[..],
                ["upsert" | "delete", "after" | "before", "upserting" | "deleting", group]
                    if !group.is_empty()
            );
            (!legal).then(|| {
                finding(format!("`{key}` is {}, which is no rule", shown(text)))
                    .hint("write `upsert after upserting GROUP` or `delete before deleting GROUP`")
            })
        }
    }
}

fn shown(text: &str) -> String {
    if text.is_empty() { "empty".to_owned() } else { format!("`{text}`") }
}

/// Whether a text names an object as cli-utils does.
fn is_reference(text: &str) -> bool {
    match text.split('/').collect::<Vec<_>>()[..] {
        [_, kind, name] => !kind.is_empty() && !name.is_empty(),
        [_, "namespaces", namespace, kind, name] => {
            !namespace.is_empty() && !kind.is_empty() && !name.is_empty()
        }
        _ => false,
    }
}

/// An annotation under the domain of an applier whose name is nearly one of those it knows.
fn misspelt(key: &str) -> Option<Diagnostic> {
    let (domain, name) = key.split_once('/')?;
    let names = KNOWN.iter().filter_map(|(known, _)| {
        known.strip_prefix(domain)?.strip_prefix('/').filter(|name| !name.ends_with('.'))
    });
    // Appliers have more annotations than those that order; only one letter may differ.
    let near = nearest(name, names).filter(|near| strsim::damerau_levenshtein(near, name) == 1)?;
    let message = format!("`{domain}` knows no annotation `{name}`");
    Some(
        Diagnostic::error("manifest.order-annotation", message)
            .hint(format!("did you mean `{domain}/{near}`?")),
    )
}
