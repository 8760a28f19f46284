//! The comparison table: which columns stand in it at a width, and what its cells say. A transport is
//! a row; its cases stand side by side, by place, or by size where there are several sizes.

use super::Look;
use super::strip::Axis;
use crate::cli::quantity::bytes_words;
use crate::cli::value::Percentile;
use crate::measure::plan::Place;
use crate::report::words::{Scale, decimals_of_ratio, round_up};
use crate::report::{Report, Row, Status, Verdict};
use crate::stats::Histogram;
use comfy_table::{CellAlignment, Table};

/// One set of cases that stand side by side in a row.
#[derive(Clone, Debug)]
struct Group {
    title: String,
    place: Place,
    size: usize,
}

/// What a table may show beside the medians, if there is room, in this order.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Extra {
    HalfWidth,
    Relative,
    At(Percentile),
    Strip,
    Rate,
}

/// From here on there is room for the strips.
const STRIP_FROM: usize = 100;
const STRIP_CELLS: usize = 24;
const INDENT: usize = 2;
/// Where lines may be as long as they are, the table is as wide as this.
const UNBOUNDED: usize = 80;

/// The tables of a report, each a block of lines; usually one.
#[must_use]
pub fn tables(report: &Report, look: &Look) -> Vec<String> {
    let width = look.width.unwrap_or(UNBOUNDED);
    let mut tables = Vec::new();
    if report.rows.iter().all(|row| row.round_trips.is_none() && row.status != Status::Skipped) {
        return tables;
    }
    for groups in blocks(report) {
        let mut rest = groups.as_slice();
        while !rest.is_empty() {
            // As many side by side as fit with nothing but their medians.
            let fitting = (1..=rest.len())
                .rev()
                .find(|n| Grid::new(report, &rest[..*n], look, &[]).width() <= width);
            let (now, later) = rest.split_at(fitting.unwrap_or(1));
            tables.push(widest(report, now, look, width).render());
            rest = later;
        }
    }
    tables
}

fn blocks(report: &Report) -> Vec<Vec<Group>> {
    let (places, sizes) = (&report.about.places, &report.about.sizes);
    let group = |place: Place, size: usize| {
        // Several sizes stand side by side, and their place above them.
        let title = if sizes.len() > 1 {
            bytes_words(size)
        } else {
            place.phrase().to_uppercase().replace("CPUS", "CPUs")
        };
        Group { title, place, size }
    };
    if sizes.len() > 1 {
        places.iter().map(|p| sizes.iter().map(|s| group(*p, *s)).collect()).collect()
    } else {
        let size = sizes.first().copied().unwrap_or_default();
        vec![places.iter().map(|place| group(*place, size)).collect()]
    }
}

/// The grid with all the extras that there is room for.
fn widest<'a>(report: &'a Report, groups: &'a [Group], look: &'a Look, width: usize) -> Grid<'a> {
    let mut chosen = Vec::new();
    for extra in wishes(look, width) {
        chosen.push(extra);
        if Grid::new(report, groups, look, &chosen).width() > width {
            chosen.pop();
            // What is less important does not take the place of a percentile that is too wide.
            if matches!(extra, Extra::At(_)) {
                break;
            }
        }
    }
    Grid::new(report, groups, look, &chosen)
}

fn wishes(look: &Look, width: usize) -> Vec<Extra> {
    let mut wishes = vec![Extra::HalfWidth, Extra::Relative];
    let mut percentiles = look.percentiles.0.iter().copied().map(Extra::At);
    if look.percentiles_are_chosen {
        wishes.extend(percentiles.by_ref());
    }
    wishes.extend(percentiles.next());
    if width >= STRIP_FROM {
        wishes.push(Extra::Strip);
    }
    wishes.extend(percentiles);
    if !look.percentiles_are_chosen {
        wishes.extend([99.9, 90.0].map(|percent| Extra::At(Percentile::At(percent))));
        wishes.extend([Extra::At(Percentile::Min), Extra::Rate]);
    }
    wishes
}

/// A table's cells.
struct Grid<'a> {
    header: Vec<String>,
    left: Vec<bool>,
    rows: Vec<Vec<String>>,
    report: &'a Report,
    groups: &'a [Group],
    look: &'a Look,
}

