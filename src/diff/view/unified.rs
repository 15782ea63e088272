//! A patch, as `patch` and `git apply` read it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use similar::TextDiff;

use crate::diff::canonical::write_document;
use crate::diff::change::{ObjectDiff, ReleaseDiff, Verdict};

/// Lines of context around a change: what `patch` looks for.
const CONTEXT: usize = 3;

/// Draws releases as a patch of their files. Where both sides are files of one text per component, such as goldens,
/// the patch turns one into the other; otherwise it covers the objects that are not equal, with sorted keys.
#[must_use]
pub fn unified(releases: &[ReleaseDiff]) -> String {
    let mut out = String::new();
    for release in releases {
        if release.files.is_empty() {
            for (component, objects) in by_component(&release.diff.objects) {
                let path = format!("{}/{component}.yaml", release.release);
                let side = |old: bool| -> Option<Cow<'_, str>> {
                    let mut text = String::new();
                    for object in &objects {
                        let node = if old { &object.old } else { &object.new };
                        if let Some(node) = node {
                            write_document(node, &mut text);
                        }
                    }
                    (!text.is_empty()).then_some(Cow::Owned(text))
                };
                file(&path, side(true).as_deref(), side(false).as_deref(), &mut out);
            }
        }
        for changed in &release.files {
            file(&changed.path, changed.old.as_deref(), changed.new.as_deref(), &mut out);
        }
    }
    out
}

/// Objects that are not equal, in the order in which their components appear.
fn by_component(objects: &[ObjectDiff]) -> Vec<(&str, Vec<&ObjectDiff>)> {
    let mut groups: Vec<(&str, Vec<&ObjectDiff>)> = Vec::new();
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    for object in objects.iter().filter(|object| object.verdict != Verdict::Equal) {
        let component = object.component.as_deref().unwrap_or("objects");
        let at = *places.entry(component).or_insert(groups.len());
        match groups.get_mut(at) {
            Some((_, members)) => members.push(object),
            None => groups.push((component, vec![object])),
        }
    }
    groups
}

fn file(path: &str, old: Option<&str>, new: Option<&str>, out: &mut String) {
    if old == new {
        return;
    }
    let name = |side: &str, text: Option<&str>| match text {
        Some(_) => format!("{side}/{path}"),
        None => "/dev/null".to_owned(),
    };
    let diff = TextDiff::from_lines(old.unwrap_or_default(), new.unwrap_or_default());
    let mut unified = diff.unified_diff();
    unified.context_radius(CONTEXT).header(&name("a", old), &name("b", new));
    out.push_str(&unified.to_string());
}
