//! A device, a registrar and a manufacturer in memory: what each of them must refuse.

#![cfg(all(feature = "cms", feature = "jws", feature = "alloc"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    missing_docs,
    reason = "tests may panic, index and calculate"
)]

use brski_voucher::model::{Assertion, Profile};
use brski_voucher::roles::masa::{
    Admission, AuditEvent, Bundle, CheckedRequest, Issuing, Masa, PinPolicy, coap_code,
    http_status, prior_document, write_audit_log,
};
use brski_voucher::roles::registrar::{AuditLog, AuditPolicy, CheckedDevice, Connection};
use brski_voucher::roles::{Attempt, NextStep, Pledge, Telemetry};
use brski_voucher::{Authority, Error, RequestBuilder, Role, Signed, Trust, rules};
use iotops_crypto::Digest;
use iotops_crypto::cms::SignerIdentifier;
use iotops_crypto::key::{Es256SecretKey, SecretKey, VerifyingKey};
use iotops_crypto::x509::build::{Draft, name};
use iotops_crypto::x509::oids::CMC_RA;
use iotops_crypto::x509::path::{Anchor, Options};
use iotops_crypto::x509::{Certificate, verifying_key};
use iotops_wire::{Clock, Rule, Time};

const SERIAL: &str = "JADA123456789";
const NONCE: [u8; 8] = *b"12345678";
const COMMON_NAME: &[u8] = &[0x55, 4, 3];
const SERIAL_NUMBER: &[u8] = &[0x55, 4, 5];
const NOW: Time = Time::from_unix(1_700_000_000);
const YEAR: u64 = 365 * 24 * 60 * 60;

/// A key with its certificate.
struct Party {
    key: Es256SecretKey,
    certificate: Vec<u8>,
    subject: Vec<u8>,
}

impl Party {
    fn spki(&self) -> Vec<u8> {
        VerifyingKey::Es256(self.key.public_key()).to_spki_der().unwrap()
    }

    fn signer(&self) -> SecretKey {
        SecretKey::Es256(self.key.clone())
    }

    fn decoded(&self) -> Certificate<'_> {
        Certificate::decode(&self.certificate).unwrap()
    }
}

fn identifier(spki: &[u8]) -> Digest {
    iotops_crypto::digest(iotops_crypto::Algorithm::Sha256, &[spki]).unwrap()
}

/// What is special about a certificate.
fn party(
    number: u8,
    subject: &[(&[u8], &str)],
    issuer: Option<&Party>,
    more: impl Fn(Draft) -> Draft,
) -> Party {
    let key = Es256SecretKey::from_scalar(&[number; 32]).unwrap();
    let spki = VerifyingKey::Es256(key.public_key()).to_spki_der().unwrap();
    let subject = name(subject);
    let (by, from, signing) = match issuer {
        Some(issuer) => (issuer.subject.clone(), issuer.spki(), issuer.key.clone()),
        None => (subject.clone(), spki.clone(), key.clone()),
    };
    let from = &identifier(&from).as_bytes()[..20].to_vec();
    let own = identifier(&spki).as_bytes()[..20].to_vec();
    let start = Time::from_unix(NOW.unix() - YEAR);
    let end = Time::from_unix(NOW.unix() + YEAR);
    let draft = Draft::new(&by, &subject, &spki, &[number], start, end).key_ids(&own, from);
    let certificate = more(draft).sign(&mut SecretKey::Es256(signing)).unwrap();
    Party { key, certificate, subject }
}

struct World {
    vendor: Party,
    device: Party,
    domain: Party,
    registrar: Party,
    signer: Party,
}

