//! Columns side by side that mostly agree: the two IP versions of a transport, and the two namings of
//! a Unix one. They share a column of the table, and a line of their own shows where they differ.

use crate::behaviour::column::{Column, Naming};
use crate::behaviour::expectation::numberless;
use crate::report::check::{Judged, Report, Status};
use crate::transport::Family;

/// Columns that share one column of the table.
#[derive(Clone, Debug)]
pub(super) struct Bundle {
    /// What stands above it.
    pub label: String,
    /// The first of them is shown; the others where they differ from it.
    pub members: Vec<Column>,
}

/// What tells the others of a bundle from its first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Variant {
    Ipv6,
    Abstract,
}

impl Variant {
    pub(super) const ALL: [Self; 2] = [Self::Ipv6, Self::Abstract];

    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::Ipv6 => "  over IPv6",
            Self::Abstract => "  by abstract name",
        }
    }

    /// The same where there is little room.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Ipv6 => "IPv6",
            Self::Abstract => "abstract",
        }
    }

    fn is(self, column: &Column) -> bool {
        match self {
            Self::Ipv6 => column.transport.family == Family::Ipv6,
            Self::Abstract => column.naming == Some(Naming::Abstract),
        }
    }
}

/// The bundles of the columns that work, in the user's order.
pub(super) fn bundles(report: &Report) -> Vec<Bundle> {
    let mut bundles: Vec<Bundle> = Vec::new();
    for column in report.working() {
        match bundles.iter_mut().find(|bundle| belongs(&column, &bundle.members[0])) {
            Some(bundle) => bundle.members.push(column),
            None => bundles.push(Bundle { label: String::new(), members: vec![column] }),
        }
    }
    let mut unix = false;
    for bundle in &mut bundles {
        // The one that the others are told from comes first, however the user ordered them.
        bundle.members.sort_by_key(|column| {
            (column.transport.family == Family::Ipv6, column.naming == Some(Naming::Abstract))
        });
        // "unix-" is said once.
        bundle.label = label(bundle, unix);
        unix = bundle.members[0].naming.is_some();
    }
    bundles
}

fn belongs(column: &Column, first: &Column) -> bool {
    column.transport == first.transport
        || column.transport.ipv4_twin() == Some(first.transport)
        || first.transport.ipv4_twin() == Some(column.transport)
}

fn label(bundle: &Bundle, after_unix: bool) -> String {
    let first = bundle.members[0].transport;
    let pair = bundle.members.iter().any(|column| column.transport != first);
    if pair {
        // The name without the IP version, which it has two of.
        return first.name.trim_end_matches(|letter: char| letter.is_ascii_digit()).to_owned();
    }
    let name = first.name.replace("seqpacket", "seqpkt");
    let short = name.split_once('-').filter(|_| after_unix && bundle.members[0].naming.is_some());
    short.map_or(name.clone(), |(_, kind)| kind.to_owned())
}

/// The cell of a column, among those of a check.
fn cell<'a>(cells: &'a [Judged], column: &Column) -> Option<&'a Judged> {
    cells.iter().find(|cell| cell.task.column == *column)
}

/// What the first member of a bundle shows of a check, of which these are the cells; None where it has
/// nothing to do with it.
pub(super) fn shown<'a>(cells: &'a [Judged], bundle: &Bundle) -> Option<&'a Judged> {
    cell(cells, bundle.members.first()?)
}

/// What the other member of a bundle shows, where that is something else.
pub(super) fn differing<'a>(
    cells: &'a [Judged],
    bundle: &Bundle,
    variant: Variant,
) -> Option<&'a Judged> {
    let first = shown(cells, bundle)?;
    let other = bundle.members.iter().skip(1).find(|column| variant.is(column))?;
    let other = cell(cells, other)?;
    // A number that may vary is no difference.
    let varies = [first, other].iter().any(|cell| cell.status == Status::Varies);
    let alike = first.short == other.short
        || (varies && numberless(&first.short) == numberless(&other.short));
    (!alike).then_some(other)
}

/// What stands where nothing can be said.
pub(super) const NOTHING: &str = "·";

/// All that a bundle says of a check: its first member's cell, then those that show something else.
pub(super) fn said<'a>(
    cells: &'a [Judged],
    bundle: &Bundle,
) -> Vec<(Option<Variant>, Option<&'a Judged>)> {
    let others = Variant::ALL.into_iter().filter_map(|variant| {
        differing(cells, bundle, variant).map(|cell| (Some(variant), Some(cell)))
    });
    std::iter::once((None, shown(cells, bundle))).chain(others).collect()
}

/// A cell's few letters.
pub(super) fn short(cell: Option<&Judged>) -> &str {
    cell.map_or(NOTHING, |cell| &cell.short)
}
