//! Schemas: checked, closed, bounded, and described.

use serde_json::json;

use super::*;

#[test]
fn hostile_schemas_come_to_an_end() {
    let doubling = |what: fn(usize) -> String| {
        let levels: String = (0..40)
            .map(|level| format!("  d{level}: {}\n", what(level + 1)))
            .collect::<Vec<_>>()
            .concat();
        format!("$ref: '#/$defs/d0'\n$defs:\n{levels}  d40: {{default: 1}}\n")
    };
    let wide = doubling(|next| {
        format!("{{allOf: [{{$ref: '#/$defs/d{next}'}}, {{$ref: '#/$defs/d{next}'}}]}}")
    });
    assert!(case().schema(&wide).errors().contains("schema.too-complex"));
    let deep = doubling(|next| {
        format!(
            "{{properties: {{a: {{$ref: '#/$defs/d{next}'}}, b: {{$ref: '#/$defs/d{next}'}}}}}}"
        )
    });
    let deep = case().schema(&deep);
    let _ = deep.run();
    assert!(!crate::schema::reference(&deep.load().unwrap()).is_empty());
    let lists = case().schema("properties: {l: {$ref: '#/$defs/l'}}\n$defs: {l: {type: array, items: {$ref: '#/$defs/l'}}}\n");
    assert!(crate::schema::reference(&lists.load().unwrap()).contains("web.l[]"));
    assert_eq!(lists.set("web.l[0][0]={}").web(), json!({"l": [[[]]]}));
}

#[test]
fn schemas_are_checked() {
    let errors = |schema: &str| case().schema(schema).load().map(|_| ()).unwrap_err().to_string();
    assert!(errors("propertes: {}\n").contains("did you mean `properties`?"));
    assert!(errors("type: strin\n").contains("schema.invalid"));
    assert!(
        errors("$ref: https://example.com/x.json\n").contains("nothing is ever fetched")
            || errors("$ref: https://example.com/x.json\n").contains("schema.remote-ref")
    );
    assert!(
        errors("$ref: '#/$defs/imag'\n$defs: {image: {}}\n")
            .contains("did you mean `#/$defs/image`?")
    );
    assert!(
        errors("$defs: {a: {$ref: '#/$defs/b'}, b: {allOf: [{$ref: '#/$defs/a'}]}}\n")
            .contains("schema.ref-cycle")
    );
    let wrong = case()
        .schema("properties: {a: {type: integer, default: x}}\n")
        .layer("web: {a: 1}\n")
        .errors();
    assert!(wrong.starts_with("schemas/app/web.yaml:1:42: error[schema.wrong-default]"), "{wrong}");
    let recursive = case().schema("$ref: '#/$defs/tree'\n$defs: {tree: {properties: {child: {$ref: '#/$defs/tree'}, size: {type: integer}}}}\n");
    assert_eq!(
        recursive.set("web.child.child.size=1").web(),
        json!({"child": {"child": {"size": 1}}})
    );
}

#[test]
fn closing_respects_composition() {
    let case = super::case()
        .file("schemas/common.yaml", "$defs:\n  image: {properties: {tag: {type: string}}}\n")
        .schema("properties:\n  image: {$ref: '../common.yaml#/$defs/image', properties: {pull: {type: string}}}\n  plain: {$ref: '../common.yaml#/$defs/image'}\n  both: {allOf: [{$ref: '../common.yaml#/$defs/image'}, {properties: {x: {type: integer}}}]}\n");
    let good = "web: {image: {tag: a, pull: b}, plain: {tag: a}, both: {tag: a, x: 1}}\n";
    assert_eq!(case.layer(good).web()["both"], json!({"tag": "a", "x": 1}));
    let case = super::case()
        .file("schemas/common.yaml", "$defs:\n  image: {properties: {tag: {type: string}}}\n")
        .schema("properties:\n  image: {$ref: '../common.yaml#/$defs/image', properties: {pull: {type: string}}}\n  plain: {$ref: '../common.yaml#/$defs/image'}\n  both: {allOf: [{$ref: '../common.yaml#/$defs/image'}, {properties: {x: {type: integer}}}]}\n");
    let errors = case.layer("web: {image: {tga: a}, plain: {pull: a}, both: {y: 1}}\n").errors();
    for key in ["web.image.tga", "web.plain.pull", "web.both.y"] {
        assert!(errors.contains(&format!("unknown key `{key}`")), "{errors}");
    }
}

