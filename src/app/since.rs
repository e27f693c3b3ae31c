//! The moment that was typed for the logs: a time that has passed, or a clock time.

use jiff::civil::{DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan};

/// Reads a moment: `10m` or `2h30m` before now, `14:03` or `14:03:10` when it last was so late, a date with or without a
/// time, or a full time stamp. None for anything else.
pub fn parse(text: &str, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
    let here = now.to_zoned(zone.clone());
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Some(moment);
    }
    // A date with a time would be read as that time, and a time as a span.
    let is_time = text.contains(':') && !text.contains('-');
    if let Some(time) = text.parse::<Time>().ok().filter(|_| is_time) {
        let today = here.date().to_datetime(time).to_zoned(zone.clone()).ok()?;
        let last = if today > here { today.checked_sub(1.day()).ok()? } else { today };
        return Some(last.timestamp());
    }
    if let Ok(span) = text.parse::<Span>() {
        return here.checked_sub(span.abs()).ok().map(|moment| moment.timestamp());
    }
    let date: DateTime = text.parse().ok()?;
    date.to_zoned(zone.clone()).ok().map(|moment| moment.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_as_people_type_them() {
        let now: Timestamp = "2026-11-23T14:03:20Z".parse().unwrap();
        let zone = TimeZone::fixed(jiff::tz::offset(1));
        for (text, expected) in [
            ("10m", "2026-11-23T13:53:20Z"),
            ("90s", "2026-11-23T14:01:50Z"),
            ("2h30m", "2026-11-23T11:33:20Z"),
            ("1d", "2026-11-22T14:03:20Z"),
            ("15:00", "2026-11-23T14:00:00Z"),
            ("15:03:19", "2026-11-23T14:03:19Z"),
            ("15:04", "2026-11-22T14:04:00Z"),
            ("2026-11-20", "2026-11-19T23:00:00Z"),
            ("2026-11-20 12:30", "2026-11-20T11:30:00Z"),
            ("2026-11-20T12:30:00Z", "2026-11-20T12:30:00Z"),
        ] {
            assert_eq!(parse(text, now, &zone), Some(expected.parse().unwrap()), "{text}");
        }
        for text in ["", "10", "soon", "25:00", "-", "99999999999h"] {
            assert_eq!(parse(text, now, &zone), None, "{text}");
        }
    }
}
