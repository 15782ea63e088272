//! Doors for `fuzz/` into stages that have no public items of their own.
//!
//! Nothing here is part of the library's promise; it may change with any release.

use std::ops::Range;

use crate::span::SourceText;
use crate::values::{Flavour, parse_set};
use crate::yaml::{self, Limits, Parse, Reading};

pub use crate::template::fuzzing::tags;

/// Reads YAML in each of the two manners and writes it: what was written must mean the same in both.
///
/// # Panics
/// When it does not.
pub fn yaml(text: &str) {
    for reading in [Reading::Core, Reading::Kubectl] {
        let Some(written) = rewrite(text, reading) else { continue };
        for again in [Reading::Core, Reading::Kubectl] {
            assert_eq!(
                rewrite(&written, again).as_ref(),
                Some(&written),
                "{reading:?}, then {again:?}"
            );
        }
    }
}

/// Whether a text is a stream of YAML documents.
#[must_use]
pub fn is_yaml(text: &str) -> bool {
    rewrite(text, Reading::Kubectl).is_some()
}

fn rewrite(text: &str, reading: Reading) -> Option<String> {
    let parse = Parse {
        reading,
        limits: Limits::default(),
        tags: false,
        merge_keys: true,
        duplicate_keys: true,
    };
    let source = SourceText::new("fuzz.yaml", text);
    if let (Some(quick), whole) = parse.both(&source) {
        // Not a number is not even itself.
        let nan = text.to_ascii_lowercase().contains(".nan");
        assert!(nan || Ok(quick) == whole, "the two readers disagree");
    }
    match parse.documents(&source) {
        Ok(documents) => {
            let mut out = String::new();
            for document in &documents {
                out.push_str("---\n");
                yaml::write(document, &mut out);
            }
            Some(out)
        }
        Err(found) => {
            // Drawing must not panic either, wherever the spans point.
            let _ = found.to_string();
            None
        }
    }
}

/// Takes a `--set` expression apart in every flavour: how many assignments each found. Spans stay in the text.
#[must_use]
pub fn set(text: &str) -> [Option<usize>; 4] {
    [Flavour::Typed, Flavour::Text, Flavour::Json, Flavour::File].map(|flavour| {
        match parse_set(&SourceText::new("--set", text), flavour) {
            Ok(assignments) => {
                let inside = |range: Range<usize>| text.get(range).is_some();
                assert!(assignments.iter().all(|one| {
                    inside(one.path_span.range()) && inside(one.value_span.range())
                }));
                Some(assignments.len())
            }
            Err(found) => {
                let _ = found.to_string();
                None
            }
        }
    })
}
