//! The rules of this crate: 200 to 299 for COSE and keys, 1000 to 1199 for the areas below. Lower ones are those of [`iotops_wire::rules`](mod@iotops_wire::rules).

pub mod anchor;
pub mod cipher;
pub mod cms;
pub mod der;
pub mod jws;
pub mod x509;

use iotops_wire::{Row, Rule, rule};

iotops_wire::rules! {
    200 COSE_TAG Structure "cose-tag", "RFC 9052 §2", "a COSE message must carry the tag of its kind";
    201 COSE_ITEMS Structure "cose-items", "RFC 9052 §4", "a COSE message must have the number of items of its kind";
    202 LABEL Structure "header-label", "RFC 9052 §1.5", "a header label must be an integer or a text string";
    203 LABEL_IN_BOTH Constraint "label-in-both-buckets", "RFC 9052 §3", "a header label must not occur in both buckets";
    204 PROTECTED_MAP Structure "protected-map", "RFC 9052 §3", "the protected bucket must hold one map or nothing";
    205 ALGORITHM_MISSING Constraint "algorithm-missing", "RFC 9052 §3.1", "the algorithm header must be present";
    206 ALGORITHM_UNPROTECTED Constraint "algorithm-unprotected", "RFC 9052 §3.1", "the algorithm header must be in the protected bucket";
    207 ALGORITHM_UNKNOWN Unsupported "algorithm-unknown", "IANA COSE Algorithms", "the algorithm is not registered or not built in";
    208 ALGORITHM_PURPOSE Constraint "algorithm-purpose", "RFC 9053 §2", "the algorithm must be of the kind that the message is made for";
    209 CRITICAL_PLACE Constraint "crit-unprotected", "RFC 9052 §3.1", "the crit header must be in the protected bucket";
    210 CRITICAL_LIST Constraint "crit-list", "RFC 9052 §3.1", "the crit header must list at least one label, each present in the protected bucket";
    211 CRITICAL_UNKNOWN Unsupported "crit-unknown", "RFC 9052 §3.1", "a header that crit lists must be understood";
    212 HEADER_VALUE Structure "header-value", "RFC 9052 §3.1", "a header value must have the type that is registered for its label";
    213 PAYLOAD_DETACHED Argument "payload-detached", "RFC 9052 §4.2", "the payload is detached and must be given by the caller";
    214 PAYLOAD_ATTACHED Argument "payload-attached", "RFC 9052 §4.2", "the payload is attached, so none may be given beside it";
    215 NO_KEY Rejected "no-key", "RFC 9052 §4.4", "no key that was given is for the algorithm of the message";
    216 SIGNATURE Rejected "signature", "RFC 9052 §4.4", "the signature must verify with a key that was given";
    217 MAC Rejected "mac", "RFC 9052 §6.3", "the MAC must verify with a key that was given";
    218 UNAVAILABLE Unavailable "verifier-unavailable", "iotops", "the device that holds the key did not answer, so nothing was decided";
    219 SIGNATURE_LENGTH Argument "signature-length", "RFC 9053 §2", "a signature must have the length that its algorithm gives it";
    220 SIGNERS Constraint "signers", "RFC 9052 §4.1", "a COSE_Sign message must have at least one signature";
    221 DIGEST_UNSUPPORTED Unsupported "digest-unsupported", "RFC 9054", "the digest algorithm is not registered or not built in";
    222 CRITICAL_COUNT Limit "crit-count", "iotops", "the crit header must not list more labels than this reader looks up";
    223 IV_TWICE Constraint "iv-and-partial-iv", "RFC 9052 §3.1", "an IV and a Partial IV must not both be present";
    224 COUNTERSIGNATURES Structure "countersignatures", "RFC 9338 §3", "a countersignature header must hold one countersignature or an array of them";
    225 COUNTERSIGNATURE Rejected "countersignature", "RFC 9338 §3.3", "a countersignature must verify with a key that was given";
    226 CERTIFICATES Structure "cose-certificates", "RFC 9360 §2", "a certificate header must hold one certificate or an array of two or more";
    227 THUMBPRINT Structure "cose-thumbprint", "RFC 9360 §2", "a certificate thumbprint must be an array of a hash algorithm and a hash";
    230 KEY_FORM Structure "key-form", "iotops", "a key must be PEM, DER, a COSE_Key, or the raw bytes of a known length";
    231 KEY_ENCODING Malformed "key-encoding", "RFC 5958, RFC 5280, RFC 5915", "a key must be one well-formed DER structure of its kind";
    232 KEY_TYPE Unsupported "key-type", "IANA COSE Key Types", "the type or curve of the key is not built in";
    233 KEY_POINT Constraint "key-point", "RFC 9053 §7.1", "a public key must be a point of its curve, and not a weak one";
    234 KEY_SCALAR Constraint "key-scalar", "RFC 9053 §7.1", "a private key must be in the range of its curve";
    235 KEY_PAIR Constraint "key-pair", "RFC 5958 §2", "a private key must belong to the public key beside it";
    236 KEY_ALGORITHM Constraint "key-algorithm", "RFC 9052 §7.1", "the algorithm that a key is restricted to must fit its type";
    237 KEY_OPERATIONS Constraint "key-operations", "RFC 9052 §7.1", "a key must be allowed the operation that it is used for";
    238 KEY_PARAMETER Structure "key-parameter", "RFC 9053 §7", "a key parameter is missing, unknown or of another type";
    239 KEY_SECRET Constraint "key-secret", "iotops", "a private key belongs here";
    240 KEY_SHORT Constraint "key-short", "RFC 9053 §3.1", "a MAC key must be at least as long as the output of its hash";
    241 PEM Malformed "pem", "RFC 7468 §3", "a PEM file must hold one block of strict base64 between matching labels";
    242 KEY_MODULUS Constraint "key-modulus", "RFC 8017 §3.1", "an RSA modulus must be odd and written without leading zeros";
    243 KEY_MODULUS_SHORT Constraint "key-modulus-short", "RFC 8230 §6.1", "an RSA modulus must have at least 2048 bits";
    244 KEY_MODULUS_LONG Limit "key-modulus-long", "iotops", "an RSA modulus must not have more than 8192 bits";
    245 KEY_EXPONENT Constraint "key-exponent", "RFC 8017 §3.1", "an RSA public exponent must be odd, from 3 to 2^33, and written without leading zeros";
    246 KEY_LENGTH Constraint "key-length", "RFC 9964 §4, RFC 8554 §6.3", "a key must have the length that its algorithm gives it";
    247 KEY_PARAMETER_SET Unsupported "key-parameter-set", "RFC 8554 §5.1", "the parameter set that a key names is unknown or not built in";
}

/// The row of a rule of this crate or of a lower one.
#[must_use]
pub fn row(of: Rule) -> Option<&'static Row> {
    let tables = [ROWS, anchor::ROWS, cipher::ROWS, cms::ROWS, der::ROWS, jws::ROWS, x509::ROWS];
    let own = tables.into_iter().find_map(|table| rule::find(table, of));
    own.or_else(|| iotops_wire::rules::row(of))
}
