//! template

mod rewrite;
mod scan;
