//! `plimsoll values`: what the layers come to.

use plimsoll::{merged_values, values_reference};

use super::args::ValuesArgs;
use super::context::Context;
use super::{Failure, write};

pub(crate) fn run(context: &Context, args: &ValuesArgs) -> Result<(), Failure> {
    let release = context.release(&args.target)?;
    if args.docs {
        return write::print(&values_reference(&context.source, &release.chart)?);
    }
    let request = context.request(release, &args.layers)?;
    write::print(&merged_values(&context.source, &request)?)
}
