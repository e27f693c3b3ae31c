//! What a scalar's text means, as Go's yaml.v3 resolves it: YAML 1.2's core schema with 1.1's `0777`, `0b11` and `1_000`,
//! but without its `yes` and `on`. Dates are recognised because Compose refuses them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::tree::Value;

/// The tag that a date or time carries.
pub const TIMESTAMP: &str = "!!timestamp";

/// What a text turned out to be.
#[derive(Clone, Debug, PartialEq)]
pub enum Scalar {
    /// A number, a boolean or null.
    Value(Value),
    /// Text, as it stands.
    Text,
    /// A date or a time.
    Timestamp,
}

/// Words with a meaning of their own.
fn word(text: &str) -> Option<Value> {
    Some(match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        ".nan" | ".NaN" | ".NAN" => Value::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Value::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Value::Float(f64::NEG_INFINITY),
        _ => return None,
    })
}

/// An untagged plain scalar.
pub fn plain(text: &str) -> Scalar {
    if let Some(value) = word(text) {
        return Scalar::Value(value);
    }
    match text.bytes().next() {
        Some(b'.') => float(text).map_or(Scalar::Text, Scalar::Value),
        Some(b'+' | b'-' | b'0'..=b'9') if is_timestamp(text) => Scalar::Timestamp,
        Some(b'+' | b'-' | b'0'..=b'9') => number(text).map_or(Scalar::Text, Scalar::Value),
        _ => Scalar::Text,
    }
}

/// A scalar with one of YAML's own tags, however it is quoted. What does not fit its tag stays text.
pub fn tagged(text: &str, tag: &str) -> Scalar {
    match (tag_name(tag), plain(text)) {
        ("int", Scalar::Value(value @ Value::Int(_)))
        | ("float", Scalar::Value(value @ Value::Float(_)))
        | ("bool", Scalar::Value(value @ Value::Bool(_)))
        | ("null", Scalar::Value(value @ Value::Null)) => Scalar::Value(value),
        ("float", Scalar::Value(Value::Int(value))) => Scalar::Value(Value::Float(value as f64)),
        ("timestamp", Scalar::Timestamp) => Scalar::Timestamp,
        ("binary", _) => binary(text).map_or(Scalar::Text, |text| Scalar::Value(Value::String(text))),
        _ => Scalar::Text,
    }
}

/// The name of one of YAML's own tags: `int` of `!!int`.
pub fn tag_name(tag: &str) -> &str {
    tag.rsplit(['!', ':']).next().unwrap_or_default().trim_end_matches('>')
}

/// The text that a scalar tagged `!!binary` holds in base 64.
pub fn binary(text: &str) -> Option<String> {
    let bytes = STANDARD.decode(text.replace(['\n', '\r'], "")).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

fn number(text: &str) -> Option<Value> {
    let digits = text.replace('_', "");
    integer(&digits).map(Value::Int).or_else(|| float(&digits))
}

/// A whole number in Go's notation: `12`, `0x1f`, `0b11`, `0o17` and `017`, each with a sign.
pub fn integer(text: &str) -> Option<i64> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let lower = digits.to_ascii_lowercase();
    let (base, digits) = match lower.as_bytes() {
        [b'0', b'x', ..] => (16, &lower[2..]),
        [b'0', b'b', ..] => (2, &lower[2..]),
        [b'0', b'o', ..] => (8, &lower[2..]),
        [b'0', _, ..] => (8, &lower[1..]),
        _ => (10, lower.as_str()),
    };
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(base)) {
        return None;
    }
    let size = i128::from_str_radix(digits, base).ok()?;
    i64::try_from(if negative { -size } else { size }).ok()
}

/// A decimal number with an optional fraction and exponent. One too large to hold is none.
fn float(text: &str) -> Option<Value> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let plain = !digits.is_empty()
        && digits.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '+' | '-'));
    let value: f64 = plain.then(|| text.parse().ok()).flatten()?;
    value.is_finite().then_some(Value::Float(value))
}

/// A text as Go reads a number of 32 bits, which attributes hold: with `_` between digits, and not beyond all bounds.
pub fn go_float(text: &str) -> Option<f64> {
    go_decimal(text).filter(|value| (*value as f32).is_finite())
}

/// A text as Go reads a number of 64 bits.
pub fn go_decimal(text: &str) -> Option<f64> {
    let is_digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
    let bytes = text.as_bytes();
    let is_between = |at: usize| at > 0 && is_digit(bytes.get(at - 1)) && is_digit(bytes.get(at + 1));
    let mut marks = text.match_indices('_').map(|(at, _)| at);
    let value: f64 = marks.all(is_between).then(|| text.replace('_', "").parse().ok()).flatten()?;
    value.is_finite().then_some(value)
}

/// A number as Go makes it a whole one: what it cannot hold becomes the least that there is.
pub fn go_integer(value: f64) -> i64 {
    let fits = (-9.223_372_036_854_776e18..9.223_372_036_854_776e18).contains(&value);
    if fits { value as i64 } else { i64::MIN }
}

