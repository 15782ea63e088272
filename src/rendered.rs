//! The result: all resources of a release in the order in which they must be applied.

use crate::accept::Accepted;
use crate::diag::Diagnostics;
use crate::manifest::Resource;
use crate::order::{Scene, annotate, explain, kustomizations, step};
use crate::parallel::each;
use crate::project::Release;
use crate::yaml::write;

/// A rendered release.
#[derive(Clone, Debug)]
#[must_use]
pub struct Rendered {
    release: Release,
    resources: Vec<Resource>,
    warnings: Diagnostics,
    accepted: Vec<Accepted>,
    scene: Scene,
}

impl Rendered {
    pub(crate) fn new(
        release: Release,
        resources: Vec<Resource>,
        warnings: Diagnostics,
        accepted: Vec<Accepted>,
        scene: Scene,
    ) -> Self {
        Self { release, resources, warnings, accepted, scene }
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

    /// Keeps the resources that `keep` wants, with their order and waves. What an applier is told is written anew:
    /// none may wait for an object that it is not given.
    pub fn filter(mut self, keep: impl Fn(&Resource) -> bool) -> Self {
        let before = self.resources.len();
        self.resources.retain(|resource| keep(resource));
        if self.resources.len() < before {
            self.resources = annotate(self.resources, &self.scene);
        }
        self
    }

    /// One part for each component, in the order in which components first appear. What an applier is told stays: the
    /// parts are applied together.
    #[must_use]
    pub fn by_component(&self) -> Vec<(String, Self)> {
        self.parts(|resource| resource.component().to_owned())
    }

    /// One part for each step of applying the release one after the other: `00-namespaces`, `01-definitions`,
    /// `02-wave-0`, `03-wave-1` and so on, so that names sort as steps follow. A step without resources is left out.
    #[must_use]
    pub fn by_step(&self) -> Vec<(String, Self)> {
        let last = self.resources.iter().map(|resource| step(resource).0).max().unwrap_or(0);
        let width = last.to_string().len().max(2);
        self.parts(|resource| {
            let (place, name) = step(resource);
            format!("{place:0width$}-{name}")
        })
    }

    fn parts(&self, name: impl Fn(&Resource) -> String) -> Vec<(String, Self)> {
        let mut parts: Vec<(String, Self)> = Vec::new();
        for resource in &self.resources {
            let name = name(resource);
            match parts.iter_mut().find(|(known, _)| *known == name) {
                Some((_, part)) => part.resources.push(resource.clone()),
                None => {
                    let part =
                        Self { resources: vec![resource.clone()], ..self.without_resources() };
                    parts.push((name, part));
                }
            }
        }
        parts
    }

    fn without_resources(&self) -> Self {
        Self {
            release: self.release.clone(),
            resources: Vec::new(),
            warnings: Diagnostics::new(),
            accepted: Vec::new(),
            scene: self.scene.clone(),
        }
    }

    /// Flux's Kustomizations for this release, one for each component's folder below `path`, waiting for one another as
    /// the components do. `source` names the `GitRepository` that holds the folders.
    #[must_use]
    pub fn flux_kustomizations(&self, path: &str, source: &str) -> String {
        kustomizations(&self.resources, &self.scene, path, source)
    }

    /// What the order of this release is in each of its dialects, and what is lost in them.
    #[must_use]
    pub fn explain_order(&self) -> String {
        explain(&self.resources, &self.scene)
    }

    /// Several releases as one, in the given order; `None` without any. The first one's name stays.
    #[must_use]
    pub fn join(releases: Vec<Rendered>) -> Option<Self> {
        releases.into_iter().reduce(|mut all, next| {
            all.resources.extend(next.resources);
            all.warnings.extend(next.warnings);
            all.accepted.extend(next.accepted);
            all
        })
    }

    /// What does not stop the rendering, but somebody should look at.
    pub fn warnings(&self) -> &Diagnostics {
        &self.warnings
    }

    /// Warnings that are not among [`Rendered::warnings`] because the release accepts them.
    #[must_use]
    pub fn accepted(&self) -> &[Accepted] {
        &self.accepted
    }

    /// One YAML stream; every document begins with `---`. Empty when there are no resources.
    #[must_use]
    pub fn to_yaml(&self) -> String {
        let stretches: Vec<&[Resource]> = self.resources.chunks(32).collect();
        let texts = each(&stretches, |resources| {
            let mut out = String::new();
            for resource in *resources {
                out.push_str("---\n");
                write(&resource.node, &mut out);
            }
            out
        });
        texts.concat()
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
