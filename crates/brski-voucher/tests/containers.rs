//! Own documents: written with all leaves in every container and form of keys, read again, and of
//! the published sizes; headers of COSE, several signatures of JWS, paths.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    unreachable_pub,
    missing_docs,
    reason = "tests may panic and index"
)]

mod common;

use std::fs;
use std::path::Path;

use brski_voucher::model::{Assertion, Leaf, Profile};
use brski_voucher::{
    Authority, Contents, CoseHeaders, Encoded, Extension, KeyForm, LeafKey, RequestBuilder, Role,
    Signed, Trust, Voucher, VoucherBuilder, rules, strip_certificates,
};
use iotops_crypto::Signer as _;
use iotops_crypto::cms::SignerIdentifier;
use iotops_crypto::key::{SecretKey, import};
use iotops_crypto::x509::Certificate;
use iotops_crypto::x509::path::{Anchor, Options};
use iotops_wire::{Clock, Time};

const SERIAL: &str = "JADA123456789";
const EXTENSION: Extension<'static> =
    Extension::new("example-my-extension", 305_823_299_950, "{\"a\":1}", &[0xa1, 0x01, 0x02]);

fn folder() -> Option<std::path::PathBuf> {
    Some(test_support::vectors("brski")?.join("cbrski"))
}

fn secret(folder: &Path, name: &str) -> SecretKey {
    let path = folder.join(format!("script-cose-examples/keys/privkey_{name}.pem"));
    import(&fs::read(path).unwrap()).unwrap().secret_key().unwrap()
}

fn certificate(folder: &Path, name: &str) -> Vec<u8> {
    fs::read(folder.join(format!("cose-examples/{name}.der"))).unwrap()
}

/// A voucher with every leaf, an extension and a certificate that is none.
fn full() -> VoucherBuilder {
    VoucherBuilder::new(SERIAL)
        .assertion(Assertion::AgentProximity)
        .created_on(Time::from_unix(1_700_000_000))
        .domain_cert_revocation_checks(true)
        .expires_on(Time::from_unix(1_800_000_000))
        .idevid_issuer(&[4, 24, 48, 22])
        .last_renewal_date(Time::from_unix(1_750_000_000))
        .nonce(&[0xff; 16])
        .pinned_domain_pubk(&[1, 2, 3])
        .pinned_domain_pubk_sha256(&[9; 32])
        .additional_configuration_url("https://example.com/\"quoted\"")
        .est_domain("est.example.com")
        .manufacturer_proprietary(&[0xf6])
        .extension(&EXTENSION)
}

fn check_full(voucher: &Voucher<'_>) {
    assert_eq!(voucher.assertion(), Some(Assertion::AgentProximity));
    assert_eq!(voucher.created_on(), Some(Time::from_unix(1_700_000_000)));
    assert_eq!(voucher.domain_cert_revocation_checks(), Some(true));
    assert_eq!(voucher.expires_on(), Some(Time::from_unix(1_800_000_000)));
    assert!(voucher.idevid_issuer().unwrap().is(&[4, 24, 48, 22]));
    assert_eq!(voucher.last_renewal_date(), Some(Time::from_unix(1_750_000_000)));
    assert!(voucher.nonce().unwrap().is(&[0xff; 16]));
    assert!(voucher.pinned_domain_cert().is_none());
    assert!(voucher.pinned_domain_pubk().unwrap().is(&[1, 2, 3]));
    assert!(voucher.pinned_domain_pubk_sha256().unwrap().is(&[9; 32]));
    assert!(voucher.serial_number().unwrap().is(SERIAL));
    let url = voucher.additional_configuration_url().unwrap();
    assert!(url.is("https://example.com/\"quoted\""));
    assert!(voucher.est_domain().unwrap().is("est.example.com"));
    assert!(voucher.manufacturer_proprietary().unwrap().is(&[0xf6]));
    assert_eq!(voucher.extensions().unwrap().count(), 1);
    assert_eq!(voucher.unknown(), 1);
    let body = voucher.extension(EXTENSION.name, EXTENSION.sid).unwrap();
    match body.value() {
        Encoded::Cbor(item) => assert_eq!(item, EXTENSION.cbor),
        Encoded::Json(text) => assert_eq!(text, EXTENSION.json),
        other => panic!("{other:?}"),
    }
    assert!(voucher.extension("other", 1).is_none());
}

