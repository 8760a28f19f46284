//! What every file of metrics begins with. `run`, `check`, `ping` and `list` may each have a file in the
//! same folder, so their common families bear the command's name: no series stands in two files.

use super::{Family, Kind, Number, Sample};
use crate::environment::Environment;
use crate::report::{Status, Tool};
use std::time::{Duration, SystemTime};

/// What was done, when, and how it ended.
pub struct Told {
    /// The command's name.
    pub command: &'static str,
    /// What did it.
    pub tool: Tool,
    /// When it began, and how long it took.
    pub span: (SystemTime, Duration),
    /// The exit code.
    pub exit_code: u8,
    /// The machine, where the command looked at it.
    pub environment: Option<Environment>,
    /// The transports that were looked at, each as often as it was, and how they came out.
    pub transports: Vec<(String, Status)>,
}

impl Told {
    fn one(&self, number: impl Into<Number>) -> Vec<Sample> {
        vec![Sample::new(vec![self.command.to_owned()], number)]
    }

    /// Each transport once: it is here if it was here for anything.
    fn available(&self) -> Vec<Sample> {
        let mut names: Vec<&str> = Vec::new();
        for (name, _) in &self.transports {
            if !names.contains(&&**name) {
                names.push(name);
            }
        }
        let answer = |name: &str| {
            let known = self.transports.iter().filter(|(known, _)| *known == name);
            known.filter_map(|(_, status)| is_here(*status)).reduce(|one, other| one || other)
        };
        let sample = |name: &str| {
            let values = vec![self.command.to_owned(), name.to_owned()];
            answer(name).map(|here| Sample::new(values, Number::is(here)))
        };
        names.into_iter().filter_map(sample).collect()
    }
}

/// None where a signal came before anybody could know.
const fn is_here(status: Status) -> Option<bool> {
    match status {
        Status::Pass | Status::Fail | Status::Skipped => Some(true),
        Status::Unavailable => Some(false),
        Status::Interrupted => None,
    }
}

/// The families of every command.
pub(super) const ALL: &[Family<Told>] = &[
    Family {
        name: "sockeye_build_info",
        kind: Kind::Gauge,
        unit: "",
        help: "What made this file; always 1.",
        labels: &["command", "version", "revision", "target"],
        samples: |told| {
            let tool = &told.tool;
            let revision = tool.revision.as_deref().unwrap_or_default();
            let words = [told.command, &tool.version, revision, &tool.target];
            vec![Sample::new(words.map(str::to_owned).to_vec(), 1)]
        },
    },
    Family {
        name: "sockeye_machine_info",
        kind: Kind::Gauge,
        unit: "",
        help: "The machine as that command found it; always 1.",
        labels: &["command", "kernel", "arch", "cpu", "virtualization", "container"],
        samples: |told| {
            let Some(machine) = &told.environment else { return Vec::new() };
            let maybe = |text: &Option<String>| text.clone().unwrap_or_default();
            let words = vec![
                told.command.to_owned(),
                machine.kernel.clone(),
                machine.arch.clone(),
                maybe(&machine.cpu),
                maybe(&machine.virtualization),
                maybe(&machine.container),
            ];
            vec![Sample::new(words, 1)]
        },
    },
    Family {
        name: "sockeye_run_timestamp_seconds",
        kind: Kind::Gauge,
        unit: "seconds",
        help: "When it began, in Unix time.",
        labels: &["command"],
        samples: |told| {
            let since = told.span.0.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
            told.one(Number::Nanoseconds(since.as_nanos()))
        },
    },
    Family {
        name: "sockeye_run_duration_seconds",
        kind: Kind::Gauge,
        unit: "seconds",
        help: "How long it took.",
        labels: &["command"],
        samples: |told| told.one(Number::Nanoseconds(told.span.1.as_nanos())),
    },
    Family {
        name: "sockeye_run_exit_code",
        kind: Kind::Gauge,
        unit: "",
        help: "How it ended: 0 is well, 1 is an answer that is no, 3 is not available.",
        labels: &["command"],
        samples: |told| told.one(u64::from(told.exit_code)),
    },
    Family {
        name: "sockeye_transport_available",
        kind: Kind::Gauge,
        unit: "",
        help: "Does this machine offer the transport?",
        labels: &["command", "transport"],
        samples: Told::available,
    },
];
