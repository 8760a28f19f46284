//! A real browser without a window: Chromium, told what to do by `WebDriver` over loopback. It sees a
//! page that a server of this test hands out, which counts what is asked for.
#![allow(unreachable_pub, missing_docs, reason = "each test file uses its own part")]

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// Longer than a browser ever takes, so that one that hangs is a failure and not a hang.
const PATIENCE: Duration = Duration::from_secs(60);

/// What keeps the browser from asking the network for anything of its own.
const ARGUMENTS: [&str; 9] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
];

/// What is wrong with how a page is laid out, in sentences, with everything unfolded; and what it
/// looks like.
pub const INSPECT: &str = r"
const wrong = [], page = document.documentElement;
for (const folded of document.querySelectorAll('details')) folded.open = true;
if (page.scrollWidth > innerWidth && page.localName == 'html')
  wrong.push('the page is ' + page.scrollWidth + ' wide');
for (const svg of document.querySelectorAll('svg')) {
  const frame = svg.getBoundingClientRect();
  const texts = [...svg.querySelectorAll('text')].map(text => [text.textContent, text.getBoundingClientRect()]);
  texts.forEach(([words, box], at) => {
    if (box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 || box.bottom > frame.bottom + 1)
      wrong.push('cut off: ' + words);
    if (box.height < 9) wrong.push('too small: ' + words + ', ' + box.height);
    for (const [other, its] of texts.slice(0, at)) {
      const across = Math.min(box.right, its.right) - Math.max(box.left, its.left);
      const down = Math.min(box.bottom, its.bottom) - Math.max(box.top, its.top);
      if (across > 1 && down > box.height * 0.25) wrong.push(other + ' overlaps ' + words);
    }
  });
}
return {
  wrong,
  resources: performance.getEntriesByType('resource').map(entry => entry.name),
  ground: getComputedStyle(document.querySelector('.ground') || document.body)[document.body ? 'backgroundColor' : 'fill'],
  figures: [...document.querySelectorAll('figure')].map(figure => figure.textContent),
  rows: [...document.querySelectorAll('.scroll tbody tr')].map(row => [...row.cells].map(cell => cell.innerText)),
  colour: document.querySelector('h2') && getComputedStyle(document.querySelector('h2')).color,
  svgs: document.querySelectorAll('svg').length,
};";

/// How wide a window is, what its reader likes, and the ground that a page has then.
pub const VIEWS: [(u32, &str, &str); 4] = [
    (360, "light", "rgb(255, 255, 255)"),
    (360, "dark", "rgb(20, 23, 26)"),
    (1200, "light", "rgb(255, 255, 255)"),
    (1200, "dark", "rgb(20, 23, 26)"),
];

/// A browser, and its driver; both end with it.
pub struct Browser {
    driver: Child,
    port: u16,
    session: String,
    /// Its profile.
    folder: tempfile::TempDir,
}

impl Browser {
    pub fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        // It asks for any port over IPv6 and then for the same one over IPv4, and ends where that is
        // somebody else's: another one finds another.
        let (driver, port) = (0..8).find_map(|_| driver()).expect("chromedriver says its port");
        let mut browser = Self { driver, port, session: String::new(), folder };
        let profile = format!("--user-data-dir={}", browser.folder.path().display());
        let arguments: Vec<_> = ARGUMENTS.into_iter().chain([profile.as_str()]).collect();
        let options = json!({"goog:chromeOptions": {"args": arguments}});
        let wanted = json!({"capabilities": {"alwaysMatch": options}});
        let session = browser.call("POST", "/session", &wanted);
        browser.session = format!("/session/{}", session["sessionId"].as_str().expect("a session"));
        browser
    }

    /// Shows a page in a window of that width, to somebody who likes it light or dark.
    pub fn open(&self, address: &str, width: u32, theme: &str) {
        let window =
            json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false});
        self.tell("Emulation.setDeviceMetricsOverride", &window);
        let theme = json!([{"name": "prefers-color-scheme", "value": theme}]);
        self.tell("Emulation.setEmulatedMedia", &json!({"features": theme}));
        self.ask("/url", &json!({"url": address}));
    }

    /// What a script says of the page. It is the driver's, so that the page's own rule that there are
    /// none does not hold it.
    pub fn look(&self, script: &str) -> Value {
        self.ask("/execute/sync", &json!({"script": script, "args": []}))
    }

    fn tell(&self, command: &str, parameters: &Value) {
        self.ask("/goog/cdp/execute", &json!({"cmd": command, "params": parameters}));
    }

    fn ask(&self, path: &str, body: &Value) -> Value {
        self.call("POST", &format!("{}{path}", self.session), body)
    }

    fn call(&self, method: &str, path: &str, body: &Value) -> Value {
        let answer = self.try_call(method, path, body).expect("the driver answers");
        let value = answer.get("value").cloned().unwrap_or(Value::Null);
        assert!(value.get("error").is_none(), "{method} {path}: {value}");
        value
    }

    fn try_call(&self, method: &str, path: &str, body: &Value) -> std::io::Result<Value> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let body = body.to_string();
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: localhost:{}\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\nConnection: close\r\n\r\n{body}",
            self.port
        )?;
        answer(&mut BufReader::new(stream))
    }
}

