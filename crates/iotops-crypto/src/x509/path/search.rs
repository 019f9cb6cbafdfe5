//! The search for a path: depth first, without recursion, within a budget of signatures.

use iotops_wire::{Input, Rule};

use super::check::{self, Chain};
use super::{Anchor, DEPTH, Options, VerifiedPath};
use crate::rules::x509 as rules;
use crate::x509::Certificate;
use crate::x509::constraints::Work;
use crate::{Error, rules as shared};

/// How many names are compared with name constraints at the most.
const NAMES: u32 = 10_000;

impl<'a> Certificate<'a> {
    /// Verifies that a path leads from this certificate to one of `anchors`, through any of
    /// `intermediates`, as `options` ask.
    ///
    /// Of several failures the most telling one is given, with the place of the certificate: 0 for
    /// this one, and the intermediates by their places, from 1.
    ///
    /// # Errors
    /// [`rules::NO_PATH`], [`rules::BUDGET`], and the rules of paths from [`rules::SIGNATURE`] on.
    pub fn verify(
        &self,
        intermediates: &[Self],
        anchors: &[Anchor<'a>],
        options: &Options<'_>,
    ) -> Result<VerifiedPath<'a>, Error> {
        let mut search = Search {
            certificate: self,
            intermediates,
            anchors,
            options,
            chain: [0; DEPTH],
            length: 0,
            budget: options.budget,
            names: Work(NAMES),
            failure: None,
        };
        let own = check::usable(self, options).and_then(|()| check::end(self, options));
        own.map_err(|error| error.of(Input::Certificate(0)))?;
        search.run()
    }
}

struct Search<'s, 'a> {
    certificate: &'s Certificate<'a>,
    intermediates: &'s [Certificate<'a>],
    anchors: &'s [Anchor<'a>],
    options: &'s Options<'s>,
    /// Places of the intermediates of the path so far, from the certificate upwards.
    chain: [u8; DEPTH],
    length: usize,
    budget: u32,
    names: Work,
    failure: Option<Error>,
}

/// Why the search is over without a path.
enum Stop {
    /// Another candidate may do.
    Next(Error),
    /// Nothing more is tried.
    Over(Error),
}

