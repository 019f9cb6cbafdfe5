//! `iotops voucher`.

mod bulk;
mod document;
mod inspect;
mod request;
mod verify;

use clap::Subcommand;

use crate::failure::Failure;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show what a voucher or request says, and where it deviates; verifies nothing.
    Inspect(inspect::Arguments),
    /// Check the signature of a voucher or request, strictly, and what a device checks.
    Verify(verify::Arguments),
    /// Issue vouchers without nonces for a list of devices.
    Bulk(bulk::Arguments),
    /// Make the request of a device.
    Request(request::Arguments),
}

pub(crate) fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Inspect(arguments) => inspect::run(&arguments),
        Command::Verify(arguments) => verify::run(&arguments),
        Command::Bulk(arguments) => bulk::run(&arguments),
        Command::Request(arguments) => request::run(&arguments),
    }
}
