//! What each stage of a rendering costs: `cargo bench --bench stages`.
//!
//! Only public items are used, so a stage is what a call does beyond the call before it: `values` reads the chart,
//! its schemas and the layers, merges and checks them and writes them with their origins; `render` does the same
//! without writing them, runs the templates and orders the objects; `write` turns objects into text. `read` is a YAML
//! stream read and written again, `start` the program without any work.
#![expect(clippy::disallowed_methods, reason = "the source is in memory, its files come from disk")]

#[expect(dead_code, reason = "the chart of helm is for the other bench")]
mod webapp;

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::process::Command;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use plimsoll::template::Templates;
use plimsoll::{MemorySource, Request, merged_values, render};

/// Components of the inputs: 32, 240 and 4,000 objects.
const SIZES: [usize; 3] = [4, 30, 500];

fn stages(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("stages");
    group.sample_size(10);
    for components in SIZES {
        let dir = tempfile::tempdir().expect("a folder for the charts");
        let input = webapp::write(dir.path(), components);
        let source = load(&input.project, &input.project, MemorySource::new());
        let request = Request::new("shop");
        let rendered = render(&source, &request).expect("the chart is right");
        let stream = rendered.to_yaml();
        let objects = components * webapp::OBJECTS;
        group.throughput(Throughput::Elements(objects as u64));
        group.bench_function(BenchmarkId::new("values", objects), |bencher| {
            bencher.iter(|| merged_values(&source, &request).expect("the chart is right"));
        });
        group.bench_function(BenchmarkId::new("render", objects), |bencher| {
            bencher.iter(|| render(&source, &request).expect("the chart is right"));
        });
        group.bench_function(BenchmarkId::new("write", objects), |bencher| {
            bencher.iter(|| black_box(&rendered).to_yaml());
        });
        group.bench_function(BenchmarkId::new("read", objects), |bencher| {
            bencher.iter(|| {
                let mut templates = Templates::new();
                templates.add("stream", stream.as_str()).expect("YAML");
                templates.render("stream", &()).expect("YAML")
            });
        });
    }
    group.bench_function("start", |bencher| {
        bencher.iter(|| Command::new(env!("CARGO_BIN_EXE_plimsoll")).arg("--version").output());
    });
    group.finish();
}

/// The files of a folder as a source in memory.
fn load(root: &Path, dir: &Path, mut source: MemorySource) -> MemorySource {
    for entry in fs::read_dir(dir).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            source = load(root, &path, source);
        } else {
            let name = path.strip_prefix(root).expect("below the root").to_string_lossy();
            let text = fs::read_to_string(&path).expect("a text");
            source = source.with(&name, text).expect("a path");
        }
    }
    source
}

criterion_group!(benches, stages);
criterion_main!(benches);
