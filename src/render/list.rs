//! The list of transports, in every format.

use super::junit::{self, Case, Outcome, Suite};
use super::paint::{Tone, wrap};
use super::troubles::Trouble;
use super::{markdown, page};
use crate::cli::value::Format;
use crate::report::Problem;
use crate::transport::{Kind, Transport};
use comfy_table::Table;
use serde_json::json;

/// A transport and what keeps it from working here.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The transport.
    pub transport: &'static Transport,
    /// Why it does not work, if it does not.
    pub problem: Option<Problem>,
}

/// The list in a format. `level` is how much to say: -1 nothing but the names that are ready.
#[must_use]
pub fn render(
    entries: &[Entry],
    format: Format,
    width: Option<usize>,
    level: i32,
    exit_code: u8,
) -> String {
    match format {
        Format::Table if level < 0 => names(entries),
        Format::Csv => csv(entries),
        Format::Json => document(entries, exit_code),
        Format::Markdown => markdown(entries),
        Format::Html => html(entries),
        Format::Junit => junit(entries),
        // The other forms are refused before anything is tried.
        _ => table(entries, width, level),
    }
}

fn names(entries: &[Entry]) -> String {
    let ready = entries.iter().filter(|entry| entry.problem.is_none());
    ready.flat_map(|entry| [entry.transport.name, "\n"]).collect()
}

const fn kind_word(kind: Kind) -> &'static str {
    match kind {
        Kind::Stream => "stream",
        Kind::Datagram => "datagram",
        Kind::SeqPacket => "packet",
        Kind::Raw => "raw",
    }
}

fn table(entries: &[Entry], width: Option<usize>, level: i32) -> String {
    let mut text = format!("{}; * = in the default run\n\n", headline(entries));
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_header(["", "NAME", "READY", "KIND", "ADDRESS", "WHY NOT"]);
    for Entry { transport, problem } in entries {
        table.add_row([
            if transport.in_default { "*" } else { "" }.to_owned(),
            transport.name.to_owned(),
            if problem.is_none() { "yes" } else { "no" }.to_owned(),
            kind_word(transport.kind).to_owned(),
            transport.address_form().to_owned(),
            problem.as_ref().map_or_else(String::new, reason),
        ]);
    }
    for (index, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, if index == 0 { 1 } else { 2 }));
    }
    for line in table.lines() {
        // The last column may be cut off by nobody but the reader: it wraps below itself.
        text.push_str(&wrap(format!("  {line}").trim_end(), width, 8));
        text.push('\n');
    }
    text.push_str(&remedies(entries, width));
    if level > 0 {
        text.push('\n');
        for Entry { transport, .. } in entries {
            text.push_str(&wrap(
                &format!("  {:16} {}", transport.name, transport.about),
                width,
                19,
            ));
            text.push('\n');
        }
    }
    text
}

fn reason(problem: &Problem) -> String {
    let errno = problem.errno_name.as_deref().unwrap_or("?");
    let call = problem.call.as_deref().unwrap_or("?");
    format!("{errno} at {call}: {}", problem.meaning)
}

/// How many are ready, all of them, and what helps.
fn markdown(entries: &[Entry]) -> String {
    [
        markdown::answer(&headline(entries)),
        markdown::table(&headings(), entries.iter().map(cells)),
        markdown::troubles(troubles(entries)),
    ]
    .concat()
}

/// The same as a page, with what each transport is.
fn html(entries: &[Entry]) -> String {
    let ready = entries.iter().any(|entry| entry.problem.is_none());
    let line = |entry: &Entry| {
        let colour = if entry.problem.is_none() { "" } else { page::class(Tone::Doubtful) };
        page::Line::of(colour, &cells(entry))
    };
    let about =
        |Entry { transport, .. }: &Entry| (transport.name.to_owned(), transport.about.to_owned());
    let body = [
        page::answer(if ready { Tone::Good } else { Tone::Doubtful }, &headline(entries)),
        page::table("Every transport", &headings(), entries.iter().map(line)),
        page::troubles(troubles(entries)),
        page::folded("What they are", &page::named(entries.iter().map(about))),
    ];
    page::page("sockeye list", "", &page::around("section", "", &body.concat()))
}

