//! Hosts as network namespaces: each is held open by a process of its own, which ends with the test.

use crate::running::{command, lacks};
use crate::support::{Ran, skip};
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// What a host does first; its shell then lives for as long as its input is open.
const BOOT: &str = "ip link set lo up && echo ready && exec cat";
/// How long a link may take to come up.
const PATIENCE: Duration = Duration::from_secs(20);

/// A network namespace.
#[derive(Debug)]
pub(crate) struct Host {
    holder: Child,
    /// The words that run a command in it.
    pub(crate) enter: Vec<String>,
}

impl Host {
    /// A host of its own, with nothing but its loopback. None where that is not possible.
    pub(crate) fn alone() -> Option<Self> {
        if lacks(&["unshare", "nsenter", "ip"]) {
            return None;
        }
        // As root, or else as root of a user namespace.
        let rows = [
            ("-n", ["-n"].as_slice()),
            ("-Urn", ["--user", "--preserve-credentials", "-n"].as_slice()),
        ];
        let mut why = String::new();
        for (flags, enter) in rows {
            match Self::hold(&["unshare".to_owned(), flags.to_owned()], enter) {
                Ok(host) => return Some(host),
                Err(words) => why = words,
            }
        }
        skip(&format!("network namespaces are not possible here: {}", why.trim()));
        None
    }

    /// Another host, to which links can lead from this one.
    pub(crate) fn another(&self) -> Self {
        let begin = [&self.enter[..], &["unshare".to_owned(), "-n".to_owned()]].concat();
        let enter: Vec<_> = self.enter[3..].iter().map(String::as_str).collect();
        Self::hold(&begin, &enter).expect("what was possible once is possible again")
    }

    fn hold(begin: &[String], enter: &[&str]) -> Result<Self, String> {
        let mut shell = Command::new(&begin[0]);
        shell.args(&begin[1..]).args(["sh", "-c", BOOT]);
        shell.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut holder = shell.spawn().map_err(|error| error.to_string())?;
        let mut line = String::new();
        let _ = BufReader::new(holder.stdout.take().expect("a pipe")).read_line(&mut line);
        let mut why = holder.stderr.take().expect("a pipe");
        let target = ["nsenter".to_owned(), "-t".to_owned(), holder.id().to_string()];
        let enter = target.into_iter().chain(enter.iter().map(ToString::to_string)).collect();
        let host = Self { holder, enter };
        if line == "ready\n" {
            return Ok(host);
        }
        drop(host);
        let mut words = String::new();
        let _ = why.read_to_string(&mut words);
        Err(words)
    }

    /// The process that holds it, by which `ip link` names it.
    pub(crate) fn pid(&self) -> u32 {
        self.holder.id()
    }

    /// These words as a command there.
    pub(crate) fn run(&self, words: &[String]) -> Vec<String> {
        [&self.enter[..], words].concat()
    }

    /// Runs shell commands there; what they print, or what went wrong.
    pub(crate) fn tries(&self, script: &str) -> Result<String, String> {
        let shell = ["sh", "-e", "-c", script].map(ToOwned::to_owned);
        let ran = Ran::of(&mut command(&self.run(&shell)));
        if ran.code == Some(0) { Ok(ran.out) } else { Err(ran.err) }
    }

    /// Runs shell commands there, which are to succeed.
    pub(crate) fn does(&self, script: &str) -> String {
        self.tries(script).unwrap_or_else(|why| panic!("{script}: {why}"))
    }

    /// Waits until an interface has a carrier and a queue: a link that was just set up drops what is
    /// sent before the kernel's worker has seen to it.
    pub(crate) fn awaits(&self, interface: &str) {
        let end = Instant::now() + PATIENCE;
        let show = format!("ip -o link show dev {interface}");
        while Instant::now() < end {
            let shown = self.does(&show);
            if shown.contains("state UP") && !shown.contains("qdisc noop ") {
                return;
            }
        }
        panic!("{interface} does not come up: {}", self.does(&show))
    }

    /// A counter of the kernel's, such as `Udp: InDatagrams`.
    pub(crate) fn counter(&self, protocol: &str, name: &str) -> u64 {
        let table = self.does("cat /proc/net/snmp");
        let mut rows = table.lines().filter(|row| row.starts_with(&format!("{protocol}: ")));
        let (names, values) = (rows.next().expect("names"), rows.next().expect("values"));
        let mut both = names.split(' ').zip(values.split(' '));
        let found = both.find(|(known, _)| *known == name).expect("a counter of that name");
        found.1.parse().expect("a number")
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}
