//! The same web application as a chart of plimsoll and as a chart of helm, in any number of components.
//!
//! A component is eight objects: workload, network, access and configuration of a web server, set by about sixty
//! values. Both charts read the same values file and hold each template once: helm's loop over the components,
//! plimsoll's are included by each component, which also has a schema, whose rules are shared in the same way.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// What each component is made of.
pub(crate) const OBJECTS: usize = 8;

const NAMES: [&str; 30] = [
    "accounts",
    "adverts",
    "billing",
    "cart",
    "catalog",
    "checkout",
    "content",
    "coupons",
    "currency",
    "delivery",
    "emails",
    "favourites",
    "frontend",
    "gateway",
    "identity",
    "images",
    "inventory",
    "invoices",
    "loyalty",
    "orders",
    "payments",
    "pricing",
    "profiles",
    "ratings",
    "reports",
    "returns",
    "search",
    "sessions",
    "shipping",
    "wishlists",
];

/// Where an input was written.
pub(crate) struct Input {
    /// The project of plimsoll; its release is `shop`.
    pub(crate) project: PathBuf,
    /// The chart of helm.
    pub(crate) chart: PathBuf,
    /// The values file of both.
    pub(crate) values: PathBuf,
}

/// Writes an input of so many components below `dir`.
pub(crate) fn write(dir: &Path, components: usize) -> Input {
    let shape = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/webapp");
    let (project, chart) = (dir.join("project"), dir.join("helm"));
    let values = project.join("values/webapp.yaml");
    copy(&shape.join("helm"), &chart);
    let (charts, schemas) = (project.join("charts/webapp"), project.join("schemas/webapp"));
    copy(&shape.join("plimsoll/charts"), &charts);
    copy_file(&shape.join("plimsoll/schemas/_web.yaml"), &schemas.join("_web.yaml"));
    let block = read(&shape.join("values.yaml"));
    let template = read(&shape.join("plimsoll/component.yaml.j2"));
    let schema = read(&shape.join("plimsoll/component.yaml"));
    let mut definition = String::from(
        "apiVersion: plimsoll.dev/v1\nkind: Chart\nname: webapp\nversion: 1.0.0\nappVersion: 2026.11.1\ncomponents:\n",
    );
    let mut layer = String::new();
    for number in 0..components {
        let name = name(number);
        let fill = |text: &str| {
            let port = (8000 + number).to_string();
            text.replace("NAME", &name)
                .replace("NUMBER", &number.to_string())
                .replace("PORT", &port)
        };
        // A tree: every component needs the one that stands at a third of its number.
        let needs = if number == 0 { String::new() } else { self::name(number / 3) };
        let _ = writeln!(definition, "  {name}: {{needs: [{needs}]}}");
        layer.push_str(&fill(&block));
        create(&schemas.join(format!("{name}.yaml")), &fill(&schema));
        create(&charts.join(format!("{name}/web.yaml.j2")), &template);
    }
    create(&charts.join("chart.yaml"), &definition);
    create(&values, &layer);
    create(
        &project.join("plimsoll.yaml"),
        "apiVersion: plimsoll.dev/v1\nkind: Project\nkubernetes: \"1.34\"\nreleases:\n  - name: shop\n    chart: webapp\n    \
         namespace: shop\n    layers: [values/webapp.yaml]\n",
    );
    Input { project, chart, values }
}

fn name(number: usize) -> String {
    let name = NAMES[number % NAMES.len()];
    match number / NAMES.len() {
        0 => name.to_owned(),
        round => format!("{name}{round}"),
    }
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("a folder of benches/webapp") {
        let path = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("a name"));
        if path.is_dir() { copy(&path, &target) } else { copy_file(&path, &target) }
    }
}

fn copy_file(from: &Path, to: &Path) {
    create(to, &read(from));
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).expect("a file of benches/webapp")
}

fn create(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder to write into");
    fs::write(path, text).expect("a file to write");
}