fn voucher<'a>(contents: &Contents<'a>) -> Voucher<'a> {
    match contents {
        Contents::Voucher(voucher) => *voucher,
        other => panic!("{other:?}"),
    }
}

#[test]
fn all_leaves_in_every_encoding_and_form_of_keys() {
    let draft = full().build(Profile::Rfc8366bis).unwrap();
    let json = draft.to_json().unwrap();
    check_full(&voucher(&Contents::decode_json(&json).unwrap()));
    let mut lengths = Vec::new();
    for form in [KeyForm::Differences, KeyForm::Names, KeyForm::Identifiers] {
        let draft = full().with_keys(form).build(Profile::Rfc8366bis).unwrap();
        let cbor = draft.to_cbor().unwrap();
        let read = voucher(&Contents::decode_cbor(&cbor).unwrap());
        check_full(&read);
        // What was read is written again, byte for byte.
        let copy = VoucherBuilder::copy(&read).unwrap().with_keys(form);
        assert_eq!(copy.build(Profile::Rfc8366bis).unwrap().to_cbor().unwrap(), cbor);
        lengths.push(cbor.len());
    }
    assert!(lengths[0] < lengths[2] && lengths[2] < lengths[1], "{lengths:?}");
    let read = voucher(&Contents::decode_json(&json).unwrap());
    let copy = VoucherBuilder::copy(&read).unwrap().build(Profile::Rfc8366bis).unwrap();
    check_full(&voucher(&Contents::decode_json(&copy.to_json().unwrap()).unwrap()));
    // An extension that is known in JSON only has no identifier.
    assert_eq!(copy.to_cbor().unwrap_err().rule(), rules::OTHER_ENCODING);
}

#[test]
fn unknown_leaves_are_kept() {
    let payload = b"{\"ietf-voucher:voucher\":{\"serial-number\":\"1\",\"new\":[1, 2],\
                    \"pinned-domain-pubk\":\"AQID\"}}";
    let read = voucher(&Contents::decode_json(payload).unwrap());
    let unknown: Vec<_> = read.unknown_leaves().collect();
    assert_eq!(unknown.len(), 1);
    assert!(matches!(unknown[0].key(), LeafKey::Name(name) if name.is("new")));
    assert_eq!(unknown[0].value(), Encoded::Json("[1, 2]"));
    let again = VoucherBuilder::copy(&read).unwrap().build(Profile::Rfc8366bis).unwrap();
    let json = again.to_json().unwrap();
    let read = voucher(&Contents::decode_json(&json).unwrap());
    assert_eq!(read.unknown_leaves().next().unwrap().value(), Encoded::Json("[1, 2]"));
}

/// Every leaf has its name and identifiers from the files of the modules.
#[test]
fn names_and_identifiers_are_those_of_the_modules() {
    use brski_voucher::model::Kind;
    let specs = test_support::vectors("brski").map(|one| one.join("../../specs/brski"));
    let Some(specs) = specs.filter(|one| one.exists()) else { return };
    let mut checked = 0;
    let modules = [
        (Kind::Voucher, "ietf-voucher-sid.txt", "/ietf-voucher:voucher/"),
        (Kind::Request, "ietf-voucher-request-sid.txt", "/ietf-voucher-request:voucher/"),
    ];
    for (kind, file, prefix) in modules {
        for line in fs::read_to_string(specs.join(file)).unwrap().lines() {
            let Some((head, name)) = line.split_once(prefix) else { continue };
            let sid = head.split_whitespace().next().unwrap().parse::<u64>().unwrap();
            let leaf = Leaf::ALL.into_iter().find(|leaf| leaf.name() == name).expect(name);
            assert_eq!(leaf.sid(kind), Some(sid), "{name}");
            checked += 1;
        }
        let of_kind = Leaf::ALL.iter().filter(|leaf| leaf.sid(kind).is_some()).count();
        assert_eq!(of_kind, if kind == Kind::Voucher { 15 } else { 22 });
    }
    assert_eq!(checked, 37);
    test_support::report("brski identifiers", checked);
}

