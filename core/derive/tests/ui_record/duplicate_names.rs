use gridwire_derive::Compact;

#[derive(Compact)]
#[compact(name = "a")]
struct A {
    b: i32,
    #[compact(rename = "b")]
    c: i32,
}

#[derive(Compact)]
#[compact(name = "b", rename_all = "camelCase")]
struct B {
    #[compact(rename = "inStock")]
    stock: i32,
    in_stock: i32,
}

fn main() {}
