//! A journal and a bitmap on flash with any content, and a power cut.

#![no_main]

use iotops_fuzz::cut_of;
use iotops_journal::bitmap::Purpose;
use iotops_journal::model::Flash;
use iotops_journal::{Bitmap, Journal};
use libfuzzer_sys::fuzz_target;

const PAGE: usize = 256;
const SIZE: u32 = 3 * PAGE as u32;

fuzz_target!(|input: &[u8]| {
    let Some(([after, how, seed], content)) = input.split_first_chunk() else { return };
    run::<1>(*after, *how, *seed, content);
    run::<8>(*after, *how, *seed, content);
    run::<32>(*after, *how, *seed, content);
});

fn run<const W: usize>(after: u8, how: u8, seed: u8, content: &[u8]) {
    let mut flash = Flash::<W, PAGE>::new(5, u64::from(seed));
    flash.put(0, &vec![0xff; 5 * PAGE]);
    flash.put(0, content);
    let (torn, tear) = cut_of(how);
    flash.cut(u64::from(after), torn, tear);
    for value in [1, 2] {
        let _ = go(&mut flash, value);
        // As many reads as there are pairs of records, and no more.
        assert!(flash.reads() < 200_000, "{}", flash.reads());
        flash.restart();
    }
    // What is acknowledged without a cut is there.
    if go(&mut flash, 3).is_ok() {
        let journal = Journal::open(&mut flash, 0..SIZE).expect("it was just written");
        let value =
            journal.read(&mut flash, 1, &mut [0; 16]).map(|value| value.map(<[u8]>::to_vec));
        assert_eq!(value, Ok(Some(vec![3; 7])));
    }
    let mut journal = Journal::format(&mut flash, 0..SIZE).expect("flash that works");
    journal.append(&mut flash, 1, &[9]).expect("an empty area has space");
    assert_eq!(flash.faults(), 0);
}

fn go<const W: usize>(flash: &mut Flash<W, PAGE>, value: u8) -> Result<(), iotops_journal::Error> {
    let mut journal = Journal::open(flash, 0..SIZE)?;
    journal.list(flash, &mut |_, _| ())?;
    let mut buffer = [0; PAGE];
    for key in 0..=u8::MAX {
        let _ = journal.read(flash, key, &mut buffer);
    }
    let purpose = Purpose { range: SIZE..SIZE + 2 * PAGE as u32, key: 2, tag: 0, blocks: 8 };
    if let Ok(Some(mut bitmap)) = Bitmap::resume(flash, &mut journal, &purpose) {
        let _ = bitmap.insert(flash, u32::from(value));
        let _ = bitmap.next_missing(flash, 0);
    }
    journal.append(flash, 1, &[value; 7])
}
