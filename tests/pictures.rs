//! Pictures and pages: whole in every kind of run, with every transport, escaped, asking for nothing, and
//! as a real browser lays them out.

#[path = "support/browser.rs"]
mod browser;
#[path = "support/made.rs"]
mod made;
mod support;

use browser::{Browser, INSPECT, Site, VIEWS};
use made::{Made, failing, finish, interrupted, several_sizes};
use serde_json::Value;
use sockeye::cli::plot::Plot;
use sockeye::cli::value::{Format, Percentiles};
use sockeye::measure::plan::Place;
use sockeye::measure::samples::{Samples, Span};
use sockeye::render::{Look, render};
use sockeye::report::Report;
use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};
use support::{Ran, skip_without_tool, sockeye};

/// A name that would be an element, end an attribute, and move a cursor.
const HOSTILE: &str = "</title><b onload=\"x\">&amp;'\u{1b}[2J</b>";

fn look(plots: &[Plot]) -> Look {
    Look {
        width: None,
        height: None,
        colour: false,
        ascii: false,
        unit: None,
        percentiles: "99,max".parse::<Percentiles>().expect("the default"),
        percentiles_are_chosen: false,
        detail: 0,
        plots: plots.to_vec(),
    }
}

/// The rounds as if each had taken its time, which older results do not say.
fn timed(mut report: Report) -> Report {
    let count = report.rows.len() as u64;
    for (index, row) in report.rows.iter_mut().enumerate() {
        for round in &mut row.rounds {
            let at_ns = (round.round as u64 * count + index as u64) * 1_300_000;
            round.span = Some(Span { at_ns, took_ns: 1_000_000 });
        }
    }
    report
}

/// The same case ten times, all in one.
fn ten_alike() -> Report {
    let mut made = Made::of(&["tcp4"]);
    made.transports = vec![made.transports[0]; 10];
    timed(made.report())
}

fn nothing() -> Report {
    let made = Made::default();
    let samples: Vec<_> = made.cases().into_iter().map(Samples::new).collect();
    finish(made.about(), &samples)
}

fn hostile() -> Report {
    let mut report = failing();
    report.about.label = Some(HOSTILE.to_owned());
    report.about.argv.push(HOSTILE.to_owned());
    report.about.note = Some(HOSTILE.to_owned());
    HOSTILE.clone_into(&mut report.about.environment.kernel);
    report.about.environment.governor = Some(HOSTILE.to_owned());
    for row in &mut report.rows {
        if let Some(problem) = &mut row.problem {
            HOSTILE.clone_into(&mut problem.message);
            HOSTILE.clone_into(&mut problem.meaning);
            HOSTILE.clone_into(&mut problem.hint);
        }
    }
    report
}

/// Seven transports, two places, eight sizes, and as many rounds as a run ever has by itself.
fn large() -> Report {
    let mut made = Made::default();
    made.sizes = (0..8).map(|power| 64 << power).collect();
    made.rounds = (100, 100);
    timed(made.report())
}

/// Every kind of run that there is.
fn runs() -> Vec<(&'static str, Report)> {
    let mut alone = Made::of(&["udp6"]);
    alone.places = vec![Place::Free];
    vec![
        ("default", Made::default().report()),
        ("timed", timed(Made::default().report())),
        ("failing", failing()),
        ("sizes", several_sizes(&[Place::Same, Place::Split])),
        ("interrupted", interrupted()),
        ("alone", alone.report()),
        ("alike", ten_alike()),
        ("nothing", nothing()),
        ("hostile", hostile()),
    ]
}

fn labels(report: &Report) -> Vec<&str> {
    report.rows.iter().map(|row| row.case.label.as_str()).collect()
}

// ---- pictures ----

