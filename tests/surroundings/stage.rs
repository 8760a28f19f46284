//! Where the program is set: a folder of its own, the commands that make the surroundings, and what
//! is expected of every row there.

use crate::support::{Ran, clean, skip, skip_without_tool};
use serde_json::Value;
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// What a run without names measures.
pub(crate) const DEFAULT: [&str; 7] =
    ["tcp4", "tcp6", "udp4", "udp6", "unix-stream", "unix-dgram", "unix-seqpacket"];
/// Short, and at one place where nothing else is asked for.
const SHORT: [&str; 8] = ["-c", "40", "-r", "2", "-w", "5", "--place", "same"];
/// Every process started on a stage has its folder in this variable.
const MARK: &str = "STAGE_OF_A_TEST";
/// An address that was added by hand is of no use until a worker of the kernel has looked whether
/// anybody else has it, on loopback too; flag 0x40 says that it has not yet.
pub(crate) const SETTLED: &str = "n=0; while grep -q ' c0 *lo$' /proc/net/if_inet6 && [ $n -lt 1000 ]; \
                       do n=$((n + 1)); done";
/// The surroundings could not be made.
const NOT_HERE: i32 = 77;

/// Where the program runs.
#[derive(Debug)]
pub(crate) struct Stage {
    folder: TempDir,
    outer: Vec<String>,
    setup: String,
    tmpdir: PathBuf,
}

