//! Draws findings for people and machines.
//!
//! The library hands out [`Diagnostics`] as data; here they become text in one of four formats. Three rules hold
//! in all of them: what came out of a file or a flag is made harmless before it reaches a terminal ([`text`]),
//! a masked label never shows the line it points at, and colour only repeats what the words already say. Colour
//! codes are written always; the stream that the caller passes drops them where nobody would see them.

pub(crate) mod diff;
mod human;
mod machine;
pub(crate) mod plan;
mod text;

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use plimsoll::{Diagnostics, Severity};

/// How findings are written.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, clap::ValueEnum)]
pub(crate) enum Format {
    /// The text with the place marked, and what to do.
    #[default]
    Human,
    /// One line for each finding.
    Short,
    /// One array of objects.
    Json,
    /// Annotations that GitHub shows beside the line.
    Github,
}

/// Writes `diagnostics` to `out`; `width` is how many columns the reader can see, none where no terminal is.
pub(crate) fn report(
    diagnostics: &Diagnostics,
    format: Format,
    width: Option<usize>,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        Format::Human => {
            for diagnostic in diagnostics {
                human::draw(diagnostic, width, out)?;
                writeln!(out)?;
            }
            summary(diagnostics, out)
        }
        Format::Short => {
            for diagnostic in diagnostics {
                writeln!(out, "{}", text::one_line(&diagnostic.to_string()))?;
            }
            summary(diagnostics, out)
        }
        Format::Json => machine::json(diagnostics, out),
        Format::Github => machine::github(diagnostics, out),
    }
}

/// The last line: how many there were of each; nothing where nothing was found.
fn summary(diagnostics: &Diagnostics, out: &mut dyn Write) -> io::Result<()> {
    let count = |severity| diagnostics.iter().filter(|found| found.severity() == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    let severity = match (errors, warnings) {
        (0, 0) => return Ok(()),
        (0, _) => Severity::Warning,
        _ => Severity::Error,
    };
    let mut counts = Vec::new();
    for (count, name) in [(errors, "error"), (warnings, "warning")] {
        if count > 0 {
            counts.push(format!("{count} {name}{}", if count == 1 { "" } else { "s" }));
        }
    }
    let style = style(severity);
    writeln!(out, "{style}{}{style:#}: {}", severity.as_str(), counts.join(", "))
}

/// The colour of a severity.
fn style(severity: Severity) -> Style {
    let colour = match severity {
        Severity::Error => AnsiColor::Red,
        Severity::Warning => AnsiColor::Yellow,
    };
    colour.on_default().bold()
}

#[cfg(test)]
mod tests {
    use super::*;
    use plimsoll::{Diagnostic, SourceText};

    /// What a reader without colours sees.
    pub(super) fn plain(diagnostics: &Diagnostics, format: Format, width: usize) -> String {
        let mut out = Vec::new();
        report(diagnostics, format, Some(width), &mut out).unwrap();
        anstream::adapter::strip_str(std::str::from_utf8(&out).unwrap()).to_string()
    }

    pub(super) fn two() -> Diagnostics {
        let text = SourceText::new("values/prod.yaml", "a: 1\nnodePort: 3009\n");
        let start = text.text().find("3009").unwrap();
        let schema = SourceText::new("schemas/web.yaml", "minimum: 30000\n");
        [
            Diagnostic::error("values.out-of-range", "`nodePort` is 3009, not within 30000–32767")
                .at(&text.span(start..start + 4), "set by layer 2 of 3")
                .at(&schema.span(0..14), "required here")
                .hint("did you mean 30090?"),
            Diagnostic::warning("schema.deprecated", "`a` is\u{1b}[2J deprecated")
                .at(&text.span(0..1), ""),
        ]
        .into_iter()
        .collect()
    }

    #[test]
    fn short_is_one_harmless_line_each_and_a_count() {
        assert_eq!(
            plain(&two(), Format::Short, 80),
            "values/prod.yaml:2:11: error[values.out-of-range]: `nodePort` is 3009, not within \
             30000–32767 (hint: did you mean 30090?)\n\
             values/prod.yaml:1:1: warning[schema.deprecated]: `a` is\\u{1b}[2J deprecated\n\
             error: 1 error, 1 warning\n"
        );
    }

    #[test]
    fn nothing_found_is_nothing_said() {
        for format in [Format::Human, Format::Short, Format::Github] {
            assert_eq!(plain(&Diagnostics::new(), format, 80), "");
        }
        assert_eq!(plain(&Diagnostics::new(), Format::Json, 80), "[]\n");
    }

    #[test]
    fn warnings_alone_are_summed_up_as_warnings() {
        let warnings: Diagnostics =
            [Diagnostic::warning("x.y", "one"), Diagnostic::warning("x.y", "two")]
                .into_iter()
                .collect();
        assert_eq!(
            plain(&warnings, Format::Short, 80),
            "warning[x.y]: one\nwarning[x.y]: two\nwarning: 2 warnings\n"
        );
    }
}
