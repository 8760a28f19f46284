//! The walks of a client that gets no answer.

use super::super::{Call, Setting, Step, Where};
use super::{ACCEPTED, BACKLOG, OWN, Route};
use crate::transport::lesson::{Moment, To};
use crate::transport::{Family, Kind, Protocol, Transport};
use std::time::Duration;

/// How long a client waits for what does not come: long enough to be seen, and short, as it is waited
/// for in every walk.
const WAIT_MS: u16 = 10;
/// How long it waits for what comes at once: a refusal may be lost, and then it would wait for ever.
const SURE_MS: u16 = 500;
/// The longest that a call of a walk waits by itself.
pub const LONGEST_WAIT: Duration = Duration::from_millis(SURE_MS as u64);
/// More messages than the smallest receive buffer over IP holds.
const MESSAGES: u32 = 12;
/// More than a Unix socket's queue or a send buffer holds.
const MANY_MESSAGES: u32 = 1 << 16;

/// The smallest message that such a walk can be made with, if not every message will do, and why.
#[must_use]
pub const fn smallest(transport: &Transport, to: To) -> Option<(usize, &'static str)> {
    match (transport.family, transport.kind, to) {
        // An ICMP error quotes 8 bytes of what it is about, and one that quotes less is ignored. Other
        // transports have a header of their own in them.
        (Family::Ipv4, Kind::Raw, To::Closed | To::Vanished) => {
            Some((8, "the kernel ignores a refusal of less than 8 B (RFC 792)"))
        }
        _ => None,
    }
}

