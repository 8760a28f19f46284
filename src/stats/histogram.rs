//! All samples of a case in constant space: an `HdrHistogram` from 1 ns to 60 s with three digits,
//! with what it rounds away at the ends kept beside it.

use super::median::{beyond, rank};
use super::{FEWEST_BEYOND, real};
use base64::{Engine, prelude::BASE64_STANDARD};
use flate2::read::ZlibDecoder;
use hdrhistogram::serialization::{
    DeserializeError, Deserializer, Serializer, V2DeflateSerializer,
};
use std::io::{self, Read};

const LONGEST_NS: u64 = 60_000_000_000;
const DIGITS: u8 = 3;

/// More samples than any run can take, and than a real number can count.
const TOO_MANY: u64 = 1 << 53;

/// Counts of round trips in nanoseconds. Everything read from it is within 0.1 %, except for the
/// count, the smallest and the largest, which are exact.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
    counts: hdrhistogram::Histogram<u64>,
    /// The smallest and the largest value as recorded; the first is above the second while empty.
    extremes: (u64, u64),
}

impl Default for Histogram {
    fn default() -> Self {
        Self::new()
    }
}

impl Histogram {
    /// An empty one; it takes about 220 kB.
    #[must_use]
    #[expect(clippy::missing_panics_doc, reason = "it cannot happen")]
    pub fn new() -> Self {
        let counts = hdrhistogram::Histogram::new_with_bounds(1, LONGEST_NS, DIGITS)
            .expect("1 ns to 60 s with three digits is within what the format allows");
        Self { counts, extremes: (u64::MAX, 0) }
    }

    /// Counts one round trip; above 60 s it counts as 60 s, though `max` still shows it in full.
    pub fn record(&mut self, ns: u64) {
        self.counts.saturating_record(ns.min(LONGEST_NS));
        self.widen((ns, ns));
    }

    /// Counts everything that the other one has counted.
    #[expect(clippy::missing_panics_doc, reason = "it cannot happen")]
    pub fn add(&mut self, other: &Self) {
        self.counts.add(&other.counts).expect("both have the same bounds");
        self.widen(other.extremes);
    }

    fn widen(&mut self, (low, high): (u64, u64)) {
        self.extremes = (self.extremes.0.min(low), self.extremes.1.max(high));
    }