#[test]
fn every_picture_of_every_run_is_well_formed_and_names_every_transport() {
    let xmllint = !skip_without_tool("xmllint");
    for (name, report) in runs() {
        for plots in [&[][..], &[Plot::Tail], &[Plot::Sizes], &[Plot::Rounds], &Plot::ALL] {
            let picture = render(&report, Format::Svg, &look(plots));
            assert!(picture.starts_with("<svg ") && picture.ends_with("</svg>\n"), "{name}");
            for part in ["role=\"img\"", "<title>", "<desc>", "viewBox="] {
                assert!(picture.contains(part), "{name} {plots:?}: no {part}");
            }
            for label in labels(&report) {
                assert!(said(&picture, label), "{name} {plots:?}: no {label}");
            }
            if xmllint {
                assert_eq!(xml_complaints(&picture), "", "{name} {plots:?}");
            }
        }
    }
}

/// Is this a word of the text that is seen?
fn said(picture: &str, word: &str) -> bool {
    let texts = picture.split("<text ").skip(1).filter_map(|text| text.split("</text>").next());
    let mut words = texts.flat_map(|text| text.split(['>', ' ', ',', ':', ';']));
    words.any(|found| found == word)
}

fn xml_complaints(document: &str) -> String {
    let mut checker = Command::new("xmllint")
        .args(["--noout", "--nonet", "-"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("xmllint starts");
    let mut input = checker.stdin.take().expect("a pipe");
    input.write_all(document.as_bytes()).expect("xmllint reads");
    drop(input);
    let output = checker.wait_with_output().expect("xmllint ends");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn the_title_is_the_answer_and_a_failure_comes_first() {
    let title = |report: &Report| {
        let picture = render(report, Format::Svg, &look(&[]));
        let (_, rest) = picture.split_once("<title>").expect("a title");
        rest.split("</title>").next().unwrap_or_default().replace('\u{a0}', " ")
    };
    let fine = title(&Made::default().report());
    assert!(fine.starts_with("Fastest: unix-seqpacket"), "{fine}");
    assert!(fine.contains("Pass: 7 of 7 transports"), "{fine}");
    let failed = title(&failing());
    assert!(failed.starts_with("FAIL: tcp6: sent back wrong bytes"), "{failed}");
    let cut = title(&interrupted());
    assert!(cut.starts_with("Interrupted (SIGINT) after 3 of 20 rounds"), "{cut}");
}

#[test]
fn the_picture_of_a_sweep_has_gaps_with_crosses_and_the_limits() {
    let report = several_sizes(&[Place::Same, Place::Split]);
    let picture = render(&report, Format::Svg, &look(&[]));
    // udp4 and unix-dgram carry no 300 KiB, at either place.
    assert_eq!(picture.matches("class=\"cross\"").count(), 4);
    for words in [
        "udp4 at 307,200 B: too large, 65,507 B at most",
        "udp4 65,507 B",
        "lo MTU 65,536 B",
        "unix-dgram 212,960 B",
    ] {
        assert!(picture.contains(words), "{words}: {picture}");
    }
    assert!(picture.contains("class=\"mark\""));
}

#[test]
fn a_run_without_numbers_is_a_picture_that_says_so() {
    let picture = render(&nothing(), Format::Svg, &look(&[]));
    assert!(picture.contains("Nothing was measured."), "{picture}");
    assert!(!picture.contains("<path"), "{picture}");
}

#[test]
fn rounds_that_say_when_they_were_stand_there_and_others_by_their_number() {
    let made = Made::default();
    let old = render(&made.report(), Format::Svg, &look(&[Plot::Rounds]));
    assert!(old.contains(">round</text>"), "{old}");
    let new = render(&timed(made.report()), Format::Svg, &look(&[Plot::Rounds]));
    assert!(new.contains(">seconds since the start of the run</text>"), "{new}");
}

// ---- pages ----

#[test]
fn what_the_user_or_the_machine_says_is_escaped_everywhere() {
    let report = hostile();
    for format in [Format::Svg, Format::Html] {
        let text = render(&report, format, &look(&Plot::ALL));
        assert!(!text.contains("<b "), "{}: {text}", format.word());
        assert!(!text.contains('\u{1b}') && !text.contains("\"x\""), "{}", format.word());
        assert!(
            text.contains("&lt;b onload=&quot;x&quot;&gt;&amp;amp;&apos;"),
            "{}",
            format.word()
        );
    }
}

#[test]
fn a_page_asks_for_nothing_and_has_no_script() {
    for (name, report) in runs() {
        let page = render(&report, Format::Html, &look(&[])).to_lowercase();
        for word in
            ["http:", "https:", "src=", "@import", "<script", "url(", "<link", "<img", "<iframe"]
        {
            assert!(!page.contains(word), "{name}: {word}");
        }
        let policy = "content=\"default-src 'none'; style-src 'unsafe-inline'\"";
        assert!(page.contains(policy), "{name}");
        assert!(page.ends_with("</html>\n"), "{name}");
    }
}

#[test]
fn a_page_has_the_answer_the_table_the_reasons_and_the_machine() {
    let report = failing();
    let page = render(&report, Format::Html, &look(&[])).replace('\u{a0}', " ");
    for words in [
        "<html lang=\"en\">",
        "<h2 class=\"bad\">FAIL: tcp6: sent back wrong bytes",
        "<li>Unix or TCP: ",
        "<th scope=\"col\">transport</th>",
        "<th scope=\"row\">tcp6</th>",
        "<td>FAIL</td>",
        "EPROTONOSUPPORT",
        "<code>sudo modprobe sctp",
        "<figcaption>",
        "<summary>Settings</summary>",
        "<summary>Machine</summary>",
        "<td>AMD EPYC</td>",
    ] {
        assert!(page.contains(words), "{words}");
    }
    let cases = page.split("</thead>").nth(1).and_then(|rest| rest.split("</table>").next());
    let cases = cases.expect("a table");
    assert_eq!(cases.matches("<tr").count(), report.rows.len());
    let failed = cases.split("</tr>").find(|line| line.contains("<td>FAIL</td>")).expect("a line");
    assert!(!failed.contains("slower") && !failed.contains('±'), "{failed}");
}

#[test]
fn the_page_of_seven_transports_at_two_places_with_eight_sizes_is_small() {
    let page = render(&large(), Format::Html, &look(&[]));
    assert!(page.len() <= 400_000, "{} bytes", page.len());
    assert!(page.matches("<svg ").count() >= 10, "pictures are missing");
    println!("{} bytes", page.len());
}

// ---- commands ----

#[test]
fn a_run_writes_a_picture_and_a_page_beside_its_table() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str| folder.path().join(name);
    let mut run = sockeye();
    run.args(["tcp4", "unix-stream", "sctp4", "-c", "200", "-r", "6", "--label", "<b>\"&'"]);
    for name in ["run.svg", "run.html", "run.json"] {
        run.arg("-o").arg(file(name));
    }
    let ran = Ran::of(&mut run);
    assert!(ran.out.contains("TRANSPORT"), "{ran:?}");
    let read = |name: &str| fs::read_to_string(file(name)).expect("a file");
    assert!(read("run.svg").ends_with("</svg>\n"));
    let page = read("run.html");
    assert!(page.contains("<h1>&lt;b&gt;&quot;&amp;&apos;</h1>"), "{page}");
    for label in ["tcp4", "unix-stream", "sctp4"] {
        assert!(said(&read("run.svg"), label), "{label}");
    }
    // What is kept makes the same picture.
    let again = Ran::of(sockeye().arg("report").arg(file("run.json")).args(["-f", "svg"]));
    assert_eq!((again.code, again.out), (Some(0), read("run.svg")), "{}", again.err);
}

#[test]
fn several_runs_are_a_page_a_picture_or_a_table_but_no_document_of_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let (one, two) = (folder.path().join("one.json"), folder.path().join("=two.json"));
    for (file, label) in [(&one, "first"), (&two, "second")] {
        let mut run = sockeye();
        run.args(["unix-dgram", "-c", "100", "-r", "6", "-qq", "--label", label, "-o"]);
        assert_eq!(Ran::of(run.arg(file)).code, Some(0));
    }
    let report = |args: &[&str]| Ran::of(sockeye().arg("report").arg(&one).arg(&two).args(args));
    let page = report(&["-f", "html"]).out;
    assert!(page.contains("<title>2 runs: first and second</title>"), "{page}");
    assert_eq!(page.matches("<section>").count(), 2);
    let picture = report(&["-f", "svg"]).out;
    assert_eq!(picture.matches(">The latency tail<").count(), 2);
    let table = report(&[]).out;
    let shown = |path: &std::path::Path| format!("{}\n", path.display());
    assert!(table.contains(&shown(&one)) && table.contains(&shown(&two)), "{table}");
    let csv = report(&["-f", "csv"]).out;
    assert_eq!(csv.matches("file,id,transport").count(), 1, "{csv}");
    assert_eq!(csv.lines().count(), 1 + 4, "{csv}");
    let json = report(&["--json"]);
    let told = "error: the json form holds one run, and here are 2 files\n\
                hint: one FILE at a time, or one of the forms table, csv, markdown, junit, github, svg, html\n";
    assert_eq!((json.code, json.err.as_str()), (Some(2), told));
}

#[test]
fn pictures_are_chosen_by_name_and_other_names_are_refused() {
    let old = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/saved/run-1-2026-11.json");
    let report = |args: &[&str]| Ran::of(sockeye().args(["report", old]).args(args));
    let both = report(&["-f", "svg", "--plot", "Rounds,tail,rounds"]).out;
    let place = |words: &str| both.find(words).unwrap_or_else(|| panic!("no {words}"));
    assert!(place(">The rounds over time<") < place(">The latency tail<"));
    assert_eq!(both.matches(">The rounds over time<").count(), 1);
    for (args, told) in [
        (
            ["--plot", "tial"],
            "error: cannot read 'tial' for '--plot <LIST>': unknown picture 'tial'\n\
             hint: did you mean 'tail'? pictures: tail, sizes, rounds\n",
        ),
        (
            ["--plot", ","],
            "error: cannot read ',' for '--plot <LIST>': no picture in it\n\
             hint: pictures: tail, sizes, rounds\n",
        ),
        (
            ["--plot", "tail"],
            "error: '--plot' is for the forms svg and html, and neither is asked for\n\
             hint: -o run.html, or -f svg\n",
        ),
    ] {
        let ran = report(&args);
        assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (Some(2), "", told));
    }
}

