//! Certificate policies (RFC 5280 §6.1.3 (d) to (f) and §6.1.4 (a) to (j)).
//!
//! Of the tree of the specification only its lowest level is kept: which policies a certificate
//! below may assert, and whether each goes back to one that the caller accepts. A branch that ends
//! higher up is gone by itself.

use super::validate::{Chain, Link};
use crate::Error;
use crate::rules::x509 as rules;
use crate::x509::{Certificate, oids};

/// The user's inputs of §6.1.1 (c) to (g).
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Inputs<'o> {
    pub(super) acceptable: &'o [&'o [u8]],
    pub(super) require: bool,
    pub(super) inhibit_mapping: bool,
    pub(super) inhibit_any: bool,
}

impl Inputs<'_> {
    fn accepts(&self, policy: &[u8]) -> bool {
        self.acceptable.is_empty() || self.acceptable.contains(&policy)
    }
}

/// Policies that are followed at most.
const MOST: usize = 32;

/// A policy that may be asserted below.
#[derive(Clone, Copy, Debug, Default)]
struct Expected<'a> {
    policy: &'a [u8],
    /// Whether it goes back to one that the caller accepts.
    accepted: bool,
}

/// The lowest level of the tree.
#[derive(Clone, Copy, Debug)]
struct Level<'a> {
    expected: [Expected<'a>; MOST],
    count: usize,
    /// Whether the special policy is among them.
    any: bool,
}

impl<'a> Level<'a> {
    const fn new(any: bool) -> Self {
        Self { expected: [Expected { policy: &[], accepted: false }; MOST], count: 0, any }
    }

    fn entries(&self) -> &[Expected<'a>] {
        self.expected.get(..self.count).unwrap_or_default()
    }

    fn find(&self, policy: &[u8]) -> Option<Expected<'a>> {
        self.entries().iter().find(|entry| entry.policy == policy).copied()
    }

    fn is_empty(&self) -> bool {
        !self.any && self.count == 0
    }

    /// Adds a policy; one that is there already is accepted if either is.
    fn add(&mut self, policy: &'a [u8], accepted: bool) -> Result<(), Error> {
        let mut entries = self.expected.iter_mut().take(self.count);
        if let Some(entry) = entries.find(|entry| entry.policy == policy) {
            entry.accepted |= accepted;
            return Ok(());
        }
        let Some(slot) = self.expected.get_mut(self.count) else {
            return Err(Error::new(rules::POLICY_LIMIT, 0));
        };
        *slot = Expected { policy, accepted };
        self.count = self.count.saturating_add(1);
        Ok(())
    }
}

/// The counters of §6.1.2 (d) to (f): after so many certificates each begins to hold.
#[derive(Clone, Copy, Debug)]
struct Counters {
    explicit: u32,
    mapping: u32,
    any: u32,
}

impl Counters {
    fn new(inputs: &Inputs<'_>) -> Self {
        let begin = |at_once| if at_once { 0 } else { u32::MAX };
        Self {
            explicit: begin(inputs.require),
            mapping: begin(inputs.inhibit_mapping),
            any: begin(inputs.inhibit_any),
        }
    }

    /// §6.1.4 (h).
    fn count_down(&mut self) {
        for counter in [&mut self.explicit, &mut self.mapping, &mut self.any] {
            if *counter != u32::MAX {
                *counter = counter.saturating_sub(1);
            }
        }
    }

    /// §6.1.4 (i) and (j).
    fn lower(&mut self, certificate: &Certificate<'_>) {
        if let Some(own) = certificate.policy_constraints() {
            self.explicit = self.explicit.min(own.require_explicit.unwrap_or(u32::MAX));
            self.mapping = self.mapping.min(own.inhibit_mapping.unwrap_or(u32::MAX));
        }
        self.any = self.any.min(certificate.inhibit_any_policy().unwrap_or(u32::MAX));
    }
}

