//! The machine in one line, for people.

use super::{Environment, sandbox};

/// The line is indented by two in a terminal of 80 columns.
const WIDTH: usize = 76;

/// A piece of the line. Where room is short, the pieces that matter least are put shortly first
/// and then left out first.
struct Piece {
    /// Its place in the line. A new ten begins after a dot, everything else after a comma.
    place: u8,
    text: String,
    short: Option<String>,
}

impl Environment {
    /// The machine in at most 76 columns, as in `Linux 6.18.44 x86_64 · AMD EPYC, 2 CPUs, VM ·
    /// retpolines · load 1.7`. What matters least is left out where room is short.
    #[must_use]
    pub fn sentence(&self) -> String {
        let mut pieces = self.pieces();
        for last in (0..pieces.len()).rev() {
            if !fits(&pieces)
                && let Some(short) = pieces[last].short.take()
            {
                pieces[last].text = short;
            }
        }
        while !fits(&pieces) && pieces.len() > 1 {
            pieces.pop();
        }
        join(&pieces).chars().take(WIDTH).collect()
    }

    /// What there is to say, what matters most first.
    fn pieces(&self) -> Vec<Piece> {
        let system = format!("Linux {} {}", short_release(&self.kernel), self.arch);
        let system = system.split_whitespace().collect::<Vec<_>>().join(" ");
        let count = if self.cpus == 1 { "1 CPU".to_owned() } else { format!("{} CPUs", self.cpus) };
        let layer = self.virtualization.as_deref().map(sandbox::label);
        let spectre = self.mitigations.get("spectre_v2");
        let piece = |place, text: Option<String>, short: Option<String>| {
            text.map(|text| Piece { place, text, short })
        };
        [
            piece(0, Some(system), None),
            piece(11, (self.cpus > 0).then_some(count), None),
            piece(12, layer.map(str::to_owned), layer.and_then(short_layer)),
            piece(10, self.cpu.as_deref().and_then(short_model), None),
            piece(13, self.container.clone(), None),
            piece(30, self.load1.map(|load| format!("load {load:.1}")), None),
            piece(14, self.governor.as_ref().map(|name| format!("governor {name}")), None),
            piece(20, spectre.map(|text| format!("spectre_v2 {}", short_mitigation(text))), {
                spectre
                    .filter(|text| text.starts_with(MITIGATED))
                    .map(|text| short_mitigation(text))
            }),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// In the order of their places.
fn join(pieces: &[Piece]) -> String {
    let mut placed: Vec<&Piece> = pieces.iter().collect();
    placed.sort_by_key(|piece| piece.place);
    let groups: Vec<String> = placed
        .chunk_by(|one, next| one.place / 10 == next.place / 10)
        .map(|group| group.iter().map(|piece| piece.text.as_str()).collect::<Vec<_>>().join(", "))
        .collect();
    groups.join(" · ")
}

fn fits(pieces: &[Piece]) -> bool {
    join(pieces).chars().count() <= WIDTH
}

/// The version alone: what a distribution appends is in the results.
fn short_release(release: &str) -> &str {
    let end = release.find(|letter: char| !letter.is_ascii_digit() && letter != '.');
    let version = release[..end.unwrap_or(release.len())].trim_end_matches('.');
    if version.is_empty() { release } else { version }
}

/// Words of a model's name that tell nothing.
const NOISE: &[&str] = &["CPU", "Processor", "processor"];

/// `Intel(R) Xeon(R) Platinum 8375C CPU @ 2.90GHz` is an Intel Xeon Platinum 8375C.
fn short_model(model: &str) -> Option<String> {
    let plain = model.replace("(R)", " ").replace("(TM)", " ").replace("(tm)", " ");
    let named = plain.split(" @ ").next()?.split(" with ").next()?;
    let told = |word: &&str| !NOISE.contains(word) && !word.ends_with("-Core");
    let words: Vec<&str> = named.split_whitespace().filter(told).collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// Every hypervisor's guest is a VM.
fn short_layer(label: &str) -> Option<String> {
    label.ends_with(" VM").then(|| "VM".to_owned())
}

/// How the kernel begins to tell of a flaw that it has an answer to.
const MITIGATED: &str = "Mitigation:";

/// `Mitigation: Retpolines; STIBP: disabled` is retpolines.
fn short_mitigation(text: &str) -> String {
    let first = text.split([';', ',']).next().unwrap_or(text);
    let told = first.strip_prefix(MITIGATED).unwrap_or(first);
    told.split_whitespace().map(without_capital).collect::<Vec<_>>().join(" ")
}

/// `Retpolines` loses its capital, `IBRS` keeps all of its own.
fn without_capital(word: &str) -> String {
    let all_capitals = word.chars().nth(1).is_some_and(char::is_uppercase);
    if all_capitals { word.to_owned() } else { word.to_lowercase() }
}
