//! Kubernetes quantities, such as `500m` and `2Gi`, as exact amounts.
//!
//! The grammar is that of `resource.Quantity` in Kubernetes' API machinery: a decimal number with a decimal or
//! binary unit or an exponent.

/// Nano units in a base unit, the finest that Kubernetes knows.
pub(crate) const NANO: i128 = 1_000_000_000;

/// The amount in nano units; finer parts are rounded up, as Kubernetes does. `None` for amounts beyond all measure, too.
pub(crate) fn nanos(text: &str) -> Option<i128> {
    let Parts { negative, whole, fraction, binary, decimal } = Parts::of(text)?;
    let all: i128 = format!("{whole}{fraction}").parse().ok()?;
    let power = decimal + 9 - i32::try_from(fraction.len()).ok()?;
    let scaled = all.checked_mul(1_i128.checked_shl(binary)?)?;
    let amount = if power >= 0 {
        scaled.checked_mul(10_i128.checked_pow(power.unsigned_abs())?)?
    } else {
        let divisor = 10_i128.checked_pow(power.unsigned_abs())?;
        scaled / divisor + i128::from(scaled % divisor != 0)
    };
    Some(if negative { -amount } else { amount })
}

/// Whether a text is a quantity, however large: Kubernetes takes those that it cannot hold for the largest.
pub(crate) fn is_quantity(text: &str) -> bool {
    Parts::of(text).is_some()
}

/// A quantity taken apart.
struct Parts<'a> {
    negative: bool,
    whole: &'a str,
    fraction: &'a str,
    /// The powers of two and ten that the unit stands for.
    binary: u32,
    decimal: i32,
}

impl<'a> Parts<'a> {
    fn of(text: &'a str) -> Option<Self> {
        let split =
            text.find(|c: char| !matches!(c, '0'..='9' | '.' | '+' | '-')).unwrap_or(text.len());
        let (number, unit) = text.split_at(split);
        let (negative, digits) = match number.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, number.strip_prefix('+').unwrap_or(number)),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        if whole.is_empty() && fraction.is_empty()
            || fraction.contains(['.', '+', '-'])
            || whole.contains(['+', '-'])
        {
            return None;
        }
        let (binary, decimal) = match unit {
            "" => (0, 0),
            "n" => (0, -9),
            "u" => (0, -6),
            "m" => (0, -3),
            "k" => (0, 3),
            "M" => (0, 6),
            "G" => (0, 9),
            "T" => (0, 12),
            "P" => (0, 15),
            "E" => (0, 18),
            "Ki" => (10, 0),
            "Mi" => (20, 0),
            "Gi" => (30, 0),
            "Ti" => (40, 0),
            "Pi" => (50, 0),
            "Ei" => (60, 0),
            exponent => {
                let exponent: i32 = exponent.strip_prefix(['e', 'E'])?.parse().ok()?;
                (0, exponent)
            }
        };
        Some(Self { negative, whole, fraction, binary, decimal })
    }
}
