//! What the generator sends: a header that says whose message it is and which, and bytes that hang on
//! both, so that a reply which is flipped, cut, merged, late or somebody else's is noticed.

use anyhow::{bail, ensure};

/// The sequence number, the flow and the length; no message is shorter.
pub(crate) const HEADER: usize = 16;
/// No message is longer.
pub(crate) const LARGEST: usize = 65_507;
/// A prime, so that the bytes of neighbouring messages begin at places far apart.
const STARTS: usize = 8191;

/// The bytes from which every message's are taken.
pub(crate) struct Pattern {
    bytes: Vec<u8>,
}

impl Pattern {
    pub(crate) fn new() -> Self {
        let mut state = 0x9E37_79B9_7F4A_7C15_u64;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_be_bytes()[0]
        };
        Self { bytes: (0..STARTS + LARGEST).map(|_| next()).collect() }
    }

    /// Writes the message of that flow with that number over all of `message`.
    pub(crate) fn write(&self, flow: usize, sequence: u64, message: &mut [u8]) {
        let len = message.len();
        message[..HEADER].copy_from_slice(&header(flow, sequence, len));
        message[HEADER..].copy_from_slice(self.body(flow, sequence, len));
    }

    /// Is it that message, and the whole of it?
    pub(crate) fn check(&self, flow: usize, sequence: u64, reply: &[u8]) -> anyhow::Result<()> {
        let len = reply.len();
        ensure!(len >= HEADER, "message {sequence} of flow {flow} came back with {len} bytes");
        let header = header(flow, sequence, len);
        if reply[..HEADER] != header {
            let told = number_of(reply);
            bail!("flow {flow} got message {told} or a broken one instead of {sequence}");
        }
        let body = self.body(flow, sequence, len);
        if reply[HEADER..] != *body {
            let differs = |(ours, theirs): (&u8, &u8)| ours != theirs;
            let at = reply[HEADER..].iter().zip(body).position(differs).unwrap_or(0) + HEADER;
            bail!("message {sequence} of flow {flow} differs at byte {at} of {len}");
        }
        Ok(())
    }

    fn body(&self, flow: usize, sequence: u64, len: usize) -> &[u8] {
        // The remainder of a division by less than 2^13 fits everywhere.
        let turns = usize::try_from(sequence % STARTS as u64).unwrap_or(0);
        let start = (turns * 521 + flow * 67) % STARTS;
        &self.bytes[start..start + len - HEADER]
    }
}

/// The sequence number that a reply claims to have.
pub(crate) fn number_of(reply: &[u8]) -> u64 {
    reply.first_chunk().map_or(u64::MAX, |bytes| u64::from_le_bytes(*bytes))
}

fn header(flow: usize, sequence: u64, len: usize) -> [u8; HEADER] {
    let narrow = |number: usize| u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes();
    let mut header = [0; HEADER];
    header[..8].copy_from_slice(&sequence.to_le_bytes());
    header[8..12].copy_from_slice(&narrow(flow));
    header[12..].copy_from_slice(&narrow(len));
    header
}
