//! Images that come in blocks: in any order, twice, wrong, and with power cuts.

use core::task::Poll;

use iotops_crypto::{Algorithm, Digest, digest};
use proptest::prelude::*;
use suit_manifest::discover::{BlockStore, Blocks, Progress, Received};
use suit_manifest::model::SuitDigest;
use suit_manifest::process::{Answer, Fault};
use suit_manifest::{Error, rules};

const SIZE: usize = 2200;
const LENGTH: usize = 512;
const COUNT: u32 = 5;

fn image() -> Vec<u8> {
    (0..SIZE).map(|place| (place * 7 % 251) as u8).collect()
}

fn sum(bytes: &[u8]) -> Digest {
    digest(Algorithm::Sha256, &[bytes]).unwrap()
}

/// A block of an image.
fn block(image: &[u8], number: u32, length: usize) -> &[u8] {
    let start = number as usize * length;
    &image[start..image.len().min(start + length)]
}

/// Memory that survives power cuts, with a map; the power fails after so many changes.
#[derive(Default)]
struct Memory {
    content: Vec<u8>,
    map: Vec<u32>,
    power: Option<usize>,
    is_slow: bool,
    writes: usize,
}

impl Memory {
    fn change(&mut self) -> Result<(), Fault> {
        match &mut self.power {
            Some(0) => Err(Fault::Failed),
            Some(left) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }
}

impl BlockStore for Memory {
    fn write(&mut self, offset: u64, bytes: &[u8]) -> Answer<()> {
        if core::mem::take(&mut self.is_slow) {
            return Poll::Pending;
        }
        let start = offset as usize;
        self.content.resize(self.content.len().max(start + bytes.len()), 0);
        let is_cut = self.change().is_err();
        let length = if is_cut { bytes.len() / 2 } else { bytes.len() };
        self.content[start..start + length].copy_from_slice(&bytes[..length]);
        self.writes += 1;
        Poll::Ready(if is_cut { Err(Fault::Failed) } else { Ok(()) })
    }

    fn read(&mut self, offset: u64, buffer: &mut [u8]) -> Answer<usize> {
        if core::mem::take(&mut self.is_slow) {
            return Poll::Pending;
        }
        let rest = &self.content[offset as usize..];
        let length = rest.len().min(buffer.len());
        buffer[..length].copy_from_slice(&rest[..length]);
        Poll::Ready(Ok(length))
    }

    fn contains(&mut self, block: u32) -> Result<bool, Fault> {
        Ok(self.map.contains(&block))
    }

