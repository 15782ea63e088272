//! The files of `--output-dir`: where each object goes, and what an applier wants to find beside them.

use std::path::{Path, PathBuf};

use plimsoll::{Diagnostic, Dialect, Rendered, kustomization};

use super::args::Output;
use super::context::Context;

/// How the folder of a release is laid out.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Layout {
    /// A file for each component.
    Components,
    /// A folder for each component, and beside them the Kustomizations that Flux orders them by.
    Flux,
    /// A folder for each step in the order of names, which is how `kubectl apply -R` goes through them.
    Steps,
    /// The same, and in each folder a `kustomization.yaml`. kubectl would take it for an object.
    Kustomize,
}

impl Layout {
    /// The layout that the dialects ask for, which is one at most.
    pub(crate) fn of(dialects: &[Dialect]) -> Result<Self, Diagnostic> {
        let mut layouts = dialects.iter().filter_map(|dialect| {
            let layout = match dialect {
                Dialect::Flux => Self::Flux,
                Dialect::Kubectl => Self::Steps,
                Dialect::Kustomize => Self::Kustomize,
                _ => return None,
            };
            Some((dialect.as_str(), layout))
        });
        match (layouts.next(), layouts.next()) {
            (None, _) => Ok(Self::Components),
            (Some((_, layout)), None) => Ok(layout),
            (Some((one, _)), Some((other, _))) => Err(Diagnostic::error(
                "usage.order",
                format!("`{one}` and `{other}` lay out `--output-dir` differently"),
            )
            .hint("write a folder for each")),
        }
    }
}

/// Where releases are written.
pub(crate) struct Folder<'a> {
    pub(crate) context: &'a Context,
    pub(crate) dir: &'a Path,
    pub(crate) output: Output,
    pub(crate) layout: Layout,
}

impl Folder<'_> {
    /// The files of a release.
    pub(crate) fn files(&self, release: &Rendered) -> Vec<(PathBuf, String)> {
        let top = self.dir.join(&release.release().name);
        match self.layout {
            Layout::Components => self.components(release, &top),
            Layout::Flux => self.flux(release, &top),
            Layout::Steps | Layout::Kustomize => self.steps(release, &top),
        }
    }

    fn components(&self, release: &Rendered, folder: &Path) -> Vec<(PathBuf, String)> {
        let parts = release.by_component().into_iter();
        parts.map(|(name, part)| self.file(&part, folder, &name)).collect()
    }

    fn flux(&self, release: &Rendered, top: &Path) -> Vec<(PathBuf, String)> {
        let parts = release.by_component().into_iter();
        let mut files: Vec<_> =
            parts.map(|(name, part)| self.file(&part, &top.join(&name), &name)).collect();
        // Flux's paths begin at the root of the repository; of a folder elsewhere only its own part is known.
        let below = match top.strip_prefix(&self.context.root) {
            Ok(below) => below,
            Err(_) if top.is_absolute() => Path::new(&release.release().name),
            Err(_) => top,
        };
        let path =
            format!("./{}", below.to_string_lossy().replace('\\', "/").trim_start_matches("./"));
        files.push((top.join("flux.yaml"), release.flux_kustomizations(&path, "flux-system")));
        files
    }

    fn steps(&self, release: &Rendered, top: &Path) -> Vec<(PathBuf, String)> {
        let steps = release.by_step();
        let mut files = Vec::new();
        for (step, part) in &steps {
            let folder = top.join(step);
            let components = self.components(part, &folder);
            if self.layout == Layout::Kustomize {
                let names = components.iter().filter_map(|(path, _)| path.file_name()?.to_str());
                files.push((folder.join("kustomization.yaml"), kustomization(names)));
            }
            files.extend(components);
        }
        if self.layout == Layout::Kustomize {
            let folders = steps.iter().map(|(step, _)| step.as_str());
            files.push((top.join("kustomization.yaml"), kustomization(folders)));
        }
        files
    }

    fn file(&self, part: &Rendered, folder: &Path, name: &str) -> (PathBuf, String) {
        match self.output {
            Output::Yaml => (folder.join(format!("{name}.yaml")), part.to_yaml()),
            Output::Json => (folder.join(format!("{name}.json")), part.to_json()),
        }
    }
}
