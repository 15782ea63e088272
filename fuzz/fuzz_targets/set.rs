//! A hostile `--set` expression, taken apart as each flag would.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = plimsoll::fuzzing::set(text);
});
