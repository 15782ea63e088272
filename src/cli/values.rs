//! `plimsoll values`: what the layers come to.

use plimsoll::{merged_values, values_reference};

use super::args::ValuesArgs;
use super::context::Context;
use super::{Failure, write};

pub(crate) fn run(context: &Context, args: &ValuesArgs) -> Result<(), Failure> {
    if args.docs {
        let release = context.release(&args.target)?;
        return write::print(&values_reference(&context.source, &release.chart)?);
    }
    let request = context.request(&args.target, &args.layers)?;
    write::print(&merged_values(&context.source, &request)?)
}
