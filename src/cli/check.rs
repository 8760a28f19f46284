//! The flags of `check`.

use super::Selection;
use super::quantity::BadValue;
use crate::behaviour::Check;
use clap::Args;
use clap::builder::{PossibleValue, TypedValueParser};
use std::ffi::OsStr;
use std::str::FromStr;

pub(super) const EXAMPLES: &str = "Examples:
  sockeye check                    what each socket really does here
  sockeye check --ipv4-vs-ipv6     where the two loopbacks differ, and why
  sockeye check unix -k 'peer*' -v";

/// The flags of `check`.
#[derive(Args, Clone, Debug)]
pub struct CheckFlags {
    /// Which transports are looked at.
    #[command(flatten)]
    pub selection: Selection,
    /// Try these checks only, by names or patterns: backlog, 'poll*'
    ///
    /// In a pattern, * is any letters and ? is any one. Several are separated by commas, or the flag
    /// is repeated.
    #[arg(short = 'k', long, value_name = "GLOB", value_parser = GlobsParser, hide_possible_values = true, help_heading = "Checks")]
    pub only: Vec<Globs>,
    /// List the checks, and try nothing
    #[arg(long, help_heading = "Checks")]
    pub list_checks: bool,
    /// Show only where IPv4 and IPv6 differ, and whether by design
    #[arg(long = "ipv4-vs-ipv6", help_heading = "Checks")]
    pub ipv4_vs_ipv6: bool,
    /// Exit with an error too if something could not be tried
    #[arg(long, help_heading = "Checks")]
    pub strict: bool,
}

/// Patterns, each of which fits a check at least.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Globs(Vec<String>);

impl Globs {
    /// Does one of them fit?
    #[must_use]
    pub fn fit(&self, check: &Check) -> bool {
        self.0.iter().any(|glob| fits(glob.as_bytes(), check.name.as_bytes()))
    }
}

impl FromStr for Globs {
    type Err = BadValue;

    fn from_str(text: &str) -> Result<Self, BadValue> {
        let globs: Vec<_> =
            text.split([',', ' ']).filter(|glob| !glob.is_empty()).map(str::to_lowercase).collect();
        let names = || crate::behaviour::all().map(|(_, check)| check.name);
        let all = "all names: sockeye check --list-checks";
        if globs.is_empty() {
            return Err(BadValue::new("no name in it", all));
        }
        for glob in &globs {
            if !names().any(|name| fits(glob.as_bytes(), name.as_bytes())) {
                let hint = match crate::suggest::nearest(glob, names()) {
                    Some(near) => format!("did you mean '{near}'? {all}"),
                    None => all.to_owned(),
                };
                return Err(BadValue::new(format!("no check is called '{glob}'"), hint));
            }
        }
        Ok(Self(globs))
    }
}

/// Reads [`Globs`], and tells completions what there is.
#[derive(Clone, Debug)]
pub struct GlobsParser;

impl TypedValueParser for GlobsParser {
    type Value = Globs;

    fn parse_ref(
        &self,
        cmd: &clap::Command,
        arg: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<Globs, clap::Error> {
        Globs::from_str.parse_ref(cmd, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let value = |check: &'static Check| PossibleValue::new(check.name).help(check.title);
        Some(Box::new(crate::behaviour::all().map(move |(_, check)| value(check))))
    }
}

/// Does a name fit a pattern of letters, `*` and `?`? Only the last star is ever thought over again,
/// so that no pattern takes longer than its length times the name's.
fn fits(glob: &[u8], name: &[u8]) -> bool {
    let (mut g, mut n) = (0, 0);
    // Behind the last star, and how far into the name it reaches so far.
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        match (glob.get(g), star) {
            (Some(b'*'), _) => {
                g += 1;
                star = Some((g, n));
            }
            (Some(letter), _) if *letter == b'?' || *letter == name[n] => {
                (g, n) = (g + 1, n + 1);
            }
            (_, Some((behind, reach))) => {
                (g, n) = (behind, reach + 1);
                star = Some((g, n));
            }
            (_, None) => return false,
        }
    }
    glob[g..].iter().all(|letter| *letter == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_fits_whole_names() {
        for (glob, name, expected) in [
            ("eof", "eof", true),
            ("eo", "eof", false),
            ("poll*", "poll_close", true),
            ("*close*", "poll_close", true),
            ("?of", "eof", true),
            ("?eof", "eof", false),
            ("*", "", true),
            ("", "", true),
            ("", "a", false),
            ("?", "", false),
            ("*a*b", "xaabab", true),
            ("*a*b", "xaaba", false),
        ] {
            assert_eq!(fits(glob.as_bytes(), name.as_bytes()), expected, "{glob} {name}");
        }
    }

    /// Trying every way in which stars can share a name would take years.
    #[test]
    fn a_pattern_of_many_stars_is_soon_told_apart() {
        let glob = "*a".repeat(40) + "z";
        assert!(!fits(glob.as_bytes(), "a".repeat(60).as_bytes()));
    }

    #[test]
    fn a_pattern_that_fits_nothing_is_refused_with_the_nearest_name() {
        let error = Globs::from_str("boundry").expect_err("no such check");
        assert!(error.hint.contains("'boundary'"), "{}", error.hint);
        assert!(Globs::from_str("bound*,echo").is_ok());
        assert!(Globs::from_str("zzz*").is_err());
        assert!(Globs::from_str(",").is_err());
    }
}
