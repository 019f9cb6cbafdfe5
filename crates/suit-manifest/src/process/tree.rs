//! The manifests that a run reads: the root, and the dependencies that it loads.

use core::fmt;

#[cfg(feature = "trust-domains")]
use iotops_crypto::Verifier;
#[cfg(feature = "encryption")]
use iotops_crypto::{
    agreement::KdfInfo,
    cose::{Keyring, RecipientKey},
};
use iotops_wire::cbor::Cursor;

use super::access::Grant;
#[cfg(feature = "encryption")]
use super::decryption::Decryption;
use super::state::Spot;
use crate::Manifest;
#[cfg(feature = "trust-domains")]
use crate::Policy;
use crate::model::ComponentIdentifier;

/// The manifests of a run. They must lie unchanged while it lasts (RFC 9124 §4.3.21, "Manifest
/// Kept Immutable between Check and Use"): their borrow is what makes sure of it.
pub struct Tree<'t, 'm> {
    root: Manifest<'m>,
    grants: &'t [Grant<'t>],
    branches: Branches<'t, 'm>,
    #[cfg(feature = "encryption")]
    secrets: Secrets<'t>,
}

/// The keys that payloads are encrypted for, and the one that is being decrypted.
#[cfg(feature = "encryption")]
#[derive(Default)]
struct Secrets<'t> {
    keys: &'t [RecipientKey<'t>],
    decryption: Option<Decryption>,
}

#[cfg(not(feature = "trust-domains"))]
type Branches<'t, 'm> = core::marker::PhantomData<&'t Manifest<'m>>;

/// Where dependencies are put, and who may have signed them.
#[cfg(feature = "trust-domains")]
pub(super) struct Branches<'t, 'm> {
    /// Whether components of dependencies lie under the prefixes of these.
    has_prefixes: bool,
    loaded: &'t mut [Option<Branch<'m>>],
    arena: Arena<'m>,
    keys: &'t [&'t dyn Verifier],
    policy: Policy,
}

#[cfg(feature = "trust-domains")]
impl Default for Branches<'_, '_> {
    fn default() -> Self {
        Self {
            has_prefixes: true,
            loaded: &mut [],
            arena: Arena::default(),
            keys: &[],
            policy: Policy::Any,
        }
    }
}

/// What loading a dependency takes.
#[cfg(feature = "trust-domains")]
pub(super) struct Loading<'b, 'm> {
    pub(super) arena: &'b mut Arena<'m>,
    pub(super) keys: &'b [&'b dyn Verifier],
    pub(super) policy: Policy,
}

/// A dependency that was loaded, authenticated and validated.
#[cfg(feature = "trust-domains")]
#[derive(Clone, Copy, Debug)]
pub struct Branch<'m> {
    pub(super) manifest: Manifest<'m>,
    /// The manifest that depends on it, and its component index there.
    pub(super) parent: u8,
    pub(super) index: u16,
    /// Whether the component was left alone since.
    pub(super) is_current: bool,
    /// The code of the section that was run last.
    pub(super) processed: u8,
}

impl fmt::Debug for Tree<'_, '_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Tree").field(&self.view()).finish()
    }
}

impl<'t, 'm> Tree<'t, 'm> {
    /// A manifest without dependencies, or with none that this device can load.
    #[must_use]
    pub fn new(root: Manifest<'m>) -> Self {
        Self {
            root,
            grants: &[],
            branches: Branches::default(),
            #[cfg(feature = "encryption")]
            secrets: Secrets::default(),
        }
    }

