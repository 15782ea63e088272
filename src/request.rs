//! What is to be rendered, and how.

use crate::order::Dialect;
use crate::project::Release;
use crate::values::{Layer, Secrets};

/// What to render: a release, layers on top of its own, and choices about the output.
#[derive(Clone, Debug)]
#[must_use]
pub struct Request {
    pub(crate) target: Target,
    pub(crate) layers: Vec<Layer>,
    pub(crate) name: Option<String>,
    pub(crate) namespace: Option<String>,
    pub(crate) kubernetes: Option<String>,
    pub(crate) api_versions: Vec<(String, String)>,
    pub(crate) dialects: Vec<Dialect>,
    pub(crate) secrets: Secrets,
    pub(crate) validate: bool,
    pub(crate) limits: Limits,
}

#[derive(Clone, Debug)]
pub(crate) enum Target {
    Name(String),
    Release(Box<Release>),
}

/// Bounds on what a chart may cost.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Limits {
    /// Kubernetes objects in one release.
    pub resources: usize,
    /// What templates may cost.
    pub template: crate::template::Limits,
}

impl Default for Limits {
    fn default() -> Self {
        Self { resources: 100_000, template: crate::template::Limits::default() }
    }
}

impl Request {
    /// The release with this name in `plimsoll.yaml`, or the chart in this folder by itself.
    pub fn new(release: impl Into<String>) -> Self {
        Self::with_target(Target::Name(release.into()))
    }

    /// A release that [`Project::select`](crate::Project::select) gave.
    pub fn of(release: Release) -> Self {
        Self::with_target(Target::Release(Box::new(release)))
    }

    fn with_target(target: Target) -> Self {
        Self {
            target,
            layers: Vec::new(),
            name: None,
            namespace: None,
            kubernetes: None,
            api_versions: Vec::new(),
            dialects: vec![Dialect::default()],
            secrets: Secrets::Required,
            validate: true,
            limits: Limits::default(),
        }
    }

    /// Whether nothing but the release itself decides what the values are.
    pub(crate) fn is_plain(&self) -> bool {
        self.layers.is_empty()
            && self.name.is_none()
            && self.namespace.is_none()
            && self.kubernetes.is_none()
            && self.api_versions.is_empty()
            && self.validate
    }

    /// Puts a layer on top of the release's own and those given before.
    pub fn with_layer(mut self, layer: Layer) -> Self {
        self.layers.push(layer);
        self
    }

    /// Another `release.name`.
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Another `release.namespace`.
    pub fn with_namespace(mut self, namespace: impl Into<String>) -> Self {
        self.namespace = Some(namespace.into());
        self
    }

    /// Another Kubernetes version, such as `1.33`.
    pub fn with_kubernetes(mut self, version: impl Into<String>) -> Self {
        self.kubernetes = Some(version.into());
        self
    }

    /// An API that the cluster has, for `kubernetes.has`.
    pub fn with_api(mut self, api_version: impl Into<String>, kind: impl Into<String>) -> Self {
        self.api_versions.push((api_version.into(), kind.into()));
        self
    }

    /// How the appliers are told the order; none of them if there are no dialects. Without this it is
    /// [`Dialect::CliUtils`].
    pub fn with_dialects(mut self, dialects: impl IntoIterator<Item = Dialect>) -> Self {
        self.dialects = dialects.into_iter().collect();
        self
    }

    /// Whether real secrets are wanted or placeholders do.
    pub fn with_secrets(mut self, secrets: Secrets) -> Self {
        self.secrets = secrets;
        self
    }

    /// Whether the objects are checked against the API of their Kubernetes version. Without this they are.
    pub fn with_validation(mut self, validate: bool) -> Self {
        self.validate = validate;
        self
    }

    /// Other bounds.
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }
}
