//! JWS: both forms; what was read is written again.

#![no_main]

use iotops_crypto::jws::{Headers, Jws, Payload, Signature, Signed, write_json};
use iotops_fuzz::Anyone;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let mut scratch = vec![0; input.len()];
    if let Ok(message) = Jws::decode_compact(input, &mut scratch) {
        let one = message.only().expect("one");
        read(&one);
        let _ = message.understanding(&["exp"]).verify(&[&Anyone]);
        let again = Signed::from(&one).to_compact(payload(&message)).expect("no other header");
        assert_eq!(again.as_bytes(), input);
    }
    let Ok(message) = Jws::decode_json(input, &mut scratch) else { return };
    message.signatures().for_each(|one| read(&one));
    let signed: Vec<_> = message.signatures().map(|one| Signed::from(&one)).collect();
    let text = write_json(payload(&message), &signed).expect("as many as were read");
    let mut scratch = vec![0; text.len()];
    let again = Jws::decode_json(text.as_bytes(), &mut scratch).expect("our own text");
    assert_eq!(again.payload(), message.payload());
    for (one, other) in message.signatures().zip(again.signatures()) {
        assert_eq!(
            (one.bytes(), one.headers().algorithm()),
            (other.bytes(), other.headers().algorithm())
        );
        assert_eq!(one.verify(&[&Anyone]).is_ok(), other.verify(&[&Anyone]).is_ok());
    }
});

fn payload<'a>(message: &Jws<'a>) -> Payload<'a> {
    message.payload().map_or(Payload::Detached(b""), Payload::Attached)
}

fn read(one: &Signature<'_>) {
    let headers = one.headers();
    let _ = (headers.key_id(), headers.message_type(), headers.content_type());
    let mut buffer = [0; 64];
    for certificate in headers.certificates() {
        let _ = Headers::decode_certificate(certificate, &mut buffer);
    }
    let _ = headers.critical().map(|name| name.to_string()).count();
    let _ = one.verify_detached(b"payload", &mut buffer, &[&Anyone]);
    let _ = (one.verify_unencoded(b"payload", &[&Anyone]), format!("{one:?}"));
}
