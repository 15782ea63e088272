//! `plimsoll plan`: an upgrade as phases, or the objects of one of them.

use clap::{Args, ValueEnum};
use plimsoll::plan::plan;
use plimsoll::{Diagnostic, Diagnostics, Layer, Request, dialects};

use super::args::LayerArgs;
use super::context::{Context, columns, draw, read_layer};
use super::report::plan as drawing;
use super::{Failure, write};

#[derive(Args, Debug)]
pub(crate) struct PlanArgs {
    /// A release, or a chart folder
    #[arg(value_name = "TARGET")]
    pub(crate) target: String,

    /// A layer of the running side only, above all others; may be repeated
    #[arg(long, value_name = "FILE", help_heading = "What is planned")]
    pub(crate) from: Vec<String>,

    /// A layer of the side wanted only, above all others; may be repeated
    #[arg(long, value_name = "FILE", help_heading = "What is planned")]
    pub(crate) to: Vec<String>,

    /// Print the objects of this phase instead, for `kubectl apply -f -`
    #[arg(long, value_name = "N|NAME", help_heading = "What is planned")]
    pub(crate) phase: Option<String>,

    #[command(flatten)]
    pub(crate) layers: LayerArgs,

    /// The form of the output [default: text; with --phase: yaml]
    #[arg(short, long, value_enum, value_name = "FORM", help_heading = "Output")]
    pub(crate) output: Option<View>,

    /// With --phase, how appliers are told the order, as with render
    #[arg(long, default_value = "cli-utils", value_name = "DIALECT", help_heading = "Output")]
    pub(crate) order: String,
}

/// How a plan is shown.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum View {
    /// For people
    Text,
    /// A flowchart that GitHub and GitLab draw
    Mermaid,
    /// For machines
    Json,
    /// The objects of a phase
    Yaml,
}

pub(crate) fn run(context: &Context, args: &PlanArgs) -> Result<(), Failure> {
    let view = args.output.unwrap_or(if args.phase.is_some() { View::Yaml } else { View::Text });
    let fits = match view {
        View::Json => true,
        View::Yaml => args.phase.is_some(),
        View::Text | View::Mermaid => args.phase.is_none(),
    };
    if !fits {
        return Err(Diagnostic::error("usage.plan-output", "a phase is printed as yaml or json, a plan as text, mermaid or json")
            .hint("`plimsoll plan RELEASE --phase N` prints a phase, `plimsoll plan RELEASE -o mermaid` the plan")
            .into());
    }
    let typed = args.layers.files.iter().chain(&args.from).chain(&args.to);
    if typed.filter(|file| *file == "-").count() > 1 {
        let message = "`-` is given twice, and standard input can be read only once";
        return Err(Diagnostic::error("usage.standard-input", message).into());
    }
    let both = context.request(&args.target, &args.layers)?.with_dialects(dialects(&args.order)?);
    let (from, to) = (on_top(&both, &args.from)?, on_top(&both, &args.to)?);
    let plan = plan((&context.source, &from), (&context.source, &to))?;
    let text = match &args.phase {
        Some(wanted) => {
            let rendered = plan.phase(wanted)?.render()?;
            draw(rendered.warnings(), context.format);
            if view == View::Json { rendered.to_json() } else { rendered.to_yaml() }
        }
        None => {
            draw(plan.after().warnings(), context.format);
            match view {
                View::Mermaid => drawing::mermaid(&plan),
                View::Json => drawing::json(&plan),
                View::Text | View::Yaml => {
                    return write::show(&drawing::text(&plan, columns()));
                }
            }
        }
    };
    write::print(&text)
}

fn on_top(request: &Request, files: &[String]) -> Result<Request, Diagnostics> {
    files.iter().try_fold(request.clone(), |request, file| {
        let name = if file == "-" { "standard input" } else { file };
        Ok(request.with_layer(Layer::text(name, read_layer(file)?)))
    })
}
