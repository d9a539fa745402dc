use gridwire_derive::service;

#[service(id = 0x01)]
trait Map {
    #[method(retryable)]
    fn size(name: Str) -> i32;
}

fn main() {}
