//! Access control: what a signer may do to which components (SUIT §9).

use crate::Signers;

/// A right: the key in this place may do these things to the components under a prefix.
///
/// Places are those of the keys that the manifest was authenticated with; dependencies are
/// authenticated with the keys of the [`Tree`](super::Tree), so give both the same keys in the
/// same order.
#[derive(Clone, Copy, Debug)]
pub struct Grant<'g> {
    key: usize,
    prefix: &'g [&'g [u8]],
    commands: Codes<'g>,
    parameters: Codes<'g>,
}

/// Which codes a right is for.
#[derive(Clone, Copy, Debug)]
enum Codes<'g> {
    All,
    Only(&'g [i64]),
}

impl Codes<'_> {
    fn contains(self, code: i64) -> bool {
        match self {
            Self::All => true,
            Self::Only(codes) => codes.contains(&code),
        }
    }
}

impl<'g> Grant<'g> {
    /// Everything, to every component whose identifier begins with these parts; no parts are
    /// those of all components.
    #[must_use]
    pub const fn new(key: usize, prefix: &'g [&'g [u8]]) -> Self {
        Self { key, prefix, commands: Codes::All, parameters: Codes::All }
    }

    /// Only these conditions, directives and custom commands, by their codes; a root manifest may
    /// not be stored there then.
    #[must_use]
    pub const fn with_commands(self, codes: &'g [i64]) -> Self {
        Self { commands: Codes::Only(codes), ..self }
    }

    /// Only these parameters, by their codes.
    #[must_use]
    pub const fn with_parameters(self, codes: &'g [i64]) -> Self {
        Self { parameters: Codes::Only(codes), ..self }
    }

    /// Whether it is a right of one of the signers, to a component with this path.
    fn applies<'p>(&self, signers: Signers, mut path: impl Iterator<Item = &'p [u8]>) -> bool {
        signers.contains(self.key) && self.prefix.iter().all(|part| path.next() == Some(part))
    }
}

/// What somebody wants to do to a component.
#[derive(Clone, Copy)]
pub(super) enum Wish {
    Run(i64),
    Set(i64),
    /// Have the manifest stored as the component.
    Store,
}

/// Whether one of these rights allows it. Without any rights, everything is allowed to whoever is
/// trusted (SUIT §9: the simplest model, one key).
pub(super) fn allows<'p>(
    grants: &[Grant<'_>],
    signers: Signers,
    path: impl Iterator<Item = &'p [u8]> + Clone,
    wish: Wish,
) -> bool {
    let is_allowed = |grant: &Grant<'_>| {
        let has_code = match wish {
            Wish::Run(code) => grant.commands.contains(code),
            Wish::Set(code) => grant.parameters.contains(code),
            Wish::Store => matches!(grant.commands, Codes::All),
        };
        has_code && grant.applies(signers, path.clone())
    };
    grants.is_empty() || grants.iter().any(is_allowed)
}
