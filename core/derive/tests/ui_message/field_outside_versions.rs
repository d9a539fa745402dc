use gridwire_derive::message;

#[message(versions = "0-3", flexible = "none")]
pub struct Data {
    #[kafka(versions = "4+")]
    pub id: i32,
}

fn main() {}
