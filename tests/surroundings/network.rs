//! Network namespaces in which loopback lacks something, or is as someone's sysctl makes it.

use crate::stage::{Blow, DEFAULT, Seen, Stage};
use crate::support::skip_without_tool;

const UP: &str = "ip link set lo up";
const NO_IPV6: [&str; 2] = ["tcp6", "udp6"];
const NO_IPV4: [&str; 2] = ["tcp4", "udp4"];
const NO_IP: [&str; 4] = ["tcp4", "tcp6", "udp4", "udp6"];

/// Runs the default set and the hit rows by name, then the default set after the remedy.
fn faulty(setup: &str, blows: &[Blow<'_>], meaning: &str) {
    let Some(stage) = Stage::in_new_network(setup) else { return };
    let mut hit: Vec<_> = blows.iter().flat_map(|blow| blow.rows).copied().collect();
    hit.sort_by_key(|name| DEFAULT.iter().position(|known| known == name));
    let Some(by_default) = stage.seen(&[]) else { return };
    by_default.expect("unavailable", blows, 0);
    by_default.expect_words(&hit, meaning);
    assert_eq!(by_default.results().len(), DEFAULT.len());
    let mut named = hit.clone();
    named.push("unix-dgram");
    stage.seen(&named).expect("as before").expect("unavailable", blows, 3);
    expect_healed(&stage, blows[0].hint, &[]);
}

/// Does the remedy help when it is pasted as it is printed?
fn expect_healed(stage: &Stage, remedy: &str, transports: &[&str]) {
    if remedy.contains("sysctl ") && skip_without_tool("sysctl") {
        return;
    }
    stage.seen_after(remedy, transports).expect("as before").expect("pass", &[], 0);
}

fn no_loopback_6(hint: &str) -> Blow<'_> {
    Blow { rows: &NO_IPV6, call: "bind", errno: "EADDRNOTAVAIL", hint }
}

#[test]
fn loopback_down_is_said_of_both_families_and_the_remedy_helps() {
    let (meaning, hint) = ("the loopback interface is down", "sudo ip link set lo up");
    let ipv4 = Blow { rows: &NO_IPV4, call: "connect", errno: "ENETUNREACH", hint };
    faulty(":", &[ipv4, no_loopback_6(hint)], meaning);
}

#[test]
fn the_table_shows_what_the_document_says() {
    let Some(stage) = Stage::in_new_network(":") else { return };
    let Some(ran) = stage.table(&[]) else { return };
    assert_eq!(ran.code, Some(0), "{}", ran.out);
    let first = ran.out.lines().next().expect("an answer");
    assert_eq!(
        first,
        "pass: 3 of 7 transports, 120 echoes of 64 B, every byte verified; \
         tcp4, tcp6, udp4 and udp6: the loopback interface is down"
    );
    for name in DEFAULT {
        let row = ran
            .out
            .lines()
            .find(|line| line.split_whitespace().next() == Some(name) && !line.contains("median"));
        let row = row.unwrap_or_else(|| panic!("no row {name}:\n{}", ran.out));
        assert_eq!(row.contains("n/a"), !name.starts_with("unix"), "{row}");
    }
    let lines: Vec<_> = ran.out.lines().collect();
    let after = |note: &str| {
        let place = lines.iter().position(|line| *line == note);
        let place = place.unwrap_or_else(|| panic!("no '{note}' in\n{}", ran.out));
        lines[place + 1]
    };
    let remedy = "    try: sudo ip link set lo up";
    assert_eq!(after("  tcp4, udp4  n/a  connect(): ENETUNREACH"), remedy);
    assert_eq!(after("  tcp6, udp6  n/a  bind([::1]:0): EADDRNOTAVAIL"), remedy);
}

#[test]
fn ipv6_switched_off_on_loopback_leaves_ipv4_and_dual_stack_servers() {
    let meaning = "IPv6 is switched off on loopback";
    let hint = "sudo sysctl net.ipv6.conf.lo.disable_ipv6=0";
    let setup = format!("{UP} && echo 1 >/proc/sys/net/ipv6/conf/lo/disable_ipv6");
    faulty(&setup, &[no_loopback_6(hint)], meaning);
    let Some(stage) = Stage::in_new_network(&setup) else { return };
    let Some(seen) = stage.seen(&["tcp46", "udp46"]) else { return };
    seen.expect("pass", &[], 0);
}

#[test]
fn ipv6_switched_off_everywhere_is_told_from_switched_off_on_loopback() {
    let meaning = "IPv6 is switched off";
    let hint = "sudo sysctl net.ipv6.conf.all.disable_ipv6=0";
    let setup = format!("{UP} && echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6");
    faulty(&setup, &[no_loopback_6(hint)], meaning);
}

