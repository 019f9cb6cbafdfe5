//! CMS: what we sign verifies, and what breaks a rule is refused by that rule.

#![cfg(all(
    feature = "cms",
    feature = "alloc",
    feature = "es256",
    feature = "ed25519",
    feature = "sha512"
))]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    missing_docs,
    reason = "tests may panic, index and calculate"
)]

use std::fs;

use iotops_crypto::cms::{Content, DATA, SignedData, SignerIdentifier, Unsigned};
use iotops_crypto::der::{Oid, Reader, Tag, Writer, ber};
use iotops_crypto::key::{Ed25519SecretKey, Es256SecretKey};
use iotops_crypto::rules::{self as shared, cms as rules, der as der_rules};
use iotops_crypto::wire::{Rule, Time};
use iotops_crypto::{Algorithm, Signer, digest};

const KEY_ID: SignerIdentifier<'static> = SignerIdentifier::SubjectKeyIdentifier(b"key");
const VOUCHER: Oid<'static> =
    Oid::known(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x28]);

/// What `content` writes.
fn write(content: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut writer = Writer::new();
    content(&mut writer);
    writer.into_bytes()
}

fn es256() -> Es256SecretKey {
    Es256SecretKey::from_scalar(&[7; 32]).unwrap()
}

fn signed(content: Content<'_>) -> Vec<u8> {
    let unsigned = Unsigned::new(Algorithm::Esp256, VOUCHER, KEY_ID).unwrap();
    unsigned.with_signing_time(Time::from_unix(1_800_000_000)).sign(&mut es256(), content).unwrap()
}

/// The rule by which the only signer of a message is refused, with the right key at hand.
fn refusal(message: &[u8]) -> Rule {
    let key = es256().public_key();
    let verified = SignedData::decode(message)
        .and_then(|signed| signed.signer().map(|signer| (signed, signer)))
        .and_then(|(signed, signer)| signed.verify(&signer, &[&key]).map(drop));
    verified.unwrap_err().rule()
}

#[test]
fn attached_and_detached_verify() {
    let key = es256().public_key();
    let message = signed(Content::Attached(b"voucher"));
    let decoded = SignedData::decode(&message).unwrap();
    let signer = decoded.signer().unwrap();
    let verified = decoded.verify(&signer, &[&key]).unwrap();
    assert_eq!((verified.content(), verified.content_type()), (&b"voucher"[..], VOUCHER));
    assert_eq!(verified.attributes().unwrap().signing_time(), Some(Time::from_unix(1_800_000_000)));
    let beside = decoded.verify_detached(&signer, b"voucher", &[&key]).unwrap_err();
    assert_eq!(beside.rule(), rules::CONTENT_ATTACHED);

    let message = signed(Content::Detached(b"voucher"));
    let decoded = SignedData::decode(&message).unwrap();
    let signer = decoded.signer().unwrap();
    assert!(decoded.verify_detached(&signer, b"voucher", &[&key]).is_ok());
    let missing = decoded.verify(&signer, &[&key]).unwrap_err();
    assert_eq!(missing.rule(), rules::CONTENT_DETACHED);
    let other = decoded.verify_detached(&signer, b"vouchers", &[&key]).unwrap_err();
    assert_eq!(other.rule(), rules::MESSAGE_DIGEST);
    let stranger = Es256SecretKey::from_scalar(&[8; 32]).unwrap().public_key();
    let refused = decoded.verify_detached(&signer, b"voucher", &[&stranger]).unwrap_err();
    assert_eq!(refused.rule(), shared::SIGNATURE);
}

