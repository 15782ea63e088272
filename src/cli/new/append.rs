//! Adds entries to a file that people write: their comments, blank lines and order stay as they are.

/// The text with an entry at the end of the block below a top-level key. `None` where there is no such block: the key
/// is missing, or its value stands on its line. The entry is indented as the block's other entries are.
pub(super) fn append(text: &str, key: &str, entry: &str) -> Option<String> {
    let lines: Vec<&str> = text.lines().collect();
    let (start, end) = block(&lines, key)?;
    let inside = &lines[start..end];
    let indent = indentation(inside);
    let mut added: Vec<String> = Vec::new();
    if inside.iter().any(|line| line.trim().is_empty()) {
        added.push(String::new());
    }
    added.extend(entry.lines().map(|line| format!("{indent}{line}")));
    let before = lines[..end].iter().map(|line| (*line).to_owned());
    let after = lines[end..].iter().map(|line| (*line).to_owned());
    let mut result = before.chain(added).chain(after).collect::<Vec<_>>().join("\n");
    result.push('\n');
    Some(result)
}

/// Whether the block below a top-level key has an entry of that name.
pub(super) fn has(text: &str, key: &str, name: &str) -> bool {
    let lines: Vec<&str> = text.lines().collect();
    let Some((start, end)) = block(&lines, key) else { return false };
    let inside = &lines[start..end];
    inside.iter().any(|line| {
        let key = line.strip_prefix(indentation(inside)).and_then(|line| line.split_once(':'));
        key.is_some_and(|(key, _)| key.trim_end().trim_matches(['"', '\'']) == name)
    })
}

/// The lines below a key, up to the last one that belongs to it.
fn block(lines: &[&str], key: &str) -> Option<(usize, usize)> {
    let opens = |line: &str| {
        line.strip_prefix(key).and_then(|rest| rest.strip_prefix(':')).is_some_and(|rest| {
            let rest = rest.trim();
            rest.is_empty() || rest.starts_with('#')
        })
    };
    let start = lines.iter().position(|line| opens(line))? + 1;
    let mut end = start;
    for (index, line) in lines.iter().enumerate().skip(start) {
        let blank = line.trim().is_empty();
        if line.starts_with(' ') || line.starts_with("- ") {
            end = if blank { end } else { index + 1 };
        } else if !blank && !line.starts_with('#') {
            break;
        }
    }
    Some((start, end))
}

/// The blanks before the first entry of a block.
fn indentation<'a>(block: &[&'a str]) -> &'a str {
    let entry = |line: &&&str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
    block.iter().find(entry).map_or("  ", |line| &line[..line.len() - line.trim_start().len()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_goes_to_the_end_of_its_block() {
        let text = "a: 1\ncomponents: # all of them\n    web: {}\n    # last words\n\n# rules\nrules: []\n";
        let expected = "a: 1\ncomponents: # all of them\n    web: {}\n    # last words\n    api: {}\n\n# rules\nrules: []\n";
        assert_eq!(append(text, "components", "api: {}").as_deref(), Some(expected));
    }

    #[test]
    fn entries_that_stand_apart_go_on_standing_apart() {
        let text = "components:\n  web: {}\n\n  api: {}";
        let expected = "components:\n  web: {}\n\n  api: {}\n\n  database: {}\n";
        assert_eq!(append(text, "components", "database: {}").as_deref(), Some(expected));
    }

    #[test]
    fn a_list_may_stand_below_its_key() {
        let text = "releases:\n- name: a\n  chart: a\n";
        let expected = "releases:\n- name: a\n  chart: a\n- name: b\n  chart: b\n";
        assert_eq!(append(text, "releases", "- name: b\n  chart: b").as_deref(), Some(expected));
    }

    #[test]
    fn what_is_no_block_is_left_alone() {
        for text in ["components: {}\n", "  components:\n    web: {}\n", "name: components\n", ""] {
            assert_eq!(append(text, "components", "api: {}"), None, "{text}");
        }
        assert_eq!(
            append("components:\n", "components", "a: {}").as_deref(),
            Some("components:\n  a: {}\n")
        );
    }

    #[test]
    fn an_entry_is_known_by_its_name() {
        let text = "components:\n  web-page: {needs: []}\n  \"api\" :\n    needs: []\nrules: []\n";
        assert!(has(text, "components", "web-page"));
        assert!(has(text, "components", "api"));
        assert!(!has(text, "components", "needs"));
        assert!(!has(text, "components", "web"));
        assert!(!has(text, "components", "rules"));
    }
}
