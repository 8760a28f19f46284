//! Getting together.

use super::{MET, NOTED, any, connects, dual, ipv4, mptcp, raw, sctp, tcp, udp, unix, vsock};
use crate::transport::lesson::{Claim, Lesson, Moment, State, Who};

pub(super) const ROWS: &[Lesson] = &[
    Lesson {
        moment: Moment::Connect,
        of: |t| unix(t) && connects(t),
        to: MET,
        says: "Nothing travels: the kernel looks up the file, makes the server's end of the \
               connection and puts it into the queue.",
        claims: &[
            Claim::Is(Who::Client, State::Established),
            Claim::Nameless(Who::Client),
            Claim::Waiting(Who::Server, 1),
            Claim::Shown("connected-before-accept"),
        ],
    },
    Lesson {
        moment: Moment::Connect,
        of: unix,
        to: NOTED,
        says: "Sends nothing: it looks up the server's file once, for all sends. From now on only \
               the server may send to this end.",
        claims: &[
            Claim::AllRead(Who::Server),
            Claim::Shown("connect-sends-nothing"),
            Claim::Shown("connected-to-one"),
            Claim::Shown("sendto-looks-the-file-up"),
        ],
    },
    Lesson {
        moment: Moment::Connect,
        of: |t| raw(t) && ipv4(t),
        to: NOTED,
        says: "Sends nothing, and needs nobody there: it notes where send goes, and whose packets \
               are let in.",
        claims: &[
            Claim::AllRead(Who::Server),
            Claim::Shown("connect-sends-nothing"),
            Claim::Shown("connected-to-one"),
        ],
    },
    Lesson {
        moment: Moment::Connect,
        of: raw,
        to: NOTED,
        says: "Sends nothing: it notes where send goes. It keeps nobody out here, as whoever sends \
               is at ::1.",
        claims: &[
            Claim::Named(Who::Client),
            Claim::AllRead(Who::Server),
            Claim::Shown("connect-sends-nothing"),
            Claim::Shown("raw-ends-at-one-address"),
        ],
    },
    Lesson {
        moment: Moment::Connect,
        of: udp,
        to: NOTED,
        says: "Sends nothing, and needs nobody there: it notes the server, lets in only what comes \
               from it, and gets a port.",
        claims: &[
            Claim::Named(Who::Client),
            Claim::AllRead(Who::Server),
            Claim::Shown("connect-sends-nothing"),
            Claim::Shown("connected-to-one"),
        ],
    },
    Lesson {
        moment: Moment::Connect,
        of: mptcp,
        to: MET,
        says: "TCP's handshake, with the option MP_CAPABLE and a key of each end: the first \
               subflow is up before accept is called.",
        claims: &[
            Claim::Is(Who::Client, State::Established),
            Claim::Named(Who::Client),
            Claim::Waiting(Who::Server, 1),
            Claim::Shown("mptcp-is-spoken"),
            Claim::Shown("connected-before-accept"),
        ],
    },
    Lesson {
        moment: Moment::Connect,
        of: sctp,
        to: MET,
        says: "Four packets: INIT, INIT ACK, COOKIE ECHO, COOKIE ACK (RFC 9260). The server keeps \
               nothing in memory until its cookie is back.",
        claims: &[Claim::Is(Who::Client, State::Established), Claim::Named(Who::Client)],
    },
    Lesson {
        moment: Moment::Connect,
        of: vsock,
        to: MET,
        says: "A request and a response make the connection, and give the client a port. It waits \
               for accept in the server's queue.",
        claims: &[Claim::Is(Who::Client, State::Established), Claim::Named(Who::Client)],
    },
    Lesson {
        moment: Moment::Connect,
        of: tcp,
        to: MET,
        says: "The whole handshake (SYN, SYN-ACK, ACK) is in here, on the caller's CPU: \
               ESTABLISHED, with a port, and queued for accept.",
        claims: &[
            Claim::Is(Who::Client, State::Established),
            Claim::Named(Who::Client),
            Claim::Waiting(Who::Server, 1),
            Claim::Shown("connected-before-accept"),
            Claim::Shown("on-the-callers-cpu"),
        ],
    },
    Lesson {
        moment: Moment::Accept,
        of: unix,
        to: MET,
        says: "Hands out the end that connect has made, under a descriptor of its own. No name is \
               told: the client has none.",
        claims: &[
            Claim::TellsNoName,
            Claim::Is(Who::Accepted, State::Established),
            Claim::Is(Who::Server, State::Listen),
            Claim::Waiting(Who::Server, 0),
        ],
    },
    Lesson {
        moment: Moment::Accept,
        of: dual,
        to: MET,
        says: "Sends nothing: takes the finished connection out of the queue. To an IPv6 socket an \
               IPv4 client is {client}.",
        claims: &[
            Claim::TellsName,
            Claim::TellsMapped,
            Claim::FromRange,
            Claim::Is(Who::Accepted, State::Established),
            Claim::Waiting(Who::Server, 0),
        ],
    },
    Lesson {
        moment: Moment::Accept,
        of: |t| sctp(t) || vsock(t),
        to: MET,
        says: "Takes the connection from the queue and gives it a descriptor of its own; the first \
               socket goes on listening.",
        claims: &[
            Claim::Is(Who::Accepted, State::Established),
            Claim::Is(Who::Server, State::Listen),
            Claim::Waiting(Who::Server, 0),
        ],
    },
    Lesson {
        moment: Moment::Accept,
        of: any,
        to: MET,
        says: "Sends nothing: takes the finished connection out of the queue, gives it a \
               descriptor, and tells who it is: {client}.",
        claims: &[
            Claim::TellsName,
            Claim::FromRange,
            Claim::Is(Who::Accepted, State::Established),
            Claim::Is(Who::Server, State::Listen),
            Claim::Waiting(Who::Server, 0),
        ],
    },
];
