use gridwire_derive::Compact;

#[derive(Compact)]
#[compact(name = "a", version = 1)]
struct A {
    b: i32,
}

#[derive(Compact)]
#[compact(name = "b")]
struct B {
    #[compact(nullable)]
    c: i32,
}

fn main() {}
