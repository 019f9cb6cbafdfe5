//! Running manifests on the device in memory.

use iotops_crypto::key::{KeyType, SecretKey};
#[cfg(not(feature = "report"))]
use suit_manifest::Policy;
use suit_manifest::process::{Engine, Failure, Journal, Options, Procedure, Step, Tree};
use suit_manifest::{Manifest, ManifestBuilder};

use super::device::{Device, Memory};
use super::{borrowed, trusted, verify};

/// Options that take the published examples.
pub fn lenient() -> Options {
    let mut options = Options::default();
    options.needs_identity_checks = false;
    options.implicit_integrity = true;
    options.needs_all_sections = false;
    options
}

/// Runs a procedure; slow devices are asked again.
pub fn run(
    manifest: Manifest<'_>,
    procedure: Procedure,
    device: &mut Device,
) -> Result<(), Failure> {
    run_with(manifest, procedure, lenient(), device, &mut Memory::default())
}

pub fn run_with(
    manifest: Manifest<'_>,
    procedure: Procedure,
    options: Options,
    device: &mut Device,
    journal: &mut dyn Journal,
) -> Result<(), Failure> {
    // Every run of every test has a report, which must be true.
    #[cfg(feature = "report")]
    {
        let reported =
            super::reporting::run_reported(manifest, procedure, options, device, journal, 1 << 16);
        reported.check(manifest, procedure, device);
        reported.ended
    }
    #[cfg(not(feature = "report"))]
    {
        let keys = trusted();
        let keys = borrowed(&keys);
        let (mut loaded, mut arena) = ([None; 2], vec![0; 4096]);
        let tree = Tree::with_dependencies(manifest, &mut loaded, &mut arena, &keys, Policy::Any);
        run_tree(tree, procedure, options, device, journal)
    }
}

/// The same for a tree that was made ready.
pub fn run_tree(
    mut tree: Tree<'_, '_>,
    procedure: Procedure,
    options: Options,
    device: &mut Device,
    journal: &mut dyn Journal,
) -> Result<(), Failure> {
    let mut engine = Engine::<8, 8>::new();
    engine.start(&tree, procedure, options, device, journal)?;
    loop {
        match engine.step(&mut tree, device, journal)? {
            Step::Done => return Ok(()),
            // The engine is plain data: it may lie elsewhere at each step.
            _ => engine = engine.clone(),
        }
    }
}

/// The manifest, signed by the key of the tests.
pub fn signed(builder: ManifestBuilder) -> Vec<u8> {
    signed_with(builder, &[])
}

/// The same with integrated payloads.
pub fn signed_with(builder: ManifestBuilder, integrated: &[(&str, &[u8])]) -> Vec<u8> {
    let seed = std::fs::read(test_support::testdata().join("keys/generated-ed25519-seed.bin"));
    let mut key = SecretKey::from_raw(KeyType::Ed25519, &seed.unwrap()).unwrap();
    let mut draft = builder.build().unwrap();
    for (uri, content) in integrated {
        draft = draft.integrate(uri, content);
    }
    draft.sign(&mut key).unwrap();
    draft.envelope().unwrap()
}

/// Runs a procedure of a signed manifest.
pub fn run_document(
    document: &[u8],
    procedure: Procedure,
    device: &mut Device,
) -> Result<(), Failure> {
    let keys = trusted();
    let manifest = verify(document, &borrowed(&keys)).expect("it is valid");
    run(manifest, procedure, device)
}
