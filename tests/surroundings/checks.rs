//! `check` on bad days: what keeps columns from working is one sentence with a remedy and not forty
//! failing cells; what is merely set unusually is a note, and the cells follow the setting.

use crate::filters::{AF_INET6, AF_VSOCK, EAFNOSUPPORT, EPERM, refusing, without_tcp};
use crate::stage::Stage;
use serde_json::Value;

const UP: &str = "ip link set lo up";

/// `sockeye check --json` with these words, on a stage that could be set.
fn checked(stage: &Stage, words: &[&str]) -> Option<Value> {
    checked_after(stage, ":", words)
}

fn checked_after(stage: &Stage, remedy: &str, words: &[&str]) -> Option<Value> {
    let ran = stage.ran_after(remedy, &[&["check"], words, &["--json"]].concat())?;
    let document: Value = serde_json::from_str(&ran.out)
        .unwrap_or_else(|error| panic!("{error}: {:?} {}{}", ran.code, ran.out, ran.err));
    assert_eq!(document["exit_code"].as_i64(), ran.code.map(i64::from), "{}", ran.out);
    Some(document)
}

fn texts<'a>(list: &'a Value, field: &str) -> Vec<&'a str> {
    let items = list.as_array().expect("a list").iter();
    items.map(|item| item[field].as_str().expect("a text")).collect()
}

/// Cells that are not as documented, but for those that this machine has on a good day.
fn deviating(document: &Value) -> Vec<String> {
    let cells = document["cells"].as_array().expect("a list").iter();
    cells
        .filter(|cell| cell["status"] == "deviates" || cell["status"] == "hung")
        .filter(|cell| cell["behaviour"] != "localhost")
        .map(|cell| format!("{} {}: {}", cell["transport"], cell["behaviour"], cell["observed"]))
        .collect()
}

/// One fault with these words, over these transports; everything else is as documented; and the
/// remedy, pasted as it is printed, takes it away.
fn faulty(setup: &str, words: &[&str], whom: &[&str], sentence: &str, code: i64, remedy: &str) {
    let Some(stage) = Stage::in_new_network(setup) else { return };
    let Some(document) = checked(&stage, words) else { return };
    assert_eq!(texts(&document["faults"], "message"), [sentence], "{document:#}");
    assert_eq!(document["faults"][0]["transports"], serde_json::json!(whom));
    assert_eq!(texts(&document["faults"], "hint"), [remedy]);
    assert_eq!(deviating(&document), Vec::<String>::new());
    // On a machine whose /etc/hosts lists localhost for one IP version, that decides.
    let bad = document["answer"]["deviating"].as_u64().expect("a count");
    assert_eq!(document["exit_code"], if bad > 0 { 1 } else { code }, "{document:#}");
    if !remedy.contains(';') {
        let healed = checked_after(&stage, remedy, words).expect("as before");
        assert_eq!(texts(&healed["faults"], "message"), Vec::<&str>::new(), "{remedy}");
    }
}

#[test]
fn loopback_down_is_one_sentence() {
    let whom = ["tcp4", "tcp6", "udp4", "udp6"];
    let remedy = "sudo ip link set lo up";
    faulty(":", &[], &whom, "the loopback interface is down", 0, remedy);
}

#[test]
fn ipv6_switched_off_is_one_sentence_and_says_that_a_wildcard_server_proves_nothing() {
    let sentence = "IPv6 is switched off on loopback; a server on [::] starts all the same, and \
                    serves IPv4 only";
    let setup = format!("{UP} && echo 1 >/proc/sys/net/ipv6/conf/lo/disable_ipv6");
    let remedy = "sudo sysctl net.ipv6.conf.lo.disable_ipv6=0";
    faulty(&setup, &[], &["tcp6", "udp6"], sentence, 0, remedy);
    faulty(&setup, &["tcp"], &["tcp6"], sentence, 0, remedy);
}

#[test]
fn a_missing_address_is_one_sentence() {
    let sentence = "the loopback interface has no ::1; a server on [::] starts all the same, and \
                    serves IPv4 only";
    let remedy = "sudo ip -6 addr add ::1/128 dev lo";
    let setup = format!("{UP} && ip -6 addr del ::1/128 dev lo");
    faulty(&setup, &[], &["tcp6", "udp6"], sentence, 0, remedy);
    let sentence = "the loopback interface has no 127.0.0.1";
    let remedy = "sudo ip addr add 127.0.0.1/8 dev lo";
    let setup = format!("{UP} && ip addr del 127.0.0.1/8 dev lo");
    faulty(&setup, &[], &["tcp4", "udp4"], sentence, 0, remedy);
}

