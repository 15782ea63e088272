//! Mappings and lists in brackets.

use super::super::scalar::is_null;
use super::super::{Entry, Kind, Node, Style, Text};
use super::Quick;
use super::scalar::Stop;

impl Quick<'_> {
    /// A collection in brackets; its later lines must be indented further than `column`.
    pub(super) fn flow(&mut self, column: usize) -> Option<Node> {
        self.deeper(|quick| {
            if quick.peek() == Some(b'[') {
                quick.flow_list(column)
            } else {
                quick.flow_map(column)
            }
        })
    }

    fn flow_list(&mut self, column: usize) -> Option<Node> {
        let start = self.at;
        let mut items = Vec::new();
        self.at += 1;
        self.skip_space(column)?;
        if self.peek() != Some(b']') {
            loop {
                items.push(self.flow_value(column)?);
                if self.is_last(b']', column)? {
                    break;
                }
            }
        }
        self.at += 1;
        Some(Node::new(Kind::List(items), self.source.span(start..self.at)))
    }

    fn flow_map(&mut self, column: usize) -> Option<Node> {
        let start = self.at;
        let mut entries = Vec::new();
        self.at += 1;
        self.skip_space(column)?;
        if self.peek() != Some(b'}') {
            loop {
                entries.push(self.flow_entry(column)?);
                if self.is_last(b'}', column)? {
                    break;
                }
            }
        }
        self.at += 1;
        self.collected(entries, start..self.at)
    }

    /// Whether the collection ends here; otherwise stands at its next part.
    fn is_last(&mut self, close: u8, column: usize) -> Option<bool> {
        self.skip_space(column)?;
        match self.peek()? {
            byte if byte == close => Some(true),
            b',' => {
                self.at += 1;
                self.skip_space(column)?;
                Some(false)
            }
            _ => None,
        }
    }

    fn flow_entry(&mut self, column: usize) -> Option<Entry> {
        let (key, range) = if matches!(self.peek(), Some(b'"' | b'\'')) {
            let (text, range) = self.quoted()?;
            (Text { text, style: Style::Quoted }, range)
        } else {
            let (range, stop) = self.plain(true)?;
            let text = &self.text[range.clone()];
            if stop != Stop::Colon || is_null(text) {
                return None;
            }
            (Text { text: text.into(), style: Style::Plain }, range)
        };
        if self.peek() != Some(b':')
            || self.bytes.get(self.at + 1) != Some(&b' ')
            || self.at - range.start > super::LONGEST_KEY
        {
            return None;
        }
        self.at += 1;
        self.skip_space(column)?;
        let value = self.flow_value(column)?;
        Some(Entry { key, key_span: self.source.span(range), value })
    }

    fn flow_value(&mut self, column: usize) -> Option<Node> {
        match self.peek()? {
            b'[' | b'{' => self.flow(column),
            b'"' | b'\'' => {
                let (text, range) = self.quoted()?;
                let kind = Kind::String(Text { text, style: Style::Quoted });
                Some(Node::new(kind, self.source.span(range)))
            }
            _ => {
                let (range, stop) = self.plain(true)?;
                (stop == Stop::End).then(|| self.resolved(range))
            }
        }
    }

    /// Over blanks and line breaks.
    fn skip_space(&mut self, column: usize) -> Option<()> {
        self.skip_blanks();
        if self.peek() == Some(b'\n') {
            self.at += 1;
            self.settle();
            if self.ended() || self.column() <= column {
                return None;
            }
        }
        Some(())
    }
}
