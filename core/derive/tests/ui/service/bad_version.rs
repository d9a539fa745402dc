use gridwire_derive::service;

#[service(id = 0x01)]
trait Map {
    #[method(id = 0x01, since = "2")]
    fn size(name: Str) -> i32;

    #[method(id = 0x02)]
    fn clear(name: Str, #[since("two")] now: bool);

    #[method(id = 0x03, since = "2.8")]
    fn evict(name: Str, #[since("2.7")] now: bool);
}

fn main() {}
