//! The metrics of a run.

use super::about::{self, Told};
use super::{END, Family, Kind, Number, Sample, summary, written};
use crate::report::{Report, RoundTrips, Row, Status};

/// The labels of a case.
const CASE: &[&str] = &["transport", "size", "place", "wait"];

/// The report as metrics.
#[must_use]
pub fn render(report: &Report) -> String {
    let told = Told {
        command: "run",
        tool: report.about.tool.clone(),
        span: (report.about.started, report.about.duration),
        exit_code: report.exit_code,
        environment: Some(report.about.environment.clone()),
        transports: report.rows.iter().map(|row| (row.case.label.clone(), row.status)).collect(),
    };
    let label = report.about.label.as_deref();
    written(about::ALL, &told, label) + &written(ALL, report, label) + END
}

fn case(row: &Row) -> Vec<String> {
    let case = &row.case;
    vec![
        case.label.clone(),
        case.size.to_string(),
        case.seats.place.word().to_owned(),
        case.wait.word().to_owned(),
    ]
}

/// Each row that it is known of.
fn each(report: &Report, number: fn(&Row) -> Option<Number>) -> Vec<Sample> {
    let sample = |row: &Row| number(row).map(|number| Sample::new(case(row), number));
    report.rows.iter().filter_map(sample).collect()
}

fn extreme(row: &Row, which: fn(&RoundTrips) -> u64) -> Option<Number> {
    row.round_trips.as_ref().map(|trips| Number::Nanoseconds(which(trips).into()))
}

fn round_trips(row: &Row) -> Vec<Sample> {
    // What a broken transport took is nobody's latency.
    let Some(trips) = &row.round_trips else { return Vec::new() };
    let quantiles = [
        ("0.5", Some(trips.median.value)),
        ("0.9", row.percentile(90.0)),
        ("0.99", row.percentile(99.0)),
    ];
    summary(&case(row), quantiles, &row.histogram)
}

/// The families of a run.
pub(super) const ALL: &[Family<Report>] = &[
    Family {
        name: "sockeye_transport_pass",
        kind: Kind::Gauge,
        unit: "",
        help: "Did every echo come back right? Nothing where that could not be tried.",
        labels: CASE,
        samples: |report| {
            each(report, |row| match row.status {
                Status::Pass => Some(Number::is(true)),
                Status::Fail => Some(Number::is(false)),
                Status::Unavailable | Status::Skipped | Status::Interrupted => None,
            })
        },
    },
    Family {
        name: "sockeye_round_trip_seconds",
        kind: Kind::Summary,
        unit: "seconds",
        help: "Round trips of the last run; quantile 0.5 is the median of its rounds' medians.",
        labels: CASE,
        samples: |report| report.rows.iter().flat_map(round_trips).collect(),
    },
    Family {
        name: "sockeye_round_trip_min_seconds",
        kind: Kind::Gauge,
        unit: "seconds",
        help: "The shortest round trip of the last run.",
        labels: CASE,
        samples: |report| each(report, |row| extreme(row, |trips| trips.min)),
    },
    Family {
        name: "sockeye_round_trip_max_seconds",
        kind: Kind::Gauge,
        unit: "seconds",
        help: "The longest round trip of the last run.",
        labels: CASE,
        samples: |report| each(report, |row| extreme(row, |trips| trips.max)),
    },
    Family {
        name: "sockeye_datagrams_lost",
        kind: Kind::Gauge,
        unit: "",
        help: "Replies of the last run that never came, over sockets without connections.",
        labels: CASE,
        samples: |report| {
            each(report, |row| {
                let tried = matches!(row.status, Status::Pass | Status::Fail);
                (tried && !row.case.transport.kind.connects()).then_some(Number::Count(row.lost))
            })
        },
    },
];
