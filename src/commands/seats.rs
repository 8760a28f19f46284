//! Where the two ends run: which CPUs a place means here.

use crate::cli::parse::{Complaint, Invocation};
use crate::cli::value::Cpus;
use crate::environment::{choose_pair, topology};
use crate::measure::plan::{Place, Seats};

/// Where the ends sit, and what to say if that is not what was asked for.
pub(super) fn seats(
    places: &[Place],
    cpus: Option<Cpus>,
    invocation: &Invocation,
    allowed: &[usize],
) -> Result<(Vec<Seats>, Option<String>), Complaint> {
    if let Some(Cpus { client, peer }) = cpus.filter(|_| !invocation.beaten("cpus", "place")) {
        if let Some(missing) = [client, peer].into_iter().find(|cpu| !allowed.contains(cpu)) {
            let list: Vec<_> = allowed.iter().map(ToString::to_string).collect();
            return Err(Complaint::new(
                format!(
                    "cannot use CPU {missing}{}: it is not there or not allowed",
                    invocation.origin("cpus")
                ),
                format!("allowed here: {}", list.join(",")),
            ));
        }
        let place = if client == peer { Place::Same } else { Place::Split };
        return Ok((vec![Seats { place, cpus: Some((client, peer)) }], None));
    }
    let pair = choose_pair(&topology(allowed));
    let one = pair.map(|pair| pair.0).or(allowed.first().copied()).unwrap_or(0);
    let seat = |place: &Place| match place {
        Place::Same => Some(Seats { place: *place, cpus: Some((one, one)) }),
        Place::Split => pair.map(|pair| Seats { place: *place, cpus: Some(pair) }),
        Place::Free => Some(Seats { place: *place, cpus: None }),
    };
    let seats: Vec<_> = places.iter().filter_map(seat).collect();
    if seats.is_empty() {
        return Err(Complaint::new(
            format!("cannot split the ends: CPU {one} is the only one allowed here"),
            "--place same",
        ));
    }
    let note = (seats.len() < places.len())
        .then(|| format!("CPU {one} is the only one allowed here: no second place"));
    Ok((seats, note))
}
