//! A SUIT envelope decoded, authenticated by a key in hardware, validated, and executed: the
//! commands of the manifest draft, or with feature `all-commands` those of its companions too.

#![no_std]
#![no_main]

use core::hint::black_box;

use iotops_size::Hardware;
use suit_manifest::Envelope;
use suit_manifest::model::ComponentIdentifier;
use suit_manifest::process::{
    Answer, Call, Engine, Fault, Identity, Options, Platform, Procedure, Tree, ready,
};

/// A device of which nothing is known to the optimizer.
struct Device;

#[inline(never)]
fn ask(token: u32, bytes: &[u8]) -> usize {
    black_box((token, bytes)).1.len()
}

impl Platform for Device {
    fn has(&mut self, call: &Call<'_>) -> bool {
        ask(call.token(), call.component().map_or(&[], |one| one.as_encoded())) != 0
    }

    fn is(&mut self, call: &Call<'_>, identity: Identity<'_>) -> bool {
        match identity {
            Identity::Class(uuid) | Identity::Device(uuid) => ask(call.token(), uuid) != 0,
            _ => ask(call.token(), &[]) != 0,
        }
    }

    fn read(&mut self, call: &Call<'_>, _: u64, buffer: &mut [u8]) -> Answer<usize> {
        ready(ask(call.token(), black_box(buffer)))
    }

    fn begin(&mut self, _: &Call<'_>, _: Option<u64>) -> Answer<u64> {
        ready(black_box(0))
    }

    fn write(&mut self, call: &Call<'_>, _: u64, bytes: &[u8]) -> Answer<()> {
        ask(call.token(), bytes);
        ready(())
    }

    fn fetch(&mut self, call: &Call<'_>, uri: &str, _: u64, buffer: &mut [u8]) -> Answer<usize> {
        ask(call.token(), uri.as_bytes());
        ready(ask(call.token(), black_box(buffer)))
    }

    fn invoke(&mut self, call: &Call<'_>, arguments: Option<&[u8]>) -> Answer<()> {
        ask(call.token(), arguments.unwrap_or_default());
        ready(())
    }

    fn sequence_number(&mut self, _: Option<ComponentIdentifier<'_>>) -> Result<Option<u64>, Fault> {
        Ok(black_box(None))
    }

    fn store_sequence_number(
        &mut self,
        _: Option<ComponentIdentifier<'_>>,
        number: u64,
    ) -> Result<(), Fault> {
        black_box(number);
        Ok(())
    }
}

iotops_size::entry!(|input| {
    let manifest = Envelope::decode(input)
        .and_then(|envelope| envelope.authenticate(&[&Hardware]))
        .and_then(|authenticated| authenticated.validate());
    let manifest = match manifest {
        Ok(manifest) => manifest,
        Err(error) => return usize::from(error.rule().number()),
    };
    let (mut tree, mut engine) = (Tree::new(manifest), Engine::<1, 4>::new());
    let procedure = black_box(Procedure::Update);
    let run = engine
        .start(&tree, procedure, Options::default(), &mut Device, &mut ())
        .and_then(|()| engine.run(&mut tree, &mut Device, &mut ()));
    match run {
        Ok(_) => 0,
        Err(failure) => usize::from(black_box(failure).error().rule().number()),
    }
});
