//! `plimsoll new`: a chart or components that render at once and show how the parts belong together.
//!
//! New files are never written over old ones. Entries are added to `chart.yaml` and `plimsoll.yaml` where these are
//! written as blocks; otherwise the user is told what to add.

mod append;
mod kind;

use std::fs;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use plimsoll::Diagnostic;

use super::context::Context;
use super::{Failure, write};
use kind::Kind;

#[derive(Args, Debug)]
pub(crate) struct NewArgs {
    #[command(subcommand)]
    what: NewCommand,
}

#[derive(Debug, Subcommand)]
enum NewCommand {
    /// Start a chart: its components with their schemas, a layer and a release
    Chart {
        /// The chart's name: an RFC 1123 label
        name: String,
        /// Names of its components, each a Deployment with a Service
        #[arg(value_name = "COMPONENT", default_value = "app")]
        components: Vec<String>,
    },
    /// Add components to a chart
    Component {
        /// The chart
        chart: String,
        /// Names of components: RFC 1123 labels
        #[arg(value_name = "COMPONENT", required = true)]
        names: Vec<String>,
        /// What runs in them
        #[arg(long, value_enum, ignore_case = true, default_value = "Deployment")]
        kind: Kind,
    },
}

pub(crate) fn run(context: &Context, args: &NewArgs) -> Result<(), Failure> {
    match &args.what {
        NewCommand::Chart { name, components } => chart(context, name, components),
        NewCommand::Component { chart, names, kind } => component(context, chart, names, *kind),
    }
}

fn chart(context: &Context, name: &str, components: &[String]) -> Result<(), Failure> {
    check_name("chart", name)?;
    check_components(components)?;
    if context.root.join("charts").join(name).exists() {
        return Err(exists(&format!("charts/{name}")));
    }
    let mut new = vec![
        (format!("charts/{name}/chart.yaml"), chart_file(name, components)),
        (
            format!("schemas/{name}/chart.yaml"),
            include_str!("skeleton/chart.yaml").replace("CHART", name),
        ),
        (format!("values/{name}/dev.yaml"), layer(name, components)),
    ];
    for component in components {
        new.extend(component_files(name, component, Kind::Deployment));
    }
    let release = format!(
        "- name: {name}/dev\n  chart: {name}\n  namespace: default\n  layers: [values/{name}/dev.yaml]"
    );
    let mut changes = Changes { new, ..Changes::default() };
    if context.root.join("plimsoll.yaml").exists() {
        changes.append(context, "plimsoll.yaml", "releases", &[release])?;
    } else {
        let text = "apiVersion: plimsoll.dev/v1\nkind: Project\nkubernetes: \"1.34\"\nreleases:\n"
            .to_owned();
        let text = append::append(&text, "releases", &release).unwrap_or(text);
        changes.new.push(("plimsoll.yaml".to_owned(), text));
    }
    changes.write(context)?;
    context.say(&format!("try: plimsoll render {name}/dev"));
    Ok(())
}

fn component(context: &Context, chart: &str, names: &[String], kind: Kind) -> Result<(), Failure> {
    check_components(names)?;
    let chart_file = format!("charts/{chart}/chart.yaml");
    if !context.root.join(&chart_file).is_file() {
        return Err(Diagnostic::error("chart.missing", format!("there is no chart `{chart}`"))
            .hint(format!("`plimsoll new chart {chart}` starts one"))
            .into());
    }
    let mut changes = Changes::default();
    for name in names {
        if context.root.join("charts").join(chart).join(name).exists() {
            return Err(exists(&format!("charts/{chart}/{name}")));
        }
        changes.new.extend(component_files(chart, name, kind));
    }
    let entries: Vec<String> = names.iter().map(|name| format!("{name}: {{}}")).collect();
    changes.append(context, &chart_file, "components", &entries)?;
    changes.write(context)
}

/// What a command does to the project: all of it, or nothing.
#[derive(Default)]
struct Changes {
    new: Vec<(String, String)>,
    changed: Vec<(String, String)>,
    advice: Vec<String>,
}

