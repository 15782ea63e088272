//! When two scalars mean the same to Kubernetes although they are written differently.

use std::collections::BTreeSet;

use crate::quantity::nanos;
use crate::yaml::{Kind, Node, Number};

use super::change::Part;

/// Fields whose children are quantities by resource name (API reference: `ResourceList`).
const QUANTITY_MAPS: [&str; 9] = [
    "limits",
    "requests",
    "capacity",
    "hard",
    "default",
    "defaultRequest",
    "max",
    "min",
    "podFixed",
];

/// Fields that are quantities.
const QUANTITIES: [&str; 6] =
    ["storage", "sizeLimit", "divisor", "averageValue", "maxLimitRequestRatio", "storageLimit"];

/// Fields of the type `IntOrString`.
const INT_OR_STRING: [&str; 6] =
    ["targetPort", "port", "maxUnavailable", "maxSurge", "minAvailable", "number"];

/// Whether two scalars at a path mean the same.
pub(super) fn same(path: &[Part], old: &Node, new: &Node) -> bool {
    match (&old.kind, &new.kind) {
        (Kind::Null, Kind::Null) => true,
        (Kind::Bool(a), Kind::Bool(b)) => a == b,
        (Kind::String(a), Kind::String(b)) if a.text == b.text => true,
        (Kind::Number(a), Kind::Number(b)) if number(a, b) => true,
        (Kind::String(_) | Kind::Number(_), Kind::String(_) | Kind::Number(_)) => {
            by_field(path, old, new)
        }
        _ => false,
    }
}

fn number(a: &Number, b: &Number) -> bool {
    match (a, b) {
        (Number::Int(int), Number::Float(float)) | (Number::Float(float), Number::Int(int)) => {
            // Every whole float below 2^53 is one integer; beyond that the texts decide.
            float.fract() == 0.0 && float.abs() < 9e15 && format!("{float:.0}") == int.to_string()
        }
        (Number::Float(a), Number::Float(b)) => a.to_bits() == b.to_bits(),
        (a, b) => a == b,
    }
}

fn by_field(path: &[Part], old: &Node, new: &Node) -> bool {
    let key = |part: Option<&Part>| match part {
        Some(Part::Key(key)) => key.to_string(),
        _ => String::new(),
    };
    let mut parts = path.iter().rev();
    let (last, parent) = (key(parts.next()), key(parts.next()));
    let (a, b) = (text(old), text(new));
    let quantity = QUANTITIES.contains(&last.as_str()) || QUANTITY_MAPS.contains(&parent.as_str());
    if quantity && let (Some(a), Some(b)) = (nanos(&a), nanos(&b)) {
        return a == b;
    }
    if last == "config.kubernetes.io/depends-on" {
        let names =
            |text: &str| text.split(',').map(|n| n.trim().to_owned()).collect::<BTreeSet<_>>();
        return names(&a) == names(&b);
    }
    INT_OR_STRING.contains(&last.as_str()) && a == b
}

fn text(node: &Node) -> String {
    match &node.kind {
        Kind::String(text) => text.text.to_string(),
        Kind::Number(number) => number.to_string(),
        _ => String::new(),
    }
}
