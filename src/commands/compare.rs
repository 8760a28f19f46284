//! `compare`: results that were kept, old against new, and an exit code that says whether it got worse.

use super::run::look;
use super::{open_files, write_files};
use crate::Exit;
use crate::cli::compare::CompareFlags;
use crate::cli::parse::{Complaint, Invocation};
use crate::compare::answer::answer;
use crate::compare::{Comparison, Found, Options, Source, checks, pings, runs, side};
use crate::console::Console;
use crate::render::Look;
use crate::render::compare::render;
use crate::render::paint::tame;
use crate::saved::{Document, Kind, files};
use std::collections::HashSet;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::{Instant, SystemTime};

/// The files of each side.
type Sides = [Vec<PathBuf>; 2];

/// Reads, compares, reports, and says how to exit.
pub(super) fn run(
    flags: &CompareFlags,
    invocation: &Invocation,
    args: &[OsString],
    console: &mut Console<'_>,
) -> anyhow::Result<Exit> {
    let (started, clock) = (SystemTime::now(), Instant::now());
    super::require_forms(invocation, "compare")?;
    let sides = sides(flags)?;
    let options = Options {
        limit: flags.limit,
        metric: flags.metric,
        fail_on: flags.fail_on,
        strict: flags.strict,
    };
    let (of, [base, new], found) = compared(&sides, &options)?;
    // Only now: a signal that ends the reading leaves nothing behind.
    let outputs = open_files(invocation, "compare")?;
    let comparison = Comparison {
        argv: args.iter().map(|arg| arg.to_string_lossy().into_owned()).collect(),
        started,
        duration: clock.elapsed(),
        of: of.command(),
        base,
        new,
        answer: answer(&found, &options),
        exit_code: found.exit_code(&options),
        found,
        options,
    };
    let look = look(invocation, console);
    let plain = Look { width: None, height: None, colour: false, ..look.clone() };
    let printed = match look.detail {
        ..=-2 => Ok(()),
        _ => console.print(&render(&comparison, super::format(invocation), &look)),
    };
    printed.and(write_files(outputs, |format| render(&comparison, format, &plain)))?;
    Ok(Exit::with(comparison.exit_code))
}

/// Which files are old and which are new.
fn sides(flags: &CompareFlags) -> Result<Sides, Complaint> {
    let [base, new] = match (flags.files.as_slice(), flags.vs.as_slice()) {
        ([base, new], []) => [vec![base.clone()], vec![new.clone()]],
        (base, []) => return Err(unsorted(base)),
        (base, new) => [base.to_vec(), new.to_vec()],
    };
    let sides = [files::expanded(&base)?, files::expanded(&new)?];
    if sides.iter().flatten().filter(|path| path.as_os_str() == "-").count() > 1 {
        return Err(Complaint::new(
            "standard input can be read only once",
            "sockeye compare old.json -",
        ));
    }
    sides.iter().try_for_each(|side| once(side))?;
    Ok(sides)
}

/// Refuses a file that a side has twice: it would count as two runs, and make intervals tighter than
/// what was measured. A link is the file that it points to.
fn once(side: &[PathBuf]) -> Result<(), Complaint> {
    let mut known = HashSet::new();
    for path in side {
        let same = std::fs::canonicalize(path).unwrap_or_else(|_| path.clone());
        if !known.insert(same) {
            let name = tame(&path.display().to_string());
            return Err(Complaint::new(
                format!("'{name}' is there twice on one side, and would count as two runs"),
                "name each result once",
            ));
        }
    }
    Ok(())
}

/// What would have been right, to be pasted.
fn unsorted(files: &[PathBuf]) -> Complaint {
    let words: Vec<_> = files.iter().map(|file| crate::shell::path(file)).collect();
    match words.as_slice() {
        [only] => Complaint::new(
            "there is nothing to compare it with: compare takes old results and new ones",
            format!("sockeye -o new.json && sockeye compare {only} new.json"),
        ),
        [old @ .., new] => Complaint::new(
            format!("which of these {} files are old, and which are new?", words.len()),
            format!("sockeye compare {} --vs {new}", old.join(" ")),
        ),
        [] => Complaint::new("there is nothing to compare", "sockeye compare old.json new.json"),
    }
}

/// What was compared, the files, and what was found.
type Compared = (Kind, [Vec<Source>; 2], Found);

/// Reads both sides and compares them as what they hold.
fn compared(paths: &Sides, options: &Options) -> Result<Compared, Complaint> {
    let first = Document::open(paths[0].first().ok_or_else(nothing)?)?;
    let (files, found) = match first.kind {
        Kind::Run => {
            let sides = read(&first, paths, |side: &mut side::Side, document| {
                side.add(document.name.clone(), document.run()?, options.metric);
                Ok(())
            })?;
            let found = runs::compare(&sides[0], &sides[1], options);
            (sides.map(|side| side.files), found)
        }
        Kind::Check => {
            let sides = read(&first, paths, |side: &mut checks::Side, document| {
                side.add(document.name.clone(), document.parse()?);
                Ok(())
            })?;
            let found = checks::compare(&sides[0], &sides[1]);
            (sides.map(|side| side.files), found)
        }
        Kind::Ping => {
            let sides = read(&first, paths, |side: &mut pings::Side, document| {
                side.add(document.name.clone(), document.parse()?);
                Ok(())
            })?;
            let found = pings::compare(&sides[0], &sides[1]);
            (sides.map(|side| side.files), found)
        }
    };
    Ok((first.kind, files, found.map_err(|ids| apart(&ids))?))
}

/// Reads file by file, for a thousand of them do not fit into memory at once. The first one is open: it
/// may be standard input.
fn read<Side: Default>(
    first: &Document,
    paths: &Sides,
    mut add: impl FnMut(&mut Side, &Document) -> Result<(), Complaint>,
) -> Result<[Side; 2], Complaint> {
    let mut sides = [Side::default(), Side::default()];
    add(&mut sides[0], first)?;
    let old = paths[0].iter().skip(1).map(|path| (0, path));
    for (at, path) in old.chain(paths[1].iter().map(|path| (1, path))) {
        let document = Document::open(path)?;
        if document.kind != first.kind {
            return Err(mixed(first, &document));
        }
        add(&mut sides[at], &document)?;
    }
    Ok(sides)
}

fn mixed(first: &Document, other: &Document) -> Complaint {
    let (one, another) = (first.kind.command(), other.kind.command());
    Complaint::new(
        format!(
            "{} holds what sockeye {one} found, and {} what sockeye {another} found",
            first.name, other.name
        ),
        format!("compare like with like: sockeye {one} -o new.json"),
    )
}

fn nothing() -> Complaint {
    Complaint::new("there is nothing to compare", "sockeye compare old.json new.json")
}

/// The two sides have nothing in common.
fn apart(ids: &[Vec<String>; 2]) -> Complaint {
    let side = |ids: &Vec<String>| match ids.as_slice() {
        [] => "nothing".to_owned(),
        [first, second, third, more @ ..] if !more.is_empty() => {
            format!("{first}, {second}, {third} and {} more", more.len())
        }
        few => crate::report::words::listed(few),
    };
    let what = format!(
        "the two sides have nothing in common: before {}; now {}",
        side(&ids[0]),
        side(&ids[1])
    );
    Complaint::new(
        tame(&what),
        "both need a transport with the same size, place and wait: sockeye -o new.json",
    )
}
