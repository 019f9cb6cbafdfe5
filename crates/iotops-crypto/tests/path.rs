//! Paths of certificates that are made here: anchors, clocks, extensions and bounds.

#![cfg(all(feature = "x509", feature = "es256", feature = "alloc"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    missing_docs,
    reason = "tests may panic, index and calculate"
)]

use der::{Decode as _, Encode as _};
use iotops_crypto::der::{Oid, Reader, Tag, Writer};
use iotops_crypto::key::{KeyType, SecretKey, VerifyingKey};
use iotops_crypto::rules::x509 as rules;
use iotops_crypto::wire::{Clock, Input, Rule, Time};
use iotops_crypto::x509::build::{Draft, finish, name};
use iotops_crypto::x509::path::{Anchor, Options, verify};
use iotops_crypto::x509::{Certificate, Extension, KeyUsage, Name, oids, verifying_key};
use iotops_crypto::{Error, Signer as _};

const FROM: Time = Time::from_unix(1_700_000_000);
const NOW: Time = Time::from_unix(1_750_000_000);
const TO: Time = Time::from_unix(1_800_000_000);
const FOREVER: Time = Time::from_unix(u64::MAX);

fn key(seed: u8) -> SecretKey {
    SecretKey::from_raw(KeyType::Es256, &[seed; 32]).unwrap()
}

fn spki(key: &SecretKey) -> Vec<u8> {
    let VerifyingKey::Es256(public) = key.verifying_key() else { panic!("P-256") };
    let mut writer = Writer::new();
    writer.sequence(|writer| {
        writer.sequence(|writer| {
            writer.primitive(Tag::OID, &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01]);
            writer.primitive(Tag::OID, &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07]);
        });
        writer.bits(&public.to_sec1());
    });
    writer.into_bytes()
}

fn named(text: &str) -> Vec<u8> {
    name(&[(oids::COMMON_NAME, text)])
}

fn draft(issuer: &str, subject: &str, key: &SecretKey) -> Draft {
    Draft::new(&named(issuer), &named(subject), &spki(key), &[7], FROM, TO)
}

struct Pki {
    root: Vec<u8>,
    middle: Vec<u8>,
    leaf: Vec<u8>,
}

fn pki(change: impl FnOnce(Draft) -> Draft) -> Pki {
    let (mut root, mut middle, leaf) = (key(1), key(2), key(3));
    Pki {
        root: draft("root", "root", &root).authority(Some(1)).sign(&mut root).unwrap(),
        middle: draft("root", "middle", &middle).authority(Some(0)).sign(&mut root).unwrap(),
        leaf: change(draft("middle", "leaf", &leaf)).sign(&mut middle).unwrap(),
    }
}

fn check(pki: &Pki, options: &Options<'_>) -> Result<(usize, Vec<usize>), Error> {
    let leaf = Certificate::decode(&pki.leaf)?;
    let middle = [Certificate::decode(&pki.middle)?];
    let anchors = [Anchor::certificate(Certificate::decode(&pki.root)?)];
    let path = verify(&leaf, &middle, &anchors, options)?;
    Ok((path.anchor(), path.intermediates().to_vec()))
}

fn rule(result: Result<(usize, Vec<usize>), Error>) -> Rule {
    result.unwrap_err().rule()
}

fn at(clock: Clock) -> Options<'static> {
    Options::new(clock)
}

#[test]
fn paths_are_found_and_told() {
    let pki = pki(|draft| draft);
    assert_eq!(check(&pki, &at(Clock::Trusted(NOW))).unwrap(), (0, vec![0]));
    let leaf = Certificate::decode(&pki.leaf).unwrap();
    let root = Certificate::decode(&pki.root).unwrap();
    let options = at(Clock::Unknown);
    let none = verify(&leaf, &[], &[Anchor::certificate(root)], &options).unwrap_err();
    assert_eq!(none.rule(), rules::NO_PATH);
    assert_eq!(verify(&leaf, &[root], &[], &options).unwrap_err().rule(), rules::NO_PATH);
}

#[test]
fn any_certificate_and_any_key_can_be_an_anchor() {
    let pki = pki(|draft| draft);
    let leaf = Certificate::decode(&pki.leaf).unwrap();
    let middle = Certificate::decode(&pki.middle).unwrap();
    let options = at(Clock::Trusted(NOW));
    let path = verify(&leaf, &[], &[Anchor::certificate(leaf)], &options).unwrap();
    assert!(path.intermediates().is_empty(), "the leaf itself is pinned");
    verify(&leaf, &[], &[Anchor::certificate(middle)], &options).unwrap();
    let anchor_name = named("ROOT ");
    let by_key = Anchor::key(Name::decode(&anchor_name).unwrap(), &[]);
    let error = verify(&leaf, &[middle], &[by_key], &options).unwrap_err();
    assert_eq!(error.rule(), rules::KEY);
    let public_key = spki(&key(1));
    let by_key = Anchor::key(Name::decode(&anchor_name).unwrap(), &public_key);
    verify(&leaf, &[middle], &[by_key], &options).unwrap();
    let public_key = spki(&key(9));
    let by_key = Anchor::key(Name::decode(&anchor_name).unwrap(), &public_key);
    let error = verify(&leaf, &[middle], &[by_key], &options).unwrap_err();
    assert_eq!((error.rule(), error.place().input()), (rules::SIGNATURE, Input::Certificate(1)));
    // An end entity that is pinned issues nothing.
    let mut issuer = key(3);
    let below = draft("leaf", "below", &key(4)).sign(&mut issuer).unwrap();
    let below = Certificate::decode(&below).unwrap();
    let error = verify(&below, &[], &[Anchor::certificate(leaf)], &options).unwrap_err();
    assert_eq!((error.rule(), error.place().input()), (rules::NOT_CA, Input::Key(0)));
}

