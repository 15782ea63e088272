//! What a plain scalar means.
//!
//! YAML 1.1 and 1.2 disagree on dozens of spellings. [`Reading::Core`] takes the YAML 1.2 meaning only where no
//! reader disagrees about the type, everything else is a string whose [`Style::Plain`](super::Style) tells the
//! caller that its author may have meant something else. [`Reading::Kubectl`] follows kubectl to the letter.

use super::{Number, Reading};

/// The meaning of a plain scalar.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Resolved {
    Null,
    Bool(bool),
    Number(Number),
    String,
}

/// Integers in other bases may have this many digits; longer ones are strings, as converting them is quadratic.
const MAX_RADIX_DIGITS: usize = 256;

/// Reads a plain scalar.
pub(crate) fn resolve(text: &str, reading: Reading) -> Resolved {
    let Some(&first) = text.as_bytes().first() else { return Resolved::Null };
    match first {
        b'0'..=b'9' | b'+' | b'-' | b'.' => match reading {
            Reading::Core => core_number(text),
            Reading::Kubectl => kubectl_number(text),
        }
        .map_or(Resolved::String, Resolved::Number),
        _ if is_null(text) => Resolved::Null,
        b't' | b'T' | b'f' | b'F' => match text {
            "true" | "True" | "TRUE" => Resolved::Bool(true),
            "false" | "False" | "FALSE" => Resolved::Bool(false),
            _ => Resolved::String,
        },
        b'y' | b'Y' | b'n' | b'N' | b'o' | b'O' if reading == Reading::Kubectl => match text {
            "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Resolved::Bool(true),
            "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => Resolved::Bool(false),
            _ => Resolved::String,
        },
        _ => Resolved::String,
    }
}

/// Whether a plain scalar is null in either reading.
pub(crate) fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

/// A number as every reader sees it: no leading zeros, no underscores, no binary.
fn core_number(text: &str) -> Option<Number> {
    if let Some(digits) = text.strip_prefix("0x") {
        return radix(false, digits, 16);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return radix(false, digits, 8);
    }
    let (negative, digits) = sign(text);
    if all_digits(digits) {
        let leading_zero = digits.len() > 1 && digits.starts_with('0');
        return if leading_zero { None } else { Some(decimal(negative, digits)) };
    }
    float(text)
}

/// A number as goyaml v2 reads it, which kubectl uses.
fn kubectl_number(text: &str) -> Option<Number> {
    // After a leading point an underscore must stand between digits; elsewhere it is simply left out.
    let digit = |at: usize| text.as_bytes().get(at).is_some_and(u8::is_ascii_digit);
    if text.starts_with('.')
        && text.match_indices('_').any(|(at, _)| !digit(at - 1) || !digit(at + 1))
    {
        return None;
    }
    let squeezed;
    let text = if text.contains('_') {
        squeezed = text.replace('_', "");
        &squeezed
    } else {
        text
    };
    let (negative, digits) = sign(text);
    let lower = digits.get(..2).map(str::to_ascii_lowercase);
    let number = match lower.as_deref() {
        Some("0x") => machine_word(text, &digits[2..], 16),
        Some("0o") => machine_word(text, &digits[2..], 8),
        Some("0b") => machine_word(text, &digits[2..], 2),
        Some(_) if digits.starts_with('0') => machine_word(text, &digits[1..], 8),
        _ if all_digits(digits) => Some(decimal(negative, digits)),
        _ => None,
    };
    number.or_else(|| float(text)).or_else(|| {
        // A quirk of goyaml: what follows `0b` may have a sign of its own.
        let signed = text.strip_prefix("0b").filter(|rest| rest.starts_with(['+', '-']))?;
        i64::from_str_radix(signed, 2).ok().map(|value| Number::Int(value.into()))
    })
}

/// Digits of a base within what Go holds: `i64` with a sign, `u64` without.
fn machine_word(text: &str, digits: &str, base: u32) -> Option<Number> {
    match radix(text.starts_with('-'), digits, base)? {
        Number::Int(value) => {
            let unsigned = !text.starts_with(['+', '-']) && u64::try_from(value).is_ok();
            (unsigned || i64::try_from(value).is_ok()).then_some(Number::Int(value))
        }
        _ => None,
    }
}

fn sign(text: &str) -> (bool, &str) {
    match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    }
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Decimal digits, exactly.
fn decimal(negative: bool, digits: &str) -> Number {
    let digits = digits.trim_start_matches('0');
    match digits.parse::<i128>() {
        Ok(value) => Number::Int(if negative { -value } else { value }),
        Err(_) if digits.is_empty() => Number::Int(0),
        // The one number of that many digits that still fits.
        Err(_) if negative && digits == "170141183460469231731687303715884105728" => {
            Number::Int(i128::MIN)
        }
        Err(_) => Number::Big(format!("{}{digits}", if negative { "-" } else { "" }).into()),
    }
}

/// Digits of another base, exactly.
fn radix(negative: bool, digits: &str, base: u32) -> Option<Number> {
    if digits.is_empty()
        || digits.len() > MAX_RADIX_DIGITS
        || !digits.chars().all(|digit| digit.is_digit(base))
    {
        return None;
    }
    if let Ok(value) = i128::from_str_radix(digits, base) {
        return Some(Number::Int(if negative { -value } else { value }));
    }
    // Decimal digits, the lowest first.
    let mut decimals: Vec<u32> = vec![0];
    for digit in digits.chars().filter_map(|digit| digit.to_digit(base)) {
        let mut carry = digit;
        for decimal in &mut decimals {
            let value = *decimal * base + carry;
            *decimal = value % 10;
            carry = value / 10;
        }
        while carry > 0 {
            decimals.push(carry % 10);
            carry /= 10;
        }
    }
    let text: String = decimals.iter().rev().filter_map(|&d| char::from_digit(d, 10)).collect();
    Some(decimal(negative, &text))
}

/// A floating-point number in the spelling that YAML 1.2 and goyaml share. One too large for `f64` is a string:
/// readers make infinity, a string or an error of it.
fn float(text: &str) -> Option<Number> {
    match text {
        ".nan" | ".NaN" | ".NAN" => return Some(Number::Float(f64::NAN)),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => {
            return Some(Number::Float(f64::INFINITY));
        }
        "-.inf" | "-.Inf" | "-.INF" => return Some(Number::Float(f64::NEG_INFINITY)),
        _ => {}
    }
    let (_, unsigned) = sign(text);
    let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => (&unsigned[..at], Some(sign(&unsigned[at + 1..]).1)),
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let good = digits(whole)
        && digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && exponent.is_none_or(all_digits);
    let value = good.then(|| text.parse::<f64>().ok())??;
    value.is_finite().then_some(Number::Float(value))
}
