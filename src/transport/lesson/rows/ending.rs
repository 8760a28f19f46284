//! Taking it all down.

use super::{
    ECHO, LASTING, MET, any, connects, mptcp, raw, sctp, seqpacket, tcp, udp, unix, vsock,
};
use crate::transport::End;
use crate::transport::lesson::{Claim, Lesson, Moment, State, To, Who};

pub(super) const ROWS: &[Lesson] = &[
    Lesson {
        moment: Moment::ClientClose,
        of: tcp,
        to: ECHO,
        says: "Sends FIN. The client's side lives on without a descriptor: in FIN_WAIT until the \
               server closes, too.",
        // When the FIN arrives is not said: gVisor's network is a thread of its own.
        claims: &[Claim::ClosedFirst(End::Client)],
    },
    Lesson {
        moment: Moment::ClientClose,
        of: mptcp,
        to: ECHO,
        says: "Says DATA_FIN, the end of the stream, and waits in FIN_WAIT. The TCP connection \
               below it is still ESTABLISHED.",
        claims: &[
            // The server's end hears of it from a worker of the kernel, a moment later.
            Claim::ClosedFirst(End::Client),
            Claim::Shown("mptcp-ends-before-its-subflow"),
        ],
    },
    Lesson {
        moment: Moment::ClientClose,
        of: sctp,
        to: ECHO,
        says: "SHUTDOWN, SHUTDOWN ACK, SHUTDOWN COMPLETE end both directions at once: SCTP knows \
               no half-closed state (RFC 9260).",
        claims: &[],
    },
    Lesson {
        moment: Moment::ClientClose,
        of: vsock,
        to: ECHO,
        says: "Tells the server's side that nothing more will be sent or received.",
        claims: &[],
    },
    Lesson {
        moment: Moment::ClientClose,
        of: |t| unix(t) && connects(t),
        to: ECHO,
        says: "No FIN, no waiting: the kernel marks the server's end, and the client's is gone.",
        claims: &[Claim::Shown("a-unix-connection-leaves-nothing")],
    },
    Lesson {
        moment: Moment::ClientClose,
        of: unix,
        to: ECHO,
        says: "The server is not told; it would hear ECONNREFUSED if it sent again. The client's \
               file stays.",
        claims: &[
            Claim::AllRead(Who::Server),
            Claim::File(Who::Client),
            Claim::Shown("a-datagram-client-that-left"),
        ],
    },
    Lesson {
        moment: Moment::ClientClose,
        of: any,
        to: ECHO,
        says: "Sends nothing: nobody tells the server that its client has gone, not even if it \
               answers once more.",
        claims: &[Claim::Shown("a-datagram-client-that-left")],
    },
    Lesson {
        moment: Moment::ClientUnlink,
        of: any,
        to: MET,
        says: "The name is a file like any other: who made it has to remove it.",
        claims: &[Claim::NoFile(Who::Client)],
    },
    Lesson {
        moment: Moment::SeeEnd,
        of: |t| unix(t) && seqpacket(t),
        to: ECHO,
        says: "0 is the end. An empty message would look just the same, so do not send any.",
        claims: &[Claim::Moved(Some(0)), Claim::Shown("an-empty-message-looks-like-the-end")],
    },
    Lesson {
        moment: Moment::SeeEnd,
        of: mptcp,
        to: ECHO,
        says: "0 is the end of the stream: DATA_FIN, behind the last byte. In CLOSE_WAIT it is the \
               server's turn to close.",
        claims: &[Claim::Moved(Some(0)), Claim::Is(Who::Accepted, State::CloseWait)],
    },
    Lesson {
        moment: Moment::SeeEnd,
        of: tcp,
        to: ECHO,
        says: "0 is the end of the stream: FIN, behind the last byte. In CLOSE_WAIT it is the \
               server's turn to close.",
        claims: &[Claim::Moved(Some(0)), Claim::Is(Who::Accepted, State::CloseWait)],
    },
    Lesson {
        moment: Moment::SeeEnd,
        of: any,
        to: ECHO,
        says: "0 is the end: everything that was sent before has been read, and nothing can come \
               after it.",
        claims: &[Claim::Moved(Some(0))],
    },
    Lesson {
        moment: Moment::ConnectionClose,
        of: tcp,
        to: ECHO,
        says: "FIN back: LAST_ACK, then nothing is left here. The client's side closed first, and \
               stays in TIME_WAIT for 60 s.",
        claims: &[
            Claim::Gone(End::Server),
            Claim::Lingers(End::Client, State::TimeWait),
            Claim::Shown("time-wait-lasts-60-s"),
        ],
    },
    Lesson {
        moment: Moment::ConnectionClose,
        of: mptcp,
        to: ECHO,
        says: "DATA_FIN back. Now that both ends have said so, the kernel closes the TCP \
               connection below, in its own time.",
        claims: &[],
    },
    Lesson {
        moment: Moment::ConnectionClose,
        of: sctp,
        to: ECHO,
        says: "Only a descriptor goes: the association ended with the client's close. There is no \
               TIME_WAIT in SCTP.",
        claims: &[],
    },
    Lesson {
        moment: Moment::ConnectionClose,
        of: unix,
        to: &[To::Echo, To::Silent],
        says: "Nothing is left of the connection, and nothing like TIME_WAIT ever was.",
        claims: &[Claim::Shown("a-unix-connection-leaves-nothing")],
    },
    Lesson {
        moment: Moment::ConnectionClose,
        of: any,
        to: &[To::Echo, To::Silent],
        says: "Both ends have closed: the connection is over.",
        claims: &[],
    },
    Lesson {
        moment: Moment::ServerClose,
        of: unix,
        to: LASTING,
        says: "The socket goes, its file stays: connect to it says ECONNREFUSED now, and bind to \
               it EADDRINUSE.",
        claims: &[Claim::File(Who::Server), Claim::Shown("bind-to-a-stale-path")],
    },
    Lesson {
        moment: Moment::ServerClose,
        of: tcp,
        to: ECHO,
        says: "Port {port} is free again. Had the server closed first, TIME_WAIT would hold it, \
               and bind would say EADDRINUSE.",
        claims: &[Claim::Gone(End::Server), Claim::Shown("who-closes-first-keeps-the-port")],
    },
    Lesson {
        moment: Moment::ServerClose,
        of: |t| mptcp(t) || sctp(t),
        to: MET,
        says: "Nobody listens any more: who connects now is told ECONNREFUSED.",
        claims: &[Claim::Shown("refused-after-close")],
    },
    Lesson {
        moment: Moment::ServerClose,
        of: vsock,
        to: MET,
        says: "Nobody listens any more, and the port is free again.",
        claims: &[],
    },
    Lesson {
        moment: Moment::ServerClose,
        of: udp,
        to: LASTING,
        says: "Port {port} is free again at once: there was no connection that could leave \
               anything.",
        claims: &[Claim::Shown("the-port-is-free-again")],
    },
    Lesson {
        moment: Moment::ServerClose,
        of: raw,
        to: LASTING,
        says: "Nothing is sent, and nothing is left: what nobody has read goes with the socket.",
        claims: &[],
    },
    Lesson {
        moment: Moment::ServerUnlink,
        of: any,
        to: &To::ALL,
        says: "Now the name is free, too: it takes unlink, not close, to let the next server bind \
               it.",
        claims: &[Claim::NoFile(Who::Server), Claim::Shown("bind-to-a-stale-path")],
    },
];
