use gridwire_derive::{Compact, IdentifiedData};

#[derive(Compact)]
#[compact(name = "a")]
struct A {
    #[compact(skip, rename = "c")]
    b: i32,
}

#[derive(Compact)]
#[compact(name = "b", name = "c")]
struct B {
    c: i32,
}

#[derive(IdentifiedData)]
#[identified(factory = 1, class = 2)]
struct C {
    #[identified(rename = "e")]
    d: i32,
}

#[derive(Compact)]
#[compact(name = "d", rename_all = "kebab-case")]
struct D {
    e: i32,
}

fn main() {}
