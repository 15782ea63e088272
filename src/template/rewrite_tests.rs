use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Object, Rest, Value};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, State, UndefinedBehavior, context};
use std::sync::Arc;

use super::{CLOSE, OPEN, Rewritten, rewrite};
use crate::{Diagnostics, SourceText};

#[path = "rewrite/laws.rs"]
mod laws;

fn try_rewrite(text: &str) -> Result<Rewritten, Diagnostics> {
    rewrite(&SourceText::new("t.yaml", text), None)
}

fn rewritten(text: &str) -> String {
    try_rewrite(text).map_err(|found| found.to_string()).expect("accepted").text
}

/// `code | marked text | message` of every finding.
fn refused(text: &str) -> Vec<String> {
    let found = try_rewrite(text).map(|rewritten| rewritten.text).expect_err("refused");
    let line = |diagnostic: &crate::Diagnostic| {
        let marked = diagnostic.span().map_or("", |span| span.text());
        format!("{} | {marked} | {}", diagnostic.code(), diagnostic.message())
    };
    found.iter().map(line).collect()
}

#[derive(Debug)]
struct Wrapped(Value);

impl Object for Wrapped {
    fn call(self: &Arc<Self>, state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        let text = self.0.call(state, args)?;
        Ok(Value::from(format!("<{}>", text.as_str().unwrap_or("?").trim())))
    }
}

/// An environment whose captures show: fragments in `<>`, texts in `«»`.
fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let syntax = SyntaxConfig::builder().keep_trailing_newline(true).build();
    environment.set_syntax(syntax.expect("valid syntax"));
    environment.set_debug(true);
    environment.add_filter("__fragment", |text: &str| format!("<{}>", text.trim()));
    environment.add_filter("__text", |text: &str| format!("«{text}»"));
    environment.add_filter("__macro", |value: Value| Value::from_object(Wrapped(value)));
    environment.add_filter("__concat", |first: Value, rest: Rest<Value>| {
        if first.is_undefined() || rest.iter().any(Value::is_undefined) {
            return Err(Error::new(ErrorKind::UndefinedError, "in text"));
        }
        Ok(rest.iter().fold(first.to_string(), |text, next| format!("{text}{next}")))
    });
    environment.add_filter("__bounded", |value: Value| value);
    environment.add_filter("__made", |value: Value| value);
    environment.add_filter("__stored", |value: Value| value);
    environment.add_filter("__at", |value: Value, _: u32, _: u32, _: u32| value);
    environment
}

fn run(environment: &Environment<'_>, name: &str) -> Result<String, Error> {
    environment
        .get_template(name)?
        .render(context! { x => 5, yes => true, no => false, items => vec![1, 2], m => context! { a => 1 } })
}

fn render_all(templates: &[(&str, &str)], instrument: bool) -> Result<String, Error> {
    let mut environment = environment();
    for (index, (name, text)) in templates.iter().enumerate() {
        let source = SourceText::new(*name, *text);
        let done = rewrite(&source, instrument.then_some(index));
        let done = done.map_err(|found| found.to_string()).expect("accepted");
        environment.add_template_owned((*name).to_owned(), done.text)?;
    }
    run(&environment, templates[0].0)
}

fn render(text: &str) -> String {
    render_all(&[("t", text)], false).expect("renders")
}

/// Text without the marks of a replay.
fn unmarked(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(OPEN) {
        plain.push_str(before);
        rest = after.split_once(CLOSE).expect("marks are closed").1;
    }
    plain + rest
}

#[test]
fn captures_are_closed() {
    for (written, wanted) in [
        ("{% set x %}a{% endset %}", "{% set x | __fragment %}a{% endset %}"),
        ("{% set n.x %}a{% endset %}", "{% set n.x | __fragment %}a{% endset %}"),
        ("{% set x | f %}a{% endset %}", "{% set x | __text | f %}a{% endset %}"),
        ("{% set x = 1 | f %}", "{% set x = 1 | f %}"),
        ("{% set x = 1 == 2 %}", "{% set x = 1 == 2 %}"),
        (
            "{% macro m() %}a{% endmacro %}",
            "{% macro m() %}a{% endmacro %}{% set m = m | __macro %}",
        ),
        (
            "{% macro m() %}{{ caller() }}{% endmacro %}",
            "{% macro m() %}{% if caller is defined %}{% set caller = caller | __macro %}{% endif %}\
             {{ caller() }}{% endmacro %}{% set m = m | __macro %}",
        ),
        (
            "a: {% include 'x' ignore missing %}",
            "a: {% set __include | __fragment %}{% include 'x' ignore missing %}{% endset %}{{ __include }}",
        ),
        ("a {# it's }} {{ #} b", "a {##} b"),
    ] {
        assert_eq!(rewritten(written), wanted);
    }
}

