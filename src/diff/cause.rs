//! Why a field differs: the line of a layer, schema or template behind it.

use std::fmt;

use crate::diag::Diagnostics;
use crate::provenance::{Provenance, Tracer};
use crate::request::Request;
use crate::source::Source;
use crate::span::Span;
use crate::values::{LayerKind, Step};

use super::change::Diff;

/// The line behind a value of a field.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Cause {
    span: Span,
    value: Option<String>,
}

impl Cause {
    /// Where it is written.
    #[must_use]
    pub fn span(&self) -> &Span {
        &self.span
    }

    /// The path of the value that is set there; `None` if it is a line of a template.
    #[must_use]
    pub fn value(&self) -> Option<&str> {
        self.value.as_deref()
    }
}

impl fmt::Display for Cause {
    /// `values/prod.yaml:14`, `--set broker.replicas`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.span.start() {
            // A flag has one line; what it says may be long, and may be a secret.
            Some(_) if self.span.name().starts_with("--") => {
                write!(f, "{} {}", self.span.name(), self.value().unwrap_or_default())
            }
            Some(at) => write!(f, "{}:{}", self.span.name(), at.line),
            None => f.write_str(self.span.name()),
        }
    }
}

impl Diff {
    /// Finds the lines behind each changed field, on the sides whose source and request are given. Fields that
    /// hold a secret say nothing about its value.
    ///
    /// # Errors
    /// What a side's rendering says; it was rendered before, so this is not expected.
    pub fn with_causes(
        self,
        old: Option<(&dyn Source, &Request)>,
        new: Option<(&dyn Source, &Request)>,
    ) -> Result<Self, Diagnostics> {
        if self.objects.iter().all(|object| object.fields.is_empty()) {
            return Ok(self);
        }
        let trace = |side: Option<(&dyn Source, &Request)>| {
            side.map(|(source, request)| Tracer::new(source, request)).transpose()
        };
        let (old, new) = (trace(old)?, trace(new)?);
        self.traced(old.as_ref(), new.as_ref())
    }

    /// The same for sides that are rendered already.
    pub(crate) fn traced(
        mut self,
        old: Option<&Tracer>,
        new: Option<&Tracer>,
    ) -> Result<Self, Diagnostics> {
        for object in &mut self.objects {
            let id = object.id.clone();
            let was = object.renamed.clone().unwrap_or_else(|| id.clone());
            for change in &mut object.fields {
                let ask = |tracer: Option<&Tracer>, id, steps: &[Step], there: bool| match tracer {
                    Some(tracer) if there => tracer.field(id, steps).map(Some),
                    _ => Ok(None),
                };
                let before = ask(old, &was, &change.steps.0, change.old.is_some())?;
                let after = ask(new, &id, &change.steps.1, change.new.is_some())?;
                change.causes = (
                    before.and_then(|found| pick(&found, old, new)),
                    after.and_then(|found| pick(&found, new, old)),
                );
            }
        }
        Ok(self)
    }
}

/// Of all the places behind a field the one that explains a difference best: a value that the other side has not, else
/// the template where both sides are known; where they are not, one that a layer sets, else a default, else the
/// template.
fn pick(found: &Provenance, own: Option<&Tracer>, other: Option<&Tracer>) -> Option<Cause> {
    let rank = |span: &Span| {
        let Some((path, tree)) = own.and_then(|tracer| tracer.value_at(span)) else {
            return (3, None);
        };
        let text = crate::values::path_text(path);
        let there = other.and_then(|tracer| tracer.values().at(path));
        let same = there.is_some_and(|there| there.kind == tree.kind);
        let place = match (other.is_some() && !same, tree.origin.layer) {
            (true, _) => 0,
            (false, LayerKind::SchemaDefault) => 2,
            (false, _) => 1,
        };
        (place, Some(text))
    };
    let best =
        found.values.iter().map(|span| (rank(span), span)).min_by_key(|((place, _), _)| *place);
    match best {
        // The same values on both sides: what was made of them is different.
        Some(((place, _), _)) if other.is_some() && place > 0 && found.template.is_known() => {
            Some(Cause { span: found.template.clone(), value: None })
        }
        Some(((_, value), span)) => Some(Cause { span: span.clone(), value }),
        None if found.template.is_known() => {
            Some(Cause { span: found.template.clone(), value: None })
        }
        None => None,
    }
}
