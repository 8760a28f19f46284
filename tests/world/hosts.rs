//! Two hosts and a bad link: the counts of `ping` are what the link did, as the other side saw it.

use crate::link::{FAR, FAR_6, Link, NEAR, Recorder};
use crate::running::{Serving, words};
use crate::verdict::{Verdict, ping};
use serde_json::{Value, json};
use std::collections::HashSet;

/// What was counted, or is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Counts {
    received: u64,
    lost: u64,
    duplicated: u64,
    reordered: u64,
}

impl Counts {
    fn of(verdict: &Verdict) -> Self {
        Self {
            received: verdict.count("received"),
            lost: verdict.count("lost"),
            duplicated: verdict.count("duplicated"),
            reordered: verdict.count("reordered"),
        }
    }

    /// What somebody counts to whom these echoes come, in this order: reordered is one that is smaller
    /// than the largest before it (RFC 4737), and a duplicate is only that.
    fn at(arrivals: &[u64], sent: u64) -> Self {
        let (mut known, mut largest) = (HashSet::new(), 0);
        let mut counts = Self { received: 0, lost: 0, duplicated: 0, reordered: 0 };
        for &number in arrivals {
            if !known.insert(number) {
                counts.duplicated += 1;
                continue;
            }
            counts.received += 1;
            counts.reordered += u64::from(number < largest);
            largest = largest.max(number);
        }
        counts.lost = sent - counts.received;
        counts
    }
}

#[test]
fn reordering_is_counted_as_rfc_4737_does() {
    let table = [
        (vec![1, 2, 3], Counts { received: 3, lost: 0, duplicated: 0, reordered: 0 }),
        (vec![1, 3, 2], Counts { received: 3, lost: 0, duplicated: 0, reordered: 1 }),
        (vec![3, 1, 2], Counts { received: 3, lost: 0, duplicated: 0, reordered: 2 }),
        (vec![2, 2, 3, 2], Counts { received: 2, lost: 1, duplicated: 2, reordered: 0 }),
    ];
    for (arrivals, counts) in table {
        assert_eq!(Counts::at(&arrivals, 3), counts, "{arrivals:?}");
    }
}

/// Pings from the near host.
fn from_near(link: &Link, address: &str, flags: &str) -> Verdict {
    let verdict = ping(&link.near.enter, &words(&format!("{address} {flags}"), &[]));
    assert_eq!(verdict.count("sent"), flag(flags, "-c"), "{}", verdict.text);
    verdict
}

fn flag(flags: &str, name: &str) -> u64 {
    let mut words = flags.split(' ').skip_while(|word| *word != name);
    words.nth(1).and_then(|word| word.parse().ok()).expect("a number")
}

const FLAGS: &str = "-c 500 -i 2ms -W 500ms";

// ---- tc netem ----

/// What netem does to requests, the far side writes down as it arrives.
fn requests_suffer(netem: &str) -> Option<Counts> {
    let link = Link::direct()?;
    if !link.there(netem) {
        return None;
    }
    let recorder = Recorder::start(&link, FAR)?;
    let verdict = from_near(&link, &recorder.address, FLAGS);
    let arrivals = recorder.arrived();
    let counts = Counts::at(&arrivals, 500);
    assert_eq!(Counts::of(&verdict), counts, "{}", verdict.text);
    let known = [link.far.counter("Udp", "InDatagrams"), link.near.counter("Udp", "InDatagrams")];
    let seen = u64::try_from(arrivals.len()).expect("few");
    assert_eq!(known, [seen, counts.received + counts.duplicated], "{}", verdict.text);
    assert_eq!(verdict.code, Some(0), "{}", verdict.text);
    Some(counts)
}

#[test]
fn netem_loses_requests() {
    let Some(counts) = requests_suffer("loss 20%") else { return };
    assert!(counts.lost > 0 && counts.received > 0, "{counts:?}");
}

#[test]
fn netem_duplicates_requests() {
    let Some(counts) = requests_suffer("duplicate 20%") else { return };
    assert!(counts.duplicated > 0 && counts.lost == 0, "{counts:?}");
}

#[test]
fn netem_reorders_requests() {
    let Some(counts) = requests_suffer("delay 10ms reorder 25%") else { return };
    assert!(counts.reordered > 0 && counts.lost == 0, "{counts:?}");
}

