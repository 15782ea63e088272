//! Whether the chosen version serves a kind: since when, how much longer, and what to use instead.

use super::finding::{Findings, Path, Place};
use super::pool::{KindLine, Pool, group_of};
use super::version::Version;
use crate::diag::nearest;

/// What a version knows of a kind.
pub(super) enum Served {
    /// The place of its definition.
    Builtin(usize),
    /// Nothing is known, or nothing can be: not one of Kubernetes' own, or older than what is bundled.
    Unknown,
    /// A finding says why it cannot be.
    Refused,
}

/// Judges `apiVersion` and `kind`.
pub(super) fn served(
    api_version: &str,
    kind: &str,
    version: Version,
    found: &mut Findings<'_>,
) -> Served {
    let pool = Pool::bundled();
    let root = Path::Root;
    let path = Path::Key(&root, "apiVersion");
    let Some(line) = pool.kind(api_version, kind) else {
        let group = group_of(api_version);
        if !pool.has_group(group) {
            return Served::Unknown;
        }
        let said = format!("is `{api_version}`, in which there is no kind `{kind}`");
        found.error(
            "api.no-such-kind",
            &path,
            Place::Value,
            &said,
            near(pool, api_version, kind, version),
        );
        return Served::Refused;
    };
    let asked = version.asked;
    let named = format!("is `{api_version}`, in which `{kind}`");
    // An unbundled version is judged by what is known of its time.
    let newest = if version.asked == version.bundled { version.bundled } else { asked };
    let gone = match (line.removed, line.schema) {
        (Some(removed), Some((_, _, last))) if last < pool.newest => Some(removed.min(last + 1)),
        (None, Some((_, _, last))) if last < pool.newest => Some(last + 1),
        (removed, _) => removed,
    };
    if let Some(gone) = gone.filter(|gone| *gone <= newest) {
        let said = format!("{named} is gone since Kubernetes 1.{gone}");
        let hint = instead(pool, line, version).map(|instead| format!("use {instead}"));
        found.error("api.removed", &path, Place::Value, &said, hint);
        return Served::Refused;
    }
    let since = line
        .schema
        .map(|(_, first, _)| first)
        .filter(|first| *first > pool.oldest)
        .or(line.introduced);
    if let Some(since) = since.filter(|since| *since > asked) {
        let said =
            format!("{named} is served since Kubernetes 1.{since} only, and this is for 1.{asked}");
        let hint = instead(pool, line, version).map(|instead| format!("use {instead}"));
        found.error("api.too-new", &path, Place::Value, &said, hint);
        return Served::Refused;
    }
    if let Some(deprecated) = line.deprecated.filter(|deprecated| *deprecated <= asked) {
        let end =
            line.removed.map(|removed| format!(" and gone with 1.{removed}")).unwrap_or_default();
        let said = format!("{named} is deprecated since Kubernetes 1.{deprecated}{end}");
        let hint = instead(pool, line, version).map(|instead| format!("use {instead}"));
        found.warning("api.deprecated", &path, Place::Value, &said, hint);
    }
    match line.schema {
        Some((definition, first, last)) if (first..=last).contains(&version.bundled) => {
            Served::Builtin(definition)
        }
        _ => Served::Unknown,
    }
}

fn is_served(line: &KindLine, version: u32) -> bool {
    line.schema.is_some_and(|(_, first, last)| (first..=last).contains(&version))
}

/// What the version serves in the place of a kind.
fn instead(pool: &Pool, line: &KindLine, version: Version) -> Option<String> {
    let named = line.replacement.and_then(|(api_version, kind)| pool.kind(api_version, kind));
    let named = named.filter(|line| is_served(line, version.bundled));
    let same = || {
        let group = group_of(line.api_version);
        let others = pool.kinds().iter().filter(|other| {
            other.kind == line.kind
                && group_of(other.api_version) == group
                && is_served(other, version.bundled)
        });
        // A stable version's name is the shortest.
        others.min_by_key(|other| other.api_version.len())
    };
    named.or_else(same).map(|line| format!("`{} {}`", line.api_version, line.kind))
}

/// The kind that somebody meant.
fn near(pool: &Pool, api_version: &str, kind: &str, version: Version) -> Option<String> {
    let served = || pool.kinds().iter().filter(|line| is_served(line, version.bundled));
    let mut same: Vec<&KindLine> = served().filter(|line| line.kind == kind).collect();
    same.sort_by_key(|line| line.api_version.len());
    if let Some(line) = same.first() {
        return Some(format!("`{kind}` is in `{}`", line.api_version));
    }
    let here = served().filter(|line| line.api_version == api_version).map(|line| line.kind);
    let near = nearest(kind, here.chain(served().map(|line| line.kind)))?;
    let line =
        served().filter(|line| line.kind == near).min_by_key(|line| line.api_version.len())?;
    Some(format!("did you mean `{} {near}`?", line.api_version))
}
