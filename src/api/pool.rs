//! What Kubernetes says about its own kinds, in all bundled versions at a time.
//!
//! One text, unpacked when the first object is checked; a definition is read when an object first needs it. The text
//! is the same for everybody and never changes, so it is kept for the life of the program.

use std::sync::{LazyLock, OnceLock};

use super::definition::Definition;

/// Made by `cargo run --example bundle-kubernetes`.
const PACKED: &[u8] = include_bytes!("../../kubernetes/pool.zst");

static TEXT: LazyLock<String> = LazyLock::new(|| {
    let mut text = Vec::new();
    let read = ruzstd::decoding::StreamingDecoder::new(PACKED)
        .ok()
        .and_then(|mut decoder| std::io::Read::read_to_end(&mut decoder, &mut text).ok());
    debug_assert!(read.is_some(), "the bundled file is whole; a test reads all of it");
    String::from_utf8(text).unwrap_or_default()
});

static POOL: LazyLock<Pool> = LazyLock::new(|| Pool::index(&TEXT));

/// The bundled schemas.
pub(super) struct Pool {
    /// The oldest and the newest minor version.
    pub(super) oldest: u32,
    pub(super) newest: u32,
    kinds: Vec<KindLine>,
    /// Sorted by name.
    definitions: Vec<Entry>,
}

/// A definition that is read when it is needed.
struct Entry {
    name: &'static str,
    lines: &'static str,
    read: OnceLock<Definition>,
}

/// A kind in one group and version, and its life.
#[derive(Clone, Copy, Debug)]
pub(super) struct KindLine {
    pub(super) api_version: &'static str,
    pub(super) kind: &'static str,
    /// The definition, and the first and last bundled version that has it; none for what went before the oldest.
    pub(super) schema: Option<(usize, u32, u32)>,
    pub(super) introduced: Option<u32>,
    pub(super) deprecated: Option<u32>,
    pub(super) removed: Option<u32>,
    /// `apiVersion` and kind to use instead.
    pub(super) replacement: Option<(&'static str, &'static str)>,
}

impl Pool {
    pub(super) fn bundled() -> &'static Self {
        &POOL
    }

    fn index(text: &'static str) -> Self {
        let (kinds, rest) = text.split_once("\n=").unwrap_or((text, ""));
        let definitions: Vec<Entry> = rest
            .split("\n=")
            .map(|stretch| {
                let (name, lines) = stretch.split_once('\n').unwrap_or((stretch, ""));
                Entry { name, lines, read: OnceLock::new() }
            })
            .collect();
        let place = |name: &str| place(&definitions, name);
        let mut lines = kinds.lines();
        let mut versions =
            lines.next().unwrap_or_default().split(' ').skip(1).map(|n| n.parse().unwrap_or(0));
        let (oldest, newest) = (versions.next().unwrap_or(0), versions.next().unwrap_or(0));
        let kinds = lines.filter_map(|line| KindLine::read(line, &place)).collect();
        Self { oldest, newest, kinds, definitions }
    }

    pub(super) fn definition(&self, place: usize) -> &Definition {
        let entry = &self.definitions[place];
        entry.read.get_or_init(|| {
            Definition::read(entry.name, entry.lines, &|name| self::place(&self.definitions, name))
        })
    }

    /// Where the definition of this name stands.
    pub(super) fn named(&self, name: &str) -> usize {
        place(&self.definitions, name)
    }

    /// Every kind, sorted by `apiVersion` and kind.
    pub(super) fn kinds(&self) -> &[KindLine] {
        &self.kinds
    }

    pub(super) fn kind(&self, api_version: &str, kind: &str) -> Option<&KindLine> {
        let found = self
            .kinds
            .binary_search_by(|line| (line.api_version, line.kind).cmp(&(api_version, kind)));
        found.ok().map(|at| &self.kinds[at])
    }

    /// Whether a group is Kubernetes' own.
    pub(super) fn has_group(&self, group: &str) -> bool {
        self.kinds.iter().any(|line| group_of(line.api_version) == group)
    }
}

pub(super) fn group_of(api_version: &str) -> &str {
    api_version.rsplit_once('/').map_or("", |(group, _)| group)
}

/// Where a definition stands. The bundler writes no name without its definition.
fn place(definitions: &[Entry], name: &str) -> usize {
    definitions.binary_search_by(|entry| entry.name.cmp(name)).unwrap_or(0)
}

impl KindLine {
    /// `apps/v1 Deployment apps.v1.Deployment 25-37 9 - - -`.
    fn read(line: &'static str, place: &dyn Fn(&str) -> usize) -> Option<Self> {
        let mut words = line.split(' ');
        let (api_version, kind, definition, versions) =
            (words.next()?, words.next()?, words.next()?, words.next()?);
        let schema = versions
            .split_once('-')
            .and_then(|(first, last)| Some((first.parse().ok()?, last.parse().ok()?)))
            .map(|(first, last)| (place(definition), first, last));
        let mut number = || words.next().and_then(|word| word.parse().ok());
        let (introduced, deprecated, removed) = (number(), number(), number());
        let replacement = words.next().and_then(|word| word.split_once(':'));
        Some(Self { api_version, kind, schema, introduced, deprecated, removed, replacement })
    }
}

#[cfg(test)]
mod tests {
    use super::super::definition::Type;
    use super::super::format::Format;
    use super::{POOL, Pool};

    #[test]
    fn every_definition_reads_and_leads_somewhere() {
        let pool = Pool::bundled();
        assert!(pool.newest >= pool.oldest + 5, "six or more minor versions");
        assert!(pool.definitions.is_sorted_by_key(|entry| entry.name));
        assert!(pool.kinds().is_sorted_by_key(|line| (line.api_version, line.kind)));
        let mut fields = 0;
        for (at, entry) in POOL.definitions.iter().enumerate() {
            let definition = pool.definition(at);
            assert_eq!(definition.fields.len(), entry.lines.lines().count(), "{}", entry.name);
            assert!(definition.fields.is_sorted_by_key(|field| field.name), "{}", entry.name);
            fields += definition.fields.len();
            for (field, line) in definition.fields.iter().zip(entry.lines.lines()) {
                judge(&field.meaning, line);
            }
        }
        assert!(fields > 3000, "{fields}");
    }

    /// Every word of the line was understood.
    fn judge(meaning: &Type, line: &str) {
        match meaning {
            Type::List(inner) => judge(inner, line),
            Type::Map(format, inner) => {
                assert!(line.contains("{}") || *format != Format::Any, "{line}");
                judge(inner, line);
            }
            Type::Object(at) | Type::BooleanOr(at) => {
                let name = format!("@{}", POOL.definitions[*at].name);
                assert!(line.split(' ').any(|word| word.ends_with(&name)), "{line}");
            }
            Type::Any => {
                assert!(line.split(' ').nth(1).is_some_and(|w| w.ends_with("any")), "{line}");
            }
            Type::Text(format)
            | Type::Int32(format)
            | Type::Int64(format)
            | Type::Quantity(format)
            | Type::IntOrString(format) => {
                assert_eq!(line.contains(':'), *format != Format::Any, "{line}");
            }
            _ => {}
        }
    }
}
