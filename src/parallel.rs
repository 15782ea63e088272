//! The same work on several items at a time.
//!
//! Results come in the order of the items, so nobody can tell how many threads there were. Where there are no threads
//! (wasm32) or a single processor, one item follows the other.

use std::cell::Cell;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{Builder, available_parallelism, scope};

/// As deep as the stack of a main thread usually is.
const STACK: usize = 8 << 20;

thread_local! {
    /// This thread has a share of some work: what it does is not divided again.
    static SHARING: Cell<bool> = const { Cell::new(false) };
}

/// `work` on every item. Whoever is free takes the next one.
///
/// ```
/// let doubled = plimsoll::parallel::each(&[1, 2, 3], |item| item * 2);
/// assert_eq!(doubled, [2, 4, 6]);
/// ```
///
/// # Panics
/// When `work` does.
pub fn each<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let threads = threads().min(items.len());
    if threads < 2 {
        return items.iter().map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let share = || {
        let outer = SHARING.replace(true);
        let mut done = Vec::new();
        while let Some((at, item)) = {
            let at = next.fetch_add(1, Ordering::Relaxed);
            items.get(at).map(|item| (at, item))
        } {
            done.push((at, work(item)));
        }
        SHARING.set(outer);
        done
    };
    scope(|scope| {
        let others: Vec<_> = (1..threads)
            .filter_map(|_| Builder::new().stack_size(STACK).spawn_scoped(scope, share).ok())
            .collect();
        let mut results = share();
        for thread in others {
            results.extend(thread.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        results.sort_unstable_by_key(|(at, _)| *at);
        results.into_iter().map(|(_, result)| result).collect()
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
    if SHARING.get() { 1 } else { available_parallelism().map_or(1, |count| count.get().min(8)) }
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
