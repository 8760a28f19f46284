//! Results that were kept, old against new: what is slower, what is gone, what cannot be told. Pure:
//! it knows no file and no terminal, and everything that is printed or saved is made from a
//! [`Comparison`].

pub mod answer;
pub mod checks;
pub mod common;
pub mod evidence;
pub mod judge;
pub mod pings;
pub mod runs;
pub mod side;
pub mod surroundings;

use crate::cli::compare::{FailOn, Limit, Metric};
use crate::stats::Interval;
use std::time::{Duration, SystemTime};

/// What a comparison was asked to do.
#[derive(Clone, Debug)]
pub struct Options {
    /// How much longer is no regression yet.
    pub limit: Limit,
    /// What is compared.
    pub metric: Metric,
    /// What is a regression.
    pub fail_on: FailOn,
    /// Is what cannot be decided an error?
    pub strict: bool,
}

/// What may be said of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It worked before and fails now.
    Broken,
    /// It worked before and is not available now.
    Gone,
    /// It takes longer, beyond the limit and beyond doubt.
    Slower,
    /// It is not as documented any more.
    Worse,
    /// It is something else than before, and neither better nor worse.
    Changed,
    /// It failed before and works now.
    Mended,
    /// It was not available before and works now.
    Back,
    /// It takes less long, beyond the limit and beyond doubt.
    Faster,
    /// It is as documented again.
    Better,
    /// It failed before, and does now.
    StillFails,
    /// Anything between slower and unchanged.
    Unclear,
    /// It differs, but surely by less than the limit.
    Under,
    /// It may not differ at all, and surely not beyond the limit.
    Noise,
    /// It is the same fact.
    Same,
}

/// What a verdict means for the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// A regression.
    Bad,
    /// A change that is none.
    Other,
    /// Undecided.
    Open,
    /// No change.
    Still,
}

/// Every verdict with the word of documents, the word of tables, and what it means; worst first.
#[rustfmt::skip]
const VERDICTS: [(Verdict, &str, &str, Weight); 14] = [
    (Verdict::Broken, "broken", "BROKEN", Weight::Bad),
    (Verdict::Gone, "gone", "GONE", Weight::Bad),
    (Verdict::Slower, "slower", "SLOWER", Weight::Bad),
    (Verdict::Worse, "worse", "WORSE", Weight::Bad),
    (Verdict::Changed, "changed", "changed", Weight::Other),
    (Verdict::Mended, "mended", "mended", Weight::Other),
    (Verdict::Back, "back", "back", Weight::Other),
    (Verdict::Faster, "faster", "faster", Weight::Other),
    (Verdict::Better, "better", "better", Weight::Other),
    (Verdict::StillFails, "still-fails", "still fails", Weight::Still),
    (Verdict::Unclear, "no-clear-difference", "no clear difference", Weight::Open),
    (Verdict::Under, "unchanged", "unchanged", Weight::Still),
    (Verdict::Noise, "unchanged", "unchanged, within noise", Weight::Still),
    (Verdict::Same, "unchanged", "unchanged", Weight::Still),
];

impl Verdict {
    /// Every verdict, worst first.
    pub const ALL: [Self; 14] = {
        let mut all = [Self::Same; 14];
        let mut at = 0;
        while at < all.len() {
            all[at] = VERDICTS[at].0;
            at += 1;
        }
        all
    };

    fn row(self) -> (Self, &'static str, &'static str, Weight) {
        VERDICTS.into_iter().find(|row| row.0 == self).unwrap_or(VERDICTS[13])
    }

    /// How bad it is: 0 is the worst.
    #[must_use]
    pub fn rank(self) -> usize {
        VERDICTS.iter().position(|row| row.0 == self).unwrap_or(VERDICTS.len())
    }

    /// The word of documents.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.row().1
    }

    /// The words of tables.
    #[must_use]
    pub fn shown(self, limit: Limit) -> String {
        match self {
            Self::Under => format!("unchanged, under {}", percent(limit.share)),
            _ => self.row().2.to_owned(),
        }
    }

    /// What it means for the exit code.
    #[must_use]
    pub fn weight(self) -> Weight {
        self.row().3
    }
}

/// A share as people write it: "10%", "2.5%".
#[must_use]
pub fn percent(share: f64) -> String {
    let text = format!("{:.2}", share * 100.0);
    format!("{}%", text.trim_end_matches('0').trim_end_matches('.'))
}

/// What was found of a row on one side.
#[derive(Clone, Debug, PartialEq)]
pub enum Point {
    /// Nothing.
    Nothing,
    /// A time in nanoseconds, and half its interval.
    Time(u64, Option<u64>),
    /// Words: a fact, or why there is no time.
    Words(String),
}

