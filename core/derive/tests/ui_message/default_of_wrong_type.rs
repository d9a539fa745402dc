use gridwire_derive::message;

#[message]
pub struct Nested {
    #[kafka(default = "one")]
    pub number: i32,
    #[kafka(default = 1)]
    pub flag: bool,
    #[kafka(default = -1)]
    pub name: Str,
    #[kafka(default = null)]
    pub code: ErrorCode,
    #[kafka(default = 0)]
    pub list: Vec<i32>,
    #[kafka(default = i64::MAX)]
    pub long: i64,
}

fn main() {}
