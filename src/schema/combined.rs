//! One self-contained JSON Schema per chart, for editors.

use serde_json::{Map, Value as Json, json};

use super::ChartSchema;
use super::compile::Document;

/// The whole values tree of a chart as one schema: chart-wide keys beside one block per component.
pub(crate) fn combined(schema: &ChartSchema) -> Json {
    let mut document = Document::for_editors(&schema.files);
    let mut properties = Map::new();
    let chart_wide =
        schema.rule_of(schema.chart_wide()).map(|rule| document.definition(rule, true));
    for (name, part) in schema.components() {
        let Some(key) = part.key.clone() else { continue };
        let block = match schema.rule_of(part) {
            Some(rule) => json!({ "$ref": document.definition(rule, false) }),
            None => json!({
                "description": format!("`{name}` takes no values."),
                "type": "object",
                "additionalProperties": false,
            }),
        };
        properties.insert(key, block);
    }
    let definitions = document.finish();
    let mut combined = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": format!("values of {}", schema.chart()),
        "type": ["object", "null"],
        "properties": properties,
        "unevaluatedProperties": false,
        "$defs": definitions,
    });
    if let (Some(reference), Some(map)) = (chart_wide, combined.as_object_mut()) {
        map.insert("$ref".to_owned(), Json::String(reference));
    }
    combined
}
