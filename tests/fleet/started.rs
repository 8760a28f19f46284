//! A server of somebody else's, on a port that the kernel picked, until the test is over.

use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long anything may take to come about, on a machine that is busy with other tests.
const PATIENCE: Duration = Duration::from_secs(60);

/// A program that says in its log where it listens.
pub(crate) struct Started {
    child: Child,
    /// Where: 127.0.0.1:PORT.
    pub(crate) address: String,
    log: Arc<Mutex<String>>,
}

impl Started {
    /// Starts it, and waits for the line of its log that names the port.
    pub(crate) fn new(command: &mut Command) -> Self {
        let mut child = command
            .args(["--web.listen-address=127.0.0.1:0"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut lines = BufReader::new(child.stderr.take().expect("a pipe"));
        let (address, log) = listening(&mut lines);
        let log = Arc::new(Mutex::new(log));
        let rest = Arc::clone(&log);
        // Somebody has to read on, or a long log would stop it.
        std::thread::spawn(move || {
            for line in lines.lines().map_while(Result::ok) {
                *rest.lock().unwrap_or_else(PoisonError::into_inner) += &(line + "\n");
            }
        });
        let Some(address) = address else {
            let _ = child.kill();
            let _ = child.wait();
            panic!("it listens nowhere: {}", log.lock().expect("nobody panicked"));
        };
        Self { child, address, log }
    }

    /// What it has said so far.
    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What it answers: the status line, and the body.
    pub(crate) fn get(&self, path: &str) -> (String, String) {
        let mut stream = TcpStream::connect(&self.address).expect("it listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a time-out can be set");
        let request = format!("GET {path} HTTP/1.0\r\nHost: {}\r\n\r\n", self.address);
        stream.write_all(request.as_bytes()).expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
        (head.lines().next().unwrap_or_default().to_owned(), body.to_owned())
    }

    /// The data of an answer of Prometheus.
    pub(crate) fn data(&self, path: &str) -> Value {
        let (status, body) = self.get(path);
        let answer: Value = serde_json::from_str(&body).unwrap_or_default();
        assert_eq!(answer["status"], "success", "{path}: {status}: {body}");
        answer["data"].clone()
    }

    /// What a query finds: labels and values.
    pub(crate) fn query(&self, query: &str) -> Vec<Value> {
        let data = self.data(&format!("/api/v1/query?query={}", in_a_url(query)));
        data["result"].as_array().cloned().unwrap_or_default()
    }

    /// Asks until there is an answer. That of another program comes when it comes.
    pub(crate) fn until<T>(&self, what: &str, mut ask: impl FnMut(&Self) -> Option<T>) -> T {
        let since = Instant::now();
        loop {
            if let Some(answer) = ask(self) {
                return answer;
            }
            assert!(since.elapsed() < PATIENCE, "{what} did not come about: {}", self.log());
            std::thread::yield_now();
        }
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn listening(lines: &mut BufReader<ChildStderr>) -> (Option<String>, String) {
    let mut log = String::new();
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line).unwrap_or(0) == 0 {
            return (None, log);
        }
        log.push_str(&line);
        let address = line.split("address=").nth(1).map(|rest| rest.trim().to_owned());
        if let Some(address) = address.filter(|_| line.contains("msg=\"Listening on\"")) {
            return (Some(address), log);
        }
    }
}

fn in_a_url(text: &str) -> String {
    let one = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-' | b'.' => {
            char::from(byte).to_string()
        }
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(one).collect()
}
