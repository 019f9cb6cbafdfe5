//! Where a command stands, as a report tells it (SUIT R §3).

use super::tree::Manifests;
use super::{Call, Position, Tree};
use crate::model::Section;

/// A tree has 16 manifests at the most, so no path is longer.
const DEPTH: usize = 15;

/// A place that does not depend on how the run numbered the manifests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CommandPlace {
    path: [u16; DEPTH],
    depth: u8,
    /// The code of the section; 4 in the shared sequence; 0 outside of all.
    pub(crate) section: u8,
    /// Bytes from the first of the section.
    pub(crate) offset: u32,
    pub(crate) component: u16,
}

impl CommandPlace {
    /// What stands for the shared sequence where a section is named.
    pub(crate) const SHARED: i64 = 4;

    /// Before any command.
    pub(crate) const BEFORE: Self =
        Self { path: [0; DEPTH], depth: 0, section: 0, offset: 0, component: 0 };

    /// The component indices of the dependencies that lead to the manifest, from the root on.
    pub(crate) fn path(&self) -> &[u16] {
        self.path.get(..usize::from(self.depth)).unwrap_or_default()
    }

    /// Another place in the same section.
    pub(crate) const fn moved_to(self, offset: u32, component: u16) -> Self {
        Self { offset, component, ..self }
    }

    fn of(manifests: Manifests<'_>, position: &Position) -> Self {
        let mut place =
            Self { component: position.component, section: position.section, ..Self::BEFORE };
        let manifest = manifests.manifest(position.manifest);
        let sequence = match Section::from_code(i64::from(position.section)) {
            Some(section) => manifest.section(section).present(),
            None => manifest.shared_sequence(),
        };
        let start = sequence.map_or(0, |sequence| sequence.offset());
        place.offset = position.offset.saturating_sub(start);
        let mut number = position.manifest;
        while let Some((parent, index)) = manifests.dependent(number) {
            place.prepend(index);
            number = parent;
        }
        place
    }

    fn prepend(&mut self, index: u16) {
        self.path.rotate_right(1);
        if let Some(first) = self.path.first_mut() {
            *first = index;
        }
        self.depth = self.depth.saturating_add(1);
    }
}

impl Call<'_> {
    /// Where the command of a record stands.
    pub(crate) fn place(&self, position: &Position) -> CommandPlace {
        CommandPlace::of(self.manifests, position)
    }
}

impl Tree<'_, '_> {
    /// Where a command stands.
    pub(crate) fn place(&self, position: &Position) -> CommandPlace {
        CommandPlace::of(self.view(), position)
    }
}
