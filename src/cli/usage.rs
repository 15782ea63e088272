//! Mistakes in what was typed, as findings for those who asked for findings in a form for machines.

use std::ffi::OsString;

use clap::ValueEnum;
use clap::error::{Error, ErrorKind};
use plimsoll::Diagnostic;

use super::report::Format;

const CODE: &str = "usage.command-line";

/// The format that was asked for, found without reading the rest, which is wrong.
pub(crate) fn format(arguments: impl IntoIterator<Item = OsString>) -> Format {
    let mut arguments = arguments.into_iter().filter_map(|word| word.into_string().ok());
    let mut format = Format::Human;
    while let Some(word) = arguments.next() {
        let given = match word.as_str() {
            "--" => break,
            "--format" => arguments.next(),
            _ => word.strip_prefix("--format=").map(str::to_owned),
        };
        if let Some(known) = given.and_then(|name| Format::from_str(&name, false).ok()) {
            format = known;
        }
    }
    format
}

/// A usage error as a finding; nothing if it is no error but a request for help.
pub(crate) fn finding(error: &Error) -> Option<Diagnostic> {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        return None;
    }
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        return Some(
            Diagnostic::error(CODE, "a command is missing").hint("`plimsoll --help` lists them"),
        );
    }
    // Paragraphs: what is wrong, tips, the usage, and where to find help.
    let text = error.to_string();
    let mut paragraphs = text.split("\n\n").map(one_line);
    let message = paragraphs.next().unwrap_or_default();
    let message = message.strip_prefix("error: ").unwrap_or(&message).to_owned();
    let hints = paragraphs.filter(|paragraph| !paragraph.starts_with("For more information"));
    Some(
        hints
            .filter(|hint| !hint.is_empty())
            .fold(Diagnostic::error(CODE, message), |found, hint| {
                found.hint(hint.strip_prefix("tip: ").unwrap_or(&hint).to_owned())
            }),
    )
}

fn one_line(paragraph: &str) -> String {
    paragraph.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_format_is_found_beside_what_is_wrong() {
        let found = |line: &str| format(line.split(' ').map(OsString::from));
        assert_eq!(found("plimsoll render --nope --format json"), Format::Json);
        assert_eq!(found("plimsoll --format=github"), Format::Github);
        assert_eq!(found("plimsoll render --format"), Format::Human);
        assert_eq!(found("plimsoll render --format jsn"), Format::Human);
        assert_eq!(found("plimsoll render -- --format json"), Format::Human);
    }
}
