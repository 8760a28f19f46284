//! What came back, judged against what was sent. Pure: bytes in, verdict out.

use super::text::Text;

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The echo of that number.
    Echo(u64),
    /// The front of an echo, in a message of its own.
    Cut {
        /// Which.
        number: u64,
        /// How many bytes.
        len: usize,
    },
    /// Several echoes in one message.
    Merged {
        /// Those that are whole.
        numbers: Vec<u64>,
        /// Bytes in all.
        len: usize,
    },
    /// An echo but for some bytes.
    Flipped {
        /// Which.
        number: u64,
        /// The offset of the first that differs.
        byte: usize,
        /// What was sent there.
        sent: u8,
        /// What came.
        received: u8,
    },
    /// An echo with more bytes around it, in a message of its own.
    Padded {
        /// Which.
        number: u64,
        /// Bytes before it.
        before: usize,
        /// Bytes behind it.
        behind: usize,
    },
    /// No echo: its first bytes.
    Foreign(Vec<u8>),
}

impl Answer {
    /// What is wrong, for its line among the echoes.
    #[must_use]
    pub fn in_few_words(&self) -> String {
        match self {
            Self::Echo(_) => String::new(),
            Self::Cut { len, .. } => format!("cut: {len} B came back"),
            Self::Merged { numbers, len } => format!("merged: {} in one of {len} B", numbers.len()),
            Self::Flipped { byte, .. } => format!("changed: byte {byte} differs"),
            Self::Padded { before, behind, .. } => format!("padded: {} B more", before + behind),
            Self::Foreign(_) => "no echo".to_owned(),
        }
    }
}

/// How many bytes of what is no echo are kept to be shown.
const EXCERPT: usize = 80;

/// What has been sent, and what of a stream's answer has come so far.
#[derive(Clone, Debug)]
pub struct Recogniser {
    text: Text,
    size: usize,
    last: u64,
    /// The first number of this connection: an older one cannot come over it.
    first: u64,
    partial: Vec<u8>,
}

impl Recogniser {
    /// For echoes of that many bytes.
    #[must_use]
    pub fn new(size: usize) -> Self {
        Self { text: Text::new(size), size, last: 0, first: 1, partial: Vec::new() }
    }

    /// The bytes of that echo. No answer is to a later one than the latest of these.
    pub fn prepare(&mut self, number: u64) -> &[u8] {
        self.text.number(number);
        self.last = self.last.max(number);
        self.text.wire()
    }

    /// Begins with another connection, whose first echo will have that number.
    pub fn begin(&mut self, first: u64) {
        self.first = first;
        self.partial.clear();
    }

    /// How many bytes of a stream's next answer have come.
    #[must_use]
    pub fn partial(&self) -> usize {
        self.partial.len()
    }

    /// Judges a message.
    #[must_use]
    pub fn message(&self, bytes: &[u8]) -> Answer {
        let size = self.size;
        let number_of = |bytes: &[u8]| self.text.number_of(self.last, self.first, bytes);
        if bytes.len() <= size {
            return match number_of(bytes) {
                Some(number) if bytes.len() == size => Answer::Echo(number),
                Some(number) => Answer::Cut { number, len: bytes.len() },
                None => self.differing(self.last, bytes),
            };
        }
        let mut pieces = bytes.chunks(size);
        let numbers: Vec<_> = pieces
            .by_ref()
            .map_while(|piece| number_of(piece).filter(|_| piece.len() == size))
            .collect();
        if numbers.len() > 1 {
            return Answer::Merged { numbers, len: bytes.len() };
        }
        // Around a message as short as its number, anything would look like padding.
        let starts = if size >= 8 { bytes.len() - size } else { 0 };
        for before in 0..=starts.min(EXCERPT) {
            if let Some(number) = bytes.get(before..before + size).and_then(number_of) {
                let behind = bytes.len() - size - before;
                return Answer::Padded { number, before, behind };
            }
        }
        foreign(bytes)
    }

    /// Takes what a stream brought, and hands over what that completes. `expected` is the number
    /// whose answer is to come next. After anything but an echo nothing further is looked at.
    pub fn stream(&mut self, bytes: &[u8], expected: Option<u64>) -> Vec<Answer> {
        let mut answers = Vec::new();
        let mut expected = expected;
        self.partial.extend_from_slice(bytes);
        let mut from = 0;
        while from < self.partial.len() {
            let piece = &self.partial[from..self.partial.len().min(from + self.size)];
            match self.text.number_of(self.last, self.first, piece) {
                Some(number) if piece.len() == self.size => {
                    answers.push(Answer::Echo(number));
                    expected = Some(number + 1);
                    from += self.size;
                }
                Some(_) => break,
                None => {
                    let number = expected.map_or(self.last, |number| number.min(self.last));
                    let rest = &self.partial[from..];
                    let wrong = match self.differing(number, piece) {
                        Answer::Foreign(_) => foreign(rest),
                        other => other,
                    };
                    answers.push(wrong);
                    break;
                }
            }
        }
        self.partial.drain(..from);
        answers
    }