fn world() -> World {
    let ca = |draft: Draft| draft.authority(None);
    let vendor = party(1, &[(COMMON_NAME, "Vendor")], None, ca);
    let device =
        party(2, &[(COMMON_NAME, "Lamp"), (SERIAL_NUMBER, SERIAL)], Some(&vendor), |one| one);
    let domain = party(3, &[(COMMON_NAME, "Domain")], None, ca);
    let registrar =
        party(4, &[(COMMON_NAME, "Registrar")], Some(&domain), |one| one.purposes(&[CMC_RA]));
    let signer = party(5, &[(COMMON_NAME, "MASA")], Some(&vendor), |one| one);
    World { vendor, device, domain, registrar, signer }
}

fn sign(draft: &brski_voucher::Draft, by: &Party, chain: &[&Party]) -> Vec<u8> {
    let certificate = by.decoded();
    let identifier = SignerIdentifier::IssuerAndSerialNumber {
        issuer: certificate.issuer().encoding(),
        serial_number: certificate.serial(),
    };
    let chain: Vec<&[u8]> = chain.iter().map(|one| one.certificate.as_slice()).collect();
    draft.sign_cms(&mut by.signer(), identifier, &chain).unwrap()
}

/// What the device sends.
fn device_request(
    world: &World,
    seen: &Party,
    change: impl Fn(RequestBuilder) -> RequestBuilder,
) -> Vec<u8> {
    let request = RequestBuilder::new(SERIAL)
        .assertion(Assertion::Proximity)
        .nonce(&NONCE)
        .proximity_registrar_cert(&seen.certificate);
    let draft = change(request).build_for(Role::Pledge, Profile::Rfc8366bis).unwrap();
    sign(&draft, &world.device, &[&world.device])
}

/// What the registrar makes of it.
fn forwarded(world: &World, document: &[u8]) -> Result<Vec<u8>, Error> {
    let key = verifying_key(world.device.decoded().public_key())?;
    let request = Signed::decode_cms(document)?.verify(&[&key])?;
    let connection = Connection::new(world.device.decoded(), world.registrar.decoded());
    let device = CheckedDevice::check(&request, connection, &mut |serial| serial == SERIAL)?;
    let draft = device.request(document, NOW)?;
    Ok(sign(&draft, &world.registrar, &[&world.registrar, &world.domain]))
}