// ---- in a browser ----

#[test]
fn a_browser_fetches_nothing_and_nothing_overflows_or_overlaps() {
    if skip_without_tool("chromedriver") || skip_without_tool("chromium") {
        return;
    }
    let browser = Browser::start();
    let mut runs = runs();
    runs.push(("large", large()));
    for (name, report) in runs {
        let page = render(&report, Format::Html, &look(&[]));
        let picture = render(&report, Format::Svg, &look(&Plot::ALL));
        let site = Site::of(vec![("/", "text/html", page), ("/svg", "image/svg+xml", picture)]);
        for (width, theme, ground) in VIEWS {
            let at = format!("{name}, {width}, {theme}");
            browser.open(&site.address("/"), width, theme);
            let seen = browser.look(INSPECT);
            assert_eq!(seen["wrong"], Value::Array(Vec::new()), "{at}");
            assert_eq!(seen["resources"], Value::Array(Vec::new()), "{at}");
            assert_eq!(seen["ground"], ground, "{at}");
            assert_eq!(site.asked(), ["/"], "{at}");
            let figures = seen["figures"].as_array().expect("figures");
            assert!(!figures.is_empty(), "{at}");
            for (figure, label) in
                figures.iter().flat_map(|f| labels(&report).into_iter().map(move |l| (f, l)))
            {
                assert!(figure.as_str().is_some_and(|text| text.contains(label)), "{at}: {label}");
            }
        }
        for (theme, ground) in [("light", "rgb(255, 255, 255)"), ("dark", "rgb(20, 23, 26)")] {
            browser.open(&site.address("/svg"), 1200, theme);
            let seen = browser.look(INSPECT);
            assert_eq!(seen["wrong"], Value::Array(Vec::new()), "{name}, the picture, {theme}");
            assert_eq!((&seen["ground"], &seen["svgs"]), (&ground.into(), &1.into()), "{name}");
            // The icon is the browser's own wish; a page says that it may not, a picture cannot.
            let mut asked = site.asked();
            asked.retain(|path| path != "/favicon.ico");
            assert_eq!(asked, ["/svg"], "{name}");
        }
    }
}
