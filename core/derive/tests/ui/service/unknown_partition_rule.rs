use gridwire_derive::service;

#[service(id = 0x01)]
trait Map {
    #[method(id = 0x01, partition = owner)]
    fn get(name: Str, key: Data) -> Option<Data>;
}

fn main() {}
