//! Whether what is named is there.

use std::collections::BTreeSet;

use crate::diag::{Diagnostic, nearest};
use crate::yaml::Node;

use super::MOST_FAULTS;
use super::fault::{Fault, NAME, told};
use super::find::{Part, Reference, port_of};
use super::index::{Index, Key, Objects};
use super::path::{At, text};
use super::there::{Elsewhere, is_brought_along};

/// Finds references that lead nowhere.
pub(super) struct Resolver<'a, 'r> {
    pub(super) objects: Objects<'a>,
    pub(super) index: &'r Index<'a>,
    pub(super) elsewhere: &'r Elsewhere<'a>,
}

impl<'a> Resolver<'a, '_> {
    pub(super) fn faults(&self, references: &[Reference<'a>]) -> Vec<Fault> {
        let mut faults = Vec::new();
        // An object that names another in ten places is wrong once.
        let mut seen: BTreeSet<(usize, Key<'a>)> = BTreeSet::new();
        for reference in references.iter().filter(|reference| !reference.is_optional) {
            if faults.len() >= MOST_FAULTS {
                break;
            }
            let key = key(reference);
            match self.index.get(key) {
                Some(target) => {
                    for (part, way) in &reference.parts {
                        faults.extend(self.part(reference.from, way, target, *part));
                    }
                }
                None if self.elsewhere.has(key) => {}
                None if !seen.insert((reference.from, key)) => {}
                None => faults.extend(self.missing(reference)),
            }
        }
        faults
    }

    fn missing(&self, reference: &Reference<'a>) -> Option<Fault> {
        let Reference { from, way, group, kind, namespace, name, .. } = reference;
        let known = || self.index.of_kind(group, kind).filter(|(of, ..)| of == namespace);
        let near = nearest(
            name,
            known().map(|(_, name, _)| name).chain(self.elsewhere.names(group, kind)),
        );
        if is_brought_along(group, kind) && near.is_none() {
            return None;
        }
        let finding = Diagnostic::warning(
            "reference.missing-object",
            format!(
                "{} names the {kind} `{name}`, which is not there",
                told(way, &self.objects.resources[*from])
            ),
        );
        let mut fault = Fault::new(finding, *from, way, "named here");
        let away =
            self.index.of_kind(group, kind).find(|(of, own, _)| own == name && of != namespace);
        if let Some((other, _, at)) = away {
            fault = fault.beside(at, &NAME, "this one is in another namespace").hint(format!(
                "the {kind} `{name}` is in the namespace `{other}`, and wanted in `{namespace}`"
            ));
        } else if let Some(near) = near {
            if let Some((.., at)) = known().find(|(_, name, _)| *name == near) {
                fault = fault.beside(at, &NAME, "this one is there");
            }
            fault = fault.hint(format!("did you mean `{near}`?"));
        } else if let Some((at, other)) = self.twin(reference) {
            fault = fault
                .beside(at, &NAME, "this one is there")
                .hint(format!("there is a {other} of that name"));
        }
        Some(fault.hint(declare(reference)))
    }

    /// A Secret where a ConfigMap is wanted, and the like.
    fn twin(&self, reference: &Reference<'a>) -> Option<(usize, &'static str)> {
        let other = match reference.kind {
            "ConfigMap" => "Secret",
            "Secret" => "ConfigMap",
            "Role" => "ClusterRole",
            "ClusterRole" => "Role",
            _ => return None,
        };
        let own = self.objects.namespace_of(&self.objects.resources[reference.from]);
        [reference.namespace, own, self.objects.namespace, ""]
            .iter()
            .find_map(|namespace| {
                self.index.get((reference.group, other, namespace, reference.name))
            })
            .map(|at| (at, other))
    }

    /// What is wrong with a part of an object that is rendered.
    fn part(&self, from: usize, way: &[At<'a>], target: usize, part: Part<'a>) -> Option<Fault> {
        let (own, other) = (&self.objects.resources[from], &self.objects.resources[target]);
        match part {
            Part::Key(key) => self.key(from, way, target, key),
            Part::PortName(_) | Part::PortNumber(_) => {
                let ports = other.node.get("spec")?.get("ports")?.as_list()?;
                let fits = |port: &Node| match part {
                    Part::PortName(name) => text(port, &["name"]) == Some(name),
                    part => port.get("port").and_then(port_of) == Some(part),
                };
                if ports.iter().any(fits) {
                    return None;
                }
                let (name, near) = match part {
                    Part::PortName(name) => {
                        let names = ports.iter().filter_map(|port| text(port, &["name"]));
                        (format!("named `{name}`"), nearest(name, names))
                    }
                    Part::PortNumber(number) => (number.to_string(), None),
                    _ => return None,
                };
                let message = format!(
                    "{} names a port {name} that `{}` does not have",
                    told(way, own),
                    other.id
                );
                let finding = Diagnostic::warning("reference.missing-port", message);
                let fault = Fault::new(finding, from, way, "named here").beside(
                    target,
                    &[At::Key("spec"), At::Key("ports")],
                    "the Service's ports",
                );
                Some(match near {
                    Some(near) => fault.hint(format!("did you mean `{near}`?")),
                    None => {
                        fault.hint(format!("it has {}", listed(ports.iter().filter_map(port_told))))
                    }
                })
            }
            Part::Headless => {
                if text(&other.node, &["spec", "clusterIP"]) == Some("None") {
                    return None;
                }
                let finding = Diagnostic::warning(
                    "reference.not-headless",
                    format!(
                        "{} names the Service `{}`, which is not headless",
                        told(way, own),
                        other.id.name
                    ),
                );
                Some(
                    Fault::new(finding, from, way, "named here")
                        .beside(target, &NAME, "it has an address of its own")
                        .hint("give that Service `clusterIP: None`, or name one that has it: only then each pod has a name"),
                )
            }
        }
    }

    fn key(&self, from: usize, way: &[At<'a>], target: usize, key: &str) -> Option<Fault> {
        let (own, other) = (&self.objects.resources[from], &self.objects.resources[target]);
        let keys = keys(&other.node)?;
        if keys.contains(&key) {
            return None;
        }
        let finding = Diagnostic::warning(
            "reference.missing-key",
            format!("{} names the key `{key}`, which `{}` does not have", told(way, own), other.id),
        );
        let fault =
            Fault::new(finding, from, way, "named here").beside(target, &NAME, "rendered here");
        Some(fault.hint(match nearest(key, keys.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("it has {}", listed(keys.iter().map(|key| format!("`{key}`")))),
        }))
    }
}

pub(super) fn key<'a>(reference: &Reference<'a>) -> Key<'a> {
    (reference.group, reference.kind, reference.namespace, reference.name)
}

/// The keys of a ConfigMap or Secret; `None` where somebody else fills it.
pub(super) fn keys(node: &Node) -> Option<Vec<&str>> {
    if text(node, &["type"]) == Some("kubernetes.io/service-account-token") {
        return None;
    }
    let fields =
        ["data", "stringData", "binaryData"].into_iter().filter_map(|field| node.get(field));
    let mut keys = Vec::new();
    for field in fields {
        // Anything but a mapping stands for what is not known here.
        keys.extend(field.as_map()?.keys());
    }
    (!keys.is_empty()).then_some(keys)
}

fn port_told(port: &Node) -> Option<String> {
    let number = match port.get("port").and_then(port_of)? {
        Part::PortNumber(number) => number.to_string(),
        _ => return None,
    };
    Some(match text(port, &["name"]) {
        Some(name) => format!("{number} (`{name}`)"),
        None => number,
    })
}

/// Up to eight words.
fn listed(words: impl Iterator<Item = String>) -> String {
    let words: Vec<String> = words.collect();
    let more = words.len().saturating_sub(8);
    let shown = words[..words.len() - more].join(", ");
    if more == 0 { shown } else { format!("{shown} and {more} more") }
}

/// How to say that somebody else makes it.
fn declare(reference: &Reference<'_>) -> String {
    let version = match reference.group {
        "" => "v1".to_owned(),
        group => format!("{group}/v1"),
    };
    format!(
        "if it is made elsewhere, say so under `external` in chart.yaml: {{apiVersion: {version}, kind: {}, name: {}, reason: …}}",
        reference.kind, reference.name
    )
}
