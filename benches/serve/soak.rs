//! Many millions of echoes over all transports at once: is anything lost or wrong, and does the server
//! grow?

use crate::flow::{Account, Flow};
use crate::message::{HEADER, Pattern};
use crate::server::{Bench, Maker, PATIENCE, Server};
use crate::support::{default_transports, reached};
use anyhow::ensure;
use sockeye::os::epoll::{Epoll, Events, Interest};
use sockeye::transport::{Family, Kind, Transport};
use std::time::Instant;

pub(crate) const MILLIONS: usize = 10;
/// A client leaves its socket for a fresh one after so many messages.
const RENEWED_AFTER: u64 = 1000;
/// A server that keeps eight bytes for every connection that ever was grows by more than this.
const GROWTH: u64 = 64 * 1024;
const ROOM: usize = 64 * 1024;

/// What the server has at one moment.
struct Reading {
    bytes: u64,
    descriptors: usize,
}

pub(crate) fn run(bench: &Bench<'_>, millions: usize) -> anyhow::Result<()> {
    let transports = default_transports();
    println!("soak: {millions} million echoes over {}", transports.join(" "));
    println!("{}", bench.seats.told());
    let server = Server::start(bench, Maker::Sockeye, &transports, 32)?;
    let empty = Reading::of(&server, "before the first client")?;
    let mut soak = Soak::connect(&server)?;
    let (began, half) = (Instant::now(), millions as u64 * 500_000);
    // A tenth more, first: buffers are written to as deep as the load ever goes, and stay.
    soak.echo(&server, half / 5)?;
    let start = Reading::of(&server, "start")?;
    soak.echo(&server, half)?;
    let middle = Reading::of(&server, "middle")?;
    soak.echo(&server, half)?;
    let end = Reading::of(&server, "end")?;
    println!("  {:.1} s, {} connections and sockets", began.elapsed().as_secs_f64(), soak.sockets);
    let account = soak.print();
    drop(soak);
    let after = Reading::of(&server, "after the last client")?;
    let tally = server.stop()?;
    for line in &tally {
        println!("  the server: {line}");
    }
    judge(&account, &tally);
    let most = start.bytes + GROWTH;
    println!("memory flat: {}", reached(middle.bytes.max(end.bytes) <= most));
    let same = start.descriptors == middle.descriptors && middle.descriptors == end.descriptors;
    let flat = same && after.descriptors == empty.descriptors;
    println!("descriptors flat: {}", reached(flat));
    Ok(())
}

/// Compares what was sent with what came back, and with what the server says that it served.
fn judge(account: &Account, tally: &[String]) {
    let well = account.lost == 0 && account.wrong == 0;
    println!("nothing lost, nothing wrong: {}", reached(well));
    if let Some(bytes) = bytes_of(tally) {
        println!("the server's tally has the same bytes: {}", reached(bytes == account.bytes));
    }
}

/// How many bytes the server says that it has served; the bare loop says nothing.
fn bytes_of(tally: &[String]) -> Option<u64> {
    let line = tally.iter().find(|line| line.starts_with("served "))?;
    let (before, _) = line.split_once(" bytes")?;
    before.rsplit(' ').next()?.replace(',', "").parse().ok()
}

impl Reading {
    fn of(server: &Server, when: &str) -> anyhow::Result<Self> {
        let reading = Self { bytes: server.private_bytes()?, descriptors: server.descriptors()? };
        println!("  {when}: {} KiB, {} descriptors", reading.bytes / 1024, reading.descriptors);
        Ok(reading)
    }
}

/// How many clients a transport has, and how many messages each has under way. Together they fit
/// what the kernel keeps for the server: a UDP socket's receive buffer, ten messages for unix-dgram
/// (unix(7), `max_dgram_qlen`).
fn crowd(transport: &Transport) -> (usize, u64) {
    match (transport.kind, transport.family) {
        (Kind::Datagram, Family::Unix) => (2, 5),
        (Kind::Datagram, _) => (4, 8),
        _ => (4, 16),
    }
}

/// From the smallest to 256 bytes, and every 64th is of 4096.
fn size(sequence: u64) -> usize {
    match usize::try_from(sequence % 64) {
        Ok(turn) if turn > 0 => HEADER + turn * 37 % 241,
        _ => 4096,
    }
}

