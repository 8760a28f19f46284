//! The parts of the page that lists of the program know: transports, groups, other names for them,
//! columns, warnings, exit codes.

use super::flags::listed;
use super::roff::{Roff, bold};
use crate::address::ALIASES;
use crate::echo::fault::grouped;
use crate::ping::finding::known;
use crate::render::{columns, openmetrics};
use crate::report::warning::IDS;
use crate::serve::admission::REASONS;
use crate::transport::{ALL, GROUPS, Limit, Transport};

/// The rows of the catalogue, then its groups.
pub(super) fn transports(roff: &mut Roff) {
    roff.text("A star marks those that are measured when nothing is named.");
    for transport in ALL {
        let star = if transport.in_default { " *" } else { "" };
        roff.item(&format!("{}{star}", bold(transport.name)), &described(transport));
    }
    roff.part("Groups");
    for group in GROUPS {
        let members: Vec<_> = ALL.iter().filter(|row| (group.holds)(row)).collect();
        let names: Vec<_> = members.iter().map(|row| row.name.to_owned()).collect();
        let text = if members.len() == ALL.len() {
            format!("{}.", capital(group.about))
        } else {
            format!("{}: {}.", capital(group.about), listed(&names))
        };
        roff.item(&bold(group.name), &text);
    }
}

fn described(transport: &Transport) -> String {
    let protocol = transport.protocol.constant();
    let limit = match transport.limit() {
        Limit::Unlimited => "messages of any size".to_owned(),
        Limit::Bytes(bytes) => format!("messages of {} bytes at most", grouped(bytes as u64)),
        Limit::SendBuffer => "messages as large as the send buffer, less 32 bytes".to_owned(),
    };
    format!(
        "{}. {}, {}, {protocol}; address {}; {limit}.",
        capital(transport.about),
        transport.domain_constant(),
        transport.kind.constant(),
        transport.address_form()
    )
}

/// The names of other programs, by what they mean.
pub(super) fn aliases(roff: &mut Roff) {
    let mut meanings: Vec<(String, Vec<String>)> = Vec::new();
    for alias in ALIASES {
        let meaning = format!("{}:{}", alias.means, alias.before);
        match meanings.iter_mut().find(|(known, _)| *known == meaning) {
            Some((_, names)) => names.push(format!("{}:", alias.name)),
            None => meanings.push((meaning, vec![format!("{}:", alias.name)])),
        }
    }
    roff.items(meanings.iter().map(|(meaning, names)| (bold(meaning), listed(names))));
}

/// The columns of the csv format. One that says nothing of itself goes with the one before.
pub(super) fn csv_columns(roff: &mut Roff) {
    let mut entries: Vec<(Vec<&str>, &str)> = Vec::new();
    for column in columns::ALL {
        match entries.last_mut().filter(|_| column.about.is_empty()) {
            Some((keys, _)) => keys.push(column.key),
            None => entries.push((vec![column.key], column.about)),
        }
    }
    roff.items(entries.into_iter().map(|(keys, about)| {
        let tag = keys.iter().map(|key| bold(key)).collect::<Vec<_>>().join(", ");
        (tag, about.to_owned())
    }));
}

/// The families of metrics.
pub(super) fn metrics(roff: &mut Roff) {
    roff.line(".RS");
    roff.items(openmetrics::known().map(|(name, labels, help)| {
        let labels: Vec<_> = labels.iter().map(|label| (*label).to_owned()).collect();
        (bold(name), format!("{help} Labels: {}.", listed(&labels)))
    }));
    roff.line(".RE");
}

/// What each warning means, and its limit.
const WARNINGS: &[(&str, &str)] = &[
    ("noise.wide", "The interval of a median reaches more than 5 % to one side."),
    (
        "noise.drift",
        "The medians of the second half of the rounds differ from those of the first by more than 5 %.",
    ),
    ("noise.load", "The hypervisor gave more than 10 % of a CPU's time to others."),
    (
        "noise.switches",
        "The client left its CPU in more than 1 of 100 echoes more often than waiting explains.",
    ),
    ("noise.modes", "The round trips have two humps, so that the median lies between two speeds."),
    ("clock.cost", "Reading the clock takes more than 5 % of a median."),
];

