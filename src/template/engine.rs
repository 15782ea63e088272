//! minijinja, set up for typed interpolation.

use std::io;
use std::sync::Arc;

use indexmap::IndexMap;
use minijinja::syntax::SyntaxConfig;
use minijinja::{AutoEscape, Environment, Error, ErrorKind, State, UndefinedBehavior, Value};

use crate::diag::{Diagnostic, Diagnostics};
use crate::span::{SourceText, Span};

use super::error::{carry, findings};
use super::fragment::{self, Callable};
use super::imports::Imports;
use super::names::Names;
use super::rewrite::{Rewritten, plain, rewrite};
use super::roots::Roots;
use super::shape::Shapes;
use super::token::{Table, print};
use super::trace::Recorder;
use super::{Limits, filters};

/// What the filters and the formatter of one environment share.
#[derive(Debug)]
pub(super) struct Setting {
    pub(super) limits: Limits,
    pub(super) shapes: Arc<Shapes>,
    /// Present in a replay only.
    pub(super) recorder: Option<Arc<Recorder>>,
}

impl Setting {
    /// Refuses a text that is longer than a single one may be.
    pub(super) fn bounded(&self, length: usize) -> Result<(), Error> {
        bounded(length, self.limits.text)
    }
}

/// Refuses a text that is longer than `limit` bytes.
pub(super) fn bounded(length: usize, limit: usize) -> Result<(), Error> {
    if length <= limit {
        return Ok(());
    }
    Err(carry(
        Diagnostic::error("template.limit", format!("a text grows beyond {limit} bytes"))
            .hint("look for a text that is joined to itself in a loop"),
    ))
}

/// An environment with our filters; expressions of charts use it too.
pub(super) fn base(limits: Limits) -> Environment<'static> {
    let mut env = Environment::new();
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    // By default a template whose NAME ends in .yaml would be escaped as JSON.
    env.set_auto_escape_callback(|_| AutoEscape::None);
    env.set_fuel(Some(limits.fuel));
    env.set_recursion_limit(limits.recursion);
    env.set_debug(false);
    if let Ok(syntax) = SyntaxConfig::builder().keep_trailing_newline(true).build() {
        env.set_syntax(syntax);
    }
    env.remove_global("debug");
    env.add_global("omit", Value::from(()));
    filters::add(&mut env, limits);
    env
}

/// A loaded template.
pub(super) struct Loaded {
    pub(super) source: SourceText,
    /// Taken as it is: nothing in it is a tag.
    pub(super) is_plain: bool,
    rewritten: Rewritten,
}

impl Loaded {
    pub(super) fn warnings(&self) -> &Diagnostics {
        &self.rewritten.warnings
    }

    pub(super) fn imports(&self) -> &Imports {
        &self.rewritten.imports
    }
}

/// An environment for templates.
pub(super) struct Engine {
    env: Environment<'static>,
    pub(super) setting: Arc<Setting>,
    /// By what `include` and `import` call them; messages say the sources' own names.
    pub(super) loaded: IndexMap<String, Loaded>,
    roots: Roots,
}

impl Engine {
    pub(super) fn new(setting: Setting) -> Self {
        let mut env = base(setting.limits);
        // What is undefined may be asked for (`if item.extra`), never printed or reckoned with.
        env.set_undefined_behavior(UndefinedBehavior::SemiStrict);
        // Only a replay pays for the names of undefined values and for exact places.
        env.set_debug(setting.recorder.is_some());
        let setting = Arc::new(setting);
        let shared = setting.clone();
        env.set_formatter(move |out, state, value| {
            print(out, state, value, shared.limits, shared.recorder.as_ref())
        });
        let shared = setting.clone();
        env.add_filter("__fragment", move |state: &mut State, captured: &Value| {
            fragment::fragment(state, captured, &shared)
        });
        let shared = setting.clone();
        env.add_filter("__text", move |state: &mut State, captured: &Value| {
            fragment::text(state, captured, &shared)
        });
        let shared = setting.clone();
        env.add_filter("__macro", move |value: &Value| Callable::wrap(value.clone(), &shared));
        let shared = setting.clone();
        env.add_filter(
            "__at",
            move |state: &mut State, value: &Value, template: usize, start: usize, end: usize| {
                if let Some(recorder) = &shared.recorder {
                    let table = Table::of(state, shared.limits);
                    table.pending = Some(recorder.span(template, start..end));
                }
                value.clone()
            },
        );
        Self { env, setting, loaded: IndexMap::new(), roots: Roots::default() }
    }