#[test]
fn our_own_charts_satisfy_their_schemas() {
    let source = crate::source::DirSource::new(env!("CARGO_MANIFEST_DIR")).unwrap();
    for chart in ["k8s-combat", "pulsar"] {
        let dir = SourcePath::new(&format!("schemas/{chart}")).unwrap();
        let files = crate::source::Source::list(&source, &dir).unwrap();
        let names: Vec<&str> =
            files.iter().map(|path| path.file_name().trim_end_matches(".yaml")).collect();
        let components: Vec<&str> =
            names.iter().copied().filter(|name| !matches!(*name, "chart" | "common")).collect();
        let schema = match ChartSchema::load(&source, chart, &components) {
            Ok(schema) => schema,
            Err(found) => panic!("{found}"),
        };
        let enabled: BTreeSet<String> = components.iter().map(|&name| name.to_owned()).collect();
        let dir = SourcePath::new(&format!("values/{chart}")).unwrap();
        for path in crate::source::Source::list(&source, &dir).unwrap() {
            let layer = Layer::file(path).load(&source).unwrap();
            let values = merge(&schema, &[layer], Secrets::Required)
                .unwrap_or_else(|found| panic!("{found}"));
            let checked = check(&schema, values, &enabled, Secrets::Placeholder);
            assert!(checked.is_ok(), "{}", checked.unwrap_err());
        }
        let editor = crate::schema::combined(&schema);
        assert!(jsonschema::draft202012::meta::is_valid(&editor));
        assert!(crate::schema::reference(&schema).contains("| `"));
        // Without its outer comment signs the commented file is a layer of its own that changes nothing.
        let text = crate::schema::commented_values(&schema);
        let bare: String = text
            .lines()
            .map(|line| format!("{}\n", line.strip_prefix("# ").unwrap_or("")))
            .collect::<Vec<_>>()
            .concat();
        let layer = Layer::text("commented", bare)
            .load(&source)
            .unwrap_or_else(|found| panic!("{found}\n{text}"));
        merge(&schema, &[layer], Secrets::Required).unwrap_or_else(|found| panic!("{found}"));
    }
}

#[test]
fn the_reference_and_the_commented_values_say_everything() {
    let schema = case()
        .schema("description: A web server.\nproperties:\n  replicas: {type: integer, minimum: 1, default: 2, description: How many | pods.}\n  password: {type: string, writeOnly: true}\n  old: {type: string, deprecated: true}\n  ports: {type: array, x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [name], items: {properties: {name: {type: string}}}}\nrequired: [password]\n")
        .load()
        .unwrap();
    let reference = crate::schema::reference(&schema);
    for part in [
        "## web\n\nA web server.\n",
        "| `web.replicas` | integer | `2` | at least `1` | How many \\| pods. |",
        "| `web.password` | string | **required** |  | **Secret.** |",
        "| `web.old` | string |  |  | **Deprecated.** |",
        "| `web.ports` | list |  | layers merge items by `name` |",
        "| `web.ports[].name` | string |",
    ] {
        assert!(reference.contains(part), "{part}\n{reference}");
    }
    let commented = crate::schema::commented_values(&schema);
    for part in [
        "# web:\n",
        "#   # How many | pods. (at least `1`)\n#   replicas: 2\n",
        "#   # (secret) (required)\n#   password:\n",
    ] {
        assert!(commented.contains(part), "{part}\n{commented}");
    }
    let combined = crate::schema::combined(&schema);
    let editor = jsonschema::draft202012::new(&combined).unwrap();
    assert!(editor.is_valid(&json!({"web": {"replicas": 1}})));
    assert!(!editor.is_valid(&json!({"web": {"replica": 1}})));
    assert!(!editor.is_valid(&json!({"wbe": {}})));
}
