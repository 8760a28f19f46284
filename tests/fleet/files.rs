//! The files that `--generate` writes: systemd and promtool take them, and each alert fires where it
//! should and nowhere else.

use crate::support::{Ran, run, skip, skip_without_tool, sockeye};
use sockeye::cli::generate::WantedParser;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// Everything of that kind, in a folder of its own.
fn installed(kind: &str) -> (TempDir, Ran) {
    let folder = TempDir::new().expect("a folder");
    let ran = run(&["--generate", &format!("{kind}:{}", folder.path().display())]);
    assert_eq!((ran.code, &*ran.err), (Some(0), ""), "{kind}");
    (folder, ran)
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("a folder").flatten();
    let mut names: Vec<_> =
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn read(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join(name)).expect("it was written")
}

/// The values of a setting of a unit.
fn values<'a>(unit: &'a str, setting: &'a str) -> Vec<&'a str> {
    unit.lines().filter_map(|line| line.strip_prefix(setting)?.strip_prefix('=')).collect()
}

#[test]
fn each_kind_is_written_as_it_is_printed_under_the_name_that_its_readers_look_for() {
    let expected = [
        ("man", vec!["sockeye.1"]),
        ("complete-bash", vec!["sockeye.bash"]),
        ("complete-zsh", vec!["_sockeye"]),
        ("complete-fish", vec!["sockeye.fish"]),
        ("complete-elvish", vec!["sockeye.elv"]),
        ("schema-run", vec!["run.schema.json"]),
        ("schema-check", vec!["check.schema.json"]),
        ("schema-ping", vec!["ping.schema.json"]),
        ("schema-compare", vec!["compare.schema.json"]),
        ("schema-explain", vec!["explain.schema.json"]),
        ("systemd", vec!["sockeye.service", "sockeye.timer"]),
        ("prometheus-rules", vec!["sockeye.rules.yml"]),
    ];
    let kinds = clap::builder::TypedValueParser::possible_values(&WantedParser).expect("kinds");
    let kinds: Vec<_> = kinds.map(|kind| kind.get_name().to_owned()).collect();
    for kind in kinds {
        let (folder, told) = installed(&kind);
        let found = names(folder.path());
        if let Some((_, files)) = expected.iter().find(|(name, _)| *name == kind) {
            assert_eq!(&found, files, "{kind}");
        }
        let printed = run(&["--generate", &kind]).out;
        let written: Vec<_> = found.iter().map(|name| read(folder.path(), name)).collect();
        assert_eq!(printed, written.join("\n"), "{kind}");
        for name in found {
            let path = folder.path().join(&name);
            assert!(told.out.contains(&format!("wrote {}\n", path.display())), "{}", told.out);
        }
        assert!(told.out.lines().last().is_some_and(|line| line.starts_with("next: ")));
    }
}

#[test]
fn a_folder_that_is_not_there_or_not_to_be_written_to_is_refused_whole() {
    let folder = TempDir::new().expect("a folder");
    let missing = folder.path().join("no where");
    let ran = run(&["--generate", &format!("systemd:{}", missing.display())]);
    assert_eq!((ran.code, &*ran.out), (Some(2), ""), "{ran:?}");
    let hint = format!("\nhint: mkdir -p '{}'\n", missing.display());
    assert!(ran.err.starts_with("error: cannot write '") && ran.err.ends_with(&hint), "{ran:?}");

    // The second of two files cannot be: then the first is not either.
    std::fs::create_dir(folder.path().join("sockeye.timer")).expect("a folder in the way");
    let ran = run(&["--generate", &format!("systemd:{}", folder.path().display())]);
    assert_eq!((ran.code, names(folder.path())), (Some(2), vec!["sockeye.timer".to_owned()]));

    let ran = run(&["--generate", "systemd:"]);
    let expected = "error: cannot read 'systemd:' for '--generate <KIND[:FOLDER]>': no folder behind \
        the kind\nhint: a folder that is there: --generate systemd:/etc/systemd/system\n";
    assert_eq!((ran.code, &*ran.err), (Some(2), expected));
}

