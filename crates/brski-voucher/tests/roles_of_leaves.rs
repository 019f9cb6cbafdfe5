//! Rules between leaves by role and edition, and the names of formats.

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

use brski_voucher::model::Profile::{self, Rfc8366, Rfc8366bis};
use brski_voucher::{Container, Contents, Role, rules};
use iotops_wire::Rule;

fn broken(json: &str, role: Role, profile: Profile) -> Vec<Rule> {
    Contents::decode_json(json.as_bytes()).unwrap().broken(role, profile).collect()
}

fn voucher(leaves: &str, profile: Profile) -> Vec<Rule> {
    let json = format!("{{\"ietf-voucher:voucher\":{{\"serial-number\":\"1\"{leaves}}}}}");
    broken(&json, Role::Masa, profile)
}

fn request(leaves: &str, role: Role) -> Vec<Rule> {
    let json = format!("{{\"ietf-voucher-request:voucher\":{{\"serial-number\":\"1\"{leaves}}}}}");
    broken(&json, role, Rfc8366bis)
}

const NONCE: &str = ",\"nonce\":\"AAAAAAAAAAA=\"";
const EXPIRY: &str = ",\"expires-on\":\"2030-01-01T00:00:00Z\"";
const OLD: &str = ",\"assertion\":\"logged\",\"created-on\":\"2020-01-01T00:00:00Z\",\
                   \"pinned-domain-cert\":\"AAAA\"";

#[test]
fn vouchers_by_edition() {
    assert_eq!(voucher("", Rfc8366), [rules::LEAF_MISSING]);
    assert_eq!(voucher("", Rfc8366bis), []);
    assert_eq!(voucher(OLD, Rfc8366), []);
    assert_eq!(voucher(&[OLD, NONCE].concat(), Rfc8366), []);
    assert_eq!(voucher(&[OLD, EXPIRY].concat(), Rfc8366), []);
    assert_eq!(voucher(&[OLD, NONCE, EXPIRY].concat(), Rfc8366), [rules::NONCE_EXPIRES]);
    assert_eq!(voucher(&[OLD, NONCE, EXPIRY].concat(), Rfc8366bis), []);
    let both = [rules::NONCE_EXPIRES, rules::LEAF_MISSING];
    assert_eq!(voucher(&[NONCE, EXPIRY].concat(), Rfc8366), both);
}

#[test]
fn requests_by_role() {
    assert_eq!(request("", Role::Pledge), [rules::REQUEST_NONCE]);
    assert_eq!(request(NONCE, Role::Pledge), []);
    assert_eq!(request(NONCE, Role::Masa), [rules::KIND]);
    let proximity = [NONCE, ",\"assertion\":\"proximity\""].concat();
    assert_eq!(request(&proximity, Role::Pledge), [rules::REQUEST_PROXIMITY]);
    for leaf in ["cert", "pubk"] {
        let seen = format!("{proximity},\"proximity-registrar-{leaf}\":\"AAAA\"");
        assert_eq!(request(&seen, Role::Pledge), []);
    }
    let agent = [NONCE, ",\"assertion\":\"agent-proximity\""].concat();
    assert_eq!(request(&agent, Role::Pledge), [rules::REQUEST_AGENT]);
    let whole = format!(
        "{agent},\"agent-provided-proximity-registrar-cert\":\"AAAA\",\
         \"agent-signed-data\":\"AAAA\""
    );
    assert_eq!(request(&whole, Role::Pledge), []);
    let prior = [NONCE, ",\"prior-signed-voucher-request\":\"AAAA\""].concat();
    assert_eq!(request(&prior, Role::Pledge), [rules::REQUEST_PRIOR]);

    assert_eq!(request(&prior, Role::Registrar), [rules::REQUEST_ISSUER]);
    let issuer = [&prior, ",\"idevid-issuer\":\"AAAA\""].concat();
    assert_eq!(request(&issuer, Role::Registrar), []);
    let seen = [&issuer, ",\"proximity-registrar-cert\":\"AAAA\""].concat();
    assert_eq!(request(&seen, Role::Registrar), [rules::REQUEST_SEEN]);
    let agent = [&issuer, ",\"assertion\":\"agent-proximity\""].concat();
    assert_eq!(request(&agent, Role::Registrar), [rules::REQUEST_AGENT_CERT]);
    let agent = [&agent, ",\"agent-sign-cert\":[\"AAAA\",\"AAAA\"]"].concat();
    assert_eq!(request(&agent, Role::Registrar), []);
}

