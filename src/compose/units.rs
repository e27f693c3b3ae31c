//! Amounts as compose files write them and as Go prints them: byte counts, durations, file modes.
//!
//! Compose reads sizes with binary units only (`1k` is 1024 bytes, and so are `1kb` and `1KiB`) and durations with
//! weeks and days beside Go's own units. What it prints, and so what goes into the config hash, is a decimal string for
//! a size, Go's text for a duration (`1m30s`) and an octal string for a mode. Nothing here knows a compose file.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::scalar::{go_decimal, go_integer};

/// Why a text is no amount. The message reads after the name of the attribute.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnitError {
    /// Not a size such as `512m` or `1.5g`.
    #[error("`{0}` is no size")]
    Size(String),
    /// Not a duration such as `10s` or `1m30s`.
    #[error("`{0}` is no duration")]
    Duration(String),
    /// Not an octal file mode such as `0440`.
    #[error("`{0}` is no file mode")]
    Mode(String),
}

impl UnitError {
    /// What would have been right.
    pub fn expected(&self) -> &'static str {
        match self {
            Self::Size(_) => "a number with b, k, m, g, t or p",
            Self::Duration(_) => "numbers with units, such as 1m30s",
            Self::Mode(_) => "octal digits, such as 0440",
        }
    }
}

/// A number of bytes. `-1` stands for "unlimited" where the engine knows such a thing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bytes(pub i64);

/// A length of time in nanoseconds, printed as Go prints it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration(pub i64);

/// The permission bits of a file, printed in octal with a leading zero.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct FileMode(pub i64);

const NANOSECOND: i64 = 1;
const MICROSECOND: i64 = 1_000;
const MILLISECOND: i64 = 1_000_000;
const SECOND: i64 = 1_000_000_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

const TIME_UNITS: [(&str, i64); 9] = [
    ("ns", NANOSECOND),
    ("us", MICROSECOND),
    ("µs", MICROSECOND),
    ("ms", MILLISECOND),
    ("s", SECOND),
    ("m", MINUTE),
    ("h", HOUR),
    ("d", DAY),
    ("w", 7 * DAY),
];

impl Bytes {
    /// Reads a size: a number, fraction allowed, then an optional unit `b k m g t p` of any case that may be followed by
    /// `b` or `ib`, with one blank allowed between. All units are powers of 1024. A text is never negative; `-1` for "no
    /// limit" has to be written as a number.
    pub fn parse(text: &str) -> Result<Self, UnitError> {
        let invalid = || UnitError::Size(text.to_owned());
        let split = text.rfind(|c: char| c.is_ascii_digit() || c == '.').ok_or_else(invalid)? + 1;
        let (number, suffix) = (&text[..split], &text[split..]);
        let suffix = suffix.strip_prefix(' ').unwrap_or(suffix).to_lowercase();
        let number = go_decimal(number).ok_or_else(invalid)?;
        if number < 0.0 {
            return Err(invalid());
        }
        let power = size_power(&suffix).ok_or_else(invalid)?;
        Ok(Self(go_integer(number * 1024_f64.powi(power))))
    }
}

/// The power of 1024 that a size's unit, in lower case, stands for.
fn size_power(unit: &str) -> Option<i32> {
    let mut letters = unit.chars();
    let Some(first) = letters.next() else { return Some(0) };
    let rest = letters.as_str();
    let power = "bkmgtp".chars().position(|c| c == first)?;
    let complete = rest.is_empty() || power > 0 && (rest == "b" || rest == "ib");
    complete.then_some(power as i32)
}

impl Duration {
    /// 24 hours.
    pub const DAY: Self = Self(DAY);
    /// Seven days.
    pub const WEEK: Self = Self(7 * DAY);

    /// Reads a duration: numbers, fractions allowed, each followed by one of `w d h m s ms us ns`. A number without a unit is an error, except `0`.
    pub fn parse(text: &str) -> Result<Self, UnitError> {
        let invalid = || UnitError::Duration(text.to_owned());
        let (sign, mut rest) = match text.as_bytes().first() {
            Some(b'-') => (-1, &text[1..]),
            Some(b'+') => (1, &text[1..]),
            _ => (1, text),
        };
        if rest == "0" {
            return Ok(Self(0));
        }
        if rest.is_empty() {
            return Err(invalid());
        }
        let mut total = 0_i64;
        while !rest.is_empty() {
            let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or_else(invalid)?;
            let (number, tail) = rest.split_at(digits);
            let letters = tail.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(tail.len());
            let (unit, tail) = tail.split_at(letters);
            let (_, scale) = TIME_UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(invalid)?;
            let part = scaled(number, *scale).ok_or_else(invalid)?;
            total = total.checked_add(part).ok_or_else(invalid)?;
            rest = tail;
        }
        Ok(Self(sign * total))
    }

