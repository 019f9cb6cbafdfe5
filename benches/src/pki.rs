//! Certificates and CMS messages, and the operations on them.

use std::hint::black_box;

use der::Decode as _;
use iotops_crypto::backend::aws_lc::PublicKey;
use iotops_crypto::cms::{Content, SignedData, SignerIdentifier, Unsigned};
use iotops_crypto::cose::Sign1;
use iotops_crypto::der::{Oid, Tag, Writer};
use iotops_crypto::key::{Es256SecretKey, VerifyingKey};
use iotops_crypto::wire::{Clock, Time};
use iotops_crypto::x509::path::{Anchor, Options, verify};
use iotops_crypto::x509::{Certificate, verifying_key};
use iotops_crypto::{Algorithm, Signer as _};
use p256::ecdsa::signature::Verifier as _;

const ECDSA_SHA256: Oid<'static> = Oid::known(&[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02]);
const VOUCHER: Oid<'static> =
    Oid::known(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x28]);
const NOW: Time = Time::from_unix(1_800_000_000);

/// An authority, a certificate by it, and a message by the owner of that.
pub struct Pki {
    authority: Vec<u8>,
    pub certificate: Vec<u8>,
    pub message: Vec<u8>,
    signed: [(Vec<u8>, p256::ecdsa::Signature, p256::ecdsa::VerifyingKey); 2],
}

/// What `content` writes.
fn write(content: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut writer = Writer::new();
    content(&mut writer);
    writer.into_bytes()
}

fn key(number: u8) -> Es256SecretKey {
    Es256SecretKey::from_scalar(&[number; 32]).expect("a scalar")
}

fn backend_key(number: u8) -> p256::ecdsa::VerifyingKey {
    p256::ecdsa::VerifyingKey::from_sec1_bytes(&key(number).public_key().to_sec1())
        .expect("a point")
}

fn sign(number: u8, message: &[u8]) -> [u8; 64] {
    let mut signature = [0; 64];
    key(number).sign(&[message], &mut signature).expect("signed");
    signature
}

fn extension(writer: &mut Writer, last: u8, is_critical: bool, value: &[u8]) {
    writer.nested(Tag::SEQUENCE, |extension| {
        extension.primitive(Tag::OID, &[0x55, 0x1d, last]);
        if is_critical {
            extension.primitive(Tag::BOOLEAN, &[0xff]);
        }
        extension.primitive(Tag::OCTET_STRING, value);
    });
}

fn name(writer: &mut Writer, text: &str) {
    writer.nested(Tag::SEQUENCE, |name| {
        for (kind, value) in [(0x0a_u8, "Example Manufacturing"), (0x03, text)] {
            name.nested(Tag::SET, |set| {
                set.nested(Tag::SEQUENCE, |attribute| {
                    attribute.primitive(Tag::OID, &[0x55, 0x04, kind]);
                    attribute.primitive(Tag::UTF8_STRING, value.as_bytes());
                });
            });
        }
    });
}

fn tbs(subject: &str, number: u8, is_authority: bool) -> Vec<u8> {
    write(|writer| {
        writer.nested(Tag::SEQUENCE, |tbs| {
            tbs.nested(Tag::context_constructed(0), |version| version.small(2));
            tbs.unsigned(&[0x50 | number; 16]);
            tbs.nested(Tag::SEQUENCE, |inner| inner.oid(ECDSA_SHA256));
            name(tbs, "Authority");
            tbs.nested(Tag::SEQUENCE, |validity| {
                validity.time(Time::from_unix(1_700_000_000));
                validity.time(Time::from_unix(1_900_000_000));
            });
            name(tbs, subject);
            tbs.raw(&VerifyingKey::Es256(key(number).public_key()).to_spki_der().expect("an SPKI"));
            tbs.nested(Tag::context_constructed(3), |explicit| {
                explicit.nested(Tag::SEQUENCE, |list| extensions(list, is_authority));
            });
        });
    })
}

