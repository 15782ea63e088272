//! The components of a release as a graph: what is on, what comes after what, and in which wave.
//!
//! [`graph`] renders the release, so that it shows what is applied and not what the chart might do: components that
//! are off, or that render nothing, are contracted as they are in the order of the output. Edges that a longer way
//! implies are left out. The drawers only draw; each has a file of its own.

mod dot;
mod layout;
mod mermaid;
mod svg;
mod text;

use std::collections::{BTreeMap, BTreeSet};

use crate::chart::{Active, Chart};
use crate::diag::Diagnostics;
use crate::manifest::Resource;
use crate::render::Prepared;
use crate::request::Request;
use crate::source::Source;
use crate::values::Secrets;

/// The components of a release, their waves and their edges.
#[derive(Clone, Debug)]
#[must_use]
pub struct Graph {
    release: String,
    components: Vec<Component>,
    edges: Vec<Edge>,
    off: Vec<String>,
    empty: Vec<String>,
}

/// A component that renders objects.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Component {
    /// Its name in the chart.
    pub name: String,
    /// Its place in the order; those with the lowest come first.
    pub wave: u32,
    /// How many objects it renders.
    pub objects: usize,
}

/// That one component comes after another.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Edge {
    /// What is applied first.
    pub before: String,
    /// What comes after it.
    pub after: String,
    /// Why.
    pub kind: EdgeKind,
}

/// Why one component comes after another.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum EdgeKind {
    /// The chart says so in `needs`.
    Declared,
    /// It needs it by way of these components, which are off or render nothing.
    Contracted(Vec<String>),
    /// No need says so, but one of its objects names one of the other's: `Deployment/web names ConfigMap/settings`.
    Inferred(String),
}

impl Edge {
    /// What comes first, and why that is so if no need says it: `database by way of cache`.
    fn told(&self) -> String {
        match &self.kind {
            EdgeKind::Declared => self.before.clone(),
            EdgeKind::Contracted(through) => {
                format!("{} by way of {}", self.before, through.join(", "))
            }
            EdgeKind::Inferred(why) => format!("{} ({why})", self.before),
        }
    }
}

/// The component graph of a release. Secrets stand as placeholders.
///
/// ```
/// use plimsoll::{MemorySource, Request, graph::graph};
///
/// let source = MemorySource::new()
///     .with("charts/web/chart.yaml", "\
/// apiVersion: plimsoll.dev/v1
/// kind: Chart
/// name: web
/// version: 1.0.0
/// components:
///   app: {needs: [settings]}
///   settings: {}
/// ")?
///     .with("charts/web/app/pod.yaml", "{apiVersion: v1, kind: ConfigMap, metadata: {name: app}}")?
///     .with("charts/web/settings/map.yaml", "{apiVersion: v1, kind: ConfigMap, metadata: {name: settings}}")?;
/// let graph = graph(&source, &Request::new("web"))?;
/// assert_eq!(graph.edges()[0].before, "settings");
/// assert_eq!(graph.components()[1].wave, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// As [`render`](crate::render).
pub fn graph(source: &dyn Source, request: &Request) -> Result<Graph, Diagnostics> {
    let request = request.clone().with_secrets(Secrets::Placeholder);
    let prepared = Prepared::new(source, &request)?;
    let (resources, scene) = prepared.ordered(&request, prepared.templates()?)?;
    Ok(Graph::of(&prepared.release.name, &prepared.chart, &scene.active, &resources))
}

impl Graph {
    fn of(release: &str, chart: &Chart, active: &Active, resources: &[Resource]) -> Self {
        let mut counts: BTreeMap<&str, (u32, usize)> = BTreeMap::new();
        for resource in resources {
            counts.entry(&resource.component).or_insert((resource.wave, 0)).1 += 1;
        }
        let on: BTreeSet<&str> = active.order.iter().map(String::as_str).collect();
        let empty: BTreeSet<String> = active
            .order
            .iter()
            .filter(|name| !counts.contains_key(name.as_str()))
            .cloned()
            .collect();
        let shown = active.clone().without(&empty);
        let mut components: Vec<Component> = shown
            .order
            .iter()
            .map(|name| {
                let (wave, objects) = counts[name.as_str()];
                Component { name: name.clone(), wave, objects }
            })
            .collect();
        components.sort_by_key(|component| component.wave);
        let edges = components.iter().flat_map(|component| {
            shown.after[&component.name].iter().map(|before| Edge {
                before: before.clone(),
                after: component.name.clone(),
                kind: match shown.inferred.get(&(component.name.clone(), before.clone())) {
                    Some(why) => EdgeKind::Inferred(why.clone()),
                    None => kind(chart, &counts, &component.name, before),
                },
            })
        });
        Self {
            release: release.to_owned(),
            edges: edges.collect(),
            components,
            off: chart
                .components
                .keys()
                .filter(|name| !on.contains(name.as_str()))
                .cloned()
                .collect(),
            empty: active.order.iter().filter(|name| empty.contains(*name)).cloned().collect(),
        }
    }

    /// The release's name.
    #[must_use]
    pub fn release(&self) -> &str {
        &self.release
    }

    /// The components that render objects: by wave, each after all that it needs.
    #[must_use]
    pub fn components(&self) -> &[Component] {
        &self.components
    }

    /// The edges, in the order of the components that come after.
    #[must_use]
    pub fn edges(&self) -> &[Edge] {
        &self.edges
    }

    /// The components that are switched off, in the chart's order.
    #[must_use]
    pub fn off(&self) -> &[String] {
        &self.off
    }

    /// The components that are on and render nothing.
    #[must_use]
    pub fn empty(&self) -> &[String] {
        &self.empty
    }

    /// What a component comes directly after.
    fn before<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Edge> {
        self.edges.iter().filter(move |edge| edge.after == name)
    }

    /// The place of a component in [`components`](Self::components).
    fn place(&self, name: &str) -> usize {
        self.components.iter().position(|component| component.name == name).unwrap_or(0)
    }

    /// For people on a terminal: a tree of what comes after what, with the wave before each line.
    #[must_use]
    pub fn to_text(&self) -> String {
        text::draw(self)
    }

    /// For Graphviz.
    #[must_use]
    pub fn to_dot(&self) -> String {
        dot::draw(self)
    }

    /// A Mermaid flowchart, which many Markdown viewers draw.
    #[must_use]
    pub fn to_mermaid(&self) -> String {
        mermaid::draw(self)
    }

    /// A picture, with a column for each wave.
    #[must_use]
    pub fn to_svg(&self) -> String {
        svg::draw(self)
    }
}

/// `1 object`, `2 objects`.
fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// Declared, or the shortest way there through components that render nothing.
fn kind(
    chart: &Chart,
    shown: &BTreeMap<&str, (u32, usize)>,
    after: &str,
    before: &str,
) -> EdgeKind {
    let mut ways = vec![(after, Vec::new())];
    let mut seen = BTreeSet::from([after]);
    while !ways.is_empty() {
        let mut longer = Vec::new();
        for (name, through) in ways {
            for need in chart.components.get(name).iter().flat_map(|component| &component.needs) {
                let next = need.component.as_str();
                if next == before {
                    return if through.is_empty() {
                        EdgeKind::Declared
                    } else {
                        EdgeKind::Contracted(through)
                    };
                }
                if !shown.contains_key(next) && seen.insert(next) {
                    let mut through = through.clone();
                    through.push(next.to_owned());
                    longer.push((next, through));
                }
            }
        }
        ways = longer;
    }
    EdgeKind::Declared
}