    fn insert(&mut self, block: u32) -> Result<(), Fault> {
        self.change()?;
        self.map.push(block);
        Ok(())
    }
}

fn blocks() -> Blocks {
    Blocks::new(SIZE as u64, LENGTH as u32).unwrap()
}

pub(crate) fn check(
    blocks: &Blocks,
    store: &mut dyn BlockStore,
    expected: &Digest,
) -> Result<u64, Error> {
    let expected = SuitDigest::new(Algorithm::Sha256, expected.as_bytes())?;
    let mut check = blocks.check(&expected)?;
    let mut buffer = [0; 100];
    for _ in 0..10_000 {
        if check.step(store, &mut buffer)? == Progress::Done {
            return check.finish();
        }
    }
    panic!("it does not end");
}

fn refused<T: core::fmt::Debug>(result: Result<T, Error>) -> suit_manifest::crypto::wire::Rule {
    result.unwrap_err().rule()
}

#[test]
fn any_order_ends_in_the_image() {
    let (image, mut store) = (image(), Memory::default());
    let blocks = blocks();
    assert_eq!((blocks.count(), blocks.place(4)), (COUNT, Some((2048, 152))));
    for (place, number) in [3, 0, 3, 4, 1].into_iter().enumerate() {
        let received = blocks.receive(number, block(&image, number, LENGTH), &mut store).unwrap();
        assert_eq!(received, if place == 2 { Received::Known } else { Received::Taken });
    }
    assert_eq!(blocks.next_missing(0, &mut store), Ok(Some(2)));
    assert_eq!(blocks.next_missing(3, &mut store), Ok(None));
    assert_eq!(refused(check(&blocks, &mut store, &sum(&image))), rules::BLOCK_MISSING);
    store.is_slow = true;
    let last = block(&image, 2, LENGTH);
    assert_eq!(blocks.receive(2, last, &mut store), Ok(Received::Pending));
    assert_eq!(blocks.next_missing(0, &mut store), Ok(Some(2)), "a pending one is not there");
    assert_eq!(blocks.receive(2, last, &mut store), Ok(Received::Taken));
    store.is_slow = true;
    assert_eq!(check(&blocks, &mut store, &sum(&image)), Ok(SIZE as u64));
    assert_eq!((store.content, store.writes), (image, 5));
}

#[test]
fn what_is_no_block_of_the_image_is_refused() {
    let (image, mut store, blocks) = (image(), Memory::default(), blocks());
    let cases: [(u32, &[u8]); 6] = [
        (COUNT, &image[..LENGTH]),
        (u32::MAX, &image[..LENGTH]),
        (0, &image[..LENGTH - 1]),
        (0, &image[..LENGTH + 1]),
        (4, &image[..LENGTH]),
        (4, &[]),
    ];
    for (number, bytes) in cases {
        assert_eq!(refused(blocks.receive(number, bytes, &mut store)), rules::BLOCK_FORM);
    }
    assert_eq!(store.writes, 0, "nothing was written");
    assert_eq!(refused(Blocks::new(1, 0)), rules::BLOCK_GEOMETRY);
    assert_eq!(refused(Blocks::new(u64::MAX, 1)), rules::BLOCK_GEOMETRY);
    assert_eq!(Blocks::new(u64::from(u32::MAX), 1).unwrap().count(), u32::MAX);
    let empty = Blocks::new(0, 1).unwrap();
    assert_eq!((empty.count(), empty.place(0)), (0, None));
    assert_eq!(check(&empty, &mut store, &sum(b"")), Ok(0));
    // An algorithm of the caller is not another one.
    let unread = SuitDigest::new(Algorithm::Sha256, &[0; 32]).unwrap();
    assert_eq!(refused(blocks.check(&unread).unwrap().finish()), rules::BLOCK_MISSING);
}

#[test]
fn a_wrong_block_is_found_at_the_end() {
    let image = image();
    for number in 0..COUNT {
        let (mut store, blocks) = (Memory::default(), blocks());
        let mut wrong = block(&image, number, LENGTH).to_vec();
        wrong[0] ^= 1;
        blocks.receive(number, &wrong, &mut store).unwrap();
        for other in 0..COUNT {
            blocks.receive(other, block(&image, other, LENGTH), &mut store).unwrap();
        }
        assert_eq!(refused(check(&blocks, &mut store, &sum(&image))), rules::DOWNLOAD_DIGEST);
    }
}

proptest! {
    /// Blocks in any order, any number of times, with a cut after any change.
    #[test]
    fn any_order_and_cuts_end_in_the_image(
        numbers in prop::collection::vec(0..COUNT, 0..30),
        powers in prop::collection::vec(0_usize..8, 0..5),
    ) {
        let (image, blocks, mut store) = (image(), blocks(), Memory::default());
        let mut powers = powers.into_iter();
        store.power = powers.next();
        for number in numbers {
            let bytes = block(&image, number, LENGTH);
            match blocks.receive(number, bytes, &mut store) {
                Ok(_) => {}
                Err(error) => {
                    prop_assert_eq!(error.rule(), rules::DOWNLOAD_STORE);
                    store.power = powers.next();
                }
            }
        }
        store.power = None;
        while let Some(number) = blocks.next_missing(0, &mut store).unwrap() {
            blocks.receive(number, block(&image, number, LENGTH), &mut store).unwrap();
        }
        prop_assert_eq!(check(&blocks, &mut store, &sum(&image)), Ok(SIZE as u64));
        prop_assert_eq!(store.content, image);
    }
}

/// The same in flash, with the bitmap of the journal.
#[cfg(feature = "flash")]
mod flash {
    use core::ops::Range;

    use iotops_journal::Journal;
    use iotops_journal::model::{Flash, for_every_cut};
    use suit_manifest::discover::{BlockPlace, FlashBlocks};

    use super::*;

    const PAGE: usize = 512;
    const JOURNAL: Range<u32> = 0..3 * PAGE as u32;
    const MAP: Range<u32> = 3 * PAGE as u32..5 * PAGE as u32;
    const IMAGE: Range<u32> = 5 * PAGE as u32..10 * PAGE as u32;

    fn place() -> BlockPlace {
        BlockPlace { map: MAP, key: 9, image: IMAGE }
    }

    fn formatted<const W: usize>() -> Flash<W, PAGE> {
        let mut flash = Flash::new(10, 3);
        Journal::format(&mut flash, JOURNAL).unwrap();
        flash
    }

