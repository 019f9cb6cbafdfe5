//! Finding paths: depth first, the anchors before the intermediates, with a bound on the work.

use iotops_wire::Input;

use super::validate::Chain;
use super::{Anchor, MOST_INTERMEDIATES, Options, VerifiedPath};
use crate::rules::x509 as rules;
use crate::x509::{Certificate, Name};
use crate::{Error, wire::Kind};

/// Pairs of certificates that are looked at.
const STEPS: u32 = 10_000;
/// Comparisons of a name with a constraint.
const NAMES: u32 = 65_536;

/// The work that is left.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget {
    steps: u32,
    names: u32,
    signatures: u32,
}

impl Budget {
    fn step(&mut self) -> Result<(), Error> {
        take(&mut self.steps)
    }

    pub(super) fn name(&mut self) -> Result<(), Error> {
        take(&mut self.names)
    }

    pub(super) fn signature(&mut self) -> Result<(), Error> {
        take(&mut self.signatures)
    }
}

fn take(left: &mut u32) -> Result<(), Error> {
    match left.checked_sub(1) {
        Some(less) => {
            *left = less;
            Ok(())
        }
        None => Err(Error::new(rules::BUDGET, 0)),
    }
}

/// The search for one path.
pub(super) struct Search<'p, 'a, 'o> {
    leaf: &'p Certificate<'a>,
    intermediates: &'p [Certificate<'a>],
    anchors: &'p [Anchor<'o>],
    options: &'p Options<'o>,
    budget: Budget,
    /// Why the best path so far was refused.
    failure: Option<Error>,
    /// The intermediates of the path that is being tried, from the leaf up.
    path: [usize; MOST_INTERMEDIATES],
    /// At each certificate of the path, the next candidate for its issuer.
    next: [usize; MOST_INTERMEDIATES.wrapping_add(1)],
    depth: usize,
}

impl<'p, 'a, 'o> Search<'p, 'a, 'o> {
    pub(super) fn new(
        leaf: &'p Certificate<'a>,
        intermediates: &'p [Certificate<'a>],
        anchors: &'p [Anchor<'o>],
        options: &'p Options<'o>,
    ) -> Self {
        Self {
            leaf,
            intermediates,
            anchors,
            options,
            budget: Budget { steps: STEPS, names: NAMES, signatures: options.signatures },
            failure: None,
            path: [0; MOST_INTERMEDIATES],
            next: [0; MOST_INTERMEDIATES.wrapping_add(1)],
            depth: 0,
        }
    }

    pub(super) fn run(mut self) -> Result<VerifiedPath<'a>, Error> {
        if let Some(found) = self.pinned() {
            return found;
        }
        loop {
            self.budget.step()?;
            let Some(slot) = self.next.get_mut(self.depth) else { return Err(self.none()) };
            let candidate = *slot;
            *slot = candidate.saturating_add(1);
            match candidate.checked_sub(self.anchors.len()) {
                None => {
                    if let Some(found) = self.end_at(candidate)? {
                        return Ok(found);
                    }
                }
                Some(index) if index < self.intermediates.len() => self.climb(index),
                Some(_) if self.depth == 0 => return Err(self.none()),
                Some(_) => self.depth = self.depth.saturating_sub(1),
            }
        }
    }

    /// The leaf itself is an anchor: its signature says nothing, the rest of it is checked.
    fn pinned(&mut self) -> Option<Result<VerifiedPath<'a>, Error>> {
        let is_leaf = |anchor: &Anchor<'_>| {
            anchor.certificate.is_some_and(|own| own.encoding() == self.leaf.encoding())
        };
        let index = self.anchors.iter().position(is_leaf)?;
        let chain = Chain::pinned(self.leaf, self.options);
        Some(chain.check(&mut self.budget).map(|()| self.proof(index)))
    }

    /// The certificate at the end of the path that is being tried.
    fn current(&self) -> &'p Certificate<'a> {
        let last = self.depth.checked_sub(1).and_then(|last| self.path.get(last));
        last.and_then(|index| self.intermediates.get(*index)).unwrap_or(self.leaf)
    }

    /// Tries an anchor as the end of the path; gives up only when the work is used up.
    fn end_at(&mut self, index: usize) -> Result<Option<VerifiedPath<'a>>, Error> {
        let Some(anchor) = self.anchors.get(index) else { return Ok(None) };
        let key_id = anchor.certificate.as_ref().and_then(Certificate::subject_key_id);
        if !may_issue(self.current(), &anchor.name, key_id) {
            return Ok(None);
        }
        let mut chain = Chain::new(self.leaf, self.options, anchor, input_of(index));
        for index in self.path.iter().take(self.depth) {
            if let Some(certificate) = self.intermediates.get(*index) {
                chain.push(certificate, Input::Certificate(number(index.saturating_add(1))));
            }
        }
        match chain.check(&mut self.budget) {
            Ok(()) => Ok(Some(self.proof(index))),
            Err(error) if error.rule() == rules::BUDGET => Err(error),
            Err(error) => {
                self.note(error);
                Ok(None)
            }
        }
    }

    /// Goes on with an intermediate if it may be the issuer, and is not on the path already.
    fn climb(&mut self, index: usize) {
        let Some(candidate) = self.intermediates.get(index) else { return };
        let current = self.current();
        if !may_issue(current, candidate.subject(), candidate.subject_key_id())
            || is_same_authority(candidate, self.leaf)
        {
            return;
        }
        let on_path = self.path.iter().take(self.depth).filter_map(|i| self.intermediates.get(*i));
        if on_path.into_iter().any(|other| is_same_authority(candidate, other)) {
            return;
        }
        let Some(slot) = self.path.get_mut(self.depth) else {
            self.note(Error::new(rules::DEPTH, 0));
            return;
        };
        *slot = index;
        self.depth = self.depth.saturating_add(1);
        if let Some(next) = self.next.get_mut(self.depth) {
            *next = 0;
        }
    }

    /// The first failure is kept, but one that is no verdict comes before all others.
    fn note(&mut self, error: Error) {
        if self.failure.is_none() || error.kind() == Kind::Unavailable {
            self.failure = Some(error);
        }
    }

    fn none(&self) -> Error {
        self.failure.unwrap_or(Error::new(rules::NO_PATH, 0))
    }

    fn proof(&self, anchor: usize) -> VerifiedPath<'a> {
        VerifiedPath { leaf: *self.leaf, anchor, intermediates: self.path, length: self.depth }
    }
}

fn input_of(anchor: usize) -> Input {
    Input::Key(number(anchor))
}

fn number(index: usize) -> u8 {
    u8::try_from(index).unwrap_or(u8::MAX)
}

/// Whether names and key identifiers allow that who has them issued `certificate`.
fn may_issue(certificate: &Certificate<'_>, name: &Name<'_>, key_id: Option<&[u8]>) -> bool {
    if !certificate.issuer().is(name) {
        return false;
    }
    let wanted = certificate.authority_key_id().and_then(|authority| authority.key_id);
    match (wanted, key_id) {
        (Some(wanted), Some(key_id)) => wanted == key_id,
        _ => true,
    }
}

/// A path through the same name and key twice is never better than the shorter one.
fn is_same_authority(one: &Certificate<'_>, other: &Certificate<'_>) -> bool {
    one.public_key() == other.public_key() && one.subject().is(other.subject())
}
