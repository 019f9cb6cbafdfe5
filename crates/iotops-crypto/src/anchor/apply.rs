//! From a state and a signed update to the next state.

use super::change::CONTEXT;
use super::set::write_set;
use super::state::{bit, write_state, written};
use super::{ANCHORS, Anchor, AnchorId, AnchorSet, AnchorState, Change, Material, Purpose, Update};
use crate::cose::Sign1;
use crate::{Error, rules};

impl AnchorState<'_> {
    /// Applies a signed update, and writes the next state into `buffer`.
    ///
    /// Store it with [`super::save`]; until then the old one holds. The rules are those of the
    /// [module](super): an update is applied as a whole or not at all.
    ///
    /// # Errors
    /// The rules of [`rules::anchor`], those of a wrong signature, and
    /// [`iotops_wire::rules::OUT_OF_SPACE`].
    pub fn apply<'b>(&self, message: &[u8], buffer: &'b mut [u8]) -> Result<&'b [u8], Error> {
        let message = Sign1::decode(message)?;
        let Some(payload) = message.payload() else {
            return Err(Error::new(rules::PAYLOAD_DETACHED, 0));
        };
        let update = Update::decode(payload)?;
        follows(&update, self.set())?;
        let signer = self.signer(&message)?;
        let mut draft = Draft::of(self, &signer);
        for change in update.changes() {
            draft.make(&change, &signer)?;
        }
        draft.keeps_what_is_needed(self.set(), &signer)?;
        draft.write(self.set().identifier(), update.number(), buffer)
    }

    /// The anchor whose key signed: public-key work, behind all that is cheap.
    fn signer(&self, message: &Sign1<'_>) -> Result<Anchor<'_>, Error> {
        let keys = self.set().keys_with_rights();
        let verified = keys.lend(|keys| message.verify(CONTEXT, keys))?;
        let signer = keys.id(verified.key()).and_then(|id| self.set().find(id));
        signer.ok_or(Error::new(rules::NO_KEY, 0))
    }
}

/// Whether the update is the next one of this set.
fn follows(update: &Update<'_>, set: &AnchorSet<'_>) -> Result<(), Error> {
    let broken = if update.identifier() != set.identifier() {
        rules::anchor::UPDATE_SET
    } else if set.number().checked_add(1) != Some(update.number()) {
        rules::anchor::UPDATE_NUMBER
    } else if update.before() != set.digest() {
        rules::anchor::UPDATE_BEFORE
    } else {
        return Ok(());
    };
    Err(Error::new(broken, 0))
}

/// An anchor of the next set.
#[derive(Clone, Copy)]
struct Entry<'a> {
    anchor: Anchor<'a>,
    is_confirmed: bool,
    /// This update took sequence numbers from it.
    is_limited: bool,
}

impl Entry<'_> {
    /// Whether it is there for good, so that `other` may go; or is `other` itself, as it was.
    fn stays_for(&self, other: AnchorId) -> bool {
        let (_, last) = self.anchor.sequence();
        !self.is_limited && (last.is_none() || self.anchor.id() == other)
    }
}

/// The next set while it is made.
struct Draft<'a> {
    entries: [Entry<'a>; ANCHORS],
    count: usize,
}

impl<'a> Draft<'a> {
    /// The set as it is. What signed the update has verified something by that.
    fn of(state: &AnchorState<'a>, signer: &Anchor<'_>) -> Self {
        let nothing = Entry { anchor: Anchor::NOTHING, is_confirmed: false, is_limited: false };
        let mut draft = Self { entries: [nothing; ANCHORS], count: 0 };
        for (entry, (anchor, confirmed)) in draft.entries.iter_mut().zip(state.anchors()) {
            let is_confirmed = confirmed || anchor.id() == signer.id();
            *entry = Entry { anchor, is_confirmed, is_limited: false };
            draft.count = draft.count.saturating_add(1);
        }
        draft
    }

    fn entries(&self) -> &[Entry<'a>] {
        self.entries.get(..self.count).unwrap_or_default()
    }

