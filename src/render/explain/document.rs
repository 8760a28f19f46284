//! The JSON document `sockeye.explain/1`. Fields are only added within a major version.

use super::versus::answer as difference_of;
use crate::environment::Environment;
use crate::os::sight::Sight;
use crate::render::document::{Header, header, text};
use crate::report::explain::answer::answer;
use crate::report::explain::versus::{Difference, Versus};
use crate::report::explain::words::{call, claim};
use crate::report::explain::{Account, Line, Report, Said, Stopped, Time, refusal};
use crate::report::words::unjoined;
use crate::transport::lesson::{Moment, Phase, State};
use serde::Serialize;

/// The schema's name, which `--generate schema-explain` describes.
pub(super) const SCHEMA: &str = "sockeye.explain/1";

#[derive(Serialize)]
struct Document<'a> {
    #[serde(flatten)]
    header: Header<'a>,
    answer: Answer,
    environment: &'a Environment,
    to: &'static str,
    size: usize,
    walks_planned: usize,
    place: &'static str,
    cpus: Option<(usize, usize)>,
    walks: Vec<Walk<'a>>,
    difference: Option<Apart>,
}

#[derive(Serialize)]
struct Answer {
    text: String,
}

#[derive(Serialize)]
struct Walk<'a> {
    transport: &'static str,
    label: &'a str,
    status: &'static str,
    answer: String,
    walks: usize,
    rounds: usize,
    otherwise: usize,
    strangers: usize,
    total_ns: Option<&'a Time>,
    phases: Vec<Part<'a>>,
    calls: Vec<Call<'a>>,
    error: Option<Fault<'a>>,
}

#[derive(Serialize)]
struct Part<'a> {
    phase: Phase,
    took_ns: &'a Time,
}

#[expect(clippy::struct_field_names, reason = "the names are the document's")]
#[derive(Serialize)]
struct Call<'a> {
    end: &'static str,
    moment: Moment,
    phase: Phase,
    call: &'static str,
    text: String,
    descriptor: Option<i32>,
    times: u32,
    errno: Option<i32>,
    errno_name: Option<String>,
    /// Since the walk's first call, in the walk that was looked at.
    began_ns: u64,
    took_ns: Option<&'a Time>,
    lesson: Option<Lesson<'a>>,
    sockets: Vec<Socket<'a>>,
    files: Vec<File>,
    lingering: Vec<Left>,
}

#[derive(Serialize)]
struct Lesson<'a> {
    text: &'a str,
    confirmed: Vec<String>,
    untold: usize,
    denied: Vec<String>,
}

#[derive(Serialize)]
struct Socket<'a> {
    socket: &'static str,
    #[serde(flatten)]
    sight: &'a Sight,
}

#[derive(Serialize)]
struct File {
    socket: &'static str,
    there: bool,
}

#[derive(Serialize)]
struct Left {
    end: &'static str,
    state: Option<State>,
}

#[derive(Serialize)]
struct Fault<'a> {
    end: Option<&'static str>,
    moment: Option<Moment>,
    syscall: Option<&'a str>,
    errno: Option<i32>,
    errno_name: Option<&'a str>,
    message: &'a str,
    meaning: &'a str,
    hint: &'a str,
}

/// What the first of two takes longer than the other.
#[derive(Serialize)]
struct Apart {
    total: Option<Longer>,
    phases: Vec<LongerPart>,
    calls: Vec<LongerCall>,
}

#[expect(clippy::struct_field_names, reason = "the names are the document's")]
#[derive(Serialize)]
struct Longer {
    longer_ns: f64,
    ci95: Option<(f64, f64)>,
    clear: bool,
}

#[derive(Serialize)]
struct LongerPart {
    phase: Phase,
    #[serde(flatten)]
    longer: Longer,
}

#[derive(Serialize)]
struct LongerCall {
    moment: Moment,
    one: bool,
    other: bool,
    difference: Option<Longer>,
}

