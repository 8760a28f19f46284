//! What the ends and their parent tell each other: typed messages over a stream between them.

use super::client::Tally;
use crate::os::process::Usage;
use crate::os::socket::Socket;
use crate::os::{CallError, Errno};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::marker::PhantomData;

/// What an end tells its parent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Report {
    /// It is on its CPU and, if it is the peer of a connection, has accepted it.
    Ready,
    /// It could not get that far.
    Refused {
        /// The call.
        call: String,
        /// What the call was asked.
        place: String,
        /// The error number.
        errno: i32,
    },
    /// The client has done its share.
    Tally(Tally),
    /// The peer was told to stop, and has used this since it was ready.
    Done(Usage),
}

/// What a parent tells its client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Go;

/// Messages longer than this are not ours.
const LONGEST: usize = 1 << 30;

/// Sends one message, whole.
///
/// # Errors
/// What the kernel said; `EMSGSIZE` for a message that cannot be ours.
pub fn tell<T: Serialize>(socket: &Socket, message: &T) -> Result<(), Errno> {
    let text = serde_json::to_vec(message).map_err(|_| Errno::EINVAL)?;
    let len = u32::try_from(text.len()).map_err(|_| Errno::EMSGSIZE)?;
    let mut frame = len.to_le_bytes().to_vec();
    frame.extend(text);
    let mut sent = 0;
    while sent < frame.len() {
        match socket.send(&frame[sent..]) {
            Ok(more) => sent += more,
            Err(Errno::EINTR) => {}
            Err(errno) => return Err(errno),
        }
    }
    Ok(())
}

/// Gathers messages that come in pieces.
#[derive(Debug)]
pub struct Listener<T> {
    gathered: Vec<u8>,
    message: PhantomData<T>,
}

/// What a [`Listener`] heard.
#[derive(Debug, PartialEq, Eq)]
pub enum Heard<T> {
    /// A whole message.
    Message(T),
    /// Not yet a whole one.
    Nothing,
    /// The other process closed its end, or says what is no message.
    Closed,
}

impl<T: DeserializeOwned> Listener<T> {
    /// One that has heard nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { gathered: Vec::new(), message: PhantomData }
    }

    /// Takes what is there now, without waiting.
    pub fn hear(&mut self, socket: &Socket) -> Heard<T> {
        loop {
            if let Some(message) = self.next() {
                return message;
            }
            let mut piece = [0; 4096];
            match socket.receive_now(&mut piece) {
                Ok(0) => return Heard::Closed,
                Ok(len) => self.gathered.extend_from_slice(&piece[..len]),
                Err(Errno::EAGAIN) => return Heard::Nothing,
                Err(Errno::EINTR) => {}
                Err(_) => return Heard::Closed,
            }
        }
    }

    fn next(&mut self) -> Option<Heard<T>> {
        let (head, rest) = self.gathered.split_first_chunk::<4>()?;
        let len = u32::from_le_bytes(*head) as usize;
        if len > LONGEST {
            return Some(Heard::Closed);
        }
        let message = serde_json::from_slice(rest.get(..len)?);
        self.gathered.drain(..4 + len);
        Some(message.map_or(Heard::Closed, Heard::Message))
    }
}

impl<T: DeserializeOwned> Default for Listener<T> {
    fn default() -> Self {
        Self::new()
    }
}

/// The refusal that a failed call is.
#[must_use]
pub fn refused(error: &CallError) -> Report {
    Report::Refused {
        call: error.call.to_owned(),
        place: error.place.clone(),
        errno: error.errno as i32,
    }
}
