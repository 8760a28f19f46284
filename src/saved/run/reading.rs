//! From the document back to the report that it was made of.

use super::{ENCODING, Encoded, Result, Round, Run, Trips, Trouble};
use crate::echo::Wait;
use crate::measure::plan::{Case, Place, Seats};
use crate::measure::samples::{self, Span};
use crate::report::answer::answer;
use crate::report::build::relate;
use crate::report::claim::claims;
use crate::report::{About, Problem, Report, RoundTrips, Row, Setting, Status};
use crate::stats::{Histogram, MedianEstimate};
use crate::transport::Transport;
use std::result::Result as Read;
use std::time::Duration;

impl Run {
    /// The report that it was made of; what compares rows is worked out again from their rounds.
    ///
    /// # Errors
    /// Says which part is nothing that could have been written.
    pub fn into_report(mut self) -> Read<Report, String> {
        let results = std::mem::take(&mut self.results);
        let mut rows: Vec<_> = results.into_iter().map(Result::into_row).collect::<Read<_, _>>()?;
        let warnings = std::mem::take(&mut self.warnings);
        let exit_code = self.exit_code;
        let baseline = self.settings.get("baseline").and_then(|set| set.value.as_str());
        let baseline = baseline.map(str::to_owned);
        let about = self.into_about(&rows)?;
        let claims = claims(&rows, &about.places, &about.sizes, baseline.as_deref());
        relate(&mut rows, &claims);
        let answer = answer(&about, &rows, &claims, None);
        Ok(Report { about, rows, answer, warnings, exit_code })
    }

    fn into_about(self, rows: &[Row]) -> Read<About, String> {
        let mut places: Vec<Place> = Vec::new();
        let mut sizes: Vec<usize> = Vec::new();
        for case in rows.iter().map(|row| &row.case) {
            places.extend((!places.contains(&case.seats.place)).then_some(case.seats.place));
            sizes.extend((!sizes.contains(&case.size)).then_some(case.size));
        }
        let timeout = self.settings.get("timeout").and_then(|set| set.value.as_u64());
        let started = humantime::parse_rfc3339_weak(&self.started)
            .map_err(|error| format!("its start '{}' is no time: {error}", self.started))?;
        let settings = self.settings.into_iter().map(|(name, set)| Setting {
            name: name.into(),
            value: set.value,
            source: set.source,
        });
        Ok(About {
            tool: self.tool,
            argv: self.argv,
            label: self.label,
            started,
            duration: Duration::from_nanos(self.duration_ns),
            environment: self.environment,
            settings: settings.collect(),
            seed: self.seed,
            timeout: Duration::from_nanos(timeout.unwrap_or_default()),
            rounds: (self.rounds_planned, self.rounds_finished),
            places,
            sizes,
            interrupted: self.interrupted,
            named: Vec::new(),
            note: self.note,
        })
    }
}

impl Result {
    fn case(&self) -> Read<Case, String> {
        let wrong = |what: &str, word: &str| format!("{}: unknown {what} '{word}'", self.id);
        // One that was measured twice is tcp4#2.
        let (name, number) = self.transport.split_once('#').unwrap_or((&self.transport, "2"));
        let transport = Transport::named(name)
            .filter(|_| number.parse::<usize>().is_ok())
            .ok_or_else(|| wrong("transport", &self.transport))?;
        let place = Place::ALL.into_iter().find(|place| place.word() == self.place);
        let wait = Wait::ALL.into_iter().find(|wait| wait.word() == self.wait);
        let seats = Seats {
            place: place.ok_or_else(|| wrong("place", &self.place))?,
            cpus: self.cpus.map(|[client, peer]| (client, peer)),
        };
        let wait = wait.ok_or_else(|| wrong("wait", &self.wait))?;
        Ok(Case { transport, label: self.transport.clone(), size: self.size, seats, wait })
    }

    fn into_row(self) -> Read<Row, String> {
        let case = self.case()?;
        let status = Status::ALL
            .into_iter()
            .find(|status| status.word() == self.status)
            .ok_or_else(|| format!("{}: unknown status '{}'", self.id, self.status))?;
        let histogram = histogram(self.histogram.as_ref(), self.rtt_ns.as_ref())
            .map_err(|error| format!("{}: {error}", self.id))?;
        Ok(Row {
            case,
            status,
            problem: self.error.map(Trouble::into_problem),
            address: self.address,
            exchanges: self.exchanges,
            bytes_verified: self.bytes_verified,
            lost: self.lost,
            duplicated: self.duplicated,
            reordered: self.reordered,
            round_trips: self.rtt_ns.map(Trips::into_round_trips),
            rounds: self.rounds.into_iter().map(Round::into_round).collect(),
            histogram,
            connect: self.connect_ns.map(|median| MedianEstimate {
                value: median.p50,
                interval: median.p50_ci95.map(|[low, high]| (low, high)),
            }),
            client_usage: self.cpu.client,
            peer_usage: self.cpu.peer,
            buffers: self.buffers.map(|buffers| (buffers.send, buffers.receive)),
            relative: None,
        })
    }
}

fn histogram(encoded: Option<&Encoded>, trips: Option<&Trips>) -> Read<Histogram, String> {
    let Some(encoded) = encoded else { return Ok(Histogram::new()) };
    if encoded.encoding != ENCODING {
        return Err(format!("unknown encoding '{}' of the histogram", encoded.encoding));
    }
    let counts = Histogram::from_base64(&encoded.data)?;
    // Of a case that failed nobody kept the exact ends.
    trips.map_or_else(|| Ok(counts.clone()), |t| counts.clone().with_extremes(t.min, t.max))
}

impl Round {
    fn into_round(self) -> samples::Round {
        samples::Round {
            round: self.round,
            span: self.at_ns.map(|at_ns| Span { at_ns, took_ns: self.took_ns.unwrap_or(0) }),
            exchanges: self.n,
            median_ns: self.p50_ns,
            p90_ns: self.p90_ns,
            p99_ns: self.p99_ns,
            histogram: None,
        }
    }
}

impl Trips {
    #[expect(clippy::cast_precision_loss, reason = "times stay far below 2^53 ns")]
    fn into_round_trips(self) -> RoundTrips {
        let interval = self.p50_ci95.map(|[low, high]| (low, high));
        RoundTrips {
            min: self.min,
            max: self.max,
            mean: self.mean as f64,
            stddev: self.stddev as f64,
            median: MedianEstimate { value: self.p50, interval },
        }
    }
}

impl Trouble {
    fn into_problem(self) -> Problem {
        Problem {
            kind: self.kind,
            stage: self.stage,
            call: self.syscall,
            errno: self.errno,
            errno_name: self.errno_name,
            exchange: self.exchange,
            byte: self.byte,
            meaning: self.meaning.unwrap_or_else(|| self.message.clone()),
            message: self.message,
            hint: self.hint,
        }
    }
}
