//! How many datagrams the server echoes in a second, taken many a call and one a call.

use crate::cpu::each;
use crate::flow::Flow;
use crate::message::Pattern;
use crate::server::{Bench, Maker, PATIENCE, Server};
use crate::support::{extremes, median};
use anyhow::{Context, bail};
use nix::sys::socket::{MsgFlags, MultiHeaders, SockaddrIn, recvmmsg, sendmmsg};
use sockeye::os::Errno;
use sockeye::os::epoll::{Epoll, Events, Interest};
use std::io::{IoSlice, IoSliceMut};
use std::os::fd::{AsFd, AsRawFd};
use std::time::Instant;

pub(crate) const REPETITIONS: usize = 5;
const SIZE: usize = 64;
const ECHOES: u64 = 200_000;
const SOCKETS: usize = 16;
/// The datagrams that a socket has under way. All of them together fit the receive buffer of the
/// server's one socket, in which each takes some 800 bytes (socket(7), `SO_RCVBUF`).
const WINDOW: usize = 8;

/// Who is measured: the first two are what the headline is about.
const CASES: [(Maker, usize); 4] =
    [(Maker::Sockeye, 32), (Maker::Sockeye, 1), (Maker::Bare, 32), (Maker::Bare, 1)];

/// What was found, a value each repetition.
#[derive(Default)]
struct Found {
    rate: Vec<f64>,
    ns: Vec<f64>,
    busy: Vec<f64>,
    lost: u64,
}

pub(crate) fn run(bench: &Bench<'_>, repetitions: usize) -> anyhow::Result<()> {
    println!(
        "datagrams: udp4, {SIZE} bytes, {} under way over {SOCKETS} sockets, {}, {repetitions} repetitions",
        SOCKETS * WINDOW,
        bench.seats.told()
    );
    let mut found: [Found; CASES.len()] = Default::default();
    for repetition in 0..repetitions {
        for turn in 0..CASES.len() {
            // Each of them is first, second, third and last in turn.
            let case = (turn + repetition) % CASES.len();
            let (maker, batch) = CASES[case];
            found[case].measure(bench, maker, batch).with_context(|| maker.name())?;
        }
    }
    println!(
        "{:8} {:>5} {:>12} {:>8} {:>6} {:>5}  {:>6} {:>6} {:>6}",
        "SERVER", "BATCH", "DATAGRAMS/s", "CPU ns", "BUSY", "LOST", "RATE/1", "MIN", "MAX"
    );
    for (at, (maker, batch)) in CASES.iter().enumerate() {
        let single = &found[at | 1];
        let pairs = found[at].rate.iter().zip(&single.rate);
        let ratios: Vec<_> = pairs.map(|(rate, single)| rate / single).collect();
        let (smallest, largest) = extremes(&ratios);
        println!(
            "{:8} {batch:>5} {:>12.0} {:>8.0} {:>5.0}% {:>5}  {:>6.3} {smallest:>6.3} {largest:>6.3}",
            maker.name(),
            median(&found[at].rate),
            median(&found[at].ns),
            median(&found[at].busy),
            found[at].lost,
            median(&ratios)
        );
    }
    Ok(())
}

impl Found {
    fn measure(&mut self, bench: &Bench<'_>, maker: Maker, batch: usize) -> anyhow::Result<()> {
        let server = Server::start(bench, maker, &["udp4"], batch)?;
        let mut swarm = Swarm::connect(&server)?;
        swarm.echo(ECHOES / 10)?;
        let (used, began) = (server.cpu_ns()?, Instant::now());
        swarm.echo(ECHOES)?;
        let seconds = began.elapsed().as_secs_f64();
        let ns = each(server.cpu_ns()? - used, ECHOES);
        let rate = each(ECHOES, 1) / seconds;
        self.rate.push(rate);
        self.ns.push(ns);
        self.busy.push(100.0 * ns * rate / 1e9);
        for flow in &swarm.flows {
            self.lost += flow.account.lost;
            if let Some(wrong) = &flow.account.first_wrong {
                bail!("{wrong}");
            }
        }
        drop(swarm);
        server.stop()?;
        Ok(())
    }
}

/// Sockets that send and receive as many datagrams in a call as they may.
struct Swarm {
    epoll: Epoll,
    events: Events,
    pattern: Pattern,
    flows: Vec<Flow>,
    headers: MultiHeaders<SockaddrIn>,
    rooms: Vec<[u8; SIZE + 1]>,
}

impl Swarm {
    fn connect(server: &Server) -> anyhow::Result<Self> {
        let epoll = Epoll::new()?;
        let mut flows = Vec::new();
        for number in 0..SOCKETS {
            let flow = Flow::connect(&server.addresses[0], number, |_| SIZE)?;
            epoll.add(&flow.socket, number as u64, Interest::Read)?;
            flows.push(flow);
        }
        Ok(Self {
            epoll,
            events: Events::default(),
            pattern: Pattern::new(),
            flows,
            headers: MultiHeaders::preallocate(WINDOW, None),
            rooms: vec![[0; SIZE + 1]; WINDOW],
        })
    }

    /// Makes so many echoes; what does not come back is counted.
    fn echo(&mut self, echoes: u64) -> anyhow::Result<()> {
        let share = echoes / SOCKETS as u64;
        let goals: Vec<_> = self.flows.iter().map(|flow| flow.sent + share).collect();
        for (number, goal) in goals.iter().enumerate() {
            self.send(number, *goal)?;
        }
        while self.flows.iter().any(|flow| flow.under_way() > 0) {
            let events = self.epoll.wait(&mut self.events, Some(PATIENCE))?;
            let ready: Vec<_> =
                events.filter_map(|event| usize::try_from(event.token).ok()).collect();
            for &number in &ready {
                self.receive(number)?;
                self.send(number, goals[number])?;
            }
            if ready.is_empty() {
                self.flows.iter_mut().for_each(Flow::give_up);
            }
        }
        Ok(())
    }

    /// Fills the window of one of them.
    fn send(&mut self, number: usize, goal: u64) -> anyhow::Result<()> {
        let flow = &mut self.flows[number];
        let free = (WINDOW as u64 - flow.under_way()).min(goal - flow.sent);
        let free = usize::try_from(free)?;
        for room in &mut self.rooms[..free] {
            flow.write_next(&self.pattern, room);
        }
        let slices: Vec<_> =
            self.rooms[..free].iter().map(|room| [IoSlice::new(&room[..SIZE])]).collect();
        let raw = flow.socket.as_fd().as_raw_fd();
        let (mut done, flags) = (0, MsgFlags::MSG_DONTWAIT);
        while done < free {
            let rest = &slices[done..];
            let nobody = vec![None; rest.len()];
            done += sendmmsg(raw, &mut self.headers, rest.iter(), &nobody, [], flags)?.count();
        }
        Ok(())
    }

    fn receive(&mut self, number: usize) -> anyhow::Result<()> {
        let flow = &mut self.flows[number];
        let mut slices: Vec<_> =
            self.rooms.iter_mut().map(|room| [IoSliceMut::new(room)]).collect();
        let (raw, flags) = (flow.socket.as_fd().as_raw_fd(), MsgFlags::MSG_DONTWAIT);
        let lens: Vec<_> = match recvmmsg(raw, &mut self.headers, slices.iter_mut(), flags, None) {
            Ok(messages) => messages.map(|message| message.bytes).collect(),
            Err(Errno::EAGAIN) => Vec::new(),
            Err(errno) => return Err(errno.into()),
        };
        for (room, len) in self.rooms.iter().zip(lens) {
            flow.judge(&self.pattern, &room[..len]);
        }
        Ok(())
    }
}