/// Follows the policies down a path.
pub(super) fn check(chain: &Chain<'_, '_, '_>) -> Result<(), Error> {
    let inputs = &chain.options.policy;
    let mut counters = Counters::new(inputs);
    if let Some(anchor) = chain.anchor_link() {
        counters.lower(anchor.certificate);
    }
    let mut level = Level::new(true);
    for (below, link) in chain.downwards() {
        let is_self_issued = below > 0 && link.certificate.is_self_issued();
        let any = counters.any > 0 || is_self_issued;
        level = assert(&level, link.certificate, any, inputs).map_err(|e| e.of(link.input))?;
        if counters.explicit == 0 && level.is_empty() {
            return Err(link.error(rules::POLICY));
        }
        if below > 0 {
            level = map(&level, &link, counters.mapping > 0, inputs)?;
            if !is_self_issued {
                counters.count_down();
            }
            counters.lower(link.certificate);
        } else {
            return wrap_up(&level, &link, counters);
        }
    }
    Ok(())
}

/// §6.1.3 (d) and (e): what a certificate asserts of what it may.
fn assert<'a>(
    level: &Level<'a>,
    certificate: &Certificate<'a>,
    any_counts: bool,
    inputs: &Inputs<'_>,
) -> Result<Level<'a>, Error> {
    let mut asserted = Level::new(false);
    let Some(policies) = certificate.policies() else { return Ok(asserted) };
    let mut has_any = false;
    for policy in policies {
        let policy = policy.as_bytes();
        if policy == oids::ANY_POLICY {
            has_any = true;
        } else if let Some(expected) = level.find(policy) {
            asserted.add(policy, expected.accepted)?;
        } else if level.any {
            asserted.add(policy, inputs.accepts(policy))?;
        }
    }
    if has_any && any_counts {
        asserted.any = level.any;
        for expected in level.entries() {
            if asserted.find(expected.policy).is_none() {
                asserted.add(expected.policy, expected.accepted)?;
            }
        }
    }
    Ok(asserted)
}

/// §6.1.4 (a) and (b): what a certificate says of policies that are equivalent.
fn map<'a>(
    level: &Level<'a>,
    link: &Link<'_, 'a>,
    is_allowed: bool,
    inputs: &Inputs<'_>,
) -> Result<Level<'a>, Error> {
    let mappings = link.certificate.policy_mappings();
    // (a): "the special value anyPolicy does not appear as an issuerDomainPolicy or a
    // subjectDomainPolicy."
    let mut pairs = mappings;
    let is_any = |policy: &[u8]| policy == oids::ANY_POLICY;
    if pairs.any(|(from, to)| is_any(from.as_bytes()) || is_any(to.as_bytes())) {
        return Err(link.error(rules::POLICY_MAPPING));
    }
    let mut mapped = Level::new(level.any);
    let is_mapped = |policy: &[u8]| {
        let mut pairs = mappings;
        pairs.any(|(from, _)| from.as_bytes() == policy)
    };
    for entry in level.entries().iter().filter(|entry| !is_mapped(entry.policy)) {
        mapped.add(entry.policy, entry.accepted)?;
    }
    if !is_allowed {
        return Ok(mapped);
    }
    for (from, to) in mappings {
        let (from, to) = (from.as_bytes(), to.as_bytes());
        let added = match level.find(from) {
            Some(entry) => mapped.add(to, entry.accepted),
            None if level.any => mapped.add(to, inputs.accepts(from)),
            None => Ok(()),
        };
        added.map_err(|error| error.of(link.input))?;
    }
    Ok(mapped)
}

/// §6.1.5 (a), (b) and (g).
fn wrap_up(level: &Level<'_>, leaf: &Link<'_, '_>, counters: Counters) -> Result<(), Error> {
    let own = leaf.certificate.policy_constraints().and_then(|own| own.require_explicit);
    let explicit = match own {
        Some(0) => 0,
        _ if counters.explicit == u32::MAX => u32::MAX,
        _ => counters.explicit.saturating_sub(1),
    };
    let is_acceptable = level.any || level.entries().iter().any(|entry| entry.accepted);
    if explicit > 0 || is_acceptable { Ok(()) } else { Err(leaf.error(rules::POLICY)) }
}
