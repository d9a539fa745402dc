//! What can't be put together isn't.

use gridwire_core::hazelcast::query::{attr, not, paging, partition};

fn main() {
    let near = partition("key", attr("a").eq(1));
    let _ = attr("b").eq(2).and(near);
    let _ = not(paging(10));
    let _ = paging(10).filter(paging(10));
    let _ = partition("key", partition("key", attr("a").eq(1)));
}
