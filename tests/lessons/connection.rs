//! Experiments on what connects.

use crate::bench::{Bench, ROOM, refusal};
use sockeye::os::Errno;
use sockeye::os::option::MPTCP_INFO;
use sockeye::os::probe::Probe;
use sockeye::os::signals::PipeSignals;
use sockeye::transport::{End, Protocol, Transport};
use sockeye::walk::route::BACKLOG;
use std::time::{Duration, Instant};

/// The client is connected, and may even send, before anybody has called accept.
pub(crate) fn connected_before_accept(transport: &'static Transport) {
    let bench = Bench::new(transport);
    let (listener, name) = bench.listening();
    let client = bench.client();
    client.connect_blocking(&name).expect("it listens");
    assert!(client.peer_name().expect("it is connected").is_some());
    assert_eq!(client.send(b"early"), Ok(5));
    let accepted = listener.accept_now().expect("it waits in the queue");
    assert_eq!(accepted.receive_now(ROOM).expect("it is there"), b"early");
}

/// 17 clients get in where listen was told 16, and the 18th does not.
pub(crate) fn one_more_than_the_backlog(transport: &'static Transport) {
    let bench = Bench::new(transport);
    let (_listener, name) = bench.listening();
    let comes = |client: &Probe| match client.connect_now(&name) {
        Ok(()) => true,
        // Over TCP the handshake goes on behind the call, and has ended when it returns.
        Err(error) if error.errno == Errno::EINPROGRESS => client.poll().expect("a look").write(),
        Err(error) => {
            assert_eq!(error.errno, Errno::EAGAIN, "only a full queue keeps them out");
            false
        }
    };
    let clients: Vec<_> = (0..BACKLOG + 2).map(|_| bench.client()).collect();
    let came: Vec<_> = clients.iter().map(comes).collect();
    let (last, first) = came.split_last().expect("there are many");
    assert!(first.iter().all(|came| *came), "{came:?}");
    assert!(!last, "{came:?}");
}

/// A port that is only bound refuses; once it listens it does not.
pub(crate) fn refused_until_listen(transport: &'static Transport) {
    let bench = Bench::new(transport);
    let (server, name) = bench.bound();
    assert_eq!(refusal(bench.client().connect_blocking(&name)), Errno::ECONNREFUSED);
    server.listen(BACKLOG).expect("it is bound");
    bench.client().connect_blocking(&name).expect("it listens");
}

/// A port whose listener is closed refuses.
pub(crate) fn refused_after_close(transport: &'static Transport) {
    let bench = Bench::new(transport);
    let (listener, name) = bench.listening();
    bench.client().connect_blocking(&name).expect("it listens");
    listener.close();
    assert_eq!(refusal(bench.client().connect_blocking(&name)), Errno::ECONNREFUSED);
}

/// Two sends, and one receive takes both.
pub(crate) fn two_sends_in_one_receive(transport: &'static Transport) {
    let bench = Bench::new(transport);
    let (client, accepted, ..) = bench.connected();
    assert_eq!((client.send(b"one"), client.send(b" and two")), (Ok(3), Ok(8)));
    assert_eq!(accepted.receive_now(ROOM).expect("it is there"), b"one and two");
}

/// What the server gets is an MPTCP connection, and from a client of plain TCP it is not: so `MP_CAPABLE`
/// was in the handshake, and was what made the difference.
pub(crate) fn mptcp_is_spoken(transport: &'static Transport) {
    let bench = Bench::new(transport);
    let (client, accepted, listener, name) = bench.connected();
    for end in [&client, &accepted] {
        assert!(end.get(MPTCP_INFO).is_ok());
        assert_eq!(end.opened_as().expect("it says").protocol, Protocol::Mptcp.number());
    }
    let plain = Transport::of(transport.family, transport.kind, Protocol::Tcp).expect("a twin");
    let plain = bench.recorder.open(plain, End::Client).expect("TCP is here");
    plain.connect_blocking(&name).expect("it listens");
    let accepted = listener.accept_now().expect("it waits");
    assert_eq!(accepted.opened_as().expect("it says").protocol, Protocol::Tcp.number());
}

