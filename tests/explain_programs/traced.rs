//! Calls on sockets as strace saw them, in words that can be held against a walk's.

use crate::support::clean;
use std::fs;
use std::path::Path;
use std::process::Command;

/// A command whose calls are written to files of that name.
pub(crate) fn traced(inner: &Command, file: &Path) -> Command {
    let mut command = Command::new("strace");
    command.args("-ff -qq -ttt -s 8 -e signal=none -e".split(' '));
    command.args(["trace=execve,%process,%network,close,unlink,unlinkat,read,write", "-o"]);
    command.arg(file).arg(inner.get_program()).args(inner.get_args());
    clean(&mut command);
    for (name, value) in inner.get_envs() {
        value.map(|value| command.env(name, value));
    }
    if let Some(folder) = inner.get_current_dir() {
        command.current_dir(folder);
    }
    command
}

/// What each process asked, a text each.
pub(crate) fn texts(file: &Path) -> Vec<String> {
    let folder = file.parent().expect("a folder");
    let start = format!("{}.", file.file_name().expect("a name").display());
    let files = fs::read_dir(folder).expect("it is there").flatten();
    let ours = files.filter(|entry| entry.file_name().to_string_lossy().starts_with(&start));
    ours.map(|entry| fs::read_to_string(entry.path()).expect("strace wrote it")).collect()
}

/// A call on a socket.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Seen {
    /// When it began, in seconds.
    pub(crate) at: f64,
    /// Its name, as a walk has it.
    pub(crate) name: &'static str,
    /// On which descriptor.
    pub(crate) descriptor: Option<i32>,
    /// What came of it.
    pub(crate) result: i64,
    /// The whole of it, with which socket of its process it is on, counted from 0.
    pub(crate) words: String,
}

impl Seen {
    /// Does a walk of one end begin with it?
    pub(crate) fn is_socket(&self) -> bool {
        self.name == "socket"
    }
}

/// The calls on sockets of one process, in their order.
pub(crate) fn seen(text: &str) -> Vec<Seen> {
    let mut open: Vec<i32> = Vec::new();
    text.lines().filter_map(|line| one(line, &mut open)).collect()
}

/// `1.5 send(3, ""..., 64, 0) = 64`: when, what, with what, and what came of it.
fn one(line: &str, open: &mut Vec<i32>) -> Option<Seen> {
    let (at, call) = line.split_once(' ')?;
    let (name, rest) = call.split_once('(')?;
    let (inner, result) = rest.rsplit_once(" = ")?;
    let inner = &without_data(name, inner.trim_end().strip_suffix(')')?);
    let arguments: Vec<_> = inner.split(", ").collect();
    let result: i64 = result.split(' ').next()?.parse().ok()?;
    let made = i32::try_from(result).expect("a small number");
    let descriptor: Option<i32> = match name {
        "socket" | "unlink" => None,
        _ => Some(arguments[0].parse().ok().filter(|number| open.contains(number))?),
    };
    let slot = descriptor.and_then(|number| open.iter().position(|other| *other == number));
    let slot = slot.map_or(String::new(), |slot| format!("@{slot}"));
    let (name, about) = words(name, &arguments, inner, result)?;
    match name {
        "socket" if about.contains("NETLINK") => return None,
        "socket" | "accept4" => open.push(made),
        // Those of the next walk are counted from 0 again.
        "close" if slot == "@0" => open.clear(),
        _ => {}
    }
    let words = format!("{name}{slot} {about}").trim_end().to_owned();
    Some(Seen { at: at.parse().ok()?, name, descriptor, result, words })
}

/// The arguments without what was sent or received, which may look like anything.
fn without_data(name: &str, inner: &str) -> String {
    let moves = ["sendto", "recvfrom", "read", "write"].contains(&name);
    let Some((front, data)) = inner.split_once('"').filter(|_| moves) else {
        return inner.to_owned();
    };
    let mut escaped = false;
    let end = data.find(|letter| {
        let is_end = letter == '"' && !escaped;
        escaped = letter == '\\' && !escaped;
        is_end
    });
    format!("{front}{}", &data[end.map_or(data.len(), |end| end + 1)..])
}

/// The name and the rest of a call, as walks have them.
fn words(
    name: &str,
    arguments: &[&str],
    inner: &str,
    result: i64,
) -> Option<(&'static str, String)> {
    let flagged = |count: usize| match arguments[count] {
        "0" => String::new(),
        flags => format!(" {flags}"),
    };
    Some(match name {
        "socket" => ("socket", socket(arguments)),
        "setsockopt" => ("setsockopt", arguments[1..4].join(" ")),
        "bind" => ("bind", place(inner).to_owned()),
        "connect" => ("connect", place(inner).to_owned()),
        "getsockname" => ("getsockname", String::new()),
        "listen" => ("listen", arguments[1].to_owned()),
        "accept" => ("accept4", "without flags".to_owned()),
        "accept4" => ("accept4", (*arguments.last()?).to_owned()),
        "sendto" if arguments[4] == "NULL" => {
            ("send", format!("{}{} = {result}", arguments[2], flagged(3)))
        }
        "sendto" => {
            ("sendto", format!("{}{} {} = {result}", arguments[2], flagged(3), place(inner)))
        }
        "write" => ("send", format!("{} by write = {result}", arguments[2])),
        "recvfrom" if arguments[4] == "NULL" => ("recv", format!("{}= {result}", flagged(3))),
        "recvfrom" => ("recvfrom", format!("{}= {result}", flagged(3))),
        "read" => ("recv", format!("by read = {result}")),
        "close" => ("close", String::new()),
        "unlink" => ("unlink", String::new()),
        // A call on a socket that no walk makes is not to pass unseen.
        _ => ("another", format!("{name}({inner})")),
    })
}

/// The arguments of `socket`; protocols by number, as strace does not know all of their names.
fn socket(arguments: &[&str]) -> String {
    let number = match arguments[2].split(' ').next().unwrap_or_default() {
        "0" | "IPPROTO_IP" => 0,
        "IPPROTO_MPTCP" | "0x106" => 262,
        "IPPROTO_UDPLITE" => 136,
        "IPPROTO_SCTP" => 132,
        "0xfd" => 253,
        other => panic!("socket protocol {other}"),
    };
    format!("{} {} {number}", arguments[0], arguments[1].replace('|', " "))
}

/// Where an address is; nowhere but on this machine.
fn place(inner: &str) -> &'static str {
    let places = [
        ("inet_addr(\"127.", "127/8"),
        ("\"::1\"", "::1"),
        ("\"::ffff:127.", "::ffff:127/104"),
        ("sun_path=\"", "a path"),
        ("svm_cid=VMADDR_CID_LOCAL", "1"),
        ("svm_cid=0x1,", "1"),
    ];
    let found = places.iter().find(|(mark, _)| inner.contains(mark));
    found.unwrap_or_else(|| panic!("beyond loopback: {inner}")).1
}
