//! Comparisons between rows, and which of them may be said. Pure.
//!
//! Every sentence and every verdict of a run that claims a difference is one claim here, and they are
//! held to account together (Holm), so that a run makes any false claim in at most one of twenty.

use super::{Row, Verdict, is_at};
use crate::measure::plan::{Case, Place};
use crate::measure::samples::{paired_medians, to_f64};
use crate::stats::{Interval, PairedRatio, difference_p, holm, paired_ratio};
use crate::transport::{Family, Kind, Protocol};

/// A row measured against itself moves by up to about this much from run to run: what is less is
/// never called a difference.
pub const MARGIN: f64 = 0.01;
/// A difference of more than this that cannot be claimed is no tie: there is too much noise to tell.
const HIDDEN: f64 = 0.05;
/// How often a run may claim something false.
const ALPHA: f64 = 0.05;

/// What a comparison is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// A row against the baseline of its place and size.
    Baseline,
    /// TCP against the Unix stream socket, both over IPv4's loopback or none.
    UnixOrTcp,
    /// An IPv6 transport against its IPv4 twin.
    Ipv6OrIpv4,
    /// A transport against itself: the A/A test.
    Twice,
    /// A transport at a place against the same at the first place.
    Places,
}

/// Two rows, compared round by round.
#[derive(Clone, Debug, PartialEq)]
pub struct Claim {
    /// What it is about.
    pub topic: Topic,
    /// The row that takes `ratio` times as long.
    pub row: usize,
    /// As this one.
    pub other: usize,
    /// How many times.
    pub ratio: PairedRatio,
    /// May it be said that they differ?
    pub holds: bool,
    /// Are there rounds enough for such a claim to be possible at all?
    pub decidable: bool,
}

impl Claim {
    /// What may be said of `row`.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        match (self.holds, self.ratio.ratio > 1.0) {
            (false, _) if !self.decidable || self.upright().0 > 1.0 + HIDDEN => Verdict::Unclear,
            (false, _) => Verdict::Tie,
            (true, true) => Verdict::Slower,
            (true, false) => Verdict::Faster,
        }
    }

    /// How far apart the two may be at most, as a share: both ends of the interval are within it.
    #[must_use]
    pub fn within(&self) -> Option<f64> {
        self.ratio.interval.map(|interval| (interval.high - 1.0).max(1.0 / interval.low - 1.0))
    }

    /// The ratio as sentences have it, at least 1, with its interval's larger half; and whether
    /// `row` and `other` change places for it.
    #[must_use]
    pub fn upright(&self) -> (f64, Option<f64>, bool) {
        let PairedRatio { ratio, interval, .. } = &self.ratio;
        let turned = *ratio < 1.0;
        let (ratio, half) = upright(*ratio, *interval);
        (ratio, half, turned)
    }
}

/// A ratio turned so that it is at least 1, with its interval's larger half.
pub(crate) fn upright(ratio: f64, interval: Option<Interval>) -> (f64, Option<f64>) {
    let (ratio, interval) =
        if ratio < 1.0 { (1.0 / ratio, interval.map(|i| i.inverted())) } else { (ratio, interval) };
    (ratio, interval.map(|i| i.half_width_around(ratio)))
}

/// Every comparison that the report will mention. `baseline` is the label that the user chose.
#[must_use]
pub fn claims(
    rows: &[Row],
    places: &[Place],
    sizes: &[usize],
    baseline: Option<&str>,
) -> Vec<Claim> {
    let mut pairs = Vec::new();
    for &size in sizes {
        for &place in places {
            let here = |row: &Row| is_at(row, place, size);
            if let Some(base) = base_of(rows, &here, baseline) {
                let others = (0..rows.len()).filter(|&i| i != base && here(&rows[i]));
                pairs.extend(others.map(|row| (Topic::Baseline, row, base)));
            }
        }
        if let (Some(&first), Some(&size)) = (places.first(), sizes.first().filter(|s| **s == size))
        {
            pairs.extend(topical(rows, &|row| is_at(row, first, size)));
            pairs.extend(between_places(rows, first, &places[1..], size));
        }
    }
    let compared = pairs.into_iter().filter_map(|(topic, row, other)| {
        let (a, b) = paired_medians(&rows[row].rounds, &rows[other].rounds);
        let ratio = paired_ratio(&a, &b)?;
        let logs: Vec<_> = a.iter().zip(&b).map(|(a, b)| (a / b).ln()).collect();
        let p = difference_p(&logs, MARGIN);
        Some((Claim { topic, row, other, ratio, holds: false, decidable: true }, p))
    });
    let (mut claims, p_values): (Vec<_>, Vec<_>) = compared.unzip();
    let count = claims.len();
    for (claim, holds) in claims.iter_mut().zip(holm(&p_values, ALPHA)) {
        claim.holds = holds;
        // Where all rounds agree, a signed-rank test gives 2 / 2^n; Holm's first step wants ALPHA / m.
        let rounds = i32::try_from(claim.ratio.n).unwrap_or(i32::MAX);
        claim.decidable = 2.0 * 0.5_f64.powi(rounds) * to_f64(count as u64) <= ALPHA;
    }
    claims
}

/// The row that means 1.00 among these: the one of that name, else the fastest.
fn base_of(rows: &[Row], here: &impl Fn(&Row) -> bool, name: Option<&str>) -> Option<usize> {
    let mut measured = (0..rows.len()).filter(|&i| here(&rows[i]) && rows[i].median().is_some());
    match name {
        Some(name) => measured.find(|&i| rows[i].case.label.eq_ignore_ascii_case(name)),
        None => measured.min_by_key(|&i| rows[i].median()),
    }
}

fn topical(rows: &[Row], here: &impl Fn(&Row) -> bool) -> Vec<(Topic, usize, usize)> {
    let measured: Vec<_> =
        (0..rows.len()).filter(|&i| here(&rows[i]) && rows[i].median().is_some()).collect();
    let mut pairs = Vec::new();
    for &row in &measured {
        for &other in &measured {
            if let Some(topic) = topic_of(&rows[row].case, &rows[other].case) {
                pairs.push((topic, row, other));
            }
        }
    }
    pairs
}

/// What comparing these two would be about; the first is the one that is asked about.
fn topic_of(case: &Case, other: &Case) -> Option<Topic> {
    let (one, two) = (case.transport, other.transport);
    if one.name == two.name {
        let again = case.label.len() > other.label.len() && other.label == two.name;
        return again.then_some(Topic::Twice);
    }
    // Each transport's first row speaks for it.
    if case.label != one.name || other.label != two.name {
        return None;
    }
    let stream = (one.kind, two.kind) == (Kind::Stream, Kind::Stream);
    if stream && (one.protocol, one.family) == (Protocol::Tcp, Family::Ipv4) {
        return (two.family == Family::Unix).then_some(Topic::UnixOrTcp);
    }
    (one.ipv4_twin() == Some(two)).then_some(Topic::Ipv6OrIpv4)
}

fn between_places(
    rows: &[Row],
    first: Place,
    others: &[Place],
    size: usize,
) -> Vec<(Topic, usize, usize)> {
    let mut pairs = Vec::new();
    for &place in others {
        for (index, row) in rows.iter().enumerate().filter(|(_, row)| is_at(row, place, size)) {
            let base = rows
                .iter()
                .position(|base| is_at(base, first, size) && base.case.label == row.case.label);
            if let Some(base) = base.filter(|&b| rows[b].median().and(row.median()).is_some()) {
                pairs.push((Topic::Places, index, base));
            }
        }
    }
    pairs
}
