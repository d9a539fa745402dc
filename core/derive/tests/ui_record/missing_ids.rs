use gridwire_derive::IdentifiedData;

#[derive(IdentifiedData)]
#[identified(factory = 1)]
struct A {
    b: i32,
}

#[derive(IdentifiedData)]
struct B {
    c: i32,
}

fn main() {}