/// As [`go_integer`], without a sign: what it cannot hold becomes one more than the largest with a sign.
pub fn go_unsigned(value: f64) -> u64 {
    let fits = (0.0..18_446_744_073_709_551_616.0).contains(&value);
    if fits { value as u64 } else { 1 << 63 }
}

/// `2006-1-2`, or with a time: `2006-1-2T15:4:5Z`, `2006-1-2t15:4:5.9+07:00`, `2006-1-2 15:4:5`.
fn is_timestamp(text: &str) -> bool {
    let split = text.find(['T', 't', ' ']);
    let (date, time) =
        split.map_or((text, None), |at| (&text[..at], Some((&text[at..=at], &text[at + 1..]))));
    is_date(date)
        && match time {
            None => true,
            Some((" ", time)) => is_time(time),
            Some((_, time)) => match time.strip_suffix('Z') {
                Some(time) => is_time(time),
                None => time.rfind(['+', '-']).is_some_and(|at| {
                    let zone = time[at + 1..].split_once(':');
                    is_time(&time[..at])
                        && zone.is_some_and(|(hour, minute)| {
                            within(hour, 2, 0..=24) && within(minute, 2, 0..=60)
                        })
                }),
            },
        }
}

fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts[..] else { return false };
    let Ok(number) = year.parse::<u32>() else { return false };
    let leap = number.is_multiple_of(4) && (!number.is_multiple_of(100) || number.is_multiple_of(400));
    let days = match month.trim_start_matches('0') {
        "2" => 28 + u32::from(leap),
        "4" | "6" | "9" | "11" => 30,
        _ => 31,
    };
    year.len() == 4 && within(month, 1, 1..=12) && within(day, 1, 1..=days)
}

fn is_time(text: &str) -> bool {
    let parts: Vec<&str> = text.split(':').collect();
    let [hour, minute, second] = parts[..] else { return false };
    let (second, fraction) = second.split_once('.').unwrap_or((second, "0"));
    let digits = !fraction.is_empty() && fraction.bytes().all(|digit| digit.is_ascii_digit());
    within(hour, 1, 0..=23) && within(minute, 1, 0..=59) && within(second, 1, 0..=59) && digits
}

/// Whether a text is a number of at least so many and at most two digits in this range.
fn within(text: &str, least: usize, range: std::ops::RangeInclusive<u32>) -> bool {
    (least..=2).contains(&text.len())
        && text.bytes().all(|digit| digit.is_ascii_digit())
        && text.parse().is_ok_and(|value| range.contains(&value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_mean_what_yaml_v3_makes_of_them() {
        let table = [
            ("yes", Scalar::Text),
            ("on", Scalar::Text),
            ("0777", Scalar::Value(Value::Int(511))),
            ("0o17", Scalar::Value(Value::Int(15))),
            ("0b11", Scalar::Value(Value::Int(3))),
            ("-0x1f", Scalar::Value(Value::Int(-31))),
            ("+12", Scalar::Value(Value::Int(12))),
            ("1_000", Scalar::Value(Value::Int(1000))),
            ("1e3", Scalar::Value(Value::Float(1000.0))),
            ("1.10", Scalar::Value(Value::Float(1.1))),
            ("1.", Scalar::Value(Value::Float(1.0))),
            (".5", Scalar::Value(Value::Float(0.5))),
            ("08", Scalar::Value(Value::Float(8.0))),
            ("1e400", Scalar::Text),
            ("0o8", Scalar::Text),
            ("22:22", Scalar::Text),
            ("-", Scalar::Text),
            ("1.2.3", Scalar::Text),
            ("2020-01-01", Scalar::Timestamp),
            ("2020-02-30", Scalar::Text),
            ("2020-1-1T1:2:3Z", Scalar::Timestamp),
            ("2020-1-1 1:2:3.5", Scalar::Timestamp),
            ("2020-01-01T10:00:00+02:00", Scalar::Timestamp),
            ("2020-01-01-alpine", Scalar::Text),
        ];
        for (text, expected) in table {
            assert_eq!(plain(text), expected, "{text}");
        }
        assert_eq!(tagged("12", "!!str"), Scalar::Text);
        assert_eq!(tagged("12", "!!int"), Scalar::Value(Value::Int(12)));
    }

    #[test]
    fn numbers_have_the_bounds_that_go_gives_them() {
        assert_eq!(go_float("1_0.5"), Some(10.5));
        for none in ["1e40", "inf", "nan", "_1", "1_", "1__0", "1_.5", ""] {
            assert_eq!(go_float(none), None, "{none}");
        }
        assert_eq!((go_decimal("1e40"), go_decimal("1e400")), (Some(1e40), None));
        assert_eq!((go_unsigned(1e19), go_unsigned(f64::NAN)), (10_000_000_000_000_000_000, 1 << 63));
        assert_eq!((go_integer(-2.9), go_integer(1e19)), (-2, i64::MIN));
    }
}
