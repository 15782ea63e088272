//! Judges rendered objects by the API of their cluster, and says where in a template and in the layers a finding is.

use crate::api::{Finding, Place, Version, judge, load};
use crate::diag::{Diagnostic, Diagnostics};
use crate::manifest::{Resource, first_line};
use crate::request::Request;
use crate::source::Source;
use crate::template::Templates;
use crate::values::{Step, mask};

use super::{Prepared, Replays};

/// More names than these are only counted.
const MOST_NAMES: usize = 12;

impl Prepared {
    /// What the API of the release's cluster says about the objects.
    ///
    /// # Errors
    /// All of that if it would refuse one of them.
    pub(super) fn validate(
        &self,
        source: &dyn Source,
        request: &Request,
        templates: &Templates,
        resources: &[Resource],
        replays: &Replays,
    ) -> Result<Diagnostics, Diagnostics> {
        if !request.validate {
            return Ok(Diagnostics::new());
        }
        let kubernetes = &self.release.kubernetes;
        let version = Version::of(kubernetes);
        let outcome = judge(resources, version, |wanted| {
            let mut known = load(source, wanted)?;
            if self.release.cluster.is_some() {
                let others = self.neighbours(source, request);
                let others = others.into_iter().flat_map(|(_, resources)| resources);
                known.extend(others.map(|resource| resource.node));
            }
            Ok(known)
        })?;
        let placed = |resource, finding| self.with_places(resource, finding, templates, replays);
        let mut found: Diagnostics = version.warning(kubernetes).into_iter().collect();
        for (at, finding) in outcome.findings {
            found.push(placed(&resources[at], finding));
        }
        for ((api_version, kind), objects) in outcome.unknown {
            let diagnostic = unknown(&api_version, &kind, resources, &objects);
            let path = vec![Step::from("kind")];
            let finding = Finding { path, place: Place::Value, diagnostic };
            found.push(placed(&resources[objects[0]], finding));
        }
        mask(&mut found, &self.secrets);
        let found = found.sorted();
        if found.has_errors() { Err(found) } else { Ok(found) }
    }

    /// A finding with the line of the template and those of the values behind it.
    fn with_places(
        &self,
        resource: &Resource,
        finding: Finding,
        templates: &Templates,
        replays: &Replays,
    ) -> Diagnostic {
        let Finding { mut path, place, diagnostic } = finding;
        let at = |path: &[Step]| replays.field(self, templates, resource, path).unwrap_or_default();
        let mut origin = at(&path);
        // What is missing is reported where it should stand.
        while !origin.template.is_known() && path.pop().is_some() {
            origin = at(&path);
            origin.values.clear();
        }
        if place == Place::Key
            && let Some(key) = replays.key(self, templates, resource, &path)
        {
            origin.template = key;
        }
        if !origin.template.is_known() {
            origin.template = first_line(&resource.template, resource.document);
        }
        let placed = diagnostic.at(&origin.template, "");
        let values = origin.values.iter().filter(|span| **span != origin.template);
        values.fold(placed, |placed, span| placed.at(span, "the value comes from here"))
    }
}

/// Objects of a kind for which there is no definition.
fn unknown(api_version: &str, kind: &str, resources: &[Resource], objects: &[usize]) -> Diagnostic {
    let mut names: Vec<&str> =
        objects.iter().map(|at| resources[*at].id().name.as_str()).take(MOST_NAMES).collect();
    let more = format!("and {} more", objects.len().saturating_sub(MOST_NAMES));
    if objects.len() > MOST_NAMES {
        names.push(&more);
    }
    let (count, are) = match objects.len() {
        1 => ("1 object".to_owned(), "is"),
        count => (format!("{count} objects"), "are"),
    };
    let message = format!(
        "nothing is known of the kind `{api_version} {kind}`; {count} {are} not checked: {}",
        names.join(", ")
    );
    Diagnostic::warning("api.unknown-kind", message)
        .hint("put its CustomResourceDefinition into the release or under `schemas/crds/`")
}