impl Stage {
    /// As the tester is, but for a `TMPDIR` of its own.
    pub(crate) fn plain() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let allow = |path: &Path, mode| {
            fs::set_permissions(path, Permissions::from_mode(mode)).expect("it is ours");
        };
        let (bin, tmpdir) = (folder.path().join("bin"), folder.path().join("t"));
        fs::create_dir(&bin).expect("a new folder");
        fs::create_dir(&tmpdir).expect("a new folder");
        // Remedies are pasted as they are printed, and the tester is root already or may not be.
        fs::write(bin.join("sudo"), "#!/bin/sh\nexec \"$@\"\n").expect("a new file");
        symlink(env!("CARGO_BIN_EXE_sockeye"), bin.join("sockeye")).expect("a new file");
        allow(folder.path(), 0o755);
        allow(&bin.join("sudo"), 0o755);
        allow(&tmpdir, 0o777);
        Self { folder, outer: Vec::new(), setup: ":".to_owned(), tmpdir }
    }

    /// In a new network namespace, after these shell commands. None where that is not possible.
    pub(crate) fn in_new_network(setup: &str) -> Option<Self> {
        if skip_without_tool("unshare") || skip_without_tool("ip") {
            return None;
        }
        let outer = namespaces(&["n"])?;
        Some(Self { outer, setup: setup.to_owned(), ..Self::plain() })
    }

    /// In a new mount namespace, after these shell commands. None where that is not possible.
    pub(crate) fn in_new_mounts(setup: &str) -> Option<Self> {
        if skip_without_tool("unshare") {
            return None;
        }
        let outer = namespaces(&["m"])?;
        Some(Self { outer, setup: setup.to_owned(), ..Self::plain() })
    }

    /// As a user without privileges. None where nobody can be made of root.
    pub(crate) fn of_an_ordinary_user() -> Option<Self> {
        if !is_root() {
            return Some(Self::plain());
        }
        if skip_without_tool("setpriv") {
            return None;
        }
        let mut stage = Self::plain();
        let own = stage.program();
        fs::remove_file(&own).expect("a link is there");
        fs::copy(env!("CARGO_BIN_EXE_sockeye"), &own).expect("the program can be copied");
        let words = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
        stage.outer = words.map(ToOwned::to_owned).to_vec();
        let ran = stage.ran(&["--version"]);
        if ran.code == Some(0) {
            return Some(stage);
        }
        skip(&format!("another user cannot run the program here: {}", ran.err.trim()));
        None
    }

    /// The same, with a command in front of the program that changes what surrounds it.
    pub(crate) fn behind(mut self, words: &[&str]) -> Self {
        self.outer.extend(words.iter().map(ToString::to_string));
        self
    }

    /// The same, with these shell commands before the program starts.
    pub(crate) fn after(mut self, setup: &str) -> Self {
        setup.clone_into(&mut self.setup);
        self
    }

    /// The same, with another `TMPDIR`.
    pub(crate) fn with_tmpdir(mut self, tmpdir: &Path) -> Self {
        tmpdir.clone_into(&mut self.tmpdir);
        self
    }

    /// The folder of this stage.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The `TMPDIR` that the program gets.
    pub(crate) fn tmpdir(&self) -> &Path {
        &self.tmpdir
    }

    pub(crate) fn program(&self) -> PathBuf {
        self.folder().join("bin/sockeye")
    }

    /// The program with these arguments, made of a shell that sets the stage first.
    fn command(&self, args: &[&str]) -> Command {
        let script = format!("{{ {}\n}} || exit {NOT_HERE}; exec \"$0\" \"$@\"", self.setup);
        self.scripted(script, args)
    }

    fn scripted(&self, script: String, args: &[&str]) -> Command {
        let mut words = self.outer.clone();
        words.extend(["sh".to_owned(), "-c".to_owned(), script]);
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]).arg(self.program()).args(args);
        self.dress(&mut command);
        command
    }

    fn dress(&self, command: &mut Command) {
        let path = std::env::var("PATH").unwrap_or_default();
        clean(command);
        command
            .env("PATH", format!("{}/bin:{path}", self.folder().display()))
            .env("TMPDIR", &self.tmpdir)
            .env(MARK, self.folder());
    }

    /// Runs the program with these arguments to its end, and looks for what it left behind.
    pub(crate) fn ran(&self, args: &[&str]) -> Ran {
        self.judged(&mut self.command(args))
    }

    fn judged(&self, command: &mut Command) -> Ran {
        let ran = Ran::of(command);
        for word in ["panicked", "internal:", "RUST_BACKTRACE"] {
            assert!(!ran.err.contains(word), "a panic: {}", ran.err);
        }
        assert_ne!(ran.code, Some(70), "{}", ran.err);
        assert_eq!(alive(self.folder()), Vec::<String>::new(), "processes are left");
        assert_eq!(leftovers(&self.tmpdir), Vec::<PathBuf>::new(), "folders are left");
        ran
    }

    /// Runs these transports shortly, for a document. None if the stage cannot be set here.
    pub(crate) fn seen(&self, transports: &[&str]) -> Option<Seen> {
        let args = [transports, &SHORT, &["--json"]].concat();
        self.heard(self.ran(&args))
    }

    /// Runs these transports after pasting a remedy into the shell that set the stage.
    pub(crate) fn seen_after(&self, remedy: &str, transports: &[&str]) -> Option<Seen> {
        let ran = self.ran_after(remedy, &[transports, &SHORT, &["--json"]].concat())?;
        self.heard(ran)
    }

    /// Runs the program for a document, after pasting a remedy into the shell that set the stage.
    pub(crate) fn ran_after(&self, remedy: &str, args: &[&str]) -> Option<Ran> {
        let script = format!(
            "{{ {}\n}} || exit {NOT_HERE}; {remedy}\n{SETTLED}\nexec \"$0\" \"$@\"",
            self.setup
        );
        let mut ran = self.judged(&mut self.scripted(script, args));
        // What the remedy itself prints comes first.
        if let Some(start) = ran.out.find("{\n") {
            ran.out.drain(..start);
        }
        self.reached(ran)
    }

    /// Pastes a remedy that runs the program itself.
    pub(crate) fn pasted(&self, remedy: &str) -> Option<Seen> {
        let line = format!("{remedy} {} --json", SHORT.join(" "));
        let mut command = Command::new("sh");
        command.args(["-c", &line]);
        self.dress(&mut command);
        self.heard(self.judged(&mut command))
    }

    /// Runs these transports shortly, for the table.
    pub(crate) fn table(&self, transports: &[&str]) -> Option<Ran> {
        self.reached(self.ran(&[transports, &SHORT].concat()))
    }

    fn heard(&self, ran: Ran) -> Option<Seen> {
        let ran = self.reached(ran)?;
        let document = serde_json::from_str(&ran.out)
            .unwrap_or_else(|error| panic!("{error}: {:?} {}{}", ran.code, ran.out, ran.err));
        Some(Seen { ran, document })
    }

    fn reached(&self, ran: Ran) -> Option<Ran> {
        if ran.code != Some(NOT_HERE) {
            return Some(ran);
        }
        skip(&format!("'{}' is not possible here: {}", self.setup, ran.err.trim()));
        None
    }
}

/// The words that run a command in new namespaces of these kinds, as root or through a user
/// namespace.
fn namespaces(kinds: &[&str]) -> Option<Vec<String>> {
    let mut why = String::new();
    for user in ["", "Ur"] {
        let flags = format!("-{user}{}", kinds.concat());
        let probe = Ran::of(Command::new("unshare").args([&flags, "true"]).stdin(Stdio::null()));
        if probe.code == Some(0) {
            return Some(vec!["unshare".to_owned(), flags]);
        }
        why = probe.err;
    }
    skip(&format!("namespaces are forbidden here: {}", why.trim()));
    None
}

pub(crate) fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|about| about.uid() == 0)
}

