//! The message there and back.

use super::{
    ECHO, MET, any, connects, dual, ipv4, mptcp, raw, sctp, seqpacket, tcp, udp, unix, vsock,
};
use crate::transport::lesson::{Claim, Lesson, Moment, State, Who};

/// The IP header that raw IPv4 sockets are handed, without options.
const HEADER: usize = 20;

pub(super) const ROWS: &[Lesson] = &[
    Lesson {
        moment: Moment::Request,
        of: |t| unix(t) && connects(t),
        to: MET,
        says: "One copy, into a buffer that is hung on the server's queue: no packet, no checksum, \
               no protocol.",
        claims: &[
            Claim::Moved(None),
            Claim::Unread(Who::Accepted),
            Claim::Shown("send-runs-the-receiver"),
        ],
    },
    Lesson {
        moment: Moment::Request,
        of: unix,
        to: MET,
        says: "One copy, into a buffer that is hung on the server's queue, with the sender's name \
               on it. There is no protocol.",
        claims: &[
            Claim::Moved(None),
            Claim::Unread(Who::Server),
            Claim::Shown("send-runs-the-receiver"),
        ],
    },
    Lesson {
        moment: Moment::Request,
        of: |t| raw(t) && ipv4(t),
        to: MET,
        says: "The kernel puts an IP header in front, and nothing else. On loopback the packet is \
               in the server's queue before send returns.",
        claims: &[
            Claim::Moved(None),
            Claim::Unread(Who::Server),
            Claim::Shown("send-runs-the-receiver"),
        ],
    },
    Lesson {
        moment: Moment::Request,
        of: raw,
        to: MET,
        says: "One packet, two copies: every raw socket of this protocol at ::1 gets one, and the \
               sender is at ::1.",
        claims: &[
            Claim::Moved(None),
            Claim::Unread(Who::Server),
            Claim::Unread(Who::Client),
            Claim::Shown("raw-ends-at-one-address"),
        ],
    },
    Lesson {
        moment: Moment::Request,
        of: udp,
        to: MET,
        says: "On loopback send runs the receiver's side, too: the datagram is in the server's \
               queue, though the server has not run.",
        claims: &[
            Claim::Moved(None),
            Claim::Unread(Who::Server),
            Claim::Shown("send-runs-the-receiver"),
            Claim::Shown("on-the-callers-cpu"),
        ],
    },
    Lesson {
        moment: Moment::Request,
        of: mptcp,
        to: MET,
        says: "A TCP segment with one option more, DSS: where these bytes belong in the stream. \
               They are in the server's queue already.",
        claims: &[
            Claim::Moved(None),
            Claim::Unread(Who::Accepted),
            Claim::Shown("send-runs-the-receiver"),
        ],
    },
    Lesson {
        moment: Moment::Request,
        of: sctp,
        to: MET,
        says: "One message in a DATA chunk. SCTP keeps it apart from the next, though the type is \
               SOCK_STREAM.",
        claims: &[Claim::Moved(None)],
    },
    Lesson {
        moment: Moment::Request,
        of: vsock,
        to: MET,
        says: "The receiver has said how much it has room for, and no more than that is sent: no \
               byte is ever dropped.",
        claims: &[Claim::Moved(None)],
    },
    Lesson {
        moment: Moment::Request,
        of: tcp,
        to: MET,
        says: "On loopback send runs the receiver's TCP, too: the bytes are in the server's queue, \
               though the server has not run.",
        claims: &[
            Claim::Moved(None),
            Claim::Unread(Who::Accepted),
            Claim::Shown("send-runs-the-receiver"),
            Claim::Shown("on-the-callers-cpu"),
        ],
    },
    Lesson {
        moment: Moment::OwnRequest,
        of: any,
        to: MET,
        says: "Its own request, which it has to take out of the way. The server's copy is another \
               one.",
        claims: &[
            Claim::FromItself,
            Claim::Moved(None),
            Claim::AllRead(Who::Client),
            Claim::Unread(Who::Server),
        ],
    },
    Lesson {
        moment: Moment::TakeRequest,
        of: |t| raw(t) && ipv4(t),
        to: ECHO,
        says: "{size} bytes were sent, 20 more have come: raw IPv4 sockets are handed the IP \
               header as well. It is from {client}.",
        claims: &[
            Claim::Header(HEADER),
            Claim::Right,
            Claim::TellsName,
            Claim::AllRead(Who::Server),
        ],
    },
    Lesson {
        moment: Moment::TakeRequest,
        of: raw,
        to: ECHO,
        says: "The bytes alone: unlike IPv4, raw IPv6 sockets are handed no IP header. And ::1 is \
               the sender's name, too.",
        claims: &[Claim::Moved(None), Claim::Right, Claim::TellsName, Claim::AllRead(Who::Server)],
    },
    Lesson {
        moment: Moment::TakeRequest,
        of: |t| unix(t) && !connects(t),
        to: ECHO,
        says: "One call takes one whole message, and tells the name that its sender has bound: \
               whom to answer.",
        claims: &[
            Claim::Moved(None),
            Claim::Right,
            Claim::TellsName,
            Claim::AllRead(Who::Server),
            Claim::Shown("a-message-stays-whole"),
        ],
    },
    Lesson {
        moment: Moment::TakeRequest,
        of: |t| udp(t) && dual(t),
        to: ECHO,
        says: "One call takes one whole datagram, and tells who sent it. To an IPv6 socket an IPv4 \
               client is {client}.",
        claims: &[
            Claim::Moved(None),
            Claim::Right,
            Claim::TellsName,
            Claim::TellsMapped,
            Claim::FromRange,
            Claim::AllRead(Who::Server),
            Claim::Shown("a-message-stays-whole"),
        ],
    },
    Lesson {
        moment: Moment::TakeRequest,
        of: udp,
        to: ECHO,
        says: "One call takes one whole datagram, and tells who sent it: {client}, with the port \
               that connect has given the client.",
        claims: &[
            Claim::Moved(None),
            Claim::Right,
            Claim::TellsName,
            Claim::FromRange,
            Claim::AllRead(Who::Server),
            Claim::Shown("a-message-stays-whole"),
        ],
    },
    Lesson {
        moment: Moment::TakeRequest,
        of: |t| unix(t) && seqpacket(t),
        to: ECHO,
        says: "The second copy, out of that buffer, which is freed. One recv takes one whole \
               message.",
        claims: &[
            Claim::Moved(None),
            Claim::Right,
            Claim::AllRead(Who::Accepted),
            Claim::Shown("a-message-stays-whole"),
        ],
    },
    Lesson {
        moment: Moment::TakeRequest,
        of: unix,
        to: ECHO,
        says: "The second copy, out of that buffer, which is freed. A stream has no borders: one \
               recv may take what two sends brought.",
        claims: &[
            Claim::Moved(None),
            Claim::Right,
            Claim::AllRead(Who::Accepted),
            Claim::Shown("two-sends-in-one-receive"),
        ],
    },
    Lesson {
        moment: Moment::TakeRequest,
        of: |t| sctp(t) || seqpacket(t),
        to: ECHO,
        says: "One recv takes one message, and it is whole if the buffer is large enough.",
        claims: &[Claim::Moved(None), Claim::Right],
    },
    Lesson {
        moment: Moment::TakeRequest,
        of: vsock,
        to: ECHO,
        says: "A stream has no borders: one recv may take what two sends brought, or a part of \
               what one did.",
        claims: &[Claim::Moved(None), Claim::Right],
    },
    Lesson {
        moment: Moment::TakeRequest,
        of: any,
        to: ECHO,
        says: "A copy out of the queue, no more. A stream has no borders: one recv may take what \
               two sends brought.",
        claims: &[
            Claim::Moved(None),
            Claim::Right,
            Claim::AllRead(Who::Accepted),
            Claim::Shown("two-sends-in-one-receive"),
        ],
    },
    Lesson {
        moment: Moment::Reply,
        of: |t| unix(t) && !connects(t),
        to: ECHO,
        says: "The server has no correspondent of its own: each sendto says whom it is for, and \
               looks up that file anew.",
        claims: &[
            Claim::Moved(None),
            Claim::Unread(Who::Client),
            Claim::Shown("send-runs-the-receiver"),
            Claim::Shown("sendto-looks-the-file-up"),
        ],
    },
    Lesson {
        moment: Moment::Reply,
        of: unix,
        to: ECHO,
        says: "Back the same way: one copy, and the answer is in the client's queue.",
        claims: &[
            Claim::Moved(None),
            Claim::Unread(Who::Client),
            Claim::Shown("send-runs-the-receiver"),
        ],
    },
    Lesson {
        moment: Moment::Reply,
        of: |t| raw(t) && !ipv4(t),
        to: ECHO,
        says: "Two copies again, and the server never reads its own. Connected to nobody, it says \
               with each answer whom it is for.",
        claims: &[
            Claim::Moved(None),
            Claim::Unread(Who::Client),
            Claim::Unread(Who::Server),
            Claim::Is(Who::Server, State::Close),
        ],
    },
    Lesson {
        moment: Moment::Reply,
        of: |t| !connects(t),
        to: ECHO,
        says: "The server's socket is connected to nobody: each sendto says whom it is for, so one \
               socket can serve any number.",
        claims: &[
            Claim::Moved(None),
            Claim::Unread(Who::Client),
            Claim::Is(Who::Server, State::Close),
            Claim::Shown("send-runs-the-receiver"),
        ],
    },
    Lesson {
        moment: Moment::Reply,
        of: |t| sctp(t) || vsock(t),
        to: ECHO,
        says: "Back the same way: what is connected carries both directions, each with a queue of \
               its own.",
        claims: &[Claim::Moved(None)],
    },
    Lesson {
        moment: Moment::Reply,
        of: any,
        to: ECHO,
        says: "Back the same way: this runs the client's side of TCP, and leaves the answer in the \
               client's queue.",
        claims: &[
            Claim::Moved(None),
            Claim::Unread(Who::Client),
            Claim::Shown("send-runs-the-receiver"),
        ],
    },
    Lesson {
        moment: Moment::TakeReply,
        of: |t| raw(t) && ipv4(t),
        to: ECHO,
        says: "The IP header again, and behind it, byte by byte, what was sent.",
        claims: &[Claim::Header(HEADER), Claim::Right, Claim::AllRead(Who::Client)],
    },
    Lesson {
        moment: Moment::TakeReply,
        of: raw,
        to: ECHO,
        says: "Byte by byte what was sent. Only what stands in a message could tell the answer \
               from the own request.",
        claims: &[Claim::Moved(None), Claim::Right, Claim::AllRead(Who::Client)],
    },
    Lesson {
        moment: Moment::TakeReply,
        of: any,
        to: ECHO,
        says: "Byte by byte what was sent. The answer was here already: recv had nothing to wait \
               for.",
        claims: &[Claim::Moved(None), Claim::Right, Claim::AllRead(Who::Client)],
    },
];
