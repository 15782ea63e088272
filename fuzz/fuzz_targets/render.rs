//! A hostile project: the input is cut into files at lines that begin with `==> `.
#![no_main]

use libfuzzer_sys::fuzz_target;
use plimsoll::MemorySource;
use plimsoll_fuzz::outcome;

fuzz_target!(|input: &str| {
    let mut source = MemorySource::new();
    for file in input.split("==> ").skip(1).take(32) {
        let Some((path, text)) = file.split_once('\n') else { continue };
        source = match source.clone().with(path.trim(), text) {
            Ok(source) => source,
            Err(_) => continue,
        };
    }
    assert_eq!(outcome(&source), outcome(&source));
});
