//! Which pods a selector finds.

use crate::diag::Diagnostic;
use crate::manifest::{PodTemplate, Resource};
use crate::yaml::Node;

use super::fault::{Fault, told};
use super::path::{At, text};

/// Labels that must be there, and conditions on others.
pub(super) struct Selector<'a> {
    pub(super) labels: Vec<(&'a str, &'a str)>,
    expressions: &'a [Node],
}

impl<'a> Selector<'a> {
    /// That of a Service: labels only.
    pub(super) fn of_labels(node: &'a Node) -> Self {
        let entries = node.as_map().into_iter().flat_map(|map| &map.entries);
        let pair = |entry: &'a crate::yaml::Entry| Some((&*entry.key.text, entry.value.as_str()?));
        Self { labels: entries.filter_map(pair).collect(), expressions: &[] }
    }

    /// One with `matchLabels` and `matchExpressions`.
    pub(super) fn of(node: &'a Node) -> Self {
        let labels = node.get("matchLabels").map(Self::of_labels);
        let expressions = node.get("matchExpressions").and_then(Node::as_list).unwrap_or_default();
        Self { labels: labels.map(|of| of.labels).unwrap_or_default(), expressions }
    }

    /// Whether it asks for nothing, and so finds everything.
    pub(super) fn is_empty(&self) -> bool {
        self.labels.is_empty() && self.expressions.is_empty()
    }

    pub(super) fn finds(&self, labels: Option<&Node>) -> bool {
        let has = |key: &str| labels.and_then(|labels| text(labels, &[key]));
        let holds = |expression: &Node| {
            let Some(key) = text(expression, &["key"]) else { return true };
            let listed = |value: &str| {
                let values = expression.get("values").and_then(Node::as_list).unwrap_or_default();
                values.iter().any(|known| known.as_str() == Some(value))
            };
            match (text(expression, &["operator"]), has(key)) {
                (Some("In"), value) => value.is_some_and(listed),
                (Some("NotIn"), value) => !value.is_some_and(listed),
                (Some("Exists"), value) => value.is_some(),
                (Some("DoesNotExist"), value) => value.is_none(),
                _ => true,
            }
        };
        self.labels.iter().all(|(key, value)| has(key) == Some(value))
            && self.expressions.iter().all(holds)
    }

    /// `app=web, tier=front`.
    pub(super) fn told(&self) -> String {
        let pairs = self.labels.iter().map(|(key, value)| format!("{key}={value}"));
        let conditions = self.expressions.iter().filter_map(|expression| {
            let key = text(expression, &["key"])?;
            Some(format!("{key} {}", text(expression, &["operator"])?))
        });
        pairs.chain(conditions).collect::<Vec<_>>().join(", ")
    }
}

/// A workload whose selector does not find the pods that it makes: the API server refuses it.
pub(super) fn own(from: usize, resource: &Resource, pod: &PodTemplate<'_>) -> Option<Fault> {
    let selector = resource.node.get("spec")?.get("selector")?;
    let selector = match (&*resource.id.group, &*resource.id.kind) {
        ("apps", "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet") => {
            Selector::of(selector)
        }
        ("", "ReplicationController") => Selector::of_labels(selector),
        _ => return None,
    };
    let way = [At::Key("spec"), At::Key("selector")];
    if selector.is_empty() {
        let message = format!("{} selects nothing by name", told(&way, resource));
        let finding = Diagnostic::error("reference.own-selector", message);
        let hint =
            "a workload needs `matchLabels` that its pods have; the API server refuses it without";
        return Some(Fault::new(finding, from, &way, "empty").hint(hint));
    }
    if selector.finds(pod.labels()) {
        return None;
    }
    let wrong = selector
        .labels
        .iter()
        .find(|(key, value)| pod.labels().and_then(|labels| text(labels, &[key])) != Some(value));
    let message = format!("{} does not find the pods of its own template", told(&way, resource));
    let mut at: Vec<At<'_>> = way.to_vec();
    if let Some((key, _)) = wrong {
        if &*resource.id.group == "apps" {
            at.push(At::Key("matchLabels"));
        }
        at.push(At::Key(key));
    }
    let finding = Diagnostic::error("reference.own-selector", message);
    let mut fault = Fault::new(finding, from, &at, "wanted here");
    let mut labels: Vec<At<'_>> = pod.way.iter().map(|key| At::Key(key)).collect();
    if pod.metadata.is_some() {
        labels.push(At::Key("metadata"));
    }
    if let Some(found) = pod.labels() {
        labels.push(At::Key("labels"));
        labels
            .extend(wrong.filter(|(key, _)| found.get(key).is_some()).map(|(key, _)| At::Key(key)));
    }
    fault = fault.beside(from, &labels, "the labels of its pods");
    Some(match wrong {
        Some((key, value)) => match pod.labels().and_then(|labels| text(labels, &[key])) {
            Some(other) => {
                fault.hint(format!("`{key}` is `{other}` in the template, not `{value}`"))
            }
            None => fault.hint(format!("the template has no label `{key}`")),
        },
        None => fault,
    })
}
