//! What there is to learn from a walk: for each moment of it one sentence, true for the transport that
//! it is said of, and what the sentence claims, so that the kernel can be asked whether it is so.
//! Rows of data; of those that fit, the first speaks.

use super::{End, Transport};
use serde::{Serialize, Serializer};

mod rows;

/// What a call of a walk is there for. In the order in which they can come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Moment {
    /// The server opens its socket.
    ServerSocket,
    /// A dual-stack server takes IPv4 too.
    TakeIpv4,
    /// The server gets its name.
    ServerBind,
    /// It asks which.
    ServerName,
    /// The server asks for the smallest queue of messages there is.
    SmallQueue,
    /// It lets clients queue.
    Listen,
    /// A client that takes the only place opens its socket.
    OtherSocket,
    /// And takes it.
    OtherConnect,
    /// The client opens its socket.
    ClientSocket,
    /// The client gets its name.
    ClientBind,
    /// It limits how long it waits.
    Patience,
    /// Of a server that goes before anybody has connected.
    ServerLeaves,
    /// The client connects.
    Connect,
    /// It waits for that.
    ConnectWait,
    /// The file that a server left is removed.
    FileGoes,
    /// The client connects to a path that is not there.
    ConnectNowhere,
    /// The server takes the connection.
    Accept,
    /// The client sends as many requests as go.
    Fill,
    /// The server takes all of them that are there.
    Drain,
    /// The client sends its request.
    Request,
    /// It hears itself.
    OwnRequest,
    /// The server takes it.
    TakeRequest,
    /// The server answers.
    Reply,
    /// The server closes what has unread bytes in it.
    Vanish,
    /// The client takes the answer.
    TakeReply,
    /// The client sends once more.
    Again,
    /// It hears what came of that.
    HearLater,
    /// The client closes.
    ClientClose,
    /// It removes its file.
    ClientUnlink,
    /// The client that took the only place closes.
    OtherClose,
    /// The server sees the end.
    SeeEnd,
    /// The server closes the connection.
    ConnectionClose,
    /// The server closes its socket.
    ServerClose,
    /// It removes its file.
    ServerUnlink,
}

/// A part of a walk, for sums.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Until both ends are there.
    SetUp,
    /// Getting together.
    Connect,
    /// The message there and back.
    Echo,
    /// Taking it all down.
    End,
}

/// The word that serde makes of its name, so that it is named once.
fn word(of: &impl Serialize) -> String {
    match serde_json::to_value(of) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

impl Phase {
    /// The word that results use.
    #[must_use]
    pub fn word(self) -> String {
        word(&self)
    }
}

impl Moment {
    /// The word that results use.
    #[must_use]
    pub fn word(self) -> String {
        word(&self)
    }

    /// The part of the walk that it belongs to.
    #[must_use]
    pub const fn phase(self) -> Phase {
        match self {
            Self::ServerSocket
            | Self::TakeIpv4
            | Self::ServerBind
            | Self::ServerName
            | Self::SmallQueue
            | Self::Listen
            | Self::OtherSocket
            | Self::OtherConnect
            | Self::ClientSocket
            | Self::ClientBind
            | Self::Patience
            | Self::ServerLeaves => Phase::SetUp,
            Self::Connect
            | Self::ConnectWait
            | Self::FileGoes
            | Self::ConnectNowhere
            | Self::Accept => Phase::Connect,
            Self::Fill
            | Self::Drain
            | Self::Request
            | Self::OwnRequest
            | Self::TakeRequest
            | Self::Reply
            | Self::Vanish
            | Self::TakeReply
            | Self::Again
            | Self::HearLater => Phase::Echo,
            Self::ClientClose
            | Self::ClientUnlink
            | Self::OtherClose
            | Self::SeeEnd
            | Self::ConnectionClose
            | Self::ServerClose
            | Self::ServerUnlink => Phase::End,
        }
    }
}

/// Whom the client finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum To {
    /// A server that answers.
    Echo,
    /// Nobody.
    Closed,
    /// One whose queue is full.
    Full,
    /// One that never answers.
    Silent,
    /// One that closes without having read.
    Vanished,
}

impl To {
    /// Every one of them.
    pub const ALL: [Self; 5] = [Self::Echo, Self::Closed, Self::Full, Self::Silent, Self::Vanished];

    /// The user's word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Echo => "echo",
            Self::Closed => "closed",
            Self::Full => "full",
            Self::Silent => "silent",
            Self::Vanished => "vanished",
        }
    }
}

/// A socket of a walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// The server's own.
    Server,
    /// What it accepted.
    Accepted,
    /// The client's.
    Client,
    /// That of the client which took the only place.
    Other,
}

