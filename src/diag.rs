//! What went wrong, as data.
//!
//! A stage gathers every finding it can before it stops and returns them as [`Diagnostics`]. Nothing here
//! draws: the command line draws for people and machines, embedders do as they like.

use std::fmt;

use crate::span::Span;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Severity {
    /// Nothing is rendered.
    Error,
    /// Rendered all the same, but somebody should look.
    Warning,
}

impl Severity {
    /// `error` or `warning`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// A place that a [`Diagnostic`] points at.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What is to be seen there; may be empty.
    pub text: String,
    /// The line holds a secret: show the position, never the text.
    pub masked: bool,
}

/// One finding: a stable code, a message, the places it concerns and what to do about it.
#[derive(Clone, Debug, Eq, PartialEq)]
#[must_use]
pub struct Diagnostic {
    severity: Severity,
    code: &'static str,
    message: String,
    labels: Vec<Label>,
    hints: Vec<String>,
    rule: Option<String>,
}

impl Diagnostic {
    /// An error. `code` is stable and documented, `message` a lowercase phrase without a full stop.
    pub fn error(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            code,
            message: message.into(),
            labels: Vec::new(),
            hints: Vec::new(),
            rule: None,
        }
    }

    /// A warning; otherwise like [`Diagnostic::error`].
    pub fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, message) }
    }

    /// Points at a place; the first one is where the finding is reported. A span that is nowhere is left out.
    pub fn at(mut self, span: &Span, text: impl Into<String>) -> Self {
        if span.is_known() {
            self.labels.push(Label { span: span.clone(), text: text.into(), masked: false });
        }
        self
    }

    /// Adds a remedy.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Adds a remedy if there is one.
    pub fn hint_opt(self, hint: Option<impl Into<String>>) -> Self {
        match hint {
            Some(hint) => self.hint(hint),
            None => self,
        }
    }

    /// This remedy in place of all others.
    pub(crate) fn only_hint(mut self, hint: String) -> Self {
        self.hints = vec![hint];
        self
    }

    /// Takes the last remedy away.
    pub(crate) fn pop_hint(&mut self) {
        self.hints.pop();
    }

    /// Says which rule of a chart it comes from.
    pub(crate) fn of_rule(mut self, name: Option<&str>) -> Self {
        self.rule = name.map(str::to_owned);
        self
    }

    /// How bad it is.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.severity
    }

    /// The stable code, such as `values.unknown-key`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// The message.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The name of the chart's rule that it comes from, if it comes from a rule that has one.
    #[must_use]
    pub fn rule(&self) -> Option<&str> {
        self.rule.as_deref()
    }

    /// The places, the main one first.
    #[must_use]
    pub fn labels(&self) -> &[Label] {
        &self.labels
    }

    /// The places, to be masked where they show a secret.
    pub(crate) fn texts_mut(&mut self) -> impl Iterator<Item = &mut String> {
        let labels = self.labels.iter_mut().map(|label| &mut label.text);
        std::iter::once(&mut self.message).chain(&mut self.hints).chain(labels)
    }

    pub(crate) fn labels_mut(&mut self) -> &mut [Label] {
        &mut self.labels
    }

    /// What to do about it.
    #[must_use]
    pub fn hints(&self) -> &[String] {
        &self.hints
    }

    /// The main place, if there is one.
    #[must_use]
    pub fn span(&self) -> Option<&Span> {
        self.labels.first().map(|label| &label.span)
    }
}

impl fmt::Display for Diagnostic {
    /// One line: `file:line:column: error[code]: message (hint)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(span) = self.span() {
            write!(f, "{span}: ")?;
        }
        write!(f, "{}[{}]: {}", self.severity.as_str(), self.code, self.message)?;
        for hint in &self.hints {
            write!(f, " (hint: {hint})")?;
        }
        Ok(())
    }
}

/// Findings, sorted by place. As an `Err` it holds at least one error.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[must_use]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// No findings yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a finding.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    /// Adds all of another list.
    pub fn extend(&mut self, other: impl IntoIterator<Item = Diagnostic>) {
        self.0.extend(other);
    }

    /// Whether nothing was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many findings there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether anything stops the rendering.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// The findings in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.0.iter()
    }

    /// The findings, to be masked.
    pub(crate) fn all_mut(&mut self) -> &mut [Diagnostic] {
        &mut self.0
    }

    /// By place, then code and message, each only once.
    pub fn sorted(mut self) -> Self {
        self.0.sort_by(|a, b| {
            let key = |d: &Diagnostic| (d.severity, d.span().cloned(), d.code, d.message.clone());
            key(a).cmp(&key(b))
        });
        self.0.dedup();
        self
    }

    /// Runs everything and keeps either all results or all findings.
    ///
    /// # Errors
    /// The findings of every item that failed.
    pub fn collect<T>(
        items: impl IntoIterator<Item = Result<T, Diagnostics>>,
    ) -> Result<Vec<T>, Self> {
        let mut found = Self::new();
        let mut results = Vec::new();
        for item in items {
            match item {
                Ok(result) => results.push(result),
                Err(diagnostics) => found.extend(diagnostics),
            }
        }
        if found.is_empty() { Ok(results) } else { Err(found.sorted()) }
    }

    /// `value` unless there are errors. Warnings are dropped with the value's success, so a caller that wants
    /// them takes them first.
    ///
    /// # Errors
    /// These findings, sorted, if one of them is an error.
    pub fn into_result<T>(self, value: T) -> Result<T, Self> {
        if self.has_errors() { Err(self.sorted()) } else { Ok(value) }
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl FromIterator<Diagnostic> for Diagnostics {
    fn from_iter<I: IntoIterator<Item = Diagnostic>>(items: I) -> Self {
        Self(items.into_iter().collect())
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        Self(vec![diagnostic])
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, diagnostic) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{diagnostic}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Diagnostics {}

/// The known word nearest to a mistyped one, if any is near enough to be meant.
#[must_use]
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let fold = |text: &str| text.to_lowercase().replace(['_', '-'], "");
    let folded = fold(word);
    known
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&folded, &fold(candidate)), candidate))
        .filter(|(distance, candidate)| {
            *distance <= (candidate.chars().count().max(word.chars().count()) / 3).max(1)
        })
        .min()
        .map(|(_, candidate)| candidate)
}
