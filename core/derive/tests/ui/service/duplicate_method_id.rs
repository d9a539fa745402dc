use gridwire_derive::service;

#[service(id = 0x01)]
trait Map {
    #[method(id = 0x01)]
    fn size(name: Str) -> i32;

    #[method(id = 1)]
    fn clear(name: Str);
}

fn main() {}
