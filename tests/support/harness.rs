//! The standard harness in small, for tests that own `main`: the ends of an exchange and of a walk are
//! the program itself, started again, and so their tests have to be the program.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

/// A test and its name, which is a sentence.
pub(crate) type Test = (&'static str, fn() -> Result<(), String>);

/// Runs those that the arguments choose, or lists them.
pub(crate) fn harness(tests: &[Test], args: &[String]) -> ExitCode {
    let chosen = |name: &str| {
        let mut filters = args.iter().filter(|arg| !arg.starts_with('-')).peekable();
        filters.peek().is_none() || filters.any(|filter| name.contains(filter.as_str()))
    };
    let tests: Vec<_> = tests.iter().filter(|(name, _)| chosen(name)).collect();
    if args.iter().any(|arg| arg == "--list") {
        for (name, _) in tests {
            println!("{name}: test");
        }
        return ExitCode::SUCCESS;
    }
    println!("\nrunning {} tests", tests.len());
    let mut failed = 0;
    for (name, test) in &tests {
        // What it says itself is on standard error already.
        let panicked = |_| Err("it panicked".to_owned());
        match catch_unwind(AssertUnwindSafe(test)).unwrap_or_else(panicked) {
            Ok(()) => println!("test {name} ... ok"),
            Err(why) => {
                failed += 1;
                println!("test {name} ... FAILED\n{why}");
            }
        }
    }
    let (word, passed) = (if failed == 0 { "ok" } else { "FAILED" }, tests.len() - failed);
    println!(
        "\ntest result: {word}. {passed} passed; {failed} failed; 0 ignored; 0 measured; 0 filtered out\n"
    );
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
