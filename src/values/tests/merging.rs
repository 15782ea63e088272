//! What layers come to.

use serde_json::json;

use super::*;

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
fn the_items_of_a_default_are_completed_like_those_of_a_layer() {
    let case = case().schema(
        "properties:\n  list: {type: array, default: [{name: a}, {name: b, size: 1}], items: {properties: {name: {type: string}, size: {type: integer, default: 3}}}}\n  map: {type: object, default: {k: {}}, additionalProperties: {properties: {size: {type: integer, default: 4}}}}\n",
    );
    assert_eq!(
        case.web(),
        json!({"list": [{"name": "a", "size": 3}, {"name": "b", "size": 1}], "map": {"k": {"size": 4}}})
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
