//! `plimsoll new`: a chart or a component that renders at once and shows how the parts belong together.

use std::fs;

use plimsoll::Diagnostic;

use super::args::{NewArgs, NewCommand};
use super::context::Context;
use super::{Failure, write};

pub(crate) fn run(context: &Context, args: &NewArgs) -> Result<(), Failure> {
    match &args.what {
        NewCommand::Chart { name } => chart(context, name),
        NewCommand::Component { chart, name } => component(context, chart, name),
    }
}

fn chart(context: &Context, name: &str) -> Result<(), Failure> {
    check_name("chart", name)?;
    let folder = context.root.join("charts").join(name);
    if folder.exists() {
        return Err(exists(&format!("charts/{name}")));
    }
    let mut files = vec![
        (format!("charts/{name}/chart.yaml"), chart_file(name)),
        (format!("schemas/{name}/chart.yaml"), CHART_SCHEMA.to_owned()),
        (format!("values/{name}/dev.yaml"), layer(name)),
    ];
    files.extend(component_files(name, "app"));
    let release = format!(
        "  - name: {name}/dev\n    chart: {name}\n    namespace: default\n    layers: [values/{name}/dev.yaml]\n"
    );
    let starts_project = !context.root.join("plimsoll.yaml").exists();
    if starts_project {
        let text = format!(
            "apiVersion: plimsoll.dev/v1\nkind: Project\nkubernetes: \"1.34\"\nreleases:\n{release}"
        );
        files.push(("plimsoll.yaml".to_owned(), text));
    }
    create(context, &files)?;
    if !starts_project {
        context.say(&format!("add this to `releases:` in plimsoll.yaml:\n{release}"));
    }
    context.say(&format!("try: plimsoll render {name}/dev"));
    Ok(())
}

fn component(context: &Context, chart: &str, name: &str) -> Result<(), Failure> {
    check_name("component", name)?;
    if !context.root.join("charts").join(chart).join("chart.yaml").is_file() {
        return Err(Diagnostic::error("chart.missing", format!("there is no chart `{chart}`"))
            .hint(format!("`plimsoll new chart {chart}` starts one"))
            .into());
    }
    if context.root.join("charts").join(chart).join(name).exists() {
        return Err(exists(&format!("charts/{chart}/{name}")));
    }
    create(context, &component_files(chart, name))?;
    context
        .say(&format!("add this to `components:` in charts/{chart}/chart.yaml:\n  {name}: {{}}"));
    Ok(())
}

/// Writes files that are not there yet: all of them or, if one is, none.
fn create(context: &Context, files: &[(String, String)]) -> Result<(), Failure> {
    for (path, _) in files {
        if fs::symlink_metadata(context.root.join(path)).is_ok() {
            return Err(exists(path));
        }
    }
    let absolute: Vec<_> =
        files.iter().map(|(path, text)| (context.root.join(path), text.clone())).collect();
    write::files(&absolute)?;
    for (path, _) in files {
        context.say(&format!("created {path}"));
    }
    Ok(())
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

fn chart_file(name: &str) -> String {
    format!(
        "\
# What the chart is made of. Templates lie in a folder per component, schemas in schemas/{name}/.
apiVersion: plimsoll.dev/v1
kind: Chart
name: {name}
version: 0.1.0
appVersion: 1.0.0
kubernetes: \">=1.25\"
components:
  app:
    description: The program itself
    # enabled: values.components.app   # an expression over all values
    # needs: [database]                # what must be ready first, and may be read as needs.database
    # exports: {{url: \"'http://' ~ chart.values.fullname\"}}
rules: []
"
    )
}

const CHART_SCHEMA: &str = "\
# Values that belong to the whole chart; templates see them as chart.values.
$schema: https://json-schema.org/draft/2020-12/schema
type: object
properties:
  fullname:
    description: The name of every object
    type: string
    pattern: ^[a-z0-9]([-a-z0-9]*[a-z0-9])?$
    default: app
";

fn layer(name: &str) -> String {
    format!(
        "# Values of the environment dev of {name}; everything else is the schema's default.\napp:\n  replicas: 1\n"
    )
}

fn component_files(chart: &str, name: &str) -> Vec<(String, String)> {
    let key = values_key(name);
    vec![
        (
            format!("schemas/{chart}/{name}.yaml"),
            format!(
                "\
# The values of component {name}: set them as {key}.… in a layer, read them as values.… in its templates.
$schema: https://json-schema.org/draft/2020-12/schema
type: object
properties:
  replicas:
    description: How many pods run
    type: integer
    minimum: 0
    default: 1
  image:
    description: The container image
    type: string
    minLength: 1
    default: nginx:1.29
  port:
    description: The port that the program listens on
    type: integer
    minimum: 1
    maximum: 65535
    default: 80
"
            ),
        ),
        (
            format!("charts/{chart}/{name}/deployment.yaml.j2"),
            "\
{# A print stands for a value with its type: no quotes, no indent, no toYaml. #}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ chart.values.fullname }}-{{ component.name }}
  namespace: {{ release.namespace }}
spec:
  replicas: {{ values.replicas }}
  selector:
    matchLabels: {{ component.selectorLabels }}
  template:
    metadata:
      labels: {{ component.labels }}
    spec:
      containers:
      - name: {{ component.name }}
        image: {{ values.image }}
        ports:
        - name: http
          containerPort: {{ values.port }}
"
            .to_owned(),
        ),
    ]
}
