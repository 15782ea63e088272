//! `plimsoll schema`: one JSON Schema per chart, for editors.

use plimsoll::chart_schema;

use super::args::SchemaArgs;
use super::context::Context;
use super::{Failure, write};

pub(crate) fn run(context: &Context, args: &SchemaArgs) -> Result<(), Failure> {
    let schema = chart_schema(&context.source, &args.target)?;
    write::print(&format!("{schema:#}\n"))
}
