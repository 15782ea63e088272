//! The scanner that finds tags, against two laws of templates that need no second scanner to be judged by.
#![no_main]

use libfuzzer_sys::fuzz_target;
use plimsoll_fuzz::project;

fuzz_target!(|template: &str| {
    // A byte order mark counts only at the very start.
    if template.starts_with('\u{feff}') {
        return;
    }
    let rendered = |name: &str, text: &str| {
        project(name, text, "{}\n").ok().map(|source| plimsoll_fuzz::outcome(&source))
    };
    let plain = rendered("object.yaml.j2", template);
    // A line that holds only a comment vanishes.
    let commented = format!("{{# {{{{ }} {{% #}}\n{template}");
    assert_eq!(plain, rendered("object.yaml.j2", &commented));
    // A text without tags is the plain file.
    if !["{{", "{%", "{#"].iter().any(|tag| template.contains(tag)) {
        assert_eq!(plain, rendered("object.yaml", template));
    }
});