    /// Loads a template; one of the same name is replaced.
    pub(super) fn add(
        &mut self,
        name: String,
        source: SourceText,
        is_plain: bool,
    ) -> Result<(), Diagnostics> {
        let number = self.loaded.get_index_of(&name).unwrap_or(self.loaded.len());
        let instrument = self.setting.recorder.is_some().then_some(number);
        let rewritten =
            if is_plain { plain(&source, instrument) } else { rewrite(&source, instrument) }?;
        let text = rewritten.text.clone();
        let loaded = Loaded { source, is_plain, rewritten };
        if let Err(error) = self.env.add_template_owned(name.clone(), text) {
            let place = |error: &Error| loaded.place(error);
            return Err(findings(&error, &place, &Names::of(&Value::UNDEFINED)));
        }
        let mut first_new = self.loaded.len();
        if self.loaded.insert(name, loaded).is_some() {
            // What the old one read is not known apart from what others read.
            self.roots = Roots::default();
            first_new = 0;
        }
        for (name, loaded) in self.loaded.iter().skip(first_new) {
            if let Ok(template) = self.env.get_template(name) {
                self.roots.add(&template, &loaded.rewritten);
            }
        }
        Ok(())
    }

    /// What a template may have meant.
    pub(super) fn names<'a>(&'a self, context: &'a Value) -> Names<'a> {
        let bound = self.loaded.values().flat_map(|loaded| &loaded.rewritten.names);
        Names {
            context,
            bound: bound.map(String::as_str).collect(),
            templates: self.loaded.keys().map(String::as_str).collect(),
        }
    }

    /// The author's place of an error.
    pub(super) fn place(&self, error: &Error) -> Span {
        let loaded = error.name().and_then(|name| self.loaded.get(name));
        loaded.map(|loaded| loaded.place(error)).unwrap_or_default()
    }

    /// Runs a template and gives its raw text with the table that belongs to it.
    pub(super) fn run<T>(
        &self,
        name: &str,
        context: Value,
        finish: impl FnOnce(&str, &mut Table) -> T,
    ) -> Result<T, Error> {
        let template = self.env.get_template(name)?;
        let context = self.roots.guard(context);
        let mut output = Bounded { bytes: Vec::new(), left: self.setting.limits.output };
        let mut captured = template.render_captured_to(context, &mut output)?;
        let text = String::from_utf8(output.bytes).unwrap_or_default();
        let setting = &self.setting;
        Ok(captured.with_state_mut(|state| finish(&text, Table::of(state, setting.limits))))
    }
}

impl Loaded {
    fn place(&self, error: &Error) -> Span {
        let range = match (error.range(), error.line()) {
            (Some(range), _) => range,
            (None, Some(line)) => {
                // The rewriter adds no lines.
                return self.source.span(self.source.line_range(line));
            }
            (None, None) => return Span::default(),
        };
        self.source.span(self.rewritten.original_range(range))
    }
}

/// Output that stops growing at a limit.
struct Bounded {
    bytes: Vec<u8>,
    left: usize,
}

impl io::Write for &mut Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.left = self
            .left
            .checked_sub(bytes.len())
            .ok_or_else(|| io::Error::other("the output is larger than allowed"))?;
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A plain minijinja error, for filters.
pub(super) fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidOperation, message.into())
}