fn extensions(list: &mut Writer, is_authority: bool) {
    extension(list, 0x0e, false, &[[0x04, 0x14].as_slice(), &[7; 20]].concat());
    extension(list, 0x23, false, &[[0x30, 0x16, 0x80, 0x14].as_slice(), &[7; 20]].concat());
    let usage = if is_authority { 0x06 } else { 0x80 };
    extension(list, 0x0f, true, &[0x03, 0x02, if is_authority { 1 } else { 7 }, usage]);
    if is_authority {
        extension(list, 0x13, true, &[0x30, 0x03, 0x01, 0x01, 0xff]);
    } else {
        extension(list, 0x13, true, &[0x30, 0x00]);
        extension(list, 0x11, false, b"\x30\x0f\x82\x0ddev.example.c");
        extension(list, 0x25, false, b"\x30\x0a\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x01");
    }
}

fn certificate(tbs: &[u8], signature: &[u8; 64]) -> Vec<u8> {
    let (r, s) = signature.split_at(32);
    let numbers = write(|writer| {
        writer.nested(Tag::SEQUENCE, |inner| {
            inner.unsigned(r);
            inner.unsigned(s);
        });
    });
    write(|writer| {
        writer.nested(Tag::SEQUENCE, |outer| {
            outer.raw(tbs);
            outer.nested(Tag::SEQUENCE, |inner| inner.oid(ECDSA_SHA256));
            outer.bits(&numbers);
        });
    })
}

impl Pki {
    #[must_use]
    pub fn new() -> Self {
        let (root, own) = (tbs("Authority", 1, true), tbs("device 42", 2, false));
        let (root_signature, own_signature) = (sign(1, &root), sign(1, &own));
        let authority = certificate(&root, &root_signature);
        let certificate = certificate(&own, &own_signature);
        let decoded = Certificate::decode(&certificate).expect("a certificate");
        let identifier = SignerIdentifier::IssuerAndSerialNumber {
            issuer: decoded.issuer().encoding(),
            serial_number: decoded.serial(),
        };
        let unsigned = Unsigned::new(Algorithm::Esp256, VOUCHER, identifier)
            .expect("an algorithm")
            .with_certificates(&[&certificate, &authority]);
        let content = Content::Attached(&[7; 256]);
        let attributes = unsigned.to_be_signed(content.bytes()).expect("attributes");
        let signature = sign(2, &attributes);
        let message = unsigned.finish(content, &signature).expect("a message");
        let bare =
            |bytes: &[u8; 64]| p256::ecdsa::Signature::from_slice(bytes).expect("a signature");
        let signed = [
            (own, bare(&own_signature), backend_key(1)),
            (attributes, bare(&signature), backend_key(2)),
        ];
        Self { authority, certificate, message, signed }
    }

    /// The message, its signer, and the path of its certificate to the authority.
    #[inline(never)]
    pub fn verify(&self) {
        let anchor = Anchor::certificate(Certificate::decode(&self.authority).expect("decoded"));
        let message = SignedData::decode(black_box(&self.message)).expect("decoded");
        let signer = message.signer().expect("one signer");
        let certificate = message.certificate_of(&signer).expect("it is there");
        let options = Options::new(Clock::Trusted(NOW));
        let path = verify(&certificate, &[], &[anchor], &options).expect("a path");
        let key = verifying_key(path.leaf().public_key()).expect("a key");
        black_box(message.verify(&signer, &[&key]).expect("verified").content());
    }

    /// The two signatures in it alone, with hashing.
    #[inline(never)]
    pub fn bare(&self) {
        for (message, signature, key) in black_box(&self.signed) {
            key.verify(message, signature).expect("valid");
        }
    }
}

impl Default for Pki {
    fn default() -> Self {
        Self::new()
    }
}

#[inline(never)]
pub fn certificate_ours(bytes: &[u8]) {
    black_box(Certificate::decode(black_box(bytes)).expect("decoded"));
}

