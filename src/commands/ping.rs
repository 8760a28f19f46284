//! `ping`: measure any echo server, and say what is wrong with it.

use super::ends::{Spot, spots};
use super::{open_files, write_files};
use crate::Exit;
use crate::cli::amounts::Bytes;
use crate::cli::ends::PingFlags;
use crate::cli::parse::{Complaint, Invocation};
use crate::cli::value::Format;
use crate::console::{Console, locale_is_ascii};
use crate::environment::{Environment, Machine};
use crate::os::machine;
use crate::os::name::Name;
use crate::os::signals::{Interrupt, Interrupts};
use crate::ping::session::{Ended, Told, run as ask};
use crate::ping::{Outcome, Target, Wishes, exit_code, nanoseconds};
use crate::render::openmetrics;
use crate::render::ping::{Asked, Style, csv, line, summary};
use crate::render::ping_document::{About, render};
use crate::render::ping_forms as forms;
use crate::report::{Setting, Status};
use serde_json::json;
use std::ffi::OsString;
use std::os::fd::AsFd;
use std::time::{Instant, SystemTime};

/// Pings, sums up, and says how to exit.
pub(super) fn run(
    flags: &PingFlags,
    invocation: &Invocation,
    args: &[OsString],
    console: &mut Console<'_>,
) -> anyhow::Result<Exit> {
    let targets = spots(&flags.words, &flags.ends, invocation, "default")?;
    let targets: Vec<_> = targets.iter().map(target).collect::<Result<_, _>>()?;
    let wishes = wishes(flags, invocation);
    let files = open_files(invocation, "ping")?;
    let environment = Environment::read(Machine { cpus: Vec::new(), ..machine() });
    let view = View::new(&wishes, invocation, console);
    let interrupts = Interrupts::block()?;
    let begun = (SystemTime::now(), Instant::now());

    let output = std::io::stdout();
    let reader = view.tells_lines().then(|| output.as_fd());
    let mut printed = Ok(());
    let ended = ask(targets.clone(), &wishes, &interrupts, &environment, reader, &mut |told| {
        let outcome = match told {
            Told::Of(index, event) if view.tells_lines() => {
                console.print(&line(&targets[index], &event, view.asked, &view.style))
            }
            Told::Of(..) => Ok(()),
            Told::Summary(outcomes) => view.show(outcomes, console),
        };
        if printed.is_ok() {
            printed = outcome;
        }
    })?;

    let about = about(args, begun, settings(&wishes, invocation), &ended);
    view.complain(&ended.outcomes, invocation, console);
    let printed = printed.and(view.publish(&ended.outcomes, &about, console));
    let written = write_files(files, |format| view.file(format, &ended.outcomes, &about));
    printed.and(written)?;
    Ok(Exit { code: about.exit_code, interrupt: ended.interrupt })
}

fn about(
    args: &[OsString],
    (started, clock): (SystemTime, Instant),
    settings: Vec<Setting>,
    ended: &Ended,
) -> About {
    About {
        argv: args.iter().map(|arg| arg.to_string_lossy().into_owned()).collect(),
        started,
        duration: clock.elapsed(),
        settings,
        interrupted: ended.interrupt.map(|interrupt| interrupt.name().into()),
        exit_code: ended.interrupt.map_or_else(|| exit_code(&ended.outcomes), Interrupt::exit_code),
    }
}

fn target(spot: &Spot) -> Result<Target, Complaint> {
    let address = spot.address.as_peer().map_err(|error| {
        let hint = format!("sockeye ping {}", error.hint);
        Complaint::new(error.what, hint)
    })?;
    let name = Name::of(address).map_err(|error| {
        let what = format!("cannot reach {}: {error}", address.quoted());
        Complaint::new(what, "interfaces: ip link; paths have at most 107 bytes")
    })?;
    Ok(Target {
        transport: spot.transport,
        name,
        address: address.to_string(),
        quoted: address.quoted(),
        typed: spot.typed.clone(),
        named: spot.named,
    })
}

fn wishes(flags: &PingFlags, invocation: &Invocation) -> Wishes {
    let bytes = |text: &Option<Bytes>| text.as_ref().map(|bytes| bytes.0.clone());
    let once = flags.send.is_some() && invocation.source("count") == "default";
    Wishes {
        count: if once { 1 } else { flags.count },
        interval: flags.interval,
        size: flags.size,
        timeout: flags.timeout,
        send: bytes(&flags.send),
        expect: bytes(&flags.expect),
    }
}

