//! `iotops suit select`.

use std::path::PathBuf;

use clap::Args;
use iotops_crypto::Verifier;
use suit_manifest::Policy;
use suit_manifest::discover::select_latest;
use suit_manifest::model::{ComponentIdentifier, Uuid, VendorIdentifier};
use suit_manifest::process::{Answer, Call, Engine, Fault, Identity, Platform, refused};
use suit_manifest::report::Recorder;

use super::explain;
use super::process::{COMPONENTS, DEPTH, Device, Power};
use crate::failure::Failure;
use crate::files;
use crate::key::KeyFile;
use crate::source::unhex;

#[derive(Debug, Args)]
#[command(
    after_help = "Prints the envelope to install, and why each other is not. Exit status 1 if there is none.

Examples:
  iotops suit select --key author.pem --device DIR updates/*.suit
  iotops suit select --key author.pem --vendor fa6b4a53-d5ad-5fdf-be9d-e663e4d41ffe \\
    --class 1492af14-2569-5e48-bf42-9b2d51f2ab45 --number 3 updates/*.suit"
)]
pub(crate) struct Arguments {
    /// The envelopes.
    #[arg(required = true)]
    files: Vec<String>,
    /// A trusted key, as for verify. May be given several times.
    #[arg(long = "key", value_name = "KEY", required = true)]
    keys: Vec<String>,
    /// The folder that plays the device, as for process.
    #[arg(long, value_name = "DIR", required_unless_present = "class")]
    device: Option<PathBuf>,
    /// The vendor of a device that is not here: it has all components, and nothing in them.
    #[arg(long, value_name = "UUID", value_parser = uuid, conflicts_with = "device")]
    vendor: Option<Uuid>,
    /// The class of a device that is not here.
    #[arg(long, value_name = "UUID", value_parser = uuid, requires = "vendor")]
    class: Option<Uuid>,
    /// The sequence number of what that device has installed.
    #[arg(long, requires = "class")]
    number: Option<u64>,
}

fn uuid(text: &str) -> Result<Uuid, String> {
    let bytes = unhex(&text.replace('-', "")).and_then(|bytes| bytes.try_into().ok());
    bytes.ok_or_else(|| "a UUID has 32 hexadecimal digits".into())
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let keys: Vec<KeyFile> =
        arguments.keys.iter().map(|name| KeyFile::load(name)).collect::<Result<_, _>>()?;
    let keys: Vec<&dyn Verifier> = keys.iter().map(KeyFile::verifier).collect();
    let envelopes: Vec<Vec<u8>> =
        arguments.files.iter().map(|name| files::read(name)).collect::<Result<_, _>>()?;
    let power = Power::new(None);
    let mut records = [];
    let (mut folder, mut named);
    let device: &mut dyn Platform = if let Some(path) = &arguments.device {
        folder = Quiet(Device::open(path, &[], &power, Recorder::new(&mut records))?);
        &mut folder
    } else {
        let Arguments { vendor, class, number, .. } = *arguments;
        named = Named { vendor, class, number };
        &mut named
    };
    let mut text = String::new();
    let selected = select_latest(
        envelopes.iter().map(Vec::as_slice),
        Policy::Any,
        &keys,
        &mut Engine::<COMPONENTS, DEPTH>::new(),
        device,
        &mut |place, error| {
            let (Some(name), Some(bytes)) = (arguments.files.get(place), envelopes.get(place))
            else {
                return;
            };
            text += &format!("{name}: not taken: {}\n", explain(error, bytes));
        },
    );
    let chosen = selected.and_then(|selected| {
        let name = arguments.files.get(selected.place)?;
        Some(format!("{name}: number {}\n", selected.manifest.sequence_number()))
    });
    files::print((text + chosen.as_deref().unwrap_or_default()).as_bytes())?;
    match chosen {
        Some(_) => Ok(()),
        None => Err(Failure::Rejected("no envelope is for this device".into())),
    }
}

/// A device whose commands are not printed.
struct Quiet<'d>(Device<'d>);

impl Platform for Quiet<'_> {
    fn has(&mut self, call: &Call<'_>) -> bool {
        self.0.has(call)
    }

    fn is(&mut self, call: &Call<'_>, identity: Identity<'_>) -> bool {
        self.0.is(call, identity)
    }

    fn read(&mut self, call: &Call<'_>, offset: u64, buffer: &mut [u8]) -> Answer<usize> {
        self.0.read(call, offset, buffer)
    }

    fn slot(&mut self, call: &Call<'_>) -> Option<u64> {
        self.0.slot(call)
    }

    fn sequence_number(
        &mut self,
        root: Option<ComponentIdentifier<'_>>,
    ) -> Result<Option<u64>, Fault> {
        self.0.sequence_number(root)
    }

    fn store_sequence_number(
        &mut self,
        _: Option<ComponentIdentifier<'_>>,
        _: u64,
    ) -> Result<(), Fault> {
        Err(Fault::Unsupported)
    }
}

/// A device of which only this is known.
struct Named {
    vendor: Option<Uuid>,
    class: Option<Uuid>,
    number: Option<u64>,
}

impl Platform for Named {
    fn has(&mut self, _: &Call<'_>) -> bool {
        true
    }

    fn is(&mut self, _: &Call<'_>, identity: Identity<'_>) -> bool {
        match identity {
            Identity::Vendor(VendorIdentifier::Uuid(uuid)) => self.vendor.as_ref() == Some(uuid),
            Identity::Class(uuid) => self.class.as_ref() == Some(uuid),
            _ => false,
        }
    }

    fn read(&mut self, _: &Call<'_>, _: u64, _: &mut [u8]) -> Answer<usize> {
        refused(Fault::Absent)
    }

    fn sequence_number(
        &mut self,
        _: Option<ComponentIdentifier<'_>>,
    ) -> Result<Option<u64>, Fault> {
        Ok(self.number)
    }

    fn store_sequence_number(
        &mut self,
        _: Option<ComponentIdentifier<'_>>,
        _: u64,
    ) -> Result<(), Fault> {
        Err(Fault::Unsupported)
    }
}