    /// With rights: what no right allows to a signer of a manifest is refused.
    #[must_use]
    pub const fn with_access(mut self, grants: &'t [Grant<'t>]) -> Self {
        self.grants = grants;
        self
    }

    /// The rights.
    pub(super) const fn grants(&self) -> &'t [Grant<'t>] {
        self.grants
    }

    /// With the keys of this device that payloads are encrypted for.
    #[cfg(feature = "encryption")]
    #[must_use]
    pub fn with_recipient_keys(mut self, keys: &'t [RecipientKey<'t>]) -> Self {
        self.secrets.keys = keys;
        self
    }

    /// The keys, with the context that SUIT FE §6 derives keys in.
    #[cfg(feature = "encryption")]
    pub(super) fn keyring(&self) -> Keyring<'t> {
        let info = KdfInfo::default().with_public(b"SUIT Payload Encryption");
        Keyring::new(self.secrets.keys).with_info(info)
    }

    #[cfg(feature = "encryption")]
    pub(super) const fn decryption(&mut self) -> &mut Option<Decryption> {
        &mut self.secrets.decryption
    }

    /// A manifest with dependencies: `loaded` bounds how many, envelopes are copied into `arena`
    /// before they are looked at, and `keys` must have signed each as `policy` asks.
    #[cfg(feature = "trust-domains")]
    #[must_use]
    pub fn with_dependencies(
        root: Manifest<'m>,
        loaded: &'t mut [Option<Branch<'m>>],
        arena: &'m mut [u8],
        keys: &'t [&'t dyn Verifier],
        policy: Policy,
    ) -> Self {
        let arena = Arena { rest: arena };
        let branches = Branches { has_prefixes: true, loaded, arena, keys, policy };
        Self { branches, ..Self::new(root) }
    }

    /// With components of dependencies named as they name them, whatever their prefix: SUIT TD
    /// §5.2.2 leaves it open what a prefix is for, and the example of SUIT FE uses it to tell where
    /// the envelope is stored.
    #[cfg(feature = "trust-domains")]
    #[must_use]
    pub const fn without_prefixes(mut self) -> Self {
        self.branches.has_prefixes = false;
        self
    }

    /// The root manifest.
    #[must_use]
    pub const fn root(&self) -> &Manifest<'m> {
        &self.root
    }

    /// The manifest with this number: 0 is the root.
    #[inline]
    pub(super) fn manifest(&self, number: u8) -> Manifest<'m> {
        #[cfg(feature = "trust-domains")]
        if let Some(branch) = branch(self.branches.loaded, number) {
            return branch.manifest;
        }
        let _ = number;
        self.root
    }

    /// A cursor at an offset of one of the envelopes.
    #[inline]
    pub(crate) fn at(&self, manifest: u8, offset: u32) -> Cursor<'m> {
        Cursor::at(self.manifest(manifest).envelope().document(), offset)
    }

    /// The dependencies that were loaded.
    #[cfg(feature = "trust-domains")]
    pub(super) const fn loaded(&self) -> &[Option<Branch<'m>>] {
        self.branches.loaded
    }

    #[cfg(feature = "trust-domains")]
    pub(super) const fn loaded_mut(&mut self) -> &mut [Option<Branch<'m>>] {
        self.branches.loaded
    }

    /// SUIT TD §5.6.4: what was checked of dependencies ends when "An Abort is encountered" or "A
    /// Procedure completes".
    #[cfg(feature = "trust-domains")]
    pub(super) fn forget_checks(&mut self) {
        self.branches.loaded.iter_mut().flatten().for_each(|branch| branch.is_current = false);
    }

    #[cfg(feature = "trust-domains")]
    pub(super) fn branch_mut(&mut self, number: u8) -> Option<&mut Branch<'m>> {
        self.branches.loaded.get_mut(usize::from(number).checked_sub(1)?)?.as_mut()
    }

    /// The manifests to look at, and what else loading a dependency takes.
    #[cfg(feature = "trust-domains")]
    pub(super) const fn split(&mut self) -> (Manifests<'_>, Loading<'_, 'm>) {
        let Self { root, branches: Branches { has_prefixes, loaded, arena, keys, policy }, .. } =
            self;
        let has_prefixes = *has_prefixes;
        (Manifests { root, has_prefixes, loaded }, Loading { arena, keys, policy: *policy })
    }

    /// The manifests, to look at only.
    pub(super) fn view(&self) -> Manifests<'_> {
        Manifests {
            root: &self.root,
            #[cfg(feature = "trust-domains")]
            has_prefixes: self.branches.has_prefixes,
            #[cfg(feature = "trust-domains")]
            loaded: self.branches.loaded,
        }
    }
}

