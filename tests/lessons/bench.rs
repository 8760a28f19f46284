//! What the experiments are made with: sockets whose calls never wait for long, and what most of them
//! begin with.

use sockeye::os::name::Name;
use sockeye::os::option::IPV6_V6ONLY;
use sockeye::os::probe::{Probe, Recorder, Times};
use sockeye::os::scratch::Scratch;
use sockeye::os::{CallError, Errno};
use sockeye::transport::{End, Family, Transport};
use std::cell::RefCell;
use std::time::Duration;

/// Far more than anything ever takes that comes at all.
const PATIENCE: Duration = Duration::from_secs(20);

/// Sockets of one transport, and names for them.
pub(crate) struct Bench {
    pub(crate) transport: &'static Transport,
    pub(crate) recorder: Recorder,
    names: RefCell<Scratch>,
}

impl Bench {
    pub(crate) fn new(transport: &'static Transport) -> Self {
        // Nothing is waited for that should not come: where it came it would be there at once.
        let times = Times { quiet: Duration::ZERO, sure: PATIENCE };
        let names = RefCell::new(Scratch::below(&std::env::temp_dir()));
        Self { transport, recorder: Recorder::new(times), names }
    }

    pub(crate) fn name(&self, end: End) -> Name {
        self.names.borrow_mut().fresh(self.transport, end).expect("a name")
    }

    /// A client's socket, bound to nothing.
    pub(crate) fn client(&self) -> Probe {
        self.recorder.open(self.transport, End::Client).expect("the transport is here")
    }

    /// A server's socket, bound to nothing.
    pub(crate) fn unbound(&self) -> Probe {
        let server =
            self.recorder.open(self.transport, End::Server).expect("the transport is here");
        if self.transport.family == Family::Dual {
            server.set(IPV6_V6ONLY, 0).expect("any IPv6 socket has it");
        }
        server
    }

    /// A server's socket that has its name, and the name as clients have to write it.
    pub(crate) fn bound(&self) -> (Probe, Name) {
        let server = self.unbound();
        server.bind(&self.name(End::Server)).expect("nobody has that name");
        let name = server.name().expect("it is bound").mapped_for(self.transport, End::Client);
        (server, name)
    }

    /// The same, and it listens as the server of a walk does.
    pub(crate) fn listening(&self) -> (Probe, Name) {
        let (server, name) = self.bound();
        server.listen(sockeye::walk::route::BACKLOG).expect("it is bound");
        (server, name)
    }

    /// A client and what was accepted from it, and the listener with its name.
    pub(crate) fn connected(&self) -> (Probe, Probe, Probe, Name) {
        let (listener, name) = self.listening();
        let client = self.client();
        client.connect_blocking(&name).expect("it listens");
        let accepted = listener.accept_now().expect("connect has returned");
        (client, accepted, listener, name)
    }

    /// A client of messages that is connected to a server, both with names of their own, and those as
    /// the other end writes them.
    pub(crate) fn paired(&self) -> (Probe, Name, Probe, Name) {
        let (server, name) = self.bound();
        let client = self.client();
        client.bind(&self.name(End::Client)).expect("nobody has that name");
        client.connect(&name).expect("nothing is in the way");
        let own = client.name().expect("it is bound").mapped_for(self.transport, End::Server);
        (client, own, server, name)
    }
}

/// What a call was refused with.
#[track_caller]
pub(crate) fn refusal<T: std::fmt::Debug>(result: Result<T, CallError>) -> Errno {
    result.expect_err("this is to be refused").errno
}

/// Is nothing there, now that whatever was sent has arrived?
pub(crate) fn has_nothing(probe: &Probe) -> bool {
    matches!(probe.receive_now(ROOM), Err(error) if error.errno == Errno::EAGAIN)
}

/// What is there; raw IPv4 sockets are handed the IP header before it.
pub(crate) fn taken(bench: &Bench, probe: &Probe) -> Vec<u8> {
    let mut bytes = probe.receive_now(ROOM).expect("it is there already");
    if bench.transport.receives_ip_header() {
        bytes.drain(..20);
    }
    bytes
}

/// More than any message here has.
pub(crate) const ROOM: usize = 4096;

/// One thread alone sends and takes: the receiver has not run, and the bytes are there, in a thousand
/// of a thousand times and both ways.
pub(crate) fn send_runs_the_receiver(transport: &'static Transport) {
    let bench = Bench::new(transport);
    let message = [7; 64];
    let check = |to: &Probe, round: u32| {
        assert!(to.readable_bytes().expect("a number") >= 64, "round {round}");
        assert_eq!(taken(&bench, to), message, "round {round}");
    };
    if transport.kind.connects() {
        let (client, accepted, ..) = bench.connected();
        for round in 0..1000 {
            assert_eq!(client.send(&message), Ok(64), "round {round}");
            check(&accepted, round);
            assert_eq!(accepted.send(&message), Ok(64), "round {round}");
            check(&client, round);
        }
        return;
    }
    let (client, own, server, _) = bench.paired();
    for round in 0..1000 {
        assert_eq!(client.send(&message), Ok(64), "round {round}");
        check(&server, round);
        assert_eq!(server.send_to(&message, &own), Ok(64), "round {round}");
        check(&client, round);
    }
}