#[test]
fn clocks_decide_as_far_as_they_know() {
    let pki = pki(|draft| draft);
    let (early, late) = (Time::from_unix(1), Time::from_unix(1_900_000_000));
    assert_eq!(rule(check(&pki, &at(Clock::Trusted(early)))), rules::NOT_YET_VALID);
    assert_eq!(rule(check(&pki, &at(Clock::Trusted(late)))), rules::EXPIRED);
    assert_eq!(rule(check(&pki, &at(Clock::NotBefore(late)))), rules::EXPIRED);
    check(&pki, &at(Clock::NotBefore(early))).unwrap();
    check(&pki, &at(Clock::Unknown)).unwrap();
    let mut own = key(1);
    let forever = Draft::new(&named("x"), &named("x"), &spki(&own), &[1], FROM, FOREVER);
    let forever = forever.sign(&mut own).unwrap();
    let forever = Certificate::decode(&forever).unwrap();
    let anchors = [Anchor::certificate(forever)];
    verify(&forever, &[], &anchors, &at(Clock::Trusted(FOREVER))).unwrap();
}

#[test]
fn purposes_and_key_usages_are_those_asked_for() {
    let pki = pki(|draft| draft.purposes(&[oids::CMC_RA]).key_usage(KeyUsage::DIGITAL_SIGNATURE));
    let options = at(Clock::Trusted(NOW));
    check(&pki, &options.purpose(oids::CMC_RA)).unwrap();
    assert_eq!(rule(check(&pki, &options.purpose(oids::SERVER_AUTH))), rules::PURPOSE);
    check(&pki, &options.key_usage(KeyUsage::DIGITAL_SIGNATURE)).unwrap();
    assert_eq!(rule(check(&pki, &options.key_usage(KeyUsage::KEY_AGREEMENT))), rules::PURPOSE);
    assert_eq!(rule(check(&pki, &options.depth(0))), rules::PATH_LENGTH);
    assert_eq!(rule(check(&pki, &options.signatures(1))), rules::BUDGET);
    assert_eq!(rule(check(&pki, &options.conforming())), rules::PROFILE_KEY_ID);
    assert_eq!(rule(check(&pki, &options.crls(&[]))), rules::CRL_MISSING);
}

#[test]
fn critical_extensions_ask_their_handler() {
    let oid = Oid::from_content(&[0x2b, 0x06, 0x01, 0x04, 0x01, 0x05]).unwrap();
    let pki = pki(|draft| draft.extension(oid, true, Writer::null));
    let options = at(Clock::Trusted(NOW));
    let error = check(&pki, &options).unwrap_err();
    assert_eq!(error.rule(), rules::CRITICAL_UNKNOWN);
    assert_eq!(error.place().input(), Input::Certificate(0));
    let knows = |extension: &Extension<'_>| extension.oid.to_string() == "1.3.6.1.4.1.5";
    check(&pki, &options.handler(&knows)).unwrap();
    assert_eq!(rule(check(&pki, &options.handler(&|_| false))), rules::CRITICAL_UNKNOWN);
}

#[test]
fn device_extensions_are_read() {
    let oid = |content: &'static [u8]| Oid::from_content(content).unwrap();
    let url = "https://masa.example/.well-known/brski";
    let pki = pki(|draft| {
        draft
            .extension(oid(oids::MASA_URL), false, |w| w.primitive(Tag::IA5_STRING, url.as_bytes()))
            .extension(oid(oids::MUD_URL), false, |w| w.primitive(Tag::IA5_STRING, b"https://m/"))
            .extension(oid(oids::MUD_SIGNER), false, |w| w.raw(&named("signer")))
            .extension(oid(&[0x55, 0x1d, 0x11]), false, |w| {
                w.sequence(|w| w.nested(Tag::context_constructed(0), hardware));
            })
    });
    let leaf = Certificate::decode(&pki.leaf).unwrap();
    assert_eq!(leaf.masa_url(), Some(url));
    assert_eq!(leaf.mud_url(), Some("https://m/"));
    assert_eq!(leaf.mud_signer().unwrap().text(oids::COMMON_NAME), Some("signer"));
    let module = leaf.hardware_module().unwrap();
    assert_eq!(
        (module.hardware_type.to_string(), module.serial_number),
        ("1.2.3".into(), &[9][..])
    );
    let device = name(&[(oids::SERIAL_NUMBER, "JADA-1")]);
    let device =
        Draft::new(&device, &device, &spki(&key(1)), &[1], FROM, TO).sign(&mut key(1)).unwrap();
    assert_eq!(Certificate::decode(&device).unwrap().device_serial_number(), Some("JADA-1"));
}

