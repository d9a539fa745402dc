//! [`Written`]: a change of a map that is under way, which its near cache has to forget.

use alloc::sync::Arc;
use core::cell::Cell;

use smallvec::SmallVec;

use super::NearCache;

/// What a request changes.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// Keys, by their hashes.
    pub(crate) keys: SmallVec<[u64; 1]>,
    /// Everything there is.
    pub(crate) all: bool,
    /// The map as such.
    pub(crate) destroys: bool,
}

/// A change that is under way. When it ends, however it ends, what was kept of it is forgotten.
///
/// It lives in what opens the answer, which invokers drop with the call: so neither an error nor a
/// caller who goes away leaves what was before.
#[derive(Debug)]
pub(crate) struct Written {
    cache: Arc<NearCache>,
    changes: Changes,
    acknowledged: Cell<bool>,
}

impl Written {
    pub(crate) fn new(cache: Arc<NearCache>, changes: Changes) -> Self {
        Self { cache, changes, acknowledged: Cell::new(false) }
    }

    /// It was done. To be called before whoever waits for it goes on.
    pub(crate) fn acknowledge(&self) {
        self.acknowledged.set(true);
        self.forget();
    }

    fn forget(&self) {
        if self.changes.all {
            self.cache.clear();
        } else {
            self.cache.invalidate(&self.changes.keys);
        }
        if self.changes.destroys {
            self.cache.destroy();
        }
        self.cache.tidy();
    }
}

impl Drop for Written {
    fn drop(&mut self) {
        if !self.acknowledged.get() {
            // It may be carried out yet. If so, its event is all that tells of it.
            self.cache.heed_own();
            self.forget();
        }
    }
}
