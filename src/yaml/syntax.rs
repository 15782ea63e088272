//! Says in our words why a text is no YAML.
//!
//! The parser reports where it gave up; people want to know what they wrote wrong. So the usual slips are looked
//! for first: tabs, quotes that never close, template syntax in a file that is none, a colon inside a plain text.

use std::ops::Range;

use granit_parser::{ErrorKind, ScanError};

use crate::diag::Diagnostic;
use crate::span::SourceText;

/// Words an error of the parser. `reached` is the end of what was understood.
#[expect(clippy::too_many_lines, reason = "one arm for each kind of error")]
pub(crate) fn syntax_error(
    error: &ScanError,
    source: &SourceText,
    reached: usize,
    depth: usize,
) -> Diagnostic {
    use ErrorKind as E;
    let text = source.text();
    let at = error.marker().byte_offset().unwrap_or(reached).min(text.len());
    let here = character(text, at);
    if let E::RecursionLimitExceeded = error.kind() {
        return Diagnostic::error("yaml.depth", format!("nested more than {depth} levels deep"))
            .at(&source.span(here), "one level too many");
    }
    if let Some(tab) = tab(error.kind(), text, at) {
        return Diagnostic::error("yaml.tab", "a tab cannot indent YAML")
            .at(&source.span(tab..tab + 1), "this is a tab")
            .hint("indent with spaces");
    }
    let quote = || {
        let from = text.get(reached..at).and_then(|gap| gap.find(['"', '\'']));
        from.map_or(here.clone(), |offset| reached + offset..reached + offset + 1)
    };
    let (message, place, label, hint) = match error.kind() {
        E::UnclosedQuotedScalar | E::DocumentIndicatorInQuotedScalar => {
            ("a quoted text is never closed", quote(), "opened here", Some("add the closing quote"))
        }
        E::InvalidQuotedScalarIndent => (
            "a quoted text is not closed on its line",
            quote(),
            "opened here",
            Some("add the closing quote, or indent the lines that continue it"),
        ),
        E::InvalidTrailingSingleQuotedScalar => (
            "something follows a closing quote",
            here,
            "not expected here",
            Some("inside '…' write a single quote twice, or quote the whole value with \"…\""),
        ),
        E::InvalidTrailingDoubleQuotedScalar => (
            "something follows a closing quote",
            here,
            "not expected here",
            Some("inside \"…\" write a quote as \\\", or put the quotes around the whole value"),
        ),
        E::UnknownQuotedScalarEscape
        | E::InvalidQuotedScalarHexEscape
        | E::InvalidUnicodeEscape
        | E::InvalidLowSurrogateHexEscape
        | E::InvalidLowSurrogate
        | E::MissingLowSurrogate
        | E::UnpairedLowSurrogate => (
            "a \"…\" text holds an escape that YAML does not know",
            escape(text, at),
            "in this text",
            Some("write a backslash twice, or use '…', where nothing is escaped"),
        ),
        E::UnexpectedCharacter { character } if character.is_control() => (
            "a control character may not be written as it is",
            at_character(text, at, *character),
            "in this line",
            Some("write it as an escape in double quotes, such as \"\\x07\""),
        ),
        E::UnexpectedCharacter { .. } => (
            "a plain value cannot start with this character",
            here,
            "not allowed here",
            Some("quote the value"),
        ),
        E::MissingAnchorOrAliasName => (
            "an anchor or alias needs a name",
            here,
            "no name follows",
            Some("quote the value if it is a text"),
        ),
        E::UndeclaredTagHandle
        | E::ExpectedTagBang
        | E::InvalidTagTerminator
        | E::UnclosedVerbatimTag
        | E::MissingTagUri
        | E::InvalidGlobalTagCharacter
        | E::InvalidTagEscape
        | E::InvalidTagUtf8LeadingByte
        | E::InvalidTagUtf8TrailingByte
        | E::InvalidTagUtf8 => (
            "this is no valid tag",
            here,
            "not understood",
            Some("quote the value if the `!` belongs to it"),
        ),
        E::UnclosedFlowCollection { .. }
        | E::UnexpectedEofFlowSequence
        | E::UnexpectedEofFlowMapping
        | E::UnexpectedEofImplicitFlowMapping => {
            ("a bracket is never closed", here, "opened here", Some("add the closing bracket"))
        }
        E::MismatchedFlowCollectionEnd { .. } => {
            ("a bracket is closed by one of another kind", here, "does not fit", None)
        }
        E::MisplacedFlowCollectionEnd => {
            ("a bracket is closed that was never opened", here, "nothing to close", None)
        }
        E::ExpectedFlowMappingSeparator | E::ExpectedFlowSequenceSeparator => {
            ("a comma or a closing bracket is missing", here, "expected before this", None)
        }
        E::InvalidColonPlacement | E::InvalidFlowScalarIndent if in_flow(text, reached, at) => (
            "a comma or a closing bracket is missing",
            here,
            "expected before this",
            Some("is a bracket above still open?"),
        ),
        E::MappingValueNotAllowed if glued_colon(text, at) => (
            "a colon is not allowed here",
            here,
            "this colon",
            Some("a blank is missing after the colon of the line above"),
        ),
        E::MappingValueNotAllowed | E::InvalidColonPlacement => (
            "a colon is not allowed here",
            here,
            "this colon",
            Some("quote the value if the colon belongs to it; otherwise check the indentation"),
        ),
        E::SimpleKeyExpected | E::InvalidSimpleKey => (
            "a key without a colon",
            word(text, at),
            "no `: ` follows",
            Some("write `key: value` with a blank after the colon, or indent a continued text"),
        ),
        E::BlockSequenceEntryNotAllowed => (
            "a list item cannot start here",
            here,
            "this `-`",
            Some("start the list on a line of its own, or quote the value if it is a text"),
        ),
        E::ExpectedBlockMappingKey if dash(text, at).is_some() => (
            "a list item stands among the keys of a mapping",
            dash(text, at).map_or(here, |at| at..at + 1),
            "this `-`",
            Some("check the indentation of this line"),
        ),
        E::ExpectedBlockSequenceEntry => (
            "a key stands among the items of a list",
            word(text, at),
            "no `- ` before it",
            Some("check the indentation of this line"),
        ),
        E::ExpectedBlockMappingKey
        | E::InvalidIndentation
        | E::UnexpectedEofBlockMapping
        | E::UnexpectedEofBlockSequence => (
            "the indentation of this line fits nothing above it",
            word(text, at),
            "",
            Some("align it with the keys or items it belongs to"),
        ),
        E::InvalidBlockScalarHeader | E::ZeroBlockScalarIndent => (
            "a block text must start on the next line",
            here,
            "after this sign",
            Some(
                "after `|` or `>` only `+`, `-`, a digit or a comment may follow; quote the value if it is a text",
            ),
        ),
        E::InvalidBlockScalarIndent => (
            "a line of a block text is not indented enough",
            here,
            "",
            Some("indent every line of the text alike"),
        ),
        E::BomInsideDocument => {
            ("a byte order mark may only stand at the start", here, "", Some("remove it"))
        }
        E::ExpectedDocumentStart | E::InvalidDocumentEnd => (
            "something follows the end of the document",
            word(text, at),
            "not expected here",
            Some("the value above is complete; check quotes, brackets and indentation"),
        ),
        E::CommentNotSeparated => (
            "a comment needs a blank before its `#`",
            here,
            "",
            Some("quote the value if the `#` belongs to it"),
        ),
        E::MissingDocumentEndBeforeDirective
        | E::DuplicateVersionDirective
        | E::UnsupportedYamlMajorVersion
        | E::DuplicateTagDirective
        | E::InvalidDirectiveName
        | E::MissingDirectiveName
        | E::InvalidDirectiveTerminator
        | E::InvalidTagDirectiveTerminator
        | E::ExpectedTagDirectiveBang
        | E::MissingYamlVersion
        | E::MissingYamlVersionSeparator
        | E::YamlVersionTooLong
        | E::DirectiveByteLimitExceeded { .. } => {
            ("a line that starts with `%` is not understood", here, "", Some("remove it"))
        }
        _ => ("this is no valid YAML", here, "not understood", None),
    };
    let hint = template_hint(source, place.start).or(hint.map(str::to_owned));
    Diagnostic::error("yaml.syntax", message).at(&source.span(place), label).hint_opt(hint)
}

