//! Many vouchers at once: one for each control card of a router, or for a delivery.

use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::sync_channel;
use std::thread;

use alloc::vec::Vec;

use crate::Error;

/// Documents that wait to be taken, for each worker.
const WAITING: usize = 8;

/// Issues a voucher for each serial number, on several threads: `make` builds and signs one, with a
/// signer of its own, and `take` stores it. They come in no order, by the place of the serial number
/// in the list; `take` says whether to go on.
///
/// Whoever stores them by serial number goes on after an interruption with those that are missing.
///
/// Gives how many were taken.
pub fn issue_bulk<S: AsRef<str> + Sync>(
    serial_numbers: &[S],
    workers: usize,
    make: &(dyn Fn(&str) -> Result<Vec<u8>, Error> + Sync),
    take: &mut dyn FnMut(usize, Result<Vec<u8>, Error>) -> bool,
) -> usize {
    let (next, is_over) = (AtomicUsize::new(0), AtomicBool::new(false));
    let (sender, receiver) = sync_channel(workers.max(1).saturating_mul(WAITING));
    thread::scope(|scope| {
        for _ in 0..workers.max(1) {
            let (sender, next, is_over) = (sender.clone(), &next, &is_over);
            scope.spawn(move || {
                while !is_over.load(Ordering::Relaxed) {
                    let place = next.fetch_add(1, Ordering::Relaxed);
                    let Some(serial_number) = serial_numbers.get(place) else { return };
                    // Nobody listens any more where it cannot be sent.
                    if sender.send((place, make(serial_number.as_ref()))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        let mut taken = 0_usize;
        // When it is dropped, whoever waits to send is let go.
        for (place, made) in receiver {
            taken = taken.saturating_add(1);
            if !take(place, made) {
                is_over.store(true, Ordering::Relaxed);
                break;
            }
        }
        taken
    })
}
