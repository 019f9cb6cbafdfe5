//! From a request that was checked to the voucher that is issued for it.

use iotops_crypto::x509::Certificate;
use iotops_crypto::{Algorithm, digest};
use iotops_wire::Time;

use super::audit::domain_id;
use super::{AuditEvent, CheckedRequest};
use crate::encode::VoucherBuilder;
use crate::model::Profile;
use crate::sign::Draft;
use crate::{Error, rules};

/// What a voucher pins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum PinPolicy {
    /// A certificate of the domain: with a nonce the lowest authority, without one the highest
    /// (cBRSKI §8.2).
    #[default]
    Certificate,
    /// The public key of the registrar (cBRSKI §8.3).
    PublicKey,
    /// The SHA-256 of it.
    PublicKeyDigest,
}

/// How a manufacturer issues vouchers.
#[derive(Clone, Copy, Debug)]
pub struct Issuing {
    profile: Profile,
    pin: PinPolicy,
    lifetime: u64,
    checks_revocation: Option<bool>,
}

impl Issuing {
    /// Vouchers of this edition. Those without a nonce expire `lifetime` seconds after they were
    /// made, or with the certificates of the domain (RFC 8995 §5.6).
    #[must_use]
    pub const fn new(profile: Profile, lifetime: u64) -> Self {
        Self { profile, pin: PinPolicy::Certificate, lifetime, checks_revocation: None }
    }

    /// With another pin.
    #[must_use]
    pub const fn pinning(self, pin: PinPolicy) -> Self {
        Self { pin, ..self }
    }

    /// Tells devices whether to check the certificates of the domain for revocation.
    #[must_use]
    pub const fn checking_revocation(self, checks: bool) -> Self {
        Self { checks_revocation: Some(checks), ..self }
    }
}

impl CheckedRequest<'_> {
    /// The voucher, to be signed, and the event to be logged for it before it leaves: RFC 8995
    /// §5.5: the log "is updated".
    ///
    /// The same request at the same time gives the same voucher: who stored an event answers a
    /// repeated request with its date.
    ///
    /// # Errors
    /// [`rules::PIN_MISSING`] if there is nothing to pin, and the rules of vouchers.
    pub fn issue(&self, how: &Issuing, now: Time) -> Result<(Draft, AuditEvent), Error> {
        let nonce = self.request.nonce().map(|nonce| nonce.to_vec()).transpose()?;
        let pinned = self.pinned(nonce.is_some())?;
        let mut builder =
            VoucherBuilder::new(&self.serial_number).assertion(self.assertion).created_on(now);
        builder = match how.pin {
            PinPolicy::Certificate => builder.pinned_domain_cert(pinned.encoding()),
            PinPolicy::PublicKey => builder.pinned_domain_pubk(self.key()?),
            PinPolicy::PublicKeyDigest => {
                let made = digest(Algorithm::Sha256, &[self.key()?]);
                let made = made.ok_or(Error::new(rules::PIN_MISSING, 0))?;
                builder.pinned_domain_pubk_sha256(made.as_bytes())
            }
        };
        builder = match &nonce {
            Some(nonce) => builder.nonce(nonce),
            // "expires-on MUST NOT exceed" the certificates that are pinned.
            None => builder.expires_on(self.expiry(how, now)),
        };
        if let Some(issuer) = self.request.idevid_issuer() {
            builder = builder.idevid_issuer(&issuer.to_vec()?);
        }
        if let Some(checks) = how.checks_revocation {
            builder = builder.domain_cert_revocation_checks(checks);
        }
        let draft = builder.build(how.profile)?;
        let event = AuditEvent::of(now, pinned, nonce, self.assertion)?;
        Ok((draft, event))
    }

    fn pinned(&self, has_nonce: bool) -> Result<&Certificate<'_>, Error> {
        let found = if has_nonce { self.chain.lowest() } else { self.chain.highest() };
        found.ok_or(Error::new(rules::PIN_MISSING, 0))
    }

    fn key(&self) -> Result<&[u8], Error> {
        let registrar = self.chain.registrar().ok_or(Error::new(rules::PIN_MISSING, 0))?;
        Ok(registrar.public_key())
    }

    fn expiry(&self, how: &Issuing, now: Time) -> Time {
        let ends = self.chain.certificates().iter().map(Certificate::not_after);
        let policy = Time::from_unix(now.unix().saturating_add(how.lifetime));
        ends.fold(policy, Time::min)
    }

    /// Whether this is the domain that an earlier voucher pinned: then it is renewed without asking
    /// anybody (bis §10.1).
    #[must_use]
    pub fn renews(&self, earlier: &AuditEvent) -> bool {
        let mut identifiers =
            self.chain.certificates().iter().filter_map(|one| domain_id(one).ok());
        identifiers.any(|one| one == earlier.domain_id)
    }
}
