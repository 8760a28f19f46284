//! What the ends and their parent tell each other: typed messages over a stream between them. A
//! message is JSON; the round trips of a tally, which may be millions, follow it as plain numbers.

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

/// What can travel: JSON, and numbers behind it.
pub trait Telegram: Serialize + DeserializeOwned {
    /// The numbers that go beside the JSON.
    fn numbers(&self) -> &[u64] {
        &[]
    }

    /// Takes them in again.
    fn set_numbers(&mut self, _numbers: Vec<u64>) {}
}

impl Telegram for Go {}

impl Telegram for Report {
    fn numbers(&self) -> &[u64] {
        match self {
            Self::Tally(tally) => &tally.round_trips,
            Self::Ready | Self::Refused { .. } | Self::Done(_) => &[],
        }
    }

    fn set_numbers(&mut self, numbers: Vec<u64>) {
        if let Self::Tally(tally) = self {
            tally.round_trips = numbers;
        }
    }
}

/// Messages longer than this are not ours.
const LONGEST: usize = 1 << 30;
/// Two lengths of four bytes: of the JSON, and of the numbers behind it.
const HEAD_LEN: usize = 8;
const NUMBER_LEN: usize = 8;

/// Sends one message, whole.
///
/// # Errors
/// What the kernel said; `EMSGSIZE` for a message that cannot be ours.
pub fn tell<T: Telegram>(socket: &Socket, message: &T) -> Result<(), Errno> {
    let text = serde_json::to_vec(message).map_err(|_| Errno::EINVAL)?;
    let numbers = message.numbers();
    let len = |len: usize| u32::try_from(len).map(u32::to_le_bytes).map_err(|_| Errno::EMSGSIZE);
    let mut frame = Vec::with_capacity(HEAD_LEN + text.len() + numbers.len() * NUMBER_LEN);
    frame.extend(len(text.len())?);
    frame.extend(len(numbers.len() * NUMBER_LEN)?);
    frame.extend(text);
    for number in numbers {
        frame.extend_from_slice(&number.to_le_bytes());
    }
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

impl<T: Telegram> Listener<T> {
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
        let (text_len, rest) = self.gathered.split_first_chunk()?;
        let (numbers_len, rest) = rest.split_first_chunk()?;
        let text_len = u32::from_le_bytes(*text_len) as usize;
        let numbers_len = u32::from_le_bytes(*numbers_len) as usize;
        if text_len + numbers_len > LONGEST {
            return Some(Heard::Closed);
        }
        let (text, numbers) = rest.get(..text_len + numbers_len)?.split_at(text_len);
        let message = serde_json::from_slice(text).map(|mut message: T| {
            let (numbers, _) = numbers.as_chunks::<NUMBER_LEN>();
            message.set_numbers(numbers.iter().copied().map(u64::from_le_bytes).collect());
            message
        });
        self.gathered.drain(..HEAD_LEN + text_len + numbers_len);
        Some(message.map_or(Heard::Closed, Heard::Message))
    }
}

impl<T: Telegram> Default for Listener<T> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::os::socket::control_pair;

    #[test]
    fn what_is_told_is_heard_whole_and_in_order() {
        let (ours, theirs) = control_pair().expect("two descriptors");
        let tally = Tally { round_trips: (1..5000).collect(), begun: 7, ..Tally::default() };
        let told = [Report::Ready, Report::Tally(tally), Report::Done(Usage::default())];
        for report in &told {
            tell(&ours, report).expect("the queue holds that much");
        }
        let mut listener = Listener::<Report>::new();
        for report in told {
            assert_eq!(listener.hear(&theirs), Heard::Message(report));
        }
        assert_eq!(listener.hear(&theirs), Heard::Nothing);
        drop(ours);
        assert_eq!(listener.hear(&theirs), Heard::Closed);
    }

    #[test]
    fn what_is_no_message_counts_as_a_close() {
        let (ours, theirs) = control_pair().expect("two descriptors");
        ours.send(&[0xff; HEAD_LEN]).expect("the queue holds that much");
        assert_eq!(Listener::<Report>::new().hear(&theirs), Heard::Closed);
        ours.send(b"\x03\0\0\0\0\0\0\0{}}").expect("the queue holds that much");
        assert_eq!(Listener::<Go>::new().hear(&theirs), Heard::Closed);
    }
}
