//! Who comes in: a worker's part that takes clients off the queues, and pauses when there is no room.

use super::connection::Connection;
use super::worker::{Arrival, FIRST_CONNECTION, FIRST_SPOT, Listener, Worker, tick};
use crate::os::epoll::Interest;
use crate::os::{CallError, Errno};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// So many clients are accepted before the connected ones have their turn again.
const ACCEPTED_AT_ONCE: usize = 64;
/// How long accepting pauses when the machine has no room for another client.
const PAUSE: Duration = Duration::from_millis(100);

impl Worker {
    /// Accepts at this socket from now on.
    pub(super) fn listen(&mut self, listener: Listener) -> Result<(), CallError> {
        let token = FIRST_SPOT + self.listeners.len() as u64;
        self.epoll.add(&listener.socket, token, Interest::Read)?;
        self.listeners.push(listener);
        Ok(())
    }

    /// Takes a connection into this thread's loop.
    pub(super) fn admit(&mut self, arrival: Arrival) {
        let Arrival { socket, spot } = arrival;
        let transport = self.shared.transports[spot as usize];
        if transport.protocol.has_nodelay() {
            // It says how fast an answer goes out, and nothing about whether it does.
            let _ = socket.set_nodelay(true);
        }
        let index = self.free.pop().unwrap_or_else(|| {
            self.connections.push(None);
            self.connections.len() - 1
        });
        self.counters(spot).connected();
        if self.epoll.add(&socket, FIRST_CONNECTION + index as u64, Interest::Read).is_err() {
            // The kernel has no room to watch it (epoll(7), max_user_watches); others may end soon.
            self.counters(spot).broke();
            self.free.push(index);
            self.shared.closed_one();
            return;
        }
        let connection = Connection::new(socket, spot, transport, tick(self.born));
        self.connections[index] = Some(connection);
    }

    /// Takes clients off a queue, as many as there is room for.
    pub(super) fn accept(&mut self, place: usize) {
        for _ in 0..ACCEPTED_AT_ONCE {
            if !self.has_room() {
                self.set_accepting(false);
                return;
            }
            let Some(listener) = self.listeners.get(place) else { return };
            match listener.socket.accept_now() {
                Ok(socket) => {
                    let arrival = Arrival { socket, spot: listener.spot };
                    self.shared.open.fetch_add(1, Ordering::AcqRel);
                    let thread = self.next_thread;
                    self.next_thread = (thread + 1) % self.shared.settings.threads;
                    if thread == self.index || self.deadline.is_some() {
                        self.admit(arrival);
                    } else {
                        self.shared.deal(thread, arrival);
                    }
                }
                Err(Errno::EMFILE | Errno::ENFILE | Errno::ENOBUFS | Errno::ENOMEM) => {
                    self.set_accepting(false);
                    self.resume = Some(Instant::now() + PAUSE);
                    return;
                }
                Err(Errno::EAGAIN) => return,
                // accept(2): errors of the client that was next; the one behind it may be fine.
                Err(_) => {}
            }
        }
    }

    pub(super) fn is_paused(&self) -> bool {
        self.shared.paused.load(Ordering::Acquire)
    }

    /// May another client come?
    pub(super) fn has_room(&self) -> bool {
        let settings = &self.shared.settings;
        let most = if settings.once { Some(1) } else { settings.connections };
        most.is_none_or(|most| self.shared.open.load(Ordering::Acquire) < most)
    }

    /// Accepts again, or not for now: clients wait in the kernel's queue.
    pub(super) fn set_accepting(&mut self, on: bool) {
        self.shared.paused.store(!on, Ordering::Release);
        self.resume = None;
        let interest = if on { Interest::Read } else { Interest::Pause };
        for (place, listener) in self.listeners.iter().enumerate() {
            self.epoll.change(&listener.socket, FIRST_SPOT + place as u64, interest);
        }
        // One may have left between the look at the room and this line, and nobody rung.
        if !on && self.has_room() {
            self.resume = Some(Instant::now() + PAUSE);
        }
    }
}
