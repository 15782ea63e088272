//! Kubernetes quantities as numbers: `500m`, `2Gi`, `1e3`.
//!
//! The filter gives the amount in base units (cores, bytes): an integer where it is whole, otherwise the nearest
//! float. Equal amounts give equal numbers however they are written, so `q | quantity` compares and adds. A sum
//! of fractions is exact if the filter is given the list: `[a, b] | quantity`. Printed it is a plain number,
//! which Kubernetes takes for a quantity again.

use minijinja::{Error, Value};

use crate::quantity::{NANO, nanos};

use super::convert::scalar_text;
use super::encode::is_container;
use super::engine::invalid;

/// The filter.
pub(super) fn filter(value: &Value) -> Result<Value, Error> {
    let mut nanos: i128 = 0;
    if is_container(value) {
        for item in value.try_iter()? {
            nanos =
                nanos.checked_add(read(&item)?).ok_or_else(|| invalid("the sum is too large"))?;
        }
    } else {
        nanos = read(value)?;
    }
    if nanos % NANO == 0 {
        let whole = nanos / NANO;
        return Ok(i64::try_from(whole).map_or_else(|_| Value::from(whole), Value::from));
    }
    // Through decimal text, which rounds once: a division of two floats could round twice.
    let sign = if nanos < 0 { "-" } else { "" };
    let (whole, rest) =
        (nanos.unsigned_abs() / NANO.unsigned_abs(), nanos.unsigned_abs() % NANO.unsigned_abs());
    let text = format!("{sign}{whole}.{rest:09}");
    Ok(Value::from(text.parse::<f64>().map_err(|_| invalid("not a quantity"))?))
}

fn read(value: &Value) -> Result<i128, Error> {
    let text = scalar_text(value)
        .filter(|_| !matches!(value.kind(), minijinja::value::ValueKind::Bool))
        .ok_or_else(|| invalid(format!("{} is no quantity", super::convert::describe(value))))?;
    nanos(&text).ok_or_else(|| {
        invalid(format!(
            "`{text}` is no quantity; write a number with a unit, such as 500m, 2 or 1.5Gi"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_amounts_are_equal_numbers() {
        let read = |text: &str| filter(&Value::from(text)).unwrap();
        assert_eq!(read("1000m"), Value::from(1));
        assert_eq!(read("2Gi"), Value::from(2_147_483_648_i64));
        assert_eq!(read("1.5Gi"), read("1536Mi"));
        assert_eq!(read("0.5"), read("500m"));
        assert_eq!(read("1e3"), read("1k"));
        assert!(read("500m") < read("2"));
        let sum = filter(&Value::from(vec!["100m", "200m"])).unwrap();
        assert_eq!(sum, read("300m"));
    }

    #[test]
    fn what_is_no_quantity_is_said_so() {
        for text in ["", "m", "1.2.3", "--1", "5 Gi", "1ee3", "Gi", "-", "."] {
            assert!(filter(&Value::from(text)).is_err(), "{text}");
        }
        assert!(filter(&Value::from(true)).is_err());
        assert!(filter(&Value::from("9".repeat(60))).is_err());
        assert!(filter(&Value::from("1e999999999")).is_err());
    }
}
