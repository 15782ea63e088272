//! Every example runs, and what it asserts holds.

#[path = "../examples/custom_source.rs"]
mod custom_source;
#[path = "../examples/diagnostics.rs"]
mod diagnostics;
#[path = "../examples/diff.rs"]
mod diff;
#[path = "../examples/in_memory.rs"]
mod in_memory;
#[path = "../examples/templates.rs"]
mod templates;
#[path = "../examples/waves.rs"]
mod waves;

type Outcome = Result<(), Box<dyn std::error::Error>>;

#[test]
fn a_release_renders_from_memory() -> Outcome {
    in_memory::main()
}

#[test]
fn a_source_of_ones_own_is_read() -> Outcome {
    custom_source::main()
}

#[test]
fn templates_render_by_themselves() -> Outcome {
    templates::main()
}

#[test]
fn findings_are_data() -> Outcome {
    diagnostics::main()
}

#[test]
fn a_flag_changes_one_field() -> Outcome {
    diff::main()
}

#[test]
fn objects_are_walked_wave_by_wave() -> Outcome {
    waves::main()
}

#[test]
fn every_example_is_run() {
    let here = include_str!("examples.rs");
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/examples");
    #[expect(clippy::disallowed_methods, reason = "tests read the repository")]
    let entries = std::fs::read_dir(folder).expect("a folder");
    for entry in entries {
        let name = entry.expect("an entry").file_name().to_string_lossy().into_owned();
        assert!(here.contains(&format!("examples/{name}\"")), "{name} is not run");
    }
}
