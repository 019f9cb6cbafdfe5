//! Images whose blocks come in any order.

use core::task::Poll;

use iotops_crypto::{Algorithm, digest};
use proptest::prelude::*;
use suit_manifest::discover::{Assembly, BlockStore, Blocks, Progress, Taken};
use suit_manifest::model::SuitDigest;
use suit_manifest::process::{Answer, Fault};
use suit_manifest::{Error, rules};

const LENGTH: u32 = 16;

fn image(length: usize) -> Vec<u8> {
    (0..length).map(|place| (place * 13 % 251) as u8).collect()
}

/// Memory that outlives restarts; the power fails after so many changes.
#[derive(Default)]
struct Memory {
    content: Vec<u8>,
    noted: Vec<bool>,
    power: Option<usize>,
    changes: usize,
    pends: bool,
}

impl Memory {
    fn new(blocks: &Blocks) -> Self {
        let content = vec![0xff; blocks.size() as usize];
        Self { content, noted: vec![false; blocks.count() as usize], ..Self::default() }
    }

    fn change(&mut self) -> Result<(), Fault> {
        self.changes += 1;
        let has_power = self.power.is_none_or(|power| self.changes <= power);
        if has_power { Ok(()) } else { Err(Fault::Failed) }
    }
}

impl BlockStore for Memory {
    fn write(&mut self, offset: u64, bytes: &[u8]) -> Answer<()> {
        self.pends = !self.pends;
        if self.pends {
            return Poll::Pending;
        }
        let torn = self.change().is_err();
        let at = offset as usize;
        for (to, from) in self.content[at..at + bytes.len()].iter_mut().zip(bytes) {
            *to = if torn { *from ^ 0x55 } else { *from };
        }
        Poll::Ready(if torn { Err(Fault::Failed) } else { Ok(()) })
    }

    fn note(&mut self, block: u32) -> Result<(), Fault> {
        self.change()?;
        self.noted[block as usize] = true;
        Ok(())
    }

    fn has(&mut self, block: u32) -> Result<bool, Fault> {
        Ok(self.noted[block as usize])
    }

    fn read(&mut self, offset: u64, buffer: &mut [u8]) -> Answer<usize> {
        let rest = &self.content[offset as usize..];
        // Never all that was asked for.
        let length = rest.len().min(buffer.len()).min(7);
        buffer[..length].copy_from_slice(&rest[..length]);
        Poll::Ready(Ok(length))
    }
}

fn piece<'a>(image: &'a [u8], blocks: &Blocks, block: u32) -> &'a [u8] {
    let (offset, length) = blocks.place(block).unwrap();
    &image[offset as usize..offset as usize + length]
}

fn take(
    assembly: &mut Assembly,
    block: u32,
    bytes: &[u8],
    memory: &mut Memory,
) -> Result<Taken, Error> {
    loop {
        match assembly.take(block, bytes, memory)? {
            Taken::Pending => {}
            taken => return Ok(taken),
        }
    }
}

fn check(assembly: &mut Assembly, image: &[u8], memory: &mut Memory) -> Result<(), Error> {
    let computed = digest(Algorithm::Sha256, &[image]).unwrap();
    let expected = SuitDigest::new(Algorithm::Sha256, computed.as_bytes())?;
    let mut buffer = [0; 10];
    while assembly.check(&expected, memory, &mut buffer)? != Progress::Done {}
    Ok(())
}

fn rule<T: core::fmt::Debug>(result: Result<T, Error>) -> iotops_crypto::wire::Rule {
    result.unwrap_err().rule()
}

#[test]
fn blocks_cover_the_image() {
    let blocks = Blocks::new(100, 32).unwrap();
    let places: Vec<_> = (0..5).map(|block| blocks.place(block)).collect();
    let expected = [Some((0, 32)), Some((32, 32)), Some((64, 32)), Some((96, 4)), None];
    assert_eq!((places.as_slice(), blocks.count()), (&expected[..], 4));
    assert_eq!(Blocks::new(64, 32).unwrap().count(), 2);
    assert_eq!(blocks.place(u32::MAX), None);
    for (size, length) in [(0, 32), (32, 0), (u64::MAX, 1), (1 << 33, 1)] {
        assert_eq!(rule(Blocks::new(size, length)), rules::BLOCKS);
    }
    assert!(Blocks::new(u64::MAX, u32::MAX).is_err());
    assert_eq!(Blocks::new(u64::from(u32::MAX), 1).unwrap().count(), u32::MAX);
}

