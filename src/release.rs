//! Which release a request means, with which layers, and whether the chart is made for its cluster.

use crate::chart::Chart;
use crate::diag::{Diagnostic, Diagnostics};
use crate::project::{
    Project, Release, check_namespace, check_release_name, is_kubernetes_version,
};
use crate::request::{Request, Target};
use crate::source::{ReadError, Source, neighbour};
use crate::values::{Layer, LoadedLayer};

/// The layers of the release, then those of the request.
pub(crate) fn load_layers(
    source: &dyn Source,
    release: &Release,
    more: &[Layer],
) -> Result<Vec<LoadedLayer>, Diagnostics> {
    let own = release.layers.iter().enumerate().map(|(index, path)| {
        if let Err(error @ ReadError::NotFound(_)) = source.read(path) {
            let at = release.layer_spans.get(index).cloned().unwrap_or_default();
            let message = format!("a layer of `{}` is missing: {error}", release.name);
            return Err(Diagnostic::error("values.unreadable", message)
                .at(&at, "listed here")
                .hint_opt(neighbour(source, path).map(|near| format!("did you mean `{near}`?")))
                .into());
        }
        Layer::file(path.clone()).load(source)
    });
    Diagnostics::collect(own.chain(more.iter().map(|layer| layer.load(source))))
}

pub(crate) fn find_release(source: &dyn Source, request: &Request) -> Result<Release, Diagnostics> {
    let mut release = match &request.target {
        Target::Release(release) => (**release).clone(),
        Target::Name(name) => {
            let project = Project::load(source)?;
            let mut chosen = project.select(source, std::slice::from_ref(name), &[])?;
            if chosen.len() > 1 {
                let names: Vec<_> = chosen.iter().map(|release| release.name.as_str()).collect();
                let message = format!("`{name}` names several releases: {}", names.join(", "));
                return Err(Diagnostic::error("project.several-releases", message).into());
            }
            chosen.remove(0)
        }
    };
    if let Some(name) = &request.name {
        check_release_name(name)?;
        release.name.clone_from(name);
    }
    if let Some(namespace) = &request.namespace {
        check_namespace(namespace)?;
        release.namespace.clone_from(namespace);
    }
    if let Some(kubernetes) = &request.kubernetes {
        release.kubernetes.clone_from(kubernetes);
    }
    if !is_kubernetes_version(&release.kubernetes) {
        let message = format!("`{}` is no Kubernetes version", release.kubernetes);
        return Err(Diagnostic::error("project.version", message).hint("such as `1.34`").into());
    }
    Ok(release)
}

pub(crate) fn check_kubernetes(chart: &Chart, release: &Release) -> Result<(), Diagnostics> {
    let Some((range, span)) = &chart.kubernetes else { return Ok(()) };
    let mut text = release.kubernetes.trim_start_matches('v').to_owned();
    if text.matches('.').count() == 1 {
        text.push_str(".0");
    }
    match semver::Version::parse(&text) {
        Ok(version) if !range.matches(&version) => Err(Diagnostic::error(
            "chart.kubernetes",
            format!("the chart `{}` is not made for Kubernetes {}", chart.name, release.kubernetes),
        )
        .at(span, "it wants this")
        .into()),
        _ => Ok(()),
    }
}
