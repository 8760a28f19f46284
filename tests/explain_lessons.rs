//! The sentences of `explain`: every call of every walk has one, none is there that nobody would ever
//! read, and what only an experiment can show is shown here by one, over each transport of which it
//! is said. What the kernel can be asked while a walk goes on is asked in `explain_walks.rs`.

mod support;

#[path = "lessons/bench.rs"]
mod bench;
#[path = "lessons/connection.rs"]
mod connection;
#[path = "lessons/datagram.rs"]
mod datagram;
#[path = "lessons/ip.rs"]
mod ip;
#[path = "support/network.rs"]
mod network;
#[path = "lessons/raw.rs"]
mod raw;
#[path = "support/ready.rs"]
mod ready;
#[path = "lessons/rows.rs"]
mod rows;
#[path = "lessons/unix.rs"]
mod unix;

use network::is_inside;
use ready::ready;
use sockeye::transport::lesson::{Claim, Lesson, To, lesson};
use sockeye::transport::{ALL, Transport};
use sockeye::walk::route::route;
use support::skip;

/// An experiment, over one transport.
type Experiment = fn(&'static Transport);

/// Every sentence that a walk over that transport can say.
fn sentences(transport: &'static Transport) -> impl Iterator<Item = &'static Lesson> {
    To::ALL.into_iter().flat_map(move |to| {
        route(transport, to).into_iter().filter_map(move |s| lesson(transport, to, s.moment))
    })
}

/// Is that said to have been shown over it?
fn is_shown_over(name: &str, transport: &'static Transport) -> bool {
    let claims =
        |row: &Lesson| row.claims.iter().any(|c| matches!(c, Claim::Shown(n) if *n == name));
    sentences(transport).any(claims)
}

/// Makes the experiment over every transport that is here and of which it is said.
fn over(name: &str, experiment: Experiment) {
    let said: Vec<_> = ALL.iter().filter(|row| is_shown_over(name, row)).collect();
    assert!(!said.is_empty(), "no sentence claims that {name} is shown");
    let here = ready();
    let mut made = 0;
    for transport in said.iter().filter(|row| here.contains(row)) {
        // Which transport it was stands in the thread's name, and so in the words of a panic.
        let run = std::thread::Builder::new().name(format!("{name} over {}", transport.name));
        let transport: &'static Transport = transport;
        run.spawn(move || experiment(transport)).expect("a thread").join().unwrap_or_else(|_| {
            panic!("{name} is not so over {}", transport.name);
        });
        made += 1;
    }
    if made == 0 {
        skip(&format!("none of {:?} is here", said.iter().map(|row| row.name).collect::<Vec<_>>()));
    }
}

/// A list of experiments, each a test of its own. What counts packets, needs a port that nobody takes
/// meanwhile, or closes a socket, is made in a network and a process of its own: whatever another
/// thread starts has every socket of this process, too, until it has become another program.
macro_rules! experiments {
    ($($place:ident $name:literal $test:ident $experiment:path;)*) => {
        /// Every experiment by the name that the sentences have for it.
        const EXPERIMENTS: &[&str] = &[$($name),*];

        mod shown {
            $(
                #[test]
                fn $test() {
                    if super::$place(concat!("shown::", stringify!($test))) {
                        super::over($name, $experiment);
                    }
                }
            )*
        }
    };
}

fn here(_: &str) -> bool {
    true
}

fn alone(test: &str) -> bool {
    is_inside(test, "ip link set lo up")
}

experiments! {
    here "connected-before-accept" connected_before_accept crate::connection::connected_before_accept;
    here "on-the-callers-cpu" on_the_callers_cpu crate::ip::on_the_callers_cpu;
    here "send-runs-the-receiver" send_runs_the_receiver crate::bench::send_runs_the_receiver;
    here "one-more-than-the-backlog" one_more_than_the_backlog crate::connection::one_more_than_the_backlog;
    alone "refused-until-listen" refused_until_listen crate::connection::refused_until_listen;
    alone "refused-after-close" refused_after_close crate::connection::refused_after_close;
    here "sigpipe-after-a-reset" sigpipe_after_a_reset crate::connection::sigpipe_after_a_reset;
    here "two-sends-in-one-receive" two_sends_in_one_receive crate::connection::two_sends_in_one_receive;
    here "mptcp-is-spoken" mptcp_is_spoken crate::connection::mptcp_is_spoken;
    alone "mptcp-ends-before-its-subflow" mptcp_ends_before_its_subflow crate::connection::mptcp_ends_before_its_subflow;
    alone "time-wait-lasts-60-s" time_wait_lasts_60_s crate::connection::time_wait_lasts_60_s;
    alone "who-closes-first-keeps-the-port" who_closes_first_keeps_the_port crate::connection::who_closes_first_keeps_the_port;
    alone "connect-sends-nothing" connect_sends_nothing crate::datagram::connect_sends_nothing;
    here "connected-to-one" connected_to_one crate::datagram::connected_to_one;
    here "datagrams-queue-from-bind-on" datagrams_queue_from_bind_on crate::datagram::datagrams_queue_from_bind_on;
    here "the-smallest-receive-buffer" the_smallest_receive_buffer crate::datagram::the_smallest_receive_buffer;
    here "a-message-stays-whole" a_message_stays_whole crate::datagram::a_message_stays_whole;
    alone "a-datagram-client-that-left" a_datagram_client_that_left crate::datagram::a_datagram_client_that_left;
    alone "the-port-is-free-again" the_port_is_free_again crate::datagram::the_port_is_free_again;
    here "udplite-checks-all-unless-told" udplite_checks_all_unless_told crate::ip::udplite_checks_all_unless_told;
    here "v6only-decides-who-gets-in" v6only_decides_who_gets_in crate::ip::v6only_decides_who_gets_in;
    here "an-ipv4-client-sees-ipv4" an_ipv4_client_sees_ipv4 crate::ip::an_ipv4_client_sees_ipv4;
    here "ipv6-has-one-loopback-address" ipv6_has_one_loopback_address crate::ip::ipv6_has_one_loopback_address;
    here "raw-hears-its-protocol" raw_hears_its_protocol crate::raw::raw_hears_its_protocol;
    here "raw-ends-at-one-address" raw_ends_at_one_address crate::raw::raw_ends_at_one_address;
    alone "bind-to-a-stale-path" bind_to_a_stale_path crate::unix::bind_to_a_stale_path;
    here "unbound-datagram-client" unbound_datagram_client crate::unix::unbound_datagram_client;
    here "sendto-looks-the-file-up" sendto_looks_the_file_up crate::unix::sendto_looks_the_file_up;
    alone "an-empty-message-looks-like-the-end" an_empty_message_looks_like_the_end crate::unix::an_empty_message_looks_like_the_end;
    alone "a-unix-connection-leaves-nothing" a_unix_connection_leaves_nothing crate::unix::a_unix_connection_leaves_nothing;
}
