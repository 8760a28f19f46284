//! The completions, as the shells themselves see them: they are well-formed, and after anything that
//! may be typed they offer transports, groups, commands and the values of flags.

mod support;

use std::path::PathBuf;
use std::process::Command;
use support::{Ran, run, skip_without_tool};
use tempfile::TempDir;

/// What may stand before the word that is completed, the beginning of that word, and what it may
/// become: at least all of these.
const TYPED: &[(&str, &str, &[&str])] = &[
    ("", "unix-", &["unix-dgram", "unix-seqpacket", "unix-stream"]),
    ("", "dg", &["dgram"]),
    ("", "li", &["list"]),
    ("tcp4", "unix-", &["unix-dgram", "unix-seqpacket", "unix-stream"]),
    ("run", "unix-", &["unix-dgram", "unix-seqpacket", "unix-stream"]),
    ("list", "seq", &["seqpacket"]),
    ("--skip", "vsock-", &["vsock-stream", "vsock-seqpacket"]),
    ("--sort", "", &["median", "p99", "name", "given"]),
    ("tcp4 --sort", "", &["median", "p99", "name", "given"]),
    ("tcp4", "--form", &["--format"]),
    ("list", "--for", &["--format"]),
    ("check", "unix-", &["unix-dgram", "unix-seqpacket", "unix-stream"]),
    ("--generate", "", &["man", "systemd", "prometheus-rules"]),
    ("check -k", "poll_", &["poll_close", "poll_half", "poll_new", "poll_reset"]),
];

/// The script of a shell, in a file of that name.
struct Script {
    folder: TempDir,
    name: &'static str,
}

impl Script {
    fn of(shell: &str, name: &'static str) -> Self {
        let script = run(&["--generate", &format!("complete-{shell}")]);
        assert_eq!((script.code, script.err.as_str()), (Some(0), ""));
        let folder = TempDir::new().expect("a folder for the script");
        std::fs::write(folder.path().join(name), script.out).expect("room for the script");
        Self { folder, name }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join(self.name)
    }

    /// The output of a shell that is told this, beside its script and with no start-up file.
    fn told(&self, shell: &[&str], text: &str) -> String {
        let mut command = Command::new(shell[0]);
        command.args(&shell[1..]).arg(text).current_dir(self.folder.path());
        command.env("HOME", self.folder.path()).env("XDG_CONFIG_HOME", self.folder.path());
        let ran = Ran::of(&mut command);
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{text}");
        ran.out
    }

    fn passes(&self, check: &[&str]) {
        let ran = Ran::of(Command::new(check[0]).args(&check[1..]).arg(self.path()));
        assert_eq!(ran.code, Some(0), "{check:?}: {}{}", ran.out, ran.err);
        assert_eq!(ran.err, "", "{check:?}");
    }
}

fn assert_offered(typed: &str, begun: &str, offered: &str, expected: &[&str]) {
    let offered: Vec<_> = offered.lines().filter_map(|l| l.split('\t').next()).collect();
    for word in expected {
        assert!(offered.contains(word), "sockeye {typed} {begun}<TAB> has no {word}: {offered:?}");
    }
    let others: Vec<_> = offered.iter().filter(|word| !word.starts_with(begun)).collect();
    assert!(others.is_empty(), "sockeye {typed} {begun}<TAB> has {others:?}");
}

#[test]
fn bash_completes_transports_groups_commands_and_values() {
    if skip_without_tool("bash") {
        return;
    }
    let script = Script::of("bash", "sockeye.bash");
    script.passes(&["bash", "-n"]);
    for (typed, begun, expected) in TYPED {
        let words = format!("sockeye {typed}");
        let count = words.split_whitespace().count();
        let last = words.split_whitespace().last().expect("the program's name at least");
        // As bash itself calls it: the command, the word, and the word before.
        let offered = script.told(
            &["bash", "--noprofile", "--norc", "-c"],
            &format!(
                "source ./sockeye.bash; COMP_WORDS=({words} '{begun}'); COMP_CWORD={count}; \
                 _sockeye sockeye '{begun}' '{last}'; printf '%s\\n' \"${{COMPREPLY[@]}}\""
            ),
        );
        assert_offered(typed, begun, &offered, expected);
    }
}

#[test]
fn shellcheck_finds_no_error_in_the_completions_for_bash() {
    if skip_without_tool("shellcheck") {
        return;
    }
    Script::of("bash", "sockeye.bash").passes(&["shellcheck", "-s", "bash", "-S", "error"]);
}

#[test]
fn fish_completes_transports_groups_commands_and_values() {
    if skip_without_tool("fish") {
        return;
    }
    let script = Script::of("fish", "sockeye.fish");
    script.passes(&["fish", "--no-execute"]);
    for (typed, begun, expected) in TYPED {
        let line = format!("sockeye {typed} {begun}").replace("  ", " ");
        let offered = script.told(
            &["fish", "--no-config", "-c"],
            &format!("source ./sockeye.fish; complete -C '{line}'"),
        );
        assert_offered(typed, begun, &offered, expected);
    }
}

#[test]
fn zsh_is_told_of_transports_at_every_place_and_of_flags_behind_them() {
    if skip_without_tool("zsh") {
        return;
    }
    let script = Script::of("zsh", "_sockeye");
    script.passes(&["zsh", "-n"]);
    // Completing needs a terminal; what the script tells zsh's own function does not.
    let told = script.told(
        &["zsh", "-f", "-c"],
        "compdef() { :; }; source ./_sockeye; _arguments() { print -rN -- \"$@\"; }; _sockeye",
    );
    let specs: Vec<_> = told.split('\0').collect();
    // One colon: zsh hides flags behind such a word if there are two (zshcompsys(1), _arguments).
    let words = specs.iter().find(|spec| spec.starts_with("*:word:"));
    let words = words.unwrap_or_else(|| panic!("no words at every place: {specs:?}"));
    for name in ["unix-seqpacket", "vsock-stream", "dgram", "default", "list", "help"] {
        assert!(words.contains(&format!("{name}\\:\"")), "no {name} in {words}");
    }
    let flag = |name: &str| specs.iter().find(|spec| spec.contains(name)).expect("such a flag");
    assert!(flag("--sort=").contains("median\\:\""));
    assert!(flag("--skip=").contains("unix-seqpacket\\:\""));
    assert!(flag("--output=").ends_with(":FILE:_files"), "{}", flag("--output="));
}
