//! What was typed.

use std::path::PathBuf;

use clap::{ArgMatches, Args, Parser, Subcommand, ValueEnum};

use super::report::Format;

const EVERYWHERE: &str = "Options of all commands";
const CHOICE: &str = "Which objects";
const OUTPUT: &str = "Output";

/// Declarative Kubernetes manifests: layered values, schemas, typed templates, ordered output.
#[derive(Debug, Parser)]
#[command(
    name = "plimsoll",
    version,
    about,
    max_term_width = 100,
    after_help = "\
Examples:
  plimsoll render pulsar/seed-exact --secrets placeholder
  plimsoll render pulsar/production-ha -f secrets.yaml | kubectl apply -f -
  plimsoll check
  plimsoll explain pulsar/seed-exact StatefulSet/pulsar-bookie:spec.replicas

Data goes to standard output, findings and talk to standard error.
Exit codes: 0 fine; 1 findings (check) or differences (diff, golden); 2 wrong input or usage."
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,

    /// How findings are drawn
    #[arg(
        long,
        global = true,
        help_heading = EVERYWHERE,
        value_enum,
        default_value = "human",
        value_name = "FORMAT"
    )]
    pub(crate) format: Format,

    /// When to use colour; `NO_COLOR` counts too
    #[arg(
        long,
        global = true,
        help_heading = EVERYWHERE,
        value_enum,
        default_value = "auto",
        value_name = "WHEN"
    )]
    pub(crate) color: Color,

    /// The project folder [default: the nearest one above this folder that holds plimsoll.yaml]
    #[arg(short = 'C', long, global = true, help_heading = EVERYWHERE, value_name = "DIR")]
    pub(crate) root: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Print the Kubernetes objects of releases, in the order to apply them
    #[command(
        visible_alias = "template",
        after_help = "\
Examples:
  plimsoll render 'pulsar/*' --secrets placeholder
  plimsoll render pulsar/production-ha -f secrets.yaml | kubectl apply -f -
  plimsoll render charts/k8s-combat --set replicas=3 -n demo
  plimsoll render k8s-combat/dev -s Deployment/k8s-combat"
    )]
    Render(RenderArgs),
    /// Check releases without printing them; for CI
    #[command(
        after_help = "Without a target, all releases. Exit codes: 0 no errors; 1 errors; 2 wrong usage."
    )]
    Check(CheckArgs),
    /// Show what would change, compared with accepted output, YAML or a cluster
    #[command(after_help = "\
Examples:
  plimsoll diff
  plimsoll diff pulsar/production-ha --set broker.replicas=5
  kubectl get -o yaml -n pulsar all,cm,secret | plimsoll diff pulsar/seed-exact --against -

Exit codes: 0 equal; 1 differences; 2 wrong input or usage.")]
    Diff(super::diff::DiffArgs),
    /// Compare two files or folders of YAML by meaning
    #[command(after_help = "\
Examples:
  plimsoll compare old.yaml new.yaml
  helm template shop ./chart | plimsoll compare - new.yaml

Exit codes: 0 equal; 1 differences; 2 wrong input or usage.")]
    Compare(super::compare::CompareArgs),
    /// Show one file of `git diff`: git calls this, see the guide on review
    #[command(hide = true)]
    GitDiff(super::compare::GitDiffArgs),
    /// Accept output, or list what is accepted
    Golden(super::golden::GoldenArgs),
    /// Print the merged values, each with where it was set
    Values(ValuesArgs),
    /// Say where a value or a rendered field comes from
    #[command(after_help = "\
Examples:
  plimsoll explain pulsar/seed-exact bookkeeper.replicas
  plimsoll explain pulsar/seed-exact StatefulSet/pulsar-bookie:spec.replicas")]
    Explain(ExplainArgs),
    /// Draw which components come after which, with their waves
    #[command(after_help = "\
Examples:
  plimsoll graph pulsar/seed-exact
  plimsoll graph pulsar/seed-exact -o svg > pulsar.svg")]
    Graph(super::graph::GraphArgs),
    /// Print one combined JSON Schema of a chart's values, for editors
    Schema(SchemaArgs),
    /// Print an upgrade as phases, or the objects of one phase
    #[command(after_help = "\
Examples:
  plimsoll plan pulsar/upgrade-3.0.5-to-4.0.12
  plimsoll plan pulsar/production-ha --from running.yaml --to wanted.yaml -o mermaid
  plimsoll plan pulsar/upgrade-3.0.5-to-4.0.12 --phase 1 -f secrets.yaml | kubectl apply -f -

Exit codes: 0 fine; 2 wrong input or usage, or an upgrade that cannot be done so.")]
    Plan(super::plan::PlanArgs),
    /// Start a chart or add components
    New(super::new::NewArgs),
    /// Print a completion script for a shell
    Completion {
        /// The shell
        #[arg(value_enum)]
        shell: clap_complete::Shell,
    },
    /// Write the manual pages into a folder
    Man {
        /// The folder, created if need be
        dir: PathBuf,
    },
}

/// Values on top of a release's own layers.
#[derive(Args, Debug)]
#[command(next_help_heading = "Values, on top of the release's own")]
pub(crate) struct LayerArgs {
    /// A values file on top of the release's layers; `-` reads standard input; may be repeated
    #[arg(short = 'f', long = "values", value_name = "FILE")]
    pub(crate) files: Vec<String>,

    /// Set values: a.b=1,c[0]=x; typed by the schema
    #[arg(long, value_name = "PATH=VALUE")]
    pub(crate) set: Vec<String>,

    /// Set values that are always strings
    #[arg(long, value_name = "PATH=VALUE")]
    pub(crate) set_string: Vec<String>,

