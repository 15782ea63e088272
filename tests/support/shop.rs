//! A small project on disk, and the program run in it.

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use tempfile::TempDir;

/// Two releases of a chart with a database and a web server that knows a password in every way there is.
const FILES: [(&str, &str); 9] = [
    (
        "plimsoll.yaml",
        "apiVersion: plimsoll.dev/v1\nkind: Project\nreleases:\n\
         - {name: shop/prod, chart: shop, namespace: shop, layers: [values/base.yaml, values/prod.yaml]}\n\
         - {name: shop/test, chart: shop, namespace: test, layers: [values/base.yaml]}\n",
    ),
    (
        "charts/shop/chart.yaml",
        "apiVersion: plimsoll.dev/v1\nkind: Chart\nname: shop\nversion: 1.0.0\ncomponents:\n  \
         db: {enabled: values.withDb}\n  cache: {enabled: values.withCache}\n  \
         web: {needs: [{name: db, optional: true}, {name: cache, optional: true}]}\n",
    ),
    (
        "schemas/shop/chart.yaml",
        "type: object\nproperties:\n  withDb: {type: boolean, default: true}\n  \
         withCache: {type: boolean, default: false}\n",
    ),
    (
        "schemas/shop/web.yaml",
        "type: object\nrequired: [password]\nproperties:\n  replicas: {type: integer, default: 1}\n  \
         tag: {type: string, default: '1.0'}\n  options: {type: string, default: '-Xms1g -Xmx2g'}\n  \
         motd: {type: string, default: hello}\n  password: {type: string, writeOnly: true}\n",
    ),
    (
        "charts/shop/web/deployment.yaml.j2",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n  namespace: {{ release.namespace }}\n  \
         annotations:\n    checksum/password: \"{{ values.password | sha256 }}\"\nspec:\n  \
         replicas: {{ values.replicas }}\n  selector: {matchLabels: {app: web}}\n  template:\n    \
         metadata: {labels: {app: web}}\n    spec:\n      containers:\n        - name: web\n          \
         image: web:{{ values.tag }}\n          env:\n            - {name: PW, value: {{ values.password }}}\n            \
         - {name: URL, value: \"http://web:{{ values.password }}@db:80/\"}\n            \
         - {name: OPTIONS, value: {{ values.options }}}\n",
    ),
    (
        "charts/shop/web/secret.yaml.j2",
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: web\n  namespace: {{ release.namespace }}\n\
         data: {password: {{ values.password | b64encode }}}\n",
    ),
    (
        "charts/shop/web/config.yaml.j2",
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web\n  namespace: {{ release.namespace }}\n\
         data:\n  motd: {{ values.motd }}\n  app.yaml: |\n    user: web\n    level: info\n",
    ),
    (
        "charts/shop/cache/config.yaml.j2",
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: cache\n  namespace: {{ release.namespace }}\n\
         data: {size: 1Gi}\n",
    ),
    (
        "charts/shop/db/stateful-set.yaml.j2",
        "apiVersion: apps/v1\nkind: StatefulSet\nmetadata:\n  name: db\n  namespace: {{ release.namespace }}\n\
         spec: {serviceName: db, replicas: 1, selector: {matchLabels: {app: db}}, template: {metadata: {labels: {app: db}}, spec: {containers: [{name: db, image: 'db:1'}]}}}\n",
    ),
];

pub(crate) fn project() -> TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    for (path, text) in FILES {
        put(dir.path(), path, text);
    }
    put(dir.path(), "values/base.yaml", "web:\n  tag: '1.0'\n");
    put(dir.path(), "values/prod.yaml", "# production\nweb:\n  replicas: 3\n");
    dir
}

pub(crate) fn put(root: &Path, path: &str, text: &str) {
    let file = root.join(path);
    fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
    fs::write(file, text).expect("a file");
}

pub(crate) fn edit(root: &Path, path: &str, from: &str, to: &str) {
    let text = fs::read_to_string(root.join(path)).expect("a file");
    assert!(text.contains(from), "{path} holds {from}");
    put(root, path, &text.replace(from, to));
}

/// Exit code, standard output and standard error.
pub(crate) fn run_with(root: &Path, args: &[&str], stdin: &str) -> (Option<i32>, String, String) {
    let mut command = Command::cargo_bin("plimsoll").expect("the program was built");
    command.env_remove("CI").env_remove("COLUMNS").env("NO_COLOR", "1");
    let output = command.current_dir(root).args(args).write_stdin(stdin).output().expect("it runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

pub(crate) fn run(root: &Path, args: &[&str]) -> (Option<i32>, String, String) {
    run_with(root, args, "")
}