#[test]
fn lines_that_hold_only_tags_vanish() {
    for (written, wanted) in [
        ("a\n  {% if yes %}\nb\n  {% endif %}\nc\n", "a\nb\nc\n"),
        ("a\n  {%- if yes -%}\n  b\n  {%- endif -%}\nc\n", "a\n  b\nc\n"),
        ("a\n{# one #} {% set y = 1 %}\t\nb", "a\nb"),
        ("a {# one #}\n  {# two\n lines #}\nb", "a \nb"),
        ("{% if yes and\n   true %}\nb\n{% endif %}", "b\n"),
        ("a\r\n{% if yes %}\r\nb\r\n{% endif %}\r\nc", "a\r\nb\r\nc"),
        ("- {% if yes %}a{% endif %}\n- b", "- a\n- b"),
        ("s:\n  {% if yes %}r: 1{% endif %}\n  z: 1", "s:\n  r: 1\n  z: 1"),
        ("  {% raw %}\n  {{ x }}\n  {% endraw %}\n  z", "  {{ x }}\n  z"),
        ("a: {% raw %}{{ x }}{% endraw %}\n", "a: {{ x }}\n"),
        ("a {{- x -}} b", "a5b"),
        ("a {%+ if yes +%} b {%+ endif %}", "a  b "),
        ("[\n  {%- for i in items %} {{ i }}, {%- endfor %} ]", "[ 1, 2, ]"),
        ("{% set y -%}\n\n  a\n  {%- endset %}\n{{ y | length }}", "3"),
        ("{% set y | length -%}\n\n  a\n\n  {%- endset %}\n{{ y }}", "3"),
        ("{% set y | length %}\n  a\n{% endset %}\n{{ y }}", "6"),
        ("{ {{- x }}", "{5"),
        ("{{- -1 }}{{ 1 -}}", "-11"),
        ("{{--1 }}", "-1"),
        ("{#-- a --#} b", "b"),
        ("{ {%- if yes %}b{% endif %}", "{b"),
        ("{% raw %}{ {%- endraw %} c", "{ c"),
    ] {
        assert_eq!(render(written), wanted, "{written:?} → {:?}", rewritten(written));
    }
}

#[test]
fn includes_and_calls_print_where_they_stand() {
    let pod = ("pod", "b: {{ x }}\nc: 1\n");
    let render = |text| render_all(&[("t", text), pod], false).expect("renders");
    assert_eq!(render("a:\n  {% include 'pod' %}\nz: 1\n"), "a:\n  <b: 5\nc: 1>\nz: 1\n");
    assert_eq!(
        render("{% for x in items %}\n- {% include 'pod' %}\n{% endfor %}\n"),
        "- <b: 1\nc: 1>\n- <b: 2\nc: 1>\n"
    );
    assert_eq!(render("a: {% include 'none' ignore missing %}!"), "a: <>!");
    let wrap = "{% macro w(n) %}\nn: {{ n }}\nb: {{ caller(n) }}\n{% endmacro %}\n";
    let called = "a:\n  {% call(v) w(1) %}\n  k: {{ v }}\n  {% endcall %}\nz: 1\n";
    assert_eq!(render(&format!("{wrap}{called}")), "a:\n  <n: 1\nb: <k: 1>>\nz: 1\n");
}

