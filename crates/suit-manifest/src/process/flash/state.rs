//! What is booted, and the trial of a new image.

use iotops_wire::Time;

/// How long a new image is only tried (SUIT §6.3.1 asks that a disrupted device can go back).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Trial {
    boots: u8,
    deadline: Option<Time>,
}

impl Trial {
    /// A trial of so many boots, at most 254.
    #[must_use]
    pub fn new(boots: u8) -> Self {
        Self { boots: boots.min(State::CONFIRMED - 1), deadline: None }
    }

    /// The same until a moment, for devices that have a clock.
    #[must_use]
    pub const fn until(self, deadline: Time) -> Self {
        Self { deadline: Some(deadline), ..self }
    }
}

/// What a device does when it starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Boot {
    /// It boots the active image.
    Confirmed,
    /// It boots the active image, which has yet to prove itself.
    Trial {
        /// Boots that are left after this one.
        left: u8,
    },
    /// The new image did not prove itself: it boots the old one again, which is active now.
    Reverted,
}

/// Which slot is active, since when, and for how long: one record, changed as a whole.
#[derive(Clone, Copy)]
pub(super) struct State {
    pub(super) slot: u8,
    /// Boots that are left; [`State::CONFIRMED`] behind the trial.
    pub(super) boots: u8,
    /// The token of the exchange that made it active, if that was in this run.
    pub(super) token: u32,
    /// The moment, in seconds since the epoch.
    pub(super) deadline: u64,
    /// The sequence number that holds once the image is confirmed.
    pub(super) number: u64,
}

impl State {
    pub(super) const LENGTH: usize = 22;
    const CONFIRMED: u8 = 0xff;
    pub(super) const NO_TOKEN: u32 = u32::MAX;
    pub(super) const FACTORY: Self = Self::begin(0, Self::NO_TOKEN, None);

    pub(super) const fn begin(slot: u8, token: u32, trial: Option<Trial>) -> Self {
        let (boots, deadline) = match trial {
            Some(Trial { boots, deadline: Some(deadline) }) => (boots, deadline.unix()),
            Some(Trial { boots, deadline: None }) => (boots, u64::MAX),
            None => (Self::CONFIRMED, u64::MAX),
        };
        Self { slot, boots, token, deadline, number: 0 }
    }

    pub(super) const fn is_on_trial(&self) -> bool {
        self.boots != Self::CONFIRMED
    }

    pub(super) const fn to_bytes(self) -> [u8; Self::LENGTH] {
        let [t0, t1, t2, t3] = self.token.to_le_bytes();
        let [d0, d1, d2, d3, d4, d5, d6, d7] = self.deadline.to_le_bytes();
        let [n0, n1, n2, n3, n4, n5, n6, n7] = self.number.to_le_bytes();
        [
            self.slot, self.boots, t0, t1, t2, t3, d0, d1, d2, d3, d4, d5, d6, d7, n0, n1, n2, n3,
            n4, n5, n6, n7,
        ]
    }

    pub(super) const fn from_bytes(bytes: &[u8; Self::LENGTH]) -> Self {
        let [
            slot,
            boots,
            t0,
            t1,
            t2,
            t3,
            d0,
            d1,
            d2,
            d3,
            d4,
            d5,
            d6,
            d7,
            n0,
            n1,
            n2,
            n3,
            n4,
            n5,
            n6,
            n7,
        ] = *bytes;
        Self {
            slot: slot & 1,
            boots,
            token: u32::from_le_bytes([t0, t1, t2, t3]),
            deadline: u64::from_le_bytes([d0, d1, d2, d3, d4, d5, d6, d7]),
            number: u64::from_le_bytes([n0, n1, n2, n3, n4, n5, n6, n7]),
        }
    }
}