#[test]
fn a_signature_made_elsewhere_in_two_steps() {
    let mut key = Ed25519SecretKey::from_seed(&[9; 32]).unwrap();
    let issuer = write(|writer| writer.nested(Tag::SEQUENCE, |_| ()));
    let identifier =
        SignerIdentifier::IssuerAndSerialNumber { issuer: &issuer, serial_number: &[5] };
    let unsigned = Unsigned::new(Algorithm::Ed25519, DATA, identifier).unwrap();
    let mut signature = [0; 64];
    key.sign(&[&unsigned.to_be_signed(b"content").unwrap()], &mut signature).unwrap();
    let message = unsigned.finish(Content::Attached(b"content"), &signature).unwrap();
    let decoded = SignedData::decode(&message).unwrap();
    let signer = decoded.signer().unwrap();
    assert_eq!(signer.identifier(), identifier);
    assert_eq!(signer.digest(), Ok(Algorithm::Sha512));
    assert!(decoded.verify(&signer, &[&es256().public_key(), &key.public_key()]).is_ok());
    let no_key = decoded.verify(&signer, &[&es256().public_key()]).unwrap_err();
    assert_eq!(no_key.rule(), shared::NO_KEY);
    let short = unsigned.finish(Content::Attached(b"content"), &signature[1..]).unwrap_err();
    assert_eq!(short.rule(), shared::SIGNATURE_LENGTH);
}

/// The parts of a message, each of which a test may bend.
struct Bent {
    version: u32,
    digests: Vec<Vec<u8>>,
    content_type: Oid<'static>,
    signer_version: u32,
    /// Encoded attributes, in the order given.
    attributes: Option<Vec<Vec<u8>>>,
    digest: Oid<'static>,
    algorithm: Oid<'static>,
    signers: usize,
}

const SHA256: Oid<'static> = Oid::known(&[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01]);
const SHA384: Oid<'static> = Oid::known(&[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02]);
const ECDSA_SHA256: Oid<'static> = Oid::known(&[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02]);
const ECDSA_SHA384: Oid<'static> = Oid::known(&[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03]);
const CONTENT: &[u8] = b"content";

fn identifier(oid: Oid<'_>) -> Vec<u8> {
    write(|writer| writer.nested(Tag::SEQUENCE, |inner| inner.oid(oid)))
}

fn attribute(last: u8, values: &[&[u8]]) -> Vec<u8> {
    write(|writer| {
        writer.nested(Tag::SEQUENCE, |attribute| {
            attribute.primitive(Tag::OID, &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, last]);
            attribute.nested(Tag::SET, |set| values.iter().for_each(|value| set.raw(value)));
        });
    })
}

fn content_type(oid: Oid<'_>) -> Vec<u8> {
    attribute(3, &[&write(|writer| writer.oid(oid))])
}

fn message_digest(content: &[u8]) -> Vec<u8> {
    let computed = digest(Algorithm::Sha256, &[content]).unwrap();
    attribute(4, &[&write(|writer| writer.primitive(Tag::OCTET_STRING, computed.as_bytes()))])
}

impl Default for Bent {
    fn default() -> Self {
        Self {
            version: 3,
            digests: vec![identifier(SHA256)],
            content_type: DATA,
            signer_version: 3,
            attributes: Some(vec![content_type(DATA), message_digest(CONTENT)]),
            digest: SHA256,
            algorithm: ECDSA_SHA256,
            signers: 1,
        }
    }
}

