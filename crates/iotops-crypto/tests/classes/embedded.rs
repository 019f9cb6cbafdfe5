//! A certificate in a header (RFC 9360) selects: it is no key until it leads to an anchor.

use iotops_crypto::cose::Sign1;
use iotops_crypto::key::{KeyType, SecretKey};
use iotops_crypto::rules::x509 as paths;
use iotops_crypto::wire::cbor::Head;
use iotops_crypto::wire::{Clock, Time};
use iotops_crypto::x509::build::{Draft, name};
use iotops_crypto::x509::path::{Anchor, Options, verify};
use iotops_crypto::x509::{Certificate, oids, verifying_key};
use iotops_crypto::{Signer as _, Verifier, rules};

const PROTECTED: &[u8] = &[0xa1, 0x01, 0x28];

/// A certificate that signs itself, and its key.
fn own_certificate(seed: u8) -> (Vec<u8>, SecretKey) {
    let mut key = SecretKey::from_raw(KeyType::Es256, &[seed; 32]).unwrap();
    let own = name(&[(oids::COMMON_NAME, "anybody")]);
    let (from, to) = (Time::from_unix(1_700_000_000), Time::from_unix(1_800_000_000));
    let spki = key.verifying_key().to_spki_der().unwrap();
    let draft = Draft::new(&own, &own, &spki, &[7], from, to).authority(None);
    (draft.sign(&mut key).unwrap(), key)
}

/// A message with the certificate in `x5chain`, signed by its key.
fn message(certificate: &[u8], key: &mut SecretKey) -> Vec<u8> {
    let mut signature = [0; 64];
    let signed = [b"\x84\x6aSignature1\x43", PROTECTED, b"\x40\x41x"].map(<[u8]>::as_ref);
    key.sign(&signed, &mut signature).unwrap();
    let head = Head::of_bytes(certificate.len());
    let start = [b"\xd2\x84\x43", PROTECTED, b"\xa1\x18\x21", head.as_bytes(), certificate];
    [&start.concat()[..], b"\x41x\x58\x40", &signature].concat()
}

#[test]
fn a_certificate_in_a_header_is_no_key() {
    let (certificate, mut key) = own_certificate(3);
    let bytes = message(&certificate, &mut key);
    let message = Sign1::decode(&bytes).unwrap();
    assert_eq!(message.verify(b"", &[]).unwrap_err().rule(), rules::NO_KEY);
    let other = own_certificate(4).1.verifying_key();
    assert_eq!(message.verify(b"", &[&other]).unwrap_err().rule(), rules::SIGNATURE);
    let chain = message.headers().x5chain().unwrap().unwrap();
    let leaf = Certificate::decode(chain.iter().next().unwrap()).unwrap();
    let options = Options::new(Clock::Unknown);
    assert_eq!(verify(&leaf, &[leaf], &[], &options).unwrap_err().rule(), paths::NO_PATH);
}

#[test]
fn a_certificate_in_a_header_leads_to_an_anchor_of_the_caller() {
    let (certificate, mut key) = own_certificate(3);
    let bytes = message(&certificate, &mut key);
    let message = Sign1::decode(&bytes).unwrap();
    let chain = message.headers().x5chain().unwrap().unwrap();
    let leaf = Certificate::decode(chain.iter().next().unwrap()).unwrap();
    let anchor = Anchor::certificate(Certificate::decode(&certificate).unwrap());
    verify(&leaf, &[], &[anchor], &Options::new(Clock::Unknown)).unwrap();
    let key = verifying_key(leaf.public_key()).unwrap();
    let keys: [&dyn Verifier; 1] = [&key];
    assert_eq!(message.verify(b"", &keys).unwrap().payload(), b"x");
}
