//! The process that is one end: it takes its task and its socket from its parent, does the one thing
//! it is there for, and says how it went.

use super::client::{Conversation, Tally};
use super::control::{Go, Heard, Listener, Report, refused, tell};
use super::endpoint::{Endpoint, OnEndpoint, with_endpoint};
use super::framing::{Framing, OnFraming, room, with_framing};
use super::message::{Direction, Mark, Message};
use super::peer::{Echo, serve};
use super::{Role, Share, Task};
use crate::os::clock::Monotonic;
use crate::os::process::{Usage, follow_parent};
use crate::os::socket::Socket;
use crate::os::{CallError, Errno, cpu, errno_of, poll};
use crate::transport::Transport;
use std::io;
use std::os::fd::AsFd;

/// Is one end, as the arguments behind [`crate::os::process::END_WORD`] say. The peer answers with
/// `echo`. The exit status tells nobody anything but a debugger: what happened goes to the parent.
#[must_use]
pub fn run(arguments: &[String], echo: impl Echo) -> u8 {
    let (Ok(socket), Ok(control)) = (inherited(&io::stdin()), inherited(&io::stdout())) else {
        return 2;
    };
    let [parent, task] = arguments else { return 2 };
    let (Ok(parent), Ok(task)) = (parent.parse(), serde_json::from_str::<Task>(task)) else {
        return 2;
    };
    let Some(transport) = Transport::named(&task.transport) else { return 2 };
    let outcome = follow_parent(parent).and_then(|()| match task.role {
        Role::Client(share) => be_client(transport, &task, share, &socket, &control),
        Role::Peer => be_peer(transport, &task, socket, &control, echo),
    });
    match outcome {
        Ok(()) => 0,
        Err(error) => {
            // If the parent is gone there is nobody to tell.
            let _ = tell(&control, &refused(&error));
            1
        }
    }
}

fn inherited(stream: &impl AsFd) -> io::Result<Socket> {
    stream.as_fd().try_clone_to_owned().map(Socket::from_descriptor)
}

fn pin(task: &Task) -> Result<(), CallError> {
    task.cpu.map_or(Ok(()), |cpu| cpu::pin(&[cpu]))
}

fn be_client(
    transport: &Transport,
    task: &Task,
    share: Share,
    socket: &Socket,
    control: &Socket,
) -> Result<(), CallError> {
    pin(task)?;
    let payload = task
        .payload
        .bytes(task.size, task.seed)
        .map_err(|error| CallError::new("read", "the payload's file", errno_of(&error)))?;
    let message = Message::new(&payload, transport.tag_len(), task.seed);
    wait_for_go(control)?;
    let tally = with_framing(
        transport,
        Direction::Reply,
        task.seed,
        ClientWork { transport, task, share, socket, message },
    );
    stop_peer(transport, task, socket);
    tell(control, &Report::Tally(tally)).map_err(|errno| CallError::new("send", "parent", errno))
}

fn wait_for_go(control: &Socket) -> Result<(), CallError> {
    let mut listener = Listener::<Go>::new();
    loop {
        match listener.hear(control) {
            Heard::Message(Go) => return Ok(()),
            Heard::Nothing => {
                poll::readable([control.as_fd()], None)?;
            }
            Heard::Closed => return Err(CallError::new("recv", "parent", Errno::ECONNRESET)),
        }
    }
}

/// A stream ends by itself; a socket of messages has no end, so the peer is told.
fn stop_peer(transport: &Transport, task: &Task, socket: &Socket) {
    if transport.kind.connects() {
        socket.end_sending();
    } else {
        let (size, tag_len) = (task.size, transport.tag_len());
        let last = Mark::Over.wire(Direction::Request, size, tag_len, task.seed);
        // A peer that is gone needs no telling.
        let _ = socket.send_now(&last);
    }
}

struct ClientWork<'a> {
    transport: &'a Transport,
    task: &'a Task,
    share: Share,
    socket: &'a Socket,
    message: Message,
}

impl OnFraming for ClientWork<'_> {
    type Output = Tally;

    fn run<F: Framing>(self, framing: F) -> Tally {
        let (wait, timeout_ns) = (self.task.wait, self.share.timeout_ns);
        with_endpoint(self.socket, wait, timeout_ns, FramedClient { work: &self, framing })
    }
}

struct FramedClient<'a, F> {
    work: &'a ClientWork<'a>,
    framing: F,
}

impl<F: Framing> OnEndpoint for FramedClient<'_, F> {
    type Output = Tally;

    fn run<E: Endpoint>(self, endpoint: &E) -> Tally {
        let ClientWork { transport, task, share, message, .. } = self.work;
        let mut conversation = Conversation {
            endpoint,
            framing: self.framing,
            clock: &Monotonic::start(),
            message: message.clone(),
            marks: (Mark::Lost.bytes(task.size, task.seed), Mark::Over.bytes(task.size, task.seed)),
            connects: transport.kind.connects(),
        };
        // Not zeros: those would be fresh pages at the first receive.
        conversation.run(share, &mut vec![1; room(task.size)])
    }
}

fn be_peer(
    transport: &Transport,
    task: &Task,
    socket: Socket,
    control: &Socket,
    mut echo: impl Echo,
) -> Result<(), CallError> {
    pin(task)?;
    echo.begin(task);
    let socket = if transport.kind.connects() {
        let accepted = socket.accept()?;
        if task.nodelay && transport.protocol.has_nodelay() {
            accepted.set_nodelay(true)?;
        }
        accepted
    } else {
        socket
    };
    let told = |errno| CallError::new("send", "parent", errno);
    tell(control, &Report::Ready).map_err(told)?;
    let before = Usage::now();
    with_framing(
        transport,
        Direction::Request,
        task.seed,
        PeerWork { task, socket: &socket, echo },
    );
    tell(control, &Report::Done(Usage::now().since(before))).map_err(told)
}

struct PeerWork<'a, T> {
    task: &'a Task,
    socket: &'a Socket,
    echo: T,
}

impl<T: Echo> OnFraming for PeerWork<'_, T> {
    type Output = ();

    fn run<F: Framing>(self, framing: F) {
        with_endpoint(self.socket, self.task.wait, 0, FramedPeer { work: self, framing });
    }
}

struct FramedPeer<'a, T, F> {
    work: PeerWork<'a, T>,
    framing: F,
}

impl<T: Echo, F: Framing> OnEndpoint for FramedPeer<'_, T, F> {
    type Output = ();

    fn run<E: Endpoint>(mut self, endpoint: &E) {
        let size = self.work.task.size;
        serve(endpoint, self.framing, &mut self.work.echo, size, &mut vec![1; room(size)]);
    }
}
