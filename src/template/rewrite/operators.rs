//! The operators that can make a value grow, put under a filter that looks at what comes of them.
//!
//! | written | handed on |
//! |---|---|
//! | `a ~ b ~ c` | `((a)\|__concat(b, c))`, which knows how booleans are spelt and what has no text |
//! | `a + b`, `a * b`, `a[1:]` | `((a + b)\|__bounded)` and so on: nothing grows without limit |
//! | `[a]`, `{k: a}` | `(([a])\|__made)`: nothing nests without limit |
//! | `{% set ns.x = e %}` | `{% set ns.x = ((e)\|__stored) %}`, which keeps namespaces out of namespaces |
//!
//! The precedence is minijinja's: tests and filters bind tightest, then `**`, then `*` `/` `//` `%`, then `~`,
//! then `+` and `-`. What cannot be read as an operand is left as it is, for minijinja to refuse.

use super::super::scan::{Tag, TagKind, Token, TokenKind};

/// A change to the text of a tag.
#[derive(Debug)]
pub(super) struct Edit {
    /// Where it happens, in the author's text.
    pub(super) at: usize,
    /// How many bytes it takes away there.
    pub(super) removes: usize,
    pub(super) inserts: &'static str,
    /// What an error inside the insertion is about.
    pub(super) stands_for: usize,
}

/// The changes to a tag, in order of place.
pub(super) fn edits(text: &str, tag: &Tag) -> Vec<Edit> {
    let mut reader = Reader {
        text,
        tokens: &tag.tokens,
        brackets: brackets(text, &tag.tokens),
        depth: 0,
        edits: Vec::new(),
    };
    // A statement begins with its keyword.
    reader.level(usize::from(tag.kind == TagKind::Block), tag.tokens.len());
    reader.stored(tag);
    // Stable: at one place the order in which they were made counts, see `Reader::wrap`.
    reader.edits.sort_by_key(|edit| edit.at);
    reader.edits
}

/// Levels of brackets; minijinja refuses deeper ones.
const DEEPEST: usize = 160;

/// What is known of a token that opens a bracket.
#[derive(Clone, Copy, Default)]
struct Bracket {
    closes: Option<usize>,
    /// Whether a `:` stands in it, and not deeper.
    colon: bool,
}

fn brackets(text: &str, tokens: &[Token]) -> Vec<Bracket> {
    let mut found = vec![Bracket::default(); tokens.len()];
    let mut open: Vec<usize> = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        match &text[token.range.clone()] {
            "(" | "[" | "{" => open.push(index),
            ")" | "]" | "}" => {
                if let Some(bracket) = open.pop().and_then(|opened| found.get_mut(opened)) {
                    bracket.closes = Some(index);
                }
            }
            ":" => {
                if let Some(bracket) = open.last().and_then(|&opened| found.get_mut(opened)) {
                    bracket.colon = true;
                }
            }
            _ => {}
        }
    }
    found
}

struct Reader<'t> {
    text: &'t str,
    tokens: &'t [Token],
    /// For each token.
    brackets: Vec<Bracket>,
    depth: usize,
    edits: Vec<Edit>,
}

