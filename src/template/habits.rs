//! Functions and filters that people know from Helm or Ansible, and what is written here instead.

/// What to write instead of a word that has no meaning here.
pub(super) fn advice(name: &str) -> Option<&'static str> {
    Some(match name {
        "quote" | "squote" | "nindent" | "indent" => {
            "the value alone, `{{ values.x }}`: it keeps its type and needs neither quotes nor indentation"
        }
        "toYaml" | "toYamlPretty" | "to_yaml" | "to_nice_yaml" => {
            "the value alone, `{{ values.x }}`, or `toyaml` where its text is wanted"
        }
        "toJson" | "toPrettyJson" | "toRawJson" | "to_json" | "to_nice_json" => {
            "the value alone, `{{ values.x }}`, or `tojson` where its text is wanted"
        }
        "tpl" => "`!ref` in a layer, or an expression in chart.yaml: values hold no templates",
        "required" | "mandatory" => "the value alone, and let the schema require it",
        "fail" => "a rule in chart.yaml: `rule`, `message`, `path`",
        "lookup" => "a value, given in a layer: a template cannot ask the cluster",
        "now" | "date" | "ago" | "env" | "expandenv" | "getenv" | "getHostByName" | "uuidv4"
        | "genCA" | "genSelfSignedCert" | "genSignedCert" | "genPrivateKey" | "htpasswd"
        | "bcrypt" | "derivePassword" | "randAlphaNum" | "randAlpha" | "randNumeric"
        | "randAscii" | "randBytes" | "random" | "shuffle" => {
            "a value, given in a layer: the same input must give the same output"
        }
        "fromYaml" | "fromJson" | "from_yaml" | "from_json" => "`x | fromyaml`",
        "b64enc" => "`x | b64encode`",
        "b64dec" => "`x | b64decode`",
        "sha256sum" | "sha1sum" | "adler32sum" | "md5" | "hash" => "`x | sha256`",
        "contains" => "`\"part\" in text`",
        "hasPrefix" => "`text is startingwith(\"…\")`",
        "hasSuffix" => "`text is endingwith(\"…\")`",
        "get" | "dig" | "index" => "`m.key` or `m[\"key\"]`, with `default` if it may be missing",
        "keys" => "`m | list`",
        "dict2items" => "`m | items`",
        "len" => "`x | length`",
        "add" | "add1" | "sub" | "mul" | "div" | "mod" => {
            "`a + b`, `a - b`, `a * b`, `a // b` or `a % b`"
        }
        "ceil" | "floor" => "`x | round(method=\"ceil\")` or `x | round(method=\"floor\")`",
        "atoi" | "int64" | "float64" => "`x | int` or `x | float`",
        "toString" | "str" => "`x | string`",
        "nospace" | "regexReplaceAll" | "regex_replace" => "`x | replace(\"…\", \"…\")`",
        "splitList" => "`x | split(\"…\")`",
        "kindIs" | "typeOf" | "kindOf" => "`x is mapping`, `x is string` and so on",
        "append" | "prepend" | "concat" => "`a + [b]`",
        "uniq" => "`x | unique`",
        "printf" | "print" | "println" | "cat" => {
            "text around the value, `{{ a }}-{{ b }}`, or `a ~ \"-\" ~ b`"
        }
        "default" => "`values.x | default(\"…\")`, or better a default in the schema",
        "include" | "template" => {
            "`{% include \"…\" %}` for a whole template, or call a macro: `{{ labels() }}`"
        }
        "ternary" => "`a if condition else b`",
        "coalesce" => "`a or b`",
        "empty" => "`not x`",
        "trunc" | "abbrev" | "truncate" => "`x[:63]`, or `dns_label` for a name",
        "trimSuffix" | "trimPrefix" | "trimAll" => "`x | trim(\"-\")`, or `dns_label` for a name",
        "hasKey" | "has" => "`\"key\" in map`",
        "merge" | "mergeOverwrite" | "combine" => "`<<: {{ [over, base] }}` in a mapping",
        "semverCompare" => "`version is semver(\">=1.2\")`",
        "regexMatch" | "regexFind" | "regex_search" => "a `pattern` in the schema",
        "until" | "untilStep" | "seq" => "`range(n)`",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use crate::template::Templates;

    #[test]
    fn what_is_advised_works() {
        let source = "\
a: {{ 'k' in m }}
b: {{ t is startingwith('a') }}
c: {{ t is endingwith('b') }}
d: {{ m.k | default(1) }}
e: {{ m | list }}
f: {{ 7 // 2 }}
g: {{ 1.2 | round(method='ceil') }}
h: {{ 1.8 | round(method='floor') }}
i: {{ t[:1] }}
j: {{ t | trim('b') }}
k: {{ 'v1.3.0' is semver('>=1.2') }}
l: {{ [1] + [2] }}
m: {{ m | items }}
o: {{ t | replace('a', '') }}
p: {{ t | sha256 | length }}
q: {{ 'a: 1' | fromyaml }}
r:
  <<: {{ [m, {'x': 1}] }}
s: {{ range(2) }}
t: {{ t | b64encode | b64decode }}
";
        let mut templates = Templates::new();
        templates.add("t", source).unwrap();
        let context = serde_json::json!({"t": "ab", "m": {"k": 1}});
        let text = templates.render("t", &context).unwrap();
        let wanted = "a: true\nb: true\nc: true\nd: 1\ne:\n- k\nf: 3\ng: 2.0\nh: 1.0\ni: a\nj: a\nk: true\nl:\n- 1\n- 2\n\
                      m:\n- - k\n  - 1\no: b\np: 64\nq:\n  a: 1\nr:\n  k: 1\n  x: 1\ns:\n- 0\n- 1\nt: ab\n";
        assert_eq!(text, wanted);
    }
}
