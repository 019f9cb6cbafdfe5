//! What changed between two manifests.

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::fmt;

use super::node::{Node, hex};
use iotops_crypto::{Algorithm, digest};

use super::open;
use super::print::tree;
use crate::Error;

/// The most pairs of items of two lists that are compared.
const PAIRS: usize = 1 << 20;

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Change {
    /// Where: a JSON pointer (RFC 6901) into the template that [`super::decompose`] prints of the
    /// later manifest, or of the earlier one for what was taken away.
    pub path: String,
    /// What stood there, as JSON; `None` for what was added. Of integrated payloads, size and digest.
    pub before: Option<String>,
    /// What stands there, as JSON; `None` for what was taken away.
    pub after: Option<String>,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.before, &self.after) {
            (Some(before), Some(after)) => write!(f, "~ {}: {before} -> {after}", self.path),
            (None, Some(after)) => write!(f, "+ {}: {after}", self.path),
            (Some(before), None) => write!(f, "- {}: {before}", self.path),
            (None, None) => f.write_str(&self.path),
        }
    }
}

/// Lists what a manifest says otherwise than an earlier one: elements, components, the commands of
/// each section, single parameters, texts, and what the envelope carries. Signatures are not
/// compared, nor is the encoding.
///
/// Commands that moved together are no change; one that is of the same name in the same place, but
/// has another argument, is a change of its argument.
///
/// # Errors
/// The rule that an envelope or its manifest breaks; the place is in
/// [`Stored`](iotops_wire::Input::Stored) input for the earlier one.
pub fn diff(before: &[u8], after: &[u8]) -> Result<Vec<Change>, Error> {
    let before = open(before).map_err(|error| error.of(iotops_wire::Input::Stored))?;
    let mut changes = Vec::new();
    let (before, after) = (tree(&before, payload), tree(&open(after)?, payload));
    compare(&mut String::new(), &before, &after, &mut changes);
    Ok(changes)
}

/// Of an integrated payload it is enough to know whether it is another.
fn payload(content: &[u8]) -> Node {
    let digest = digest(Algorithm::Sha256, &[content]);
    let digest = digest.map(|digest| hex(digest.as_bytes())).unwrap_or_default();
    let size = i128::try_from(content.len()).unwrap_or_default();
    Node::Object(Vec::from([
        ("size".into(), Node::Number(size)),
        ("SHA-256".into(), Node::Text(digest)),
    ]))
}

fn compare(path: &mut String, before: &Node, after: &Node, changes: &mut Vec<Change>) {
    match (before, after) {
        _ if before == after => {}
        (Node::Object(before), Node::Object(after)) => members(path, before, after, changes),
        (Node::Array(old), Node::Array(new)) if is_list(old) && is_list(new) => {
            items(path, old, new, changes);
        }
        _ => tell(path, Some(before), Some(after), changes),
    }
}

fn tell(path: &str, before: Option<&Node>, after: Option<&Node>, changes: &mut Vec<Change>) {
    let (before, after) = (before.map(Node::compact), after.map(Node::compact));
    changes.push(Change { path: path.into(), before, after });
}

/// Runs `inside` with a step added to the path.
fn step(path: &mut String, name: &str, inside: impl FnOnce(&mut String)) {
    let length = path.len();
    path.push('/');
    path.push_str(&name.replace('~', "~0").replace('/', "~1"));
    inside(path);
    path.truncate(length);
}

fn members(
    path: &mut String,
    before: &[(String, Node)],
    after: &[(String, Node)],
    changes: &mut Vec<Change>,
) {
    let find = |list: &[(String, Node)], name: &str| -> Option<Node> {
        list.iter().find(|(found, _)| found == name).map(|(_, value)| value.clone())
    };
    for (name, old) in before {
        step(path, name, |path| match find(after, name) {
            Some(new) => compare(path, old, &new, changes),
            None => tell(path, Some(old), None, changes),
        });
    }
    for (name, new) in after {
        if find(before, name).is_none() {
            step(path, name, |path| tell(path, None, Some(new), changes));
        }
    }
}

