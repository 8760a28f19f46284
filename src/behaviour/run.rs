//! Trying checks over columns: side by side, each fenced, so that a call that never comes back costs
//! one cell and no more.

use super::column::{self, Column};
use super::look::try_task;
use super::{Check, Group, Need};
use crate::environment::Environment;
use crate::os::CallError;
use crate::os::limits::raise_descriptors;
use crate::os::probe::{Entry, Journal};
use crate::os::process::{begin_thread, thread_id, thread_is_asleep};
use crate::os::scratch::Scratch;
use crate::os::turn::Turn;
use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
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
    /// Descriptors or threads ran out in the middle of it, so that what was seen tells nothing.
    Starved(CallError),
    /// Something else was seen than what is to be seen, while others had sockets that take part in
    /// it, so that it may be their doing.
    Crowded,
    /// Something else was seen than what is to be seen, while threads waited for a CPU, so that it
    /// may be the scheduler's doing.
    Busy,
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
    pub(super) const fn untried(task: Task, outcome: Outcome) -> Self {
        Self { task, outcome, first: None, calls: Vec::new() }
    }
}

/// How long a call may take before it counts as hung; no single wait in it is longer than a second.
const FENCE: Duration = Duration::from_millis(2500);
/// After this it is over even for who was kept from a CPU.
const LAST: Duration = Duration::from_secs(10);
/// So many checks wait side by side; most of them sleep.
const SIDE_BY_SIDE: usize = 24;
/// So many descriptors each has at once, usually.
const DESCRIPTORS: u64 = 8;
/// So long raw sockets wait for other runs to be done with theirs. Who has not come to an end by then
/// may be stopped for good.
const TURN: Duration = Duration::from_secs(5);

/// What is shared by everybody who tries.
#[derive(Debug)]
pub(super) struct Shared {
    tasks: Vec<Task>,
    jobs: Mutex<VecDeque<Job>>,
    pub(super) names: Mutex<Scratch>,
    pub(super) machine: Environment,
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
    /// What it is to do, that which it is at first.
    rest: Arc<Mutex<Job>>,
    /// Its thread; 0 before it has begun.
    thread: Arc<AtomicI32>,
}

impl Worker {
    /// Takes from whoever is late what it is at, and what it was to do afterwards; None from whoever
    /// has just done it, so that the news is under way.
    fn give_up(&self) -> Option<(usize, Journal, VecDeque<usize>)> {
        let (place, since, journal) =
            self.at.as_ref().filter(|(_, since, _)| since.elapsed() > FENCE)?;
        // A time alone does not tell: only who sleeps in one and the same call hangs. Who waits for a
        // CPU is R to the kernel, who waits for a disk or a lock of the kernel D (proc(5)), and who
        // waits for others of us is in no call.
        let sleeps = || thread_is_asleep(self.thread.load(Ordering::Relaxed));
        let hangs = journal.hanging_since().is_some_and(|call| call.elapsed() > FENCE) && sleeps();
        if !hangs && since.elapsed() < LAST {
            return None;
        }
        let mut rest = lock(&self.rest);
        let afterwards = |rest: &mut VecDeque<usize>| rest.drain(..).skip(1).collect();
        (rest.front() == Some(place)).then(|| (*place, journal.clone(), afterwards(&mut rest)))
    }
}

/// Tries tasks, until `stop` says so; the cells in the order of the tasks.
///
/// # Errors
/// When not a single thread is to be had.
pub fn run(
    tasks: Vec<Task>,
    machine: &Environment,
    folder: &Path,
    mut stop: impl FnMut() -> bool,
) -> Result<Vec<Cell>, CallError> {
    let (lines, jobs) = jobs(&tasks);
    let jobs = Mutex::new(jobs);
    let names = Mutex::new(Scratch::passable_below(folder));
    let shared = Arc::new(Shared { tasks, jobs, names, machine: machine.clone() });
    let (sender, news) = channel();
    let mut crew = Crew::new(&shared, sender, lines);
    crew.assemble()?;
    let mut cells: Vec<Option<Cell>> = vec![None; shared.tasks.len()];
    crew.watch(&news, &mut cells, &mut stop);
    // Whoever hangs, or was interrupted, is still at it and must not make another folder.
    lock(&shared.names).close();
    let untried = |(place, cell): (usize, Option<Cell>)| {
        cell.unwrap_or_else(|| Cell::untried(shared.tasks[place], Outcome::NotTried))
    };
    Ok(cells.into_iter().enumerate().map(untried).collect())
}

/// A job is tasks that go one after the other.
type Job = VecDeque<usize>;

