//! Adds `kubernetes/formats.txt`: what the API server asks in its own code, and lives of kinds outside `k8s.io/api`.

use std::collections::BTreeMap;

use super::go::Lifecycle;
use super::schemas::Definitions;
use super::{Kind, Outcome};

pub(crate) fn apply(
    definitions: &mut Definitions,
    lifecycles: &mut BTreeMap<Kind, Lifecycle>,
    text: &str,
) -> Outcome<()> {
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["kind", version, kind, introduced, deprecated, removed, replacement] => {
                let lifecycle = Lifecycle {
                    introduced: introduced.parse().ok(),
                    deprecated: deprecated.parse().ok(),
                    removed: removed.parse().ok(),
                    replacement: (*replacement != "-").then(|| (*replacement).to_owned()),
                };
                lifecycles.insert(((*version).to_owned(), (*kind).to_owned()), lifecycle);
            }
            [place, meaning] => apply_field(definitions, place, meaning)?,
            _ => return Err(format!("no such line: {line}").into()),
        }
    }
    Ok(())
}

/// `core.v1.Container.image! string:image`: the field gets this type in every version that has it.
fn apply_field(definitions: &mut Definitions, place: &str, meaning: &str) -> Outcome<()> {
    let required = place.ends_with('!');
    let (name, field) = place.trim_end_matches('!').rsplit_once('.').ok_or("no field")?;
    let sayings = definitions
        .all
        .get_mut(name)
        .and_then(|fields| fields.get_mut(field))
        .ok_or_else(|| format!("there is no field {place}"))?;
    for (said, versions) in std::mem::take(sayings) {
        let must = if required || said.starts_with('!') { "!" } else { "" };
        let keys = said.find(" ~").map_or("", |at| &said[at..]);
        sayings.entry(format!("{must} {meaning}{keys}")).or_default().extend(versions);
    }
    for versions in sayings.values_mut() {
        versions.sort_unstable();
    }
    Ok(())
}
