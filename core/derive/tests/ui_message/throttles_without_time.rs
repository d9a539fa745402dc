use gridwire_derive::message;

#[message(key = 3, versions = "0-13", flexible = "9+", throttles = "6+")]
struct MetadataResponse {
    topic: i32,
}

fn main() {}