/// Every task is a job of its own, but those over raw sockets, which hear each other: theirs are the
/// first of the two lists.
fn jobs(tasks: &[Task]) -> (Vec<Job>, VecDeque<Job>) {
    let mut jobs: VecDeque<Job> = VecDeque::new();
    let mut lines: Vec<(Column, Job)> = Vec::new();
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
    (lines.into_iter().map(|(_, line)| line).collect(), jobs)
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Crew {
    shared: Arc<Shared>,
    sender: Sender<(usize, News)>,
    workers: BTreeMap<usize, Worker>,
    hired: usize,
    /// What raw sockets do: they hear those of other processes as well, and so wait for their turn.
    lines: Vec<Job>,
    turn: Option<Turn>,
    patience: Instant,
}

impl Crew {
    fn new(shared: &Arc<Shared>, sender: Sender<(usize, News)>, lines: Vec<Job>) -> Self {
        Self {
            shared: Arc::clone(shared),
            sender,
            workers: BTreeMap::new(),
            hired: 0,
            lines,
            turn: None,
            patience: Instant::now() + TURN,
        }
    }

    /// As many as there is work for; fewer where descriptors or threads are few.
    fn assemble(&mut self) -> Result<(), CallError> {
        self.begin_lines();
        let fed = raise_descriptors().map_or(SIDE_BY_SIDE, |limit| {
            usize::try_from(limit / DESCRIPTORS).unwrap_or(SIDE_BY_SIDE)
        });
        let wanted = lock(&self.shared.jobs).len().min(SIDE_BY_SIDE).min(fed.max(1));
        for _ in 0..wanted {
            match self.hire(Job::new()) {
                Err(error) if self.workers.is_empty() => return Err(error),
                Err(_) => break,
                Ok(()) => {}
            }
        }
        Ok(())
    }

    /// Raw sockets begin once it is their turn, or they have waited long enough.
    fn begin_lines(&mut self) {
        if self.lines.is_empty() {
            return;
        }
        match Turn::take("raw") {
            Ok(None) if Instant::now() < self.patience => return,
            // Without such names there are no turns either.
            turn => self.turn = turn.unwrap_or_default(),
        }
        for line in std::mem::take(&mut self.lines) {
            self.hire_or_leave(line);
        }
    }

    /// Somebody more, who does this first; if there is nobody, it is left to the others.
    fn hire_or_leave(&mut self, first: Job) {
        if self.hire(first.clone()).is_err() {
            lock(&self.shared.jobs).push_front(first);
        }
    }

    /// Somebody more, who does this first.
    fn hire(&mut self, first: Job) -> Result<(), CallError> {
        let (id, alive) = (self.hired, Arc::new(AtomicBool::new(true)));
        let rest = Arc::new(Mutex::new(first));
        self.hired += 1;
        let thread = Arc::new(AtomicI32::new(0));
        let worker = Worker {
            alive: Arc::clone(&alive),
            at: None,
            rest: Arc::clone(&rest),
            thread: Arc::clone(&thread),
        };
        let (shared, sender) = (Arc::clone(&self.shared), self.sender.clone());
        begin_thread(move || {
            thread.store(thread_id(), Ordering::Relaxed);
            work(id, &shared, &sender, &alive, &rest);
        })?;
        self.workers.insert(id, worker);
        Ok(())
    }

    fn watch(
        &mut self,
        news: &Receiver<(usize, News)>,
        cells: &mut [Option<Cell>],
        stop: &mut impl FnMut() -> bool,
    ) {
        while self.is_at_it() && !stop() {
            self.begin_lines();
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

    fn is_at_it(&self) -> bool {
        !self.workers.is_empty() || !self.lines.is_empty()
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
        let lost: Vec<_> =
            self.workers.iter().filter_map(|(id, worker)| Some((*id, worker.give_up()?))).collect();
        for (id, (place, journal, rest)) in lost {
            let hangs = journal.hanging_since().is_some_and(|call| call.elapsed() > FENCE);
            let outcome = if hangs { Outcome::Hung(journal.hanging()) } else { Outcome::Busy };
            let mut cell = Cell::untried(self.shared.tasks[place], outcome);
            cell.calls = journal.lines();
            cells[place] = Some(cell);
            if let Some(worker) = self.workers.remove(&id) {
                worker.alive.store(false, Ordering::Relaxed);
            }
            self.hire_or_leave(rest);
        }
    }
}

fn work(
    id: usize,
    shared: &Shared,
    sender: &Sender<(usize, News)>,
    alive: &AtomicBool,
    rest: &Mutex<Job>,
) {
    // If nobody listens any more, the run is over.
    let tell = |news| sender.send((id, news)).is_ok();
    while alive.load(Ordering::Relaxed) {
        let next = lock(rest).front().copied();
        let Some(place) = next else {
            let Some(job) = lock(&shared.jobs).pop_front() else { break };
            *lock(rest) = job;
            continue;
        };
        let began = |journal: &Journal| {
            tell(News::Began(place, journal.clone()));
        };
        let cell = try_task(shared.tasks[place], shared, began);
        // Whoever was given up meanwhile has nothing left: somebody else does it.
        if lock(rest).pop_front() != Some(place) {
            return;
        }
        tell(News::Done(place, Box::new(cell)));
    }
    tell(News::Finished);
}
