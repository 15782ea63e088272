//! The volumes of a pod: each mount names one, and a file mounted out of a ConfigMap or Secret is a key of it.

use std::collections::BTreeMap;

use crate::diag::{Diagnostic, nearest};
use crate::manifest::{CONTAINERS, PodTemplate};
use crate::yaml::Node;

use super::fault::{Fault, NAME, told};
use super::index::{Index, Objects};
use super::path::{At, Way, along, below, text};
use super::resolve::keys;

pub(super) fn faults<'a>(
    from: usize,
    pod: &PodTemplate<'a>,
    objects: Objects<'a>,
    index: &Index<'a>,
) -> Vec<Fault> {
    let resource = &objects.resources[from];
    let mut volumes: BTreeMap<&str, Option<&Node>> = BTreeMap::new();
    along(pod.spec, &["volumes", "*"], &mut Vec::new(), &mut |volume, _| {
        volumes.extend(text(volume, &["name"]).map(|name| (name, Some(volume))));
    });
    let claims = ["spec", "volumeClaimTemplates", "*", "metadata", "name"];
    along(&resource.node, &claims, &mut Vec::new(), &mut |name, _| {
        volumes.extend(name.as_str().map(|name| (name, None)));
    });
    let mut faults = Vec::new();
    let mut way: Way<'a> = pod.way.iter().map(|key| At::Key(key)).collect();
    way.push(At::Key("spec"));
    for (list, field) in
        CONTAINERS.iter().flat_map(|list| [(list, "volumeMounts"), (list, "volumeDevices")])
    {
        along(pod.spec, &[list, "*", field, "*"], &mut way, &mut |mount, way| {
            let Some(name) = text(mount, &["name"]) else { return };
            let Some(volume) = volumes.get(name) else {
                let at = below(way, &[At::Key("name")]);
                let finding = Diagnostic::error(
                    "reference.missing-volume",
                    format!(
                        "{} names the volume `{name}`, which the pod does not have",
                        told(&at, resource)
                    ),
                );
                let names: Vec<&str> = volumes.keys().copied().collect();
                let hint = match nearest(name, names.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None if names.is_empty() => "it has no volumes".to_owned(),
                    None => format!("it has {}", names.join(", ")),
                };
                faults.push(Fault::new(finding, from, &at, "named here").hint(hint));
                return;
            };
            if let (Some(volume), Some(path)) = (volume, text(mount, &["subPath"])) {
                let way = below(way, &[At::Key("subPath")]);
                faults.extend(sub_path(from, &way, volume, path, objects, index));
            }
        });
    }
    faults
}

/// A `subPath` that is no file of its volume; kubelet makes an empty folder of it.
fn sub_path<'a>(
    from: usize,
    way: &[At<'a>],
    volume: &'a Node,
    path: &str,
    objects: Objects<'a>,
    index: &Index<'a>,
) -> Option<Fault> {
    let (kind, source, name) =
        [("ConfigMap", "configMap", "name"), ("Secret", "secret", "secretName")]
            .into_iter()
            .find_map(|(kind, field, name)| {
                let source = volume.get(field)?;
                Some((kind, source, text(source, &[name])?))
            })?;
    let resource = &objects.resources[from];
    let target = index.get(("", kind, objects.namespace_of(resource), name));
    let first = path.split('/').next().unwrap_or(path);
    let files: Vec<&str> = match source.get("items").and_then(Node::as_list) {
        Some(items) => items.iter().filter_map(|item| text(item, &["path"])).collect(),
        None => keys(&objects.resources[target?].node)?,
    };
    if files.iter().any(|file| *file == path || file.split('/').next() == Some(first)) {
        return None;
    }
    let finding = Diagnostic::warning(
        "reference.missing-key",
        format!(
            "{} names the file `{path}`, which the {kind} `{name}` does not give",
            told(way, resource)
        ),
    );
    let fault = Fault::new(finding, from, way, "named here");
    let fault = match target {
        Some(target) => fault.beside(target, &NAME, "rendered here"),
        None => fault,
    };
    Some(match nearest(path, files.iter().copied()) {
        Some(near) => fault.hint(format!("did you mean `{near}`?")),
        None => fault.hint("the container would see an empty folder there"),
    })
}
