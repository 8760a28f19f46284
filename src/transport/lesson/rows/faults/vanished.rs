//! A server that closes without having read.

use super::super::super::{Claim, Lesson, Moment, State, To, Who};
use super::{
    any, connectionless, known_connects, mptcp, packets, raw4, raw6, seqpacket, tcp, udp, unix,
    unix_datagrams,
};
use crate::transport::End;

pub(super) const ROWS: &[Lesson] = &[
    Lesson {
        moment: Moment::Patience,
        of: connectionless,
        to: &[To::Vanished],
        says: "From now on recv() gives up after that time; without this it would wait for ever.",
        claims: &[Claim::Checked("rcvtimeo")],
    },
    Lesson {
        moment: Moment::Vanish,
        of: tcp,
        to: &[To::Vanished],
        says: "Closed with {size} B unread: that sends a RST instead of a FIN, and the connection \
               is over at both ends, without TIME_WAIT.",
        claims: &[Claim::Is(Who::Client, State::Close), Claim::Gone(End::Server)],
    },
    Lesson {
        moment: Moment::Vanish,
        of: mptcp,
        to: &[To::Vanished],
        says: "Closed with {size} B unread: the whole connection is reset, and the client told that \
               they were lost.",
        claims: &[Claim::Checked("unread")],
    },
    Lesson {
        moment: Moment::Vanish,
        of: known_connects,
        to: &[To::Vanished],
        says: "Closed with {size} B unread: the client is told that they were lost, not that all \
               is well.",
        claims: &[Claim::AllRead(Who::Client), Claim::Checked("unread")],
    },
    Lesson {
        moment: Moment::Vanish,
        of: unix_datagrams,
        to: &[To::Vanished],
        says: "The request goes with the socket that it lay in, and nobody tells the client. The \
               file stays.",
        claims: &[Claim::AllRead(Who::Client), Claim::File(Who::Server)],
    },
    Lesson {
        moment: Moment::Vanish,
        of: packets,
        to: &[To::Vanished],
        says: "The request goes with the socket that it lay in, and nobody tells the client.",
        claims: &[Claim::AllRead(Who::Client)],
    },
    Lesson {
        moment: Moment::TakeReply,
        of: known_connects,
        to: &[To::Vanished],
        says: "The reset, once: whether the request was read is not said.",
        claims: &[Claim::Refused("ECONNRESET")],
    },
    Lesson {
        moment: Moment::TakeReply,
        of: connectionless,
        to: &[To::Vanished],
        says: "Nothing came in time: a server that has gone looks like one that is silent.",
        claims: &[Claim::Refused("EAGAIN"), Claim::AllRead(Who::Client)],
    },
    Lesson {
        moment: Moment::Again,
        of: |t| unix(t) && seqpacket(t),
        to: &[To::Vanished],
        says: "Nobody is at the other end any more.",
        claims: &[Claim::Refused("EPIPE")],
    },
    Lesson {
        moment: Moment::Again,
        of: known_connects,
        to: &[To::Vanished],
        says: "Nobody is at the other end any more. SIGPIPE comes with it, and ends a program that \
               does not ignore it or send with MSG_NOSIGNAL.",
        claims: &[Claim::Refused("EPIPE"), Claim::Shown("sigpipe-after-a-reset")],
    },
    Lesson {
        moment: Moment::Again,
        of: unix_datagrams,
        to: &[To::Vanished],
        says: "Now it shows: the socket that the client is connected to is gone. That the file is \
               still there does not help.",
        claims: &[Claim::Refused("ECONNREFUSED"), Claim::File(Who::Server)],
    },
    Lesson {
        moment: Moment::Again,
        of: packets,
        to: &[To::Vanished],
        says: "It went like the first, and nobody has it.",
        claims: &[Claim::Moved(None)],
    },
    Lesson {
        moment: Moment::HearLater,
        of: udp,
        to: &[To::Vanished],
        says: "Only now it shows: the kernel answered the second request with ICMP port \
               unreachable. The first is lost without a word.",
        claims: &[Claim::Refused("ECONNREFUSED")],
    },
    Lesson {
        moment: Moment::HearLater,
        of: raw4,
        to: &[To::Vanished],
        says: "Only now it shows: the kernel answered the second request with ICMP protocol \
               unreachable. The first is lost without a word.",
        claims: &[Claim::Refused("ENOPROTOOPT")],
    },
    Lesson {
        moment: Moment::HearLater,
        of: raw6,
        to: &[To::Vanished],
        says: "Its own message again: at the one address that both have, nothing ever tells that \
               the server has gone.",
        claims: &[Claim::FromItself, Claim::Moved(None)],
    },
    Lesson {
        moment: Moment::ClientClose,
        of: tcp,
        to: &[To::Vanished],
        says: "The connection was over already: no FIN, and nothing is left of it.",
        claims: &[Claim::Gone(End::Client), Claim::Gone(End::Server)],
    },
    Lesson {
        moment: Moment::ClientClose,
        of: unix_datagrams,
        to: &[To::Vanished],
        says: "Nobody is there to be told. The files of both are left.",
        claims: &[Claim::File(Who::Client), Claim::File(Who::Server)],
    },
    Lesson {
        moment: Moment::ClientClose,
        of: any,
        to: &[To::Vanished],
        says: "Nobody is there to be told.",
        claims: &[],
    },
    Lesson {
        moment: Moment::ServerClose,
        of: tcp,
        to: &[To::Vanished],
        says: "Nobody listens any more, and port {port} is free again at once: no TIME_WAIT holds \
               it.",
        claims: &[Claim::Gone(End::Client), Claim::Gone(End::Server)],
    },
    Lesson {
        moment: Moment::ServerClose,
        of: unix,
        to: &[To::Vanished],
        says: "Nobody listens any more. The file stays, and refuses whoever connects to it.",
        claims: &[Claim::File(Who::Server), Claim::Checked("stale")],
    },
];