impl<'a> Grid<'a> {
    fn new(report: &'a Report, groups: &'a [Group], look: &'a Look, extras: &[Extra]) -> Self {
        let mut labels: Vec<&str> = Vec::new();
        for row in &report.rows {
            if !labels.contains(&row.case.label.as_str()) {
                labels.push(&row.case.label);
            }
        }
        let mut grid = Self {
            header: Vec::new(),
            left: Vec::new(),
            rows: labels.iter().map(|_| Vec::new()).collect(),
            report,
            groups,
            look,
        };
        let several = report.about.sizes.len() > 1;
        let place = groups.first().filter(|_| several).map_or("", |group| group.place.phrase());
        grid.column(
            &[&place.to_uppercase().replace("CPUS", "CPUs"), "TRANSPORT"],
            true,
            labels.iter().map(|label| (*label).to_owned()),
        );
        for group in groups {
            grid.group(group, &labels, look, extras);
        }
        if extras.contains(&Extra::Relative) {
            grid.relative(&labels);
        }
        if extras.contains(&Extra::Strip) {
            grid.strips(&labels);
        }
        grid
    }

    fn column(&mut self, titles: &[&str], left: bool, cells: impl Iterator<Item = String>) {
        self.header.push(self.look.letters(&titles.join("\n")));
        self.left.push(left);
        for (row, cell) in self.rows.iter_mut().zip(cells) {
            row.push(self.look.letters(&cell));
        }
    }

    fn cell(&self, label: &str, group: &Group) -> Option<&'a Row> {
        self.report.at(group.place, group.size).find(|row| row.case.label == label)
    }

    fn group(&mut self, group: &Group, labels: &[&str], look: &Look, extras: &[Extra]) {
        let rows: Vec<_> = labels.iter().map(|label| self.cell(label, group)).collect();
        // One unit for the whole table: the one that suits its smallest median.
        let smallest = self.report.rows.iter().filter_map(Row::median).min().unwrap_or(1_000);
        let unit = Scale::for_smallest(smallest, look.unit).unit;
        let here = rows.iter().flatten().filter_map(|row| row.median()).min().unwrap_or(smallest);
        let scale = Scale::for_smallest(here, Some(unit));
        let top = format!("{} {}", group.title, unit.name);
        let half = extras.contains(&Extra::HalfWidth);
        let medians = rows.iter().map(|row| median_cell(*row, scale, half));
        self.column(&[&top, "MEDIAN"], false, medians);
        let mut percentiles: Vec<_> = extras
            .iter()
            .filter_map(|extra| match extra {
                Extra::At(percentile) => Some(*percentile),
                _ => None,
            })
            .collect();
        percentiles.sort_by(|a, b| order_of(*a).total_cmp(&order_of(*b)));
        for percentile in percentiles {
            // The further out, the fewer digits mean anything.
            let (title, coarser) = match percentile {
                Percentile::Min => ("MIN".to_owned(), 0),
                Percentile::At(percent) => (format!("P{percent}"), usize::from(percent > 95.0)),
                Percentile::Max => ("MAX".to_owned(), 2),
            };
            let values = rows.iter().flatten().filter_map(|row| percentile_of(row, percentile));
            let smallest = values.min().unwrap_or(smallest);
            let scale = Scale::for_smallest(smallest, Some(unit)).coarser(coarser);
            let cells = rows.iter().map(|row| percentile_cell(*row, percentile, scale));
            self.column(&["", &title], false, cells);
        }
        if extras.contains(&Extra::Rate) {
            let rate = |row: Option<&Row>| {
                let median = row.and_then(Row::median).filter(|ns| *ns > 0);
                median
                    .map_or_else(String::new, |ns| crate::echo::fault::grouped(1_000_000_000 / ns))
            };
            self.column(&["", "ECHO/s"], false, rows.iter().copied().map(rate));
        }
    }

    fn relative(&mut self, labels: &[&str]) {
        let Some(group) = self.groups.first() else { return };
        let rows: Vec<_> = labels.iter().map(|label| self.cell(label, group)).collect();
        let relatives = || rows.iter().flatten().filter_map(|row| row.relative.as_ref());
        let Some(base) = relatives().next().map(|relative| relative.to.clone()) else { return };
        let best = rows.iter().flatten().filter(|row| row.median().is_some());
        let best = best.min_by_key(|row| row.median()).map(|row| &row.case.label);
        let fastest = best == Some(&base);
        let than = if fastest { "BEST" } else { base.as_str() };
        let title = format!("AS LONG AS {than}");
        let at = if self.groups.len() > 1 { group.title.as_str() } else { "" };
        let width = relatives().map(|r| ratio_text(r).chars().count()).max().unwrap_or(0);
        let cells: Vec<_> = rows
            .iter()
            .map(|row| {
                let relative = row.and_then(|row| row.relative.as_ref());
                relative.map_or_else(String::new, |relative| {
                    let word = match relative.verdict {
                        Verdict::Tie => "  tie",
                        Verdict::Unclear => "  unclear",
                        Verdict::Baseline | Verdict::Slower | Verdict::Faster => "",
                    };
                    format!("{:width$}{word}", ratio_text(relative)).trim_end().to_owned()
                })
            })
            .collect();
        self.column(&[at, &title], true, cells.into_iter());
    }

    fn strips(&mut self, labels: &[&str]) {
        let Some(group) = self.groups.first() else { return };
        let rows: Vec<_> = labels.iter().map(|label| self.cell(label, group)).collect();
        let measured = |row: &Row| row.round_trips.is_some();
        let histograms: Vec<&Histogram> =
            rows.iter().flatten().filter(|r| measured(r)).map(|row| &row.histogram).collect();
        let Some(axis) = Axis::over(&histograms, STRIP_CELLS) else { return };
        let cells: Vec<_> = rows
            .iter()
            .map(|row| {
                let row = row.filter(|row| measured(row));
                // Blanks at the end hold the column open: the axis is as wide as all strips.
                row.map_or_else(String::new, |row| axis.strip(&row.histogram))
            })
            .collect();
        let at = if self.groups.len() > 1 { group.title.as_str() } else { "" };
        self.column(&[at, &axis.labels()], true, cells.into_iter());
    }

    fn width(&self) -> usize {
        self.render().lines().map(|line| line.chars().count()).max().unwrap_or(0)
    }

    fn render(&self) -> String {
        let mut table = Table::new();
        table.load_style(comfy_table::presets::NOTHING);
        table.set_header(self.header.clone());
        for row in &self.rows {
            table.add_row(row.clone());
        }
        for (column, left) in table.column_iter_mut().zip(&self.left) {
            column.set_padding((0, 2));
            let side = if *left { CellAlignment::Left } else { CellAlignment::Right };
            column.set_cell_alignment(side);
        }
        let indent = " ".repeat(INDENT);
        let lines = table.lines().map(|line| format!("{indent}{line}").trim_end().to_owned());
        // A title line that says nothing is none.
        lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
    }
}