#[test]
fn netem_does_all_of_it_at_once() {
    let Some(counts) = requests_suffer("delay 10ms reorder 25% loss 10% duplicate 10%") else {
        return;
    };
    assert!(counts.reordered > 0 && counts.lost > 0 && counts.duplicated > 0, "{counts:?}");
}

#[test]
fn netem_loses_replies() {
    let Some(link) = Link::direct() else { return };
    if !link.back("loss 20%") {
        return;
    }
    let Some(recorder) = Recorder::start(&link, FAR) else { return };
    let verdict = from_near(&link, &recorder.address, FLAGS);
    assert_eq!(recorder.arrived(), (1..=500).collect::<Vec<_>>());
    let dropped = link.dropped_back();
    let counts = Counts { received: 500 - dropped, lost: dropped, duplicated: 0, reordered: 0 };
    assert_eq!(Counts::of(&verdict), counts, "{}", verdict.text);
    assert!(dropped > 0, "{}", verdict.text);
}

#[test]
fn netem_delays_beyond_the_time_out() {
    let Some(link) = Link::direct() else { return };
    if !link.there("delay 150ms") {
        return;
    }
    let Some(recorder) = Recorder::start(&link, FAR) else { return };
    let verdict = from_near(&link, &recorder.address, "-c 100 -i 10ms -W 50ms");
    let received = verdict.count("received");
    assert!(received > 0, "{}", verdict.text);
    assert_eq!(verdict.count("late"), received, "{}", verdict.text);
    assert_eq!(verdict.count("lost"), 100 - received, "{}", verdict.text);
    assert_eq!(link.near.counter("Udp", "InDatagrams"), received, "{}", verdict.text);
    let shortest = verdict.target["rtt_ns"]["min"].as_u64().expect("round trips");
    assert!(shortest >= 150_000_000, "{}", verdict.text);
}

#[test]
fn tcp_hides_what_netem_loses() {
    let Some(link) = Link::direct() else { return };
    if !link.there("loss 10%") {
        return;
    }
    let address = format!("tcp4://{FAR}:0");
    let server = Serving::behind(&link.far.enter, &address, &["--allow-remote"]);
    let verdict = from_near(&link, &server.address, "-c 200 -i 2ms -W 15s");
    let whole = Counts { received: 200, lost: 0, duplicated: 0, reordered: 0 };
    assert_eq!(Counts::of(&verdict), whole, "{}", verdict.text);
    assert!(link.near.counter("Tcp", "RetransSegs") > 0, "{}", verdict.text);
}

// ---- a host in the middle ----

/// Pings the recorder through a wire with these rules; what the wire delivered at each side is what
/// was counted there.
fn wired(rules: &Value, ip: &str, flags: &str) -> Option<(Verdict, Value)> {
    let (link, wire) = Link::through(rules)?;
    let recorder = Recorder::start(&link, ip)?;
    let verdict = from_near(&link, &recorder.address, flags);
    let told = wire.told();
    let arrived = recorder.arrived();
    assert_eq!(json!(arrived), told["there"]["delivered"], "the far side: {}", verdict.text);
    let back = numbers(&told["back"]["delivered"]);
    let counts = Counts::at(&back, flag(flags, "-c"));
    assert_eq!(Counts::of(&verdict), counts, "{}", verdict.text);
    assert_eq!(verdict.code, Some(0), "{}", verdict.text);
    Some((verdict, told))
}

fn numbers(list: &Value) -> Vec<u64> {
    let list = list.as_array().expect("a list");
    list.iter().map(|number| number.as_u64().expect("a number")).collect()
}

fn expect(verdict: &Verdict, received: u64, lost: u64, duplicated: u64, reordered: u64) {
    let counts = Counts { received, lost, duplicated, reordered };
    assert_eq!(Counts::of(verdict), counts, "{}", verdict.text);
}

#[test]
fn every_seventh_request_is_lost() {
    let rules = json!({"there": {"lose": 7}});
    let Some((verdict, told)) = wired(&rules, FAR, FLAGS) else { return };
    assert_eq!(told["there"]["dropped"], 71);
    expect(&verdict, 429, 71, 0, 0);
}

#[test]
fn every_fifth_reply_is_lost() {
    let rules = json!({"back": {"lose": 5}});
    let Some((verdict, _)) = wired(&rules, FAR_6, FLAGS) else { return };
    expect(&verdict, 400, 100, 0, 0);
}

