//! Executing a manifest: the draft's examples 0, 1 and 4, with images that exist.

use std::cell::RefCell;
use std::hint::black_box;

use dress_up::component::Component;
use dress_up::{OperatingHooks, SuitManifest};
use iotops_crypto::cose::Sign1;
use iotops_crypto::key::Es256SecretKey;
use iotops_crypto::{Algorithm, digest};
use suit_manifest::model::{Action, ComponentIdentifier, Condition, ReportingPolicy, Section};
use suit_manifest::process::{
    Answer, Call, Engine, Fault, Identity, Options, Platform, Procedure, Step, Tree, ready, refused,
};
use suit_manifest::{Envelope, ManifestBuilder, ParametersBuilder, SequenceBuilder};

use crate::Accept;

const VENDOR: [u8; 16] = [0xfa; 16];
const CLASS: [u8; 16] = [0x14; 16];
const ALL: ReportingPolicy = ReportingPolicy::ALL;
/// Bytes of the image: short, so that its digest does not hide the rest.
const SIZE: usize = 256;

static IMAGE: [u8; SIZE] = [0xa5; SIZE];

fn sequence() -> SequenceBuilder {
    SequenceBuilder::new()
}

/// The identity checks of the shared sequence.
fn identity(parameters: ParametersBuilder) -> SequenceBuilder {
    sequence()
        .override_parameters(&parameters.vendor_identifier(&VENDOR).class_identifier(&CLASS))
        .condition(Condition::VendorIdentifier, ALL)
        .condition(Condition::ClassIdentifier, ALL)
}

/// A signed manifest with the commands of the draft's example, but for its load and invoke sections
/// if `boots` is false: `dress-up` invokes nothing.
pub fn envelope(example: &str, boots: bool) -> Vec<u8> {
    let digest = digest(Algorithm::Sha256, &[&IMAGE]).expect("built in");
    let digest: [u8; 32] = digest.as_bytes().try_into().expect("32 bytes");
    let wanted = ParametersBuilder::new().image_digest(&digest).image_size(SIZE as u64);
    let matching = sequence().condition(Condition::ImageMatch, ALL);
    let fetch = sequence()
        .override_parameters(&ParametersBuilder::new().uri("http://example.com/file.bin"))
        .action(Action::Fetch, ReportingPolicy::RECORD_ON_FAILURE)
        .condition(Condition::ImageMatch, ALL);
    let one = ManifestBuilder::new(1).component(&[&[0]]);
    let builder = match example {
        "0" => one.shared_sequence(identity(wanted)).section(Section::Validate, &matching),
        "1" => one
            .shared_sequence(identity(wanted))
            .section(Section::Install, &fetch)
            .section(Section::Validate, &matching),
        _ => three_components(&wanted, boots),
    };
    let builder = match example {
        "0" | "1" if boots => {
            builder.section(Section::Invoke, &sequence().action(Action::Invoke, ALL))
        }
        _ => builder,
    };
    let mut key = Es256SecretKey::from_scalar(&[7; 32]).expect("a scalar");
    let mut draft = builder.build().expect("valid");
    draft.sign(&mut key).expect("it answers");
    draft.envelope().expect("no integrated payload")
}

/// Example 4: staged in one component, copied to another, loaded to a third.
fn three_components(wanted: &ParametersBuilder, boots: bool) -> ManifestBuilder {
    let at = |index| sequence().set_component(index);
    let none = ParametersBuilder::new;
    let copied = |index, from| {
        at(index)
            .override_parameters(&none().source_component(from))
            .action(Action::Copy, ReportingPolicy::RECORD_ON_FAILURE)
            .condition(Condition::ImageMatch, ALL)
    };
    let shared = sequence()
        .set_component(0)
        .override_parameters(&wanted.clone())
        .override_parameters(&none().vendor_identifier(&VENDOR).class_identifier(&CLASS))
        .condition(Condition::VendorIdentifier, ALL)
        .condition(Condition::ClassIdentifier, ALL)
        .set_component(1)
        .override_parameters(wanted)
        .set_component(2)
        .override_parameters(wanted);
    let fetch = at(1)
        .override_parameters(&none().uri("http://example.com/file.bin"))
        .action(Action::Fetch, ReportingPolicy::RECORD_ON_FAILURE)
        .condition(Condition::ImageMatch, ALL);
    let builder = ManifestBuilder::new(4)
        .component(&[&[0]])
        .component(&[&[2]])
        .component(&[&[1]])
        .shared_sequence(shared)
        .section(Section::PayloadFetch, &fetch)
        .section(Section::Install, &copied(0, 1))
        .section(Section::Validate, &at(0).condition(Condition::ImageMatch, ALL));
    if !boots {
        return builder;
    }
    builder
        .section(Section::Load, &copied(2, 0))
        .section(Section::Invoke, &at(2).action(Action::Invoke, ReportingPolicy::RECORD_ON_FAILURE))
}

