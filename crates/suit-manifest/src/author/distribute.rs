//! What happens to an envelope on its way: nothing that its signatures cover.

use iotops_crypto::cose::Unsigned;
use iotops_crypto::{Purpose, Signer};
use iotops_wire::Input;

use alloc::vec::Vec;

use super::needs::{Need, split};
use super::{open, open_within};
use crate::decode::{BLOCKS, Limits, is_severable};
use crate::model::Element;
use crate::verify::Authenticated;
use crate::{Draft, Envelope, Error, Manifest, rules};

/// An envelope taken apart, to be put together again with other things in it.
///
/// The manifest and its digest are never touched, and so every signature in the envelope stays
/// good. What comes out can be decoded and validated again.
///
/// ```
/// # use suit_manifest::author::{Distribution, compose};
/// use suit_manifest::model::Element;
/// # let template = br#"{"manifest-sequence-number": 1, "components": [["a"]],
/// #     "validate": ["condition-abort"], "text": {"en": {"update-description": "x"}}}"#;
/// # let envelope = compose(template, &mut |_| None)?.envelope()?;
///
/// let mut small = Distribution::open(&envelope)?;
/// let text = small.sever(Element::Text)?;
/// assert!(small.envelope()?.len() < envelope.len());
/// small.unsever(Element::Text, &text)?;
/// assert_eq!(small.envelope()?, envelope);
/// # Ok::<(), suit_manifest::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Distribution {
    draft: Draft,
    is_tagged: bool,
    limits: Limits,
}

impl Distribution {
    /// Takes an envelope apart, tagged or not. Signatures are not checked.
    ///
    /// # Errors
    /// The rule that the envelope or its manifest breaks.
    pub fn open(document: &[u8]) -> Result<Self, Error> {
        Self::open_within(document, Limits::default())
    }

    /// The same for devices with these limits.
    ///
    /// # Errors
    /// The rule that the envelope or its manifest breaks.
    pub fn open_within(document: &[u8], limits: Limits) -> Result<Self, Error> {
        Self::of(open_within(document, limits)?.envelope(), limits)
    }

    fn of(envelope: &Envelope<'_>, limits: Limits) -> Result<Self, Error> {
        Ok(Self { draft: Draft::of(envelope)?, is_tagged: envelope.is_tagged(), limits })
    }

    /// The same manifest with one authentication block, a MAC, in the place of those that it was
    /// authenticated by: for a recipient that can check no signatures (SUIT §4.2).
    ///
    /// # Errors
    /// [`rules::WRAP_MAC`] if `key` makes signatures, [`iotops_crypto::rules::UNAVAILABLE`].
    pub fn wrap_again(
        authenticated: &Authenticated<'_>,
        key: &mut dyn Signer,
    ) -> Result<Self, Error> {
        if key.algorithm().purpose() != Purpose::Mac {
            return Err(Error::new(rules::WRAP_MAC, 0).of(Input::Key(0)));
        }
        let mut wrapped = Self::of(authenticated.envelope(), Limits::default())?;
        wrapped.draft.remove_blocks();
        wrapped.draft.sign(key)?;
        Ok(wrapped)
    }

    /// Takes a severable element out; gives its content, without which it cannot be put back.
    ///
    /// # Errors
    /// [`rules::DISTRIBUTE_ABSENT`] if the envelope does not carry it; what stands in the manifest
    /// itself cannot be taken from there.
    pub fn sever(&mut self, element: Element) -> Result<Vec<u8>, Error> {
        let content = self.draft.take_severed(element.code());
        content.ok_or_else(|| Error::new(rules::DISTRIBUTE_ABSENT, 0))
    }

    /// Puts a severed element back; `content` is what [`Distribution::sever`] gave.
    ///
    /// # Errors
    /// [`rules::DISTRIBUTE_TWICE`] if the envelope carries it, [`rules::NOT_SEVERED`] if the manifest
    /// does not name it by digest, [`rules::SEVERED_DIGEST`] if it is another.
    pub fn unsever(&mut self, element: Element, content: &[u8]) -> Result<(), Error> {
        if !is_severable(element.code()) {
            return Err(Error::new(rules::NOT_SEVERED, 0));
        }
        self.change(|draft| draft.put_severed(element.code(), content))
    }