/// The sizes that cBRSKI and its vectors have.
#[test]
fn documents_in_cose_have_the_published_sizes() {
    let Some(folder) = folder() else { return };
    let registrar = certificate(&folder, "registrar");
    let key = Certificate::decode(&registrar).unwrap().public_key().to_vec();
    let nonce = [0x23, 0xbf, 0xbb, 0xc9, 0xc2, 0xbc, 0xf2, 0x13];
    let request = RequestBuilder::new(SERIAL)
        .assertion(Assertion::Proximity)
        .nonce(&nonce)
        .proximity_registrar_pubk(&key)
        .build_for(Role::Pledge, Profile::Rfc8366bis)
        .unwrap();
    let request = request.sign_cose(&mut secret(&folder, "pledge")).unwrap();
    let published = common::from_hex(&folder.join("cose-examples/pvr.hex"));
    assert_eq!((request.len(), published.len()), (201, 201));
    // All but the signature is the same.
    assert_eq!(request[..137], published[..137]);

    let mut masa = secret(&folder, "masa_ca");
    let published = common::from_hex(&folder.join("cose-examples/voucher.hex"));
    let signed = Signed::decode_cose(&published).unwrap();
    let copy = VoucherBuilder::copy(&voucher(&signed.unverified())).unwrap();
    let copy = copy.build(Profile::Rfc8366).unwrap().sign_cose(&mut masa).unwrap();
    assert_eq!((published.len(), copy.len()), (724, 724));
    assert_eq!(copy[..660], published[..660]);
    let base = || VoucherBuilder::new(SERIAL).assertion(Assertion::Proximity).nonce(&nonce);
    let build = |one: VoucherBuilder| one.build(Profile::Rfc8366bis).unwrap();
    let rpk = build(base().pinned_domain_pubk(&key)).sign_cose(&mut masa).unwrap();
    let digest = iotops_crypto::digest(iotops_crypto::Algorithm::Sha256, &[&key]).unwrap();
    let hash = build(base().pinned_domain_pubk_sha256(digest.as_bytes()));
    let hash = hash.sign_cose(&mut masa).unwrap();
    assert_eq!((rpk.len(), hash.len()), (201, 142));
    let generated = folder.join("../generated");
    for (own, name) in [(&rpk, "ok_voucher_rpk.vch"), (&hash, "ok_voucher_rpk_sha256.vch")] {
        let other = fs::read(generated.join(name)).unwrap();
        let before = own.len() - 64;
        assert_eq!(own[..before], other[..before], "{name}");
    }
    test_support::report("brski sizes", 4);
}

