//! The stage through its front door: schemas and layers in, values or findings out.

use std::collections::BTreeSet;

use serde_json::json;

use super::{CheckedValues, Layer, Secrets, check, merge, to_json};
use crate::diag::Diagnostics;
use crate::schema::ChartSchema;
use crate::source::{MemorySource, SourcePath};

struct Case {
    source: MemorySource,
    components: Vec<&'static str>,
    layers: Vec<Layer>,
    secrets: Secrets,
    disabled: bool,
}

fn case() -> Case {
    Case {
        source: MemorySource::new(),
        components: Vec::new(),
        layers: Vec::new(),
        secrets: Secrets::Required,
        disabled: false,
    }
}

impl Case {
    fn file(mut self, path: &str, text: &str) -> Self {
        self.source = self.source.with(path, text).unwrap();
        self
    }

    /// The schema of the one component `web`.
    fn schema(mut self, text: &str) -> Self {
        self.components.push("web");
        self.file("schemas/app/web.yaml", text)
    }

    fn layer(mut self, text: &str) -> Self {
        let name = format!("layer-{}.yaml", self.layers.len() + 1);
        self.source = self.source.with(&name, text).unwrap();
        self.layers.push(Layer::file(SourcePath::new(&name).unwrap()));
        self
    }

    fn set(mut self, expression: &str) -> Self {
        self.layers.push(Layer::set(expression));
        self
    }

    fn with(mut self, layer: Layer) -> Self {
        self.layers.push(layer);
        self
    }

    fn placeholders(mut self) -> Self {
        self.secrets = Secrets::Placeholder;
        self
    }

    fn disabled(mut self) -> Self {
        self.disabled = true;
        self
    }

    fn load(&self) -> Result<ChartSchema, Diagnostics> {
        ChartSchema::load(&self.source, "app", &self.components)
    }

    fn run(&self) -> Result<(CheckedValues, Diagnostics), Diagnostics> {
        let schema = self.load()?;
        let layers =
            Diagnostics::collect(self.layers.iter().map(|layer| layer.load(&self.source)))?;
        let values = merge(&schema, &layers)?;
        let enabled: BTreeSet<String> = if self.disabled {
            BTreeSet::new()
        } else {
            self.components.iter().map(|&name| name.to_owned()).collect()
        };
        check(&schema, values, &enabled, self.secrets)
    }

    #[track_caller]
    fn values(&self) -> serde_json::Value {
        match self.run() {
            Ok((values, _)) => to_json(values.tree()),
            Err(found) => panic!("{found}"),
        }
    }

    #[track_caller]
    fn web(&self) -> serde_json::Value {
        self.values()["web"].clone()
    }

    #[track_caller]
    fn errors(&self) -> String {
        self.run().map(|_| ()).unwrap_err().to_string()
    }
}

#[test]
fn defaults_are_the_lowest_layer() {
    let case = case()
        .schema(
            "properties:\n  replicas: {type: integer, default: 1}\n  image:\n    properties:\n      tag: {type: string, default: '1.0'}\n      registry: {type: string}\n  tls: {type: [object, 'null'], default: null, properties: {port: {type: integer, default: 443}, name: {type: string}}}\n  list: {type: array, items: {properties: {name: {type: string}, size: {type: integer, default: 3}}}}\n  map: {type: object, default: {}, additionalProperties: {properties: {size: {type: integer, default: 4}}}}\n",
        );
    assert_eq!(case.web(), json!({"replicas": 1, "image": {"tag": "1.0"}, "tls": null, "map": {}}));
    let case = case.layer("web: {replicas: 2, tls: {name: x}, list: [{name: a}], map: {k: {}}}\n");
    assert_eq!(
        case.web(),
        json!({"replicas": 2, "image": {"tag": "1.0"}, "tls": {"port": 443, "name": "x"}, "list": [{"size": 3, "name": "a"}], "map": {"k": {"size": 4}}})
    );
    assert_eq!(
        case.set("web.tls.name=y,web.tls.port=1").web()["tls"],
        json!({"port": 1, "name": "y"})
    );
}

#[test]
fn a_choice_brings_its_defaults() {
    let case = case().schema(
        "properties:\n  store:\n    properties: {kind: {type: string, default: s3}}\n    oneOf:\n    - properties: {kind: {const: s3}, region: {type: string, default: eu}}\n    - properties: {kind: {const: gcs}, bucket: {type: string, default: b}}\n",
    );
    assert_eq!(case.web(), json!({"store": {"kind": "s3", "region": "eu"}}));
    let other = case.layer("web: {store: {kind: gcs}}\n");
    assert_eq!(other.web(), json!({"store": {"kind": "gcs", "bucket": "b"}}));
    let errors = other.layer("web: {store: {region: us}}\n").errors();
    assert!(errors.contains("web.store.region"), "{errors}");
}

