use gridwire_derive::message;

#[message(versions = "0..13", flexible = "9+")]
pub struct Data {
    pub id: i32,
}

#[message(versions = "5-3", flexible = "none")]
pub struct Backwards {
    pub id: i32,
}

#[message(versions = "0+", flexible = "none")]
pub struct Endless {
    pub id: i32,
}

#[message]
pub struct Nested {
    #[kafka(versions = 3)]
    pub id: i32,
}

fn main() {}
