//! The pods of a release: who selects them, and the ports that they are called by.

use std::collections::BTreeMap;

use crate::diag::{Diagnostic, nearest};
use crate::manifest::{CONTAINERS, PodTemplate, Resource};
use crate::yaml::{Entry, Node};

use super::fault::{Fault, told};
use super::find::{Part, port_of};
use super::index::Objects;
use super::path::{At, Way, along, below, text};
use super::selectors::Selector;
use super::there::Elsewhere;

/// Pod templates by the labels that their pods get.
pub(super) struct Pods<'a, 'r> {
    objects: Objects<'a>,
    templates: &'r [(usize, PodTemplate<'a>)],
    /// By namespace, key and value: places in `pods`.
    labelled: BTreeMap<(&'a str, &'a str, &'a str), Vec<usize>>,
    /// By namespace.
    all: BTreeMap<&'a str, Vec<usize>>,
}

impl<'a, 'r> Pods<'a, 'r> {
    pub(super) fn new(objects: Objects<'a>, pods: &'r [(usize, PodTemplate<'a>)]) -> Self {
        let (mut labelled, mut all) = (BTreeMap::new(), BTreeMap::new());
        for (place, (from, pod)) in pods.iter().enumerate() {
            let namespace = objects.namespace_of(&objects.resources[*from]);
            all.entry(namespace).or_insert_with(Vec::new).push(place);
            let labels = pod.labels().and_then(Node::as_map);
            for Entry { key, value, .. } in labels.iter().flat_map(|map| &map.entries) {
                if let Some(value) = value.as_str() {
                    let key = (namespace, &*key.text, value);
                    labelled.entry(key).or_insert_with(Vec::new).push(place);
                }
            }
        }
        Self { objects, templates: pods, labelled, all }
    }

    /// The pods of a namespace that a selector finds: places in the list of pods.
    pub(super) fn found(&self, namespace: &str, selector: &Selector<'_>) -> Vec<usize> {
        let few = match selector.labels.first() {
            Some((key, value)) => self.labelled.get(&(namespace, *key, *value)),
            None => self.all.get(namespace),
        };
        let finds = |place: &usize| selector.finds(self.templates[*place].1.labels());
        few.into_iter().flatten().copied().filter(finds).collect()
    }

    /// The objects whose pods an object selects, with the way to its selector.
    pub(super) fn selected(&self, from: usize) -> Vec<(Way<'a>, usize)> {
        let resource = &self.objects.resources[from];
        let Some((way, selector)) = selector(resource) else { return Vec::new() };
        let found = self.found(self.objects.namespace_of(resource), &selector);
        found.into_iter().map(|place| (way.clone(), self.templates[place].0)).collect()
    }

    /// What is wrong with an object that selects pods.
    pub(super) fn faults(&self, from: usize, elsewhere: &Elsewhere<'_>) -> Vec<Fault> {
        let resource = &self.objects.resources[from];
        let Some((way, selector)) = selector(resource) else { return Vec::new() };
        let namespace = self.objects.namespace_of(resource);
        let found = self.found(namespace, &selector);
        if found.is_empty() {
            if elsewhere.has_pods(namespace, &selector) {
                return Vec::new();
            }
            return vec![self.selects_nothing(from, &way, namespace, &selector)];
        }
        if resource.id.kind == "Service" { self.target_ports(from, &found) } else { Vec::new() }
    }

    fn selects_nothing(
        &self,
        from: usize,
        way: &[At<'a>],
        namespace: &str,
        selector: &Selector<'_>,
    ) -> Fault {
        let resource = &self.objects.resources[from];
        let message = format!("{} finds no pods: {}", told(way, resource), selector.told());
        let away = self
            .all
            .keys()
            .filter(|other| **other != namespace)
            .find_map(|other| Some((*other, *self.found(other, selector).first()?)));
        let near = self.nearest(namespace, selector).filter(|_| away.is_none());
        // The label that keeps pods away is what is to be seen.
        let mut at: Way<'_> = way.to_vec();
        if let Some((_, key, _)) = near {
            at.extend((resource.id.kind != "Service").then_some(At::Key("matchLabels")));
            at.push(At::Key(key));
        }
        let finding = Diagnostic::warning("reference.selects-nothing", message);
        let mut fault = Fault::new(finding, from, &at, "wanted here");
        if let Some((other, place)) = away {
            let (at, pod) = &self.templates[place];
            fault = fault.beside(*at, &labels_of(pod), "these are in another namespace").hint(
                format!("such pods are in the namespace `{other}`, and wanted in `{namespace}`"),
            );
        } else if let Some((place, key, value)) = near {
            let (at, pod) = &self.templates[place];
            let mut labels = labels_of(pod);
            labels.extend(value.map(|_| At::Key(key)));
            let id = &self.objects.resources[*at].id;
            fault = fault.beside(*at, &labels, "the labels of these pods").hint(match value {
                Some(value) => format!("pods of `{id}` have `{key}: {value}`"),
                None => format!("pods of `{id}` have no label `{key}`"),
            });
        }
        fault.hint(
            "if somebody else makes them, say so under `external` in chart.yaml: \
             {apiVersion: v1, kind: Pod, labels: {…}, reason: …}",
        )
    }

    /// The pods that a selector nearly finds, and the first label that keeps it from them.
    fn nearest<'s>(
        &self,
        namespace: &str,
        selector: &Selector<'s>,
    ) -> Option<(usize, &'s str, Option<&'a str>)> {
        let label = |place: usize, key: &str| {
            self.templates[place].1.labels().and_then(|labels| text(labels, &[key]))
        };
        let near = |place: &usize| {
            let has = |(key, value): &&(&str, &str)| label(*place, key) == Some(value);
            let like = |(key, value): &&(&str, &str)| {
                label(*place, key).is_some_and(|own| nearest(value, [own]).is_some())
            };
            let same = selector.labels.iter().filter(has).count();
            (same, selector.labels.iter().filter(like).count())
        };
        let candidates = self.all.get(namespace)?;
        let best = candidates.iter().copied().rev().max_by_key(near)?;
        if near(&best).1 == 0 {
            return None;
        }
        let (key, _) =
            selector.labels.iter().find(|(key, value)| label(best, key) != Some(value))?;
        Some((best, key, label(best, key)))
    }

    /// A Service's ports that lead to a port by name.
    fn target_ports(&self, from: usize, found: &[usize]) -> Vec<Fault> {
        let resource = &self.objects.resources[from];
        let mut faults = Vec::new();
        let pattern = ["spec", "ports", "*", "targetPort"];
        along(&resource.node, &pattern, &mut Vec::new(), &mut |target, way| {
            let Some(name) = target.as_str() else { return };
            let pods = || found.iter().map(|place| &self.templates[*place]);
            let names: Vec<&str> = pods().flat_map(|(_, pod)| port_names(pod.spec)).collect();
            if names.contains(&name) {
                return;
            }
            let ids: Vec<String> =
                pods().map(|(at, _)| format!("`{}`", self.objects.resources[*at].id)).collect();
            let finding = Diagnostic::warning(
                "reference.missing-port",
                format!(
                    "{} names a port `{name}` that pods of {} do not have",
                    told(way, resource),
                    ids.join(", ")
                ),
            );
            let mut fault = Fault::new(finding, from, way, "named here");
            for (at, pod) in pods().take(2) {
                let way =
                    [template_way(pod), vec![At::Key("spec"), At::Key("containers")]].concat();
                fault = fault.beside(*at, &way, "the containers of these pods");
            }
            faults.push(hint_of_port(fault, name, &names));
        });
        faults
    }
}

/// What an object selects pods by, if it does; a selector of nothing or everything is left out.
fn selector(resource: &Resource) -> Option<(Way<'_>, Selector<'_>)> {
    let (field, is_plain) = match (&*resource.id.group, &*resource.id.kind) {
        ("", "Service") => ("selector", true),
        ("policy", "PodDisruptionBudget") => ("selector", false),
        ("networking.k8s.io", "NetworkPolicy") => ("podSelector", false),
        _ => return None,
    };
    let spec = resource.node.get("spec")?;
    if text(spec, &["type"]) == Some("ExternalName") {
        return None;
    }
    let node = spec.get(field)?;
    let selector = if is_plain { Selector::of_labels(node) } else { Selector::of(node) };
    (!selector.is_empty()).then(|| (vec![At::Key("spec"), At::Key(field)], selector))
}

/// The ports that probes and hooks of containers name.
pub(super) fn probes(from: usize, resource: &Resource, pod: &PodTemplate<'_>) -> Vec<Fault> {
    const HANDLERS: [&[&str]; 5] = [
        &["livenessProbe"],
        &["readinessProbe"],
        &["startupProbe"],
        &["lifecycle", "postStart"],
        &["lifecycle", "preStop"],
    ];
    let mut faults = Vec::new();
    let mut way = template_way(pod);
    way.push(At::Key("spec"));
    for list in CONTAINERS {
        along(pod.spec, &[list, "*"], &mut way, &mut |container, way| {
            for handler in HANDLERS {
                for action in ["httpGet", "tcpSocket"] {
                    let pattern = [handler, &[action, "port"]].concat();
                    along(container, &pattern, way, &mut |port, way| {
                        let Some(Part::PortName(name)) = port_of(port) else { return };
                        let names: Vec<&str> = own_port_names(container).collect();
                        if names.contains(&name) {
                            return;
                        }
                        let finding = Diagnostic::warning(
                            "reference.missing-port",
                            format!(
                                "{} names a port `{name}` that the container does not have",
                                told(way, resource)
                            ),
                        );
                        let fault = Fault::new(finding, from, way, "named here");
                        faults.push(hint_of_port(fault, name, &names));
                    });
                }
            }
        });
    }
    faults
}

fn hint_of_port(fault: Fault, name: &str, names: &[&str]) -> Fault {
    match nearest(name, names.iter().copied()) {
        Some(near) => fault.hint(format!("did you mean `{near}`?")),
        None if names.is_empty() => fault.hint("none of the ports there has a name"),
        None => fault.hint(format!("there are {}", names.join(", "))),
    }
}

/// The names of the ports of all containers of a pod.
fn port_names(spec: &Node) -> impl Iterator<Item = &str> {
    let containers = CONTAINERS.iter().filter_map(|list| spec.get(list)?.as_list()).flatten();
    containers.flat_map(own_port_names)
}

fn own_port_names(container: &Node) -> impl Iterator<Item = &str> {
    let ports = container.get("ports").and_then(Node::as_list).into_iter().flatten();
    ports.filter_map(|port| text(port, &["name"]))
}

pub(super) fn template_way<'a>(pod: &PodTemplate<'_>) -> Way<'a> {
    pod.way.iter().map(|key| At::Key(key)).collect()
}

fn labels_of<'a>(pod: &PodTemplate<'_>) -> Way<'a> {
    below(&template_way(pod), &[At::Key("metadata"), At::Key("labels")])
}
