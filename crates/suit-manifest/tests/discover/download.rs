//! Downloads that are interrupted: by servers, storages and power cuts.

use core::task::Poll;

use iotops_crypto::{Algorithm, digest};
use proptest::prelude::*;
use suit_manifest::discover::{Checkpoint, Download, Fetcher, Limits, Part, Progress, Store};
use suit_manifest::model::SuitDigest;
use suit_manifest::process::{Answer, Fault};
use suit_manifest::{Error, rules};

const URI: &str = "http://example.com/image";

fn image(length: usize) -> Vec<u8> {
    (0..length).map(|place| (place * 7 % 251) as u8).collect()
}

/// A server that fails, dawdles and cuts answers short when its counter says so.
struct Server {
    image: Vec<u8>,
    version: Option<u64>,
    calls: usize,
    fails_at: Vec<usize>,
    pends_at: Vec<usize>,
    most: usize,
}

impl Server {
    fn new(image: Vec<u8>) -> Self {
        let (fails_at, pends_at) = (vec![], vec![]);
        Self { image, version: Some(1), calls: 0, fails_at, pends_at, most: usize::MAX }
    }
}

impl Fetcher for Server {
    fn fetch(&mut self, uri: &str, offset: u64, buffer: &mut [u8]) -> Answer<Part> {
        assert_eq!(uri, URI);
        self.calls += 1;
        if self.pends_at.contains(&self.calls) {
            return Poll::Pending;
        }
        if self.fails_at.contains(&self.calls) {
            return Poll::Ready(Err(Fault::Failed));
        }
        let rest = &self.image[(offset as usize).min(self.image.len())..];
        let length = rest.len().min(buffer.len()).min(self.most);
        buffer[..length].copy_from_slice(&rest[..length]);
        let total = Some(self.image.len() as u64);
        Poll::Ready(Ok(Part { length, total, version: self.version }))
    }
}

/// A file, and the last checkpoint; the power fails after so many changes.
#[derive(Default)]
struct Disk {
    content: Vec<u8>,
    checkpoint: Option<[u8; Checkpoint::LENGTH]>,
    changes: usize,
    power: Option<usize>,
}

impl Disk {
    fn change(&mut self) -> Result<(), Fault> {
        self.changes += 1;
        if self.power.is_some_and(|power| self.changes > power) {
            Err(Fault::Failed)
        } else {
            Ok(())
        }
    }
}

impl Store for Disk {
    fn write(&mut self, offset: u64, bytes: &[u8]) -> Answer<()> {
        if self.change().is_err() {
            // A torn write.
            self.content.truncate(offset as usize);
            self.content.extend(bytes.iter().map(|byte| byte ^ 0x55));
            return Poll::Ready(Err(Fault::Failed));
        }
        self.content.truncate(offset as usize);
        assert_eq!(self.content.len() as u64, offset, "no gaps");
        self.content.extend_from_slice(bytes);
        Poll::Ready(Ok(()))
    }

    fn checkpoint(&mut self, checkpoint: &Checkpoint) -> Result<(), Fault> {
        self.change()?;
        self.checkpoint = Some(checkpoint.to_bytes());
        Ok(())
    }
}

fn limits(size: Option<u64>) -> Limits {
    Limits { size, most: 100_000, retries: 3 }
}

/// Goes on from the last checkpoint, or from the start.
fn run(server: &mut Server, disk: &mut Disk, size: Option<u64>) -> Result<Download, Error> {
    let stored = disk.checkpoint.map(Checkpoint::from_bytes);
    let mut download = match stored {
        Some(checkpoint) => Download::resume(URI, &checkpoint, limits(size))?,
        None => Download::new(limits(size))?,
    };
    let mut buffer = [0; 64];
    loop {
        match download.step(URI, server, disk, &mut buffer)? {
            Progress::Done => return Ok(download),
            _ => assert!(server.calls < 10_000),
        }
    }
}

fn finish(download: Download, image: &[u8]) -> Result<u64, Error> {
    let Some(computed) = digest(Algorithm::Sha256, &[image]) else { panic!("built in") };
    download.finish(&SuitDigest::new(Algorithm::Sha256, computed.as_bytes())?)
}