fn refused(leaves: &str) -> Rule {
    let json = format!("{{\"ietf-voucher:voucher\":{{\"serial-number\":\"1\"{leaves}}}}}");
    Contents::decode_json(json.as_bytes()).map(drop).unwrap_err().rule()
}

#[test]
fn single_leaves() {
    let cases = [
        (",\"nonce\":\"AAAAAAAAAA==\"", rules::NONCE_LENGTH),
        (",\"nonce\":\"AAAAAAAAAAA\"", rules::BASE64),
        (",\"nonce\":\"-_AAAAAAAAA=\"", rules::BASE64),
        (",\"nonce\":\"AAAAAAAAAAB=\"", rules::BASE64),
        (",\"nonce\":7", rules::LEAF_TYPE),
        (",\"assertion\":\"seen\"", rules::ASSERTION),
        (",\"created-on\":\"2020-02-30T00:00:00Z\"", rules::DATE),
        (",\"created-on\":\"2020-02-01\"", rules::DATE),
        (",\"domain-cert-revocation-checks\":\"true\"", rules::LEAF_TYPE),
        (",\"last-renewal-date\":\"2020-01-01T00:00:00Z\"", rules::RENEWAL),
        (",\"pinned-domain-pubk-sha256\":\"AAAA\"", rules::DIGEST_LENGTH),
        (",\"manufacturer-private\":\"AAAA\"", rules::OLD_NAME),
    ];
    for (leaves, rule) in cases {
        assert_eq!(refused(leaves), rule, "{leaves}");
    }
    let no_serial = Contents::decode_json(b"{\"ietf-voucher:voucher\":{}}").unwrap_err();
    assert_eq!(no_serial.rule(), rules::SERIAL_MISSING);
    let two = b"{\"ietf-voucher:voucher\":{},\"ietf-voucher-request:voucher\":{}}";
    assert_eq!(Contents::decode_json(two).unwrap_err().rule(), rules::CONTAINER);
    let names = ",\"manufacturer-private\":\"AAAA\",\"manufacturer-proprietary\":\"AAAA\"";
    let json = format!("{{\"ietf-voucher:voucher\":{{\"serial-number\":\"1\"{names}}}}}");
    let twice = Contents::decode_json_lenient(json.as_bytes(), &mut |_| {}).unwrap_err();
    assert_eq!(twice.rule(), rules::LEAF_TWICE);
}

#[test]
fn formats_have_their_names() {
    for container in [Container::Cms, Container::Jws, Container::Cose] {
        let (media, suffix) = (container.media_type(), container.suffix());
        assert_eq!(Container::of_media_type(media), Some((container, true)));
        assert_eq!(Container::of_suffix(&suffix.to_uppercase()), Some(container));
        if let Some(number) = container.content_format() {
            assert_eq!(Container::of_content_format(number), Some(container));
        }
    }
    assert_eq!(Container::Cose.content_format(), Some(836));
    assert_eq!(Container::of_content_format(60), None);
    let aliases = [
        ("application/voucher-cose+cbor", Container::Cose),
        ("Application/COSE; cose-type=\"cose-sign1\"", Container::Cose),
        ("application/pkcs7-mime; smime-type=voucher-request", Container::Cms),
    ];
    for (name, container) in aliases {
        assert_eq!(Container::of_media_type(name), Some((container, false)), "{name}");
    }
    assert_eq!(Container::of_media_type("text/plain"), None);
    assert_eq!(Container::of_suffix("pem"), None);
}
