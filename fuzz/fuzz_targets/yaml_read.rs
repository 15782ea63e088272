//! Hostile YAML: read, written and read again.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| plimsoll::fuzzing::yaml(text));
