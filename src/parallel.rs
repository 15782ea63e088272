//! The same work on several items at a time.
//!
//! Results come in the order of the items, so nobody can tell how many threads there were. Where there are no threads
//! (wasm32) or a single processor, one item follows the other.

use std::panic::resume_unwind;
use std::thread::{Builder, available_parallelism, scope};

/// Fewer items than this are not worth a thread.
const FEWEST: usize = 4;
/// As deep as the stack of a main thread usually is.
const STACK: usize = 8 << 20;

/// `work` on every item.
pub(crate) fn each<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let threads = threads().min(items.len() / FEWEST).max(1);
    let mut shares = items.chunks(items.len().div_ceil(threads).max(1));
    let own = shares.next().unwrap_or_default();
    let share = |items: &[T]| items.iter().map(&work).collect::<Vec<R>>();
    scope(|scope| {
        let others: Vec<_> = shares
            .map(|items| {
                (items, Builder::new().stack_size(STACK).spawn_scoped(scope, move || share(items)))
            })
            .collect();
        let mut results = share(own);
        for (items, thread) in others {
            results.extend(match thread {
                Ok(thread) => thread.join().unwrap_or_else(|panic| resume_unwind(panic)),
                Err(_) => share(items),
            });
        }
        results
    })
}

/// Both at a time.
pub(crate) fn both<A, B: Send>(here: impl FnOnce() -> A, there: impl Fn() -> B + Sync) -> (A, B) {
    if threads() == 1 {
        let here = here();
        return (here, there());
    }
    scope(|scope| {
        let thread = Builder::new().stack_size(STACK).spawn_scoped(scope, &there);
        let here = here();
        let there = match thread {
            Ok(thread) => thread.join().unwrap_or_else(|panic| resume_unwind(panic)),
            Err(_) => there(),
        };
        (here, there)
    })
}

fn threads() -> usize {
    available_parallelism().map_or(1, |count| count.get().min(8))
}

#[cfg(test)]
mod tests {
    use super::{both, each};

    #[test]
    fn results_keep_the_order_of_the_items() {
        for count in [0, 1, 3, 4, 8, 9, 1000] {
            let items: Vec<usize> = (0..count).collect();
            let doubled: Vec<usize> = items.iter().map(|item| item * 2).collect();
            assert_eq!(each(&items, |item| item * 2), doubled);
        }
        assert_eq!(both(|| 1, || "two"), (1, "two"));
    }

    #[test]
    #[should_panic(expected = "the last one")]
    fn a_panic_stays_a_panic() {
        let items: Vec<usize> = (0..100).collect();
        each(&items, |item| assert!(*item < 99, "the last one"));
    }
}
