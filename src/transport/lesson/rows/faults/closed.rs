//! Nobody is there.

use super::super::super::{Claim, Lesson, Moment, State, To, Who};
use super::{any, connects, packets, raw4, raw6, tcp_or_mptcp, udp, unix};

pub(super) const ROWS: &[Lesson] = &[
    Lesson {
        moment: Moment::ClientSocket,
        of: udp,
        to: &[To::Closed],
        says: "Another process, and a socket without a name so far.",
        claims: &[Claim::Nameless(Who::Client)],
    },
    Lesson {
        moment: Moment::ServerLeaves,
        of: unix,
        to: &[To::Closed],
        says: "The socket is gone, its file is not: close() leaves it, and so does a crash.",
        claims: &[Claim::File(Who::Server)],
    },
    Lesson {
        moment: Moment::ServerLeaves,
        of: packets,
        to: &[To::Closed],
        says: "The server goes without a word: nothing comes to the client.",
        claims: &[Claim::AllRead(Who::Client)],
    },
    Lesson {
        moment: Moment::ClientBind,
        of: udp,
        to: &[To::Closed],
        says: "A port before the server gives up its own: left to connect(), the kernel might pick \
               that one, and the client would talk to itself.",
        claims: &[Claim::Named(Who::Client)],
    },
    Lesson {
        moment: Moment::Patience,
        of: packets,
        to: &[To::Closed],
        says: "From now on recv() gives up after that time: that a refusal comes is not promised.",
        claims: &[Claim::Checked("rcvtimeo")],
    },
    Lesson {
        moment: Moment::Connect,
        of: tcp_or_mptcp,
        to: &[To::Closed],
        says: "The SYN finds no listener, and the kernel answers with a RST: refused at once.",
        claims: &[Claim::Refused("ECONNREFUSED"), Claim::Is(Who::Client, State::Close)],
    },
    Lesson {
        moment: Moment::Connect,
        of: unix,
        to: &[To::Closed],
        says: "The file is there and nobody is behind it: what a server that crashed leaves looks \
               like this.",
        claims: &[Claim::Refused("ECONNREFUSED"), Claim::File(Who::Server)],
    },
    Lesson {
        moment: Moment::Connect,
        of: packets,
        to: &[To::Closed],
        says: "It succeeds although nobody is there: nothing is sent, the kernel only notes whom \
               the client talks to.",
        claims: &[Claim::Is(Who::Client, State::Established)],
    },
    Lesson {
        moment: Moment::FileGoes,
        of: unix,
        to: &[To::Closed],
        says: "Now the file is gone too. A server that starts must do this first: bind() to a file \
               that is there says EADDRINUSE.",
        claims: &[Claim::NoFile(Who::Server), Claim::Checked("stale")],
    },
    Lesson {
        moment: Moment::ConnectNowhere,
        of: unix,
        to: &[To::Closed],
        says: "No file, and another errno: a client that tries again only where it is refused \
               gives up here.",
        claims: &[Claim::Refused("ENOENT"), Claim::NoFile(Who::Server)],
    },
    Lesson {
        moment: Moment::Request,
        of: packets,
        to: &[To::Closed],
        says: "It says that {size} B went, not that they arrived: a sender is not told here.",
        claims: &[Claim::Moved(None)],
    },
    Lesson {
        moment: Moment::TakeReply,
        of: udp,
        to: &[To::Closed],
        says: "The send's refusal, a call late: the kernel answered it with ICMP port unreachable, \
               and whatever call comes next is told.",
        claims: &[Claim::Refused("ECONNREFUSED"), Claim::Checked("async_err")],
    },
    Lesson {
        moment: Moment::TakeReply,
        of: raw4,
        to: &[To::Closed],
        says: "The send's refusal, a call late: nobody there takes protocol 253, and the kernel \
               answered with ICMP protocol unreachable.",
        claims: &[Claim::Refused("ENOPROTOOPT"), Claim::Checked("async_err")],
    },
    Lesson {
        moment: Moment::TakeReply,
        of: raw6,
        to: &[To::Closed],
        says: "Nothing tells that nobody is there: the client took its own message, so that to the \
               kernel somebody had it.",
        claims: &[Claim::Refused("EAGAIN"), Claim::AllRead(Who::Client)],
    },
    Lesson {
        moment: Moment::OwnRequest,
        of: raw6,
        to: &[To::Closed],
        says: "Its own request: the one loopback address is its own as well as the server's.",
        claims: &[Claim::FromItself, Claim::Moved(None), Claim::AllRead(Who::Client)],
    },
    Lesson {
        moment: Moment::ClientClose,
        of: any,
        to: &[To::Closed],
        says: "Nobody is there to be told.",
        claims: &[],
    },
    Lesson {
        moment: Moment::ServerClose,
        of: connects,
        to: &[To::Closed],
        says: "Port {port} is free again at once: a connection never was.",
        claims: &[Claim::Checked("stale")],
    },
];
