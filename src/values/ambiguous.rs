//! Plain scalars on which YAML readers disagree.
//!
//! YAML 1.1 took `yes` for true and `0777` for 511; YAML 1.2 takes neither so. Layers read them as strings, and where
//! the schema wants something else the author decides, once told of both readings.

/// What readers make of a scalar.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Readings {
    /// The YAML 1.1 reading is a boolean, otherwise an integer.
    pub(super) is_boolean: bool,
    /// Both readings and the fix.
    pub(super) hint: String,
}

/// The readings of an ambiguous scalar; `None` when all readers agree.
pub(super) fn readings(text: &str) -> Option<Readings> {
    let lower = text.to_ascii_lowercase();
    let boolean = match lower.as_str() {
        "yes" | "on" | "y" => Some(true),
        "no" | "off" | "n" => Some(false),
        _ => None,
    };
    if let Some(value) = boolean {
        return Some(Readings {
            is_boolean: true,
            hint: format!("YAML 1.1 reads `{text}` as {value}, YAML 1.2 as text; write `{value}`"),
        });
    }
    let (old, new) = integer(text)?;
    let hint = match new {
        Some(new) if new != old => {
            format!("YAML 1.1 reads `{text}` as {old}, YAML 1.2 as {new}; write `{old}` or `{new}`")
        }
        Some(_) => format!("readers disagree on `{text}`; write `{old}`"),
        None => format!("YAML 1.1 reads `{text}` as {old}, YAML 1.2 as text; write `{old}`"),
    };
    Some(Readings { is_boolean: false, hint })
}

/// The integer that YAML 1.1 reads, and the one that YAML 1.2 does if it reads one.
fn integer(text: &str) -> Option<(i128, Option<i128>)> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    if !digits.starts_with(|letter: char| letter.is_ascii_digit()) {
        return None;
    }
    let plain = digits.replace('_', "");
    let signed = |value: i128| sign * value;
    if plain.contains(':') {
        let mut total: i128 = 0;
        for (index, part) in plain.split(':').enumerate() {
            let value: i128 = part.parse().ok()?;
            if index > 0 && value > 59 {
                return None;
            }
            total = total.checked_mul(60)?.checked_add(value)?;
        }
        return Some((signed(total), None));
    }
    let radix = |prefix: &str, radix: u32| {
        let digits = plain.strip_prefix(prefix)?;
        i128::from_str_radix(digits, radix).ok().filter(|_| !digits.starts_with(['+', '-']))
    };
    if let Some(value) = radix("0b", 2).or_else(|| radix("0x", 16)).or_else(|| radix("0o", 8)) {
        return Some((signed(value), None));
    }
    let all_digits = plain.bytes().all(|byte| byte.is_ascii_digit());
    if !all_digits {
        return None;
    }
    let decimal: i128 = plain.parse().ok()?;
    if plain.len() > 1 && plain.starts_with('0') {
        let octal = i128::from_str_radix(&plain, 8).unwrap_or(decimal);
        return Some((signed(octal), Some(signed(decimal))));
    }
    digits.contains('_').then(|| (signed(decimal), None))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_readings_are_named() {
        let hint = |text| readings(text).map(|reading| reading.hint);
        assert_eq!(
            hint("yes").unwrap(),
            "YAML 1.1 reads `yes` as true, YAML 1.2 as text; write `true`"
        );
        assert_eq!(
            hint("0777").unwrap(),
            "YAML 1.1 reads `0777` as 511, YAML 1.2 as 777; write `511` or `777`"
        );
        assert!(hint("1_000").unwrap().ends_with("write `1000`"));
        assert!(hint("0b11").unwrap().ends_with("write `3`"));
        assert!(hint("12:30:45").unwrap().ends_with("write `45045`"));
        for text in ["10", "abc", "1.5", "-", "", "1:99", "0", "1_x"] {
            assert_eq!(hint(text), None, "{text}");
        }
    }
}
