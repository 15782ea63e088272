//! Typed templates by themselves, without charts, schemas and layers.
#![expect(clippy::print_stdout, reason = "examples print")]

use plimsoll::template::Templates;

#[derive(serde::Serialize)]
struct Site {
    name: &'static str,
    ports: Vec<u16>,
    note: Option<&'static str>,
}

pub(crate) fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut templates = Templates::new();
    templates.add(
        "service",
        "\
apiVersion: v1
kind: Service
metadata:
  name: {{ name }}
  annotations: {{ {'note': note} if note else none }}
spec:
  ports:
  {% for port in ports %}
  - {port: {{ port }}}
  {% endfor %}
",
    )?;
    // A number stays a number, the string `1e3` a string, and what is none leaves its key out.
    let site = Site { name: "1e3", ports: vec![80, 443], note: None };
    let yaml = templates.render("service", &site)?;
    print!("{yaml}");
    assert!(yaml.contains("name: \"1e3\"") && yaml.contains("port: 443"));
    assert!(!yaml.contains("annotations"));
    Ok(())
}
