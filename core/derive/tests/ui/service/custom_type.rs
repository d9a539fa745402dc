use gridwire_derive::custom;

#[custom(since = "2.x")]
pub struct Version {
    pub major: i8,
}

#[custom]
pub struct Pair(pub i8, pub i8);

fn main() {}