impl Bent {
    /// A message that is signed as it is: only what is bent is wrong with it.
    fn message(&self) -> Vec<u8> {
        let attributes = self.attributes.as_ref().map(|attributes| attributes.concat());
        let to_be_signed = match &attributes {
            Some(items) => write(|writer| writer.primitive(Tag::SET, items)),
            None => CONTENT.to_vec(),
        };
        let mut signature = [0; 64];
        es256().sign(&[&to_be_signed], &mut signature).unwrap();
        let signer = write(|writer| {
            writer.nested(Tag::SEQUENCE, |inner| self.signer(inner, &attributes, &signature));
        });
        write(|writer| {
            writer.nested(Tag::SEQUENCE, |info| {
                info.primitive(Tag::OID, &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02]);
                info.nested(Tag::context_constructed(0), |explicit| {
                    explicit.nested(Tag::SEQUENCE, |inner| self.signed_data(inner, &signer));
                });
            });
        })
    }

    fn signed_data(&self, writer: &mut Writer, signer: &[u8]) {
        writer.small(self.version);
        writer.primitive(Tag::SET, &self.digests.concat());
        writer.nested(Tag::SEQUENCE, |info| {
            info.oid(self.content_type);
            info.nested(Tag::context_constructed(0), |it| it.primitive(Tag::OCTET_STRING, CONTENT));
        });
        writer.primitive(Tag::SET, &signer.repeat(self.signers));
    }

    fn signer(&self, writer: &mut Writer, attributes: &Option<Vec<u8>>, signature: &[u8]) {
        writer.small(self.signer_version);
        writer.primitive(Tag::context(0), b"key");
        writer.raw(&identifier(self.digest));
        if let Some(items) = attributes {
            writer.primitive(Tag::context_constructed(0), items);
        }
        writer.raw(&identifier(self.algorithm));
        writer.nested(Tag::OCTET_STRING, |octets| {
            octets.nested(Tag::SEQUENCE, |numbers| {
                numbers.unsigned(&signature[..32]);
                numbers.unsigned(&signature[32..]);
            });
        });
    }
}

#[test]
fn each_rule_is_refused_by_its_name() {
    let verified = Bent::default().message();
    let decoded = SignedData::decode(&verified).unwrap();
    assert!(decoded.verify(&decoded.signer().unwrap(), &[&es256().public_key()]).is_ok());
    let attributes = |items: &[Vec<u8>]| Some(items.to_vec());
    let (kind, sum) = (content_type(DATA), message_digest(CONTENT));
    let value = write(|writer| writer.primitive(Tag::OCTET_STRING, &[1; 32]));
    type Bend<'b> = &'b dyn Fn(&mut Bent);
    let bent = |bend: Bend<'_>| {
        let mut message = Bent::default();
        bend(&mut message);
        refusal(&message.message())
    };
    let cases: [(Rule, Bend<'_>); 15] = [
        (rules::VERSION, &|it| it.version = 2),
        (rules::SIGNER_VERSION, &|it| it.signer_version = 1),
        (rules::SIGNERS, &|it| it.signers = 0),
        (rules::SIGNERS, &|it| it.signers = 2),
        (rules::SIGNERS, &|it| it.signers = 17),
        (rules::DIGEST_LISTED, &|it| it.digests = vec![]),
        (rules::DIGEST_LISTED, &|it| it.digests = vec![identifier(SHA384)]),
        (rules::ATTRIBUTES_MISSING, &|it| it.attributes = None),
        (rules::ATTRIBUTE_MISSING, &|it| it.attributes = Some(vec![kind.clone()])),
        (rules::ATTRIBUTE_MISSING, &|it| it.attributes = Some(vec![sum.clone()])),
        (rules::ATTRIBUTE_VALUE, &|it| {
            it.attributes = attributes(&[kind.clone(), kind.clone(), sum.clone()]);
        }),
        (rules::ATTRIBUTE_VALUE, &|it| {
            it.attributes = attributes(&[kind.clone(), attribute(4, &[&value, &value])]);
        }),
        (rules::CONTENT_TYPE, &|it| {
            it.attributes = attributes(&[content_type(VOUCHER), sum.clone()]);
        }),
        (rules::MESSAGE_DIGEST, &|it| {
            it.attributes = attributes(&[kind.clone(), message_digest(b"other")]);
        }),
        (rules::ALGORITHMS_DIFFER, &|it| it.algorithm = ECDSA_SHA384),
    ];
    for (number, (rule, bend)) in cases.iter().enumerate() {
        assert_eq!(bent(bend), *rule, "case {number}");
    }
    assert_eq!(
        bent(&|it| it.attributes = attributes(&[sum.clone(), kind.clone()])),
        der_rules::SET_ORDER
    );
    assert_eq!(refusal(&verified[1..]), der_rules::TAG);
}