impl Reader<'_> {
    fn word(&self, index: usize) -> &str {
        self.tokens.get(index).map_or("", |token| &self.text[token.range.clone()])
    }

    fn is(&self, index: usize, kind: TokenKind) -> bool {
        self.tokens.get(index).is_some_and(|token| token.kind == kind)
    }

    /// `{% set ns.x = e %}`: what goes into a namespace stays there.
    fn stored(&mut self, tag: &Tag) {
        let dotted = self.word(0) == "set" && self.word(2) == "." && self.word(4) == "=";
        if dotted && tag.kind == TagKind::Block && tag.tokens.len() > 5 {
            self.wrap(0, 5, tag.tokens.len(), "((", ")|__stored)");
        }
    }

    /// Reads the tokens of one level of brackets: operands with whatever parts them.
    fn level(&mut self, from: usize, end: usize) {
        let mut at = from;
        while at < end {
            let not = self.word(at) == "not";
            if not && at > from && self.is_binary(at - 1) {
                // No operand, so this is refused; brackets behind it would make a call of it.
                return;
            }
            let after = if not { at } else { self.sum(at) };
            // Past the operand, and past what follows it: an operator, a comma, a keyword, `not in`.
            at = after + 1 + usize::from(after > at && self.word(after) == "not");
        }
    }

    /// `a + b - c`; gives the token after it, or `from` if no operand stands there.
    fn sum(&mut self, from: usize) -> usize {
        let first = self.edits.len();
        let mut at = self.concat(from);
        let (mut grows, mut number) = (false, at == from + 1 && self.is(from, TokenKind::Number));
        while at > from && matches!(self.word(at), "+" | "-") {
            let operand = at + 1;
            let after = self.concat(operand);
            if after == operand {
                break;
            }
            grows |= self.word(at) == "+";
            number |= after == operand + 1 && self.is(operand, TokenKind::Number);
            at = after;
        }
        // Only a number can be added to a number.
        if grows && !number && self.ends(at) {
            self.wrap(first, from, at, "((", ")|__bounded)");
        }
        at
    }

    fn concat(&mut self, from: usize) -> usize {
        let first = self.edits.len();
        let mut at = self.product(from);
        let mut joints = Vec::new();
        while at > from && self.word(at) == "~" {
            let after = self.product(at + 1);
            if after == at + 1 {
                break;
            }
            joints.push(at);
            at = after;
        }
        if !self.ends(at) {
            return at;
        }
        for (index, &joint) in joints.iter().enumerate() {
            let Some(token) = self.tokens.get(joint) else { continue };
            let inserts = if index == 0 { ")|__concat(" } else { "," };
            let stands_for =
                self.tokens.get(from).map_or(token.range.start, |token| token.range.start);
            self.edits.push(Edit { at: token.range.start, removes: 1, inserts, stands_for });
        }
        if !joints.is_empty() {
            self.wrap(first, from, at, "((", "))");
        }
        at
    }

    fn product(&mut self, from: usize) -> usize {
        let first = self.edits.len();
        let mut at = self.operand(from);
        let mut grows = false;
        while at > from && matches!(self.word(at), "*" | "/" | "//" | "%" | "**") {
            let after = self.operand(at + 1);
            if after == at + 1 {
                break;
            }
            grows |= self.word(at) == "*";
            at = after;
        }
        if grows && self.ends(at) {
            self.wrap(first, from, at, "((", ")|__bounded)");
        }
        at
    }

    /// A value with its signs, filters and tests.
    fn operand(&mut self, from: usize) -> usize {
        let mut at = self.value(from, true);
        while at > from {
            match self.word(at) {
                "|" => at = self.arguments(self.name(at + 1)),
                "is" => {
                    let name = self.name(at + 1 + usize::from(self.word(at + 1) == "not"));
                    let given = self.arguments(name);
                    at = if given == name && self.starts_argument(name) {
                        // No bracket may come between a test and its argument: it would hold a list of them.
                        self.value(name, false).max(name + 1)
                    } else {
                        given
                    };
                }
                _ => break,
            }
        }
        at
    }

    /// `a.b[0](c)`, with signs before it.
    fn value(&mut self, from: usize, wrapped: bool) -> usize {
        let mut start = from;
        while self.word(start) == "-" {
            start += 1;
        }
        let first = self.edits.len();
        let mut at = match self.tokens.get(start).map(|token| token.kind) {
            Some(TokenKind::Text) => {
                start
                    + self.tokens[start..]
                        .iter()
                        .take_while(|token| token.kind == TokenKind::Text)
                        .count()
            }
            // In an argument of a filter it would be understood, here it is not.
            Some(TokenKind::Name) if self.word(start) == "not" => start,
            Some(TokenKind::Name | TokenKind::Number) => start + 1,
            _ => self.group(start),
        };
        if wrapped
            && at > start
            && matches!(self.word(start), "[" | "{")
            && self.names_any(start, at)
        {
            self.wrap(first, start, at, "((", ")|__made)");
        }
        while at > start {
            let slice = self.word(at) == "[" && self.bracket(at).colon;
            let after = match self.word(at) {
                "." => at + 2,
                "[" | "(" => self.group(at),
                _ => break,
            };
            if after == at {
                break;
            }
            at = after;
            if slice && wrapped {
                self.wrap(first, start, at, "((", ")|__bounded)");
            }
        }
        if at > start { at } else { from }
    }

    /// Whether a list or mapping may hold what was made before: `[1, 2]` cannot.
    fn names_any(&self, from: usize, to: usize) -> bool {
        (from..to).any(|index| self.is(index, TokenKind::Name))
    }

    /// A name with dots.
    fn name(&self, from: usize) -> usize {
        let mut at = from + 1;
        while self.word(at) == "." {
            at += 2;
        }
        at
    }

    fn arguments(&mut self, at: usize) -> usize {
        if self.word(at) == "(" { self.group(at) } else { at }
    }

    fn starts_argument(&self, index: usize) -> bool {
        match self.tokens.get(index).map(|token| token.kind) {
            Some(TokenKind::Name) => !matches!(self.word(index), "and" | "or" | "else" | "is"),
            Some(TokenKind::Text | TokenKind::Number) => true,
            _ => matches!(self.word(index), "-" | "[" | "{"),
        }
    }

    fn bracket(&self, index: usize) -> Bracket {
        self.brackets.get(index).copied().unwrap_or_default()
    }

    /// Reads what stands in the bracket that opens here; gives the token after the one that closes it.
    fn group(&mut self, open: usize) -> usize {
        let Some(close) = self.bracket(open).closes else { return open };
        if self.depth < DEEPEST {
            self.depth += 1;
            self.level(open + 1, close);
            self.depth -= 1;
        }
        close + 1
    }

    fn is_binary(&self, index: usize) -> bool {
        matches!(
            self.word(index),
            "~" | "+"
                | "-"
                | "*"
                | "/"
                | "//"
                | "%"
                | "**"
                | "=="
                | "!="
                | "<"
                | ">"
                | "<="
                | ">="
                | "in"
        )
    }

    /// Whether an expression can end before a token. After `a ~ b | f` comes no `[0]`: brackets around it would make
    /// that mean something.
    fn ends(&self, at: usize) -> bool {
        !matches!(self.word(at), "." | "[" | "(")
    }

    /// Puts something around tokens. The edits inside have been made already, from `first` on; at the same
    /// place the new opening goes before them and the new end behind them.
    fn wrap(
        &mut self,
        first: usize,
        from: usize,
        to: usize,
        open: &'static str,
        close: &'static str,
    ) {
        let (Some(start), Some(end)) = (self.tokens.get(from), self.tokens.get(to - 1)) else {
            return;
        };
        let (start, end) = (start.range.start, end.range.end);
        let edit = |at, inserts, stands_for| Edit { at, removes: 0, inserts, stands_for };
        self.edits.insert(first, edit(start, open, start));
        self.edits.push(edit(end, close, end.saturating_sub(1)));
    }
}
