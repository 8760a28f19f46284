//! The pages of `check`, `compare`, `ping` and `list`: whole whatever came of them, escaped, asking for
//! nothing, and as a real browser lays them out.

#[path = "support/browser.rs"]
mod browser;
#[path = "support/made.rs"]
mod made;
#[path = "pages/subjects.rs"]
mod subjects;
mod support;

use browser::{Browser, INSPECT, Site, VIEWS};
use serde_json::Value;
use subjects::{HOSTILE, checked, compared, compared_facts, listed, pinged, refused, seen};
use support::{Ran, skip_without_tool, sockeye};

/// Every kind of page, with words that have to be on it.
fn pages() -> Vec<(&'static str, String, Vec<&'static str>)> {
    vec![
        ("check", checked(&seen("")), vec!["as documented", "messages stay separate"]),
        ("check, hostile", checked(&seen(HOSTILE)), vec!["FAIL: 0 of", "promised by"]),
        ("check, nothing", checked(&refused(HOSTILE)), vec!["none of these transports works here"]),
        ("against", subjects::against(&seen("")), vec!["differ in", "by design"]),
        ("against, hostile", subjects::against(&seen(HOSTILE)), vec!["of them a fault"]),
        ("against, nothing", subjects::against(&refused(HOSTILE)), vec!["little to compare"]),
        ("compare", compared("a name"), vec!["Slower: tcp4", "+40 ±2%", "what differs", "6.1.0"]),
        ("compare, hostile", compared(HOSTILE), vec!["SLOWER"]),
        ("compare, facts", compared_facts(), vec!["WORSE"]),
        ("ping", pinged(HOSTILE, 3), vec!["1 of 3 targets echo", "FAIL", "n/a", "what helps"]),
        ("ping, one", pinged("here", 1), vec!["Pass: 3 sent, 3 received"]),
        ("list", listed(HOSTILE), vec!["of 19 transports are ready", "what helps"]),
    ]
}

#[test]
fn a_page_asks_for_nothing_and_says_what_it_has_to() {
    for (name, page, words) in pages() {
        let lower = page.to_lowercase();
        for word in ["http:", "https:", "src=", "@import", "<script", "url(", "<link", "<img"] {
            assert!(!lower.contains(word), "{name}: {word}");
        }
        let policy = "content=\"default-src 'none'; style-src 'unsafe-inline'\"";
        assert!(page.contains(policy) && page.ends_with("</html>\n"), "{name}");
        let said = page.replace('\u{a0}', " ");
        for word in words {
            assert!(said.contains(word), "{name}: no {word}: {said}");
        }
    }
}

#[test]
fn what_the_user_or_the_machine_says_is_escaped_everywhere() {
    let mut hostile = 0;
    for (name, page, _) in pages() {
        let clean = page.chars().all(|letter| letter == '\n' || !letter.is_control());
        assert!(clean && !page.contains("<b ") && !page.contains("\"x\""), "{name}: {page}");
        hostile += usize::from(page.contains("&lt;b onload=&quot;x&quot;&gt;&amp;amp;&apos;"));
    }
    assert_eq!(hostile, 7, "pages with such words");
}

#[test]
fn a_cell_that_deviates_has_a_sign_and_is_explained() {
    let report = subjects::one_deviates();
    let page = checked(&report);
    let (table, below) = page.split_once("</table>\n</div>").expect("a table");
    let cells: Vec<_> = table.split("<span class=\"bad\">").skip(1).collect();
    assert_eq!(cells.len(), 1, "{table}");
    let (cell, _) = cells[0].split_once("</span>").expect("a cell");
    assert!(cell.ends_with('!'), "{cell}");
    let check = report.cells.iter().find(|cell| cell.status.is_bad()).expect("one").task.check;
    for words in [
        format!("<h3 class=\"bad\">! udp4: {}</h3>", check.title),
        "<th scope=\"row\">seen</th><td>a surprise</td>".to_owned(),
        format!("<td>{}</td>", check.promise),
        format!("<td>{}</td>", check.matters),
        format!("<code>sockeye check udp4 -k {} -vv</code>", check.name),
    ] {
        assert!(below.contains(&words), "{words}: {below}");
    }
}

