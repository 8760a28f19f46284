//! Groups of cases with known changes, rounds with known noise: what is found, and how often it is right.

use super::*;
use crate::cli::compare::{Limit, Metric};
use crate::compare::Verdict;
use crate::compare::judge::{unseen, verdicts};

/// A small generator of our own (xorshift64*), so that a seed means the same run for ever.
struct Noise(u64);

impl Noise {
    fn uniform(&mut self) -> f64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let bits = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 32;
        (f64::from(u32::try_from(bits).expect("32 bits")) + 0.5) / 4_294_967_296.0
    }

    fn normal(&mut self) -> f64 {
        (-2.0 * self.uniform().ln()).sqrt() * (std::f64::consts::TAU * self.uniform()).cos()
    }
}

/// One run: the machine is faster or slower for all of it by 6.5 %, in each round by 4 %, and each case
/// has a noise of 2 % of its own.
#[expect(clippy::cast_possible_truncation, reason = "as the evidence is kept")]
fn run(noise: &mut Noise, cases: &mut [Case], changes: &[f64], file: usize) {
    let machine = 0.065 * noise.normal();
    let rounds: Vec<f64> = (0..25).map(|_| machine + 0.04 * noise.normal()).collect();
    for (at, (case, change)) in cases.iter_mut().zip(changes).enumerate() {
        let level = 9.0 + 0.2 * f64::from(u32::try_from(at).expect("few"));
        let rounds = rounds.iter().enumerate().map(|(round, common)| {
            let number = level + change.ln() + common + 0.02 * noise.normal();
            (u32::try_from(round).expect("few"), number as f32)
        });
        let rounds = rounds.collect();
        case.measured.push(Measured { file, rounds, whole: Some(10_000), half: None, p99: None });
    }
}

fn cases(count: usize) -> Vec<Case> {
    let case = Case {
        transport: "tcp4".to_owned(),
        size: 64,
        place: "same".to_owned(),
        wait: "block".to_owned(),
        without: [0; 3],
        trouble: None,
        measured: Vec::new(),
    };
    vec![case; count]
}

/// The verdicts of `files` runs a side, of which the new ones have those changes.
fn judged(noise: &mut Noise, changes: &[f64], files: usize) -> Vec<Verdict> {
    let mut sides = [cases(changes.len()), cases(changes.len())];
    for file in 0..files {
        run(noise, &mut sides[0], &vec![1.0; changes.len()], file);
        run(noise, &mut sides[1], changes, file);
    }
    let group = Group { cases: sides[0].iter().zip(&sides[1]).collect() };
    let findings = group.findings(unseen(Metric::Median), 0.01);
    verdicts(&findings.cases, Limit { share: 0.1 })
}

/// In how many of a hundred comparisons the verdicts of the first cases are those, and no others.
fn hits(seed: u64, changes: &[f64], files: usize, expected: &[Verdict]) -> usize {
    let mut noise = Noise(seed);
    let fits = |found: &[Verdict]| {
        let bad = |verdict: &Verdict| matches!(verdict, Verdict::Slower | Verdict::Faster);
        found.starts_with(expected) && !found[expected.len()..].iter().any(bad)
    };
    (0..100).filter(|_| fits(&judged(&mut noise, changes, files))).count()
}

#[test]
fn nothing_is_claimed_where_nothing_changed() {
    for (seed, cases, files) in [(1, 7, 1), (2, 7, 3), (3, 4, 1), (4, 2, 1), (5, 1, 4), (6, 7, 6)] {
        let found = hits(0x5EED_0100 + seed, &vec![1.0; cases], files, &[]);
        assert!(found >= 95, "{cases} cases, {files} files: {found} of 100");
    }
}

#[test]
fn one_transport_that_is_slower_is_found_and_no_other() {
    use Verdict::Slower;
    let found = hits(0x5EED_0200, &[1.15, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0], 1, &[Slower]);
    assert!(found >= 95, "1 of 7: {found} of 100");
    let four = [1.3, 1.3, 1.3, 1.3, 1.0, 1.0, 1.0];
    let found = hits(0x5EED_0201, &four, 3, &[Slower; 4]);
    assert!(found >= 75, "4 of 7: {found} of 100");
    let found = hits(0x5EED_0202, &[1.0 / 1.2, 1.0, 1.0, 1.0, 1.0], 1, &[Verdict::Faster]);
    assert!(found >= 95, "1 of 5 is faster: {found} of 100");
}

#[test]
fn what_all_of_them_do_is_no_transports_doing() {
    let found = hits(0x5EED_0300, &[1.3; 7], 1, &[]);
    assert!(found >= 95, "{found} of 100");
}

#[test]
fn a_single_transport_needs_more_than_a_single_run() {
    use Verdict::Slower;
    let alone = hits(0x5EED_0400, &[1.3], 1, &[Slower]);
    let eight = hits(0x5EED_0401, &[1.3], 12, &[Slower]);
    assert!(eight >= 90, "12 files each: {eight} of 100");
    assert!(alone < eight, "one file each: {alone} of 100");
}

#[test]
fn a_round_that_one_file_lacks_is_a_line_without_that_case() {
    let mut sides = [cases(4), cases(4)];
    let mut noise = Noise(7);
    run(&mut noise, &mut sides[0], &[1.0; 4], 0);
    run(&mut noise, &mut sides[1], &[1.0; 4], 0);
    sides[1][2].measured[0].rounds.drain(5..);
    let group = Group { cases: sides[0].iter().zip(&sides[1]).collect() };
    let findings = group.findings(unseen(Metric::Median), 0.01);
    for evidence in findings.cases {
        let shift = evidence.expect("numbers").shift.estimate;
        assert!(shift.abs() < 0.06, "{shift}");
    }
}
