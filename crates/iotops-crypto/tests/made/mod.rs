//! Certificates made by the tests that share this file.

use iotops_crypto::Signer as _;
use iotops_crypto::der::{Oid, Tag, Writer, write};
use iotops_crypto::key::Es256SecretKey;
use iotops_crypto::wire::Time;
use iotops_crypto::x509::SERIAL_NUMBER;

const ECDSA_SHA256: Oid<'static> = Oid::known(&[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02]);

/// What a certificate of these tests is made of.
pub(crate) struct Made {
    pub(crate) subject: &'static str,
    pub(crate) issuer: &'static str,
    pub(crate) key: u8,
    pub(crate) issuer_key: u8,
    pub(crate) serial: Vec<u8>,
    pub(crate) extensions: Vec<Vec<u8>>,
}

impl Made {
    pub(crate) fn root() -> Self {
        let extensions = vec![
            extension(&[0x55, 0x1d, 0x13], true, &[0x30, 0x03, 0x01, 0x01, 0xff]),
            extension(&[0x55, 0x1d, 0x0e], false, &[0x04, 0x01, 0x01]),
            extension(&[0x55, 0x1d, 0x0f], true, &[0x03, 0x02, 0x01, 0x06]),
        ];
        Self { subject: "root", issuer: "root", key: 1, issuer_key: 1, serial: vec![1], extensions }
    }

    /// An `IDevID` as 802.1AR and RFC 8995 have it.
    pub(crate) fn device() -> Self {
        let module = write(|writer| {
            writer.nested(Tag::constructed(0), |other| {
                other.value(Tag::OID, &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x08, 0x04]);
                other.nested(Tag::constructed(0), |explicit| {
                    explicit.nested(Tag::SEQUENCE, |inner| {
                        inner.value(Tag::OID, &[0x2b, 0x06, 0x01]);
                        inner.value(Tag::OCTET_STRING, b"SN-42");
                    });
                });
            });
        });
        let names = write(|writer| writer.value(Tag::SEQUENCE, &module));
        let url = |text: &str| write(|writer| writer.value(Tag::IA5_STRING, text.as_bytes()));
        let pkix = [0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x01];
        let signer = write(|writer| writer.raw(&distinguished("mud signer")));
        let extensions = vec![
            extension(&[0x55, 0x1d, 0x23], false, &[0x30, 0x03, 0x80, 0x01, 0x01]),
            extension(&[0x55, 0x1d, 0x11], false, &names),
            extension(&[&pkix[..], &[0x20]].concat(), false, &url("masa.example.com")),
            extension(&[&pkix[..], &[0x19]].concat(), false, &url("https://example.com/a.json")),
            extension(&[&pkix[..], &[0x1e]].concat(), false, &signer),
        ];
        Self {
            subject: "device",
            issuer: "root",
            key: 2,
            issuer_key: 1,
            serial: vec![2],
            extensions,
        }
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let algorithm = write(|it| it.nested(Tag::SEQUENCE, |inner| inner.oid(ECDSA_SHA256)));
        let tbs = write(|writer| writer.nested(Tag::SEQUENCE, |tbs| self.signed(tbs, &algorithm)));
        let mut signature = [0; 64];
        let mut key = Es256SecretKey::from_scalar(&[self.issuer_key; 32]).unwrap();
        key.sign(&[&tbs], &mut signature).unwrap();
        let numbers = write(|writer| {
            writer.nested(Tag::SEQUENCE, |inner| {
                inner.unsigned(&signature[..32]);
                inner.unsigned(&signature[32..]);
            });
        });
        write(|writer| {
            writer.nested(Tag::SEQUENCE, |outer| {
                outer.raw(&tbs);
                outer.raw(&algorithm);
                outer.bits(&numbers);
            });
        })
    }

    fn signed(&self, tbs: &mut Writer, algorithm: &[u8]) {
        tbs.nested(Tag::constructed(0), |version| version.small(2));
        tbs.value(Tag::INTEGER, &self.serial);
        tbs.raw(algorithm);
        tbs.raw(&distinguished(self.issuer));
        tbs.nested(Tag::SEQUENCE, |validity| {
            validity.time(Time::from_unix(1_700_000_000));
            validity.time(Time::from_unix(253_402_300_799));
        });
        tbs.raw(&distinguished(self.subject));
        let key = Es256SecretKey::from_scalar(&[self.key; 32]).unwrap().public_key();
        tbs.nested(Tag::SEQUENCE, |spki| {
            spki.nested(Tag::SEQUENCE, |algorithm| {
                algorithm.value(Tag::OID, &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01]);
                algorithm.value(Tag::OID, &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07]);
            });
            spki.bits(&key.to_sec1());
        });
        if !self.extensions.is_empty() {
            tbs.nested(Tag::constructed(3), |explicit| {
                explicit.value(Tag::SEQUENCE, &self.extensions.concat());
            });
        }
    }
}

pub(crate) fn extension(oid: &[u8], is_critical: bool, value: &[u8]) -> Vec<u8> {
    write(|writer| {
        writer.nested(Tag::SEQUENCE, |extension| {
            extension.value(Tag::OID, oid);
            if is_critical {
                extension.value(Tag::BOOLEAN, &[0xff]);
            }
            extension.value(Tag::OCTET_STRING, value);
        });
    })
}

/// A name with a serial number of the subject.
pub(crate) fn distinguished(text: &str) -> Vec<u8> {
    write(|writer| {
        writer.nested(Tag::SEQUENCE, |name| {
            name.nested(Tag::SET, |set| {
                set.nested(Tag::SEQUENCE, |attribute| {
                    attribute.oid(SERIAL_NUMBER);
                    attribute.value(Tag::PRINTABLE_STRING, text.as_bytes());
                });
            });
        });
    })
}
