//! What keeps whole columns from working: one sentence and one remedy, however many cells it costs.

use super::{About, Judged, State, together};
use crate::behaviour::column::{self, Column, Naming};
use crate::report::diagnosis::SANDBOX;
use crate::report::words::listed;
use crate::report::{Problem, Status};

/// A cause, and the columns that it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Is it broken, or just not offered here?
    pub status: Status,
    /// Whom it hits, in words: `tcp6 and udp6`.
    pub whom: String,
    /// What it is.
    pub meaning: String,
    /// The call that showed it, and what the kernel said.
    pub evidence: String,
    /// What helps, to be pasted.
    pub hint: String,
    /// The transports, for programs.
    pub transports: Vec<&'static str>,
}

/// The causes, in the order of the first column that each hits.
pub(super) fn of(columns: &[State], about: &About) -> Vec<Fault> {
    let troubled = columns.iter().filter_map(|state| Some((state.column, state.problem.as_ref()?)));
    let alike = together(troubled, |(_, (_, problem))| (&problem.meaning, &problem.hint));
    alike
        .into_iter()
        .filter_map(|(_, group)| {
            let (_, (status, problem)) = *group.first()?;
            let members: Vec<_> = group.iter().map(|(column, _)| *column).collect();
            Some(fault(problem, *status, &members, columns, about))
        })
        .collect()
}

fn fault(
    problem: &Problem,
    status: Status,
    members: &[Column],
    columns: &[State],
    about: &About,
) -> Fault {
    let mut meaning = problem.meaning.clone();
    // With IPv4 gone as well it would serve nobody.
    let ipv6 = members.iter().all(|column| column.transport.family.needs_ipv6());
    if ipv6 && about.wildcard_starts == Some(true) {
        meaning.push_str("; a server on [::] starts all the same, and serves IPv4 only");
    }
    let mut transports: Vec<_> = members.iter().map(|column| column.transport.name).collect();
    transports.dedup();
    Fault {
        status,
        whom: whom(members, columns),
        meaning,
        evidence: problem.message.clone(),
        hint: problem.hint.clone(),
        transports,
    }
}

/// What seccomp filters and their kin answer.
const FORBIDDEN: [&str; 3] = ["EPERM at ", "EACCES at ", "ENOSYS at "];
/// Fewer cells than these have reasons of their own.
const MANY: usize = 8;

/// What a policy does to a call, however many cells meet it: one sentence instead of them, which count
/// as not tried.
pub(super) fn policies(cells: &mut [Judged]) -> Vec<Fault> {
    let refused = |cell: &Judged| {
        let text = cell.observed.as_deref().filter(|_| cell.status.is_bad())?;
        FORBIDDEN.iter().any(|errno| text.starts_with(errno)).then(|| text.to_owned())
    };
    let mut refusals: Vec<_> = cells.iter().filter_map(refused).collect();
    refusals.sort_unstable();
    refusals.dedup();
    let mut faults = Vec::new();
    for text in &refusals {
        let is_hit =
            |cell: &&mut Judged| cell.status.is_bad() && cell.observed.as_ref() == Some(text);
        let mut hit: Vec<_> = cells.iter_mut().filter(is_hit).collect();
        let unix = hit.iter().filter(|cell| column::unix(&cell.task.column)).count();
        // A rule of one family's own is none of a policy.
        if hit.len() >= MANY
            && unix > 0
            && unix < hit.len()
            && let Some((errno, call)) = text.split_once(" at ")
        {
            faults.push(policy(errno, call, &mut hit));
        }
    }
    faults
}

/// One policy, and the cells that it cut short.
fn policy(errno: &str, call: &str, hit: &mut [&mut Judged]) -> Fault {
    for cell in &mut *hit {
        cell.reason = Some(format!("needs {call}()"));
        (cell.status, cell.observed) = (super::Status::Skipped, None);
        "untried".clone_into(&mut cell.short);
    }
    let mut transports: Vec<_> = hit.iter().map(|cell| cell.task.column.transport.name).collect();
    transports.sort_unstable();
    transports.dedup();
    Fault {
        status: Status::Fail,
        whom: listed(&transports),
        meaning: format!("a policy (seccomp, a sandbox) answers {call}() with {errno}"),
        evidence: format!("{} checks met it", hit.len()),
        hint: SANDBOX.to_owned(),
        transports,
    }
}

/// Names of columns: a Unix transport that is hit in one of its namings only says which.
pub(crate) fn whom(members: &[Column], columns: &[State]) -> String {
    let both = |column: &Column| {
        let mut twins = columns.iter().filter(|s| s.column.transport == column.transport);
        twins.all(|state| members.contains(&state.column))
    };
    let mut words: Vec<String> = Vec::new();
    for column in members {
        let word = match column.naming {
            Some(Naming::Path) if !both(column) => format!("{} by path", column.transport.name),
            Some(Naming::Abstract) if !both(column) => {
                format!("{} by abstract name", column.transport.name)
            }
            _ => column.transport.name.to_owned(),
        };
        if !words.contains(&word) {
            words.push(word);
        }
    }
    listed(&words)
}
