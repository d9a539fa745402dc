use gridwire_derive::message;

#[message(key = 3, versions = "0-13", flexible = "9+")]
pub struct MetadataRequest {
    pub id: i32,
}

#[message(key = 3, versions = "0-13", flexible = "9+", response = MetadataRequest)]
pub struct MetadataResponse {
    pub id: i32,
}

#[message(key = 3, versions = "0-13", flexible = "9+")]
pub struct Metadata {
    pub id: i32,
}

#[message(key = 3)]
pub struct WithoutVersionsRequest {
    pub id: i32,
}

#[message]
pub struct Tuple(i32);

fn main() {}
