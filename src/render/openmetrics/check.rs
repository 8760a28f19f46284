//! The metrics of checks.

use super::about::{self, Told};
use super::{END, Family, Kind, Number, Sample, written};
use crate::report::check::{Judged, Report, State, Status};
use crate::report::{Status as Outcome, Tool};

/// The report as metrics.
#[must_use]
pub fn render(report: &Report) -> String {
    let about = &report.about;
    let transport = |state: &State| {
        let status = state.problem.as_ref().map_or(Outcome::Pass, |(status, _)| *status);
        (state.column.transport.name.to_owned(), status)
    };
    let told = Told {
        command: "check",
        tool: Tool::this(),
        span: (about.started, about.duration),
        exit_code: report.exit_code,
        environment: Some(about.environment.clone()),
        transports: report.columns.iter().map(transport).collect(),
    };
    written(about::ALL, &told, None) + &written(ALL, report, None) + END
}

/// A Unix socket has two columns, told apart by how its ends are named.
fn cell(cell: &Judged) -> Option<Sample> {
    let column = cell.task.column;
    let words =
        [cell.task.check.name, column.transport.name, column.naming_word().unwrap_or_default()];
    let sample = |good| Sample::new(words.map(str::to_owned).to_vec(), Number::is(good));
    match cell.status {
        Status::AsDocumented | Status::Varies => Some(sample(true)),
        Status::Deviates | Status::Hung => Some(sample(false)),
        Status::NotApplicable | Status::Skipped => None,
    }
}

/// The families of checks.
pub(super) const ALL: &[Family<Report>] = &[
    Family {
        name: "sockeye_checks",
        kind: Kind::Gauge,
        unit: "",
        help: "How many facts came out in which way.",
        labels: &["status"],
        samples: |report| {
            let of = |status| report.cells.iter().filter(|cell| cell.status == status).count();
            let sample =
                |status: Status| Sample::new(vec![status.word().to_owned()], of(status) as u64);
            Status::ALL.into_iter().map(sample).collect()
        },
    },
    Family {
        name: "sockeye_check_pass",
        kind: Kind::Gauge,
        unit: "",
        help: "Is the socket as documented? Nothing where that could not be tried.",
        labels: &["check", "transport", "naming"],
        samples: |report| report.cells.iter().filter_map(cell).collect(),
    },
];