fn headings() -> [(String, bool); 5] {
    ["transport", "ready", "kind", "address", "why not"].map(|title| (title.to_owned(), false))
}

fn cells(Entry { transport, problem }: &Entry) -> Vec<String> {
    vec![
        transport.name.to_owned(),
        if problem.is_none() { "yes" } else { "no" }.to_owned(),
        kind_word(transport.kind).to_owned(),
        transport.address_form().to_owned(),
        problem.as_ref().map_or_else(String::new, reason),
    ]
}

fn troubles(entries: &[Entry]) -> impl Iterator<Item = Trouble> {
    entries.iter().filter_map(|Entry { transport, problem }| {
        let problem = problem.as_ref()?;
        let (what, hint) = (problem.meaning.clone(), problem.hint.clone());
        Some(Trouble { whom: transport.name.to_owned(), what, hint })
    })
}

fn headline(entries: &[Entry]) -> String {
    let ready = entries.iter().filter(|entry| entry.problem.is_none()).count();
    format!("{ready} of {} transports are ready", entries.len())
}

/// A case a transport; what is not there is skipped.
fn junit(entries: &[Entry]) -> String {
    let case = |Entry { transport, problem }: &Entry| Case {
        class: "sockeye.list".to_owned(),
        name: transport.name.to_owned(),
        took: None,
        outcome: match problem {
            None => Outcome::Passed,
            Some(p) => Outcome::Skipped(format!("{}; what helps: {}", reason(p), p.hint)),
        },
        lines: Vec::new(),
    };
    let suite = Suite {
        name: "sockeye list".to_owned(),
        started: None,
        properties: Vec::new(),
        cases: entries.iter().map(case).collect(),
    };
    junit::render("sockeye list", None, &[suite])
}

/// What helps, each remedy once, in full: it is there to be pasted.
fn remedies(entries: &[Entry], width: Option<usize>) -> String {
    let mut remedies: Vec<(&str, Vec<&str>)> = Vec::new();
    for Entry { transport, problem } in entries {
        let Some(problem) = problem else { continue };
        match remedies.iter_mut().find(|(hint, _)| *hint == problem.hint) {
            Some((_, names)) => names.push(transport.name),
            None => remedies.push((&problem.hint, vec![transport.name])),
        }
    }
    if remedies.is_empty() {
        return String::new();
    }
    let lines = remedies
        .iter()
        .map(|(hint, names)| wrap(&format!("    {}: {hint}", names.join(", ")), width, 6) + "\n");
    format!("\n  what helps:\n{}", lines.collect::<String>())
}

fn csv(entries: &[Entry]) -> String {
    let mut text = "transport,ready,family,type,default,call,errno,meaning,hint\r\n".to_owned();
    for Entry { transport, problem } in entries {
        let problem = problem.as_ref();
        let words = [
            transport.name.to_owned(),
            problem.is_none().to_string(),
            transport.family.word().to_owned(),
            transport.kind.word().to_owned(),
            transport.in_default.to_string(),
            problem.and_then(|p| p.call.clone()).unwrap_or_default(),
            problem.and_then(|p| p.errno_name.clone()).unwrap_or_default(),
            problem.map(|p| p.meaning.clone()).unwrap_or_default(),
            problem.map(|p| p.hint.clone()).unwrap_or_default(),
        ];
        text.push_str(&words.map(|word| super::csv::field(&word)).join(","));
        text.push_str("\r\n");
    }
    text
}

fn document(entries: &[Entry], exit_code: u8) -> String {
    let transports: Vec<_> = entries
        .iter()
        .map(|Entry { transport, problem }| {
            json!({
                "transport": transport.name,
                "ready": problem.is_none(),
                "family": transport.family.word(),
                "type": transport.kind.word(),
                "default": transport.in_default,
                "about": transport.about,
                "error": problem.as_ref().map(|problem| json!({
                    "syscall": problem.call,
                    "errno": problem.errno,
                    "errno_name": problem.errno_name,
                    "message": problem.message,
                    "meaning": problem.meaning,
                    "hint": problem.hint,
                })),
            })
        })
        .collect();
    let document = json!({
        "schema": "sockeye.list/1",
        "exit_code": exit_code,
        "transports": transports,
    });
    format!("{document:#}\n")
}