#[test]
fn macros_stay_callable_from_everywhere() {
    let lib = (
        "lib",
        "junk {{ x }}\n{% macro fact(n) %}{{ 'end' if n < 1 else fact(n - 1) }}{% endmacro %}\n\
         {% macro ping(n) %}{{ pong(n) }}{% endmacro %}{% macro pong(n) %}p{{ n }}{% endmacro %}\n\
         {% macro opt(n, k=2) %}{{ n }}{{ k }}{{ 'c' if caller is defined }}{% endmacro %}",
    );
    for (text, wanted) in [
        ("{% import 'lib' as lib %}{{ lib.fact(2) }}", "<<<end>>>"),
        ("{% from 'lib' import fact, ping as p %}{{ fact(0) }}{{ p(1) }}", "<end><<p1>>"),
        ("{% from 'lib' import opt %}{{ opt(1) }}{{ opt(k=1, n=3) }}", "<12><31>"),
        ("{% from 'lib' import opt %}{% call opt(1) %}{% endcall %}", "<12c>"),
        ("{% macro a() %}{{ b() }}{% endmacro %}{% macro b() %}1{% endmacro %}{{ a() }}", "<<1>>"),
        ("{% for i in items %}{% macro f() %}{{ i }}{% endmacro %}{{ f() }}{% endfor %}", "<1><2>"),
    ] {
        assert_eq!(render_all(&[("t", text), lib], false).expect(text), wanted);
        assert_eq!(unmarked(&render_all(&[("t", text), lib], true).expect(text)), wanted);
    }
    // A macro that takes no body says so.
    let text = "{% macro m() %}1{% endmacro %}{% call m() %}{% endcall %}";
    assert!(render_all(&[("t", text)], false).is_err());
    let text = "{% macro m() %}{{ caller() }}{% endmacro %}{{ m() }}";
    assert!(render_all(&[("t", text)], false).is_err());
}

#[test]
fn go_templates_get_advice() {
    for (written, wanted) in [
        ("a: {{ .Values.x }}", "`.Values.x` is Go template syntax; write `values.x`"),
        (
            "a: {{- $.Values.a.b | quote }}",
            "`$.Values.a.b` is Go template syntax; write `values.a.b`",
        ),
        ("a: {{ .Release.Name }}", "`.Release.Name` is Go template syntax; write `release.name`"),
        ("{% if .Values.x %}{% endif %}", "`.Values.x` is Go template syntax; write `values.x`"),
        (
            "{{ if eq .Values.x 1 }}",
            "`if eq .Values.x 1` is Go template syntax; write `{% if … %}`",
        ),
        (
            "{{- end }}",
            "`end` is Go template syntax; write `{% endif %}`, `{% endfor %}` or `{% endwith %}`",
        ),
        ("{{ $x }}", "`$x` is Go template syntax; write `x`"),
        ("{{ $x := 1 }}", "`$x :=` is Go template syntax; write `{% set x = … %}`"),
        (
            "{{- range .Values.l }}",
            "`range .Values.l` is Go template syntax; write `{% for item in … %}`",
        ),
        ("{{/* it's */}}", "`{{/* … */}}` is Go template syntax; write `{# … #}`"),
        (
            "{{ x | default \"a\" }}",
            "`default \"a\"` is Go template syntax; write `values.x | default(\"…\")`, or better a default in the schema",
        ),
        (
            "{{ fn x }}",
            "`fn x` is Go template syntax; write `x | fn` for a filter, `fn(x)` for a function or macro",
        ),
    ] {
        let found = refused(written);
        assert!(found.iter().any(|line| line.ends_with(wanted)), "{written}: {found:#?}");
    }
    for written in [
        "a: {{- toYaml .Values.x | nindent 2 }}",
        "{{ include \"x\" . }}",
        "{{ . }}",
        "{{ .name }}",
    ] {
        assert!(refused(written).iter().any(|line| line.starts_with("template.go-syntax")));
    }
    for written in [
        "{% for end in items %}{{ end }}{% endfor %}",
        "{{ x is divisibleby 3 }}{{ values.set.name }}{{ x.y }}{{ [1].x }}{{ 1.5 }}{{ -x }}",
        "{{ items\n  .first() }}{{ '$x .Values' }}{{ x if not no else 'a'.b }}{{ range(3) }}",
        "{{ a in b and c is not d }}{{ x | map(attribute='a') | list }}",
    ] {
        rewritten(written);
    }
}

