//! What holds for every template: the rewriter and minijinja see the same tags and the same expressions.

use proptest::prelude::*;

use super::*;

/// Pieces that no rule about lines or captures concerns when text stands around them.
fn piece() -> impl Strategy<Value = String> {
    let blanks = "[ \n]{0,2}";
    let tag = prop_oneof![
        Just("{{@ x @}}"),
        Just("{{@-1@}}"),
        Just("{{@ '}}' ~ \"%}\\\"\" @}}"),
        Just("{{@ {'k': {'j': 1}}.k.j @}}"),
        Just("{{@ x if no @}}"),
        Just("{#@ c ' {{ @#}"),
        Just("{#@@#}"),
        Just("{%@ raw @%}"),
        Just("{%@ if yes @%}t {%@ endif @%}"),
        Just("{%@ for i in items @%}{{ i }} {%@ endfor @%}"),
        Just("{%@ set y = x %}u"),
        Just("{%@ with z = 1 @%} w{{ z }}{%@ endwith %}"),
    ];
    (blanks, tag, proptest::collection::vec(0..3_usize, 8), blanks).prop_map(
        |(a, tag, signs, b)| {
            let mut signs = signs.into_iter();
            let mut text = String::new();
            for part in tag.split_inclusive('@') {
                text.push_str(part.trim_end_matches('@'));
                if part.ends_with('@') {
                    text.push_str(["", "-", "+"][signs.next().unwrap_or(0)]);
                }
            }
            if text.contains("raw") {
                text.push_str("r {{ {# {% r{%- endraw +%}");
            }
            format!("{a}.{text}.{b}")
        },
    )
}

/// Expressions over a few values, without more brackets than the pieces bring.
fn expression() -> impl Strategy<Value = String> {
    let leaf = proptest::sample::select(vec![
        "1", "2.5", "'a'", "'a' 'b'", "x", "no", "yes", "items", "m.a", "m['a']", "[1, 'b']",
        "items[0]", "none", "(1,)",
    ]);
    leaf.prop_map(str::to_owned).prop_recursive(4, 24, 3, |inner| {
        let shapes = proptest::sample::select(vec![
            "A ~ B",
            "A ~B~ C",
            "A + B",
            "A - B",
            "A * B",
            "A / B",
            "A // B",
            "A % B",
            "A ** B",
            "-A",
            "(A)",
            "[A, B]",
            "{'k': A, B: C}",
            "A[B:C]",
            "A[1:]",
            "A[:1] ~ B",
            "A[0]",
            "A if B else C",
            "A if B",
            "not A",
            "A and B",
            "A or B",
            "A in B",
            "A not in B",
            "A == B",
            "A < B",
            "A | string",
            "A | default(B ~ C)",
            "A is string",
            "A is not defined",
            "A is eq B",
            "A is not eq(B + C)",
            "range(A + B)",
            "dict(k=A ~ B)",
            "A | length + B",
            "A is divisibleby 2 + B",
            "[A ~ B][0][C:].d",
        ]);
        (shapes, inner.clone(), inner.clone(), inner).prop_map(|(shape, a, b, c)| {
            let letters = shape.chars().map(|letter| match letter {
                'A' => a.clone(),
                'B' => b.clone(),
                'C' => c.clone(),
                other => other.to_string(),
            });
            letters.collect()
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn operators_mean_the_same(text in expression(), other in expression()) {
        let text = format!("{{{{ {text} }}}}|{{% if {other} %}}y{{% endif %}}|{{% set z = {text} %}}{{{{ z }}}}");
        let mut plain = environment();
        let wanted = plain.add_template_owned("t", text.clone()).and_then(|()| run(&plain, "t")).ok();
        for instrument in [false, true] {
            let got = render_all(&[("t", &text)], instrument).ok().map(|text| unmarked(&text));
            prop_assert_eq!(got, wanted.clone(), "{}", rewritten(&text));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn scanning_agrees_with_minijinja(pieces in proptest::collection::vec(piece(), 1..6)) {
        let text = pieces.concat();
        let mut plain = environment();
        plain.add_template_owned("t", text.clone()).expect("valid");
        let wanted = run(&plain, "t").expect("renders");
        prop_assert_eq!(render(&text), wanted.clone());
        let replayed = render_all(&[("t", &text)], true).expect("renders");
        prop_assert_eq!(unmarked(&replayed), wanted);
    }

    #[test]
    fn no_text_is_too_strange(
        parts in proptest::collection::vec(
            prop_oneof![
                "\\PC{0,3}",
                proptest::sample::select(vec![
                    "{{", "}}", "{%", "%}", "{#", "#}", "-", "+", "'", "\"", "\\", "\n", " ", "raw", "endraw",
                    "set", "x", "endset", "macro m()", "endmacro", "if", "endif", "include", "call", "endcall",
                    "caller", "loop(", "recursive", "for", ".Values", "$", "*", "|", "=", "(", ")", "é", "/*", "*/",
                    "\u{10FFFE}", "\r\n", ":", "{", "}",
                ]).prop_map(str::to_owned),
            ],
            0..24,
        ),
        instrument in proptest::option::of(0..9_usize),
    ) {
        let text = parts.concat();
        let source = SourceText::new("t", text.clone());
        if let Ok(done) = rewrite(&source, instrument) {
            prop_assert_eq!(done.text.matches('\n').count(), text.matches('\n').count());
            for at in 0..=done.text.len() {
                prop_assert!(done.original(at) <= text.len());
            }
        }
    }
}