/// All the clients.
struct Soak {
    epoll: Epoll,
    events: Events,
    pattern: Pattern,
    room: Vec<u8>,
    clients: Vec<Client>,
    sockets: u64,
}

struct Client {
    flow: Flow,
    /// Which of the server's addresses it talks to.
    address: usize,
    window: u64,
    /// It has to send so many.
    goal: u64,
    renewed_at: u64,
}

impl Soak {
    fn connect(server: &Server) -> anyhow::Result<Self> {
        let epoll = Epoll::new()?;
        let mut clients = Vec::new();
        for (at, address) in server.addresses.iter().enumerate() {
            let Some(transport) = address.transport() else { continue };
            let (count, window) = crowd(transport);
            for _ in 0..count {
                let flow = Flow::connect(address, clients.len(), size)?;
                epoll.add(&flow.socket, clients.len() as u64, Interest::Read)?;
                clients.push(Client { flow, address: at, window, goal: 0, renewed_at: 0 });
            }
        }
        let sockets = clients.len() as u64;
        let (events, pattern, room) = (Events::default(), Pattern::new(), vec![0; ROOM]);
        Ok(Self { epoll, events, pattern, room, clients, sockets })
    }

    /// Makes so many echoes, the same number over each transport, and waits for the last of them.
    fn echo(&mut self, server: &Server, echoes: u64) -> anyhow::Result<()> {
        let share = echoes.div_ceil(server.addresses.len() as u64);
        for number in 0..self.clients.len() {
            let client = &mut self.clients[number];
            let (count, _) = crowd(client.flow.transport);
            client.goal += share.div_ceil(count as u64);
            self.go_on(server, number)?;
        }
        while self.clients.iter().any(|client| client.flow.under_way() > 0) {
            let events = self.epoll.wait(&mut self.events, Some(PATIENCE))?;
            let ready: Vec<_> =
                events.filter_map(|event| usize::try_from(event.token).ok()).collect();
            for &number in &ready {
                self.clients[number].flow.receive(&self.pattern, &mut self.room)?;
                self.go_on(server, number)?;
            }
            if ready.is_empty() {
                self.give_up(server)?;
            }
        }
        Ok(())
    }

    /// Fills the window of a client, with a fresh socket when it is time for one.
    fn go_on(&mut self, server: &Server, number: usize) -> anyhow::Result<()> {
        let client = &mut self.clients[number];
        let flow = &mut client.flow;
        if flow.sent == client.renewed_at + RENEWED_AFTER && flow.under_way() == 0 {
            flow.renew(&server.addresses[client.address])?;
            self.epoll.add(&flow.socket, number as u64, Interest::Read)?;
            client.renewed_at = flow.sent;
            self.sockets += 1;
        }
        let until = client.goal.min(client.renewed_at + RENEWED_AFTER);
        while flow.sent < until && flow.under_way() < client.window {
            flow.send(&self.pattern, &mut self.room)?;
        }
        Ok(())
    }

    /// Nothing came for long: what is under way is lost, which only datagrams can survive.
    fn give_up(&mut self, server: &Server) -> anyhow::Result<()> {
        for number in 0..self.clients.len() {
            let flow = &mut self.clients[number].flow;
            let datagrams = flow.transport.kind == Kind::Datagram;
            ensure!(datagrams || flow.under_way() == 0, "{} hangs", flow.transport.name);
            flow.give_up();
            self.go_on(server, number)?;
        }
        Ok(())
    }

    /// Prints what became of the messages, and adds it up.
    fn print(&self) -> Account {
        println!("  {:16} {:>10} {:>6} {:>6}", "TRANSPORT", "ECHOED", "LOST", "WRONG");
        let mut total = Account::default();
        for name in default_transports() {
            let mut sum = Account::default();
            for client in self.clients.iter().filter(|one| one.flow.transport.name == name) {
                sum.add(&client.flow.account);
            }
            println!("  {name:16} {:>10} {:>6} {:>6}", sum.echoed, sum.lost, sum.wrong);
            if let Some(first) = &sum.first_wrong {
                println!("    {first}");
            }
            total.add(&sum);
        }
        println!("  {:16} {:>10} {:>6} {:>6}", "all", total.echoed, total.lost, total.wrong);
        total
    }
}
