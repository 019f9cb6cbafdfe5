//! Envelope and keys → authenticated manifest (SUIT §6.2, §8.3).

use iotops_crypto::Verifier;
use iotops_crypto::rules as crypto_rules;
use iotops_wire::Kind;

use crate::decode::check_digest;
use crate::decode::{Block, Envelope, Limits, Manifest};
use crate::{Error, rules};

/// The most keys that can be given: one bit each in [`Signers`].
const KEYS: usize = 64;

/// How many signatures a manifest needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Policy {
    /// One by any of the given keys.
    Any,
    /// Every signature in the envelope must verify with one of the given keys.
    All,
    /// Signatures by as many different keys of those given.
    Threshold(u8),
}

/// Which of the given keys signed, by their places.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Signers(u64);

impl Signers {
    /// Whether the key in this place signed.
    #[must_use]
    pub fn contains(self, key: usize) -> bool {
        self.0 & Self::bit(key) != 0
    }

    /// The number of keys that signed.
    #[must_use]
    pub const fn count(self) -> u32 {
        self.0.count_ones()
    }

    fn bit(key: usize) -> u64 {
        u32::try_from(key).ok().and_then(|key| 1_u64.checked_shl(key)).unwrap_or(0)
    }
}

/// An envelope whose manifest was signed by keys of the caller; not yet validated.
#[derive(Clone, Copy, Debug)]
pub struct Authenticated<'a> {
    envelope: Envelope<'a>,
    signers: Signers,
}

impl<'a> Envelope<'a> {
    /// Checks the digest of the manifest, and that one of `keys` signed it.
    ///
    /// # Errors
    /// See [`Envelope::authenticate_by`].
    #[inline]
    pub fn authenticate(self, keys: &[&dyn Verifier]) -> Result<Authenticated<'a>, Error> {
        self.authenticate_by(Policy::Any, keys)
    }

    /// Checks the digest of the manifest, and that `keys` signed it as `policy` asks.
    ///
    /// The digest is compared first: public-key operations come last.
    ///
    /// # Errors
    /// [`rules::NOT_AUTHENTICATED`] without a block, [`rules::MANIFEST_DIGEST`],
    /// [`rules::THRESHOLD`], [`rules::POLICY`], and the rules of signatures of
    /// [`iotops_crypto::rules`]. Of several failures the most telling one is given.
    #[inline]
    pub fn authenticate_by(
        self,
        policy: Policy,
        keys: &[&dyn Verifier],
    ) -> Result<Authenticated<'a>, Error> {
        let signers = self.signers_by(policy, keys)?;
        Ok(Authenticated { envelope: self, signers })
    }

    fn signers_by(&self, policy: Policy, keys: &[&dyn Verifier]) -> Result<Signers, Error> {
        if keys.len() > KEYS || policy == Policy::Threshold(0) {
            return Err(Error::new(rules::POLICY, self.blocks_offset()));
        }
        if !self.has_blocks() {
            return Err(Error::new(rules::NOT_AUTHENTICATED, self.blocks_offset()));
        }
        let digest = self.claimed_digest();
        check_digest(&digest, &[self.manifest_bytes()], self.manifest(), rules::MANIFEST_DIGEST)?;
        self.signers(policy, keys)
    }

    fn signers(&self, policy: Policy, keys: &[&dyn Verifier]) -> Result<Signers, Error> {
        let mut tally = Tally { policy, signers: Signers::default(), failure: None };
        for block in self.blocks() {
            // Every block must be well formed, also one that is not needed any more.
            let block = block?;
            if !tally.is_decided() {
                tally.block(&block, self.signed(), keys);
            }
        }
        tally.verdict(self.blocks_offset())
    }
}

/// What the signatures seen so far amount to.
struct Tally {
    policy: Policy,
    signers: Signers,
    failure: Option<Error>,
}

impl Tally {
    fn block(&mut self, block: &Block<'_>, signed: &[u8], keys: &[&dyn Verifier]) {
        match block {
            Block::Sign1(message) => self.count(message.verify_detached(signed, &[], keys)),
            Block::Mac0(message) => self.count(message.verify_detached(signed, &[], keys)),
            Block::Sign(message) => {
                for signature in message.signatures() {
                    self.count(message.verify(&signature, signed, &[], keys));
                    if self.is_decided() {
                        return;
                    }
                }
            }
        }
    }

    fn count(&mut self, result: Result<iotops_crypto::cose::Verified<'_>, iotops_crypto::Error>) {
        match result {
            Ok(verified) => self.signers.0 |= Signers::bit(verified.key()),
            Err(error) => self.fail(error.into()),
        }
    }

    /// Keeps the most telling failure; the first of several that tell the same.
    fn fail(&mut self, error: Error) {
        let known = self.failure.map_or(0, weight);
        if weight(error) > known {
            self.failure = Some(error);
        }
    }

    /// Whether no further signature can change the verdict.
    fn is_decided(&self) -> bool {
        match self.policy {
            Policy::Any => self.signers.count() > 0,
            Policy::All => self.failure.is_some(),
            Policy::Threshold(least) => self.signers.count() >= u32::from(least),
        }
    }

    fn verdict(self, offset: u32) -> Result<Signers, Error> {
        let enough = match self.policy {
            Policy::Any => self.signers.count() > 0,
            Policy::All => self.failure.is_none(),
            Policy::Threshold(least) => self.signers.count() >= u32::from(least),
        };
        if enough {
            return Ok(self.signers);
        }
        Err(self.failure.unwrap_or_else(|| Error::new(rules::THRESHOLD, offset)))
    }
}

/// How much a failure tells: a device that is away may yet decide otherwise, a wrong signature
/// says more than an absent key, and that more than an algorithm that is not built in.
fn weight(error: Error) -> u8 {
    match error.kind() {
        Kind::Unavailable => 4,
        Kind::Rejected if error.rule() != crypto_rules::NO_KEY => 3,
        Kind::Rejected => 2,
        _ => 1,
    }
}

impl<'a> Authenticated<'a> {
    /// The author's own manifest, to be validated before it is signed.
    #[cfg(feature = "alloc")]
    pub(crate) fn of_own(envelope: Envelope<'a>) -> Self {
        Self { envelope, signers: Signers::default() }
    }

    pub(crate) const fn envelope(&self) -> &Envelope<'a> {
        &self.envelope
    }

    /// Which of the given keys signed.
    #[must_use]
    pub const fn signers(&self) -> Signers {
        self.signers
    }

    /// Validates the manifest by every static rule: after it, nothing in it can fail to be read.
    ///
    /// # Errors
    /// The first rule that it breaks, and where.
    #[inline]
    pub fn validate(self) -> Result<Manifest<'a>, Error> {
        self.validate_within(Limits::default())
    }

    /// The same with the limits of the recipient.
    ///
    /// # Errors
    /// The first rule that it breaks, and where.
    #[inline]
    pub fn validate_within(self, limits: Limits) -> Result<Manifest<'a>, Error> {
        Manifest::validate(&self, limits)
    }
}
