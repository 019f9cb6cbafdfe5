//! A transfer that goes on where it was interrupted.

use core::task::Poll;

use iotops_crypto::{Algorithm, Hasher, digest};

use crate::model::SuitDigest;
use crate::process::{Answer, Fault};
use crate::{Error, rules};

/// A part of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "written by callers")]
pub struct Part {
    /// How many bytes were put into the buffer; 0 at the end.
    pub length: usize,
    /// The size of the whole resource, if the server tells it.
    pub total: Option<u64>,
    /// What tells this version of the resource from another: a number made of its `ETag`, if the
    /// server gives one.
    pub version: Option<u64>,
}

/// A transport that can read from the middle of a resource: HTTP with ranges (RFC 9110 §14), or
/// CoAP block by block (RFC 7959).
pub trait Fetcher {
    /// Reads from `offset` on into `buffer`. Pending calls are repeated with the same arguments.
    fn fetch(&mut self, uri: &str, offset: u64, buffer: &mut [u8]) -> Answer<Part>;
}

/// Where a download goes.
pub trait Store {
    /// Writes what belongs at `offset`. After an interruption the last bytes come once more, the
    /// same as before.
    fn write(&mut self, offset: u64, bytes: &[u8]) -> Answer<()>;

    /// Keeps a checkpoint, in place of the one before. All bytes before [`Checkpoint::offset`]
    /// are written; a storage that buffers must flush them first, or keep the older checkpoint.
    ///
    /// # Errors
    /// The fault that kept it from being stored.
    fn checkpoint(&mut self, checkpoint: &Checkpoint) -> Result<(), Fault>;
}

/// What bounds a download.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "arguments by name")]
pub struct Limits {
    /// The size in bytes, where it is known.
    pub size: Option<u64>,
    /// The most bytes that are taken.
    pub most: u64,
    /// How often in a row the server may fail.
    pub retries: u8,
}

/// The state of a download, for storage.
///
/// Whoever can write it can write the image too: it needs no more protection than that, and what
/// was downloaded is checked again when it is installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checkpoint([u8; Self::LENGTH]);

impl Checkpoint {
    /// Bytes in storage.
    pub const LENGTH: usize = SUM + BODY;

    /// From storage; what it is worth is seen by [`Download::resume`].
    #[must_use]
    pub const fn from_bytes(bytes: [u8; Self::LENGTH]) -> Self {
        Self(bytes)
    }

    /// For storage.
    #[must_use]
    pub const fn to_bytes(&self) -> [u8; Self::LENGTH] {
        self.0
    }

    /// How many bytes of the resource are stored.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.0.get(SUM..).and_then(<[u8]>::first_chunk).copied().map_or(0, u64::from_be_bytes)
    }
}

/// The start of a digest over the URI and what follows it.
const SUM: usize = 8;
/// Offset, version, whether there is one, and the state of the digest.
const BODY: usize = 8 + 8 + 1 + Hasher::STATE;

/// What a step gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Progress {
    /// There is more to do: call again.
    More,
    /// The transport or the storage needs time: call again later.
    Pending,
    /// The server failed, and may be tried again: call again, best after a while.
    Retry,
    /// All is here: [`Download::finish`].
    Done,
}

/// A download by SHA-256: plain data, in steps.
#[derive(Clone, Debug)]
pub struct Download {
    limits: Limits,
    offset: u64,
    version: Option<u64>,
    failures: u8,
    hasher: Hasher,
    /// Bytes of the caller's buffer that wait to be written.
    filled: usize,
}

impl Download {
    /// From the beginning.
    ///
    /// # Errors
    /// None with SHA-256 built in, as it always is.
    pub fn new(limits: Limits) -> Result<Self, Error> {
        let hasher = Hasher::new(Algorithm::Sha256);
        let hasher = hasher.ok_or(Error::new(rules::DIGEST_ALGORITHM, 0))?;
        Ok(Self { limits, offset: 0, version: None, failures: 0, hasher, filled: 0 })
    }

    /// From a checkpoint of a download of the same URI.
    ///
    /// # Errors
    /// [`rules::DOWNLOAD_CHECKPOINT`] if it is of another one, or damaged: begin anew.
    pub fn resume(uri: &str, checkpoint: &Checkpoint, limits: Limits) -> Result<Self, Error> {
        let broken = Error::new(rules::DOWNLOAD_CHECKPOINT, 0);
        let (sum, body) = checkpoint.0.split_first_chunk::<SUM>().ok_or(broken)?;
        if sum_of(uri, body) != Some(*sum) {
            return Err(broken);
        }
        let (offset, rest) = body.split_first_chunk().ok_or(broken)?;
        let (version, rest) = rest.split_first_chunk().ok_or(broken)?;
        let (has_version, state) = rest.split_first().ok_or(broken)?;
        let hasher = state.try_into().ok().and_then(Hasher::restore).ok_or(broken)?;
        let version = (*has_version == 1).then(|| u64::from_be_bytes(*version));
        let offset = u64::from_be_bytes(*offset);
        Ok(Self { limits, offset, version, failures: 0, hasher, filled: 0 })
    }