#[test]
fn layers_merge() {
    let schema = "properties:\n  a: {type: [integer, 'null'], default: 1}\n  b: {type: integer, default: 2}\n  plain: {type: array, items: {type: string}, default: [x]}\n  set: {type: array, x-kubernetes-list-type: set, items: {type: string}, default: [x]}\n  ports: {type: array, x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [name], items: {properties: {name: {type: string}, port: {type: integer}}}}\n  free: {type: object, additionalProperties: true}\n";
    let base = "web: {plain: [a, b], set: [y, x], ports: [{name: a, port: 1}, {name: b, port: 2}], free: {k: {l: 1}}}\n";
    let case = || case().schema(schema).layer(base);
    assert_eq!(case().layer("web: {a: null, b: null}\n").web()["a"], json!(null));
    assert_eq!(case().layer("web: {a: null, b: null}\n").web().get("b"), None);
    assert_eq!(case().layer("web: {a: !unset }\n").web().get("a"), None);
    assert_eq!(
        case()
            .layer(
                "web: {plain: [c], set: [x, z], ports: [{name: b, port: 3}, {name: c, port: 4}]}\n"
            )
            .web(),
        json!({
            "a": 1, "b": 2, "plain": ["c"], "set": ["x", "y", "z"],
            "ports": [{"name": "a", "port": 1}, {"name": "b", "port": 3}, {"name": "c", "port": 4}], "free": {"k": {"l": 1}},
        })
    );
    assert_eq!(case().layer("web: {plain: !append [c]}\n").web()["plain"], json!(["a", "b", "c"]));
    assert_eq!(case().layer("web: {plain: !prepend [c]}\n").web()["plain"], json!(["c", "a", "b"]));
    assert_eq!(case().layer("web: {free: !replace {m: 1}}\n").web()["free"], json!({"m": 1}));
    assert_eq!(
        case().layer("web: {ports: [!unset {name: a}]}\n").web()["ports"],
        json!([{"name": "b", "port": 2}])
    );
    assert_eq!(case().layer("web:\n  b: !ref web.ports[1].port\n").web()["b"], json!(2));
    let errors = case().layer("web: {free: {k: 1}}\n").errors();
    assert!(errors.starts_with("layer-2.yaml:1:17: error[values.type-clash]: `web.free.k` is an integer here, but a mapping"), "{errors}");
    let errors = case().layer("web: {b: !ref web.port}\n").errors();
    assert!(
        errors.contains("values.missing-ref") && errors.contains("did you mean `web.ports`?"),
        "{errors}"
    );
    let errors = case().layer("web: {a: !ref web.b, b: !ref web.a}\n").errors();
    assert!(
        errors.contains("values.ref-cycle") && errors.contains("web.a → web.b → web.a"),
        "{errors}"
    );
    let errors = case().layer("web: {a: !apend [1]}\n").errors();
    assert!(errors.contains("did you mean `!append`?"), "{errors}");
}

