//! What may be there once only: names of containers and volumes, ports, paths, variables.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::diag::Diagnostic;
use crate::manifest::{CONTAINERS, PodTemplate, Resource};
use crate::yaml::{Kind, Node, Number};

use super::fault::{Fault, told};
use super::find::{Part, port_of};
use super::path::{At, Way, along, below, text};

/// What is there twice in the ports of a Service; the API server refuses it.
pub(super) fn in_service(from: usize, resource: &Resource) -> Vec<Fault> {
    let mut faults = Vec::new();
    if !resource.id.group.is_empty() || resource.id.kind != "Service" {
        return faults;
    }
    let (mut names, mut numbers, mut node_ports) = (Once::new(), Once::new(), Once::new());
    let mut unnamed: Vec<Way<'_>> = Vec::new();
    let mut ports = 0;
    along(&resource.node, &["spec", "ports", "*"], &mut Vec::new(), &mut |port, way| {
        ports += 1;
        match text(port, &["name"]) {
            Some(name) => names.see(name.to_owned(), below(way, &[At::Key("name")])),
            None => unnamed.push(way.clone()),
        }
        let protocol = text(port, &["protocol"]).unwrap_or("TCP");
        for (key, once) in [("port", &mut numbers), ("nodePort", &mut node_ports)] {
            if let Some(number) = port.get(key).and_then(integer) {
                once.see(format!("{number}/{protocol}"), below(way, &[At::Key(key)]));
            }
        }
    });
    let twice = Twice { from, resource };
    faults.extend(twice.errors("reference.duplicate-name", "the name", "of another port", names));
    faults.extend(twice.errors("reference.duplicate-port", "the port", "again", numbers));
    faults.extend(twice.errors("reference.duplicate-port", "the nodePort", "again", node_ports));
    if let Some(way) = unnamed.first().filter(|_| ports > 1) {
        let finding = Diagnostic::error(
            "reference.unnamed-port",
            format!("{} has no name, but the Service has {ports} ports", told(way, resource)),
        );
        let fault = Fault::new(finding, from, way, "this port");
        faults.push(fault.hint("give each port a `name`; only a single one may go without"));
    }
    faults
}

/// What is there twice in a pod.
pub(super) fn in_pod(from: usize, resource: &Resource, pod: &PodTemplate<'_>) -> Vec<Fault> {
    let twice = Twice { from, resource };
    let mut faults = Vec::new();
    let mut way: Way<'_> = pod.way.iter().map(|key| At::Key(key)).collect();
    way.push(At::Key("spec"));
    let mut containers = Once::new();
    for list in CONTAINERS {
        along(pod.spec, &[list, "*"], &mut way, &mut |container, way| {
            containers.name(container, way);
            twice.in_container(container, way, &mut faults);
        });
    }
    let mut volumes = Once::new();
    along(pod.spec, &["volumes", "*"], &mut way, &mut |volume, way| volumes.name(volume, way));
    let name = "reference.duplicate-name";
    faults.extend(twice.errors(name, "the name", "of another container", containers));
    faults.extend(twice.errors(name, "the name", "of another volume", volumes));
    faults
}

/// Where each word was seen first, and where again.
struct Once<'a> {
    first: BTreeMap<String, Way<'a>>,
    again: Vec<(String, Way<'a>)>,
}

impl<'a> Once<'a> {
    fn new() -> Self {
        Self { first: BTreeMap::new(), again: Vec::new() }
    }

    fn see(&mut self, word: String, way: Way<'a>) {
        match self.first.entry(word) {
            Entry::Occupied(first) => self.again.push((first.key().clone(), way)),
            Entry::Vacant(free) => {
                free.insert(way);
            }
        }
    }

    fn name(&mut self, node: &Node, way: &[At<'a>]) {
        if let Some(name) = text(node, &["name"]) {
            self.see(name.to_owned(), below(way, &[At::Key("name")]));
        }
    }
}

/// The object that findings are about.
struct Twice<'r> {
    from: usize,
    resource: &'r Resource,
}

impl Twice<'_> {
    fn in_container<'a>(&self, container: &'a Node, way: &mut Way<'a>, faults: &mut Vec<Fault>) {
        let (mut variables, mut mounts) = (Once::new(), Once::new());
        let (mut ports, mut numbers) = (Once::new(), Once::new());
        along(container, &["env", "*"], way, &mut |variable, way| variables.name(variable, way));
        along(container, &["volumeMounts", "*", "mountPath"], way, &mut |path, way| {
            if let Some(path) = path.as_str() {
                mounts.see(path.to_owned(), way.clone());
            }
        });
        along(container, &["ports", "*"], way, &mut |port, way| {
            ports.name(port, way);
            if let Some(Part::PortNumber(number)) = port.get("containerPort").and_then(port_of) {
                let protocol = text(port, &["protocol"]).unwrap_or("TCP");
                numbers
                    .see(format!("{number}/{protocol}"), below(way, &[At::Key("containerPort")]));
            }
        });
        let name = "reference.duplicate-name";
        faults.extend(self.errors(name, "the name", "of another port of the container", ports));
        faults.extend(self.errors(
            "reference.duplicate-mount",
            "the path",
            "of another mount",
            mounts,
        ));
        faults.extend(self.warnings("reference.duplicate-env", "the variable", variables));
        faults.extend(self.warnings("reference.duplicate-port", "the port", numbers));
    }

    /// The API server refuses these.
    fn errors(&self, code: &'static str, what: &str, again: &str, once: Once<'_>) -> Vec<Fault> {
        let message = |word: &str, way: &[At<'_>]| {
            let told = told(way, self.resource);
            Diagnostic::error(code, format!("{told} is {what} `{word}` {again}"))
        };
        self.faults(once, &message, "the API server refuses it")
    }

    /// The API server takes these; an applier that merges lists by their keys may not.
    fn warnings(&self, code: &'static str, what: &str, once: Once<'_>) -> Vec<Fault> {
        let message = |word: &str, way: &[At<'_>]| {
            let told = told(way, self.resource);
            Diagnostic::warning(code, format!("{told} is {what} `{word}` again"))
        };
        self.faults(once, &message, "the last one counts, and server-side apply refuses both")
    }

    fn faults(
        &self,
        once: Once<'_>,
        message: &dyn Fn(&str, &[At<'_>]) -> Diagnostic,
        hint: &str,
    ) -> Vec<Fault> {
        let Once { first, again } = once;
        let fault = |(word, way): (String, Way<'_>)| {
            let finding = message(&word, &way).hint(hint);
            Fault::new(finding, self.from, &way, "again here").beside(
                self.from,
                &first[&word],
                "first here",
            )
        };
        again.into_iter().map(fault).collect()
    }
}

fn integer(node: &Node) -> Option<i128> {
    match node.kind {
        Kind::Number(Number::Int(value)) => Some(value),
        _ => None,
    }
}
