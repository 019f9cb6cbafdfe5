//! What a device will need to fetch.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use super::flow::{Event, follow, value};
use super::open;
use crate::decode::Member;
use crate::model::{Parameter, ParameterKey, Section, SuitDigest};
use crate::{Error, Manifest, rules};

/// Something that the envelope does not carry and a device will fetch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Need<'a> {
    /// The section that fetches it.
    pub section: Section,
    /// The component that it is for; `None` for the section itself, where that was severed.
    pub component: Option<u64>,
    /// Where it is: for a section, the reference URI of the manifest. `None` if no URI is set.
    pub uri: Option<&'a str>,
    /// The digest of what is fetched, after decryption.
    pub digest: Option<SuitDigest<'a>>,
    /// Its size in bytes, after decryption.
    pub size: Option<u64>,
    /// Whether it is encrypted.
    pub is_encrypted: bool,
}

/// Lists what a device will need to fetch for the manifest in an envelope, in the order of the
/// sections' codes; a thing that is fetched in alternatives with another digest is listed with
/// each.
///
/// Whoever carries updates to devices that have no network puts these into the envelope
/// ([`super::Distribution::integrate`], [`super::Distribution::unsever`]). Dependencies that are
/// not in the envelope may need more.
///
/// # Errors
/// The rule that the envelope or the manifest breaks, and [`rules::LINT_LIMIT`] if it has too many
/// paths to tell.
pub fn needs(document: &[u8]) -> Result<Vec<Need<'_>>, Error> {
    let manifest = open(document)?;
    let (needs, _) = split(&manifest)?;
    Ok(needs)
}

/// The needs of a manifest, and what it fetches that the envelope carries.
pub(super) fn split<'a>(manifest: &Manifest<'a>) -> Result<(Vec<Need<'a>>, Vec<Need<'a>>), Error> {
    let (mut needs, mut carried) = (Vec::new(), Vec::new());
    for section in Section::ALL {
        if let Member::Severed(digest) = manifest.section(*section) {
            let uri = manifest.reference_uri();
            let section = *section;
            let (component, size, is_encrypted) = (None, None, false);
            let digest = Some(digest);
            needs.push(Need { section, component, uri, digest, size, is_encrypted });
        }
    }
    let integrated: BTreeSet<&str> = manifest.integrated_payloads().map(|one| one.uri).collect();
    for need in fetched(manifest)? {
        let is_carried = need.uri.is_some_and(|uri| integrated.contains(uri));
        let list = if is_carried { &mut carried } else { &mut needs };
        if !list.contains(&need) {
            list.push(need);
        }
    }
    needs.sort_by_key(|need| need.section);
    Ok((needs, carried))
}

/// Every fetch on every path.
fn fetched<'a>(manifest: &Manifest<'a>) -> Result<Vec<Need<'a>>, Error> {
    let mut is_exhausted = false;
    let mut found: Vec<Need<'a>> = Vec::new();
    follow(manifest, &mut |section, values, event| {
        is_exhausted |= matches!(event, Event::Exhausted);
        let Event::Fetched { component, state, .. } = event else { return };
        let value = |key| value(values, state, component, key);
        let uri = match value(ParameterKey::Uri) {
            Some(Parameter::Uri(uri)) => Some(uri),
            _ => None,
        };
        let digest = match value(ParameterKey::ImageDigest) {
            Some(Parameter::ImageDigest(digest)) => Some(digest),
            _ => None,
        };
        let size = match value(ParameterKey::ImageSize) {
            Some(Parameter::ImageSize(size)) => Some(size),
            _ => None,
        };
        let is_encrypted = value(ParameterKey::EncryptionInfo).is_some();
        let component = Some(component);
        let need = Need { section, component, uri, digest, size, is_encrypted };
        if !found.contains(&need) {
            found.push(need);
        }
    });
    if is_exhausted {
        return Err(manifest.envelope().manifest().error(rules::LINT_LIMIT).into());
    }
    Ok(found)
}
