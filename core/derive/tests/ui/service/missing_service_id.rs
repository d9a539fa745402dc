use gridwire_derive::service;

#[service]
trait Map {
    #[method(id = 0x01)]
    fn size(name: Str) -> i32;
}

fn main() {}
