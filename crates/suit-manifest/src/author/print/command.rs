//! Commands as a template says them.

use alloc::string::ToString as _;
use alloc::vec::Vec;

use super::numbers;
use super::parameter::parameters;
use crate::author::names;
use crate::author::node::Node;
use crate::model::{Command, Custom, Index, ReportingPolicy, Sequence, TryEach};
use crate::shape::{PARAMETERS, POLICY, SEQUENCE};

pub(super) fn sequence(sequence: Sequence<'_>) -> Node {
    Node::Array(sequence.commands().map(|one| command(&one)).collect())
}

fn command(command: &Command<'_>) -> Node {
    let name = names::name(&SEQUENCE, command.code());
    let argument = match command {
        Command::Condition(_, policy) | Command::Action(_, policy) => {
            if *policy == ReportingPolicy::NONE {
                return Node::Text(name);
            }
            reporting(*policy)
        }
        Command::SetComponentIndex(index) => match index {
            Index::One(index) => Node::Number((*index).into()),
            Index::All => Node::Bool(true),
            Index::Several(indices) => {
                Node::Array(indices.iter().map(|index| Node::Number(index.into())).collect())
            }
        },
        Command::TryEach(alternatives) => try_each(alternatives),
        Command::RunSequence(nested) => sequence(*nested),
        Command::SetParameters(set) | Command::OverrideParameters(set) => parameters(set),
        Command::OverrideMultiple(several) => Node::Object(
            several
                .iter()
                .map(|one| (one.index.to_string(), parameters(&one.parameters)))
                .collect(),
        ),
        Command::CopyParameters(copies) => {
            let names = |codes: crate::model::Integers<'_>| {
                codes.iter().map(|code| Node::Text(names::name(&PARAMETERS, code))).collect()
            };
            Node::Object(
                copies
                    .iter()
                    .map(|(index, codes)| (index.to_string(), Node::Array(names(codes))))
                    .collect(),
            )
        }
        Command::Custom(_, argument) => custom(argument),
    };
    Node::only(name, argument)
}

fn reporting(policy: ReportingPolicy) -> Node {
    if policy == ReportingPolicy::ALL {
        return Node::text(names::ALL);
    }
    Node::Array(bits(&POLICY, policy.bits().into()))
}

/// The names of the bits that are set.
pub(super) fn bits(table: &iotops_wire::shape::Shape, set: u64) -> Vec<Node> {
    let is_set = |(bit, _): &(u64, &str)| set & bit != 0;
    names::bits(table).filter(is_set).map(|(_, name)| Node::text(name)).collect()
}

fn try_each(alternatives: &TryEach<'_>) -> Node {
    let nil = alternatives.ends_with_nil().then_some(Node::Null);
    Node::Array(alternatives.sequences().map(sequence).chain(nil).collect())
}

fn custom(argument: &Custom<'_>) -> Node {
    match argument {
        Custom::Bytes(bytes) => Node::hex(bytes),
        Custom::Text(text) => Node::text(text),
        Custom::Integer(integer) => Node::Number((*integer).into()),
        Custom::Nil => Node::Null,
    }
}

/// A comparison with a version.
pub(super) fn version(one: &crate::model::VersionMatch<'_>) -> Node {
    let comparison = names::name_of_value(&crate::shape::COMPARISON, one.comparison.code());
    Node::Object(Vec::from([
        ("comparison".into(), Node::Text(comparison)),
        ("version".into(), numbers(one.version.numbers())),
    ]))
}