#[test]
fn every_change_is_drawn_with_its_interval_beside_the_band() {
    let page = compared("a name");
    let (_, picture) = page.split_once("<svg ").expect("a picture");
    let (picture, _) = picture.split_once("</svg>").expect("its end");
    for (class, count) in [("band", 1), ("mark", 1), ("whisker", 3), ("spot", 3)] {
        assert_eq!(picture.matches(&format!("class=\"{class}\"")).count(), count, "{class}");
    }
    for label in ["tcp4", "udp4", "unix-stream"] {
        assert!(picture.contains(&format!(">{label}</text>")), "{label}");
    }
    assert!(!compared_facts().contains("<svg "), "facts have no ratios");
}

#[test]
fn commands_write_their_pages() {
    let folder = tempfile::tempdir().expect("a folder");
    let told = |words: &[&str], code: &[i32]| {
        let ran = Ran::of(sockeye().args(words).current_dir(folder.path()));
        assert!(ran.code.is_some_and(|found| code.contains(&found)), "{words:?}: {ran:?}");
        assert!(ran.out.is_empty() || ran.out.ends_with("</html>\n"), "{words:?}: {}", ran.out);
        ran.out
    };
    let kept = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/saved/run-1-2026-11.json");
    let page = told(&["compare", kept, kept, "-f", "html"], &[0]);
    assert!(page.contains("<th scope=\"row\">unix-stream</th>"), "{page}");
    told(&["check", "unix-dgram", "-qq", "-o", "check.html"], &[0, 1]);
    let page = std::fs::read_to_string(folder.path().join("check.html")).expect("a page");
    assert!(page.contains("<th scope=\"col\">unix-dgram</th>"), "{page}");
    let page = told(&["list", "-f", "html"], &[0]);
    assert!(page.contains("<th scope=\"row\">unix-stream</th>"), "{page}");
    let address = format!("unix-stream://{}", folder.path().join("<nobody>").display());
    let page = told(&["ping", &address, "-c", "1", "-f", "html"], &[1]);
    assert!(page.contains("&lt;nobody&gt;</th>") && page.contains("<h2 class=\"bad\">"), "{page}");
}

#[test]
fn a_browser_fetches_nothing_and_nothing_overflows() {
    if skip_without_tool("chromedriver") || skip_without_tool("chromium") {
        return;
    }
    let browser = Browser::start();
    for (name, page, _) in pages() {
        let bad = page.contains("<h2 class=\"bad\">");
        let rows = page.split("<div class=\"scroll\"").skip(1);
        let rows = rows.filter_map(|table| table.split("</table>").next());
        let rows: usize = rows.map(|table| table.matches("<tr").count() - 1).sum();
        let site = Site::of(vec![("/", "text/html", page)]);
        for (width, theme, ground) in VIEWS {
            let at = format!("{name}, {width}, {theme}");
            browser.open(&site.address("/"), width, theme);
            let seen = browser.look(INSPECT);
            assert_eq!(seen["wrong"], Value::Array(Vec::new()), "{at}");
            assert_eq!(seen["resources"], Value::Array(Vec::new()), "{at}");
            assert_eq!(seen["ground"], ground, "{at}");
            assert_eq!(site.asked(), ["/"], "{at}");
            assert_eq!(seen["rows"].as_array().map(Vec::len), Some(rows), "{at}");
            let red = if theme == "dark" { "rgb(255, 138, 128)" } else { "rgb(179, 38, 30)" };
            assert_eq!(seen["colour"] == red, bad, "{at}: {}", seen["colour"]);
        }
    }
}
