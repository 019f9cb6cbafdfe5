//! The map of `sequential-storage` on the flash whose power is cut, beside our journal: one key is
//! stored twelve times, with a cut at every operation and in every way that the model knows.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a program for the terminal")]

use core::pin::pin;
use core::task::{Context, Poll, Waker};
use std::panic::{AssertUnwindSafe, catch_unwind};

use embedded_storage::nor_flash::{ErrorType, NorFlash, ReadNorFlash};
use embedded_storage_async::nor_flash as futures;
use iotops_journal::Journal;
use iotops_journal::model::{Failure, Flash, Tear, Torn};
use sequential_storage::cache::Cache;
use sequential_storage::map::{MapConfig, MapStorage};

const PAGE: usize = 512;
const SIZE: u32 = 3 * PAGE as u32;
const VALUES: u8 = 12;
const KEY: u8 = 1;

struct Lent<'f, const W: usize>(&'f mut Flash<W, PAGE>);

impl<const W: usize> ErrorType for Lent<'_, W> {
    type Error = Failure;
}

impl<const W: usize> futures::ReadNorFlash for Lent<'_, W> {
    const READ_SIZE: usize = W;

    async fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Failure> {
        self.0.read(offset, bytes)
    }

    fn capacity(&self) -> usize {
        self.0.capacity()
    }
}

impl<const W: usize> futures::NorFlash for Lent<'_, W> {
    const WRITE_SIZE: usize = W;
    const ERASE_SIZE: usize = PAGE;

    async fn erase(&mut self, from: u32, to: u32) -> Result<(), Failure> {
        self.0.erase(from, to)
    }

    async fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Failure> {
        self.0.write(offset, bytes)
    }
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
    }
}

/// How a store begins, stores a value and gives it back; the first byte is the value.
trait Store<const W: usize> {
    const NAME: &str;
    fn format(flash: &mut Flash<W, PAGE>);
    /// Opens and stores these values; gives the last one that was acknowledged.
    fn store(flash: &mut Flash<W, PAGE>, values: core::ops::RangeInclusive<u8>) -> u8;
    fn fetch(flash: &mut Flash<W, PAGE>) -> Option<u8>;
}

struct Peer;

impl<const W: usize> Store<W> for Peer {
    const NAME: &str = "sequential-storage";

    fn format(flash: &mut Flash<W, PAGE>) {
        flash.erase(0, SIZE).unwrap();
    }

    fn store(flash: &mut Flash<W, PAGE>, values: core::ops::RangeInclusive<u8>) -> u8 {
        let mut map = MapStorage::new(Lent(flash), MapConfig::new(0..SIZE), Cache::new_uncached());
        let mut buffer = [0; 256];
        let stored = values.take_while(|value| {
            wait(map.store_item(&mut buffer, &KEY, &&[*value; 20][..])).is_ok()
        });
        stored.last().unwrap_or(0)
    }

    fn fetch(flash: &mut Flash<W, PAGE>) -> Option<u8> {
        let mut map = MapStorage::new(Lent(flash), MapConfig::new(0..SIZE), Cache::new_uncached());
        let mut buffer = [0; 256];
        let value = wait(map.fetch_item::<&[u8]>(&mut buffer, &KEY)).ok()?;
        Some(value.map_or(0, |value| value[0]))
    }
}

struct Ours;

impl<const W: usize> Store<W> for Ours {
    const NAME: &str = "iotops-journal";

    fn format(flash: &mut Flash<W, PAGE>) {
        Journal::format(flash, 0..SIZE).unwrap();
    }

    fn store(flash: &mut Flash<W, PAGE>, values: core::ops::RangeInclusive<u8>) -> u8 {
        let Ok(mut journal) = Journal::open(flash, 0..SIZE) else { return 0 };
        let stored = values.take_while(|value| journal.append(flash, KEY, &[*value; 20]).is_ok());
        stored.last().unwrap_or(0)
    }

    fn fetch(flash: &mut Flash<W, PAGE>) -> Option<u8> {
        let journal = Journal::open(flash, 0..SIZE).ok()?;
        let mut buffer = [0; 20];
        let value = journal.read(flash, KEY, &mut buffer).ok()?;
        Some(value.map_or(0, |value| value[0]))
    }
}

/// A panic counts as no answer.
fn guarded<T>(run: impl FnOnce() -> Option<T>) -> Option<T> {
    catch_unwind(AssertUnwindSafe(run)).ok().flatten()
}

fn try_all<S: Store<W>, const W: usize>() {
    let mut clean = Flash::<W, PAGE>::new(3, 7);
    S::format(&mut clean);
    let (mut cuts, mut silent, mut lost, mut other, mut refused, mut twice) = (0, 0, 0, 0, 0, 0);
    for (torn, tear) in Torn::ALL.into_iter().flat_map(|torn| Tear::ALL.map(|tear| (torn, tear))) {
        for after in 0.. {
            let mut flash = clean.clone().with_seed(after);
            flash.cut(after, torn, tear);
            let acknowledged = S::store(&mut flash, 1..=VALUES);
            if !flash.restart() {
                break;
            }
            cuts += 1;
            let told: Vec<Option<u8>> = (0..6)
                .map(|_| {
                    flash.restart();
                    guarded(|| S::fetch(&mut flash))
                })
                .collect();
            let values: Vec<u8> = told.iter().flatten().copied().collect();
            silent += u32::from(values.len() < told.len());
            lost += u32::from(values.iter().any(|value| *value < acknowledged));
            other += u32::from(values.windows(2).any(|two| two[0] != two[1]));
            let next = guarded(|| Some(S::store(&mut flash, 99..=99)));
            let is_there = next == Some(99) && guarded(|| S::fetch(&mut flash)) == Some(99);
            refused += u32::from(!is_there);
            twice += u32::from(flash.faults() > 0);
        }
    }
    println!("| {W} | {} | {cuts} | {silent} | {lost} | {other} | {refused} | {twice} |", S::NAME);
}

fn main() {
    std::panic::set_hook(Box::new(|_| {}));
    println!(
        "| write | store | cuts | no answer | acknowledged value lost | told otherwise later | next store failed | word programmed twice |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    try_all::<Peer, 4>();
    try_all::<Ours, 4>();
    try_all::<Peer, 8>();
    try_all::<Ours, 8>();
    try_all::<Peer, 16>();
    try_all::<Ours, 16>();
    try_all::<Peer, 32>();
    try_all::<Ours, 32>();
}
