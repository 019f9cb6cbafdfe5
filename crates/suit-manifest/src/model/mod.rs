//! The types of a manifest: borrowed, and only made by decoding.
//!
//! Lists are views over their encoding; iterating them reads it again. As a view exists only for
//! what was validated, that reading cannot fail, and iterators end where the list ends.

mod codes;
mod command;
mod component;
mod digest;
mod list;
mod metadata;
#[cfg(feature = "suit-mud-draft")]
mod mud;
mod parameter;
mod text;
mod version;
mod wait;

pub(crate) use codes::*;
pub use codes::{Action, Condition, Element, Event, FileType, ParameterKey, Section};
pub use command::{
    Command, ComponentParameters, CopyParameters, Custom, Index, OverrideMultiple, ReportingPolicy,
    Sequence, TryEach,
};
pub use component::{ComponentIdentifier, Components, Dependencies, Dependency};
pub use digest::SuitDigest;
pub use list::{Integers, Unsigneds};
pub use metadata::{ActorId, ActorPermissions, ComponentMetadata, MetadataFields, Permissions};
#[cfg(feature = "suit-mud-draft")]
pub use mud::{Mud, MudCodes};
pub(crate) use parameter::TAG_PEN;
pub use parameter::{CustomValue, EncryptionInfo, Parameter, Parameters, Uuid, VendorIdentifier};
pub use text::{ComponentTexts, Text, TextMap, Texts};
pub use version::{Comparison, Version, VersionMatch};
pub use wait::{OtherDevice, WaitEvent, WaitInfo};
