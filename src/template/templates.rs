//! The front door: a set of templates and what comes of them.

use std::fmt;
use std::sync::Arc;

use minijinja::Value;
use minijinja::value::Serde;

use crate::diag::{Diagnostic, Diagnostics, nearest};
use crate::span::{SourceText, Span};
use crate::yaml::{self, Kind, Node};

use super::convert::Converter;
use super::engine::{Engine, Setting};
use super::error::findings;
use super::imports;
use super::resolve::Resolver;
use super::shape::{self, Shapes};
use super::token::{Holes, Slot, Table};
use super::trace::{Places, Recorder, Traced, retrace};
use super::tree::Log;

/// What a rendering may cost. Whoever renders templates of strangers should set these lower.
///
/// All that operators, filters and captures make in one rendering may be four times the output, and a value that a
/// template puts together may have one part for 256 bytes of output, 128 levels deep. A bound that is hit is the
/// finding `template.limit`, at its place in the template.
///
/// ```
/// use plimsoll::template::{Limits, Templates};
///
/// #[derive(serde::Serialize)]
/// struct Site {
///     name: &'static str,
///     ports: Vec<u16>,
/// }
///
/// let limits = Limits::default().with_fuel(10_000).with_output(1 << 20).with_text(1 << 16);
/// let mut templates = Templates::with_limits(limits);
/// templates.add("ports", "{{ name }}:\n{% for port in ports %}\n- {{ port }}\n{% endfor %}\n")?;
/// let site = Site { name: "web", ports: vec![80, 443] };
/// assert_eq!(templates.render("ports", &site)?, "web:\n- 80\n- 443\n");
///
/// templates.add("bomb", "{% set ns = namespace(x=name) %}\n{% for i in range(40) %}\n{% set ns.x = ns.x ~ ns.x %}\n{% endfor %}\n")?;
/// let found = templates.render("bomb", &site).unwrap_err();
/// assert!(found.to_string().starts_with("bomb:3:15: error[template.limit]: a text grows beyond 65536 bytes"), "{found}");
/// # Ok::<(), plimsoll::Diagnostics>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Limits {
    /// Steps of the template engine in one rendering.
    pub fuel: u64,
    /// Levels of macros and includes calling each other; a macro counts four, an include ten.
    pub recursion: usize,
    /// Bytes that one template may put out.
    pub output: usize,
    /// Bytes of a single text inside an expression, a capture or a filter.
    pub text: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { fuel: 5_000_000, recursion: 200, output: 64 << 20, text: 16 << 20 }
    }
}

impl Limits {
    /// Sets the steps.
    #[must_use]
    pub fn with_fuel(self, fuel: u64) -> Self {
        Self { fuel, ..self }
    }

    /// Sets the levels of calls.
    #[must_use]
    pub fn with_recursion(self, recursion: usize) -> Self {
        Self { recursion, ..self }
    }

    /// Sets the bytes of output.
    #[must_use]
    pub fn with_output(self, output: usize) -> Self {
        Self { output, ..self }
    }

    /// Sets the bytes of a single text.
    #[must_use]
    pub fn with_text(self, text: usize) -> Self {
        Self { text, ..self }
    }
}

/// A step on the way to a value.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Segment {
    Key(Arc<str>),
    Index(usize),
}

/// Says where layers set what is read by a path from the top of the context.
pub(crate) type Origin = Arc<dyn Fn(&[Segment]) -> Vec<Span> + Send + Sync>;

/// What a template sees.
#[derive(Clone)]
pub(crate) struct Context {
    /// The top-level names.
    pub(crate) value: Value,
    pub(crate) origin: Option<Origin>,
}

/// Templates that can render and include each other.
///
/// They are loaded once and can then be rendered by many threads at a time.
///
/// ```
/// use plimsoll::template::Templates;
///
/// let mut templates = Templates::new();
/// templates.add("_labels", "{% macro labels(name) %}\napp: {{ name }}\n{% endmacro %}\n")?;
/// templates.add("pod", "{% from '_labels' import labels %}\nmetadata:\n  labels: {{ labels(app) }}\n")?;
/// let text = templates.render("pod", &serde_json::json!({"app": "web"}))?;
/// assert_eq!(text, "metadata:\n  labels:\n    app: web\n");
///
/// templates.add("service", "kind: Service\nport: {{ prot }}\n")?;
/// let error = templates.render("service", &serde_json::json!({"port": 80})).unwrap_err();
/// assert!(error.to_string().starts_with("service:2:10: error[template.undefined]: `prot` is undefined"));
/// # Ok::<(), plimsoll::Diagnostics>(())
/// ```
pub struct Templates {
    engine: Engine,
}

impl Default for Templates {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Templates {
    /// Names the templates only: their values may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.engine.loaded.keys()).finish()
    }
}

