//! A row's distribution as a strip of blocks: all rows on one logarithmic axis, so that humps and
//! tails that no column shows are seen.

use crate::measure::samples::{rounded, to_f64};
use crate::report::words::UNITS;
use crate::stats::Histogram;

const BLOCKS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// The axis that all strips of a table share.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// Where each cell begins; the last cell takes everything above.
    edges: Vec<u64>,
}

impl Axis {
    /// From the smallest value of all to the 99.9th percentile of all, in `cells` cells.
    #[must_use]
    pub fn over(histograms: &[&Histogram], cells: usize) -> Option<Self> {
        let mut all = Histogram::new();
        for histogram in histograms {
            all.add(histogram);
        }
        let low = all.min()?.max(1);
        let high = [0.999, 0.99, 0.9].into_iter().find_map(|q| all.percentile(q)).or(all.max())?;
        let high = high.max(low + low / 10 + cells as u64);
        let (low, high) = (to_f64(low).ln(), to_f64(high).ln());
        let step = (high - low) / to_f64(cells as u64);
        let edges =
            (0..cells).map(|cell| rounded((low + step * to_f64(cell as u64)).exp())).collect();
        Some(Self { edges })
    }

    /// The strip: height is the square root of the share, so that one in a hundred is seen, and
    /// anything at all draws at least the lowest block.
    #[must_use]
    pub fn strip(&self, histogram: &Histogram) -> String {
        let mut edges = self.edges.clone();
        // The first cell is rounded, and may begin above the smallest value.
        if let Some(first) = edges.first_mut() {
            *first = 0;
        }
        edges.push(u64::MAX);
        let counts = histogram.buckets(&edges);
        let most = counts.iter().copied().max().unwrap_or(0);
        counts.iter().map(|&count| block(count, most)).collect()
    }

    /// Labels for the axis at round values (1, 2, 5), as wide as a strip.
    #[must_use]
    pub fn labels(&self) -> String {
        let mut line = vec![' '; self.edges.len()];
        let mut free_from = 0;
        for (value, label) in ticks() {
            let Some(cell) = self.cell_of(value) else { continue };
            let letters: Vec<_> = label.chars().collect();
            if cell < free_from || cell + letters.len() > line.len() {
                continue;
            }
            line[cell..cell + letters.len()].copy_from_slice(&letters);
            free_from = cell + letters.len() + 1;
        }
        line.into_iter().collect::<String>().trim_end().to_owned()
    }

    fn cell_of(&self, value: u64) -> Option<usize> {
        if value < *self.edges.first()? || value > *self.edges.last()? {
            return None;
        }
        self.edges.iter().rposition(|edge| *edge <= value)
    }
}

/// 1, 2, 5, 10 ... of every unit.
fn ticks() -> impl Iterator<Item = (u64, String)> {
    UNITS.iter().flat_map(|unit| {
        [1, 2, 5, 10, 20, 50, 100, 200, 500].into_iter().map(|number| {
            let ns = rounded(unit.ns) * number;
            (ns, format!("{number} {}", unit.name))
        })
    })
}

fn block(count: u64, most: u64) -> char {
    if count == 0 || most == 0 {
        return BLOCKS[0];
    }
    let height = (to_f64(count) / to_f64(most)).sqrt() * 8.0;
    BLOCKS[usize::try_from(rounded(height)).unwrap_or(8).clamp(1, 8)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn histogram(values: &[(u64, u64)]) -> Histogram {
        let mut histogram = Histogram::new();
        for &(value, count) in values {
            for _ in 0..count {
                histogram.record(value);
            }
        }
        histogram
    }

    #[test]
    fn a_strip_shows_the_hump_and_the_tail_where_they_are() {
        let fast = histogram(&[(5_000, 19_800), (50_000, 200)]);
        let slow = histogram(&[(20_000, 20_000)]);
        let axis = Axis::over(&[&fast, &slow], 20).expect("there are values");
        assert_eq!(axis.strip(&fast), "█                  ▁");
        assert_eq!(axis.strip(&slow), "            █       ");
        assert_eq!(axis.labels(), "5 µs  10 µs 20 µs");
    }

    #[test]
    fn one_value_alone_is_one_block() {
        let one = histogram(&[(7_000, 1)]);
        let axis = Axis::over(&[&one], 10).expect("there is a value");
        assert_eq!(axis.strip(&one).trim_end(), "█");
        assert!(Axis::over(&[], 10).is_none());
    }
}
