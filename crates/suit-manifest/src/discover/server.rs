//! SRV records (RFC 2782): which host and port a service has.

use crate::{Error, rules};

/// The longest label of a name, and the longest name (RFC 1035 §2.3.4).
const LABEL: usize = 63;
const NAME: usize = 255;

/// The data of an SRV record that is well formed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Server<'a> {
    /// Lower ones are to be tried first.
    pub priority: u16,
    /// Of those with one priority, the share of this one.
    pub weight: u16,
    /// The port.
    pub port: u16,
    name: &'a [u8],
}

impl<'a> Server<'a> {
    /// Reads the data of a record. Who takes it out of a DNS message undoes compression first.
    ///
    /// # Errors
    /// [`rules::SERVICE_SERVER`] if it is no three numbers and one name.
    pub fn read(data: &'a [u8]) -> Result<Self, Error> {
        let broken = Error::new(rules::SERVICE_SERVER, 0);
        let (numbers, name) = data.split_first_chunk::<6>().ok_or(broken)?;
        let [p0, p1, w0, w1, o0, o1] = *numbers;
        let [priority, weight, port] = [[p0, p1], [w0, w1], [o0, o1]].map(u16::from_be_bytes);
        let mut rest = name;
        // "name compression is not to be used for this field": a pointer is too long for a label.
        while let Some((_, behind)) = split(rest) {
            rest = behind;
        }
        let is_name = rest == [0] && name.len() <= NAME;
        if is_name { Ok(Self { priority, weight, port, name }) } else { Err(broken) }
    }

    /// The labels of the host's name; none if "the service is decidedly not available at this
    /// domain".
    #[must_use = "iterators do nothing unless consumed"]
    pub fn labels(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let mut rest = self.name;
        core::iter::from_fn(move || {
            let (label, behind) = split(rest)?;
            rest = behind;
            Some(label)
        })
    }
}

/// A label, and what is behind it; none at the root and at what is no label.
fn split(name: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = name.split_first()?;
    let length = usize::from(*length);
    if (1..=LABEL).contains(&length) { rest.split_at_checked(length) } else { None }
}

/// Writes the data of an SRV record to `space`, and gives its length.
///
/// # Errors
/// [`rules::SERVICE_NAME`] for labels that are empty or too long, and for names that are too long;
/// [`iotops_wire::rules::OUT_OF_SPACE`].
pub fn write_server(
    priority: u16,
    weight: u16,
    port: u16,
    host: &[&[u8]],
    space: &mut [u8],
) -> Result<usize, Error> {
    let name = host.iter().fold(1_usize, |sum, label| sum.saturating_add(label.len()));
    let name = name.saturating_add(host.len());
    if name > NAME || !host.iter().all(|label| (1..=LABEL).contains(&label.len())) {
        return Err(Error::new(rules::SERVICE_NAME, 0));
    }
    let length = name.saturating_add(6);
    let out = space.get_mut(..length).ok_or(Error::new(iotops_wire::rules::OUT_OF_SPACE, 0))?;
    let numbers = [priority, weight, port].into_iter().flat_map(u16::to_be_bytes);
    let labels = host
        .iter()
        .flat_map(|label| u8::try_from(label.len()).into_iter().chain(label.iter().copied()));
    out.iter_mut().zip(numbers.chain(labels).chain([0])).for_each(|(to, from)| *to = from);
    Ok(length)
}