fn hardware(writer: &mut Writer) {
    writer.primitive(Tag::OID, oids::HARDWARE_MODULE_NAME);
    writer.nested(Tag::context_constructed(0), |writer| {
        writer.sequence(|writer| {
            writer.primitive(Tag::OID, &[0x2a, 0x03]);
            writer.octets(&[9]);
        });
    });
}

/// Each signature is wrong in one bit, or of another form.
#[test]
fn wrong_signatures_are_refused() {
    let good = pki(|draft| draft);
    let length = good.leaf.len();
    for bit in 0..64 * 8 {
        let mut leaf = good.leaf.clone();
        leaf[length - 64 + bit / 8] ^= 1 << (bit % 8);
        let bad = Pki { leaf, root: good.root.clone(), middle: good.middle.clone() };
        assert_eq!(rule(check(&bad, &at(Clock::Unknown))), rules::SIGNATURE, "{bit}");
    }
}

/// 200 authorities of one name that all could have issued each other.
#[test]
fn many_candidates_cost_little() {
    let pki = pki(|draft| draft);
    let certificates: Vec<_> = (1..=200_u8)
        .map(|seed| {
            draft("middle", "middle", &key(seed)).authority(None).sign(&mut key(9)).unwrap()
        })
        .collect();
    let candidates: Vec<_> = certificates.iter().map(|c| Certificate::decode(c).unwrap()).collect();
    let leaf = Certificate::decode(&pki.leaf).unwrap();
    let root = Anchor::certificate(Certificate::decode(&pki.root).unwrap());
    let error = verify(&leaf, &candidates, &[root], &at(Clock::Unknown)).unwrap_err();
    assert_eq!(error.rule(), rules::BUDGET);
    let middle = Anchor::certificate(candidates[0]);
    let error = verify(&leaf, &candidates, &[middle], &at(Clock::Unknown)).unwrap_err();
    assert_eq!(error.rule(), rules::BUDGET);
}

#[test]
fn two_steps_and_requests() {
    let mut own = key(1);
    let draft = draft("x", "x", &own).dns_names(&["a.example"]).key_ids(&[1], &[1]);
    let algorithm = own.algorithm();
    let signed = draft.to_be_signed(algorithm).unwrap();
    let mut made = [0; 64];
    own.sign(&[&signed], &mut made).unwrap();
    let certificate = finish(&signed, algorithm, &made).unwrap();
    assert_eq!(certificate, draft.sign(&mut own).unwrap(), "ECDSA is deterministic here");
    let certificate = Certificate::decode(&certificate).unwrap();
    assert!(certificate.is_for_dns("A.example") && !certificate.is_for_dns("b.example"));
    let request = draft.request(&mut own).unwrap();
    let theirs = x509_cert::request::CertReq::from_der(&request).unwrap();
    assert_eq!(theirs.info.public_key.to_der().unwrap(), spki(&own));
    assert_eq!(theirs.info.attributes.len(), 1);
    Reader::new(&request).unwrap().sequence().unwrap();
}

/// What is in the place of the key must be one, and not a private key or a raw one.
#[test]
fn keys_are_of_one_form() {
    let raw = [&[0x30, 30][..], &[1; 30]].concat();
    assert_eq!(verifying_key(&raw).unwrap_err().rule(), rules::KEY);
    let secret = key(1).to_pem().unwrap();
    assert_eq!(verifying_key(secret.as_str().as_bytes()).unwrap_err().rule(), rules::KEY);
    verifying_key(&spki(&key(1))).unwrap();
}

/// A set of 33 attributes, which differ in their values only.
#[test]
fn names_are_bounded() {
    let attribute = |value: u8| {
        let mut writer = Writer::new();
        writer.sequence(|writer| {
            writer.primitive(Tag::OID, oids::COMMON_NAME);
            writer.primitive(Tag::UTF8_STRING, &[value]);
        });
        writer.into_bytes()
    };
    for (count, is_read) in [(32, true), (33, false)] {
        let mut attributes: Vec<_> = (1..=count).map(attribute).collect();
        let mut writer = Writer::new();
        writer.sequence(|writer| writer.set_of(Tag::SET, &mut attributes));
        let name = writer.into_bytes();
        match Name::decode(&name) {
            Ok(name) => assert!(is_read && name.is(&name)),
            Err(error) => assert!(!is_read && error.rule() == rules::ATTRIBUTE_LIMIT),
        }
    }
}

#[test]
fn names_are_folded() {
    let is = |one: &str, other: &str| {
        Name::decode(&named(one)).unwrap().is(&Name::decode(&named(other)).unwrap())
    };
    assert!(is("Ab  c", " aB C "));
    assert!(is("\u{c4}rger", "\u{e4}rger"));
    assert!(!is("ab c", "abc"));
    assert!(!is("ab", "abc"));
    assert!(is("", "  "));
}
