//! Comma-separated values as RFC 4180 has them: a header, then a line a case. Times are integers of
//! nanoseconds; what does not exist is empty.

use super::columns::{ALL, Value};
use crate::report::{Report, Row};

/// The rows of the reports, below one header.
#[must_use]
pub fn render(report: &Report) -> String {
    let header = ALL.iter().map(|column| column.key).collect::<Vec<_>>().join(",");
    format!("{header}\r\n{}", report.rows.iter().map(|row| line(row) + "\r\n").collect::<String>())
}

/// The rows of several reports, the name of its file before each.
#[must_use]
pub fn render_all(runs: &[(String, Report)]) -> String {
    let keys = std::iter::once("file").chain(ALL.iter().map(|column| column.key));
    let mut text = keys.collect::<Vec<_>>().join(",") + "\r\n";
    for (name, report) in runs {
        let name = field(name);
        text.extend(report.rows.iter().map(|row| format!("{name},{}\r\n", line(row))));
    }
    text
}

fn line(row: &Row) -> String {
    let cells = ALL.iter().map(|column| match (column.value)(row) {
        Value::Text(words) => field(&words),
        number => number.plain().unwrap_or_default(),
    });
    cells.collect::<Vec<_>>().join(",")
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
