//! JSON documents: how they are laid out, and what each begins with.

use crate::report::{Report, Tool};
use crate::saved::run::Run;
use serde::Serialize;
use serde_json::ser::{Formatter, PrettyFormatter};
use std::borrow::Cow;
use std::io::{self, Write};
use std::time::{Duration, SystemTime};

/// What every document begins with.
#[derive(Serialize)]
pub(super) struct Header<'a> {
    schema: &'static str,
    tool: Tool,
    argv: &'a [String],
    started: String,
    duration_ns: u64,
    exit_code: u8,
    interrupted: Option<Cow<'static, str>>,
}

/// Which document it is, what wrote it when, how long that took, and how it ended.
pub(super) fn header<'a>(
    schema: &'static str,
    argv: &'a [String],
    (started, duration): (SystemTime, Duration),
    (exit_code, interrupted): (u8, Option<Cow<'static, str>>),
) -> Header<'a> {
    Header {
        schema,
        tool: Tool::this(),
        argv,
        started: humantime::format_rfc3339_seconds(started).to_string(),
        duration_ns: u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX),
        exit_code,
        interrupted,
    }
}

/// The report, whole.
#[must_use]
pub fn render(report: &Report) -> String {
    text(&Run::of(report))
}

/// A document, whole, with a newline at the end.
pub(super) fn text(document: &impl Serialize) -> String {
    let mut bytes = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, Lines::default());
    // What is given here has a JSON form, so that this cannot fail; if it did, nothing is better than
    // half a document.
    let written = document.serialize(&mut serializer).is_ok();
    let text = written.then(|| String::from_utf8(bytes).ok()).flatten();
    text.map_or_else(String::new, |text| text + "\n")
}

/// A line for each thing, and one for each small object deep inside: a round is a line.
#[derive(Default)]
struct Lines<'a> {
    pretty: PrettyFormatter<'a>,
    depth: usize,
}

/// Objects that deep are on one line, and arrays below them.
const DEEP: usize = 4;

impl Lines<'_> {
    const fn object_is_deep(&self) -> bool {
        self.depth >= DEEP
    }

    const fn array_is_deep(&self) -> bool {
        self.depth > DEEP
    }
}

fn comma<W: ?Sized + Write>(writer: &mut W, first: bool) -> io::Result<()> {
    if first { Ok(()) } else { writer.write_all(b", ") }
}

impl Formatter for Lines<'_> {
    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.depth += 1;
        if self.array_is_deep() { writer.write_all(b"[") } else { self.pretty.begin_array(writer) }
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        let deep = self.array_is_deep();
        self.depth -= 1;
        if deep { writer.write_all(b"]") } else { self.pretty.end_array(writer) }
    }

    fn begin_array_value<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        if self.array_is_deep() {
            comma(writer, first)
        } else {
            self.pretty.begin_array_value(writer, first)
        }
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        if self.array_is_deep() { Ok(()) } else { self.pretty.end_array_value(writer) }
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.depth += 1;
        if self.object_is_deep() {
            writer.write_all(b"{")
        } else {
            self.pretty.begin_object(writer)
        }
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        let deep = self.object_is_deep();
        self.depth -= 1;
        if deep { writer.write_all(b"}") } else { self.pretty.end_object(writer) }
    }

    fn begin_object_key<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        if self.object_is_deep() {
            comma(writer, first)
        } else {
            self.pretty.begin_object_key(writer, first)
        }
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.pretty.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        if self.object_is_deep() { Ok(()) } else { self.pretty.end_object_value(writer) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn a_document_is_the_same_read_again_and_its_rounds_are_lines() {
        let document = json!({
            "name": "x", "none": [], "map": {},
            "results": [{"rounds": [{"n": 1, "of": [1, 2]}, {"n": 2, "of": []}], "cpus": [0, 1]}],
        });
        let shown = text(&document);
        assert_eq!(serde_json::from_str::<Value>(&shown).unwrap(), document);
        assert!(shown.contains("\n        {\"n\": 1, \"of\": [1, 2]},\n"), "{shown}");
        assert!(shown.ends_with("}\n"), "{shown}");
    }
}