    /// Set values written as JSON
    #[arg(long, value_name = "PATH=JSON")]
    pub(crate) set_json: Vec<String>,

    /// Set a value to the content of a file
    #[arg(long, value_name = "PATH=FILE")]
    pub(crate) set_file: Vec<String>,

    /// Another namespace than the release's
    #[arg(short, long, value_name = "NAME")]
    pub(crate) namespace: Option<String>,

    /// Another name than the release's
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,

    /// The Kubernetes version to render for, such as 1.34
    #[arg(long, value_name = "VERSION")]
    pub(crate) kube_version: Option<String>,

    /// Do not check the objects against the API of that version
    #[arg(long)]
    pub(crate) no_validate: bool,

    /// An API that the cluster has, as GROUP/VERSION/KIND; may be repeated
    #[arg(long, value_name = "API")]
    pub(crate) api_versions: Vec<String>,

    /// Whether secrets must be given or stand as `<secret:path>`
    #[arg(long, value_enum, value_name = "HOW")]
    pub(crate) secrets: Option<SecretsArg>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum SecretsArg {
    /// Real secrets, given in a layer or by --set-file
    Required,
    /// `<secret:path>` in the place of each secret
    Placeholder,
}

/// Which releases.
#[derive(Args, Debug)]
pub(crate) struct TargetArgs {
    /// Release names, globs over them (`pulsar/*`), or chart folders
    #[arg(value_name = "TARGET")]
    pub(crate) targets: Vec<String>,

    /// Only releases with this label; may be repeated
    #[arg(short = 'l', long = "selector", help_heading = CHOICE, value_name = "KEY=VALUE")]
    pub(crate) labels: Vec<String>,
}

#[derive(Args, Debug)]
pub(crate) struct RenderArgs {
    #[command(flatten)]
    pub(crate) targets: TargetArgs,
    #[command(flatten)]
    pub(crate) layers: LayerArgs,

    /// The form of the output
    #[arg(short, long, help_heading = OUTPUT, value_enum, default_value = "yaml", value_name = "FORM")]
    pub(crate) output: Output,

    /// Write DIR/RELEASE/COMPONENT.yaml instead of printing: all files, or none
    #[arg(long, help_heading = OUTPUT, value_name = "DIR")]
    pub(crate) output_dir: Option<PathBuf>,

    /// Only this component; may be repeated
    #[arg(long, help_heading = CHOICE, value_name = "NAME")]
    pub(crate) component: Vec<String>,

    /// Only this template or object: broker/stateful-set.yaml.j2 or StatefulSet/pulsar-broker; may be repeated
    #[arg(short, long, help_heading = CHOICE, value_name = "TEMPLATE|KIND/NAME")]
    pub(crate) show_only: Vec<String>,

    /// Only this wave, from 0; may be repeated
    #[arg(long, help_heading = CHOICE, value_name = "N")]
    pub(crate) wave: Vec<u32>,

    /// How appliers are told the order: cli-utils, argocd, flux, kapp, helm, nelm, kluctl, kubectl, kustomize
    /// (several with commas), or none
    #[arg(long, help_heading = OUTPUT, default_value = "cli-utils", value_name = "DIALECTS")]
    pub(crate) order: String,

    /// Print what each of these dialects can say about the order, and what is lost, instead of the objects
    #[arg(long, help_heading = OUTPUT)]
    pub(crate) explain_order: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Output {
    Yaml,
    Json,
}

#[derive(Args, Debug)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    pub(crate) targets: TargetArgs,
    #[command(flatten)]
    pub(crate) layers: LayerArgs,

    /// Fail on warnings, too
    #[arg(long, value_name = "WHAT", value_parser = ["warnings"])]
    pub(crate) deny: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct ValuesArgs {
    /// A release, or a chart folder
    #[arg(value_name = "TARGET")]
    pub(crate) target: String,
    #[command(flatten)]
    pub(crate) layers: LayerArgs,

    /// Print the reference of all values as Markdown instead
    #[arg(long)]
    pub(crate) docs: bool,
}

#[derive(Args, Debug)]
pub(crate) struct ExplainArgs {
    /// A release, or a chart folder
    #[arg(value_name = "TARGET")]
    pub(crate) target: String,
    /// A value (bookkeeper.replicas) or a rendered field (StatefulSet/pulsar-bookie:spec.replicas)
    #[arg(value_name = "PATH")]
    pub(crate) path: String,
    #[command(flatten)]
    pub(crate) layers: LayerArgs,
}

#[derive(Args, Debug)]
pub(crate) struct SchemaArgs {
    /// A chart, its folder, or a release
    #[arg(value_name = "CHART")]
    pub(crate) target: String,
}

/// A `--set…` flag of any kind, in the order in which they were typed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum SetFlag {
    Set(String),
    String(String),
    Json(String),
    File(String),
}

/// All `--set…` flags of a command, strictly left to right whatever their kind.
pub(crate) fn set_flags(matches: &ArgMatches) -> Vec<SetFlag> {
    type Make = fn(String) -> SetFlag;
    let kinds: [(&str, Make); 4] = [
        ("set", SetFlag::Set),
        ("set_string", SetFlag::String),
        ("set_json", SetFlag::Json),
        ("set_file", SetFlag::File),
    ];
    let mut flags: Vec<(usize, SetFlag)> = Vec::new();
    for (id, make) in kinds {
        let Ok(Some(values)) = matches.try_get_many::<String>(id) else { continue };
        let indices = matches.indices_of(id).into_iter().flatten();
        flags.extend(indices.zip(values).map(|(index, value)| (index, make(value.clone()))));
    }
    flags.sort_by_key(|(index, _)| *index);
    flags.into_iter().map(|(_, flag)| flag).collect()
}
