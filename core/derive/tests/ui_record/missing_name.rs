use gridwire_derive::Compact;

#[derive(Compact)]
struct A {
    b: i32,
}

#[derive(Compact)]
#[compact(name)]
struct B {
    c: i32,
}

#[derive(Compact)]
#[compact(name = "")]
struct C {
    d: i32,
}

fn main() {}
