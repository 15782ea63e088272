//! `plimsoll graph`: what comes after what.

use clap::{Args, ValueEnum};
use plimsoll::graph::graph;

use super::args::LayerArgs;
use super::context::Context;
use super::{Failure, write};

#[derive(Args, Debug)]
pub(crate) struct GraphArgs {
    /// A release, or a chart folder
    #[arg(value_name = "TARGET")]
    target: String,
    #[command(flatten)]
    layers: LayerArgs,

    /// The form of the output
    #[arg(
        short,
        long,
        help_heading = "Output",
        value_enum,
        default_value = "text",
        value_name = "FORM"
    )]
    output: Form,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Form {
    /// A tree for the terminal
    Text,
    /// For Graphviz
    Dot,
    /// A Mermaid flowchart, for Markdown
    Mermaid,
    /// A picture
    Svg,
}

pub(crate) fn run(context: &Context, args: &GraphArgs) -> Result<(), Failure> {
    let request = context.request(&args.target, &args.layers)?;
    let graph = graph(&context.source, &request)?;
    write::print(&match args.output {
        Form::Text => graph.to_text(),
        Form::Dot => graph.to_dot(),
        Form::Mermaid => graph.to_mermaid(),
        Form::Svg => graph.to_svg(),
    })
}