#[test]
fn what_is_not_available_is_refused() {
    for (written, marked) in [
        ("{% filter upper %}x{% endfilter %}", "{% filter upper %}"),
        ("{% extends 'b' %}", "{% extends 'b' %}"),
        ("{% block b %}{% endblock %}", "{% block b %}"),
        ("{% autoescape true %}{% endautoescape %}", "{% autoescape true %}"),
        ("{{ x | safe }}", "safe"),
        ("{% set y = x | e %}", "e"),
        ("b: *{{ x }}", "*{{ x }}"),
        ("b: &{{ x }} 1", "&{{ x }}"),
        ("- !{{ x }} 1", "!{{ x }}"),
        ("b: !!{{ x }} 1", "!!{{ x }}"),
        ("{% for i in items recursive %}{{ loop(i) | upper }}{% endfor %}", "loop"),
    ] {
        let found = refused(written);
        let wanted = format!("template.unsupported | {marked} | ");
        assert!(found.iter().any(|line| line.starts_with(&wanted)), "{written}: {found:?}");
    }
    for written in [
        "a: x & {{ x }}",
        "a: b *{{ x }}",
        "a: \"c, *{{ x }}\"",
        "a: |\n  *{{ x }}\n",
        "a: |-\n  b:\n    - *{{ x }}\n",
        "a: &x {{ x }}",
        "a: !!str {{ x }}",
        "{% for i in items recursive %}{{ loop(i) }}{% endfor %}",
    ] {
        rewritten(written);
    }
    assert_eq!(
        refused(&format!("a: {OPEN}0{CLOSE}")),
        [
            format!("template.reserved-character | {OPEN} | the character U+10FFFE is reserved"),
            format!("template.reserved-character | {CLOSE} | the character U+10FFFF is reserved"),
        ]
    );
}

#[test]
fn eaten_blanks_are_refused() {
    for written in
        ["a: {{- x }}", "  a:\n    {{- x }}", "- {{- x }}", "- - a: {{- x }}", "- a: {{- x }}"]
    {
        assert!(refused(written)[0].starts_with("template.eats-blank | {{- |"), "{written}");
    }
    for written in [
        "a:{{- x }}",
        "a: b {{- x }}",
        "[1, {{- x }}]",
        "m: \"a: {{- x }}\"",
        "a: {%- if x %} 1{% endif %}",
    ] {
        rewritten(written);
    }
    let warned = |text| try_rewrite(text).map_or(9, |done| done.warnings.len());
    assert_eq!(warned("a:\n  {{ m | toyaml | indent(2) }}\n"), 1);
    assert_eq!(warned("a: |\n  {{ m | toyaml | indent(2) }}\n"), 0);
}

#[test]
fn broken_tags_are_found() {
    for (written, wanted) in [
        ("a\n{{ x", "{{ | a tag is never closed"),
        ("{{ it's }}", "' | a string in a tag is never closed"),
        ("{{ (x }}", "{{ | a tag is never closed"),
        ("{# x", "{# | a comment is never closed"),
        ("{% raw %} x", "{% raw %} | a raw block is never closed"),
        ("{% if x %}", "{% if x %} | `if` is never closed"),
        ("{% if x %}{% endfor %}", "{% endfor %} | `endfor` does not close `if`"),
        ("{% endset %}", "{% endset %} | `endset` closes nothing, no `set` is open"),
    ] {
        assert_eq!(refused(written), [format!("template.syntax | {wanted}")]);
    }
}

#[test]
fn positions_lead_back() {
    let text = "{% set y | upper -%}\n\n  a\n{%- endset %}\nb: {{ x }}\n{# c\n #}\nd: {{ nope }}\n";
    for instrument in [None, Some(3)] {
        let done = rewrite(&SourceText::new("t", text), instrument).expect("accepted");
        for word in ["upper", "b: ", "endset", "nope"] {
            let at = done.text.find(word).expect("copied");
            assert_eq!(done.original(at), text.find(word).expect("written"), "{word}");
        }
        let mut environment = environment();
        environment.add_template_owned("t", done.text.clone()).expect("parses");
        let error = run(&environment, "t").expect_err("nope is undefined");
        assert_eq!(error.line(), Some(8));
        let range = error.range().expect("debug is on");
        let found = &text[done.original(range.start)..=done.original(range.end - 1)];
        assert_eq!(found, "nope", "{error:#}");
    }
}

#[test]
fn marks_tell_where_output_comes_from() {
    let text = "a: 1\nb: {{ x }} c\n{% if yes %}\n  d: {{ x if no }}\n{% endif %}\n";
    let done = rewrite(&SourceText::new("t", text), Some(7)).expect("accepted");
    let shown = done.text.replace(OPEN, "[").replace(CLOSE, "]");
    assert_eq!(
        shown,
        "[L7:0]a: 1\n[L7:5]b: {{( x ) | __at(7, 8, 15) }}[L7:15] c\n{% if yes \n%}[L7:31]  d: \
         {{( x if no ) | __at(7, 36, 49) }}[L7:49]\n{% endif \n%}"
    );
    assert_eq!(unmarked(&render_all(&[("t", text)], true).expect("renders")), render(text));
}