    /// How many round trips were recorded.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts.len()
    }

    /// The value at the share `q` (0.99 for p99) by nearest rank; the median of an even count is
    /// the lower of the two middle ones. `None` if it is empty, or if fewer than ten samples lie
    /// beyond; the median alone may have any number beyond.
    #[must_use]
    #[expect(clippy::float_cmp, reason = "one half is exact")]
    pub fn percentile(&self, q: f64) -> Option<u64> {
        let enough = q == 0.5 || beyond(self.count(), q) >= FEWEST_BEYOND;
        (enough && self.count() > 0).then(|| {
            // The library rounds the share times the count up, so half a sample less than our own
            // rank always leads it to that rank.
            let share = (real(rank(self.count(), q)) - 0.5) / real(self.count());
            self.counts.value_at_quantile(share).clamp(self.extremes.0, self.extremes.1)
        })
    }

    /// The smallest value, exactly as recorded.
    #[must_use]
    pub fn min(&self) -> Option<u64> {
        (self.count() > 0).then_some(self.extremes.0)
    }

    /// The largest value, exactly as recorded.
    #[must_use]
    pub fn max(&self) -> Option<u64> {
        (self.count() > 0).then_some(self.extremes.1)
    }

    /// The mean. It is for those who ask, and decides nothing.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        (self.count() > 0).then(|| self.counts.mean())
    }

    /// All of them together, as exact as the mean is.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a sum of times is no less than 0, and years fit into 2^63 nanoseconds"
    )]
    pub fn sum(&self) -> Option<u64> {
        self.mean().map(|mean| (mean * real(self.count())).round() as u64)
    }

    /// The standard deviation (that of these samples, not an estimate for more). Decides nothing.
    #[must_use]
    pub fn stddev(&self) -> Option<f64> {
        (self.count() > 0).then(|| self.counts.stdev())
    }

    /// How many samples lie at or above each edge and below the next; those outside of all edges
    /// are left out. The edges rise; the counts are one fewer. A sample lies in the middle of its
    /// step of 0.1 %.
    #[must_use]
    pub fn buckets(&self, edges: &[u64]) -> Vec<u64> {
        let mut buckets = vec![0; edges.len().saturating_sub(1)];
        for step in self.counts.iter_recorded() {
            let middle = self.counts.median_equivalent(step.value_iterated_to());
            let value = middle.clamp(self.extremes.0, self.extremes.1);
            let above = edges.partition_point(|edge| *edge <= value);
            if let Some(bucket) = above.checked_sub(1).and_then(|at| buckets.get_mut(at)) {
                *bucket += step.count_since_last_iteration();
            }
        }
        buckets
    }

    /// The counts as `HdrHistogram` V2, deflated, in base64: what results carry and other tools
    /// read. The exact ends are not in it; see [`Histogram::with_extremes`].
    #[must_use]
    #[expect(clippy::missing_panics_doc, reason = "it cannot happen")]
    pub fn to_base64(&self) -> String {
        let mut bytes = Vec::new();
        V2DeflateSerializer::new()
            .serialize(&self.counts, &mut bytes)
            .expect("a Vec takes every write, and no count nears 2^63");
        BASE64_STANDARD.encode(bytes)
    }

    /// Reads what [`Histogram::to_base64`] wrote. Smallest and largest are then as rounded by the
    /// format, until [`Histogram::with_extremes`] restores them.
    ///
    /// # Errors
    /// Says what is wrong with a text that is not a histogram of ours.
    pub fn from_base64(text: &str) -> Result<Self, String> {
        let bytes = BASE64_STANDARD
            .decode(text.trim())
            .map_err(|error| format!("the histogram is not base64: {error}"))?;
        let unread = |error: DeserializeError| format!("the histogram cannot be read: {error}");
        let plain = inflated(&bytes).map_err(unread)?;
        let counts: hdrhistogram::Histogram<u64> =
            Deserializer::new().deserialize(&mut plain.as_slice()).map_err(unread)?;
        let (low, high, digits) = (counts.low(), counts.high(), counts.sigfig());
        if (low, high, digits) != (1, LONGEST_NS, DIGITS) {
            return Err(format!(
                "the histogram spans {low} to {high} ns with {digits} digits, \
                 expected 1 to {LONGEST_NS} ns with {DIGITS}"
            ));
        }
        if counts.len() >= TOO_MANY {
            return Err(format!("the histogram counts {} samples, too many", counts.len()));
        }
        let extremes = if counts.is_empty() { (u64::MAX, 0) } else { (counts.min(), counts.max()) };
        Ok(Self { counts, extremes })
    }

    /// Restores the exact smallest and largest values, which were saved beside the counts.
    ///
    /// # Errors
    /// Says so if the counts contradict them.
    pub fn with_extremes(mut self, min: u64, max: u64) -> Result<Self, String> {
        let agrees = |exact: u64, rounded: u64| {
            self.counts.equivalent(exact.min(LONGEST_NS), rounded.min(LONGEST_NS))
        };
        if self.counts.is_empty()
            || min > max
            || !agrees(min, self.counts.min())
            || !agrees(max, self.counts.max())
        {
            return Err(format!("the histogram does not reach from {min} to {max} ns"));
        }
        self.extremes = (min, max);
        Ok(self)
    }

    /// The library's own histogram, for writers of its log format.
    #[must_use]
    pub fn as_hdr(&self) -> &hdrhistogram::Histogram<u64> {
        &self.counts
    }
}

/// The first bytes of a compressed histogram.
const COMPRESSED: [u8; 4] = 0x1c84_9314_u32.to_be_bytes();
/// The sizes of what stands before the deflated bytes, and before the counts in the plain ones.
const FRONTS: [usize; 2] = [8, 40];
/// No histogram of ours is longer: some 28,000 counts of at most nine bytes.
const LONGEST_PLAIN: usize = 1 << 18;