#[test]
fn systemd_has_nothing_to_say_against_the_units() {
    if skip_without_tool("systemd-analyze") {
        return;
    }
    let (folder, _) = installed("systemd");
    // Here it is installed nowhere.
    let unit = read(folder.path(), "sockeye.service");
    let here =
        unit.replace("ExecStart=sockeye", &format!("ExecStart={}", env!("CARGO_BIN_EXE_sockeye")));
    assert_ne!(here, unit);
    std::fs::write(folder.path().join("sockeye.service"), here).expect("room");
    let mut check = Command::new("systemd-analyze");
    check.args(["verify", "--man=no", "--recursive-errors=no"]);
    check.args(["sockeye.service", "sockeye.timer"].map(|name| folder.path().join(name)));
    let ran = Ran::of(&mut check);
    assert_eq!((ran.code, &*ran.out, &*ran.err), (Some(0), "", ""));
}

/// What its two settings name is one folder, and the rest is what the program takes.
#[test]
fn the_service_does_what_it_is_to_do() {
    let (folder, _) = installed("systemd");
    let unit = read(folder.path(), "sockeye.service");
    let output = values(&unit, "Environment")[0].strip_prefix("SOCKEYE_OUTPUT=").expect("a file");
    let path = Path::new(output.strip_prefix("openmetrics:").expect("the form"));
    let writable = values(&unit, "ReadWritePaths")[0].trim_start_matches('-');
    assert_eq!(path.parent(), Some(Path::new(writable)));

    let start = values(&unit, "ExecStart")[0];
    let words: Vec<_> = start.split(' ').collect();
    let file = folder.path().join("sockeye.prom");
    let mut service = if may_drop_rights() {
        // As the unit has it: root without capabilities, which owns the folder.
        let mut service = Command::new("setpriv");
        service.args(["--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"]);
        service.arg(env!("CARGO_BIN_EXE_sockeye"));
        service
    } else {
        sockeye()
    };
    service.args(&words[1..]).env("SOCKEYE_TIME", "300ms").env("SOCKEYE_NO_WARN", "all");
    service.env("SOCKEYE_OUTPUT", format!("openmetrics:{}", file.display()));
    let ran = Ran::of(&mut service);
    let answers: Vec<_> = values(&unit, "SuccessExitStatus")[0].split(' ').collect();
    let code = ran.code.expect("it ends").to_string();
    assert!(code == "0" || answers.contains(&&*code), "{ran:?}");
    // The journal gets the answer, and no table.
    assert!(!ran.out.is_empty() && !ran.out.contains("TRANSPORT "), "{ran:?}");
    assert!(std::fs::read_to_string(&file).expect("written").ends_with("# EOF\n"));
    assert_eq!(names(folder.path()), ["sockeye.prom", "sockeye.service", "sockeye.timer"]);
}

fn may_drop_rights() -> bool {
    let mut tried = Command::new("setpriv");
    tried.args(["--bounding-set=-all", "--inh-caps=-all", "--no-new-privs", "true"]);
    let may = tried.output().is_ok_and(|output| output.status.success());
    if !may {
        skip("this user has no rights to drop");
    }
    may
}

/// Filters of calls and packets would be part of what is measured.
#[test]
fn the_service_filters_neither_calls_nor_packets() {
    let (folder, _) = installed("systemd");
    let unit = read(folder.path(), "sockeye.service");
    for setting in [
        "SystemCallFilter",
        "SystemCallArchitectures",
        "RestrictAddressFamilies",
        "RestrictNamespaces",
        "RestrictRealtime",
        "RestrictSUIDSGID",
        "MemoryDenyWriteExecute",
        "LockPersonality",
        "PrivateDevices",
        "PrivateNetwork",
        "ProtectKernelModules",
        "ProtectKernelLogs",
        "ProtectKernelTunables",
        "ProtectClock",
        "ProtectHostname",
        "IPAddressDeny",
        "DynamicUser",
        "Nice",
        "CPUQuota",
        "CPUAffinity",
    ] {
        assert!(values(&unit, setting).is_empty(), "{setting}");
    }
}

