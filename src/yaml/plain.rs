//! Which strings may stand in a manifest as they are.
//!
//! Every reader of YAML has its own idea of what is not a string. A text is left plain only if none of them can
//! take it for something else; when in doubt it is quoted.

/// How a string is to be written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Form {
    Plain,
    Quoted,
    /// As a block after `|`.
    Literal,
}

/// Words that some reader takes for null, a boolean, a number, a merge or a default, in any case.
const WORDS: [&str; 22] = [
    "y",
    "n",
    "yes",
    "no",
    "on",
    "off",
    "true",
    "false",
    "null",
    "~",
    "=",
    "<<",
    "nan",
    "inf",
    "infinity",
    "none",
    "nil",
    "undefined",
    ".inf",
    ".nan",
    "-",
    "+",
];

/// Bytes that mean nothing to any reader within a name.
const IN_NAMES: [bool; 256] = {
    let mut names = [false; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        names[byte as usize] =
            byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'/' | b'_');
        byte += 1;
    }
    names
};

/// Chooses the form of a string. Keys are never literals.
pub(crate) fn form(text: &str) -> Form {
    let Some(&first) = text.as_bytes().first() else { return Form::Quoted };
    // Names, words and paths, which most strings are; nothing below has anything to say about them.
    if (first.is_ascii_alphabetic() || first == b'/')
        && text.bytes().all(|byte| IN_NAMES[usize::from(byte)])
    {
        return if is_word(text) { Form::Quoted } else { Form::Plain };
    }
    let mut newline = false;
    let mut plain = true;
    for character in text.chars() {
        match character {
            '\n' => newline = true,
            // A tab is fine inside a block, and nowhere else.
            '\t' => plain = false,
            ' '..='~' => {}
            _ if !is_printable(character) => return Form::Quoted,
            _ => {}
        }
    }
    if newline {
        let block = !matches!(first, b'\t' | b'\n')
            && text.split('\n').all(|line| line.is_empty() || !line.bytes().all(is_blank));
        return if block { Form::Literal } else { Form::Quoted };
    }
    if plain && starts_safely(text) && !is_cut(text) && !is_word(text) && !is_number_like(text) {
        Form::Plain
    } else {
        Form::Quoted
    }
}

/// Whether a character may be written as it is, outside ASCII: nothing invisible, nothing that breaks lines or
/// turns the direction of the text, nothing that is no character.
pub(crate) fn is_printable(character: char) -> bool {
    match character {
        ' '..='~' => true,
        '\u{ad}'
        | '\u{61c}'
        | '\u{180e}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff0}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e0fff}'
        | '\u{fdd0}'..='\u{fdef}' => false,
        '\u{a0}'.. => u32::from(character) & 0xfffe != 0xfffe,
        _ => false,
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// Whether the first characters start no other kind of node.
fn starts_safely(text: &str) -> bool {
    let bytes = text.as_bytes();
    match bytes.first() {
        // Options such as `--port=80` and `-v` are too common to quote; a document marker is not one.
        Some(b'-') => match bytes.get(1) {
            Some(b'-') => !matches!(bytes.get(2), None | Some(b'-' | b' ')),
            Some(next) => next.is_ascii_alphabetic(),
            None => false,
        },
        // The marker that ends a document.
        Some(b'.') => !text.starts_with("..."),
        Some(first) => !matches!(
            first,
            b' ' | b'?'
                | b':'
                | b','
                | b'['
                | b']'
                | b'{'
                | b'}'
                | b'#'
                | b'&'
                | b'*'
                | b'!'
                | b'|'
                | b'>'
                | b'\''
                | b'"'
                | b'%'
                | b'@'
                | b'`'
        ),
        None => false,
    }
}

/// Whether a reader would stop before the end: at a comment, a colon or a final blank.
fn is_cut(text: &str) -> bool {
    let bytes = text.as_bytes();
    matches!(bytes.last(), Some(b' ' | b':'))
        || bytes.windows(2).any(|pair| matches!(pair, b": " | b" #"))
}

/// Whether a reader takes it for a word of its own. Readers that leave underscores out of numbers may do so first.
fn is_word(text: &str) -> bool {
    // Only these begin one of them.
    let first = text.bytes().next().map(|byte| byte.to_ascii_lowercase());
    if !matches!(
        first,
        Some(
            b'y' | b'n'
                | b'o'
                | b't'
                | b'f'
                | b'i'
                | b'u'
                | b'.'
                | b'+'
                | b'-'
                | b'_'
                | b'~'
                | b'='
                | b'<'
        )
    ) {
        return false;
    }
    if text.len() <= 16 && text.contains('_') {
        return is_word(&text.replace('_', ""));
    }
    let text = text.strip_prefix(['+', '-']).filter(|rest| !rest.is_empty()).unwrap_or(text);
    text.len() <= 9 && WORDS.iter().any(|word| word.eq_ignore_ascii_case(text))
}

/// Whether it looks like a number, a date or a time to anyone, however remotely. Versions and addresses with two
/// dots or more (`1.2.3`) look like none.
fn is_number_like(text: &str) -> bool {
    let rest = text.strip_prefix(['+', '-']).unwrap_or(text);
    if !rest.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '.' | '_')) {
        return false;
    }
    // `0x1f`, `0o17`, `0b1` in either case; elsewhere the only letters are an exponent's and a time's.
    // Readers that leave underscores out do so first: `0_x1` is 1.
    let mut significant = rest.bytes().filter(|byte| *byte != b'_');
    let based = significant.next() == Some(b'0')
        && matches!(significant.next(), Some(b'x' | b'X' | b'o' | b'O' | b'b' | b'B'));
    let of_numbers = |byte: u8| {
        byte.is_ascii_digit()
            || matches!(byte, b'_' | b'.' | b',' | b':' | b'+' | b'-' | b' ')
            || matches!(byte, b'e' | b'E' | b't' | b'T' | b'z' | b'Z')
            || based && (byte.is_ascii_hexdigit() || byte.is_ascii_alphabetic())
    };
    let dots = rest.bytes().filter(|byte| *byte == b'.').count();
    let version = dots >= 2
        && rest.len() == text.len()
        && rest.starts_with(|first: char| first.is_ascii_digit())
        && rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    !version && rest.bytes().all(of_numbers)
}
