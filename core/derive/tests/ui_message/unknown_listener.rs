use gridwire_derive::message;

#[message(key = 3, versions = "0-13", flexible = "9+", listeners = "broker, keeper", response = R)]
struct MetadataRequest {
    topic: i32,
}

fn main() {}
