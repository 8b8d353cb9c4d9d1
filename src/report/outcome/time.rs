//! Times as a person reads them: until when, and how long that is.

/// Minutes of a day.
const DAY: u64 = 24 * 60;

/// The time of day of an RFC 3339 time in UTC, with the date where it is another day's: `14:05 UTC`.
pub fn until(rfc3339: &str, minutes_left: u64) -> String {
    let (date, time) = rfc3339.split_once('T').unwrap_or(("", rfc3339));
    let time = time.get(..5).unwrap_or(time);
    if minutes_left < DAY { format!("{time} UTC") } else { format!("{date} {time} UTC") }
}

/// A number of minutes: `45 min`, `7 h 59 min`, `3 days`.
pub fn left(minutes: u64) -> String {
    match minutes {
        0..60 => format!("{minutes} min"),
        60 => "60 min".to_owned(),
        61..DAY => format!("{} h {} min", minutes / 60, minutes % 60),
        _ => format!("{} days", minutes / DAY),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_of_another_day_has_its_date() {
        assert_eq!(until("2026-11-23T14:05:09Z", 60), "14:05 UTC");
        assert_eq!(until("2026-11-25T14:05:09Z", 2 * DAY), "2026-11-25 14:05 UTC");
    }

    #[test]
    fn hours_are_told_from_the_second_one_on() {
        for (minutes, text) in [(0, "0 min"), (59, "59 min"), (60, "60 min"), (479, "7 h 59 min"), (3 * DAY, "3 days")]
        {
            assert_eq!(left(minutes), text);
        }
    }
}
