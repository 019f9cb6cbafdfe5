//! A voucher in all containers, a registrar's request for it, and the operations on them.

use std::hint::black_box;

use brski_voucher::model::{Assertion, Profile};
use brski_voucher::roles::masa::{Admission, Bundle, Masa, prior_document};
use brski_voucher::roles::registrar::idevid_issuer;
use brski_voucher::{
    Authority, Contents, Draft, RequestBuilder, Role, Signed, Trust, VoucherBuilder,
};
use iotops_crypto::cms::SignerIdentifier;
use iotops_crypto::key::{Es256SecretKey, SecretKey, VerifyingKey};
use iotops_crypto::wire::{Clock, Time};
use iotops_crypto::x509::path::{Anchor, Options};
use iotops_crypto::x509::{Certificate, build, oids::CMC_RA};

const SERIAL: &str = "JADA123456789";
const NONCE: [u8; 8] = *b"12345678";
const NOW: Time = Time::from_unix(1_800_000_000);

struct Party {
    key: SecretKey,
    certificate: Vec<u8>,
    name: Vec<u8>,
    number: u8,
}

fn party(
    number: u8,
    attributes: &[(&[u8], &str)],
    issuer: Option<&Party>,
    more: impl Fn(build::Draft) -> build::Draft,
) -> Party {
    let key = SecretKey::Es256(Es256SecretKey::from_scalar(&[number; 32]).expect("a scalar"));
    let name = build::name(attributes);
    let by = issuer.map_or(&name, |issuer| &issuer.name);
    let spki = key.verifying_key().to_spki_der().expect("an SPKI");
    let end = Time::from_unix(NOW.unix() * 2);
    let draft = build::Draft::new(by, &name, &spki, &[number], Time::from_unix(0), end);
    let draft =
        more(draft.key_ids(&[number; 20], &[issuer.map_or(number, |issuer| issuer.number); 20]));
    let mut signer = issuer.map_or(&key, |issuer| &issuer.key).clone();
    let certificate = draft.sign(&mut signer).expect("a certificate");
    Party { key, certificate, name, number }
}

fn cms(draft: &Draft, by: &Party, chain: &[&Party]) -> Vec<u8> {
    let own = Certificate::decode(&by.certificate).expect("decoded");
    let identifier = SignerIdentifier::IssuerAndSerialNumber {
        issuer: own.issuer().encoding(),
        serial_number: own.serial(),
    };
    let chain: Vec<&[u8]> = chain.iter().map(|one| one.certificate.as_slice()).collect();
    draft.sign_cms(&mut by.key.clone(), identifier, &chain).expect("signed")
}

/// A manufacturer, and what it is asked and answers.
pub struct Vouchers {
    vendor: Party,
    signer: Party,
    draft: Draft,
    key: VerifyingKey,
    pub json: Vec<u8>,
    pub cose: Vec<u8>,
    pub cms: Vec<u8>,
    request: Vec<u8>,
    store: openssl::x509::store::X509Store,
}

