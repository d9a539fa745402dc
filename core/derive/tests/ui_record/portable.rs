use gridwire_derive::Portable;

#[derive(Portable)]
#[portable(class = 1)]
struct A {
    b: i32,
}

#[derive(Portable)]
#[portable(factory = 1, class = 1, name = "c")]
struct C {
    d: i32,
}

#[derive(Portable)]
#[portable(factory = 1, class = 1)]
struct E {
    #[portable(rename = "g")]
    f: i32,
    g: i32,
}

#[derive(Portable)]
#[portable(factory = 1, class = 1)]
struct H {
    #[portable(object)]
    i: i32,
}

fn main() {}
