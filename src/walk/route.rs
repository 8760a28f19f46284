//! Which calls a walk is made of, for each kind of transport and whomever the client finds. Pure.

use super::{Call, Setting, Step, Where};
use crate::transport::lesson::{Moment, To};
use crate::transport::{End, Family, Kind, Transport};

mod faults;

pub use faults::{LONGEST_WAIT, smallest};

/// How many clients a walk's server lets queue.
pub const BACKLOG: i32 = 16;

/// The calls of a walk in their order. Each is made when what it needs is there, so that none of them
/// waits for the other end.
#[must_use]
pub fn route(transport: &Transport, to: To) -> Vec<Step> {
    let mut route = Route { transport, slot: OWN, steps: Vec::new() };
    match to {
        To::Echo => route.echo(),
        To::Closed => route.closed(),
        To::Full => route.full(),
        To::Silent => route.silent(),
        To::Vanished => route.vanished(),
    }
    route.steps
}

struct Route<'a> {
    transport: &'a Transport,
    /// Which of its end's sockets is the client's.
    slot: usize,
    steps: Vec<Step>,
}

/// The server's own socket, and mostly the client's.
const OWN: usize = 0;
/// What the server accepted.
const ACCEPTED: usize = 1;

impl Route<'_> {
    fn server(&mut self, moment: Moment, slot: usize, call: Call) {
        self.steps.push(Step { moment, end: End::Server, slot, call, may_fail: false });
    }

    fn client(&mut self, moment: Moment, call: Call) {
        let (end, slot) = (End::Client, self.slot);
        self.steps.push(Step { moment, end, slot, call, may_fail: false });
    }

    fn has_file(&self) -> bool {
        self.transport.family == Family::Unix
    }

    fn echo(&mut self) {
        self.server_appears();
        if self.transport.kind.connects() {
            self.server(Moment::Listen, OWN, Call::Listen { backlog: BACKLOG });
        }
        self.client_appears();
        self.client(Moment::Connect, Call::Connect(Where::Server));
        if self.transport.kind.connects() {
            self.server(Moment::Accept, OWN, Call::Accept);
            self.connected();
        } else {
            self.connectionless();
        }
    }

    fn server_appears(&mut self) {
        self.server(Moment::ServerSocket, OWN, Call::Socket { nonblocking: false });
        if self.transport.family == Family::Dual {
            self.server(Moment::TakeIpv4, OWN, Call::Set(Setting::TakeIpv4));
        }
        self.server(Moment::ServerBind, OWN, Call::Bind(Where::Own));
        if self.kernel_picks() {
            self.server(Moment::ServerName, OWN, Call::Name);
        }
    }

    /// Does bind leave the port to the kernel, so that the server has to ask for it?
    fn kernel_picks(&self) -> bool {
        self.transport.family != Family::Unix && self.transport.kind.has_port()
    }

    fn client_appears(&mut self) {
        self.client(Moment::ClientSocket, Call::Socket { nonblocking: false });
        // A Unix datagram client without a name could not be answered, and raw clients would all
        // have the one address of their server.
        let needs_name = match (self.transport.family, self.transport.kind) {
            (Family::Unix, kind) => !kind.connects(),
            (Family::Ipv4, Kind::Raw) => true,
            _ => false,
        };
        if needs_name {
            self.client(Moment::ClientBind, Call::Bind(Where::Own));
        }
    }

    fn connected(&mut self) {
        self.client(Moment::Request, Call::Send);
        self.server(Moment::TakeRequest, ACCEPTED, Call::Receive);
        self.server(Moment::Reply, ACCEPTED, Call::Send);
        self.client(Moment::TakeReply, Call::Receive);
        self.client(Moment::ClientClose, Call::Close);
        self.server(Moment::SeeEnd, ACCEPTED, Call::Receive);
        self.server(Moment::ConnectionClose, ACCEPTED, Call::Close);
        self.server_goes();
    }

    fn connectionless(&mut self) {
        self.client(Moment::Request, Call::Send);
        if self.hears_itself() {
            self.client(Moment::OwnRequest, Call::Receive);
        }
        self.server(Moment::TakeRequest, OWN, Call::ReceiveFrom);
        self.server(Moment::Reply, OWN, Call::SendBack);
        self.client(Moment::TakeReply, Call::Receive);
        self.client_goes();
        self.server_goes();
    }

    /// Is the one loopback address both ends', so that whatever is sent to it both hear?
    fn hears_itself(&self) -> bool {
        (self.transport.kind, self.transport.family) == (Kind::Raw, Family::Ipv6)
    }

    fn client_goes(&mut self) {
        self.client(Moment::ClientClose, Call::Close);
        if self.steps.iter().any(|step| step.moment == Moment::ClientBind) && self.has_file() {
            self.client(Moment::ClientUnlink, Call::Unlink);
        }
    }

    fn server_goes(&mut self) {
        self.server(Moment::ServerClose, OWN, Call::Close);
        if self.has_file() {
            self.server(Moment::ServerUnlink, OWN, Call::Unlink);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::ALL;

    /// Every walk that there is.
    fn walks() -> impl Iterator<Item = (&'static Transport, To, Vec<Step>)> {
        let all = |to: To| ALL.iter().map(move |transport| (transport, to, route(transport, to)));
        To::ALL.into_iter().flat_map(all)
    }

    #[test]
    fn every_walk_has_its_moments_in_the_order_of_the_catalogue() {
        for (transport, to, steps) in walks() {
            let moments: Vec<_> = steps.iter().map(|step| step.moment).collect();
            assert!(moments.is_sorted(), "{} {}: {moments:?}", transport.name, to.word());
        }
    }

    #[test]
    fn every_walk_closes_what_it_opens_and_removes_what_it_binds() {
        for (transport, to, steps) in walks() {
            let count = |end, wanted: fn(Call) -> bool| {
                steps.iter().filter(|step| step.end == end && wanted(step.call)).count()
            };
            for end in [End::Server, End::Client] {
                let opened = count(end, |call| matches!(call, Call::Socket { .. } | Call::Accept));
                let closed = count(end, |call| call == Call::Close);
                assert_eq!(opened, closed, "{} {} {end:?}", transport.name, to.word());
                let bound = count(end, |call| matches!(call, Call::Bind(_)));
                let removed = count(end, |call| call == Call::Unlink);
                let files = if transport.family == Family::Unix { bound } else { 0 };
                assert_eq!(files, removed, "{} {} {end:?}", transport.name, to.word());
            }
        }
    }

    #[test]
    fn every_walk_to_a_server_that_does_not_answer_says_where_that_shows() {
        for (transport, to, steps) in walks() {
            let shown = steps.iter().any(|step| step.may_fail);
            assert_eq!(shown, to != To::Echo, "{} {}", transport.name, to.word());
        }
    }
}
