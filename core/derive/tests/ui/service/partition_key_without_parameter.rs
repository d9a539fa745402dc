use gridwire_derive::service;

#[service(id = 0x01)]
trait Map {
    #[method(id = 0x01, partition = key)]
    fn get(name: Str, data_key: Data) -> Option<Data>;

    #[method(id = 0x02, partition = key(dat_key))]
    fn put(name: Str, data_key: Data) -> Option<Data>;
}

fn main() {}
