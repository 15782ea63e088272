//! Captured text becomes a value before anything can look at it.
//!
//! What a macro, a `{% call %}`, a `{% set %}` block or an include leaves behind holds tokens. The rewriter puts
//! a filter at each such border; here the text is read as YAML and becomes what it says (rules 16 to 18): a
//! mapping, a list, a value, or text. The choice looks at the skeleton only, so no value can change it.

use std::fmt;
use std::sync::Arc;

use minijinja::value::{Object, ObjectRepr};
use minijinja::{Error, State, Value};

use crate::diag::{Diagnostic, Diagnostics};
use crate::span::{SourceText, Span};

use super::calls;
use super::captured::Captured;
use super::convert::{Converter, traced_value_from_node};
use super::cost;
use super::encode::is_container;
use super::engine::Setting;
use super::error::{carry, carry_all};
use super::resolve::Resolver;
use super::shape::{self, Pieces, Shape, Skeleton};
use super::token::{Holes, OPEN, Table};
use super::trace::Places;
use super::tree::Mark;

/// What a capture that left nothing gives: the only safe string there ever is, see
/// [`is_empty_capture`](super::resolve::is_empty_capture).
fn nothing() -> Value {
    Value::from_safe_string(String::new())
}

/// The value of a captured text (rule 16).
pub(super) fn fragment(
    state: &mut State,
    captured: &Value,
    setting: &Setting,
) -> Result<Value, Error> {
    let Some(text) = captured.as_str() else { return Ok(captured.clone()) };
    let capture = Capture::new(state, text, setting)?;
    let trimmed = capture.holes.text.trim();
    if trimmed.is_empty() {
        return Ok(nothing());
    }
    if trimmed.strip_prefix(OPEN) == Some("") {
        let value = capture.slots.first().map(|slot| slot.value.clone()).unwrap_or_default();
        return Ok(if value.is_undefined() {
            nothing()
        } else {
            capture.remembered(value, setting)
        });
    }
    match capture.skeleton(setting).as_deref() {
        Ok(Skeleton { documents, plain, .. }) => match (documents.as_slice(), plain.as_slice()) {
            ([Shape::Omitted] | [], _) => Ok(nothing()),
            ([document], [false]) => capture.structure(state, document, setting),
            ([_], _) => capture.text(state, trimmed, setting),
            _ => Err(carry(
                Diagnostic::error("template.capture", "captured text holds more than one document")
                    .hint("a macro or an include gives one value; use `{% set x | text %}` for plain text"),
            )),
        },
        Err(found) if found.iter().any(|finding| finding.code().starts_with("template.")) => {
            Err(carry_all(capture.placed(found, setting)))
        }
        Err(_) => capture.text(state, trimmed, setting),
    }
}

/// The captured text itself, for a filter written on `{% set %}` (rule 17).
pub(super) fn text(state: &mut State, captured: &Value, setting: &Setting) -> Result<Value, Error> {
    let Some(text) = captured.as_str() else { return Ok(captured.clone()) };
    let capture = Capture::new(state, text, setting)?;
    let all = capture.holes.text.as_str();
    capture.string(state, all, setting).map(Value::from)
}

/// A captured text with the values printed into it.
struct Capture {
    holes: Holes,
    slots: Vec<super::token::Slot>,
}

impl Capture {
    fn new(state: &mut State, text: &str, setting: &Setting) -> Result<Self, Error> {
        setting.bounded(text.len())?;
        cost::pay(state, setting.limits, text.len())?;
        let holes = Holes::of(text);
        let table = Table::of(state, setting.limits);
        let slots = table.pick(&holes);
        Ok(Self { holes, slots })
    }

    fn skeleton(&self, setting: &Setting) -> Result<Arc<Skeleton>, Diagnostics> {
        if setting.recorder.is_some() {
            let source = SourceText::new("captured text", self.holes.text.as_str());
            shape::read(&source, true).map(Arc::new)
        } else {
            setting.shapes.get("captured text", &self.holes.text)
        }
    }

    fn placed(&self, found: &Diagnostics, setting: &Setting) -> Diagnostics {
        match &setting.recorder {
            Some(recorder) => Places::new(recorder, &self.holes, &self.slots, 0).findings(found),
            None => found.clone(),
        }
    }