/// The warnings by their names.
pub(super) fn warnings(roff: &mut Roff) {
    for id in IDS {
        let meaning = WARNINGS.iter().find(|(known, _)| *known == id);
        roff.item(&bold(id), meaning.map_or("", |(_, meaning)| meaning));
    }
}

/// The messages that a server does not answer, by the words that its tally has for them.
pub(super) fn unanswered(roff: &mut Roff) {
    for (_, name, words) in REASONS {
        roff.item(&bold(name), &format!("Messages {words}."));
    }
}

/// What ping may find wrong with a server.
pub(super) fn findings(roff: &mut Roff) {
    for (id, about) in known() {
        roff.item(&bold(id), about);
    }
}

/// Every check, group by group, with the promise that it is held against.
pub(super) fn checks(roff: &mut Roff) {
    for group in crate::behaviour::rows::GROUPS {
        roff.part(&format!("{}. {}", group.rank, group.title));
        for check in group.checks {
            let needs =
                check.needs.map_or_else(String::new, |need| format!(" It needs {}.", need.words()));
            let text = format!("{}. {}.{needs}", sentence(check.claim), sentence(check.promise));
            roff.item(&bold(check.name), &text);
        }
    }
}

/// What each exit code says.
const EXIT_CODES: &[(&str, &str)] = &[
    (
        "0",
        "Everything that was asked for works. What this machine does not offer is left out of account, unless it was named.",
    ),
    (
        "1",
        "A row failed: a reply was wrong or missing, or an end could not do its work. A target of ping sent no echo back, or something else. A socket does not do what is documented, in a check. Something is slower, fails or is gone, in a comparison.",
    ),
    (
        "2",
        "It could not run at all, or its result could not be written: a wrong flag or value, a file that cannot be opened, a full disk, an address that serve cannot listen on.",
    ),
    (
        "3",
        "A transport that was named (not by a group) is not available here, or none at all is. With `--strict`, also one that a group or the default brought in.",
    ),
    (
        "4",
        "Only with `--strict`: the machine was too noisy, which a warning `noise.*` says; or a check could not be tried; or a comparison is undecided, or between different machines or settings.",
    ),
    ("70", "A bug in this program. Please report the line that it prints."),
    (
        "129, 130, 131, 143",
        "SIGHUP, SIGINT (Ctrl-C), SIGQUIT or SIGTERM came. What was measured is reported, then the process ends by that signal. serve and ping print a summary at SIGQUIT and go on, and SIGTERM is how serve is meant to end: with 0.",
    ),
];

/// The exit codes.
pub(super) fn exit_codes(roff: &mut Roff) {
    for (code, meaning) in EXIT_CODES {
        roff.item(&bold(code), meaning);
    }
}

/// Variables that are not ours.
const VARIABLES: &[(&str, &str)] = &[
    ("NO_COLOR", "If it is not empty, there is no colour, unless `--color always` asks for it."),
    ("CLICOLOR_FORCE", "If it is neither empty nor 0, there is colour, even into a pipe."),
    ("TERM", "With `dumb` there is neither colour nor a progress line."),
    (
        "LC_ALL, LC_CTYPE, LANG",
        "The first of them that is set decides whether letters beyond ASCII are printed: it has to name UTF-8.",
    ),
    ("TMPDIR", "Where the folder of the socket files is made."),
    ("XDG_RUNTIME_DIR", "Where serve and ping have the folder of theirs."),
    (
        "LISTEN_FDS, LISTEN_PID",
        "How many sockets were passed to serve, from descriptor 3 on, and to which process (`sd_listen_fds(3)`).",
    ),
    ("NOTIFY_SOCKET", "Where serve says `READY=1` and `STOPPING=1` (`sd_notify(3)`)."),
];

/// What other variables do.
pub(super) fn other_variables(roff: &mut Roff) {
    for (names, meaning) in VARIABLES {
        let tag = names.split(", ").map(bold).collect::<Vec<_>>().join(", ");
        roff.item(&tag, meaning);
    }
}

/// The beginning of a sentence: a capital letter, but for the names of calls and pages.
fn sentence(text: &str) -> String {
    let is_name = text.split(' ').next().is_some_and(|word| word.contains('('));
    if is_name { text.to_owned() } else { capital(text) }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_warning_has_a_meaning_and_every_meaning_a_warning() {
        let known: Vec<_> = WARNINGS.iter().map(|(id, _)| *id).collect();
        assert_eq!(known, IDS);
    }
}