impl Vouchers {
    #[must_use]
    pub fn new() -> Self {
        let (common, serial): (&[u8], &[u8]) = (&[0x55, 4, 3], &[0x55, 4, 5]);
        let ca = |draft: build::Draft| draft.authority(None);
        let vendor = party(1, &[(common, "Vendor")], None, ca);
        let device = party(2, &[(serial, SERIAL)], Some(&vendor), |one| one);
        let domain = party(3, &[(common, "Domain")], None, ca);
        let registrar =
            party(4, &[(common, "Registrar")], Some(&domain), |one| one.purposes(&[CMC_RA]));
        let signer = party(5, &[(common, "MASA")], Some(&vendor), |one| one);
        let issuer = idevid_issuer(&Certificate::decode(&device.certificate).expect("decoded"));
        let prior = RequestBuilder::new(SERIAL)
            .assertion(Assertion::Proximity)
            .nonce(&NONCE)
            .proximity_registrar_cert(&registrar.certificate)
            .build_for(Role::Pledge, Profile::Rfc8366bis)
            .expect("a request");
        let prior = cms(&prior, &device, &[&device]);
        let request = RequestBuilder::new(SERIAL)
            .nonce(&NONCE)
            .created_on(NOW)
            .idevid_issuer(&issuer.expect("an issuer"))
            .prior_signed_voucher_request(&prior)
            .build_for(Role::Registrar, Profile::Rfc8366bis)
            .expect("a request");
        let request = cms(&request, &registrar, &[&registrar, &domain]);
        let draft = VoucherBuilder::new(SERIAL)
            .assertion(Assertion::Proximity)
            .created_on(NOW)
            .nonce(&NONCE)
            .pinned_domain_cert(&domain.certificate)
            .build(Profile::Rfc8366bis)
            .expect("a voucher");
        let key = signer.key.verifying_key();
        let mut store = openssl::x509::store::X509StoreBuilder::new().expect("a store");
        let anchor = openssl::x509::X509::from_der(&vendor.certificate).expect("decoded");
        store.add_cert(anchor).expect("an anchor");
        store.set_purpose(openssl::x509::X509PurposeId::ANY).expect("any purpose");
        Self {
            json: draft.to_json().expect("JSON"),
            cose: draft.sign_cose(&mut signer.key.clone()).expect("signed"),
            cms: cms(&draft, &signer, &[&signer]),
            request,
            key,
            draft,
            store: store.build(),
            vendor,
            signer,
        }
    }

    #[inline(never)]
    pub fn decode_cose(&self) {
        black_box(Signed::decode_cose(black_box(&self.cose)).expect("decoded"));
    }

    #[inline(never)]
    pub fn decode_cms(&self) {
        black_box(Signed::decode_cms(black_box(&self.cms)).expect("decoded"));
    }

    #[inline(never)]
    pub fn decode_json(&self) {
        black_box(Contents::decode_json(black_box(&self.json)).expect("decoded"));
    }

    /// Two signatures: that of the voucher, and that of its signer's certificate.
    #[inline(never)]
    pub fn verify_cms(&self) {
        let vendor = Certificate::decode(&self.vendor.certificate).expect("decoded");
        let anchors = [Anchor::certificate(vendor)];
        let options = Options::new(Clock::Trusted(NOW));
        let trust = Trust::new(&anchors, Authority::Dedicated, options);
        let signed = Signed::decode_cms(black_box(&self.cms)).expect("decoded");
        black_box(signed.verify_path(&trust).expect("verified"));
    }

    #[inline(never)]
    pub fn verify_cms_openssl(&self) {
        use openssl::cms::{CMSOptions, CmsContentInfo};
        let mut message = CmsContentInfo::from_der(black_box(&self.cms)).expect("decoded");
        let mut content = Vec::new();
        let options = CMSOptions::BINARY;
        message
            .verify(None, Some(&self.store), None, Some(&mut content), options)
            .expect("verified");
        black_box(content);
    }

    #[inline(never)]
    pub fn verify_cose(&self) {
        let signed = Signed::decode_cose(black_box(&self.cose)).expect("decoded");
        black_box(signed.verify(&[&self.key]).expect("verified"));
    }

    #[inline(never)]
    pub fn issue_cose(&self) {
        black_box(self.draft.sign_cose(&mut self.signer.key.clone()).expect("signed"));
    }

    /// All that a manufacturer checks: four signatures.
    #[inline(never)]
    pub fn check_request(&self) {
        let vendor = Certificate::decode(&self.vendor.certificate).expect("decoded");
        let anchors = [Anchor::certificate(vendor)];
        let masa = Masa::new(&anchors, Clock::Trusted(NOW));
        let document = Signed::decode_cms(black_box(&self.request)).expect("decoded");
        let bundle = Bundle::of(&document).expect("certificates");
        let (_, prior) = prior_document(&document).expect("read").expect("a prior request");
        let prior = Signed::decode_cms(&prior).expect("decoded");
        let own = Bundle::of(&prior).expect("certificates");
        let mut admit = |_: &str, _: Option<&[u8]>| Admission::Free;
        let checked = masa.check(&document, &bundle, Some((&prior, &own)), &mut admit);
        assert_eq!(black_box(checked).expect("checked").assertion(), Assertion::Proximity);
    }
}

impl Default for Vouchers {
    fn default() -> Self {
        Self::new()
    }
}
