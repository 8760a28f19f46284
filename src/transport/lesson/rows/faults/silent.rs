//! A server that never answers.

use super::super::super::{Claim, Lesson, Moment, State, To, Who};
use super::{connectionless, known_connects, mptcp, tcp};
use crate::transport::End;

pub(super) const ROWS: &[Lesson] = &[
    Lesson {
        moment: Moment::Patience,
        of: |_| true,
        to: &[To::Silent],
        says: "From now on recv() gives up after that time; without this it would wait for ever.",
        claims: &[Claim::Checked("rcvtimeo")],
    },
    Lesson {
        moment: Moment::TakeReply,
        of: known_connects,
        to: &[To::Silent],
        says: "Nothing came in time. Both ends are connected as before, the request lies unread, \
               and to the client it looks as if the answer were late.",
        claims: &[
            Claim::Refused("EAGAIN"),
            Claim::Is(Who::Client, State::Established),
            Claim::Is(Who::Accepted, State::Established),
            Claim::Unread(Who::Accepted),
            Claim::AllRead(Who::Client),
        ],
    },
    Lesson {
        moment: Moment::TakeReply,
        of: connectionless,
        to: &[To::Silent],
        says: "Nothing came in time. The request lies unread at the server, and to the client it \
               looks as if the answer were late.",
        claims: &[
            Claim::Refused("EAGAIN"),
            Claim::Unread(Who::Server),
            Claim::AllRead(Who::Client),
        ],
    },
    Lesson {
        moment: Moment::ClientClose,
        of: tcp,
        to: &[To::Silent],
        says: "The client gives up and sends a FIN. The server's end is in CLOSE_WAIT, with the \
               request still unread.",
        claims: &[Claim::Is(Who::Accepted, State::CloseWait), Claim::Unread(Who::Accepted)],
    },
    Lesson {
        moment: Moment::ClientClose,
        of: connectionless,
        to: &[To::Silent],
        says: "The client gives up, and the server is not told: its request still lies there.",
        claims: &[Claim::Unread(Who::Server)],
    },
    Lesson {
        moment: Moment::ConnectionClose,
        of: tcp,
        to: &[To::Silent],
        says: "Closed with a request unread, which sends a RST: nothing is left of the connection, \
               not even a TIME_WAIT.",
        claims: &[Claim::Gone(End::Client), Claim::Gone(End::Server)],
    },
    Lesson {
        moment: Moment::ClientClose,
        of: known_connects,
        to: &[To::Silent],
        says: "The client gives up. Its request still lies unread at the server.",
        claims: &[Claim::Unread(Who::Accepted)],
    },
    Lesson {
        moment: Moment::ConnectionClose,
        of: mptcp,
        to: &[To::Silent],
        says: "Closed with a request unread: the connection is reset. What the client left of it the \
               kernel takes down in its own time.",
        claims: &[Claim::Gone(End::Server)],
    },
    Lesson {
        moment: Moment::ServerClose,
        of: tcp,
        to: &[To::Silent],
        says: "Nobody listens any more, and port {port} is free again at once: no TIME_WAIT holds \
               it.",
        claims: &[Claim::Gone(End::Client), Claim::Gone(End::Server)],
    },
];
