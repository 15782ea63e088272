//! Hostile templates over harmless values: `==> name` lines part the first template from those it may include.
#![no_main]

use libfuzzer_sys::fuzz_target;
use plimsoll::template::{Limits, Templates};

fuzz_target!(|input: &str| {
    let limits = Limits::default().with_fuel(50_000).with_output(1 << 20).with_text(1 << 16);
    let mut templates = Templates::with_limits(limits);
    let mut parts = input.split("\n==> ");
    let main = parts.next().unwrap_or_default();
    for part in parts.take(4) {
        let (name, text) = part.split_once('\n').unwrap_or((part, ""));
        if let Err(found) = templates.add(name, text) {
            let _ = found.to_string();
        }
    }
    let loaded = templates.add("main", main);
    if let Err(found) = loaded {
        assert!(
            found.has_errors() && found.iter().all(|finding| finding.span().is_some()),
            "{found}"
        );
        return;
    }
    let context = serde_json::json!({
        "s": "a: b # c", "t": "l1\nl2\n", "i": 7, "f": 1.5, "b": true, "n": null,
        "l": ["x", "y: z", {"k": 1}, null], "m": {"a": 1, "b": {"c": null}},
    });
    let first = templates.render("main", &context);
    match &first {
        Ok(text) => assert!(plimsoll::fuzzing::is_yaml(text), "{text}"),
        Err(found) => assert!(found.has_errors(), "a failure without an error"),
    }
    let shown =
        |result: Result<String, plimsoll::Diagnostics>| result.map_err(|found| found.to_string());
    assert_eq!(shown(first), shown(templates.render("main", &context)));
});
