//! The two forms that machines read: JSON, and annotations of GitHub's workflow runner.

use std::fmt::Write as _;
use std::io::{self, Write};

use plimsoll::{Diagnostic, Diagnostics, Label, Severity};
use serde_json::{Value, json};

use super::text;

/// One array of objects, then a line break; `[]` where nothing was found.
pub(super) fn json(diagnostics: &Diagnostics, out: &mut dyn Write) -> io::Result<()> {
    let all: Vec<Value> = diagnostics.iter().map(object).collect();
    let written = serde_json::to_string_pretty(&all)?;
    // serde escapes what JSON demands. A terminal may still obey U+009B, so the rest is escaped as well; within
    // the written text such characters stand in strings only.
    let mut harmless = String::with_capacity(written.len() + 1);
    for character in written.chars() {
        if character != '\n' && text::is_hostile(character) {
            for unit in character.encode_utf16(&mut [0; 2]) {
                // Writing to a string cannot fail.
                let _ = write!(harmless, "\\u{unit:04x}");
            }
        } else {
            harmless.push(character);
        }
    }
    writeln!(out, "{harmless}")
}

fn object(diagnostic: &Diagnostic) -> Value {
    let mut object = json!({
        "severity": diagnostic.severity().as_str(),
        "code": diagnostic.code(),
        "message": diagnostic.message(),
        "labels": diagnostic.labels().iter().filter_map(label).collect::<Vec<_>>(),
        "hints": diagnostic.hints(),
    });
    if let Some(rule) = diagnostic.rule() {
        object["rule"] = rule.into();
    }
    object
}

fn label(label: &Label) -> Option<Value> {
    let (start, end) = (label.span.start()?, label.span.end()?);
    Some(json!({
        "file": label.span.name(),
        "line": start.line,
        "column": start.column,
        "endLine": end.line,
        "endColumn": end.column,
        "text": label.text,
        "masked": label.masked,
    }))
}

/// One workflow command for each finding.
pub(super) fn github(diagnostics: &Diagnostics, out: &mut dyn Write) -> io::Result<()> {
    for diagnostic in diagnostics {
        let command = match diagnostic.severity() {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let mut properties = Vec::new();
        let mut lines = text::lines(diagnostic.message());
        for (index, label) in diagnostic.labels().iter().enumerate() {
            let said = text::one_line(&label.text);
            // A flag is no file; the runner would look for one, so its place is told in words.
            let is_file =
                !label.span.name().starts_with("--") && label.span.name() != "standard input";
            if index == 0 && is_file {
                properties = place(label);
                if !said.is_empty() {
                    lines.push(said);
                }
            } else {
                let position = text::one_line(&label.span.to_string());
                lines.push(if said.is_empty() { position } else { format!("{position}: {said}") });
            }
        }
        lines.extend(
            diagnostic.hints().iter().map(|hint| format!("hint: {}", text::one_line(hint))),
        );
        properties.push(format!("title={}", property(diagnostic.code())));
        writeln!(out, "::{command} {}::{}", properties.join(","), data(&lines.join("\n")))?;
    }
    Ok(())
}

/// The properties that say where.
fn place(label: &Label) -> Vec<String> {
    let (Some(start), Some(end)) = (label.span.start(), label.span.end()) else {
        return Vec::new();
    };
    vec![
        format!("file={}", property(&text::one_line(label.span.name()))),
        format!("line={}", start.line),
        format!("col={}", start.column),
        format!("endLine={}", end.line),
        format!("endColumn={}", end.column),
    ]
}

/// The escapes that the runner undoes in the message.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The escapes that the runner undoes in a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::super::Format;
    use super::super::tests::{plain, two};
    use plimsoll::{Diagnostic, Diagnostics, SourceText};

    #[test]
    fn github_gets_commands_it_can_undo() {
        assert_eq!(
            plain(&two(), Format::Github, 80),
            "::error file=values/prod.yaml,line=2,col=11,endLine=2,endColumn=15,\
             title=values.out-of-range::`nodePort` is 3009, not within 30000–32767\
             %0Aset by layer 2 of 3%0Aschemas/web.yaml:1:1: required here\
             %0Ahint: did you mean 30090?\n\
             ::warning file=values/prod.yaml,line=1,col=1,endLine=1,endColumn=2,\
             title=schema.deprecated::`a` is\\u{1b}[2J deprecated\n"
        );
        let file = SourceText::new("a,b:c%.yaml", "x");
        let flag = SourceText::new("--set a=1", "a=1");
        let found: Diagnostics = [
            Diagnostic::error("x.y", "100%\n::error::forged").at(&file.span(0..1), ""),
            Diagnostic::error("x.y", "wrong").at(&flag.span(0..1), "here"),
        ]
        .into_iter()
        .collect();
        assert_eq!(
            plain(&found, Format::Github, 80),
            "::error file=a%2Cb%3Ac%25.yaml,line=1,col=1,endLine=1,endColumn=2,title=x.y::100%25%0A::error::forged\n\
             ::error title=x.y::wrong%0A--set a=1:1:1: here\n"
        );
    }

    #[test]
    fn json_holds_everything_and_nothing_a_terminal_obeys() {
        let text = SourceText::new("a.yaml", "a: \u{9b}\n");
        let found: Diagnostics = Diagnostic::error("x.y", "csi \u{9b} \u{10fffe}")
            .at(&text.span(0..1), "this")
            .hint("look")
            .into();
        assert_eq!(
            plain(&found, Format::Json, 80),
            r#"[
  {
    "severity": "error",
    "code": "x.y",
    "message": "csi \u009b \udbff\udffe",
    "labels": [
      {
        "file": "a.yaml",
        "line": 1,
        "column": 1,
        "endLine": 1,
        "endColumn": 2,
        "text": "this",
        "masked": false
      }
    ],
    "hints": [
      "look"
    ]
  }
]
"#
        );
    }
}