impl<'a> Search<'_, 'a> {
    fn run(&mut self) -> Result<VerifiedPath<'a>, Error> {
        // An anchor of the caller is trusted itself, whoever issued it.
        if let Some(path) = self.is_anchor() {
            return Ok(path);
        }
        let mut next = [0_usize; DEPTH + 1];
        loop {
            let Some(candidate) = next.get_mut(self.length) else {
                return Err(self.most_telling());
            };
            let number = *candidate;
            *candidate = number.saturating_add(1);
            let tried = match number.checked_sub(self.anchors.len()) {
                None => self.anchor(number).map(Some),
                Some(place) if place < self.intermediates.len() => self.link(place).map(|()| None),
                Some(_) if self.length == 0 => return Err(self.most_telling()),
                Some(_) => {
                    self.length = self.length.saturating_sub(1);
                    continue;
                }
            };
            match tried {
                Ok(Some(path)) => return Ok(path),
                Ok(None) => {
                    if let Some(first) = next.get_mut(self.length) {
                        *first = 0;
                    }
                }
                Err(Stop::Next(error)) => self.note(error),
                Err(Stop::Over(error)) => return Err(error),
            }
        }
    }

    fn is_anchor(&self) -> Option<VerifiedPath<'a>> {
        let own = self.certificate.as_encoded();
        let place = self.anchors.iter().position(
            |anchor| matches!(&anchor.certificate, Some(certificate) if certificate.as_encoded() == own),
        );
        place.map(|anchor| self.path(anchor))
    }

    fn path(&self, anchor: usize) -> VerifiedPath<'a> {
        VerifiedPath {
            certificate: *self.certificate,
            anchor,
            authorities: self.chain,
            length: self.length,
        }
    }

    /// The certificate that is to be issued by the next candidate.
    fn top(&self) -> &Certificate<'a> {
        match self.chain.get(..self.length) {
            Some([.., place]) => {
                self.intermediates.get(usize::from(*place)).unwrap_or(self.certificate)
            }
            _ => self.certificate,
        }
    }

    fn input(&self) -> Input {
        match self.chain.get(..self.length) {
            Some([.., place]) => Input::Certificate(place.saturating_add(1)),
            _ => Input::Certificate(0),
        }
    }

    /// Tries to end the path at an anchor.
    fn anchor(&mut self, number: usize) -> Result<VerifiedPath<'a>, Stop> {
        let Some(anchor) = self.anchors.get(number) else {
            return Err(Stop::Next(Error::new(rules::NO_PATH, 0)));
        };
        self.named(&anchor.name)?;
        if let Some(certificate) = &anchor.certificate {
            check::authority(certificate, self.options).map_err(Stop::Next)?;
        }
        self.signed(anchor.public_key)?;
        let certificates = self.chain.get(..self.length).unwrap_or_default();
        let chain = Chain {
            certificate: self.certificate,
            intermediates: self.intermediates,
            authorities: certificates,
            anchor,
        };
        match chain.check(self.options, &mut self.names) {
            Ok(()) => Ok(self.path(number)),
            Err(error) if error.rule() == rules::BUDGET => Err(Stop::Over(error)),
            Err(error) => Err(Stop::Next(error)),
        }
    }

    /// Tries to go on through an intermediate.
    fn link(&mut self, place: usize) -> Result<(), Stop> {
        let (Some(candidate), Ok(short)) = (self.intermediates.get(place), u8::try_from(place))
        else {
            return Err(Stop::Next(Error::new(rules::NO_PATH, 0)));
        };
        self.named(candidate.subject())?;
        let is_used = self.chain.get(..self.length).unwrap_or_default().contains(&short);
        if is_used || self.length >= DEPTH {
            return Err(Stop::Next(Error::new(rules::NO_PATH, 0)));
        }
        let of = |error: Error| Stop::Next(error.of(Input::Certificate(short.saturating_add(1))));
        check::numbered(candidate, self.options).map_err(of)?;
        check::authority(candidate, self.options).map_err(of)?;
        self.signed(candidate.public_key())?;
        if let Some(space) = self.chain.get_mut(self.length) {
            *space = short;
        }
        self.length = self.length.saturating_add(1);
        Ok(())
    }

    /// The issuer of the top must have this name. That it has not is no failure worth telling.
    fn named(&self, name: &crate::x509::Name<'_>) -> Result<(), Stop> {
        if self.top().issuer().matches(name) {
            return Ok(());
        }
        Err(Stop::Next(Error::new(rules::NO_PATH, 0)))
    }

    fn signed(&mut self, public_key: &[u8]) -> Result<(), Stop> {
        match self.budget.checked_sub(1) {
            Some(left) => self.budget = left,
            None => return Err(Stop::Over(Error::new(rules::BUDGET, 0))),
        }
        check::signed_by(self.top(), public_key).map_err(|error| {
            let error = error.of(self.input());
            if error.rule() == shared::UNAVAILABLE { Stop::Over(error) } else { Stop::Next(error) }
        })
    }

    /// Keeps the most telling failure; the first of several that tell the same.
    fn note(&mut self, error: Error) {
        if self.failure.is_none_or(|known| weight(error.rule()) > weight(known.rule())) {
            self.failure = Some(error);
        }
    }

    fn most_telling(&self) -> Error {
        self.failure.unwrap_or_else(|| Error::new(rules::NO_PATH, 0).of(self.input()))
    }
}

/// A path that reached an anchor and is not valid tells more than one that did not.
fn weight(rule: Rule) -> u8 {
    match rule {
        rules::NO_PATH => 0,
        rules::SIGNATURE | rules::KEY => 1,
        rules::NOT_AUTHORITY => 2,
        _ => 3,
    }
}
