//! What is sent and how a reply is judged. Pure: bytes in, verdict out.

use super::fault::Mismatch;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// How many bytes at the front of a message hold its number and a check of it, where it is that long.
const NUMBER_LEN: usize = 8;

/// A message of a fixed size: the number of the exchange, then a payload that the seed makes. Only the
/// number changes between exchanges, so preparing the next one costs one store.
#[derive(Clone, Debug)]
pub struct Message {
    wire: Vec<u8>,
    tag_len: usize,
}

/// What a reply that is not the expected one turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// An answer to an earlier exchange, by its number.
    Earlier(u64),
    /// Something that no honest echo would send.
    Wrong(Mismatch),
}

/// The bytes that tell a request from a reply where both ends hear both directions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Client to peer.
    Request,
    /// Peer to client.
    Reply,
}

/// What a message holds behind its number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Payload {
    /// Bytes that count up, from a start that the seed gives.
    Pattern,
    /// Bytes of a generator that the seed starts.
    Random,
    /// Zeros.
    Zero,
    /// A file's bytes, over and over.
    File(PathBuf),
}

impl Payload {
    /// `size` bytes of it.
    ///
    /// # Errors
    /// When the file cannot be read, or is empty.
    pub fn bytes(&self, size: usize, seed: u64) -> std::io::Result<Vec<u8>> {
        Ok(match self {
            Self::Pattern => {
                let [start, ..] = seed.to_le_bytes();
                // 251 is prime, so that a shift by a page or a buffer shows.
                (0..251_u8).cycle().map(|byte| byte.wrapping_add(start)).take(size).collect()
            }
            Self::Random => noise(seed).take(size).collect(),
            Self::Zero => vec![0; size],
            Self::File(path) => {
                let bytes = std::fs::read(path)?;
                if bytes.is_empty() {
                    return Err(std::io::ErrorKind::UnexpectedEof.into());
                }
                bytes.into_iter().cycle().take(size).collect()
            }
        })
    }
}

impl Message {
    /// A message with these bytes, behind `tag_len` bytes of tag.
    #[must_use]
    pub fn new(payload: &[u8], tag_len: usize, seed: u64) -> Self {
        let mut wire = tag(seed, Direction::Request)[..tag_len].to_vec();
        wire.extend_from_slice(payload);
        Self { wire, tag_len }
    }

    /// Makes it the message of that exchange.
    #[inline]
    pub fn number(&mut self, exchange: u64) {
        let payload = &mut self.wire[self.tag_len..];
        let len = payload.len().min(NUMBER_LEN);
        payload[..len].copy_from_slice(&front(exchange)[..len]);
    }

    /// What goes out.
    #[inline]
    #[must_use]
    pub fn wire(&self) -> &[u8] {
        &self.wire
    }

    /// What has to come back.
    #[inline]
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.wire[self.tag_len..]
    }

    /// Judges a reply that differs from the payload. `exchange` is the number that was sent, `first`
    /// the first one of this connection. A stream's reply is at least as long as the message.
    #[must_use]
    pub fn judge(&self, exchange: u64, first: u64, reply: &[u8]) -> Verdict {
        let payload = self.payload();
        let size = payload.len();
        if reply.len() < size {
            return Verdict::Wrong(Mismatch::Short { len: reply.len() });
        }
        let (head, rest) = reply.split_at(size);
        if rest.is_empty()
            && let Some(earlier) = self.earlier(exchange, first, head)
        {
            return Verdict::Earlier(earlier);
        }
        if let Some(byte) = (0..size).find(|&i| head[i] != payload[i])
            && self.earlier(exchange, first, head).is_none()
        {
            return Verdict::Wrong(Mismatch::Flipped {
                byte,
                sent: payload[byte],
                received: head[byte],
            });
        }
        let whole_messages = rest.len() >= size && self.is_ours(exchange, first, &rest[..size]);
        Verdict::Wrong(if whole_messages {
            Mismatch::Merged { len: reply.len() }
        } else {
            Mismatch::Long { len: reply.len() }
        })
    }

    /// The number of the earlier exchange whose message these bytes are.
    fn earlier(&self, exchange: u64, first: u64, bytes: &[u8]) -> Option<u64> {
        let len = bytes.len().min(NUMBER_LEN);
        if bytes[len..] != self.payload()[len..] {
            return None;
        }
        // The front may be cut off, so the low bytes say which number it is; where there is a check,
        // it tells a flipped number from another.
        let known = len.min(4);
        let mut low = [0; 8];
        low[..known].copy_from_slice(&bytes[..known]);
        let number = newest(exchange - 1, first, u64::from_le_bytes(low), 1 << (8 * known))?;
        (front(number)[..len] == bytes[..len]).then_some(number)
    }

    fn is_ours(&self, exchange: u64, first: u64, bytes: &[u8]) -> bool {
        bytes == self.payload() || self.earlier(exchange, first, bytes).is_some()
    }
}