#[test]
fn headers_of_cose_are_written_read_and_stripped() {
    let Some(folder) = folder() else { return };
    let (mut masa, chain) = (secret(&folder, "masa_ca"), certificate(&folder, "masa_ca"));
    let other = certificate(&folder, "masa");
    let draft = full().build(Profile::Rfc8366bis).unwrap();
    let headers = CoseHeaders::new().with_issued_at(Time::from_unix(1_700_000_000));
    for list in [&[chain.as_slice()][..], &[&chain, &other]] {
        let whole = draft.sign_cose_with(&mut masa, &headers.with_bag(list)).unwrap();
        let signed = Signed::decode_cose(&whole).unwrap();
        assert_eq!(signed.certificates(0).count(), list.len());
        assert!(signed.certificates(0).zip(list).all(|(one, other)| one.is(other)));
        signed.check_headers(Role::Masa).unwrap();
        assert_eq!(signed.check_forwarded().unwrap_err().rule(), rules::BAG_FORWARDED);
        let key = masa.verifying_key();
        let verified = signed.verify(&[&key]).unwrap();
        assert_eq!(verified.issued_at(), Some(Time::from_unix(1_700_000_000)));

        let mut stripped = Vec::new();
        strip_certificates(&whole, &mut stripped).unwrap();
        let signed = Signed::decode_cose(&stripped).unwrap();
        assert_eq!(signed.check_headers(Role::Masa).unwrap_err().rule(), rules::BAG_MISSING);
        signed.check_headers(Role::Pledge).unwrap();
        signed.check_forwarded().unwrap();
        check_full(&signed.verify(&[&key]).unwrap().voucher().unwrap());
        let bare = draft.sign_cose_with(&mut masa, &headers).unwrap();
        assert_eq!(stripped.len(), bare.len());
    }
    // A bag that is signed stays.
    let list: [&[u8]; 1] = [&chain];
    let signed_bag = CoseHeaders::new().with_protected_bag(&list);
    let whole = draft.sign_cose_with(&mut masa, &signed_bag).unwrap();
    let mut stripped = Vec::new();
    strip_certificates(&whole, &mut stripped).unwrap();
    assert_eq!(stripped, whole);
    // The other published voucher has a bag; without it, it is the one of 724 bytes.
    let file = folder.join("script-cose-examples/cose-hex/voucher.hex");
    let with_bag = common::from_hex(&file);
    let mut stripped = Vec::new();
    strip_certificates(&with_bag, &mut stripped).unwrap();
    assert_eq!((with_bag.len(), stripped.len()), (1231, 724));
    let mut told = Vec::new();
    let signed = Signed::decode_cose_lenient(&with_bag, &mut |one| told.push(one.rule())).unwrap();
    assert_eq!(told, [iotops_crypto::rules::CERTIFICATES]);
    assert_eq!(signed.certificates(0).count(), 1);
}

#[test]
fn a_signing_service_signs_in_two_steps() {
    let Some(folder) = folder() else { return };
    let mut masa = secret(&folder, "masa_ca");
    let key = masa.verifying_key();
    let draft = full().build(Profile::Rfc8366bis).unwrap();
    let (headers, algorithm) = (CoseHeaders::new(), masa.algorithm());
    let to_be_signed = draft.cose_to_be_signed(algorithm, &headers).unwrap();
    let mut signature = [0; 64];
    let length = masa.sign(&[&to_be_signed], &mut signature).unwrap();
    let whole = draft.finish_cose_with(algorithm, &headers, &signature[..length]).unwrap();
    assert!(Signed::decode_cose(&whole).unwrap().verify(&[&key]).is_ok());
    assert_eq!(whole[..7], [0xd2, 0x84, 0x43, 0xa1, 0x01, 0x26, 0xa0]);
    let short = draft.finish_cose_with(algorithm, &headers, &signature[1..]);
    assert_eq!(short.unwrap_err().rule(), iotops_crypto::rules::SIGNATURE_LENGTH);
}

fn options() -> Options<'static> {
    Options::new(Clock::Unknown)
}

#[test]
fn paths_lead_from_every_container_to_the_anchor() {
    let Some(folder) = folder() else { return };
    let (leaf, authority) = (certificate(&folder, "masa"), certificate(&folder, "masa_ca"));
    let mut masa = secret(&folder, "masa");
    let draft = full().build(Profile::Rfc8366bis).unwrap();
    let chain: [&[u8]; 2] = [&leaf, &authority];
    let decoded = Certificate::decode(&leaf).unwrap();
    let identifier = SignerIdentifier::IssuerAndSerialNumber {
        issuer: decoded.issuer().encoding(),
        serial_number: decoded.serial(),
    };
    let cms = draft.sign_cms(&mut masa, identifier, &chain).unwrap();
    let jws = draft.sign_jws(&mut masa, &chain).unwrap();
    let cose = draft.sign_cose_with(&mut masa, &CoseHeaders::new().with_bag(&chain)).unwrap();
    let anchors = [Anchor::certificate(Certificate::decode(&authority).unwrap())];
    let trust = Trust::new(&anchors, Authority::Key(decoded.public_key()), options());
    let other = Trust::new(&anchors, Authority::Key(b"another"), options());
    let stranger = certificate(&folder, "domain_ca");
    let strangers = [Anchor::certificate(Certificate::decode(&stranger).unwrap())];
    let unknown = Trust::new(&strangers, Authority::Dedicated, options());
    let mut space = vec![0; jws.len()];
    let all = [
        Signed::decode_cms(&cms).unwrap(),
        Signed::decode_jws(&jws, &mut space).unwrap(),
        Signed::decode_cose(&cose).unwrap(),
    ];
    for signed in all {
        let mut scratch = vec![0; 4096];
        let verified = signed.verify_path_in(&trust, &mut scratch).unwrap();
        check_full(&verified.voucher().unwrap());
        assert_eq!(verified.request().unwrap_err().rule(), rules::KIND);
        let refused = signed.verify_path_in(&other, &mut scratch).unwrap_err();
        assert_eq!(refused.rule(), rules::SIGNER_UNAUTHORISED);
        assert!(signed.verify_path_in(&unknown, &mut scratch).is_err());
    }
    let refused = all[1].verify_path(&trust).unwrap_err();
    assert_eq!(refused.rule(), rules::SCRATCH);
    test_support::report("brski paths", all.len());
}