    fn find(&mut self, id: AnchorId) -> Result<&mut Entry<'a>, Error> {
        let entries = self.entries.get_mut(..self.count).unwrap_or_default();
        let found = entries.iter_mut().find(|entry| entry.anchor.id() == id);
        found.ok_or(Error::new(rules::anchor::UNKNOWN_ANCHOR, 0))
    }

    fn make(&mut self, change: &Change<'a>, signer: &Anchor<'_>) -> Result<(), Error> {
        match *change {
            Change::Add(anchor) => {
                may_change(signer, &anchor)?;
                self.add(anchor)
            }
            Change::Revoke(id) => {
                may_change(signer, &self.find(id)?.anchor)?;
                self.remove(id);
                Ok(())
            }
            Change::Replace { lost, by } => {
                may_replace(signer, &self.find(lost)?.anchor, &by)?;
                self.remove(lost);
                self.add(by)
            }
            Change::Limit { id, first, last } => {
                let entry = self.find(id)?;
                may_change(signer, &entry.anchor)?;
                entry.limit(first, last)
            }
        }
    }

    fn add(&mut self, anchor: Anchor<'a>) -> Result<(), Error> {
        if self.entries().iter().any(|entry| entry.anchor.id() == anchor.id()) {
            return Err(Error::new(rules::anchor::KNOWN_ANCHOR, 0));
        }
        let Some(space) = self.entries.get_mut(self.count) else {
            return Err(Error::new(rules::anchor::COUNT, 0));
        };
        *space = Entry { anchor, is_confirmed: false, is_limited: false };
        self.count = self.count.saturating_add(1);
        Ok(())
    }

    fn remove(&mut self, id: AnchorId) {
        let entries = self.entries.get_mut(..self.count).unwrap_or_default();
        if let Some(index) = entries.iter().position(|entry| entry.anchor.id() == id) {
            let last = entries.len().saturating_sub(1);
            entries.swap(index, last);
            self.count = last;
        }
    }

    /// No purpose and no right loses its last anchor, nor does the signer take itself away too
    /// early.
    fn keeps_what_is_needed(
        &self,
        before: &AnchorSet<'_>,
        signer: &Anchor<'_>,
    ) -> Result<(), Error> {
        before.anchors().try_for_each(|old| {
            let is_signer = old.id() == signer.id();
            FIELDS.iter().try_for_each(|field| self.keeps(&old, *field, is_signer))
        })
    }

    fn keeps(&self, old: &Anchor<'_>, field: Field, is_signer: bool) -> Result<(), Error> {
        for purpose in field(old).iter() {
            let serves = |entry: &&Entry<'_>| {
                field(&entry.anchor).contains(purpose)
                    && entry.stays_for(old.id())
                    && (purpose != Purpose::SuitAuthor
                        || entry.anchor.prefixes().cover_all(&old.prefixes()))
            };
            let mut staying = self.entries().iter().filter(serves).peekable();
            if staying.peek().is_none() {
                return Err(Error::new(rules::anchor::LAST_ANCHOR, 0));
            }
            if is_signer && !staying.any(|entry| entry.is_confirmed) {
                return Err(Error::new(rules::anchor::UNCONFIRMED, 0));
            }
        }
        Ok(())
    }

    fn write<'b>(
        &mut self,
        identifier: &[u8],
        number: u64,
        buffer: &'b mut [u8],
    ) -> Result<&'b [u8], Error> {
        let entries = self.entries.get_mut(..self.count).unwrap_or_default();
        entries.sort_unstable_by_key(|entry| entry.anchor.id());
        let confirmed = entries.iter().enumerate().filter(|(_, entry)| entry.is_confirmed);
        let confirmed = confirmed.fold(0, |bits, (index, _)| bits | bit(index));
        let anchors = entries.iter().map(|entry| &entry.anchor);
        let bytes = written(buffer, |encoder| {
            write_state(
                encoder,
                |encoder| write_set(identifier, number, anchors, encoder),
                confirmed,
            )
        })?;
        // What is going to be stored can be read: this also holds the bounds of a set.
        AnchorState::decode(bytes)?;
        Ok(bytes)
    }
}

impl Entry<'_> {
    fn limit(&mut self, first: u64, last: Option<u64>) -> Result<(), Error> {
        if !self.anchor.admits_all(first, last) {
            return Err(Error::new(rules::anchor::WIDENED, 0));
        }
        self.is_limited = true;
        self.anchor = self.anchor.limited(first, last);
        Ok(())
    }
}

type Field = fn(&Anchor<'_>) -> super::Purposes;

/// What an anchor may be the last one of.
const FIELDS: [Field; 3] = [|one| one.purposes(), |one| one.updates(), |one| one.recovers()];

fn may_change(signer: &Anchor<'_>, anchor: &Anchor<'_>) -> Result<(), Error> {
    if signer.updates().contains_all(anchor.reach()) && is_within(signer, anchor) {
        return Ok(());
    }
    let replaces_only = !signer.recovers().is_empty();
    let rule = if replaces_only { rules::anchor::RECOVERY_ONLY } else { rules::anchor::NO_RIGHT };
    Err(Error::new(rule, 0))
}

/// By the right to change both; or by that to recover, if nothing but the key changes.
fn may_replace(signer: &Anchor<'_>, lost: &Anchor<'_>, by: &Anchor<'_>) -> Result<(), Error> {
    let has_both = [lost, by].iter().all(|anchor| may_change(signer, anchor).is_ok());
    if has_both {
        return Ok(());
    }
    if !signer.recovers().contains_all(lost.reach()) || !is_within(signer, lost) {
        return Err(Error::new(rules::anchor::NO_RIGHT, 0));
    }
    let (first, last) = by.sequence();
    let is_like = lost.admits_all(first, last)
        && FIELDS.iter().all(|field| field(lost) == field(by))
        && lost.prefixes() == by.prefixes()
        && matches!((lost.material(), by.material()), (Material::Key(_), Material::Key(_)));
    if is_like { Ok(()) } else { Err(Error::new(rules::anchor::RECOVERY_ONLY, 0)) }
}

/// Who is limited to some components changes only anchors within them.
fn is_within(signer: &Anchor<'_>, anchor: &Anchor<'_>) -> bool {
    !anchor.reach().contains(Purpose::SuitAuthor) || signer.prefixes().cover_all(&anchor.prefixes())
}
