//! SRV records (RFC 2782): on which host and port a service is.

use crate::{Error, rules};

/// The longest label of a name (RFC 1035 §2.3.4).
pub(super) const LABEL: usize = 63;
/// The longest name, with the lengths of its labels and the root (RFC 1035 §2.3.4).
pub(super) const NAME: usize = 255;
/// Priority, weight and port.
const NUMBERS: usize = 6;

/// The data of an SRV record, well formed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Location<'a> {
    /// Hosts with a lower one are tried first.
    pub priority: u16,
    /// The share of those with the same priority.
    pub weight: u16,
    /// The port.
    pub port: u16,
    /// The host. Without labels: there is no such service.
    pub target: Name<'a>,
}

/// A name without compression, well formed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Name<'a>(&'a [u8]);

impl<'a> Location<'a> {
    /// Reads the data of a record.
    ///
    /// # Errors
    /// [`rules::SERVICE_LOCATION`] if it is not what such a record is, [`rules::SERVICE_NAME`] if
    /// the name is too long.
    pub fn read(data: &'a [u8]) -> Result<Self, Error> {
        let broken = Error::new(rules::SERVICE_LOCATION, 0);
        let (&[a, b, c, d, e, f], name) = data.split_first_chunk::<NUMBERS>().ok_or(broken)?;
        let number = |high, low| u16::from_be_bytes([high, low]);
        let target = Name::read(name)?;
        Ok(Self { priority: number(a, b), weight: number(c, d), port: number(e, f), target })
    }
}

impl<'a> Name<'a> {
    fn read(data: &'a [u8]) -> Result<Self, Error> {
        if data.len() > NAME {
            return Err(Error::new(rules::SERVICE_NAME, 6));
        }
        let broken = Error::new(rules::SERVICE_LOCATION, 6);
        let mut rest = data;
        loop {
            let (label, behind) = split(rest).ok_or(broken)?;
            // "name compression is not to be used for this field": a pointer reads as such a length.
            if label.len() > LABEL {
                return Err(broken);
            }
            rest = behind;
            if label.is_empty() {
                break;
            }
        }
        if rest.is_empty() { Ok(Self(data)) } else { Err(broken) }
    }

    /// Its labels, as they are: any bytes.
    #[must_use = "iterators do nothing unless consumed"]
    pub fn labels(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let mut rest = self.0;
        core::iter::from_fn(move || {
            let (label, behind) = split(rest)?;
            rest = behind;
            (!label.is_empty()).then_some(label)
        })
    }
}

/// A label, and what is behind it.
fn split(data: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = data.split_first()?;
    rest.split_at_checked(usize::from(*length))
}

/// Writes the data of an SRV record to `space`, and gives its length. `target` is the host with its
/// domain: `gateway.local`; empty if there is no such service.
///
/// # Errors
/// [`rules::SERVICE_NAME`] for labels that are empty or too long and for a name that is,
/// [`iotops_wire::rules::OUT_OF_SPACE`].
pub fn write_location(
    [priority, weight, port]: [u16; 3],
    target: &str,
    space: &mut [u8],
) -> Result<usize, Error> {
    let labels = || target.split('.').filter(|_| !target.is_empty());
    let is_name = labels().all(|label| (1..=LABEL).contains(&label.len()));
    if !is_name || target.len().saturating_add(2) > NAME {
        return Err(Error::new(rules::SERVICE_NAME, 0));
    }
    let numbers = [priority, weight, port].into_iter().flat_map(u16::to_be_bytes);
    let names =
        labels().flat_map(|label| u8::try_from(label.len()).into_iter().chain(label.bytes()));
    let mut length: usize = 0;
    let mut places = space.iter_mut();
    for byte in numbers.chain(names).chain([0]) {
        let place = places.next().ok_or(Error::new(iotops_wire::rules::OUT_OF_SPACE, 0))?;
        *place = byte;
        length = length.saturating_add(1);
    }
    Ok(length)
}
