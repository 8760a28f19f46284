//! Which pictures are drawn: `--plot`. Pure.

use super::quantity::BadValue;
use std::str::FromStr;

/// A kind of picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plot {
    /// The latency tail.
    Tail,
    /// The sweep over sizes.
    Sizes,
    /// The rounds over time.
    Rounds,
}

impl Plot {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Tail, Self::Sizes, Self::Rounds];

    /// The user's word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Tail => "tail",
            Self::Sizes => "sizes",
            Self::Rounds => "rounds",
        }
    }
}

/// Kinds of pictures, in the user's order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plots(pub Vec<Plot>);

impl FromStr for Plots {
    type Err = BadValue;

    fn from_str(text: &str) -> Result<Self, BadValue> {
        let known = Plot::ALL.map(Plot::word);
        let hint = || format!("pictures: {}", known.join(", "));
        let mut plots = Vec::new();
        for word in text.split([',', ' ']).filter(|word| !word.is_empty()) {
            let plot = Plot::ALL.into_iter().find(|plot| plot.word().eq_ignore_ascii_case(word));
            let plot = plot.ok_or_else(|| {
                let hint = match crate::suggest::nearest(word, known) {
                    Some(near) => format!("did you mean '{near}'? {}", hint()),
                    None => hint(),
                };
                BadValue::new(format!("unknown picture '{word}'"), hint)
            })?;
            if !plots.contains(&plot) {
                plots.push(plot);
            }
        }
        if plots.is_empty() {
            return Err(BadValue::new("no picture in it", hint()));
        }
        Ok(Self(plots))
    }
}
