//! What anchors are trusted for.

/// What an anchor is trusted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Purpose {
    /// Signs SUIT manifests, of all components or of those with certain prefixes.
    SuitAuthor,
    /// Signs vouchers.
    Masa,
    /// Issues the `IDevID` certificates of devices.
    IdevidIssuer,
    /// Owns the device.
    Owner,
    /// Signs MUD files.
    MudSigner,
    /// Signs snapshots of the configuration.
    SnapshotSigner,
    /// Receives keys in escrow.
    Escrow,
    /// Signs attestation results.
    Verifier,
    /// Replaces lost keys; no document is verified with it.
    Recovery,
}

/// Bit, purpose, name.
const TABLE: [(u64, Purpose, &str); 9] = [
    (1 << 0, Purpose::SuitAuthor, "suit-author"),
    (1 << 1, Purpose::Masa, "masa"),
    (1 << 2, Purpose::IdevidIssuer, "idevid-issuer"),
    (1 << 3, Purpose::Owner, "owner"),
    (1 << 4, Purpose::MudSigner, "mud-signer"),
    (1 << 5, Purpose::SnapshotSigner, "snapshot-signer"),
    (1 << 6, Purpose::Escrow, "escrow"),
    (1 << 7, Purpose::Verifier, "verifier"),
    (1 << 8, Purpose::Recovery, "recovery"),
];

const KNOWN: u64 = (1 << TABLE.len()) - 1;

impl Purpose {
    /// All of them, by number.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|row| row.1)
    }

    /// The name, as in the CDDL.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().map_or("", |row| row.2)
    }

    /// The purpose with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        TABLE.iter().find(|row| row.2 == name).map(|row| row.1)
    }

    fn row(self) -> Option<&'static (u64, Self, &'static str)> {
        TABLE.iter().find(|row| row.1 == self)
    }
}

/// A set of purposes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Purposes(u64);

impl Purposes {
    /// None.
    pub const NONE: Self = Self(0);

    /// These.
    #[must_use]
    pub fn of(purposes: &[Purpose]) -> Self {
        purposes.iter().fold(Self::NONE, |all, purpose| all.with(*purpose))
    }

    /// The same and this one.
    #[must_use]
    pub fn with(self, purpose: Purpose) -> Self {
        Self(self.0 | purpose.row().map_or(0, |row| row.0))
    }

    /// The same without this one.
    #[must_use]
    pub fn without(self, purpose: Purpose) -> Self {
        Self(self.0 & !Self::NONE.with(purpose).0)
    }

    /// As bits; `None` if one is unknown.
    #[must_use]
    pub const fn from_bits(bits: u64) -> Option<Self> {
        if bits & !KNOWN == 0 { Some(Self(bits)) } else { None }
    }

    /// As bits.
    #[must_use]
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether this one is among them.
    #[must_use]
    pub fn contains(self, purpose: Purpose) -> bool {
        self.contains_all(Self::NONE.with(purpose))
    }

    /// Whether all of `others` are among them.
    #[must_use]
    pub const fn contains_all(self, others: Self) -> bool {
        others.0 & !self.0 == 0
    }

    /// Those that are in one or the other.
    #[must_use]
    pub const fn union(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    /// Each of them, by number.
    pub fn iter(self) -> impl Iterator<Item = Purpose> {
        Purpose::all().filter(move |purpose| self.contains(*purpose))
    }
}