#[test]
fn an_mtu_too_small_for_ipv6_is_one_sentence_and_a_note() {
    let Some(stage) = Stage::in_new_network(&format!("{UP} && ip link set lo mtu 1279")) else {
        return;
    };
    let Some(document) = checked(&stage, &[]) else { return };
    let sentence = texts(&document["faults"], "message");
    assert!(sentence[0].starts_with("the loopback's MTU is too small for IPv6"), "{sentence:?}");
    assert_eq!(texts(&document["notes"], "message").len(), 1);
    assert_eq!(deviating(&document), Vec::<String>::new());
}

#[test]
fn a_rule_that_prohibits_loopback_is_one_sentence() {
    let forbid = |ip: &str, to: &str| {
        format!(
            "{ip} rule add priority 1 lookup local && {ip} rule del priority 0 && \
             {ip} rule add priority 0 to {to} prohibit"
        )
    };
    let setup = format!("{UP} && {} && {}", forbid("ip", "127.0.0.0/8"), forbid("ip -6", "::1"));
    let sentence = "a routing rule or a policy forbids reaching loopback (not file rights)";
    let whom = ["tcp4", "tcp6", "udp4", "udp6"];
    faulty(&setup, &[], &whom, sentence, 0, "ip rule; ip -6 rule; sudo nft list ruleset");
}

#[test]
fn multipath_tcp_switched_off_is_one_sentence() {
    let setup = format!("{UP} && echo 0 >/proc/sys/net/mptcp/enabled");
    let whom = ["mptcp4", "mptcp6"];
    let remedy = "sudo sysctl net.mptcp.enabled=1";
    faulty(&setup, &["tcp", "mptcp4", "mptcp6"], &whom, "MPTCP is switched off", 3, remedy);
}

/// A setting that is unusual is a note; the cells follow it and are as documented.
fn noted(setup: &str, words: &[&str], note: &str, cells: &[(&str, &str, &str)]) {
    let Some(stage) = Stage::in_new_network(&format!("{UP} && {setup}")) else { return };
    let Some(document) = checked(&stage, words) else { return };
    let notes = texts(&document["notes"], "message");
    assert!(notes.iter().any(|text| text.starts_with(note)), "{notes:?} lack {note:?}");
    assert_eq!(deviating(&document), Vec::<String>::new());
    let list = document["cells"].as_array().expect("a list");
    for (transport, behaviour, observed) in cells {
        let cell = list
            .iter()
            .find(|cell| cell["transport"] == *transport && cell["behaviour"] == *behaviour)
            .unwrap_or_else(|| panic!("no cell {transport} {behaviour}"));
        let seen = cell["observed"].as_str().unwrap_or_default();
        assert!(seen.starts_with(observed), "{cell:#} does not start with {observed:?}");
    }
    let hint = texts(&document["notes"], "hint");
    let healed = checked_after(&stage, hint[0], words).expect("as before");
    assert_eq!(texts(&healed["notes"], "message"), Vec::<&str>::new(), "{hint:?}");
}

#[test]
fn an_unusual_mtu_is_noted_and_shows_in_the_segments() {
    noted(
        "ip link set lo mtu 1500",
        &["tcp", "udp"],
        "the loopback's MTU is 1500",
        &[
            ("tcp4", "mss", "send 1448"),
            ("tcp6", "mss", "send 1428"),
            ("udp4", "dontfrag", "1472"),
            ("udp6", "dontfrag", "1452"),
        ],
    );
}

#[test]
fn settings_that_change_what_sockets_do_are_named() {
    noted(
        "echo 1 >/proc/sys/net/core/somaxconn",
        &["tcp4", "unix-stream"],
        "net.core.somaxconn is 1: no listen queue holds more than 2",
        &[("tcp4", "backlog", "2 queued"), ("unix-stream", "backlog", "2 queued")],
    );
    noted(
        "echo 1 >/proc/sys/net/unix/max_dgram_qlen",
        &["unix-dgram"],
        "net.unix.max_dgram_qlen is 1: a Unix datagram socket queues 2 messages",
        &[("unix-dgram", "full_server", "blocks after 2")],
    );
    noted(
        "echo 1 >/proc/sys/net/ipv6/bindv6only",
        &["tcp", "udp"],
        "net.ipv6.bindv6only is 1",
        &[("tcp6", "dual", "default ECONNREFUSED")],
    );
    noted(
        "echo 0 >/proc/sys/net/ipv4/ip_unprivileged_port_start",
        &["tcp4"],
        "net.ipv4.ip_unprivileged_port_start is 0",
        &[("tcp4", "lowport", "ok")],
    );
    noted(
        "echo 3 >/proc/sys/net/ipv4/tcp_fastopen",
        &["tcp4"],
        "net.ipv4.tcp_fastopen is 3",
        &[("tcp4", "fastopen", "data in SYN")],
    );
}