/// What the manufacturer does with it.
fn asked<T>(
    world: &World,
    document: &[u8],
    admission: Admission,
    knows_domain: bool,
    then: impl FnOnce(&CheckedRequest<'_>) -> T,
) -> Result<T, Error> {
    let anchors = [Anchor::certificate(world.vendor.decoded())];
    let domains = [Anchor::certificate(world.domain.decoded())];
    let masa = Masa::new(&anchors, Clock::Trusted(NOW));
    let masa = if knows_domain { masa.knowing(&domains) } else { masa };
    let document = Signed::decode_cms(document)?;
    let bundle = Bundle::of(&document)?;
    let prior = prior_document(&document)?.map(|(_, bytes)| bytes);
    let mut admit = |serial: &str, _: Option<&[u8]>| {
        if serial == SERIAL { admission } else { Admission::Unknown }
    };
    let Some(prior) = prior else {
        return Ok(then(&masa.check(&document, &bundle, None, &mut admit)?));
    };
    let prior = Signed::decode_cms(&prior)?;
    let own = Bundle::of(&prior)?;
    Ok(then(&masa.check(&document, &bundle, Some((&prior, &own)), &mut admit)?))
}

fn asserted(checked: &CheckedRequest<'_>) -> Assertion {
    checked.assertion()
}

fn issued(world: &World, document: &[u8], how: &Issuing) -> (Vec<u8>, AuditEvent) {
    asked(world, document, Admission::Free, true, |checked| {
        let (draft, event) = checked.issue(how, NOW).unwrap();
        (sign(&draft, &world.signer, &[&world.signer]), event)
    })
    .unwrap()
}

/// What the device does with the voucher.
fn accepted(world: &World, voucher: &[u8], nonce: &[u8]) -> Result<Assertion, Error> {
    let anchors = [Anchor::certificate(world.vendor.decoded())];
    let signer = world.signer.decoded();
    let authority = Authority::Key(signer.public_key());
    let trust = Trust::new(&anchors, authority, Options::new(Clock::Trusted(NOW)));
    let voucher = Signed::decode_cms(voucher)?.verify_path(&trust)?;
    let pledge = Pledge::new(SERIAL, Clock::Unknown).sent_nonce(nonce);
    let mut scratch = [0; 1024];
    // The issuer was copied by the manufacturer.
    let issuer = brski_voucher::roles::registrar::idevid_issuer(&world.device.decoded())?;
    let pledge = pledge.issued_by(&issuer, brski_voucher::roles::IssuerForm::Exact);
    let accepted = pledge.accept(&voucher, &mut scratch)?;
    let options = Options::new(Clock::Trusted(NOW));
    accepted.pin().check_certificate(&world.registrar.decoded(), &[], &options)?;
    Ok(accepted.voucher().assertion().unwrap())
}

fn refused<T>(result: Result<T, Error>) -> Rule {
    match result {
        Ok(_) => panic!("it was not refused"),
        Err(error) => error.rule(),
    }
}

#[test]
fn a_device_is_given_to_the_registrar_that_it_saw() {
    let world = world();
    let document = forwarded(&world, &device_request(&world, &world.registrar, |one| one)).unwrap();
    let how = Issuing::new(Profile::Rfc8366bis, 1200).checking_revocation(false);
    let (voucher, event) = issued(&world, &document, &how);
    assert_eq!(accepted(&world, &voucher, &NONCE), Ok(Assertion::Proximity));
    // The same request at the same time gives the same voucher.
    assert_eq!(issued(&world, &document, &how), (voucher.clone(), event.clone()));
    // With a nonce the lowest authority is pinned.
    let signed = Signed::decode_cms(&voucher).unwrap();
    let brski_voucher::Contents::Voucher(view) = signed.unverified() else { panic!() };
    assert!(view.pinned_domain_cert().unwrap().is(&world.domain.certificate));
    assert_eq!(view.expires_on(), None);
    assert_eq!(refused(accepted(&world, &voucher, b"87654321")), rules::NONCE);
    // The registrar finds what it asked for in the log.
    let log = write_audit_log(core::slice::from_ref(&event)).unwrap();
    let log = AuditLog::decode(log.as_bytes()).unwrap();
    let mut found = Vec::new();
    let policy = AuditPolicy::new(&event.domain_id, Some(&NONCE));
    policy.evaluate(&log, &mut |finding| found.push(finding.rule()));
    assert_eq!(found, []);
    AuditPolicy::new(b"other", None).evaluate(&log, &mut |finding| found.push(finding.rule()));
    assert_eq!(found, [rules::AUDIT_DOMAIN, rules::AUDIT_MISSING]);
}

#[test]
fn keys_are_pinned_where_devices_have_no_certificates() {
    let world = world();
    let document = forwarded(&world, &device_request(&world, &world.registrar, |one| one)).unwrap();
    for pin in [PinPolicy::PublicKey, PinPolicy::PublicKeyDigest] {
        let how = Issuing::new(Profile::Rfc8366bis, 1200).pinning(pin);
        let (voucher, _) = issued(&world, &document, &how);
        assert_eq!(accepted(&world, &voucher, &NONCE), Ok(Assertion::Proximity));
    }
}

#[test]
fn a_registrar_refuses_what_is_not_of_its_connection() {
    let world = world();
    let other = party(9, &[(COMMON_NAME, "Other")], Some(&world.domain), |one| one);
    let seen_another = device_request(&world, &other, |one| one);
    assert_eq!(refused(forwarded(&world, &seen_another)), rules::PROXIMITY);
    let elsewhere = RequestBuilder::new("OTHER").assertion(Assertion::Logged).nonce(&NONCE);
    let elsewhere = elsewhere.build_for(Role::Pledge, Profile::Rfc8366bis).unwrap();
    let elsewhere = sign(&elsewhere, &world.device, &[&world.device]);
    assert_eq!(refused(forwarded(&world, &elsewhere)), rules::SERIAL_NUMBER);
    // The key of TLS must have signed, whatever the message carries.
    let forged = RequestBuilder::new(SERIAL).assertion(Assertion::Logged).nonce(&NONCE);
    let forged = forged.build_for(Role::Pledge, Profile::Rfc8366bis).unwrap();
    let forged = sign(&forged, &other, &[&other]);
    assert_eq!(refused(forwarded(&world, &forged)), iotops_crypto::rules::SIGNATURE);
}

#[test]
fn a_manufacturer_asks_its_records_first() {
    let world = world();
    let document = forwarded(&world, &device_request(&world, &world.registrar, |one| one)).unwrap();
    let ask = |admission, knows| asked(&world, &document, admission, knows, asserted);
    assert_eq!(refused(ask(Admission::Unknown, true)), rules::DEVICE_UNKNOWN);
    assert_eq!(refused(ask(Admission::Blocked, true)), rules::DEVICE_BLOCKED);
    assert_eq!(refused(ask(Admission::Verified, false)), rules::OTHER_DOMAIN);
    assert_eq!(ask(Admission::Verified, true), Ok(Assertion::Verified));
    assert_eq!(ask(Admission::Free, false), Ok(Assertion::Proximity));
    // Even for a request whose signature is broken: no public key is used for it.
    let mut broken = document.clone();
    let last = broken.len() - 1;
    broken[last] ^= 1;
    let ask = |admission| asked(&world, &broken, admission, true, asserted);
    assert_eq!(refused(ask(Admission::Unknown)), rules::DEVICE_UNKNOWN);
    assert_eq!(http_status(refused(ask(Admission::Free))), 403);
    assert_eq!(
        (http_status(rules::DEVICE_UNKNOWN), coap_code(rules::DEVICE_UNKNOWN)),
        (404, (4, 4))
    );
    assert_eq!((http_status(rules::PIN_OUTLIVED), http_status(rules::TOO_LONG)), (406, 413));
}

/// A request of a registrar that is made by hand.
fn by_hand(
    world: &World,
    by: &Party,
    chain: &[&Party],
    change: impl Fn(RequestBuilder) -> RequestBuilder,
) -> Vec<u8> {
    let issuer = brski_voucher::roles::registrar::idevid_issuer(&world.device.decoded()).unwrap();
    let request = RequestBuilder::new(SERIAL).created_on(NOW).idevid_issuer(&issuer);
    let draft = change(request).build_for(Role::Registrar, Profile::Rfc8366bis).unwrap();
    sign(&draft, by, chain)
}

#[test]
fn a_manufacturer_refuses_what_is_not_proven() {
    let world = world();
    let ask = |document: &[u8], knows| asked(&world, document, Admission::Free, knows, asserted);
    let chain = [&world.registrar, &world.domain];
    // RFC 8995 §5.5.4: only registrars ask.
    let nobody = party(8, &[(COMMON_NAME, "Nobody")], Some(&world.domain), |one| one);
    let document = by_hand(&world, &nobody, &[&nobody, &world.domain], |one| one.nonce(&NONCE));
    assert_eq!(refused(ask(&document, true)), rules::NOT_REGISTRAR);
    // §5.5.2: without a nonce the registrar must be known.
    let nonceless = by_hand(&world, &world.registrar, &chain, |one| one);
    assert_eq!(refused(ask(&nonceless, false)), rules::NONCELESS_UNKNOWN);
    assert_eq!(ask(&nonceless, true), Ok(Assertion::Logged));
    // §5.5.5: what the device said must fit what is asked.
    let prior = device_request(&world, &world.registrar, |one| one);
    let other_nonce = by_hand(&world, &world.registrar, &chain, |one| {
        one.nonce(b"87654321").prior_signed_voucher_request(&prior)
    });
    assert_eq!(refused(ask(&other_nonce, true)), rules::PRIOR_NONCE);
    let other = party(9, &[(COMMON_NAME, "Other")], None, |one| one);
    let prior = device_request(&world, &other, |one| one);
    let not_seen = by_hand(&world, &world.registrar, &chain, |one| {
        one.nonce(&NONCE).prior_signed_voucher_request(&prior)
    });
    assert_eq!(refused(ask(&not_seen, true)), rules::PROXIMITY);
    // A device that says nothing of proximity is logged.
    let logged = RequestBuilder::new(SERIAL).assertion(Assertion::Logged).nonce(&NONCE);
    let logged = logged.build_for(Role::Pledge, Profile::Rfc8366bis).unwrap();
    let logged = sign(&logged, &world.device, &[&world.device]);
    let logged = by_hand(&world, &world.registrar, &chain, |one| {
        one.nonce(&NONCE).prior_signed_voucher_request(&logged)
    });
    assert_eq!(ask(&logged, true), Ok(Assertion::Logged));
    // A device of another manufacturer with the same serial number.
    let maker = party(11, &[(COMMON_NAME, "Maker")], None, |draft| draft.authority(None));
    let twin = party(12, &[(SERIAL_NUMBER, SERIAL)], Some(&maker), |one| one);
    let request = RequestBuilder::new(SERIAL).assertion(Assertion::Logged).nonce(&NONCE);
    let request = request.build_for(Role::Pledge, Profile::Rfc8366bis).unwrap();
    let forged = sign(&request, &twin, &[&twin, &maker]);
    let forged = by_hand(&world, &world.registrar, &chain, |one| {
        one.nonce(&NONCE).prior_signed_voucher_request(&forged)
    });
    assert_eq!(http_status(refused(ask(&forged, true))), 403);
}

#[test]
fn vouchers_without_a_nonce_expire_with_the_domain_and_are_renewed_for_it() {
    let world = world();
    let document = by_hand(&world, &world.registrar, &[&world.registrar, &world.domain], |one| one);
    for (lifetime, end) in [(1200, NOW.unix() + 1200), (10 * YEAR, NOW.unix() + YEAR)] {
        let (voucher, event) =
            issued(&world, &document, &Issuing::new(Profile::Rfc8366bis, lifetime));
        let signed = Signed::decode_cms(&voucher).unwrap();
        let brski_voucher::Contents::Voucher(view) = signed.unverified() else { panic!() };
        assert_eq!(view.expires_on(), Some(Time::from_unix(end)));
        assert_eq!(refused(accepted(&world, &voucher, &NONCE)), rules::NONCELESS);
        let renews = |event: &AuditEvent| {
            asked(&world, &document, Admission::Free, true, |one| one.renews(event)).unwrap()
        };
        assert!(renews(&event));
        let mut other = event.clone();
        other.domain_id = b"another".to_vec();
        assert!(!renews(&other));
    }
}

#[test]
fn logs_are_read_as_they_are_written_elsewhere() {
    // RFC 8995 §5.8.1, where numbers are text.
    let log = br#"{"version":"1","events":[
        {"date":"2019-05-15T17:25:55.644-04:00","domainID":"BduJhdHPpfhQLyponf48JzXSGZ8=",
         "nonce":"VOUFT-WwrEv0NuAQEHoV7Q","assertion":"proximity","truncated":"0"},
        {"date":"2017-05-15T17:25:55.644-04:00","domainID":"BduJhdHPpfhQLyponf48JzXSGZ8=",
         "nonce":null,"assertion":"proximity"}],
        "truncation":{"nonced duplicates":"0","nonceless duplicates":"1","arbitrary":"2"}}"#;
    let log = AuditLog::decode(log).unwrap();
    assert_eq!((log.events.len(), log.nonceless_duplicates, log.arbitrary), (2, 1, 2));
    assert!(log.events.iter().all(|event| event.date.is_some()));
    let own = log.events[0].domain_id.clone();
    let rules_of = |policy: AuditPolicy<'_>| {
        let mut found = Vec::new();
        policy.evaluate(&log, &mut |finding| found.push(finding.rule()));
        found
    };
    let nonce = log.events[0].nonce.clone();
    assert_eq!(rules_of(AuditPolicy::new(&own, nonce.as_deref())), [rules::AUDIT_TRUNCATED]);
    let found = rules_of(AuditPolicy::new(b"us", None).knowing(&[&own]));
    assert_eq!(found, [rules::AUDIT_NONCELESS, rules::AUDIT_TRUNCATED, rules::AUDIT_MISSING]);
    for wrong in [&b"{}"[..], br#"{"version":2,"events":[]}"#, br#"{"version":1}"#] {
        assert_eq!(refused(AuditLog::decode(wrong)), rules::AUDIT_LOG);
    }
}

