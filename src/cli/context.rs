//! What was typed, turned into what it means.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use plimsoll::{
    Cached, Diagnostic, Diagnostics, DirSource, Layer, Project, Release, Request, Secrets,
};

use super::args::{Cli, LayerArgs, SecretsArg, SetFlag, TargetArgs};
use super::report::{Format, report};
use super::write;

/// The file name that means standard input.
const STDIN: &str = "-";

/// The project that a command works on.
pub(crate) struct Context {
    pub(crate) root: PathBuf,
    pub(crate) source: Cached<DirSource>,
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
        Ok(Self { root, source: Cached::new(source), format: cli.format, flags })
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
        let project = Project::load(&self.source)?;
        project.select(&self.source, &targets, &labels).map_err(|found| {
            let [name, chart] = &targets[..] else { return found };
            let one =
                |target: &String| project.select(&self.source, std::slice::from_ref(target), &[]);
            if one(name).is_ok() || one(chart).is_err() {
                return found;
            }
            // `helm template NAME CHART` is what the fingers know.
            let hint = format!("to give `{chart}` another name: `{chart} --name {name}`");
            found.into_iter().map(|finding| finding.hint(hint.clone())).collect()
        })
    }

    /// What to render: each release that the arguments name, with the layers of the command line on top.
    pub(crate) fn requests(
        &self,
        targets: &TargetArgs,
        args: &LayerArgs,
    ) -> Result<Vec<Request>, Diagnostics> {
        let releases = self.releases(targets)?;
        if let (Some(name), true) = (&args.name, releases.len() > 1) {
            let message = format!("`--name {name}` is one name for {} releases", releases.len());
            return Err(Diagnostic::error("usage.name", message)
                .hint("render them one by one")
                .into());
        }
        let overlay = self.overlay(args)?;
        Ok(releases.into_iter().map(|release| overlay(Request::of(release))).collect())
    }

    /// The same for commands that work on one release or chart.
    pub(crate) fn request(&self, target: &str, args: &LayerArgs) -> Result<Request, Diagnostics> {
        let release = self.release(target)?;
        Ok(self.overlay(args)?(Request::of(release)))
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

    /// Reads the layers of the command line once, and gives what puts them on top of a request.
    fn overlay(&self, args: &LayerArgs) -> Result<impl Fn(Request) -> Request, Diagnostics> {
        if args.files.iter().filter(|file| *file == STDIN).count() > 1 {
            let message = "`-f -` is given twice, and standard input can be read only once";
            return Err(Diagnostic::error("usage.standard-input", message).into());
        }
        let mut layers = Vec::new();
        for file in &args.files {
            let name = if file == STDIN { "standard input" } else { file };
            layers.push(Layer::text(name, read_layer(file)?));
        }
        for flag in &self.flags {
            match flag {
                SetFlag::Set(text) => layers.push(Layer::set(text.clone())),
                SetFlag::String(text) => layers.push(Layer::set_string(text.clone())),
                SetFlag::Json(text) => layers.push(Layer::set_json(text.clone())),
                SetFlag::File(text) => layers.extend(set_file(text)?),
            }
        }
        let secrets = args.secrets.map(|secrets| match secrets {
            SecretsArg::Placeholder => Secrets::Placeholder,
            SecretsArg::Required => Secrets::Required,
        });
        let apis: Vec<_> = args.api_versions.iter().map(|api| version_and_kind(api)).collect();
        Ok(move |mut request: Request| {
            for layer in &layers {
                request = request.with_layer(layer.clone());
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
            if args.no_validate {
                request = request.with_validation(false);
            }
            for (version, kind) in &apis {
                request = request.with_api(*version, *kind);
            }
            if let Some(secrets) = secrets {
                request = request.with_secrets(secrets);
            }
            request
        })
    }

    /// Says something that is no finding; whoever asked for JSON gets JSON and nothing else.
    pub(crate) fn say(&self, text: &str) {
        if self.format != Format::Json {
            write::say(text);
        }
    }
}

/// `GROUP/VERSION/KIND` or `GROUP/VERSION`: a kind starts with a capital.
fn version_and_kind(api: &str) -> (&str, &str) {
    match api.rsplit_once('/') {
        Some((version, kind)) if kind.starts_with(|c: char| c.is_ascii_uppercase()) => {
            (version, kind)
        }
        _ => (api, ""),
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
    let reason = match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".to_owned(),
        io::ErrorKind::InvalidData => "it is not UTF-8 text".to_owned(),
        _ => error.to_string(),
    };
    Diagnostic::error("file.unreadable", format!("cannot read `{name}`: {reason}")).into()
}

/// A file beside one that does not exist, of nearly the same name.
fn neighbour(path: &Path) -> Option<PathBuf> {
    let name = path.file_name()?.to_str()?;
    let folder = path.parent()?;
    let listed = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let mut names: Vec<String> = fs::read_dir(listed)
        .ok()?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|known| strsim::damerau_levenshtein(known, name) <= 2)
        .collect();
    names.sort_by_key(|known| (strsim::damerau_levenshtein(known, name), known.clone()));
    Some(folder.join(names.first()?))
}

/// A file by its path in the shell, or standard input.
pub(crate) fn read_layer(file: &str) -> Result<String, Diagnostics> {
    let read =
        if file == STDIN { io::read_to_string(io::stdin()) } else { fs::read_to_string(file) };
    read.map_err(|error| {
        if file == STDIN {
            return unreadable("standard input", &error);
        }
        let near = neighbour(Path::new(file)).filter(|_| error.kind() == io::ErrorKind::NotFound);
        let near = near.map(|near| format!("did you mean `{}`?", near.display()));
        unreadable(file, &error).into_iter().map(|found| found.hint_opt(near.clone())).collect()
    })
}

/// `--set-file a=x,b=y`: each value is the content of the file that it names; `\,` is a comma in a file's name.
fn set_file(text: &str) -> Result<Vec<Layer>, Diagnostics> {
    let escaped = text.replace("\\,", "\0");
    let each = escaped.split(',').map(|pair| pair.replace('\0', ","));
    each.map(|pair| {
        let Some((path, file)) = pair.split_once('=') else {
            let message = format!("`--set-file {text}` is not of the form path=FILE");
            return Err(Diagnostic::error("usage.set-file", message).into());
        };
        Ok(Layer::set_content("--set-file", path, read_layer(file)?))
    })
    .collect()
}

/// Draws findings on standard error.
pub(crate) fn draw(findings: &Diagnostics, format: Format) {
    let mut stderr = anstream::stderr().lock();
    // Nobody is left to be told when standard error is closed.
    let _ = report(findings, format, columns(), &mut stderr);
}

/// How wide the terminal is that standard error goes to; `COLUMNS` overrules.
pub(crate) fn columns() -> Option<usize> {
    let told = std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok());
    let size = || terminal_size::terminal_size_of(io::stderr());
    told.or_else(|| size().map(|(terminal_size::Width(columns), _)| usize::from(columns)))
}
