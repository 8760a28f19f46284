//! The program: it collects its arguments, lets the library do the work, and ends as that says.

use sockeye::console::{Console, Stream};
use sockeye::echo::{end, peer::Honest};
use sockeye::os::process::END_WORD;
use std::io::{stderr, stdout};
use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<_> = std::env::args_os().collect();
    if args.get(1).is_some_and(|word| word == END_WORD) {
        let task: Vec<_> = args[2..].iter().map(|arg| arg.to_string_lossy().into_owned()).collect();
        return ExitCode::from(end::run(&task, Honest));
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
