//! What a platform call is about.

use super::state::{Slot, Spot};
use super::tree::Manifests;
use crate::model::{ComponentIdentifier, Parameter, ParameterKey};

/// What a platform call is about: a component, its parameters, and a token.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    pub(super) manifests: Manifests<'a>,
    pub(super) slot: &'a Slot,
    pub(super) token: u32,
}

impl<'a> Call<'a> {
    /// The component, without the prefix of the dependency that names it.
    #[must_use]
    pub fn component(&self) -> Option<ComponentIdentifier<'a>> {
        self.manifests.identifier(self.slot.manifest, self.slot.index)
    }

    /// The prefix of the dependency that names the component (SUIT TD §5.2.2).
    #[must_use]
    pub fn prefix(&self) -> Option<ComponentIdentifier<'a>> {
        self.manifests.prefix(self.slot.manifest)
    }

    /// The parts of the identifier, with those of the prefix before them.
    #[must_use = "iterators do nothing unless consumed"]
    pub fn path(&self) -> impl Iterator<Item = &'a [u8]> + Clone + use<'a> {
        let prefix = self.prefix().into_iter();
        prefix.chain(self.component()).flat_map(|identifier| identifier.parts())
    }

    /// Distinguishes this thing to do from every other of the run, also after an interruption.
    #[must_use]
    pub const fn token(&self) -> u32 {
        self.token
    }

    /// A parameter of the component, if it is set.
    #[must_use]
    pub fn parameter(&self, key: ParameterKey) -> Option<Parameter<'a>> {
        let spot = self.slot.parameter(key)?;
        Parameter::read(key.code(), &mut self.manifests.value(spot))
    }

    /// The parameters of the platform's own, -256 and below, that are set for the component.
    #[must_use = "iterators do nothing unless consumed"]
    pub fn custom_parameters(&self) -> impl Iterator<Item = Parameter<'a>> + use<'a> {
        let manifests = self.manifests;
        let spots = self.slot.custom().iter().copied().filter(|spot: &Spot| spot.is_set());
        spots.filter_map(move |spot| {
            let mut cursor = manifests.value(spot);
            Parameter::read(cursor.integer().ok()?, &mut cursor)
        })
    }
}
