//! Programs that make the same walk: a server and a client in one file, in a language that people
//! write. Made of the walk's steps and of a table a language that says how each call is written there,
//! so that another route makes another program. Pure: nothing is opened and nothing walked.

mod c;
mod python;
mod rust;

use crate::cli::explain::Language;
use crate::transport::lesson::{Moment, To};
use crate::transport::{End, Family, Kind, Transport};
use crate::walk::route::route;
use crate::walk::{Call, Step};

/// How a language says what a walk does.
struct Words {
    /// What begins a line that is for people alone.
    comment: &'static str,
    /// How the file is compiled, where it has to be.
    compile: Option<&'static str>,
    /// How it is run.
    run: &'static str,
    /// What a block ends with, where it ends with anything.
    closing: Option<&'static str>,
    /// What a socket is called that needs no name of its own.
    socket: &'static str,
    /// The arguments of `socket`, from how C has them.
    arguments: fn(&str) -> String,
    /// The file around both ends: `{HEAD}`, `{SERVER}` and `{CLIENT}` stand for what is made.
    frame: &'static str,
    /// Of those that fit, the first speaks.
    rows: &'static [Row],
    /// What stands in places, by the same rule; a text may have places of those behind it.
    spots: &'static [Spot],
    /// Which of the walk's calls it makes in a way of its own.
    differs: &'static [Difference],
    /// Whether it can open such a socket at all.
    reaches: fn(&Transport) -> bool,
}

/// How a language writes a call, or what stands beside the calls.
struct Row {
    when: Cue,
    of: fn(&Site) -> bool,
    lines: &'static str,
    block: Block,
}

/// What is said by a row.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cue {
    /// A call, by its name in the kernel.
    Call(&'static str),
    /// What stands before the first call of an end.
    Opening,
    /// What stands before the first call in which the server waits: from there on it can be found.
    Ready,
    /// What stands behind the last call of the client.
    Verdict,
}

/// What a row does to the depth of the lines behind it.
#[derive(Clone, Copy)]
enum Block {
    Same,
    Opens,
    Closes,
}

/// Where in a walk a row is to speak.
struct Site {
    transport: &'static Transport,
    end: End,
    moment: Option<Moment>,
}

/// What stands in a place, for whom.
struct Spot {
    name: &'static str,
    of: fn(&Transport, End) -> bool,
    text: &'static str,
}

/// A way of a language's own, for the people who read the program.
struct Difference {
    of: fn(&Transport) -> bool,
    says: &'static str,
}

const fn row(when: Cue, of: fn(&Site) -> bool, lines: &'static str) -> Row {
    Row { when, of, lines, block: Block::Same }
}

const fn call(name: &'static str, of: fn(&Site) -> bool, lines: &'static str) -> Row {
    row(Cue::Call(name), of, lines)
}

const fn opens(name: &'static str, of: fn(&Site) -> bool, lines: &'static str) -> Row {
    Row { when: Cue::Call(name), of, lines, block: Block::Opens }
}

const fn closes(name: &'static str, of: fn(&Site) -> bool, lines: &'static str) -> Row {
    Row { when: Cue::Call(name), of, lines, block: Block::Closes }
}

const fn spot(name: &'static str, of: fn(&Transport, End) -> bool, text: &'static str) -> Spot {
    Spot { name, of, text }
}

impl Site {
    fn is(&self, moment: Moment) -> bool {
        self.moment == Some(moment)
    }

    fn is_stream(&self) -> bool {
        self.transport.kind == Kind::Stream
    }

    fn has_header(&self) -> bool {
        self.transport.receives_ip_header()
    }
}

const fn words(language: Language) -> &'static Words {
    match language {
        Language::Python => &python::WORDS,
        Language::C => &c::WORDS,
        Language::Rust => &rust::WORDS,
    }
}

/// A server and a client that make the walk of one echo of so many bytes, in one file. None where
/// the language's standard library opens no such socket.
#[must_use]
pub fn program(language: Language, transport: &'static Transport, size: usize) -> Option<String> {
    let words = words(language);
    (words.reaches)(transport).then(|| Program { words, transport, size }.text())
}

/// What is to be written.
struct Program {
    words: &'static Words,
    transport: &'static Transport,
    size: usize,
}

impl Program {
    fn text(&self) -> String {
        let steps = route(self.transport, To::Echo);
        let [server, client] = [End::Server, End::Client].map(|end| self.body(end, &steps));
        let frame = self.words.frame.replace("{HEAD}", &self.head());
        let frame = self.filled(&frame, End::Server, None);
        frame.replace("{SERVER}\n", &server).replace("{CLIENT}\n", &client)
    }

    /// The lines of one end.
    fn body(&self, end: End, steps: &[Step]) -> String {
        let mut page = Page { text: String::new(), depth: 1, closing: self.words.closing };
        let mut say = |when, step: Option<&Step>| {
            let site = Site { transport: self.transport, end, moment: step.map(|s| s.moment) };
            if let Some(row) = self.row(when, &site) {
                page.add(row.block, &self.filled(row.lines, end, step));
            }
        };
        say(Cue::Opening, None);
        let mut is_awaited = end == End::Client;
        for step in steps.iter().filter(|step| step.end == end) {
            if !is_awaited && matches!(step.call, Call::Accept | Call::ReceiveFrom) {
                say(Cue::Ready, None);
                is_awaited = true;
            }
            say(Cue::Call(step.call.name()), Some(step));
        }
        if end == End::Client {
            say(Cue::Verdict, None);
        }
        page.text
    }