impl Templates {
    /// No templates, the usual limits.
    #[must_use]
    pub fn new() -> Self {
        Self::with_limits(Limits::default())
    }

    /// No templates, other limits.
    #[must_use]
    pub fn with_limits(limits: Limits) -> Self {
        let shapes = Arc::new(Shapes::default());
        Self { engine: Engine::new(Setting { limits, shapes, recorder: None }) }
    }

    /// Loads a template under the name by which others include it; a known name is replaced.
    ///
    /// # Errors
    /// What is wrong with its syntax, and what templates may not do.
    pub fn add(
        &mut self,
        name: impl Into<String>,
        source: impl Into<String>,
    ) -> Result<(), Diagnostics> {
        let name = name.into();
        self.add_source(name.clone(), SourceText::new(name, source.into()))
    }

    /// Renders a template to a stream of YAML documents, separated by `---` lines.
    ///
    /// # Errors
    /// What is wrong, with the place in the template.
    pub fn render<S: serde::Serialize>(
        &self,
        name: &str,
        context: &S,
    ) -> Result<String, Diagnostics> {
        let context = Context { value: Value::from(Serde(context)), origin: None };
        let mut text = String::new();
        for document in self.documents(name, &context)? {
            if !text.is_empty() {
                text.push_str("---\n");
            }
            yaml::write(&document, &mut text);
        }
        Ok(text)
    }

    /// [`Templates::add`] for a text that has a name already.
    pub(crate) fn add_source(
        &mut self,
        name: String,
        source: SourceText,
    ) -> Result<(), Diagnostics> {
        self.engine.add(name, source, false)
    }

    /// The same for a file that is no template: what looks like a tag in it is text.
    pub(crate) fn add_plain(
        &mut self,
        name: String,
        source: SourceText,
    ) -> Result<(), Diagnostics> {
        self.engine.add(name, source, true)
    }

    /// What loading found that is no error.
    pub(crate) fn warnings(&self) -> Diagnostics {
        let mut all = Diagnostics::new();
        for loaded in self.engine.loaded.values() {
            all.extend(loaded.warnings().iter().cloned());
        }
        all.sorted()
    }

    /// The typed documents of a rendering; their places are not known.
    pub(crate) fn documents(
        &self,
        name: &str,
        context: &Context,
    ) -> Result<Vec<Node>, Diagnostics> {
        self.known(name)?;
        imports::missing(&self.engine.loaded, name).into_result(())?;
        let setting = &self.engine.setting;
        let run = self.engine.run(name, context.value.clone(), |text, table| {
            let holes = Holes::of(text);
            let slots = table.pick(&holes);
            let mut documents = Vec::new();
            for chunk in Chunk::all(&holes, &slots) {
                let skeleton = setting.shapes.get(name, chunk.text)?;
                chunk.resolve(&skeleton, table, None, None, &mut documents)?;
            }
            Ok(documents)
        });
        let plain = match run {
            Ok(Ok(documents)) => return Ok(documents),
            Ok(Err(found)) => found,
            Err(error) => {
                let names = self.engine.names(&context.value);
                let found = findings(&error, &|error: &_| self.engine.place(error), &names);
                self.placed(name, found)
            }
        };
        // Running out once is enough; a replay would run out elsewhere.
        if plain
            .iter()
            .any(|finding| finding.code() == "template.limit" && finding.span().is_some())
        {
            return Err(plain);
        }
        match self.explain(name, context) {
            Err(found) => Err(found),
            Ok(_) => Err(plain),
        }
    }

    /// Findings that know no place, such as too much output, are about the template as a whole.
    fn placed(&self, name: &str, found: Diagnostics) -> Diagnostics {
        let source = self.engine.loaded.get(name).map(|loaded| &loaded.source);
        let start = source.map(|source| source.span(source.line_range(1))).unwrap_or_default();
        let place = |finding: Diagnostic| match finding.span() {
            Some(_) => finding,
            None => finding.at(&start, "in this template"),
        };
        found.into_iter().map(place).collect()
    }

    /// The same rendering, slower: each node and key of the result carries its place in a template.
    pub(crate) fn trace(&self, name: &str, context: &Context) -> Result<Vec<Traced>, Diagnostics> {
        self.known(name)?;
        // A chart may have hundreds of templates, and each would be made ready anew.
        self.replay(name, context, &self.named_from(name)).or_else(|_| self.explain(name, context))
    }

    /// The replay of a rendering that failed: its messages may name any template.
    fn explain(&self, name: &str, context: &Context) -> Result<Vec<Traced>, Diagnostics> {
        let all: Vec<&str> = self.engine.loaded.keys().map(String::as_str).collect();
        self.replay(name, context, &all)
    }