/// How many times as long something takes as before.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Change {
    /// The ratio of the two times as they are.
    pub raw: f64,
    /// The same without what the machine as a whole did.
    pub ratio: f64,
    /// Its 95 % interval, where there is evidence enough for one.
    pub interval: Option<Interval>,
}

/// One line of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// What it is, as documents have it.
    pub id: String,
    /// What it is, a word for each heading.
    pub names: Vec<String>,
    /// What it is, as sentences have it.
    pub whom: String,
    /// What was found before.
    pub before: Point,
    /// What was found after.
    pub after: Point,
    /// The change of a time.
    pub change: Option<Change>,
    /// What may be said.
    pub verdict: Verdict,
}

/// What differs beside the rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Which fact.
    pub what: String,
    /// What it was.
    pub before: String,
    /// What it is.
    pub after: String,
}

/// What the machine as a whole did between the two sides.
#[derive(Clone, Debug, PartialEq)]
pub struct Machine {
    /// Where: same, split, free.
    pub place: String,
    /// With which payload.
    pub size: usize,
    /// How the ends waited.
    pub wait: String,
    /// How many times as long everything takes.
    pub ratio: f64,
    /// How many cases moved so, and how many there are.
    pub moved: [usize; 2],
}

/// A file that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its name.
    pub name: String,
    /// The user's name for what it holds.
    pub label: Option<String>,
    /// When that was found, as the file has it.
    pub started: String,
    /// The kernel, where the file says it.
    pub kernel: Option<String>,
}

/// What was compared, before anything is said about it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// The headings of the rows' names.
    pub headings: Vec<&'static str>,
    /// The rows, worst first.
    pub rows: Vec<Row>,
    /// What the machine did, where it did something.
    pub machine: Vec<Machine>,
    /// What else is worth a sentence: a whole one each.
    pub notes: Vec<String>,
    /// Whose 99th percentile moved by more than half.
    pub tails: Vec<String>,
    /// What only the old files have, and what only the new ones have.
    pub only: [Vec<String>; 2],
    /// Where machines differ.
    pub environment: Vec<Difference>,
    /// Where settings differ.
    pub settings: Vec<Difference>,
    /// The noun for a row: "transport", "fact", "target".
    pub noun: &'static str,
}

/// A comparison, complete.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// What it was asked to do.
    pub options: Options,
    /// The arguments, the program's name first.
    pub argv: Vec<String>,
    /// When it started.
    pub started: SystemTime,
    /// How long it took.
    pub duration: Duration,
    /// What holds such things: `run`, `check`, `ping`.
    pub of: &'static str,
    /// The old files.
    pub base: Vec<Source>,
    /// The new files.
    pub new: Vec<Source>,
    /// What was found.
    pub found: Found,
    /// What it says: the answer, then how many there are of each.
    pub answer: [String; 2],
    /// The exit code that follows.
    pub exit_code: u8,
}

impl Found {
    /// Worst first; of the same kind, the larger change first.
    pub(crate) fn sort(&mut self) {
        let far = |row: &Row| row.change.map_or(0.0, |change| change.ratio.ln().abs());
        self.rows.sort_by(|a, b| {
            let rank = |row: &Row| row.verdict.rank();
            rank(a).cmp(&rank(b)).then_with(|| far(b).total_cmp(&far(a)))
        });
    }

    /// How many rows have such a weight.
    #[must_use]
    pub fn count(&self, weight: Weight) -> usize {
        self.rows.iter().filter(|row| row.verdict.weight() == weight).count()
    }

    /// Does everything take longer or less long at some place, beyond the limit?
    #[must_use]
    pub fn moved(&self, limit: Limit) -> Option<&Machine> {
        let far = |machine: &&Machine| machine.ratio.ln().abs() > limit.ratio().ln();
        let size = |machine: &&Machine| machine.ratio.ln().abs();
        self.machine.iter().filter(far).max_by(|a, b| size(a).total_cmp(&size(b)))
    }

    /// The exit code: 1 what was asked to be one, 4 what is undecided where that is asked, or else 0.
    #[must_use]
    pub fn exit_code(&self, options: &Options) -> u8 {
        let moved = self.moved(options.limit).is_some();
        let bad = self.count(Weight::Bad) > 0;
        let other = self.count(Weight::Other) > 0 || moved;
        let fails = match options.fail_on {
            FailOn::Slower => bad,
            FailOn::Any => bad || other,
            FailOn::Never => false,
        };
        let differs = !self.environment.is_empty() || !self.settings.is_empty();
        let open = self.count(Weight::Open) > 0 || moved || differs || self.rows.is_empty();
        match (fails, options.strict && open) {
            (true, _) => 1,
            (false, true) => 4,
            (false, false) => 0,
        }
    }
}
