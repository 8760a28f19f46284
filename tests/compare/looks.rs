//! How the table looks. Whole outputs are in `tests/golden`; `BLESS=1 cargo test --test compare` rewrites
//! them.

use crate::stage::{self, run};
use serde_json::Value;
use sockeye::cli::compare::{FailOn, Limit, Metric};
use sockeye::cli::value::{Format, Percentiles};
use sockeye::compare::{Comparison, Options, answer::answer, runs, side::Side};
use sockeye::render::{Look, compare::render};
use std::path::Path;
use std::time::{Duration, SystemTime};

fn look(width: Option<usize>) -> Look {
    Look {
        width,
        height: None,
        colour: false,
        ascii: false,
        unit: None,
        percentiles: "99,max".parse::<Percentiles>().expect("percentiles"),
        percentiles_are_chosen: false,
        plots: Vec::new(),
        detail: 0,
    }
}

fn side(runs: &[Value]) -> Side {
    let mut side = Side::default();
    for (at, run) in runs.iter().enumerate() {
        let run = serde_json::from_value(run.clone()).expect("a run");
        side.add(format!("'{at}.json'"), run, Metric::Median);
    }
    side
}

fn comparison(base: &[Value], new: &[Value]) -> Comparison {
    let limit: Limit = "10%".parse().expect("a limit");
    let options = Options { limit, metric: Metric::Median, fail_on: FailOn::Slower, strict: false };
    let (base, new) = (side(base), side(new));
    let found = runs::compare(&base, &new, &options).expect("something in common");
    Comparison {
        argv: vec!["sockeye".to_owned()],
        started: SystemTime::UNIX_EPOCH,
        duration: Duration::ZERO,
        of: "run",
        base: base.files,
        new: new.files,
        answer: answer(&found, &options),
        exit_code: found.exit_code(&options),
        found,
        options,
    }
}

/// Everything at once: broken, gone, slower, another machine, tails, several sizes.
fn worst() -> Comparison {
    let sized = |seed| {
        let mut whole = run(seed);
        let results = whole["results"].as_array_mut().expect("results");
        for size in [1024_u64, 16_384] {
            for mut more in run(seed + size)["results"].as_array().expect("results").clone() {
                let id = more["id"].as_str().expect("an id").replace("/64/", &format!("/{size}/"));
                (more["id"], more["size"]) = (id.into(), size.into());
                results.push(more);
            }
        }
        whole
    };
    let mut new = sized(2);
    stage::scale(&mut new, 1.25, |result| result["transport"] == "tcp4");
    stage::scale(&mut new, 1.08, |result| result["place"] == "split");
    stage::without(
        &mut new,
        "udp4",
        "fail",
        "the reply to echo 4812 was wrong at byte 17, seen twice",
    );
    for result in new["results"].as_array_mut().expect("results") {
        if let Some(p99) = result["rtt_ns"]["p99"].as_u64() {
            result["rtt_ns"]["p99"] = (p99 * 2).into();
        }
    }
    for (name, value) in [("kernel", "6.1.0"), ("cpu", "another"), ("clocksource", "hpet")] {
        new["environment"][name] = value.into();
    }
    new["environment"]["lo_mtu"] = 1500.into();
    new["interrupted"] = "SIGTERM".into();
    comparison(&[sized(1)], &[new])
}

fn slower() -> Comparison {
    let mut new = run(2);
    stage::scale(&mut new, 1.27, |r| r["id"] == "tcp6/64/same/block");
    comparison(&[run(1)], &[new])
}

#[test]
fn the_tables_are_as_they_were() {
    let alone = |colour, ascii, width| Look { colour, ascii, ..look(width) };
    let cases = [
        ("compare-slower-80.txt", slower(), look(Some(80))),
        ("compare-slower-80-colour.txt", slower(), alone(true, false, Some(80))),
        ("compare-slower-80-ascii.txt", slower(), alone(false, true, Some(80))),
        ("compare-slower-120-verbose.txt", slower(), Look { detail: 1, ..look(Some(120)) }),
        ("compare-worst-80.txt", worst(), look(Some(80))),
        ("compare-worst-pipe.txt", worst(), look(None)),
        ("compare-same-80.txt", comparison(&[run(1), run(3)], &[run(2), run(4)]), look(Some(80))),
    ];
    let mut wrong = Vec::new();
    for (name, comparison, look) in cases {
        let text = render(&comparison, Format::Table, &look);
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&path, &text).expect("the folder of golden files is writable");
        }
        let expected = std::fs::read_to_string(&path).unwrap_or_default();
        if expected != text {
            wrong.push(format!("tests/golden/{name} differs:\n{expected}\nnow:\n{text}"));
        }
    }
    let bless = "if this is meant: BLESS=1 cargo test --test compare";
    assert!(wrong.is_empty(), "{bless}\n{}", wrong.join("\n"));
}

#[test]
fn a_screen_holds_it_and_seven_bits_do() {
    for comparison in [slower(), worst()] {
        let text = render(&comparison, Format::Table, &look(Some(80)));
        assert!(text.lines().count() <= 24, "{text}");
        let wide: Vec<_> = text.lines().filter(|line| line.chars().count() > 80).collect();
        assert!(wide.is_empty(), "{wide:#?}");
        let plain = render(&comparison, Format::Table, &Look { ascii: true, ..look(Some(80)) });
        assert!(plain.is_ascii(), "{plain}");
        let painted = render(&comparison, Format::Table, &Look { colour: true, ..look(Some(80)) });
        let bare: String = ["\u{1b}[32m", "\u{1b}[1;31m", "\u{1b}[33m", "\u{1b}[2m", "\u{1b}[0m"]
            .iter()
            .fold(painted, |text, code| text.replace(code, ""));
        assert_eq!(bare, text, "colour carries nothing alone");
    }
}
