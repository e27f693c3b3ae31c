//! The moment or span of time that was typed for the logs: a time that has passed, or a clock time, or two of them.

use jiff::civil::{DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan};

use super::log;

/// Reads a span of time: `10m` and `10m..` from that moment on, `..14:03` up to it, `14:03..14:10` between two. Nothing is
/// all of time; none for anything else.
pub fn parse_span(text: &str, now: Timestamp, zone: &TimeZone) -> Option<log::Span> {
    let (since, until) = text.split_once("..").unwrap_or((text, ""));
    let moment = |text: &str| match text.trim() {
        "" => Some(None),
        text => parse(text, now, zone).map(Some),
    };
    let span = log::Span { since: moment(since)?, until: moment(until)? };
    let is_backward = span.since.zip(span.until).is_some_and(|(since, until)| until < since);
    (!is_backward).then_some(span)
}

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
        let span = |text: &str| parse_span(text, now, &zone);
        let moment = |text: &str| parse(text, now, &zone);
        for (text, since, until) in [
            ("", "", ""),
            ("..", "", ""),
            ("10m", "10m", ""),
            ("10m..", "10m", ""),
            ("..15:00", "", "15:00"),
            ("14:50 .. 15:00", "14:50", "15:00"),
        ] {
            let expected = log::Span { since: moment(since), until: moment(until) };
            assert_eq!(span(text), Some(expected), "{text}");
        }
        for text in ["15:00..14:50", "10m..soon", "soon", "1..2..3"] {
            assert_eq!(span(text), None, "{text}");
        }
        for text in ["", "10", "soon", "25:00", "-", "99999999999h"] {
            assert_eq!(parse(text, now, &zone), None, "{text}");
        }
    }
}
