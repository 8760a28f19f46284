//! The rows: what fits, what it means and who does that, what helps. Nothing else happens here.

use super::super::recognise::Answer;
use super::{Row, Seen, excerpt, span};
use crate::os::{Errno, errno_name};

pub(super) const ROWS: &[Row] = &[
    Row {
        id: "refused",
        about: "Nobody listens there.",
        fails: true,
        fits: |s| connect(s, &[Errno::ECONNREFUSED, Errno::ENOENT]),
        message: |s| format!("nobody listens at {} ({})", s.address, name(s)),
        hint: |s| format!("start one: sockeye serve {}", s.quoted),
    },
    Row {
        id: "other-type",
        about: "The socket file is that of another type.",
        fails: true,
        fits: |s| connect(s, &[Errno::EPROTOTYPE]),
        message: |s| format!("the socket file at {} is of another type ({})", s.address, name(s)),
        hint: |s| {
            format!(
                "try unix-stream:, unix-dgram: or unix-seqpacket: instead of {}:; ss -xl tells",
                s.transport.name
            )
        },
    },
    Row {
        id: "denied",
        about: "This user may not connect there.",
        fails: true,
        fits: |s| connect(s, &[Errno::EACCES, Errno::EPERM]),
        message: |s| format!("this user may not connect to {} ({})", s.address, name(s)),
        hint: |_| {
            "for a path: ls -l it, it takes the right to write; else: sudo nft list ruleset"
                .to_owned()
        },
    },
    Row {
        id: "unreachable",
        about: "There is no way there from here.",
        fails: true,
        fits: |s| {
            connect(
                s,
                &[
                    Errno::ENETUNREACH,
                    Errno::EHOSTUNREACH,
                    Errno::EADDRNOTAVAIL,
                    Errno::ENETDOWN,
                    Errno::EHOSTDOWN,
                ],
            )
        },
        message: |s| format!("there is no way to {} from here ({})", s.address, name(s)),
        hint: |_| "ip route; ip -6 route".to_owned(),
    },
    Row {
        id: "connect-timeout",
        about: "No connection came about in time, or the server's queue stayed full.",
        fails: true,
        fits: |s| connect(s, &[Errno::ETIMEDOUT, Errno::EAGAIN]),
        message: |s| match s.error.as_ref().map(|error| error.errno) {
            Some(Errno::EAGAIN) => {
                format!("{} accepts nobody: its queue was full for {}", s.address, span(s.timeout))
            }
            _ => format!(
                "no connection to {} in {}: a firewall that drops does this, or no such host",
                s.address,
                span(s.timeout)
            ),
        },
        hint: |s| format!("more time: sockeye ping {} -W 5s", s.quoted),
    },
    Row {
        id: "too-large",
        about: "A message of that size does not fit into the transport.",
        fails: true,
        fits: |s| s.error.as_ref().is_some_and(|error| error.errno == Errno::EMSGSIZE),
        message: |s| match s.limit.filter(|limit| *limit < s.size) {
            Some(limit) => format!(
                "{} B do not fit into a message of {}: at most {limit} B do (EMSGSIZE)",
                s.size, s.transport.name
            ),
            None => format!("{} B do not fit into a message here (EMSGSIZE)", s.size),
        },
        hint: |s| {
            format!(
                "sockeye ping {} -s {}",
                s.quoted,
                s.limit.filter(|limit| *limit < s.size).unwrap_or(1024)
            )
        },
    },
    Row {
        id: "call",
        about: "A call failed for another reason.",
        fails: true,
        fits: |s| s.error.is_some(),
        message: |s| {
            s.error.as_ref().map_or_else(String::new, |error| {
                format!(
                    "{} says {} ({}, {})",
                    s.address,
                    error.errno.desc().to_lowercase(),
                    errno_name(error.errno),
                    error.call
                )
            })
        },
        hint: |s| format!("strace -f -e trace=%network sockeye ping {} -c 1", s.quoted),
    },
    Row {
        id: "speaks-first",
        about: "The server speaks before it is asked, as SSH and SMTP do.",
        fails: true,
        fits: |s| s.spoke_first.is_some(),
        message: |s| {
            format!(
                "no echo server: it speaks first, as SSH and SMTP do: \"{}\"",
                excerpt(s.spoke_first.as_deref().unwrap_or_default())
            )
        },
        hint: |s| {
            let word = first_word(s.spoke_first.as_deref().unwrap_or_default());
            format!("sockeye ping {} --send '' --expect {}", s.quoted, quoted(&word))
        },
    },
    Row {
        id: "cut",
        about: "Messages come back cut: the server reads into a buffer that is too small. socat's and ncat's has 8,192 bytes.",
        fails: true,
        fits: |s| matches!(s.wrong, Some(Answer::Cut { .. })),
        message: |s| match s.wrong {
            Some(Answer::Cut { len: 8192, .. }) => format!(
                "messages of {} B come back cut at 8,192 B: the server reads into a buffer of that size, as socat and ncat do",
                s.size
            ),
            Some(Answer::Cut { len, .. }) => format!(
                "messages of {} B come back cut at {len} B: the server reads into a buffer of that size",
                s.size
            ),
            _ => String::new(),
        },
        hint: |s| match s.wrong {
            Some(Answer::Cut { len, .. }) if len > 0 => {
                format!("what fits comes back whole: sockeye ping {} -s {len}", s.quoted)
            }
            _ => compare(s),
        },
    },
    Row {
        id: "merged",
        about: "Several messages come back as one: the server takes them for a stream, as socat's PIPE does.",
        fails: true,
        fits: |s| matches!(s.wrong, Some(Answer::Merged { .. })),
        message: |s| match &s.wrong {
            Some(Answer::Merged { numbers, len }) => format!(
                "{} messages came back as one of {len} B: the server treats messages as a stream, as socat's PIPE does",
                numbers.len()
            ),
            _ => String::new(),
        },
        hint: |s| format!("one message at a time: sockeye ping {} -i 0", s.quoted),
    },
    Row {
        id: "padded",
        about: "Echoes come back with more bytes before or behind them.",
        fails: true,
        fits: |s| matches!(s.wrong, Some(Answer::Padded { .. })),
        message: |s| match s.wrong {
            Some(Answer::Padded { before, behind, .. }) => format!(
                "echoes come back with {before} B more before them and {behind} B behind: the server decorates what it is sent"
            ),
            _ => String::new(),
        },
        hint: as_text,
    },
    Row {
        id: "changed",
        about: "A byte came back as another one.",
        fails: true,
        fits: |s| matches!(s.wrong, Some(Answer::Flipped { .. })),
        message: |s| match s.wrong {
            Some(Answer::Flipped { number, byte, sent, received }) => format!(
                "echo {number}: byte {byte} of {} is 0x{received:02x}, sent 0x{sent:02x}",
                s.size
            ),
            _ => String::new(),
        },
        hint: compare,
    },
    Row {
        id: "not-an-echo",
        about: "The answer is something else. `--send` and `--expect` are for such servers.",
        fails: true,
        fits: |s| matches!(s.wrong, Some(Answer::Foreign(_) | Answer::Echo(_))),
        message: |s| match &s.wrong {
            Some(Answer::Foreign(bytes)) => {
                format!("the answer is no echo: \"{}\"", excerpt(bytes))
            }
            _ => "the answer is no echo".to_owned(),
        },
        hint: as_text,
    },
    Row {
        id: "unexpected",
        about: "The answer does not hold what `--expect` says.",
        fails: true,
        fits: |s| s.unexpected.is_some(),
        message: |s| {
            format!(
                "the answer does not hold \"{}\"; it is \"{}\"",
                excerpt(s.expected.as_deref().unwrap_or_default()),
                excerpt(s.unexpected.as_deref().unwrap_or_default())
            )
        },
        hint: |s| {
            format!("any answer will do: sockeye ping {} --send TEXT, without --expect", s.quoted)
        },
    },
    Row {
        id: "short-then-closed",
        about: "A stream gave a part back and closed: the server reads once.",
        fails: true,
        fits: |s| s.short.is_some(),
        message: |s| {
            format!(
                "only {} of {} B came back before it closed: the server reads once, and no more than that",
                s.short.unwrap_or(0),
                s.size
            )
        },
        hint: |s| {
            format!(
                "what it reads comes back: sockeye ping {} -s {}",
                s.quoted,
                s.short.unwrap_or(1).max(1)
            )
        },
    },
    Row {
        id: "refused-after-answer",
        about: "A server of datagrams answered and was gone, as socat's UDP-RECVFROM is without fork.",
        fails: true,
        fits: |s| s.refusal.is_some() && s.counts.received > 0,
        message: |s| {
            format!(
                "answered {}, then refused: the server serves so many and ends, as socat's UDP-RECVFROM does without fork",
                times(s.counts.received)
            )
        },
        hint: |s| format!("a server that stays: sockeye serve {}", s.quoted),
    },
    Row {
        id: "refused-late",
        about: "Nobody is there: without a connection, a refusal shows only after the first send.",
        fails: true,
        fits: |s| s.refusal.is_some(),
        message: |s| {
            format!(
                "nobody is at {} ({}): there is no connection, so that the refusal of the first message came back at a later call",
                s.address,
                s.refusal.map_or_else(String::new, errno_name)
            )
        },
        hint: |s| format!("start one: sockeye serve {}", s.quoted),
    },
    Row {
        id: "closes-without-answer",
        about: "The server accepts and closes.",
        fails: true,
        fits: |s| s.closed_without > 0,
        message: |s| {
            format!("it accepted and closed without an answer, {}", times(s.closed_without))
        },
        hint: as_text,
    },
    Row {
        id: "does-not-read",
        about: "There was no room to send for as long as an answer may take.",
        fails: true,
        fits: |s| s.blocked,
        message: |s| format!("it does not read: for {} there was no room to send", span(s.timeout)),
        hint: compare,
    },
    Row {
        id: "silent",
        about: "The port is open, but nothing comes back.",
        fails: true,
        fits: |s| {
            s.counts.received + s.counts.wrong == 0 && s.expired > 0 && s.transport.kind.connects()
        },
        message: |s| {
            format!(
                "no echo from {} in {}: connected, sent {} B, got {} B",
                s.address,
                span(s.timeout),
                s.bytes.0,
                s.bytes.1
            )
        },
        hint: |s| {
            if s.sends_text {
                format!("more time: sockeye ping {} --send TEXT -W 5s", s.quoted)
            } else {
                format!(
                    "the port is open but nothing echoes. to compare: sockeye serve {}; if it reads lines: sockeye ping {} --send 'hello\\n' --expect hello",
                    s.transport.name, s.quoted
                )
            }
        },
    },
    Row {
        id: "unanswered",
        about: "No datagram was answered.",
        fails: true,
        fits: |s| s.counts.received + s.counts.wrong == 0 && s.expired > 0,
        message: |s| {
            format!(
                "no answer from {} to any of {}: nobody there echoes, or a firewall drops",
                s.address,
                times_noun(s.counts.sent, "message")
            )
        },
        hint: compare,
    },
    Row {
        id: "stalled",
        about: "A connection, which loses nothing, left echoes without an answer.",
        fails: true,
        fits: |s| s.expired > s.counts.late && s.transport.kind.connects(),
        message: |s| {
            format!(
                "{} not answered in time although the connection loses nothing",
                times_noun(s.expired - s.counts.late, "echo")
            )
        },
        hint: |s| format!("more time: sockeye ping {} -W 5s", s.quoted),
    },
    Row {
        id: "closes-after-each",
        about: "The server closes after an answer, so that each echo needs a new connection. The target passes all the same.",
        fails: false,
        fits: |s| s.closed_after > 0,
        message: |_| {
            "the server closes after an answer: each echo gets a new connection".to_owned()
        },
        hint: |s| format!("one that stays open: sockeye serve {}", s.transport.name),
    },
];