    /// Bytes that are nobody's front: that echo but for some bytes, or something else altogether.
    fn differing(&self, number: u64, bytes: &[u8]) -> Answer {
        let mut known = self.text.clone();
        known.number(number);
        let mut differing =
            (0..bytes.len().min(self.size)).filter(|&at| known.wire()[at] != bytes[at]);
        let first = differing.next();
        let count = usize::from(first.is_some()) + differing.count();
        match first {
            Some(byte) if 2 * count < bytes.len() && number > 0 => {
                Answer::Flipped { number, byte, sent: known.wire()[byte], received: bytes[byte] }
            }
            _ => foreign(bytes),
        }
    }
}

/// As much of the bytes as is shown.
#[must_use]
pub fn foreign(bytes: &[u8]) -> Answer {
    Answer::Foreign(bytes[..bytes.len().min(EXCERPT)].to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(size: usize, last: u64) -> (Recogniser, Vec<Vec<u8>>) {
        let mut recogniser = Recogniser::new(size);
        let wires = (1..=last).map(|number| recogniser.prepare(number).to_vec()).collect();
        (recogniser, wires)
    }

    #[test]
    fn messages_are_known_for_what_they_are() {
        let (recogniser, wires) = sent(64, 5);
        let flipped = |at: usize| {
            let mut bytes = wires[4].clone();
            bytes[at] ^= 0x80;
            bytes
        };
        let around = [b"Echo: ", &wires[2][..], b"\n"].concat();
        let change = |byte: usize| Answer::Flipped {
            number: 5,
            byte,
            sent: wires[4][byte],
            received: wires[4][byte] ^ 0x80,
        };
        for (name, bytes, answer) in [
            ("the newest", wires[4].clone(), Answer::Echo(5)),
            ("an older one", wires[1].clone(), Answer::Echo(2)),
            ("a front", wires[2][..10].to_vec(), Answer::Cut { number: 3, len: 10 }),
            ("a short front", wires[2][..2].to_vec(), Answer::Cut { number: 3, len: 2 }),
            ("nothing", vec![], Answer::Cut { number: 5, len: 0 }),
            ("two", wires[..2].concat(), Answer::Merged { numbers: vec![1, 2], len: 128 }),
            (
                "two and a half",
                [&wires[0][..], &wires[1][..], &wires[2][..32]].concat(),
                Answer::Merged { numbers: vec![1, 2], len: 160 },
            ),
            ("padded", around, Answer::Padded { number: 3, before: 6, behind: 1 }),
            ("a byte of the payload", flipped(17), change(17)),
            ("a byte of the number", flipped(1), change(1)),
            ("text", b"hello".to_vec(), Answer::Foreign(b"hello".to_vec())),
            ("long text", vec![b'x'; 999], Answer::Foreign(vec![b'x'; EXCERPT])),
        ] {
            assert_eq!(recogniser.message(&bytes), answer, "{name}");
        }
    }

    #[test]
    fn a_number_from_the_future_or_from_an_earlier_connection_is_no_echo() {
        let (mut recogniser, wires) = sent(64, 5);
        let (_, later) = sent(64, 6);
        assert!(!matches!(recogniser.message(&later[5]), Answer::Echo(_)));
        recogniser.begin(4);
        assert!(!matches!(recogniser.message(&wires[2]), Answer::Echo(_)));
        assert_eq!(recogniser.message(&wires[3]), Answer::Echo(4));
    }

    #[test]
    fn a_stream_is_cut_into_echoes_wherever_its_pieces_begin() {
        for step in [1, 7, 63, 64, 65, 1000] {
            let (mut recogniser, wires) = sent(64, 4);
            let all = wires.concat();
            let answers: Vec<_> =
                all.chunks(step).flat_map(|piece| recogniser.stream(piece, Some(1))).collect();
            let wanted: Vec<_> = (1..=4).map(Answer::Echo).collect();
            assert_eq!((answers, recogniser.partial()), (wanted, 0), "{step}");
        }
    }

    #[test]
    fn a_stream_that_differs_is_told_at_its_first_wrong_byte() {
        let (mut recogniser, wires) = sent(64, 2);
        assert_eq!(
            recogniser.stream(b"220 mail", Some(1)),
            [Answer::Foreign(b"220 mail".to_vec())]
        );
        recogniser.begin(1);
        let mut bytes = wires.concat();
        bytes[64 + 20] ^= 1;
        let (sent, received) = (wires[1][20], wires[1][20] ^ 1);
        let changed = Answer::Flipped { number: 2, byte: 20, sent, received };
        assert_eq!(recogniser.stream(&bytes, Some(1)), [Answer::Echo(1), changed]);
    }

    #[test]
    fn small_messages_are_known_too() {
        for size in 1..10 {
            let (recogniser, wires) = sent(size, 9);
            for (number, wire) in (1..).zip(&wires) {
                assert_eq!(recogniser.message(wire), Answer::Echo(number), "{size}");
            }
        }
    }
}
