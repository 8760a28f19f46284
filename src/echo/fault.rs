//! What can go wrong with an exchange, as data that travels between processes and into results, and
//! the words for it.

use crate::os::{Errno, errno_name};
use serde::{Deserialize, Serialize};

/// How a reply differs from what was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mismatch {
    /// The right length, a wrong byte.
    Flipped {
        /// Its offset.
        byte: usize,
        /// What was sent there.
        sent: u8,
        /// What came back.
        received: u8,
    },
    /// Fewer bytes than were sent.
    Short {
        /// How many.
        len: usize,
    },
    /// More bytes than were sent.
    Long {
        /// How many, or as many as were looked at.
        len: usize,
    },
    /// Two replies in one message.
    Merged {
        /// The length of it, or as much as was looked at.
        len: usize,
    },
}

/// Why an exchange failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Cause {
    /// The reply was not what was sent.
    Mismatch(Mismatch),
    /// No reply came in time.
    Lost,
    /// A reply that had been given already came once more.
    Duplicated {
        /// The number of the exchange that it answers.
        answers: u64,
    },
    /// A reply came after its time was over, during a later exchange.
    Reordered {
        /// The number of the exchange that it answers.
        answers: u64,
    },
    /// The peer closed the connection.
    Closed,
    /// The kernel refused a call.
    Call {
        /// Its name.
        call: String,
        /// The error number.
        errno: i32,
    },
    /// The peer's process is not there any more, or not running.
    Peer {
        /// What has become of it: "was killed by SIGKILL".
        fate: String,
    },
}

/// A failed exchange.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Its number within the case, from 1, warm-ups included.
    pub exchange: u64,
    /// Why it failed.
    pub cause: Cause,
}

impl Cause {
    /// One word for results.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Mismatch(Mismatch::Flipped { .. }) => "flipped",
            Self::Mismatch(Mismatch::Short { .. }) => "short",
            Self::Mismatch(Mismatch::Long { .. }) => "long",
            Self::Mismatch(Mismatch::Merged { .. }) => "merged",
            Self::Lost => "lost",
            Self::Duplicated { .. } => "duplicated",
            Self::Reordered { .. } => "reordered",
            Self::Closed => "closed",
            Self::Call { .. } => "call",
            Self::Peer { .. } => "peer",
        }
    }

    /// The offset of the first wrong byte, where there is one.
    #[must_use]
    pub const fn byte(&self) -> Option<usize> {
        match self {
            Self::Mismatch(Mismatch::Flipped { byte, .. }) => Some(*byte),
            Self::Mismatch(Mismatch::Short { len }) => Some(*len),
            _ => None,
        }
    }
}

impl Fault {
    /// What happened, in words, for messages of that size and a time-out in words.
    #[must_use]
    pub fn sentence(&self, size: usize, timeout: &str) -> String {
        let echo = format!("echo {}", grouped(self.exchange));
        match &self.cause {
            Cause::Mismatch(Mismatch::Flipped { byte, sent, received }) => {
                format!("{echo}: byte {byte} of {size} is 0x{received:02x}, sent 0x{sent:02x}")
            }
            Cause::Mismatch(Mismatch::Short { len }) => {
                format!("{echo}: short reply, {len} of {size} bytes came back")
            }
            Cause::Mismatch(Mismatch::Long { len }) => {
                format!("{echo}: long reply, {len} bytes or more for {size} sent")
            }
            Cause::Mismatch(Mismatch::Merged { len }) => {
                format!("{echo}: merged replies, {len} bytes in one for {size} sent")
            }
            Cause::Lost => format!("{echo}: lost, no reply in {timeout}"),
            Cause::Duplicated { answers } => {
                format!("{echo}: duplicated, the reply to echo {} came again", grouped(*answers))
            }
            Cause::Reordered { answers } => {
                format!("{echo}: reordered, the reply to echo {} came now", grouped(*answers))
            }
            Cause::Closed => format!("{echo}: the peer closed the connection"),
            Cause::Call { call, errno } => {
                let errno = Errno::from_raw(*errno);
                format!("{echo}: {call}: {} ({})", errno.desc().to_lowercase(), errno_name(errno))
            }
            Cause::Peer { fate } => format!("{echo}: the peer {fate}"),
        }
    }
}

/// A number with a comma between thousands.
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_grouped() {
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (140_000, "140,000"),
            (1_234_567_890, "1,234,567,890"),
        ] {
            assert_eq!(grouped(number), text);
        }
    }

    #[test]
    fn every_cause_has_its_own_word_and_names_the_exchange() {
        let causes = [
            Cause::Mismatch(Mismatch::Flipped { byte: 17, sent: 0x51, received: 0 }),
            Cause::Mismatch(Mismatch::Short { len: 63 }),
            Cause::Mismatch(Mismatch::Long { len: 65 }),
            Cause::Mismatch(Mismatch::Merged { len: 128 }),
            Cause::Lost,
            Cause::Duplicated { answers: 4811 },
            Cause::Reordered { answers: 4811 },
            Cause::Closed,
            Cause::Call { call: "recv".into(), errno: Errno::ECONNREFUSED as i32 },
            Cause::Peer { fate: "was killed by SIGKILL".into() },
        ];
        let mut words: Vec<_> = causes.iter().map(Cause::word).collect();
        words.dedup();
        assert_eq!(words.len(), causes.len());
        let sentences = causes.map(|cause| Fault { exchange: 4812, cause }.sentence(64, "1 s"));
        assert!(sentences.iter().all(|s| s.starts_with("echo 4,812: ")), "{sentences:?}");
        assert_eq!(sentences[0], "echo 4,812: byte 17 of 64 is 0x00, sent 0x51");
        assert_eq!(sentences[8], "echo 4,812: recv: connection refused (ECONNREFUSED)");
    }
}
