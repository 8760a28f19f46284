//! Why a text is no address, and which text would be one.
//! Words alone: what is a fault is decided where the text is read and where the rules are.

use super::Address;
use std::error::Error;
use std::fmt;

/// Why a text is no address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressError {
    /// What is wrong with which text; its control characters are escaped.
    pub what: String,
    /// One right address, as near to the text as can be told, ready to paste into a shell.
    pub hint: String,
}

impl fmt::Display for AddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl Error for AddressError {}

/// An error that does not know the text yet.
pub(super) struct Refusal {
    pub(super) why: Why,
    pub(super) example: Address,
}

pub(super) enum Why {
    Empty,
    NoAddress,
    NoPort,
    UnknownTransport(String),
    Because(String),
}

pub(super) type Reading = Result<Address, Refusal>;

impl Refusal {
    pub(super) fn because(reason: impl Into<String>, example: Address) -> Self {
        Self { why: Why::Because(reason.into()), example }
    }

    pub(super) fn of(self, text: &str) -> AddressError {
        let shown = escaped(text);
        let what = match self.why {
            Why::Empty => "the address is empty".to_owned(),
            Why::NoAddress => format!("no address in '{shown}'"),
            Why::NoPort => format!("no port in '{shown}'"),
            Why::UnknownTransport(name) if name == text => format!("unknown transport '{shown}'"),
            Why::UnknownTransport(name) => {
                format!("unknown transport '{}' in '{shown}'", escaped(&name))
            }
            Why::Because(reason) => {
                format!("cannot read the address '{shown}': {}", escaped(&reason))
            }
        };
        AddressError { what, hint: self.example.hint() }
    }
}

/// The text with its control characters as escapes, so that an error stays one harmless line.
pub(super) fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter.is_control() {
            shown.extend(letter.escape_default());
        } else {
            shown.push(letter);
        }
    }
    shown
}
