//! The same by the map of `sequential-storage`: store and fetch, its futures polled until they are
//! ready.

#![no_std]
#![no_main]

use core::hint::black_box;
use core::pin::pin;
use core::task::{Context, Poll, Waker};
use iotops_size::Chip;
use sequential_storage::cache::Cache;
use sequential_storage::map::{MapConfig, MapStorage};

fn wait<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
    }
}

iotops_size::entry!(|input| {
    let mut buffer = [0; 1088];
    let config = MapConfig::new(black_box(0..16_384));
    let mut map = MapStorage::<u8, _, _>::new(Chip, config, Cache::new_uncached());
    if wait(map.store_item(&mut buffer, &black_box(1), &input)).is_err() {
        return usize::MAX;
    }
    match wait(map.fetch_item::<&[u8]>(&mut buffer, &black_box(2))) {
        Ok(Some(value)) => value.len(),
        Ok(None) => 0,
        Err(_) => usize::MAX,
    }
});
