//! What an echo of a ping consists of: letters alone, so that a server that expects text is not brought
//! down by being asked, and a packet dump can be read. Pure.

use crate::echo::message::{Random, newest};

/// The letters of a number: five bits each.
const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
/// How many letters say the number, and how many in all, of which the others check it.
const NUMBER: usize = 5;
const FRONT: usize = 8;

/// An echo of a fixed size: its number in letters, then letters that count up.
#[derive(Clone, Debug)]
pub struct Text {
    wire: Vec<u8>,
}

impl Text {
    /// One of that many bytes, without a number yet.
    #[must_use]
    pub fn new(size: usize) -> Self {
        // 89 is prime, so that a shift by a page or a buffer shows.
        Self { wire: (b'!'..b'!' + 89).cycle().take(size).collect() }
    }

    /// Makes it the echo of that number.
    pub fn number(&mut self, number: u64) {
        let len = self.wire.len().min(FRONT);
        self.wire[..len].copy_from_slice(&front(number)[..len]);
    }

    /// Its bytes.
    #[must_use]
    pub fn wire(&self) -> &[u8] {
        &self.wire
    }

    /// The newest number, from `first` to `last`, whose echo begins with these bytes. Fewer than five
    /// of them fit several numbers; with eight, a check tells a changed number from another one.
    #[must_use]
    pub fn number_of(&self, last: u64, first: u64, bytes: &[u8]) -> Option<u64> {
        let len = bytes.len().min(FRONT);
        if self.wire.get(len..bytes.len()) != Some(&bytes[len..]) {
            return None;
        }
        let value = |letter: &u8| LETTERS.iter().position(|known| known == letter);
        let known = len.min(NUMBER);
        let mut low = 0;
        for (place, letter) in bytes[..known].iter().enumerate() {
            low |= (value(letter)? as u64) << (5 * place);
        }
        let number = newest(last, first, low, 1 << (5 * known))?;
        (front(number)[..len] == bytes[..len]).then_some(number)
    }
}

fn front(number: u64) -> [u8; FRONT] {
    let mut bits = number;
    let mut check = Random::new(number).next();
    std::array::from_fn(|place| {
        let from = if place < NUMBER { &mut bits } else { &mut check };
        let letter = LETTERS[usize::try_from(*from & 31).unwrap_or(0)];
        *from >>= 5;
        letter
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_echo_is_text_whatever_its_number_and_its_size() {
        for size in [1, 7, 8, 9, 64, 70_000] {
            for number in [1, 31, 32, 1 << 25, u64::MAX] {
                let mut text = Text::new(size);
                text.number(number);
                assert!(text.wire().iter().all(u8::is_ascii_graphic), "{size} {number}");
                assert_eq!(text.wire().len(), size);
            }
        }
    }

    #[test]
    fn its_number_is_read_back_also_from_its_front_and_beyond_what_five_letters_hold() {
        for number in [1, 2, 31, 32, 33, 1 << 25, (1 << 25) + 7, 1 << 40] {
            let mut text = Text::new(64);
            text.number(number);
            for len in [5, 8, 20, 64] {
                let bytes = &text.wire()[..len];
                assert_eq!(text.number_of(number + 3, 1, bytes), Some(number), "{number} {len}");
            }
            assert_eq!(text.number_of(number - 1, 1, text.wire()), None, "{number} is to come");
        }
    }
}
