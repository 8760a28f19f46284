//! `compare`: results that were kept, old against new, and an exit code that says whether it got worse.

use super::run::look;
use super::{open_files, write_files};
use crate::Exit;
use crate::cli::compare::CompareFlags;
use crate::cli::parse::{Complaint, Invocation};
use crate::cli::value::Format;
use crate::compare::answer::answer;
use crate::compare::{Comparison, Found, Options, Source, checks, pings, runs, side};
use crate::console::Console;
use crate::render::Look;
use crate::render::compare::render;
use crate::saved::{Document, Kind, files};
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::{Instant, SystemTime};

/// The forms of the results.
const FORMS: [Format; 5] =
    [Format::Table, Format::Csv, Format::Json, Format::Markdown, Format::Junit];

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
    let sides = sides(flags)?;
    let outputs = open_files(invocation, "compare", &FORMS)?;
    let options = Options {
        limit: flags.limit,
        metric: flags.metric,
        fail_on: flags.fail_on,
        strict: flags.strict,
    };
    let (of, [base, new], found) = compared(&sides, &options)?;
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
    Ok(sides)
}

/// What would have been right, to be pasted.
fn unsorted(files: &[PathBuf]) -> Complaint {
    let words: Vec<_> = files.iter().map(|file| files::quoted(file)).collect();
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

/// Reads file by file, for a thousand of them do not fit into memory at once.
fn compared(paths: &Sides, options: &Options) -> Result<Compared, Complaint> {
    let mut paths = paths.each_ref().map(|side| side.iter());
    let first = Document::open(paths[0].next().ok_or_else(nothing)?)?;
    let kind = first.kind;
    let name = first.name.clone();
    let reader = Reader { kind, first: name };
    match kind {
        Kind::Run => {
            let mut sides = [side::Side::default(), side::Side::default()];
            sides[0].add(first.name.clone(), first.run()?, options.metric);
            reader.each(&mut paths, |at, document| {
                sides[at].add(document.name.clone(), document.run()?, options.metric);
                Ok(())
            })?;
            let found = runs::compare(&sides[0], &sides[1], options).map_err(|ids| apart(&ids))?;
            Ok((kind, sides.map(|side| side.files), found))
        }
        Kind::Check => {
            let mut sides = [checks::Side::default(), checks::Side::default()];
            sides[0].add(first.name.clone(), first.parse()?);
            reader.each(&mut paths, |at, document| {
                sides[at].add(document.name.clone(), document.parse()?);
                Ok(())
            })?;
            let found = checks::compare(&sides[0], &sides[1]).map_err(|ids| apart(&ids))?;
            Ok((kind, sides.map(|side| side.files), found))
        }
        Kind::Ping => {
            let mut sides = [pings::Side::default(), pings::Side::default()];
            sides[0].add(first.name.clone(), first.parse()?);
            reader.each(&mut paths, |at, document| {
                sides[at].add(document.name.clone(), document.parse()?);
                Ok(())
            })?;
            let found = pings::compare(&sides[0], &sides[1]).map_err(|ids| apart(&ids))?;
            Ok((kind, sides.map(|side| side.files), found))
        }
    }
}

/// Opens files that all hold the same kind of thing.
struct Reader {
    kind: Kind,
    first: String,
}

impl Reader {
    fn each<'a>(
        &self,
        paths: &mut [impl Iterator<Item = &'a PathBuf>; 2],
        mut take: impl FnMut(usize, &Document) -> Result<(), Complaint>,
    ) -> Result<(), Complaint> {
        for (at, side) in paths.iter_mut().enumerate() {
            for path in side {
                let document = Document::open(path)?;
                if document.kind != self.kind {
                    return Err(self.mixed(&document));
                }
                take(at, &document)?;
            }
        }
        Ok(())
    }

    fn mixed(&self, other: &Document) -> Complaint {
        let (one, another) = (self.kind.command(), other.kind.command());
        Complaint::new(
            format!(
                "{} holds what sockeye {one} found, and {} what sockeye {another} found",
                self.first, other.name
            ),
            format!("compare like with like: sockeye {one} -o new.json"),
        )
    }
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
        crate::render::paint::tame(&what),
        "both need a transport with the same size, place and wait: sockeye -o new.json",
    )
}
