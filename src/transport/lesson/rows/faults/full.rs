//! The queue of those who wait has no room, or that of messages.

use super::super::super::{Claim, Lesson, Moment, State, To, Who};
use super::{connects, known_connects, packets, tcp_or_mptcp, unix_connects, unix_datagrams};

pub(super) const ROWS: &[Lesson] = &[
    Lesson {
        moment: Moment::Listen,
        of: known_connects,
        to: &[To::Full],
        says: "State LISTEN, with the shortest queue there is: one client more than the backlog \
               says may wait to be accepted.",
        claims: &[
            Claim::Is(Who::Server, State::Listen),
            Claim::Room(Who::Server, 0),
            Claim::Checked("backlog0"),
        ],
    },
    Lesson {
        moment: Moment::SmallQueue,
        of: packets,
        to: &[To::Full],
        says: "The kernel grants more than that, but no less: the smallest receive buffer there \
               is.",
        claims: &[Claim::AllRead(Who::Server), Claim::Shown("the-smallest-receive-buffer")],
    },
    Lesson {
        moment: Moment::OtherSocket,
        of: connects,
        to: &[To::Full],
        says: "Another client comes first.",
        claims: &[Claim::Nameless(Who::Other)],
    },
    Lesson {
        moment: Moment::OtherConnect,
        of: known_connects,
        to: &[To::Full],
        says: "It has the only place in the queue: it is connected, though nobody has accepted it.",
        claims: &[Claim::Is(Who::Other, State::Established), Claim::Waiting(Who::Server, 1)],
    },
    Lesson {
        moment: Moment::ClientSocket,
        of: connects,
        to: &[To::Full],
        says: "With SOCK_NONBLOCK none of its calls waits: what would have to wait says so.",
        claims: &[Claim::Nameless(Who::Client), Claim::Checked("nbconnect")],
    },
    Lesson {
        moment: Moment::Connect,
        of: tcp_or_mptcp,
        to: &[To::Full],
        says: "The queue is full, and the kernel drops the SYN without a word. Where connect() \
               waits, it waits here for minutes (net.ipv4.tcp_syn_retries).",
        claims: &[
            Claim::Refused("EINPROGRESS"),
            Claim::Is(Who::Client, State::SynSent),
            Claim::Waiting(Who::Server, 1),
        ],
    },
    Lesson {
        moment: Moment::Connect,
        of: unix_connects,
        to: &[To::Full],
        says: "The queue is full, and a client that does not wait is told so at once. Without \
               SOCK_NONBLOCK it would wait until there is room.",
        claims: &[
            Claim::Refused("EAGAIN"),
            Claim::Is(Who::Client, State::Close),
            Claim::Waiting(Who::Server, 1),
            Claim::Checked("backlog_free"),
        ],
    },
    Lesson {
        moment: Moment::ConnectWait,
        of: tcp_or_mptcp,
        to: &[To::Full],
        says: "Not yet: state SYN_SENT, as if the server were far away or a firewall in between. \
               The next SYN goes after 1 s.",
        claims: &[
            Claim::TimedOut,
            Claim::Is(Who::Client, State::SynSent),
            Claim::Checked("backlog_free"),
        ],
    },
    Lesson {
        moment: Moment::ClientClose,
        of: known_connects,
        to: &[To::Full],
        says: "It never was connected, so that there is nobody to tell; the other one still waits.",
        claims: &[Claim::Waiting(Who::Server, 1)],
    },
    Lesson {
        moment: Moment::OtherClose,
        of: known_connects,
        to: &[To::Full],
        says: "It leaves, and has its place until it is accepted all the same: accept() hands out \
               clients that have gone.",
        claims: &[Claim::Waiting(Who::Server, 1), Claim::Checked("accept_gone")],
    },
    Lesson {
        moment: Moment::Fill,
        of: unix_datagrams,
        to: &[To::Full],
        says: "{count} went, and the next would have to wait: a queue takes one message more than \
               net.unix.max_dgram_qlen, as long as the sender's SO_SNDBUF holds them.",
        claims: &[
            Claim::Refused("EAGAIN"),
            Claim::Unread(Who::Server),
            Claim::Checked("full_server"),
        ],
    },
    Lesson {
        moment: Moment::Fill,
        of: packets,
        to: &[To::Full],
        says: "Every send() says that it went, and none waits: what finds no room is dropped, on \
               loopback too.",
        claims: &[Claim::Moved(None), Claim::Unread(Who::Server), Claim::Dropped(Who::Server)],
    },
    Lesson {
        moment: Moment::TakeRequest,
        of: unix_datagrams,
        to: &[To::Full],
        says: "The first is taken, whole and in its order: Unix datagrams are not lost.",
        claims: &[Claim::Right, Claim::Unread(Who::Server)],
    },
    Lesson {
        moment: Moment::Again,
        of: unix_datagrams,
        to: &[To::Full],
        says: "There is room for one again. A send() that waits would have waited until now.",
        claims: &[Claim::Moved(None)],
    },
    Lesson {
        moment: Moment::Drain,
        of: packets,
        to: &[To::Full],
        says: "{kept} of the {count} are there. The others are lost, and nothing but the socket's \
               drop counter tells.",
        claims: &[
            Claim::Refused("EAGAIN"),
            Claim::AllRead(Who::Server),
            Claim::Dropped(Who::Server),
        ],
    },
    Lesson {
        moment: Moment::ClientClose,
        of: unix_datagrams,
        to: &[To::Full],
        says: "The client goes, and what it has sent stays in the queue, to be read.",
        claims: &[Claim::Unread(Who::Server)],
    },
    Lesson {
        moment: Moment::ClientClose,
        of: packets,
        to: &[To::Full],
        says: "The client goes, and neither end has been told that messages are lost.",
        claims: &[Claim::Dropped(Who::Server)],
    },
    Lesson {
        moment: Moment::ServerClose,
        of: known_connects,
        to: &[To::Full],
        says: "Nobody listens any more. A client that still waited to be accepted would read \
               ECONNRESET now.",
        claims: &[Claim::Checked("listener_gone")],
    },
];
