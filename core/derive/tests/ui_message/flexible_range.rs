use gridwire_derive::message;

#[message(versions = "2-3", flexible = "0+")]
pub struct Below {
    pub id: i32,
}

#[message(versions = "0-3", flexible = "4+")]
pub struct Above {
    pub id: i32,
}

#[message(versions = "0-3", flexible = "1-2")]
pub struct Ends {
    pub id: i32,
}

#[message(versions = "0-3")]
pub struct Missing {
    pub id: i32,
}

#[message(flexible = "1+")]
pub struct Nested {
    #[kafka(flexible = "2+")]
    pub id: i32,
}

fn main() {}
