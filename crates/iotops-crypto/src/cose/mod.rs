//! COSE (RFC 9052): strict, borrowed reading and verifying without allocation, and writing.
//!
//! A message is decoded to a view; the view's `verify` takes keys of the caller, never one from
//! the message, and gives [`Verified`], the proof.
//!
//! Encrypted messages and MACs for recipients (feature `encrypt`) are opened with a `Keyring`, the
//! caller's keys; the algorithm of the message must fit the key, and content whose encryption
//! authenticates nothing (RFC 9459) is only given by the functions that say so in their names.
//!
//! With `hpke-draft`, content or its key is encrypted to a public key by the rules of
//! draft-ietf-cose-hpke-27, whose numbers and rules may still change: `Encrypt0::decrypt_hpke`,
//! `RecipientKey::Hpke` and `UnsealedHpke`.
//!
//! Deviation by choice: COSE itself does not ask for deterministic encoding. This reader does, as
//! the protocols built on it do; [`iotops_wire::cbor::lax::rewrite`] turns other encodings of the
//! message around the (byte string) protected header and payload into what is read here.

mod certificates;
#[cfg(feature = "encrypt")]
mod content;
#[cfg(feature = "coset")]
mod convert;
mod countersign;
mod document;
#[cfg(feature = "encrypt")]
mod encrypt;
mod headers;
#[cfg(feature = "hpke-draft")]
mod hpke;
#[cfg(feature = "encrypt")]
mod keyring;
#[cfg(feature = "encrypt")]
mod mac;
#[cfg(feature = "encrypt")]
mod recipient;
#[cfg(feature = "encrypt")]
mod seal;
#[cfg(feature = "hpke-draft")]
mod seal_hpke;
#[cfg(feature = "encrypt")]
mod seal_to;
#[cfg(feature = "encrypt")]
mod seal_unauthenticated;
mod sign;
mod sign_write;
mod single;
mod stream;
mod structure;
#[cfg(feature = "encrypt")]
mod unlock;
mod verify;
mod write;

pub use certificates::{Certificates, Thumbprint};
#[cfg(feature = "encrypt")]
pub use content::Decrypted;
pub use countersign::{Countersignature, Target, Version};
#[cfg(feature = "encrypt")]
pub use encrypt::{Encrypt, Encrypt0};
pub use headers::{Headers, Label};
#[cfg(feature = "hpke-draft")]
pub use hpke::Binding;
#[cfg(feature = "encrypt")]
pub use keyring::{Keyring, RecipientKey};
#[cfg(feature = "encrypt")]
pub use mac::Mac;
#[cfg(feature = "encrypt")]
pub use recipient::{RECIPIENTS, Recipient, Recipients};
#[cfg(feature = "encrypt")]
pub use seal::{Plaintext, Unsealed};
#[cfg(feature = "hpke-draft")]
pub use seal_hpke::UnsealedHpke;
#[cfg(feature = "encrypt")]
pub use seal_to::{NewRecipient, To};
#[cfg(feature = "encrypt")]
pub use seal_unauthenticated::UnsealedUnauthenticated;
pub use sign::{SIGNERS, Sign, Signature};
pub use sign_write::{NewSignature, sign};
pub use single::{Context, Mac0, Mac0Context, Sign1, Sign1Context, Single};
pub use stream::Checking;
pub use verify::Verified;
pub use write::{Payload, Unsigned};

/// The tag of a `COSE_Encrypt0` message.
pub const TAG_ENCRYPT0: u64 = 16;
/// The tag of a `COSE_Mac0` message.
pub const TAG_MAC0: u64 = 17;
/// The tag of a `COSE_Sign1` message.
pub const TAG_SIGN1: u64 = 18;
/// The tag of a `COSE_Encrypt` message.
pub const TAG_ENCRYPT: u64 = 96;
/// The tag of a `COSE_Mac` message.
pub const TAG_MAC: u64 = 97;
/// The tag of a `COSE_Sign` message.
pub const TAG_SIGN: u64 = 98;