/// Every setting, and where it came from.
fn settings(wishes: &Wishes, invocation: &Invocation) -> Vec<Setting> {
    let text = |bytes: &Option<Vec<u8>>| {
        bytes.as_ref().map(|bytes| String::from_utf8_lossy(bytes).into_owned())
    };
    let values = [
        ("count", json!(wishes.count)),
        ("interval", json!(nanoseconds(wishes.interval))),
        ("size", json!(wishes.size)),
        ("timeout", json!(nanoseconds(wishes.timeout))),
        ("send", json!(text(&wishes.send))),
        ("expect", json!(text(&wishes.expect))),
    ];
    let setting = |(name, value): (&'static str, _)| Setting {
        name: name.into(),
        value,
        source: invocation.source(name).into(),
    };
    values.into_iter().map(setting).collect()
}

/// How it is told.
struct View {
    format: Format,
    style: Style,
    asked: Asked,
}

impl View {
    fn new(wishes: &Wishes, invocation: &Invocation, console: &Console<'_>) -> Self {
        let common = &invocation.cli.common;
        let style = Style {
            width: console.out.columns,
            colour: console.out.colour(common.color),
            ascii: common.ascii || (invocation.source("ascii") == "default" && locale_is_ascii()),
            unit: super::run::unit(common),
            level: i32::from(common.verbose) - i32::from(common.quiet),
        };
        let asked = Asked {
            size: wishes.send.as_ref().map_or(wishes.size, Vec::len),
            timeout: nanoseconds(wishes.timeout),
            text: wishes.send.is_some(),
        };
        Self { format: super::format(invocation), style, asked }
    }

    fn tells_lines(&self) -> bool {
        self.format == Format::Table && self.style.level >= 0
    }

    /// The summary so far; where a document is being made, beside it.
    fn show(&self, outcomes: &[Outcome], console: &mut Console<'_>) -> anyhow::Result<()> {
        let text = summary(outcomes, self.asked, &self.style);
        match self.format {
            _ if self.style.level < -1 => Ok(()),
            Format::Table => console.print(&text),
            _ => {
                let plain = Style { colour: false, ..self.style };
                console.tell(&summary(outcomes, self.asked, &plain));
                Ok(())
            }
        }
    }

    /// What a transport that was named and is not here needs.
    fn complain(&self, outcomes: &[Outcome], invocation: &Invocation, console: &mut Console<'_>) {
        let missing = |o: &&Outcome| {
            o.status == Status::Unavailable && o.target.named && self.style.level > -2
        };
        for outcome in outcomes.iter().filter(missing) {
            let Some(problem) = &outcome.error else { continue };
            let name = problem.errno_name.as_deref().unwrap_or("?");
            let call = problem.call.as_deref().unwrap_or("?");
            let address = &outcome.target.address;
            let what = format!("cannot ping {address}: {} ({name}, {call})", problem.meaning);
            let complaint = Complaint::new(what, problem.hint.clone());
            crate::complain(console, &complaint.into(), invocation.cli.common.color);
        }
    }

    fn publish(
        &self,
        outcomes: &[Outcome],
        about: &About,
        console: &mut Console<'_>,
    ) -> anyhow::Result<()> {
        if self.style.level < -1 {
            return Ok(());
        }
        console.print(&self.text(self.format, outcomes, about, &self.style))
    }

    fn file(&self, format: Format, outcomes: &[Outcome], about: &About) -> String {
        let plain = Style { width: None, colour: false, ..self.style };
        self.text(format, outcomes, about, &plain)
    }

    fn text(&self, format: Format, outcomes: &[Outcome], about: &About, style: &Style) -> String {
        match format {
            Format::Csv => csv(outcomes),
            Format::Json => render(outcomes, about),
            Format::Markdown => forms::markdown(outcomes, self.asked, about, style),
            Format::Html => forms::html(outcomes, self.asked, about, style),
            Format::Junit => forms::junit(outcomes, about),
            Format::Github => forms::github(outcomes),
            Format::Hlog => forms::hlog(outcomes, about),
            Format::Openmetrics => openmetrics::ping(outcomes, about),
            // The other forms are refused before anything is sent.
            _ => summary(outcomes, self.asked, style),
        }
    }
}