impl Route<'_> {
    /// Nobody is there.
    pub(super) fn closed(&mut self) {
        self.server_appears();
        if self.has_file() {
            self.left_file();
        } else if self.transport.kind.connects() {
            // Bound without listening, the port cannot become somebody else's meanwhile.
            self.client(Moment::ClientSocket, Call::Socket { nonblocking: false });
            self.client(Moment::Connect, Call::Connect(Where::Server));
            self.is_shown();
            self.client(Moment::ClientClose, Call::Close);
            self.server(Moment::ServerClose, OWN, Call::Close);
        } else {
            self.left_port();
        }
    }

    /// A server has gone, and its file has not; and then that too.
    fn left_file(&mut self) {
        self.client(Moment::ClientSocket, Call::Socket { nonblocking: false });
        self.server(Moment::ServerLeaves, OWN, Call::Close);
        self.client(Moment::Connect, Call::Connect(Where::Server));
        self.is_shown();
        self.server(Moment::FileGoes, OWN, Call::Unlink);
        self.client(Moment::ConnectNowhere, Call::Connect(Where::Server));
        self.is_shown();
        self.client(Moment::ClientClose, Call::Close);
    }

    /// A server without connections has gone.
    fn left_port(&mut self) {
        self.client(Moment::ClientSocket, Call::Socket { nonblocking: false });
        if !self.hears_itself() {
            // Named by the kernel while it connects, a client might get the very port that the server
            // has just left, and hear itself.
            self.client(Moment::ClientBind, Call::Bind(Where::Own));
        }
        self.patience(if self.hears_itself() { WAIT_MS } else { SURE_MS });
        self.server(Moment::ServerLeaves, OWN, Call::Close);
        self.client(Moment::Connect, Call::Connect(Where::Server));
        self.request();
        self.client(Moment::TakeReply, Call::Receive);
        self.is_shown();
        self.client(Moment::ClientClose, Call::Close);
    }

    /// The queue of those who wait has no room, or that of messages.
    pub(super) fn full(&mut self) {
        self.server_appears();
        if self.transport.kind.connects() {
            self.full_of_clients();
        } else {
            self.full_of_messages();
        }
        self.server_goes();
    }

    fn full_of_clients(&mut self) {
        // SCTP takes a backlog of 0 as the end of listening (`sctp_inet_listen()`).
        let backlog = i32::from(self.transport.protocol == Protocol::Sctp);
        self.server(Moment::Listen, OWN, Call::Listen { backlog });
        // One client more than the backlog says.
        let others = OWN..OWN + 1 + usize::from(backlog > 0);
        for slot in others.clone() {
            self.slot = slot;
            self.client(Moment::OtherSocket, Call::Socket { nonblocking: false });
        }
        for slot in others.clone() {
            self.slot = slot;
            self.client(Moment::OtherConnect, Call::Connect(Where::Server));
        }
        self.slot = others.end;
        self.client(Moment::ClientSocket, Call::Socket { nonblocking: true });
        self.client(Moment::Connect, Call::Connect(Where::Server));
        self.is_shown();
        if !self.has_file() {
            let patience_ms = WAIT_MS;
            self.client(Moment::ConnectWait, Call::Poll { writable: true, patience_ms });
            self.is_shown();
        }
        self.client(Moment::ClientClose, Call::Close);
        for slot in others {
            self.slot = slot;
            self.client(Moment::OtherClose, Call::Close);
        }
    }

    fn full_of_messages(&mut self) {
        if !self.has_file() {
            // The smallest that the kernel grants is far more than a byte.
            self.server(Moment::SmallQueue, OWN, Call::Set(Setting::ReceiveBuffer(1)));
        }
        self.client(Moment::ClientSocket, Call::Socket { nonblocking: false });
        if (self.transport.kind, self.transport.family) == (Kind::Raw, Family::Ipv4) {
            self.client(Moment::ClientBind, Call::Bind(Where::Own));
        }
        self.client(Moment::Connect, Call::Connect(Where::Server));
        let most = if self.has_file() { MANY_MESSAGES } else { MESSAGES };
        self.client(Moment::Fill, Call::Fill { most });
        self.is_shown();
        if self.has_file() {
            // One is taken, and one has room.
            self.server(Moment::TakeRequest, OWN, Call::ReceiveFrom);
            self.client(Moment::Again, Call::Send);
        } else {
            self.server(Moment::Drain, OWN, Call::Drain);
            self.is_shown();
        }
        self.client(Moment::ClientClose, Call::Close);
    }

    /// The server never answers.
    pub(super) fn silent(&mut self) {
        let server = self.with_request(true);
        self.client(Moment::TakeReply, Call::Receive);
        self.is_shown();
        self.client_goes();
        if server == ACCEPTED {
            self.server(Moment::ConnectionClose, server, Call::Close);
        }
        self.server_goes();
    }

    /// The server closes without having read.
    pub(super) fn vanished(&mut self) {
        let server = self.with_request(!self.transport.kind.connects());
        self.server(Moment::Vanish, server, Call::Close);
        self.client(Moment::TakeReply, Call::Receive);
        self.is_shown();
        self.client(Moment::Again, Call::Send);
        self.is_shown();
        if !self.transport.kind.connects() && !self.has_file() {
            self.client(Moment::HearLater, Call::Receive);
            self.is_shown();
        }
        self.client_goes();
        if server == ACCEPTED {
            self.server_goes();
        } else if self.has_file() {
            self.server(Moment::ServerUnlink, OWN, Call::Unlink);
        }
    }

    /// Until the request is there, unread; on which of the server's sockets it is.
    fn with_request(&mut self, patient: bool) -> usize {
        let connects = self.transport.kind.connects();
        self.server_appears();
        if connects {
            self.server(Moment::Listen, OWN, Call::Listen { backlog: BACKLOG });
        }
        self.client_appears();
        if patient {
            self.patience(WAIT_MS);
        }
        self.client(Moment::Connect, Call::Connect(Where::Server));
        if connects {
            self.server(Moment::Accept, OWN, Call::Accept);
        }
        self.request();
        if connects { ACCEPTED } else { OWN }
    }

    fn request(&mut self) {
        self.client(Moment::Request, Call::Send);
        if self.hears_itself() {
            self.client(Moment::OwnRequest, Call::Receive);
        }
    }

    fn patience(&mut self, ms: u16) {
        self.client(Moment::Patience, Call::Set(Setting::ReceivePatience(ms)));
    }

    /// What becomes of the last call is what the walk is there to show.
    fn is_shown(&mut self) {
        if let Some(Step { may_fail, .. }) = self.steps.last_mut() {
            *may_fail = true;
        }
    }
}