#[test]
fn flags_are_typed_by_the_schema() {
    let schema = "properties:\n  tag: {type: string}\n  count: {type: integer}\n  ratio: {type: number}\n  flag: {type: boolean}\n  either: {type: [integer, string]}\n  ports: {type: array, items: {type: integer}, default: [80, 443]}\n  free: {}\n";
    let case = || case().schema(schema);
    let web = |expression: &str| case().set(expression).web();
    assert_eq!(web("web.tag=1.10")["tag"], json!("1.10"));
    assert_eq!(web("web.tag=true")["tag"], json!("true"));
    assert_eq!(web("web.tag=007")["tag"], json!("007"));
    assert_eq!(web("web.count=7")["count"], json!(7));
    assert_eq!(web("web.ratio=1.5")["ratio"], json!(1.5));
    assert_eq!(web("web.flag=TRUE")["flag"], json!(true));
    assert_eq!(web("web.either=8080")["either"], json!(8080));
    assert_eq!(web("web.either=http")["either"], json!("http"));
    assert_eq!(web("web.free=1.5")["free"], json!("1.5"));
    assert_eq!(web("web.ports[1]=8443")["ports"], json!([80, 8443]));
    assert_eq!(web("web.ports[2]=8443")["ports"], json!([80, 443, 8443]));
    assert_eq!(web("web.ports={1,2}")["ports"], json!([1, 2]));
    assert_eq!(
        web("web.free.a[0].b=x,web.free.a[0].c=1")["free"],
        json!({"a": [{"b": "x", "c": 1}]})
    );
    assert_eq!(case().set("web.tag=a").set("web.tag=b").web()["tag"], json!("b"));
    assert_eq!(case().set("web.tag=a").set("web.tag=null").web().get("tag"), None);
    assert_eq!(
        case().with(Layer::set_json("web.free={\"a\": [1, null]},web.count=3")).web(),
        json!({"ports": [80, 443], "free": {"a": [1, null]}, "count": 3})
    );
    assert_eq!(case().with(Layer::set_json("{\"web\": {\"count\": 3}}")).web()["count"], json!(3));
    assert_eq!(case().with(Layer::set_string("web.tag=5")).web()["tag"], json!("5"));
    assert_eq!(
        case().file("notes.txt", "hello, you\n").with(Layer::set_file("web.tag=notes.txt")).web()["tag"],
        json!("hello, you\n")
    );
    let errors = case().set("web.ports[4]=1").errors();
    assert!(
        errors.contains("values.set-index") && errors.contains("the next index is 2"),
        "{errors}"
    );
    let errors = case().set("web.count=007").errors();
    assert!(
        errors.starts_with("--set:1:11: error[values.wrong-type]") && errors.contains("write `7`"),
        "{errors}"
    );
    let errors = case().set("web.tag[0]=1").errors();
    assert!(errors.contains("error[values.wrong-type]"), "{errors}");
    let errors = case().set("web.ports.x=1").errors();
    assert!(errors.contains("error[values.type-clash]"), "{errors}");
}

#[test]
fn findings_name_value_rule_and_remedy() {
    let schema = "properties:\n  replicas: {type: integer, minimum: 1}\n  policy: {type: string, enum: [Always, Never]}\n  debug: {type: boolean}\n  name: {type: string, pattern: '^[a-z]+$'}\n  image:\n    type: object\n    required: [tag]\n    properties:\n      tag: {type: string, description: The image tag.}\nrequired: [image]\n";
    let case = |layer: &str| case().schema(schema).layer(layer);
    let errors = case(
        "web: {image: {tag: 1}, replica: 2, policy: always, debug: yes, name: A, replicas: 0}\n",
    )
    .errors();
    for part in [
        "layer-1.yaml:1:20: error[values.wrong-type]: `web.image.tag` is an integer (`1`), expected a string (hint: write it in quotes: `\"1\"`)",
        "layer-1.yaml:1:24: error[values.unknown-key]: unknown key `web.replica` (hint: did you mean `replicas`?)",
        "error[values.not-allowed]: `web.policy` is `always`, not one of the allowed values (hint: did you mean `Always`?",
        "error[values.wrong-type]: `web.debug` is a string (`yes`), expected a boolean (`true` or `false`) (hint: YAML 1.1 reads `yes` as true, YAML 1.2 as text; write `true`)",
        "error[values.pattern]: `web.name` is `A`, which does not match `^[a-z]+$`",
        "error[values.out-of-range]: `web.replicas` is `0`, less than the minimum of 1",
    ] {
        assert!(errors.contains(part), "{part}\n{errors}");
    }
    let found = case("web: {image: {tag: x}, replicas: 0}\n").run().map(|_| ()).unwrap_err();
    let places: Vec<String> =
        found.iter().flat_map(|one| one.labels()).map(|label| label.span.to_string()).collect();
    assert_eq!(places, ["layer-1.yaml:1:34", "schemas/app/web.yaml:2:29"]);
    let errors = case("web: {image: {}}\n").errors();
    assert!(errors.contains("error[values.missing]: `web.image.tag` is missing: a string is required (hint: The image tag.)"), "{errors}");
    let errors = case("other: 1\nwbe: {}\n").errors();
    assert!(
        errors.contains(
            "chart-wide values are declared in `schemas/app/chart.yaml`, which does not exist"
        ),
        "{errors}"
    );
    assert!(errors.contains("unknown key `wbe` (hint: did you mean `web`?)"), "{errors}");
    assert_eq!(super::tests::case().schema(schema).disabled().web(), json!({}));
    assert!(
        super::tests::case()
            .schema(schema)
            .disabled()
            .set("web.replicas=x")
            .errors()
            .contains("wrong-type")
    );
}

