//! `iotops anchors`.

mod create;
mod show;
mod spec;
mod update;

use clap::Subcommand;
use iotops_crypto::Error;
use iotops_crypto::anchor::{AnchorSet, AnchorState};

use crate::failure::Failure;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a first set.
    Create(create::Arguments),
    /// Make and sign the next update of a set.
    Update(update::Arguments),
    /// Show a set, as text or as source code.
    Show(show::Arguments),
}

pub(crate) fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Create(arguments) => create::run(&arguments),
        Command::Update(arguments) => update::run(&arguments),
        Command::Show(arguments) => show::run(&arguments),
    }
}

/// A buffer for anything that is made of a set and these anchors: what is added is far smaller.
const ROOM: usize = 1 << 20;

/// A set, alone or in the state of a device.
fn decode<'a>(name: &str, bytes: &'a [u8]) -> Result<AnchorState<'a>, Failure> {
    let set = AnchorSet::decode(bytes);
    match AnchorState::decode(bytes) {
        Ok(state) => Ok(state),
        Err(error) => set.map(AnchorState::new).map_err(|of_set| {
            // A set is a map, a state an array: what is no map is told as a state.
            let is_set = bytes.first().is_some_and(|first| first >> 5 == 5);
            rejected(name, if is_set { of_set } else { error })
        }),
    }
}

fn rejected(name: &str, error: Error) -> Failure {
    Failure::Rejected(format!("{name}: {error}"))
}
