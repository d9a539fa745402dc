use gridwire_derive::service;

#[service(id = 0x01)]
trait Map {
    #[method(id = 0x19, events(entry = 2))]
    fn add_entry_listener(name: Str) -> Uuid;

    #[event]
    fn entries(key: Option<Data>);
}

fn main() {}