/// Numbers in an array are one value, such as a version.
fn is_list(items: &[Node]) -> bool {
    !items.iter().any(|item| matches!(item, Node::Number(_)))
}

/// How well two items go together: equal ones best, commands of one name well enough.
fn likeness(before: &Node, after: &Node) -> u32 {
    if before == after {
        return 3;
    }
    match (name(before), name(after)) {
        (Some(one), Some(other)) if one == other => 1,
        _ => 0,
    }
}

/// The name of a command.
fn name(node: &Node) -> Option<&str> {
    match node {
        Node::Text(name) => Some(name),
        Node::Object(members) => match members.as_slice() {
            [(name, _)] => Some(name),
            _ => None,
        },
        _ => None,
    }
}

fn items(path: &mut String, before: &[Node], after: &[Node], changes: &mut Vec<Change>) {
    let pairs = align(before, after);
    let (mut old, mut new) = ((0_usize..).zip(before), (0_usize..).zip(after));
    // Behind the last pair comes all that is left.
    for (left, right) in pairs.into_iter().chain([(before.len(), after.len())]) {
        for (index, item) in old.by_ref().take_while(|(index, _)| *index < left) {
            step(path, &index.to_string(), |path| tell(path, Some(item), None, changes));
        }
        for (index, item) in new.by_ref().take_while(|(index, _)| *index < right) {
            step(path, &index.to_string(), |path| tell(path, None, Some(item), changes));
        }
        // `take_while` has consumed the pair itself.
        if let (Some(one), Some(other)) = (before.get(left), after.get(right)) {
            step(path, &right.to_string(), |path| compare(path, one, other, changes));
        }
    }
}

/// The pairs of items that belong together, in order: the alignment of the greatest likeness.
fn align(before: &[Node], after: &[Node]) -> Vec<(usize, usize)> {
    let same = before.iter().zip(after).take_while(|(one, other)| one == other).count();
    let mut pairs: Vec<(usize, usize)> = (0..same).map(|index| (index, index)).collect();
    let (old, new) =
        (before.get(same..).unwrap_or_default(), after.get(same..).unwrap_or_default());
    if old.len().saturating_mul(new.len()) <= PAIRS {
        trace(old, new, &table(old, new), |left, right| {
            pairs.push((left.saturating_add(same), right.saturating_add(same)));
        });
    }
    pairs
}

/// The likeness that the rest of both lists can reach, for each pair of rests.
fn table(old: &[Node], new: &[Node]) -> Vec<Vec<u32>> {
    let mut rows = Vec::from([alloc::vec![0; new.len().saturating_add(1)]]);
    for one in old.iter().rev() {
        let below: Vec<u32> = rows.last().cloned().unwrap_or_default();
        let mut row = Vec::from([0]);
        let diagonal = below.iter().rev();
        for ((other, diagonal), down) in
            new.iter().rev().zip(diagonal).zip(below.iter().rev().skip(1))
        {
            let like = likeness(one, other);
            let matched = if like == 0 { 0 } else { diagonal.saturating_add(like) };
            let right = row.last().copied().unwrap_or_default();
            row.push(matched.max(right).max(*down));
        }
        row.reverse();
        rows.push(row);
    }
    rows.reverse();
    rows
}

/// Walks the table along the greatest likeness.
fn trace(old: &[Node], new: &[Node], rows: &[Vec<u32>], mut pair: impl FnMut(usize, usize)) {
    let at = |left: usize, right: usize| {
        rows.get(left).and_then(|row| row.get(right)).copied().unwrap_or_default()
    };
    let (mut left, mut right) = (0_usize, 0_usize);
    while let (Some(one), Some(other)) = (old.get(left), new.get(right)) {
        let (down, next) = (left.saturating_add(1), right.saturating_add(1));
        let like = likeness(one, other);
        if like > 0 && at(left, right) == at(down, next).saturating_add(like) {
            pair(left, right);
            (left, right) = (down, next);
        } else if at(down, right) >= at(left, next) {
            left = down;
        } else {
            right = next;
        }
    }
}