    /// Adds a payload that the manifest fetches from `uri`.
    ///
    /// Where the manifest gives a digest and a size for it, and it is not encrypted, they are
    /// compared; of several alternatives it must be one.
    ///
    /// # Errors
    /// [`rules::PAYLOAD_UNKNOWN`] if the manifest does not fetch from there,
    /// [`rules::PAYLOAD_DIGEST`], [`rules::DISTRIBUTE_TWICE`].
    pub fn integrate(&mut self, uri: &str, content: &[u8]) -> Result<(), Error> {
        let envelope = self.envelope()?;
        check_payload(&open_within(&envelope, self.limits)?, uri, content)?;
        self.change(|draft| draft.put_integrated(uri, content))
    }

    /// Takes an integrated payload out.
    ///
    /// # Errors
    /// [`rules::DISTRIBUTE_ABSENT`] if the envelope does not carry it.
    pub fn remove(&mut self, uri: &str) -> Result<Vec<u8>, Error> {
        let content = self.draft.take_integrated(uri);
        content.ok_or_else(|| Error::new(rules::DISTRIBUTE_ABSENT, 0))
    }

    /// Adds an authentication block made by `signer`.
    ///
    /// # Errors
    /// [`rules::BLOCK_LIMIT`], [`iotops_crypto::rules::UNAVAILABLE`] if the signer does not answer.
    pub fn sign(&mut self, signer: &mut dyn Signer) -> Result<(), Error> {
        self.change(|draft| draft.sign(signer))
    }

    /// What a signing service must sign: see [`Draft::to_be_signed`].
    #[must_use]
    pub fn to_be_signed(&self) -> &[u8] {
        self.draft.to_be_signed()
    }

    /// Adds an authentication block with a signature or MAC that was made elsewhere.
    ///
    /// # Errors
    /// [`rules::BLOCK_LIMIT`], [`iotops_crypto::rules::SIGNATURE_LENGTH`].
    pub fn add_signature(&mut self, by: &Unsigned<'_>, signature: &[u8]) -> Result<(), Error> {
        self.change(|draft| draft.add_signature(by, signature))
    }

    /// Writes the envelope, with a tag if it had one.
    ///
    /// # Errors
    /// None that could be met: what was put together was checked then.
    pub fn envelope(&self) -> Result<Vec<u8>, Error> {
        self.draft.write(self.is_tagged)
    }

    /// Makes a change if what comes of it is good.
    fn change(
        &mut self,
        change: impl FnOnce(&mut Draft) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut draft = self.draft.clone();
        change(&mut draft)?;
        if draft.block_count() > BLOCKS {
            return Err(Error::new(rules::BLOCK_LIMIT, 0));
        }
        draft.validate_within(self.limits).map_err(|error| error.of(Input::Output))?;
        self.draft = draft;
        Ok(())
    }
}

fn check_payload(manifest: &Manifest<'_>, uri: &str, content: &[u8]) -> Result<(), Error> {
    let (needs, carried) = split(manifest)?;
    let is_for = |need: &&Need<'_>| need.component.is_some() && need.uri == Some(uri);
    let mut failure = Error::new(rules::PAYLOAD_UNKNOWN, 0);
    for need in needs.iter().chain(&carried).filter(is_for) {
        let mut dependencies = manifest.dependencies().iter();
        let is_dependency = dependencies.any(|one| Some(one.index) == need.component);
        if need.is_encrypted || fits(need, content, is_dependency)? {
            return Ok(());
        }
        failure = Error::new(rules::PAYLOAD_DIGEST, 0);
    }
    Err(failure)
}

/// Whether a payload is what the manifest expects.
fn fits(need: &Need<'_>, content: &[u8], is_dependency: bool) -> Result<bool, Error> {
    let Some(digest) = need.digest else { return Ok(true) };
    let manifest = if is_dependency { Some(open(content)?) } else { None };
    // SUIT TD §5.2.2: of a dependency, the digest is that of its manifest.
    let hashed = manifest.as_ref().map_or(content, |one| one.envelope().manifest_bytes());
    let is_equal = iotops_crypto::is_digest(digest.algorithm(), &[hashed], digest.bytes());
    let size = u64::try_from(content.len()).unwrap_or(u64::MAX);
    let is_size = is_dependency || need.size.is_none_or(|expected| expected == size);
    match is_equal {
        Some(is_equal) => Ok(is_equal && is_size),
        None => Err(Error::new(iotops_crypto::rules::DIGEST_UNSUPPORTED, 0)),
    }
}