/// The newest number, from `first` to `last`, that leaves the rest `low` when divided by `span`, a power
/// of two.
#[must_use]
pub fn newest(last: u64, first: u64, low: u64, span: u64) -> Option<u64> {
    let back = last.wrapping_sub(low) % span;
    last.checked_sub(back).filter(|number| *number >= first)
}

/// The bytes at the front of an exchange's message: four of its number, four that check it.
#[inline]
fn front(exchange: u64) -> [u8; NUMBER_LEN] {
    let check = Random::new(exchange).next() & 0xffff_ffff_0000_0000;
    (check | (exchange & 0xffff_ffff)).to_le_bytes()
}

fn noise(seed: u64) -> impl Iterator<Item = u8> {
    let mut state = Random::new(seed);
    std::iter::repeat_with(move || state.next().to_le_bytes()).flatten()
}

/// The tag of a direction: 8 bytes, the last of which tells the direction.
#[must_use]
pub fn tag(seed: u64, direction: Direction) -> [u8; 8] {
    let mut bytes = Random::new(seed ^ 0x7461_6773).next().to_le_bytes();
    bytes[7] = match direction {
        Direction::Request => b'>',
        Direction::Reply => b'<',
    };
    bytes
}

/// What a message says that is no message of the exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// From the parent to a client: the reply that you wait for is lost, go on.
    Lost,
    /// From the parent to a client, or from a client to its peer: it is over.
    Over,
}

impl Mark {
    /// What goes out for it in that direction, where messages have a tag of so many bytes.
    #[must_use]
    pub fn wire(self, direction: Direction, size: usize, tag_len: usize, seed: u64) -> Vec<u8> {
        let mut wire = tag(seed, direction)[..tag_len].to_vec();
        wire.extend(self.bytes(size, seed));
        wire
    }

    /// Its bytes, as many as no message of that size has.
    #[must_use]
    pub fn bytes(self, size: usize, seed: u64) -> Vec<u8> {
        let len = if size == 24 { 25 } else { 24 };
        let start = match self {
            Self::Lost => seed ^ 0x006c_6f73_7400,
            Self::Over => seed ^ 0x006f_7665_7200,
        };
        noise(start).take(len).collect()
    }
}

