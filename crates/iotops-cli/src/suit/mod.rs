//! `iotops suit`.

mod inspect;
mod process;
mod verify;

use clap::Subcommand;

use crate::failure::Failure;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check signatures and all static rules of an envelope.
    Verify(verify::Arguments),
    /// Show what an envelope holds, without verifying anything.
    Inspect(inspect::Arguments),
    /// Run an envelope against a folder that plays the device.
    Process(process::Arguments),
}

pub(crate) fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Verify(arguments) => verify::run(&arguments),
        Command::Inspect(arguments) => inspect::run(&arguments),
        Command::Process(arguments) => process::run(&arguments),
    }
}