    fn row(&self, when: Cue, site: &Site) -> Option<&'static Row> {
        self.words.rows.iter().find(|row| row.when == when && (row.of)(site))
    }

    /// The text with its places filled.
    fn filled(&self, text: &str, end: End, step: Option<&Step>) -> String {
        let mut seen: Vec<&str> = Vec::new();
        let mut text = text.to_owned();
        for spot in self.words.spots.iter().filter(|spot| (spot.of)(self.transport, end)) {
            if !seen.contains(&spot.name) {
                seen.push(spot.name);
                text = text.replace(&format!("{{{}}}", spot.name), spot.text);
            }
        }
        let places = [
            ("{ARGUMENTS}", (self.words.arguments)(&self.transport.socket_arguments(end))),
            ("{SOCKET}", self.socket(step).to_owned()),
            ("{BACKLOG}", backlog(step)),
            ("{HOST}", host(self.transport, end).to_owned()),
            ("{WHERE}", where_word(self.transport).to_owned()),
            ("{USAGE}", where_word(self.transport).to_uppercase()),
            ("{SIZE}", self.size.to_string()),
        ];
        places.iter().fold(text, |text, (place, value)| text.replace(place, value))
    }

    /// What the socket of a step is called.
    const fn socket(&self, step: Option<&Step>) -> &'static str {
        match step {
            Some(Step { slot: 1.., .. }) => "connection",
            Some(Step { end: End::Server, .. }) if self.transport.kind.connects() => "listener",
            _ => self.words.socket,
        }
    }

    /// The comment that the file begins with.
    fn head(&self) -> String {
        let (name, run) = (self.transport.name, self.words.run);
        let mut lines = vec![format!(
            "`sockeye explain {name}` as a program: one echo of {} B, call by call.",
            self.size
        )];
        lines.extend(self.words.compile.map(|command| format!("  {command}")));
        let place = where_word(self.transport).to_uppercase();
        lines.push(pair(&format!("{run} server"), &format!("prints the {place} where it is")));
        lines.push(format!("  {run} client {place}"));
        lines.extend(self.others());
        let differs: Vec<_> =
            self.words.differs.iter().filter(|row| (row.of)(self.transport)).collect();
        match differs.as_slice() {
            [] => lines.push("Its calls are the walk's, one for one.".to_owned()),
            some => {
                lines.push("Its calls are the walk's, one for one, but for these:".to_owned());
                lines.extend(some.iter().map(|row| format!("  {}", row.says)));
            }
        }
        let commented: Vec<_> =
            lines.iter().map(|line| format!("{} {line}", self.words.comment)).collect();
        commented.join("\n")
    }

    /// How the ends get on with ours.
    fn others(&self) -> Vec<String> {
        let (name, run) = (self.transport.name, self.words.run);
        if self.transport.kind == Kind::Raw {
            return vec![
                "It needs CAP_NET_RAW. `sockeye serve` and `sockeye ping` do not speak it: a raw"
                    .to_owned(),
                "socket hears whatever comes to its address, from whomever.".to_owned(),
            ];
        }
        let (at, address) = match self.transport.family {
            Family::Unix => ("echo.sock", format!("{name}:echo.sock")),
            Family::Ipv4 | Family::Ipv6 | Family::Dual | Family::Vsock => ("7777", name.to_owned()),
        };
        let size = if self.size == 64 { String::new() } else { format!(" -s {}", self.size) };
        let mut lines = vec![
            "Each end with one of sockeye's at the other, beside it:".to_owned(),
            pair(&format!("{run} server {at}"), &format!("sockeye ping {address} -c 1{size}")),
            pair(&format!("sockeye serve {address} --once"), &format!("{run} client {at}")),
        ];
        if self.transport.family == Family::Unix {
            lines.push("A server that was interrupted leaves its file: remove it.".to_owned());
        }
        lines
    }
}

/// Two commands, or one and what it does, side by side.
fn pair(left: &str, right: &str) -> String {
    format!("  {left:<42}  {right}")
}

fn backlog(step: Option<&Step>) -> String {
    match step.map(|step| step.call) {
        Some(Call::Listen { backlog }) => backlog.to_string(),
        _ => String::new(),
    }
}

/// The address of the loopback, as that end's sockets have it.
const fn host(transport: &Transport, end: End) -> &'static str {
    match (transport.family, end) {
        (Family::Ipv6, _) => "::1",
        (Family::Dual, End::Server) => "::ffff:127.0.0.1",
        (Family::Ipv4 | Family::Dual | Family::Unix | Family::Vsock, _) => "127.0.0.1",
    }
}

/// What says where a server is, on the command line.
const fn where_word(transport: &Transport) -> &'static str {
    match (transport.family, transport.kind.has_port()) {
        (Family::Unix, _) => "path",
        (_, true) => "port",
        (_, false) => "ip",
    }
}

/// Lines at their depth.
struct Page {
    text: String,
    depth: usize,
    closing: Option<&'static str>,
}

impl Page {
    fn add(&mut self, block: Block, lines: &str) {
        if let Block::Closes = block {
            self.depth = self.depth.saturating_sub(1);
            if let Some(closing) = self.closing {
                self.line(closing);
            }
        }
        for line in lines.lines() {
            self.line(line);
        }
        if let Block::Opens = block {
            self.depth += 1;
        }
    }

    fn line(&mut self, line: &str) {
        if !line.is_empty() {
            self.text.push_str(&"    ".repeat(self.depth));
            self.text.push_str(line);
        }
        self.text.push('\n');
    }
}

#[cfg(test)]
mod tests;
