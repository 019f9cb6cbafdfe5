//! CMS: what is accepted, another implementation accepts; BER becomes DER that is read.

#![no_main]

use der::Decode as _;
use iotops_crypto::cms::SignedData;
use iotops_crypto::der::{Reader, ber};
use iotops_fuzz::Anyone;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    if let Ok(rewritten) = ber::to_der(input, &mut |_| ()) {
        Reader::new(&rewritten).expect("short").skip().expect("DER");
    }
    let Ok(message) = SignedData::decode(input) else { return };
    let info = cms::content_info::ContentInfo::from_der(input).expect("also theirs");
    assert_eq!(info.content_type, const_oid());
    for signer in message.signers() {
        let _ = (signer.digest(), signer.algorithm(), message.certificate_of(&signer));
        let _ = message.verify(&signer, &[&Anyone]);
        let _ = message.verify_detached(&signer, b"content", &[&Anyone]);
        let _ = message.verify_bare(&signer, b"content", &[&Anyone]);
    }
    assert!(message.certificates().count() <= input.len());
});

const fn const_oid() -> der::asn1::ObjectIdentifier {
    der::asn1::ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2")
}
