use gridwire_core::hazelcast::compact::Compact;
use gridwire_core::hazelcast::serialization::IdentifiedData;

#[derive(Compact)]
#[compact(name = "a")]
struct A {
    good: i32,
    bad: u64,
}

#[derive(IdentifiedData)]
#[identified(factory = 1, class = 2)]
struct B {
    good: Option<String>,
    bad: Option<i32>,
}

fn main() {}
