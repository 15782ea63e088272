//! The scanner that finds tags, held against the lexer of the template engine: same tags, same tokens.
#![no_main]

use libfuzzer_sys::fuzz_target;
use minijinja::machinery::{Token, tokenize};
use minijinja::syntax::SyntaxConfig;

fuzz_target!(|template: &str| {
    let Some(ours) = plimsoll::fuzzing::tags(template) else { return };
    let Ok(syntax) = SyntaxConfig::builder().keep_trailing_newline(true).build() else { return };
    let mut theirs = Vec::new();
    for token in tokenize(template, false, syntax) {
        // What their lexer refuses is refused.
        let Ok((token, span)) = token else { return };
        let range = span.start_offset as usize..span.end_offset as usize;
        match token {
            Token::TemplateData(_) => {}
            Token::VariableStart => theirs.push(("{{", range, Vec::new())),
            Token::BlockStart => theirs.push(("{%", range, Vec::new())),
            Token::VariableEnd | Token::BlockEnd => {
                if let Some((_, tag, _)) = theirs.last_mut() {
                    tag.end = range.end;
                }
            }
            _ => {
                if let Some((_, _, tokens)) = theirs.last_mut() {
                    tokens.push(range);
                }
            }
        }
    }
    assert_eq!(ours, theirs);
});
