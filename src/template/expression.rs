//! Expressions and messages in `chart.yaml`: `enabled`, `exports`, `rules`.
//!
//! The same language, filters and strictness as in templates, without any text around them.

use std::fmt;
use std::ops::Range;

use minijinja::{Environment, Error, Value};

use crate::diag::{Diagnostic, Diagnostics};
use crate::span::{SourceText, Span};

use super::Limits;
use super::convert::scalar_text;
use super::engine::{base, invalid};
use super::error::findings;
use super::names::Names;
use super::rewrite::operators;

/// Evaluates expressions; it holds no state between them.
pub(crate) struct Expressions {
    env: Environment<'static>,
}

impl fmt::Debug for Expressions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Expressions").finish_non_exhaustive()
    }
}

impl Default for Expressions {
    fn default() -> Self {
        Self::new()
    }
}

impl Expressions {
    pub(crate) fn new() -> Self {
        let mut env = base(Limits::default());
        // The names of undefined values are wanted at once: there is no replay here.
        env.set_debug(true);
        env.set_formatter(|out, _, value| {
            if value.is_undefined() {
                return Ok(());
            }
            let text = scalar_text(value).ok_or_else(|| {
                invalid(format!("{} inside text", super::convert::describe(value)))
            })?;
            Ok(out.write_str(&text)?)
        });
        Self { env }
    }

    /// What is wrong with an expression whatever the values are.
    pub(crate) fn check(&self, span: &Span, expr: &str) -> Result<(), Diagnostic> {
        let written = Written::new(expr);
        self.compile(&written, span, &Value::UNDEFINED).map(|_| ())
    }

    fn compile<'e>(
        &'e self,
        written: &Written<'_>,
        span: &Span,
        context: &Value,
    ) -> Result<minijinja::Expression<'e, 'static>, Diagnostic> {
        self.env.compile_expression_owned(written.inner().to_owned()).map_err(|error| {
            let known = foreign(&written.printed, span, written.expr);
            known.unwrap_or_else(|| written.report(&error, span, context))
        })
    }

    /// The value of an expression; `span` is where its text stands.
    pub(crate) fn eval(
        &self,
        span: &Span,
        expr: &str,
        context: &Value,
    ) -> Result<Value, Diagnostic> {
        let written = Written::new(expr);
        let compiled = self.compile(&written, span, context)?;
        let report = |error: &Error| written.report(error, span, context);
        let value = compiled.eval(context.clone()).map_err(|error| report(&error))?;
        if value.is_undefined() {
            // Strictness does not reach the result itself.
            let path = expr.trim();
            return Err(Diagnostic::error("template.undefined", format!("`{path}` is undefined"))
                .at(span, "")
                .hint_opt(Names::of(context).path(path))
                .hint(format!("if it may be missing, say so: `{path} | default(none)`")));
        }
        Ok(value)
    }

    /// A message with `{{ }}` in it.
    pub(crate) fn text(
        &self,
        span: &Span,
        template: &str,
        context: &Value,
    ) -> Result<String, Diagnostic> {
        let rewritten = operators(&SourceText::new("", template));
        let original = |range: Range<usize>| rewritten.original_range(range);
        let report = |error: &Error| first(error, span, template, &original, context);
        let compiled =
            self.env.template_from_str(&rewritten.text).map_err(|error| report(&error))?;
        compiled.render(context.clone()).map_err(|error| report(&error))
    }
}

/// An expression as it is written and as it is evaluated.
struct Written<'t> {
    expr: &'t str,
    printed: SourceText,
    rewritten: super::rewrite::Rewritten,
}

const OPEN: &str = "{{ ";

impl<'t> Written<'t> {
    fn new(expr: &'t str) -> Self {
        let printed = SourceText::new("", format!("{OPEN}{expr} }}}}"));
        let rewritten = operators(&printed);
        Self { expr, printed, rewritten }
    }

    fn inner(&self) -> &str {
        let text = &self.rewritten.text;
        &text[OPEN.len()..text.len() - OPEN.len()]
    }

    fn report(&self, error: &Error, span: &Span, context: &Value) -> Diagnostic {
        let original = |range: Range<usize>| {
            let range =
                self.rewritten.original_range(range.start + OPEN.len()..range.end + OPEN.len());
            range.start.saturating_sub(OPEN.len())..range.end.saturating_sub(OPEN.len())
        };
        first(error, span, self.expr, &original, context)
    }
}

/// Words of another language in an expression, with what to write instead.
fn foreign(printed: &SourceText, span: &Span, expr: &str) -> Option<Diagnostic> {
    let source = span.source()?;
    let braced = expr.trim().strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}"));
    if let Some(inner) = braced {
        return Some(
            Diagnostic::error("template.syntax", "an expression stands without braces here")
                .at(span, "")
                .hint(format!("write `{}`", inner.trim())),
        );
    }
    let found = super::rewrite::foreign(printed)?;
    let range = found.span()?.range();
    let back = |at: usize| at.saturating_sub(OPEN.len()).min(expr.len());
    let place = within(source, span, expr, back(range.start), back(range.end));
    let label = found.labels().first().map(|label| label.text.clone()).unwrap_or_default();
    let copy = Diagnostic::error(found.code(), found.message()).at(&place, label);
    Some(found.hints().iter().fold(copy, Diagnostic::hint))
}

/// The finding for an error, placed inside the text if that stands in its file as it is.
fn first(
    error: &Error,
    span: &Span,
    text: &str,
    original: &dyn Fn(Range<usize>) -> Range<usize>,
    context: &Value,
) -> Diagnostic {
    let place = |error: &Error| match (span.source(), error.range()) {
        (Some(source), Some(range)) => {
            let range = original(range);
            within(source, span, text, range.start.min(text.len()), range.end.min(text.len()))
        }
        _ => span.clone(),
    };
    let found: Diagnostics = findings(error, &place, &Names::of(context));
    found
        .into_iter()
        .next()
        .unwrap_or_else(|| Diagnostic::error("template.evaluate", error.to_string()).at(span, ""))
}

fn within(source: &SourceText, span: &Span, text: &str, start: usize, end: usize) -> Span {
    match span.text().find(text) {
        Some(offset) => {
            let base = span.range().start + offset;
            source.span(base + start..base + end)
        }
        None => span.clone(),
    }
}