    fn opened<'f, const W: usize>(
        flash: &'f mut Flash<W, PAGE>,
        place: &BlockPlace,
        blocks: &Blocks,
        sum: &Digest,
    ) -> Result<FlashBlocks<'f, Flash<W, PAGE>>, Error> {
        let failed = Error::new(rules::DOWNLOAD_STORE, 0);
        let mut journal = Journal::open(flash, JOURNAL).map_err(|_| failed)?;
        let digest = SuitDigest::new(Algorithm::Sha256, sum.as_bytes())?;
        FlashBlocks::open(flash, &mut journal, place, blocks, &digest)
    }

    /// Receives the blocks in this order until the power fails.
    fn receive<const W: usize>(
        flash: &mut Flash<W, PAGE>,
        image: &[u8],
        order: &[u32],
    ) -> Result<(), Error> {
        let mut store = opened(flash, &place(), &blocks(), &sum(image))?;
        for number in order {
            blocks().receive(*number, block(image, *number, LENGTH), &mut store)?;
        }
        Ok(())
    }

    /// A cut at every word and page, in every way: what the map has is right, and it goes on.
    fn cuts<const W: usize>() {
        let image = image();
        let counts = for_every_cut(
            &formatted::<W>(),
            |flash| {
                let _ = receive(flash, &image, &[2, 0, 4, 1, 3]);
            },
            |flash| {
                {
                    let mut store = opened(flash, &place(), &blocks(), &sum(&image)).unwrap();
                    for number in 0..COUNT {
                        let expected = block(&image, number, LENGTH);
                        let mut found = vec![0; expected.len()];
                        let at = u64::from(number) * LENGTH as u64;
                        if store.contains(number).unwrap() {
                            assert_eq!(store.read(at, &mut found), Poll::Ready(Ok(found.len())));
                            assert_eq!(found, expected);
                        }
                    }
                }
                receive(flash, &image, &[4, 3, 2, 1, 0]).unwrap();
                let mut store = opened(flash, &place(), &blocks(), &sum(&image)).unwrap();
                assert_eq!(check(&blocks(), &mut store, &sum(&image)), Ok(SIZE as u64));
                assert_eq!(flash.faults(), 0, "no word is programmed twice");
            },
        );
        println!("words of {W}: {counts}");
        assert!(counts.cuts > 9 * u64::from(COUNT));
    }

    #[test]
    fn every_cut_is_survived() {
        cuts::<8>();
        cuts::<32>();
    }

    #[test]
    fn another_image_and_a_wrong_one_begin_anew() {
        let (image, mut flash) = (image(), formatted::<8>());
        let mut wrong = image.clone();
        wrong[700] ^= 1;
        let all = [0, 1, 2, 3, 4];
        // Under the digest of the right image, blocks of another one come.
        let mut store = opened(&mut flash, &place(), &blocks(), &sum(&image)).unwrap();
        for number in all {
            blocks().receive(number, block(&wrong, number, LENGTH), &mut store).unwrap();
        }
        assert_eq!(refused(check(&blocks(), &mut store, &sum(&image))), rules::DOWNLOAD_DIGEST);
        let mut journal = Journal::open(&mut flash, JOURNAL).unwrap();
        let sum_of_image = sum(&image);
        let digest = SuitDigest::new(Algorithm::Sha256, sum_of_image.as_bytes()).unwrap();
        let begun = FlashBlocks::begin(&mut flash, &mut journal, &place(), &blocks(), &digest);
        assert_eq!(blocks().next_missing(0, &mut begun.unwrap()), Ok(Some(0)));
        receive(&mut flash, &image, &all).unwrap();
        let mut store = opened(&mut flash, &place(), &blocks(), &sum(&image)).unwrap();
        assert_eq!(check(&blocks(), &mut store, &sum(&image)), Ok(SIZE as u64));
        // Another length with as many blocks, and another digest.
        let others = Blocks::new(SIZE as u64 + 1, LENGTH as u32).unwrap();
        let mut store = opened(&mut flash, &place(), &others, &sum(&image)).unwrap();
        assert_eq!(others.next_missing(0, &mut store), Ok(Some(0)));
        let mut store = opened(&mut flash, &place(), &blocks(), &sum(&wrong)).unwrap();
        assert_eq!(blocks().next_missing(0, &mut store), Ok(Some(0)));
    }

    #[test]
    fn what_does_not_fit_the_flash_is_refused() {
        let page = PAGE as u32;
        let cases = [
            (place(), Blocks::new(SIZE as u64, page / 2).unwrap()),
            (place(), Blocks::new(5 * PAGE as u64 + 1, page).unwrap()),
            (BlockPlace { image: IMAGE.start + 8..IMAGE.end, ..place() }, blocks()),
            (BlockPlace { image: IMAGE.start..IMAGE.end - 8, ..place() }, blocks()),
            (BlockPlace { image: IMAGE.start..IMAGE.end + page, ..place() }, blocks()),
            (BlockPlace { image: MAP.start + page..IMAGE.end, ..place() }, blocks()),
            (BlockPlace { map: MAP.start..MAP.start + page, ..place() }, blocks()),
        ];
        let mut flash = formatted::<8>();
        for (place, blocks) in cases {
            let result = opened(&mut flash, &place, &blocks, &sum(&image())).map(drop);
            assert_eq!(refused(result), rules::BLOCK_GEOMETRY, "{place:?}");
        }
        assert!(opened(&mut flash, &place(), &blocks(), &sum(&image())).is_ok());
    }
}
