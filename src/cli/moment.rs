//! Moments as `--since` and `--until` take them: a time, or a span counted back from now.
//!
//! Pure: text and the present in, the Engine API's form out.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use crate::compose::units::Duration;
use crate::engine::engine_time;

/// A moment for the engine: `42m`, `2013-01-02T13:23:37Z`, `2013-01-02`, seconds since 1970; none for an empty text.
///
/// # Errors
/// In Docker's words, where it is neither.
pub fn for_engine(text: &str, now: Timestamp, zone: &TimeZone) -> Result<Option<String>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    if let Ok(span) = Duration::parse(text)
        && text != "0"
    {
        let moment = now.as_nanosecond() - i128::from(span.0);
        return Ok(Timestamp::from_nanosecond(moment).ok().map(engine_time));
    }
    if let Ok(time) = text.parse::<Timestamp>() {
        return Ok(Some(engine_time(time)));
    }
    let local = text.parse::<DateTime>().ok().or_else(|| text.parse::<Date>().ok().map(DateTime::from));
    if let Some(time) = local.and_then(|time| time.to_zoned(zone.clone()).ok()) {
        return Ok(Some(engine_time(time.timestamp())));
    }
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if is_number {
        return Ok(Some(text.to_owned()));
    }
    if text.contains('-') {
        return Err(format!("parsing time {text:?} as \"2006-01-02\": cannot parse {text:?} as \"2006\""));
    }
    Err(format!("failed to parse value as time or duration: {text:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_and_times() {
        let now: Timestamp = "2026-11-23T14:00:00Z".parse().unwrap();
        for (text, expected) in [
            ("42m", "1795439880.000000000"),
            ("1h30m", "1795437000.000000000"),
            ("1.5s", "1795442398.500000000"),
            ("2026-11-23T13:00:00Z", "1795438800.000000000"),
            ("2026-11-23T14:00:00+01:00", "1795438800.000000000"),
            ("2026-11-23T13:00:00", "1795438800.000000000"),
            ("2026-11-23", "1795392000.000000000"),
            ("1700000000.5", "1700000000.5"),
            ("0", "0"),
        ] {
            assert_eq!(for_engine(text, now, &TimeZone::UTC).unwrap().unwrap(), expected, "{text}");
        }
        assert_eq!(for_engine("", now, &TimeZone::UTC), Ok(None));
        let check = |text: &str, expected: &str| {
            assert_eq!(for_engine(text, now, &TimeZone::UTC).unwrap_err(), expected);
        };
        check("xx", "failed to parse value as time or duration: \"xx\"");
        check("foo-bar", "parsing time \"foo-bar\" as \"2006-01-02\": cannot parse \"foo-bar\" as \"2006\"");
    }
}
