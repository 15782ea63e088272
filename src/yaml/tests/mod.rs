//! Reading and writing, against our own reader and an independent one.

mod errors;
mod quick;
mod read;
mod write;

use super::*;
use crate::span::SourceText;

fn parse(reading: Reading) -> Parse {
    Parse { reading, limits: Limits::default(), tags: true, merge_keys: true, duplicate_keys: true }
}

fn read(text: &str) -> Node {
    parse(Reading::Core).document(&SourceText::new("a.yaml", text)).unwrap()
}

/// Code and place of every finding.
fn findings(parse: &Parse, text: &str) -> Vec<String> {
    let source = SourceText::new("a.yaml", text);
    let found = parse.document(&source).unwrap_err();
    found.iter().map(|d| format!("{}@{}", d.code(), d.span().unwrap())).collect()
}

/// One line per value: enough to compare trees by eye.
fn show(node: &Node) -> String {
    let tag = node.tag.as_ref().map_or(String::new(), |tag| format!("{} ", tag.name));
    tag + &match &node.kind {
        Kind::Null if node.is_implicit_null() => "nothing".to_owned(),
        Kind::Null => "null".to_owned(),
        Kind::Bool(value) => value.to_string(),
        Kind::Number(Number::Int(value)) => format!("int {value}"),
        Kind::Number(Number::Big(value)) => format!("big {value}"),
        Kind::Number(number) => format!("float {number}"),
        Kind::String(text) => format!("{:?} {:?}", text.style, text.text),
        Kind::List(items) => {
            format!("[{}]", items.iter().map(show).collect::<Vec<_>>().join(", "))
        }
        Kind::Map(map) => {
            let entries = map.entries.iter().map(|e| format!("{}: {}", e.key.text, show(&e.value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
    }
}
