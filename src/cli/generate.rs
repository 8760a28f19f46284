//! What `--generate` takes: a kind, and where its files are to be. Pure.

use super::quantity::BadValue;
use super::value::Kind;
use clap::builder::{EnumValueParser, PossibleValue, TypedValueParser};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

/// Something about the program, and where it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// What it is.
    pub kind: Kind,
    /// The folder of its files; None is standard output.
    pub folder: Option<PathBuf>,
}

/// Reads [`Wanted`], and tells completions the kinds.
#[derive(Clone, Debug)]
pub struct WantedParser;

impl TypedValueParser for WantedParser {
    type Value = Wanted;

    fn parse_ref(
        &self,
        cmd: &clap::Command,
        arg: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<Wanted, clap::Error> {
        let (kind, folder) = split(value);
        let kind = EnumValueParser::<Kind>::new().parse_ref(cmd, arg, kind)?;
        let folder = match folder {
            Some(folder) if folder.is_empty() => {
                let no_folder = |_: &str| {
                    let hint = "a folder that is there: --generate systemd:/etc/systemd/system";
                    Err::<Wanted, _>(BadValue::new("no folder behind the kind", hint))
                };
                return no_folder.parse_ref(cmd, arg, value);
            }
            folder => folder.map(PathBuf::from),
        };
        Ok(Wanted { kind, folder })
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        // Those of the kinds outlive their reader only as a list.
        let values: Vec<_> = EnumValueParser::<Kind>::new().possible_values()?.collect();
        Some(Box::new(values.into_iter()))
    }
}

/// The kind, and what stands behind the first colon: a folder may have any letters.
fn split(value: &OsStr) -> (&OsStr, Option<OsString>) {
    let bytes = value.as_bytes();
    match bytes.iter().position(|byte| *byte == b':') {
        None => (value, None),
        Some(at) => {
            let folder = OsStr::from_bytes(&bytes[at + 1..]).to_owned();
            (OsStr::from_bytes(&bytes[..at]), Some(folder))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_what_stands_behind_the_first_colon() {
        for (typed, kind, folder) in [
            ("man", "man", None),
            ("man:/tmp", "man", Some("/tmp")),
            ("man:a:b", "man", Some("a:b")),
            ("man:", "man", Some("")),
            (":x", "", Some("x")),
        ] {
            let expected = (OsStr::new(kind), folder.map(OsString::from));
            assert_eq!(split(OsStr::new(typed)), expected, "{typed}");
        }
    }
}
