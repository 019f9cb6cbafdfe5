//! Runs one named operation a number of times, to be counted by callgrind: the difference of two
//! runs is the operation alone. `.ci/instructions` does that.

use std::env;
use std::process::ExitCode;

use iotops_benches::{Accept, example, examples, operations, process, raw_key, sign1};
use suit_manifest::process::Procedure;

fn main() -> ExitCode {
    let mut arguments = env::args().skip(1);
    let name = arguments.next().unwrap_or_default();
    let count = arguments.next().and_then(|count| count.parse().ok()).unwrap_or(1);
    match operation(&name) {
        Some(operation) => {
            (0..count).for_each(|_: u32| operation());
            ExitCode::SUCCESS
        }
        None => {
            eprintln!("no such operation: {name}");
            ExitCode::FAILURE
        }
    }
}

fn operation(name: &str) -> Option<Box<dyn Fn()>> {
    let (name, input) = name.split_once(' ').unwrap_or((name, ""));
    Some(match (name, input) {
        ("walk-ours", _) => on(examples(), |documents| operations::walk_ours(documents)),
        ("walk-minicbor", _) => on(examples(), |documents| operations::walk_minicbor(documents)),
        ("cose-ours", _) => on(sign1(), |message| operations::cose_ours(message)),
        ("cose-minicbor-strict", _) => {
            on(sign1(), |message| operations::cose_minicbor_strict(message))
        }
        ("cose-minicbor-plain", _) => {
            on(sign1(), |message| operations::cose_minicbor_plain(message))
        }
        ("cose-coset", _) => on(sign1(), |message| operations::cose_coset(message)),
        ("cose-es256", _) => on((sign1(), raw_key()), |(message, key)| {
            operations::cose_es256(message, key);
        }),
        ("suit-ours", "0" | "1" | "4") => {
            on(example(input), |envelope| operations::suit_ours(envelope, &Accept))
        }
        ("suit-dress-up", "0" | "1" | "4") => {
            on(example(input), |envelope| operations::suit_dress_up(envelope))
        }
        ("suit-validator", "0" | "1" | "4") => on(example(input), |envelope| {
            let _ = operations::suit_validator(envelope);
        }),
        ("process-ours", "0") => on(process::envelope("0", true), |envelope| {
            process::ours(envelope, &[Procedure::Invocation]);
        }),
        ("process-ours", "4") => on(process::envelope("4", true), |envelope| {
            process::ours(envelope, &[Procedure::Update, Procedure::Invocation]);
        }),
        ("process-alike", "0" | "1") => on(process::envelope(input, false), |envelope| {
            process::ours(envelope, &[Procedure::Update]);
        }),
        ("process-dress-up", "0" | "1") => {
            on(process::envelope(input, false), |envelope| process::dress_up(envelope))
        }
        ("sha256", length) => {
            on(vec![0xa5; length.parse().ok()?], |bytes| operations::sha256(bytes))
        }
        _ => return None,
    })
}

fn on<T: 'static>(input: T, run: impl Fn(&T) + 'static) -> Box<dyn Fn()> {
    Box::new(move || run(&input))
}