#[test]
fn a_download_goes_on_after_every_cut() {
    let image = image(1000);
    for power in 0..34 {
        let mut disk = Disk { power: Some(power), ..Disk::default() };
        let mut server = Server::new(image.clone());
        match run(&mut server, &mut disk, Some(1000)) {
            Err(error) => assert_eq!(error.rule(), rules::DOWNLOAD_STORE),
            Ok(_) => assert!(power >= 32),
        }
        disk.power = None;
        let before = disk.checkpoint.map_or(0, |bytes| Checkpoint::from_bytes(bytes).offset());
        assert!(before as usize <= 1000);
        let download = run(&mut server, &mut disk, Some(1000)).unwrap();
        assert_eq!(finish(download, &image).unwrap(), 1000);
        assert_eq!(disk.content, image);
    }
}

#[test]
fn servers_may_fail_dawdle_and_answer_in_part() {
    let image = image(1000);
    for call in 1..=20 {
        let mut server = Server::new(image.clone());
        (server.fails_at, server.pends_at) = (vec![call, call + 1, call + 3], vec![call + 2]);
        server.most = 50;
        let mut disk = Disk::default();
        let download = run(&mut server, &mut disk, None).unwrap();
        assert_eq!(finish(download, &image).unwrap(), 1000);
        assert_eq!(disk.content, image);
    }
    let mut away = Server::new(image);
    away.fails_at = (5..9).collect();
    let error = run(&mut away, &mut Disk::default(), None).unwrap_err();
    assert_eq!(error.rule(), rules::DOWNLOAD_RETRIES);
}

#[test]
fn what_changes_on_the_way_is_refused() {
    let mut server = Server::new(image(1000));
    let mut disk = Disk { power: Some(9), ..Disk::default() };
    run(&mut server, &mut disk, None).unwrap_err();
    disk.power = None;
    server.version = Some(2);
    let error = run(&mut server, &mut disk, None).unwrap_err();
    assert_eq!(error.rule(), rules::DOWNLOAD_CHANGED);
    // Without versions, the digest tells.
    server.version = None;
    server.image[999] ^= 1;
    let mut other = server.image.clone();
    other[0] ^= 1;
    let download = run(&mut server, &mut Disk::default(), None).unwrap();
    assert_eq!(finish(download, &other).unwrap_err().rule(), rules::DOWNLOAD_DIGEST);
}

#[test]
fn sizes_are_bounds() {
    let rule = |size, length| {
        let mut server = Server::new(image(length));
        let download = run(&mut server, &mut Disk::default(), size);
        download.and_then(|one| finish(one, &image(length))).err().map(|error| error.rule())
    };
    assert_eq!(rule(Some(1000), 1000), None);
    assert_eq!(rule(None, 1000), None);
    assert_eq!(rule(Some(999), 1000), Some(rules::DOWNLOAD_SIZE));
    assert_eq!(rule(Some(1001), 1000), Some(rules::DOWNLOAD_SIZE));
    assert_eq!(rule(None, 100_001), Some(rules::DOWNLOAD_SIZE));
}

#[test]
fn a_checkpoint_is_of_one_uri_and_whole() {
    let mut disk = Disk { power: Some(6), ..Disk::default() };
    run(&mut Server::new(image(1000)), &mut disk, None).unwrap_err();
    let stored = disk.checkpoint.unwrap();
    let good = Checkpoint::from_bytes(stored);
    assert_eq!(Download::resume(URI, &good, limits(None)).unwrap().offset(), 192);
    let refused = Download::resume("http://example.com/other", &good, limits(None)).unwrap_err();
    assert_eq!(refused.rule(), rules::DOWNLOAD_CHECKPOINT);
    for bit in 0..stored.len() * 8 {
        let mut flipped = stored;
        flipped[bit / 8] ^= 1 << (bit % 8);
        let refused = Download::resume(URI, &Checkpoint::from_bytes(flipped), limits(None));
        assert_eq!(refused.unwrap_err().rule(), rules::DOWNLOAD_CHECKPOINT);
    }
}

proptest! {
    /// Cuts at any moments, and servers that fail at any: the image is whole in the end.
    #[test]
    fn any_interruptions_end_in_the_whole_image(
        length in 0_usize..700,
        powers in prop::collection::vec(0_usize..12, 0..6),
        fails_at in prop::collection::vec(1_usize..40, 0..6),
        most in 1_usize..80,
    ) {
        let image = image(length);
        let mut server = Server { fails_at, most, ..Server::new(image.clone()) };
        let mut disk = Disk::default();
        for power in powers {
            (disk.changes, disk.power) = (0, Some(power));
            let _ = run(&mut server, &mut disk, None);
        }
        (disk.power, server.fails_at) = (None, vec![]);
        let download = run(&mut server, &mut disk, None).unwrap();
        prop_assert_eq!(finish(download, &image).unwrap(), length as u64);
        prop_assert_eq!(disk.content, image);
    }
}
