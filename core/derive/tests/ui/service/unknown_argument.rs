use gridwire_derive::service;

#[service(id = 0x01)]
trait Map {
    #[method(id = 0x01, retriable)]
    fn size(name: Str) -> i32;

    #[method(id = 0x02)]
    fn clear(#[sinse("2.7")] name: Str);

    fn evict(name: Str);
}

fn main() {}
