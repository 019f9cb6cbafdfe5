//! COSE messages, beside another reader.

#![no_main]

use coset::{
    CborSerializable as _, CoseError, CoseMac0, CoseSign, CoseSign1, RegisteredLabelWithPrivate,
    TaggedCborSerializable as _, iana,
};
use iotops_crypto::cose::{Label, Mac0, Sign, Sign1};
use iotops_fuzz::Anyone;
use iotops_wire::cbor::Encoder;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    sign1(input);
    mac0(input);
    sign(input);
    let _ = Sign1::decode_untagged(input).map(|message| format!("{message:?}"));
    let _ = CoseSign1::from_slice(input);
});

fn sign1(input: &[u8]) {
    let Ok(ours) = Sign1::decode(input) else { return };
    assert_eq!(encoded(|encoder| ours.encode(encoder)), input);
    let _ = ours.verify(b"", &[&Anyone]);
    let _ = ours.verify_detached(b"payload", b"aad", &[&Anyone]);
    headers(ours.headers());
    let theirs = match CoseSign1::from_tagged_slice(input) {
        Ok(theirs) => theirs,
        Err(error) => return excuse(&error, input),
    };
    assert_eq!(theirs.payload.as_deref(), ours.payload());
    assert_eq!(theirs.signature, ours.signature());
    same_headers(&theirs.protected.header, &theirs.unprotected, ours.headers());
}

fn mac0(input: &[u8]) {
    let Ok(ours) = Mac0::decode(input) else { return };
    assert_eq!(encoded(|encoder| ours.encode(encoder)), input);
    let _ = ours.verify(b"", &[&Anyone]);
    let theirs = match CoseMac0::from_tagged_slice(input) {
        Ok(theirs) => theirs,
        Err(error) => return excuse(&error, input),
    };
    assert_eq!(theirs.payload.as_deref(), ours.payload());
    assert_eq!(theirs.tag, ours.signature());
    same_headers(&theirs.protected.header, &theirs.unprotected, ours.headers());
}

fn sign(input: &[u8]) {
    let Ok(ours) = Sign::decode(input) else { return };
    assert_eq!(encoded(|encoder| ours.encode(encoder)), input);
    let theirs = match CoseSign::from_tagged_slice(input) {
        Ok(theirs) => theirs,
        Err(error) => return excuse(&error, input),
    };
    assert_eq!(theirs.payload.as_deref(), ours.payload());
    assert_eq!(theirs.signatures.len(), ours.signatures().count());
    same_headers(&theirs.protected.header, &theirs.unprotected, ours.headers());
    for (one, other) in theirs.signatures.iter().zip(ours.signatures()) {
        assert_eq!(one.signature, other.bytes());
        same_headers(&one.protected.header, &one.unprotected, other.headers());
        let _ = ours.verify(&other, b"payload", b"", &[&Anyone]);
    }
}

fn encoded(encode: impl FnOnce(&mut Encoder<'_>) -> Result<(), iotops_crypto::Error>) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode(&mut Encoder::new(&mut bytes)).expect("a vector has space");
    bytes
}

fn headers(headers: &iotops_crypto::cose::Headers<'_>) {
    for number in -3..40 {
        let _ = headers.protected(Label::Number(number));
        let _ = headers.unprotected(Label::Number(number));
    }
    let _ = (headers.protected(Label::Text("a")), headers.is_critical(), headers.protected_bytes());
}

fn same_headers(
    protected: &coset::Header,
    unprotected: &coset::Header,
    ours: &iotops_crypto::cose::Headers<'_>,
) {
    assert!(unprotected.alg.is_none());
    assert_eq!(protected.alg.as_ref().and_then(number), ours.algorithm());
    let key_id = if protected.key_id.is_empty() { &unprotected.key_id } else { &protected.key_id };
    assert_eq!(key_id, ours.key_id().unwrap_or_default());
    assert_eq!(!protected.crit.is_empty(), ours.is_critical());
}

fn number(algorithm: &RegisteredLabelWithPrivate<iana::Algorithm>) -> Option<i64> {
    use coset::iana::EnumI64 as _;
    match algorithm {
        RegisteredLabelWithPrivate::Assigned(algorithm) => Some(algorithm.to_i64()),
        RegisteredLabelWithPrivate::PrivateUse(number) => Some(*number),
        RegisteredLabelWithPrivate::Text(_) => None,
    }
}

/// Where `coset` may refuse what we take: it also checks the values of headers that a verifier
/// does not use, knows fewer algorithms, keeps integers in 64 bits, and has no value for simple
/// values that nobody assigned (its CBOR library calls that a semantic error).
fn excuse(error: &CoseError, input: &[u8]) {
    match error {
        CoseError::UnregisteredIanaNonPrivateValue
        | CoseError::UnregisteredIanaValue
        | CoseError::OutOfRangeIntegerValue
        | CoseError::UnexpectedItem(..)
        | CoseError::DecodeFailed(coset::cbor::de::Error::Semantic(..)) => {}
        other => panic!("{other:?}: {input:02x?}"),
    }
}
