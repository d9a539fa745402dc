use gridwire_derive::message;

#[message]
pub struct Nested {
    #[kafka(tag = 0)]
    pub id: i32,
    #[kafka(tagged = "3+")]
    pub name: Str,
    #[kafka(tag = 1, tagged = "3+", versions = "0+")]
    pub both: i32,
}

#[message]
pub struct Twice {
    #[kafka(tag = 0, tagged = "3+")]
    pub one: i32,
    #[kafka(tag = 0, tagged = "3+")]
    pub two: i32,
}

fn main() {}