#[test]
fn a_registrar_countersigns() {
    let Some(folder) = folder() else { return };
    let (mut masa, mut registrar) = (secret(&folder, "masa"), secret(&folder, "registrar"));
    let own = certificate(&folder, "registrar");
    let draft = full().build(Profile::Rfc8366bis).unwrap();
    let first = draft.sign_jws(&mut masa, &[&certificate(&folder, "masa")]).unwrap();
    let mut scratch = vec![0; first.len()];
    let signed = Signed::decode_jws(&first, &mut scratch).unwrap();
    let both = signed.countersign_jws(&mut registrar, &[&own]).unwrap();
    let mut scratch = vec![0; both.len()];
    let signed = Signed::decode_jws(&both, &mut scratch).unwrap();
    assert_eq!(signed.signatures(), 2);
    let (masa, registrar) = (masa.verifying_key(), registrar.verifying_key());
    assert!(signed.verify_signature(0, &[&masa]).is_ok());
    assert!(signed.verify_signature(1, &[&registrar]).is_ok());
    assert!(signed.verify_signature(0, &[&registrar]).is_err());
    assert!(signed.verify_signature(1, &[&masa]).is_err());
    let none = signed.verify_signature(2, &[&masa]).unwrap_err();
    assert_eq!(none.rule(), rules::SIGNER_UNKNOWN);
    assert!(signed.certificates(1).next().unwrap().is(&own));
    let cose = draft.sign_cose(&mut secret(&folder, "masa")).unwrap();
    let refused = Signed::decode_cose(&cose).unwrap();
    let refused = refused.countersign_jws(&mut secret(&folder, "masa"), &[]).unwrap_err();
    assert_eq!(refused.rule(), rules::CONTAINER);
}

/// base64 has bits behind the last byte that mean nothing; strictly they are zero.
#[test]
fn bytes_are_the_same_whatever_bits_stand_behind_them() {
    let document = |nonce: &str| {
        format!(r#"{{"ietf-voucher:voucher":{{"serial-number":"1","nonce":"{nonce}"}}}}"#)
    };
    let texts = ["//////////0=", "//////////3=", "__________2", "//////////w="].map(document);
    let read = |text: &'static str| {
        let mut told = Vec::new();
        let read = Contents::decode_json_lenient(text.as_bytes(), &mut |one| told.push(one.rule()));
        (voucher(&read.unwrap()).nonce().unwrap(), told)
    };
    let [zero, other, url, different] = texts.map(|text| read(text.leak()));
    assert_eq!((zero.0, zero.0), (other.0, url.0));
    assert_ne!(zero.0, different.0);
    assert_eq!(zero.1, []);
    assert_eq!((other.1, url.1), (vec![rules::BASE64], vec![rules::BASE64]));
    let strict = document("//////////3=");
    assert_eq!(Contents::decode_json(strict.as_bytes()).unwrap_err().rule(), rules::BASE64);
}
