//! Hides known secrets in texts that are shown.

use std::collections::BTreeSet;
use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// What is shown instead of a secret.
pub(crate) const HIDDEN: &str = "(secret)";

/// A shorter secret is part of too many texts that have nothing to do with it.
const SHORT: usize = 5;

/// A word such as `password` may be somebody's secret, and is part of as many.
const LONG_WORD: usize = 12;

/// Secrets that are known, and how they may appear.
#[derive(Clone, Default)]
pub(crate) struct Veil {
    /// Hidden where a text is nothing else, or names nothing else between backquotes.
    whole: BTreeSet<String>,
    /// Hidden wherever a text holds them, the longest first.
    parts: Vec<String>,
}

impl Veil {
    pub(crate) fn new(secrets: BTreeSet<String>) -> Self {
        let mut whole = secrets;
        whole.retain(|secret| !secret.trim().is_empty());
        let is_word = |text: &str| text.len() < LONG_WORD && text.chars().all(char::is_alphabetic);
        let long = whole.iter().filter(|secret| secret.len() >= SHORT);
        let parts: BTreeSet<String> = long
            .flat_map(|secret| {
                let own = (!is_word(secret)).then(|| secret.clone());
                own.into_iter().chain(disguised(secret))
            })
            .collect();
        let mut parts: Vec<String> = parts.into_iter().collect();
        parts.sort_by_key(|part| std::cmp::Reverse(part.len()));
        Self { whole, parts }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.whole.is_empty()
    }

    /// The text without secrets; `None` if there are none in it.
    pub(crate) fn hide(&self, text: &str) -> Option<String> {
        if self.whole.contains(text) {
            return Some(HIDDEN.to_owned());
        }
        self.parts.iter().fold(None, |hidden, part| replaced(hidden, text, part, HIDDEN))
    }

    /// The same for a message, where a short secret may stand between backquotes.
    pub(crate) fn hide_in_message(&self, message: &str) -> Option<String> {
        self.whole.iter().fold(self.hide(message), |hidden, secret| {
            replaced(hidden, message, &format!("`{secret}`"), &format!("`{HIDDEN}`"))
        })
    }
}

fn replaced(hidden: Option<String>, text: &str, from: &str, to: &str) -> Option<String> {
    let now = hidden.as_deref().unwrap_or(text);
    if now.contains(from) { Some(now.replace(from, to)) } else { hidden }
}

/// A secret in base64, in hexadecimal, and its digest.
fn disguised(secret: &str) -> [String; 3] {
    let hex = |bytes: &[u8]| {
        bytes.iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    };
    [STANDARD.encode(secret), hex(secret.as_bytes()), hex(&Sha256::digest(secret.as_bytes()))]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_hidden_in_every_form_and_words_where_they_stand_alone() {
        let veil = Veil::new(["s3cret!", "password", "x1"].map(str::to_owned).into());
        assert_eq!(veil.hide("a=s3cret!;"), Some("a=(secret);".to_owned()));
        assert_eq!(veil.hide("czNjcmV0IQ== 73336372657421"), Some("(secret) (secret)".to_owned()));
        assert_eq!(veil.hide("password"), Some("(secret)".to_owned()));
        assert_eq!(veil.hide("the password of x1"), None);
        let message = "`db.password` is `password`, not `x1`";
        let hidden = "`db.password` is `(secret)`, not `(secret)`";
        assert_eq!(veil.hide_in_message(message), Some(hidden.to_owned()));
    }
}
