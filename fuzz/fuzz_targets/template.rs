//! A hostile template over harmless values.
#![no_main]

use libfuzzer_sys::fuzz_target;
use plimsoll_fuzz::{outcome, project};

fuzz_target!(|template: &str| {
    let Ok(source) = project("object.yaml.j2", template, "{}\n") else { return };
    let Ok(printed) = outcome(&source) else { return };
    // What was printed is canonical: read as a plain file and printed again, it stays what it is. Text that looks
    // like a tag would be taken for one.
    if printed.contains("{{") || printed.contains("{%") || printed.contains("{#") {
        return;
    }
    if let Ok(source) = project("object.yaml", &printed, "{}\n") {
        assert_eq!(outcome(&source), Ok(printed));
    }
});
