//! Reports of fixed numbers, so that what is made of them can be held against what it should be.
#![allow(dead_code, unreachable_pub, missing_docs, reason = "each test file uses its own part")]

use serde_json::json;
use sockeye::echo::Wait;
use sockeye::echo::fault::{Cause, Fault, Mismatch};
use sockeye::environment::Environment;
use sockeye::measure::plan::{Case, Place, Seats, cases};
use sockeye::measure::samples::{Outcome, Round, Samples};
use sockeye::os::process::Usage;
use sockeye::os::{CallError, Errno};
use sockeye::report::build::{Order, Wishes, build};
use sockeye::report::warning::Disturbance;
use sockeye::report::{About, Report, Setting, Tool};
use sockeye::stats;
use sockeye::transport::{ALL, Transport};
use std::time::{Duration, UNIX_EPOCH};

pub const PLACES: [Place; 2] = [Place::Same, Place::Split];

/// The median of a round trip at one CPU and at two, in nanoseconds, as a machine once had it.
pub const MEDIANS: [(&str, u64, u64); 8] = [
    ("unix-seqpacket", 6_590, 44_600),
    ("unix-dgram", 6_640, 46_900),
    ("unix-stream", 7_660, 45_400),
    ("udp4", 8_870, 50_700),
    ("udp6", 9_040, 51_000),
    ("tcp4", 11_770, 53_400),
    ("tcp6", 11_820, 54_500),
    ("mptcp4", 19_300, 70_100),
];

pub const EXCHANGES: u64 = 500;

/// What a hand-made run is about.
pub struct Made {
    pub transports: Vec<&'static Transport>,
    pub sizes: Vec<usize>,
    pub places: Vec<Place>,
    pub rounds: (usize, usize),
    /// How many times as long everything takes.
    pub slower: u64,
    /// Are some round trips far longer than the others?
    pub tail: bool,
}

impl Made {
    pub fn of(names: &[&str]) -> Self {
        let find = |name: &&str| Transport::named(name).expect("it is in the catalogue");
        Self {
            transports: names.iter().map(find).collect(),
            sizes: vec![64],
            places: PLACES.to_vec(),
            rounds: (20, 20),
            slower: 1,
            tail: true,
        }
    }

    pub fn default() -> Self {
        let names: Vec<_> = ALL.iter().filter(|row| row.in_default).map(|row| row.name).collect();
        Self::of(&names)
    }

    pub fn cases(&self) -> Vec<Case> {
        let cpus = |place| match place {
            Place::Same => Some((0, 0)),
            Place::Split => Some((0, 1)),
            Place::Free => None,
        };
        let seats: Vec<_> =
            self.places.iter().map(|&place| Seats { place, cpus: cpus(place) }).collect();
        cases(&self.transports, &self.sizes, &seats, Wait::Block)
    }

    pub fn samples(&self) -> Vec<Samples> {
        let mut dice = Dice(7);
        self.cases().into_iter().map(|case| self.measured(case, &mut dice)).collect()
    }

    /// Rounds that scatter by about a per cent around the case's median, with a tail.
    pub fn measured(&self, case: Case, dice: &mut Dice) -> Samples {
        let row = MEDIANS.iter().find(|row| row.0 == case.transport.name).expect("a known median");
        let base = if case.seats.place == Place::Split { row.2 } else { row.1 };
        let base = base * self.slower + case.size as u64 / 8;
        let mut samples = Samples::new(case);
        for round in 0..self.rounds.1 {
            let own = base * (985 + dice.below(31)) / 1000;
            let mut trips: Vec<_> =
                (0..EXCHANGES).map(|_| own * dice.stretch(self.tail) / 1000).collect();
            for &ns in &trips {
                samples.histogram.record(ns);
            }
            samples.rounds.extend(Round::of(round, None, &mut trips));
            samples.connects_ns.push(base * 2 + dice.below(900));
        }
        samples.begun = 20 + (EXCHANGES + 100) * self.rounds.1 as u64;
        samples.client_usage = Usage {
            user_ns: 300 * samples.exchanges(),
            system_ns: 5_000 * samples.exchanges(),
            voluntary_switches: samples.exchanges(),
            involuntary_switches: 12,
        };
        samples.peer_usage = samples.client_usage;
        samples.address = Some(format!("{}://made-up", samples.case.transport.name));
        samples.buffers = Some((212_992, 212_992));
        samples
    }