fn order_of(percentile: Percentile) -> f64 {
    match percentile {
        Percentile::Min => 0.0,
        Percentile::At(percent) => percent,
        Percentile::Max => 100.0,
    }
}

fn median_cell(row: Option<&Row>, scale: Scale, half: bool) -> String {
    let Some(row) = row else { return String::new() };
    if let Some(trips) = &row.round_trips {
        let median = &trips.median;
        return match median.half_width().filter(|_| half) {
            Some(width) => format!("{} ±{}", scale.number(median.value), scale.number_up(width)),
            None => scale.number(median.value),
        };
    }
    match (row.status, &row.problem) {
        (Status::Skipped, Some(problem)) => {
            let errno = problem.errno_name.as_deref().unwrap_or("too large");
            match row.limit() {
                Some(limit) => format!("{errno} >{limit}"),
                None => errno.to_owned(),
            }
        }
        (status, _) => status.shown().to_owned(),
    }
}

fn percentile_of(row: &Row, percentile: Percentile) -> Option<u64> {
    let trips = row.round_trips.as_ref()?;
    match percentile {
        Percentile::Min => Some(trips.min),
        Percentile::At(percent) => row.percentile(percent),
        Percentile::Max => Some(trips.max),
    }
}

fn percentile_cell(row: Option<&Row>, percentile: Percentile, scale: Scale) -> String {
    match row.filter(|row| row.round_trips.is_some()) {
        None => String::new(),
        // The largest has the fewest digits, and rounded down it could be less than a percentile.
        Some(row) => percentile_of(row, percentile).map_or_else(
            || "-".to_owned(),
            |ns| if percentile == Percentile::Max { scale.number_up(ns) } else { scale.number(ns) },
        ),
    }
}

fn ratio_text(relative: &crate::report::Relative) -> String {
    let Some(pair) = &relative.ratio else { return "1.00".to_owned() };
    let decimals = decimals_of_ratio(pair.ratio);
    match pair.interval {
        Some(interval) => {
            let half = interval.half_width_around(pair.ratio);
            format!("{:.decimals$} ±{}", pair.ratio, round_up(half, decimals))
        }
        None => format!("{:.decimals$}", pair.ratio),
    }
}
