use gridwire_derive::{Compact, IdentifiedData};

#[derive(Compact)]
#[compact(name = "a")]
enum A {
    B,
}

#[derive(IdentifiedData)]
#[identified(factory = 1, class = 2)]
struct C(i32);

fn main() {}
