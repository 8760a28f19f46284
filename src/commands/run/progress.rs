//! The line on standard error that says how far a run is. It is drawn between two visits only, never
//! by a thread or a timer: whatever runs while a round is measured is measured with it.

use crate::cli::Common;
use crate::console::{Console, locale_is_ascii};
use crate::measure::plan::{Amount, Plan};
use crate::measure::rounds::Progress;
use crate::render::paint::ascii;
use std::time::{Duration, Instant};

/// As often as eyes can follow.
const REDRAW: Duration = Duration::from_millis(100);
const WHEEL: [char; 10] = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const PLAIN_WHEEL: [char; 4] = ['|', '/', '-', '\\'];

/// The progress line.
pub(super) struct Display<'a, 'b> {
    console: &'a mut Console<'b>,
    shown: bool,
    drawn: Option<Instant>,
    turn: usize,
    ascii: bool,
    budget: Option<Duration>,
}

impl<'a, 'b> Display<'a, 'b> {
    pub(super) fn new(console: &'a mut Console<'b>, common: &Common, plan: &Plan) -> Self {
        let shown = common.quiet == 0 && console.err.animated(common.progress);
        let budget = match plan.amount {
            Amount::Time(time) => Some(time),
            Amount::Count(_) => None,
        };
        let mut display = Self {
            console,
            shown,
            drawn: None,
            turn: 0,
            ascii: common.ascii || locale_is_ascii(),
            budget,
        };
        display.show(&Progress {
            round: 0,
            rounds: plan.rounds,
            label: "",
            elapsed: Duration::ZERO,
        });
        display
    }

    pub(super) fn show(&mut self, progress: &Progress<'_>) {
        if !self.shown || self.drawn.is_some_and(|drawn| drawn.elapsed() < REDRAW) {
            return;
        }
        self.drawn = Some(Instant::now());
        self.turn += 1;
        let width = self.console.err.columns.unwrap_or(80);
        let line: String = self.line(progress).chars().take(width.saturating_sub(1)).collect();
        self.console.tell(&format!("\r{line}\x1b[K"));
    }

    fn line(&self, progress: &Progress<'_>) -> String {
        let seconds = |time: Duration| format!("{:.1} s", time.as_secs_f64());
        let mut parts = vec![
            match progress.round {
                0 => "looking around".to_owned(),
                round => format!("round {round} of {}", progress.rounds),
            },
            match self.budget {
                Some(budget) => {
                    format!("{} of about {}", seconds(progress.elapsed), seconds(budget))
                }
                None => seconds(progress.elapsed),
            },
        ];
        if !progress.label.is_empty() {
            parts.push(progress.label.to_owned());
        }
        parts.push("Ctrl-C keeps results".to_owned());
        let text = parts.join(" · ");
        if self.ascii {
            format!("{} {}", PLAIN_WHEEL[self.turn % PLAIN_WHEEL.len()], ascii(&text))
        } else {
            format!("{} {text}", WHEEL[self.turn % WHEEL.len()])
        }
    }

    /// Takes the line away; the answer stands in its place.
    pub(super) fn clear(&mut self) {
        if self.shown && self.drawn.is_some() {
            self.console.tell("\r\x1b[K");
        }
    }
}
