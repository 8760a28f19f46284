//! The whole way: a run's file is served by `node_exporter`, scraped by Prometheus, judged by the rules,
//! and answers the queries of the README.

use crate::started::Started;
use crate::support::{Ran, run, skip_without_tool};
use serde_json::Value;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::SystemTime;
use tempfile::TempDir;

/// A file of each command, all in one folder.
fn results(folder: &Path) {
    std::fs::create_dir(folder).expect("room");
    let commands: [&[&str]; 5] = [
        &["run", "-c", "1500", "-r", "6", "-w", "10", "--no-warn", "all"],
        &["tcp4", "-c", "100", "-r", "6", "--no-warn", "all", "--label", "night \"\\\n"],
        &["check", "tcp4", "udp4", "unix-stream"],
        &["list"],
        &["ping", "tcp4:127.0.0.1:1", "-c", "1"],
    ];
    for (number, command) in commands.into_iter().enumerate() {
        let file = folder.join(format!("{number}.prom"));
        let ran = run(&[command, &["-qq", "-o", file.to_str().expect("letters")]].concat());
        assert!(matches!(ran.code, Some(0 | 1)), "{command:?}: {ran:?}");
    }
}

fn exporter(folder: &Path) -> Started {
    let mut command = Command::new("prometheus-node-exporter");
    command.args(["--collector.disable-defaults", "--collector.textfile"]);
    Started::new(command.arg(format!("--collector.textfile.directory={}", folder.display())))
}

/// What a run says, a week ago, once an hour for a day; TCP over IPv4 took half as long then.
fn last_week(metrics: &str, instance: &str, now: u64) -> String {
    let mut text = "# TYPE sockeye_round_trip_seconds summary\n".to_owned();
    let medians = metrics
        .lines()
        .filter(|line| line.starts_with("sockeye_round_trip_seconds{") && line.contains("\"0.5\""));
    for line in medians.filter(|line| !line.contains("label=")) {
        let (series, number) = line.rsplit_once(' ').expect("a number");
        let series = series.replace('}', &format!(",instance=\"{instance}\",job=\"node\"}}"));
        let number: f64 = number.parse().expect("a number");
        let then = if line.contains("\"tcp4\"") { number / 2.0 } else { number };
        for hour in 0..24 {
            let at = now - 7 * 86_400 - hour * 3600 - 60;
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{series} {then:.9} {at}");
        }
    }
    text + "# EOF\n"
}

