//! How contended the CPUs are: what tasks waited for a CPU and what a hypervisor took away.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use super::files::Root;
use super::number_up_to;

/// Two counters at one moment; only the difference of two moments means something.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pressure {
    waited: Option<Duration>,
    cpus: BTreeMap<usize, Ticks>,
}

/// One CPU's time, in the kernel's ticks. Only their ratio is used, whatever their length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Ticks {
    stolen: u64,
    all: u64,
}

impl Pressure {
    /// The counters of this machine now.
    #[must_use]
    pub fn read() -> Self {
        Self::read_below(Path::new("/"))
    }

    /// The counters of the machine whose `/proc` lies below `root`.
    #[must_use]
    pub fn read_below(root: &Path) -> Self {
        let root = Root::new(root);
        Self {
            waited: some(&root, "total=")
                .and_then(|total| total.parse().ok())
                .map(Duration::from_micros),
            cpus: root
                .text("proc/stat")
                .map(|text| text.lines().filter_map(ticks).collect())
                .unwrap_or_default(),
        }
    }

    /// The larger of `waiting_since` and `stolen_since`, from 0 to 1; `None` if neither is known.
    #[must_use]
    pub fn share_since(&self, earlier: &Self, elapsed: Duration) -> Option<f64> {
        let shares = [self.waiting_since(earlier, elapsed), self.stolen_since(earlier)];
        shares.into_iter().flatten().reduce(f64::max)
    }

    /// The share of `elapsed`, from 0 to 1, in which some task waited for a CPU. It counts our own
    /// tasks too: two processes that take turns on one CPU make it about 0.7, so that it tells of
    /// others only over a stretch in which no round runs.
    #[must_use]
    pub fn waiting_since(&self, earlier: &Self, elapsed: Duration) -> Option<f64> {
        let waited = self.waited?.checked_sub(earlier.waited?)?;
        (!elapsed.is_zero()).then(|| (waited.as_secs_f64() / elapsed.as_secs_f64()).min(1.0))
    }

    /// The share of time, from 0 to 1, that the hypervisor took from the CPU that lost most. Our
    /// own work does not count.
    #[must_use]
    pub fn stolen_since(&self, earlier: &Self) -> Option<f64> {
        let shares =
            self.cpus.iter().filter_map(|(id, now)| now.share_since(earlier.cpus.get(id)?));
        shares.reduce(f64::max)
    }
}

impl Ticks {
    #[expect(clippy::cast_precision_loss, reason = "a run has far fewer than 2^52 ticks")]
    fn share_since(self, earlier: &Self) -> Option<f64> {
        let all = self.all.checked_sub(earlier.all).filter(|all| *all > 0)?;
        let stolen = self.stolen.checked_sub(earlier.stolen)?;
        Some((stolen as f64 / all as f64).min(1.0))
    }
}

/// Percent of the last ten seconds in which some task waited.
pub(super) fn avg10(root: &Root) -> Option<f64> {
    number_up_to(100.0, &some(root, "avg10=")?)
}

/// A value of the line `some avg10=3.95 avg60=2.89 avg300=1.24 total=7345192`.
fn some(root: &Root, key: &str) -> Option<String> {
    let line = root.fact("proc/pressure/cpu")?;
    let words = line.strip_prefix("some ")?;
    words.split(' ').find_map(|word| word.strip_prefix(key)).map(str::to_owned)
}

/// A line `cpuN user nice system idle iowait irq softirq steal guest guest_nice` of `proc_stat(5)`.
/// The last two are part of the first two already.
fn ticks(line: &str) -> Option<(usize, Ticks)> {
    let mut words = line.strip_prefix("cpu")?.split_whitespace();
    let id = words.next().filter(|_| !line.starts_with("cpu "))?.parse().ok()?;
    let counts: Vec<u64> = words.map_while(|word| word.parse().ok()).take(8).collect();
    let stolen = *counts.get(7)?;
    let all = counts.iter().try_fold(0_u64, |sum, count| sum.checked_add(*count))?;
    Some((id, Ticks { stolen, all }))
}