#[test]
fn an_ordinary_user_tries_everything_but_what_needs_a_right() {
    let Some(stage) = Stage::of_an_ordinary_user() else { return };
    let Some(document) = checked(&stage, &["default", "raw4"]) else { return };
    let sentence = "raw sockets need CAP_NET_RAW";
    assert_eq!(texts(&document["faults"], "message"), [sentence]);
    assert_eq!(deviating(&document), Vec::<String>::new());
    let list = document["cells"].as_array().expect("a list").iter();
    let mut untried: Vec<_> = list
        .filter(|cell| cell["status"] == "skipped")
        .map(|cell| format!("{}: {}", cell["behaviour"], cell["reason"]))
        .collect();
    untried.sort();
    untried.dedup();
    assert_eq!(untried, [r#""mark": "needs CAP_NET_ADMIN""#, r#""netns": "needs CAP_SYS_ADMIN""#]);
}

#[test]
fn a_folder_that_takes_no_file_leaves_abstract_names() {
    let stage = Stage::plain();
    let missing = stage.folder().join("missing/folder");
    let stage = stage.with_tmpdir(&missing);
    let Some(document) = checked(&stage, &["unix-stream", "unix-dgram"]) else { return };
    assert_eq!(texts(&document["faults"], "message"), ["there is no place for its socket files"]);
    let tried = |naming: &str| {
        let list = document["cells"].as_array().expect("a list").iter();
        list.filter(|cell| cell["naming"] == naming && cell["observed"] != Value::Null).count()
    };
    assert_eq!(tried("path"), 0);
    assert!(tried("abstract") > 100, "{} cells by abstract name", tried("abstract"));
    let ran = stage.ran(&["check", "unix-stream", "-k", "echo"]);
    assert!(ran.out.contains("unix-stream by path: there is no place"), "{}", ran.out);
    assert_eq!(ran.code, Some(3), "{}", ran.out);
}

#[test]
fn a_read_only_folder_leaves_abstract_names() {
    let setup = "mount -t tmpfs -o ro none \"$TMPDIR\"";
    let Some(stage) = Stage::in_new_mounts(setup) else { return };
    let Some(document) = checked(&stage, &["unix"]) else { return };
    assert_eq!(texts(&document["faults"], "message"), ["there is no place for its socket files"]);
    let evidence = texts(&document["faults"], "evidence");
    assert!(evidence[0].ends_with(": EROFS"), "{evidence:?}");
    assert_eq!(deviating(&document), Vec::<String>::new());
}

/// One fault with these words, and nothing else is wrong.
fn forbidden(stage: Option<Stage>, words: &[&str], whom: &[&str], sentence: &str, errno: &str) {
    let Some(stage) = stage else { return };
    let document = checked(&stage, words).expect("it runs there");
    assert_eq!(texts(&document["faults"], "message"), [sentence], "{document:#}");
    assert_eq!(document["faults"][0]["transports"], serde_json::json!(whom));
    let evidence = texts(&document["faults"], "evidence");
    assert!(evidence[0].ends_with(errno), "{evidence:?}");
    assert_eq!(deviating(&document), Vec::<String>::new());
}

#[test]
fn a_policy_is_one_sentence_however_many_columns_it_takes() {
    let all = ["tcp4", "tcp6", "udp4", "udp6", "unix-stream", "unix-dgram", "unix-seqpacket"];
    let sentence = "a policy (seccomp, a sandbox) answers every connect() with EPERM";
    forbidden(refusing("connect", "any", EPERM), &[], &all, sentence, ": EPERM");
    let sentence = "IPv6 is blocked or not in this kernel";
    let stage = refusing("socket", AF_INET6, EAFNOSUPPORT);
    forbidden(stage, &[], &["tcp6", "udp6"], sentence, ": EAFNOSUPPORT");
    let sentence = "a policy forbids such sockets";
    let words = ["vsock-stream", "udp4"];
    forbidden(refusing("socket", AF_VSOCK, EPERM), &words, &words[..1], sentence, ": EPERM");
}

/// Landlock knows TCP alone: MPTCP passes it, and so does everything else.
#[test]
fn a_sandbox_without_tcp_is_one_sentence() {
    let words = ["tcp4", "tcp6", "mptcp4", "udp4", "unix-stream"];
    let sentence = "a policy forbids binding it";
    let Some(stage) = without_tcp() else { return };
    let document = checked(&stage, &words).expect("it runs there");
    assert_eq!(texts(&document["faults"], "message"), [sentence], "{document:#}");
    assert_eq!(document["faults"][0]["transports"], serde_json::json!(["tcp4", "tcp6"]));
    let tried = |transport: &str| {
        let list = document["cells"].as_array().expect("a list").iter();
        list.filter(|c| c["transport"] == transport && c["status"] == "as-documented").count()
    };
    for (transport, least) in [("mptcp4", 40), ("udp4", 60), ("unix-stream", 120)] {
        assert!(tried(transport) > least, "{transport}: {}", tried(transport));
    }
}
