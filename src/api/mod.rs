//! Objects against the API of the Kubernetes version they are for: known kinds, known fields, right types, legal names.
//!
//! Kubernetes' own kinds are judged by [`pool`], which the library carries (`kubernetes/README.md` says what it is made
//! of), custom resources by the definitions that [`crd`] finds. [`served`] says whether the chosen version has a kind,
//! [`check`] and [`structural`] walk an object, and what a walk finds has a path ([`finding`]); the caller knows the
//! line in the template. Nothing is fetched, and no cluster is asked.

mod check;
mod crd;
mod definition;
mod finding;
mod format;
mod pool;
mod rules;
mod served;
mod structural;
mod version;

use std::collections::BTreeMap;

use crate::diag::Diagnostics;
use crate::manifest::Resource;
use crate::parallel::each;
use crate::yaml::Node;

pub(crate) use crd::load;
pub(crate) use finding::{Finding, Place};
pub(crate) use version::Version;

use check::Checker;
use crd::{Custom, Definitions, Search};
use finding::{Findings, Path};
use served::{Served, served};
use structural::Walk;

/// What judging the objects of a release gives.
#[derive(Default)]
pub(crate) struct Outcome {
    /// What is wrong with each object that something is wrong with, by its number.
    pub(crate) findings: Vec<(usize, Finding)>,
    /// Kinds that nobody knows, each with the numbers of its objects.
    pub(crate) unknown: BTreeMap<(String, String), Vec<usize>>,
}

/// Judges objects for a version of Kubernetes. `more` gives definitions that are not among the objects; it is asked
/// only when they do not do, with the kinds that are wanted.
pub(crate) fn judge(
    resources: &[Resource],
    version: Version,
    more: impl FnOnce(&[&str]) -> Result<Vec<Node>, Diagnostics>,
) -> Result<Outcome, Diagnostics> {
    let mut definitions = Definitions::default();
    definitions.extend(resources.iter().map(|resource| &resource.node));
    let judged = each(resources, |resource| judge_one(resource, version, &definitions));
    let mut outcome = Outcome::default();
    let mut left = Vec::new();
    for (at, (findings, known)) in judged.into_iter().enumerate() {
        outcome.findings.extend(findings.into_iter().map(|finding| (at, finding)));
        if !known {
            left.push(at);
        }
    }
    if left.is_empty() {
        return Ok(outcome);
    }
    let mut wanted: Vec<&str> = left.iter().map(|at| resources[*at].id.kind.as_str()).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let more = more(&wanted)?;
    let mut all = Definitions::complete();
    all.extend(&more);
    all.extend(resources.iter().map(|resource| &resource.node));
    for at in left {
        let resource = &resources[at];
        // A kind that is not known is judged by its metadata only, and that is done.
        let (findings, known) = judge_one(resource, version, &all);
        if known {
            outcome.findings.retain(|(other, _)| *other != at);
            outcome.findings.extend(findings.into_iter().map(|finding| (at, finding)));
        } else {
            let kind = (resource.api_version.clone(), resource.id.kind.clone());
            outcome.unknown.entry(kind).or_default().push(at);
        }
    }
    Ok(outcome)
}

/// What is wrong with an object, and whether its kind is known.
fn judge_one(
    resource: &Resource,
    version: Version,
    definitions: &Definitions<'_>,
) -> (Vec<Finding>, bool) {
    let mut found = Findings::new(&resource.id);
    let (api_version, kind) = (resource.api_version.as_str(), resource.id.kind.as_str());
    let known = match served(api_version, kind, version, &mut found) {
        Served::Refused => true,
        Served::Builtin(definition) => {
            let secret = kind == "Secret";
            Checker::new(version.bundled, definition, secret, &mut found).object(&resource.node);
            rules::whole(&resource.id.group, kind, &resource.node, &mut found);
            true
        }
        Served::Unknown => custom(resource, version, definitions, &mut found),
    };
    (found.all, known)
}

fn custom(
    resource: &Resource,
    version: Version,
    definitions: &Definitions<'_>,
    found: &mut Findings<'_>,
) -> bool {
    let root = Path::Root;
    if let Some(metadata) = resource.node.get("metadata") {
        Checker::metadata(version.bundled, found, metadata, &Path::Key(&root, "metadata"));
    }
    let (group, name) =
        resource.api_version.rsplit_once('/').unwrap_or(("", &resource.api_version));
    let at = Path::Key(&root, "apiVersion");
    let said = |what: &str| format!("is `{}`, {what}", resource.api_version);
    match definitions.find(group, name, &resource.id.kind) {
        Search::Nothing => false,
        Search::OtherVersions(others) => {
            let hint = format!("it has `{}`", others.join("`, `"));
            let said = said("a version that the definition does not have");
            found.error("api.no-such-kind", &at, Place::Value, &said, Some(hint));
            true
        }
        Search::Found(Custom { served: false, .. }) => {
            let said = said("a version that the definition does not serve");
            found.error("api.removed", &at, Place::Value, &said, None);
            true
        }
        // A file of the project may say what the release's own definition does not.
        Search::Found(of) if of.is_open() && !definitions.is_complete => false,
        Search::Found(of) => {
            if of.deprecated {
                let said = said("which its definition calls deprecated");
                found.warning(
                    "api.deprecated",
                    &at,
                    Place::Value,
                    &said,
                    of.warning.map(str::to_owned),
                );
            }
            if of.cluster_scoped && resource.id.namespace.is_some() {
                let at = Path::Key(&root, "metadata");
                let at = Path::Key(&at, "namespace");
                let said = "is set, but the definition puts the kind outside namespaces";
                found.error("api.unknown-field", &at, Place::Key, said, None);
            }
            if let Some(schema) = of.schema {
                let mut walk = Walk { version: version.bundled, found, has_rules: false };
                walk.object(&resource.node, schema);
                if walk.has_rules {
                    let at = Path::Key(&root, "kind");
                    let said = format!(
                        "is `{}`, whose definition has rules in CEL; they are not evaluated",
                        resource.id.kind
                    );
                    let hint = "try the object on a cluster, and accept this warning".to_owned();
                    found.warning("api.rules-not-evaluated", &at, Place::Value, &said, Some(hint));
                }
            }
            true
        }
    }
}
