//! What doesn't compile: fields of types that records don't have, and queries that members refuse.
#![cfg(all(feature = "std", feature = "hazelcast"))]

#[test]
fn what_is_wrong_does_not_compile() {
    trybuild::TestCases::new().compile_fail("tests/ui_derive/*.rs");
}
