//! `plimsoll explain`: where a value or a rendered field comes from.

use plimsoll::explain;

use super::args::ExplainArgs;
use super::context::Context;
use super::{Failure, write};

pub(crate) fn run(context: &Context, args: &ExplainArgs) -> Result<(), Failure> {
    let request = context.request(&args.target, &args.layers)?;
    write::print(&explain(&context.source, &request, &args.path)?)
}
