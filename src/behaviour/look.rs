//! Looking at a task: once, and again at what seems to deviate.

use super::column;
use super::expectation::{Match, compare};
use super::run::{Cell, Outcome, Shared, Task};
use super::stand::{Stand, TOO_LATE};
use crate::os::crowd::others_listen;
use crate::os::probe::{Entry, Journal, Recorder, Times};
use crate::os::{CallError, Errno, errno_name};
use crate::render::paint::tame;
use std::time::Duration;

/// The first look: loopback delivers within microseconds, a loaded machine within milliseconds.
const FIRST: Times = Times { quiet: Duration::from_millis(40), sure: Duration::from_millis(500) };
/// The second look at what seems to deviate: only what stays is believed.
const SECOND: Times = Times { quiet: Duration::from_millis(200), sure: Duration::from_secs(1) };

/// What a look has shown.
struct Seen {
    fact: String,
    refusal: Option<CallError>,
    calls: Vec<Entry>,
    /// Was it the scheduler's time, and not the socket's?
    late: bool,
}

/// Tries a task; what seems to deviate is looked at again, with more patience.
pub(super) fn try_task(task: Task, shared: &Shared, began: impl Fn(&Journal)) -> Cell {
    if !(task.check.applies)(&task.column) {
        return Cell::untried(task, Outcome::DoesNotApply);
    }
    if let Some(need) = task.check.needs.filter(|need| !need.is_met()) {
        return Cell::untried(task, Outcome::Needs(need));
    }
    look_twice(task, shared, began).unwrap_or_else(|cell| *cell)
}

/// The cell; as an error where descriptors or threads ran out.
fn look_twice(task: Task, shared: &Shared, began: impl Fn(&Journal)) -> Result<Cell, Box<Cell>> {
    let expected = task.check.expected(&task.column, &shared.machine);
    let deviates = |seen: &Seen| {
        expected.as_ref().is_some_and(|pattern| compare(pattern, &seen.fact) == Match::No)
    };
    let cell = |seen: Seen, first| {
        let Seen { fact, refusal, calls, .. } = seen;
        Cell { task, outcome: Outcome::Seen(fact, refusal), first, calls }
    };
    let first = look(task, shared, &began, FIRST)?;
    if !deviates(&first) {
        return Ok(cell(first, None));
    }
    // Before and after: a raw socket that was there in between only would have to be opened anew
    // during both looks.
    let crowded = || column::raw(&task.column) && others_listen(task.column.transport);
    let before = crowded();
    let again = look(task, shared, &began, SECOND)?;
    let told_by_others = match deviates(&again) {
        true if again.late => Some(Outcome::Busy),
        true if before || crowded() => Some(Outcome::Crowded),
        _ => None,
    };
    if let Some(outcome) = told_by_others {
        return Ok(Cell { calls: again.calls, ..Cell::untried(task, outcome) });
    }
    // A look that came too late has shown nothing.
    let first = (again.fact != first.fact && !first.late).then_some(first.fact);
    Ok(cell(again, first))
}

fn look(
    task: Task,
    shared: &Shared,
    began: impl Fn(&Journal),
    times: Times,
) -> Result<Seen, Box<Cell>> {
    let recorder = Recorder::new(times);
    began(&recorder.journal);
    let stand = Stand {
        column: task.column,
        machine: &shared.machine,
        recorder: recorder.clone(),
        names: &shared.names,
    };
    let outcome = recorder.lateness.during(|| (task.check.body)(&stand));
    let late = recorder.lateness.total();
    let busy = task.check.slack.is_some_and(|slack| late >= slack);
    let (fact, refusal) = match outcome {
        Ok(fact) => (fact, None),
        Err(error) => (format!("{} at {}", errno_name(error.errno), error.call), Some(error)),
    };
    let calls = recorder.journal.lines();
    if let Some(error) = starved(refusal.as_ref(), &calls) {
        return Err(Box::new(Cell { calls, ..Cell::untried(task, Outcome::Starved(error)) }));
    }
    let late = busy || refusal.as_ref().is_some_and(|error| error.call == TOO_LATE);
    Ok(Seen { fact: tame(&fact), refusal, calls, late })
}

/// The call for which descriptors or threads ran out, if one did.
fn starved(refusal: Option<&CallError>, calls: &[Entry]) -> Option<CallError> {
    const FEW: [Errno; 2] = [Errno::EMFILE, Errno::ENFILE];
    let few = |error: &&CallError| FEW.contains(&error.errno) || error.call == "clone";
    if let Some(error) = refusal.filter(few) {
        return Some(error.clone());
    }
    // A check may have taken the refusal for something to report.
    let told = |entry: &Entry, errno: &Errno| entry.outcome.as_deref() == Some(&errno_name(*errno));
    calls.iter().find_map(|entry| {
        let errno = FEW.into_iter().find(|errno| told(entry, errno))?;
        Some(CallError::new("socket", &entry.call, errno))
    })
}
