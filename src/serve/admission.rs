//! Which messages are answered, and why the others are not. Pure.

use std::net::SocketAddr;

/// Why a message got no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It came from a port below 1024.
    LowPort,
    /// It was sent to a group or to everybody.
    NotUnicast,
    /// It came from this server itself.
    Itself,
    /// Its sender has no name to be answered at.
    Unnamed,
    /// The answer would be larger than the message, beyond this machine.
    Larger,
    /// It, or its answer, does not fit.
    TooLong,
    /// Its sender is not there any more.
    Gone,
    /// Its sender does not read.
    Full,
    /// The kernel refused the answer for another reason.
    Refused,
}

/// Every reason with its word for programs, and in words for people.
pub const REASONS: &[(Reason, &str, &str)] = &[
    (Reason::LowPort, "low_port", "from ports below 1024, where services answer each other"),
    (Reason::NotUnicast, "not_unicast", "sent to a group or to everybody"),
    (Reason::Itself, "itself", "from this server itself"),
    (
        Reason::Unnamed,
        "unnamed",
        "from senders without a name: a client has to bind to be answered",
    ),
    (Reason::Larger, "larger", "to which the answer would have been larger, beyond this machine"),
    (Reason::TooLong, "too_long", "too long to be answered whole"),
    (Reason::Gone, "gone", "whose sender had gone"),
    (Reason::Full, "full", "whose sender did not read its answers"),
    (Reason::Refused, "refused", "that the kernel would not answer"),
];

/// Who sent a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asker {
    /// A socket without a name.
    Nobody,
    /// A socket of this machine, at a path or the like.
    Local,
    /// A socket over IP.
    Inet(SocketAddr),
}

/// What is known of a message.
#[derive(Clone, Copy, Debug)]
pub struct Request {
    /// Its sender.
    pub sender: Asker,
    /// Was it sent to this machine alone?
    pub unicast: bool,
    /// Did the kernel cut it?
    pub cut: bool,
    /// Is its sender one of this server's own sockets?
    pub own: bool,
    /// Bytes that came.
    pub len: usize,
    /// Bytes that would be sent.
    pub answer_len: usize,
}

/// Where services begin to answer each other: echo (7) and chargen (19) would go on for ever.
const FIRST_OPEN_PORT: u16 = 1024;

impl Request {
    /// May it be answered?
    ///
    /// # Errors
    /// Why not.
    pub fn admit(&self) -> Result<(), Reason> {
        let beyond = match self.sender {
            Asker::Nobody => return Err(Reason::Unnamed),
            Asker::Local => false,
            Asker::Inet(sender) if sender.port() < FIRST_OPEN_PORT => return Err(Reason::LowPort),
            Asker::Inet(sender) => !sender.ip().to_canonical().is_loopback(),
        };
        if !self.unicast {
            return Err(Reason::NotUnicast);
        }
        if self.own {
            return Err(Reason::Itself);
        }
        if self.cut {
            return Err(Reason::TooLong);
        }
        if self.answer_len > self.len && beyond {
            return Err(Reason::Larger);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(sender: &str) -> Request {
        Request {
            sender: sender.parse().map_or(Asker::Local, Asker::Inet),
            unicast: true,
            cut: false,
            own: false,
            len: 5,
            answer_len: 5,
        }
    }

    #[test]
    fn an_echo_never_makes_a_loop_or_an_amplifier() {
        let fair = request("192.0.2.1:1024");
        for (request, wanted) in [
            (fair, Ok(())),
            (request(""), Ok(())),
            (request("192.0.2.1:1023"), Err(Reason::LowPort)),
            (request("127.0.0.1:7"), Err(Reason::LowPort)),
            (request("[::1]:0"), Err(Reason::LowPort)),
            (Request { unicast: false, ..fair }, Err(Reason::NotUnicast)),
            (Request { own: true, ..fair }, Err(Reason::Itself)),
            (Request { sender: Asker::Nobody, ..fair }, Err(Reason::Unnamed)),
            (Request { cut: true, ..fair }, Err(Reason::TooLong)),
            (Request { answer_len: 6, ..fair }, Err(Reason::Larger)),
            (Request { answer_len: 6, ..request("127.0.0.1:5000") }, Ok(())),
            (Request { answer_len: 6, ..request("[::ffff:127.0.0.1]:5000") }, Ok(())),
            (Request { answer_len: 0, ..fair }, Ok(())),
        ] {
            assert_eq!(request.admit(), wanted, "{request:?}");
        }
    }

    #[test]
    fn every_reason_has_its_row_in_its_place() {
        for (place, (reason, ..)) in REASONS.iter().enumerate() {
            assert_eq!(*reason as usize, place);
        }
    }
}
