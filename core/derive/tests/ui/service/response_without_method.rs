use gridwire_derive::service;

#[service(id = 0x01)]
trait Map {
    #[method(id = 0x01)]
    fn delete(name: Str);

    #[response]
    fn delet(response: bool);
}

fn main() {}
