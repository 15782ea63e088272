//! Texts behind a `|`.

use super::super::{Kind, Node, Style, Text};
use super::Quick;

impl Quick<'_> {
    /// A text whose lines are kept; they are indented further than `column`.
    pub(super) fn literal(&mut self, column: usize) -> Option<Node> {
        self.at += 1;
        let keep_last = match self.peek() {
            Some(b'-') => {
                self.at += 1;
                false
            }
            _ => true,
        };
        if self.peek() != Some(b'\n') {
            return None;
        }
        self.at += 1;
        let first = self.at;
        self.skip_blanks();
        let indent = self.at - first;
        // An empty first line, or nothing at all.
        if indent <= column || matches!(self.peek(), None | Some(b'\n')) {
            return None;
        }
        let mut text = String::new();
        // The lines since the last one that is not empty.
        let mut empty = 0;
        self.at = first;
        loop {
            let line = self.at;
            let rest = &self.text[line..];
            let stop = line + rest.find('\n').unwrap_or(rest.len());
            let written = &self.text[line..stop];
            let blanks = written.len() - written.trim_start_matches(' ').len();
            if line == self.text.len() {
                break;
            }
            if blanks == written.len() {
                // More blanks than the indentation are text.
                if blanks > indent {
                    return None;
                }
                empty += 1;
            } else if blanks < indent {
                // Less than the text, more than what is around it: wrong, or a comment.
                if blanks > column {
                    return None;
                }
                break;
            } else {
                text.extend(std::iter::repeat_n('\n', empty));
                empty = 0;
                text.push_str(&written[indent..]);
                if stop == self.text.len() {
                    // Readers disagree about a last line without a break.
                    return None;
                }
                text.push('\n');
            }
            self.at = (stop + 1).min(self.text.len());
        }
        if !keep_last {
            text.pop();
        }
        // The parser takes the blanks before what comes next to belong to this.
        let mut end = self.at;
        while self.bytes.get(end) == Some(&b' ') {
            end += 1;
        }
        self.settle();
        let kind = Kind::String(Text { text: text.into(), style: Style::Block });
        Some(Node::new(kind, self.source.span(first + indent..end)))
    }
}