#[test]
fn every_eleventh_request_comes_twice() {
    let rules = json!({"there": {"duplicate": 11}});
    let Some((verdict, _)) = wired(&rules, FAR, FLAGS) else { return };
    expect(&verdict, 500, 0, 45, 0);
}

#[test]
fn every_eighth_reply_comes_twice() {
    let rules = json!({"back": {"duplicate": 8}});
    let Some((verdict, _)) = wired(&rules, FAR, FLAGS) else { return };
    expect(&verdict, 500, 0, 62, 0);
}

#[test]
fn every_ninth_request_is_overtaken() {
    let rules = json!({"there": {"hold": 9}});
    let Some((verdict, _)) = wired(&rules, FAR, FLAGS) else { return };
    expect(&verdict, 500, 0, 0, 55);
}

#[test]
fn everything_happens_to_both_directions() {
    let rules = json!({
        "there": {"lose": 7, "duplicate": 11, "hold": 13},
        "back": {"lose": 17, "duplicate": 10, "hold": 19},
    });
    for ip in [FAR, FAR_6] {
        let Some((verdict, _)) = wired(&rules, ip, FLAGS) else { return };
        for name in ["lost", "duplicated", "reordered"] {
            assert!(verdict.count(name) > 10, "{}", verdict.text);
        }
    }
}

/// The times are long, because a busy machine alone makes an echo late now and then.
#[test]
fn what_comes_after_its_time_is_late_and_not_lost() {
    let rules = json!({"there": {"late": 5, "by": 2.6}});
    let Some((verdict, _)) = wired(&rules, FAR, "-c 60 -i 50ms -W 2s") else { return };
    expect(&verdict, 60, 0, 0, 5);
    assert_eq!(verdict.count("late"), 5, "{}", verdict.text);
    assert!(verdict.text.contains("5 late"), "{}", verdict.text);
}

#[test]
fn our_server_answers_the_other_host_and_counts_what_came() {
    let rules = json!({"there": {"lose": 7, "duplicate": 11}});
    for ip in [FAR.to_owned(), format!("[{FAR_6}]")] {
        let Some((link, wire)) = Link::through(&rules) else { return };
        let family = if ip.starts_with('[') { "udp6" } else { "udp4" };
        let address = format!("{family}://{ip}:0");
        let server = Serving::behind(&link.far.enter, &address, &["--allow-remote"]);
        let verdict = from_near(&link, &server.address, FLAGS);
        assert_eq!(verdict.count("lost"), 71, "{}", verdict.text);
        let arrived = numbers(&wire.told()["there"]["delivered"]).len();
        let tally = server.tally();
        assert_eq!(tally["messages"], arrived, "{tally:#}");
        let back = verdict.count("received") + verdict.count("duplicated");
        assert_eq!(tally["messages"], back, "{}", verdict.text);
    }
}

#[test]
fn tcp_hides_what_the_wire_loses() {
    let rules = json!({"there": {"lose": 9, "protocol": 6}, "back": {"lose": 8, "protocol": 6}});
    for ip in [FAR.to_owned(), format!("[{FAR_6}]")] {
        let Some((link, wire)) = Link::through(&rules) else { return };
        let family = if ip.starts_with('[') { "tcp6" } else { "tcp4" };
        let address = format!("{family}://{ip}:0");
        let server = Serving::behind(&link.far.enter, &address, &["--allow-remote"]);
        let verdict = from_near(&link, &server.address, "-c 100 -i 2ms -W 15s");
        expect(&verdict, 100, 0, 0, 0);
        assert_eq!(verdict.code, Some(0), "{}", verdict.text);
        let told = wire.told();
        assert!(told["there"]["dropped"].as_u64() > Some(0), "{told:#}");
        assert!(told["back"]["dropped"].as_u64() > Some(0), "{told:#}");
        assert_eq!(server.tally()["bytes"], 100 * 64);
    }
}

/// Without the permission nobody beyond this machine is served, whatever the address says.
#[test]
fn the_other_host_is_served_only_by_permission() {
    let Some(link) = Link::direct() else { return };
    let serve = crate::running::ours(&["serve", &format!("tcp4://{FAR}:0")]);
    let refused = crate::running::talk(&link.far.run(&serve), &[]);
    assert_eq!(refused.code, Some(2), "{}", refused.err);
    assert!(refused.err.contains("--allow-remote"), "{}", refused.err);
    assert_eq!(link.near.does(&format!("ip -o addr show | grep -c {NEAR}")), "1\n");
}