    /// The same length for the standard library; a negative one counts as none.
    pub fn std(self) -> std::time::Duration {
        std::time::Duration::from_nanos(u64::try_from(self.0).unwrap_or(0))
    }

    /// Whole seconds, rounded up, as the engine's stop timeout wants them.
    pub fn whole_seconds(self) -> i64 {
        self.0.div_euclid(SECOND) + i64::from(self.0.rem_euclid(SECOND) > 0)
    }
}

/// `number` (decimal, perhaps with a fraction) times `scale`, without going through a float for the whole part.
fn scaled(number: &str, scale: i64) -> Option<i64> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let whole: i64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let mut part = whole.checked_mul(scale)?;
    if !fraction.is_empty() {
        let fraction: f64 = format!("0.{fraction}").parse().ok()?;
        part = part.checked_add((fraction * scale as f64) as i64)?;
    }
    Some(part)
}

impl FileMode {
    /// Reads octal digits, with or without a leading `0`.
    pub fn parse(text: &str) -> Result<Self, UnitError> {
        i64::from_str_radix(text, 8).map(Self).map_err(|_| UnitError::Mode(text.to_owned()))
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for FileMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0{:o}", self.0)
    }
}

impl fmt::Display for Duration {
    /// Go's `time.Duration.String`: the largest of h, m, s first, no zero in front; below a second in ms, µs or ns.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let total = self.0.unsigned_abs();
        if self.0 < 0 {
            f.write_str("-")?;
        }
        if total == 0 {
            return f.write_str("0s");
        }
        for (unit, scale) in [("ns", NANOSECOND), ("µs", MICROSECOND), ("ms", MILLISECOND)] {
            let scale = scale.unsigned_abs();
            if total < scale * 1_000 {
                return write!(f, "{}{unit}", decimal(total, scale));
            }
        }
        let minute = MINUTE.unsigned_abs();
        let (hours, minutes) = (total / HOUR.unsigned_abs(), total / minute % 60);
        if hours > 0 {
            write!(f, "{hours}h")?;
        }
        if hours > 0 || minutes > 0 {
            write!(f, "{minutes}m")?;
        }
        write!(f, "{}s", decimal(total % minute, SECOND.unsigned_abs()))
    }
}

/// `amount / scale` in decimal, exactly, without zeros at the end.
fn decimal(amount: u64, scale: u64) -> String {
    let digits = scale.ilog10() as usize;
    let (whole, fraction) = (amount / scale, amount % scale);
    if fraction == 0 {
        return whole.to_string();
    }
    let fraction = format!("{fraction:0digits$}");
    format!("{whole}.{}", fraction.trim_end_matches('0'))
}

/// The canonical form of a size: decimal digits, perhaps with a sign.
fn decimal_bytes(text: &str) -> Result<Bytes, UnitError> {
    text.parse().map(Bytes).map_err(|_| UnitError::Size(text.to_owned()))
}

/// The text forms are those of the canonical project, so the model reads and writes them alike.
macro_rules! as_text {
    ($($amount:ident by $read:expr),*) => {$(
        impl Serialize for $amount {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $amount {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                $read(&text).map_err(de::Error::custom)
            }
        }
    )*};
}

as_text!(Bytes by decimal_bytes, Duration by Duration::parse, FileMode by FileMode::parse);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        let check = |text: &str, bytes: i64| assert_eq!(Bytes::parse(text), Ok(Bytes(bytes)), "{text}");
        check("0", 0);
        check("1024", 1024);
        check("1.5g", 1_610_612_736);
        check("64Mb", 67_108_864);
        check("64MiB", 67_108_864);
        check("1 g", 1_073_741_824);
        check("10b", 10);
        for bad in ["", " 1g", "-1", "0x10", "1gi", "g", "1x", "1bb", "1  g", "-2", "-1m", "1gibs"] {
            assert!(Bytes::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn durations_print_as_go_prints_them() {
        let check = |text: &str, go: &str| {
            assert_eq!(Duration::parse(text).unwrap().to_string(), go, "{text}");
        };
        check("90s", "1m30s");
        check("1h", "1h0m0s");
        check("1d", "24h0m0s");
        check("1w2d", "216h0m0s");
        check("1.5s", "1.5s");
        check("100ms", "100ms");
        check("1500us", "1.5ms");
        check("12ns", "12ns");
        check("0", "0s");
        check("1h0.25s", "1h0m0.25s");
        check("-5s", "-5s");
        for bad in ["", "10", "s", "1x", ".s", "1m 30s"] {
            assert!(Duration::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn modes_are_octal() {
        assert_eq!(FileMode::parse("0440").unwrap().0, 0o440);
        assert_eq!(FileMode(0o440).to_string(), "0440");
    }
}
