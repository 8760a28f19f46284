//! The program: it collects its arguments, lets the library do the work, and ends as that says.

use sockeye::console::{Console, Stream};
use sockeye::echo::{end, peer::Honest};
use sockeye::os::process::{END_WORD, WALK_WORD};
use sockeye::walk;
use std::io::{stderr, stdout};
use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<_> = std::env::args_os().collect();
    let task =
        || args[2..].iter().map(|arg| arg.to_string_lossy().into_owned()).collect::<Vec<_>>();
    match args.get(1).and_then(|word| word.to_str()) {
        Some(END_WORD) => return ExitCode::from(end::run(&task(), Honest)),
        Some(WALK_WORD) => return ExitCode::from(walk::end::run(&task())),
        _ => {}
    }
    sockeye::end_on_panic();
    let exit = {
        let (mut out, mut err) = (stdout().lock(), stderr().lock());
        let mut console = Console {
            out: Stream::standard(&mut out, &stdout()),
            err: Stream::standard(&mut err, &stderr()),
        };
        sockeye::run(&args, &mut console)
    };
    if let Some(interrupt) = exit.interrupt {
        interrupt.raise();
    }
    ExitCode::from(exit.code)
}
