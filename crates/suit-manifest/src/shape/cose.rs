//! The names of COSE messages (RFC 9052, RFC 9053).

use iotops_wire::shape::{Field, Shape, TagName};

/// A tagged COSE message.
pub static COSE: Shape = Shape::Tagged(&[
    TagName::new(16, "COSE_Encrypt0", &ENCRYPT),
    TagName::new(17, "COSE_Mac0", &MAC),
    TagName::new(18, "COSE_Sign1", &SIGN1),
    TagName::new(96, "COSE_Encrypt", &ENCRYPT),
    TagName::new(97, "COSE_Mac", &MAC),
    TagName::new(98, "COSE_Sign", &SIGN),
]);

/// COSE_Sign1.
static SIGN1: Shape = Shape::Array(&[
    Field::item("protected", &PROTECTED),
    Field::item("unprotected", &HEADERS),
    Field::item("payload", &Shape::Any),
    Field::item("signature", &Shape::Any),
]);

static SIGN: Shape = Shape::Array(&[
    Field::item("protected", &PROTECTED),
    Field::item("unprotected", &HEADERS),
    Field::item("payload", &Shape::Any),
    Field::item("signatures", &Shape::List(&SIGNATURE)),
]);

static SIGNATURE: Shape = Shape::Array(&[
    Field::item("protected", &PROTECTED),
    Field::item("unprotected", &HEADERS),
    Field::item("signature", &Shape::Any),
]);

/// COSE_Mac0, and COSE_Mac, which adds recipients.
static MAC: Shape = Shape::Array(&[
    Field::item("protected", &PROTECTED),
    Field::item("unprotected", &HEADERS),
    Field::item("payload", &Shape::Any),
    Field::item("tag", &Shape::Any),
    Field::item("recipients", &Shape::List(&ENCRYPT)),
]);

/// `COSE_Encrypt0`, COSE_Encrypt and `COSE_recipient`, which each add something.
static ENCRYPT: Shape = Shape::Array(&[
    Field::item("protected", &PROTECTED),
    Field::item("unprotected", &HEADERS),
    Field::item("ciphertext", &Shape::Any),
    Field::item("recipients", &Shape::List(&ENCRYPT)),
]);

pub(super) static PROTECTED: Shape = Shape::Wrapped(&HEADERS);

pub(super) static HEADERS: Shape = Shape::Map(&[
    Field::new(1, "alg", &ALGORITHM),
    Field::new(2, "crit", &Shape::List(&LABEL)),
    Field::new(3, "content-type", &Shape::Any),
    Field::new(4, "kid", &Shape::Utf8OrBytes),
    Field::new(5, "IV", &Shape::Any),
    Field::new(6, "partial-IV", &Shape::Any),
    Field::new(7, "countersignature", &Shape::Any),
    Field::new(11, "countersignature-version-2", &Shape::Any),
    Field::new(15, "CWT-claims", &Shape::Any),
    Field::new(33, "x5chain", &Shape::Any),
    Field::new(34, "x5t", &Shape::Any),
    Field::new(-1, "ephemeral-key", &KEY),
    Field::new(-2, "static-key", &KEY),
    Field::new(-3, "static-key-id", &Shape::Utf8OrBytes),
    Field::new(-20, "salt", &Shape::Any),
]);

static LABEL: Shape = Shape::CodeOf(&HEADERS);

static KEY: Shape = Shape::Map(&[
    Field::new(1, "kty", &Shape::Code(&[(1, "OKP"), (2, "EC2"), (4, "Symmetric")])),
    Field::new(2, "kid", &Shape::Utf8OrBytes),
    Field::new(3, "alg", &ALGORITHM),
    Field::new(4, "key_ops", &Shape::Any),
    Field::new(5, "base-IV", &Shape::Any),
    Field::new(-1, "crv", &CURVE),
    Field::new(-2, "x", &Shape::Any),
    Field::new(-3, "y", &Shape::Any),
]);

static CURVE: Shape = Shape::Code(&[
    (1, "P-256"),
    (2, "P-384"),
    (3, "P-521"),
    (4, "X25519"),
    (5, "X448"),
    (6, "Ed25519"),
    (7, "Ed448"),
]);

/// The names of the IANA registry "COSE Algorithms".
pub(super) static ALGORITHM: Shape = Shape::Code(&[
    (1, "A128GCM"),
    (2, "A192GCM"),
    (3, "A256GCM"),
    (4, "HMAC 256/64"),
    (5, "HMAC 256/256"),
    (6, "HMAC 384/384"),
    (7, "HMAC 512/512"),
    (24, "ChaCha20/Poly1305"),
    (-3, "A128KW"),
    (-4, "A192KW"),
    (-5, "A256KW"),
    (-6, "direct"),
    (-7, "ES256"),
    (-8, "EdDSA"),
    (-9, "ESP256"),
    (-10, "direct+HKDF-SHA-256"),
    (-11, "direct+HKDF-SHA-512"),
    (-16, "SHA-256"),
    (-18, "SHAKE128"),
    (-19, "Ed25519"),
    (-25, "ECDH-ES + HKDF-256"),
    (-26, "ECDH-ES + HKDF-512"),
    (-29, "ECDH-ES + A128KW"),
    (-30, "ECDH-ES + A192KW"),
    (-31, "ECDH-ES + A256KW"),
    (-35, "ES384"),
    (-36, "ES512"),
    (-37, "PS256"),
    (-38, "PS384"),
    (-39, "PS512"),
    (-43, "SHA-384"),
    (-44, "SHA-512"),
    (-45, "SHAKE256"),
    (-46, "HSS-LMS"),
    (-48, "ML-DSA-44"),
    (-49, "ML-DSA-65"),
    (-50, "ML-DSA-87"),
    (-51, "ESP384"),
    (-52, "ESP512"),
    (-53, "Ed448"),
    (-257, "RS256"),
    (-258, "RS384"),
    (-259, "RS512"),
    (-65529, "A256CBC"),
    (-65530, "A192CBC"),
    (-65531, "A128CBC"),
    (-65532, "A256CTR"),
    (-65533, "A192CTR"),
    (-65534, "A128CTR"),
]);