    fn checkpoint(&self, uri: &str) -> Option<Checkpoint> {
        let mut bytes = [0; Checkpoint::LENGTH];
        let (sum, body) = bytes.split_first_chunk_mut::<SUM>()?;
        let state = self.hasher.save()?;
        let version = self.version.unwrap_or_default().to_be_bytes();
        let parts = [&self.offset.to_be_bytes()[..], &version, &[u8::from(self.version.is_some())]];
        let all = parts.into_iter().flatten().chain(&state);
        body.iter_mut().zip(all).for_each(|(to, from)| *to = *from);
        *sum = sum_of(uri, body)?;
        Some(Checkpoint(bytes))
    }

    /// How many bytes are stored.
    #[must_use]
    pub const fn offset(&self) -> u64 {
        self.offset
    }

    /// Fetches a block into `buffer` and stores it. The same buffer must come back until a step is
    /// not pending.
    ///
    /// # Errors
    /// [`rules::DOWNLOAD_CHANGED`], [`rules::DOWNLOAD_SIZE`], [`rules::DOWNLOAD_RETRIES`],
    /// [`rules::DOWNLOAD_STORE`].
    pub fn step(
        &mut self,
        uri: &str,
        fetcher: &mut dyn Fetcher,
        store: &mut dyn Store,
        buffer: &mut [u8],
    ) -> Result<Progress, Error> {
        if self.filled == 0 && self.limits.size == Some(self.offset) {
            return Ok(Progress::Done);
        }
        if self.filled == 0 {
            match fetcher.fetch(uri, self.offset, buffer) {
                Poll::Pending => return Ok(Progress::Pending),
                Poll::Ready(Err(_)) => return self.failed(),
                Poll::Ready(Ok(part)) => {
                    self.check(&part)?;
                    if part.length == 0 {
                        return self.ended(&part);
                    }
                    self.filled = part.length.min(buffer.len());
                    self.check_size()?;
                    self.failures = 0;
                }
            }
        }
        let block = buffer.get(..self.filled).unwrap_or_default();
        match store.write(self.offset, block) {
            Poll::Pending => return Ok(Progress::Pending),
            Poll::Ready(Err(_)) => return Err(Error::new(rules::DOWNLOAD_STORE, 0)),
            Poll::Ready(Ok(())) => {}
        }
        self.hasher.update(block);
        self.offset = self.after();
        self.filled = 0;
        let kept = self.checkpoint(uri).is_some_and(|state| store.checkpoint(&state).is_ok());
        if kept { Ok(Progress::More) } else { Err(Error::new(rules::DOWNLOAD_STORE, 0)) }
    }

    /// Where the download is when the buffer is written.
    fn after(&self) -> u64 {
        self.offset.saturating_add(u64::try_from(self.filled).unwrap_or(u64::MAX))
    }

    /// The resource must be the one that the download began with.
    fn check(&mut self, part: &Part) -> Result<(), Error> {
        match (self.version, part.version) {
            (Some(known), Some(found)) if known != found => {
                return Err(Error::new(rules::DOWNLOAD_CHANGED, 0));
            }
            (None, found) => self.version = found,
            _ => {}
        }
        match (self.limits.size, part.total) {
            (Some(size), Some(total)) if size != total => Err(Error::new(rules::DOWNLOAD_SIZE, 0)),
            _ => Ok(()),
        }
    }

    fn check_size(&self) -> Result<(), Error> {
        let most = self.limits.size.unwrap_or(u64::MAX).min(self.limits.most);
        if self.after() > most { Err(Error::new(rules::DOWNLOAD_SIZE, 0)) } else { Ok(()) }
    }

    /// The server says that this is the end.
    fn ended(&mut self, part: &Part) -> Result<Progress, Error> {
        match self.limits.size.or(part.total) {
            Some(size) if size > self.offset => self.failed(),
            _ => Ok(Progress::Done),
        }
    }

    fn failed(&mut self) -> Result<Progress, Error> {
        self.failures = self.failures.saturating_add(1);
        if self.failures > self.limits.retries {
            return Err(Error::new(rules::DOWNLOAD_RETRIES, 0));
        }
        Ok(Progress::Retry)
    }

    /// Checks that what was stored has this digest.
    ///
    /// # Errors
    /// [`rules::DOWNLOAD_SIZE`] if it is not all of it, [`rules::DOWNLOAD_DIGEST`].
    pub fn finish(self, expected: &SuitDigest<'_>) -> Result<u64, Error> {
        if self.limits.size.is_some_and(|size| size != self.offset) {
            return Err(Error::new(rules::DOWNLOAD_SIZE, 0));
        }
        let is_it =
            expected.algorithm() == Algorithm::Sha256 && expected.matches(&self.hasher.finish());
        if is_it { Ok(self.offset) } else { Err(Error::new(rules::DOWNLOAD_DIGEST, 0)) }
    }
}

fn sum_of(uri: &str, body: &[u8]) -> Option<[u8; SUM]> {
    let sum = digest(Algorithm::Sha256, &[uri.as_bytes(), body])?;
    sum.as_bytes().first_chunk().copied()
}