fn settings(folder: &Path, instance: &str) -> std::path::PathBuf {
    let rules = folder.join("rules");
    std::fs::create_dir(&rules).expect("room");
    let ran = run(&["--generate", &format!("prometheus-rules:{}", rules.display())]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let file = folder.join("prometheus.yml");
    let text = format!(
        "global:\n  scrape_interval: 1s\n  evaluation_interval: 1s\nrule_files:\n  - {}/*.yml\n\
         scrape_configs:\n  - job_name: node\n    static_configs:\n      - targets: ['{instance}']\n",
        rules.display()
    );
    std::fs::write(&file, text).expect("room");
    file
}

fn prometheus(folder: &Path, exporter: &Started) -> Started {
    let data = folder.join("data");
    let (_, metrics) = exporter.get("/metrics");
    let now =
        SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970").as_secs();
    let history = folder.join("history.txt");
    std::fs::write(&history, last_week(&metrics, &exporter.address, now)).expect("room");
    let mut tool = Command::new("promtool");
    tool.args(["tsdb", "create-blocks-from", "openmetrics"]).args([&history, &data]);
    let ran = Ran::of(&mut tool);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let mut command = Command::new("prometheus");
    command.arg(format!("--config.file={}", settings(folder, &exporter.address).display()));
    Started::new(command.arg(format!("--storage.tsdb.path={}", data.display())).current_dir(folder))
}

/// The queries of the README: each with the remark above it.
fn queries() -> Vec<(String, String)> {
    let readme = include_str!("../../README.md");
    let block = readme.split("```promql\n").nth(1).and_then(|rest| rest.split("```").next());
    let lines: Vec<_> = block.expect("a block of queries").lines().collect();
    lines.chunks(2).map(|pair| (pair[0].to_owned(), pair[1].to_owned())).collect()
}

#[test]
fn node_exporter_serves_the_files_of_every_command_beside_each_other() {
    if skip_without_tool("prometheus-node-exporter") {
        return;
    }
    let folder = TempDir::new().expect("a folder");
    let files = folder.path().join("files");
    results(&files);
    let exporter = exporter(&files);
    let (status, metrics) = exporter.get("/metrics");
    assert!(status.contains("200"), "{status}");
    assert!(metrics.contains("\nnode_textfile_scrape_error 0\n"), "{metrics}");
    for series in [
        "sockeye_build_info{command=\"run\",",
        "sockeye_transport_available{command=\"run\",transport=\"tcp4\"} 1",
        "sockeye_transport_available{command=\"list\",transport=\"tcp4\"} 1",
        "sockeye_round_trip_seconds{place=\"same\",size=\"64\",transport=\"tcp4\",wait=\"block\",quantile=\"0.5\"} ",
        "sockeye_check_pass{check=\"echo\",naming=\"abstract\",transport=\"unix-stream\"} 1",
        "sockeye_ping_reachable{address=\"tcp4://127.0.0.1:1\",target=\"tcp4:127.0.0.1:1\"} 0",
        "label=\"night \\\"\\\\\\n\"",
    ] {
        assert!(metrics.contains(series), "{series}: {metrics}");
    }
    // A series that two files had would be an error of each scrape.
    assert!(!exporter.log().contains("level=error"), "{}", exporter.log());
}

#[test]
fn prometheus_scrapes_judges_and_answers_the_queries_of_the_readme() {
    let tools = ["prometheus", "promtool", "prometheus-node-exporter"];
    if tools.into_iter().any(skip_without_tool) {
        return;
    }
    let folder = TempDir::new().expect("a folder");
    let files = folder.path().join("files");
    results(&files);
    let exporter = exporter(&files);
    let prometheus = prometheus(folder.path(), &exporter);

    prometheus.until("that it is ready", |it| it.get("/-/ready").0.contains("200").then_some(()));
    prometheus.until("the target", |it| {
        let targets = it.data("/api/v1/targets");
        (targets["activeTargets"][0]["health"] == "up").then_some(())
    });
    let machine = "sockeye:round_trip_seconds:machine_ratio1w";
    prometheus.until("the recording rules", |it| (!it.query(machine).is_empty()).then_some(()));
    let groups = prometheus.data("/api/v1/rules");
    for rule in groups["groups"][0]["rules"].as_array().expect("rules") {
        assert!(matches!(rule["health"].as_str(), Some("ok" | "unknown")), "{rule}");
    }

    let queries = queries();
    assert!(queries.len() >= 5, "{queries:?}");
    for (remark, query) in queries {
        assert!(remark.starts_with("# "), "{remark}");
        let found = prometheus.query(&query);
        // That a transport is missing somewhere is not to be had everywhere.
        assert!(!found.is_empty() || query.ends_with("== 0"), "{remark}\n{query}");
    }
    assert_slower(&prometheus);
}

/// The transport that took half as long a week ago is the one that is told of.
fn assert_slower(prometheus: &Started) {
    let alerts = prometheus.until("the alert", |it| {
        let alerts = it.data("/api/v1/alerts")["alerts"].as_array().cloned().unwrap_or_default();
        let slower = |alert: &Value| alert["labels"]["alertname"] == "SockeyeSlower";
        let slower: Vec<_> = alerts.into_iter().filter(slower).collect();
        (!slower.is_empty()).then_some(slower)
    });
    for alert in alerts {
        // Half an hour has to pass before it fires.
        assert_eq!(
            (&alert["labels"]["transport"], &alert["state"]),
            (&"tcp4".into(), &"pending".into())
        );
        let value: f64 = alert["value"].as_str().and_then(|v| v.parse().ok()).expect("a number");
        assert!((1.99..2.01).contains(&value), "{alert}");
    }
}