/// The processes of a stage that are there.
fn alive(folder: &Path) -> Vec<String> {
    let mark = format!("{MARK}={}", folder.display());
    let has_mark = |environment: Vec<u8>| {
        environment.split(|byte| *byte == 0).any(|entry| entry == mark.as_bytes())
    };
    fs::read_dir("/proc")
        .expect("/proc is mounted")
        .flatten()
        .filter(|entry| fs::read(entry.path().join("environ")).is_ok_and(has_mark))
        .map(|entry| entry.path().display().to_string())
        .collect()
}

/// What lies in a `TMPDIR`, if it is a folder at all; the tester put nothing of that name there.
fn leftovers(tmpdir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(tmpdir).into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.file_name().to_string_lossy().starts_with("sockeye-"))
        .map(|entry| entry.path())
        .collect()
}

#[test]
fn what_is_left_behind_is_seen() {
    let stage = Stage::plain();
    fs::create_dir(stage.tmpdir().join("sockeye-1-2-3")).expect("a new folder");
    assert_eq!(leftovers(stage.tmpdir()), [stage.tmpdir().join("sockeye-1-2-3")]);
    let mut command = Command::new("cat");
    stage.dress(&mut command);
    let mut cat = command.stdin(Stdio::piped()).spawn().expect("cat starts");
    assert_eq!(alive(stage.folder()), [format!("/proc/{}", cat.id())]);
    drop(cat.stdin.take());
    cat.wait().expect("it ends");
    assert!(alive(stage.folder()).is_empty());
}

/// How rows that share a fault are to look.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Blow<'a> {
    pub(crate) rows: &'a [&'a str],
    pub(crate) call: &'a str,
    pub(crate) errno: &'a str,
    pub(crate) hint: &'a str,
}

/// A run and the document that it printed.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) ran: Ran,
    pub(crate) document: Value,
}

impl Seen {
    pub(crate) fn results(&self) -> &[Value] {
        self.document["results"].as_array().expect("results are a list")
    }

    pub(crate) fn answer(&self) -> &str {
        self.document["answer"]["text"].as_str().expect("the answer is a text")
    }

    /// The results of a row; there is at least one.
    pub(crate) fn row(&self, name: &str) -> Vec<&Value> {
        let found: Vec<_> = self.results().iter().filter(|row| row["transport"] == name).collect();
        assert!(!found.is_empty(), "no row {name}: {}", self.answer());
        found
    }

    /// Is everything as these blows make it, and did all other rows pass?
    pub(crate) fn expect(&self, status: &str, blows: &[Blow<'_>], code: i32) {
        let context = format!("{}\n{}", self.answer(), self.ran.err);
        assert_eq!(self.ran.code, Some(code), "{context}");
        assert_eq!(self.document["exit_code"], code, "{context}");
        for blow in blows {
            self.expect_blow(status, blow);
        }
        let is_hit = |row: &Value| {
            blows.iter().any(|blow| blow.rows.iter().any(|name| row["transport"] == *name))
        };
        for row in self.results().iter().filter(|row| !is_hit(row)) {
            assert_eq!(row["status"], "pass", "{row:#}");
            assert_eq!(row["exchanges"], 40, "{row:#}");
            assert_eq!(row["error"], Value::Null, "{row:#}");
        }
    }

    fn expect_blow(&self, status: &str, blow: &Blow<'_>) {
        let kind = if status == "fail" { "call" } else { "unavailable" };
        for row in blow.rows.iter().flat_map(|name| self.row(name)) {
            let error = &row["error"];
            assert_eq!(row["status"], status, "{row:#}");
            assert_eq!(error["kind"], kind, "{row:#}");
            assert_eq!(error["stage"], "set-up", "{row:#}");
            assert_eq!(error["syscall"], blow.call, "{row:#}");
            assert_eq!(error["errno_name"], blow.errno, "{row:#}");
            assert_eq!(error["hint"], blow.hint, "{row:#}");
            assert_eq!(row["rtt_ns"], Value::Null, "{row:#}");
            let message = error["message"].as_str().expect("a message");
            assert!(message.starts_with(&format!("{}(", blow.call)), "{message}");
            assert!(message.ends_with(&format!("): {}", blow.errno)), "{message}");
        }
    }

    /// Is the sentence about these rows in the answer?
    pub(crate) fn expect_words(&self, rows: &[&str], meaning: &str) {
        let sentence = format!("{}: {meaning}", listed(rows));
        let is_there = self.answer().lines().next().is_some_and(|line| {
            line.split("; ")
                .any(|part| part == sentence || part.ends_with(&format!(": {sentence}")))
        });
        assert!(is_there, "'{sentence}' is not in '{}'", self.answer());
    }
}

fn listed(names: &[&str]) -> String {
    match names {
        [all @ .., last] if !all.is_empty() => format!("{} and {last}", all.join(", ")),
        _ => names.concat(),
    }
}