/// The plain form of a compressed histogram. A few bytes may deflate to gigabytes, or say that
/// gigabytes follow; the library makes room for all of that before it reads.
fn inflated(bytes: &[u8]) -> Result<Vec<u8>, DeserializeError> {
    let cut = || DeserializeError::from(io::Error::from(io::ErrorKind::UnexpectedEof));
    if !bytes.starts_with(&COMPRESSED) {
        return Err(DeserializeError::InvalidCookie);
    }
    let deflated = bytes.get(FRONTS[0]..).ok_or_else(cut)?;
    let mut plain = Vec::new();
    let most = LONGEST_PLAIN as u64 + 1;
    ZlibDecoder::new(deflated).take(most).read_to_end(&mut plain)?;
    let counts = plain.len().checked_sub(FRONTS[1]).ok_or_else(cut)?;
    let promised = plain[4..8].iter().fold(0, |all, byte| all << 8 | usize::from(*byte));
    if plain.len() > LONGEST_PLAIN || promised > counts {
        return Err(DeserializeError::EncodedArrayTooLong);
    }
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: impl IntoIterator<Item = u64>) -> Histogram {
        let mut histogram = Histogram::new();
        values.into_iter().for_each(|ns| histogram.record(ns));
        histogram
    }

    #[test]
    fn an_empty_histogram_knows_nothing() {
        let empty = Histogram::new();
        assert_eq!((empty.count(), empty.min(), empty.max()), (0, None, None));
        assert_eq!((empty.percentile(0.5), empty.percentile(0.99)), (None, None));
        assert_eq!((empty.mean(), empty.stddev(), empty.sum()), (None, None, None));
        assert_eq!(empty.buckets(&[1, 10, 100]), [0, 0]);
    }

    #[test]
    fn a_percentile_needs_ten_samples_beyond_and_the_median_needs_one_at_all() {
        let cases: &[(u64, f64, Option<u64>)] = &[
            (1, 0.5, Some(1)),
            (1, 0.9, None),
            (2, 0.5, Some(1)),
            (10, 0.5, Some(5)),
            (10, 0.51, None),
            (100, 0.5, Some(50)),
            (100, 0.57, Some(57)),
            (100, 0.9, Some(90)),
            (100, 0.91, None),
            (100, 0.1, None),
            (110, 0.1, Some(11)),
            (999, 0.99, None),
            (1_000, 0.99, Some(990)),
            (1_000, 0.07, Some(70)),
            (1_000, 1.0, None),
        ];
        for &(n, q, expected) in cases {
            assert_eq!(of(1..=n).percentile(q), expected, "q {q} of {n}");
        }
    }

    #[test]
    fn mean_and_deviation_are_those_of_the_samples() {
        let histogram = of([2, 4, 4, 4, 5, 5, 7, 9]);
        assert!((histogram.mean().unwrap() - 5.0).abs() < 1e-12);
        assert!((histogram.stddev().unwrap() - 2.0).abs() < 1e-12);
        assert!((of(1..=100).mean().unwrap() - 50.5).abs() < 1e-12);
    }

    #[test]
    fn the_ends_stay_exact_and_no_percentile_passes_them() {
        let mut histogram = of([1_234_567, 1_234_567]);
        assert_eq!(histogram.percentile(0.5), Some(1_234_567));
        histogram.record(90_000_000_000);
        histogram.record(0);
        assert_eq!((histogram.min(), histogram.max()), (Some(0), Some(90_000_000_000)));
        let middle = histogram.percentile(0.5).unwrap();
        assert!((1_234_567..=1_235_801).contains(&middle), "{middle}");
        assert_eq!(histogram.count(), 4);
    }

    #[test]
    fn adding_is_the_same_as_recording_everything_in_one() {
        let (mut low, high) = (of((1..=500).map(|i| i * 77)), of((501..=1_000).map(|i| i * 77)));
        low.add(&high);
        assert_eq!(low, of((1..=1_000).map(|i| i * 77)));
        low.add(&Histogram::new());
        assert_eq!((low.count(), low.min(), low.max()), (1_000, Some(77), Some(77_000)));
    }

    #[test]
    fn buckets_count_from_each_edge_to_below_the_next() {
        let histogram = of(1..=100);
        let cases: &[(&[u64], &[u64])] = &[
            (&[], &[]),
            (&[10], &[]),
            (&[1, 101], &[100]),
            (&[1, 10, 100], &[9, 90]),
            (&[0, 1, 50, 51, 200], &[0, 49, 1, 50]),
            (&[200, 300], &[0]),
        ];
        for (edges, expected) in cases {
            assert_eq!(histogram.buckets(edges), *expected, "{edges:?}");
        }
        // 1,234,567 shares a step of 1024 with smaller values, but nothing was ever that small.
        assert_eq!(of([1_234_567]).buckets(&[1, 1_234_567, 1_234_568]), [0, 1]);
    }

    #[test]
    fn base64_brings_everything_back_but_the_exact_ends_and_those_can_be_restored() {
        for original in
            [of([]), of([7]), of([12_345, 90_000_000_000]), of((1..=9_999).map(|i| i * 3))]
        {
            let read = Histogram::from_base64(&original.to_base64()).unwrap();
            assert_eq!(read.as_hdr(), original.as_hdr());
            assert_eq!(read.to_base64(), original.to_base64());
            match (original.min(), original.max()) {
                (Some(min), Some(max)) => assert_eq!(read.with_extremes(min, max), Ok(original)),
                _ => assert_eq!(read, original),
            }
        }
    }

    #[test]
    fn ends_that_contradict_the_counts_are_refused() {
        for (min, max) in [(0, 5_000), (1_000, 4_999), (5_000, 1_000), (1_000, u64::MAX)] {
            let refused = of([1_000, 5_000]).with_extremes(min, max).unwrap_err();
            assert_eq!(refused, format!("the histogram does not reach from {min} to {max} ns"));
        }
        assert!(Histogram::new().with_extremes(1, 2).is_err());
    }

    fn written(counts: &hdrhistogram::Histogram<u64>) -> String {
        let mut bytes = Vec::new();
        V2DeflateSerializer::new().serialize(counts, &mut bytes).unwrap();
        BASE64_STANDARD.encode(bytes)
    }

    fn deflated(plain: &[u8]) -> String {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        io::Write::write_all(&mut encoder, plain).unwrap();
        let bytes = encoder.finish().unwrap();
        let length = u32::try_from(bytes.len()).unwrap().to_be_bytes();
        BASE64_STANDARD.encode([&COMPRESSED[..], &length, &bytes].concat())
    }

    #[test]
    fn a_few_bytes_that_stand_for_gigabytes_are_refused_before_they_are_there() {
        let mut front = of([5]).to_base64();
        front = deflated(&inflated(&BASE64_STANDARD.decode(front).unwrap()).unwrap());
        assert_eq!(Histogram::from_base64(&front).unwrap().count(), 1);
        let plain = inflated(&BASE64_STANDARD.decode(front).unwrap()).unwrap();
        let promising =
            |count: u32| [&plain[..4], &count.to_be_bytes(), &plain[8..FRONTS[1]]].concat();
        let long = |count: u32| [promising(count), vec![0; count as usize]].concat();
        for bytes in [promising(u32::MAX), promising(1), long(1 << 18), long(1 << 24)] {
            let error = Histogram::from_base64(&deflated(&bytes)).unwrap_err();
            assert!(error.contains("The encoded array is longer than it should be"), "{error}");
            let most = inflated(&BASE64_STANDARD.decode(deflated(&bytes)).unwrap());
            assert!(matches!(most, Err(DeserializeError::EncodedArrayTooLong)));
        }
    }

    #[test]
    fn a_text_that_is_no_histogram_of_ours_is_refused_with_the_reason() {
        let foreign = hdrhistogram::Histogram::new_with_bounds(1, 1_000, 2).unwrap();
        let mut crowded = Histogram::new().counts;
        crowded.record_n(5, TOO_MANY).unwrap();
        let whole = of(1..=100).to_base64();
        let cases = [
            ("???".to_owned(), "the histogram is not base64: "),
            (String::new(), "the histogram cannot be read: "),
            (BASE64_STANDARD.encode([1, 2, 3, 4, 5]), "the histogram cannot be read: The cookie"),
            (whole[..whole.len() / 8 * 4].to_owned(), "the histogram cannot be read: "),
            (
                written(&foreign),
                "the histogram spans 1 to 1000 ns with 2 digits, expected 1 to 60000000000 ns with 3",
            ),
            (written(&crowded), "the histogram counts 9007199254740992 samples, too many"),
        ];
        for (text, reason) in cases {
            let error = Histogram::from_base64(&text).unwrap_err();
            assert!(error.starts_with(reason), "{text}: {error}");
        }
    }
}