/// Ours: authenticates, validates all of the manifest, and runs the sections of these procedures.
#[inline(never)]
pub fn ours(envelope: &[u8], procedures: &[Procedure]) {
    let manifest = Envelope::decode(black_box(envelope))
        .and_then(|envelope| envelope.authenticate(&[&Accept]))
        .and_then(|authenticated| authenticated.validate())
        .expect("valid");
    let (mut tree, mut engine, mut device) =
        (Tree::new(manifest), Engine::<3, 4>::new(), Memory { image: IMAGE });
    for procedure in procedures {
        engine
            .start(&tree, *procedure, Options::default(), &mut device, &mut ())
            .expect("it may be run");
        let ended = engine.run(&mut tree, &mut device, &mut ());
        assert_eq!(ended, Ok(Step::Done));
    }
}

/// A device whose components all hold what was written last.
struct Memory {
    image: [u8; SIZE],
}

impl Platform for Memory {
    fn has(&mut self, _: &Call<'_>) -> bool {
        true
    }

    fn is(&mut self, _: &Call<'_>, identity: Identity<'_>) -> bool {
        match identity {
            Identity::Vendor(suit_manifest::model::VendorIdentifier::Uuid(uuid)) => *uuid == VENDOR,
            Identity::Class(uuid) => *uuid == CLASS,
            _ => false,
        }
    }

    fn read(&mut self, _: &Call<'_>, offset: u64, buffer: &mut [u8]) -> Answer<usize> {
        ready(part(&self.image, offset, buffer))
    }

    fn begin(&mut self, _: &Call<'_>, _: Option<u64>) -> Answer<u64> {
        ready(0)
    }

    fn write(&mut self, _: &Call<'_>, offset: u64, bytes: &[u8]) -> Answer<()> {
        let from = offset as usize;
        match self.image.get_mut(from..from + bytes.len()) {
            Some(space) => space.copy_from_slice(bytes),
            None => return refused(Fault::Failed),
        }
        ready(())
    }

    fn fetch(&mut self, _: &Call<'_>, _: &str, offset: u64, buffer: &mut [u8]) -> Answer<usize> {
        ready(part(&IMAGE, offset, buffer))
    }

    fn invoke(&mut self, _: &Call<'_>, _: Option<&[u8]>) -> Answer<()> {
        ready(())
    }

    fn sequence_number(
        &mut self,
        _: Option<ComponentIdentifier<'_>>,
    ) -> Result<Option<u64>, Fault> {
        Ok(None)
    }

    fn store_sequence_number(
        &mut self,
        _: Option<ComponentIdentifier<'_>>,
        _: u64,
    ) -> Result<(), Fault> {
        Ok(())
    }
}

fn part(bytes: &[u8], offset: u64, buffer: &mut [u8]) -> usize {
    let rest = bytes.get(offset as usize..).unwrap_or_default();
    let count = rest.len().min(buffer.len());
    buffer[..count].copy_from_slice(&rest[..count]);
    count
}

/// `dress-up`: authenticates, and runs all sections; commands are read as they are run, and what
/// is not run is not looked at. Its callback decodes the COSE message as ours does.
#[inline(never)]
pub fn dress_up(envelope: &[u8]) {
    let bytes = black_box(envelope);
    let authenticated = SuitManifest::from_bytes(&bytes)
        .authenticate(|cose, payload| {
            let message = Sign1::decode(cose).expect("strict");
            Ok(message.verify_detached(payload, b"", &[&Accept]).is_ok())
        })
        .expect("authentic");
    let manifest = authenticated.envelope().and_then(|envelope| envelope.manifest());
    manifest.expect("there").execute_full(&Hooks(RefCell::new(IMAGE))).expect("it succeeds");
}

struct Hooks(RefCell<[u8; SIZE]>);

impl OperatingHooks for Hooks {
    type ReadWriteBufferSize = generic_array::typenum::U256;

    fn match_vendor_id(
        &self,
        uuid: uuid::Uuid,
        _: &Component<'_>,
    ) -> Result<bool, dress_up::error::Error> {
        Ok(*uuid.as_bytes() == VENDOR)
    }

    fn match_class_id(
        &self,
        uuid: uuid::Uuid,
        _: &Component<'_>,
    ) -> Result<bool, dress_up::error::Error> {
        Ok(*uuid.as_bytes() == CLASS)
    }

    fn component_read(
        &self,
        _: &Component<'_>,
        _: Option<u64>,
        offset: usize,
        bytes: &mut [u8],
    ) -> Result<(), dress_up::error::Error> {
        bytes.copy_from_slice(&self.0.borrow()[offset..offset + bytes.len()]);
        Ok(())
    }

    fn component_write(
        &self,
        _: &Component<'_>,
        _: Option<u64>,
        offset: usize,
        bytes: &[u8],
    ) -> Result<(), dress_up::error::Error> {
        self.0.borrow_mut()[offset..offset + bytes.len()].copy_from_slice(bytes);
        Ok(())
    }

    fn component_size(&self, _: &Component<'_>) -> Result<usize, dress_up::error::Error> {
        Ok(SIZE)
    }

    fn component_capacity(&self, _: &Component<'_>) -> Result<usize, dress_up::error::Error> {
        Ok(SIZE)
    }

    fn fetch(
        &self,
        _: &Component<'_>,
        _: Option<u64>,
        _: &str,
    ) -> Result<(), dress_up::error::Error> {
        *self.0.borrow_mut() = IMAGE;
        Ok(())
    }
}