#[test]
fn a_missing_ipv6_loopback_address_is_named() {
    let meaning = "the loopback interface has no ::1";
    let hint = "sudo ip -6 addr add ::1/128 dev lo";
    let setup = format!("{UP} && ip -6 addr del ::1/128 dev lo");
    faulty(&setup, &[no_loopback_6(hint)], meaning);
}

#[test]
fn a_missing_ipv4_loopback_address_is_named() {
    let meaning = "the loopback interface has no 127.0.0.1";
    let hint = "sudo ip addr add 127.0.0.1/8 dev lo";
    let ipv4 = Blow { rows: &NO_IPV4, call: "bind", errno: "EADDRNOTAVAIL", hint };
    faulty(&format!("{UP} && ip addr del 127.0.0.1/8 dev lo"), &[ipv4], meaning);
}

/// The kernel takes `::1` away at 1279 and does not bring it back at 65536, so that a remedy that only
/// sets the MTU is none.
#[test]
fn an_mtu_too_small_for_ipv6_is_told_from_a_missing_address_and_the_remedy_helps() {
    let Some(stage) = Stage::in_new_network(&format!("{UP} && ip link set lo mtu 1279")) else {
        return;
    };
    let Some(seen) = stage.seen(&[]) else { return };
    let meaning = "the loopback's MTU is too small for IPv6";
    seen.expect_words(&NO_IPV6, meaning);
    let hint = "sudo ip link set lo mtu 65536 && sudo ip -6 addr add ::1/128 dev lo";
    seen.expect("unavailable", &[no_loopback_6(hint)], 0);
    assert_eq!(seen.document["environment"]["lo_mtu"], 1279);
    expect_healed(&stage, hint, &[]);
}

/// The look-up of the table of local addresses has priority 0, and a rule of the same priority that
/// is added later comes after it: it must go to the back first.
#[test]
fn a_rule_that_prohibits_loopback_is_not_taken_for_file_rights() {
    let forbid = |ip: &str, to: &str| {
        format!(
            "{ip} rule add priority 1 lookup local && {ip} rule del priority 0 && \
             {ip} rule add priority 0 to {to} prohibit"
        )
    };
    let setup = format!("{UP} && {} && {}", forbid("ip", "127.0.0.0/8"), forbid("ip -6", "::1"));
    let Some(stage) = Stage::in_new_network(&setup) else { return };
    let Some(seen) = stage.seen(&[]) else { return };
    let meaning = "a routing rule or a policy forbids reaching loopback (not file rights)";
    let hint = "ip rule; ip -6 rule; sudo nft list ruleset";
    let blow = Blow { rows: &NO_IP, call: "connect", errno: "EACCES", hint };
    seen.expect("unavailable", &[blow], 0);
    seen.expect_words(&NO_IP, meaning);
    let named = stage.seen(&["tcp46", "unix-stream"]).expect("as before");
    named.expect("unavailable", &[Blow { rows: &["tcp46"], ..blow }], 3);
}

#[test]
fn multipath_tcp_switched_off_takes_nothing_else_along() {
    let setup = format!("{UP} && echo 0 >/proc/sys/net/mptcp/enabled");
    let Some(stage) = Stage::in_new_network(&setup) else { return };
    let Some(seen) = stage.seen(&["default", "mptcp4", "mptcp6"]) else { return };
    let rows = ["mptcp4", "mptcp6"];
    let meaning = "MPTCP is switched off";
    let hint = "sudo sysctl net.mptcp.enabled=1";
    let blow = Blow { rows: &rows, call: "socket", errno: "ENOPROTOOPT", hint };
    seen.expect("unavailable", &[blow], 3);
    seen.expect_words(&rows, meaning);
    expect_healed(&stage, hint, &rows);
}

#[test]
fn a_dual_stack_server_does_not_depend_on_bindv6only() {
    let setup = format!("{UP} && echo 1 >/proc/sys/net/ipv6/bindv6only");
    let Some(stage) = Stage::in_new_network(&setup) else { return };
    let Some(seen) = stage.seen(&["tcp46", "udp46", "tcp6"]) else { return };
    assert_eq!(setting(&seen, "net.ipv6.bindv6only"), Some("1"));
    seen.expect("pass", &[], 0);
}

fn setting<'a>(seen: &'a Seen, name: &str) -> Option<&'a str> {
    seen.document["environment"]["sysctl"][name].as_str()
}

#[test]
fn a_healthy_network_of_its_own_runs_everything_by_default() {
    let Some(stage) = Stage::in_new_network(UP) else { return };
    let Some(seen) = stage.seen(&[]) else { return };
    seen.expect("pass", &[], 0);
    assert_eq!(seen.document["answer"]["passed"], 7);
}