    /// Runs a resolver over this text and gives what it finds or what it makes.
    fn resolve<T>(
        &self,
        state: &mut State,
        setting: &Setting,
        run: impl FnOnce(&mut Resolver) -> T,
    ) -> Result<T, Error> {
        let table = Table::of(state, setting.limits);
        let places = setting
            .recorder
            .as_ref()
            .map(|recorder| Places::new(recorder, &self.holes, &self.slots, 0));
        let mut resolver = Resolver {
            slots: &self.slots,
            converter: Converter {
                budget: &mut table.budget,
                log: setting.recorder.as_ref().map(|recorder| &*recorder.log),
            },
            places: places.as_ref(),
            found: Diagnostics::new(),
        };
        let made = run(&mut resolver);
        resolver.found.into_result(made).map_err(carry_all)
    }

    fn structure(
        &self,
        state: &mut State,
        shape: &Shape,
        setting: &Setting,
    ) -> Result<Value, Error> {
        let node = self.resolve(state, setting, |resolver| resolver.node(shape))?;
        Ok(match (node, &setting.recorder) {
            (None, _) => nothing(),
            (Some(node), None) => Captured::value(node),
            (Some(node), Some(recorder)) => traced_value_from_node(&node, &recorder.log),
        })
    }

    /// Trimmed text; canonical integers and booleans get their type if the template wrote them.
    fn text(&self, state: &mut State, trimmed: &str, setting: &Setting) -> Result<Value, Error> {
        if self.slots.is_empty() {
            match trimmed {
                "true" => return Ok(Value::from(true)),
                "false" => return Ok(Value::from(false)),
                _ => {}
            }
            if let Ok(integer) = trimmed.parse::<i64>()
                && integer.to_string() == trimmed
            {
                return Ok(Value::from(integer));
            }
        }
        let text = self.string(state, trimmed, setting)?;
        Ok(self.remembered(Value::from(text), setting))
    }

    /// In a replay: a value that remembers which layers the prints inside this text have read. Strings carry that
    /// with them; anything else tells whoever prints it next, which mostly is the caller of the macro.
    fn remembered(&self, value: Value, setting: &Setting) -> Value {
        let Some(recorder) = &setting.recorder else { return value };
        let causes: Vec<Span> =
            self.slots.iter().flat_map(|slot| slot.causes.iter().cloned()).collect();
        if causes.is_empty() {
            return value;
        }
        let mark = Arc::new(Mark { causes, ..Mark::default() });
        match value.as_str() {
            Some(text) => {
                // A copy of its own, so that its address stands for this place alone.
                let copy = Value::from(Arc::<str>::from(text));
                recorder.log.remember(&copy, &mark);
                copy
            }
            None => {
                if !is_container(&value) {
                    recorder.log.touch(&mark);
                }
                value
            }
        }
    }

    fn string(&self, state: &mut State, text: &str, setting: &Setting) -> Result<Arc<str>, Error> {
        let pieces = Pieces::cut(text, 0, true);
        let made =
            self.resolve(state, setting, |resolver| resolver.text(&pieces, &Span::default()))?;
        let (text, _) = made.unwrap_or_default();
        setting.bounded(text.len())?;
        Ok(text)
    }
}

/// A macro or a `caller` that gives values instead of text.
pub(super) struct Callable {
    inner: Value,
    setting: Arc<Setting>,
}

impl Callable {
    /// Wraps a macro; anything else is left as it is.
    pub(super) fn wrap(value: Value, setting: &Arc<Setting>) -> Value {
        let wrapped = value.downcast_object_ref::<Self>().is_some();
        if value.is_undefined() || wrapped {
            return value;
        }
        Value::from_object(Self { inner: value, setting: setting.clone() })
    }

    /// The name in the template.
    pub(super) fn name(&self) -> String {
        self.inner
            .get_attr("name")
            .ok()
            .and_then(|name| name.as_str().map(str::to_owned))
            .unwrap_or_else(|| "m".to_owned())
    }
}

impl fmt::Debug for Callable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<macro {}>", self.name())
    }
}

impl Object for Callable {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn call(self: &Arc<Self>, state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        for argument in args {
            self.setting.bounded(argument.as_str().map_or(0, str::len))?;
            cost::look_through(state, self.setting.limits, argument)?;
        }
        let call = self.inner.call(state, args);
        let captured =
            call.map_err(|error| calls::failed(&self.inner, self.name(), args, error))?;
        fragment(state, &captured, &self.setting)
    }
}
