//! Too little of something: privileges, CPUs, file descriptors, processes.

use crate::stage::{Blow, DEFAULT, Seen, Stage};
use crate::support::skip_without_tool;
use serde_json::Value;
use std::fs;

#[test]
fn raw_sockets_without_the_capability_stop_nothing_else() {
    let Some(stage) = Stage::of_an_ordinary_user() else { return };
    if may_open_raw_sockets_itself() {
        crate::support::skip("this user has CAP_NET_RAW");
        return;
    }
    let rows = ["raw4", "raw6"];
    let meaning = "raw sockets need CAP_NET_RAW";
    let hint = "sudo setcap cap_net_raw+ep \"$(command -v sockeye)\"";
    let blow = Blow { rows: &rows, call: "socket", errno: "EPERM", hint };
    let seen = stage.seen(&["default", "raw4", "raw6"]).expect("it runs there");
    seen.expect("unavailable", &[blow], 3);
    seen.expect_words(&rows, meaning);
}

/// An ordinary user who runs the tests may have been given it. Root gives it up with its uid.
fn may_open_raw_sockets_itself() -> bool {
    const CAP_NET_RAW: u64 = 1 << 13;
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let effective = status
        .lines()
        .find_map(|line| line.strip_prefix("CapEff:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    !crate::stage::is_root() && effective.is_some_and(|mask| mask & CAP_NET_RAW != 0)
}

/// The first CPU that the tester may use.
fn first_cpu() -> String {
    let status = fs::read_to_string("/proc/self/status").expect("/proc is mounted");
    let list = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"));
    let digits = |text: &str| text.trim().chars().take_while(char::is_ascii_digit).collect();
    list.map(digits).expect("the kernel lists them")
}

#[test]
fn one_cpu_only_runs_the_place_that_there_is_and_says_so() {
    if skip_without_tool("taskset") {
        return;
    }
    let cpu = first_cpu();
    let stage = Stage::plain().behind(&["taskset", "-c", &cpu]);
    let args = ["-c", "40", "-r", "2", "-w", "5", "tcp4", "unix-dgram"];
    let ran = stage.ran(&[&args[..], &["--json"]].concat());
    assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
    let document: Value = serde_json::from_str(&ran.out).expect("a document");
    let seen = Seen { ran, document };
    seen.expect("pass", &[], 0);
    let places: Vec<_> = seen.results().iter().map(|row| row["place"].clone()).collect();
    assert_eq!(places, ["same", "same"]);
    let table = stage.ran(&args);
    let note = format!("  CPU {cpu} is the only one allowed here: no second place");
    assert!(table.out.lines().any(|line| line == note), "{}", table.out);
    assert!(!table.out.contains("TWO CPU"), "{}", table.out);
    let refused = stage.ran(&[&args[..], &["--place", "split"]].concat());
    assert_eq!((refused.code, refused.out.as_str()), (Some(2), ""));
    let why = format!("error: cannot split the ends: CPU {cpu} is the only one allowed here\n");
    assert_eq!(refused.err, format!("{why}hint: --place same\n"));
}

/// The dynamic loader needs descriptor 3 to start any program, so that 4 is the least there is.
#[test]
fn too_few_file_descriptors_are_a_row_at_every_number_of_them() {
    let mut verdicts = Vec::new();
    for limit in (4..=12).chain([64]) {
        let stage = Stage::plain().after(&format!("ulimit -n {limit}"));
        let Some(seen) = stage.seen(&[]) else { return };
        assert_eq!(seen.results().len(), DEFAULT.len(), "limit {limit}");
        let code = seen.ran.code.expect("no signal ended it");
        assert!(
            seen.ran.err.is_empty() || seen.ran.err.starts_with("warning:"),
            "{}",
            seen.ran.err
        );
        let hit: Vec<_> = seen.results().iter().filter(|row| row["status"] != "pass").collect();
        for row in &hit {
            assert_eq!(row["status"], "fail", "limit {limit}: {row:#}");
            assert_eq!(row["error"]["errno_name"], "EMFILE", "limit {limit}: {row:#}");
            assert_eq!(row["error"]["hint"], "ulimit -n 256", "limit {limit}: {row:#}");
        }
        assert_eq!(code, i32::from(!hit.is_empty()), "limit {limit}");
        if hit.len() == DEFAULT.len() {
            seen.expect_words(&DEFAULT, "there are too few file descriptors");
        }
        verdicts.push((limit, hit.len()));
    }
    assert_eq!(verdicts[0], (4, 7), "four are too few for every transport");
    assert_eq!(verdicts[verdicts.len() - 1], (64, 0), "64 are enough");
}

/// What was seen without descriptors tells nothing of sockets: it is left out and said once.
#[test]
fn checks_with_few_file_descriptors_leave_out_what_needs_more() {
    for limit in [20, 64] {
        let stage = Stage::plain().after(&format!("ulimit -n {limit}"));
        let Some(document) = checked(&stage, &["unix", "udp4"]) else { return };
        assert_eq!(document["answer"]["deviating"], 0, "limit {limit}: {}", document["answer"]);
        assert_eq!(document["faults"].as_array().map(Vec::len), Some(0));
        let reason = "needs more file descriptors (ulimit -n 1024)";
        let cells = document["cells"].as_array().expect("a list").iter();
        let untried: Vec<_> = cells.filter(|cell| cell["reason"] == reason).collect();
        assert!(untried.len() < 10, "limit {limit}: {untried:#?}");
    }
}

#[test]
fn checks_with_few_threads_leave_out_what_needs_more() {
    if skip_without_tool("prlimit") {
        return;
    }
    for (limit, code) in [("1", 2), ("6", 0)] {
        let Some(stage) = Stage::of_an_ordinary_user() else { return };
        let stage = stage.behind(&["prlimit", &format!("--nproc={limit}:{limit}")]);
        let ran = stage.ran(&["check", "unix"]);
        assert_eq!(ran.code, Some(code), "{}{}", ran.out, ran.err);
        if code == 2 {
            assert_eq!(
                ran.err,
                "error: clone(a thread): EAGAIN: Try again\nhint: ulimit -u 4096\n"
            );
        } else {
            assert!(ran.out.starts_with("pass: "), "{}", ran.out);
        }
    }
}

fn checked(stage: &Stage, words: &[&str]) -> Option<Value> {
    let ran = stage.ran_after(":", &[&["check"], words, &["--json"]].concat())?;
    let document = serde_json::from_str(&ran.out);
    Some(document.unwrap_or_else(|error| panic!("{error}: {:?} {}{}", ran.code, ran.out, ran.err)))
}

#[test]
fn the_table_says_what_to_do_about_file_descriptors() {
    let Some(ran) = Stage::plain().after("ulimit -n 5").table(&["tcp4"]) else { return };
    assert_eq!(ran.code, Some(1));
    assert!(ran.out.starts_with("FAIL: tcp4: there are too few file descriptors"), "{}", ran.out);
    let lines: Vec<_> = ran.out.lines().collect();
    let at = lines.iter().position(|line| line.starts_with("  tcp4  FAIL  "));
    let at = at.unwrap_or_else(|| panic!("no reason in\n{}", ran.out));
    assert!(lines[at].contains("): EMFILE"), "{}", lines[at]);
    assert_eq!(lines[at + 1], "    try: ulimit -n 256");
}

#[test]
fn no_descriptor_left_for_a_report_file_ends_before_measuring() {
    let stage = Stage::plain().after("ulimit -n 4");
    let report = stage.folder().join("report.json");
    let ran = stage.ran(&["tcp4", "-c", "40", "-o", &report.display().to_string()]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{}", ran.err);
    assert!(ran.err.starts_with("error: "), "{}", ran.err);
    assert!(ran.err.contains("EMFILE"), "{}", ran.err);
    assert!(!report.exists(), "half a report is left");
}

/// With one process the peer cannot be started, with two the client cannot; what had started is
/// gone at the end.
#[test]
fn too_few_processes_are_a_row_and_leave_none_behind() {
    if skip_without_tool("prlimit") {
        return;
    }
    for limit in ["1", "2", "3"] {
        let Some(stage) = Stage::of_an_ordinary_user() else { return };
        let stage = stage.behind(&["prlimit", &format!("--nproc={limit}:{limit}")]);
        let Some(seen) = stage.seen(&["tcp4", "udp6", "unix-seqpacket"]) else { return };
        assert_eq!(seen.ran.code, Some(1), "{}", seen.answer());
        for row in seen.results() {
            assert_eq!(row["status"], "fail", "{row:#}");
            assert_eq!(row["error"]["errno_name"], "EAGAIN", "{row:#}");
            assert_eq!(row["error"]["syscall"], "clone", "{row:#}");
            assert_eq!(row["error"]["hint"], "ulimit -u 4096", "{row:#}");
        }
        let rows = ["tcp4", "udp6", "unix-seqpacket"];
        seen.expect_words(&rows, "no more processes may be started");
    }
}
