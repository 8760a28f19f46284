//! What `-v` adds: every case with what it cost, the settings, the machine.

use super::Look;
use super::columns::{ALL, Value};
use super::paint::{tame, wrap};
use crate::report::words::{ratio, time};
use crate::report::{Report, Row};
use comfy_table::Table;

/// The blocks of details.
#[must_use]
pub fn render(report: &Report, look: &Look) -> Vec<String> {
    let mut blocks = vec![
        cases(report, look),
        costs(report, look),
        settings(report, look),
        machine(report, look),
    ];
    if look.detail >= 2 {
        blocks.push(calls(report, look));
    }
    blocks.retain(|block| !block.is_empty());
    blocks
}

fn cases(report: &Report, look: &Look) -> String {
    let columns: Vec<_> = ALL.iter().filter(|column| !column.title.is_empty()).collect();
    let cells = |row: &Row| columns.iter().map(|c| shown(&(c.value)(row))).collect::<Vec<_>>();
    let rows = measured(report).map(cells).collect();
    table(columns.iter().map(|column| column.title.to_owned()).collect(), rows, look)
}

fn measured(report: &Report) -> impl Iterator<Item = &Row> {
    report.rows.iter().filter(|row| row.round_trips.is_some())
}

fn shown(value: &Value) -> String {
    match value {
        Value::Absent => "-".to_owned(),
        Value::Text(words) => tame(words),
        Value::Count(number) => crate::echo::fault::grouped(*number),
        Value::Time(ns) => time(*ns),
        Value::Ratio(value) => ratio(*value, None),
    }
}

/// CPU time and switches of one echo: the client's from the echoes that count, the peer's from all
/// that it answered, which is why warm-ups are in neither number's favour.
fn costs(report: &Report, look: &Look) -> String {
    let header = [
        "TRANSPORT",
        "PLACE",
        "CPUS",
        "CLIENT CPU/ECHO",
        "SWITCHES",
        "FORCED",
        "BUFFERS",
        "ADDRESS",
    ];
    let rows = measured(report).map(|row| {
        let echoes = row.exchanges.max(1);
        let client = row.client_usage;
        let per = |count: u64| {
            format!(
                "{:.2}",
                crate::measure::samples::to_f64(count) / crate::measure::samples::to_f64(echoes)
            )
        };
        vec![
            row.case.label.clone(),
            row.case.seats.place.word().to_owned(),
            row.case.seats.cpus.map_or("any".to_owned(), |(a, b)| format!("{a},{b}")),
            time((client.user_ns + client.system_ns) / echoes),
            per(client.voluntary_switches),
            per(client.involuntary_switches),
            row.buffers.map_or("-".to_owned(), |(send, receive)| format!("{send}/{receive}")),
            row.address.as_deref().map_or("-".to_owned(), tame),
        ]
    });
    table(header.map(ToOwned::to_owned).to_vec(), rows.collect(), look)
}

/// A table without the columns, from the right, that the terminal has no room for.
fn table(header: Vec<String>, rows: Vec<Vec<String>>, look: &Look) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([header[column].chars().count()]).max().unwrap_or(0) + 2
    };
    let mut used = 2;
    let fits = |column: &usize| {
        used += width(*column);
        look.width.is_none_or(|room| used <= room + 2)
    };
    let kept = (0..header.len()).take_while(fits).count().max(2);
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_header(header.into_iter().take(kept));
    for row in rows {
        table.add_row(row.into_iter().take(kept));
    }
    super::numbers(table)
}

fn settings(report: &Report, look: &Look) -> String {
    let mut words: Vec<_> = report
        .about
        .settings
        .iter()
        .map(|setting| {
            let value = super::facts::in_words(setting);
            let source = if setting.source == "default" {
                String::new()
            } else {
                format!(" ({})", setting.source)
            };
            format!("{} {value}{source}", setting.name)
        })
        .collect();
    words.push(format!(
        "took {}",
        time(u64::try_from(report.about.duration.as_nanos()).unwrap_or(u64::MAX))
    ));
    wrap(&look.letters(&format!("  settings: {}", tame(&words.join(", ")))), look.width, 4)
}

fn machine(report: &Report, look: &Look) -> String {
    let facts = super::facts::machine(&report.about.environment);
    let words: Vec<_> = facts
        .iter()
        .map(|fact| {
            let between = if fact.of.is_some() { '=' } else { ' ' };
            format!("{}{between}{}", fact.name, fact.value)
        })
        .collect();
    if words.is_empty() {
        return String::new();
    }
    wrap(&format!("  machine: {}", tame(&words.join(", "))), look.width, 4)
}

/// The calls that one echo is made of.
fn calls(report: &Report, look: &Look) -> String {
    let mut lines: Vec<String> = Vec::new();
    for row in &report.rows {
        let case = &row.case;
        let line =
            format!("  {}  {}", case.transport.name, crate::echo::calls(case.transport, case.wait));
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines.iter().map(|line| wrap(line, look.width, 6)).collect::<Vec<_>>().join("\n")
}