/// The manifests of a tree, to look at only.
#[derive(Clone, Copy, Debug)]
pub(super) struct Manifests<'a> {
    root: &'a Manifest<'a>,
    #[cfg(feature = "trust-domains")]
    has_prefixes: bool,
    #[cfg(feature = "trust-domains")]
    loaded: &'a [Option<Branch<'a>>],
}

impl<'a> Manifests<'a> {
    pub(super) fn manifest(self, number: u8) -> &'a Manifest<'a> {
        #[cfg(feature = "trust-domains")]
        if let Some(branch) = branch(self.loaded, number) {
            return &branch.manifest;
        }
        let _ = number;
        self.root
    }

    /// A cursor at a value.
    pub(super) fn value(self, spot: Spot) -> Cursor<'a> {
        Cursor::at(self.manifest(spot.manifest()).envelope().document(), spot.offset())
    }

    /// The identifier of a component, without its prefix.
    ///
    /// The examples of SUIT TD give dependencies indices behind the component list; such a one is
    /// stored under its prefix.
    pub(super) fn identifier(self, manifest: u8, index: u16) -> Option<ComponentIdentifier<'a>> {
        let manifest = self.manifest(manifest);
        let listed = manifest.components().iter().nth(usize::from(index));
        listed.or_else(|| manifest.dependencies().find(index)?.prefix)
    }

    /// The manifest that depends on this one, and the component index of it there.
    #[cfg(all(feature = "report", feature = "trust-domains"))]
    pub(super) fn dependent(self, number: u8) -> Option<(u8, u16)> {
        let branch = branch(self.loaded, number)?;
        Some((branch.parent, branch.index))
    }

    /// The manifest that depends on this one, and the component index of it there.
    #[cfg(all(feature = "report", not(feature = "trust-domains")))]
    #[expect(clippy::unused_self, reason = "without dependencies there is none")]
    pub(super) const fn dependent(self, _: u8) -> Option<(u8, u16)> {
        None
    }

    /// The prefix under which the components of a manifest lie.
    #[cfg(feature = "trust-domains")]
    pub(super) fn prefix(self, number: u8) -> Option<ComponentIdentifier<'a>> {
        let branch = branch(self.loaded, number).filter(|_| self.has_prefixes)?;
        self.manifest(branch.parent).dependencies().find(branch.index)?.prefix
    }

    /// The prefix under which the components of a manifest lie.
    #[cfg(not(feature = "trust-domains"))]
    #[expect(clippy::unused_self, reason = "without dependencies there are no prefixes")]
    pub(super) const fn prefix(self, _: u8) -> Option<ComponentIdentifier<'a>> {
        None
    }
}

#[cfg(feature = "trust-domains")]
fn branch<'l, 'm>(loaded: &'l [Option<Branch<'m>>], number: u8) -> Option<&'l Branch<'m>> {
    loaded.get(usize::from(number).checked_sub(1)?)?.as_ref()
}

/// Memory for dependencies, given out once.
#[cfg(feature = "trust-domains")]
#[derive(Default)]
pub(super) struct Arena<'m> {
    rest: &'m mut [u8],
}

#[cfg(feature = "trust-domains")]
impl<'m> Arena<'m> {
    /// What is left, to be filled.
    pub(super) const fn rest(&mut self) -> &mut [u8] {
        self.rest
    }

    /// Gives out the first bytes of it for good.
    pub(super) fn take(&mut self, length: usize) -> Option<&'m [u8]> {
        let (taken, rest) = core::mem::take(&mut self.rest).split_at_mut_checked(length)?;
        self.rest = rest;
        Some(taken)
    }
}