/// The document, whole, with a newline at the end.
pub(super) fn render(report: &Report) -> String {
    let about = &report.about;
    let versus = Versus::of(report);
    let answer_text = versus.as_ref().map_or_else(
        || {
            let answers = report.accounts.iter().map(|account| answer(report, account, None));
            answers.collect::<Vec<_>>().join("; ")
        },
        |versus| difference_of(report, versus, None),
    );
    let document = Document {
        header: header(
            SCHEMA,
            &about.argv,
            (about.started, about.duration),
            (report.exit_code, about.interrupted.map(|(name, _)| name.into())),
        ),
        answer: Answer { text: unjoined(&answer_text) },
        environment: &about.environment,
        to: about.to.word(),
        size: about.size,
        walks_planned: about.walks,
        place: about.seats.place.word(),
        cpus: about.seats.cpus,
        walks: report.accounts.iter().map(|account| walk(report, account)).collect(),
        difference: versus.as_ref().map(apart),
    };
    text(&document)
}

fn walk<'a>(report: &Report, account: &'a Account) -> Walk<'a> {
    let origin = account.lines.first().map_or(0, |line| line.taken.done.began);
    let part = |(phase, took_ns): &'a (Phase, Time)| Part { phase: *phase, took_ns };
    Walk {
        transport: account.transport.name,
        label: &account.label,
        status: account.status(report).word(),
        answer: unjoined(&answer(report, account, None)),
        walks: account.walks(),
        rounds: account.rounds.iter().filter(|walks| **walks > 0).count(),
        otherwise: account.otherwise,
        strangers: account.strangers,
        total_ns: account.total.as_ref(),
        phases: account.phases.iter().map(part).collect(),
        calls: account
            .lines
            .iter()
            .map(|line| one(account, line, report.about.size, origin))
            .collect(),
        error: account.stopped.as_ref().map(fault),
    }
}

fn one<'a>(account: &Account, line: &'a Line, size: usize, origin: u64) -> Call<'a> {
    let (step, done) = (&line.taken.step, &line.taken.done);
    let view = &line.view;
    Call {
        end: step.end.word(),
        moment: step.moment,
        phase: step.moment.phase(),
        call: step.call.name(),
        text: call(account.transport, &line.taken, size),
        descriptor: line.taken.descriptor,
        times: done.times,
        errno: line.taken.errno(),
        errno_name: refusal(&line.taken),
        began_ns: done.began.saturating_sub(origin),
        took_ns: line.time.as_ref(),
        lesson: line.said.as_ref().map(lesson),
        sockets: view
            .sockets
            .iter()
            .map(|(who, sight)| Socket { socket: who.word(), sight })
            .collect(),
        files: view
            .files
            .iter()
            .map(|(who, there)| File { socket: who.word(), there: *there })
            .collect(),
        lingering: view
            .lingering
            .iter()
            .map(|(end, state)| Left { end: end.word(), state: *state })
            .collect(),
    }
}

fn lesson(said: &Said) -> Lesson<'_> {
    Lesson {
        text: &said.text,
        confirmed: said.confirmed.iter().map(|confirmed| claim(*confirmed)).collect(),
        untold: said.untold,
        denied: said.denied.iter().map(|denied| claim(*denied)).collect(),
    }
}

fn fault(stopped: &Stopped) -> Fault<'_> {
    let problem = &stopped.problem;
    Fault {
        end: stopped.step.map(|step| step.end.word()),
        moment: stopped.step.map(|step| step.moment),
        syscall: problem.call.as_deref(),
        errno: problem.errno,
        errno_name: problem.errno_name.as_deref(),
        message: &problem.message,
        meaning: &problem.meaning,
        hint: &problem.hint,
    }
}

fn apart(versus: &Versus<'_>) -> Apart {
    Apart {
        total: versus.total.map(longer),
        phases: versus
            .phases
            .iter()
            .map(|(phase, difference)| LongerPart { phase: *phase, longer: longer(*difference) })
            .collect(),
        calls: versus
            .pairs
            .iter()
            .map(|pair| LongerCall {
                moment: pair.moment,
                one: pair.one.is_some(),
                other: pair.other.is_some(),
                difference: pair.difference.map(longer),
            })
            .collect(),
    }
}

fn longer(difference: Difference) -> Longer {
    let shift = difference.shift;
    Longer {
        longer_ns: shift.value,
        ci95: shift.interval.map(|interval| (interval.low, interval.high)),
        clear: difference.clear,
    }
}
