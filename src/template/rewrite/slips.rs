//! Operators and statements of other languages, each with the word for it here.

use super::super::scan::{Tag, TagKind, TokenKind};
use crate::diag::nearest;
use crate::{Diagnostic, SourceText};

const STATEMENTS: &[&str] = &[
    "if", "elif", "else", "endif", "for", "endfor", "set", "endset", "macro", "endmacro", "call",
    "endcall", "include", "import", "from", "with", "endwith", "raw", "do",
];

/// Statements that are refused elsewhere, with advice of their own.
const REFUSED: &[&str] =
    &["filter", "endfilter", "extends", "block", "endblock", "autoescape", "endautoescape", "end"];

/// The first word in a tag that belongs to another language.
pub(super) fn slip(source: &SourceText, tag: &Tag) -> Option<Diagnostic> {
    statement(source, tag).or_else(|| operator(source, tag))
}

fn statement(source: &SourceText, tag: &Tag) -> Option<Diagnostic> {
    let word = tag.word(source.text(), 0);
    if tag.kind != TagKind::Block || tag.tokens.first()?.kind != TokenKind::Name {
        return None;
    }
    let range = tag.tokens.first()?.range.clone();
    if word == "else" {
        let last = tag.tokens.get(1).filter(|_| tag.word(source.text(), 1) == "if")?;
        return Some(
            Diagnostic::error("template.syntax", "`else if` is one word here")
                .at(&source.span(range.start..last.range.end), "write `elif`"),
        );
    }
    if STATEMENTS.contains(&word) || REFUSED.contains(&word) {
        return None;
    }
    let meant = match word {
        "elseif" | "elsif" => Some("elif"),
        "unless" => Some("if not"),
        "foreach" | "range" => Some("for"),
        "var" | "let" | "assign" => Some("set"),
        "define" => Some("macro"),
        _ => nearest(word, STATEMENTS.iter().copied()),
    };
    let hint = match word {
        "continue" | "break" => {
            Some("choose the items in the loop: `{% for x in l if … %}`".to_owned())
        }
        _ => meant.map(|meant| format!("did you mean `{meant}`?")),
    };
    Some(
        Diagnostic::error("template.syntax", format!("there is no statement `{word}`"))
            .at(&source.span(range), "")
            .hint_opt(hint),
    )
}

fn operator(source: &SourceText, tag: &Tag) -> Option<Diagnostic> {
    let text = source.text();
    let is_condition = tag.kind == TagKind::Block && matches!(tag.word(text, 0), "if" | "elif");
    let mut depth = 0_i32;
    for (index, token) in tag.tokens.iter().enumerate() {
        let word = tag.word(text, index);
        let doubled = tag.tokens.get(index + 1).is_some_and(|next| {
            next.range.start == token.range.end && tag.word(text, index + 1) == word
        });
        let (length, wanted) = match word {
            "(" | "[" | "{" => {
                depth += 1;
                continue;
            }
            ")" | "]" | "}" => {
                depth -= 1;
                continue;
            }
            "&" => (1 + usize::from(doubled), "write `and`"),
            "|" if doubled => (2, "write `or`"),
            "!" => (1, "write `not`"),
            "?" => (1, "write `a if condition else b`"),
            "=" if is_condition && depth == 0 => (1 + usize::from(doubled), "write `==`"),
            ";" => (1, "one tag holds one statement"),
            _ => continue,
        };
        let range = token.range.start..token.range.start + length;
        let seen = &text[range.clone()];
        return Some(
            Diagnostic::error("template.syntax", format!("`{seen}` is no operator here"))
                .at(&source.span(range), wanted),
        );
    }
    None
}