/// The client has closed, the server has seen the end of the stream, and the connection of TCP that
/// carried it is ESTABLISHED as before.
pub(crate) fn mptcp_ends_before_its_subflow(transport: &'static Transport) {
    const ESTABLISHED: &str = "01";
    let bench = Bench::new(transport);
    let (client, accepted, _listener, name) = bench.connected();
    let port = client.name().expect("it is connected").port();
    let state = || tcp_row(port, name.port()).map(|row| row[3].clone());
    assert_eq!(state().as_deref(), Some(ESTABLISHED));
    client.close();
    assert_eq!(accepted.receive(ROOM).expect("the end"), b"");
    assert_eq!(state().as_deref(), Some(ESTABLISHED));
}

/// The kernel's own clock of a connection whose client closed first starts at 60 seconds.
pub(crate) fn time_wait_lasts_60_s(transport: &'static Transport) {
    const TIME_WAIT: &str = "06";
    let bench = Bench::new(transport);
    let (client, accepted, _listener, name) = bench.connected();
    let port = client.name().expect("it is connected").port();
    client.close();
    assert_eq!(accepted.receive(ROOM).expect("the end"), b"");
    let clock = Instant::now();
    accepted.close();
    let row = tcp_row(port, name.port()).expect("it is still there");
    let passed = clock.elapsed();
    assert_eq!(row[3], TIME_WAIT);
    // The timer's kind, and how long it still runs in hundredths of a second (proc(5)).
    let (kind, left) = row[5].split_once(':').expect("two numbers");
    assert_eq!(kind, "03");
    let left = u64::from_str_radix(left, 16).expect("a number") * 10;
    let left = Duration::from_millis(left);
    let minute = Duration::from_secs(60);
    // It counts in its own ticks, which may be as long as a hundredth of a second.
    let tick = Duration::from_millis(20);
    assert!(left <= minute && left + passed + tick >= minute, "{left:?} left after {passed:?}");
}

/// Where the client closed first, its server's port can be bound again at once; where the server did,
/// it cannot.
pub(crate) fn who_closes_first_keeps_the_port(transport: &'static Transport) {
    let bench = Bench::new(transport);
    let again = |server_first: bool| {
        let (client, accepted, listener, _) = bench.connected();
        let name = listener.name().expect("it is bound");
        let (first, second) = if server_first { (accepted, client) } else { (client, accepted) };
        first.close();
        assert_eq!(second.receive(ROOM).expect("the end"), b"");
        second.close();
        listener.close();
        bench.unbound().bind(&name)
    };
    again(false).expect("the port is free");
    assert_eq!(refusal(again(true)), Errno::EADDRINUSE);
}

/// The row of a connection between these ports, in words, as `/proc/net/tcp` and its twin have it.
fn tcp_row(own: u16, other: u16) -> Option<Vec<String>> {
    let rows = |file| std::fs::read_to_string(file).expect("the kernel has it");
    let text = rows("/proc/net/tcp") + &rows("/proc/net/tcp6");
    let words = |line: &str| line.split_ascii_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let ends = |row: &[String]| {
        let port = |at: usize| row.get(at)?.rsplit_once(':').map(|(_, port)| port.to_owned());
        port(1).zip(port(2))
    };
    let wanted = (format!("{own:04X}"), format!("{other:04X}"));
    text.lines().map(words).find(|row| ends(row).as_ref() == Some(&wanted))
}

/// After a reset the first send is refused with EPIPE, and SIGPIPE comes with it.
pub(crate) fn sigpipe_after_a_reset(transport: &'static Transport) {
    let bench = Bench::new(transport);
    let (client, accepted, _listener, _) = bench.connected();
    client.send(b"unread").expect("it is connected");
    assert!(accepted.wait_readable().expect("a look").read());
    let signals = PipeSignals::watch().expect("a descriptor");
    accepted.close();
    assert_eq!(refusal(client.receive(ROOM)), Errno::ECONNRESET);
    assert!(!signals.came(), "it came before anything was sent");
    assert_eq!(refusal(client.send(b"again")), Errno::EPIPE);
    assert!(signals.came(), "no signal came");
}
