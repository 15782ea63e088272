//! The result: all resources of a release in the order in which they must be applied.

use crate::diag::Diagnostics;
use crate::manifest::Resource;
use crate::project::Release;
use crate::yaml::write;

/// A rendered release.
#[derive(Clone, Debug)]
#[must_use]
pub struct Rendered {
    release: Release,
    resources: Vec<Resource>,
    warnings: Diagnostics,
}

impl Rendered {
    pub(crate) fn new(release: Release, resources: Vec<Resource>, warnings: Diagnostics) -> Self {
        Self { release, resources, warnings }
    }

    /// The release, as it was rendered.
    #[must_use]
    pub fn release(&self) -> &Release {
        &self.release
    }

    /// The resources: Namespaces and CRDs, then by wave, kind rank, namespace and name.
    pub fn resources(&self) -> &[Resource] {
        &self.resources
    }

    /// Keeps the resources that `keep` wants; their order and marks stay.
    pub fn filter(mut self, keep: impl Fn(&Resource) -> bool) -> Self {
        self.resources.retain(|resource| keep(resource));
        self
    }

    /// Several releases as one, in the given order; `None` without any. The first one's name stays.
    #[must_use]
    pub fn join(releases: Vec<Rendered>) -> Option<Self> {
        releases.into_iter().reduce(|mut all, next| {
            all.resources.extend(next.resources);
            all.warnings.extend(next.warnings);
            all
        })
    }

    /// What does not stop the rendering, but somebody should look at.
    pub fn warnings(&self) -> &Diagnostics {
        &self.warnings
    }

    /// One YAML stream; every document begins with `---`. Empty when there are no resources.
    #[must_use]
    pub fn to_yaml(&self) -> String {
        let mut out = String::new();
        for resource in &self.resources {
            out.push_str("---\n");
            write(&resource.node, &mut out);
        }
        out
    }

    /// A `v1` `List` of all resources, as `kubectl -o json` prints it, ending in a line break.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut out =
            String::from("{\n  \"apiVersion\": \"v1\",\n  \"kind\": \"List\",\n  \"items\": [");
        for (index, resource) in self.resources.iter().enumerate() {
            out.push_str(if index == 0 { "\n    " } else { ",\n    " });
            out.push_str(&resource.to_json().replace('\n', "\n    "));
        }
        out.push_str(if self.resources.is_empty() { "]\n}\n" } else { "\n  ]\n}\n" });
        out
    }
}
