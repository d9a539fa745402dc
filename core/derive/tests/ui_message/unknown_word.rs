use gridwire_derive::message;

#[message(version = "0-3")]
pub struct Data {
    pub id: i32,
}

#[message]
pub struct Nested {
    #[kafka(ignoreable)]
    pub id: i32,
    #[kafka(ignorable, ignorable)]
    pub other: i32,
    #[kafka(ignorable = true)]
    pub third: i32,
}

fn main() {}
