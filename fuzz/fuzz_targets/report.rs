//! Reports: what is decoded gives its bytes back, and replaying one, whatever it says, against any
//! valid manifest ends.

#![no_main]

use iotops_fuzz::{Anyone, wrap};
use iotops_wire::cbor::{Cursor, Encoder};
use libfuzzer_sys::fuzz_target;
use suit_manifest::process::{Procedure, Tree};
use suit_manifest::report::{ProtectedReport, Replay, Report};
use suit_manifest::{Envelope, Manifest, Policy};

fuzz_target!(|input: &[u8]| {
    let Some((length, rest)) = input.split_first_chunk::<2>() else { return };
    let length = usize::from(u16::from_le_bytes(*length)).min(rest.len());
    let (report, document) = rest.split_at(length);
    decode(report);
    for document in [document, &wrap(document)] {
        let manifest = Envelope::decode(document)
            .and_then(|envelope| envelope.authenticate(&[&Anyone])?.validate());
        if let Ok(manifest) = manifest {
            replay(report, manifest);
        }
    }
});

fn decode(bytes: &[u8]) {
    if let Ok(report) = Report::decode_unverified(bytes) {
        let mut again = Vec::new();
        report.encode(&mut Encoder::new(&mut again)).expect("a vector has space");
        assert_eq!(again, bytes);
        let _ = format!("{:?} {}", report.outcome(), report.dropped());
    }
    let Ok(protected) = ProtectedReport::decode(bytes) else { return };
    let mut again = Vec::new();
    if protected.encode(&mut Encoder::new(&mut again)).is_ok() {
        assert_eq!(again, bytes);
    }
    let _ = protected.verify(&[&Anyone]);
}

/// The same report of this manifest.
fn about(report: &[u8], manifest: &Manifest<'_>) -> Option<Vec<u8>> {
    Report::decode_unverified(report).ok()?;
    let mut cursor = Cursor::new(report).ok()?;
    let count = cursor.map().ok()?;
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes);
    let mut map = encoder.map(count).ok()?;
    for _ in 0..count {
        let key = cursor.integer().ok()?;
        let value = cursor.item().ok()?;
        let mut entry = map.key(key).ok()?;
        if key == 99 {
            let uri = manifest.reference_uri().unwrap_or_default();
            let (number, digest) = (manifest.digest().algorithm().to_cose(), manifest.digest());
            entry.array(2).ok()?.text(uri).ok()?.array(2).ok()?.integer(number).ok()?;
            entry.bytes(digest.bytes()).ok()?;
        } else {
            entry.raw(value).ok()?;
        }
    }
    map.end().ok()?;
    Some(bytes)
}

fn replay(report: &[u8], manifest: Manifest<'_>) {
    let Some(report) = about(report, &manifest) else { return };
    let report = Report::decode_unverified(&report).expect("only its reference is another");
    let mut count = 0;
    report.capabilities().iter().for_each(|one| one.check(&manifest, &mut |_| count += 1));
    let report = report.authenticated_by_channel();
    for procedure in [Procedure::Update, Procedure::Invocation, Procedure::Uninstall] {
        let (mut loaded, mut arena) = ([None; 2], [0; 512]);
        let keys: [&dyn iotops_crypto::Verifier; 1] = [&Anyone];
        let mut tree =
            Tree::with_dependencies(manifest, &mut loaded, &mut arena, &keys, Policy::Any);
        let replay = Replay::new(procedure);
        let _ = replay.run::<4, 6>(&report, &mut tree, &mut |_| count += 1);
    }
}
