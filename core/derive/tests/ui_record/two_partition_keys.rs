use gridwire_derive::Compact;

#[derive(Compact)]
#[compact(name = "a")]
struct A {
    #[compact(partition_key)]
    b: i32,
    #[compact(partition_key)]
    c: i32,
}

fn main() {}
