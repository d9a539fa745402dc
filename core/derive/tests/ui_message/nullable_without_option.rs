use gridwire_derive::message;

#[message]
pub struct Nested {
    #[kafka(nullable = "0+")]
    pub name: Str,
    pub key: Option<Str>,
    #[kafka(versions = "0-2", nullable = "3+")]
    pub value: Option<Str>,
}

fn main() {}