/// The JSON body of an answer.
fn answer(stream: &mut impl BufRead) -> std::io::Result<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        stream.read_line(&mut line)?;
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().expect("a length");
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    Ok(serde_json::from_slice(&body)?)
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The end of its session ends the browser, also when a test has failed; another panic now would
        // hide why.
        let _ = self.try_call("DELETE", &self.session, &json!({}));
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// A driver, and the port that it says; None where it ends without.
fn driver() -> Option<(Child, u16)> {
    let mut driver = Command::new("chromedriver")
        .arg("--port=0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("chromedriver starts");
    let told = BufReader::new(driver.stdout.take().expect("a pipe"));
    let port = told.lines().map_while(Result::ok).find_map(|line| {
        let (_, port) = line.split_once("started successfully on port ")?;
        port.trim_end_matches('.').parse().ok()
    });
    if port.is_none() {
        driver.wait().expect("it ended");
    }
    port.map(|port| (driver, port))
}

/// A server that has files and knows what was asked of it.
pub struct Site {
    port: u16,
    shelf: Arc<Shelf>,
    server: Option<JoinHandle<()>>,
}

struct Shelf {
    files: Vec<(&'static str, &'static str, String)>,
    asked: Mutex<Vec<String>>,
    over: AtomicBool,
}

impl Site {
    /// Serves these files: path, type and text.
    pub fn of(files: Vec<(&'static str, &'static str, String)>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let asked = Mutex::new(Vec::new());
        let shelf = Arc::new(Shelf { files, asked, over: AtomicBool::new(false) });
        let shared = Arc::clone(&shelf);
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if shared.over.load(Ordering::SeqCst) {
                    return;
                }
                // A browser connects before it knows whether it will ask: such a connection must not
                // keep the others waiting.
                let (stream, shelf) = (stream.expect("a connection"), Arc::clone(&shared));
                std::thread::spawn(move || shelf.serve(stream));
            }
        });
        Self { port, shelf, server: Some(thread) }
    }

    pub fn address(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// What was asked for since this was last called.
    pub fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.shelf.asked.lock().expect("nobody panicked"))
    }
}

impl Shelf {
    fn serve(&self, mut stream: TcpStream) {
        stream.set_read_timeout(Some(PATIENCE)).expect("a time-out");
        let Some(path) = request(&stream) else { return };
        let file = self.files.iter().find(|(name, ..)| *name == path);
        let head = match file {
            Some((_, kind, text)) => format!(
                "HTTP/1.1 200 OK\r\nContent-Type: {kind}; charset=utf-8\r\nContent-Length: {}\r\n",
                text.len()
            ),
            None => "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n".to_owned(),
        };
        self.asked.lock().expect("nobody panicked").push(path);
        let text = file.map_or("", |(.., text)| text);
        // A browser that has seen enough may leave early.
        let _ = write!(stream, "{head}Connection: close\r\n\r\n{text}");
    }
}

/// The path that somebody asks for; None of a connection on which nobody asks.
fn request(stream: &TcpStream) -> Option<String> {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    let first = lines.next()?;
    lines.find(String::is_empty)?;
    first.split(' ').nth(1).map(str::to_owned)
}

impl Drop for Site {
    fn drop(&mut self) {
        self.shelf.over.store(true, Ordering::SeqCst);
        // Whoever waits for a connection gets one, and sees that it is over.
        let woken = TcpStream::connect(("127.0.0.1", self.port)).is_ok();
        if let Some(server) = self.server.take().filter(|_| woken) {
            let _ = server.join();
        }
    }
}