    /// The template and those whose file names occur in it, and so on; more than it can include.
    fn named_from(&self, name: &str) -> Vec<&str> {
        let loaded = &self.engine.loaded;
        let mut chosen: Vec<&str> =
            loaded.get_key_value(name).map(|(name, _)| name.as_str()).into_iter().collect();
        let mut at = 0;
        while let Some(text) = chosen.get(at).map(|name| loaded[*name].source.text()) {
            let named = loaded.keys().map(String::as_str).filter(|other| {
                !chosen.contains(other) && text.contains(other.rsplit('/').next().unwrap_or(other))
            });
            let named: Vec<&str> = named.collect();
            // What is missing is not missed then, so a name that is put together would go unnoticed.
            if text.contains("ignore missing") {
                return loaded.keys().map(String::as_str).collect();
            }
            chosen.extend(named);
            at += 1;
        }
        chosen
    }

    fn replay(
        &self,
        name: &str,
        context: &Context,
        chosen: &[&str],
    ) -> Result<Vec<Traced>, Diagnostics> {
        let log = Arc::new(Log::default());
        let sources = chosen.iter().map(|name| self.engine.loaded[*name].source.clone()).collect();
        let recorder = Arc::new(Recorder { log: log.clone(), sources });
        let setting = &self.engine.setting;
        // The marks cost steps and bytes of their own.
        let limits = setting
            .limits
            .with_fuel(setting.limits.fuel.saturating_mul(4))
            .with_output(setting.limits.output.saturating_mul(4));
        let mut engine = Engine::new(Setting {
            limits,
            shapes: setting.shapes.clone(),
            recorder: Some(recorder.clone()),
        });
        for name in chosen {
            let loaded = &self.engine.loaded[*name];
            engine.add((*name).to_owned(), loaded.source.clone(), loaded.is_plain)?;
        }
        let run = engine.run(name, retrace(context, &log), |text, table| {
            let holes = Holes::of(text);
            let slots = table.pick(&holes);
            let mut documents = Vec::new();
            let mut found = Diagnostics::new();
            for chunk in Chunk::all(&holes, &slots) {
                let places = Places::new(&recorder, &holes, &slots, chunk.base);
                let source = SourceText::new(name, chunk.text);
                let result = shape::read(&source, true)
                    .map_err(|found| places.findings(&found))
                    .and_then(|skeleton| {
                        chunk.resolve(&skeleton, table, Some(&log), Some(&places), &mut documents)
                    });
                if let Err(more) = result {
                    found.extend(more.iter().cloned());
                }
            }
            found.sorted().into_result(documents)
        });
        match run {
            Ok(documents) => {
                Ok(documents?.into_iter().map(|node| Traced::new(node, &log)).collect())
            }
            Err(error) => {
                let names = engine.names(&context.value);
                Err(findings(&error, &|error: &_| engine.place(error), &names))
            }
        }
    }

    fn known(&self, name: &str) -> Result<(), Diagnostics> {
        if self.engine.loaded.contains_key(name) {
            return Ok(());
        }
        let names = self.engine.loaded.keys().map(String::as_str);
        let mut found = Diagnostics::new();
        found.push(
            Diagnostic::error("template.unknown", format!("there is no template `{name}`"))
                .hint_opt(nearest(name, names).map(|best| format!("did you mean `{best}`?"))),
        );
        Err(found)
    }
}

/// The text of one document with the values that belong to it.
struct Chunk<'a> {
    text: &'a str,
    base: usize,
    slots: &'a [Slot],
}

impl<'a> Chunk<'a> {
    fn all(holes: &'a Holes, slots: &'a [Slot]) -> Vec<Self> {
        let mut first = 0;
        shape::documents(&holes.text)
            .into_iter()
            .map(|range| {
                let text = &holes.text[range.clone()];
                let count = text.matches(super::token::OPEN).count();
                let slots = slots.get(first..first + count).unwrap_or_default();
                first += count;
                Self { text, base: range.start, slots }
            })
            .collect()
    }

    fn resolve(
        &self,
        skeleton: &shape::Skeleton,
        table: &mut Table,
        log: Option<&Log>,
        places: Option<&Places<'_>>,
        documents: &mut Vec<Node>,
    ) -> Result<(), Diagnostics> {
        if !skeleton.folded.is_empty() {
            return Err(match places {
                Some(places) => places.findings(&skeleton.folded),
                None => skeleton.folded.clone(),
            });
        }
        let mut resolver = Resolver {
            slots: self.slots,
            converter: Converter { budget: &mut table.budget, log },
            places,
            found: Diagnostics::new(),
        };
        for document in &skeleton.documents {
            let node = resolver.node(document);
            documents.extend(node.filter(|node| !matches!(node.kind, Kind::Null)));
        }
        resolver.found.into_result(())
    }
}
