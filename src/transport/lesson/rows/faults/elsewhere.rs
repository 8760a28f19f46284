//! SCTP and VM sockets, which few kernels have: what holds whatever they do.

use super::super::super::{Claim, Lesson, Moment, State, To, Who};
use super::{rare, sctp, vsock};

pub(super) const ROWS: &[Lesson] = &[
    Lesson {
        moment: Moment::Connect,
        of: sctp,
        to: &[To::Closed],
        says: "Nobody listens there, and the INIT is answered with an ABORT (RFC 9260).",
        claims: &[],
    },
    Lesson {
        moment: Moment::Connect,
        of: vsock,
        to: &[To::Closed],
        says: "Nobody listens there, and the request is answered with a reset.",
        claims: &[],
    },
    Lesson {
        moment: Moment::Listen,
        of: rare,
        to: &[To::Full],
        says: "State LISTEN, with the shortest queue there is.",
        claims: &[Claim::Is(Who::Server, State::Listen)],
    },
    Lesson {
        moment: Moment::OtherConnect,
        of: rare,
        to: &[To::Full],
        says: "It has a place in the queue: it is connected, though nobody has accepted it.",
        claims: &[],
    },
    Lesson {
        moment: Moment::Connect,
        of: rare,
        to: &[To::Full],
        says: "The queue is full. A connect() that does not wait says that it has begun, and poll() \
               when it is over.",
        claims: &[],
    },
    Lesson {
        moment: Moment::ConnectWait,
        of: rare,
        to: &[To::Full],
        says: "1 is over, with whatever result; 0 is not yet.",
        claims: &[],
    },
    Lesson {
        moment: Moment::ClientClose,
        of: rare,
        to: &[To::Full],
        says: "The client gives up.",
        claims: &[],
    },
    Lesson {
        moment: Moment::OtherClose,
        of: rare,
        to: &[To::Full],
        says: "It leaves without ever having been accepted.",
        claims: &[],
    },
    Lesson {
        moment: Moment::ServerClose,
        of: rare,
        to: &[To::Full],
        says: "Nobody listens any more, and the port is free again.",
        claims: &[],
    },
    Lesson {
        moment: Moment::TakeReply,
        of: rare,
        to: &[To::Silent],
        says: "Nothing came in time: to the client it looks the same as an answer that is late.",
        claims: &[Claim::Refused("EAGAIN")],
    },
    Lesson {
        moment: Moment::ClientClose,
        of: rare,
        to: &[To::Silent],
        says: "The client gives up, and nobody has read its request.",
        claims: &[],
    },
    Lesson {
        moment: Moment::Vanish,
        of: rare,
        to: &[To::Vanished],
        says: "Closed with {size} B unread, which are lost.",
        claims: &[],
    },
    Lesson {
        moment: Moment::TakeReply,
        of: rare,
        to: &[To::Vanished],
        says: "What the client is told of that; after a close in good order it would be 0.",
        claims: &[],
    },
    Lesson {
        moment: Moment::Again,
        of: rare,
        to: &[To::Vanished],
        says: "Nobody is at the other end any more.",
        claims: &[],
    },
];