#[test]
fn each_alert_fires_where_it_should_and_nowhere_else() {
    if skip_without_tool("promtool") {
        return;
    }
    let (folder, _) = installed("prometheus-rules");
    let tests = include_str!("rules.test.yml");
    std::fs::write(folder.path().join("rules.test.yml"), tests).expect("room");
    for (verb, file) in [("check", "sockeye.rules.yml"), ("test", "rules.test.yml")] {
        let mut tool = Command::new("promtool");
        tool.args([verb, "rules", file]).current_dir(folder.path());
        let ran = Ran::of(&mut tool);
        assert_eq!((ran.code, &*ran.err), (Some(0), ""), "{}", ran.out);
    }
    // Every alert is tried, both ways.
    let rules = read(folder.path(), "sockeye.rules.yml");
    let alerts: Vec<_> = rules.lines().filter_map(|l| l.trim().strip_prefix("- alert: ")).collect();
    assert!(alerts.len() >= 6, "{alerts:?}");
    for alert in alerts {
        let cases: Vec<_> = tests.split(&format!("alertname: {alert}\n")).skip(1).collect();
        let fires = |case: &&&str| case.trim_start().starts_with("exp_alerts:");
        let firing = cases.iter().filter(fires).count();
        assert!(firing > 0 && firing < cases.len(), "{alert}: {firing} of {}", cases.len());
    }
}

/// What an alert says to type has to be something that can be typed.
#[test]
fn the_commands_of_the_alerts_are_commands() {
    let (folder, _) = installed("prometheus-rules");
    let rules = read(folder.path(), "sockeye.rules.yml");
    let descriptions: Vec<_> =
        rules.lines().filter_map(|l| l.trim().strip_prefix("description: ")).collect();
    let mut ours = 0;
    for description in descriptions {
        let command = description.trim_matches('"').rsplit_once(": ").expect("something to type").1;
        let mut typed = command.to_owned();
        for (label, value) in [
            ("transport", "udp4"),
            ("size", "64"),
            ("place", "same"),
            ("wait", "block"),
            ("check", "echo"),
        ] {
            typed = typed.replace(&format!("{{{{ $labels.{label} }}}}"), value);
        }
        let Some(words) = typed.strip_prefix("sockeye ") else {
            assert!(typed.starts_with("systemctl status sockeye.timer"), "{typed}");
            continue;
        };
        ours += 1;
        let ran = Ran::of(sockeye().args(words.split(' ')).env("SOCKEYE_TIME", "200ms"));
        assert!(matches!(ran.code, Some(0 | 1)), "{typed}: {ran:?}");
    }
    assert!(ours >= 5, "{ours}");
}

/// `node_exporter` runs as another user, and takes what ends in .prom.
#[test]
fn a_file_of_metrics_can_be_read_by_others_and_is_never_half_of_one() {
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("sockeye.prom");
    let mut shell = Command::new("sh");
    let script = "umask 022; \"$0\" tcp4 -t 100ms -qq --no-warn all -o \"$1\"";
    shell.args(["-c", script, env!("CARGO_BIN_EXE_sockeye")]).arg(&file);
    assert_eq!(Ran::of(&mut shell).code, Some(0));
    let rights = std::fs::metadata(&file).expect("written").permissions().mode();
    assert_eq!(rights & 0o777, 0o644);

    // While it is measured, nothing in the folder has the suffix but the old file.
    let mut child = sockeye();
    child.args(["tcp4", "-t", "1s", "-qq"]).arg("-o").arg(folder.path().join("new.prom"));
    let mut child = child.spawn().expect("it starts");
    let beside = loop {
        let others = names(folder.path()).into_iter().find(|name| name != "sockeye.prom");
        if others.is_some() || child.try_wait().expect("ours").is_some() {
            break others;
        }
    };
    let suffix = |name: &str| Path::new(name).extension().is_some_and(|suffix| suffix == "prom");
    assert!(beside.as_deref().is_some_and(|name| !suffix(name)), "{beside:?}");
    assert!(child.wait().expect("it ends").success());
    assert_eq!(names(folder.path()), ["new.prom", "sockeye.prom"]);
}
