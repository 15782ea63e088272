//! Bundles what Kubernetes says about its own objects into one small file, which the library carries.
//!
//! ```sh
//! cargo run --example bundle-kubernetes -- FOLDER
//! ```
//!
//! FOLDER is what `kubernetes/fetch` leaves: the schemas of each minor version, and the Go types that they were made
//! from. The schemas give fields and types; the Go types give what is lost in them: the values of enumerations, and in
//! which version a kind came, was deprecated and went. `kubernetes/formats.txt` adds what the API server asks of
//! texts and numbers in its own code.
//!
//! Writes `kubernetes/pool.zst` and prints its digest. The layout is described in `kubernetes/README.md`.
#![expect(clippy::disallowed_methods, clippy::print_stdout, reason = "a program, not the library")]

mod formats;
mod go;
mod schemas;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use sha2::{Digest, Sha256};

use schemas::Definitions;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// A kind: group and version as an `apiVersion`, and the name.
type Kind = (String, String);

fn main() -> Outcome<()> {
    let folder = env::args().nth(1).ok_or("which folder? see kubernetes/README.md")?;
    let folder = Path::new(&folder);
    let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("kubernetes");

    let mut minors: Vec<u32> = fs::read_dir(folder.join("schemas"))?
        .filter_map(|entry| minor(&entry.ok()?.file_name().to_string_lossy()))
        .collect();
    minors.sort_unstable();
    let (first, last) = (*minors.first().ok_or("no schemas")?, *minors.last().ok_or("no schemas")?);

    let mut definitions = Definitions::default();
    let mut lifecycles = BTreeMap::new();
    for minor in minors {
        let types = go::Types::read(&folder.join(format!("api/v0.{minor}.0")))?;
        definitions.add(
            minor,
            &folder.join(format!("schemas/v1.{minor}.0-local-strict")),
            &types,
        )?;
        // The newest statement about a kind is the one that holds.
        lifecycles.extend(types.lifecycles);
    }
    formats::apply(
        &mut definitions,
        &mut lifecycles,
        &fs::read_to_string(home.join("formats.txt"))?,
    )?;

    let mut text = format!("kubernetes {first} {last}\n");
    write_kinds(&mut text, &definitions, &lifecycles)?;
    definitions.write(&mut text)?;
    let packed = compress_to_vec(text.as_bytes(), CompressionLevel::Fastest);
    if let Some(path) = env::args().nth(2) {
        fs::write(path, &text)?;
    }
    fs::write(home.join("pool.zst"), &packed)?;
    let digest = Sha256::digest(&packed).iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    });
    println!(
        "1.{first} to 1.{last}: {} bytes, {} packed\n{digest}  pool.zst",
        text.len(),
        packed.len()
    );
    Ok(())
}

/// The minor version of a folder such as `v1.34.0-local-strict`.
fn minor(name: &str) -> Option<u32> {
    name.strip_prefix("v1.")?.strip_suffix(".0-local-strict")?.parse().ok()
}

fn write_kinds(
    text: &mut String,
    definitions: &Definitions,
    lifecycles: &BTreeMap<Kind, go::Lifecycle>,
) -> Outcome<()> {
    let mut all: BTreeMap<&Kind, (Option<String>, go::Lifecycle)> = BTreeMap::new();
    for (kind, lifecycle) in lifecycles {
        all.entry(kind).or_default().1 = lifecycle.clone();
    }
    for (kind, (definition, versions)) in &definitions.kinds {
        let (first, last) = (versions[0], versions[versions.len() - 1]);
        if versions.len() != (last - first + 1) as usize {
            return Err(format!("{kind:?} comes and goes: {versions:?}").into());
        }
        all.entry(kind).or_default().0 = Some(format!("{definition} {first}-{last}"));
    }
    for ((version, kind), (definition, lifecycle)) in all {
        let number = |n: Option<u32>| n.map_or("-".to_owned(), |n| n.to_string());
        let definition = definition.unwrap_or_else(|| "- -".to_owned());
        writeln!(
            text,
            "{version} {kind} {definition} {} {} {} {}",
            number(lifecycle.introduced),
            number(lifecycle.deprecated),
            number(lifecycle.removed),
            lifecycle.replacement.as_deref().unwrap_or("-")
        )?;
    }
    Ok(())
}
