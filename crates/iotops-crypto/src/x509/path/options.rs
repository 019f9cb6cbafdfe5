//! What a caller asks of a path.

use iotops_wire::Clock;

use crate::der::Oid;
use crate::x509::{Crl, Extension};

/// How closely certificates must follow the rules for those who issue them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Profile {
    /// What RFC 5280 says that issuers MUST do: key identifiers are there, and extensions critical
    /// where they must be.
    #[default]
    Strict,
    /// The same, and what the CA/Browser Forum asks for on top.
    Web,
    /// Only what the algorithm of RFC 5280 §6 looks at.
    Lenient,
}

/// What a path must fulfil. The defaults are strict; each change has a name.
#[derive(Clone, Copy)]
pub struct Options<'o> {
    pub(super) clock: Clock,
    pub(super) profile: Profile,
    pub(super) depth: usize,
    pub(super) budget: u32,
    pub(super) purpose: Option<Oid<'o>>,
    pub(super) is_purpose_required: bool,
    pub(super) handles: &'o dyn Fn(&Extension<'_>) -> bool,
    pub(super) crls: &'o [Crl<'o>],
    pub(super) is_revocation_required: bool,
}

impl core::fmt::Debug for Options<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Options")
            .field("clock", &self.clock)
            .field("profile", &self.profile)
            .field("purpose", &self.purpose)
            .finish_non_exhaustive()
    }
}

impl<'o> Options<'o> {
    /// The defaults, at a time.
    ///
    /// With [`Clock::NotBefore`] a certificate may not be over by then, and may begin later; with
    /// [`Clock::Unknown`] no validity is checked, as RFC 8995 §2.6.1 has it for devices without
    /// a clock.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        Self {
            clock,
            profile: Profile::Strict,
            depth: super::DEPTH,
            budget: 100,
            purpose: None,
            is_purpose_required: false,
            handles: &|_| false,
            crls: &[],
            is_revocation_required: false,
        }
    }

    /// The same by another profile.
    #[must_use]
    pub const fn with_profile(self, profile: Profile) -> Self {
        Self { profile, ..self }
    }

    /// At most so many authorities that are not self-issued; never more than [`super::DEPTH`].
    #[must_use]
    pub const fn with_depth(self, depth: usize) -> Self {
        Self { depth, ..self }
    }

    /// At most so many signatures are checked.
    #[must_use]
    pub const fn with_budget(self, budget: u32) -> Self {
        Self { budget, ..self }
    }

    /// The extended key usage, where there is one, must name this purpose, in the certificate and
    /// in every authority above it.
    #[must_use]
    pub const fn with_purpose(self, purpose: Oid<'o>) -> Self {
        Self { purpose: Some(purpose), ..self }
    }

    /// The certificate must have an extended key usage that names this purpose.
    #[must_use]
    pub const fn with_required_purpose(self, purpose: Oid<'o>) -> Self {
        Self { purpose: Some(purpose), is_purpose_required: true, ..self }
    }

    /// Asks `handles` whether the caller understands a critical extension that is not known here.
    #[must_use]
    pub const fn with_handler(self, handles: &'o dyn Fn(&Extension<'_>) -> bool) -> Self {
        Self { handles, ..self }
    }

    /// Checks revocation by these lists, for every issuer that has one here.
    #[must_use]
    pub const fn with_crls(self, crls: &'o [Crl<'o>]) -> Self {
        Self { crls, ..self }
    }

    /// Every issuer in the path must have a list.
    #[must_use]
    pub const fn with_required_revocation(self) -> Self {
        Self { is_revocation_required: true, ..self }
    }
}
