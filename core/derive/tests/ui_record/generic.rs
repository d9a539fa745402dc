use gridwire_derive::{Compact, IdentifiedData};

#[derive(Compact)]
#[compact(name = "a")]
struct A<T> {
    b: T,
}

#[derive(IdentifiedData)]
#[identified(factory = 1, class = 2)]
struct B<'a> {
    c: &'a str,
}

fn main() {}
