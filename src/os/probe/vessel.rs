//! What bytes are moved from and into without being read: a file in memory, a pipe.

use crate::os::{CallError, call, errno, errno_of};
use rustix::fs::MemfdFlags;
use rustix::pipe::PipeFlags;
use std::fs::File;
use std::io::{Read, Seek, Write};
use std::os::fd::OwnedFd;

/// A file with these bytes that is in no folder (`memfd_create(2)`).
///
/// # Errors
/// The kernel's refusal.
pub fn memory_file(bytes: &[u8]) -> Result<File, CallError> {
    let descriptor = call("memfd_create", &"", || {
        rustix::fs::memfd_create("sockeye", MemfdFlags::CLOEXEC).map_err(errno)
    })?;
    let mut file = File::from(descriptor);
    let filled = file.write_all(bytes).and_then(|()| file.rewind());
    filled.map_err(|error| CallError::new("write", "a file in memory", errno_of(&error)))?;
    Ok(file)
}

/// A pipe that never waits; closed when dropped.
#[derive(Debug)]
pub struct Pipe {
    output: File,
    /// Where bytes go in.
    pub input: OwnedFd,
}

impl Pipe {
    /// Makes it.
    ///
    /// # Errors
    /// The kernel's refusal.
    pub fn open() -> Result<Self, CallError> {
        let flags = PipeFlags::CLOEXEC | PipeFlags::NONBLOCK;
        let (output, input) = call("pipe2", &"", || rustix::pipe::pipe_with(flags).map_err(errno))?;
        Ok(Self { output: File::from(output), input })
    }

    /// What is in it, up to so many bytes.
    ///
    /// # Errors
    /// The kernel's refusal, `EAGAIN` where it is empty.
    pub fn read(&mut self, len: usize) -> Result<Vec<u8>, CallError> {
        let mut buffer = vec![0; len];
        let n = self.output.read(&mut buffer);
        let n = n.map_err(|error| CallError::new("read", "a pipe", errno_of(&error)))?;
        buffer.truncate(n);
        Ok(buffer)
    }
}
