//! Trying checks over columns: side by side, each fenced, so that a call that never comes back costs
//! one cell and no more.

use super::column::{self, Column};
use super::expectation::{Match, compare};
use super::stand::Stand;
use super::{Check, Group, Need};
use crate::environment::Environment;
use crate::os::CallError;
use crate::os::probe::{Entry, Journal, Recorder, Times};
use crate::os::scratch::Scratch;
use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A check over a column.
#[derive(Clone, Copy, Debug)]
pub struct Task {
    /// Its group.
    pub group: &'static Group,
    /// The check.
    pub check: &'static Check,
    /// The column.
    pub column: Column,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// This was seen; the refusal that it was, if a call failed that should not.
    Seen(String, Option<CallError>),
    /// The column has nothing to do with it.
    DoesNotApply,
    /// It needs something that is not there.
    Needs(Need),
    /// It did not come back; the call, if one is known.
    Hung(Option<String>),
    /// Nobody tried: there was no time left, or the column does not work at all.
    NotTried,
}

/// A tried task.
#[derive(Clone, Debug)]
pub struct Cell {
    /// What was tried.
    pub task: Task,
    /// What came of it.
    pub outcome: Outcome,
    /// What was seen first, where a second and more patient look saw something else.
    pub first: Option<String>,
    /// The calls that were made.
    pub calls: Vec<Entry>,
}

impl Cell {
    const fn untried(task: Task, outcome: Outcome) -> Self {
        Self { task, outcome, first: None, calls: Vec::new() }
    }
}

/// How long a look may take before it counts as hung; no single wait in it is longer than a second.
const FENCE: Duration = Duration::from_millis(2500);
/// The first look: loopback delivers within microseconds, a loaded machine within milliseconds.
const FIRST: Times = Times { quiet: Duration::from_millis(40), sure: Duration::from_millis(500) };
/// The second look at what seems to deviate: only what stays is believed.
const SECOND: Times = Times { quiet: Duration::from_millis(200), sure: Duration::from_secs(1) };
/// So many checks wait side by side; most of them sleep.
const SIDE_BY_SIDE: usize = 24;

/// What is shared by everybody who tries.
#[derive(Debug)]
struct Shared {
    tasks: Vec<Task>,
    jobs: Mutex<VecDeque<VecDeque<usize>>>,
    names: Mutex<Scratch>,
    machine: Environment,
}

/// News from whoever tries.
enum News {
    Began(usize, Journal),
    Done(usize, Box<Cell>),
    Finished,
}

struct Worker {
    alive: Arc<AtomicBool>,
    /// What it is at, since when, and what it has called.
    at: Option<(usize, Instant, Journal)>,
    /// What it will do afterwards.
    rest: Arc<Mutex<VecDeque<usize>>>,
}

/// Tries tasks, until `stop` says so; the cells in the order of the tasks.
pub fn run(
    tasks: Vec<Task>,
    machine: &Environment,
    folder: &Path,
    mut stop: impl FnMut() -> bool,
) -> Vec<Cell> {
    let jobs = Mutex::new(jobs(&tasks));
    let names = Mutex::new(Scratch::passable_below(folder));
    let shared = Arc::new(Shared { tasks, jobs, names, machine: machine.clone() });
    let (sender, news) = channel();
    let mut crew = Crew { shared: Arc::clone(&shared), sender, workers: BTreeMap::new(), hired: 0 };
    let wanted = lock(&shared.jobs).len().min(SIDE_BY_SIDE);
    for _ in 0..wanted {
        crew.hire(VecDeque::new());
    }
    let mut cells: Vec<Option<Cell>> = vec![None; shared.tasks.len()];
    crew.watch(&news, &mut cells, &mut stop);
    // The folder goes now, even if somebody who hangs keeps the rest.
    *lock(&shared.names) = Scratch::below(folder);
    let untried = |(place, cell): (usize, Option<Cell>)| {
        cell.unwrap_or_else(|| Cell::untried(shared.tasks[place], Outcome::NotTried))
    };
    cells.into_iter().enumerate().map(untried).collect()
}

