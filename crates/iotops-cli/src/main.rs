//! The `iotops` command.

#![forbid(unsafe_code)]

mod anchors;
mod failure;
mod files;
mod key;
mod random;
mod source;
mod suit;
mod voucher;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Verify and inspect the documents that IoT devices live by.
///
/// Exit status: 0 accepted, 1 rejected, 2 usage or input and output.
#[derive(Debug, Parser)]
#[command(name = "iotops", version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Firmware manifests (draft-ietf-suit-manifest-37).
    #[command(subcommand)]
    Suit(suit::Command),
    /// Vouchers and requests for them (RFC 8366, BRSKI).
    #[command(subcommand)]
    Voucher(voucher::Command),
    /// Keys: make them, show them.
    #[command(subcommand)]
    Key(key::Command),
    /// Sets of trust anchors: make them, update them, show them.
    #[command(subcommand)]
    Anchors(anchors::Command),
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Suit(command) => suit::run(command),
        Command::Voucher(command) => voucher::run(command),
        Command::Key(command) => key::run(command),
        Command::Anchors(command) => anchors::run(command),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}
