//! The drawing, line by line.

use super::super::tests::{plain, two};
use super::super::{Format, report};
use plimsoll::{Diagnostic, Diagnostics, SourceText, Span};

fn span(text: &SourceText, part: &str) -> Span {
    let start = text.text().find(part).unwrap();
    text.span(start..start + part.len())
}

fn drawn(diagnostic: Diagnostic, width: usize) -> String {
    plain(&Diagnostics::from(diagnostic), Format::Human, width)
}

#[test]
fn the_place_is_marked_in_every_file_concerned() {
    let expected = "\
error[values.out-of-range]: `nodePort` is 3009, not within 30000–32767
 --> values/prod.yaml:2:11
2 | nodePort: 3009
  |           ^^^^ set by layer 2 of 3
 ::: schemas/web.yaml:1:1
1 | minimum: 30000
  | -------------- required here
  = hint: did you mean 30090?

warning[schema.deprecated]: `a` is\\u{1b}[2J deprecated
 --> values/prod.yaml:1:1
1 | a: 1
  | ^

error: 1 error, 1 warning
";
    assert_eq!(plain(&two(), Format::Human, 80), expected);
}

#[test]
fn colour_is_written_and_only_repeats_words() {
    let mut out = Vec::new();
    report(&two(), Format::Human, Some(80), &mut out).unwrap();
    assert!(String::from_utf8(out).unwrap().contains("\u{1b}[31m"));
}

#[test]
fn two_places_on_one_line_share_it_and_numbers_line_up() {
    let text = SourceText::new("a.yaml", format!("{}  from: {{a: 1, a: 2}}\n", "\n".repeat(9)));
    let first = text.text().find('a').unwrap();
    let second = text.text().rfind('a').unwrap();
    let found = Diagnostic::error("yaml.duplicate-key", "duplicate key `a`")
        .at(&text.span(second..second + 1), "again here")
        .at(&text.span(first..first + 1), "first here")
        .at(&text.span(0..0), "");
    assert_eq!(
        drawn(found, 80),
        "\
error[yaml.duplicate-key]: duplicate key `a`
  --> a.yaml:10:16
10 |   from: {a: 1, a: 2}
   |                ^ again here
   |          - first here
  ::: a.yaml:1:1
 1 |
   | -

error: 1 error
"
    );
}

#[test]
fn a_long_line_is_cut_around_the_place() {
    let text =
        SourceText::new("a.yaml", format!("key: {}HERE{}\n", "x".repeat(500), "y".repeat(500)));
    let found = Diagnostic::error("x.y", "wrong").at(&span(&text, "HERE"), "this");
    assert_eq!(
        drawn(found, 44),
        "\
error[x.y]: wrong
 --> a.yaml:1:506
1 | …xxxxxxxxxxxxxxxxxHEREyyyyyyyyyyyyyyyyy…
  |                   ^^^^ this

error: 1 error
"
    );
    let found = Diagnostic::error("x.y", "wrong").at(&text.span(0..text.text().len()), "this");
    assert_eq!(
        drawn(found, 44),
        format!(
            "\
error[x.y]: wrong
 --> a.yaml:1:1
1 | key: {}…
  | {} this

error: 1 error
",
            "x".repeat(33),
            "^".repeat(38)
        )
    );
}

#[test]
fn tabs_wide_and_hostile_characters_keep_the_marks_in_place() {
    let text = SourceText::new("a.yaml", "\t日本\u{1b}: x\r\n");
    let found = Diagnostic::error("x.y", "wrong").at(&span(&text, "x"), "");
    assert_eq!(
        drawn(found, 80),
        "\
error[x.y]: wrong
 --> a.yaml:1:7
1 |     日本\\u{1b}: x
  |                 ^

error: 1 error
"
    );
}

#[test]
fn many_lines_are_marked_on_the_first() {
    let text = SourceText::new("a.yaml", "web:\n  port: 1\n  host: a\n");
    let found = Diagnostic::error("x.y", "first\nsecond")
        .at(&text.span(0..text.text().len()), "not known")
        .hint("one\ntwo");
    assert_eq!(
        drawn(found, 80),
        "\
error[x.y]: first
  second
 --> a.yaml:1:1
1 | web:
  | ^^^^ not known (through line 3)
  = hint: one
          two

error: 1 error
"
    );
}

#[test]
fn nowhere_and_the_end_of_the_text_are_places_too() {
    assert_eq!(
        drawn(Diagnostic::error("x.y", "nothing there").hint("look"), 0),
        "error[x.y]: nothing there\n  = hint: look\n\nerror: 1 error\n"
    );
    let text = SourceText::new("--set a=", "a=");
    let found = Diagnostic::error("x.y", "no value").at(&text.span(2..2), "value expected");
    assert_eq!(
        drawn(found, 80),
        "\
error[x.y]: no value
 --> --set a=:1:3
1 | a=
  |   ^ value expected

error: 1 error
"
    );
}
