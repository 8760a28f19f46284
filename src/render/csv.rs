//! Comma-separated values as RFC 4180 has them: a header, then a line a case. Times are integers of
//! nanoseconds; what does not exist is empty.

use super::columns::{ALL, Value};
use crate::report::Report;
use std::fmt::Write as _;

/// The report's rows.
#[must_use]
pub fn render(report: &Report) -> String {
    let mut text = ALL.iter().map(|column| column.key).collect::<Vec<_>>().join(",");
    text.push_str("\r\n");
    for row in &report.rows {
        for (place, column) in ALL.iter().enumerate() {
            if place > 0 {
                text.push(',');
            }
            match (column.value)(row) {
                Value::Absent => {}
                Value::Text(words) => text.push_str(&field(&words)),
                Value::Count(number) | Value::Time(number) => {
                    // Writing to a String cannot fail.
                    let _ = write!(text, "{number}");
                }
                Value::Ratio(ratio) => {
                    let _ = write!(text, "{ratio:.6}");
                }
            }
        }
        text.push_str("\r\n");
    }
    text
}

/// A field, in quotes where it needs them. A spreadsheet takes what begins with one of `=+-@` for a
/// formula, so such text is set off with a quote.
pub(crate) fn field(words: &str) -> String {
    let guarded = if words.starts_with(['=', '+', '-', '@']) {
        format!("'{words}")
    } else {
        words.to_owned()
    };
    if guarded.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", guarded.replace('"', "\"\""))
    } else {
        guarded
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_quoted_where_they_must() {
        for (words, expected) in [
            ("plain", "plain"),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("two\nlines", "\"two\nlines\""),
            ("=1+1", "'=1+1"),
            ("@name", "'@name"),
        ] {
            assert_eq!(field(words), expected);
        }
    }
}
