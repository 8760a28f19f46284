//! Words that name an end: a transport, a group, or an address.

use super::quantity::BadValue;
use super::value::{Choice, Names, unknown_name};
use crate::address::Address;
use crate::suggest::nearest;
use clap::builder::{NonEmptyStringValueParser, PossibleValue, TypedValueParser};
use std::ffi::OsStr;

/// What a word means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// A transport or a group, wherever its ends are by default.
    Choice(Choice),
    /// An address.
    Address(Address),
}

/// Reads a word: names, separated by commas, or one address. One that lacks nothing but a port gets
/// the one that the user gave beside it.
///
/// # Errors
/// When it is neither.
pub fn read(word: &str, port: Option<u16>) -> Result<Vec<Endpoint>, BadValue> {
    let bad = |error: crate::address::AddressError| BadValue::new(error.what, error.hint);
    if word.contains([':', '/', '@', '[', '.']) {
        let address = word.parse::<Address>().or_else(|error| {
            port.and_then(|port| format!("{word}:{port}").parse().ok()).ok_or(error)
        });
        return address.map(|address| vec![Endpoint::Address(address)]).map_err(bad);
    }
    if let Ok(names) = word.parse::<Names>() {
        return Ok(names.0.into_iter().map(Endpoint::Choice).collect());
    }
    match port {
        // A host name, unless it looks like a slip in the name of a transport.
        Some(port) if nearest(word, Choice::names()).is_none() && !word.contains(',') => {
            let address = format!("{word}:{port}").parse().map_err(bad)?;
            Ok(vec![Endpoint::Address(address)])
        }
        _ => {
            let strange =
                word.split(',').find(|name| name.parse::<Names>().is_err()).unwrap_or(word);
            Err(unknown_name(strange))
        }
    }
}

/// Takes any word, and tells completions the names that there are.
#[derive(Clone, Debug)]
pub struct WordParser;

impl TypedValueParser for WordParser {
    type Value = String;

    fn parse_ref(
        &self,
        cmd: &clap::Command,
        arg: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<String, clap::Error> {
        NonEmptyStringValueParser::new().parse_ref(cmd, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Names::parser().possible_values().map(|values| {
            let values: Vec<_> = values.collect();
            Box::new(values.into_iter()) as Box<dyn Iterator<Item = PossibleValue>>
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(word: &str, port: Option<u16>) -> Result<Vec<String>, String> {
        let one = |endpoint: Endpoint| match endpoint {
            Endpoint::Choice(choice) => choice.name().to_owned(),
            Endpoint::Address(address) => address.to_string(),
        };
        read(word, port)
            .map(|list| list.into_iter().map(one).collect())
            .map_err(|bad| format!("{} | {}", bad.why, bad.hint))
    }

    #[test]
    fn a_word_is_names_or_an_address() {
        for (word, port, wanted) in [
            ("tcp4", None, vec!["tcp4"]),
            ("TCP4,unix", None, vec!["tcp4", "unix"]),
            ("tcp4:127.0.0.1:7", None, vec!["tcp4://127.0.0.1:7"]),
            ("localhost:7", None, vec!["tcp://localhost:7"]),
            ("127.0.0.1", Some(7), vec!["tcp4://127.0.0.1:7"]),
            ("tcp6://[::1]", Some(7), vec!["tcp6://[::1]:7"]),
            ("echohost", Some(7), vec!["tcp://echohost:7"]),
            ("/run/echo.sock", Some(7), vec!["unix-stream:///run/echo.sock"]),
            ("@echo", None, vec!["unix-stream:@echo"]),
        ] {
            let wanted: Vec<_> = wanted.into_iter().map(str::to_owned).collect();
            assert_eq!(shown(word, port), Ok(wanted), "{word}");
        }
    }

    #[test]
    fn a_word_that_is_neither_says_what_is_near() {
        for (word, port, wanted) in [
            (
                "tpc4",
                None,
                "unknown transport 'tpc4' | did you mean 'tcp4'? all names: sockeye list",
            ),
            (
                "tpc4",
                Some(7),
                "unknown transport 'tpc4' | did you mean 'tcp4'? all names: sockeye list",
            ),
            ("127.0.0.1", None, "no port in '127.0.0.1' | tcp4://127.0.0.1:7777"),
            (
                "unix,tpc4",
                None,
                "unknown transport 'tpc4' | did you mean 'tcp4'? all names: sockeye list",
            ),
        ] {
            assert_eq!(shown(word, port), Err(wanted.to_owned()), "{word}");
        }
        assert!(shown("::1:7", Some(7)).is_err());
    }
}