fn connect(seen: &Seen, errnos: &[Errno]) -> bool {
    seen.error
        .as_ref()
        .is_some_and(|error| error.call == "connect" && errnos.contains(&error.errno))
}

fn name(seen: &Seen) -> String {
    let error = seen.error.as_ref();
    error.map_or_else(String::new, |error| format!("{}, {}", errno_name(error.errno), error.call))
}

fn as_text(seen: &Seen) -> String {
    format!(
        "for a server that answers something else: sockeye ping {} --send TEXT --expect TEXT",
        seen.quoted
    )
}

fn compare(seen: &Seen) -> String {
    format!("to compare: sockeye serve {}", seen.transport.name)
}

fn times(count: u64) -> String {
    if count == 1 { "once".to_owned() } else { format!("{count} times") }
}

fn times_noun(count: u64, noun: &str) -> String {
    match (count, noun.ends_with('o')) {
        (1, _) => format!("1 {noun}"),
        (_, true) => format!("{count} {noun}es"),
        (_, false) => format!("{count} {noun}s"),
    }
}

/// The first word, which stays the same when a version or a date behind it changes.
fn first_word(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let word = text.split(|letter: char| letter.is_whitespace() || letter.is_control()).next();
    word.unwrap_or_default().chars().take(20).collect()
}

/// As a shell and `--expect` read it, where a backslash begins the name of a byte.
fn quoted(word: &str) -> String {
    crate::shell::word(&word.replace('\\', "\\\\"))
}
