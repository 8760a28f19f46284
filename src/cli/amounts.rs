//! What the flags of `serve` and `ping` take beside words that name an end. Pure.

use super::quantity::{self, BadValue};
use std::time::Duration;

/// Reads `--threads`.
pub(crate) fn threads(text: &str) -> Result<usize, BadValue> {
    number(text, 1, 256)
}

/// Reads `--batch`.
pub(crate) fn batch(text: &str) -> Result<usize, BadValue> {
    number(text, 1, 1024)
}

/// Reads `--max-conns`.
pub(crate) fn connections(text: &str) -> Result<usize, BadValue> {
    number(text, 1, 1_000_000)
}

fn number(text: &str, smallest: u64, largest: u64) -> Result<usize, BadValue> {
    quantity::count(text, smallest, largest).map(|n| usize::try_from(n).unwrap_or(usize::MAX))
}

/// Reads `--idle`.
pub(crate) fn idle(text: &str) -> Result<Duration, BadValue> {
    quantity::duration(text, Duration::from_millis(10), Duration::from_secs(86_400))
}

/// Reads `--ready-fd`.
pub(crate) fn descriptor(text: &str) -> Result<i32, BadValue> {
    // 0, 1 and 2 have a meaning of their own.
    let number = quantity::count(text, 3, 1_000_000)?;
    Ok(i32::try_from(number).unwrap_or(i32::MAX))
}

/// Reads the `--count` of a ping.
pub(crate) fn echoes(text: &str) -> Result<u64, BadValue> {
    quantity::count(text, 0, 1_000_000_000)
}

/// Reads `--interval`.
pub(crate) fn interval(text: &str) -> Result<Duration, BadValue> {
    match text.trim() {
        "0" => Ok(Duration::ZERO),
        text => quantity::duration(text, Duration::ZERO, Duration::from_secs(86_400)),
    }
}

/// Reads the `--size` of a ping.
pub(crate) fn ping_size(text: &str) -> Result<usize, BadValue> {
    quantity::size(text, 16 << 20)
}

/// Bytes that were typed as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bytes(pub Vec<u8>);

/// Reads a text in which a backslash begins the name of a byte.
pub(crate) fn text(text: &str) -> Result<Bytes, BadValue> {
    let hint = r"known: \n \r \t \0 \\ \xHH";
    let mut bytes = Vec::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            bytes.extend(letter.encode_utf8(&mut [0; 4]).bytes());
            continue;
        }
        bytes.push(match letters.next() {
            Some('n') => b'\n',
            Some('r') => b'\r',
            Some('t') => b'\t',
            Some('0') => 0,
            Some('\\') => b'\\',
            Some('x') => {
                let digits: String = letters.by_ref().take(2).collect();
                let whole = digits.len() == 2 && digits.chars().all(|c| c.is_ascii_hexdigit());
                let byte = u8::from_str_radix(&digits, 16).ok().filter(|_| whole);
                byte.ok_or_else(|| BadValue::new(format!(r"'\x{digits}' is no byte"), hint))?
            }
            Some(other) => return Err(BadValue::new(format!(r"'\{other}' is no byte"), hint)),
            None => return Err(BadValue::new("a backslash at its end", hint)),
        });
    }
    Ok(Bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backslash_begins_the_name_of_a_byte() {
        for (typed, bytes) in [
            ("hello", Some(&b"hello"[..])),
            (r"PING\r\n", Some(b"PING\r\n")),
            (r"\x00\xff\0\t\\", Some(b"\x00\xff\0\t\\")),
            ("\u{b5}", Some("\u{b5}".as_bytes())),
            ("", Some(b"")),
            (r"\q", None),
            (r"\x4", None),
            (r"\xg0", None),
            (r"\x+1", None),
            ("\\", None),
        ] {
            assert_eq!(text(typed).ok().map(|read| read.0).as_deref(), bytes, "{typed}");
        }
    }
}
