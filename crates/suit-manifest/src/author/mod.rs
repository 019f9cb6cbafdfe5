//! The side of authors and distributors: manifests from templates, envelopes taken apart and put
//! together again, and what can be told of a manifest before it is signed.
//!
//! | task | with |
//! |---|---|
//! | a manifest from a [template](#templates) | [`compose`] |
//! | a template from a manifest | [`decompose`] |
//! | an encrypted payload and its encryption info (feature `encryption`) | `encrypt` |
//! | sever, integrate, add signatures, wrap again with a MAC | [`Distribution`] |
//! | faults that no rule of the format forbids | [`lint`](fn@lint) |
//! | what a device will fetch | [`needs`](fn@needs) |
//! | what changed between two manifests | [`diff`](fn@diff) |
//!
//! None of these checks a signature, except where an envelope is wrapped again: who writes a
//! manifest needs them before there is one. What they tell of an envelope is what it says of
//! itself; for a proof there is [`crate::Envelope::authenticate`].
//!
//! # Templates
//! A template is a JSON object. Its names are those that printing uses: registered ones without
//! `suit-`, those of parameters without `suit-parameter-`. Names that are not described here are
//! refused, and each error tells the byte at which it stands; [`iotops_wire::json::pointer`] and
//! [`iotops_wire::json::position`] make more of it.
//!
//! | member | value |
//! |---|---|
//! | `manifest-sequence-number` | number; must be there |
//! | `components` | array of component identifiers; must be there |
//! | `dependencies` | object from the index of a component to `{}` or `{"dependency-prefix": identifier}` |
//! | `shared-sequence` | sequence |
//! | `validate`, `load`, `invoke`, `dependency-resolution`, `payload-fetch`, `candidate-verification`, `install`, `uninstall` | sequence |
//! | `severed` | array of those sections that the envelope carries and the manifest names by digest |
//! | `reference-uri` | text |
//! | `manifest-component-id` | component identifier |
//! | `set-version` | array of numbers |
//! | `text` | object from languages to objects of texts; `components` in it is an object from indices to texts. Always severed |
//! | `coswid` | bytes. Always severed |
//! | `integrated` | object from URIs to bytes |
//! | `mud` | `{"url": text, "thumbprint": digest}`: feature `suit-mud-draft`, and codes given to [`compose_within`] |
//!
//! A section that can be severed, `text` and `coswid` may also be `{"severed": digest}`: the manifest
//! names them by this digest, and the envelope does not carry them.
//!
//! - *bytes* are text, `{"hex": "…"}` or `{"file": "…"}`; a component identifier is an array of them;
//! - a *sequence* is an array of commands; a command is its name, or an object of its name and its
//!   argument: `"directive-fetch"`, `{"directive-set-component-index": 0}`;
//! - a *reporting policy* is `"all"` or an array of the names of its bits; without one nothing is
//!   reported;
//! - an *index* is a number, `true` or an array of numbers;
//! - a *digest* is `{"SHA-256": "…"}` in hexadecimal, `{"SHA-256": {"file": "…"}}`, which computes
//!   it, or `{"SHA-256": {"envelope": "…"}}`, which computes that of the manifest in an envelope;
//! - a *size* is a number or `{"file": "…"}`; a *UUID* has hyphens or not, or is computed of
//!   names, `{"uuid5": ["vendor.example"]}` for a vendor and `{"uuid5": ["vendor.example", "Lamp"]}` for a
//!   class of it; a vendor may also be
//!   `{"pen": "…"}` with an object identifier in hexadecimal;
//! - `directive-try-each` takes an array of sequences, of which the last may be `null`;
//!   `directive-override-multiple` an object from indices to parameters, `directive-copy-params` one
//!   from indices to arrays of names;
//! - `version` is `{"comparison": "greater-equal", "version": [1, 2]}`; `other-device-version` is
//!   `{"device": bytes, "versions": [version, …]}`; permissions are arrays of names, and
//!   `user-permissions` an array of `{"actor": …, "permissions": […]}`; times are in seconds since
//!   the epoch;
//! - custom commands and parameters have their code as name: `{"-256": null}`.
//!
//! JSON is read with the bounds of [`iotops_wire::json`]: 16 levels are three try-each in each other.
//!
//! ```
//! use suit_manifest::author::{compose, lint};
//!
//! let template = br##"{
//!     "manifest-sequence-number": 1,
//!     "components": [["app"]],
//!     "shared-sequence": [
//!         {"directive-override-parameters": {
//!             "vendor-identifier": "fa6b4a53-d5ad-5fdf-be9d-e663e4d41ffe",
//!             "class-identifier": "1492af14-2569-5e48-bf42-9b2d51f2ab45",
//!             "image-digest": {"SHA-256": {"file": "app.bin"}},
//!             "image-size": {"file": "app.bin"}
//!         }},
//!         {"condition-vendor-identifier": "all"},
//!         {"condition-class-identifier": "all"}
//!     ],
//!     "validate": ["condition-image-match"],
//!     "install": [
//!         {"directive-override-parameters": {"uri": "#app.bin"}},
//!         {"directive-fetch": ["record-on-failure"]},
//!         "condition-image-match"
//!     ],
//!     "integrated": {"#app.bin": {"file": "app.bin"}}
//! }"##;
//! let draft = compose(template, &mut |name| (name == "app.bin").then(|| b"image".to_vec()))?;
//! lint(&draft.envelope()?, &mut |finding| panic!("{finding:?}"))?;
//! # Ok::<(), suit_manifest::Error>(())
//! ```

mod diff;
mod distribute;
#[cfg(feature = "encryption")]
mod encrypt;
mod flow;
mod lint;
mod names;
mod needs;
mod node;
mod print;
mod template;

pub use diff::{Change, diff};
pub use distribute::Distribution;
#[cfg(feature = "encryption")]
pub use encrypt::{Encrypted, encrypt};
pub use lint::{lint, lint_within};
pub use needs::{Need, needs};
pub use print::{decompose, decompose_within};
pub use template::{compose, compose_within};

use crate::decode::{Limits, check_digest};
use crate::verify::Authenticated;
use crate::{Envelope, Error, Manifest, rules};

/// Decodes an envelope, tagged or not, and validates the manifest in it; nobody need have signed
/// it. The digest is compared, because all that happens to an envelope later hangs on it.
pub(crate) fn open(document: &[u8]) -> Result<Manifest<'_>, Error> {
    open_within(document, Limits::default())
}

/// The same by these limits.
pub(crate) fn open_within(document: &[u8], limits: Limits) -> Result<Manifest<'_>, Error> {
    let envelope = match document.first() {
        Some(0xa0..=0xbf) => Envelope::decode_untagged(document)?,
        _ => Envelope::decode(document)?,
    };
    let parts = [envelope.manifest_bytes()];
    let place = envelope.manifest();
    check_digest(&envelope.claimed_digest(), &parts, place, rules::MANIFEST_DIGEST)?;
    Authenticated::of_own(envelope).validate_within(limits)
}