/// The remedy for template syntax in the line of a place, if there is some.
pub(crate) fn template_hint(source: &SourceText, at: usize) -> Option<String> {
    let line = line(source.text(), at);
    if line.contains("{{") {
        let named = if line.contains(".Values.") {
            ", and would be `values.x`, not `.Values.x`"
        } else {
            ""
        };
        return Some(format!(
            "`{{{{ … }}}}` works in templates only{named}; quote it to keep the braces as text"
        ));
    }
    line.contains("{%").then(|| "`{% … %}` works in templates only".to_owned())
}

fn line(text: &str, at: usize) -> &str {
    let at = border(text, at);
    let start = line_start(text, at);
    let end = text[at..].find('\n').map_or(text.len(), |newline| at + newline);
    &text[start..end]
}

fn line_start(text: &str, at: usize) -> usize {
    text[..border(text, at)].rfind('\n').map_or(0, |newline| newline + 1)
}

fn border(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

/// The character at a place; nothing at the end of a line.
fn character(text: &str, at: usize) -> Range<usize> {
    let at = border(text, at);
    let width = text[at..].chars().next().filter(|c| *c != '\n').map_or(0, char::len_utf8);
    at..at + width
}

/// Everything up to the next blank or the end of the line.
fn word(text: &str, at: usize) -> Range<usize> {
    let at = border(text, at);
    at..text[at..].find(char::is_whitespace).map_or(text.len(), |length| at + length)
}

/// Where a refused character really stands: the parser reports the start of its scalar.
fn at_character(text: &str, at: usize, wanted: char) -> Range<usize> {
    let at = border(text, at);
    let place = text[at..].find(wanted).map_or(at, |offset| at + offset);
    character(text, place)
}

/// The quoted text up to the end of its line.
fn escape(text: &str, at: usize) -> Range<usize> {
    let at = border(text, at);
    at..text[at..].find(['\r', '\n']).map_or(text.len(), |length| at + length)
}

/// The dash that starts a line, if a place is at or right after it.
fn dash(text: &str, at: usize) -> Option<usize> {
    let start = line_start(text, at);
    let dash = start + text[start..].find(|first| first != ' ')?;
    (text[dash..].starts_with('-')
        && text[dash..at.max(dash)].trim() != "--"
        && text[dash..at.max(dash)].len() <= 2)
        .then_some(dash)
}

/// Whether the line above is `key:value`, which is a plain text that goes on in this line.
fn glued_colon(text: &str, at: usize) -> bool {
    let above = text[..line_start(text, at)].trim_end();
    let above = above.rsplit('\n').next().unwrap_or_default();
    above.contains(':') && !above.contains(": ") && !above.ends_with(':') && !above.contains('#')
}

/// Whether a bracket stands open before a place, as far as one can tell from what was not yet understood.
fn in_flow(text: &str, reached: usize, at: usize) -> bool {
    let start = line_start(text, reached);
    text[start..border(text, at).max(start)].contains(['[', '{'])
}

/// The tab that is to blame, if one is.
fn tab(kind: &ErrorKind, text: &str, at: usize) -> Option<usize> {
    use ErrorKind as E;
    let at = border(text, at);
    let start = line_start(text, at);
    let of_line = |start: usize| {
        let line = &text[start..];
        let indent = line.len() - line.trim_start_matches([' ', '\t']).len();
        line[..indent].find('\t').map(|offset| start + offset)
    };
    match kind {
        E::TabInBlockIndentation
        | E::TabInIndentation
        | E::TabNotAllowed
        | E::TabInPlainScalar
        | E::TabAtBlockScalarStart => of_line(start)
            .or_else(|| {
                let mut lines = text[at..].match_indices('\n').map(|(offset, _)| at + offset + 1);
                lines.find_map(of_line)
            })
            .or_else(|| text[at..].find('\t').map(|offset| at + offset))
            .or_else(|| text[start..at].rfind('\t').map(|offset| start + offset)),
        E::ExpectedBlockMappingKey
        | E::ExpectedBlockSequenceEntry
        | E::InvalidIndentation
        | E::SimpleKeyExpected
        | E::MappingValueNotAllowed
        | E::InvalidSimpleKey => of_line(start),
        _ => None,
    }
}