#[test]
fn blocks_may_come_twice_and_not_be_others() {
    let image = image(40);
    let blocks = Blocks::new(40, LENGTH).unwrap();
    let (mut memory, mut assembly) = (Memory::new(&blocks), Assembly::new(blocks));
    assert_eq!(rule(take(&mut assembly, 3, &[], &mut memory)), rules::BLOCKS);
    assert_eq!(rule(take(&mut assembly, 2, &image[..16], &mut memory)), rules::BLOCKS);
    assert_eq!(rule(take(&mut assembly, 0, &image[..15], &mut memory)), rules::BLOCKS);
    assert_eq!(take(&mut assembly, 2, &image[32..], &mut memory), Ok(Taken::New));
    assert_eq!(take(&mut assembly, 2, &[0; 8], &mut memory), Ok(Taken::Known));
    assert_eq!(assembly.next_missing(0, &mut memory), Ok(Some(0)));
    assert_eq!(assembly.next_missing(2, &mut memory), Ok(None));
    assert_eq!(rule(check(&mut assembly, &image, &mut memory)), rules::DOWNLOAD_SIZE);
    take(&mut assembly, 1, &image[16..32], &mut memory).unwrap();
    take(&mut assembly, 0, &image[..16], &mut memory).unwrap();
    check(&mut assembly, &image, &mut memory).unwrap();
    check(&mut assembly, &image, &mut memory).unwrap();
}

#[test]
fn one_wrong_block_spoils_the_image() {
    let image = image(70);
    let blocks = Blocks::new(70, LENGTH).unwrap();
    for spoilt in 0..blocks.count() {
        let (mut memory, mut assembly) = (Memory::new(&blocks), Assembly::new(blocks));
        for block in 0..blocks.count() {
            let mut bytes = piece(&image, &blocks, block).to_vec();
            bytes[0] ^= u8::from(block == spoilt);
            take(&mut assembly, block, &bytes, &mut memory).unwrap();
        }
        assert_eq!(rule(check(&mut assembly, &image, &mut memory)), rules::DOWNLOAD_DIGEST);
    }
}

#[test]
fn a_store_without_bytes_is_no_endless_loop() {
    struct Empty;
    impl BlockStore for Empty {
        fn write(&mut self, _: u64, _: &[u8]) -> Answer<()> {
            Poll::Ready(Ok(()))
        }
        fn note(&mut self, _: u32) -> Result<(), Fault> {
            Ok(())
        }
        fn has(&mut self, _: u32) -> Result<bool, Fault> {
            Ok(true)
        }
        fn read(&mut self, _: u64, buffer: &mut [u8]) -> Answer<usize> {
            Poll::Ready(Ok(buffer.len().saturating_sub(64)))
        }
    }
    let mut assembly = Assembly::new(Blocks::new(40, LENGTH).unwrap());
    let expected = SuitDigest::new(Algorithm::Sha256, &[0; 32]).unwrap();
    assert_eq!(assembly.check(&expected, &mut Empty, &mut [0; 8]), Ok(Progress::More));
    let error = assembly.check(&expected, &mut Empty, &mut [0; 8]);
    assert_eq!(rule(error), rules::DOWNLOAD_STORE);
    assert_eq!(rule(assembly.check(&expected, &mut Empty, &mut [])), rules::DOWNLOAD_STORE);
}

proptest! {
    /// Any order, repetitions, losses and cuts: the image is whole in the end, and not before.
    #[test]
    fn any_order_and_any_cuts_end_in_the_whole_image(
        length in 1_usize..300,
        order in prop::collection::vec(0_u32..20, 0..60),
        powers in prop::collection::vec(0_usize..12, 0..4),
    ) {
        let image = image(length);
        let blocks = Blocks::new(length as u64, LENGTH).unwrap();
        let mut memory = Memory::new(&blocks);
        for power in powers {
            (memory.changes, memory.power) = (0, Some(power));
            let mut assembly = Assembly::new(blocks);
            for block in order.iter().copied().filter(|block| *block < blocks.count()) {
                if take(&mut assembly, block, piece(&image, &blocks, block), &mut memory).is_err() {
                    break;
                }
            }
            (memory.power, memory.pends) = (None, false);
            let is_whole = memory.content == image && memory.noted.iter().all(|noted| *noted);
            prop_assert_eq!(check(&mut assembly, &image, &mut memory).is_ok(), is_whole);
        }
        let mut assembly = Assembly::new(blocks);
        let mut from = 0;
        while let Some(block) = assembly.next_missing(from, &mut memory).unwrap() {
            take(&mut assembly, block, piece(&image, &blocks, block), &mut memory).unwrap();
            from = block + 1;
        }
        check(&mut assembly, &image, &mut memory).unwrap();
        prop_assert_eq!(memory.content, image);
    }
}