#[test]
fn a_device_waits_and_is_redirected_within_bounds() {
    let mut attempt = Attempt::new();
    assert_eq!(attempt.answered(202, Some(5)), NextStep::Retry(5));
    assert_eq!(attempt.answered(202, Some(100_000)), NextStep::Retry(60));
    assert_eq!(attempt.answered(307, None), NextStep::Redirect);
    assert_eq!(attempt.answered(307, None), NextStep::TryNext);
    assert_eq!(attempt.answered(404, None), NextStep::TryNext);
    assert_eq!(attempt.answered(200, None), NextStep::Check);
    let waits =
        (0..10_000).take_while(|_| attempt.answered(202, None) != NextStep::TryNext).count();
    assert!((5759..=5760).contains(&waits), "{waits}");
}

#[test]
fn telemetry_is_what_the_drafts_show() {
    let mut buffer = [0; 128];
    let length = Telemetry::GOOD.write_cbor(&mut buffer).unwrap();
    let expected = b"\xa2\x67version\x01\x66status\xf5";
    assert_eq!((length, &buffer[..length]), (18, &expected[..]));
    let mut json = Vec::new();
    Telemetry::failure("wrong nonce").write_json(&mut json).unwrap();
    assert_eq!(json, br#"{"version":1,"status":false,"reason":"wrong nonce"}"#);
}

#[test]
fn many_vouchers_are_issued_on_several_threads_and_it_can_be_stopped() {
    use brski_voucher::VoucherBuilder;
    use brski_voucher::roles::masa::issue_bulk;
    let world = world();
    let serials: Vec<String> = (0..200).map(|number| format!("S-{number}")).collect();
    let make = |serial: &str| {
        let draft = VoucherBuilder::new(serial)
            .assertion(Assertion::Verified)
            .created_on(NOW)
            .expires_on(Time::from_unix(NOW.unix() + YEAR))
            .pinned_domain_cert(&world.domain.certificate)
            .build(Profile::Rfc8366)?;
        Ok(sign(&draft, &world.signer, &[&world.signer]))
    };
    let mut vouchers = vec![None; serials.len()];
    let taken = issue_bulk(&serials, 3, &make, &mut |place, made| {
        vouchers[place] = Some(made.unwrap());
        true
    });
    assert_eq!(taken, 200);
    for (serial, voucher) in serials.iter().zip(&vouchers) {
        let voucher = Signed::decode_cms(voucher.as_ref().unwrap()).unwrap();
        let key = verifying_key(world.signer.decoded().public_key()).unwrap();
        let voucher = voucher.verify(&[&key]).unwrap();
        assert!(voucher.voucher().unwrap().serial_number().unwrap().is(serial));
    }
    let stopped = issue_bulk(&serials, 3, &make, &mut |_, _| false);
    assert_eq!(stopped, 1);
    let refused =
        issue_bulk(&["S-1"], 1, &|_| Err(Error::new(rules::PIN_MISSING, 0)), &mut |_, made| {
            made.is_err()
        });
    assert_eq!(refused, 1);
}