impl Who {
    /// The word that results use.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Accepted => "accepted",
            Self::Client => "client",
            Self::Other => "other-client",
        }
    }

    /// Whose it is.
    #[must_use]
    pub const fn end(self) -> End {
        match self {
            Self::Server | Self::Accepted => End::Server,
            Self::Client | Self::Other => End::Client,
        }
    }
}

/// The state of a connection, or of what waits for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "they are the kernel's own names (net/tcp_states.h)")]
pub enum State {
    Established,
    SynSent,
    SynRecv,
    FinWait1,
    FinWait2,
    TimeWait,
    /// Not connected, or not any more: what `ss` calls UNCONN.
    Close,
    CloseWait,
    LastAck,
    Listen,
    Closing,
    NewSynRecv,
}

impl State {
    /// The state of that number in the kernel.
    #[must_use]
    pub const fn of_number(number: u8) -> Option<Self> {
        Some(match number {
            1 => Self::Established,
            2 => Self::SynSent,
            3 => Self::SynRecv,
            4 => Self::FinWait1,
            5 => Self::FinWait2,
            6 => Self::TimeWait,
            7 => Self::Close,
            8 => Self::CloseWait,
            9 => Self::LastAck,
            10 => Self::Listen,
            11 => Self::Closing,
            12 => Self::NewSynRecv,
            _ => return None,
        })
    }

    /// The kernel's name of it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Established => "ESTABLISHED",
            Self::SynSent => "SYN_SENT",
            Self::SynRecv => "SYN_RECV",
            Self::FinWait1 => "FIN_WAIT1",
            Self::FinWait2 => "FIN_WAIT2",
            Self::TimeWait => "TIME_WAIT",
            Self::Close => "CLOSE",
            Self::CloseWait => "CLOSE_WAIT",
            Self::LastAck => "LAST_ACK",
            Self::Listen => "LISTEN",
            Self::Closing => "CLOSING",
            Self::NewSynRecv => "NEW_SYN_RECV",
        }
    }
}

impl Serialize for State {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

/// Something that a sentence says, as a question to the kernel. Each is about the time just after the
/// call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// The socket is in that state.
    Is(Who, State),
    /// It has no name yet.
    Nameless(Who),
    /// It has one.
    Named(Who),
    /// So many clients may wait at it.
    Room(Who, u32),
    /// So many do.
    Waiting(Who, u32),
    /// There is something in it that nobody has read.
    Unread(Who),
    /// There is nothing.
    AllRead(Who),
    /// It has dropped messages.
    Dropped(Who),
    /// The file that it is bound to is there.
    File(Who),
    /// It is not.
    NoFile(Who),
    /// The end's closed connection still has this state.
    Lingers(End, State),
    /// It waits for the other end to close as well: `FIN_WAIT1`, or `FIN_WAIT2` once the other's kernel
    /// has acknowledged, which may take it some time.
    ClosedFirst(End),
    /// Nothing is left of the end's closed connection.
    Gone(End),
    /// The call moved so many bytes; None is as many as the message has.
    Moved(Option<usize>),
    /// It moved so many bytes more than the message has: a header in front of it.
    Header(usize),
    /// What was received holds the message, byte by byte.
    Right,
    /// What was received does not come from the server but is the client's own.
    FromItself,
    /// The call told who is at the other end.
    TellsName,
    /// It told that this has no name.
    TellsNoName,
    /// The name that it told is an IPv4 address in the words of IPv6.
    TellsMapped,
    /// The port that it told is out of the range that the kernel picks from.
    FromRange,
    /// The call was refused with this errno.
    Refused(&'static str),
    /// It waited until its time was over.
    TimedOut,
    /// What only an experiment of its own can show, by its name in the tests.
    Shown(&'static str),
    /// What a check of behaviour shows, by its name: `sockeye check -k NAME`.
    Checked(&'static str),
}

/// What is said of a moment.
#[derive(Debug)]
pub struct Lesson {
    /// When.
    pub moment: Moment,
    /// Of whom.
    pub of: fn(&Transport) -> bool,
    /// In which walks.
    pub to: &'static [To],
    /// The sentence. `{port}`, `{client}`, `{size}`, `{count}` (messages that went) and `{kept}` (those
    /// that were there) stand for what this walk had.
    pub says: &'static str,
    /// What it claims.
    pub claims: &'static [Claim],
}

/// The sentence for that moment of such a walk.
#[must_use]
pub fn lesson(transport: &Transport, to: To, moment: Moment) -> Option<&'static Lesson> {
    all().find(|row| row.moment == moment && row.to.contains(&to) && (row.of)(transport))
}

/// Every sentence.
pub fn all() -> impl Iterator<Item = &'static Lesson> {
    rows::ALL.iter().copied().flatten()
}
