use super::*;

fn shown(pieces: &[Piece]) -> String {
    let mark = |piece: &Piece| {
        if piece.differs { format!("[{}]", piece.text) } else { piece.text.clone() }
    };
    pieces.iter().map(mark).collect()
}

#[test]
fn words_that_differ_are_marked() {
    let (old, new) = words("-Xms1g -Xmx2g -ea", "-Xms1g -Xmx4g -ea -v");
    assert_eq!(shown(&old), "-Xms1g -[Xmx2g] -ea");
    assert_eq!(shown(&new), "-Xms1g -[Xmx4g] -ea[ -v]");
    let (old, new) = words("registry.example/web:1.0", "registry.example/web:1.1");
    assert_eq!((shown(&old), shown(&new)).0, "registry.example/web:[1.0]");
    assert_eq!(shown(&new), "registry.example/web:[1.1]");
}

#[test]
fn lines_with_little_in_common_differ_as_a_whole() {
    let (old, new) = words("a-b-c", "x-y-z");
    assert_eq!((shown(&old), shown(&new)), ("[a-b-c]".to_owned(), "[x-y-z]".to_owned()));
    let many = "a ".repeat(2000);
    assert_eq!(words(&many, "a").0.len(), 1);
}

#[test]
fn what_is_far_from_a_difference_is_left_out() {
    let far = "word ".repeat(40);
    let (old, new) = words(&format!("{far}-a {far}"), &format!("{far}-b {far}"));
    let old = excerpt(old, 120);
    assert_eq!(shown(&old), "…rd word word word word -[a] word word word word wor…");
    assert_eq!(shown(&excerpt(new.clone(), 1000)), shown(&new));
}

#[test]
fn a_text_shows_what_stands_around_a_change() {
    let old: String = (0..20).map(|n| format!("line {n}")).collect::<Vec<_>>().join("\n") + "\n";
    let new = old.replace("line 3\n", "line three\n").replace("line 19\n", "line 19");
    let found = hunks(&old, &new, 1);
    let text =
        |line: &Line| format!("{}{}{}", line.sign.as_char(), shown(&line.pieces), line.unfinished);
    let all: Vec<Vec<String>> = found.iter().map(|hunk| hunk.iter().map(text).collect()).collect();
    assert_eq!(all[0], [" line 2false", "-line [3]false", "+line [three]false", " line 4false"]);
    assert_eq!(all[1].last().map(String::as_str), Some("+line 19true"));
}