#[inline(never)]
pub fn certificate_x509_parser(bytes: &[u8]) {
    black_box(x509_parser::parse_x509_certificate(black_box(bytes)).expect("decoded"));
}

#[inline(never)]
pub fn certificate_x509_cert(bytes: &[u8]) {
    black_box(x509_cert::Certificate::from_der(black_box(bytes)).expect("decoded"));
}

#[inline(never)]
pub fn certificate_openssl(bytes: &[u8]) {
    black_box(openssl::x509::X509::from_der(black_box(bytes)).expect("decoded"));
}

#[inline(never)]
pub fn cms_ours(bytes: &[u8]) {
    black_box(SignedData::decode(black_box(bytes)).expect("decoded"));
}

#[inline(never)]
pub fn cms_rustcrypto(bytes: &[u8]) {
    let info = cms::content_info::ContentInfo::from_der(black_box(bytes)).expect("decoded");
    black_box(info.content.decode_as::<cms::signed_data::SignedData>().expect("decoded"));
}

#[inline(never)]
pub fn cms_openssl(bytes: &[u8]) {
    black_box(openssl::cms::CmsContentInfo::from_der(black_box(bytes)).expect("decoded"));
}

/// One message and one key in several libraries.
pub struct Keys {
    message: Vec<u8>,
    signature: Vec<u8>,
    signed: Vec<u8>,
    own: PublicKey,
    aws_lc: aws_lc_rs::signature::ParsedPublicKey,
    point: [u8; 65],
    p256: p256::ecdsa::VerifyingKey,
}

impl Keys {
    #[must_use]
    pub fn new() -> Self {
        let message = crate::sign1();
        let decoded = Sign1::decode(&message).expect("decoded");
        let asked = Asked::default();
        decoded.verify(b"", &[&asked]).expect("accepted");
        let signed = asked.0.into_inner();
        let public = key(7).public_key();
        let point = public.to_sec1();
        let algorithm = &aws_lc_rs::signature::ECDSA_P256_SHA256_FIXED;
        Self {
            signature: decoded.signature().to_vec(),
            signed,
            own: PublicKey::new(VerifyingKey::Es256(public)).expect("a key"),
            aws_lc: aws_lc_rs::signature::ParsedPublicKey::new(algorithm, point).expect("a key"),
            point,
            p256: p256::ecdsa::VerifyingKey::from_sec1_bytes(&point).expect("a key"),
            message,
        }
    }

    /// COSE_Sign1 decoded and verified by aws-lc-rs behind our seam.
    #[inline(never)]
    pub fn ours(&self) {
        let message = Sign1::decode(black_box(&self.message)).expect("decoded");
        black_box(message.verify(b"", &[&self.own]).expect("verified").payload());
    }

    /// The signed bytes, put together before, verified by aws-lc-rs alone.
    #[inline(never)]
    pub fn aws_lc(&self) {
        self.aws_lc.verify_sig(black_box(&self.signed), &self.signature).expect("valid");
    }

    #[inline(never)]
    pub fn ring(&self) {
        let algorithm = &ring::signature::ECDSA_P256_SHA256_FIXED;
        let key = ring::signature::UnparsedPublicKey::new(algorithm, &self.point);
        key.verify(black_box(&self.signed), &self.signature).expect("valid");
    }

    #[inline(never)]
    pub fn p256(&self) {
        let signature = p256::ecdsa::Signature::from_slice(&self.signature).expect("a signature");
        self.p256.verify(black_box(&self.signed), &signature).expect("valid");
    }
}

impl Default for Keys {
    fn default() -> Self {
        Self::new()
    }
}

/// Keeps the bytes that it is asked about.
#[derive(Default)]
struct Asked(std::cell::RefCell<Vec<u8>>);

impl iotops_crypto::Verifier for Asked {
    fn accepts(&self, _: Algorithm) -> bool {
        true
    }

    fn verify(&self, message: &[&[u8]], _: &[u8]) -> Result<(), iotops_crypto::Refused> {
        *self.0.borrow_mut() = message.concat();
        Ok(())
    }
}
