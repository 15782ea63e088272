//! Functions and filters that people know from Helm or Ansible, and what is written here instead.

/// What to write instead of a word that has no meaning here.
pub(super) fn advice(name: &str) -> Option<&'static str> {
    Some(match name {
        "toYaml" | "quote" | "squote" | "nindent" | "indent" | "to_yaml" | "to_nice_yaml" => {
            "the value alone, `{{ values.x }}`: it keeps its type and needs neither quotes nor indentation"
        }
        "toJson" | "to_json" | "to_nice_json" => {
            "the value alone, `{{ values.x }}`, or `tojson` where its text is wanted"
        }
        "tpl" => "`!ref` in a layer, or an expression in chart.yaml: values hold no templates",
        "required" | "mandatory" => "the value alone, and let the schema require it",
        "fail" => "a rule in chart.yaml: `rule`, `message`, `path`",
        "lookup" => "a value, given in a layer: a template cannot ask the cluster",
        "now" | "date" | "ago" | "env" | "expandenv" | "getHostByName" | "uuidv4" | "genCA"
        | "genSelfSignedCert" | "genSignedCert" | "genPrivateKey" | "htpasswd" | "randAlphaNum"
        | "randAlpha" | "randNumeric" | "randAscii" | "random" => {
            "a value, given in a layer: the same input must give the same output"
        }
        "printf" => "text around the value, `{{ a }}-{{ b }}`, or `a ~ \"-\" ~ b`",
        "default" => "`values.x | default(\"…\")`, or better a default in the schema",
        "include" | "template" => {
            "`{% include \"…\" %}` for a whole template, or call a macro: `{{ labels() }}`"
        }
        "ternary" => "`a if condition else b`",
        "coalesce" => "`a or b`",
        "empty" => "`not x`",
        "trunc" => "`x[:63]`, or `dns_label` for a name",
        "trimSuffix" | "trimPrefix" | "trimAll" => "`x | trim(\"-\")`, or `dns_label` for a name",
        "hasKey" => "`\"key\" in map`",
        "merge" | "mergeOverwrite" | "combine" => "`<<: {{ [over, base] }}` in a mapping",
        "semverCompare" => "`version is semver(\">=1.2\")`",
        "regexMatch" | "regexFind" | "regex_search" => "a `pattern` in the schema",
        "until" | "untilStep" => "`range(n)`",
        _ => return None,
    })
}
