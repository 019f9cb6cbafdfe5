//! Parameters as a template says them.

use alloc::string::String;
use alloc::vec::Vec;

use super::command::{bits, version};
use super::digest;
use crate::author::names;
use crate::author::node::{Node, hex};
use crate::model::{
    ActorId, ActorPermissions, ComponentMetadata, CustomValue, Parameter, Parameters, Uuid,
    VendorIdentifier, WaitEvent,
};
use crate::shape::{FILE_TYPE, METADATA, PARAMETERS, PERMISSIONS, WAIT};

pub(super) fn parameters(parameters: &Parameters<'_>) -> Node {
    let one = |one: Parameter<'_>| (names::name(&PARAMETERS, one.code()), parameter(&one));
    Node::Object(parameters.iter().map(one).collect())
}

fn parameter(parameter: &Parameter<'_>) -> Node {
    match parameter {
        Parameter::VendorIdentifier(VendorIdentifier::Uuid(id))
        | Parameter::ClassIdentifier(id)
        | Parameter::DeviceIdentifier(id) => uuid(id),
        Parameter::VendorIdentifier(VendorIdentifier::Pen(oid)) => {
            Node::only("pen", Node::Text(hex(oid)))
        }
        Parameter::ImageDigest(one) => digest(one),
        Parameter::UseBefore(number)
        | Parameter::ComponentSlot(number)
        | Parameter::ImageSize(number)
        | Parameter::SourceComponent(number)
        | Parameter::MinimumBattery(number) => Node::Number((*number).into()),
        Parameter::StrictOrder(value) | Parameter::SoftFailure(value) => Node::Bool(*value),
        Parameter::Content(bytes)
        | Parameter::InvokeArguments(bytes)
        | Parameter::FetchArguments(bytes) => Node::bytes(bytes),
        Parameter::EncryptionInfo(info) => Node::hex(info.as_encoded()),
        Parameter::Uri(uri) => Node::text(uri),
        Parameter::UpdatePriority(priority) => Node::Number((*priority).into()),
        Parameter::Version(one) => version(one),
        Parameter::WaitInfo(info) => Node::Object(info.events().map(event).collect()),
        Parameter::ComponentMetadata(one) => metadata(one),
        Parameter::Custom(_, value) => custom(value),
    }
}

fn custom(value: &CustomValue<'_>) -> Node {
    match value {
        CustomValue::Integer(integer) => Node::Number((*integer).into()),
        CustomValue::Bool(value) => Node::Bool(*value),
        CustomValue::Text(text) => Node::text(text),
        CustomValue::Bytes(bytes) => Node::hex(bytes),
    }
}

/// In groups of 8, 4, 4, 4 and 12 digits.
fn uuid(uuid: &Uuid) -> Node {
    let digits = hex(uuid);
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if matches!(index, 8 | 12 | 16 | 20) {
            text.push('-');
        }
        text.push(digit);
    }
    Node::Text(text)
}

fn event(event: WaitEvent<'_>) -> (String, Node) {
    let value = match event {
        WaitEvent::Authorization(number)
        | WaitEvent::Power(number)
        | WaitEvent::Network(number) => Node::Number(number.into()),
        WaitEvent::OtherDeviceVersion(other) => Node::Object(Vec::from([
            ("device".into(), Node::bytes(other.device())),
            ("versions".into(), Node::Array(other.matches().map(|one| version(&one)).collect())),
        ])),
        WaitEvent::Time(number)
        | WaitEvent::TimeOfDay(number)
        | WaitEvent::DayOfWeek(number)
        | WaitEvent::TimeOfDayUtc(number)
        | WaitEvent::DayOfWeekUtc(number) => Node::Number(number.into()),
    };
    (names::name(&WAIT, event.event().code()), value)
}

fn metadata(metadata: &ComponentMetadata<'_>) -> Node {
    let fields = metadata.fields();
    let permitted = |set: u64| Node::Array(bits(&PERMISSIONS, set));
    let time = |time: iotops_wire::Time| Node::Number(time.unix().into());
    let file_type =
        |one: crate::model::FileType| Node::Text(names::name_of_value(&FILE_TYPE, one.code()));
    let entries = [
        fields.default_permissions.map(|one| permitted(one.bits())),
        fields.user_permissions.map(actors),
        fields.group_permissions.map(actors),
        fields.role_permissions.map(actors),
        fields.file_type.map(file_type),
        fields.modification_time.map(time),
        fields.creation_time.map(time),
        fields.creator.map(actor),
    ];
    let named =
        (1..).zip(entries).filter_map(|(code, node)| Some((names::name(&METADATA, code), node?)));
    Node::Object(named.collect())
}

fn actors(actors: ActorPermissions<'_>) -> Node {
    let one = |(who, permissions): (ActorId<'_>, crate::model::Permissions)| {
        Node::Object(Vec::from([
            ("actor".into(), actor(who)),
            ("permissions".into(), Node::Array(bits(&PERMISSIONS, permissions.bits()))),
        ]))
    };
    Node::Array(actors.iter().map(one).collect())
}

fn actor(actor: ActorId<'_>) -> Node {
    match actor {
        ActorId::Number(number) => Node::Number(number.into()),
        ActorId::Bytes(bytes) => Node::hex(bytes),
        ActorId::Name(name) => Node::text(name),
        ActorId::Uuid(bytes) => Node::only("uuid", Node::Text(hex(bytes))),
    }
}
