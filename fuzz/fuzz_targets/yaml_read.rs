//! A hostile layer: read, merged, checked against an open schema and printed again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use plimsoll_fuzz::{PRINT_ALL, outcome, project};

fuzz_target!(|layer: &str| {
    let Ok(source) = project("all.yaml.j2", PRINT_ALL, layer) else { return };
    assert_eq!(outcome(&source), outcome(&source));
});