impl Changes {
    /// Adds entries below a key of a file that is there, or says what to add.
    fn append(
        &mut self,
        context: &Context,
        path: &str,
        key: &str,
        entries: &[String],
    ) -> Result<(), Failure> {
        let unreadable = |error: std::io::Error| {
            Diagnostic::error("file.unreadable", format!("cannot read `{path}`: {error}"))
        };
        let text = fs::read_to_string(context.root.join(path)).map_err(unreadable)?;
        // The items of a list have no name of their own.
        let known = |entry: &&String| {
            let name = entry.split_once(':').map(|(name, _)| name);
            name.is_some_and(|name| !name.starts_with('-') && append::has(&text, key, name))
        };
        let missing: Vec<&String> = entries.iter().filter(|entry| !known(entry)).collect();
        let appended =
            missing.iter().try_fold(text.clone(), |text, entry| append::append(&text, key, entry));
        match appended {
            Some(appended) if appended == text => {}
            Some(appended) => self.changed.push((path.to_owned(), appended)),
            None => {
                let lines: Vec<String> =
                    missing.iter().map(|entry| entry.replace('\n', "\n  ")).collect();
                let entries = lines.join("\n  ");
                self.advice.push(format!("add this to `{key}:` in {path}:\n  {entries}"));
            }
        }
        Ok(())
    }

    fn write(&self, context: &Context) -> Result<(), Failure> {
        for (path, _) in &self.new {
            if fs::symlink_metadata(context.root.join(path)).is_ok() {
                return Err(exists(path));
            }
        }
        let all: Vec<(PathBuf, String)> = self
            .new
            .iter()
            .chain(&self.changed)
            .map(|(path, text)| (context.root.join(path), text.clone()))
            .collect();
        write::files(&all)?;
        for (path, _) in &self.new {
            context.say(&format!("created {path}"));
        }
        for (path, _) in &self.changed {
            context.say(&format!("changed {path}"));
        }
        self.advice.iter().for_each(|advice| context.say(advice));
        Ok(())
    }
}

fn exists(path: &str) -> Failure {
    Diagnostic::error("new.exists", format!("`{path}` is there already")).into()
}

fn check_name(what: &str, name: &str) -> Result<(), Failure> {
    let legal = (1..=63).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !name.starts_with('-')
        && !name.ends_with('-');
    if legal {
        return Ok(());
    }
    Err(Diagnostic::error("new.name", format!("`{name}` is no {what} name"))
        .hint("lowercase letters, digits and `-`, at most 63 characters")
        .into())
}

fn check_components(names: &[String]) -> Result<(), Failure> {
    for (index, name) in names.iter().enumerate() {
        check_name("component", name)?;
        if names[..index].contains(name) {
            return Err(Diagnostic::error("new.name", format!("`{name}` is named twice")).into());
        }
    }
    Ok(())
}

/// The key that a component owns in the values tree.
fn values_key(component: &str) -> String {
    let mut parts = component.split('-');
    let mut key = parts.next().unwrap_or("").to_owned();
    for part in parts {
        let mut letters = part.chars();
        key.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        key.push_str(letters.as_str());
    }
    key
}

fn chart_file(name: &str, components: &[String]) -> String {
    let entries: String = components
        .iter()
        .map(|component| format!("  {component}: {{}}"))
        .collect::<Vec<_>>()
        .join("\n");
    let first = components.first().map_or("app", String::as_str);
    let key = values_key(first);
    format!(
        "\
# What the chart is made of. Templates lie in a folder for each component, schemas in schemas/{name}/.
apiVersion: plimsoll.dev/v1
kind: Chart
name: {name}
version: 0.1.0
appVersion: 1.0.0
kubernetes: \">=1.25\"
components:
  # What can be said of a component:
  #   description: The program itself
  #   enabled: values.{key}.enabled    # an expression over all values; without it the component is on
  #   needs: [database]    # what must be ready first, and may be read as needs.database
  #   exports: {{url: \"'http://' ~ chart.values.fullname ~ '-{first}'\"}}    # what others may read
{entries}
"
    )
}

fn layer(name: &str, components: &[String]) -> String {
    let key = components.first().map_or_else(|| "app".to_owned(), |first| values_key(first));
    format!(
        "# Values of the environment dev of {name}; everything else is the schema's default.\n{key}:\n  replicas: 1\n"
    )
}

fn component_files(chart: &str, name: &str, kind: Kind) -> Vec<(String, String)> {
    let schema = (format!("schemas/{chart}/{name}.yaml"), kind.schema(name, &values_key(name)));
    let templates = kind
        .templates()
        .iter()
        .map(|(file, text)| (format!("charts/{chart}/{name}/{file}"), (*text).to_owned()));
    std::iter::once(schema).chain(templates).collect()
}
