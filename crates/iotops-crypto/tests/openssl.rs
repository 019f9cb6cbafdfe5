//! CMS both ways with the `openssl` command: it verifies what we sign, and we verify what it signs.
//!
//! Without the command the test says so and checks nothing; the continuous build has it. Ed25519 is
//! not here: `openssl cms` of version 3.0 gives a digest to `eddsa`, which refuses it.

#![cfg(all(
    feature = "cms",
    feature = "alloc",
    feature = "es256",
    feature = "ed25519",
    feature = "sha512"
))]
#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "tests may panic")]

use std::path::{Path, PathBuf};
use std::process::{Command, id};
use std::{env, fs};

use iotops_crypto::cms::{Content, DATA, SignedData, SignerIdentifier, Unsigned};
use iotops_crypto::der::{Oid, Reader};
use iotops_crypto::key::{SecretKey, import};
use iotops_crypto::rules::cms as rules;
use iotops_crypto::wire::Clock;
use iotops_crypto::x509::path::{Anchor, Options, verify};
use iotops_crypto::x509::{Certificate, verifying_key};
use iotops_crypto::{Algorithm, Signer as _};

const CONTENT: &[u8] = b"what is signed\n";

/// A folder of its own that goes away.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = env::temp_dir().join(format!("iotops-openssl-{name}-{}", id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn path(&self, file: &str) -> PathBuf {
        self.0.join(file)
    }

    /// Runs `openssl` here; whether it said yes.
    fn openssl(&self, arguments: &str) -> bool {
        let output = Command::new("openssl")
            .args(arguments.split_whitespace())
            .current_dir(&self.0)
            .output()
            .unwrap();
        if !output.status.success() {
            eprintln!("openssl {arguments}: {}", String::from_utf8_lossy(&output.stderr));
        }
        output.status.success()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn has_openssl() -> bool {
    let found = Command::new("openssl").arg("version").output().is_ok();
    if !found {
        eprintln!("openssl is missing: nothing was checked");
    }
    found
}

/// A key and a certificate of its own, made by `openssl`.
fn identity(folder: &Folder, key_type: &str) -> SecretKey {
    let make = "genpkey -algorithm EC -out key.pem -pkeyopt ec_paramgen_curve";
    assert!(folder.openssl(&format!("{make}:{key_type}")));
    assert!(folder.openssl("req -x509 -new -key key.pem -subj /CN=signer -days 2 -out cert.pem"));
    assert!(folder.openssl("x509 -in cert.pem -outform DER -out cert.der"));
    import(&fs::read(folder.path("key.pem")).unwrap()).unwrap().secret_key().unwrap()
}

fn read(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap()
}

/// Issuer and serial number of a certificate.
fn issuer_and_serial(certificate: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let mut tbs = Reader::new(certificate).unwrap().sequence().unwrap().sequence().unwrap();
    tbs.skip().unwrap();
    let serial = tbs.integer().unwrap().to_vec();
    tbs.skip().unwrap();
    (tbs.any().unwrap().whole.to_vec(), serial)
}

fn key_types() -> Vec<(&'static str, &'static str)> {
    let mut types = vec![("P-256", "-md sha256")];
    if cfg!(feature = "es384") {
        types.push(("P-384", "-md sha384"));
    }
    types
}

#[test]
fn openssl_signs_and_we_verify() {
    if !has_openssl() {
        return;
    }
    for (key_type, digest) in key_types() {
        let folder = Folder::new(&format!("theirs-{key_type}"));
        let key = identity(&folder, key_type).verifying_key();
        fs::write(folder.path("content"), CONTENT).unwrap();
        for form in ["-nodetach", "", "-nodetach -keyid", "-keyid", "-nodetach -nocerts"] {
            let sign = "cms -sign -binary -in content -signer cert.pem -inkey key.pem";
            assert!(folder.openssl(&format!("{sign} {digest} {form} -outform DER -out signed")));
            let message = read(&folder.path("signed"));
            let decoded = SignedData::decode(&message).unwrap();
            let signer = decoded.signer().unwrap();
            let verified = match decoded.content() {
                Some(_) => decoded.verify(&signer, &[&key]),
                None => decoded.verify_detached(&signer, CONTENT, &[&key]),
            };
            assert_eq!(verified.unwrap().content(), CONTENT, "{key_type} {form}");
            let own = decoded.certificate_of(&signer);
            if form.contains("nocerts") {
                assert_eq!(own.unwrap_err().rule(), rules::NO_CERTIFICATE);
                continue;
            }
            let anchor = read(&folder.path("cert.der"));
            let anchor = Anchor::certificate(Certificate::decode(&anchor).unwrap());
            let options = Options::new(Clock::Unknown);
            let path = verify(&own.unwrap(), &[], &[anchor], &options).unwrap();
            let key = verifying_key(path.leaf().public_key()).unwrap();
            assert!(
                decoded.verify_detached(&signer, CONTENT, &[&key]).is_ok()
                    || decoded.verify(&signer, &[&key]).is_ok()
            );
        }
        let bare =
            "cms -sign -binary -noattr -nodetach -in content -signer cert.pem -inkey key.pem";
        assert!(folder.openssl(&format!("{bare} {digest} -outform DER -out signed")));
        let message = read(&folder.path("signed"));
        let decoded = SignedData::decode(&message).unwrap();
        let signer = decoded.signer().unwrap();
        let refused = decoded.verify(&signer, &[&key]).unwrap_err();
        assert_eq!(refused.rule(), rules::ATTRIBUTES_MISSING);
        assert!(decoded.verify_bare(&signer, CONTENT, &[&key]).is_ok());
    }
}

#[test]
fn we_sign_and_openssl_verifies() {
    if !has_openssl() {
        return;
    }
    let voucher = Oid::known(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x28]);
    for (key_type, _) in key_types() {
        let folder = Folder::new(&format!("ours-{key_type}"));
        let mut key = identity(&folder, key_type);
        let certificate = read(&folder.path("cert.der"));
        let (issuer, serial) = issuer_and_serial(&certificate);
        let identifier =
            SignerIdentifier::IssuerAndSerialNumber { issuer: &issuer, serial_number: &serial };
        fs::write(folder.path("content"), CONTENT).unwrap();
        for content_type in [DATA, voucher] {
            let algorithm: Algorithm = key.algorithm();
            let unsigned = Unsigned::new(algorithm, content_type, identifier)
                .unwrap()
                .with_certificates(&[&certificate]);
            for content in [Content::Attached(CONTENT), Content::Detached(CONTENT)] {
                let message = unsigned.sign(&mut key, content).unwrap();
                fs::write(folder.path("signed"), &message).unwrap();
                let verify =
                    "cms -verify -binary -inform DER -in signed -CAfile cert.pem -purpose any";
                let content = match content {
                    Content::Detached(_) => " -content content",
                    _ => "",
                };
                assert!(folder.openssl(&format!("{verify}{content} -out /dev/null")), "{key_type}");
            }
        }
        fs::write(folder.path("content"), b"something else\n").unwrap();
        let verify = "cms -verify -binary -inform DER -in signed -CAfile cert.pem -purpose any";
        assert!(!folder.openssl(&format!("{verify} -content content -out /dev/null")));
    }
}