#[test]
fn secrets_are_never_shown() {
    let schema = "properties:\n  password: {type: string, writeOnly: true, minLength: 8}\n  user: {type: string}\nrequired: [password]\n";
    let case = || case().schema(schema);
    let errors = case().errors();
    assert!(
        errors.contains("values.missing-secret") && errors.contains("--set-file web.password=FILE"),
        "{errors}"
    );
    assert_eq!(case().placeholders().web(), json!({"password": "<secret:web.password>"}));
    assert_eq!(
        case().placeholders().set("web.password=hunter2hunter2").web(),
        json!({"password": "<secret:web.password>"})
    );
    for wrong in [
        "web: {password: hunter2}\n",
        "web: {password: hunter2hunter2, user: {}}\n",
        "web: {pasword: hunter2}\n",
        "web: {password: [hunter2]}\n",
    ] {
        let found = case().layer(wrong).run().map(|_| ()).unwrap_err();
        assert!(!found.to_string().contains("hunter2"), "{found}");
        for label in found
            .iter()
            .flat_map(|one| one.labels())
            .filter(|label| label.span.name().starts_with("layer"))
        {
            assert!(label.masked, "{wrong} {label:?}");
        }
    }
    let (values, _) =
        case().layer("web: {password: hunter2hunter2, user: !ref web.password}\n").run().unwrap();
    assert_eq!(
        format!("{:?}", values.tree()),
        r#"{"web": {"password": [secret], "user": [secret]}}"#
    );
    assert_eq!(super::secret_spans(values.tree()).len(), 2);
}

#[test]
fn faulty_layers_do_not_show_secrets() {
    let source = MemorySource::new();
    for flag in
        ["web.password=hunter2,hunter3", "a={hunter2", "b=hunter2,c=hunter3,d[0", "x={hunter2}y"]
    {
        let found = Layer::set(flag).load(&source).map(|_| ()).unwrap_err();
        assert!(!found.to_string().contains("hunter"), "{found}");
        for label in found.iter().flat_map(|one| one.labels()) {
            assert!(!label.span.source().unwrap().text().contains("hunter"));
        }
    }
    let found = Layer::text("x", "password: \"hunter2\n").load(&source).map(|_| ()).unwrap_err();
    assert!(found.iter().flat_map(|one| one.labels()).all(|label| label.masked));
}

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
    let lists = super::tests::case().schema("properties: {l: {$ref: '#/$defs/l'}}\n$defs: {l: {type: array, items: {$ref: '#/$defs/l'}}}\n");
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
    let case = case()
        .file("schemas/common.yaml", "$defs:\n  image: {properties: {tag: {type: string}}}\n")
        .schema("properties:\n  image: {$ref: '../common.yaml#/$defs/image', properties: {pull: {type: string}}}\n  plain: {$ref: '../common.yaml#/$defs/image'}\n  both: {allOf: [{$ref: '../common.yaml#/$defs/image'}, {properties: {x: {type: integer}}}]}\n");
    let good = "web: {image: {tag: a, pull: b}, plain: {tag: a}, both: {tag: a, x: 1}}\n";
    assert_eq!(case.layer(good).web()["both"], json!({"tag": "a", "x": 1}));
    let case = super::tests::case()
        .file("schemas/common.yaml", "$defs:\n  image: {properties: {tag: {type: string}}}\n")
        .schema("properties:\n  image: {$ref: '../common.yaml#/$defs/image', properties: {pull: {type: string}}}\n  plain: {$ref: '../common.yaml#/$defs/image'}\n  both: {allOf: [{$ref: '../common.yaml#/$defs/image'}, {properties: {x: {type: integer}}}]}\n");
    let errors = case.layer("web: {image: {tga: a}, plain: {pull: a}, both: {y: 1}}\n").errors();
    for key in ["web.image.tga", "web.plain.pull", "web.both.y"] {
        assert!(errors.contains(&format!("unknown key `{key}`")), "{errors}");
    }
}

#[test]
fn deprecated_values_warn() {
    let case = case().schema("properties: {old: {type: string, deprecated: true, default: x}}\n");
    assert!(case.run().unwrap().1.is_empty());
    let (_, warnings) = case.layer("web: {old: y}\n").run().unwrap();
    assert!(warnings.to_string().contains("warning[values.deprecated]: `web.old` is deprecated"));
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
            let values = merge(&schema, &[layer]).unwrap_or_else(|found| panic!("{found}"));
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
        merge(&schema, &[layer]).unwrap_or_else(|found| panic!("{found}"));
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