/// Every task is a job of its own, but those over raw sockets, which hear each other: they go one
/// after the other, and begin first.
fn jobs(tasks: &[Task]) -> VecDeque<VecDeque<usize>> {
    let mut jobs: VecDeque<VecDeque<usize>> = VecDeque::new();
    let mut lines: Vec<(Column, VecDeque<usize>)> = Vec::new();
    for (place, task) in tasks.iter().enumerate() {
        if !column::raw(&task.column) {
            jobs.push_back(VecDeque::from([place]));
            continue;
        }
        match lines.iter_mut().find(|(column, _)| *column == task.column) {
            Some((_, line)) => line.push_back(place),
            None => lines.push((task.column, VecDeque::from([place]))),
        }
    }
    for (_, line) in lines {
        jobs.push_front(line);
    }
    jobs
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Crew {
    shared: Arc<Shared>,
    sender: Sender<(usize, News)>,
    workers: BTreeMap<usize, Worker>,
    hired: usize,
}

impl Crew {
    /// Somebody more, who does this first.
    fn hire(&mut self, first: VecDeque<usize>) {
        let (id, alive) = (self.hired, Arc::new(AtomicBool::new(true)));
        let rest = Arc::new(Mutex::new(first));
        self.hired += 1;
        let worker = Worker { alive: Arc::clone(&alive), at: None, rest: Arc::clone(&rest) };
        self.workers.insert(id, worker);
        let (shared, sender) = (Arc::clone(&self.shared), self.sender.clone());
        std::thread::spawn(move || work(id, &shared, &sender, &alive, &rest));
    }

    fn watch(
        &mut self,
        news: &Receiver<(usize, News)>,
        cells: &mut [Option<Cell>],
        stop: &mut impl FnMut() -> bool,
    ) {
        while !self.workers.is_empty() && !stop() {
            match news.recv_timeout(Duration::from_millis(20)) {
                Ok((id, news)) => self.hear(id, news, cells),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
            }
            self.replace_the_lost(cells);
        }
        for worker in self.workers.values() {
            worker.alive.store(false, Ordering::Relaxed);
        }
    }

    fn hear(&mut self, id: usize, news: News, cells: &mut [Option<Cell>]) {
        // Whoever was given up is not heard any more.
        let Some(worker) = self.workers.get_mut(&id) else { return };
        match news {
            News::Began(place, journal) => worker.at = Some((place, Instant::now(), journal)),
            // What does not apply is done without having begun.
            News::Done(place, cell) => {
                worker.at = None;
                cells[place] = Some(*cell);
            }
            News::Finished => {
                self.workers.remove(&id);
            }
        }
    }

    fn replace_the_lost(&mut self, cells: &mut [Option<Cell>]) {
        let late = |worker: &Worker| {
            worker.at.as_ref().is_some_and(|(_, since, _)| since.elapsed() > FENCE)
        };
        let lost: Vec<_> =
            self.workers.iter().filter(|(_, w)| late(w)).map(|(id, _)| *id).collect();
        for id in lost {
            let Some(worker) = self.workers.remove(&id) else { continue };
            worker.alive.store(false, Ordering::Relaxed);
            if let Some((place, _, journal)) = worker.at {
                let outcome = Outcome::Hung(journal.hanging());
                let mut cell = Cell::untried(self.shared.tasks[place], outcome);
                cell.calls = journal.lines();
                cells[place] = Some(cell);
            }
            let rest = std::mem::take(&mut *lock(&worker.rest));
            self.hire(rest);
        }
    }
}

fn work(
    id: usize,
    shared: &Shared,
    sender: &Sender<(usize, News)>,
    alive: &AtomicBool,
    rest: &Mutex<VecDeque<usize>>,
) {
    // If nobody listens any more, the run is over.
    let tell = |news| sender.send((id, news)).is_ok();
    while alive.load(Ordering::Relaxed) {
        let next = lock(rest).pop_front();
        let Some(place) = next else {
            let Some(job) = lock(&shared.jobs).pop_front() else { break };
            *lock(rest) = job;
            continue;
        };
        let began = |journal: &Journal| {
            tell(News::Began(place, journal.clone()));
        };
        let cell = try_task(shared.tasks[place], shared, began);
        tell(News::Done(place, Box::new(cell)));
    }
    tell(News::Finished);
}

/// Tries a task; what seems to deviate is looked at again, with more patience.
fn try_task(task: Task, shared: &Shared, began: impl Fn(&Journal)) -> Cell {
    if !(task.check.applies)(&task.column) {
        return Cell::untried(task, Outcome::DoesNotApply);
    }
    if let Some(need) = task.check.needs.filter(|need| !need.is_met()) {
        return Cell::untried(task, Outcome::Needs(need));
    }
    let look = |times| {
        let recorder = Recorder::new(times);
        began(&recorder.journal);
        let stand = Stand {
            column: task.column,
            machine: &shared.machine,
            recorder: recorder.clone(),
            names: &shared.names,
        };
        let seen = match (task.check.body)(&stand) {
            Ok(fact) => (fact, None),
            Err(error) => {
                (format!("{} at {}", crate::os::errno_name(error.errno), error.call), Some(error))
            }
        };
        (seen, recorder.journal.lines())
    };
    let ((fact, refusal), calls) = look(FIRST);
    let expected = task.check.expected(&task.column, &shared.machine);
    if expected.is_none_or(|pattern| compare(&pattern, &fact) != Match::No) {
        return Cell { task, outcome: Outcome::Seen(fact, refusal), first: None, calls };
    }
    let ((again, refusal), calls) = look(SECOND);
    let first = (again != fact).then_some(fact);
    Cell { task, outcome: Outcome::Seen(again, refusal), first, calls }
}