    pub fn about(&self) -> About {
        About {
            tool: Tool::this(),
            argv: vec!["sockeye".to_owned()],
            label: None,
            started: UNIX_EPOCH + Duration::from_secs(1_750_000_000),
            duration: Duration::from_millis(2_934),
            environment: machine(),
            settings: vec![
                Setting { name: "size".into(), value: json!(self.sizes), source: "default".into() },
                Setting {
                    name: "rounds".into(),
                    value: json!(self.rounds.0),
                    source: "flag".into(),
                },
            ],
            seed: 7731,
            timeout: Duration::from_secs(1),
            rounds: self.rounds,
            places: self.places.clone(),
            sizes: self.sizes.clone(),
            interrupted: None,
            named: Vec::new(),
            note: None,
        }
    }

    pub fn report(&self) -> Report {
        finish(self.about(), &self.samples())
    }
}

pub fn finish(about: About, samples: &[Samples]) -> Report {
    let wishes = Wishes {
        order: Order::Median,
        baseline: None,
        unwanted: Vec::new(),
        unit: None,
        strict: false,
    };
    build(about, samples, Disturbance::default(), &wishes)
}

pub fn machine() -> Environment {
    Environment {
        kernel: "6.18.44".to_owned(),
        arch: "x86_64".to_owned(),
        cpu: Some("AMD EPYC".to_owned()),
        cpus: 2,
        virtualization: Some("kvm".to_owned()),
        mitigations: [("spectre_v2".to_owned(), "Mitigation: Retpolines; STIBP".to_owned())].into(),
        load1: Some(1.7),
        clocksource: Some("tsc".to_owned()),
        clock_cost_ns: 25,
        lo_mtu: Some(65_536),
        lo_up: Some(true),
        ..Environment::default()
    }
}

/// Numbers that look like chance and are the same every time.
pub struct Dice(u64);

impl Dice {
    pub fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963);
        (self.0 >> 33) % most
    }

    /// Thousandths of the median: a body, one in fifty in a shoulder, one in a thousand far out.
    pub fn stretch(&mut self, tail: bool) -> u64 {
        match self.below(1000) {
            0 if tail => 3_000 + self.below(20_000),
            ..20 => 1_150 + self.below(200),
            _ => 960 + self.below(81),
        }
    }
}

/// One transport that sends back a wrong byte, and one that is not in the kernel.
pub fn failing() -> Report {
    let mut names: Vec<_> = MEDIANS.iter().map(|row| row.0).take(7).collect();
    names.push("sctp4");
    let made = Made::of(&names);
    let mut dice = Dice(7);
    let (mut samples, mut about) = (Vec::new(), made.about());
    for case in made.cases() {
        samples.push(match (case.transport.name, case.seats.place) {
            ("sctp4", _) => {
                let mut refused = Samples::new(case);
                refused.ended = Some(Outcome::Refused(CallError {
                    call: "socket",
                    place: "AF_INET, SOCK_STREAM, IPPROTO_SCTP".to_owned(),
                    errno: Errno::EPROTONOSUPPORT,
                }));
                refused
            }
            ("tcp6", Place::Split) => {
                let mut wrong = made.measured(case, &mut dice);
                wrong.rounds.truncate(8);
                let cause =
                    Cause::Mismatch(Mismatch::Flipped { byte: 17, sent: 0x51, received: 0 });
                wrong.ended = Some(Outcome::Failed(Fault { exchange: 4812, cause }));
                wrong
            }
            _ => made.measured(case, &mut dice),
        });
    }
    about.named = vec!["sctp4"];
    finish(about, &samples)
}

/// Three sizes, of which the last is more than a datagram holds.
pub fn several_sizes(places: &[Place]) -> Report {
    let mut made = Made::of(&["unix-stream", "udp4", "tcp4", "unix-dgram"]);
    made.sizes = vec![64, 1024, 300 << 10];
    made.places = places.to_vec();
    let mut samples = made.samples();
    for case in &mut samples {
        if case.case.size > 65_507 && case.case.transport.kind.keeps_messages() {
            case.ended = Some(Outcome::TooLarge(Errno::EMSGSIZE));
            case.rounds.clear();
            case.histogram = stats::Histogram::new();
        }
    }
    finish(made.about(), &samples)
}

pub fn interrupted() -> Report {
    let mut made = Made::default();
    made.rounds = (20, 3);
    let mut samples = made.samples();
    let (last, mut about) = (samples.len() - 1, made.about());
    samples[last] = Samples::new(samples[last].case.clone());
    about.interrupted = Some("SIGINT".into());
    let mut report = finish(about, &samples);
    report.exit_code = 130;
    report
}