/// draft-ietf-lamps-cms-euf-cma-signeddata: a signature over attributes, shown as one over content.
#[test]
fn attributes_cannot_be_passed_off_as_content() {
    let key = es256().public_key();
    let honest = Bent::default();
    let items = honest.attributes.as_ref().unwrap().concat();
    let attributes = write(|writer| writer.primitive(Tag::SET, &items));
    let bare = Bent { attributes: None, ..Bent::default() }.message();
    let decoded = SignedData::decode(&bare).unwrap();
    let signer = decoded.signer().unwrap();
    assert!(decoded.verify_bare(&signer, CONTENT, &[&key]).is_ok());
    let forged = decoded.verify_bare(&signer, &attributes, &[&key]).unwrap_err();
    assert_eq!(forged.rule(), rules::CONTENT_IS_ATTRIBUTES);
    let with = honest.message();
    let decoded = SignedData::decode(&with).unwrap();
    let refused = decoded.verify_bare(&decoded.signer().unwrap(), CONTENT, &[&key]).unwrap_err();
    assert_eq!(refused.rule(), rules::CONTENT_TYPE);
}

#[test]
fn no_truncation_or_bit_flip_passes_as_other_content() {
    let key = es256().public_key();
    let message = signed(Content::Attached(b"voucher"));
    for length in 0..message.len() {
        assert!(SignedData::decode(&message[..length]).is_err(), "{length}");
    }
    for bit in 0..message.len() * 8 {
        let mut bytes = message.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let Ok(decoded) = SignedData::decode(&bytes) else { continue };
        let verified = decoded.signer().and_then(|signer| decoded.verify(&signer, &[&key]));
        if let Ok(verified) = verified {
            assert_eq!((verified.content(), verified.content_type()), (&b"voucher"[..], VOUCHER));
        }
    }
}

#[test]
fn certificates_without_signers_are_another_entry() {
    let none = Bent { signers: 0, ..Bent::default() }.message();
    let carried = SignedData::decode_certificates(&none).map(Iterator::count);
    assert_eq!(carried.unwrap_err().rule(), rules::SIGNERS, "it has content");
    let Some(folder) = test_support::vectors("crypto") else { return };
    let bytes = fs::read(folder.join("cms-rustcrypto/pkits.p7b")).unwrap();
    assert_eq!(SignedData::decode(&bytes).unwrap_err().rule(), rules::SIGNERS);
    assert!(SignedData::decode_certificates(&bytes).unwrap().count() > 1);
    let bytes = fs::read(folder.join("pkcs7-pyca/amazon-roots.der")).unwrap();
    assert_eq!(SignedData::decode_certificates(&bytes).unwrap().count(), 2);
}

/// Whatever we take, the other implementation takes; BER goes through the lenient reader only.
#[test]
fn files_of_another_implementation() {
    let Some(folder) = test_support::vectors("crypto") else { return };
    let (mut accepted, mut from_ber, mut checked) = (0, 0, 0);
    for path in
        test_support::files(&folder.join("cms-rustcrypto"), &[".bin", ".cms", ".p7b", ".ber"])
    {
        let bytes = fs::read(&path).unwrap();
        let ours = SignedData::decode(&bytes).is_ok();
        let theirs = <cms::content_info::ContentInfo as der::Decode>::from_der(&bytes);
        assert!(!ours || theirs.is_ok(), "{}", path.display());
        let mut told = 0;
        if let Ok(der) = ber::to_der(&bytes, &mut |_| told += 1) {
            assert!(Reader::new(&der).unwrap().skip().is_ok(), "{}", path.display());
            assert_eq!(told == 0, der == bytes, "{}", path.display());
            from_ber += usize::from(!ours && SignedData::decode(&der).is_ok());
        }
        accepted += usize::from(ours);
        println!("{}: {ours}, {told} deviations", path.display());
        checked += 1;
    }
    assert_eq!((accepted, from_ber), (3, 1));
    test_support::report("CMS files", checked);
}
