//! Reading the files that people write for us: closed mappings with positions and "did you mean".

use crate::diag::{Diagnostic, Diagnostics, nearest};
use crate::span::Span;
use crate::yaml::{Kind, Map, Node};

/// A mapping whose keys are known; every unknown one is a finding.
pub(crate) struct Fields<'a> {
    map: &'a Map,
    span: &'a Span,
    what: &'a str,
    /// Known keys that unknown ones were taken for.
    meant: Vec<String>,
}

impl<'a> Fields<'a> {
    /// `what` names the thing in messages: "component `web`".
    pub(crate) fn of(
        node: &'a Node,
        what: &'a str,
        known: &[&str],
        found: &mut Diagnostics,
    ) -> Option<Self> {
        let Some(map) = node.as_map() else {
            found.push(expected(node, what, "a mapping"));
            return None;
        };
        let mut meant = Vec::new();
        for entry in &map.entries {
            if !known.contains(&&*entry.key.text) {
                let key = &entry.key.text;
                let near = nearest(key, known.iter().copied()).or_else(|| ours(key, known));
                meant.extend(near.map(str::to_owned));
                found.push(
                    Diagnostic::error("file.unknown-key", format!("unknown key `{key}` in {what}"))
                        .at(&entry.key_span, "")
                        .hint(match near {
                            Some(near) => format!("did you mean `{near}`?"),
                            None => format!("known keys: {}", known.join(", ")),
                        }),
                );
            }
        }
        Some(Self { map, span: &node.span, what, meant })
    }

    /// A key that may be absent; a null counts as absent.
    pub(crate) fn get(&self, key: &str) -> Option<&'a Node> {
        self.map.get(key).filter(|node| !matches!(node.kind, Kind::Null))
    }

    /// A string that may be absent. Plain numbers count, so that `version: 1.0` means what it looks like.
    pub(crate) fn text(&self, key: &str, found: &mut Diagnostics) -> Option<(String, Span)> {
        let node = self.get(key)?;
        let text = match &node.kind {
            Kind::String(text) => text.text.to_string(),
            Kind::Bool(_) | Kind::Number(_) if !node.span.text().is_empty() => {
                node.span.text().to_owned()
            }
            _ => {
                found.push(expected(node, &format!("`{key}` of {}", self.what), "a string"));
                return None;
            }
        };
        Some((text, node.span.clone()))
    }

    /// A string that must be there.
    pub(crate) fn required(&self, key: &str, found: &mut Diagnostics) -> Option<(String, Span)> {
        if self.get(key).is_none() && !self.meant.iter().any(|meant| meant == key) {
            found.push(
                Diagnostic::error(
                    "file.missing-key",
                    format!("{} needs the key `{key}`", self.what),
                )
                .at(self.span, format!("`{key}` is missing here")),
            );
        }
        self.text(key, found)
    }

    /// A list that may be absent.
    pub(crate) fn list(&self, key: &str, found: &mut Diagnostics) -> &'a [Node] {
        match self.get(key) {
            None => &[],
            Some(node) => node.as_list().unwrap_or_else(|| {
                found.push(expected(node, &format!("`{key}` of {}", self.what), "a list"));
                &[]
            }),
        }
    }

    /// A mapping that may be absent.
    pub(crate) fn map(&self, key: &str, found: &mut Diagnostics) -> Option<&'a Map> {
        let node = self.get(key)?;
        if node.as_map().is_none() {
            found.push(expected(node, &format!("`{key}` of {}", self.what), "a mapping"));
        }
        node.as_map()
    }

    /// Refuses a file of another kind or version.
    pub(crate) fn header(&self, kind: &str, found: &mut Diagnostics) {
        for (key, wanted) in [("apiVersion", "plimsoll.dev/v1"), ("kind", kind)] {
            let Some((text, span)) = self.required(key, found) else { continue };
            if text != wanted {
                found.push(
                    Diagnostic::error("file.kind", format!("`{key}` is `{text}`, not `{wanted}`"))
                        .at(&span, "")
                        .hint(format!("write `{key}: {wanted}`")),
                );
            }
        }
    }
}

/// What other tools call the keys of these files.
fn ours<'k>(key: &str, known: &[&'k str]) -> Option<&'k str> {
    let meant = match key {
        "values" | "valueFiles" | "valuesFiles" | "files" => "layers",
        "dependsOn" | "depends_on" | "requires" | "after" => "needs",
        "dependencies" | "modules" | "parts" | "services" => "components",
        "condition" | "when" | "if" => "enabled",
        "outputs" | "provides" => "exports",
        "kubeVersion" | "kubernetesVersion" => "kubernetes",
        "environments" | "apps" | "applications" => "releases",
        "tags" | "environment" | "env" => "labels",
        _ => return None,
    };
    known.iter().copied().find(|known| *known == meant)
}

/// A finding about a value of the wrong type.
pub(crate) fn expected(node: &Node, what: &str, wanted: &str) -> Diagnostic {
    Diagnostic::error(
        "file.wrong-type",
        format!("{what} must be {wanted}, not {}", node.describe()),
    )
    .at(&node.span, "")
    .hint_opt(
        node.as_str()
            .filter(|text| wanted == "a list" && !text.contains('\n'))
            .map(|text| format!("write a list: `[{text}]`")),
    )
}

/// Whether a text is an RFC 1123 label: what Kubernetes allows as the name of a namespace or Service.
pub(crate) fn is_dns_label(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

/// Whether a text is an RFC 1123 subdomain: labels joined by dots, up to 253 characters.
pub(crate) fn is_dns_subdomain(text: &str) -> bool {
    text.len() <= 253
        && text.split('.').all(|part| {
            !part.is_empty()
                && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
                && !part.starts_with('-')
                && !part.ends_with('-')
        })
}
