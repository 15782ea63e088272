//! What was typed, turned into what it means.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use plimsoll::{Diagnostic, Diagnostics, DirSource, Layer, Project, Release, Request, Secrets};

use super::args::{Cli, LayerArgs, SecretsArg, SetFlag, TargetArgs};
use super::report::{Format, report};

/// The project that a command works on.
pub(crate) struct Context {
    pub(crate) root: PathBuf,
    pub(crate) source: DirSource,
    pub(crate) format: Format,
    flags: Vec<SetFlag>,
}

impl Context {
    pub(crate) fn new(cli: &Cli, flags: Vec<SetFlag>) -> Result<Self, Diagnostics> {
        let root = match &cli.root {
            Some(root) => root.clone(),
            None => find_root(),
        };
        let source = DirSource::new(&root)
            .map_err(|error| unreadable(&root.display().to_string(), &error))?;
        Ok(Self { root, source, format: cli.format, flags })
    }

    /// The releases that the arguments name.
    pub(crate) fn releases(&self, args: &TargetArgs) -> Result<Vec<Release>, Diagnostics> {
        let mut labels = Vec::new();
        for label in &args.labels {
            let pairs = label.split(',').map(|pair| pair.split_once('='));
            for pair in pairs {
                let Some((key, value)) = pair else {
                    let message = format!("`-l {label}` is not of the form key=value");
                    return Err(Diagnostic::error("usage.selector", message).into());
                };
                labels.push((key.to_owned(), value.to_owned()));
            }
        }
        let targets: Vec<String> =
            args.targets.iter().map(|target| self.relative(target)).collect();
        Project::load(&self.source)?.select(&self.source, &targets, &labels)
    }

    /// The one release or chart that a command works on.
    pub(crate) fn release(&self, target: &str) -> Result<Release, Diagnostics> {
        let targets = TargetArgs { targets: vec![target.to_owned()], labels: Vec::new() };
        let mut releases = self.releases(&targets)?;
        if releases.len() > 1 {
            let names: Vec<_> = releases.iter().map(|release| release.name.as_str()).collect();
            let message = format!("`{target}` names several releases: {}", names.join(", "));
            return Err(Diagnostic::error("project.several-releases", message).into());
        }
        Ok(releases.remove(0))
    }

    /// A path as typed in the shell, seen from the project folder; anything else stays as it is.
    fn relative(&self, target: &str) -> String {
        let path = Path::new(target);
        if let (Ok(real), Ok(root)) = (fs::canonicalize(path), fs::canonicalize(&self.root))
            && let Ok(below) = real.strip_prefix(&root)
            && below.join("chart.yaml").as_os_str() != "chart.yaml"
            && root.join(below).join("chart.yaml").is_file()
        {
            return below.to_string_lossy().replace('\\', "/");
        }
        target.to_owned()
    }

    /// The request for a release with the layers of the command line.
    pub(crate) fn request(
        &self,
        release: Release,
        args: &LayerArgs,
    ) -> Result<Request, Diagnostics> {
        let mut request = Request::of(release);
        for file in &args.files {
            request = request.with_layer(Layer::text(file.clone(), read_layer(file)?));
        }
        for flag in &self.flags {
            request = request.with_layer(match flag {
                SetFlag::Set(text) => Layer::set(text.clone()),
                SetFlag::String(text) => Layer::set_string(text.clone()),
                SetFlag::Json(text) => Layer::set_json(text.clone()),
                SetFlag::File(text) => set_file(text)?,
            });
        }
        if let Some(name) = &args.name {
            request = request.with_name(name.clone());
        }
        if let Some(namespace) = &args.namespace {
            request = request.with_namespace(namespace.clone());
        }
        if let Some(version) = &args.kube_version {
            request = request.with_kubernetes(version.clone());
        }
        for api in &args.api_versions {
            let (version, kind) = match api.rsplit_once('/') {
                Some((version, kind)) if kind.starts_with(|c: char| c.is_ascii_uppercase()) => {
                    (version, kind)
                }
                _ => (api.as_str(), ""),
            };
            request = request.with_api(version, kind);
        }
        Ok(match args.secrets {
            Some(SecretsArg::Placeholder) => request.with_secrets(Secrets::Placeholder),
            Some(SecretsArg::Required) => request.with_secrets(Secrets::Required),
            None => request,
        })
    }
}

/// The nearest folder above this one that holds a project file; this one if there is none.
fn find_root() -> PathBuf {
    let here = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
    here.ancestors()
        .find(|folder| folder.join("plimsoll.yaml").is_file())
        .map_or_else(|| here.clone(), Path::to_path_buf)
}

fn unreadable(name: &str, error: &io::Error) -> Diagnostics {
    Diagnostic::error("file.unreadable", format!("cannot read `{name}`: {error}")).into()
}

fn read_layer(file: &str) -> Result<String, Diagnostics> {
    if file == "-" {
        let mut text = String::new();
        io::stdin().read_to_string(&mut text).map_err(|error| unreadable("-", &error))?;
        return Ok(text);
    }
    fs::read_to_string(file).map_err(|error| unreadable(file, &error))
}

/// `--set-file a=x,b=y`: each value is the content of the file that it names.
fn set_file(text: &str) -> Result<Layer, Diagnostics> {
    let Some((path, file)) = text.split_once('=') else {
        let message = format!("`--set-file {text}` is not of the form path=FILE");
        return Err(Diagnostic::error("usage.set-file", message).into());
    };
    Ok(Layer::set_content(path, file, read_layer(file)?))
}

/// Draws findings on standard error.
pub(crate) fn draw(findings: &Diagnostics, format: Format) {
    let width = terminal_width();
    let mut stderr = anstream::stderr().lock();
    // Nobody is left to be told when standard error is closed.
    let _ = report(findings, format, width, &mut stderr);
}

fn terminal_width() -> usize {
    std::env::var("COLUMNS")
        .ok()
        .and_then(|text| text.parse().ok())
        .filter(|w| *w >= 40)
        .unwrap_or(120)
}
