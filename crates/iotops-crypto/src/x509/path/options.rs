//! What a caller asks of a path.

use iotops_wire::Clock;

use crate::x509::{Crl, Extension, KeyUsage};

/// What a path must be for, and what is known besides.
#[derive(Clone, Copy)]
pub struct Options<'o> {
    pub(super) clock: Clock,
    pub(super) purpose: Option<&'o [u8]>,
    pub(super) key_usage: KeyUsage,
    pub(super) depth: u32,
    pub(super) signatures: u32,
    pub(super) crls: Option<&'o [Crl<'o>]>,
    pub(super) handler: Option<&'o dyn Fn(&Extension<'_>) -> bool>,
    pub(super) conforming: bool,
    pub(super) web: bool,
    #[cfg(feature = "x509-policies")]
    pub(super) policy: super::policy::Inputs<'o>,
}

/// Signature checks that one validation may take, unless the caller says otherwise.
const SIGNATURES: u32 = 100;

impl<'o> Options<'o> {
    /// No more than §6 asks for, at this time.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        Self {
            clock,
            purpose: None,
            key_usage: KeyUsage::default(),
            depth: u32::MAX,
            signatures: SIGNATURES,
            crls: None,
            handler: None,
            conforming: false,
            web: false,
            #[cfg(feature = "x509-policies")]
            policy: super::policy::Inputs::default(),
        }
    }

    /// All certificates that restrict their purposes must allow this one, the content of an
    /// object identifier.
    #[must_use]
    pub const fn purpose(mut self, purpose: &'o [u8]) -> Self {
        self.purpose = Some(purpose);
        self
    }

    /// The key of the leaf must be for this, if it is restricted at all.
    #[must_use]
    pub const fn key_usage(mut self, key_usage: KeyUsage) -> Self {
        self.key_usage = key_usage;
        self
    }

    /// At most so many intermediates, not counting those that are self-issued.
    #[must_use]
    pub const fn depth(mut self, intermediates: u32) -> Self {
        self.depth = intermediates;
        self
    }

    /// At most so many signatures are checked.
    #[must_use]
    pub const fn signatures(mut self, most: u32) -> Self {
        self.signatures = most;
        self
    }

    /// Every certificate below the anchor must be covered by a current one of these lists.
    #[must_use]
    pub const fn crls(mut self, crls: &'o [Crl<'o>]) -> Self {
        self.crls = Some(crls);
        self
    }

    /// Says of critical extensions that are not known here whether the caller understands them.
    #[must_use]
    pub const fn handler(mut self, handler: &'o dyn Fn(&Extension<'_>) -> bool) -> Self {
        self.handler = Some(handler);
        self
    }

    /// Certificates must also keep what §4 asks of those who issue them: key identifiers, the
    /// criticality of extensions, the syntax of names. Many CAs of devices do not.
    #[must_use]
    pub const fn conforming(mut self) -> Self {
        self.conforming = true;
        self
    }

    /// Certificates must also keep what the CA/Browser Forum asks of those of web servers, and more:
    /// wildcards are refused, as only a list of public suffixes could tell which are allowed.
    #[must_use]
    pub const fn web(mut self) -> Self {
        self.web = true;
        self.conforming()
    }

    /// One of these policies is acceptable, each the content of an object identifier; none given
    /// means any.
    #[cfg(feature = "x509-policies")]
    #[must_use]
    pub const fn policies(mut self, acceptable: &'o [&'o [u8]]) -> Self {
        self.policy.acceptable = acceptable;
        self
    }

    /// The path must be valid for one policy at least.
    #[cfg(feature = "x509-policies")]
    #[must_use]
    pub const fn require_policy(mut self) -> Self {
        self.policy.require = true;
        self
    }

    /// Policies must not be mapped.
    #[cfg(feature = "x509-policies")]
    #[must_use]
    pub const fn inhibit_mapping(mut self) -> Self {
        self.policy.inhibit_mapping = true;
        self
    }

    /// The special policy does not count.
    #[cfg(feature = "x509-policies")]
    #[must_use]
    pub const fn inhibit_any_policy(mut self) -> Self {
        self.policy.inhibit_any = true;
        self
    }
}

impl core::fmt::Debug for Options<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Options")
            .field("clock", &self.clock)
            .field("purpose", &self.purpose)
            .field("key_usage", &self.key_usage)
            .field("depth", &self.depth)
            .field("conforming", &self.conforming)
            .finish_non_exhaustive()
    }
}
