//! Algorithms by their numbers in the IANA "COSE Algorithms" registry.

/// What an algorithm is for. A message of one purpose never accepts an algorithm of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Purpose {
    /// A signature.
    Signature,
    /// A message authentication code.
    Mac,
    /// A digest.
    Digest,
    /// Content encryption.
    Encryption,
    /// Key agreement, key wrapping or key derivation.
    KeyManagement,
    /// Encryption of the content to a public key in one step.
    #[cfg(feature = "hpke-draft")]
    PublicKeyEncryption,
}

macro_rules! algorithms {
    ($(
        $(#[$built:meta])?
        $variant:ident = $number:literal, $name:literal, $purpose:ident $(, jose $jose:literal)?;
    )*) => {
        /// A registered algorithm, whether or not this build can compute it; those of HPKE are not
        /// registered yet, and are there with feature `hpke-draft`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[cfg_attr(feature = "defmt", derive(defmt::Format))]
        #[non_exhaustive]
        // A whole word: values that hold an algorithm are moved word by word.
        #[repr(i32)]
        pub enum Algorithm {
            $(
                $(#[$built])?
                #[doc = concat!($name, ", number ", stringify!($number), ".")]
                $variant = $number,
            )*
        }

        impl Algorithm {
            /// All of them, in the order of the table.
            pub const ALL: &[Self] = &[$($(#[$built])? Self::$variant,)*];

            /// Its number.
            #[must_use]
            pub const fn to_cose(self) -> i64 {
                match self {
                    $($(#[$built])? Self::$variant => $number,)*
                }
            }

            /// Its registered name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $($(#[$built])? Self::$variant => $name,)*
                }
            }

            /// Its name in the IANA "JSON Web Signature and Encryption Algorithms" registry, for
            /// signatures and MACs.
            #[must_use]
            pub const fn to_jose(self) -> Option<&'static str> {
                match self {
                    $($(Self::$variant => Some($jose),)?)*
                    _ => None,
                }
            }

            /// What it is for.
            #[must_use]
            pub const fn purpose(self) -> Purpose {
                match self {
                    $($(#[$built])? Self::$variant => Purpose::$purpose,)*
                }
            }
        }
    };
}

// RFC 7518, RFC 8037 and RFC 9864 (JOSE): an ES name of JOSE fixes the curve, as an ESP name of COSE.
// RFC 9053, RFC 9054, RFC 9459, RFC 8778, RFC 9864 (fully specified), RFC 9964 (ML-DSA). The numbers
// of HPKE are those that draft-ietf-cose-hpke-27 §7.2 assumes; IANA has not assigned them yet.
algorithms! {
    Es256 = -7, "ES256", Signature, jose "ES256";
    EdDsa = -8, "EdDSA", Signature, jose "EdDSA";
    Esp256 = -9, "ESP256", Signature, jose "ES256";
    Ed25519 = -19, "Ed25519", Signature, jose "Ed25519";
    Es384 = -35, "ES384", Signature, jose "ES384";
    Es512 = -36, "ES512", Signature, jose "ES512";
    Ps256 = -37, "PS256", Signature, jose "PS256";
    Ps384 = -38, "PS384", Signature, jose "PS384";
    Ps512 = -39, "PS512", Signature, jose "PS512";
    HssLms = -46, "HSS-LMS", Signature;
    MlDsa44 = -48, "ML-DSA-44", Signature, jose "ML-DSA-44";
    MlDsa65 = -49, "ML-DSA-65", Signature, jose "ML-DSA-65";
    MlDsa87 = -50, "ML-DSA-87", Signature, jose "ML-DSA-87";
    Esp384 = -51, "ESP384", Signature, jose "ES384";
    Esp512 = -52, "ESP512", Signature, jose "ES512";
    Ed448 = -53, "Ed448", Signature, jose "Ed448";
    Rs256 = -257, "RS256", Signature, jose "RS256";
    Rs384 = -258, "RS384", Signature, jose "RS384";
    Rs512 = -259, "RS512", Signature, jose "RS512";
    Hmac256Truncated64 = 4, "HMAC 256/64", Mac;
    Hmac256 = 5, "HMAC 256/256", Mac, jose "HS256";
    Hmac384 = 6, "HMAC 384/384", Mac, jose "HS384";
    Hmac512 = 7, "HMAC 512/512", Mac, jose "HS512";
    AesMac128_64 = 14, "AES-MAC 128/64", Mac;
    AesMac256_64 = 15, "AES-MAC 256/64", Mac;
    AesMac128_128 = 25, "AES-MAC 128/128", Mac;
    AesMac256_128 = 26, "AES-MAC 256/128", Mac;
    Sha256 = -16, "SHA-256", Digest;
    Shake128 = -18, "SHAKE128", Digest;
    Sha384 = -43, "SHA-384", Digest;
    Sha512 = -44, "SHA-512", Digest;
    Shake256 = -45, "SHAKE256", Digest;
    A128Gcm = 1, "A128GCM", Encryption;
    A192Gcm = 2, "A192GCM", Encryption;
    A256Gcm = 3, "A256GCM", Encryption;
    AesCcm16_64_128 = 10, "AES-CCM-16-64-128", Encryption;
    AesCcm16_64_256 = 11, "AES-CCM-16-64-256", Encryption;
    AesCcm64_64_128 = 12, "AES-CCM-64-64-128", Encryption;
    AesCcm64_64_256 = 13, "AES-CCM-64-64-256", Encryption;
    AesCcm16_128_128 = 30, "AES-CCM-16-128-128", Encryption;
    AesCcm16_128_256 = 31, "AES-CCM-16-128-256", Encryption;
    AesCcm64_128_128 = 32, "AES-CCM-64-128-128", Encryption;
    AesCcm64_128_256 = 33, "AES-CCM-64-128-256", Encryption;
    ChaCha20Poly1305 = 24, "ChaCha20/Poly1305", Encryption;
    A128Ctr = -65534, "A128CTR", Encryption;
    A192Ctr = -65533, "A192CTR", Encryption;
    A256Ctr = -65532, "A256CTR", Encryption;
    A128Cbc = -65531, "A128CBC", Encryption;
    A192Cbc = -65530, "A192CBC", Encryption;
    A256Cbc = -65529, "A256CBC", Encryption;
    A128Kw = -3, "A128KW", KeyManagement;
    A192Kw = -4, "A192KW", KeyManagement;
    A256Kw = -5, "A256KW", KeyManagement;
    Direct = -6, "direct", KeyManagement;
    DirectHkdfSha256 = -10, "direct+HKDF-SHA-256", KeyManagement;
    DirectHkdfSha512 = -11, "direct+HKDF-SHA-512", KeyManagement;
    DirectHkdfAes128 = -12, "direct+HKDF-AES-128", KeyManagement;
    DirectHkdfAes256 = -13, "direct+HKDF-AES-256", KeyManagement;
    EcdhEsHkdf256 = -25, "ECDH-ES + HKDF-256", KeyManagement;
    EcdhEsHkdf512 = -26, "ECDH-ES + HKDF-512", KeyManagement;
    EcdhEsA128Kw = -29, "ECDH-ES + A128KW", KeyManagement;
    EcdhEsA192Kw = -30, "ECDH-ES + A192KW", KeyManagement;
    EcdhEsA256Kw = -31, "ECDH-ES + A256KW", KeyManagement;
    EcdhSsHkdf256 = -27, "ECDH-SS + HKDF-256", KeyManagement;
    EcdhSsHkdf512 = -28, "ECDH-SS + HKDF-512", KeyManagement;
    EcdhSsA128Kw = -32, "ECDH-SS + A128KW", KeyManagement;
    EcdhSsA192Kw = -33, "ECDH-SS + A192KW", KeyManagement;
    EcdhSsA256Kw = -34, "ECDH-SS + A256KW", KeyManagement;
    #[cfg(feature = "hpke-draft")]
    Hpke0 = 35, "HPKE-0", PublicKeyEncryption;
    #[cfg(feature = "hpke-draft")]
    Hpke3 = 41, "HPKE-3", PublicKeyEncryption;
    #[cfg(feature = "hpke-draft")]
    Hpke4 = 42, "HPKE-4", PublicKeyEncryption;
    #[cfg(feature = "hpke-draft")]
    Hpke7 = 45, "HPKE-7", PublicKeyEncryption;
    #[cfg(feature = "hpke-draft")]
    Hpke0Ke = 46, "HPKE-0-KE", KeyManagement;
    #[cfg(feature = "hpke-draft")]
    Hpke3Ke = 49, "HPKE-3-KE", KeyManagement;
    #[cfg(feature = "hpke-draft")]
    Hpke4Ke = 50, "HPKE-4-KE", KeyManagement;
    #[cfg(feature = "hpke-draft")]
    Hpke7Ke = 53, "HPKE-7-KE", KeyManagement;
}

impl Algorithm {
    /// The algorithm with this number.
    #[must_use]
    pub fn from_cose(number: i64) -> Option<Self> {
        Self::ALL.iter().find(|one| one.to_cose() == number).copied()
    }

    /// The algorithm with this JOSE name. `none` is not one.
    #[must_use]
    pub fn from_jose(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|one| one.to_jose() == Some(name)).copied()
    }

    /// Bytes of a signature or MAC, where the algorithm alone fixes them.
    #[must_use]
    pub const fn signature_length(self) -> Option<usize> {
        match self {
            Self::Es256 | Self::Esp256 | Self::EdDsa | Self::Ed25519 => Some(64),
            Self::Es384 | Self::Esp384 => Some(96),
            Self::Es512 | Self::Esp512 => Some(132),
            Self::Ed448 => Some(114),
            Self::Hmac256Truncated64 | Self::AesMac128_64 | Self::AesMac256_64 => Some(8),
            Self::AesMac128_128 | Self::AesMac256_128 => Some(16),
            Self::Hmac256 => Some(32),
            Self::Hmac384 => Some(48),
            Self::Hmac512 => Some(64),
            Self::MlDsa44 => Some(2420),
            Self::MlDsa65 => Some(3309),
            Self::MlDsa87 => Some(4627),
            _ => None,
        }
    }

    /// The digest to sign, for algorithms that sign a digest of the message.
    #[must_use]
    pub const fn prehash(self) -> Option<Self> {
        match self {
            Self::Es256 | Self::Esp256 => Some(Self::Sha256),
            Self::Es384 | Self::Esp384 => Some(Self::Sha384),
            Self::Es512 | Self::Esp512 => Some(Self::Sha512),
            _ => None,
        }
    }

    /// The same algorithm by its fully specified number (RFC 9864), as keys here are bound to it:
    /// [`Algorithm::Es256`] is only taken on P-256, and so on.
    #[must_use]
    pub const fn fully_specified(self) -> Self {
        match self {
            Self::Es256 => Self::Esp256,
            Self::Es384 => Self::Esp384,
            Self::Es512 => Self::Esp512,
            Self::EdDsa => Self::Ed25519,
            other => other,
        }
    }

    /// The digest inside of a signature, for algorithms that name one.
    #[must_use]
    pub const fn hash(self) -> Option<Self> {
        match self {
            Self::Rs256 | Self::Ps256 => Some(Self::Sha256),
            Self::Rs384 | Self::Ps384 => Some(Self::Sha384),
            Self::Rs512 | Self::Ps512 => Some(Self::Sha512),
            _ => self.prehash(),
        }
    }
}