/// A small generator for patterns and shuffles (splitmix64): the same seed gives the same run.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// The sequence of this seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`, which is not 0.
    pub fn below(&mut self, bound: usize) -> usize {
        let wide = u128::from(self.next()) * bound as u128;
        // The product is below bound * 2^64, so its high half is below bound.
        usize::try_from(wide >> 64).unwrap_or(0)
    }

    /// Puts things into an order of its own.
    pub fn shuffle<T>(&mut self, things: &mut [T]) {
        for last in (1..things.len()).rev() {
            things.swap(last, self.below(last + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(size: usize, exchange: u64) -> Message {
        let payload = Payload::Random.bytes(size, 7).expect("needs no file");
        let mut message = Message::new(&payload, 0, 7);
        message.number(exchange);
        message
    }

    fn judge(size: usize, reply: &[u8]) -> Verdict {
        message(size, 1000).judge(1000, 1, reply)
    }

    #[test]
    fn a_flipped_byte_is_named_with_what_was_sent() {
        for byte in [0, 7, 8, 63] {
            let mut reply = message(64, 1000).payload().to_vec();
            reply[byte] ^= 0x40;
            let sent = reply[byte] ^ 0x40;
            let flipped = Mismatch::Flipped { byte, sent, received: reply[byte] };
            assert_eq!(judge(64, &reply), Verdict::Wrong(flipped));
        }
    }

    #[test]
    fn a_short_and_a_long_reply_are_named_with_their_length() {
        let whole = message(64, 1000).payload().to_vec();
        assert_eq!(judge(64, &whole[..63]), Verdict::Wrong(Mismatch::Short { len: 63 }));
        assert_eq!(judge(64, &[]), Verdict::Wrong(Mismatch::Short { len: 0 }));
        let mut long = whole.clone();
        long.push(1);
        assert_eq!(judge(64, &long), Verdict::Wrong(Mismatch::Long { len: 65 }));
    }

    #[test]
    fn two_replies_in_one_are_merged() {
        let mut two = message(64, 999).payload().to_vec();
        two.extend(message(64, 1000).payload());
        assert_eq!(judge(64, &two), Verdict::Wrong(Mismatch::Merged { len: 128 }));
    }

    #[test]
    fn the_reply_to_an_earlier_exchange_is_known_by_its_number() {
        for size in [1, 2, 7, 8, 9, 64] {
            assert_eq!(judge(size, message(size, 999).payload()), Verdict::Earlier(999), "{size}");
        }
        assert_eq!(judge(64, message(64, 1).payload()), Verdict::Earlier(1));
    }

    #[test]
    fn a_number_from_the_future_or_from_before_the_connection_is_a_flipped_byte() {
        for number in [0, 1001, u64::MAX] {
            let reply = message(64, number).payload().to_vec();
            let verdict = judge(64, &reply);
            assert!(matches!(verdict, Verdict::Wrong(Mismatch::Flipped { .. })), "{verdict:?}");
        }
    }

    #[test]
    fn the_tag_stands_before_the_payload_and_is_not_part_of_it() {
        let mut message = Message::new(&[0; 4], 8, 3);
        message.number(0x0403_0201);
        assert_eq!(message.wire()[..8], tag(3, Direction::Request));
        assert_eq!(message.payload(), [1, 2, 3, 4]);
        assert_ne!(tag(3, Direction::Request), tag(3, Direction::Reply));
        assert_ne!(tag(3, Direction::Request), tag(4, Direction::Request));
    }

    #[test]
    fn payloads_are_as_long_as_asked_and_follow_the_seed() {
        for payload in [Payload::Pattern, Payload::Random] {
            let bytes = |size, seed| payload.bytes(size, seed).expect("needs no file");
            assert_eq!(bytes(1000, 1).len(), 1000);
            assert_eq!(bytes(1000, 1), bytes(1000, 1));
            assert_ne!(bytes(1000, 1), bytes(1000, 2));
            assert_ne!(bytes(512, 1)[..256], bytes(512, 1)[256..]);
        }
        assert_eq!(Payload::Zero.bytes(3, 1).expect("needs no file"), [0, 0, 0]);
        assert!(Payload::File("/nonexistent".into()).bytes(3, 1).is_err());
        assert!(Payload::File("/dev/null".into()).bytes(3, 1).is_err());
    }

    #[test]
    fn a_mark_is_never_as_long_as_the_message() {
        assert!((1..100).all(|size| Mark::Lost.bytes(size, 9).len() != size));
        assert_ne!(Mark::Lost.bytes(64, 9), Mark::Over.bytes(64, 9));
    }

    #[test]
    fn a_shuffle_keeps_everything_and_follows_its_seed() {
        let shuffled = |seed| {
            let mut things: Vec<_> = (0..20).collect();
            Random::new(seed).shuffle(&mut things);
            things
        };
        let mut sorted = shuffled(1);
        assert_eq!(sorted, shuffled(1));
        assert_ne!(sorted, shuffled(2));
        sorted.sort_unstable();
        assert_eq!(sorted, (0..20).collect::<Vec<_>>());
    }

    #[test]
    fn a_shuffle_puts_everything_everywhere_equally_often() {
        let mut random = Random::new(42);
        let mut seen = [[0_u32; 4]; 4];
        for _ in 0..4000 {
            let mut things = [0, 1, 2, 3];
            random.shuffle(&mut things);
            for (place, thing) in things.into_iter().enumerate() {
                seen[place][thing] += 1;
            }
        }
        // 1000 expected, standard deviation 27.
        assert!(seen.iter().flatten().all(|n| (850..1150).contains(n)), "{seen:?}");
    }
}
